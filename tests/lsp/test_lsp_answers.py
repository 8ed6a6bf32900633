"""What editors show of a policy: findings, fixes, hover, outline, counts and pages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from lsp_client import applied, at_cursor, capabilities, opened, published, started, stopped
from lsprotocol import types
from pytest_lsp import LanguageClient
from small_catalog import build_small_catalog, replace_with_another

pytestmark = pytest.mark.asyncio(loop_scope="module")

POLICY = """{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "allow",
      "Action": ["store:CreateShelfs", "store:TagShelf"],
      "Resource": "*",
      "Condition": {"StringEqual": {"aws:SourceVpc": "vpc-1"}}
    }
  ]
}
"""


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> str:
    return build_small_catalog(tmp_path_factory.mktemp("small"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(catalog: str) -> AsyncIterator[LanguageClient]:
    client = await started(catalog)
    yield client
    await stopped(client)


def _marked(text: str, found: list[types.Diagnostic]) -> list[tuple[str, str]]:
    """Return the code of each finding with the text that it marks, of one line."""
    lines = text.split("\n")
    return [(str(each.code), lines[each.range.start.line][_columns(each.range)]) for each in found]


def _columns(where: types.Range) -> slice:
    return slice(where.start.character, where.end.character)


async def _fixes(
    client: LanguageClient, text: str, name: str = "policy.json", only: str | None = None
) -> dict[str, str]:
    """Return the titles of the fixes at the cursor of a text, with the text after each."""
    content, position = at_cursor(text)
    uri = opened(client, content, name)
    kinds = [types.CodeActionKind(only)] if only else None
    answer = await client.text_document_code_action_async(
        types.CodeActionParams(
            types.TextDocumentIdentifier(uri),
            types.Range(position, position),
            types.CodeActionContext([], only=kinds),
        )
    )
    found = {}
    for action in answer or ():
        assert isinstance(action, types.CodeAction)
        assert action.edit is not None
        edits = [
            edit
            for change in action.edit.document_changes or ()
            if isinstance(change, types.TextDocumentEdit) and change.text_document.uri == uri
            for edit in change.edits
            if isinstance(edit, types.TextEdit)
        ]
        found[action.title] = applied(content, edits) if edits else ""
    return found


# --- findings


async def test_findings_mark_what_they_are_about(client: LanguageClient) -> None:
    found = await published(client, opened(client, POLICY))
    assert _marked(POLICY, found) == [
        ("effect-value", '"allow"'),
        ("unknown-action", '"store:CreateShelfs"'),
        ("unknown-operator", '"StringEqual"'),
    ]


async def test_a_finding_has_severity_message_and_the_address_of_its_rule(
    client: LanguageClient,
) -> None:
    (first, *_) = await published(client, opened(client, POLICY))
    assert (first.source, first.severity, first.message) == (
        "iam-catalog",
        types.DiagnosticSeverity.Error,
        "The effect 'allow' is neither Allow nor Deny. Instead: Allow",
    )
    assert first.code_description is not None
    assert first.code_description.href.startswith("https://docs.aws.amazon.com/")


@pytest.mark.parametrize(
    ("name", "text", "marked"),
    [
        (
            "template.yaml",
            (
                "PolicyDocument:\n  Version: '2012-10-17'\n  Statement:\n"
                "    - Effect: Allow\n      Action:\n        - store:ListShelfs\n"
                "      Resource: '*'\n"
            ),
            "store:ListShelfs",
        ),
        (
            "main.tf",
            (
                'data "aws_iam_policy_document" "x" {\n  statement {\n'
                '    actions   = ["store:TagShelf", "store:ListShelfs"]\n    resources = ["*"]\n'
                "  }\n}\n"
            ),
            '"store:ListShelfs"',
        ),
        (
            "main.tf",
            (
                'resource "aws_iam_policy" "x" {\n  policy = jsonencode({\n'
                '    Version = "2012-10-17"\n    Statement = [{\n      Effect = "Allow"\n'
                '      Action = "store:ListShelfs"\n      Resource = "*"\n    }]\n  })\n}\n'
            ),
            '"store:ListShelfs"',
        ),
        (
            "notes.md",
            (
                '# Notes\n\n```json\n{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",\n'
                ' "Action": "store:ListShelfs", "Resource": "*"}]}\n```\n'
            ),
            '"store:ListShelfs"',
        ),
    ],
)
async def test_findings_are_marked_in_every_kind_of_document(
    name: str, text: str, marked: str, client: LanguageClient
) -> None:
    found = await published(client, opened(client, text, name))
    assert ("unknown-action", marked) in _marked(text, found)


async def test_characters_beyond_the_basic_plane_move_marks(client: LanguageClient) -> None:
    text = '{"Version": "2012-10-17", "Statement": [{"Sid": "😀", "Effect": "allow"}]}'
    found = await published(client, opened(client, text))
    (effect,) = [each for each in found if each.code == "effect-value"]
    start = text.index('"allow"') + 1
    assert (effect.range.start.character, effect.range.end.character) == (start, start + 7)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("package.json", '{"name": "x", "version": "1'),
        ("waf.json", '{"Statement": {"ByteMatchStatement": {}}}'),
        ("main.tf", 'resource "aws_s3_bucket" "b" {\n  bucket = \n'),
        ("values.yaml", "a: [b\n"),
        ("notes.md", "# Policies\n\nNothing here.\n"),
        ("code.py", "Statement = {'Effect': 'Allow'}"),
    ],
)
async def test_nothing_is_found_where_no_policy_is(
    name: str, text: str, client: LanguageClient
) -> None:
    assert await published(client, opened(client, text, name)) == []


async def test_a_half_typed_policy_is_said_to_be_unchecked(client: LanguageClient) -> None:
    text = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",'
    (found,) = await published(client, opened(client, text))
    assert (found.code, found.message.startswith("Not checked: ")) == ("unreadable-file", True)


async def test_a_change_is_checked(client: LanguageClient) -> None:
    uri = opened(client, POLICY)
    await published(client, uri)
    del client.diagnostics[uri]
    start, end = types.Position(4, 17), types.Position(4, 22)
    client.text_document_did_change(
        types.DidChangeTextDocumentParams(
            types.VersionedTextDocumentIdentifier(2, uri),
            [types.TextDocumentContentChangePartial(types.Range(start, end), "Allow")],
        )
    )
    codes = [each.code for each in await published(client, uri)]
    assert codes == ["unknown-action", "missing-dependent-actions", "unknown-operator"]


async def test_an_editor_that_asks_for_findings_is_not_sent_them(catalog: str) -> None:
    client = await started(catalog, capabilities(pulls=True))
    try:
        uri = opened(client, POLICY)
        document = types.TextDocumentIdentifier(uri)
        report = await client.text_document_diagnostic_async(
            types.DocumentDiagnosticParams(document)
        )
        assert isinstance(report, types.RelatedFullDocumentDiagnosticReport)
        assert [each.code for each in report.items] == [
            "effect-value",
            "unknown-action",
            "unknown-operator",
        ]
        again = await client.text_document_diagnostic_async(
            types.DocumentDiagnosticParams(document, previous_result_id=report.result_id)
        )
        assert isinstance(again, types.RelatedUnchangedDocumentDiagnosticReport)
        assert client.diagnostics == {}
    finally:
        await stopped(client)


async def test_settings_and_ignores_of_the_folder_count(catalog: str, tmp_path: Path) -> None:
    (tmp_path / ".iam-catalog.toml").write_text(
        'exclude = ["old/*"]\nseverity = { unknown-action = "info" }\n', encoding="utf-8"
    )
    (tmp_path / ".iam-catalog-ignore").write_text(
        '[[ignore]]\ncode = "effect-value"\nfile = "new/*.json"\nreason = "A test."\n',
        encoding="utf-8",
    )
    client = await started(catalog, folder=tmp_path)
    try:
        new = opened(client, POLICY, (tmp_path / "new" / "policy.json").as_uri())
        old = opened(client, POLICY, (tmp_path / "old" / "policy.json").as_uri())
        assert [(each.code, each.severity) for each in await published(client, new)] == [
            ("unknown-action", types.DiagnosticSeverity.Information),
            ("unknown-operator", types.DiagnosticSeverity.Error),
        ]
        assert await published(client, old) == []
    finally:
        await stopped(client)


async def test_a_setting_that_is_none_is_told_once(catalog: str, tmp_path: Path) -> None:
    (tmp_path / ".iam-catalog.toml").write_text('kind = "zzz"\n', encoding="utf-8")
    client = await started(catalog, folder=tmp_path)
    try:
        uri = opened(client, POLICY, (tmp_path / "policy.json").as_uri())
        assert len(await published(client, uri)) == 3
        assert ["'zzz' is not a value of kind" in each.message for each in client.messages] == [
            True
        ]
    finally:
        await stopped(client)


async def test_a_catalog_that_takes_the_place_of_another_answers(tmp_path: Path) -> None:
    path = build_small_catalog(tmp_path)
    client = await started(path)
    try:
        text = _statement('"Action": "store:CreateShelf", "Resource": "*"')
        uri = opened(client, text)
        needed = [each.message for each in await published(client, uri)]
        assert any("iam:PassRole" in each for each in needed)
        del client.diagnostics[uri]
        await asyncio.to_thread(replace_with_another, path)
        later = [each.message for each in await published(client, uri)]
        assert not any("iam:PassRole" in each for each in later)
    finally:
        await stopped(client)


# --- fixes


async def test_a_suggestion_is_one_edit_away(client: LanguageClient) -> None:
    fixes = await _fixes(client, POLICY.replace("CreateShelfs", "Create¦Shelfs"))
    assert fixes["Write store:CreateShelf"] == POLICY.replace("CreateShelfs", "CreateShelf")


async def test_a_suggestion_for_a_name_replaces_the_name(client: LanguageClient) -> None:
    fixes = await _fixes(client, POLICY.replace("StringEqual", "String¦Equal"))
    assert fixes["Write StringEquals"] == POLICY.replace("StringEqual", "StringEquals")


async def test_an_operator_is_replaced_where_it_compares_one_key_alone(
    client: LanguageClient,
) -> None:
    condition = '"Condition": {"StringEquals": {%s"aws:Tag¦Keys": "team"}}'
    text = _statement(f'"Action": "store:TagShelf", "Resource": "*", {condition}')
    plain = text.replace("¦", "")
    fixes = await _fixes(client, text % "")
    for better in ("ForAllValues:StringEquals", "ForAnyValue:StringEquals"):
        assert fixes[f"Write {better}"] == plain.replace("StringEquals", better) % ""

    fixes = await _fixes(client, text % '"aws:username": "ann", ', "two.json")
    assert not [title for title in fixes if title.startswith("Write ")]


async def test_dependent_actions_are_added_as_a_statement(client: LanguageClient) -> None:
    text = """{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": "store:Tag¦Shelf", "Resource": "arn:aws:store:::box/1"}
  ]
}
"""
    fixes = await _fixes(client, text)
    assert (
        fixes["Add a statement with 1 dependent action"]
        == """{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": "store:TagShelf", "Resource": "arn:aws:store:::box/1"},
    {
      "Sid": "StoreBoxShelf",
      "Effect": "Allow",
      "Action": [
        "store:CreateShelf"
      ],
      "Resource": [
        "arn:aws:store:::box/1",
        "arn:${Partition}:store:${Region}:${Account}:shelf/${ShelfId}"
      ]
    }
  ]
}
"""
    )


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        (
            "policy.json",
            '{"Statement": [{"Effect": "Allow", "Action": "store:*¦Shelf"}]}',
            (
                '{"Statement": [{"Effect": "Allow", "Action": ["store:CreateShelf", '
                '"store:TagShelf"]}]}'
            ),
        ),
        (
            "policy.json",
            '{"Statement": [{"Effect": "Allow", "Action": [\n  "store:*¦Shelf",\n  "a:B"\n]}]}',
            (
                '{"Statement": [{"Effect": "Allow", "Action": [\n  "store:CreateShelf",\n'
                '  "store:TagShelf",\n  "a:B"\n]}]}'
            ),
        ),
        (
            "template.yaml",
            "Statement:\n  - Effect: Allow\n    Action:\n      - store:*¦Shelf\n",
            (
                "Statement:\n  - Effect: Allow\n    Action:\n      - store:CreateShelf\n"
                "      - store:TagShelf\n"
            ),
        ),
        (
            "template.yaml",
            "Statement:\n  - Effect: Allow\n    Action: store:*¦Shelf\n",
            "Statement:\n  - Effect: Allow\n    Action: [store:CreateShelf, store:TagShelf]\n",
        ),
    ],
)
async def test_a_pattern_is_expanded_where_it_is(
    name: str, before: str, after: str, client: LanguageClient
) -> None:
    fixes = await _fixes(client, before, name, only="refactor.rewrite")
    assert fixes == {"Expand store:*Shelf to 2 actions": after}


async def test_actions_are_shrunk_to_patterns(client: LanguageClient) -> None:
    text = (
        'data "aws_iam_policy_document" "x" {\n  statement {\n'
        '    actions = ["store:Create¦Shelf", "store:TagShelf"]\n  }\n}\n'
    )
    fixes = await _fixes(client, text, "main.tf", only="refactor")
    wanted = text.replace('"store:Create¦Shelf", "store:TagShelf"', '"store:*Shelf"')
    assert fixes == {"Shrink 2 actions to 1 pattern": wanted}


@pytest.mark.parametrize(
    ("name", "before", "arn"),
    [
        (
            "policy.json",
            '{"Statement": [{"Effect": "Allow", "Action": "store:TagShelf", "Resource": "¦*"}]}',
            "arn:${Partition}:store:${Region}:${Account}:shelf/${ShelfId}",
        ),
        (
            "main.tf",
            (
                'data "aws_iam_policy_document" "x" {\n  statement {\n'
                '    actions = ["store:TagShelf"]\n    resources = ["¦*"]\n  }\n}\n'
            ),
            "arn:<Partition>:store:<Region>:<Account>:shelf/<ShelfId>",
        ),
    ],
)
async def test_a_star_is_replaced_by_the_formats_that_the_actions_take(
    name: str, before: str, arn: str, client: LanguageClient
) -> None:
    fixes = await _fixes(client, before, name, only="refactor")
    assert fixes == {"Replace * by 1 ARN format to fill in": before.replace("¦*", arn)}


async def test_an_ignore_of_yaml_is_a_comment_that_check_reads(client: LanguageClient) -> None:
    text = "Statement:\n  - Effect: ¦allow\n    Action: store:TagShelf\n    Resource: '*'\n"
    text = f"Version: '2012-10-17'\n{text}"
    fixes = await _fixes(client, text, "template.yaml")
    after = fixes["Ignore effect-value here"]
    assert after == text.replace("¦", "").replace(
        "  - Effect", "  # iam-catalog: ignore effect-value - Say here why.\n  - Effect"
    )
    found = await published(client, opened(client, after, "template.yaml"))
    assert "effect-value" not in [each.code for each in found]


async def test_an_ignore_of_json_goes_into_the_file_of_ignores(
    catalog: str, tmp_path: Path
) -> None:
    client = await started(catalog, folder=tmp_path)
    try:
        uri = opened(client, POLICY, (tmp_path / "policy.json").as_uri())
        at = types.Position(4, 18)
        answer = await client.text_document_code_action_async(
            types.CodeActionParams(
                types.TextDocumentIdentifier(uri),
                types.Range(at, at),
                types.CodeActionContext([]),
            )
        )
        titles = {each.title: each for each in answer or () if isinstance(each, types.CodeAction)}
        action = titles["Ignore effect-value here, in .iam-catalog-ignore"]
        assert action.edit is not None
        create, change = action.edit.document_changes or ()
        assert isinstance(create, types.CreateFile)
        assert isinstance(change, types.TextDocumentEdit)
        (edit,) = change.edits
        assert isinstance(edit, types.TextEdit)
        (tmp_path / ".iam-catalog-ignore").write_text(edit.new_text, encoding="utf-8")
        assert edit.new_text == (
            '[[ignore]]\ncode = "effect-value"\nfile = "policy.json"\n'
            'path = "Statement[0].Effect"\nreason = "Say here why."\n'
        )
        again = opened(client, POLICY, (tmp_path / "sub" / ".." / "policy.json").as_uri())
        assert "effect-value" not in [each.code for each in await published(client, again)]
    finally:
        await stopped(client)


# --- hover, outline, counts, pages


async def _hover(client: LanguageClient, text: str, name: str = "policy.json") -> str | None:
    content, position = at_cursor(text)
    uri = opened(client, content, name)
    answer = await client.text_document_hover_async(
        types.HoverParams(types.TextDocumentIdentifier(uri), position)
    )
    if answer is None:
        return None
    assert isinstance(answer.contents, types.MarkupContent)
    return answer.contents.value


def _statement(inner: str) -> str:
    return f'{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", {inner}}}]}}'


async def test_hover_over_an_action_says_what_the_catalog_knows(client: LanguageClient) -> None:
    assert (
        await _hover(client, _statement('"Action": "store:Tag¦Shelf"'))
        == """**store:TagShelf** — Tagging

