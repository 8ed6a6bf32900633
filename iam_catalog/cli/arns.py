"""The commands about ARNs."""

from __future__ import annotations

import click

from iam_catalog.cli.options import chosen, open_catalog, output_options
from iam_catalog.cli.output import print_names, print_records
from iam_catalog.remarks import on_arn

_COLUMNS = ("resource_type", "exact", "specificity", "arn_format", "variables")


@click.command("match-arn")
@click.argument("arn")
@output_options
def match_arn(arn: str, database: str | None, as_of: str | None, form: str | None) -> None:
    """List the resource types that ARN can be, the likeliest first.

    ARN can hold wildcards and policy variables.

    Example:

    \b
        iam-catalog match-arn 'arn:aws:connect::111122223333:instance/*'
    """
    with open_catalog(database, as_of) as catalog:
        records = catalog.match_arn(arn)
    _say(arn, known=bool(records))
    print_records(records, chosen(form), _COLUMNS)


@click.command("actions-for-arn")
@click.argument("arn")
@output_options
def actions_for_arn(arn: str, database: str | None, as_of: str | None, form: str | None) -> None:
    """List the actions that take a resource type of ARN.

    Example:

    \b
        iam-catalog actions-for-arn 'arn:aws:connect::111122223333:instance/*'
    """
    with open_catalog(database, as_of) as catalog:
        names = catalog.actions_for_arn(arn)
        known = names or catalog.match_arn(arn)
    _say(arn, known=bool(known))
    print_names(names, chosen(form), "action")


def _say(arn: str, *, known: bool) -> None:
    """Print the remarks on an ARN to standard error."""
    for text in on_arn(arn, known=known):
        click.echo(text, err=True)
