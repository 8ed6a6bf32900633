"""Report what a build did to the catalog, for people and for programs, in two files beside it.

    catalog.changes.md    catalog.changes.json     what the last build changed
    catalog.refused.md    catalog.refused.json     why it was refused, beside catalog.refused.db

The JSON object has

- `catalog`, `built` (the time of the run), `outcome`: `first`, `changed`, `unchanged` or `refused`;
- `old` and `new`: counts and the dates of the newest and the oldest current source; null for none;
- `note`: what is to be said of the replaced file; null for nothing;
- `guards`: what guards saw, each with what is `gone`, or what `differ`s between pages, with how
  often it was `seen` in real history, and with `accepted` and `reason`; where nobody accepted it,
  the `option` that does so for a run, and the `entry` of accepted.json that does so for good;
- `problems`: those of pages, by kind, with their number, reasons and examples; where nobody
  accepted them, the `option` and the `entries` that do so, one for each page;
- `services`: what changed of each: `counts`, `as_of`, `added`, `removed`, `changed`, and changes of
  `descriptions` apart; null where the old catalog could not be compared fact by fact.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from iam_catalog.cli.changes_report import LISTS
from iam_catalog.compare import DESCRIPTION, come_and_gone, service_of
from scraper.accepted import problem_entry
from scraper.guards.registry import GUARDS, Judged, acceptance_entry, is_loss, options, seen
from scraper.guards.standing import TABLES, Standing
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
    """With the file, and where in it."""
    reason: str | None
    """Why it is accepted; None where nobody accepted it."""
    page: str = ""
    """As accepted.json names it, where nobody accepted it."""


@dataclass(frozen=True, slots=True)
class ChangeReport:
    """The content of the two files of a report."""

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
        """Return the object of the JSON file, as the module describes it."""
        return {
            "catalog": self.catalog,
            "built": self.built,
            "outcome": self.outcome,
            "old": _standing_as_json(self.old),
            "new": _standing_as_json(self.new),
            "note": self.note,
            "guards": [_judged_as_json(each) for each in self.judged],
            "problems": _problems_by_kind(self.problems),
            "services": None if self.changes is None else self._by_service(self.changes),
        }

    def numbers(self) -> Counter[str]:
        """Count the changes of each sort."""
        return Counter(map(_sort_of, self.changes or ()))

    def _by_service(self, changes: Iterable[Change]) -> dict[str, dict[str, Any]]:
        """Return the changes of each service that has any, by prefix."""
        services: dict[str, dict[str, Any]] = {}
        for change in changes:
            prefix = service_of(change["subject"], change["kind"])
            if prefix.lower() not in services:
                services[prefix.lower()] = self._empty_service(prefix)
            services[prefix.lower()][_sort_of(change)].append(_as_change(change))
        return {each["service_prefix"]: each for _, each in sorted(services.items())}

    def _empty_service(self, prefix: str) -> dict[str, Any]:
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


def _standing_as_json(standing: Standing | None) -> dict[str, Any] | None:
    """Return the counts of a catalog; null for what cannot be read of an old one."""
    if standing is None:
        return None
    return {
        "services": len(standing.services),
        **{table: standing.total(table) for table in TABLES},
        "pages": standing.pages,
        "newest page": standing.newest,
        "oldest page": standing.oldest,
    }


def _judged_as_json(judged: Judged) -> dict[str, Any]:
    trip, reason = judged
    loss = is_loss(trip)
    fields = {
        "guard": trip.guard,
        "service": trip.service,
        "page": trip.page,
        "what": trip.what,
        "was": trip.was,
        "now": trip.now,
        "text": trip.text,
        "gone": list(trip.names) if loss else [],
        "differ": [] if loss else list(trip.names),
        "accepted": reason is not None,
        "reason": reason,
        "seen": seen(trip),
    }
    if reason is not None:
        return fields
    return {**fields, "option": options(trip)[0], "entry": acceptance_entry(trip)}


def _problems_by_kind(problems: Iterable[NotedProblem]) -> list[dict[str, Any]]:
    """Return each kind of problem with its number, its reasons and examples."""
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
    """Return what accepts the problems of a kind, for a run or page by page for good."""
    pages = dict.fromkeys(each.page for each in group)
    return {
        "option": f"--accept {kind}",
        "entries": [problem_entry(kind, page) for page in pages],
    }


def _sort_of(change: Change) -> str:
    """Return `added`, `removed` or `changed`, or `descriptions` for a change of these alone."""
    return "descriptions" if change["field"] == DESCRIPTION else str(change["change"])


def _as_change(change: Change) -> dict[str, Any]:
    """Return what was added or removed; of a change also the field, its old and its new value."""
    named = {"kind": change["kind"], "subject": change["subject"]}
    if change["field"] is None:
        return named
    values = {"field": change["field"], "old": change["old_value"], "new": change["new_value"]}
    return {**named, **values}


LIMIT = 50_000
"""Characters: GitHub takes 65,536 in the text of a pull request."""
PER_SERVICE = 30
"""Changes of one service that are named."""
NAMES = 10
"""Names that are shown of what a guard saw."""

OUTCOMES = {
    "first": "A new catalog: nothing was there to compare it with.",
    "changed": "The catalog was replaced.",
    "unchanged": "Nothing changed: the catalog is as it was.",
    "refused": "**Refused.** The catalog that answers is as it was.",
}


def as_markdown(report: ChangeReport, facts: dict[str, Any]) -> str:
    """Write the whole report, of which *facts* is the JSON object, cut where it gets too long."""
    lines: list[str] = []
    length = 0
    for line in (f"# {code(report.catalog)}: {report_line(report)}", "", *_all_lines(facts)):
        length += len(line) + 1
        if length > LIMIT:
            lines += ["", "Cut here: the JSON file beside this one has the rest."]
            break
        lines.append(line)
    return "\n".join(lines) + "\n"


def _all_lines(facts: dict[str, Any]) -> Iterator[str]:
    yield f"{OUTCOMES[facts['outcome']]} Built {facts['built']}."
    if facts["note"]:
        yield f"The replaced file was {plain(facts['note'])}."
    yield from _count_lines(facts)
    yield from _guard_lines(facts["guards"], accepted=False)
    yield from _problem_lines(facts["problems"], accepted=False)
    yield from _guard_lines(facts["guards"], accepted=True)
    if facts["services"]:
        yield from _service_lines(facts["services"])
    yield from _problem_lines(facts["problems"], accepted=True)


def report_line(report: ChangeReport) -> str:
    """Summarise a report: `3 added, 1 removed, 2 changed`, or the outcome."""
    if report.outcome != "changed" or report.changes is None:
        return {"first": "a new catalog", "changed": "replaced"}.get(report.outcome, report.outcome)
    counts = report.numbers()
    said = [f"{counts[sort]:,} {sort}" for sort in ("added", "removed", "changed") if counts[sort]]
    if said or not counts["descriptions"]:
        return ", ".join(said) or "other pages that say the same"
    return f"descriptions changed: {counts['descriptions']:,}"


def _count_lines(facts: dict[str, Any]) -> Iterator[str]:
    """Write a table of the numbers and dates, before and now."""
    old, new = facts["old"] or {}, facts["new"] or {}
    if not (old or new):
        return
    yield from ("", "| | before | now | difference |", "|---|--:|--:|--:|")
    for name in new or old:
        was, now = old.get(name), new.get(name)
        difference = f"{now - was:+,}" if isinstance(was, int) and isinstance(now, int) else ""
        yield f"| {name} | {shown(was)} | {shown(now)} | {difference} |"


def shown(value: int | str | None) -> str:
    return f"{value:,}" if isinstance(value, int) else value or "-"


def _guard_lines(guards: Iterable[dict[str, Any]], *, accepted: bool) -> Iterator[str]:
    """List what guards saw: accepted trips with the reason, others with what accepts them."""
    found = [each for each in guards if each["accepted"] is accepted]
    losses = [each for each in found if GUARDS[each["guard"]].is_loss]
    if losses:
        yield ""
        yield "## Losses that were accepted" if accepted else "## What was lost"
        yield from _trip_lines(losses, accepted=accepted)
    changes = [each for each in found if GUARDS[each["guard"]].is_change]
    if changes:
        yield ""
        yield ("## Changes that were accepted" if accepted else "## Odd or changed values")
        yield from _trip_lines(changes, accepted=accepted)
    others = [each for each in found if each not in losses and each not in changes]
    if others:
        yield ""
        yield "## Disagreements that were accepted" if accepted else "## Where pages disagree"
        yield from _trip_lines(others, accepted=accepted)


def _trip_lines(found: Iterable[dict[str, Any]], *, accepted: bool) -> Iterator[str]:
    """List what guards saw, by guard, with the names and what accepts it."""
    named = None
    for each in found:
        if each["guard"] != named:
            named = each["guard"]
            yield from ("", f"{code(named)}: {GUARDS[named].meaning}", "")
        yield f"- {plain(each['text'])}"
        for word in ("gone", "differ"):
            if each[word]:
                yield f"  - {word}: {names(each[word])}"
        if each.get("seen") and not accepted:
            yield f"  - in real history: {plain(each['seen'])}"
        if accepted:
            yield f"  - accepted: {plain(each['reason'])}"
        else:
            yield f"  - to accept it for this run: {code(each['option'])}"
            entry = json.dumps({**each["entry"], "reason": "..."})
            yield f"  - to accept it for good, in `guards` of `accepted.json`: {code(entry)}"


def names(found: list[str]) -> str:
    more = f" and {len(found) - NAMES:,} more" if len(found) > NAMES else ""
    return ", ".join(map(code, found[:NAMES])) + more


def _problem_lines(problems: Iterable[dict[str, Any]], *, accepted: bool) -> Iterator[str]:
    found = [each for each in problems if each["accepted"] is accepted]
    if found:
        word = "accepted" if accepted else "not accepted"
        yield from ("", f"## Problems of pages, {word}", "")
    for each in found:
        yield f"- {code(each['kind'])}: {each['count']:,}"
        if not accepted:
            yield from _acceptance_lines(each)
        yield from (f"  - {plain(text)}" for text in each["examples"])
        yield from (f"  - accepted: {plain(reason)}" for reason in each["reasons"])


def _acceptance_lines(problem: dict[str, Any]) -> Iterator[str]:
    """List what accepts the problems of a kind, for a run or page by page for good."""
    entries = [json.dumps({**entry, "reason": "..."}) for entry in problem["entries"]]
    yield f"  - to accept them for this run: {code(problem['option'])}"
    yield "  - to accept them for good, in `problems` of `accepted.json`, page by page:"
    yield from (f"    - {code(entry)}" for entry in entries[:NAMES])
    if len(entries) > NAMES:
        yield f"    - and {len(entries) - NAMES:,} more: the JSON file beside this one has them"


def _service_lines(services: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Write a table of the services with changes, then the changes of each."""
    yield from ("", "## Services", "", "| service | as of | added | removed | changed | texts |")
    yield "|---|---|--:|--:|--:|--:|"
    for prefix, each in services.items():
        sorts = (len(each[sort]) for sort in ("added", "removed", "changed", "descriptions"))
        numbers = " | ".join(f"{number:,}" if number else "" for number in sorts)
        yield f"| {code(prefix)} | {each['as_of'] or '-'} | {numbers} |"
    for prefix, each in services.items():
        lines = [*_change_lines(each)]
        if lines:
            yield from ("", f"### {code(prefix)}", "", *lines[:PER_SERVICE])
        if len(lines) > PER_SERVICE:
            yield f"- and {len(lines) - PER_SERVICE:,} more"


