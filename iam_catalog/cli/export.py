"""`iam-catalog export`: a command for each kind of export, all with the same options.

What else can be exported, such as a site, is one more command of the group.
"""

from __future__ import annotations

from functools import partial, wraps

import click

from iam_catalog.cli.options import checked_day, complete_service, open_catalog, service_option
from iam_catalog.export.registry import KINDS, ExportKind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from iam_catalog.export.writing import Export

    Command = TypeVar("Command", bound=Callable[..., Any])


@click.group()
@click.pass_context
def export(context: click.Context) -> None:
    """Write the catalog into a folder, as files for other programs.

    Example:

    \b
        iam-catalog export csv exported
    """
    _clean_up_when_asked_to_end(context)


def _clean_up_when_asked_to_end(context: click.Context) -> None:
    """Let `timeout`, a service manager or a closed terminal end a command as an error would."""
    import signal

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is None or signal.getsignal(number) is not signal.SIG_DFL:  # as nohup wants it
            continue
        signal.signal(number, _end)
        context.call_on_close(partial(signal.signal, number, signal.SIG_DFL))


def _end(number: int, _: object) -> None:
    raise SystemExit(128 + number)


def _export_options(command: Command) -> Command:
    """Add what to export: where to, and which part of which catalog."""

    @wraps(command)
    def with_services(
        *args: Any, services: tuple[str, ...], service_prefixes: tuple[str, ...], **kwargs: Any
    ) -> Any:
        return command(*args, service_prefixes=(*services, *service_prefixes), **kwargs)

    decorated: Any = with_services
    for decorate in (
        service_option(
            "Only this service, such as connect; can be repeated.",
            "service_prefixes",
            multiple=True,
        ),
        click.argument(
            "services", metavar="[SERVICE]...", nargs=-1, shell_complete=complete_service
        ),
        click.option(
            "--as-of",
            metavar="DATE",
            callback=checked_day,
            help="Export what the sources dated up to then state, YYYY-MM-DD.",
        ),
        click.option(
            "-d",
            "--database",
            metavar="FILE",
            help="The catalog to export, instead of $IAM_CATALOG_DB or the shipped one.",
        ),
        click.argument("folder", metavar="DIR", type=click.Path()),
    ):
        decorated = decorate(decorated)
    return decorated  # type: ignore[no-any-return]


def _add_command(kind: ExportKind) -> None:
    """Add the command that exports a catalog as files of a kind."""

    @_export_options
    def export_files(
        folder: str, database: str | None, as_of: str | None, service_prefixes: tuple[str, ...]
    ) -> None:
        from iam_catalog.export.writing import write_export

        with open_catalog(database, as_of) as catalog:
            written = write_export(catalog, folder, kind.name, service_prefixes)
        click.echo(f"{_summary(written)} in {folder!r}", err=True)

    text = f"{kind.help}\n\nExample:\n\n\b\n    {kind.example}"
    export.command(kind.name, help=text)(export_files)


for _kind in KINDS:
    _add_command(_kind)


@export.command("site")
@_export_options
@click.option(
    "--base-url",
    metavar="URL",
    help="Where the files will be published, https://…: for canonical addresses, the feed, and a"
    " sitemap.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1),
    metavar="N",
    help="Render with this many processes, instead of one for each processor.",
)
def export_site(
    folder: str,
    database: str | None,
    as_of: str | None,
    service_prefixes: tuple[str, ...],
    base_url: str | None,
    jobs: int | None,
) -> None:
    """Write the pages of the site, for hosting without a server.

    The search is among them. They also work from a folder, without a web server (needs the extra
    iam-catalog[site]).

    Example:

    \b
        iam-catalog export site site connect
    """
    write_site = _site_writer()
    with open_catalog(database, as_of) as catalog:
        written = write_site(catalog, folder, service_prefixes, base_url=base_url, jobs=jobs)
    click.echo(f"{_summary(written)} in {folder!r}", err=True)
    if base_url is None:
        click.echo(_WITHOUT_BASE, err=True)


_WITHOUT_BASE = (
    "Without --base-url there is no sitemap and no description of the search, which take whole"
    " addresses, and 404.html is for the root of a host."
)


def _site_writer() -> Callable[..., Export]:
    """Return what writes a site. Raises `CatalogError` where the extra is missing."""
    from iam_catalog.errors import CatalogError

    try:
        import jinja2  # noqa: F401   the next import is ours
    except ImportError as error:
        raise CatalogError(
            "jinja2, which renders the pages, is not installed: pip install 'iam-catalog[site]'"
        ) from error
    from iam_catalog.export.site.writing import write_site

    return write_site


def _summary(written: Export) -> str:
    """`28,694 actions of 422 services, as of 2025-07-01: 26 files, 31.4 MB`"""
    from iam_catalog.facts.about import amounts

    counts = written.summary.counts
    held = amounts((counts["services"], "service"), (counts["actions"], "action"))
    date = written.summary.as_of
    dated = f", as of {date}" if date else ""
    return f"{held}{dated}: {amounts((written.files, 'file'))}, {written.bytes / 1e6:,.1f} MB"
