"""Checks inside one page: names defined twice, and names used but not defined.

AWS's own slips, so the kinds are accepted ones; nothing is corrected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from scraper.page.model import ServicePage
from scraper.page.report import Report


def check_references(page: ServicePage, report: Report) -> None:
    """Report repeated and undefined names of *page*."""
    actions = [(each.name, each.line) for each in page.actions]
    types = [(each.name, each.line) for each in page.resource_types]
    keys = [(each.key, each.line) for each in page.condition_keys]
    report_repeated("repeated-action", actions, report, str.lower)
    report_repeated("repeated-resource-type", types, report, str)
    report_repeated("repeated-condition-key", keys, report, str.lower)
    if page.state("resource_types") != "not in source":
        used = used_resource_types(page)
        report_undefined("undefined-resource-type", used, types, report, str)
    if page.state("condition_keys") != "not in source":
        used = used_condition_keys(page)
        report_undefined("undefined-condition-key", used, keys, report, str.lower)


Named = Iterable[tuple[str | None, int | None]]
Folding = Callable[[str], str]
"""How names are compared: IAM ignores the case of all but resource types."""


def report_repeated(kind: str, names: Named, report: Report, folding: Folding) -> None:
    seen: set[str] = set()
    for name, line in names:
        if name and folding(name) in seen:
            report.problem(line, kind, repr(name))
        seen |= {folding(name)} if name else set()


def report_undefined(
    kind: str, used: Named, defined: Named, report: Report, folding: Folding
) -> None:
    names = [name for name, _ in defined]
    if None in names:
        return  # a row lost its name, so nothing can be said of what is not defined
    known = {folding(name) for name in names if name}
    for name, line in used:
        if name and folding(name) not in known:
            known.add(folding(name))
            report.problem(line, kind, repr(name))


def used_resource_types(page: ServicePage) -> Iterator[tuple[str | None, int | None]]:
    for action in page.actions:
        for row in action.rows:
            if row.resource_type is not None:
                yield row.resource_type, row.line


def used_condition_keys(page: ServicePage) -> Iterator[tuple[str | None, int | None]]:
    for action in page.actions:
        for row in action.rows:
            yield from ((key, row.line) for key in row.condition_keys)
    for resource_type in page.resource_types:
        yield from ((key, resource_type.line) for key in resource_type.condition_keys)
