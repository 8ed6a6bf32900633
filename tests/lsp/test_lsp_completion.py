"""What editors offer while a policy is typed: the cases of `completions.txt`, over the wire."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest
import pytest_asyncio
from lsp_client import CURSOR, capabilities, offered, started, stopped, typed
from lsprotocol import types
from pytest_lsp import LanguageClient
from small_catalog import build_small_catalog

CASES = Path(__file__).parent / "completions.txt"
MORE = "…"
pytestmark = pytest.mark.asyncio(loop_scope="module")


class Case(NamedTuple):
    title: str
    file: str
    text: str
    offers: str


def _cases() -> list[Case]:
    found = re.finditer(
        r"^=== (.+)\n--- (.+)\n((?s:.*?))^--- offers\n((?s:.*?))(?=^===|\Z)",
        CASES.read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    return [Case(each[1], each[2], each[3], each[4].strip("\n")) for each in found]


ALL = _cases()


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> str:
    return build_small_catalog(tmp_path_factory.mktemp("small"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(catalog: str) -> AsyncIterator[LanguageClient]:
    client = await started(catalog)
    yield client
    await stopped(client)


def _shown(items: list[types.CompletionItem]) -> list[str]:
    return [typed(item).replace("\n", "\\n") for item in items]


@pytest.mark.parametrize("case", ALL, ids=[each.title for each in ALL])
async def test_it_offers_what_can_be_typed(
    case: Case, client: LanguageClient, request: pytest.FixtureRequest
) -> None:
    found = _shown(await offered(client, case.text, case.file))
    wanted = case.offers.split("\n") if case.offers else []
    if wanted[-1:] == [MORE]:
        wanted, found = wanted[:-1], found[: len(wanted) - 1]
    if request.config.getoption("--rewrite-expected"):
        _rewrite(case, found)
        return
    assert found == wanted


def _rewrite(case: Case, found: list[str]) -> None:
    """Write what is offered into the cases, for review."""
    text = CASES.read_text(encoding="utf-8")
    start = text.index(f"=== {case.title}\n")
    at = text.index("--- offers\n", start) + len("--- offers\n")
    ends = case.offers.endswith(MORE)
    shown = "".join(f"{each}\n" for each in [*found, *([MORE] if ends else [])])
    old = f"{case.offers}\n" if case.offers else ""
    assert text.startswith(old, at)
    CASES.write_text(text[:at] + shown + text[at + len(old) :], encoding="utf-8")


@pytest.mark.parametrize("case", ALL, ids=[each.title for each in ALL])
async def test_carriage_returns_change_nothing(case: Case, client: LanguageClient) -> None:
    text = case.text.replace("\n", "\r\n")
    assert _shown(await offered(client, text, case.file)) == _shown(
        await offered(client, case.text, case.file)
    )


@pytest.mark.parametrize("case", ALL, ids=[each.title for each in ALL])
async def test_nothing_behind_the_cursor_is_needed(case: Case, client: LanguageClient) -> None:
    """What follows changes which actions are there, not that something is offered."""
    half = case.text[: case.text.index(CURSOR) + 1]
    offers = await offered(client, half, case.file)
    assert bool(offers) == bool(case.offers) or case.title in _NEED_THE_REST


_NEED_THE_REST = {
    "words without a service",
    "versions",
    "an element that is begun, before others",
    "rules of a firewall, which have statements too",
}
"""Before the cursor nothing says that it is a policy, or that a text with blanks goes on."""


async def test_offers_name_what_they_are(client: LanguageClient) -> None:
    text = '{"Version": "2012-10-17", "Statement": [{"Action": "store:¦"}]}'
    items = await offered(client, text)
    assert [(each.label, each.detail, each.documentation, each.sort_text) for each in items] == [
        ("store:*", "4 actions", None, "0000"),
        ("store:TagShelf", "Tagging · shelf", "Tags a shelf.", "0001"),
        ("store:CreateShelf", "Write · box, shelf", "Creates a shelf.", "0002"),
        ("store:ListShelves", "List", "Lists shelves.", "0003"),
        (
            "store:PutShelfPolicy",
            "Permissions management · shelf",
            "Sets the policy of a shelf.",
            "0004",
        ),
    ]


async def test_keys_name_their_types(client: LanguageClient) -> None:
    text = (
        '{"Version": "2012-10-17", "Statement": [{"Action": "store:CreateShelf", '
        '"Condition": {"StringEquals": {"¦"}}}]}'
    )
    details = {each.label: each.detail for each in await offered(client, text)}
    shown = {name: details[name] for name in ("store:Colour", "aws:SourceIp", "aws:CalledVia")}
    assert shown == {
        "store:Colour": "String",
        "aws:SourceIp": "IPAddress · global",
        "aws:CalledVia": "ArrayOfString · global",
    }


async def test_characters_beyond_the_basic_plane_count_as_two(client: LanguageClient) -> None:
    text = '{"Id": "😀😀", "Version": "2012-10-17", "Statement": [{"Action": "store:T¦"}]}'
    (pattern, *_) = await offered(client, text)
    assert isinstance(pattern.text_edit, types.TextEdit)
    where = pattern.text_edit.range
    start = text.index("store:T") + 2  # two characters of two units before it
    assert (where.start.character, where.end.character) == (start, start + len("store:T"))


@pytest.mark.parametrize(
    ("encoding", "units"),
    [
        (types.PositionEncodingKind.Utf8, 4),
        (types.PositionEncodingKind.Utf16, 2),
        (types.PositionEncodingKind.Utf32, 1),
    ],
)
async def test_the_encoding_that_was_agreed_on_counts(
    encoding: types.PositionEncodingKind, units: int, catalog: str
) -> None:
    client = await started(catalog, capabilities(encodings=(encoding,)))
    try:
        text = '{"Id": "😀", "Version": "2012-10-17", "Statement": [{"Action": "store:T'
        document = types.TextDocumentItem("file:///project/e.json", "json", 1, text)
        client.text_document_did_open(types.DidOpenTextDocumentParams(document))
        position = types.Position(0, len(text) + units - 1)
        answer = await client.text_document_completion_async(
            types.CompletionParams(types.TextDocumentIdentifier(document.uri), position)
        )
        assert isinstance(answer, types.CompletionList)
        edit = answer.items[0].text_edit
        assert isinstance(edit, types.TextEdit)
        assert edit.range.end == position
    finally:
        await stopped(client)


async def test_without_snippets_placeholders_are_text(catalog: str) -> None:
    client = await started(catalog, capabilities(snippets=False))
    try:
        text = (
            '{"Version": "2012-10-17", "Statement": '
            '[{"Action": "store:TagShelf", "Resource": "¦"}]}'
        )
        assert _shown(await offered(client, text)) == [
            "*",
            "arn:aws:store:Region:Account:shelf/ShelfId",
        ]
    finally:
        await stopped(client)


@pytest.mark.parametrize(
    ("language", "name"),
    [("json", "untitled:Untitled-1"), ("jsonc", "untitled:Untitled-2")],
)
async def test_documents_without_a_file_have_the_language_of_the_editor(
    language: str, name: str, client: LanguageClient
) -> None:
    text = '{"Version": "2012-10-17", "Statement": [{"Action": "store:Tag¦"}]}'
    assert _shown(await offered(client, text, name, language)) == ["store:Tag*", "store:TagShelf"]
