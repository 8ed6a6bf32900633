"""The commands about the sample policies of the catalog."""

from __future__ import annotations

import click

from iam_catalog.cli.options import chosen, complete_action, open_catalog, output_options
from iam_catalog.cli.output import print_records

_SAMPLE_COLUMNS = ("policy", "title", "statements", "date")
_USE_COLUMNS = ("policy", "effect", "element", "pattern", "line")
_NAMED_COLUMNS = ("statement", "effect", "element", "pattern", "documented", "actions")


@click.command("sample-policies")
@output_options
def sample_policies(database: str | None, as_of: str | None, form: str | None) -> None:
    """List the sample policies of the catalog.

    Example:

    \b
        iam-catalog sample-policies
    """
    with open_catalog(database, as_of) as catalog:
        print_records(catalog.sample_policies(), chosen(form), _SAMPLE_COLUMNS)


@click.command("policies-using")
@click.argument("action", shell_complete=complete_action)
@output_options
def policies_using(action: str, database: str | None, as_of: str | None, form: str | None) -> None:
    """List the sample policies that name ACTION.

    Also by a pattern that matches it.

    Example:

    \b
        iam-catalog policies-using ssmmessages:OpenDataChannel
    """
    with open_catalog(database, as_of) as catalog:
        print_records(catalog.policies_using(action), chosen(form), _USE_COLUMNS)


@click.command("actions-of-policy")
@click.argument("policy")
@output_options
def actions_of_policy(
    policy: str, database: str | None, as_of: str | None, form: str | None
) -> None:
    """List what the sample policy POLICY names.

    And which of it the catalog documents.

    Example:

    \b
        iam-catalog actions-of-policy minimal-iam-permissions-for-ssm:24
    """
    with open_catalog(database, as_of) as catalog:
        print_records(catalog.actions_of_policy(policy), chosen(form), _NAMED_COLUMNS)
