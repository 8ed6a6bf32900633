"""The site as people see it: the committed catalog.db, and one of three dates, with its texts."""

from __future__ import annotations

import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin
from urllib.request import ProxyHandler, build_opener

import pytest
from datasette.app import Datasette
from sites import build_dated_catalog, close

from iam_catalog import schema
from iam_catalog.arn.search import search
from iam_catalog.cli import serve
from iam_catalog.errors import CatalogError
from iam_catalog.facts import dependents, operations
from iam_catalog.facts.actions import operations_of_action

ROOT = Path(__file__).parent.parent
DATABASE = str(ROOT / "catalog.db")
METADATA = str(ROOT / "metadata.json")
CATALOG = serve.read_metadata(METADATA)["databases"]["catalog"]
CREATE_INSTANCE = "connect:CreateInstance"
SHOWN = [name for name, table in CATALOG["tables"].items() if not table.get("hidden")]
AWKWARD = [
    "",
    " ",
    '"',
    '""',
    "*",
    "a-b",
    "')--",
    "connect:",
    "NEAR(",
    "a AND",
    "é 名 ß",
    "\0",
    "%",
    "<script>",
    "word " * 1000,
]


@pytest.fixture(scope="module")
def site() -> Iterator[Datasette]:
    site = serve.make_site(DATABASE, METADATA)
    yield site
    close(site)


@pytest.fixture(scope="module")
def catalog() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{DATABASE}?mode=ro", uri=True)) as connection:
        yield connection


@pytest.fixture(scope="module")
def dated_path(tmp_path_factory: pytest.TempPathFactory) -> str:
    return build_dated_catalog(tmp_path_factory.mktemp("dated"))


@pytest.fixture(scope="module")
def dated_site(dated_path: str) -> Iterator[Datasette]:
    site = serve.make_site(dated_path, METADATA)
    yield site
    close(site)


@pytest.fixture(scope="module")
def dated(dated_path: str) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{dated_path}?mode=ro", uri=True)) as connection:
        yield connection


async def page(site: Datasette, path: str) -> str:
    response = await site.client.get(path)
    assert (path, response.status_code) == (path, 200)
    return str(response.text)


async def rows(site: Datasette, path: str) -> list[dict[str, Any]]:
    sign = "&" if "?" in path else "?"
    name, _, arguments = path.partition("?")
    response = await site.client.get(f"{name}.json?{arguments}{sign.strip('?')}_shape=array")
    assert (path, response.status_code) == (path, 200)
    found: list[dict[str, Any]] = response.json()
    return found


def links(text: str) -> list[str]:
    return [unescape(href) for href in re.findall(r'<a [^>]*?href="([^"]*)"', text)]


def cells(text: str, column: str) -> list[str]:
    found = re.findall(rf'<td class="col-{column}[^"]*">(.*?)</td>', text, re.DOTALL)
    return [unescape(re.sub(r"<[^>]*>", "", cell)).strip() for cell in found]


def example(slug: str) -> str:
    found = re.search(r'href="(\?[^"]*)"', CATALOG["queries"][slug]["description_html"])
    assert found
    return unescape(found[1])


def foreign_keys() -> list[tuple[str, str, str]]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(schema.DDL)
        return [
            (name, key[3], key[2])
            for name in SHOWN
            for key in connection.execute(f"pragma foreign_key_list({name})")
        ]


@pytest.mark.parametrize(
    ("path", "style", "headings"),
    [
        ("/", "site.css", ["What does an IAM action need, take and do?", "Tools"]),
        ("/catalog", "catalog.css", ["AWS IAM actions: the catalog", "Queries"]),
    ],
)
async def test_start_page_says_what_this_is_and_its_links_answer(
    site: Datasette, path: str, style: str, headings: list[str]
) -> None:
    start = await page(site, path)
    inside = {urljoin("/", href) for href in links(start) if not href.startswith("http")}

    css = re.findall(r'href="(/-/static-plugins/[^"?]*)', start)
    assert css == [f"/-/static-plugins/iam-catalog/{style}"]
    assert cells_of_heading(start)[:2] == headings
    assert "https://creativecommons.org/licenses/by-sa/4.0/" in links(start)
    for address in sorted([*inside, *css]):
        await page(site, address)


