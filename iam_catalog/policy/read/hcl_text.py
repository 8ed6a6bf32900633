"""Read policies in source files of Terraform; needs the extra `iam-catalog[hcl]`.

`aws_iam_policy_document` data sources become the policies that the AWS provider makes of them, and
`jsonencode(…)`, heredocs and texts of JSON are read wherever they are. What only a plan knows is
`Unresolved`: references, calls of functions, `for`, conditions, dynamic blocks (Terraform
language, "Expressions"; AWS provider, "Data Source: aws_iam_policy_document").

python-hcl2 parses; its tree is walked here, because the values that it would make of it have
neither lines nor a difference between an expression and a text that looks like one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from textwrap import dedent
from typing import Any

import hcl2
from lark import Token
from lark.exceptions import LarkError, UnexpectedInput

from iam_catalog.arn.pattern import opening, split_expressions
from iam_catalog.errors import UnreadablePolicy
from iam_catalog.policy.model import Path, PolicyDocument, Unresolved, open_part
from iam_catalog.policy.read.json_text import MAX_DIGITS, JsonPlaces, Place, read_json
from iam_catalog.policy.read.kinds import (
    DATA_SOURCE,
    DATA_SOURCE_ELEMENTS,
    NEWEST,
    STATEMENT,
    is_meant_as_policy,
    is_policy,
    kind_in_place,
)
from iam_catalog.policy.read.source import BLANKS, SourceText

_MAX_LENGTH = 1024 * 1024
_MERGED = {
    "source_json",
    "override_json",
    "source_policy_documents",
    "override_policy_documents",
}
"""Arguments of the data source that bring in the statements of other policies."""

_BLOCKS = {"principals", "not_principals", "condition"}
_ATTRIBUTES = DATA_SOURCE_ELEMENTS.keys() - _BLOCKS
_POLICY_NAME = re.compile(r"(?:.+_)?policy(?:_document)?|policies|json")
_LISTS = {"concat", "distinct", "flatten", "tolist", "toset", "compact", "sort"}
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)
_HALVES, _LAST = range(0xD800, 0xE000), 0x10FFFF
"""Halves of surrogate pairs, which no text can have alone, and the last character of Unicode."""

_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
_EXPRESSION, _LITERAL = "\ue000", "\ue001"
"""Mark `${` of an expression and `$${` of a literal text while a heredoc is read as JSON."""

_Node = Any
"""A tree or a token of lark, which has no types for its children."""


@dataclass(frozen=True, slots=True)
class _JsonEncoded:
    """The argument of `jsonencode(…)`."""

    value: object


@dataclass(frozen=True, slots=True)
class _Text:
    """A literal text with the line, from 0, that it starts on."""

    text: str
    line: int


@dataclass(slots=True)
class _Policy:
    """A policy of a text."""

    title: str
    place: str | None
    name: str
    value: object
    line: int
    """From 0."""
    lines: dict[Path, int] = field(default_factory=dict)
    """Of the parts of the attribute that holds it, from 0."""
    places: JsonPlaces | None = None
    """Of a policy that is JSON in a heredoc, which starts on `line`."""
    leading_blank: bool = False
    base: Path = ()
    """From the attribute's value to the policy."""


def hcl_policies(source: SourceText) -> Iterator[PolicyDocument]:
    """Yield the policies in a text of HCL; raises `UnreadablePolicy` for any other text."""
    place = Place(source.file, source.line)
    if len(source.text) > _MAX_LENGTH:
        raise place.refused(f"it is HCL of more than {_MAX_LENGTH // 2**20} MB")
    try:
        found = _read(source.text)
    except UnexpectedInput as error:
        line = source.line + max(error.line, 1) - 1
        raise Place(source.file, line).refused(f"it is not HCL: {_fault(error)}") from None
    except LarkError as error:
        raise place.refused(f"it is not HCL: {' '.join(str(error).split())[:200]}") from None
    except RecursionError:
        raise place.refused("it is nested too deep") from None
    for index, each in enumerate(found):
        yield source.document(
            each.value,
            (index,),
            each.title,
            kind_in_place(each.place or "", each.name),
            line=source.line + each.line,
            place=each.place,
            leading_blank=each.leading_blank,
        )


