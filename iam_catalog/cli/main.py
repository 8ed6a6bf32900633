"""`iam-catalog`: one command per question; asks the catalog and prints, with no logic of its own.

Exit codes: 0 answered (also with nothing), 1 could not, 2 a mistyped command line.
"""

from __future__ import annotations

import click

from iam_catalog.catalog import Catalog
from iam_catalog.cli.check import check
from iam_catalog.cli.export import export
from iam_catalog.cli.operations import actions_of_operation, operation, operations_of_action
from iam_catalog.cli.options import (
    CatalogGroup,
    chosen,
    complete_action,
    complete_service,
    open_catalog,
    output_options,
)
from iam_catalog.cli.output import is_terminal, print_names, print_record, print_records, printable
from iam_catalog.cli.patterns import actions_for_arn, expand, match_arn, shrink
from iam_catalog.cli.policies import complete, explain, write
from iam_catalog.cli.samples import actions_of_policy, policies_using, sample_policies
from iam_catalog.cli.time import changes, diff, disagreements
from iam_catalog.errors import CatalogError, UnknownAction
from iam_catalog.names import ACCESS_LEVELS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from iam_catalog.records import Action, Operation, ResourceType, Service


# Not click's own: bash takes the colon of an action name for the end of a word. So the whole word
# is completed here, and the answer given without what stands before the colon.
BASH_COMPLETION = r"""_iam_catalog_completion() {
    local line=${COMP_LINE:0:COMP_POINT} words word head="" kind reply
    read -ra words <<< "$line"
    [[ $line == *[[:space:]] ]] && words+=("")
    word=${words[${#words[@]} - 1]}
    [[ $COMP_WORDBREAKS == *:* ]] && head=${word%"${word##*:}"}
    COMPREPLY=()
    while IFS=, read -r kind reply; do
        COMPREPLY+=("${reply:${#head}}")
    done < <(COMP_WORDS="${words[*]}" COMP_CWORD=$((${#words[@]} - 1)) \
        _IAM_CATALOG_COMPLETE=bash_complete "$1")
}
complete -F _iam_catalog_completion iam-catalog"""


def print_version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    """Say which program and which catalog answer, and how fresh the catalog is."""
    if not value or ctx.resilient_parsing:
        return
    from pathlib import Path

    from iam_catalog import __version__
    from iam_catalog.facts.about import all_counts, dates, sources

    click.echo(f"iam-catalog {__version__}")
    try:
        with open_catalog(None, None) as catalog:
            about = catalog.about()
    except CatalogError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"catalog {printable(str(Path(about.path).absolute()))} ({about.origin})")
    click.echo(f"schema version {about.schema_version}, {dates(about)}")
    click.echo(all_counts(about))
    for line in sources(about):
        click.echo(f"from {line}")
    ctx.exit()


@click.group(cls=CatalogGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=print_version,
    help="Say which catalog answers, and how fresh it is.",
)
def cli() -> None:
    """Facts about AWS IAM actions, each with its source.

    Example:

    \b
        iam-catalog dependent-actions connect:CreateInstance
    """


@cli.command("dependent-actions")
@click.argument("action", shell_complete=complete_action)
@click.option("--transitive", is_flag=True, help="Follow the dependent actions of each, too.")
@output_options
def dependent_actions(
    action: str, transitive: bool, database: str | None, as_of: str | None, form: str | None
) -> None:
    """What ACTION needs besides itself, in AWS's order.

    Example:

    \b
        iam-catalog dependent-actions connect:CreateInstance
    """
    with open_catalog(database, as_of) as catalog:
        names = catalog.dependent_actions(action, transitive=transitive)
        said = documented(catalog, action, names) if is_terminal() else None
    if said:
        click.echo(said, err=True)
    print_names(names, chosen(form), "dependent_action")


def documented(catalog: Catalog, action: str, names: list[str]) -> str:
    """Say above the dependent actions on a terminal as of which date they are, and who says so."""
    record = catalog.action(action)
    if record.dependents_state == "not in source":
        return "No source that is held has a place for dependent actions: they are not known."
    date = record.dependents_documented_on
    said = f"as documented on {date}" if date else "as documented in a source without a date"
    lacking = ""
    if record.incomplete:
        from iam_catalog.words import several_pages

        lacking = f" Some may be missing: {several_pages(record.service_prefix)}."
    if not names:
        return f"None, {said}.{lacking}"
    sources = dict.fromkeys(each.dataset for each in record.dependents if each.dataset)
    by = f" by the public dataset {' and '.join(sources)}" if sources else ""
    return f"{said.capitalize()}{by}{'.' if lacking else ':'}{lacking}"


@cli.command("required-by")
@click.argument("action", shell_complete=complete_action)
@output_options
def required_by(action: str, database: str | None, as_of: str | None, form: str | None) -> None:
    """Which actions list ACTION as dependent.

    Example:

    \b
        iam-catalog required-by kms:CreateGrant
    """
    with open_catalog(database, as_of) as catalog:
        names = catalog.required_by(action)
    print_names(names, chosen(form), "action")


@cli.command()
@click.argument("name", shell_complete=complete_action)
@output_options
def show(name: str, database: str | None, as_of: str | None, form: str | None) -> None:
    """Everything about NAME: an action, a resource type, an API operation or a service.

    Example:

    \b
        iam-catalog show connect:StopContact
    """
    with open_catalog(database, as_of) as catalog:
        record = find(catalog, name)
    if is_terminal():
        for text in remarks(record):
            click.echo(text, err=True)
    print_record(record, chosen(form))


