"""Read YAML text, and find the lines of its parts; needs the extra `iam-catalog[yaml]`.

Values are built from PyYAML's events, not with its constructors: nothing of the text is ever
executed, and an alias counts as often as it is used, so that a few lines cannot grow into
gigabytes. Scalars are read as CloudFormation reads them: `2012-10-17` is text and not a date, and
digits after a zero are text, because an account number is not octal.

Local tags become the long forms of CloudFormation's functions: `!Sub x` is `{"Fn::Sub": x}`
(CloudFormation User Guide, "Intrinsic function reference").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from iam_catalog.errors import UnreadablePolicy
from iam_catalog.policy.model import Path
from iam_catalog.policy.read.json_text import MAX_DEPTH, MAX_DIGITS, Place, RepeatedNames

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Only its parser is used; the one in C where PyYAML was built with it."""

_StartEvent = ScalarEvent | SequenceStartEvent | MappingStartEvent

_MAX_LENGTH = 8 * 1024 * 1024
"""CloudFormation takes templates of at most 1 MB."""

_MAX_NODES = 1_000_000
"""Of one text."""

_STANDARD = "tag:yaml.org,2002:"
_VALUE_TAGS = {_STANDARD + name for name in ("null", "bool", "int", "float")}
_READ_TAGS = _VALUE_TAGS | {_STANDARD + name for name in ("str", "seq", "map")}
_MERGE = "<<"
_NULLS = {"", "~", "null", "Null", "NULL"}
_BOOLEANS = {
    **dict.fromkeys(("yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
}
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"[-+]?[0-9]+\.[0-9]*(?:[eE][-+]?[0-9]{1,2})?")


@dataclass(slots=True)
class _Node:
    """A part of a YAML text."""

    line: int
    """From 0."""
    tag: str | None
    scalar: str | None = None
    plain: bool = False
    items: list[_Node] | None = None
    pairs: list[tuple[_Node, _Node]] | None = None
    size: int = 1
    """The nodes in it, itself included, with each alias counted as what it stands for."""
    depth: int = 1
    closed: bool = True


@dataclass(slots=True)
class _Composer:
    """Builds nodes from the events of a text; raises `UnreadablePolicy`."""

    place: Place
    roots: list[_Node] = field(default_factory=list)
    open: list[_Node] = field(default_factory=list)
    keys: list[_Node | None] = field(default_factory=list)
    """For each open mapping, the key whose value comes next."""
    anchors: dict[str, _Node] = field(default_factory=dict)
    size: int = 0
    """Of the complete documents."""

    def add(self, event: Event) -> None:
        """Take the next event."""
        if isinstance(event, ScalarEvent):
            plain = event.implicit[0]
            self.attach(self.started(event, scalar=event.value, plain=plain))
        elif isinstance(event, SequenceStartEvent):
            self.start(self.started(event, items=[], closed=False))
        elif isinstance(event, MappingStartEvent):
            self.start(self.started(event, pairs=[], closed=False))
        elif isinstance(event, CollectionEndEvent):
            self.end()
        elif isinstance(event, AliasEvent):
            self.attach(self.aliased(event))
        elif isinstance(event, DocumentStartEvent):
            self.anchors = {}

    def started(self, event: _StartEvent, **parts: Any) -> _Node:
        """Make the node that an event starts, and remember it under its anchor."""
        node = _Node(_line_of(event), event.tag, **parts)
        if event.anchor:
            self.anchors[event.anchor] = node
        return node

    def start(self, node: _Node) -> None:
        self.open.append(node)
        self.keys.append(None)
        self.refuse_excess(node, len(self.open))

    def end(self) -> None:
        node = self.open.pop()
        self.keys.pop()
        node.closed = True
        self.attach(node)

    def attach(self, node: _Node) -> None:
        """Add a complete node to the innermost open one."""
        if not self.open:
            self.refuse_excess(node, 0)
            self.size += node.size
            self.roots.append(node)
            return
        around = self.open[-1]
        around.size += node.size
        around.depth = max(around.depth, node.depth + 1)
        self.refuse_excess(around, around.depth)
        if around.items is not None:
            around.items.append(node)
        elif around.pairs is not None:
            key = self.keys[-1]
            if key is not None:
                around.pairs.append((key, node))
            self.keys[-1] = node if key is None else None

    def refuse_excess(self, node: _Node, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise self.refused(f"it is nested more than {MAX_DEPTH} levels deep", node.line)
        if self.size + node.size > _MAX_NODES:
            raise self.refused(f"it stands for more than {_MAX_NODES:,} parts", node.line)

    def aliased(self, event: AliasEvent) -> _Node:
        name = str(event.anchor)
        node = self.anchors.get(name)
        if node is None:
            raise self.refused(f"there is no anchor {name[:80]!r}", _line_of(event))
        if not node.closed:
            raise self.refused(f"{name[:80]!r} is an alias of itself", _line_of(event))
        return node

    def refused(self, found: str, line: int) -> UnreadablePolicy:
        return Place(self.place.file, self.place.line + line).refused(found)


def _line_of(event: Event) -> int:
    return event.start_mark.line if event.start_mark else 0


def _compose(text: str, place: Place) -> list[_Node]:
    """Return the documents of a YAML text as nodes; raises `UnreadablePolicy`."""
    if len(text) > _MAX_LENGTH:
        raise place.refused(f"it is YAML of more than {_MAX_LENGTH // 2**20} MB")
    composer = _Composer(place)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            composer.add(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line if mark else 0
        raise composer.refused(f"it is not YAML: {error.problem}", line) from None
    except (yaml.YAMLError, ValueError) as error:
        raise place.refused(f"it is not YAML: {' '.join(str(error).split())}") from None
    return composer.roots


def read_yaml(text: str, place: Place) -> list[object]:
    """Return the values of the documents of a YAML text; raises `UnreadablePolicy`."""
    return [_construct(root, place) for root in _compose(text, place)]


def _construct(node: _Node, place: Place) -> object:
    """Return the value of a node, which remembers a name that a mapping has twice."""
    value: object
    tag = node.tag or "!"
    if node.items is not None:
        value = [_construct(item, place) for item in node.items]
    elif node.pairs is not None:
        value = _mapping(node, place)
    else:
        value = _scalar(node, place)
    if tag == "!" or tag in _READ_TAGS:
        return value
    if tag.startswith(_STANDARD) or not tag.startswith("!"):
        shown = tag.replace(_STANDARD, "!!")[:80]
        found = f"the YAML tag {shown!r} is not read here"
        raise Place(place.file, place.line + node.line).refused(found)
    return {_function_name(tag): value}


def _function_name(tag: str) -> str:
    return tag[1:] if tag in ("!Ref", "!Condition") else f"Fn::{tag[1:]}"


def _mapping(node: _Node, place: Place) -> dict[str, object]:
    """Return a mapping. Of a name that is there twice the last counts; what `<<` merges, least."""
    held: dict[str, object] = {}
    repeated = []
    for key, value in node.pairs or ():
        name = _name_of(key)
        if name == _MERGE and key.plain:
            continue
        if name in held:
            repeated.append(name)
        held[name] = _construct(value, place)
    for source in _merged(node):
        for name, member in _mapping(source, place).items():
            held.setdefault(name, member)
    if not repeated:
        return held
    with_repeats = RepeatedNames(held)
    with_repeats.repeated = tuple(dict.fromkeys(repeated))
    return with_repeats


def _merged(node: _Node) -> Iterator[_Node]:
    """Yield the mappings that a `<<` of this mapping names."""
    for key, value in node.pairs or ():
        if key.scalar == _MERGE and key.plain:
            for source in value.items if value.items is not None else (value,):
                if source.pairs is not None:
                    yield source


def _name_of(key: _Node) -> str:
    """Return the name of a member as it is written, because names in JSON are texts."""
    return key.scalar if key.scalar is not None else "?"


def _scalar(node: _Node, place: Place) -> object:
    text = node.scalar or ""
    if not text.isascii():
        _refuse_half_pair(text, Place(place.file, place.line + node.line))
    if node.tag in _VALUE_TAGS or (node.plain and node.tag is None):
        return _plain_value(text)
    return text


def _plain_value(text: str) -> object:
    """Return the value of a plain scalar, in the types that JSON has."""
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if len(text) > MAX_DIGITS:
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text


def _refuse_half_pair(text: str, place: Place) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise place.refused("half of a surrogate pair (\\ud800 to \\udfff) stands alone") from None


class YamlPlaces:
    """The lines of the parts of a YAML text that `read_yaml` has read."""

    def __init__(self, text: str) -> None:
        self.roots = _compose(text, Place(""))

    def line(self, path: Path) -> int:
        """Return the line, from 0. Of several documents, the first step is the number of one."""
        root = _Node(0, None, items=self.roots) if len(self.roots) > 1 else self.roots[0]
        node, line = root, self.roots[0].line
        for step in path:
            place = _part(node, step)
            if place is None:
                if step == "Statement" and node.items is not None:
                    continue  # a list of statements that has no policy around it
                break
            line, node = place
        return line


def _part(node: _Node, step: str | int) -> tuple[int, _Node] | None:
    """Return the line and the node of a member or an item."""
    if node.tag and node.tag.startswith("!") and _function_name(node.tag) == step:
        return node.line, _Node(node.line, None, node.scalar, False, node.items, node.pairs)
    if node.items is not None and isinstance(step, int) and step < len(node.items):
        return node.items[step].line, node.items[step]
    for key, value in reversed(node.pairs or ()):
        if _name_of(key) == step:
            return key.line, value
    return next((found for source in _merged(node) if (found := _part(source, step))), None)
