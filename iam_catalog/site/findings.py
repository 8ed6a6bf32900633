"""Show the findings of checked policies: beside the lines of their text, counted and explained.

A policy that is written in one line, or as a string of a plan, is shown indented and by itself, and
its findings at the lines of that text. The changes that findings suggest are shown as lines, with
the offsets that a browser needs to make them in what was typed.
"""

from __future__ import annotations

import re
import sqlite3
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import cached_property
from itertools import accumulate
from threading import local
from typing import Any

from iam_catalog.facts.overviews import actions_named
from iam_catalog.policy.check.engine import Checker
from iam_catalog.policy.check.findings import SEVERITIES, Finding
from iam_catalog.policy.check.fixes import Edit, edits_of, is_folded, token_span, unfolded
from iam_catalog.policy.check.registry import CODES
from iam_catalog.policy.model import PolicyDocument, Unresolved
from iam_catalog.policy.read.source import line_of, path_text

WHOLE = 400
"""Lines that are shown whole."""
AROUND = 3
"""Lines that are shown before and behind a finding where there are more."""
LONGEST_LINE = 20_000
"""Characters of a line that are shown."""
MOST_FINDINGS = 500
"""A page shows so many; its JSON has them all."""
_MOST_FIXES = 3
"""Alternatives of one suggestion."""
_ACTION_NAME = re.compile(r"(?<![\w:/.-])[A-Za-z0-9-]+:[A-Za-z]\w*(?![\w*?:/-])")
_BEYOND_16_BITS = re.compile(r"[\U00010000-\U0010ffff]")

Checked = tuple[PolicyDocument, Sequence[Finding]]
"""A policy with its findings, which have their lines."""

_of_thread = local()


def checker_of(connection: sqlite3.Connection) -> Checker:
    """Return the checker of this thread, which knows the catalog already.

    It knows nothing of the policies that it has checked.
    """
    checker: Checker | None = getattr(_of_thread, "checker", None)
    if checker is None or checker.connection is not connection:
        checker = _of_thread.checker = Checker(connection)
    checker.forget()
    return checker


def as_plain(finding: Finding) -> dict[str, Any]:
    """Return a finding as the command line prints it: with its place in words, without the file."""
    plain = asdict(finding)
    del plain["file"], plain["title"]
    return {**plain, "place": path_text(finding.path)}


def counts(findings: Iterable[dict[str, Any]]) -> dict[str, int]:
    """Count the findings of each severity, the most severe first."""
    found = Counter(each["severity"] for each in findings)
    return {severity: found[severity] for severity in reversed(SEVERITIES)}


def codes(findings: Iterable[dict[str, Any]]) -> dict[str, dict[str, str]]:
    """Return what each code that occurs means, and where AWS says so."""
    return {
        code: {"meaning": CODES[code].meaning, "reference": CODES[code].reference}
        for code in sorted({each["code"] for each in findings})
    }


def actions_in(connection: sqlite3.Connection, findings: Iterable[dict[str, Any]]) -> list[str]:
    """Return the actions of the catalog, removed ones too, that findings name, sorted."""
    texts = (each[name] for each in findings for name in ("text", "suggestion") if each[name])
    named = sorted({name for text in texts for name in _ACTION_NAME.findall(text)})
    held = actions_named(connection, named, with_removed=True)
    return sorted({each.action for each in held.values()})


def shown_findings(
    text: str,
    checked: Sequence[Checked],
    actions: Iterable[str],
    first_line: int = 1,
    *,
    as_written: bool = False,
) -> dict[str, Any]:
    """Return what the template `tool_parts.html` needs to show findings in their text.

    *text* is what was typed, whose lines count from *first_line*; *actions* are linked by name.
    With *as_written* the lines stay those of the text.
    """
    links = {name.lower(): name for name in actions}
    typed = _Typed(text, first_line)
    if not as_written and any(is_folded(document) for document, _ in checked):
        pieces = _pieces_apart(typed, checked, links)
    else:
        pieces = [_piece_whole(typed, checked, links)]
    every = [finding for piece in pieces for finding in piece["numbered"]]
    first: dict[str, int] = {}
    for finding in every:
        first.setdefault(finding["severity"], finding["number"])
    total = sum(len(findings) for _, findings in checked)
    return {
        "pieces": [each for each in pieces if each["blocks"] or each["numbered"]],
        "passed": [each["title"] for each in pieces if not each["blocks"] and not each["numbered"]],
        "first": first,
        "shown": len(every),
        "more": total - len(every),
    }


