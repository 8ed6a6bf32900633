"""The search of a static export finds what the search of a server finds, in the same order."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from export_catalogs import dated

from iam_catalog import Catalog, schema
from iam_catalog.export.site.places import Places
from iam_catalog.export.site.search_index import index_files
from iam_catalog.export.site.writing import write_site
from iam_catalog.names import name_words
from iam_catalog.site import assets
from iam_catalog.site.pages.search import search
from iam_catalog.site.request import Request

SHIPPED = Path(__file__).parent.parent / "catalog.db"
NODE = shutil.which("node")
SCRIPT = Path(__file__).with_name("static_search.cjs")
BOTH = ("names", "descriptions")
QUERIES = [
    *("create instance", "creat inst", "connect:CreateInstance", "CONNECT:createinstance"),
    *("s3:Get", "federation", "token", "tokens", "get metric", "get get", "amazon", "channel open"),
    *("aws:ResourceTag/${TagKey}", "tag", "orders", "order", "size numeric", "reads it"),
    *("a", "i", "the", "to", "instance", "zzz", "", " ", '"', "*", "<script>", "é", "né", "\x00"),
    *("constructor", "__proto__", "create, instance!", "contact-flow", "list acls", "ec2 2"),
    *("describe instance", "DescribeInstance", "getorder", "session manager", "quickstart amazon"),
    *("aws:PrincipalOrgID", "principal org", "mfa", "multi factor", "lambda source", "sourceip"),
    *("shop", "crates", "orders please", "connectparticipant", "Amazon Connect Participant"),
    *("guide staff", "boxes", "minimal-iam-permissions-for-ssm:24", "policy"),
]


@pytest.fixture(scope="module")
def node() -> str:
    if NODE is None:
        pytest.skip("node, which runs the script of the search, is not installed")
    return NODE


def exported(path: str | Path, folder: Path) -> Path:
    with Catalog(path) as catalog:
        write_site(catalog, folder)
    return folder


@pytest.fixture(scope="module")
def site_of_shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exported(SHIPPED, tmp_path_factory.mktemp("shipped") / "site")


def asked(
    node: str, folder: Path, queries: list[str], loaded: tuple[str, ...] = BOTH, **limits: Any
) -> list[list[dict[str, Any]]]:
    """What the script of an export finds; at most 50 results of a query."""
    order = json.dumps({"queries": queries, "limit": 50, "loaded": loaded, **limits})
    done = subprocess.run(
        [node, str(SCRIPT), str(folder)], input=order, capture_output=True, text=True, check=True
    )
    return [each["results"] for each in json.loads(done.stdout)]


def of_server(path: str | Path, queries: list[str], **limits: str) -> list[list[dict[str, Any]]]:
    further = {name: (value,) for name, value in limits.items()}

    def answers(connection: sqlite3.Connection) -> list[Any]:
        return [search(connection, Request(values={"q": (text,), **further})) for text in queries]

    with Catalog(path) as catalog:
        return [answer["results"] for answer in catalog._ask(answers)]


def without(name: str, answers: list[list[dict[str, Any]]]) -> list[list[dict[str, Any]]]:
    return [
        [{key: value for key, value in each.items() if key != name} for each in results]
        for results in answers
    ]


@pytest.mark.parametrize("shipped", [True, False])
def test_it_answers_as_the_server_does(node: str, tmp_path: Path, shipped: bool) -> None:
    path = SHIPPED if shipped else dated(tmp_path)
    folder = exported(path, tmp_path / "site")
    served = of_server(path, QUERIES)

    found = asked(node, folder, QUERIES)

    assert without("address", found) == served
    assert sum(bool(results) for results in served) > 5


LIMITS = [
    {"kind": "action"},
    {"kind": "condition-keys"},
    {"kind": "policy"},
    {"service": "connect"},
    {"service": "Amazon Connect", "kind": "resource type"},
]


@pytest.mark.parametrize("limits", LIMITS, ids=str)
def test_it_is_narrowed_by_kind_and_service_as_the_server_is(
    node: str, site_of_shipped: Path, limits: dict[str, str]
) -> None:
    found = asked(node, site_of_shipped, QUERIES, **limits)

    assert without("address", found) == of_server(SHIPPED, QUERIES, **limits)


def test_it_goes_on_behind_the_first_results(node: str, site_of_shipped: Path) -> None:
    queries = ["instance", "connect", "contact"]

    second = [found[:5] for found in asked(node, site_of_shipped, queries, offset=5)]

    assert without("address", second) == of_server(SHIPPED, queries, limit="5", page="2")
    assert any(second)


def test_a_result_leads_to_the_page_of_its_name(node: str, tmp_path: Path) -> None:
    folder = exported(dated(tmp_path), tmp_path / "site")

    found = [each for results in asked(node, folder, QUERIES) for each in results]

    assert {each["kind"] for each in found} == {
        *("service", "action", "resource type", "condition key", "policy")
    }
    assert [each["address"] for each in found if not (folder / each["address"]).is_file()] == []


def test_as_one_types_names_and_titles_are_found_without_the_descriptions(
    node: str, tmp_path: Path
) -> None:
    folder = exported(SHIPPED, tmp_path / "site")

    title, policy, described = asked(
        node, folder, ["amazon messsage", "minimal iam", "federation authentication"], ("names",)
    )

    assert [each["name"] for each in title] == ["ssmmessages"]
    assert [each["name"] for each in policy] == ["minimal-iam-permissions-for-ssm:24"]
    assert described == []


NAMES = ["ListACLs", "CreateDBInstance", "execute-api", "ListARNsOf", "EC2s2", "getX509", "VPCs"]
NAMES += ["aWSThing", "ÉcoleURLs", "X", "ABCs", "ABCsd", "DBs3", "a_B.c"]


def test_the_script_finds_the_words_that_the_catalog_indexes(node: str, tmp_path: Path) -> None:
    """Each word of a name finds it, as it would on a server."""
    script_of(tmp_path, NAMES, Places({}, {}))
    queries = [(word, name) for name in NAMES for word in name_words(name).split()]

    found = asked(node, tmp_path, [word for word, _ in queries])

    missed = [
        (word, name)
        for (word, name), results in zip(queries, found, strict=True)
        if f"x:{name}" not in [each["name"] for each in results]
    ]
    assert missed == []


def test_a_file_of_an_unusual_name_stands_in_the_index(node: str, tmp_path: Path) -> None:
    names = ["con", "constructor", "${a b}"]
    places = Places({}, {"action": [f"x:{name}" for name in names]})
    script_of(tmp_path, names, places)

    found = asked(node, tmp_path, ["con", "constructor", "a b"])
    actions = [[each for each in results if each["kind"] == "action"] for results in found]

    assert [[each["address"] for each in results] for results in actions] == [
        ["action/x/~63on.html", "action/x/constructor.html"],
        ["action/x/constructor.html"],
        ["action/x/~24~7Ba~20b~7D.html"],
    ]


def catalog_of(names: list[str]) -> sqlite3.Connection:
    """Make a catalog with actions of these names alone."""
    connection = sqlite3.connect(":memory:")
    connection.executescript(schema.DDL)
    connection.executemany(
        "insert into actions (action, service_prefix, name, details_page, incomplete, page)"
        " values (?, 'x', ?, 'x@2026-01-01', 0, 'x@2026-01-01')",
        [(f"x:{name}", name) for name in names],
    )
    return connection


def script_of(folder: Path, names: list[str], places: Places) -> None:
    """Write the search of a catalog with actions of these names alone."""
    static = folder / "static"
    static.mkdir()
    shutil.copy(assets.FOLDER / "search-static.js", static)
    with closing(catalog_of(names)) as connection:
        for name, text in index_files(connection, places).items():
            (static / name).write_text(text, encoding="utf-8")


def test_the_index_is_ascii_and_has_each_prefix_once() -> None:
    with closing(catalog_of(["GetX", "A\u2028é", "</script>"])) as connection:
        files = index_files(connection, Places({}, {"action": ["x:con"]}))

    assert (
        '{"kind":"action","names":[["x",["</script>","A\\u2028\\u00e9","Get|X"]]]}'
        in (files["names.js"])
    )
    assert '"unusual":{"action":{"x:con":"action/x/~63on.html"}}});\n' in files["names.js"]
    assert all(text.isascii() for text in files.values())


def test_a_word_of_a_name_is_marked_by_a_sign_that_no_name_has() -> None:
    with closing(catalog_of(["Get|X"])) as connection:
        names = index_files(connection, Places({}, {}))["names.js"]

    assert '"mark":"^"' in names
    assert '["x",["Get|X"]]' in names