Tags a shelf.

- Resource types: `store:shelf`
- Condition keys: none of its own
- Dependent actions: `store:CreateShelf` (documented on 2020-03-04)

Source: [Actions, Resources, and Condition Keys for Example Store](https://docs.example.com/list_store.md), 2020-03-04"""  # noqa: E501   one line of Markdown
    )


@pytest.mark.parametrize(
    ("inner", "start"),
    [
        ('"Action": "store:*¦Shelf"', "**`store:*Shelf`** — 2 actions as of 2020-03-04\n\n- "),
        ('"Resource": "arn:aws:store:::box/¦1"', "ARN of\n\n- `store:box` by `arn:"),
        ('"Resource": "¦*"', "`*` — every resource"),
        (
            '"Condition": {"StringEquals": {"store:Co¦lour": "red"}}',
            "**store:Colour** — String\n\nThe colour of the box.",
        ),
        ('"Condition": {"Bool": {"aws:SecureTransp¦ort": "true"}}', "**aws:SecureTransport** — B"),
        ('"Condition": {"ForAllValues:String¦Like": {}}', "**ForAllValues:StringLike** — comp"),
        (
            '"Resource": "arn:aws:store:::box/${aws:user¦name}"',
            "Policy variable, filled in from the request\n\n**aws:username** — String",
        ),
        ('"Principal": {"AWS": "1111¦22223333"}', "`111122223333` — an AWS account"),
        ('"Action": "store:Unkn¦own"', "No action 'store:Unknown' in the catalog as of"),
    ],
)
async def test_hover_says_what_is_there(inner: str, start: str, client: LanguageClient) -> None:
    text = await _hover(client, _statement(inner))
    assert text is not None
    assert text.startswith(start)