def _fault(error: UnexpectedInput) -> str:
    token = getattr(error, "token", None)
    if token is not None and token.type == "$END":
        return "unexpected end"
    written = str(token or getattr(error, "char", "?")).split()
    return f"unexpected {written[0][:20] if written else ' '!r}"


class HclPlaces:
    """The lines of the policies that `hcl_policies` has read."""

    def __init__(self, text: str) -> None:
        self._policies = _read(text)

    def line(self, path: Path) -> int:
        """Return the line, from 0; the first step is the number of the policy in the text."""
        index = path[0] if path else 0
        if not isinstance(index, int) or index >= len(self._policies):
            return 0
        policy, inner = self._policies[index], path[1:]
        if policy.places is not None:
            return policy.line + policy.places.line(inner)
        for length in range(len(inner), 0, -1):
            line = policy.lines.get((*policy.base, *inner[:length]))
            if line is not None:
                return line
        return policy.line


@lru_cache(maxsize=2)
def _read(text: str) -> list[_Policy]:
    """Parse a text, and return its policies; the last texts are kept for the lines of findings."""
    reader = _HclReader(text)
    tree: _Node = hcl2.parses_to_tree(text)
    reader.take_attributes(tree.children[0])
    for block in _children(tree.children[0], "block"):
        reader.take_block(block)
    return reader.policies


