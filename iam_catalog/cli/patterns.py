"""The commands about patterns of actions, and about ARNs."""

from __future__ import annotations

import sys

import click

from iam_catalog.cli.options import chosen, complete_action, open_catalog, output_options
from iam_catalog.cli.output import print_csv, print_names, print_records, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iam_catalog.catalog import Catalog

CHANGE_COLUMNS = ("date", "change", "subject")
ARN_COLUMNS = ("resource_type", "exact", "specificity", "arn_format", "variables")


@click.command()
@click.argument("patterns", nargs=-1, required=True, shell_complete=complete_action)
@click.option("--count", is_flag=True, help="Print only how many actions there are.")
@click.option(
    "--since",
    metavar="DATE",
    help="Print instead what the patterns gained and lost, from DATE on, YYYY-MM-DD.",
)
@output_options
def expand(
    patterns: tuple[str, ...],
    count: bool,
    since: str | None,
    database: str | None,
    as_of: str | None,
    form: str | None,
) -> None:
    """The actions that any of PATTERNS matches; * and ? can stand anywhere in a name.

    Example:

    \b
        iam-catalog expand 'connect:*Instance?'
    """
    if count and since is not None:
        raise click.UsageError("--count and --since exclude each other.")
    with open_catalog(database, as_of) as catalog:
        if since is not None:
            found = catalog.changes_of_patterns(*patterns, since=since)
            print_records(found, chosen(form), CHANGE_COLUMNS)
            return
        names = catalog.expand(*patterns)
        for text in remarks(catalog, patterns):
            click.echo(printable(text), err=True)
    if not count:
        print_names(names, chosen(form), "action")
    elif form == "csv":
        print_csv([{"actions": str(len(names))}], ["actions"])
    else:
        click.echo(len(names))


def remarks(catalog: Catalog, patterns: tuple[str, ...]) -> list[str]:
    """What to say of patterns that match nothing, or that no policy can have."""
    from iam_catalog.arn.pattern import has_wildcard

    said = []
    for pattern in patterns:
        prefix, colon, _ = pattern.partition(":")
        if colon and has_wildcard(prefix):
            said.append(f"{pattern!r}: a policy can have no wildcard in the service prefix.")
        if not catalog.expand(pattern):
            said.append(f"{pattern!r} matches no action in the catalog{reason(catalog, prefix)}.")
    return said


def reason(catalog: Catalog, prefix: str) -> str:
    """Why a pattern of a service may match nothing although AWS has such actions."""
    from iam_catalog.arn.pattern import has_wildcard

    if has_wildcard(prefix):
        return ""
    service = catalog.service(prefix)
    if "not in source" in {page.actions_state for page in service.pages}:
        return f": a source of {service.service_prefix} leaves its actions out"
    return ""


@click.command()
@click.argument("actions", nargs=-1, required=True, shell_complete=complete_action)
@click.option(
    "--shortest", is_flag=True, help="Let a pattern end within a word, which saves letters."
)
@output_options
def shrink(
    actions: tuple[str, ...],
    shortest: bool,
    database: str | None,
    as_of: str | None,
    form: str | None,
) -> None:
    """The fewest patterns that match exactly ACTIONS; - reads them from standard input.

    Example:

    \b
        iam-catalog shrink connect:ListInstances connect:StopContact
    """
    names = [name for word in actions for name in (read_names() if word == "-" else [word])]
    with open_catalog(database, as_of) as catalog:
        patterns = catalog.shrink(names, shortest=shortest)
    print_names(patterns, chosen(form), "pattern")


def read_names() -> list[str]:
    """The names on standard input: a JSON list, or a name or a JSON string in each line."""
    import json

    text = sys.stdin.buffer.read().decode("utf-8", "replace")
    try:
        value = json.loads(text)
    except ValueError:
        value = [line.strip().strip('"') for line in text.splitlines() if line.strip()]
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise click.ClickException(
            "Standard input has no list of actions: give one in each line, or a JSON list."
        )
    return value


@click.command("match-arn")
@click.argument("arn")
@output_options
def match_arn(arn: str, database: str | None, as_of: str | None, form: str | None) -> None:
    """The resource types that ARN can be, wildcards and variables included, the likeliest first.

    Example:

    \b
        iam-catalog match-arn 'arn:aws:connect::111122223333:instance/*'
    """
    with open_catalog(database, as_of) as catalog:
        records = catalog.match_arn(arn)
    say_about(arn, known=bool(records))
    print_records(records, chosen(form), ARN_COLUMNS)


@click.command("actions-for-arn")
@click.argument("arn")
@output_options
def actions_for_arn(arn: str, database: str | None, as_of: str | None, form: str | None) -> None:
    """The actions that take a resource type which ARN can be.

    Example:

    \b
        iam-catalog actions-for-arn 'arn:aws:connect::111122223333:instance/*'
    """
    with open_catalog(database, as_of) as catalog:
        names = catalog.actions_for_arn(arn)
        known = names or catalog.match_arn(arn)
    say_about(arn, known=bool(known))
    print_names(names, chosen(form), "action")


def say_about(arn: str, known: bool) -> None:
    """Say on standard error that AWS completes an ARN, or that no type is known of it."""
    from iam_catalog.arn.parts import Arn

    found = Arn(arn)
    if found.incomplete:
        completed = printable(found.completed)
        click.echo(f"{printable(arn)!r} lacks parts: AWS reads it as {completed!r}.", err=True)
    if not known:
        said = f"No resource type in the catalog has an ARN such as {printable(arn)!r}."
        click.echo(said, err=True)
