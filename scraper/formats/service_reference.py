"""Read AWS's JSON service reference (v1).

No descriptions, links, required marks, permission-only marks, dependent actions or scenarios
are in it. Each object keeps the line on which it begins. An unknown field is reported, and
costs nothing; an unknown flag costs the access level of its action.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from json import JSONDecodeError, JSONDecoder, decoder, scanner
from pathlib import PurePosixPath
from typing import Any

from iam_catalog.policy.read.json_text import fault
from scraper.formats.base import Format
from scraper.page.cells import DEPENDENT_ACTION, is_action_name, is_arn_format
from scraper.page.model import (
    PageAction,
    PageActionRow,
    PageAuthorizedAction,
    PageConditionKey,
    PageOperation,
    PageResourceType,
    ServicePage,
    State,
    no_page,
)
from scraper.page.report import Report
from scraper.page.tables import Cell, Row

LEVELS = "access_levels"
PLACES = (LEVELS, "row_pairing", "key_types")
"""Details for which an entry has a place."""
FIELDS = {
    "page": {"Name", "Version", "Actions", "ConditionKeys", "Resources", "Operations"},
    "action": {"Name", "Annotations", "ActionConditionKeys", "Resources", "SupportedBy"},
    "annotations": {"Properties"},
    "properties": {"IsList", "IsPermissionManagement", "IsTaggingOnly", "IsWrite"},
    "action resource": {"Name", "ConditionKeys"},
    "condition key": {"Name", "Types"},
    "resource": {"Name", "ARNFormats", "ConditionKeys"},
    "operation": {"Name", "AuthorizedActions", "SDK"},
    "authorized action": {"Name", "Service", "Context"},
    "sdk": {"Name", "Method", "Package"},
}
"""The fields of each kind of object, as of version v1.4."""
FLAGS = (
    ("IsPermissionManagement", "Permissions management"),
    ("IsTaggingOnly", "Tagging"),
    ("IsWrite", "Write"),
    ("IsList", "List"),
)
"""The access level of each flag, in the order in which AWS's pages list them."""
_WITHOUT_FLAGS = ("v1.0", "v1.1")
"""Versions whose files may name actions without any flag: the oldest files seen with flags are of
July 2025, of version v1.2."""
SECTIONS = {
    "Actions": "actions",
    "Resources": "resource_types",
    "ConditionKeys": "condition_keys",
    "Operations": "operations",
}


class Located(dict[str, Any]):
    """A JSON object with the line on which it begins."""

    line = 1


