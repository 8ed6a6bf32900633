"""Read tables of policies part by part: files of Parquet and JSON Lines, alone or in a folder.

A part is some thousand rows of a file, as bytes that another process unpacks: where parts begin
and end depends on the files alone, so that a second run finds what the first one did.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from iam_catalog.errors import CatalogError, UnreadablePolicy
from iam_catalog.policy.check.findings import quoted
from iam_catalog.policy.read.json_text import MAX_BYTES, Place, read_json, refuse_excess
from iam_catalog.policy.read.kinds import is_meant_as_policy
from iam_catalog.sql.arrow import texts

PARQUET = (".parquet", ".pq")
JSON_LINES = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")
PART_ROWS = 5_000
PART_BYTES = 32 * 2**20
"""A part ends with the row that fills either."""
_READ_ROWS = 500
"""Rows of Parquet that are unpacked together: each can be as large as a part."""
_MAGIC = b"PAR1"
DEFAULT_COLUMN = "policy"


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table that count."""

    policy: str | None = None
    """None: `policy`, or in JSON Lines the whole line where it is a policy itself."""
    kind: str | None = None
    """The column that says what a policy is attached to."""
    keep: tuple[str, ...] = ()
    """Columns that are repeated beside each finding."""

    @property
    def policy_name(self) -> str:
        return self.policy or DEFAULT_COLUMN

    @property
    def names(self) -> list[str]:
        kind = [] if self.kind is None else [self.kind]
        return list(dict.fromkeys([self.policy_name, *kind, *self.keep]))


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of a file that follow each other."""

    file: str
    """Relative to the folder that is read, with `/`; the name of a file that is read alone."""
    number: int
    first: int
    """The first row, from 0; in JSON Lines a row is a line."""
    rows: int
    last: bool
    """No other part of the file follows."""
    content: bytes | list[bytes]
    """A batch of Arrow, or lines of JSON."""


@dataclass(slots=True)
class Unpacked:
    """The rows of a part."""

    policies: list[object]
    """A text, a value of JSON, an `UnreadablePolicy` for a line that is none, or None."""
    kinds: Sequence[str | None]
    kept: list[Any]
    """An array for each column that is kept."""


def files_in(path: Path) -> tuple[dict[str, Path], int]:
    """Find the files of a table, by their relative names, and count files of other kinds.

    As for Spark, names that start with `_` or `.` are not part of a table. Raises `CatalogError`.
    """
    if not path.exists():
        raise CatalogError(f"{str(path)!r} is not there: expected a file or folder of policies.")
    if not path.is_dir():
        return {path.name: path}, 0
    found, others = {}, 0
    for each in sorted(path.rglob("*")):
        inside = each.relative_to(path)
        if any(step.startswith(("_", ".")) for step in inside.parts) or each.is_dir():
            continue
        if each.name.lower().endswith(PARQUET + JSON_LINES):
            found[inside.as_posix()] = each
        else:
            others += 1
    if not found:
        endings = ", ".join(PARQUET + JSON_LINES)
        raise CatalogError(f"{str(path)!r} has no files of policies: expected {endings}.")
    return found, others


def parts_of(name: str, path: Path, columns: Columns) -> Iterator[Part]:
    """Yield the parts of a file. Raises `CatalogError` for one that is no such table."""
    try:
        if is_parquet(path):
            yield from _with_last(name, _batches(path, columns))
        else:
            with _opened(path) as stream:
                yield from _with_last(name, _lines(str(path), stream, columns))
    except OSError as error:
        raise CatalogError(f"Cannot read {str(path)!r}: {error.strerror or error}.") from error
    except (EOFError, zlib.error, pa.ArrowException) as error:
        raise CatalogError(f"Cannot read {str(path)!r}: it is damaged ({error}).") from error


def is_parquet(path: Path) -> bool:
    """Tell Parquet from JSON Lines, by the ending or else by the first bytes."""
    name = path.name.lower()
    if name.endswith(JSON_LINES):
        return False
    if name.endswith(PARQUET):
        return True
    with path.open("rb") as stream:
        return stream.read(len(_MAGIC)) == _MAGIC


_Rows = tuple[int, bytes | list[bytes]]


def _with_last(name: str, contents: Iterable[_Rows]) -> Iterator[Part]:
    """Number the parts, of which one alone may be empty; the last one is marked."""
    waiting: _Rows | None = None
    number = first = 0
    for content in contents:
        if waiting is not None:
            yield Part(name, number, first, waiting[0], False, waiting[1])
            number, first = number + 1, first + waiting[0]
        waiting = content
    rows, left = waiting or (0, [])
    yield Part(name, number, first, rows, True, left)


# --- Parquet


def _batches(path: Path, columns: Columns) -> Iterator[_Rows]:
    with pq.ParquetFile(path) as file:
        _check_columns(str(path), file.schema_arrow, columns)
        waiting: list[Any] = []
        rows = size = 0
        for batch in file.iter_batches(_READ_ROWS, columns=columns.names):
            waiting.append(batch)
            rows, size = rows + batch.num_rows, size + batch.nbytes
            if rows >= PART_ROWS or size >= PART_BYTES:
                yield rows, _packed(waiting)
                waiting, rows, size = [], 0, 0
        if waiting:
            yield rows, _packed(waiting)


def _check_columns(file: str, schema: Any, columns: Columns) -> None:
    for name in columns.names:
        if name not in schema.names:
            raise _no_column(file, name, schema.names, columns)
        if schema.names.count(name) > 1:
            raise CatalogError(f"{file!r} has several columns {name!r}: give each its own name.")
    for name in filter(None, (columns.policy_name, columns.kind)):
        if not _is_text(schema.field(name).type):
            raise CatalogError(
                f"The column {name!r} of {file!r} is of type {schema.field(name).type}: expected "
                "text, such as the JSON of a policy."
            )


def _is_text(kind: Any) -> bool:
    """Return True for texts, bytes, and a column in which there is nothing but NULL."""
    types = pa.types
    kind = _stored(kind)
    strings = (types.is_string, types.is_large_string, types.is_string_view)
    bytes_ = (types.is_binary, types.is_large_binary, types.is_binary_view)
    return any(test(kind) for test in (*strings, *bytes_, types.is_null))


def _stored(kind: Any) -> Any:
    """Return the type of the values of a dictionary, or of an extension, such as JSON."""
    if pa.types.is_dictionary(kind):
        return _stored(kind.value_type)
    return kind.storage_type if isinstance(kind, pa.BaseExtensionType) else kind


def _no_column(file: str, name: str, names: Iterable[str], columns: Columns) -> CatalogError:
    option = "--keep"
    if name == columns.policy_name:
        option = "--column"
    elif name == columns.kind:
        option = "--kind-column"
    there = ", ".join(map(quoted, names)) or "none"
    return CatalogError(f"{file!r} has no column {name!r}, but {there}: name one with {option}.")


def _packed(batches: list[Any]) -> bytes:
    table = pa.Table.from_batches(batches)
    sink = pa.BufferOutputStream()
    # Not by pickle, which takes all that a slice was cut from.
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return bytes(sink.getvalue())


# --- JSON Lines


def _opened(path: Path) -> BinaryIO:
    if path.name.lower().endswith(".gz"):
        return gzip.open(path, "rb")  # type: ignore[return-value]
    return path.open("rb")


def _lines(file: str, stream: BinaryIO, columns: Columns) -> Iterator[_Rows]:
    waiting: list[bytes] = []
    size = 0
    lines = _each_line(stream)
    head = []
    for line in lines:
        head.append(line)
        if line.strip():
            _check_members(file, line, columns)
            break
    for line in chain(head, lines):
        waiting.append(line)
        size += len(line)
        if len(waiting) >= PART_ROWS or size >= PART_BYTES:
            yield len(waiting), waiting
            waiting, size = [], 0
    if waiting:
        yield len(waiting), waiting


def _each_line(stream: BinaryIO) -> Iterator[bytes]:
    """Yield each line; one that is too long is cut, and stays too long to be read."""
    while line := stream.readline(MAX_BYTES + 2):
        rest = line
        while len(rest) > MAX_BYTES and not rest.endswith(b"\n"):
            rest = stream.readline(MAX_BYTES + 2)
        yield line


def _check_members(file: str, line: bytes, columns: Columns) -> None:
    """Raise `CatalogError` where the first row has other members than those that are named.

    So it is where a file is named that is none of JSON Lines, such as CSV or a database.
    """
    try:
        value = _value_of(line, Place(file))
    except UnreadablePolicy as error:
        if file.lower().endswith(JSON_LINES):
            return  # a row like others, which is reported
        raise CatalogError(
            f"{file!r} is neither Parquet nor JSON Lines, as its first row shows: {error} Write "
            "it as one of them, for example in DuckDB with copy (from …) to 'policies.parquet'."
        ) from error
    if not isinstance(value, dict) or (columns.policy is None and is_meant_as_policy(value)):
        return
    for name in columns.names:
        if name not in value:
            raise _no_column(file, name, value, columns)


def _value_of(line: bytes, place: Place) -> object:
    try:
        text = line.rstrip(b"\r\n").decode("utf-8-sig" if place.line == 1 else "utf-8")
    except UnicodeDecodeError:
        raise place.refused("it is not UTF-8 text") from None
    refuse_excess(text, place)
    return read_json(text, place)


# --- in the process that checks


def unpacked(part: Part, columns: Columns) -> Unpacked:
    """Return the rows of a part."""
    if isinstance(part.content, list):
        return _rows_of_lines(part, part.content, columns)
    with pa.ipc.open_stream(part.content) as stream:
        table = stream.read_all()
    policies: list[object] = [*_texts_of(table[columns.policy_name])]
    kinds = [None] * len(policies) if columns.kind is None else _texts_of(table[columns.kind])
    return Unpacked(policies, kinds, [table[name].combine_chunks() for name in columns.keep])


def _texts_of(column: Any) -> list[str | None]:
    stored = _stored(column.type)
    return texts(column if stored == column.type else column.cast(stored))


def _rows_of_lines(part: Part, lines: list[bytes], columns: Columns) -> Unpacked:
    policies: list[object] = []
    kinds: list[str | None] = []
    kept: list[list[str | None]] = [[] for _ in columns.keep]
    for number, line in enumerate(lines, part.first + 1):
        row: dict[str, object] = {}
        policy: object = None
        try:
            value = _value_of(line, Place(part.file, number)) if line.strip() else {}
        except UnreadablePolicy as error:
            policy = error
        else:
            row = value if isinstance(value, dict) else {}
            policy = row.get(columns.policy_name)
            if value != {} and _is_whole_line(value, columns):
                policy = line.decode("utf-8-sig").strip()
        policies.append(policy)
        kinds.append(None if columns.kind is None else _text(row.get(columns.kind)))
        for name, values in zip(columns.keep, kept, strict=True):
            values.append(_text(row.get(name)))
    return Unpacked(policies, kinds, [pa.array(values, pa.string()) for values in kept])


def _is_whole_line(value: object, columns: Columns) -> bool:
    """Return True if a line is itself what is to be checked: a policy, or no row of a table."""
    if not isinstance(value, dict):
        return True
    return columns.policy is None and columns.policy_name not in value and is_meant_as_policy(value)


def _text(value: object) -> str | None:
    """Return a member as text: that of a list, an object or a number is its JSON."""
    return value if value is None or isinstance(value, str) else json.dumps(value)
