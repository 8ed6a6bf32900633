"""The commands about ARNs."""

from __future__ import annotations

import click

from iam_catalog.cli.options import chosen, open_catalog, output_options
from iam_catalog.cli.output import print_names, print_records
from iam_catalog.words import printable

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
    _remark(arn, known=bool(records))
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
    _remark(arn, known=bool(known))
    print_names(names, chosen(form), "action")


def _remark(arn: str, known: bool) -> None:
    """Say on standard error that AWS completes an ARN, or that no type is known of it."""
    from iam_catalog.arn.parts import Arn

    found = Arn(arn)
    if found.incomplete:
        completed = printable(found.completed)
        click.echo(f"{printable(arn)!r} lacks parts: AWS reads it as {completed!r}.", err=True)
    if not known:
        text = f"No resource type in the catalog has an ARN such as {printable(arn)!r}."
        click.echo(text, err=True)