def remarks(record: Action | ResourceType | Service | Operation) -> Iterator[str]:
    """What stands above a record on a terminal: that it is gone, or that some of it may lack."""
    from iam_catalog import records
    from iam_catalog.words import incomplete_words, removal_words

    if isinstance(record, records.Operation):
        return
    if record.removed:
        words = removal_words(record.removed, record.removed_by, record.last_seen)
        yield f"{words[0].upper()}{words[1:]}."
    if not isinstance(record, records.Service) and record.incomplete:
        kind = "action" if isinstance(record, records.Action) else "resource type"
        words = incomplete_words(kind, record.service_prefix)
        yield f"{words[0].upper()}{words[1:]}."


def find(catalog: Catalog, name: str) -> Action | ResourceType | Service | Operation:
    """Find the record of a service, an action, a resource type or an operation.

    Raises the action's error for a name of none of them.
    """
    if ":" not in name:
        return catalog.service(name)
    try:
        return catalog.action(name)
    except UnknownAction:
        for find_other in (catalog.resource_type, catalog.operation):
            try:
                return find_other(name)
            except CatalogError:
                continue
        raise


@cli.command()
@click.option(
    "--service-prefix",
    metavar="PREFIX",
    shell_complete=complete_service,
    help="What stands before the colon, such as connect.",
)
@click.option(
    "--access-level", metavar="LEVEL", help=f"The primary level: {', '.join(ACCESS_LEVELS)}."
)
@click.option("--resource-type", metavar="NAME", help="Such as instance or connect:instance.")
@click.option("--condition-key", metavar="KEY", help="Such as aws:RequestTag/team.")
@output_options
def actions(
    database: str | None, as_of: str | None, form: str | None, **filters: str | None
) -> None:
    """The actions that fit every option.

    Example:

    \b
        iam-catalog actions --service-prefix connect --access-level Write
    """
    with open_catalog(database, as_of) as catalog:
        records = catalog.actions(**filters)
    print_records(records, chosen(form), ["action", "access_level", "description"])


@cli.command()
@output_options
def services(database: str | None, as_of: str | None, form: str | None) -> None:
    """The services that the catalog holds.

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


@cli.command()
@click.argument("service_prefix", shell_complete=complete_service)
@output_options
def service(service_prefix: str, database: str | None, as_of: str | None, form: str | None) -> None:
    """One service, with its sources and what they state.

    Example:

    \b
        iam-catalog service connect
    """
    with open_catalog(database, as_of) as catalog:
        record = catalog.service(service_prefix)
    print_record(record, chosen(form))


@cli.command("resource-types")
@click.argument("service_prefix", required=False, shell_complete=complete_service)
@output_options
def resource_types(
    service_prefix: str | None, database: str | None, as_of: str | None, form: str | None
) -> None:
    """The resource types of a service, or of all, with their ARN formats.

    Example:

    \b
        iam-catalog resource-types connect
    """
    with open_catalog(database, as_of) as catalog:
        records = catalog.resource_types(service_prefix)
    print_records(records, chosen(form), ["resource_type", "arn_formats"])


@cli.command("resource-type")
@click.argument("name")
@output_options
def resource_type(name: str, database: str | None, as_of: str | None, form: str | None) -> None:
    """One resource type, with the actions that take it.

    Example:

    \b
        iam-catalog resource-type connect:instance
    """
    with open_catalog(database, as_of) as catalog:
        record = catalog.resource_type(name)
    print_record(record, chosen(form))


@cli.command("condition-keys")
@click.argument("service_prefix", required=False, shell_complete=complete_service)
@output_options
def condition_keys(
    service_prefix: str | None, database: str | None, as_of: str | None, form: str | None
) -> None:
    """The condition keys that the sources of a service, or all of them, define.

    Example:

    \b
        iam-catalog condition-keys connect
    """
    with open_catalog(database, as_of) as catalog:
        records = catalog.condition_keys(service_prefix)
    print_records(records, chosen(form), ["condition_key", "type", "description"])


@cli.command()
@click.argument("words", nargs=-1, required=True)
@output_options
def search(
    words: tuple[str, ...], database: str | None, as_of: str | None, form: str | None
) -> None:
    """Services, actions, resource types and condition keys that have all WORDS.

    Example:

    \b
        iam-catalog search create instance
    """
    with open_catalog(database, as_of) as catalog:
        records = catalog.search(" ".join(words))
        remedy = None if records else catalog.what_brings_all()
    print_records(records, chosen(form), ["kind", "name", "description"])
    if remedy:
        click.echo(f"Nothing found. {remedy}", err=True)


@cli.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script of a shell: names of actions and services included.

    Example:

    \b
        eval "$(iam-catalog completion bash)"
    """
    from click.shell_completion import FishComplete, ZshComplete

    if shell == "bash":
        click.echo(BASH_COMPLETION)
        return
    script = ZshComplete if shell == "zsh" else FishComplete
    click.echo(script(cli, {}, "iam-catalog", "_IAM_CATALOG_COMPLETE").source())


@cli.command()
@click.option(
    "--port",
    default=8001,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="The first port to try.",
)
@click.option("--database", metavar="FILE", help="The catalog to serve.")
def serve(port: int, database: str | None) -> None:
    """Browse the catalog in Datasette (needs the extra iam-catalog[datasette]).

    Example:

    \b
        iam-catalog serve --port 8001
    """
    from iam_catalog.cli.serve import serve as serve_catalog
    from iam_catalog.database import find_metadata

    open_catalog(database, None).close()
    serve_catalog(database, find_metadata(), port)


for command in (
    operation,
    actions_of_operation,
    operations_of_action,
    sample_policies,
    policies_using,
    actions_of_policy,
    changes,
    diff,
    disagreements,
    expand,
    shrink,
    match_arn,
    actions_for_arn,
    check,
    explain,
    complete,
    write,
    export,
):
    cli.add_command(command)
