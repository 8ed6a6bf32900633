"""Which names become links, and that other databases stay as they are."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from datasette.app import Datasette
from sites import close

from iam_catalog.schema import APPLICATION_ID

SQL = """
create table actions (action text primary key collate nocase, url text);
create table resource_types (resource_type text primary key);
create table dependent_actions (
    reference text primary key,
    action text references actions(action),
    dependent_action text
);
create table condition_keys (condition_key text primary key collate nocase);
create table operations (operation text primary key collate nocase);
create table changes (id integer primary key, kind text, subject text);
create view targets as select action, dependent_action from dependent_actions;
create virtual table actions_fts using fts5(action, content = '');
insert into actions values
    ('connect:CreateInstance', null), ('x:a/b', 'javascript:alert(1)'),
    ('<b>', 'https://docs.aws.amazon.com/');
insert into actions_fts (rowid, action) select rowid, action from actions;
insert into resource_types values ('connect:instance');
insert into dependent_actions values
    ('1', 'connect:CreateInstance', 'CONNECT:createinstance'),
    ('2', 'connect:CreateInstance', 'ds:CreateAlias'),
    ('3', 'connect:CreateInstance', null);
insert into condition_keys values ('aws:TagKeys');
insert into operations values ('connect:CreateInstance (connect)');
insert into changes (kind, subject) values
    ('action', 'connect:CreateInstance'), ('action', 'connect:Nothing'),
    ('condition key', 'aws:TagKeys (connect)'), ('condition key', 'aws:TagKeys'),
    ('operation', 'connect:CreateInstance (connect)'), ('other', 'connect:instance');
