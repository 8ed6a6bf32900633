"""Check tables of policies with all processors, into a table of findings that a run continues.

A file of findings is written for each part of the input, whole or not at all. What a run is about
is in `RUN`, beside the findings: a run that was stopped goes on where it was, and one that is about
something else is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from glob import escape
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from iam_catalog import __version__
from iam_catalog.catalog import Catalog
from iam_catalog.errors import CatalogError, UnreadablePolicy
from iam_catalog.files import NEW, new_file, put_file, write_file
from iam_catalog.policy.check.run import UNREADABLE
from iam_catalog.processes import interrupts_held, prepare
from iam_catalog.sql.arrow import records
from iam_catalog.sql.tables import Columns, Part, files_in, parts_of, unpacked
from iam_catalog.sql.vocabulary import FINDING, Record, check, not_checked

RUN = "_check-many.json"
"""Says what the findings beside it are of. Names that start with `_` are no data to Spark."""

_COUNTS = b"iam_catalog.counts"
"""In the metadata of a file of findings, what `Counts` counts of its part."""
_PLACE = ("file", "row")


@dataclass(slots=True)
class Counts:
    """How much was checked."""

    rows: int = 0
    without_policy: int = 0
    """Rows whose policy is NULL."""
    unreadable: int = 0
    """Policies of which nothing could be checked."""
    findings: int = 0

    def add(self, other: Counts) -> None:
        self.rows += other.rows
        self.without_policy += other.without_policy
        self.unreadable += other.unreadable
        self.findings += other.findings


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be checked, and by which catalog."""

    columns: Columns
    kind: str | None = None
    """What all policies are attached to, where no column says so."""
    database: str | None = None
    as_of: str | None = None


@dataclass(slots=True)
class CheckedSoFar:
    """What a run has done so far."""

    files: int
    """Of the input."""
    files_done: int = 0
    before: Counts = field(default_factory=Counts)
    """What an earlier run had checked."""
    now: Counts = field(default_factory=Counts)
    failed: list[str] = field(default_factory=list)
    """A message for each file that cannot be read as a table of policies, in part or whole."""
    other_files: int = 0
    """Files of the folder that are neither Parquet nor JSON Lines."""


def check_many(
    source: Path,
    target: Path,
    order: Order,
    *,
    jobs: int,
    report: Callable[[CheckedSoFar], None],
) -> CheckedSoFar:
    """Check the policies of *source*, a file or folder; write findings into the folder *target*.

    *jobs* processes check; *report* is called after each part. A file that cannot be read does not
    keep others from being checked. Raises `CatalogError` where *target* is about something else, or
    cannot be written, and `KeyboardInterrupt` once the parts at hand are written.
    """
    _refuse_names(order.columns.keep)
    files, others = files_in(source)
    progress = CheckedSoFar(len(files), other_files=others)
    try:
        _begin(target, source, files, order)
        with _checkers(order, target, jobs) as submit:
            _run(files, target, order.columns, progress, submit, report)
    except OSError as error:
        raise CatalogError(
            f"Cannot write into {str(target)!r}: {error.strerror or error}."
        ) from error
    return progress


def _refuse_names(keep: Sequence[str]) -> None:
    """Raise `CatalogError` for columns of the input that findings have, too."""
    for name in keep:
        if name in (*_PLACE, *dict(FINDING)):
            raise CatalogError(
                f"The column {name!r} cannot be repeated beside findings, which have one of this "
                "name: give it another name in the input."
            )


# --- what a run is about


def _begin(target: Path, source: Path, files: dict[str, Path], order: Order) -> None:
    """Write down what the run is about, or compare it with what an earlier one was."""
    if source.is_dir() and target.resolve().is_relative_to(source.resolve()):
        raise CatalogError(
            f"{str(target)!r} is in the folder that is read: name a folder beside it."
        )
    about = _about(files, order)
    place = target / RUN
    if place.exists() and any(target.rglob("*.parquet")):
        _compare(target, _read_run(place), about)
    elif target.is_dir() and not place.exists() and any(target.iterdir()):
        raise CatalogError(
            f"{str(target)!r} has files, and no {RUN} of an earlier run: name a new folder."
        )
    elif target.exists() and not target.is_dir():
        raise CatalogError(f"{str(target)!r} is a file: name a new folder.")
    write_file(place, f"{json.dumps(about, indent=2)}\n".encode())


