"""What an action needs besides itself: one answer of everything that tells it.

The answer of `dependent_actions` is the measure. An action that lists itself does not need itself:
the tables keep AWS's words, and say which of their rows count.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from built_catalogs import build, write_pages
from click.testing import CliRunner
from dependent_readers import (
    CASES,
    CURRENT_ONLY,
    DIRECT,
    PAGES,
    UNORDERED,
    Answer,
    Reader,
    exported_action,
    lower,
    policy,
    python,
)
from doors import Doors, doors

from iam_catalog.cli.main import cli


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    folder = tmp_path_factory.mktemp("dependents")
    write_pages(folder, PAGES)
    dated = [folder / each for each in dict.fromkeys(name.partition("/")[0] for name in PAGES)]
    with doors(build(dated, folder / "catalog.db")) as opened:
        yield opened


@pytest.fixture(scope="module")
def exported(door: Doors, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the exports of the catalog, each into a folder of its name."""
    folder = tmp_path_factory.mktemp("exports")
    for kind in ("json", "csv", "parquet"):
        line = ["export", kind, str(folder / kind), "--database", door.path]
        result = CliRunner().invoke(cli, line)
        assert result.exit_code == 0, result.output
    return folder


def no_marks(_reader: str, _case: str) -> list[Any]:
    return []


def params(readers: Any, marks: Callable[[str, str], list[Any]] = no_marks) -> list[Any]:
    return [
        pytest.param(reader, case, marks=marks(reader, case), id=f"{reader}, {case}")
        for reader in readers
        for case in CASES
        if not (reader in CURRENT_ONLY and case.startswith("gone"))
    ]


@pytest.mark.parametrize(("reader", "case"), params(DIRECT))
async def test_direct_ones_are_those_of_dependent_actions(
    reader: str, case: str, door: Doors, exported: Path
) -> None:
    expected = await python(door, CASES[case], exported)
    found = await DIRECT[reader](door, CASES[case], exported)

    if reader in UNORDERED:
        expected, found = sorted(expected), sorted(found)
    assert found == expected


# --- through others


async def python_further(door: Doors, action: str, _: Path) -> Answer:
    return lower(door.catalog.dependent_actions(action, transitive=True))


async def command_further(door: Doors, action: str, _: Path) -> Answer:
    return lower(door.cli("dependent-actions", action, "--transitive"))


async def site_further(door: Doors, action: str, _: Path) -> Answer:
    needs = (await door.page(f"action/{action}"))["dependents"]["needs"]
    return lower(each["action"] for each in needs)


async def canned_further(door: Doors, action: str, _: Path) -> Answer:
    rows = await door.query("dependent-actions", action=action, transitive="yes")
    return lower(row["dependent_action"] for row in rows)


async def complete_further(door: Doors, action: str, _: Path) -> Answer:
    completed = door.catalog.complete_policy(policy(action), transitive=True)
    return lower(each.dependent_action for each in completed.missing)


FURTHER: dict[str, Reader] = {
    "command --transitive": command_further,
    "site": site_further,
    "canned query": canned_further,
    "complete": complete_further,
}


BY_NAME = "complete sorts each step by the name of the action that needs it; dependent_actions has \
AWS's order, which is right"


def known_further(reader: str, case: str) -> list[Any]:
    if (reader, case) == ("complete", "on several rows, in two cases"):
        return [pytest.mark.xfail(strict=True, reason=BY_NAME)]
    return []


@pytest.mark.parametrize(("reader", "case"), params(FURTHER, known_further))
async def test_those_through_others_are_those_of_dependent_actions(
    reader: str, case: str, door: Doors, exported: Path
) -> None:
    expected = await python_further(door, CASES[case], exported)

    assert await FURTHER[reader](door, CASES[case], exported) == expected


@pytest.mark.parametrize("case", CASES)
def test_those_through_others_contain_the_direct_ones(case: str, door: Doors) -> None:
    direct = set(lower(door.catalog.dependent_actions(CASES[case])))

    assert direct <= set(lower(door.catalog.dependent_actions(CASES[case], transitive=True)))


# --- whether they are known at all


async def known_python(door: Doors, action: str, _: Path) -> bool:
    return door.catalog.documented_on(action) is not None


async def known_action(door: Doors, action: str, _: Path) -> bool:
    return door.catalog.action(action).dependents_documented_on is not None


async def known_site(door: Doors, action: str, _: Path) -> bool:
    return (await door.page(f"action/{action}"))["dependents"]["documented_on"] is not None


async def known_service_page(door: Doors, action: str, _: Path) -> bool:
    return await number_of_service_page(door, action) is not None


async def known_export(_: Doors, action: str, exported: Path) -> bool:
    return exported_action(exported, action)["dependents_documented_on"] is not None


async def known_complete(door: Doors, action: str, _: Path) -> bool:
    unknown = door.catalog.complete_policy(policy(action)).unknown
    return action not in [name for each in unknown for name in each.names]


async def known_write(door: Doors, action: str, _: Path) -> bool:
    return action not in door.catalog.write_policy([action]).unknown_dependents


