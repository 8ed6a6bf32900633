"""Compare the columns of tables with the replaced catalog, where no page can be compared.

`guards/pages.py` compares each page with the one whose place it took. A page that was fetched again
on its day has the name of the one before it, which is gone from the mirror; a page that was
withdrawn, whose actions another page still lists, has none to be compared with. The replaced
catalog knows what both of them stated.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator

from scraper.guards.base import COLUMN_SHARE, Comparison, Trip, Watch, explained, shrank
from scraper.guards.services import SHRANK
from scraper.guards.standing import rows
from scraper.merge.timeline import Timeline

TYPES = "action_rows where resource_type_name is not null and scenario is null"
COLUMNS = {
    "resource types of actions": f"select action, ' on ' || resource_type_name from {TYPES}",
    "required resource types": (
        f"select action, ' on ' || resource_type_name || '*' from {TYPES} and required"
    ),
    "condition keys of actions": (
        "select action, ' under ' || condition_key from action_condition_keys union"
        " select action, ' under ' || condition_key"
        " from action_rows join resource_type_condition_keys using (resource_type)"
    ),
    "descriptions of actions": (
        "select action, ' described' from actions where description is not null"
    ),
    "permission-only marks": (
        "select action, ' is permission-only' from actions where permission_only"
    ),
    "condition keys of resource types": (
        "select resource_type, ' under ' || condition_key from resource_type_condition_keys"
    ),
    "actions of operations": "select operation, ' needs ' || action from operation_actions",
}
"""The entries of a row beside its name, by the words of `pages.MEASURES`; subject and text."""
SUBJECTS = (
    "select action from actions union select resource_type from resource_types"
    " union select operation from operations"
)

Names = dict[tuple[str, str], str]
"""The entries of a column: subject and text, in lower case -> how it is shown."""


def column_trips(
    old: sqlite3.Connection,
    new: sqlite3.Connection,
    timeline: Timeline,
    of_pages: Iterable[Trip] = (),
) -> Iterator[Trip]:
    """Yield a trip for each column of a service that lost too much on its way to a new catalog.

    A loss that a trip of a page reports is not repeated; what went with its row is not a loss.
    """
    services = _uncompared(old, timeline)
    known = explained(of_pages)
    if not services:
        return
    subjects = {str(name).lower() for (name,) in rows(new, SUBJECTS) or ()}
    of_services = (
        "with found (subject, text) as ({}) select subject, text from found"
        " where text is not null and lower(substr(subject, 1, instr(subject, ':') - 1))"
        f" in ({', '.join('?' * len(services))})"
    )
    for what, sql in COLUMNS.items():
        asked = of_services.format(sql)
        before, after = (by_service(rows(each, asked, services) or ()) for each in (old, new))
        for service, names in before.items():
            was = {key: shown for key, shown in names.items() if key[0] in subjects}
            now = after.get(service, {})
            if (service, what) not in known and shrank(len(was), len(now), COLUMN_SHARE):
                text = f"{service}: {what}: {len(now):,}, in the replaced catalog {len(was):,}"
                gone = tuple(sorted(shown for key, shown in was.items() if key not in now))
                yield Trip(SHRANK.name, text, service, None, what, len(was), len(now), gone)


def _uncompared(old: sqlite3.Connection, timeline: Timeline) -> list[str]:
    """Return the services, in lower case, with a page whose place no page took."""
    versions = [slot.version for slots in timeline.slots.values() for slot in slots]
    versions += [version for older in timeline.succeeded.values() for version in older]
    compared = {(version.key, version.source.sha256) for version in versions}
    sql = (
        "select page, sha256, lower(service_prefix) from pages"
        " where replaced is null and dataset is null"
    )
    found = rows(old, sql) or ()
    return sorted({prefix for page, sha256, prefix in found if (page, sha256) not in compared})


def by_service(found: Iterable[tuple[str, str]]) -> dict[str, Names]:
    """Group the entries of a column by service."""
    names: dict[str, Names] = {}
    for subject, text in found:
        service = subject.partition(":")[0].lower()
        names.setdefault(service, {})[subject.lower(), text.lower()] = f"{subject}{text}"
    return names


def _look(comparison: Comparison) -> Iterable[Trip]:
    if comparison.old is None:
        return []
    return column_trips(comparison.old, comparison.new, comparison.timeline, comparison.trips)


WATCH = Watch(_look, questions=COLUMNS)
