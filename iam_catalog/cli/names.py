"""Read names of actions from standard input, in every form in which commands print them."""

from __future__ import annotations

import sys

import click

from iam_catalog.errors import CatalogError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Named = tuple[int, str | None]
    """A line, counted from 1, and the action or pattern that it names; `None` where it names
    something else, such as a service among the results of a search."""

STANDARD_INPUT = "-"
_COLUMNS = ("action", "pattern", "dependent_action", "name", "subject")
"""What the name of an action is called in records and in CSV."""


def with_standard_input(
    words: Iterable[str], others: Callable[[bytes], bool] | None = None
) -> list[str]:
    """Return *words* with what standard input names in the place of `-`.

    *others* takes the content that has no names, and returns True if it can read that.

    Standard input has what `actions`, `expand`, `required-by`, `search` and their like print: JSON,
    a JSON value in each line, CSV, or a name in each line, where `#` starts a comment. Says on
    standard error how many lines name no action. Raises `CatalogError` where nothing can be read.
    """
    names: list[str] = []
    for word in words:
        names += _read(others) if word == STANDARD_INPUT else [word]
    return names


def _read(others: Callable[[bytes], bool] | None) -> list[str]:
    content = sys.stdin.buffer.read()
    try:
        found = names_in(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        found = None
    if found is None and others is not None and others(content):
        return []
    if found is None:
        raise CatalogError(
            "Cannot read actions from standard input: expected a name in each line, or what a"
            " command prints as json, jsonl or csv, such as: iam-catalog expand 's3:Get*'"
        )
    if without := sum(name is None for _, name in found):
        verbs = ("result names", "is") if without == 1 else ("results name", "are")
        click.echo(f"{without:,} {verbs[0]} no action, and {verbs[1]} left out.", err=True)
    return [name for _, name in found if name is not None]


def names_in(text: str) -> list[Named] | None:
    """Return the names in *text* with their lines; `None` where it has none, such as a policy."""
    import json

    try:
        value = json.loads(text)
    except ValueError:
        return _names_in_lines(text)
    except RecursionError:
        return None
    found = [_name_of(each) for each in (value if isinstance(value, list) else [value])]
    if any(name == "" for name in found):
        return None
    return list(_with_lines(text, found))


def actions_in(text: str) -> list[tuple[int, str]]:
    """Return the names of actions in *text* with their lines; none where others are among them."""
    names = [(line, name) for line, name in names_in(text) or () if name is not None]
    return names if all(all(name.partition(":")) for _, name in names) else []


def _name_of(value: object) -> str | None:
    """Return the action that a JSON value names, `None` for another name, "" for no name at all."""
    if isinstance(value, str):
        return value
    if not isinstance(value, dict):
        return ""
    name = next((value[each] for each in _COLUMNS if isinstance(value.get(each), str)), "")
    return name if value.get("kind", "action") == "action" else name and None


def _with_lines(text: str, names: Iterable[str | None]) -> Iterator[Named]:
    """Yield each of *names* with its line in a JSON text."""
    import json

    line, at = 1, 0
    for name in names:
        written = json.dumps(name, ensure_ascii=False)
        found = -1 if name is None else text.find(written, at)
        if found >= 0:  # otherwise it is written with escapes
            line += text.count("\n", at, found)
            at = found + len(written)
        yield line, name


def _names_in_lines(text: str) -> list[Named] | None:
    """Return the names of JSON Lines, of CSV with its columns in the first line, or of a list."""
    import json

    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    if lines and set(lines[0][1].split(",")) & {*_COLUMNS}:
        return _names_in_csv(text)
    found: list[Named] = []
    for number, line in lines:
        if line.startswith(("{", "[", '"')):
            try:
                name = _name_of(json.loads(line))
            except (ValueError, RecursionError):
                return None
        else:
            name = line.partition("#")[0].strip() or None
            if name is None:
                continue
        if name is not None and (not name or any(map(str.isspace, name))):
            return None
        found.append((number, name))
    return found


def _names_in_csv(text: str) -> list[Named] | None:
    import csv

    reader = csv.DictReader(text.splitlines(keepends=True))
    found = [(reader.line_num, _name_of(row)) for row in reader]
    return None if any(name == "" for _, name in found) else found
