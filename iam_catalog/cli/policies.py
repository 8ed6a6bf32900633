"""The commands that explain, complete and write policies.

Policies go to standard output as JSON; messages about them go to standard error.
"""

from __future__ import annotations

import click

from iam_catalog.cli.names import with_standard_input
from iam_catalog.cli.options import (
    catalog_options,
    chosen,
    complete_action,
    format_option,
    level_option,
    open_catalog,
    service_option,
    wide_option,
)
from iam_catalog.cli.output import (
    FORMATS,
    PAGE_WIDTH,
    POLICY_FORMATS,
    as_plain,
    print_csv,
    print_json,
    print_json_lines,
    print_policies,
    print_records,
    text_width,
)
from iam_catalog.errors import CatalogError
from iam_catalog.policy import model
from iam_catalog.words import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any, TypeVar

    from iam_catalog.catalog import Catalog
    from iam_catalog.policy.explain.policy import ExplainedPolicy
    from iam_catalog.policy.model import Kind, PolicyDocument
    from iam_catalog.policy.write.complete import CompletedPolicy

    Command = TypeVar("Command", bound=Callable[..., Any])

KINDS = ("managed", "inline-user", "inline-group", "inline-role")
_TEXT_FORMATS = ("text", *FORMATS)
_MISSING_COLUMNS = ("action", "dependent_action", "access_level", "resource_types", "date", "note")
_GRANTED_COLUMNS = ("action", "access_level", "resource_types", "other_types", "resources")


def _policy_options(command: Command) -> Command:
    """Add the options for the catalog, for what to print of a policy, and for placeholders."""
    for option in (
        catalog_options,
        wide_option,
        format_option(
            (*FORMATS, *POLICY_FORMATS),
            "How to print; without it the policy as json. A table and csv are facts.",
        ),
        click.option(
            "--allow-placeholders",
            is_flag=True,
            help="Exit with 0 also where something is left to be filled in.",
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
            callback=_read_values,
            help="Write VALUE for the placeholder ${NAME}, such as Account=111122223333.",
        ),
    ):
        command = option(command)
    return command


def _read_values(_: click.Context, __: click.Parameter, pairs: tuple[str, ...]) -> dict[str, str]:
    """Return `NAME=VALUE` as pairs. Raises `BadParameter`, a mistake of usage."""
    values = {}
    for text in pairs:
        name, equals, value = text.partition("=")
        if not (name and equals):
            raise click.BadParameter(f"{text!r} is not written NAME=VALUE.")
        values[name.removeprefix("${").removesuffix("}")] = value
    return values


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--kind",
    type=click.Choice(model.KINDS),
    help="What the policies are, where their place in FILE does not say.",
)
@wide_option
@catalog_options
@format_option(_TEXT_FORMATS, "How to print; text by default, and so is table.")
def explain(
    files: tuple[str, ...],
    kind: Kind | None,
    database: str | None,
    as_of: str | None,
    form: str | None,
) -> None:
    """Explain in plain words what the policies in each FILE say.

    FILE can be - for standard input.

    Example:

    \b
        iam-catalog explain data/policies/minimal-iam-permissions-for-ssm.md
    """
    with open_catalog(database, as_of) as catalog:
        named: list[str] = []
        found = (catalog.explain_policy(each, kind=kind) for each in _documents(files))
        _print_explanations(_noting_unknown(found, named), form or "text")
        _say_what_brings_all(catalog, named)


def _noting_unknown(
    policies: Iterable[ExplainedPolicy], named: list[str]
) -> Iterator[ExplainedPolicy]:
    """Yield *policies* as they come, and add to *named* what the catalog cannot tell of them."""
    for policy in policies:
        for statement in policy.statements:
            named += [name for aside in statement.unknown for name in aside.names]
        yield policy


def _say_what_brings_all(catalog: Catalog, named: Iterable[str]) -> None:
    """Say once what brings all of AWS, where one of *named* is of a service that is not held."""
    remedy = catalog.what_brings_all()
    if remedy is None:
        return
    held = {each.service_prefix.lower() for each in catalog.services()}
    prefixes = {name.partition(":")[0].lower() for name in named if ":" in name}
    # What a template left open, or a wildcard, is not the prefix of a service.
    if any(each.replace("-", "").isalnum() for each in prefixes - held):
        _say(remedy)


def _print_explanations(policies: Iterable[ExplainedPolicy], form: str) -> None:
    """Print explained policies: in words, as records, or a row for each action of a statement."""
    from iam_catalog.policy.explain.text import ROW_COLUMNS, explanation, rows

    if form == "json":
        print_json([as_plain(policy) for policy in policies])
    elif form == "jsonl":
        print_json_lines(as_plain(policy) for policy in policies)
    elif form == "csv":
        print_csv([row for policy in policies for row in rows(policy)], ROW_COLUMNS)
    else:
        width = min(PAGE_WIDTH, text_width() or PAGE_WIDTH)
        for number, policy in enumerate(policies):
            if number:
                click.echo()
            for line in explanation(policy, width):
                click.echo(printable(line))


