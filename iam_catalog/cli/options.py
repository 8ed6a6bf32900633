"""What the commands share: the group, which catalog is asked, and how the answer is printed."""

from __future__ import annotations

import contextlib
import os
import sys

import click

from iam_catalog.catalog import Catalog
from iam_catalog.cli.output import FORMATS, is_terminal
from iam_catalog.errors import CatalogError
from iam_catalog.facts.about import ENVIRONMENT as MAX_AGE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from click.shell_completion import CompletionItem

    Command = TypeVar("Command", bound=Callable[..., Any])


class CatalogGroup(click.Group):
    """Turns every `CatalogError` into a message and exit code 1, and output that can not be written
    too; a reader that leaves early, as in `| head -1`, is none."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().main(*args, **kwargs)
        except OSError as error:
            if error.filename is not None:  # that of a file which was opened, not written
                raise
            give_up_output()
            click.echo(f"Error: Can not write the answer: {error.strerror}.", err=True)
            sys.exit(1)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except CatalogError as error:
            raise click.ClickException(str(error)) from error


def give_up_output() -> None:
    """Drop what still waits to be written, which Python would try again at its end, and fail."""
    with contextlib.suppress(OSError):  # a test's standard output has no descriptor
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def complete_action(
    ctx: click.Context, _: click.Parameter, incomplete: str
) -> list[CompletionItem | str]:
    return complete(ctx, "action from actions", incomplete)


def complete_service(
    ctx: click.Context, _: click.Parameter, incomplete: str
) -> list[CompletionItem | str]:
    return complete(ctx, "service_prefix from services", incomplete)


def complete(ctx: click.Context, names: str, incomplete: str) -> list[CompletionItem | str]:
    """Names of the catalog that start with what was typed; none where there is no catalog."""
    import sqlite3

    from iam_catalog.database import find_database, open_database

    column = names.partition(" ")[0]
    sql = f"select {names} where substr({column}, 1, length(?1)) = ?1 collate nocase order by 1"
    try:
        connection = open_database(find_database(ctx.params.get("database")))
        try:
            return [row[0] for row in connection.execute(sql, (incomplete,))]
        finally:
            connection.close()
    except (CatalogError, sqlite3.Error):
        return []


def catalog_options(command: Command) -> Command:
    """Which catalog answers."""
    for option in (
        click.option(
            "--as-of",
            metavar="DATE",
            help="Answer as a catalog built from the sources dated up to then, YYYY-MM-DD.",
        ),
        click.option(
            "--database",
            metavar="FILE",
            help="The catalog to ask, instead of $IAM_CATALOG_DB or the shipped one.",
        ),
    ):
        command = option(command)
    return command


def output_options(command: Command) -> Command:
    """Which catalog answers, and how the answer is printed."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(FORMATS),
        help="How to print; without it a table on a terminal, and json elsewhere.",
    )(catalog_options(command))


def chosen(form: str | None) -> str:
    return form or ("table" if is_terminal() else "json")


def open_catalog(database: str | None, as_of: str | None) -> Catalog:
    """The catalog that a command asks; complains of one that is too old, once a run."""
    if os.environ.get(MAX_AGE):
        complain_of_age(database)
    return Catalog(database, as_of=as_of)


def complain_of_age(database: str | None) -> None:
    """Say on standard error that the catalog is older than the environment allows.

    The age is that of the whole file, also where the question is about an earlier date.
    """
    from iam_catalog.facts import about as freshness

    limit = freshness.max_age()
    run = click.get_current_context().find_root().meta
    if limit is None or MAX_AGE in run:
        return
    run[MAX_AGE] = limit
    with Catalog(database) as catalog:
        text = freshness.complaint(catalog.about(), limit, freshness.today())
    if text:
        click.echo(f"Warning: {text}", err=True)