def cells_of_heading(text: str) -> list[str]:
    found = re.findall(r"<h[12][^>]*>(.*?)</h[12]>", text, re.DOTALL)
    return [re.sub(r"<[^>]*>", "", heading).strip() for heading in found]


async def test_dependent_actions_are_one_click_from_home(
    site: Datasette, catalog: sqlite3.Connection
) -> None:
    text = await page(site, "/catalog/dependent-actions?action=connect:CreateInstance")

    assert cells(text, "dependent_action") == dependents.dependent_actions(catalog, CREATE_INSTANCE)


async def test_dependent_actions_are_two_clicks_from_the_table(
    site: Datasette, catalog: sqlite3.Connection
) -> None:
    row = "/catalog/actions/connect~3ACreateInstance"
    assert row in links(await page(site, "/catalog/actions?_search=create+instance"))
    listed = next(href for href in links(await page(site, row)) if "/dependent_actions?" in href)
    text = await page(site, listed)

    assert cells(text, "dependent_action") == dependents.dependent_actions(catalog, CREATE_INSTANCE)


@pytest.mark.parametrize("name", CATALOG["tables"])
async def test_page_of_each_table_and_view_describes_its_columns(
    site: Datasette, name: str
) -> None:
    text = await page(site, f"/catalog/{name}")

    described = re.findall(r"<dt>(.*?)</dt>", text)
    assert described == list(CATALOG["tables"][name]["columns"])
    assert "These facets timed out" not in text


async def test_only_tables_for_people_are_listed(site: Datasette) -> None:
    response = await site.client.get("/catalog.json")
    listed = response.json()

    views = [view["name"] for view in listed["views"]]
    tables = [table["name"] for table in listed["tables"] if not table["hidden"]]
    assert sorted(tables + views) == sorted(SHOWN)


@pytest.mark.parametrize(("name", "column", "other"), foreign_keys())
async def test_foreign_key_links(site: Datasette, name: str, column: str, other: str) -> None:
    for row in (await rows(site, f"/catalog/{name}?_size=1&{column}__notnull=1"))[:1]:
        text = await page(site, f"/catalog/{name}?{column}={quote(row[column])}&_size=1")
        found = re.search(rf'<td class="col-{column} [^"]*"><a href="([^"]*)"', text)

        assert found
        assert found[1].startswith(f"/catalog/{other}/")
        assert row[column] in unescape(await page(site, found[1]))


@pytest.mark.parametrize("name", SHOWN)
async def test_rows_link_to_as_many_rows_as_they_say(site: Datasette, name: str) -> None:
    first = [
        href
        for href in links(await page(site, f"/catalog/{name}?_size=1"))
        if re.fullmatch(rf"/catalog/{name}/[^/?]+", href)
    ]
    for row in first[:1]:
        text = await page(site, row)
        section = text.partition("Links from other tables")[2]
        for href, count in re.findall(r'<a href="([^"]*)">\s*([\d,]+) row', section):
            answer = await site.client.get(unescape(href).replace("?", ".json?"))

            assert (href, answer.json()["filtered_table_rows_count"]) == (
                href,
                int(count.replace(",", "")),
            )


@pytest.mark.parametrize("slug", CATALOG["queries"])
async def test_query_answers_its_example(site: Datasette, slug: str) -> None:
    text = await page(site, f"/catalog/{slug}{example(slug)}")

    assert CATALOG["queries"][slug]["title"] in unescape(text)
    assert "message-error" not in text


@pytest.mark.parametrize("slug", CATALOG["queries"])
async def test_query_answers_without_values(site: Datasette, slug: str) -> None:
    assert "message-error" not in await page(site, f"/catalog/{slug}")


@pytest.mark.parametrize("text", AWKWARD, ids=lambda text: ascii(text[:12]))
@pytest.mark.parametrize("slug", CATALOG["queries"])
async def test_query_answers_any_text(site: Datasette, slug: str, text: str) -> None:
    name = CATALOG["queries"][slug]["params"][0]

    assert "message-error" not in await page(site, f"/catalog/{slug}?{name}={quote(text)}")


