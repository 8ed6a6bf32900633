"""Checks inside one page: names defined twice, and names used but not defined.

AWS's own slips, so the kinds are accepted ones; nothing is corrected.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scraper.pages import ServicePage
from scraper.report import Report


def check_references(page: ServicePage, report: Report) -> None:
    """Report repeated and undefined names of *page*."""
    actions = [(action.name, action.line) for action in page.actions]
    types = [(each.name, each.line) for each in page.resource_types]
    keys = [(each.key and each.key.lower(), each.line) for each in page.condition_keys]
    report_repeated("repeated-action", actions, report)
    report_repeated("repeated-resource-type", types, report)
    report_repeated("repeated-condition-key", keys, report)
    if page.state("resource_types") != "not in source":
        report_undefined("undefined-resource-type", used_resource_types(page), types, report)
    if page.state("condition_keys") != "not in source":
        report_undefined("undefined-condition-key", used_condition_keys(page), keys, report)


Named = Iterable[tuple[str | None, int]]


def report_repeated(kind: str, names: Named, report: Report) -> None:
    seen: set[str] = set()
    for name, line in names:
        if name in seen:
            report.problem(line, kind, repr(name))
        seen |= {name} if name else set()


def report_undefined(kind: str, used: Named, defined: Named, report: Report) -> None:
    names = [name for name, _ in defined]
    if None in names:
        return  # a row lost its name, so nothing can be said of what is not defined
    known = set(names)
    for name, line in used:
        if name not in known:
            known.add(name)
            report.problem(line, kind, repr(name))


def used_resource_types(page: ServicePage) -> Iterator[tuple[str | None, int]]:
    for action in page.actions:
        for row in action.rows:
            if row.resource_type is not None:
                yield row.resource_type, row.line


def used_condition_keys(page: ServicePage) -> Iterator[tuple[str | None, int]]:
    for action in page.actions:
        for row in action.rows:
            yield from ((key.lower(), row.line) for key in row.condition_keys)
    for resource_type in page.resource_types:
        yield from ((key.lower(), resource_type.line) for key in resource_type.condition_keys)