@pytest.mark.parametrize(
    ("inner", "start"),
    [
        ('"Condition": {"StringEquals": {"store:Colour": "1111¦22223333"}}', "`111122223333` — p"),
        (
            '"Condition": {"StringEquals": {"aws:SourceAccount": "1111¦22223333"}}',
            "`111122223333` — a",
        ),
        ('"Principal": {"CanonicalUser": "a1111¦22223333b"}', None),
    ],
)
async def test_twelve_digits_are_an_account_where_one_can_be(
    inner: str, start: str | None, client: LanguageClient
) -> None:
    text = await _hover(client, _statement(inner))
    assert text is start if start is None or text is None else text.startswith(start)


async def test_hover_reads_the_variables_of_terraforms_data_source(client: LanguageClient) -> None:
    text = (
        'data "aws_iam_policy_document" "p" {\n  statement {\n'
        '    resources = ["arn:aws:store:::box/&{aws:user¦name}"]\n  }\n}'
    )
    shown = await _hover(client, text, "main.tf")
    assert shown is not None
    assert shown.startswith("Policy variable, filled in from the request")


async def test_hover_says_nothing_elsewhere(client: LanguageClient) -> None:
    assert await _hover(client, '{"name": "store:Tag¦Shelf"}') is None


async def test_statements_are_listed(client: LanguageClient) -> None:
    uri = opened(client, _statement('"Sid": "Tag", "Action": ["store:TagShelf"]'))
    (policy,) = (
        await client.text_document_document_symbol_async(
            types.DocumentSymbolParams(types.TextDocumentIdentifier(uri))
        )
        or ()
    )
    assert isinstance(policy, types.DocumentSymbol)
    children = [(each.name, each.detail) for each in policy.children or ()]
    assert (policy.detail, children) == ("1 statement", [("Tag", "Allow store:TagShelf")])


