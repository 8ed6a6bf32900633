"""The commands that find things of any kind: by a name, or by words."""

from __future__ import annotations

import click

from iam_catalog.cli.options import chosen, complete_name, open_catalog, output_options
from iam_catalog.cli.output import is_terminal, print_record, print_records
from iam_catalog.errors import CatalogError
from iam_catalog.facts.search import reads_as

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iam_catalog.catalog import Catalog
    from iam_catalog.records import Action, KeyWithUses, Operation, ResourceType, Service

    Found = Action | KeyWithUses | Operation | ResourceType | Service


@click.command()
@click.argument("name", shell_complete=complete_name)
@output_options
def show(name: str, database: str | None, as_of: str | None, form: str | None) -> None:
    """Show everything about NAME, whatever it is the name of.

    An action, a resource type, an API operation, a condition key or a service; the first that has
    the name.

    Example:

    \b
        iam-catalog show connect:StopContact
    """
    with open_catalog(database, as_of) as catalog:
        record = _find(catalog, name)
    if is_terminal():
        from iam_catalog.remarks import on_record

        for text in on_record(record):
            click.echo(text, err=True)
    print_record(record, chosen(form))


def _find(catalog: Catalog, name: str) -> Found:
    """Find the record that has *name*; a name of nothing is an unknown action or service."""
    if ":" not in name:
        return catalog.service(name)

    errors: list[CatalogError] = []
    for find in (catalog.action, catalog.resource_type, catalog.operation, catalog.condition_key):
        try:
            return find(name)
        except CatalogError as error:
            errors.append(error)
    raise errors[-1 if "/" in name else 0]  # only keys have a slash


@click.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--service", metavar="SERVICE", help="Only what belongs to a service, by any name.")
@click.option("--kind", metavar="KIND", help="Only results of a kind, such as 'resource type'.")
@click.option("--limit", type=click.IntRange(1), default=100, help="The most results; else 100.")
@output_options
def search(
    words: tuple[str, ...],
    service: str | None,
    kind: str | None,
    limit: int,
    database: str | None,
    as_of: str | None,
    form: str | None,
) -> None:
    """Search names and descriptions for all WORDS.

    Finds services, actions, resource types, condition keys and sample policies, the best answer
    first. WORDS may also be an API operation, an ARN, a pattern, or have letters wrong.

    Example:

    \b
        iam-catalog search create instance
    """
    with open_catalog(database, as_of) as catalog:
        text = " ".join(words)
        records = catalog.search(text, limit=limit, kind=kind, service=service)
        remedy = None if records else catalog.what_brings_all()
    print_records(records, chosen(form), ["kind", "name", "access_level", "description"])
    if reads_as(text) == "policy":
        click.echo("That reads as a policy: check it with iam-catalog check FILE", err=True)
        return
    if remedy:
        click.echo(f"Nothing found. {remedy}", err=True)
