"""Print answers: as text or a table for people, as json, jsonl or csv for programs.

Answers are lists of names, lists of records, or one record. Data goes to standard output. Tables
are laid out here, not by a library: the one that does it best takes longer to import than the
whole answer takes, and would be the second package that an installation needs.
"""

from __future__ import annotations

import os
import sys

import click

from iam_catalog.words import csv_text, printable, wrapped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

FORMATS = ("table", "json", "jsonl", "csv")
POLICY_FORMATS = ("yaml", "terraform")
"""What policies alone can be printed as, besides json and jsonl."""
WIDE = "iam_catalog.wide"
"""Where the context of a command holds whether `--wide` was given."""
PAGE_WIDTH = 100
"""Columns of text that nobody looks at on a terminal."""
_GAP = "  "


def is_terminal() -> bool:
    """Return True where a person reads standard output."""
    return sys.stdout is not None and sys.stdout.isatty()


def text_width() -> int | None:
    """Return how many columns text may take; None with `--wide`."""
    context = click.get_current_context(silent=True)
    if context and context.meta.get(WIDE):
        return None
    return _terminal_width() if is_terminal() else PAGE_WIDTH


def _terminal_width() -> int:
    try:
        columns = int(os.environ.get("COLUMNS", ""))
    except ValueError:
        columns = 0
    if columns < 1:
        import shutil

        columns = shutil.get_terminal_size().columns
    return columns


def print_names(names: Sequence[str], form: str, column: str) -> None:
    """Print a list of names: a line each, or under *column* in csv."""
    if form == "json":
        if all(map(_is_plain, names)):  # `json` takes a tenth of a cold start to import
            lines = ",".join([f'\n  "{name}"' for name in names])
            click.echo(f"[{lines}\n]" if names else "[]")
        else:
            print_json(names)
    elif form == "jsonl":
        print_json_lines(names)
    elif form == "csv":
        print_csv([{column: name} for name in names], [column])
    else:
        for name in names:
            click.echo(printable(name))


def _is_plain(name: str) -> bool:
    """Return True for a text that JSON writes as it is, between quotation marks."""
    return name.isprintable() and '"' not in name and "\\" not in name


def print_records(
    records: Sequence[Any], form: str, columns: Sequence[str], *, wrap: bool = False
) -> None:
    """Print a list of records; a table and csv have only *columns*.

    A table fits a terminal; in a pipe it has a line for each record, unless it is to *wrap* there
    too.
    """
    if form == "json":
        print_json([as_plain(record) for record in records])
    elif form == "jsonl":
        print_json_lines(as_plain(record) for record in records)
    else:
        values = [{name: getattr(record, name) for name in columns} for record in records]
        if form == "csv":
            print_csv([{name: flat(each) for name, each in row.items()} for row in values], columns)
        else:
            rows = [{name: _shown(each, name) for name, each in row.items()} for row in values]
            print_table(rows, columns, wrap=wrap)


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
        widest = max(len(name) for name in facts)
        width = text_width() if is_terminal() else None
        for name, value in facts.items():
            label = f"{name.replace('_', ' '):<{widest}}{_GAP}"
            values = [printable(line) for line in _shown(value, name, separator="\n").split("\n")]
            _print_labelled(label, values, width)


def _print_labelled(label: str, values: Iterable[str], width: int | None) -> None:
    """Print *values* below each other behind *label*, wrapped to *width*."""
    room = None if width is None else width - len(label)
    lines = [line for value in values for line in wrapped(value, room)]
    click.echo(f"{bold(label)}{lines[0]}" if lines[0] else bold(label.rstrip()))
    for line in lines[1:]:
        click.echo(f"{' ' * len(label)}{line}".rstrip())


def as_plain(record: Any) -> dict[str, Any]:
    """Return a record as a dictionary."""
    from dataclasses import asdict

    return asdict(record)


_UNKNOWN = {"permission_only", "actions", "resource_types", "condition_keys", "operations"}
"""Fields whose `None` means that no held source has a place for them; others are then empty."""


def _shown(value: Any, name: str, separator: str = " ") -> str:
    """Return the value of a field as people read it."""
    return "not known" if value is None and name in _UNKNOWN else flat(value, separator)


def flat(value: Any, separator: str = " ") -> str:
    """Return a value as the text of one cell."""
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


def bold(text: str) -> str:
    """Return *text* in bold; click takes that out again where no colors are wanted."""
    return click.style(text, bold=True)


