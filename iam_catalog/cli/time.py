"""The commands about what changed, and about what sources say differently."""

from __future__ import annotations

import contextlib

import click

from iam_catalog.catalog import Catalog
from iam_catalog.cli.options import (
    catalog_options,
    chosen,
    format_option,
    open_catalog,
    output_options,
    service_option,
    service_or_option,
    wide_option,
)
from iam_catalog.cli.output import (
    FORMATS,
    is_terminal,
    print_records,
    text_width,
)
from iam_catalog.errors import UnknownServicePrefix
from iam_catalog.words import printable, wrapped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from iam_catalog.records import Change

_REPORT = "report"
_CHANGE_COLUMNS = ("change", "kind", "subject", "field", "old_value", "new_value")
_report_option = format_option(
    (_REPORT, *FORMATS), "How to print; without it a report on a terminal, else json."
)
_COLORS = {"+ ": "green", "- ": "red", "~ ": "yellow"}
"""By the marks of added, removed and changed subjects."""
_descriptions_option = click.option(
    "--descriptions", is_flag=True, help="List changes of descriptions alone, and nothing else."
)


_kind_option = click.option(
    "--kind",
    metavar="KIND",
    help="What kind of change, such as level-fell, key-came or service-removed; another word lists"
    " them all.",
)


@click.command()
@click.option("--since", metavar="DATE", help="The first date of interest, YYYY-MM-DD.")
@click.option("--until", metavar="DATE", help="The last date of interest, YYYY-MM-DD.")
@_kind_option
@service_or_option
@_descriptions_option
@_report_option
@wide_option
@catalog_options
def changes(
    since: str | None,
    until: str | None,
    kind: str | None,
    service_prefix: str | None,
    descriptions: bool,
    database: str | None,
    as_of: str | None,
    form: str | None,
) -> None:
    """List what newer sources added, removed and changed.

    SERVICE is a prefix such as connect, or an action such as connect:CreateInstance, whose story
    is told then.

    Example:

    \b
        iam-catalog changes connect --since 2019-08-12
    """
    with open_catalog(database, as_of) as catalog:
        action = service_prefix if service_prefix and ":" in service_prefix else None
        found = catalog.changes(
            since=since,
            until=until,
            service_prefix=None if action else service_prefix,
            action=action,
            kind=kind,
            descriptions=True,
        )
        record = catalog.action(action) if action and _is_report(form) else None
    if _is_report(form):
        from iam_catalog.cli.changes_report import history_lines, story_lines

        if record:
            _print_report(found, descriptions, lambda changes: story_lines(record, changes))
        else:
            _print_report(found, descriptions, history_lines)
    else:
        columns = ("date", *_CHANGE_COLUMNS, "dataset")
        _print_changes(found, descriptions, chosen(form), columns)


def _is_report(form: str | None) -> bool:
    return form == _REPORT or (form is None and is_terminal())


def _print_changes(
    found: list[Change], descriptions: bool, form: str, columns: tuple[str, ...]
) -> None:
    """Print the changes of meaning, or those of descriptions, and say that there are others."""
    print_records(_of_interest(found, descriptions), form, columns, wrap=True)
    _say_apart(found, descriptions)


def _print_report(
    found: list[Change], descriptions: bool, lines: Callable[[list[Change]], Iterable[str]]
) -> None:
    """Print the same for people, in the *lines* of a report, which fit."""
    width = text_width()
    for line in lines(_of_interest(found, descriptions)):
        for piece in _wrapped_line(printable(line), width):
            click.echo(piece)
    _say_apart(found, descriptions)


def _wrapped_line(line: str, width: int | None) -> Iterator[str]:
    """Wrap a line of a report below its own start, in the color of its mark."""
    text = line.lstrip()
    indent = len(line) - len(text)
    mark = text[:2]
    for number, piece in enumerate(wrapped(text, None if width is None else width - indent - 2)):
        start = " " * (indent + (2 if number else 0))
        yield click.style(f"{start}{piece}", fg=_COLORS.get(mark), bold=not indent or None)


def _of_interest(found: list[Change], descriptions: bool) -> list[Change]:
    return [change for change in found if (change.field == "description") == descriptions]


def _say_apart(found: list[Change], descriptions: bool) -> None:
    """Say that there are changes of descriptions, where they were not printed."""
    apart = [] if descriptions else _of_interest(found, True)
    if apart:
        noun = "change" if len(apart) == 1 else "changes"
        text = f"{len(apart):,} {noun} of descriptions alone: see --descriptions"
        click.echo(text, err=True)


@click.command()
@click.argument("older", metavar="A.db")
@click.argument("newer", metavar="B.db")
@_kind_option
@_descriptions_option
@service_option("Of one service only, such as connect.")
@_report_option
@wide_option
def diff(
    older: str,
    newer: str,
    service_prefix: str | None,
    kind: str | None,
    descriptions: bool,
    form: str | None,
) -> None:
    """Compare two catalogs.

    Prints what B.db says that A.db does not, and the reverse.

    Example:

    \b
        iam-catalog diff catalog.db catalog.db
    """
    from iam_catalog.compare import of_kind

    with Catalog(older) as old, Catalog(newer) as new:
        found = of_kind(old.differences(new), kind)
        if service_prefix is not None:
            found = _of_service(found, _prefix(service_prefix, new, old))
        about = old.about(), new.about()
    if _is_report(form):
        from iam_catalog.cli.changes_report import report_lines

        _print_report(found, descriptions, lambda changes: report_lines(*about, changes))
    else:
        _print_changes(found, descriptions, chosen(form), _CHANGE_COLUMNS)


def _prefix(service: str, *catalogs: Catalog) -> str:
    """Return the prefix of a service in the first of *catalogs* that knows it."""
    for catalog in catalogs[:-1]:
        with contextlib.suppress(UnknownServicePrefix):
            return catalog.service(service).service_prefix
    return catalogs[-1].service(service).service_prefix


def _of_service(found: list[Change], prefix: str) -> list[Change]:
    from iam_catalog.compare import service_of

    return [each for each in found if service_of(each.subject, each.kind).lower() == prefix.lower()]


@click.command()
@service_or_option
@output_options
def disagreements(
    service_prefix: str | None, database: str | None, as_of: str | None, form: str | None
) -> None:
    """List what sources of one time say differently.

    Example:

    \b
        iam-catalog disagreements connect
    """
    with open_catalog(database, as_of) as catalog:
        records = catalog.disagreements(service_prefix)
    print_records(records, chosen(form), ("subject", "field", "page", "line", "value"))
