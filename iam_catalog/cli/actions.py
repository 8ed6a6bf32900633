"""The command that lists actions by what is known of them."""

from __future__ import annotations

import click

from iam_catalog.cli.options import (
    chosen,
    complete_condition_key,
    complete_resource_type,
    level_option,
    open_catalog,
    output_options,
    service_or_option,
)
from iam_catalog.cli.output import print_records


@click.command()
@service_or_option
@level_option("The primary level")
@click.option(
    "-r",
    "--resource-type",
    metavar="NAME",
    shell_complete=complete_resource_type,
    help="Such as instance or connect:instance.",
)
@click.option(
    "-k",
    "--condition-key",
    metavar="KEY",
    shell_complete=complete_condition_key,
    help="Such as aws:RequestTag/team.",
)
@click.option(
    "--without-resource-type",
    is_flag=True,
    help='Only those that no resource can limit: they need "Resource": "*".',
)
@output_options
def actions(
    without_resource_type: bool,
    database: str | None,
    as_of: str | None,
    form: str | None,
    **filters: str | None,
) -> None:
    """List the actions that fit every option.

    Example:

    \b
        iam-catalog actions connect --access-level write
    """
    if without_resource_type and filters["resource_type"] is not None:
        raise click.UsageError("--resource-type and --without-resource-type exclude each other.")
    with open_catalog(database, as_of) as catalog:
        records = catalog.actions(**filters, without_resource_type=without_resource_type)
    print_records(records, chosen(form), ["action", "access_level", "description"])
