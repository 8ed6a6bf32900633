"""Find the characters of a text that a finding is about, and the changes that its suggestion asks.

Offsets are those of Python, in `PolicyDocument.text`. JSON is measured by its own reader; of YAML
and HCL, which have lines alone, a word is found where its line has it once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from iam_catalog.policy.check.findings import Finding, quoted
from iam_catalog.policy.check.registry import CODES
from iam_catalog.policy.model import Path, PolicyDocument, Unresolved
from iam_catalog.policy.read.json_text import JsonPlaces, Span
from iam_catalog.policy.read.source import line_of, part_at, places_in

_OR = " or "
"""Between the alternatives of a suggestion."""
_ACTIONS = re.compile(r"[\w-]+:\w+(?: and [\w-]+:\w+)+")
"""Several actions that take the place of one name together."""
_CONDITION = "Condition"
_PLAIN = re.compile(r"[A-Za-z0-9][\w:./+=@,-]*(?:[*?$][\w:./+=@,*?-]*)*(?<![:])")
"""Text that means the same in YAML and HCL without quotes and between any."""
_WORD_END = r"(?![\w:./*-])"
_JSON_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[{}\[\]:,]|[^\s{}\[\]:,"]++', re.DOTALL)
_OPENING, _CLOSING = "{[", "}]"
_INDENT = "  "
_FOLDED = 60
"""Characters of a policy in one line that are worth several lines."""


class Edit(NamedTuple):
    """A change of a text: *text* in the place of what is between two offsets."""

    start: int
    end: int
    text: str


class _Part(NamedTuple):
    """A name or a value of a policy."""

    path: Path
    is_name: bool
    text: str


def token_span(document: PolicyDocument, finding: Finding) -> Span | None:
    """Return where the text has the name or value that a finding is about, without its quotes.

    None where the finding is about more than one, or the text does not have it as it is read.
    """
    part = _part_found(document, finding)
    if part is None:
        return None
    span = _span_of(document, part)
    if span is None or document.syntax != "json":
        return span
    start, end = span
    return (start + 1, end - 1) if document.text[start] == '"' else span


def choices_of(finding: Finding) -> list[str]:
    """Return the texts of which each alone can take the place of what a finding is about.

    There are none where the suggestion is not the whole of what has to change.
    """
    rule = CODES.get(finding.code)
    if not finding.suggestion or rule is None or rule.replaces is None:
        return []
    return finding.suggestion.split(_OR)


def edits_of(document: PolicyDocument, finding: Finding) -> list[Edit]:
    """Return the changes of `document.text` of which each alone does what a finding suggests.

    They are alternatives. There are none where the suggestion is not the whole of what has to
    change, where it would repeat a name, or where the text is one inside of another text.
    """
    rule = CODES[finding.code]
    choices = choices_of(finding)
    if not choices or not finding.suggestion or rule.replaces is None:
        return []
    if not finding.path and "Version" not in _members(document.value, ()):
        return list(_new_version(document, finding.suggestion))
    part = _part_of(document, finding, rule.replaces)
    span = _span_of(document, part) if part else None
    if part is None or span is None:
        return []
    meant = [each for each in choices if _may_be(document, part, each)]
    if document.syntax != "json":
        return [Edit(*span, each) for each in meant if _PLAIN.fullmatch(each)]
    return [Edit(*span, _as_json(each, part)) for each in meant]


def is_folded(document: PolicyDocument) -> bool:
    """Return True for a JSON policy that one line holds, or a string of another JSON text."""
    if document.syntax != "json" or isinstance(document.value, Unresolved):
        return False
    _, (start, end), rest = _json_places(document).spans(document.path)
    policy = document.text[start:end]
    return bool(rest) or policy[:1] == '"' or ("\n" not in policy and len(policy) > _FOLDED)


def unfolded(document: PolicyDocument) -> PolicyDocument:
    """Return a JSON policy alone, its text indented: lines of findings are those of that text.

    Every name and value is written as it was, also names that an object has twice.
    """
    text, places, path = document.text, _json_places(document), document.path
    while True:
        _, (start, end), path = places.spans(path)
        if text[start : start + 1] != '"':
            break
        text = json.loads(text[start:end])
        places = JsonPlaces(text)
    return replace(document, text=_indented(text[start:end]), path=(), line=1, text_line=1)


def _indented(text: str) -> str:
    """Return a JSON text with a line for each member and item."""
    parts: list[str] = []
    depth, last = 0, ""
    for match in _JSON_TOKEN.finditer(text):
        token = match[0]
        if token in _CLOSING:
            depth -= 1
        if last and last in _OPENING:
            if token not in _CLOSING:
                parts.append("\n" + _INDENT * depth)
        elif token in _CLOSING or last == ",":
            parts.append("\n" + _INDENT * depth)
        elif last == ":":
            parts.append(" ")
        parts.append(token)
        if token in _OPENING:
            depth += 1
        last = token
    return "".join(parts)


def _part_found(document: PolicyDocument, finding: Finding) -> _Part | None:
    """Return the part that the text of a finding quotes first, or names, or that its path leads to.

    Only one with a text of its own: a name, or a value that is neither a list nor an object.
    """
    replaced = CODES[finding.code].replaces
    if replaced and finding.path and (part := _part_of(document, finding, replaced)):
        return part
    parts = list(_parts(document.value, finding.path))
    quotes = [(finding.text.find(quoted(each.text)), each) for each in parts]
    named = [(at, each) for at, each in quotes if at >= 0]
    if named:
        return min(named, key=lambda pair: pair[0])[1]
    return parts[0] if parts else None


def _part_of(document: PolicyDocument, finding: Finding, replaced: str) -> _Part | None:
    """Return the part that the suggestion of a finding takes the place of."""
    path = finding.path
    if replaced == "operator":
        if _CONDITION not in path:
            return None
        end = path.index(_CONDITION) + 2
        shared = len(_members(document.value, path[:end])) > 1 and len(path) > end
        return None if shared or len(path) < end else _Part(path[:end], True, str(path[end - 1]))
    if replaced == "name":
        return _Part(path, True, str(path[-1])) if path and isinstance(path[-1], str) else None
    values = [each for each in _parts(document.value, path) if not each.is_name]
    if len(values) > 1:
        values = [each for each in values if quoted(each.text) in finding.text]
    return values[0] if len(values) == 1 else None


def _parts(value: object, path: Path) -> Iterator[_Part]:
    """Yield the values at a path, the name that leads there, and the operator of a condition."""
    held = part_at(value, path)
    if isinstance(held, list):
        for index, item in enumerate(held):
            if isinstance(item, str) and not isinstance(item, Unresolved):
                yield _Part((*path, index), False, item)
    elif isinstance(held, str) and not isinstance(held, Unresolved):
        yield _Part(path, False, held)
    if path and isinstance(path[-1], str):
        yield _Part(path, True, path[-1])
        if len(path) > 2 and path[-3] == _CONDITION:
            yield _Part(path[:-1], True, str(path[-2]))


def _members(value: object, path: Path) -> dict[str, object]:
    held = part_at(value, path)
    return held if isinstance(held, dict) else {}


def _may_be(document: PolicyDocument, part: _Part, meant: str) -> bool:
    """Return False for a name that its object has already."""
    return not part.is_name or meant not in _members(document.value, part.path[:-1])


def _span_of(document: PolicyDocument, part: _Part) -> Span | None:
    """Return where the text has a part: with its quotes in JSON, without them in YAML and HCL."""
    if document.syntax == "json":
        name, value, rest = _json_places(document).spans((*document.path, *part.path))
        return None if rest else name if part.is_name else value
    number = line_of(document, part.path) - document.text_line
    lines = document.text.split("\n")
    if not 0 <= number < len(lines):
        return None
    start = sum(len(line) + 1 for line in lines[:number])
    pattern = rf"(?<![\w:./*-]){re.escape(part.text)}{'' if part.is_name else _WORD_END}"
    found = list(re.finditer(pattern, lines[number])) if part.text else []
    return (start + found[0].start(), start + found[0].end()) if len(found) == 1 else None


def _json_places(document: PolicyDocument) -> JsonPlaces:
    """Return the places of a JSON text, which all its policies and findings share."""
    places = places_in(document.text, "json")
    assert isinstance(places, JsonPlaces)
    return places


def actions_together(meant: str) -> list[str]:
    """Return the actions of a suggestion that all take the place of one name; none for others.

    >>> actions_together("s3:GetObject and s3:PutObject"), actions_together("s3:GetObject")
    (['s3:GetObject', 's3:PutObject'], [])
    """
    return meant.split(" and ") if _ACTIONS.fullmatch(meant) else []


def _as_json(text: str, part: _Part) -> str:
    """Return a suggestion as JSON: text, but for the object that a principal without a type is."""
    if actions := actions_together(text):
        items = ", ".join(json.dumps(each) for each in actions)
        return items if isinstance(part.path[-1], int) else f"[{items}]"
    if text.startswith("{") and not part.is_name:
        return text
    return json.dumps(text, ensure_ascii=False)


def _new_version(document: PolicyDocument, version: str) -> Iterator[Edit]:
    """Yield the change that writes a version before the other members of a JSON policy."""
    if document.syntax != "json" or not isinstance(document.value, dict):
        return
    _, (start, end), rest = _json_places(document).spans(document.path)
    policy = document.text[start:end]
    if rest or policy[:1] != "{":
        return
    blanks = policy[1 : len(policy) - len(policy[1:].lstrip())]
    behind = "," if policy[1:].strip() != "}" else ""
    yield Edit(start + 1, start + 1, f'{blanks}"Version": {json.dumps(version)}{behind}')
