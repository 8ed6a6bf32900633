"""The commands that expand, shrink and invert names of actions, patterns and whole policies."""

from __future__ import annotations

import click

from iam_catalog.cli.names import with_standard_input
from iam_catalog.cli.options import (
    catalog_options,
    chosen,
    complete_action,
    format_option,
    open_catalog,
    service_option,
    wide_option,
)
from iam_catalog.cli.output import (
    FORMATS,
    POLICY_FORMATS,
    print_csv,
    print_names,
    print_policies,
    print_records,
)
from iam_catalog.remarks import on_patterns
from iam_catalog.words import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, TypeVar

    from iam_catalog.policy.model import PolicyDocument

    Command = TypeVar("Command", bound=Callable[..., Any])

_CHANGE_COLUMNS = ("date", "change", "subject")


def _rewriting_options(command: Command) -> Command:
    """Add the options for the catalog, and for how names or policies are printed."""
    text = "How to print; without it a table of names on a terminal, else json. Policies can be"
    formats = (*FORMATS, *POLICY_FORMATS)
    return format_option(formats, f"{text} {', '.join(('json', 'jsonl', *POLICY_FORMATS))}.")(
        wide_option(catalog_options(command))
    )


def _words_argument(name: str) -> Callable[[Command], Command]:
    """Add the argument for actions and patterns, or for files with policies."""
    return click.argument(
        name,
        metavar=f"[{name[:-1].upper()}|FILE]...",
        nargs=-1,
        required=True,
        shell_complete=complete_action,
    )


def _names_and_policies(words: Iterable[str]) -> tuple[list[str], list[PolicyDocument]]:
    """Read what the arguments name: actions and patterns, or the policies of files.

    A word without a colon that has a dot or a slash, or that is a file, is the name of one; `-` is
    standard input, whose content tells what it is.
    """
    words = list(words)
    files = [word for word in words if _is_file(word)]
    documents: list[PolicyDocument] = []

    def read_policies(content: bytes) -> bool:
        documents.extend(_documents_in(content))
        return bool(documents)

    names = with_standard_input([word for word in words if word not in files], read_policies)
    if files:
        from iam_catalog.policy.read.files import read_file

        for file in files:
            found = list(read_file(file))
            if not found:
                click.echo(printable(f"no policy in {file}"), err=True)
            documents += found
    if (documents or files) and names:
        raise click.UsageError("Name files with policies, or actions and patterns, not both.")
    if files and not documents:
        click.get_current_context().exit()
    return names, documents


def _is_file(word: str) -> bool:
    import os

    if word == "-" or ":" in word or not word.strip("*"):
        return False
    return "/" in word or "." in word or os.path.isfile(word)  # noqa: PTH113   a word, no `Path`


def _documents_in(content: bytes) -> list[PolicyDocument]:
    """Return the policies in the content of standard input; none where it has no policy."""
    from iam_catalog.errors import UnreadablePolicy
    from iam_catalog.policy.read.files import read_documents

    try:
        return list(read_documents("-", content))
    except UnreadablePolicy:
        return []


def _print_rewritten(
    documents: Iterable[PolicyDocument],
    form: str | None,
    rewrite: Callable[[PolicyDocument], dict[str, Any]],
) -> None:
    """Print policies, each rewritten."""
    if form == "csv":
        raise click.UsageError("A policy is not a table: print it as json, yaml or terraform.")
    print_policies([rewrite(document) for document in documents], form)


def _refuse_names_only(form: str | None) -> None:
    if form in POLICY_FORMATS:
        raise click.UsageError(f"Names are not a policy, which alone can be printed as {form}.")