@pytest.mark.parametrize(("is_on", "labels"), [(True, ["4 actions"]), (False, [])])
async def test_counts_are_beside_patterns_where_they_are_wanted(
    is_on: bool, labels: list[str], client: LanguageClient
) -> None:
    client.workspace_did_change_configuration(
        types.DidChangeConfigurationParams({"iamCatalog": {"inlayHints": is_on}})
    )
    uri = opened(client, _statement('"Action": ["store:TagShelf", "store:*"]'))
    whole = types.Range(types.Position(0, 0), types.Position(9, 0))
    hints = await client.text_document_inlay_hint_async(
        types.InlayHintParams(types.TextDocumentIdentifier(uri), whole)
    )
    assert [each.label for each in hints or ()] == labels


async def test_the_definition_of_an_action_is_its_page(client: LanguageClient) -> None:
    content, position = at_cursor(_statement('"Action": "store:Tag¦Shelf"'))
    uri = opened(client, content)
    found = await client.text_document_definition_async(
        types.DefinitionParams(types.TextDocumentIdentifier(uri), position)
    )
    assert isinstance(found, types.Location)
    assert found.uri == "https://docs.example.com/list_store.md"


# --- what does no harm


@pytest.mark.parametrize(
    "text",
    [
        "[" * 50_000,
        '{"Statement": ' * 5_000,
        '"' * 20_000,
        "{" + '"Version": "2012-10-17",' * 2_000,
        "- " * 10_000,
        '{"Version": "2012-10-17", "Statement": "\ud83d"}',
        "${" * 10_000,
    ],
    ids=["lists", "objects", "quotes", "members", "dashes", "half a pair", "variables"],
)
@pytest.mark.parametrize("name", ["a.json", "a.yaml", "a.tf", "a.md"])
async def test_hostile_documents_are_answered(name: str, text: str, client: LanguageClient) -> None:
    uri = opened(client, text.encode("utf-8", "replace").decode(), name)
    far = types.Position(2**31 - 1, 2**31 - 1)
    await client.text_document_completion_async(
        types.CompletionParams(types.TextDocumentIdentifier(uri), far)
    )
    await published(client, uri)


