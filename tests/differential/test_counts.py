"""How many services, actions, resource types and condition keys: one number at every door."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from built_catalogs import build, write_pages
from click.testing import CliRunner
from dependent_readers import PAGES
from doors import Doors, doors
from site_catalog import FILES

from iam_catalog.cli.main import cli

COUNTED = ("services", "actions", "resource_types", "condition_keys", "dependent_actions")
OF_SERVICE = ("actions", "resource_types", "condition_keys")
Counts = dict[str, Any]


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    folder = tmp_path_factory.mktemp("counts")
    texts = {**FILES, **PAGES}
    write_pages(folder, texts)
    dated = [folder / each for each in sorted({name.partition("/")[0] for name in texts})]
    with doors(build(dated, folder / "catalog.db")) as opened:
        yield opened


@pytest.fixture(scope="module")
def exported(door: Doors, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exports")
    for kind in ("json", "csv", "parquet"):
        line = ["export", kind, str(folder / kind), "--database", door.path]
        result = CliRunner().invoke(cli, line)
        assert result.exit_code == 0, result.output
    return folder


def read(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


# --- of the whole catalog


async def about(door: Doors, _: Path) -> Counts:
    found = door.catalog.about()
    return {name: getattr(found, name) for name in COUNTED}


async def version(door: Doors, _: Path) -> Counts:
    printed = CliRunner().invoke(cli, ["--version"], env={"IAM_CATALOG_DB": door.path}).stdout

    def printed_number(name: str) -> int:
        (number,) = re.findall(rf"([\d,]*\d) {name.replace('_', ' ').removesuffix('s')}", printed)
        return int(number.replace(",", ""))

    return {name: printed_number(name) for name in COUNTED}


async def home(door: Doors, _: Path) -> Counts:
    found = (await door.page("index"))["about"]
    return {name: found[name] for name in COUNTED}


async def tables(door: Doors, _: Path) -> Counts:
    rows = {name: name for name in COUNTED} | {
        "dependent_actions": "dependent_actions where needed"
    }
    counted = [f"(select count(*) from {chosen}) as {name}" for name, chosen in rows.items()]
    (row,) = await door.sql(f"select {', '.join(counted)}")
    return row


async def python_lists(door: Doors, _: Path) -> Counts:
    catalog = door.catalog
    return {
        "services": len(catalog.services()),
        "actions": len(catalog.actions()),
        "resource_types": len(catalog.resource_types()),
        "condition_keys": len({each.condition_key for each in catalog.condition_keys()}),
        "dependent_actions": sum(
            len(catalog.action(each.action).dependent_actions) for each in catalog.actions()
        ),
    }


def package(kind: str) -> Callable[[Doors, Path], Awaitable[Counts]]:
    async def counts(_: Doors, exported: Path) -> Counts:
        found = read(exported / kind / "datapackage.json")["iam_catalog"]["counts"]
        return {name: found[name] for name in COUNTED}

    return counts


async def freshness(door: Doors, _: Path) -> Counts:
    """Ask the address that tells programs how fresh the site is."""
    (found,) = (await door.get("/-/iam-catalog.json"))["catalogs"]
    return {name: found[name] for name in COUNTED}


WHOLE: dict[str, Callable[[Doors, Path], Awaitable[Counts]]] = {
    "--version": version,
    "site index": home,
    "/-/iam-catalog.json": freshness,
    "tables": tables,
    "lists in Python": python_lists,
    "JSON export": package("json"),
    "CSV export": package("csv"),
    "Parquet export": package("parquet"),
}


@pytest.mark.parametrize("reader", WHOLE)
async def test_a_reader_counts_what_about_counts(reader: str, door: Doors, exported: Path) -> None:
    assert await WHOLE[reader](door, exported) == await about(door, exported)


# --- of each service


def number(records: list[Any], states: list[str]) -> int | None:
    """Count what a list has; None where it is empty because each source leaves that section out."""
    return len(records) if records or set(states) != {"not in source"} else None


def counts(records: list[Any]) -> Counts:
    """Return the counts by service, from objects of JSON."""
    return {each["service_prefix"]: tuple(each[name] for name in OF_SERVICE) for each in records}


async def services(door: Doors, _: Path) -> Counts:
    return {
        each.service_prefix: tuple(getattr(each, name) for name in OF_SERVICE)
        for each in door.catalog.services()
    }


async def command_services(door: Doors, _: Path) -> Counts:
    return counts(door.cli("services"))


async def one_by_one(door: Doors, _: Path) -> Counts:
    names = [each.service_prefix for each in door.catalog.services()]
    found = [door.catalog.service(name) for name in names]
    return {
        each.service_prefix: tuple(getattr(each, name) for name in OF_SERVICE) for each in found
    }


async def view(door: Doors, _: Path) -> Counts:
    return counts(await door.sql("select * from service_counts"))


async def canned(door: Doors, _: Path) -> Counts:
    rows = [
        row
        for each in door.catalog.services()
        for row in await door.query("service", service_prefix=each.service_prefix)
    ]
    return counts(rows)


async def site_services(door: Doors, _: Path) -> Counts:
    return counts((await door.page("services"))["services"])


async def site_service_pages(door: Doors, _: Path) -> Counts:
    pages = [await door.page(f"service/{each.service_prefix}") for each in door.catalog.services()]
    return counts([page["service"] for page in pages])


async def index(_: Doors, exported: Path) -> Counts:
    return counts(read(exported / "json" / "index.json")["services"])


async def documents(_: Doors, exported: Path) -> Counts:
    found = [read(each) for each in sorted((exported / "json" / "services").iterdir())]
    return {
        each["service_prefix"]: tuple(
            number(each[name], [page[f"{name}_state"] for page in each["pages"]])
            for name in OF_SERVICE
        )
        for each in found
    }


async def lists(door: Doors, _: Path) -> Counts:
    catalog = door.catalog

    def of_service(prefix: str) -> tuple[int | None, ...]:
        listed: dict[str, list[Any]] = {
            "actions": catalog.actions(service_prefix=prefix),
            "resource_types": catalog.resource_types(prefix),
            "condition_keys": list(
                {each.condition_key.lower() for each in catalog.condition_keys(prefix)}
            ),
        }
        pages = catalog.service(prefix).pages
        return tuple(
            number(listed[name], [getattr(page, f"{name}_state") for page in pages])
            for name in OF_SERVICE
        )

    return {each.service_prefix: of_service(each.service_prefix) for each in catalog.services()}


EACH: dict[str, Callable[[Doors, Path], Awaitable[Counts]]] = {
    "command services": command_services,
    "service()": one_by_one,
    "view service_counts": view,
    "canned query service": canned,
    "site services": site_services,
    "site service": site_service_pages,
    "JSON export, index": index,
    "JSON export, services": documents,
    "lists in Python": lists,
}


@pytest.mark.parametrize("reader", EACH)
async def test_a_reader_counts_of_each_service_what_services_counts(
    reader: str, door: Doors, exported: Path
) -> None:
    assert await EACH[reader](door, exported) == await services(door, exported)
