"""Compare two states of a catalog, subject by subject and field by field.

A state is the rows of the catalog's tables, by table; of one service or of all. What a page had no
place for is unknown, not empty, and no difference: the format of AWS's pages changed more often
than what they say. Condition keys are compared without those of the resource types, which pages
since 2026-07 repeat on every row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from iam_catalog.records import Change

Rows = Mapping[str, Iterable[Mapping[str, Any]]]
Facts = dict[tuple[str, str], dict[str, str | None]]
Known = set[tuple[str, str]]
State = tuple[Facts, Known]

TABLES = (
    "services",
    "actions",
    "action_rows",
    "action_condition_keys",
    "dependent_actions",
    "resource_types",
    "arn_formats",
    "resource_type_condition_keys",
    "condition_key_definitions",
    "operations",
    "operation_actions",
)
"""The tables whose rows make a state."""
SECTIONS = {
    "actions": "action",
    "resource_types": "resource type",
    "condition_keys": "condition key",
    "operations": "operation",
}
"""The sections of a page with the kind of subject that each holds."""
DESCRIPTION = "description"


def state_of(rows: Rows, pages: Iterable[Mapping[str, Any]]) -> State:
    """Return the facts of *rows*, and the kinds of subject that are known of each service.

    *pages* are the current ones, and those whose facts stayed because they had nothing in place
    of them. What no page of a service carries is not known, and nothing of it can be new.
    """
    pages = list(pages)
    facts = state_facts(rows)
    known = {(kind, service_of(subject, kind).lower()) for kind, subject in facts}
    for page in pages:
        for section, kind in SECTIONS.items():
            if page[f"{section}_state"] != "not in source":
                known.add((kind, page["service_prefix"].lower()))
    return facts, known


def service_of(subject: str, kind: str) -> str:
    """Return the service prefix of the subject of a change."""
    if kind == "condition key":
        return subject.rpartition(" (")[2].rstrip(")")
    return subject.partition(":")[0]


def state_facts(rows: Rows) -> Facts:
    """Map kind and name of each subject to its fields; None for a field that no page carries."""
    facts: Facts = {}
    for row in rows.get("services", ()):
        facts["service", row["service_prefix"]] = {"name": row["name"]}
    type_keys: dict[str, set[str]] = {}
    for row in rows.get("resource_type_condition_keys", ()):
        type_keys.setdefault(row["resource_type"], set()).add(row["condition_key"])
    formats_of: dict[str, set[str]] = {}
    for row in rows.get("arn_formats", ()):
        formats_of.setdefault(row["resource_type"], set()).add(row["format"])
    for row in rows.get("resource_types", ()):
        name = row["resource_type"]
        facts["resource type", name] = {
            "ARN formats": listed(formats_of.get(name, ())),
            "condition keys": listed(type_keys.get(name, ())),
        }
    for row in rows.get("condition_key_definitions", ()):
        subject = f"{row['condition_key']} ({row['service_prefix']})"
        facts.setdefault(("condition key", subject), {"type": None, DESCRIPTION: None}).update(
            {"type": row["type"], DESCRIPTION: row["description"]}
        )
    needed: dict[str, set[str]] = {}
    for row in rows.get("operation_actions", ()):
        needed.setdefault(row["operation"], set()).add(row["action"])
    for row in rows.get("operations", ()):
        actions = listed(needed.get(row["operation"], ()))
        facts["operation", row["operation"]] = {"actions": actions}
    add_actions(facts, rows, type_keys)
    return facts


class _Taken:
    """Collects what the rows of an action say, beside their dependent actions."""

    def __init__(self) -> None:
        self.types: set[str] = set()
        self.required: set[str] | None = set()
        """None where a page does not say which types are required."""
        self.type_keys: set[str] = set()
        self.keys: set[str] = set()

    def fields(self) -> dict[str, str | None]:
        return {
            "resource types": listed(self.types),
            "required resource types": None if self.required is None else listed(self.required),
            "condition keys": listed(self.keys - self.type_keys),
        }


NOT_KNOWN = dict.fromkeys(("resource types", "required resource types", "condition keys"))
"""The same fields of an action of which no page has a place for them."""


def taken_by_actions(rows: Rows, type_keys: Mapping[str, set[str]]) -> dict[str, _Taken]:
    """Gather what each action that has a row takes: of others, no page has a place for it."""
    found: dict[str, _Taken] = {}
    of_rows: dict[str, _Taken] = {}
    for row in rows.get("action_rows", ()):
        taken = of_rows[row["action_row"]] = found.setdefault(row["action"], _Taken())
        name = row["resource_type_name"]
        if row["scenario"] is None and name:
            taken.types.add(name)
            taken.type_keys.update(type_keys.get(row["resource_type"], ()))
            if row["required"] is None:
                taken.required = None
            elif row["required"] and taken.required is not None:
                taken.required.add(name)
    for row in rows.get("action_condition_keys", ()):
        of_rows[row["action_row"]].keys.add(row["condition_key"])
    return found


def add_actions(facts: Facts, rows: Rows, type_keys: Mapping[str, set[str]]) -> None:
    """Add the fields of every action."""
    taken = taken_by_actions(rows, type_keys)
    needs: dict[str, set[str]] = {}
    for row in rows.get("dependent_actions", ()):
        needs.setdefault(row["action"], set()).add(row["dependent_action"])
    for row in rows.get("actions", ()):
        name, only = row["action"], row["permission_only"]
        needed = listed(needs.get(name, ()))
        facts["action", name] = {
            "access level": row["access_level"],
            "permission-only": None if only is None else "yes" if only else "no",
            **(taken[name].fields() if name in taken else NOT_KNOWN),
            "dependent actions": None if row["dependents_page"] is None else needed,
            DESCRIPTION: row["description"],
        }


def listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def differences(old: State, new: State) -> list[dict[str, Any]]:
    """List each subject that was added or removed, and each field that changed, sorted.

    Names are compared without case, except those of resource types.
    """
    before = {(kind, folded(kind, name)): (name, facts) for (kind, name), facts in old[0].items()}
    after = {(kind, folded(kind, name)): (name, facts) for (kind, name), facts in new[0].items()}
    found: list[dict[str, Any]] = []
    for key in sorted(before.keys() | after.keys()):
        kind = key[0]
        if key not in after:
            found.append(change(kind, before[key][0], "removed"))
        elif key not in before:
            name = after[key][0]
            service = service_of(name, kind).lower()
            if (kind, service) in old[1] or ("service", service) not in old[1]:
                found.append(change(kind, name, "added"))
        else:
            found += changed_fields(kind, after[key][0], before[key][1], after[key][1])
    return found


def changed_fields(
    kind: str, name: str, was: Mapping[str, str | None], now: Mapping[str, str | None]
) -> list[dict[str, Any]]:
    """List the fields that both states know, and that differ."""
    return [
        change(kind, name, "changed", field, was[field], value)
        for field, value in now.items()
        if value is not None and differs(field, was[field], value)
    ]


CASELESS = {"condition keys", "dependent actions", "actions"}
"""The fields that list names which IAM compares without case."""


def differs(field: str, old: str | None, new: str) -> bool:
    """Return True if the values of a field differ; False where the old one is not known."""
    if old is None or field not in CASELESS:
        return old is not None and old != new
    return sorted(old.lower().split(", ")) != sorted(new.lower().split(", "))


def folded(kind: str, name: str) -> str:
    return name if kind == "resource type" else name.lower()


def change(
    kind: str,
    subject: str,
    what: str,
    field: str | None = None,
    old: str | None = None,
    new: str | None = None,
) -> dict[str, Any]:
    """Describe one change; empty values become None, which then means nothing, not unknown."""
    return {
        "change": what,
        "kind": kind,
        "subject": subject,
        "field": field,
        "old_value": old or None,
        "new_value": new or None,
    }


def come_and_gone(old: str | None, new: str | None) -> tuple[list[str], list[str]]:
    """Return the names that only the new value of a list has, and those that only the old has."""
    was, now = (value.split(", ") if value else [] for value in (old, new))
    return [name for name in now if name not in was], [name for name in was if name not in now]


_RANKS = {"List": 1, "Read": 2, "Tagging": 3, "Write": 4, "Permissions management": 5}
"""The access levels by what they let an attacker do, the least first."""


def _moved(direction: int) -> Callable[[Change], bool]:
    """Return a test of whether a level rose (1) or fell (-1)."""

    def test(change: Change) -> bool:
        if change.field != "access level":
            return False
        was, now = (_RANKS.get(level or "", 0) for level in (change.old_value, change.new_value))
        return bool(was and now) and (now - was) * direction > 0

    return test


def _listed(field: str, side: int) -> Callable[[Change], bool]:
    """Return a test of whether a name came to a list (side 0) or went from it (1)."""
    return lambda each: (
        each.field == field and bool(come_and_gone(each.old_value, each.new_value)[side])
    )


def _whole(kind: str, what: str) -> Callable[[Change], bool]:
    return lambda each: (each.kind, each.change) == (kind, what)


CHANGE_KINDS: dict[str, Callable[[Change], bool]] = {
    **{
        f"{kind.replace(' ', '-')}-{what}": _whole(kind, what)
        for kind in ("service", *SECTIONS.values())
        for what in ("added", "removed", "changed")
    },
    "level-rose": _moved(1),
    "level-fell": _moved(-1),
    **{
        f"{word}-{end}": _listed(field, side)
        for word, field in {
            "key": "condition keys",
            "type": "resource types",
            "dependent": "dependent actions",
            "arn-format": "ARN formats",
        }.items()
        for side, end in enumerate(("came", "went"))
    },
}
"""The kinds of change that can be asked for, by the words that people write."""


def of_kind(changes: Iterable[Change], kind: str | None) -> list[Change]:
    """List the changes of a kind, one of `CHANGE_KINDS`; all of them for None.

    Raises `UnknownChangeKind`.
    """
    if kind is None:
        return list(changes)
    if kind not in CHANGE_KINDS:
        from iam_catalog.errors import UnknownChangeKind

        raise UnknownChangeKind(kind, list(CHANGE_KINDS))
    fits = CHANGE_KINDS[kind]
    return [each for each in changes if fits(each)]
