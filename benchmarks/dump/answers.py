"""Questions with their answers, as lines of JSON that two dumps can be compared by."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

LARGEST = 20_000
"""Letters of an answer that is written as it is; of a larger one, a digest of each part is."""
MOST_PARTS = 5_000
"""Digests of one answer; a list with more parts has one digest for each hundred or more."""
DIGITS = 12
"""Hexadecimal digits of a digest: enough to tell a million answers apart."""

Line = tuple[str, str]
"""A question and its answer as JSON."""


class Answers:
    """The answers of one area, about one catalog."""

    def __init__(
        self, hidden: Mapping[str, str], start: str = "", lines: dict[str, str] | None = None
    ) -> None:
        """Start with *lines*, those of other answers, or with none.

        *hidden* has texts of this machine, such as paths, with what is written for them; questions
        begin with *start*.
        """
        self.hidden = hidden
        self.start = start
        self.lines = {} if lines is None else lines

    def under(self, start: str) -> Answers:
        """Return the same answers, for questions that begin with *start*."""
        return Answers(self.hidden, f"{self.start}{start} ", self.lines)

    def add(self, question: str, answer: Any) -> None:
        """Record an answer; one to a question that was asked before is numbered."""
        text = self.encode(answer)
        if len(text) > LARGEST:
            text = encode(parts_of(json.loads(text)))
        question = f"{self.start}{question}"
        number, key = 1, question
        while key in self.lines:
            number += 1
            key = f"{question} #{number}"
        self.lines[key] = text

    def ask(self, question: str, ask: Callable[[], Any]) -> None:
        """Ask, and record the answer or the error."""
        try:
            answer = ask()
        except Exception as error:  # every error is an answer, also one that should not be
            answer = {"error": type(error).__name__, "text": str(error)}
        self.add(question, answer)

    def encode(self, answer: Any) -> str:
        """Return *answer* as JSON, without what only this machine has."""
        text = encode(plain(answer))
        for value in sorted(self.hidden, key=len, reverse=True):
            text = text.replace(json.dumps(value, ensure_ascii=False)[1:-1], self.hidden[value])
        return text

    def write(self, file: Path) -> int:
        """Write the lines, sorted by question; return how many there are."""
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("w", encoding="utf-8", newline="\n") as lines:
            for question in sorted(self.lines):
                lines.write(
                    f'{{"question": {encode(question)}, "answer": {self.lines[question]}}}\n'
                )
        return len(self.lines)


def encode(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:DIGITS]


def plain(value: Any) -> Any:
    """Make any answer a value of JSON: records become objects, and sets sorted lists."""
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [each.name for each in dataclasses.fields(value)]
        return {name: plain(getattr(value, name)) for name in names}
    if isinstance(value, (set, frozenset)):
        return sorted((plain(each) for each in value), key=encode)
    if isinstance(value, (list, tuple)):
        if hasattr(value, "_asdict"):  # a named tuple
            return plain(value._asdict())
        return [plain(each) for each in value]
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    return repr(value)


def parts_of(value: Any) -> dict[str, Any]:
    """Return digests of the parts of a large answer, at every level of objects."""
    text = encode(value)
    found: dict[str, Any] = {"large": len(text), "sha256": digest(text)}
    if isinstance(value, dict):
        found["parts"] = {
            name: each if len(encode(each)) < LARGEST // 20 else parts_of(each)
            for name, each in value.items()
        }
    elif isinstance(value, list):
        found["length"] = len(value)
        step = -(-len(value) // MOST_PARTS)
        found["parts"] = [
            digest(encode(value[start : start + step])) for start in range(0, len(value), step)
        ]
    return found


def read_lines(file: Path) -> Iterator[tuple[str, Any]]:
    """Yield the questions and answers of a file; raise ValueError for a broken line."""
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                found = json.loads(line)
                yield found["question"], found["answer"]
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(f"line {number} is not a question with its answer") from error
