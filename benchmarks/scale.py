"""`python -m benchmarks.scale`: how many policies a second are checked, and in how much memory.

One process, `check-many`, DuckDB and Spark check the same table of policies, the latter with one
and with two workers. Each is a process of its own, whose rows a second count from the first row to
the last: the start, and what is read of the catalog with the first policies, is left out of the
rate by checking `WARM` rows before; `check-many` alone is measured with its start and end. What has
one worker only to be compared with two checks at most `MOST_OF_ONE` rows. Each line is printed when
it is measured, so that a run that is stopped leaves what it has. Where an extra is missing, it is
said.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchmarks.policies import Maker
from benchmarks.process_tree import MemoryWatch, cpu_seconds
from iam_catalog import Catalog
from iam_catalog.database import find_database

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

MEAN = 1_700
"""Bytes of a policy, on average: the median of the generator is set so that this comes out."""
MEDIAN = 1_100
KINDS = (None, None, None, "identity", "identity", "scp")
"""Drawn for each policy; in a lake, most rows say nothing of it."""
BATCH = 2_500
"""Rows that are written together: Spark divides a file at no other places."""
FILES = 8
"""Of the input."""
TASKS = 16
"""Of Spark, at least: with few, workers wait at the end for the one that has the last."""
WARM = 5_000
"""Rows for each worker: with them, most services of the catalog are read."""
FEW = 10
"""Memory over all rows is compared with that over one in so many."""
MOST_OF_ONE = 250_000
"""Rows for one worker, whose rate more of them would not change."""

AIM_ONE = 2_000.0
AIM_MANY = 1.8
AIM_SPARK = 1.6
AIM_MEMORY = 1.1
AIM_OVERHEAD = 0.35


WAYS = ("one-process", "check-many", "duckdb", "spark")


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--rows", default=1_000_000, show_default=True, help="Policies that are made.")
@click.option("--seed", default=1, show_default=True, help="Of the policies.")
@click.option(
    "--only",
    "ways",
    type=click.Choice(WAYS),
    multiple=True,
    help="Measure this way instead of all. Repeatable.",
)
@click.option(
    "--policies",
    metavar="FOLDER",
    help="Make the policies in this folder, or take those that an earlier run made there.",
)
@click.option("--database", metavar="FILE", help="The catalog; the one that answers by default.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
@click.option("--part", "part", type=click.Choice(["plain", "duckdb", "spark"]), hidden=True)
@click.option("--input", "folder", hidden=True)
@click.option("--workers", default=1, hidden=True)
def main(
    rows: int,
    seed: int,
    ways: tuple[str, ...],
    policies: str | None,
    database: str | None,
    as_json: bool,
    part: str | None,
    folder: str | None,
    workers: int,
) -> None:
    """Measure checks of many policies and print them beside the aims.

    A million policies take some 40 minutes, 2 GB of the disk (of $TMPDIR, and of FOLDER) and 3 GB
    of memory.

    Example:

    \b
        python -m benchmarks.scale --rows 100000 --only check-many
    """
    path = os.path.abspath(find_database(database))  # noqa: PTH100
    if part is not None and folder is not None:
        found = _PARTS[part](Path(folder), path, workers)
        click.echo(json.dumps(found))
        return
    results = {}
    try:
        with tempfile.TemporaryDirectory(prefix="scale-") as place:
            run = _Run(Path(place), path, rows, Path(policies) if policies else None)
            for name, text in run.measured(seed, ways or WAYS):
                results[name] = text
                if not as_json:
                    click.echo(f"{name:<34} {text}")
    finally:
        if as_json:
            click.echo(json.dumps(results, indent=2))


# --- policies


_MADE = "_made.json"
"""Says what the policies beside it were made of, and their sizes. Engines pass over the name."""


def made_policies(folder: Path, catalog: str, rows: int, seed: int) -> dict[str, float]:
    """Have so many policies as Parquet in *folder*; return their mean and median size.

    No two are equal. The same catalog and seed make the same policies, and those that were made
    there before are taken. Raises `click.ClickException` for a folder with anything else.
    """
    wanted = {"rows": rows, "seed": seed, "catalog": _digest(catalog)}
    mark = folder / _MADE
    if not mark.exists():
        if folder.exists() and any(folder.iterdir()):
            raise click.ClickException(
                f"{str(folder)!r} has files that were not made by a whole run: name a new folder."
            )
        sizes = _write_policies(folder, catalog, rows, seed)
        mark.write_text(json.dumps({"of": wanted, "sizes": sizes}))
    made = json.loads(mark.read_text())
    if made["of"] != wanted:
        raise click.ClickException(
            f"{str(folder)!r} has policies of {made['of']}, now {wanted}: name a new folder."
        )
    found: dict[str, float] = made["sizes"]
    return found


def _digest(catalog: str) -> str:
    with open(catalog, "rb") as stream:  # noqa: PTH123   a path of a user
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _write_policies(folder: Path, catalog: str, rows: int, seed: int) -> dict[str, float]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(f"{Path(catalog).as_uri()}?mode=ro", uri=True)) as connection:
        maker = Maker(connection, seed=seed, median=MEDIAN)
    sizes: list[int] = []
    each = -(-rows // FILES)
    for number in range(FILES):
        with pq.ParquetWriter(folder / f"part-{number}.parquet", _schema()) as writer:
            left = min(each, rows - number * each)
            while left > 0:
                texts = [_policy(maker, len(sizes) + index) for index in range(min(BATCH, left))]
                kinds = [maker.random.choice(KINDS) for _ in texts]
                writer.write_table(pa.table([texts, kinds], schema=_schema()))
                sizes += map(len, texts)
                left -= len(texts)
    sizes.sort()
    return {"mean": sum(sizes) / len(sizes), "median": sizes[len(sizes) // 2]}


def _few_policies(folder: Path, policies: Path, most: int) -> int:
    """Link the first files with at most so many rows, but one at least; return how many rows."""
    folder.mkdir()
    taken = 0
    for file in sorted(policies.glob("*.parquet")):
        rows = _rows_of(file)
        if taken and taken + rows > most:
            break
        (folder / file.name).symlink_to(file.resolve())
        taken += rows
    return taken


def _rows_of(file: Path) -> int:
    import pyarrow.parquet as pq

    rows: int = pq.read_metadata(file).num_rows
    return rows


def _schema() -> Any:
    import pyarrow as pa

    return pa.schema([("policy", pa.string()), ("kind", pa.string())])


def _policy(maker: Maker, number: int) -> str:
    return json.dumps({"Id": f"policy-{number}", **maker.policy()})


# --- what is measured, each in a process of its own


def _plain(folder: Path, catalog: str, _: int) -> dict[str, float]:
    """Check every policy with `check_policy`, in one process."""
    import pyarrow.parquet as pq

    rows = few = 0
    peak_of_few = 0.0
    total = sum(map(_rows_of, folder.glob("*.parquet")))
    with Catalog(catalog) as opened:
        start = time.perf_counter()
        cpu = time.process_time()
        for file in sorted(folder.glob("*.parquet")):
            with pq.ParquetFile(file) as stream:
                for batch in stream.iter_batches(500):
                    texts, kinds = (column.to_pylist() for column in batch.columns)
                    for text, kind in zip(texts, kinds, strict=True):
                        opened.check_policy(text, kind=kind)
                    rows += len(texts)
                    if not few and rows >= min(WARM, total / 2):
                        start, cpu, few = time.perf_counter(), time.process_time(), rows
                    if not peak_of_few and rows >= total / FEW:
                        peak_of_few = _peak()
        seconds = time.perf_counter() - start
        spent = time.process_time() - cpu
    return {
        "rows_per_second": (rows - few) / seconds,
        "rows_per_cpu_second": (rows - few) / spent,
        "peak_mb_of_few": peak_of_few,
        "peak_mb": _peak(),
    }


def _duckdb(folder: Path, catalog: str, _: int) -> dict[str, float]:
    """Write a table of findings with a query of DuckDB."""
    import duckdb

    from iam_catalog.sql import register

    connection = duckdb.connect()
    register(connection, catalog)
    source = f"read_parquet('{folder}/*.parquet')"
    sql = f"select unnest(iam_check(policy, kind), recursive := true) from {source}"
    connection.execute(f"{sql} limit {WARM}").fetchall()
    rows = connection.execute(f"select count(*) from {source}").fetchone()
    start = time.perf_counter()
    connection.execute(f"copy ({sql}) to '{folder}.duckdb' (format parquet)")
    seconds = time.perf_counter() - start
    return {"rows_per_second": (rows or (0,))[0] / seconds, "peak_mb": _peak()}


def _spark(folder: Path, catalog: str, workers: int) -> dict[str, float]:
    """Write a table of findings with Spark: a cluster of so many workers on this machine."""
    from pyspark.sql import SparkSession

    from iam_catalog.sql import register

    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["PYTHONPATH"] = str(Path(__file__).resolve().parent.parent)
    session = (
        SparkSession.builder.master(f"local-cluster[{workers},1,1024]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.local.dir", f"{folder}.local")
        .config("spark.sql.files.maxPartitionBytes", "4m")
        .config("spark.sql.files.minPartitionNum", str(TASKS))
        .config("spark.sql.files.openCostInBytes", "64k")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("OFF")
    register(session, catalog)
    table = session.read.parquet(str(folder))
    # The same query, because the JVM compiles what it runs, which takes it several seconds.
    first = _findings_of(table.limit(WARM * workers).repartition(workers))
    first.write.parquet(f"{folder}.warm")
    rows = table.count()
    before = cpu_seconds(os.getpid())
    start = time.perf_counter()
    _findings_of(table).write.parquet(f"{folder}.spark")
    seconds = time.perf_counter() - start
    spent = cpu_seconds(os.getpid())
    cpu = {f"cpu_{name}": spent.get(name, 0) - before.get(name, 0) for name in ("java", "python")}
    session.stop()
    return {"rows_per_second": rows / seconds, "seconds": seconds, **cpu}


def _findings_of(table: DataFrame) -> DataFrame:
    return table.selectExpr("explode(iam_check(policy, kind)) as found").select("found.*")


_PARTS: dict[str, Callable[[Path, str, int], dict[str, float]]] = {
    "plain": _plain,
    "duckdb": _duckdb,
    "spark": _spark,
}


def _peak() -> float:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# --- all of it


_Line = tuple[str, str]
"""What was measured, and how it came out."""


class _Run:
    """One run over all ways that are measured."""

    def __init__(self, place: Path, catalog: str, rows: int, policies: Path | None) -> None:
        self._place = place
        self._catalog = catalog
        self._rows = rows
        self._policies = policies or place / "policies"
        self._few = place / "few"
        self._few_rows = 0
        self._rate: float | None = None
        """Rows a second of one process."""

    def measured(self, seed: int, ways: Sequence[str]) -> Iterator[_Line]:
        """Yield what is measured of the ways, each when it is."""
        start = time.monotonic()
        yield "machine", f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the start"
        sizes = made_policies(self._policies, self._catalog, self._rows, seed)
        mean, median = sizes["mean"], sizes["median"]
        yield "policies", f"{self._rows:,}, on average {mean:,.0f} bytes, median {median:,.0f}"
        self._few_rows = _few_policies(self._few, self._policies, MOST_OF_ONE)
        measures = (self._one_process, self._check_many, self._duckdb, self._spark)
        for way, measure in zip(WAYS, measures, strict=True):
            if way in ways:
                yield from measure()
        minutes = (time.monotonic() - start) / 60
        yield "in all", f"{minutes:.1f} minutes, load {os.getloadavg()[0]:.1f} at the end"

    def _one_process(self) -> Iterator[_Line]:
        plain, _ = self._part("plain", self._policies)
        rate = self._rate = plain["rows_per_second"]
        yield "one process", _rate(rate, rate, AIM_ONE, "rows/s")
        yield "one process, per second of CPU", f"{plain['rows_per_cpu_second']:,.0f} rows/s"
        text = _growth(plain["peak_mb"], plain["peak_mb_of_few"])
        yield "one process, peak memory", f"{text} (aim: at most {AIM_MEMORY} x)"

    def _check_many(self) -> Iterator[_Line]:
        seconds, watch = self._checked_many(self._few, 1)
        one = self._few_rows / seconds
        yield f"check-many, 1 process{self._of_few}", f"{one:,.0f} rows/s, {_memory(watch)}"
        seconds, watch = self._checked_many(self._policies, 2)
        two = self._rows / seconds
        yield "check-many, 2 processes", _rate(two, two / one, AIM_MANY, "x one")
        yield "check-many, 2 processes, memory", _memory(watch)

    def _duckdb(self) -> Iterator[_Line]:
        if missing := _skipped("duckdb"):
            yield "DuckDB", missing
            return
        found, watch = self._part("duckdb", self._policies)
        yield "DuckDB", f"{found['rows_per_second']:,.0f} rows/s, {_memory(watch)}"

    def _spark(self) -> Iterator[_Line]:
        if missing := _skipped("pyspark"):
            yield "Spark", missing
            return
        found, watch = self._part("spark", self._few, workers=1)
        one = found["rows_per_second"]
        text = f"{one:,.0f} rows/s"
        if self._rate:
            over = f"{self._rate / one - 1:.0%} over one process"
            text += f", {over} (aim: at most {AIM_OVERHEAD:.0%})"
        yield f"Spark, 1 worker{self._of_few}", text
        yield "Spark, 1 worker, CPU and memory", f"{_cpu(found)}; {_memory(watch)}"
        found, watch = self._part("spark", self._policies, workers=2)
        two = found["rows_per_second"]
        yield "Spark, 2 workers", _rate(two, two / one, AIM_SPARK, "x one")
        yield "Spark, 2 workers, CPU and memory", f"{_cpu(found)}; {_memory(watch)}"

    @property
    def _of_few(self) -> str:
        return "" if self._few_rows == self._rows else f", {self._few_rows:,} rows"

    def _part(
        self, name: str, folder: Path, workers: int = 1
    ) -> tuple[dict[str, float], MemoryWatch]:
        """Measure in a process of its own; return what that says of itself, and its memory."""
        command = [sys.executable, "-m", "benchmarks.scale", "--part", name]
        # What it writes is beside its input, and not beside policies that are to be left.
        linked = self._place / f"{name}-{workers}"
        _few_policies(linked, folder, self._rows)
        command += ["--input", str(linked), "--database", self._catalog, "--workers", str(workers)]
        output, watch = _watched(command)
        for written in self._place.glob(f"{linked.name}*"):
            shutil.rmtree(written) if written.is_dir() else written.unlink()
        found: dict[str, float] = json.loads(output.splitlines()[-1])
        return found, watch

    def _checked_many(self, folder: Path, jobs: int) -> tuple[float, MemoryWatch]:
        """Return the seconds of a run with its start and end, and its memory."""
        target = self._place / f"findings-{jobs}"
        command = [sys.executable, "-m", "iam_catalog", "check-many", str(folder), str(target)]
        command += ["--quiet", "--kind-column", "kind", "--jobs", str(jobs)]
        start = time.perf_counter()
        _, watch = _watched([*command, "--database", self._catalog])
        seconds = time.perf_counter() - start
        shutil.rmtree(target)
        return seconds, watch


def _watched(command: Sequence[str]) -> tuple[str, MemoryWatch]:
    """Run a program; return what it prints, and its memory. Raises `click.ClickException`."""
    with (
        tempfile.TemporaryFile("w+") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True) as process,
        MemoryWatch(process.pid) as watch,
    ):
        output, _ = process.communicate()
        if process.returncode:
            errors.seek(0)
            failed = " ".join(command[1:6])
            raise click.ClickException(f"{failed} … failed:\n{errors.read()[-2000:]}")
    return output, watch


def _cpu(found: dict[str, float]) -> str:
    """Say what time was spent on, and in how little time this machine could do that at best."""
    java, python = found["cpu_java"], found["cpu_python"]
    least = (java + python) / (os.cpu_count() or 1)
    spent = f"{python:,.1f} s of Python and {java:,.1f} s of Java in {found['seconds']:,.1f} s"
    return f"{spent} (on all processors at least {least:,.1f} s)"


def _memory(watch: MemoryWatch) -> str:
    """Say how much memory all processes together took, and how much in the first tenth."""
    most, of_few = watch.peak(), watch.peak(1 / FEW)
    return "memory not known" if not (most and of_few) else f"{_growth(most, of_few)} of the time"


def _growth(megabytes: float, of_few: float) -> str:
    return f"{megabytes:,.0f} MB, {megabytes / of_few:.2f} x that of a tenth"


def _rate(rows: float, measured: float, aim: float, unit: str) -> str:
    word = "reached" if measured >= aim else "missed"
    shown = f", {measured:.2f} {unit}" if unit != "rows/s" else ""
    return f"{rows:,.0f} rows/s{shown} (aim: at least {aim:,g} {unit}: {word})"


def _skipped(module: str) -> str | None:
    """Say why an engine is not measured; None if it can be."""
    if importlib.util.find_spec(module) is None:
        return f"skipped: {module} is not installed"
    if module == "pyspark" and shutil.which("java") is None:
        return "skipped: there is no java"
    return None


if __name__ == "__main__":
    main()