class _LineDecoder(JSONDecoder):
    """Decode objects as `Located`, in pure Python, which knows positions."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.position, self.line = 0, 1
        self.text = text
        self.parse_object = self.located
        self.scan_once = scanner.py_make_scanner(self)  # type: ignore[attr-defined]

    def located(
        self, start: tuple[str, int], strict: bool, scan_once: Any, *_: Any
    ) -> tuple[Located, int]:
        """Decode an object; *start* is the text and the position behind its opening brace."""
        self.line += self.text.count("\n", self.position, start[1])
        self.position = start[1]
        line = self.line
        pairs, end = decoder.JSONObject(start, strict, scan_once, None, list)  # type: ignore[attr-defined]
        found = Located(pairs)
        if len(found) < len(pairs):
            raise ValueError(f"the object of line {line} has a field twice")
        found.line = line
        return found, end


def _parse_json(file: str, text: str) -> ServicePage:
    """Return the page in *text*, which looks like JSON."""
    try:
        value = _LineDecoder(text).decode(text)
    except JSONDecodeError as error:
        found, position = fault(text, error.pos)
        line = text.count("\n", 0, position) + 1
        return no_page(file, "cut-off", line, f"no valid JSON: {found}")
    except RecursionError:
        return no_page(file, "unreadable", 1, "JSON that is nested too deep")
    except ValueError as error:
        return no_page(file, "unreadable", 1, f"JSON with a value of no use: {error}")
    listed = value if isinstance(value, list) else []
    if listed and all(isinstance(each, dict) and "url" in each for each in listed):
        return no_page(file, "index", 1, f"the list of {len(listed)} services, and none of them")
    if not isinstance(value, Located) or not isinstance(value.get("Name"), str):
        expected = "expected an object with 'Name' and 'Actions'"
        return no_page(file, "not-a-page", 1, f"JSON of another kind; {expected}")
    if not isinstance(value.get("Actions"), list):
        return no_page(file, "not-a-page", 1, "JSON without a list 'Actions'")
    return _JsonParser(file, value).parse()


class _JsonParser:
    """Read the objects of one file; one instance per file."""

    def __init__(self, file: str, value: Located) -> None:
        self.file = file
        self.value = value
        self.report = Report(file)
        self.has_flags = value.get("Version") not in _WITHOUT_FLAGS or any(
            isinstance(each, dict) and "Annotations" in each for each in value["Actions"]
        )
        """The file has a place for access levels."""

    def parse(self) -> ServicePage:
        self._check_fields("page", self.value)
        prefix = self.value["Name"]
        states: dict[str, State] = {
            section: self.state(name, section) for name, section in SECTIONS.items()
        }
        page = ServicePage(
            self.file,
            FORMAT.name,
            None,
            PurePosixPath(self.file).stem,
            None,
            prefix,
            self.value.line,
            states,
            tuple(self.records("Actions", self.action)),
            tuple(self.records("Resources", self.resource_type)),
            tuple(self.records("ConditionKeys", self.condition_key)),
            tuple(each for all_ in self.records("Operations", self.operation) for each in all_),
            publication="reference",
        )
        places = PLACES if self.has_flags else tuple(each for each in PLACES if each != LEVELS)
        return self.report.finish(page, places)

    def state(self, name: str, section: str) -> State:
        """Return the state of a section: lists are never empty, so that an absent one means none.

        Only the operations are not known for every service.
        """
        if self.value.get(name):
            return "parsed"
        return "not in source" if section == "operations" else "none"

    def records(self, name: str, read: Any) -> Iterator[Any]:
        """Yield the records of a list, each object of which is a row."""
        section = SECTIONS[name]
        entries = self.value.get(name) or []
        if not isinstance(entries, list):
            self.report.problem(self.value.line, "unknown-row-shape", f"{name!r} is no list")
            return
        self.report.found(section, len(entries))
        for ordinal, entry in enumerate(entries):
            row = Row((Cell(repr(entry)[:120], ()),), getattr(entry, "line", 1), ordinal=ordinal)
            try:
                record = read(entry, row)
            except (KeyError, TypeError, AttributeError, ValueError) as error:
                reason = f"no {error}" if isinstance(error, KeyError) else str(error)
                text = f"{reason}: {row.cells[0].text}"
                self.report.row_error(section, row, "unknown-row-shape", text)
                continue
            if record is not None:
                self.report.recorded(section, row)
                yield record

    def _check_fields(self, kind: str, entry: Located, but: Collection[str] = ()) -> None:
        """Report fields that are not known, *but* those that are reported as something else.

        Raises `TypeError` for what is not an object.
        """
        if not isinstance(entry, Located):
            raise TypeError(f"{kind} is no object")
        for name in [name for name in entry if name not in FIELDS[kind] and name not in but]:
            self.report.problem(entry.line, "unknown-field", f"{name!r} in {kind}")

    def action(self, entry: Located, row: Row) -> PageAction | None:
        self._check_fields("action", entry)
        name = _text_of(entry, "Name")
        if not is_action_name(name):
            self.report.row_error("actions", row, "malformed-name", repr(name))
            return None
        rows = [self.action_row(each) for each in entry.get("Resources", ())]
        if keys := _texts_of(entry, "ActionConditionKeys"):
            rows.append(PageActionRow(None, None, False, keys, (), entry.line))
        empty = PageActionRow(None, None, False, (), (), entry.line)
        levels = self.access_levels(entry, name)
        return PageAction(name, None, levels, False, None, entry.line, tuple(rows or [empty]))

    def access_levels(self, entry: Located, name: str) -> tuple[str, ...]:
        """Read every level whose flag is set; an action whose four flags are all false reads.

        None where a flag is missing, is neither true nor false, or is not known: it may be the
        very one that says that the action writes.
        """
        if not self.has_flags:
            return ()
        flags, wrong = self._flags(entry)
        if wrong:
            self.report.problem(entry.line, "unknown-level-flags", f"{name!r}: {', '.join(wrong)}")
            return ()
        return tuple(level for flag, level in FLAGS if flags[flag]) or ("Read",)

    def _flags(self, entry: Located) -> tuple[dict[str, Any], list[str]]:
        """Read the flags of an action, and say what is wrong with them."""
        found = entry
        wrong: list[str] = []
        for field in ("Annotations", "Properties"):
            if not isinstance(found.get(field), Located):
                has = (
                    f"is {_shown(found[field])}, not an object" if field in found else "is missing"
                )
                return {}, [*wrong, f"{field!r} {has}"]
            found = found[field]
            unknown = _unknown_flags(field.lower(), found)
            wrong += [f"{each!r} is unknown" for each in unknown]
            self._check_fields(field.lower(), found, but=unknown)
        for flag, _ in FLAGS:
            if flag not in found:
                wrong.append(f"{flag!r} is missing")
            elif not isinstance(found[flag], bool):
                wrong.append(f"{flag!r} is {_shown(found[flag])}, neither true nor false")
        return found, wrong

    def action_row(self, entry: Located) -> PageActionRow:
        self._check_fields("action resource", entry)
        name, keys = _text_of(entry, "Name"), _texts_of(entry, "ConditionKeys")
        return PageActionRow(None, name, False, keys, (), entry.line)

    def resource_type(self, entry: Located, row: Row) -> PageResourceType | None:
        self._check_fields("resource", entry)
        formats = _texts_of(entry, "ARNFormats")
        if not formats or not all(is_arn_format(text) for text in formats):
            self.report.row_error("resource_types", row, "malformed-arn-format", repr(formats))
            return None
        keys = _texts_of(entry, "ConditionKeys")
        return PageResourceType(_text_of(entry, "Name"), formats, keys, None, entry.line)

    def condition_key(self, entry: Located, row: Row) -> PageConditionKey:
        self._check_fields("condition key", entry)
        key = _text_of(entry, "Name")
        if ":" not in key:
            self.report.problem(row.line, "odd-condition-key", f"{key!r} has no prefix")
        return PageConditionKey(
            key, None, ", ".join(_texts_of(entry, "Types")) or None, None, row.line
        )

    def operation(self, entry: Located, row: Row) -> tuple[PageOperation, ...] | None:
        """Read an operation, once for each of its SDK clients."""
        self._check_fields("operation", entry)
        clients: list[str | None] = [self.client(each) for each in entry.get("SDK", ())]
        actions = [
            action
            for each in entry.get("AuthorizedActions", ())
            for action in self.authorized(each)
        ]
        for action in actions:
            if not DEPENDENT_ACTION.fullmatch(action.action):
                self.report.row_error("operations", row, "malformed-name", repr(action.action))
                return None
        name = _text_of(entry, "Name")
        return tuple(
            PageOperation(name, client, entry.line, tuple(actions)) for client in clients or [None]
        )

    def client(self, entry: Located) -> str:
        self._check_fields("sdk", entry)
        return _text_of(entry, "Name")

    def authorized(self, entry: Located) -> list[PageAuthorizedAction]:
        """Read an action that the operation needs, once for each condition key that it fixes."""
        self._check_fields("authorized action", entry)
        action = f"{_text_of(entry, 'Service')}:{_text_of(entry, 'Name')}"
        context = entry.get("Context") or {}
        fixed = [PageAuthorizedAction(action, key, _texts_of(context, key), ()) for key in context]
        return fixed or [PageAuthorizedAction(action, None, (), ())]


def _unknown_flags(kind: str, entry: Located) -> list[str]:
    """Name the fields that are not known, and look like a flag of an access level."""
    return [
        name
        for name, value in entry.items()
        if name not in FIELDS[kind] and (name.lower().startswith("is") or isinstance(value, bool))
    ]


def _shown(value: Any) -> str:
    """Write a value as JSON does, cut where it is long."""
    return json.dumps(value)[:40]


def _text_of(entry: dict[str, Any], name: str) -> str:
    value = entry[name]
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name!r} is not text")
    return value


def _texts_of(entry: dict[str, Any], name: str) -> tuple[str, ...]:
    values = entry.get(name, [])
    if not isinstance(values, list) or not all(isinstance(each, str) for each in values):
        raise ValueError(f"{name!r} is not a list of strings")
    return tuple(values)


def _detect(text: str) -> bool:
    return text.lstrip()[:1] in ("{", "[")


FORMAT = Format("json", _detect, _parse_json, by_line=False)
