"""The commands about API operations."""

from __future__ import annotations

import click

from iam_catalog.cli.options import chosen, complete_action, open_catalog, output_options
from iam_catalog.cli.output import is_terminal, print_names, print_record


@click.command()
@click.argument("name")
@output_options
def operation(name: str, database: str | None, as_of: str | None, form: str | None) -> None:
    """Show one API operation, with the actions that it needs.

    AWS's own mapping where a source has it, else the likeliest actions.

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
    """List the actions that an API operation needs, or the likeliest ones.

    Example:

    \b
        iam-catalog actions-of-operation s3:CreateMultipartUpload
    """
    with open_catalog(database, as_of) as catalog:
        names = catalog.actions_of_operation(name)
        likely = is_terminal() and catalog.operation(name).likely
    if likely:
        click.echo("No page that is held names them; these are the likeliest:", err=True)
    print_names(names, chosen(form), "action")


@click.command("operations-of-action")
@click.argument("action", shell_complete=complete_action)
@output_options
def operations_of_action(
    action: str, database: str | None, as_of: str | None, form: str | None
) -> None:
    """List the API operations that need ACTION.

    Example:

    \b
        iam-catalog operations-of-action connect:StopContact
    """
    with open_catalog(database, as_of) as catalog:
        names = catalog.operations_of_action(action)
        date = catalog.operations_documented_on(action) if is_terminal() else None
    if is_terminal():
        from iam_catalog.remarks import on_operations

        click.echo(on_operations(date, names), err=True)
    print_names(names, chosen(form), "operation")