def _change_lines(service: dict[str, Any]) -> Iterator[str]:
    """Write a line for each change; of descriptions, only the table has their number."""
    for sort in ("removed", "added"):
        for each in service[sort]:
            yield f"- {sort}: {each['kind']} {code(each['subject'])}"
    for each in service["changed"]:
        change = _list_change(each) if each["field"] in LISTS else _value_change(each)
        yield f"- {each['kind']} {code(each['subject'])}: {each['field']}{change}"


def _list_change(each: dict[str, Any]) -> str:
    """Write which names were added to a list, and which removed."""
    named = zip(("added", "removed"), come_and_gone(each["old"], each["new"]), strict=True)
    return "".join(f", {word} {', '.join(map(code, found))}" for word, found in named if found)


def _value_change(each: dict[str, Any]) -> str:
    old, new = (code(each[side]) if each[side] else "none" for side in ("old", "new"))
    return f" {old} → {new}"


def code(text: str) -> str:
    """Write *text* as a code span, with nothing in it that would end the span or a table cell."""
    clean = "".join(letter if letter.isprintable() else " " for letter in text)
    return "`" + clean.replace("`", "'").replace("|", "\\|") + "`"


def plain(text: str) -> str:
    """Escape everything in *text* that Markdown or HTML would take for markup."""
    clean = "".join(letter if letter.isprintable() else " " for letter in text)
    return "".join("\\" + letter if letter in "\\`*_[]<>|#" else letter for letter in clean)
