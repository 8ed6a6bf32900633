"""The last step of a build: a new catalog takes the place of the old one, or is refused.

The old file is compared with the new one and replaced in one step, so that readers see the one or
the other. A catalog that trips a guard stays beside it, under a name of its own, with its report.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from iam_catalog.facts.about import amounts
from iam_catalog.facts.unknown import nearest
from iam_catalog.files import new_file, put_file
from iam_catalog.schema import VERSION
from scraper.errors import BuildRefused, ScraperError
from scraper.guards.base import Comparison, Trip
from scraper.guards.fetch import newest_fetched_day
from scraper.guards.registry import (
    BEFORE_THAT,
    GUARDS,
    NOTHING_TO_LOSE,
    QUESTIONS,
    Allowance,
    is_loss,
    look_at,
    trip_lines,
)
from scraper.guards.replaced import Replaced, open_replaced, put_aside
from scraper.guards.report import ChangeReport, NotedProblem, as_markdown
from scraper.guards.standing import Standing, fact_changes, read_standing, rows
from scraper.merge.normalise import Tables
from scraper.merge.store import replace_catalog, same_catalog
from scraper.merge.timeline import Timeline
from scraper.problems import Problem, position

CHANGES: Literal["changes"] = "changes"
REFUSED: Literal["refused"] = "refused"
"""The word between the catalog's name and the ending of a report."""


Finish = Callable[[], None]


@dataclass(frozen=True, slots=True)
class NewCatalog:
    """A catalog that was built, and what it was built from."""

    path: Path
    """Of the file, beside the one that it is to replace."""
    tables: Tables
    timeline: Timeline
    folders: Sequence[Path]
    """Of the pages."""
    refused: Sequence[Problem] = ()
    """Problems of pages that nobody accepted."""


def publish(new: NewCatalog, output: Path, allowance: Allowance) -> ChangeReport:
    """Put a new catalog in its place, with a report beside it, and give the report.

    Raises `BuildRefused`, and leaves *output* as it was, where *new* has problems, or lost
    something, that nobody accepted.
    """
    place = output.resolve()
    same = not new.refused and same_catalog(new.path, place)
    with open_replaced(place) as replaced:
        report = unchanged(new, place) if same else compare(new, replaced, allowance)
    if report.outcome == REFUSED:
        refuse(new, output, report)
    if replaced.aside:
        report = replace(report, note=f"{report.note}, and is now {replaced.aside.name}")
    with _prepared(report, place, CHANGES) as finish:
        if replaced.aside:
            put_aside(place, replaced.aside)
        replace_catalog(new.path, place, same=same)
        finish()
    for path in (_beside(place, REFUSED), *_report_files(place, REFUSED)):
        path.unlink(missing_ok=True)
    return report


def compare(new: NewCatalog, replaced: Replaced, allowance: Allowance) -> ChangeReport:
    """Compare a new catalog with the one that it replaces, and report what the guards see."""
    old = replaced.connection
    with _reading(new.path) as connection:
        before = read_standing(old) if old else None
        after = read_standing(connection)
        comparison = Comparison(
            connection, after, new.timeline, new.folders, old, before, allowance.settled
        )
        fetched = newest_fetched_day(new.folders) is not None
        judged = [
            (trip, allowance.reason(trip) or (NOTHING_TO_LOSE if nothing and history else held))
            for trip in look_at(comparison)
            for history in [GUARDS[trip.guard].in_history]
            for nothing in [not old and not (fetched and _is_of_aws(trip, new.timeline))]
            for held in [BEFORE_THAT if history and _is_past(trip, new.timeline, before) else None]
        ]
        is_refused = new.refused or any(reason is None for _, reason in judged)
        other = _other_schema(replaced, connection)
        return ChangeReport(
            replaced.path.name,
            now(),
            REFUSED if is_refused else "changed" if old else "first",
            before,
            after,
            replaced.note or other,
            judged,
            _noted_problems(new),
            fact_changes(old, connection) if old and not other else None,
        )


def _is_of_aws(trip: Trip, timeline: Timeline) -> bool:
    """Return True unless the trip is about the current page of a dataset."""
    slots = timeline.slots.get((trip.service or "").lower(), [])
    return not any(
        slot.version.is_dataset and slot.version.key.partition("@")[0] == trip.page
        for slot in slots
    )


def _is_past(trip: Trip, timeline: Timeline, before: Standing | None) -> bool:
    """Return True if the replaced catalog had a newer source than the page that lost something.

    Older snapshots that are added say how that page came to be; nothing of today is lost by it.
    """
    prefix = (trip.service or "").lower()
    if before is None or prefix not in before.dates:
        return False
    pages = [
        slot.version.key
        for slot in timeline.slots.get(prefix, [])
        if slot.version.key.partition("@")[0] == trip.page
    ]
    begun = [timeline.dates[key][0] or "" for key in pages]
    return bool(begun) and max(begun) < before.dates[prefix]


def _other_schema(replaced: Replaced, new: sqlite3.Connection) -> str | None:
    """Say what cannot be compared of a replaced catalog, because its schema is another one.

    None where it is the same: then everything can be. The tables count, not the version alone.
    """
    old = replaced.connection
    if old is None:
        return None
    if replaced.version != VERSION:
        named = f"of schema version {replaced.version}, where this is {VERSION}"
    elif _schema_of(old) != _schema_of(new):
        named = f"of another schema than this one, which has the same version {VERSION}"
    else:
        return None
    left_out = ["changes fact by fact", *unread(old, QUESTIONS)]
    return f"{named}: the guards compare what both have, and not {', '.join(left_out)}"