async def test_ranges_beyond_the_text_mean_its_end(client: LanguageClient) -> None:
    text = '{"Version": "2012-10-17", "Statement": [{"Action": "store:Ta'
    uri = opened(client, text)
    far = types.Position(7, 99)
    client.text_document_did_change(
        types.DidChangeTextDocumentParams(
            types.VersionedTextDocumentIdentifier(2, uri),
            [types.TextDocumentContentChangePartial(types.Range(far, far), "gS")],
        )
    )
    answer = await client.text_document_completion_async(
        types.CompletionParams(types.TextDocumentIdentifier(uri), types.Position(0, 999))
    )
    assert isinstance(answer, types.CompletionList)
    assert [each.label for each in answer.items] == ["store:TagS*", "store:TagShelf"]


async def test_documents_that_are_not_open_are_answered_with_nothing(
    client: LanguageClient,
) -> None:
    document = types.TextDocumentIdentifier("file:///project/never-opened.json")
    start = types.Position(0, 0)
    assert await client.text_document_hover_async(types.HoverParams(document, start)) is None
    client.text_document_did_close(types.DidCloseTextDocumentParams(document))


async def test_a_document_of_over_a_million_characters_is_left_alone(
    client: LanguageClient,
) -> None:
    text = '{"Version": "2012-10-17", "Statement": [], "Id": "' + "x" * 1_000_001
    assert await published(client, opened(client, text)) == []
