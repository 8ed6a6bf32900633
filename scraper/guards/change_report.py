"""What a build did to the catalog, for people and for programs, in two files beside it.

    catalog.changes.md    catalog.changes.json     what the last build changed
    catalog.refused.md    catalog.refused.json     why it was refused, beside catalog.refused.db

The JSON object has

- `catalog`, `built` (the time of the run), `outcome`: `first`, `changed`, `unchanged` or `refused`;
- `old` and `new`: counts and the dates of the newest and the oldest current source; null for none;
- `note`: what is to be said of the replaced file; null for nothing;
- `guards`: what guards saw, each with what is `gone`, or what `differ`s between pages, and with
  `accepted` and `reason`; where nobody accepted it, the `option` that does so for a run, and the
  `entry` of accepted.json that does so for good;
- `problems`: those of pages, by kind, with their number, reasons and examples; where nobody
  accepted them, the `option` and the `entries` that do so, one for each page;
- `services`: what changed of each: `counts`, `as_of`, `added`, `removed`, `changed`, and changes of
  `descriptions` apart; null where the old catalog could not be compared fact by fact.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from iam_catalog.compare import DESCRIPTION, service_of
from scraper.accepted import problem_entry
from scraper.guards.base import TABLES, Judged
from scraper.guards.catalog import Standing
from scraper.problems import examples

Outcome = Literal["first", "changed", "unchanged", "refused"]
Change = Mapping[str, Any]
"""One difference, as `iam_catalog.compare` states it."""
PROBLEM_EXAMPLES = 3
REFUSED_EXAMPLES = 100
"""Problems of a kind that are named: of those that were accepted, and of those that were not."""


@dataclass(frozen=True, slots=True)
class NotedProblem:
    """A problem of a page, or of the merging of pages."""

    kind: str
    text: str
    """With where it stands."""
    reason: str | None
    """Why it may stand; None where nobody accepted it."""
    page: str = ""
    """As accepted.json names it, where nobody accepted it."""


@dataclass(frozen=True, slots=True)
class ChangeReport:
    """Everything that the two files say."""

    catalog: str
    """The name of the file."""
    built: str
    outcome: Outcome
    old: Standing | None = None
    new: Standing | None = None
    note: str | None = None
    judged: Sequence[Judged] = ()
    problems: Sequence[NotedProblem] = ()
    changes: Sequence[Change] | None = None
    """None where there was nothing to compare with."""

    def as_json(self) -> dict[str, Any]:
        """The object of the JSON file, as the module describes it."""
        return {
            "catalog": self.catalog,
            "built": self.built,
            "outcome": self.outcome,
            "old": standing_as_json(self.old),
            "new": standing_as_json(self.new),
            "note": self.note,
            "guards": [judged_as_json(each) for each in self.judged],
            "problems": problems_by_kind(self.problems),
            "services": None if self.changes is None else self.by_service(self.changes),
        }

    def numbers(self) -> Counter[str]:
        """How many changes there are of each sort."""
        return Counter(map(sort_of, self.changes or ()))

    def by_service(self, changes: Iterable[Change]) -> dict[str, dict[str, Any]]:
        """The changes of each service that has any, by prefix."""
        services: dict[str, dict[str, Any]] = {}
        for change in changes:
            prefix = service_of(change["subject"], change["kind"])
            if prefix.lower() not in services:
                services[prefix.lower()] = self.empty_service(prefix)
            services[prefix.lower()][sort_of(change)].append(as_change(change))
        return {each["service_prefix"]: each for _, each in sorted(services.items())}

    def empty_service(self, prefix: str) -> dict[str, Any]:
        counts = {
            table: [
                standing.counts.get(table, {}).get(prefix.lower(), 0) if standing else None
                for standing in (self.old, self.new)
            ]
            for table in TABLES
        }
        return {
            "service_prefix": prefix,
            "as_of": self.new.dates.get(prefix.lower()) if self.new else None,
            "counts": counts,
            "added": [],
            "removed": [],
            "changed": [],
            "descriptions": [],
        }


def standing_as_json(standing: Standing | None) -> dict[str, Any] | None:
    """The counts of a catalog; null for what can not be read of an old one."""
    if standing is None:
        return None
    return {
        "services": len(standing.services),
        **{table: standing.total(table) for table in TABLES},
        "pages": standing.pages,
        "newest page": standing.newest,
        "oldest page": standing.oldest,
    }


def judged_as_json(judged: Judged) -> dict[str, Any]:
    trip, reason = judged
    fields = {
        "guard": trip.guard,
        "service": trip.service,
        "page": trip.page,
        "what": trip.what,
        "was": trip.was,
        "now": trip.now,
        "text": trip.text,
        "gone": list(trip.names) if trip.is_loss else [],
        "differ": [] if trip.is_loss else list(trip.names),
        "accepted": reason is not None,
        "reason": reason,
    }
    if reason is not None:
        return fields
    return {**fields, "option": trip.options()[0], "entry": trip.as_entry()}


def problems_by_kind(problems: Iterable[NotedProblem]) -> list[dict[str, Any]]:
    """Each kind of problem with its number, why it may stand, and examples."""
    groups: dict[tuple[bool, str], list[NotedProblem]] = {}
    for problem in problems:
        groups.setdefault((problem.reason is not None, problem.kind), []).append(problem)
    return [
        {
            "kind": kind,
            "count": len(group),
            "accepted": accepted,
            "reasons": list(Counter(each.reason for each in group if each.reason)),
            "examples": [
                each.text
                for each in (
                    group[:PROBLEM_EXAMPLES] if accepted else examples(group, REFUSED_EXAMPLES)
                )
            ],
            **({} if accepted else acceptance(kind, group)),
        }
        for (accepted, kind), group in sorted(groups.items())
    ]


def acceptance(kind: str, group: Iterable[NotedProblem]) -> dict[str, Any]:
    """What accepts the problems of a kind, for a run or page by page for good."""
    pages = dict.fromkeys(each.page for each in group)
    return {
        "option": f"--accept {kind}",
        "entries": [problem_entry(kind, page) for page in pages],
    }


def sort_of(change: Change) -> str:
    """`added`, `removed` or `changed`; changes of descriptions alone are a sort of their own."""
    return "descriptions" if change["field"] == DESCRIPTION else str(change["change"])


def as_change(change: Change) -> dict[str, Any]:
    """What was added or removed; of a change, the field too with its old and its new value."""
    named = {"kind": change["kind"], "subject": change["subject"]}
    if change["field"] is None:
        return named
    values = {"field": change["field"], "old": change["old_value"], "new": change["new_value"]}
    return {**named, **values}