class _HclReader:
    """Reads the blocks of a text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.policies: list[_Policy] = []

    def take_block(self, block: _Node) -> None:
        """Read a block of the file: a data source of a policy, or one that can hold policies."""
        labels = _labels(block)
        if labels[:2] == ["data", DATA_SOURCE]:
            self.policies.append(self._data_source(block, ".".join(labels)))
            return
        is_resource = labels[0] == "resource" and len(labels) > 1
        title = ".".join(labels[1:] if is_resource else labels)
        self._take_body(_body(block), title, labels[1] if is_resource else None)

    def _take_body(self, body: _Node, title: str, place: str | None) -> None:
        self.take_attributes(body, title, place)
        for block in _children(body, "block"):
            labels = [each for each in _labels(block) if each not in ("dynamic", "content")]
            self._take_body(_body(block), ".".join((title, *labels)), place)

    def take_attributes(self, body: _Node, title: str = "", place: str | None = None) -> None:
        """Read the attributes of a block, or of the file, which has some in files of values."""
        for attribute in _children(body, "attribute"):
            name = _name(attribute.children[0])
            lines: dict[Path, int] = {}
            value = self._value(attribute.children[-1], (), lines)
            address = f"{title}.{name}" if title else name
            self._take_value(value, address, name, place, _line(attribute), lines)

    def _take_value(
        self,
        value: object,
        title: str,
        name: str,
        place: str | None,
        line: int,
        lines: dict[Path, int],
        path: Path = (),
    ) -> None:
        """Add the policies in the value of an attribute, and what must be one and is unknown."""
        line = lines.get(path, line)
        if isinstance(value, _JsonEncoded):
            value = value.value
            is_found = is_meant_as_policy(_plain(value))
        else:
            is_found = isinstance(value, dict) and is_policy(_plain(value))
        if is_found:
            policy = _Policy(title, place, name, _plain(value), line, lines, base=path)
            self.policies.append(policy)
        elif isinstance(value, _Text):
            self._take_text(value, title, name, place)
        elif isinstance(value, Unresolved):
            if _holds_policy(place, name) and f".{DATA_SOURCE}." not in f".{value[2:]}":
                self.policies.append(_Policy(title, place, name, value, line))
        elif isinstance(value, (dict, list)):
            pairs = value.items() if isinstance(value, dict) else enumerate(value)
            for step, part in pairs:
                inner = step if isinstance(step, str) else name
                self._take_value(
                    part, f"{title}{_step(step)}", inner, place, line, lines, (*path, step)
                )

    def _take_text(self, held: _Text, title: str, name: str, place: str | None) -> None:
        """Add the policy that a text of JSON is, with the expressions in it left unknown."""
        if f'"{STATEMENT}"' not in held.text:
            return
        text = held.text.replace("$${", f"{_LITERAL}{{").replace("${", f"{_EXPRESSION}{{")
        try:
            value = read_json(text, Place("", 1))
        except UnreadablePolicy as error:
            reason = Unresolved(f"${{{error.found.replace(_EXPRESSION, '$')}}}")
            self.policies.append(_Policy(title, place, name, reason, held.line))
            return
        if is_meant_as_policy(value):
            places = JsonPlaces(text)
            policy = _Policy(title, place, name, _with_expressions(value), held.line, {}, places)
            policy.leading_blank = held.text.startswith(BLANKS)
            self.policies.append(policy)

    def _data_source(self, block: _Node, title: str) -> _Policy:
        """Return the policy that the provider makes of a data source."""
        statements: list[object] = []
        lines: dict[Path, int] = {}
        policy: dict[str, object] = {"Version": NEWEST}
        for part in _body(block).children:
            kind = getattr(part, "data", None)
            if kind == "attribute":
                name = _name(part.children[0])
                value = _plain(self._value(part.children[-1], (), {}))
                if name in _MERGED and value:
                    statements.append(Unresolved("${statements of other policies}"))
                elif name in ("version", "policy_id"):
                    policy["Version" if name == "version" else "Id"] = value
                    lines[("Version" if name == "version" else "Id",)] = _line(part)
            elif kind == "block":
                path: Path = (STATEMENT, len(statements))
                labels = _labels(part)
                if labels == ["statement"]:
                    lines[path] = _line(part)
                    statements.append(self._statement(part, path, lines))
                elif labels[0] == "dynamic":
                    statements.append(Unresolved("${dynamic statement}"))
        policy[STATEMENT] = statements
        return _Policy(title, DATA_SOURCE, "json", policy, _line(block), lines)

    def _statement(self, block: _Node, path: Path, lines: dict[Path, int]) -> dict[str, object]:
        """Return a statement; the effect is Allow unless the block says otherwise."""
        statement: dict[str, object] = {"Effect": "Allow"}
        for part in _body(block).children:
            kind = getattr(part, "data", None)
            if kind == "attribute":
                name = _name(part.children[0])
                if name in _ATTRIBUTES:
                    element = DATA_SOURCE_ELEMENTS[name]
                    own: dict[Path, int] = {}
                    value = _plain(self._value(part.children[-1], (*path, element), own))
                    lines.update({**own, (*path, element): _line(part)})
                    if value is not None:
                        statement[element] = _with_variables(value)
            elif kind == "block":
                self._take_inner(part, statement, path, lines)
        return statement

    def _take_inner(
        self, block: _Node, statement: dict[str, object], path: Path, lines: dict[Path, int]
    ) -> None:
        """Add a block of principals or a condition to its statement."""
        labels = _labels(block)
        name = labels[-1]
        if name not in _BLOCKS:
            return
        element = DATA_SOURCE_ELEMENTS[name]
        lines.setdefault((*path, element), _line(block))
        held = statement.setdefault(element, {})
        if labels[0] == "dynamic" or not isinstance(held, dict):
            statement[element] = Unresolved(f"${{dynamic {name}}}")
            return
        values = {
            _name(each.children[0]): _with_variables(_plain(self._value(each.children[-1], (), {})))
            for each in _children(_body(block), "attribute")
        }
        arguments = ("test", "variable") if element == "Condition" else ("type",)
        steps = [values.get(argument) for argument in arguments]
        if any(isinstance(step, Unresolved) or not isinstance(step, str) for step in steps):
            statement[element] = Unresolved(f"${{{name}}}")
            return
        names = [str(step) for step in steps]
        lines[(*path, element, *names)] = _line(block)
        items = values.get("values" if element == "Condition" else "identifiers")
        if element != "Condition" and names == ["*"] and items == ["*"]:
            statement[element] = "*"
            return
        for step in names[:-1]:
            held = held.setdefault(step, {})
        held[names[-1]] = _united(held.get(names[-1]), items)

    def _value(self, node: _Node, path: Path, lines: dict[Path, int]) -> object:
        """Return the value of an expression; *lines* takes the lines of its parts."""
        if isinstance(node, Token):
            return self._unknown(node)
        lines.setdefault(path, _line(node))
        parts = [each for each in node.children if not _is_space(each)]
        if node.data == "expr_term":
            parts = [each for each in parts if not isinstance(each, Token)]
            return self._value(parts[0], path, lines) if len(parts) == 1 else self._unknown(node)
        if node.data == "tuple":
            items = [each for each in parts if not isinstance(each, Token)]
            return [self._value(each, (*path, index), lines) for index, each in enumerate(items)]
        if node.data == "object":
            return self._object(node, path, lines)
        if node.data == "function_call":
            return self._call(node, parts, path, lines)
        return self._scalar(node)

    def _object(self, node: _Node, path: Path, lines: dict[Path, int]) -> dict[str, object]:
        held: dict[str, object] = {}
        for element in _children(node, "object_elem"):
            key = element.children[0].children[0]
            name = _name(key) if _is_name(key) else self._value(key, (), {})
            step = name.text if isinstance(name, _Text) else str(_plain(name))
            lines[(*path, step)] = _line(element)
            held[step] = self._value(element.children[-1], (*path, step), lines)
        return held

    def _call(self, node: _Node, parts: list[_Node], path: Path, lines: dict[Path, int]) -> object:
        """Return what `jsonencode` and functions that only put lists together give."""
        name = _name(parts[0])
        arguments = [
            each
            for held in parts[1:]
            if getattr(held, "data", None) == "arguments"
            for each in held.children
            if not _is_space(each) and not isinstance(each, Token)
        ]
        if name == "jsonencode" and len(arguments) == 1:
            value = self._value(arguments[0], path, lines)
            return value if isinstance(value, Unresolved) else _JsonEncoded(value)
        if name not in _LISTS:
            return self._unknown(node)
        items: list[object] = []
        for argument in arguments:
            value = self._value(argument, (), {})
            items += value if isinstance(value, list) else [value]
        if name == "flatten":
            items = [
                part for each in items for part in (each if isinstance(each, list) else [each])
            ]
        return items

    def _scalar(self, node: _Node) -> object:
        line = _line(node)
        if node.data == "string":
            return self._string(node)
        if node.data in ("heredoc_template", "heredoc_template_trim"):
            return _Text(_heredoc(str(node.children[0])), line + 1)
        if node.data in ("int_lit", "float_lit"):
            digits = _name(node)
            number = float(digits)
            if math.isinf(number) or len(digits) > MAX_DIGITS:
                return self._unknown(node)
            return int(digits) if node.data == "int_lit" else number
        if node.data == "literal_value":
            return {"true": True, "false": False, "null": None}[_name(node)]
        return self._unknown(node)

    def _string(self, node: _Node) -> object:
        """Return a text between quotation marks, open where it has expressions."""
        pieces: list[str] = []
        for part in _children(node, "string_part"):
            inner = part.children[0]
            if not isinstance(inner, Token):
                pieces.append(self._open(inner))
            elif inner.type == "ESCAPED_INTERPOLATION":
                pieces.append(str(inner)[1:])
            else:
                pieces.append(_ESCAPE.sub(_unescaped, str(inner)))
        if any(isinstance(piece, Unresolved) for piece in pieces):
            return Unresolved.joined(pieces)
        return _Text("".join(pieces), _line(node))

    def _open(self, node: _Node) -> Unresolved:
        """Return the open text for an expression in `${…}`, or a directive in `%{…}`."""
        written = self._source_of(node)
        if written.startswith("${") and written.endswith("}"):
            whole = self._whole_source_of(node)[2:-1].strip(" ~")
            return open_part(written[2:-1].strip(" ~"), whole)
        return Unresolved(written, opening(self._whole_source_of(node)))

    def _unknown(self, node: _Node) -> Unresolved:
        return open_part(self._source_of(node), self._whole_source_of(node))

    def _source_of(self, node: _Node) -> str:
        """Return an expression as it is written, on one line and not too long."""
        written = self._whole_source_of(node)
        return written if len(written) <= 100 else f"{written[:99]}…"

    def _whole_source_of(self, node: _Node) -> str:
        where = node if isinstance(node, Token) else node.meta
        return " ".join(self.text[where.start_pos : where.end_pos].split())


def _heredoc(written: str) -> str:
    """Return the text of a heredoc: without its first and last line, and for `<<-` the indent."""
    first, _, rest = written.partition("\n")
    text = rest.rstrip("\r\n").rpartition("\n")[0]
    return dedent(text) if first.startswith("<<-") else text


def _children(node: _Node, name: str) -> Iterator[_Node]:
    return (each for each in node.children if getattr(each, "data", None) == name)


def _body(block: _Node) -> _Node:
    return next(_children(block, "body"))


def _is_space(node: _Node) -> bool:
    return getattr(node, "data", None) == "new_line_or_comment"


def _is_name(node: _Node) -> bool:
    """Return True for a name without quotation marks, as the key of an object."""
    while not isinstance(node, Token) and node.data == "expr_term" and len(node.children) == 1:
        node = node.children[0]
    return isinstance(node, Token) or node.data in ("identifier", "keyword", "literal_value")


def _name(node: _Node) -> str:
    while not isinstance(node, Token):
        node = node.children[0]
    return str(node)


def _labels(block: _Node) -> list[str]:
    """Return the type of a block and its labels."""
    found = []
    for each in block.children:
        if getattr(each, "data", None) in ("identifier", "keyword", "literal_value"):
            found.append(_name(each))
        elif getattr(each, "data", None) == "string":
            found.append("".join(_name(part) for part in _children(each, "string_part")))
    return found


def _line(node: _Node) -> int:
    """Return the line of a node, from 0."""
    return int(getattr(node.meta, "line", 1)) - 1


def _step(step: object) -> str:
    return f"[{step}]" if isinstance(step, int) else f".{step}"


def _unescaped(match: re.Match[str]) -> str:
    if digits := match[1] or match[2]:
        code = int(digits, 16)
        return "\N{REPLACEMENT CHARACTER}" if code in _HALVES or code > _LAST else chr(code)
    return _ESCAPES.get(match[3], match[3])


def _holds_policy(place: str | None, name: str) -> bool:
    """Return True for an attribute of AWS's resources that is nothing but a policy."""
    return (
        place is not None
        and _POLICY_NAME.fullmatch(name) is not None
        and kind_in_place(place, name) is not None
    )