@pytest.mark.parametrize("text", AWKWARD, ids=lambda text: ascii(text[:12]))
@pytest.mark.parametrize(
    "table", [name for name, table in CATALOG["tables"].items() if "fts_table" in table]
)
async def test_search_on_a_table_answers_any_text(site: Datasette, table: str, text: str) -> None:
    assert "message-error" not in await page(site, f"/catalog/{table}?_search={quote(text)}")


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("create instance", CREATE_INSTANCE),
        ("CreateInstance", CREATE_INSTANCE),
        ("connect:CreateInstance", CREATE_INSTANCE),
        ("connect:", CREATE_INSTANCE),
        ("outbound", "connect:StartOutboundVoiceContact"),
    ],
)
async def test_search_finds(site: Datasette, text: str, action: str) -> None:
    on_table = await rows(site, f"/catalog/actions?_size=max&_search={quote(text)}")
    anywhere = await rows(site, f"/catalog/search?text={quote(text)}")

    assert action in [row["action"] for row in on_table]
    assert {"kind": "action", "name": action} in [
        {"kind": row["kind"], "name": row["name"]} for row in anywhere
    ]


@pytest.mark.parametrize("text", ["create inst", "connect:", "outbound", "a-b", "", '"'])
async def test_search_answers_as_python_does(
    site: Datasette, catalog: sqlite3.Connection, text: str
) -> None:
    found = await rows(site, f"/catalog/search?text={quote(text)}")

    assert [(row["kind"], row["name"], row["description"]) for row in found] == [
        (result.kind, result.name, result.description) for result in search(catalog, text)
    ]


async def test_dependent_actions_answer_as_python_does(
    site: Datasette, catalog: sqlite3.Connection
) -> None:
    names = [name for (name,) in catalog.execute("select distinct action from dependent_actions")]
    for transitive in (False, True):
        arguments = "&transitive=1" if transitive else ""
        for name in names[:20]:
            path = f"/catalog/dependent-actions?action={name.upper()}{arguments}"
            found = [row["dependent_action"] for row in await rows(site, path)]

            assert found == dependents.dependent_actions(catalog, name, transitive=transitive)


async def test_required_by_answers_as_python_does(
    site: Datasette, catalog: sqlite3.Connection
) -> None:
    found = await rows(site, "/catalog/required-by?action=KMS:describekey")

    assert [row["action"] for row in found] == dependents.required_by(catalog, "kms:DescribeKey")


@pytest.mark.parametrize(
    "action", ["store:CreateShelf", "store:listshelves", "store:PutShelfPolicy"]
)
async def test_dependent_actions_of_removed_ones_answer_as_python_does(
    dated_site: Datasette, dated: sqlite3.Connection, action: str
) -> None:
    for transitive in (False, True):
        arguments = "&transitive=1" if transitive else ""
        found = await rows(dated_site, f"/catalog/dependent-actions?action={action}{arguments}")

        assert [row["dependent_action"] for row in found] == dependents.dependent_actions(
            dated, action, transitive=transitive
        )


async def test_dependent_actions_have_the_date_and_page_that_lists_them(
    dated_site: Datasette,
) -> None:
    columns = ("dependent_action", "last_seen", "page", "line")
    found = [
        tuple(row[column] for column in columns)
        for action in ("store:TagShelf", "store:ListShelves")
        for row in await rows(dated_site, f"/catalog/dependent-actions?action={action}")
    ]

    assert found == [
        ("store:CreateShelf", "2021-03-04", "store@2021-03-04", 12),
        ("store:TagShelf", "2020-03-04", "store@2020-03-04", 11),
    ]


async def test_show_has_the_last_documented_facts_of_a_removed_action(
    dated_site: Datasette,
) -> None:
    found = await rows(dated_site, "/catalog/show?action=STORE:PutShelfPolicy")

    assert [(row["kind"], row["value"], row["detail"]) for row in found] == [
        ("action", "store:PutShelfPolicy", None),
        ("removed", "2026-03-04", None),
        ("service", "store", None),
        ("description", "Sets the policy of a shelf.", None),
        ("access level", "Permissions management", None),
        ("permission only", "matches no API operation", None),
        ("resource type", "store:shelf", "required"),
        (
            "ARN format",
            "arn:${Partition}:store:${Region}:${Account}:shelf/${ShelfId}",
            "store:shelf",
        ),
        ("dependent actions", "none", None),
    ]
    assert {row["last_seen"] for row in found} == {"2021-03-04"}


