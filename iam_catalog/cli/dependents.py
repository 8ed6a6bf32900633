"""The commands about dependent actions."""

from __future__ import annotations

import click

from iam_catalog.cli.options import chosen, complete_action, open_catalog, output_options
from iam_catalog.cli.output import is_terminal, print_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iam_catalog.catalog import Catalog


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
        heading = _documented(catalog, action, names) if is_terminal() else None
    if heading:
        click.echo(heading, err=True)
    print_names(names, chosen(form), "dependent_action")


def _documented(catalog: Catalog, action: str, names: list[str]) -> str:
    """Say above the dependent actions on a terminal as of which date they are, and who says so."""
    record = catalog.action(action)
    if record.dependents_state == "not in source":
        return "No source that is held has a place for dependent actions: they are not known."
    date = record.dependents_documented_on
    dated = f"as documented on {date}" if date else "as documented in a source without a date"
    lacking = ""
    if record.incomplete:
        from iam_catalog.words import several_pages

        lacking = f" Some may be missing: {several_pages(record.service_prefix)}."
    if not names:
        return f"None, {dated}.{lacking}"
    sources = dict.fromkeys(each.dataset for each in record.dependents if each.dataset)
    by = f" by the public dataset {' and '.join(sources)}" if sources else ""
    return f"{dated.capitalize()}{by}{'.' if lacking else ':'}{lacking}"


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
