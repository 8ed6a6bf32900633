"""A `ChangeReport` as Markdown: what a person reads in a pull request or in a mail."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from iam_catalog.cli.changes_report import LISTS, come_and_gone
from scraper.guards.base import DISAGREEMENTS, GUARDS
from scraper.guards.change_report import ChangeReport

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


def as_markdown(report: ChangeReport, told: dict[str, Any]) -> str:
    """The whole report, of which *told* is the JSON object, cut where it gets too long."""
    lines: list[str] = []
    length = 0
    for line in (f"# {code(report.catalog)}: {report_line(report)}", "", *all_lines(told)):
        length += len(line) + 1
        if length > LIMIT:
            lines += ["", "Cut here: the JSON file beside this one has the rest."]
            break
        lines.append(line)
    return "\n".join(lines) + "\n"


def all_lines(told: dict[str, Any]) -> Iterator[str]:
    yield f"{OUTCOMES[told['outcome']]} Built {told['built']}."
    if told["note"]:
        yield f"What stood there before was {plain(told['note'])}."
    yield from count_lines(told)
    yield from guard_lines(told["guards"], accepted=False)
    yield from problem_lines(told["problems"], accepted=False)
    yield from guard_lines(told["guards"], accepted=True)
    if told["services"]:
        yield from service_lines(told["services"])
    yield from problem_lines(told["problems"], accepted=True)


def report_line(report: ChangeReport) -> str:
    """`3 added, 1 removed, 2 changed`, or what else there is to say first."""
    if report.outcome != "changed" or report.changes is None:
        return {"first": "a new catalog", "changed": "replaced"}.get(report.outcome, report.outcome)
    counts = report.numbers()
    said = [f"{counts[sort]:,} {sort}" for sort in ("added", "removed", "changed") if counts[sort]]
    if said or not counts["descriptions"]:
        return ", ".join(said) or "other pages that say the same"
    return f"descriptions changed: {counts['descriptions']:,}"


def count_lines(told: dict[str, Any]) -> Iterator[str]:
    """A table of the numbers and dates, before and now."""
    old, new = told["old"] or {}, told["new"] or {}
    if not (old or new):
        return
    yield from ("", "| | before | now | difference |", "|---|--:|--:|--:|")
    for name in new or old:
        was, now = old.get(name), new.get(name)
        difference = f"{now - was:+,}" if isinstance(was, int) and isinstance(now, int) else ""
        yield f"| {name} | {shown(was)} | {shown(now)} | {difference} |"


def shown(value: int | str | None) -> str:
    return f"{value:,}" if isinstance(value, int) else value or "-"


def guard_lines(guards: Iterable[dict[str, Any]], *, accepted: bool) -> Iterator[str]:
    """What guards saw: what was accepted with the reason, else with what would accept it."""
    found = [each for each in guards if each["accepted"] is accepted]
    losses = [each for each in found if each["guard"] not in DISAGREEMENTS]
    if losses:
        yield ""
        yield "## Losses that were accepted" if accepted else "## What was lost"
        yield from _trip_lines(losses, accepted=accepted)
    if len(losses) < len(found):
        yield ""
        yield "## Disagreements that were accepted" if accepted else "## Where pages disagree"
        others = [each for each in found if each["guard"] in DISAGREEMENTS]
        yield from _trip_lines(others, accepted=accepted)


def _trip_lines(found: Iterable[dict[str, Any]], *, accepted: bool) -> Iterator[str]:
    """What guards saw, by guard, with the names and what accepts it."""
    named = None
    for each in found:
        if each["guard"] != named:
            named = each["guard"]
            yield from ("", f"{code(named)}: {GUARDS[named]}", "")
        yield f"- {plain(each['text'])}"
        for word in ("gone", "differ"):
            if each[word]:
                yield f"  - {word}: {names(each[word])}"
        if accepted:
            yield f"  - accepted: {plain(each['reason'])}"
        else:
            yield f"  - to accept it for this run: {code(each['option'])}"
            entry = json.dumps({**each["entry"], "reason": "..."})
            yield f"  - to accept it for good, in `guards` of `accepted.json`: {code(entry)}"


def names(found: list[str]) -> str:
    more = f" and {len(found) - NAMES:,} more" if len(found) > NAMES else ""
    return ", ".join(map(code, found[:NAMES])) + more


def problem_lines(problems: Iterable[dict[str, Any]], *, accepted: bool) -> Iterator[str]:
    found = [each for each in problems if each["accepted"] is accepted]
    if found:
        word = "accepted" if accepted else "not accepted"
        yield from ("", f"## Problems of pages, {word}", "")
    for each in found:
        yield f"- {code(each['kind'])}: {each['count']:,}"
        if not accepted:
            yield from acceptance_lines(each)
        yield from (f"  - {plain(text)}" for text in each["examples"])
        yield from (f"  - accepted: {plain(reason)}" for reason in each["reasons"])


def acceptance_lines(problem: dict[str, Any]) -> Iterator[str]:
    """What accepts the problems of a kind, for a run or page by page for good."""
    entries = [json.dumps({**entry, "reason": "..."}) for entry in problem["entries"]]
    yield f"  - to accept them for this run: {code(problem['option'])}"
    yield "  - to accept them for good, in `problems` of `accepted.json`, page by page:"
    yield from (f"    - {code(entry)}" for entry in entries[:NAMES])
    if len(entries) > NAMES:
        yield f"    - and {len(entries) - NAMES:,} more: the JSON file beside this one has them"


def service_lines(services: dict[str, dict[str, Any]]) -> Iterator[str]:
    """A table of the services with changes, then the changes of each."""
    yield from ("", "## Services", "", "| service | as of | added | removed | changed | texts |")
    yield "|---|---|--:|--:|--:|--:|"
    for prefix, each in services.items():
        sorts = (len(each[sort]) for sort in ("added", "removed", "changed", "descriptions"))
        numbers = " | ".join(f"{number:,}" if number else "" for number in sorts)
        yield f"| {code(prefix)} | {each['as_of'] or '-'} | {numbers} |"
    for prefix, each in services.items():
        lines = [*change_lines(each)]
        if lines:
            yield from ("", f"### {code(prefix)}", "", *lines[:PER_SERVICE])
        if len(lines) > PER_SERVICE:
            yield f"- and {len(lines) - PER_SERVICE:,} more"


def change_lines(service: dict[str, Any]) -> Iterator[str]:
    """A line for each change; of descriptions, only their number stands in the table."""
    for sort in ("removed", "added"):
        for each in service[sort]:
            yield f"- {sort}: {each['kind']} {code(each['subject'])}"
    for each in service["changed"]:
        change = list_change(each) if each["field"] in LISTS else value_change(each)
        yield f"- {each['kind']} {code(each['subject'])}: {each['field']}{change}"


def list_change(each: dict[str, Any]) -> str:
    """What came to a list of names, and what went."""
    named = zip(("added", "removed"), come_and_gone(each["old"], each["new"]), strict=True)
    return "".join(f", {word} {', '.join(map(code, found))}" for word, found in named if found)


def value_change(each: dict[str, Any]) -> str:
    old, new = (code(each[side]) if each[side] else "none" for side in ("old", "new"))
    return f" {old} → {new}"


def code(text: str) -> str:
    """*text* as it is, in a code span; a backtick in it would end that."""
    clean = "".join(letter if letter.isprintable() else " " for letter in text)
    return "`" + clean.replace("`", "'").replace("|", "\\|") + "`"


def plain(text: str) -> str:
    """*text* with nothing in it that Markdown or HTML would take for markup."""
    clean = "".join(letter if letter.isprintable() else " " for letter in text)
    return "".join("\\" + letter if letter in "\\`*_[]<>|#" else letter for letter in clean)