"""

OPERATION = "connect:CreateInstance (connect)"
HELD = '<a href="/catalog/actions/connect~3ACreateInstance">{}</a>'
Open = Callable[..., Datasette]


@pytest.fixture
def open_site(tmp_path: Path) -> Iterator[Open]:
    sites: list[Datasette] = []

    def open_site(application_id: int = APPLICATION_ID, **settings: Any) -> Datasette:
        path = tmp_path / "catalog.db"
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(f"pragma application_id = {application_id}")
            connection.executescript(SQL)
        sites.append(Datasette([], immutables=[str(path)], settings=settings))
        return sites[-1]

    yield open_site
    for site in sites:
        close(site)


async def cells(site: Datasette, path: str) -> list[str]:
    """The contents of all cells of a page, without those of links to rows."""
    response = await site.client.get(path)
    assert response.status_code == 200
    return [
        part.partition(">")[2].partition("</td>")[0].strip()
        for part in response.text.split("<td")[1:]
        if "type-pk" not in part
    ]


async def select(site: Datasette, sql: str) -> list[str]:
    return await cells(site, f"/catalog?sql=select+{sql.replace(' ', '+')}")


async def test_dependent_action_links_only_when_the_catalog_holds_it(open_site: Open) -> None:
    assert await cells(open_site(), "/catalog/targets") == [
        HELD.format("connect:CreateInstance"),
        HELD.format("CONNECT:createinstance"),
        HELD.format("connect:CreateInstance"),
        "ds:CreateAlias",
        HELD.format("connect:CreateInstance"),
        "&nbsp;",
    ]


async def test_foreign_key_links_on_the_page_of_a_row(open_site: Open) -> None:
    assert await cells(open_site(), "/catalog/dependent_actions/2") == [
        "2",
        HELD.format("connect:CreateInstance"),
        "ds:CreateAlias",
    ]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("'CONNECT:createinstance' as action", HELD.format("CONNECT:createinstance")),
        ("'connect:CreateInstance' as other", "connect:CreateInstance"),
        ("'connect:Nothing' as action", "connect:Nothing"),
        ("'Connect:instance' as resource_type", "Connect:instance"),
        ("'<i>' as action", "&lt;i&gt;"),
        ("'<b>' as action", '<a href="/catalog/actions/~3Cb~3E">&lt;b&gt;</a>'),
        ("'x:a/b' as action", '<a href="/catalog/actions/x~3Aa~2Fb">x:a/b</a>'),
        ("'javascript:alert(1)' as url", "javascript:alert(1)"),
        ("1 as action", "1"),
        ("'' as action", "&nbsp;"),
    ],
)
async def test_cell_of_a_query(open_site: Open, sql: str, expected: str) -> None:
    assert await select(open_site(), sql) == [expected]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("action", HELD.format("connect:CreateInstance")),
        ("dependent action", HELD.format("connect:CreateInstance")),
        ("required by", HELD.format("connect:CreateInstance")),
        ("resource type", "connect:CreateInstance"),
        ("description", "connect:CreateInstance"),
    ],
)
@pytest.mark.parametrize("column", ["name", "value"])
async def test_name_links_to_the_table_of_its_kind(
    open_site: Open, kind: str, expected: str, column: str
) -> None:
    sql = f"'{kind}' as kind, 'connect:CreateInstance' as {column}"

    assert await select(open_site(), sql) == [kind, expected]


async def test_subject_links_to_the_table_of_its_kind(open_site: Open) -> None:
    found = await cells(open_site(), "/catalog/changes")

    assert found[1::2] == [
        HELD.format("connect:CreateInstance"),
        "connect:Nothing",
        '<a href="/catalog/condition_keys/aws~3ATagKeys">aws:TagKeys (connect)</a>',
        "aws:TagKeys",
        f'<a href="/catalog/operations/connect~3ACreateInstance+~28connect~29">{OPERATION}</a>',
        "connect:instance",
    ]


async def test_name_without_a_kind_stays_text(open_site: Open) -> None:
    assert await select(open_site(), "'connect:CreateInstance' as name") == [
        "connect:CreateInstance"
    ]


async def test_only_web_addresses_become_links(open_site: Open) -> None:
    address = "https://docs.aws.amazon.com/"

    assert await cells(open_site(), "/catalog/actions?_sort=url") == [
        "&nbsp;",
        f'<a href="{address}">{address}</a>',
        "javascript:alert(1)",
    ]


async def test_links_keep_the_base_url(open_site: Open) -> None:
    site = open_site(base_url="/iam/")

    assert await cells(site, "/catalog?sql=select+'x:a/b'+as+action") == [
        '<a href="/iam/catalog/actions/x~3Aa~2Fb">x:a/b</a>'
    ]


async def test_changed_file_is_read_again(tmp_path: Path, open_site: Open) -> None:
    open_site()
    path = tmp_path / "catalog.db"
    site = Datasette([str(path)])
    before = await select(site, "'ds:CreateAlias' as action")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("insert into actions values (?, null)", ("ds:CreateAlias",))
        connection.execute("create table padding (text)")
    after = await select(site, "'ds:CreateAlias' as action")
    close(site)

    assert [before, after] == [
        ["ds:CreateAlias"],
        ['<a href="/catalog/actions/ds~3ACreateAlias">ds:CreateAlias</a>'],
    ]


@pytest.mark.parametrize("text", ["", "%22", "%22%22", "*", "%00", "')--", "NEAR(", "a+AND"])
async def test_search_takes_any_text(open_site: Open, text: str) -> None:
    path = f"/catalog/actions.json?_fts_table=actions_fts&_shape=array&_search={text}"
    response = await open_site().client.get(path)

    assert (response.status_code, response.json()) == (200, [])


async def test_other_database_keeps_its_cells(open_site: Open) -> None:
    site = open_site(application_id=0)

    assert await select(site, "'connect:CreateInstance' as action") == ["connect:CreateInstance"]
    assert await cells(site, "/catalog/dependent_actions/2") == [
        "2",
        "connect:CreateInstance",
        "ds:CreateAlias",
    ]


async def test_other_database_keeps_datasette_s_search(open_site: Open) -> None:
    sql = "escape_fts('create inst') as query"

    assert await select(open_site(application_id=0), sql) == ["&#34;create&#34; &#34;inst&#34;"]


async def test_database_without_a_file_is_untouched() -> None:
    site = Datasette([])
    site.remove_database("_memory")  # its connections cannot be closed from here
    site.add_memory_database("other")

    assert await cells(site, "/other?sql=select+'connect:CreateInstance'+as+action") == [
        "connect:CreateInstance"
    ]
    assert (await site.client.get("/")).status_code == 200
    close(site)
