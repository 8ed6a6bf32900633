"""Options that commands share: which catalog to ask, about what, and how to print the answer."""

from __future__ import annotations

import os
from functools import wraps

import click

from iam_catalog.catalog import Catalog
from iam_catalog.cli.output import FORMATS, WIDE, is_terminal
from iam_catalog.errors import CatalogError
from iam_catalog.names import ACCESS_LEVELS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from click.shell_completion import CompletionItem

    Answer = TypeVar("Answer")
    Command = TypeVar("Command", bound=Callable[..., Any])
    Completed = list[CompletionItem | str]

_MAX_AGE = "IAM_CATALOG_MAX_AGE"
"""The variable that `facts.about` reads, which is imported only where it is set."""


def complete_action(ctx: click.Context, _: click.Parameter, incomplete: str) -> Completed:
    """Complete the name of an action."""
    return _complete(ctx, incomplete, "actions")


def complete_service(ctx: click.Context, _: click.Parameter, incomplete: str) -> Completed:
    """Complete the prefix of a service."""
    return _complete(ctx, incomplete, "services")


def complete_resource_type(ctx: click.Context, _: click.Parameter, incomplete: str) -> Completed:
    """Complete the full name of a resource type."""
    return _complete(ctx, incomplete, "resource_types")


def complete_condition_key(ctx: click.Context, _: click.Parameter, incomplete: str) -> Completed:
    """Complete a condition key."""
    return _complete(ctx, incomplete, "condition_keys")


def complete_name(ctx: click.Context, _: click.Parameter, incomplete: str) -> Completed:
    """Complete a name of any kind."""
    kinds = ("services", "actions", "resource_types", "condition_keys")
    return _complete(ctx, incomplete, *kinds)


def complete_level(_: click.Context, __: click.Parameter, incomplete: str) -> Completed:
    """Complete an access level, with hyphens for blanks, which a shell takes for the next word."""
    levels = [level.lower().replace(" ", "-") for level in ACCESS_LEVELS]
    return [level for level in levels if level.startswith(incomplete.lower())]


def _complete(ctx: click.Context, incomplete: str, *tables: str) -> Completed:
    """List the names of *tables* that start with what was typed; none without a catalog."""
    import sqlite3

    from iam_catalog.database import find_database, open_database
    from iam_catalog.facts.search import names_starting_with

    try:
        connection = open_database(find_database(ctx.params.get("database")))
        try:
            return [
                name
                for table in tables
                for name in names_starting_with(connection, table, incomplete)
            ]
        finally:
            connection.close()
    except (CatalogError, sqlite3.Error):
        return []


def checked_day(_context: click.Context, _option: click.Parameter, text: str | None) -> str | None:
    """Return the value of `--as-of`; one that is not a day is a mistyped command line."""
    if text is None:
        return None
    from iam_catalog.errors import MalformedDate
    from iam_catalog.facts.at_date import checked_date

    try:
        return checked_date(text)
    except MalformedDate as error:
        raise click.BadParameter(str(error)) from None


def catalog_options(command: Command) -> Command:
    """Add the options that say which catalog answers."""
    for option in (
        click.option(
            "--as-of",
            metavar="DATE",
            callback=checked_day,
            help="Answer as a catalog built from the sources dated up to then, YYYY-MM-DD.",
        ),
        click.option(
            "-d",
            "--database",
            metavar="FILE",
            help="The catalog to ask, instead of $IAM_CATALOG_DB or the shipped one.",
        ),
    ):
        command = option(command)
    return command


def output_options(command: Command) -> Command:
    """Add the options that say which catalog answers, and how the answer is printed."""
    return format_option(FORMATS, "How to print; without it a table on a terminal, else json.")(
        wide_option(catalog_options(command))
    )


def format_option(formats: tuple[str, ...], text: str) -> Callable[[Command], Command]:
    """Add the option `--format`, whose value is the parameter *form*."""
    return click.option("-f", "--format", "form", type=click.Choice(formats), help=text)


def wide_option(command: Command) -> Command:
    """Add the option `--wide`, which `output` reads from the context."""

    def remember(ctx: click.Context, _: click.Parameter, value: bool) -> None:
        ctx.meta[WIDE] = value

    return click.option(
        "-w",
        "--wide",
        is_flag=True,
        expose_value=False,
        callback=remember,
        help="Print a line for each row, however long, instead of lines that fit.",
    )(command)


def service_option(
    text: str, name: str = "service_prefix", **settings: Any
) -> Callable[[Command], Command]:
    """Add the option that names a service, whose value is the parameter *name*."""
    return click.option(
        "-s",
        "--service-prefix",
        "--service",
        name,
        metavar="SERVICE",
        shell_complete=complete_service,
        help=text,
        **settings,
    )


def service_or_option(command: Command) -> Command:
    """Let a service be named by an argument or by the option, as parameter *service_prefix*."""

    @wraps(command)
    def named_once(
        *args: Any, service: str | None, service_prefix: str | None, **kwargs: Any
    ) -> Any:
        if service is not None and service_prefix is not None:
            raise click.UsageError(
                f"Name the service once: {service!r}, or --service-prefix {service_prefix!r}."
            )
        chosen = service_prefix if service is None else service
        return command(*args, service_prefix=chosen, **kwargs)

    argument = click.argument("service", required=False, shell_complete=complete_service)
    option = service_option("The same as SERVICE: a prefix such as connect, or another name.")
    return argument(option(named_once))  # type: ignore[return-value]


def level_option(
    text: str, name: str = "access_level", **settings: Any
) -> Callable[[Command], Command]:
    """Add the option for access levels; hyphens and blanks are the same in them."""
    levels = ", ".join(ACCESS_LEVELS)
    return click.option(
        "-l",
        "--access-level",
        name,
        metavar="LEVEL",
        shell_complete=complete_level,
        help=f"{text}: {levels}; blanks can be hyphens.",
        **settings,
    )


def chosen(form: str | None) -> str:
    """Return the format to print in: the one asked for, else that for a terminal or a pipe."""
    return form or ("table" if is_terminal() else "json")


def open_catalog(database: str | None, as_of: str | None) -> Catalog:
    """Open the catalog that a command asks; warn of one that is too old, once a run."""
    if os.environ.get(_MAX_AGE):
        _warn_of_age(database)
    return Catalog(database, as_of=as_of)


def _warn_of_age(database: str | None) -> None:
    """Say on standard error that the catalog is older than the environment allows.

    The age is that of the whole file, also where the question is about an earlier date.
    """
    from iam_catalog.facts import about as freshness

    limit = freshness.max_age()
    run = click.get_current_context().find_root().meta
    if limit is None or _MAX_AGE in run:
        return
    run[_MAX_AGE] = limit
    with Catalog(database) as catalog:
        text = freshness.complaint(catalog.about(), limit, freshness.today())
    if text:
        click.echo(f"Warning: {text}", err=True)