async def test_show_gives_each_fact_the_date_of_its_page(dated_site: Datasette) -> None:
    found = await rows(dated_site, "/catalog/show?action=store:TagShelf")

    assert [(row["kind"], row["value"], row["last_seen"], row["page"]) for row in found] == [
        ("action", "store:TagShelf", "2026-03-04", "store.json@2026-03-04"),
        ("service", "store", "2026-03-04", "store.json@2026-03-04"),
        ("description", "Tags a shelf.", "2021-03-04", "store@2021-03-04"),
        ("access level", "Tagging", "2026-03-04", "store.json@2026-03-04"),
        ("dependent action", "store:CreateShelf", "2021-03-04", "store@2021-03-04"),
        ("operation", "store:CreateShelf (store)", "2026-03-04", "store.json@2026-03-04"),
        ("operation", "store:CreateShelf (store-control)", "2026-03-04", "store.json@2026-03-04"),
    ]


@pytest.mark.parametrize("alias", ["STORE", "example store", "store-control"])
@pytest.mark.parametrize("slug", ["service", "resource-types", "condition-keys"])
async def test_any_name_of_a_service_gives_its_rows(
    dated_site: Datasette, slug: str, alias: str
) -> None:
    by_prefix = await rows(dated_site, f"/catalog/{slug}?service_prefix=store")

    assert await rows(dated_site, f"/catalog/{slug}?service_prefix={quote(alias)}") == by_prefix


@pytest.mark.parametrize(
    "name",
    [
        "store:CreateShelf",
        "STORE:createshelf",
        "store-control:CreateShelf",
        "Example Store:UpdateShelf",
        "UpdateShelf",
    ],
)
async def test_operation_answers_as_python_does(
    dated_site: Datasette, dated: sqlite3.Connection, name: str
) -> None:
    found = await rows(dated_site, f"/catalog/operation?operation={quote(name)}")
    actions = await rows(dated_site, f"/catalog/actions-of-operation?operation={quote(name)}")

    columns = ("action", "condition_key", "condition_values", "page", "line")
    assert [tuple(row[column] for column in columns) for row in found] == [
        tuple(getattr(each, column) for column in columns)
        for each in operations.operation(dated, name).authorized
    ]
    assert [row["action"] for row in actions] == operations.actions_of_operation(dated, name)


async def test_operation_is_found_by_its_key(dated_site: Datasette) -> None:
    key = "store:CreateShelf (store-control)"
    found = await rows(dated_site, f"/catalog/operation?operation={quote(key)}")

    assert {row["operation"] for row in found} == {key}


@pytest.mark.parametrize("action", ["store:createshelf", "iam:PassRole"])
async def test_operations_of_action_answer_as_python_does(
    dated_site: Datasette, dated: sqlite3.Connection, action: str
) -> None:
    found = await rows(dated_site, f"/catalog/operations-of-action?action={action}")
    names = dict.fromkeys(f"{row['service_prefix']}:{row['name']}" for row in found)

    assert list(names) == operations_of_action(dated, action)


async def test_changes_come_newest_first_and_link_to_what_the_catalog_holds(
    dated_site: Datasette,
) -> None:
    text = await page(dated_site, "/catalog/changes?kind=action")

    assert list(dict.fromkeys(cells(text, "date"))) == ["2026-03-04", "2021-03-04"]
    subjects = dict.fromkeys(cells(text, "subject"))
    linked = {
        name for name in subjects if f"/catalog/actions/{name.replace(':', '~3A')}" in links(text)
    }
    assert list(subjects) == [
        "store:TagShelf",
        "store:PutShelfPolicy",
        "store:CreateShelf",
        "store:ListShelves",
    ]
    assert linked == {"store:TagShelf", "store:CreateShelf"}


