"""Report what a reading found, as numbers: for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from scraper.accepted import problem_entry
from scraper.build import Reading, count
from scraper.merge.normalise import Tables
from scraper.page.model import SECTIONS, ServicePage
from scraper.problems import KINDS, Problem, examples, position

BESIDE = "page-added-beside"
REFUSED = 100
"""How many problems of a kind a refused build names."""
EXAMPLES = 3
"""How many problems of a kind are shown."""


def reading_as_json(reading: Reading) -> dict[str, Any]:
    """Return every page with its states and counts, and every problem, as plain JSON values."""
    return {
        "pages": [_page_as_counts(page) for _, page in reading.pages],
        "problems": [
            {
                "page": problem.page,
                "line": problem.line,
                "place": problem.place,
                "kind": problem.kind,
                "text": problem.text,
                "accepted": reason is not None,
                "reason": reason,
            }
            for problem, reason in reading.problems()
        ],
        "refused": len(reading.refused()),
    }


def _page_as_counts(page: ServicePage) -> dict[str, Any]:
    return {
        "file": page.file,
        "format": page.format,
        "service_prefix": page.service_prefix,
        "sections": {
            section: {
                "state": page.state(section),
                "rows_found": page.count(section).found,
                "rows_recorded": page.count(section).recorded,
                "rows_in_error": page.count(section).in_error,
            }
            for section in SECTIONS
        },
    }


def reading_as_lines(reading: Reading) -> list[str]:
    """Write a table of the pages, the totals, and the problems of each kind with examples."""
    heads = ["page", "prefix", "section", "state", "rows", "records", "errors"]
    rows = [cells for _, page in reading.pages for cells in _page_rows(page)]
    widths = [max(len(row[column]) for row in [heads, *rows]) for column in range(len(heads))]
    lines = [
        "  ".join(
            cell.rjust(width) if column > 3 else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in [heads, *rows]
    ]
    return [*lines, "", total_line(reading), *problem_lines(reading)]


def _page_rows(page: ServicePage) -> list[list[str]]:
    """Return a line for each section of a page, which only the first of them names."""
    rows: list[list[str]] = []
    for section in SECTIONS:
        count = page.count(section)
        numbers = [f"{number:,}" for number in (count.found, count.recorded, count.in_error)]
        named = [page.file, page.service_prefix or "?"] if not rows else ["", ""]
        rows.append([*named, section.replace("_", " "), page.state(section), *numbers])
    return rows


def total_line(reading: Reading) -> str:
    """Write how many rows of all pages were found, recorded and in error."""
    summary = reading.summary()
    found, recorded, in_error = summary.rows
    pages, services = summary.pages, summary.services
    named = [count(pages, "page")] if pages or not services else []
    named += [f"{count(services, 'service')} of public datasets"] if services else []
    return (
        f"{' and '.join(named)}: {found:,} rows found = {recorded:,} recorded"
        f" + {in_error:,} in error"
    )


def kind_lines() -> list[str]:
    """List each kind of problem with its default and its meaning."""
    width = max(map(len, KINDS))
    return [
        f"{name:<{width}}  {'accepted' if kind.accepted else 'error   '}  {kind.meaning}"
        for name, kind in KINDS.items()
    ]


def merge_lines(tables: Tables) -> list[str]:
    """Report what came up while pages of several dates were merged, with examples."""
    found = [row for row in tables.rows.get("problems", ()) if row["kind"] == BESIDE]
    lines = [f"{BESIDE}: {len(found):,} accepted"] if found else []
    return lines + [
        f"  {position(row['page'], row['line'], row['place'])}: {row['text']}"
        for row in found[:EXAMPLES]
    ]


def problem_lines(reading: Reading, refused: int = EXAMPLES) -> list[str]:
    """List each kind with its number and the first examples; what stops a build comes first.

    Of a kind that is not accepted up to *refused* problems are shown, and the others pointed at.
    """
    problems = reading.problems()
    kinds = {(reason is not None, problem.kind) for problem, reason in problems}
    lines = []
    for accepted, kind in sorted(kinds):
        group = [
            problem
            for problem, reason in problems
            if problem.kind == kind and (reason is not None) == accepted
        ]
        if accepted:
            lines += [f"{kind}: {len(group):,} accepted", *_named_lines(group[:EXAMPLES])]
        else:
            lines += _refused_lines(kind, group, refused)
    return lines


def _refused_lines(kind: str, group: list[Problem], most: int) -> list[str]:
    """List the problems of a kind that nobody accepted, with how to accept them."""
    pages = {each.page for each in group}
    where = f", on {len(pages):,} pages" if len(pages) > 1 else ""
    named = examples(group, most)
    lines = [f"{kind}: {len(group):,} not accepted{where}", *_named_lines(named)]
    if len(group) > len(named):
        more = len(group) - len(named)
        lines.append(f"  and {more:,} more: python -m scraper check --json")
    entry = json.dumps({**problem_entry(kind, group[0].page), "reason": "..."})
    return [
        *lines,
        f"  to accept them for this run: --accept {kind}",
        f'  to accept one for good, in "problems" of accepted.json: {entry}',
    ]


def _named_lines(problems: Iterable[Problem]) -> list[str]:
    return [f"  {each.where}: {each.text}" for each in problems]
