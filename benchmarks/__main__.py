"""`python -m benchmarks`: measure, and print a table or JSON."""

from __future__ import annotations

import json
import platform
import sqlite3
from dataclasses import asdict
from pathlib import Path

import click

from benchmarks.measure import Result, measure


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--rounds", default=25, show_default=True, help="How often each cold start is timed.")
@click.option("--full", is_flag=True, help="Measure whole snapshots of real pages, too.")
@click.option("--site", metavar="FILE", help="Measure the site of this catalog, too.")
@click.option("--history", metavar="MIRROR", help="Measure a build of this mirror's dates, too.")
@click.option("--year", metavar="DAYS", type=int, help="Measure so many days of fetches, too.")
@click.option("--mcp", metavar="FILE", help="Measure assistants that ask this catalog, too.")
@click.option("--editor", metavar="FILE", help="Measure the language server on this catalog, too.")
@click.option(
    "--guards",
    metavar="MIRROR",
    help="Print as JSON what AWS changed between this mirror's dates, and measure nothing else.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
def main(
    rounds: int,
    full: bool,
    site: str | None,
    history: str | None,
    year: int | None,
    mcp: str | None,
    editor: str | None,
    guards: str | None,
    as_json: bool,
) -> None:
    """Measure the aims for speed and print them beside what was measured.

    Example:

    \b
        python -m benchmarks --rounds 25
    """
    if guards:
        from benchmarks.guards import measure_guards

        click.echo(json.dumps(measure_guards(Path(guards)), indent=1))
        return
    results = measure(rounds)
    if full:
        from benchmarks.full import CORPORA, measure_full

        if not CORPORA.is_dir():
            raise click.ClickException(f"No folder {str(CORPORA)!r}: set IAM_CATALOG_CORPORA.")
        results += measure_full(max(1, rounds // 10))
    results += _of_many_dates(history, year, rounds)
    results += _of_servers(site, mcp, editor, rounds)
    _print(results, rounds, as_json)


def _of_many_dates(history: str | None, year: int | None, rounds: int) -> list[Result]:
    """Measure builds of the dates that are asked for."""
    results: list[Result] = []
    if history:
        from benchmarks.history import measure_history

        results += measure_history(Path(history), rounds)
    if year:
        from benchmarks.year import measure_year

        results += measure_year(year)
    return results


def _of_servers(site: str | None, mcp: str | None, editor: str | None, rounds: int) -> list[Result]:
    """Measure the servers that are asked for, each on its catalog."""
    results: list[Result] = []
    if site:
        from benchmarks.site import measure_site

        results += measure_site(site, seconds=10.0)
    if mcp:
        from benchmarks.assistants import measure_assistants

        results += measure_assistants(mcp, max(3, rounds // 3))
    if editor:
        from benchmarks.editor import measure_editor

        results += measure_editor(editor, rounds)
    return results


def _print(results: list[Result], rounds: int, as_json: bool) -> None:
    """Print what was measured and on which machine, as a table or as JSON."""
    machine = {
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "machine": platform.machine(),
    }
    if as_json:
        facts = [{**asdict(each), "reached": each.reached} for each in results]
        click.echo(json.dumps({**machine, "rounds": rounds, "results": facts}, indent=2))
        return
    click.echo(f"Python {machine['python']}, SQLite {machine['sqlite']}, {machine['machine']}\n")
    for cells in [("", "median", "ratio", "aim", ""), *map(cells_of, results)]:
        name, *others = cells
        click.echo(f"{name:<36}" + "".join(f"{cell:>12}" for cell in others))


def cells_of(result: Result) -> tuple[str, str, str, str, str]:
    ratio = "" if result.ratio is None else f"{result.ratio:.2f} x"
    aim = ""
    if result.aim:
        limit = result.aim.limit
        aim = f"<= {limit:g} x" if result.aim.times else f"<= {amount(limit, result.unit)}"
    word = {True: "reached", False: "missed", None: ""}[result.reached]
    return result.subject, amount(result.seconds, result.unit), ratio, aim, word


def amount(value: float, unit: str) -> str:
    return duration(value) if unit == "s" else f"{value:.1f} {unit}"


def duration(seconds: float) -> str:
    """`1.23 s`, `12.3 ms` or `8.1 us`."""
    if seconds >= 1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1e3:.1f} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.1f} us"


main()
