"""What the commands share: the group, which catalog is asked, and how the answer is printed."""

from __future__ import annotations

import click

from iam_catalog.catalog import Catalog
from iam_catalog.errors import CatalogError
from iam_catalog.output import FORMATS, is_terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from click.shell_completion import CompletionItem

    Command = TypeVar("Command", bound=Callable[..., Any])


class CatalogGroup(click.Group):
    """Turns every `CatalogError` into a message and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except CatalogError as error:
            raise click.ClickException(str(error)) from error


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


def output_options(command: Command) -> Command:
    """Which catalog answers, and how the answer is printed."""
    for option in (
        click.option(
            "--as-of",
            metavar="DATE",
            help="Answer as a catalog built from the pages dated up to then, YYYY-MM-DD.",
        ),
        click.option(
            "--database",
            metavar="FILE",
            help="The catalog to ask, instead of $IAM_CATALOG_DB or the shipped one.",
        ),
        click.option(
            "--format",
            "form",
            type=click.Choice(FORMATS),
            help="How to print; without it a table on a terminal, and json elsewhere.",
        ),
    ):
        command = option(command)
    return command


def chosen(form: str | None) -> str:
    return form or ("table" if is_terminal() else "json")


def open_catalog(database: str | None, as_of: str | None) -> Catalog:
    return Catalog(database, as_of=as_of)