async def number_of_service_page(door: Doors, action: str) -> Any:
    page = await door.page(f"service/{action.partition(':')[0]}")
    (number,) = [each["dependent_actions"] for each in page["actions"] if each["action"] == action]
    return number


KNOWN: dict[str, Callable[[Doors, str, Path], Awaitable[bool]]] = {
    "action()": known_action,
    "site": known_site,
    "service page": known_service_page,
    "JSON export": known_export,
    "complete": known_complete,
    "write": known_write,
}
CURRENT = [case for case in CASES if not case.startswith("gone")]


@pytest.mark.parametrize("reader", KNOWN)
@pytest.mark.parametrize("case", CURRENT)
async def test_one_answer_whether_they_are_known(
    reader: str, case: str, door: Doors, exported: Path
) -> None:
    expected = await known_python(door, CASES[case], exported)

    assert await KNOWN[reader](door, CASES[case], exported) is expected


async def test_what_is_gone_is_known_alike(door: Doors, exported: Path) -> None:
    readers = (known_python, known_action, known_site, known_export)

    assert {await reader(door, "ring:Gone", exported) for reader in readers} == {True}


@pytest.mark.parametrize("case", CURRENT)
async def test_the_service_page_counts_the_direct_ones(case: str, door: Doors) -> None:
    direct = door.catalog.dependent_actions(CASES[case])

    assert (await number_of_service_page(door, CASES[case]) or 0) == len(direct)


# --- the reverse

HELD = ("ring:Self", "ring:Back", "ring:Third", "ring:Gone", "iam:PassRole")
UNHELD = ("ring:NotThere", "nosuch:Do")


async def command_required_by(door: Doors, action: str) -> Answer:
    return lower(door.cli("required-by", action))


async def site_required_by(door: Doors, action: str) -> Answer:
    nodes = (await door.page(f"action/{action}"))["dependents"]["required_by"]
    return lower(each["action"] for each in nodes if each["steps"] == 1)


async def canned_required_by(door: Doors, action: str) -> Answer:
    return lower(row["action"] for row in await door.query("required-by", action=action))


async def canned_show_required_by(door: Doors, action: str) -> Answer:
    rows = await door.query("show", action=action)
    return lower(row["value"] for row in rows if row["kind"] == "required by")


async def reversed_dependents(door: Doors, action: str) -> Answer:
    """Return the actions of the catalog whose dependent actions have it."""
    return lower(
        each.action
        for each in door.catalog.actions()
        if action.lower() in lower(door.catalog.dependent_actions(each.action))
    )


REVERSE: dict[str, Callable[[Doors, str], Awaitable[Answer]]] = {
    "command required-by": command_required_by,
    "site": site_required_by,
    "canned query required-by": canned_required_by,
    "canned query show": canned_show_required_by,
    "dependent_actions of all": reversed_dependents,
}


def reverse_params() -> Iterator[Any]:
    for reader in REVERSE:
        unheld = reader not in (
            "site",
            "canned query show",
        )  # which are about names that the catalog has
        for action in (*HELD, *UNHELD) if unheld else HELD:
            yield pytest.param(reader, action, id=f"{reader}, {action}")


@pytest.mark.parametrize(("reader", "action"), list(reverse_params()))
async def test_what_needs_an_action_is_that_of_required_by(
    reader: str, action: str, door: Doors
) -> None:
    assert await REVERSE[reader](door, action) == lower(door.catalog.required_by(action))


# --- all of AWS

SAMPLE = 60
REAL_READERS = (
    *("action()", "site", "canned query dependent-actions", "canned query show"),
    *("check", "complete", "write", "write with dependent actions"),
)


@pytest.fixture(scope="module")
def real(real_catalog: str) -> Iterator[Doors]:
    with doors(real_catalog) as opened:
        yield opened


@pytest.fixture(scope="module")
def sample(real: Doors) -> dict[bool, list[str]]:
    """Choose actions that need others: all that list themselves, and some that do not."""
    needs = {each.action: real.catalog.action(each.action).rows for each in real.catalog.actions()}
    listed = {
        action: {name.lower() for row in rows for name in row.dependent_actions}
        for action, rows in needs.items()
    }
    own = [action for action, names in listed.items() if action.lower() in names]
    others = [action for action, names in listed.items() if names and action not in own]
    return {True: own, False: others[:: max(1, len(others) // SAMPLE)]}


def real_params() -> Iterator[Any]:
    for reader in REAL_READERS:
        for lists_itself in (True, False):
            name = "those that list themselves" if lists_itself else "others"
            yield pytest.param(reader, lists_itself, id=f"{reader}, {name}")


@pytest.mark.corpora
@pytest.mark.parametrize(("reader", "lists_itself"), list(real_params()))
async def test_direct_ones_of_real_actions_are_those_of_dependent_actions(
    reader: str, lists_itself: bool, real: Doors, sample: dict[bool, list[str]], tmp_path: Path
) -> None:
    different = {}
    for action in sample[lists_itself]:
        expected = await python(real, action, tmp_path)
        found = await DIRECT[reader](real, action, tmp_path)
        if reader in UNORDERED:
            expected, found = sorted(expected), sorted(found)
        if found != expected:
            different[action] = (found, expected)

    assert sample[lists_itself]
    assert different == {}
