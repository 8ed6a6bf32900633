"""The commands about dependent actions."""

from __future__ import annotations

import click

from iam_catalog.cli.options import chosen, complete_action, open_catalog, output_options
from iam_catalog.cli.output import is_terminal, print_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    pass


@click.command("dependent-actions")
@click.argument("action", shell_complete=complete_action)
@click.option("--transitive", is_flag=True, help="Follow the dependent actions of each, too.")
@output_options
def dependent_actions(
    action: str, transitive: bool, database: str | None, as_of: str | None, form: str | None
) -> None:
    """List what ACTION needs besides itself, in AWS's order.

    Example:

    \b
        iam-catalog dependent-actions connect:CreateInstance
    """
    with open_catalog(database, as_of) as catalog:
        names = catalog.dependent_actions(action, transitive=transitive)
        if is_terminal():
            from iam_catalog.remarks import on_dependents

            heading = on_dependents(catalog.action(action), listed=bool(names))
            click.echo(heading, err=True)
    print_names(names, chosen(form), "dependent_action")


@click.command("required-by")
@click.argument("action", shell_complete=complete_action)
@output_options
def required_by(action: str, database: str | None, as_of: str | None, form: str | None) -> None:
    """List the actions that have ACTION as a dependent action.

    Example:

    \b
        iam-catalog required-by kms:CreateGrant
    """
    with open_catalog(database, as_of) as catalog:
        names = catalog.required_by(action)
    print_names(names, chosen(form), "action")
