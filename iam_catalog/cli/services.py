"""The commands that list and show services, resource types and condition keys."""

from __future__ import annotations

import click

from iam_catalog.cli.options import (
    chosen,
    complete_action,
    complete_condition_key,
    complete_resource_type,
    open_catalog,
    output_options,
    service_or_option,
)
from iam_catalog.cli.output import (
    is_terminal,
    print_names,
    print_record,
    print_records,
)
from iam_catalog.words import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iam_catalog.catalog import Catalog


@click.command()
@output_options
def services(database: str | None, as_of: str | None, form: str | None) -> None:
    """List the services that the catalog holds.

    Example:

    \b
        iam-catalog services
    """
    with open_catalog(database, as_of) as catalog:
        records = catalog.services()
        remedy = catalog.what_brings_all() if is_terminal() else None
    columns = ["service_prefix", "actions", "resource_types", "condition_keys", "name"]
    print_records(records, chosen(form), columns)
    if remedy:
        click.echo(remedy, err=True)


@click.command()
@service_or_option
@output_options
def service(
    service_prefix: str | None, database: str | None, as_of: str | None, form: str | None
) -> None:
    """Show one service, with its sources and what they state.

    Example:

    \b
        iam-catalog service connect
    """
    if service_prefix is None:
        raise click.UsageError("Missing argument 'SERVICE'.")
    with open_catalog(database, as_of) as catalog:
        record = catalog.service(service_prefix)
    print_record(record, chosen(form))


@click.command("resource-types")
@service_or_option
@output_options
def resource_types(
    service_prefix: str | None, database: str | None, as_of: str | None, form: str | None
) -> None:
    """List resource types with their ARN formats.

    Example:

    \b
        iam-catalog resource-types connect
    """
    with open_catalog(database, as_of) as catalog:
        records = catalog.resource_types(service_prefix)
    print_records(records, chosen(form), ["resource_type", "arn_formats"])


@click.command("resource-type")
@click.argument("name", shell_complete=complete_resource_type)
@output_options
def resource_type(name: str, database: str | None, as_of: str | None, form: str | None) -> None:
    """Show one resource type, with the actions that take it.

    Example:

    \b
        iam-catalog resource-type connect:instance
    """
    with open_catalog(database, as_of) as catalog:
        record = catalog.resource_type(name)
    print_record(record, chosen(form))


@click.command("condition-keys")
@service_or_option
@click.option(
    "-a",
    "--action",
    metavar="ACTION",
    shell_complete=complete_action,
    help="Only the keys that this action has, besides AWS's global ones.",
)
@click.option("--arn", metavar="ARN", help="Only those that --action has on this resource.")
@output_options
def condition_keys(
    service_prefix: str | None,
    action: str | None,
    arn: str | None,
    database: str | None,
    as_of: str | None,
    form: str | None,
) -> None:
    """List the condition keys that sources define.

    Of a service, or of all; with --action, the names of those that a statement about the action
    can use.

    Example:

    \b
        iam-catalog condition-keys connect
    """
    if action is not None and service_prefix is not None:
        raise click.UsageError("--action names its service: leave SERVICE out.")
    if action is None and arn is not None:
        raise click.UsageError("--arn needs --action: which keys there are depends on both.")
    with open_catalog(database, as_of) as catalog:
        if action is not None:
            names = catalog.keys_of_action(action, arn)
            if remark := _remark_on_keys(catalog, action, arn):
                click.echo(printable(remark), err=True)
            print_names(names, chosen(form), "condition_key")
            return
        records = catalog.condition_keys(service_prefix)
    print_records(records, chosen(form), ["condition_key", "type", "description"])


def _remark_on_keys(catalog: Catalog, action: str, arn: str | None) -> str | None:
    """Say why keys of an action may be missing; `None` where nothing is to be said."""
    record = catalog.action(action)
    if record.condition_keys is None:
        return f"No source that is held has the condition keys of {record.action}: not known."
    if arn is None or record.resource_types is None:
        return None
    types = {each.resource_type for each in catalog.match_arn(arn)}
    if types.isdisjoint(record.resource_types):
        return f"{record.action} takes no resource type that {arn!r} can be."
    return None


@click.command("condition-key")
@click.argument("name", shell_complete=complete_condition_key)
@output_options
def condition_key(name: str, database: str | None, as_of: str | None, form: str | None) -> None:
    """Show one condition key, with the actions and resource types that have it.

    Example:

    \b
        iam-catalog condition-key aws:RequestTag/team
    """
    with open_catalog(database, as_of) as catalog:
        record = catalog.condition_key(name)
    if is_terminal():
        from iam_catalog.remarks import on_record

        for text in on_record(record):
            click.echo(text, err=True)
    print_record(record, chosen(form))