def _about(files: dict[str, Path], order: Order) -> dict[str, Any]:
    stamps = {}
    for name, path in files.items():
        found = path.stat()
        stamps[name] = [found.st_size, found.st_mtime_ns]
    with Catalog(order.database, as_of=order.as_of) as catalog:
        date = catalog.about().as_of
        with open(catalog.path, "rb") as stream:  # noqa: PTH123   a path of a user
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    options = {**asdict(order.columns), "kind": order.kind}
    options["keep"] = list(order.columns.keep)
    return {
        "iam-catalog": __version__,
        "catalog": {"sha256": digest, "as_of": date},
        "options": options,
        "files": stamps,
    }


def _read_run(place: Path) -> dict[str, Any]:
    try:
        read = json.loads(place.read_bytes())
        if isinstance(read, dict) and isinstance(read.get("files"), dict):
            return read
    except ValueError:
        pass
    raise CatalogError(f"{str(place)!r} is damaged: remove its folder, or name another one.")


def _compare(target: Path, before: dict[str, Any], about: dict[str, Any]) -> None:
    """Raise `CatalogError` unless findings of both runs can be in one table.

    Files that came since are checked; those that changed or went would leave wrong findings.
    """
    for part, name in (
        ("iam-catalog", "another version of iam-catalog"),
        ("catalog", "another catalog"),
        ("options", "other options"),
    ):
        if before.get(part) != about[part]:
            raise CatalogError(
                f"The findings in {str(target)!r} are by {name} ({json.dumps(before.get(part))}, "
                f"now {json.dumps(about[part])}): name a new folder, or remove that one."
            )
    for name, stamp in before["files"].items():
        if about["files"].get(name) != stamp:
            happened = "changed" if name in about["files"] else "gone"
            raise CatalogError(
                f"{name!r} is {happened} since findings about it were written into "
                f"{str(target)!r}: name a new folder, or remove that one."
            )


# --- the process that reads


def _run(
    files: dict[str, Path],
    target: Path,
    columns: Columns,
    progress: CheckedSoFar,
    submit: _Here | _Others,
    report: Callable[[CheckedSoFar], None],
) -> None:
    """Give the parts that have no findings yet to *submit*, only a few more than are checked."""
    waiting: set[Future[Counts]] = set()
    for name, path in files.items():
        try:
            for part in _unwritten_parts(target, name, path, columns, progress):
                waiting.add(submit(part))
                while len(waiting) >= submit.most:
                    waiting = _collected(waiting, progress, report)
        except CatalogError as error:
            progress.failed.append(str(error))
        progress.files_done += 1
        report(progress)
    while waiting:
        waiting = _collected(waiting, progress, report)


def _unwritten_parts(
    target: Path, name: str, path: Path, columns: Columns, progress: CheckedSoFar
) -> Iterator[Part]:
    """Yield the parts of a file that no earlier run has written; count the others."""
    written = _written_parts(target, name)
    for counts, _ in written.values():
        progress.before.add(counts)
    if any(last for _, last in written.values()):
        return
    for part in parts_of(name, path, columns):
        if part.number not in written:
            yield part


def _collected(
    waiting: set[Future[Counts]], progress: CheckedSoFar, report: Callable[[CheckedSoFar], None]
) -> set[Future[Counts]]:
    """Wait until a part is checked, and return those that are not."""
    done, left = wait(waiting, return_when=FIRST_COMPLETED)
    for each in done:
        progress.now.add(each.result())
    report(progress)
    return left


_Written = dict[int, tuple[Counts, bool]]
"""By number of the part: what it counts, and whether it is the last one."""


def _written_parts(target: Path, name: str) -> _Written:
    """Read which parts of a file an earlier run has written."""
    found: _Written = {}
    while (place := _place_of(target, name, len(found))).exists():
        counts = pq.read_metadata(place).metadata.get(_COUNTS)
        if counts is None:
            raise CatalogError(f"{str(place)!r} is no file of findings: remove it.")
        read = json.loads(counts)
        last = read.pop("last")
        found[len(found)] = Counts(**read), last
    return found


