"""The commands about API operations."""

from __future__ import annotations

import click

from iam_catalog.cli_options import chosen, complete_action, open_catalog, output_options
from iam_catalog.output import print_names, print_record


@click.command()
@click.argument("name")
@output_options
def operation(name: str, database: str | None, as_of: str | None, form: str | None) -> None:
    """One API operation, with the actions that AWS says it needs.

    Example:

    \b
        iam-catalog operation s3:CreateMultipartUpload
    """
    with open_catalog(database, as_of) as catalog:
        record = catalog.operation(name)
    print_record(record, chosen(form))


@click.command("actions-of-operation")
@click.argument("name")
@output_options
def actions_of_operation(
    name: str, database: str | None, as_of: str | None, form: str | None
) -> None:
    """The actions that the API operation NAME needs.

    Example:

    \b
        iam-catalog actions-of-operation s3:CreateMultipartUpload
    """
    with open_catalog(database, as_of) as catalog:
        names = catalog.actions_of_operation(name)
    print_names(names, chosen(form), "action")


@click.command("operations-of-action")
@click.argument("action", shell_complete=complete_action)
@output_options
def operations_of_action(
    action: str, database: str | None, as_of: str | None, form: str | None
) -> None:
    """The API operations that need ACTION.

    Example:

    \b
        iam-catalog operations-of-action connect:StopContact
    """
    with open_catalog(database, as_of) as catalog:
        names = catalog.operations_of_action(action)
    print_names(names, chosen(form), "operation")