class _Typed:
    """The text that was typed, and where in it the text of a policy is."""

    def __init__(self, text: str, first_line: int) -> None:
        self.text = text
        self.first_line = first_line
        self._bases: dict[int, int | None] = {}

    @cached_property
    def starts(self) -> list[int]:
        """The offset of each line."""
        return [0, *accumulate(len(line) + 1 for line in self.text.split("\n"))]

    @cached_property
    def _pairs(self) -> list[int]:
        """The offsets of characters that JavaScript counts as two."""
        if self.text.isascii():
            return []
        return [match.start() for match in _BEYOND_16_BITS.finditer(self.text)]

    def base(self, document: PolicyDocument) -> int | None:
        """Return where the text of a policy begins; None where it is not written so here."""
        known = id(document.text)  # which all policies of a plan share, and comparing takes long
        if known not in self._bases:
            self._bases[known] = self._find(document)
        return self._bases[known]

    def _find(self, document: PolicyDocument) -> int | None:
        index = document.text_line - self.first_line
        start = self.starts[index] if 0 <= index < len(self.starts) else 0
        if self.text.startswith(document.text, start):
            return start
        found = self.text.find(document.text)
        return found if found >= 0 and self.text.find(document.text, found + 1) < 0 else None

    def for_browser(self, edit: Edit, base: int) -> dict[str, Any]:
        """Return an edit in the offsets of JavaScript, with the text that it replaces."""
        start, end = base + edit.start, base + edit.end
        return {
            "start": start + bisect_left(self._pairs, start),
            "end": end + bisect_left(self._pairs, end),
            "was": self.text[start:end],
            "text": edit.text,
        }


def _piece_whole(
    typed: _Typed, checked: Sequence[Checked], links: Mapping[str, str]
) -> dict[str, Any]:
    """Return the text with the findings of all its policies."""
    found: list[dict[str, Any]] = []
    for document, findings in checked:
        base = typed.base(document)
        for finding in findings[:MOST_FINDINGS]:
            found.append(_shown(finding, document, typed, links))
            span = token_span(document, finding) if base is not None else None
            found[-1]["span"] = span and (span[0] + (base or 0), span[1] + (base or 0))
    titles = {document.line: document.title for document, _ in checked if document.title}
    ordered = numbered(found, 0)
    blocks = listing(typed.text, ordered, titles, typed.first_line) if typed.text else []
    return {"title": None, "line": None, "blocks": blocks, "numbered": ordered}


