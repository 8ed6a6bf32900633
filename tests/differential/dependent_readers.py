"""Actions whose dependent actions are easily got wrong, and every door that gives them."""

from __future__ import annotations

import csv
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from doors import Doors
from page_texts import Row, Service, act, as_2026, as_json, as_table

Answer = list[str]
"""Names in lower case, in AWS's order."""

CASES = {
    "lists itself and others": "ring:Self",
    "lists only itself": "ring:Only",
    "lists one that lists it": "ring:Back",
    "in a cycle of three": "ring:First",
    "lists names that are not in the catalog": "ring:Dangling",
    "on several rows, in two cases": "ring:Rows",
    "on two pages": "ring:Pages",
    "lists none": "ring:Nothing",
    "lists none any more": "ring:Freed",
    "gone, having listed itself": "ring:Gone",
    "lists one that is gone": "ring:OfGone",
    "of a page that had a place only once": "ebb:Older",
    "of a page that never had a place": "json:Never",
}

RING = (
    act("Self", "Read", Row(needs="ring:Self ring:Back iam:PassRole")),
    act("Only", "Read", Row(needs="ring:only")),
    act("Back", "Read", Row(needs="ring:Self")),
    act("First", "Read", Row(needs="ring:Second")),
    act("Second", "Read", Row(needs="ring:Third")),
    act("Third", "Read", Row(needs="ring:First ring:Self")),
    act("Dangling", "Read", Row(needs="nosuch:Do ring:NotThere iam:PassRole")),
    act(
        "Rows",
        "Write",
        Row(needs="iam:PassRole ring:Third"),
        Row(needs="ring:back IAM:passrole", scenario="Other"),
    ),
    act("Nothing"),
    act("OfGone", "Read", Row(needs="ring:Gone")),
)
ONCE = (
    act("Freed", "Read", Row(needs="ring:Back")),
    act("Gone", "Read", Row(needs="ring:Gone ring:Third")),
)
ON_BOTH = act("Pages", "Read", Row(needs="ring:First"))
ALSO = act("Pages", "Read", Row(needs="iam:PassRole ring:first"))
IAM = Service([act("PassRole", "Write")], prefix="iam", slug="iam", name="Example Identities")
EBB = Service([act("Older", "Read", Row(needs="iam:PassRole"))], prefix="ebb", slug="ebb")


def ring(*actions: Any) -> str:
    return as_table(Service([*RING, ON_BOTH, *actions], prefix="ring", slug="ring", name="Ring"))


PAGES = {
    "2024-01-01/ring.md": ring(*ONCE),
    "2024-01-01/more.md": as_table(Service([ALSO], prefix="ring", slug="more", name="More")),
    "2024-01-01/iam.md": as_table(IAM),
    "2024-01-01/ebb.md": as_table(EBB),
    "2024-01-01/json.json": as_json(Service([act("Never")], prefix="json")),
    "2025-01-01/ring.md": ring(act("Freed")),
    "2026-08-31/ebb.md": as_2026(EBB),
}


def lower(names: Any, action: str | None = None) -> Answer:
    """Return the names in lower case without repeats, and without *action* if it is given."""
    found = dict.fromkeys(name.lower() for name in names)
    if action is not None:
        found.pop(action.lower(), None)
    return list(found)


# --- what tells the direct ones


async def python(door: Doors, action: str, _: Path) -> Answer:
    return lower(door.catalog.dependent_actions(action))


async def python_action(door: Doors, action: str, _: Path) -> Answer:
    return lower(door.catalog.action(action).dependent_actions)


async def command(door: Doors, action: str, _: Path) -> Answer:
    return lower(door.cli("dependent-actions", action))


async def command_show(door: Doors, action: str, _: Path) -> Answer:
    return lower(door.cli("show", action)["dependent_actions"])


async def site(door: Doors, action: str, _: Path) -> Answer:
    return lower((await door.page(f"action/{action}"))["dependents"]["direct"])


async def canned(door: Doors, action: str, _: Path) -> Answer:
    rows = await door.query("dependent-actions", action=action, transitive="")
    return lower(row["dependent_action"] for row in rows)


async def canned_show(door: Doors, action: str, _: Path) -> Answer:
    rows = await door.query("show", action=action)
    return lower(row["value"] for row in rows if row["kind"] == "dependent action")


async def view(door: Doors, action: str, _: Path) -> Answer:
    sql = "select dependent_action from dependent_action_targets where action = :action"
    return lower([row["dependent_action"] for row in await door.sql(sql, action=action)])


async def export_json(_: Doors, action: str, exported: Path) -> Answer:
    return lower(exported_action(exported, action)["dependent_actions"])


async def export_csv(_: Doors, action: str, exported: Path) -> Answer:
    with (exported / "csv" / "dependent_actions.csv").open(encoding="utf-8", newline="") as lines:
        rows = sorted(csv.DictReader(lines), key=lambda row: int(row["position"]))
    needed = [row for row in rows if row["action"] == action and row["needed"] == "true"]
    return lower(row["dependent_action"] for row in needed)


async def export_parquet(_: Doors, action: str, exported: Path) -> Answer:
    import duckdb

    table = str(exported / "parquet" / "dependent_actions.parquet")
    sql = (
        "select dependent_action from read_parquet(?) where action = ? and needed order by position"
    )
    with duckdb.connect() as connection:
        rows = connection.execute(sql, [table, action]).fetchall()
    return lower([row[0] for row in rows])


def policy(*actions: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


async def check(door: Doors, action: str, _: Path) -> Answer:
    found = door.catalog.check_policy(policy(action))
    suggested = [each.suggestion for each in found if each.code == "missing-dependent-actions"]
    return lower(name for text in suggested for name in str(text).split(", "))


async def complete(door: Doors, action: str, _: Path) -> Answer:
    return lower(
        each.dependent_action for each in door.catalog.complete_policy(policy(action)).missing
    )


async def write(door: Doors, action: str, _: Path) -> Answer:
    return lower(
        each.dependent_action for each in door.catalog.write_policy([action]).dependent_actions
    )


async def write_with_them(door: Doors, action: str, _: Path) -> Answer:
    written = door.catalog.write_policy([action], with_dependent_actions=True)
    return lower([each.action for each in written.actions], action)


Reader = Callable[[Doors, str, Path], Awaitable[Answer]]
DIRECT: dict[str, Reader] = {
    "action()": python_action,
    "command dependent-actions": command,
    "command show": command_show,
    "site": site,
    "canned query dependent-actions": canned,
    "canned query show": canned_show,
    "view dependent_action_targets": view,
    "JSON export": export_json,
    "CSV export": export_csv,
    "Parquet export": export_parquet,
    "check": check,
    "complete": complete,
    "write": write,
    "write with dependent actions": write_with_them,
}
UNORDERED = ("view dependent_action_targets", "write with dependent actions")
CURRENT_ONLY = (
    *("view dependent_action_targets", "CSV export", "Parquet export"),
    *("check", "complete", "write", "write with dependent actions"),
)
"""What says nothing of actions that are gone."""


def exported_action(exported: Path, action: str) -> Any:
    for name in ("actions.jsonl", "removed_actions.jsonl"):
        for line in (exported / "json" / name).read_text(encoding="utf-8").splitlines():
            if (record := json.loads(line))["action"] == action:
                return record
    raise AssertionError(f"no {action} in the export")