def _schema_of(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """Read how the tables, views and indexes of a catalog were made."""
    sql = "select name, sql from sqlite_master where sql is not null order by name"
    return connection.execute(sql).fetchall()


def unread(connection: sqlite3.Connection, questions: Mapping[str, str]) -> list[str]:
    """Name the questions of the guards that a catalog has no tables or columns for."""
    values = dict.fromkeys(("name", "value", "at_least"))
    return [
        what
        for what, sql in questions.items()
        if rows(connection, f"select * from ({sql}) limit 0", values) is None
    ]


def unchanged(new: NewCatalog, place: Path) -> ChangeReport:
    """Build the report of a catalog that says what the old one says."""
    with _reading(new.path) as connection:
        standing = read_standing(connection)
    problems = _noted_problems(new)
    return ChangeReport(
        place.name, now(), "unchanged", standing, standing, problems=problems, changes=()
    )


def check_services(wanted: Collection[str], prefixes: Iterable[str], output: Path) -> None:
    """Refuse to let a service shrink that there is none of: its name is mistyped.

    *prefixes* are those of the pages, in any case. Raises `ScraperError`.
    """
    if not wanted:
        return
    known = {each.lower(): each for each in prefixes if each}
    with open_replaced(output.resolve()) as replaced:
        if replaced.connection:
            known |= read_standing(replaced.connection).services
    for prefix in sorted(wanted):
        if prefix not in known:
            near = nearest(prefix, known.values())
            names = " or ".join(map(repr, near))
            advice = f"Did you mean {names}?" if near else "Name the prefix, such as 'connect'."
            raise ScraperError(
                f"--accept-shrink {prefix!r}: no service of this prefix, neither in the pages nor"
                f" in the replaced catalog. {advice}"
            )


def _noted_problems(new: NewCatalog) -> list[NotedProblem]:
    """Return the problems that nobody accepted, then the accepted ones, those of merging too."""
    refused = [
        NotedProblem(each.kind, f"{each.where}: {each.text}", None, each.page)
        for each in new.refused
    ]
    return refused + [
        NotedProblem(
            row["kind"],
            f"{position(row['file'], row['line'], row['place'])}: {row['text']}",
            row["reason"],
        )
        for row in new.tables.rows.get("problems", ())
    ]


def refuse(new: NewCatalog, output: Path, report: ChangeReport) -> None:
    """Keep a catalog that is refused beside the one that answers; raises `BuildRefused`."""
    place = output.resolve()
    with _prepared(report, place, REFUSED) as finish:
        replace_catalog(new.path, _beside(place, REFUSED), same=False)
        finish()
    named = place if output.is_symlink() else output
    refused = [trip for trip, reason in report.judged if reason is None]
    losses = sum(map(is_loss, refused))
    said = [amounts((len(new.refused), "problem"))] if new.refused else []
    said += ["1 loss" if losses == 1 else f"{losses:,} losses"] if losses else []
    if changes := sum(GUARDS[trip.guard].is_change for trip in refused):
        said.append(amounts((changes, "suspicious change")))
    if disagreements := len(refused) - losses - changes:
        said.append(amounts((disagreements, "disagreement")))
    raise BuildRefused(
        f"{' and '.join(said)} that nobody accepted: {str(output)!r} was not changed. The new "
        f"catalog is {str(_beside(named, REFUSED))!r}, its report "
        f"{str(_report_files(named, REFUSED)[0])!r}. "
        "Review the list above. To accept what AWS wrote or withdrew, pass the --accept option "
        "shown; otherwise fetch again or fix the parser.",
        trip_lines(report.judged),
    )


def now() -> str:
    """Return the time of the run, which is written in reports, and never in a catalog."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _beside(output: Path, word: str) -> Path:
    """Return a name such as `catalog.refused.db` beside `catalog.db`."""
    return output.with_name(f"{output.stem}.{word}{output.suffix}")


def was_refused(output: Path) -> bool:
    """Return True if the newest build of *output* was refused, and the file answers as before."""
    return _beside(output.resolve(), REFUSED).exists()


def _report_files(output: Path, word: str) -> tuple[Path, Path]:
    """Return `catalog.changes.md` and `catalog.changes.json` beside `catalog.db`."""
    stem = f"{output.stem}.{word}"
    return output.with_name(f"{stem}.md"), output.with_name(f"{stem}.json")


@contextmanager
def _prepared(report: ChangeReport, output: Path, word: str) -> Iterator[Finish]:
    """Write both files of a report aside, whole; yield the function that puts them in place.

    Raises `ScraperError` where they cannot be written, before anything else was done.
    """
    facts = report.as_json()
    texts = (as_markdown(report, facts), json.dumps(facts, indent=1, ensure_ascii=False) + "\n")
    written: list[tuple[Path, Path]] = []

    def finish() -> None:
        for new, path in written:
            put_file(new, path)

    with ExitStack() as stack:
        try:
            for path, text in zip(_report_files(output, word), texts, strict=True):
                new = stack.enter_context(new_file(path))
                new.write_text(text, encoding="utf-8")
                written.append((new, path))
            yield finish
        except OSError as error:
            raise ScraperError(f"Cannot write the report of {str(output)!r}: {error}.") from error


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)
    try:
        yield connection
    finally:
        connection.close()