def _place_of(target: Path, name: str, number: int) -> Path:
    return target / f"{name}-{number:05}.parquet"


# --- the processes that check


class _Here:
    """Checks in this process, one part at a time."""

    most = 1

    def __init__(self, order: Order, target: Path) -> None:
        self._order, self._target = order, target

    def __call__(self, part: Part) -> Future[Counts]:
        done: Future[Counts] = Future()
        done.set_result(_check_part(self._order, self._target, part))
        return done


class _Others:
    """Checks in other processes, each of which has a part more to go on with."""

    def __init__(self, pool: ProcessPoolExecutor, jobs: int, order: Order, target: Path) -> None:
        self._pool, self._order, self._target = pool, order, target
        self.most = jobs + 1

    def __call__(self, part: Part) -> Future[Counts]:
        with interrupts_held():
            return self._pool.submit(_check_part, self._order, self._target, part)


@contextmanager
def _checkers(order: Order, target: Path, jobs: int) -> Iterator[_Here | _Others]:
    if jobs == 1:
        yield _Here(order, target)
        return
    # Spawned, not forked: pyarrow has threads, with which a process cannot be forked safely.
    pool = ProcessPoolExecutor(jobs, get_context("spawn"), initializer=prepare)
    try:
        yield _Others(pool, jobs, order, target)
    except BrokenProcessPool as error:
        raise CatalogError(
            "A process that checks policies has ended, perhaps for want of memory: run the same "
            "again with fewer --jobs, which goes on where this was."
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


_catalogs: dict[tuple[str | None, str | None], Catalog] = {}
"""The open catalog of this process."""


def _check_part(order: Order, target: Path, part: Part) -> Counts:
    """Check the policies of a part, and write the findings."""
    key = (order.database, order.as_of)
    if key not in _catalogs:
        _catalogs[key] = Catalog(order.database, as_of=order.as_of)
    catalog = _catalogs[key]
    rows = unpacked(part, order.columns)
    counts = Counts(rows=part.rows)
    found: list[Record] = []
    indexes: list[int] = []
    for index, policy in enumerate(rows.policies):
        if policy is None:
            counts.without_policy += 1
            continue
        kind = order.kind if order.columns.kind is None else rows.kinds[index]
        findings = _findings(catalog, policy, kind)
        counts.unreadable += any(each[0] == UNREADABLE for each in findings)
        counts.findings += len(findings)
        found += findings
        indexes += [index] * len(findings)
    kept = [column.take(pa.array(indexes, pa.int64())) for column in rows.kept]
    _write(target, part, order.columns.keep, kept, indexes, found, counts)
    return counts


def _findings(catalog: Catalog, policy: object, kind: str | None) -> list[Record]:
    if isinstance(policy, UnreadablePolicy):
        return [not_checked(str(policy), policy.line)]
    return check(catalog, policy, kind)


def _write(
    target: Path,
    part: Part,
    names: Sequence[str],
    kept: list[Any],
    indexes: list[int],
    found: list[Record],
    counts: Counts,
) -> None:
    """Write the findings of a part, each with the place of its policy in the input."""
    place = _place_of(target, part.file, part.number)
    place.parent.mkdir(parents=True, exist_ok=True)
    for stale in place.parent.glob(f".{escape(place.name)}.*{NEW}"):  # of a run that was killed
        stale.unlink(missing_ok=True)
    structs = records(FINDING, found)
    file = pa.array([part.file] * len(found), pa.string())
    row = pa.array([part.first + index for index in indexes], pa.int64())
    arrays = [file, row, *kept, *structs.flatten()]
    table = pa.Table.from_arrays(arrays, [*_PLACE, *names, *(name for name, _ in FINDING)])
    counted = json.dumps({**asdict(counts), "last": part.last})
    table = table.replace_schema_metadata({_COUNTS: counted.encode()})
    with new_file(place) as new:
        pq.write_table(table, new, compression="zstd")
        put_file(new, place)
