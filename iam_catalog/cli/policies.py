"""The commands that explain, complete and write policies.

Policies go to standard output as JSON; what is to be said of them goes to standard error.
"""

from __future__ import annotations

import sys

import click

from iam_catalog.cli.options import (
    catalog_options,
    chosen,
    complete_action,
    complete_service,
    open_catalog,
    output_options,
)
from iam_catalog.cli.output import (
    FORMATS,
    as_plain,
    is_terminal,
    print_csv,
    print_json,
    print_json_lines,
    print_records,
    printable,
    terminal_width,
)
from iam_catalog.errors import CatalogError
from iam_catalog.names import ACCESS_LEVELS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any, TypeVar

    from iam_catalog.catalog import Catalog
    from iam_catalog.policy.explain.policy import ExplainedPolicy
    from iam_catalog.policy.records import PolicyDocument
    from iam_catalog.policy.write.complete import CompletedPolicy

    Command = TypeVar("Command", bound=Callable[..., Any])

KINDS = ("managed", "inline-user", "inline-group", "inline-role")
STANDARD_INPUT = "-"
WIDTH = 100
MISSING_COLUMNS = ("action", "dependent_action", "access_level", "resource_types", "date", "note")
GRANTED_COLUMNS = ("action", "access_level", "resource_types", "other_types", "resources")


def policy_options(command: Command) -> Command:
    """Which catalog answers, what is printed of a policy, and what stands for placeholders."""
    for option in (
        catalog_options,
        click.option(
            "--format",
            "form",
            type=click.Choice(FORMATS),
            help="How to print; without it the policy as json. A table and csv are facts.",
        ),
        click.option(
            "--facts",
            is_flag=True,
            help="Print what the catalog says of the actions, and not the policy.",
        ),
        click.option(
            "--fill",
            "values",
            metavar="NAME=VALUE",
            multiple=True,
            callback=read_values,
            help="Write VALUE for the placeholder ${NAME}, such as Account=111122223333.",
        ),
    ):
        command = option(command)
    return command