async def test_operation_links_to_its_actions(dated_site: Datasette) -> None:
    row = next(
        href
        for href in links(await page(dated_site, "/catalog/operations"))
        if href.startswith("/catalog/operations/")
    )
    listed = next(
        href for href in links(await page(dated_site, row)) if "/operation_actions?" in href
    )

    assert cells(await page(dated_site, listed), "action") == [
        "store:CreateShelf",
        "store:TagShelf",
        "iam:PassRole",
    ]


@pytest.mark.parametrize("name", SHOWN)
async def test_table_of_several_dates_has_its_facets_in_time(
    dated_site: Datasette, name: str
) -> None:
    assert "These facets timed out" not in await page(dated_site, f"/catalog/{name}")


def test_transitive_dependent_actions_go_breadth_first_and_end_in_a_cycle() -> None:
    sql = CATALOG["queries"]["dependent-actions"]["sql"]
    lists = {"s:A": ["s:C", "s:B"], "s:C": ["s:D", "s:a"], "s:B": ["s:E", "s:c"], "s:D": ["s:F"]}
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(schema.DDL)
        connection.executemany(
            "insert into dependent_actions (reference, action, dependent_action, position,"
            " page, line) values (?, ?, ?, ?, 'p', 1)",
            [
                (f"{action}{position}", action, name, position)
                for action, names in lists.items()
                for position, name in enumerate(names, start=1)
            ],
        )
        direct = connection.execute(sql, {"action": "S:a", "transitive": ""}).fetchall()
        further = connection.execute(sql, {"action": "S:a", "transitive": "1"}).fetchall()

    assert [row[1] for row in direct] == ["s:C", "s:B"]
    assert [row[1] for row in further] == ["s:C", "s:B", "s:D", "s:E", "s:F"]


async def test_arn_formats_are_shown_whole(site: Datasette, catalog: sqlite3.Connection) -> None:
    longest = catalog.execute(
        "select arn_format, format from arn_formats order by length(format) desc"
    ).fetchone()
    text = await page(site, f"/catalog/arn_formats?arn_format={quote(longest[0])}")

    assert cells(text, "format") == [longest[1]]


async def test_catalog_can_be_downloaded(site: Datasette) -> None:
    response = await site.client.get("/catalog.db")

    assert (response.status_code, response.content) == (200, Path(DATABASE).read_bytes())


async def test_file_of_another_name_in_any_folder_is_served_as_catalog(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "50% #1?"
    folder.mkdir()
    (folder / "mine.db").write_bytes(Path(DATABASE).read_bytes())
    monkeypatch.chdir(folder)
    site = serve.make_site(str(folder / "mine.db"), METADATA)

    await page(site, "/catalog/actions/connect~3ACreateInstance")
    close(site)


def test_serve_prints_the_address_alone_and_ends_quietly() -> None:
    call = f"from iam_catalog.cli.serve import serve; serve({DATABASE!r}, {METADATA!r}, 0)"
    direct = build_opener(ProxyHandler({}))  # a proxy of the environment cannot reach the site
    with subprocess.Popen(
        [sys.executable, "-c", call], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout
            address = process.stdout.readline()
            with direct.open(address.strip(), timeout=20) as response:
                assert response.status == 200
            process.send_signal(signal.SIGINT)
            rest = process.communicate(timeout=20)
        finally:
            process.kill()  # or a failure would wait for the server for ever

    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\n", address)
    assert (process.returncode, rest) == (0, ("", ""))


def test_next_free_port_is_taken() -> None:
    with serve.listen(0) as first:
        taken = first.getsockname()[1]
        with serve.listen(taken) as second:
            assert second.getsockname()[0] == "127.0.0.1"
            assert second.getsockname()[1] > taken


def test_no_free_port_is_an_error() -> None:
    with socket.socket() as last:
        last.bind((serve.HOST, 65535))
        last.listen()
        with pytest.raises(CatalogError) as caught:
            serve.listen(65535)

    assert str(caught.value) == (
        "No port from 65535 to 65535 is free. Name a lower one with --port."
    )


def test_missing_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasette.app", None)

    with pytest.raises(CatalogError) as caught:
        serve.serve(DATABASE, METADATA, 0)

    assert str(caught.value) == (
        "Datasette, which shows the catalog in a browser, is not installed: "
        "pip install 'iam-catalog[datasette]'"
    )
