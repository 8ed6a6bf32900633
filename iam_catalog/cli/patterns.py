"""The commands about patterns of actions."""

from __future__ import annotations

import click

from iam_catalog.cli.names import with_standard_input
from iam_catalog.cli.options import chosen, complete_action, open_catalog, output_options
from iam_catalog.cli.output import print_csv, print_names, print_records, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iam_catalog.catalog import Catalog

_CHANGE_COLUMNS = ("date", "change", "subject")


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
    """List the actions that match any of PATTERNS, with * and ?.

    Wildcards work anywhere in a name. PATTERNS can be - for those on standard input, as other
    commands print them.

    Example:

    \b
        iam-catalog expand 'connect:*Instance?'
    """
    if count and since is not None:
        raise click.UsageError("--count and --since exclude each other.")
    patterns = tuple(with_standard_input(patterns))
    with open_catalog(database, as_of) as catalog:
        if since is not None:
            found = catalog.changes_of_patterns(*patterns, since=since)
            print_records(found, chosen(form), _CHANGE_COLUMNS, wrap=True)
            return
        names = catalog.expand(*patterns)
        for text in _remarks(catalog, patterns):
            click.echo(printable(text), err=True)
    if not count:
        print_names(names, chosen(form), "action")
    elif form == "csv":
        print_csv([{"actions": str(len(names))}], ["actions"])
    else:
        click.echo(len(names))


def _remarks(catalog: Catalog, patterns: tuple[str, ...]) -> list[str]:
    """Return what to say of patterns that match nothing, or that no policy can have."""
    from iam_catalog.arn.pattern import has_wildcard

    texts = []
    for pattern in patterns:
        prefix, colon, _ = pattern.partition(":")
        if colon and has_wildcard(prefix):
            texts.append(f"{pattern!r}: a policy can have no wildcard in the service prefix.")
        if not catalog.expand(pattern):
            texts.append(f"{pattern!r} matches no action in the catalog{_reason(catalog, prefix)}.")
    return texts


def _reason(catalog: Catalog, prefix: str) -> str:
    """Return why a pattern of a service may match nothing although AWS has such actions."""
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
    """Find the fewest patterns that match exactly ACTIONS.

    ACTIONS can be - for those on standard input, as other commands print them.

    Example:

    \b
        iam-catalog shrink connect:ListInstances connect:StopContact
    """
    names = with_standard_input(actions)
    with open_catalog(database, as_of) as catalog:
        patterns = catalog.shrink(names, shortest=shortest)
    print_names(patterns, chosen(form), "pattern")