def _documents(files: Iterable[str]) -> Iterator[PolicyDocument]:
    """Yield the policies of the files, one after the other."""
    from iam_catalog.policy.read.files import read_file

    for name in files:
        is_empty = True
        for document in read_file(name):
            is_empty = False
            yield document
        if is_empty:
            _say(f"no policy in {name}")


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option("--transitive", is_flag=True, help="Follow the dependent actions of each, too.")
@click.option("--whole", is_flag=True, help="Print the whole policy, not only what to add to it.")
@_policy_options
def complete(
    files: tuple[str, ...],
    transitive: bool,
    whole: bool,
    facts: bool,
    values: dict[str, str],
    allow_placeholders: bool,
    database: str | None,
    as_of: str | None,
    form: str | None,
) -> None:
    """Add the dependent actions that policies lack.

    Prints what to add to the policies in each FILE, as statements. FILE can be - for standard
    input. Exits with 1 where something is left to be filled in.

    Example:

    \b
        iam-catalog complete --allow-placeholders data/policies/minimal-iam-permissions-for-ssm.md
    """
    held = list(_documents(files))
    with open_catalog(database, as_of) as catalog:
        found = [
            (document, completed)
            for document in held
            if (completed := _completed_policy(catalog, document, transitive, values, len(held)))
        ]
        from iam_catalog.policy.write.messages import completed_messages

        for document, completed in found:
            for text in completed_messages(completed):
                _say(text, document if len(held) > 1 else None)
        unknown = [each for _, completed in found for each in completed.unknown]
        _say_what_brings_all(catalog, [name for each in unknown for name in each.names])
    if facts or form in ("table", "csv"):
        missing = [each for _, completed in found for each in completed.missing]
        print_records(missing, chosen(form), _MISSING_COLUMNS)
    else:
        policies = [completed.policy if whole else _addition(completed) for _, completed in found]
        print_policies(policies, form)
        if not allow_placeholders and any(completed.placeholders for _, completed in found):
            click.get_current_context().exit(1)


def _completed_policy(
    catalog: Catalog,
    document: PolicyDocument,
    transitive: bool,
    values: dict[str, str],
    number: int,
) -> CompletedPolicy | None:
    """Complete a policy; of several documents, one that cannot be completed is passed over."""
    try:
        return catalog.complete_policy(document, transitive=transitive, values=values)
    except CatalogError as error:
        if number == 1:
            raise
        _say(f"passed over. {error}", document)
        return None


def _addition(completed: CompletedPolicy) -> dict[str, Any]:
    """Return what to add, as a policy of its own."""
    from iam_catalog.policy.write.statements import VERSION

    return {"Version": VERSION, "Statement": list(completed.statements)}


@click.command()
@click.argument("actions", metavar="[ACTION]...", nargs=-1, shell_complete=complete_action)
@click.option(
    "--arn", "arns", metavar="ARN", multiple=True, help="A resource to name; can be repeated."
)
@level_option("All actions of this primary level, can be repeated", "access_levels", multiple=True)
@service_option("The service whose actions --access-level means, such as connect.")
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
    "--exclude",
    "excluded_actions",
    metavar="ACTION",
    multiple=True,
    help="An action or pattern to leave out; can be repeated.",
)
@click.option(
    "--with-actions-without-type",
    is_flag=True,
    help="Of the access levels, write the actions that take only *, too.",
)
@click.option(
    "--effect",
    type=click.Choice(("Allow", "Deny"), case_sensitive=False),
    default="Allow",
    show_default=True,
    help="Deny without any --arn is on every resource.",
)
@click.option(
    "--kind",
    type=click.Choice(KINDS),
    default="managed",
    show_default=True,
    help="What the policy is for, which says how large it may be.",
)
@_policy_options
def write(
    actions: tuple[str, ...],
    arns: tuple[str, ...],
    access_levels: tuple[str, ...],
    facts: bool,
    allow_placeholders: bool,
    database: str | None,
    as_of: str | None,
    form: str | None,
    **options: Any,
) -> None:
    """Write a least-privilege policy for actions or access levels.

    ACTION can be a pattern, or - for the actions on standard input, as other commands print them.
    With --access-level, a service can be an argument, too. Exits with 1 where something is left to
    be filled in, or none of the actions takes an ARN.

    Example:

    \b
        iam-catalog write connect:StopContact --arn 'arn:aws:connect:*:*:instance/*/contact/*'
    """
    names = with_standard_input(actions)
    if access_levels:
        names, options["service_prefix"] = _service_among(names, options["service_prefix"])
    with open_catalog(database, as_of) as catalog:
        written = catalog.write_policy(names, arns=arns, access_levels=access_levels, **options)
    from iam_catalog.policy.write.messages import written_messages

    for text in written_messages(written, options["kind"]):
        _say(text)
    if facts or form in ("table", "csv"):
        print_records(written.actions, chosen(form), _GRANTED_COLUMNS)
    else:
        print_policies(written.policies, form)
        if not allow_placeholders and (written.placeholders or written.unused_arns):
            click.get_current_context().exit(1)


def _service_among(names: list[str], service: str | None) -> tuple[list[str], str | None]:
    """Separate the service whose actions an access level means from *names* of actions."""
    services = [name for name in names if ":" not in name and name != "*"]
    if service is not None:
        services.append(service)
    if len(services) > 1:
        raise click.UsageError(f"Name one service, not several: {', '.join(services)}.")
    return [name for name in names if name not in services], next(iter(services), None)


def _say(text: str, document: PolicyDocument | None = None) -> None:
    """Print a message about the answer, and for which document where there are several."""
    place = f"{document.file}:{document.line}: " if document else ""
    click.echo(printable(f"{place}{text}"), err=True)