def _plain(value: object) -> object:
    """Return a value with its texts as JSON has them."""
    if isinstance(value, _Text):
        return value.text
    if isinstance(value, _JsonEncoded):
        return _plain(value.value)
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return value


def _with_variables(value: object) -> object:
    """Return texts with the data source's `&{…}` for variables of policies as AWS writes them."""
    if isinstance(value, list):
        return [_with_variables(each) for each in value]
    if isinstance(value, str):
        if isinstance(value, Unresolved):
            return Unresolved(value.replace("&{", "${"), value.pattern.replace("&{", "${"))
        return value.replace("&{", "${")
    return value


def _with_expressions(value: object) -> object:
    """Return the value of a heredoc's JSON with its texts that have expressions unknown."""
    if isinstance(value, list):
        return [_with_expressions(each) for each in value]
    if isinstance(value, dict):
        for name, each in value.items():
            value[name] = _with_expressions(each)
        return value
    return _with_open_parts(value) if isinstance(value, str) else value


def _with_open_parts(text: str) -> str:
    """Return a text in which the expressions that are marked are open."""
    pieces, done = list[str](), 0
    marked = text.replace(_EXPRESSION, "$")
    for start, end in split_expressions(marked):
        if start >= done and text[start] == _EXPRESSION:
            pieces += [text[done:start], open_part(marked[start + 2 : end - 1].strip(" ~"))]
            done = end
    pieces = [
        piece if isinstance(piece, Unresolved) else piece.replace(_LITERAL, "$")
        for piece in (*pieces, text[done:])
    ]
    return Unresolved.joined(pieces) if done else "".join(pieces)


def _united(held: object, items: object) -> object:
    """Return the values of two blocks with the same names as one list."""
    if held is None:
        return items
    if isinstance(held, list) and isinstance(items, list):
        return [*held, *items]
    return Unresolved("${values}")