def _pieces_apart(
    typed: _Typed, checked: Sequence[Checked], links: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return each policy by itself; of many, those alone of which something is found."""
    texts = [_own_text(document) for document, _ in checked]
    is_long = sum(text.text.count("\n") + 1 for text in texts) > WHOLE
    pieces: list[dict[str, Any]] = []
    number = 0
    for (document, findings), own in zip(checked, texts, strict=True):
        found = []
        for finding in findings[: MOST_FINDINGS - number]:
            shown = _shown(finding, document, typed, links, own)
            shown["line"] = line_of(own, finding.path) if own.text else None
            found.append({**shown, "span": token_span(own, finding) if own.text else None})
        ordered = numbered(found, number)
        number += len(ordered)
        blocks = listing(own.text, ordered, {}, own.text_line, is_long=is_long)
        has_blocks = own.text and (ordered or not is_long)
        title = document.title or ("" if len(checked) == 1 else f"line {document.line}")
        pieces.append(
            {
                "title": title,
                "line": document.line,
                "blocks": blocks if has_blocks else [],
                "numbered": ordered,
            }
        )
    return pieces


def _own_text(document: PolicyDocument) -> PolicyDocument:
    """Return a policy with its own text, indented; without text where nobody knows what it says."""
    if document.syntax != "json":
        return document
    if isinstance(document.value, Unresolved):
        return PolicyDocument(document.file, None, document.value, (), 1, "", 1)
    return unfolded(document)


def _shown(
    finding: Finding,
    document: PolicyDocument,
    typed: _Typed,
    links: Mapping[str, str],
    own: PolicyDocument | None = None,
) -> dict[str, Any]:
    """Return a finding with its names linked, and with the changes that would do away with it.

    *own* is the document as it is shown, if that is not as it was typed.
    """
    base = typed.base(document) if finding.suggestion else None
    edits = [] if base is None else edits_of(document, finding)
    shown_in = own or document
    shown_edits = edits_of(shown_in, finding) if own else edits
    fixes = [_change(shown_in.text, edit) for edit in shown_edits[:_MOST_FIXES]]
    for fix, edit in zip(fixes, edits, strict=False):
        fix["typed"] = typed.for_browser(edit, base or 0)
    return {
        **as_plain(finding),
        "said": _linked(finding.text, links),
        "instead": _linked(finding.suggestion or "", links),
        "fixes": fixes,
    }


def _change(text: str, edit: Edit) -> dict[str, Any]:
    """Return the lines that an edit changes, as they are and as they would be."""
    start = text.rfind("\n", 0, edit.start) + 1
    end = text.find("\n", edit.end)
    end = len(text) if end < 0 else end
    changed = text[start : edit.start] + edit.text + text[edit.end : end]
    before = text[start:end].split("\n")
    after = changed.split("\n")
    same = 0
    while same < min(len(before), len(after)) and before[same] == after[same]:
        same += 1  # a line that is only added is shown without the one before it
    return {
        "old": [_cut(line.strip()) for line in before[same:]],
        "new": [_cut(line.strip()) for line in after[same:]],
        "typed": None,
    }


def _linked(text: str, links: Mapping[str, str]) -> list[tuple[str, str | None]]:
    """Return a text in parts, each with the action that it is the name of."""
    parts: list[tuple[str, str | None]] = []
    last = 0
    for match in _ACTION_NAME.finditer(text):
        action = links.get(match[0].lower())
        if action:
            parts += [(text[last : match.start()], None), (match[0], action)]
            last = match.end()
    return [part for part in (*parts, (text[last:], None)) if part[0]]


def numbered(findings: list[dict[str, Any]], before: int) -> list[dict[str, Any]]:
    """Return the first findings in the order of their lines, with their numbers on the page."""
    ordered = sorted(findings, key=lambda each: each["line"] or 1)[: MOST_FINDINGS - before]
    return [{**each, "number": number} for number, each in enumerate(ordered, before + 1)]


def listing(
    text: str,
    findings: Iterable[dict[str, Any]],
    titles: Mapping[int, str | None],
    first_line: int = 1,
    *,
    is_long: bool | None = None,
) -> list[dict[str, Any]]:
    """Return the text in blocks of lines, each with the number of lines left out before it.

    *titles* are those of the policies, by the lines where they start. A finding of a line that the
    text does not have is at the first. Lines without findings are left out of a long text.
    """
    lines = text.split("\n")
    last_line = first_line + len(lines) - 1
    starts = [0, *accumulate(len(line) + 1 for line in lines)]
    by_line: dict[int, list[dict[str, Any]]] = {}
    marks: dict[int, list[tuple[int, int]]] = {}
    for finding in findings:
        line = finding["line"] or 1
        by_line.setdefault(line if first_line <= line <= last_line else first_line, []).append(
            finding
        )
        if finding["span"]:
            start, end = finding["span"]
            index = bisect_right(starts, start) - 1
            marks.setdefault(index, []).append((start - starts[index], end - starts[index]))
    whole = len(lines) <= WHOLE if is_long is None else not is_long
    numbers = range(first_line, last_line + 1)
    blocks: list[dict[str, Any]] = []
    before = first_line - 1
    for number in numbers if whole else _near(numbers, by_line.keys() | titles.keys()):
        if number != before + 1 or not blocks:
            blocks.append({"left_out": number - before - 1, "lines": []})
        index = number - first_line
        blocks[-1]["lines"].append(
            {
                "number": number,
                **_parted(_cut(lines[index]), marks.get(index, ())),
                "title": titles.get(number),
                "findings": by_line.get(number, []),
                "notes": [],
            }
        )
        before = number
    if before < last_line:
        blocks.append({"left_out": last_line - before, "lines": []})
    return blocks


def _near(lines: range, marked: Iterable[int]) -> Iterator[int]:
    """Return the lines around those that are marked, in order."""
    near = {line + step for line in marked for step in range(-AROUND, AROUND + 1)}
    return iter(sorted(line for line in near if line in lines))


def _parted(line: str, marks: Iterable[tuple[int, int]]) -> dict[str, Any]:
    """Split a line into the blanks that it starts with and parts, some of which are marked.

    Narrow screens show the blanks narrower.
    """
    indent = len(line) - len(line.lstrip(" \t"))
    parts: list[tuple[str, bool]] = []
    last = indent
    for start, end in sorted(marks):
        start, end = max(start, last), min(end, len(line))
        if start < end:
            parts += [(line[last:start], False), (line[start:end], True)]
            last = end
    parts.append((line[last:], False))
    return {"indent": line[:indent], "parts": [part for part in parts if part[0]]}


def _cut(line: str) -> str:
    if len(line) <= LONGEST_LINE:
        return line.rstrip("\r")
    return f"{line[:LONGEST_LINE]} … and {len(line) - LONGEST_LINE:,} characters more"