def read_values(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    """`NAME=VALUE` of the command line as pairs; a mistyped one is a mistake of usage."""
    values = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not (name and equals):
            raise click.BadParameter(f"{text!r} is not written NAME=VALUE.")
        values[name.removeprefix("${").removesuffix("}")] = value
    return values


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@output_options
def explain(
    files: tuple[str, ...], database: str | None, as_of: str | None, form: str | None
) -> None:
    """What the policies in each FILE say, in plain words; - is standard input.

    Example:

    \b
        iam-catalog explain data/policies/minimal-iam-permissions-for-ssm.md
    """
    with open_catalog(database, as_of) as catalog:
        named: list[str] = []
        found = (catalog.explain_policy(each) for each in documents(files))
        print_explanations(noting_unknown(found, named), chosen(form))
        say_what_brings_all(catalog, named)


def noting_unknown(
    policies: Iterable[ExplainedPolicy], named: list[str]
) -> Iterator[ExplainedPolicy]:
    """Yield *policies* as they come, and add to *named* what the catalog cannot tell of them."""
    for policy in policies:
        for statement in policy.statements:
            named += [name for aside in statement.unknown for name in aside.names]
        yield policy


def say_what_brings_all(catalog: Catalog, named: Iterable[str]) -> None:
    """Say once what brings all of AWS, where one of *named* is of a service that is not held."""
    remedy = catalog.what_brings_all()
    if remedy is None:
        return
    held = {each.service_prefix.lower() for each in catalog.services()}
    prefixes = {name.partition(":")[0].lower() for name in named if ":" in name}
    # What a template left open, or a wildcard, is not the prefix of a service.
    if any(each.replace("-", "").isalnum() for each in prefixes - held):
        say(remedy)


def print_explanations(policies: Iterable[ExplainedPolicy], form: str) -> None:
    """Print explained policies: in words, as records, or a row for each action of a statement."""
    from iam_catalog.policy.explain.text import ROW_COLUMNS, explanation, rows

    if form == "json":
        print_json([as_plain(policy) for policy in policies])
    elif form == "jsonl":
        print_json_lines(as_plain(policy) for policy in policies)
    elif form == "csv":
        print_csv([row for policy in policies for row in rows(policy)], ROW_COLUMNS)
    else:
        width = min(WIDTH, terminal_width()) if is_terminal() else WIDTH
        for number, policy in enumerate(policies):
            if number:
                click.echo()
            for line in explanation(policy, width):
                click.echo(printable(line))


def documents(files: Iterable[str]) -> Iterator[PolicyDocument]:
    """The policies of the files, one after the other."""
    from iam_catalog.policy.read.documents import read_file

    for name in files:
        yield from read_file(name)


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option("--transitive", is_flag=True, help="Follow the dependent actions of each, too.")
@click.option("--whole", is_flag=True, help="Print the whole policy, not only what to add to it.")
@policy_options
def complete(
    files: tuple[str, ...],
    transitive: bool,
    whole: bool,
    facts: bool,
    values: dict[str, str],
    database: str | None,
    as_of: str | None,
    form: str | None,
) -> None:
    """The dependent actions that the policies in each FILE lack, as statements to add.

    Example:

    \b
        iam-catalog complete data/policies/minimal-iam-permissions-for-ssm.md
    """
    held = list(documents(files))
    with open_catalog(database, as_of) as catalog:
        found = [
            (document, completed)
            for document in held
            if (completed := completed_policy(catalog, document, transitive, values, len(held)))
        ]
        from iam_catalog.policy.write.messages import told_of_completed

        for document, completed in found:
            for text in told_of_completed(completed):
                say(text, document if len(held) > 1 else None)
        unknown = [each for _, completed in found for each in completed.unknown]
        say_what_brings_all(catalog, [name for each in unknown for name in each.names])
    if facts or form in ("table", "csv"):
        missing = [each for _, completed in found for each in completed.missing]
        print_records(missing, chosen(form), MISSING_COLUMNS)
    else:
        policies = [completed.policy if whole else addition(completed) for _, completed in found]
        print_policies(policies, form)


def completed_policy(
    catalog: Catalog,
    document: PolicyDocument,
    transitive: bool,
    values: dict[str, str],
    number: int,
) -> CompletedPolicy | None:
    """The completed policy; of several documents, one that can not be is passed over, and told."""
    try:
        return catalog.complete_policy(document, transitive=transitive, values=values)
    except CatalogError as error:
        if number == 1:
            raise
        say(f"passed over. {error}", document)
        return None


def addition(completed: CompletedPolicy) -> dict[str, Any]:
    """What is to be added, as a policy of its own."""
    from iam_catalog.policy.write.compose import VERSION

    return {"Version": VERSION, "Statement": list(completed.statements)}


@click.command()
@click.argument("actions", metavar="[ACTION]...", nargs=-1, shell_complete=complete_action)
@click.option(
    "--arn", "arns", metavar="ARN", multiple=True, help="A resource to name; can be repeated."
)
@click.option(
    "--access-level",
    "access_levels",
    metavar="LEVEL",
    multiple=True,
    help=f"All actions of this primary level: {', '.join(ACCESS_LEVELS)}; can be repeated.",
)
@click.option(
    "--service-prefix",
    metavar="PREFIX",
    shell_complete=complete_service,
    help="The service whose actions --access-level means, such as connect.",
)
@click.option(
    "--with-dependent-actions", is_flag=True, help="Allow what these actions may need, too."
)
@click.option(
    "--with-optional-types",
    is_flag=True,
    help="Name the resource types that are not required, too.",
)
@click.option("--shrink", is_flag=True, help="Write wildcards that match the same actions today.")
@click.option(
    "--kind",
    type=click.Choice(KINDS),
    default="managed",
    show_default=True,
    help="What the policy is for, which says how large it may be.",
)
@policy_options
def write(
    actions: tuple[str, ...],
    arns: tuple[str, ...],
    access_levels: tuple[str, ...],
    facts: bool,
    database: str | None,
    as_of: str | None,
    form: str | None,
    **options: Any,
) -> None:
    """A least-privilege policy for ACTIONs, patterns, or access levels; - reads actions from input.

    Example:

    \b
        iam-catalog write connect:StopContact --fill Partition=aws
    """
    names = [
        name for each in actions for name in (read_names() if each == STANDARD_INPUT else [each])
    ]
    with open_catalog(database, as_of) as catalog:
        written = catalog.write_policy(names, arns=arns, access_levels=access_levels, **options)
    from iam_catalog.policy.write.messages import told_of_written

    for text in told_of_written(written, options["kind"]):
        say(text)
    if facts or form in ("table", "csv"):
        print_records(written.actions, chosen(form), GRANTED_COLUMNS)
    else:
        print_policies(written.policies, form)


def read_names() -> list[str]:
    """The names on standard input: a JSON list of them, or one a line; # starts a comment."""
    import json

    try:
        text = sys.stdin.read()
        if text.lstrip().startswith("["):
            return [str(name) for name in json.loads(text)]
    except ValueError as error:
        raise CatalogError(
            f"Can not read actions from standard input: {error}. Expected one a line, or a JSON"
            " list of them."
        ) from error
    lines = [line.partition("#")[0].strip() for line in text.splitlines()]
    return [line for line in lines if line]


def print_policies(policies: Iterable[dict[str, Any]], form: str | None) -> None:
    """Print policies: one as itself, several as a list; in jsonl one a line."""
    held = list(policies)
    if form == "jsonl":
        print_json_lines(held)
    else:
        print_json(held[0] if len(held) == 1 else held)


def say(text: str, document: PolicyDocument | None = None) -> None:
    """Say something of the answer, and of which document where there are several."""
    place = f"{document.file}:{document.line}: " if document else ""
    click.echo(printable(f"{place}{text}"), err=True)