@click.command()
@_words_argument("patterns")
@click.option("--count", is_flag=True, help="Print only how many actions there are.")
@click.option(
    "--since",
    metavar="DATE",
    help="Print instead what the patterns gained and lost, from DATE on, YYYY-MM-DD.",
)
@click.option("--until", metavar="DATE", help="With --since, the last date of interest.")
@click.option(
    "--kind",
    metavar="KIND",
    help="With --since, the changes of this kind instead, such as level-fell or key-came.",
)
@_rewriting_options
def expand(
    patterns: tuple[str, ...],
    count: bool,
    since: str | None,
    until: str | None,
    kind: str | None,
    database: str | None,
    as_of: str | None,
    form: str | None,
) -> None:
    """List the actions that match any of PATTERNS, with * and ?.

    Wildcards work anywhere in a name. PATTERNS can be - for those on standard input, as other
    commands print them. Of the policies in a FILE, or on standard input, each Action and NotAction
    is expanded, and the policies are printed.

    Example:

    \b
        iam-catalog expand 'connect:*Instance?'
    """
    _check_options(count, since, until or kind)
    names, documents = _names_and_policies(patterns)
    if documents and (count or since is not None):
        raise click.UsageError("--count and --since are for patterns, not for policies.")
    with open_catalog(database, as_of) as catalog:
        if documents:
            _print_rewritten(documents, form, catalog.expand_policy)
            return
        _refuse_names_only(form)
        if since is not None:
            changes = catalog.changes_of_patterns(*names, since=since, until=until, kind=kind)
            print_records(changes, chosen(form), _CHANGE_COLUMNS, wrap=True)
            return
        found = catalog.expand(*names)
        for text in on_patterns(catalog, names):
            click.echo(printable(text), err=True)
    if not count:
        print_names(found, chosen(form), "action")
    elif form == "csv":
        print_csv([{"actions": str(len(found))}], ["actions"])
    else:
        click.echo(len(found))


def _check_options(count: bool, since: str | None, narrowed: str | None) -> None:
    """Refuse options that have no meaning together; *narrowed* needs *since*."""
    if count and since is not None:
        raise click.UsageError("--count and --since exclude each other.")
    if since is None and narrowed is not None:
        raise click.UsageError("--until and --kind need --since.")


@click.command()
@_words_argument("actions")
@click.option(
    "--shortest", is_flag=True, help="Let a pattern end within a word, which saves letters."
)
@_rewriting_options
def shrink(
    actions: tuple[str, ...],
    shortest: bool,
    database: str | None,
    as_of: str | None,
    form: str | None,
) -> None:
    """Find the fewest patterns that match exactly ACTIONS.

    They have words at the start, the end or in the middle of names. ACTIONS can be - for those on
    standard input, as other commands print them. Of the policies in a FILE, or on standard input,
    each Action and NotAction is shrunk, and the policies are printed.

    Example:

    \b
        iam-catalog shrink connect:ListInstances connect:StopContact
    """
    names, documents = _names_and_policies(actions)
    with open_catalog(database, as_of) as catalog:
        if documents:
            _print_rewritten(
                documents, form, lambda each: catalog.shrink_policy(each, shortest=shortest)
            )
            return
        _refuse_names_only(form)
        patterns = catalog.shrink(names, shortest=shortest)
    print_names(patterns, chosen(form), "pattern")


@click.command()
@_words_argument("patterns")
@service_option("List the actions of this service only.")
@_rewriting_options
def invert(
    patterns: tuple[str, ...],
    service_prefix: str | None,
    database: str | None,
    as_of: str | None,
    form: str | None,
) -> None:
    """List the actions that match none of PATTERNS.

    PATTERNS can be - for those on standard input, as other commands print them. In the policies of
    a FILE, or on standard input, Action becomes NotAction and the reverse, so that statements cover
    the same actions of the catalog, and the policies are printed.

    Example:

    \b
        iam-catalog invert 'connect:List*' --service-prefix connect
    """
    names, documents = _names_and_policies(patterns)
    if documents and service_prefix is not None:
        raise click.UsageError("--service-prefix is for patterns, not for policies.")
    with open_catalog(database, as_of) as catalog:
        if documents:
            _print_rewritten(documents, form, catalog.invert_policy)
            return
        _refuse_names_only(form)
        found = catalog.invert(*names, service_prefix=service_prefix)
        for text in on_patterns(catalog, names):
            click.echo(printable(text), err=True)
    print_names(found, chosen(form), "action")
