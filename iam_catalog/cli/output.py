"""Prints answers: as a table for people, as json, jsonl or csv for programs.

Answers are lists of names, lists of records, or one record. Data goes to standard output.
"""

from __future__ import annotations

import sys

import click

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

FORMATS = ("table", "json", "jsonl", "csv")


def is_terminal() -> bool:
    """Standard output is read by a person."""
    return sys.stdout is not None and sys.stdout.isatty()


def print_names(names: Sequence[str], form: str, column: str) -> None:
    """Print a list of names: a line each, or under *column* in csv."""
    if form == "json":
        print_json(names)
    elif form == "jsonl":
        print_json_lines(names)
    elif form == "csv":
        print_csv([{column: name} for name in names], [column])
    else:
        for name in names:
            click.echo(printable(name))


def print_records(records: Sequence[Any], form: str, columns: Sequence[str]) -> None:
    """Print a list of records; a table and csv have only *columns*."""
    if form == "json":
        print_json([as_plain(record) for record in records])
    elif form == "jsonl":
        print_json_lines([as_plain(record) for record in records])
    else:
        values = [{name: getattr(record, name) for name in columns} for record in records]
        if form == "csv":
            print_csv([{name: flat(each) for name, each in row.items()} for row in values], columns)
        else:
            rows = [{name: shown(each, name) for name, each in row.items()} for row in values]
            print_table(rows, columns)


def print_record(record: Any, form: str) -> None:
    """Print one record: a line a field, or one object."""
    facts = as_plain(record)
    if form == "json":
        print_json(facts)
    elif form == "jsonl":
        print_json_lines([facts])
    elif form == "csv":
        print_csv([{name: flat(value) for name, value in facts.items()}], list(facts))
    else:
        width = max(len(name) for name in facts)
        for name, value in facts.items():
            lines = shown(value, name, separator="\n").split("\n")
            for number, line in enumerate(lines):
                label = name.replace("_", " ") if number == 0 else ""
                click.echo(f"{label:<{width}}  {printable(line)}".rstrip())


def as_plain(record: Any) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(record)


UNKNOWN = {"permission_only", "actions", "resource_types", "condition_keys", "operations"}
"""Fields whose None means that no held source has a place for it; of others, that there is none."""


def shown(value: Any, name: str, separator: str = " ") -> str:
    """A value of a field as people read it."""
    return "not known" if value is None and name in UNKNOWN else flat(value, separator)


def flat(value: Any, separator: str = " ") -> str:
    """A value as the text of one cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return separator.join(flat(each, ", ") for each in value)
    if isinstance(value, dict):
        return "; ".join(
            f"{name} {flat(each)}" for name, each in value.items() if each not in (None, (), "")
        )
    return str(value)


def printable(text: str) -> str:
    """*text* without the signs that could command a terminal."""
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text
    )


def print_json(value: Any) -> None:
    click.echo(json_text(value, indent=2))


def print_json_lines(values: Iterable[Any]) -> None:
    for value in values:
        click.echo(json_text(value))


def json_text(value: Any, indent: int | None = None) -> str:
    """The JSON text of a value, with escapes for signs that could command a terminal."""
    import json

    text = json.dumps(value, indent=indent, ensure_ascii=False)
    if text.isprintable() or text.replace("\n", "").isprintable():
        return text
    return "".join(
        sign if sign.isprintable() or sign == "\n" else json.dumps(sign)[1:-1] for sign in text
    )


def print_csv(rows: Iterable[dict[str, str]], columns: Sequence[str]) -> None:
    import csv
    import io

    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    text = buffer.getvalue()
    if is_terminal():
        text = "\n".join(map(printable, text.split("\n")))
    click.echo(text, nl=False)


def print_table(rows: Sequence[dict[str, str]], columns: Sequence[str]) -> None:
    """Columns side by side; on a terminal the last one is cut at its edge."""
    heads = {name: name.replace("_", " ") for name in columns}
    shown = [{name: printable(row[name]) for name in columns} for row in rows]
    widths = {name: max(len(row[name]) for row in [heads, *shown]) for name in columns}
    edge = terminal_width() if is_terminal() else None
    for row in [heads, *shown]:
        line = "  ".join(f"{row[name]:<{widths[name]}}" for name in columns).rstrip()
        click.echo(line if edge is None or len(line) <= edge else f"{line[: edge - 1]}…")


def terminal_width() -> int:
    import shutil

    return shutil.get_terminal_size().columns