def print_policies(policies: Sequence[dict[str, Any]], form: str | None) -> None:
    """Print policies: one as itself, several as a list; in jsonl each on a line."""
    if form == "jsonl":
        print_json_lines(policies)
    elif form in POLICY_FORMATS:
        from iam_catalog.policy.write.text import policies_text

        click.echo(policies_text(policies, form), nl=False)
    else:
        print_json(policies[0] if len(policies) == 1 else list(policies))


def print_json(value: Any) -> None:
    """Print a value as indented JSON."""
    click.echo(json_text(value, indent=2))


def print_json_lines(values: Iterable[Any]) -> None:
    """Print each value as a line of JSON."""
    for value in values:
        click.echo(json_text(value))


def json_text(value: Any, indent: int | None = None) -> str:
    """Return a value as JSON, with escapes for characters that could command a terminal."""
    import json

    text = json.dumps(value, indent=indent, ensure_ascii=False)
    if text.isprintable() or text.replace("\n", "").isprintable():
        return text
    return "".join(
        letter if letter.isprintable() or letter == "\n" else json.dumps(letter)[1:-1]
        for letter in text
    )


def print_csv(rows: Iterable[dict[str, str]], columns: Sequence[str]) -> None:
    """Print *rows* as CSV below the names of the columns, cells as `csv_text` writes them."""
    import csv
    import io

    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: csv_text(text) for name, text in row.items()} for row in rows)
    click.echo(buffer.getvalue(), nl=False)


def print_table(
    rows: Sequence[dict[str, str]], columns: Sequence[str], *, wrap: bool = False
) -> None:
    """Print columns side by side.

    On a terminal, and with *wrap* in a pipe too, the lines fit: cells wrap between words. Where a
    word alone is too long for that, as an ARN often is, each row is a block of lines. Words are
    never cut or broken, so that a name can be copied.
    """
    cells = [{name: printable(row[name]) for name in columns} for row in rows]
    heads = {name: name.replace("_", " ") for name in columns}
    width = text_width() if wrap or is_terminal() else None
    for line in _table_lines(heads, cells, width):
        click.echo(line)


def _table_lines(
    heads: dict[str, str], cells: Sequence[dict[str, str]], width: int | None
) -> Iterator[str]:
    """Lay out a table in the form that fits."""
    rows = [heads, *cells]
    widths = {name: max(len(row[name]) for row in rows) for name in heads}
    room = None if width is None else width - len(_GAP) * (len(heads) - 1)
    if room is not None and sum(widths.values()) > room:
        narrowest = {name: max(map(_longest_word, (row[name] for row in rows))) for name in heads}
        if sum(narrowest.values()) > room:
            yield from _block_lines(heads, cells, width)
            return
        widths = _fitted(widths, narrowest, room)
    for line in _row_lines(heads, widths):
        yield bold(line)
    for row in cells:
        yield from _row_lines(row, widths)


def _longest_word(text: str) -> int:
    return max(map(len, text.split()), default=0)


def _fitted(widths: dict[str, int], narrowest: dict[str, int], room: int) -> dict[str, int]:
    """Narrow the widest columns until all of them fit in *room*."""
    fitted = dict(widths)
    for _ in range(sum(widths.values()) - room):
        wide = [name for name in fitted if fitted[name] > narrowest[name]]
        fitted[max(wide, key=fitted.__getitem__)] -= 1
    return fitted


def _row_lines(row: dict[str, str], widths: dict[str, int]) -> Iterator[str]:
    """Lay out the cells of a row in columns, on as many lines as the longest cell needs."""
    from itertools import zip_longest

    columns = [wrapped(row[name], width) for name, width in widths.items()]
    for texts in zip_longest(*columns, fillvalue=""):
        padded = (f"{text:<{width}}" for text, width in zip(texts, widths.values(), strict=True))
        yield _GAP.join(padded).rstrip()


def _block_lines(
    heads: dict[str, str], cells: Sequence[dict[str, str]], width: int | None
) -> Iterator[str]:
    """Lay out each row as its first cell, with the others that have a value below it.

    Where first cells are the same, they have a label too, and a blank line is between rows.
    """
    names = list(heads)
    named = len({row[names[0]] for row in cells}) == len(cells)
    if named:
        first = names.pop(0)
    widest = max((len(heads[name]) for name in names), default=0)
    start = _GAP if named else ""
    for number, row in enumerate(cells):
        if named:
            yield bold(row[first])
        elif number:
            yield ""
        for name in names:
            label = f"{start}{heads[name]:<{widest}}{_GAP}"
            for line in wrapped(row[name], None if width is None else width - len(label)):
                if line:
                    yield f"{label}{line}"
                label = " " * len(label)
