"""Which actions have an access level: one answer, and one list of levels, at every door."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from built_catalogs import build, write_pages
from click.testing import CliRunner
from dependent_readers import policy
from doors import Doors, doors
from page_texts import Row, Service, act, as_2026, as_json, as_table

from iam_catalog import CatalogError
from iam_catalog.cli.main import cli

LEVELS = ("List", "Read", "Write", "Permissions management", "Tagging")
SETS = (*LEVELS, "Tagging, Write", "Write, Permissions management", "Permissions management, List")
PAGES = {
    "2026-08-31/new.md": as_2026(
        Service(
            [act(f"Do{number}", level) for number, level in enumerate(SETS)],
            prefix="new",
            slug="new",
        )
    ),
    "2026-08-31/old.md": as_table(
        Service(
            [act(f"Do{number}", level, Row("thing*")) for number, level in enumerate(LEVELS)],
            prefix="old",
            slug="old",
        )
    ),
    "2026-08-31/json.json": as_json(
        Service([act(f"Do{n}", level) for n, level in enumerate(SETS)], prefix="json")
    ),
}
CSS = Path(__file__).parents[2] / "iam_catalog" / "site" / "static" / "site.css"
Answer = list[str]


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    folder = tmp_path_factory.mktemp("levels")
    write_pages(folder, PAGES)
    with doors(build([folder / "2026-08-31"], folder / "catalog.db")) as opened:
        yield opened


@pytest.fixture(scope="module")
def exported(door: Doors, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exports")
    for kind in ("json", "csv"):
        line = ["export", kind, str(folder / kind), "--database", door.path]
        result = CliRunner().invoke(cli, line)
        assert result.exit_code == 0, result.output
    return folder


async def python(door: Doors, level: str, _: Path) -> Answer:
    return [each.action for each in door.catalog.actions(access_level=level)]


async def command(door: Doors, level: str, _: Path) -> Answer:
    return [each["action"] for each in door.cli("actions", "--access-level", level.lower())]


async def action(door: Doors, level: str, _: Path) -> Answer:
    names = [each.action for each in door.catalog.actions()]
    return [name for name in names if door.catalog.action(name).access_level == level]


async def site_page(door: Doors, level: str, _: Path) -> Answer:
    page = await door.page(f"access-level/{level}")
    assert page["actions"] == sum(each["access_level"] == level for each in page["listed"])
    return [each["action"] for each in page["listed"] if each["access_level"] == level]


async def service_pages(door: Doors, level: str, _: Path) -> Answer:
    pages = [await door.page(f"service/{prefix}") for prefix in ("json", "new", "old")]
    actions = [each for page in pages for each in page["actions"]]
    return [each["action"] for each in actions if each["access_level"] == level]


async def table(door: Doors, level: str, _: Path) -> Answer:
    sql = "select action from actions where access_level = :level order by action"
    return [row["action"] for row in await door.sql(sql, level=level)]


async def explain(door: Doors, level: str, _: Path) -> Answer:
    (explained,) = door.catalog.explain_policy(policy("*")).statements
    return [
        name for each in explained.levels if each.access_level == level for name in each.actions
    ]


async def write(door: Doors, level: str, _: Path) -> Answer:
    found: Answer = []
    for prefix in ("json", "new", "old"):
        try:
            written = door.catalog.write_policy(access_levels=[level], service_prefix=prefix)
        except CatalogError:
            continue
        found += [each.action for each in written.actions]
    return found


async def site_expand(door: Doors, level: str, _: Path) -> Answer:
    found = await door.page("tools/expand", pattern="*", access_level=level)
    return [each["action"] for each in found["actions"] if each["access_level"] == level]


async def export_json(_: Doors, level: str, exported: Path) -> Answer:
    lines = (exported / "json" / "actions.jsonl").read_text(encoding="utf-8").splitlines()
    return [each["action"] for each in map(json.loads, lines) if each["access_level"] == level]


async def export_csv(_: Doors, level: str, exported: Path) -> Answer:
    with (exported / "csv" / "actions.csv").open(encoding="utf-8", newline="") as lines:
        return [each["action"] for each in csv.DictReader(lines) if each["access_level"] == level]


READERS: dict[str, Callable[[Doors, str, Path], Awaitable[Answer]]] = {
    "command actions": command,
    "action()": action,
    "site access-level": site_page,
    "site service": service_pages,
    "table actions": table,
    "explain": explain,
    "write": write,
    "site tools/expand": site_expand,
    "JSON export": export_json,
    "CSV export": export_csv,
}


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("reader", READERS)
async def test_a_reader_gives_the_actions_of_a_level(
    reader: str, level: str, door: Doors, exported: Path
) -> None:
    expected = await python(door, level, exported)

    assert expected
    assert sorted(await READERS[reader](door, level, exported)) == sorted(expected)


@pytest.mark.parametrize("level", LEVELS)
async def test_all_levels_of_an_action_are_told_alike(level: str, door: Doors) -> None:
    """Also those beside the primary one."""
    names = [each.action for each in door.catalog.actions()]
    expected = [name for name in names if level in door.catalog.action(name).access_levels]
    sql = "select action from action_access_levels where access_level = :level order by action"
    page = await door.page(f"access-level/{level}")

    assert [row["action"] for row in await door.sql(sql, level=level)] == expected
    assert [each["action"] for each in page["listed"]] == expected
    assert page["actions"] + page["also"] == len(expected)


async def test_there_is_one_list_of_levels(door: Doors, exported: Path) -> None:
    index = json.loads((exported / "json" / "index.json").read_text(encoding="utf-8"))
    home = await door.page("index")
    rows = await door.sql("select access_level from access_levels order by position")
    with pytest.raises(CatalogError) as error:
        door.catalog.actions(access_level="Peek")

    assert [each["access_level"] for each in index["access_levels"]] == list(LEVELS)
    assert [each["access_level"] for each in home["access_levels"]] == list(LEVELS)
    assert [row["access_level"] for row in rows] == list(LEVELS)
    assert all(level in str(error.value) for level in LEVELS)


async def test_the_style_sheet_colours_each_level(door: Doors) -> None:
    shown = (await door.site.client.get("/catalog/-/service/old")).text
    classes = set(re.findall(r"\blevel (level-[a-z]+)", shown))
    styled = set(re.findall(r"\.(level-[a-z]+)", CSS.read_text(encoding="utf-8")))

    assert len(classes) == len(LEVELS)
    assert classes <= styled
