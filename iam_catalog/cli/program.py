"""The commands about the program itself, its site and its shells."""

from __future__ import annotations

import click

from iam_catalog.cli.options import open_catalog
from iam_catalog.errors import CatalogError
from iam_catalog.words import printable

# Not click's own: bash takes the colon of an action name for the end of a word. So the whole word
# is completed here, and the answer comes without the part before the colon.
_BASH_COMPLETION = r"""_iam_catalog_completion() {
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


def print_version() -> None:
    """Print which program and which catalog answer, and how fresh the catalog is."""
    from pathlib import Path

    from iam_catalog import __version__
    from iam_catalog.facts.about import all_counts, dates, from_tomorrow, max_age, sources, today

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
    ahead = from_tomorrow(about, today())
    if ahead and max_age() is None:  # with a greatest age, opening it has warned already
        click.echo(f"Warning: {ahead}.", err=True)


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script of a shell.

    It completes names of the catalog, too.

    Example:

    \b
        eval "$(iam-catalog completion bash)"
    """
    from click.shell_completion import FishComplete, ZshComplete

    from iam_catalog.cli.main import cli

    if shell == "bash":
        click.echo(_BASH_COMPLETION)
        return
    script = ZshComplete if shell == "zsh" else FishComplete
    click.echo(script(cli, {}, "iam-catalog", "_IAM_CATALOG_COMPLETE").source())


@click.command()
@click.option(
    "--port",
    default=8001,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="The first port to try.",
)
@click.option("-d", "--database", metavar="FILE", help="The catalog to serve.")
def serve(port: int, database: str | None) -> None:
    """Browse the catalog in Datasette.

    Needs the extra iam-catalog[datasette].

    Example:

    \b
        iam-catalog serve --port 8001
    """
    from iam_catalog.cli.serve import serve as serve_catalog
    from iam_catalog.database import find_metadata

    open_catalog(database, None).close()
    serve_catalog(database, find_metadata(), port)
