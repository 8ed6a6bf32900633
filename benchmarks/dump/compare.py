"""Compares two dumps: what was added, removed and changed, area by area."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.dump.answers import encode, read_lines
from benchmarks.dump.write import FORMAT, INDEX, files_of

SHORT = 160
"""Letters of a value that is shown as an example."""
Line = tuple[str, Any]


@dataclass
class AreaDifference:
    """What differs in one area of one catalog."""

    area: str
    answers: int = 0
    """Questions of the older dump."""
    counts: Counter[str] = field(default_factory=Counter)
    """How many were `added`, `removed` and `changed`."""
    kinds: Counter[str] = field(default_factory=Counter)
    """How many changed by the kind of their question, and the place in the answer."""
    examples: list[dict[str, Any]] = field(default_factory=list)
    unreadable: str | None = None

    @property
    def differs(self) -> bool:
        return bool(self.counts or self.unreadable)

    def as_object(self) -> dict[str, Any]:
        """Return the fields, for JSON."""
        return {**vars(self), "counts": dict(self.counts), "kinds": dict(self.kinds)}


def compare(old: Path, new: Path, examples: int = 3) -> list[AreaDifference]:
    """Return what differs between two dumps, by area, with *examples* of each kind of difference.

    What cannot be read or is not there is reported in place of the differences of its area.
    """
    found = [of_index(old, new)]
    files = dict(files_of(old)), dict(files_of(new))
    for area in sorted(files[0].keys() | files[1].keys()):
        if area in files[0] and area in files[1]:
            found.append(of_area(area, files[0][area], files[1][area], examples))
        else:
            missing = "newer" if area in files[0] else "older"
            found.append(AreaDifference(area, unreadable=f"the {missing} dump does not have it"))
    return found


def of_index(old: Path, new: Path) -> AreaDifference:
    """Check that both dumps are whole, and were made alike."""
    found = AreaDifference(INDEX)
    faults, made = [], []
    for name, dump in (("older", old), ("newer", new)):
        try:
            index = json.loads((dump / INDEX).read_text(encoding="utf-8"))
            made.append({key: index[key] for key in ("format", "sample", "seed")})
            faults += [
                f"{area} of the {name} dump failed: {each}"
                for area, each in index["areas"].items()
                if not isinstance(each, int)
            ]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            faults.append(f"the {name} dump has no index, so it is not whole")
    if len(made) == 2 and made[0] != made[1]:
        faults.append(f"the dumps were made with other options: {made[0]}, {made[1]}")
    if any(each["format"] != FORMAT for each in made):
        faults.append(f"a dump is not of format {FORMAT}")
    found.unreadable = "; ".join(faults) or None
    return found


def of_area(area: str, old: Path, new: Path, examples: int) -> AreaDifference:
    found = AreaDifference(area)
    shown: Counter[str] = Counter()
    try:
        for question, before, after in merged(read_lines(old), read_lines(new)):
            found.answers += before is not MISSING
            if before == after:
                continue
            what = "added" if before is MISSING else "removed" if after is MISSING else "changed"
            found.counts[what] += 1
            place = first_difference(before, after) if what == "changed" else ("", before, after)
            kind = f"{what} {kind_of(question)}"
            if what == "changed":
                kind += f" at {generalised(place[0]) or 'the whole answer'}"
            found.kinds[kind] += 1
            shown[kind] += 1
            if shown[kind] <= examples:
                found.examples.append(example(kind, question, *place))
    except (OSError, ValueError) as error:
        found.unreadable = f"{old.parent.name}/{old.name}: {error}"
    return found


MISSING = object()
"""Stands for the answer to a question that a dump does not have."""


def merged(old: Iterator[Line], new: Iterator[Line]) -> Iterator[tuple[str, Any, Any]]:
    """Yield the questions of both, which are sorted, with the answer of each."""
    before, after = next(old, None), next(new, None)
    while before or after:
        if after is None or (before is not None and before[0] < after[0]):
            assert before is not None
            yield before[0], before[1], MISSING
            before = next(old, None)
        elif before is None or after[0] < before[0]:
            yield after[0], MISSING, after[1]
            after = next(new, None)
        else:
            yield before[0], before[1], after[1]
            before, after = next(old, None), next(new, None)


def kind_of(question: str) -> str:
    """Return the first word of a question, without the name of a subject in an address.

    >>> kind_of("/catalog/-/action/s3%3AGetObject.json")
    '/catalog/-/action'
    """
    word = question.split(" row ")[0] if " row " in question else question.split(" ")[0]
    if question.startswith("as of "):
        word = " ".join(question.split(" ")[3:4])
    return "/".join(word.split("/")[:4]) if word.startswith("/") else word


def first_difference(before: Any, after: Any) -> tuple[str, Any, Any]:
    """Find the first place at which two values differ; return it with both values."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted(before.keys() | after.keys()):
            one, other = before.get(name, MISSING), after.get(name, MISSING)
            if one != other:
                place, *values = first_difference(one, other)
                return f".{name}{place}", values[0], values[1]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (one, other) in enumerate(zip(before, after, strict=True)):
            if one != other:
                place, *values = first_difference(one, other)
                return f"[{number}]{place}", values[0], values[1]
    return "", before, after


def generalised(place: str) -> str:
    return re.sub(r"\[\d+\]", "[]", place)


def example(kind: str, question: str, place: str, before: Any, after: Any) -> dict[str, Any]:
    found = {"kind": kind, "question": question, "place": place}
    for name, value in (("before", before), ("after", after)):
        if value is not MISSING:
            text = encode(value)
            found[name] = text if len(text) <= SHORT else f"{text[:SHORT]}…"
    return found


def as_text(found: list[AreaDifference]) -> Iterator[str]:
    """Yield the differences as lines; areas without any share one."""
    for each in found:
        if not each.differs:
            continue
        counts = ", ".join(f"{number:,} {what}" for what, number in sorted(each.counts.items()))
        yield f"{each.area}: {counts or 'not compared'}, of {each.answers:,}"
        if each.unreadable:
            yield f"  cannot be compared: {each.unreadable}"
        for kind, number in each.kinds.most_common():
            yield f"  {number:,} {kind}"
            for shown in (shown for shown in each.examples if shown["kind"] == kind):
                yield f"    {shown['question']}"
                yield from (
                    f"      {name}: {shown[name]}" for name in ("before", "after") if name in shown
                )
    same = [each for each in found if not each.differs and each.area != INDEX]
    answers = sum(each.answers for each in same)
    yield f"{len(same)} areas are the same, with {answers:,} answers."
