"""The commands about what changed, and about what sources say differently."""

from __future__ import annotations

import click

from iam_catalog.catalog import Catalog
from iam_catalog.cli.options import (
    catalog_options,
    chosen,
    complete_service,
    open_catalog,
    output_options,
)
from iam_catalog.cli.output import FORMATS, is_terminal, print_records, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from iam_catalog.records import Change

REPORT = "report"
CHANGE_COLUMNS = ("change", "kind", "subject", "field", "old_value", "new_value")
report_option = click.option(
    "--format",
    "form",
    type=click.Choice((REPORT, *FORMATS)),
    help="How to print.  [default: report on a terminal, json elsewhere]",
)
descriptions_option = click.option(
    "--descriptions", is_flag=True, help="List changes of descriptions alone, and nothing else."
)


@click.command()
@click.option("--since", metavar="DATE", help="The first date of interest, YYYY-MM-DD.")
@click.option(
    "--service-prefix",
    metavar="PREFIX",
    shell_complete=complete_service,
    help="Of one service only, such as connect.",
)
@descriptions_option
@report_option
@catalog_options
def changes(
    since: str | None,
    service_prefix: str | None,
    descriptions: bool,
    database: str | None,
    as_of: str | None,
    form: str | None,
) -> None:
    """What newer sources added, removed and changed.

    Example:

    \b
        iam-catalog changes --since 2019-08-12 --service-prefix connect
    """
    with open_catalog(database, as_of) as catalog:
        found = catalog.changes(since=since, service_prefix=service_prefix, descriptions=True)
    if is_report(form):
        from iam_catalog.cli.changes_report import history_lines

        print_report(found, descriptions, history_lines)
    else:
        columns = ("date", *CHANGE_COLUMNS, "dataset")
        print_changes(found, descriptions, chosen(form), columns)


def is_report(form: str | None) -> bool:
    return form == REPORT or (form is None and is_terminal())


def print_changes(
    found: list[Change], descriptions: bool, form: str, columns: tuple[str, ...]
) -> None:
    """Print the changes of meaning, or those of descriptions, and say that there are others."""
    print_records(of_interest(found, descriptions), form, columns)
    say_apart(found, descriptions)


def print_report(
    found: list[Change], descriptions: bool, lines: Callable[[list[Change]], Iterable[str]]
) -> None:
    """The same for people, in the *lines* of a report."""
    for line in lines(of_interest(found, descriptions)):
        click.echo(printable(line))
    say_apart(found, descriptions)


def of_interest(found: list[Change], descriptions: bool) -> list[Change]:
    return [change for change in found if (change.field == "description") == descriptions]


def say_apart(found: list[Change], descriptions: bool) -> None:
    """Say that there are changes of descriptions, where they were not printed."""
    apart = [] if descriptions else of_interest(found, True)
    if apart:
        noun = "change" if len(apart) == 1 else "changes"
        text = f"{len(apart):,} {noun} of descriptions alone: see --descriptions"
        click.echo(text, err=True)


@click.command()
@click.argument("older", metavar="A.db")
@click.argument("newer", metavar="B.db")
@descriptions_option
@report_option
def diff(older: str, newer: str, descriptions: bool, form: str | None) -> None:
    """What catalog B.db says that A.db does not, and the reverse.

    Example:

    \b
        iam-catalog diff catalog.db catalog.db
    """
    with Catalog(older) as old, Catalog(newer) as new:
        found = old.differences(new)
        about = old.about(), new.about()
    if is_report(form):
        from iam_catalog.cli.changes_report import report_lines

        print_report(found, descriptions, lambda changes: report_lines(*about, changes))
    else:
        print_changes(found, descriptions, chosen(form), CHANGE_COLUMNS)


@click.command()
@click.argument("service_prefix", required=False, shell_complete=complete_service)
@output_options
def disagreements(
    service_prefix: str | None, database: str | None, as_of: str | None, form: str | None
) -> None:
    """What sources of the same time say differently of one subject.

    Example:

    \b
        iam-catalog disagreements connect
    """
    with open_catalog(database, as_of) as catalog:
        records = catalog.disagreements(service_prefix)
    print_records(records, chosen(form), ("subject", "field", "page", "line", "value"))
