"""What a search finds, and in which order: one answer at every door."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from built_catalogs import build, write_pages
from click.testing import CliRunner
from doors import Doors, doors
from page_texts import Key, Row, Service, Type, act, as_table
from site_catalog import FILES

from iam_catalog import Catalog
from iam_catalog.cli.main import cli

NODE = shutil.which("node")
SCRIPT = Path(__file__).parents[1] / "static_search.cjs"
ON_A_PAGE = 50
"""Results: the site gives no more at once."""

TAGS = ("TagResource", "UntagResource", "ListTagsForResource", "Tag", "GetTagKeys", "PutTagPolicy")
LIBRARY = Service(
    [
        *[act(name, "Tagging", Row("book*", "lib:Tag")) for name in TAGS],
        act("GetBook", description="Grants permission to get a tag of a book."),
        act("GetBookCover", description="Grants permission to get a book cover."),
        act("ListBooks", "List", description="Grants permission to list books, and to get them."),
    ],
    [Type("book", "arn:${Partition}:lib:::book/${Id}"), Type("tag", "arn:${Partition}:lib:::t/*")],
    [Key("lib:Tag", "Filters access by a tag."), Key("lib:GetBook", "Filters by a book.")],
    prefix="lib",
    slug="lib",
    name="Example Library of Tags",
)
TEXTS = [
    *("tag", "tags", "get tag", "getbook", "get book", "GetBook", "lib:GetBook", "LIB:getbook"),
    *("book", "book cover", "cover book", "lib", "lib:", "lib:Get", "library of tags", "orders"),
    *("order", "create order", "orders:CreateOrder", "orders:Channel", "channel", "list orders"),
    *("aws:ResourceTag/${TagKey}", "principal org", "aws:PrincipalOrgID", "mfa", "source ip"),
    *("permission", "grants permission to", "shelf", "reserve 0", "seeing", "people see orders"),
    *("create ordre", "getbok", "orders:CraeteOrder", "libary", "aws:PrincipalOrgIDD", "sourceipp"),
    *("lib:Get*", "order*", "example library get book", "books", "list book", "tagresource"),
    *("zzz", "", " ", '"', "*", "-", "a", "i", "é", "get-book", "get_book", "get, book!", "\x00"),
]
Result = tuple[str, str]
"""Kind and name."""
Answer = list[Result]
Static = Callable[[], dict[str, Answer]]
Reader = Callable[[Doors, str, Static], Awaitable[Answer]]


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    folder = tmp_path_factory.mktemp("search")
    write_pages(folder, {**FILES, "2026-08-31/lib.md": as_table(LIBRARY)})
    dated = [folder / each for each in dict.fromkeys(name.partition("/")[0] for name in FILES)]
    with doors(build(dated, folder / "catalog.db")) as opened:
        yield opened


@pytest.fixture(scope="module")
def static(door: Doors, tmp_path_factory: pytest.TempPathFactory) -> Static:
    """Run the script of a static export for each text, when first asked for."""

    @cache
    def answers() -> dict[str, Answer]:
        if NODE is None:
            pytest.skip("node, which runs the script of the search, is not installed")
        folder = tmp_path_factory.mktemp("site") / "site"
        exported = CliRunner().invoke(cli, ["export", "site", str(folder), "--database", door.path])
        assert exported.exit_code == 0, exported.output
        order = {"queries": TEXTS, "limit": ON_A_PAGE, "loaded": ["names", "descriptions"]}
        done = subprocess.run(
            [NODE, str(SCRIPT), str(folder)],
            input=json.dumps(order),
            capture_output=True,
            text=True,
            check=True,
        )
        found = [pairs(each["results"]) for each in json.loads(done.stdout)]
        return dict(zip(TEXTS, found, strict=True))

    return answers


def pairs(results: list[dict[str, Any]]) -> Answer:
    return [(each["kind"], each["name"]) for each in results]


def python(door: Doors, text: str, limit: int = 100) -> Answer:
    return [(each.kind, each.name) for each in door.catalog.search(text, limit=limit)]


async def command(door: Doors, text: str, _: Static) -> Answer:
    return pairs(door.cli("search", "--", text))


async def at_the_newest_date(door: Doors, text: str, _: Static) -> Answer:
    with Catalog(door.path, as_of="2026-08-31") as catalog:
        return [(each.kind, each.name) for each in catalog.search(text)]


async def canned(door: Doors, text: str, _: Static) -> Answer:
    return pairs(await door.query("search", text=text))


async def site(door: Doors, text: str, _: Static) -> Answer:
    return pairs((await door.page("search", q=text))["results"])


async def static_site(_: Doors, text: str, static: Static) -> Answer:
    return static()[text]


READERS: dict[str, Reader] = {
    "command": command,
    "as of the newest date": at_the_newest_date,
    "canned query": canned,
    "site": site,
    "static export": static_site,
}
LIMITS = {"site": ON_A_PAGE, "static export": ON_A_PAGE}


def is_global(result: Result, keys: set[str]) -> bool:
    kind, name = result
    return kind == "condition key" and name.lower() not in keys


def is_policy(result: Result, _: set[str]) -> bool:
    return result[0] == "policy"


def is_fact(result: Result, keys: set[str]) -> bool:
    return not is_policy(result, keys) and not is_global(result, keys)


def facts(answer: Answer, keys: set[str]) -> Answer:
    return [each for each in answer if is_fact(each, keys)]


ASPECTS: dict[str, Callable[[Answer, set[str]], Answer]] = {
    "the same facts": lambda answer, keys: sorted(facts(answer, keys)),
    "facts in the same order": facts,
    "the same global condition keys": lambda answer, keys: [
        each for each in answer if is_global(each, keys)
    ],
    "the same sample policies": lambda answer, keys: [
        each for each in answer if is_policy(each, keys)
    ],
}


@pytest.mark.parametrize("aspect", ASPECTS)
@pytest.mark.parametrize("reader", READERS)
async def test_a_door_finds_what_python_finds(
    reader: str, aspect: str, door: Doors, static: Static
) -> None:
    keys = {each.condition_key.lower() for each in door.catalog.condition_keys()}
    different = {}
    for text in TEXTS:
        expected = ASPECTS[aspect](python(door, text, LIMITS.get(reader, 100)), keys)
        found = ASPECTS[aspect](await READERS[reader](door, text, static), keys)
        if found != expected:
            different[text] = (found, expected)

    assert different == {}


async def test_the_static_export_finds_all_that_the_site_finds(door: Doors, static: Static) -> None:
    answers = {text: await site(door, text, static) for text in TEXTS}

    assert {text: static()[text] for text in TEXTS} == answers


def test_most_texts_find_something(door: Doors) -> None:
    """So that doors that all find nothing are not taken for doors that agree."""
    nothing = [text for text in TEXTS if not python(door, text)]

    assert len(nothing) < len(TEXTS) / 2
