"""`python -m benchmarks.scale`: how many policies a second are checked, and in how much memory.

One process, `check-many` with one and two processes, DuckDB, and Spark with one and two workers
check the same table of policies. Each is a process of its own, whose rows a second count from the
first row to the last: the start, and what is read of the catalog with the first policies, is left
out of the rate by checking `WARM` rows before. Where an extra is missing, it is said.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from benchmarks.policies import Maker
from iam_catalog import Catalog
from iam_catalog.database import find_database

MEAN = 1_700
"""Bytes of a policy, on average: the median of the generator is set so that this comes out."""
MEDIAN = 1_100
KINDS = (None, None, None, "identity", "identity", "scp")
"""Drawn for each policy; in a lake, most rows say nothing of it."""
BATCH = 5_000
FILES = 8
"""Of the input: as many tasks for Spark."""
WARM = 2_000
FEW = 10
"""Memory over all rows is compared with that over one in so many."""

AIM_ONE = 2_000.0
AIM_MANY = 1.8
AIM_SPARK = 1.6
AIM_MEMORY = 1.1
AIM_OVERHEAD = 0.35


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--rows", default=1_000_000, show_default=True, help="Policies that are made.")
@click.option("--seed", default=1, show_default=True, help="Of the policies.")
@click.option("--database", metavar="FILE", help="The catalog; the one that answers by default.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
@click.option("--part", "part", type=click.Choice(["plain", "duckdb", "spark"]), hidden=True)
@click.option("--input", "folder", hidden=True)
@click.option("--workers", default=1, hidden=True)
def main(
    rows: int,
    seed: int,
    database: str | None,
    as_json: bool,
    part: str | None,
    folder: str | None,
    workers: int,
) -> None:
    """Measure checks of many policies and print them beside the aims.

    Example:

    \b
        python -m benchmarks.scale --rows 100000
    """
    path = os.path.abspath(find_database(database))  # noqa: PTH100
    if part is not None and folder is not None:
        found = _PARTS[part](Path(folder), path, workers)
        click.echo(json.dumps(found))
        return
    results = {}
    with tempfile.TemporaryDirectory(prefix="scale-") as place:
        for name, text in _measured(Path(place), path, rows, seed):
            results[name] = text
            if not as_json:
                click.echo(f"{name:<34} {text}")
    if as_json:
        click.echo(json.dumps(results, indent=2))


# --- policies


def write_policies(folder: Path, catalog: str, rows: int, seed: int) -> dict[str, float]:
    """Write so many policies as Parquet into *folder*; return their mean and median size.

    No two are equal. The same catalog and seed make the same policies.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder.mkdir()
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
    total = sum(pq.read_metadata(each).num_rows for each in folder.glob("*.parquet"))
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
                    if rows == WARM:
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
        .config("spark.sql.files.maxPartitionBytes", "16m")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("OFF")
    register(session, catalog)
    table = session.read.parquet(str(folder))
    found = table.selectExpr("explode(iam_check(policy, kind)) as found").select("found.*")
    first = session.read.parquet(str(folder)).limit(WARM * workers).repartition(workers)
    first.selectExpr("size(iam_check(policy, kind)) as n").write.format("noop").mode(
        "overwrite"
    ).save()
    rows = table.count()
    start = time.perf_counter()
    found.write.mode("overwrite").parquet(f"{folder}.spark")
    seconds = time.perf_counter() - start
    session.stop()
    return {"rows_per_second": rows / seconds}


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


def _measured(place: Path, catalog: str, rows: int, seed: int) -> Iterator[_Line]:
    folder = place / "policies"
    load = os.getloadavg()[0]
    sizes = write_policies(folder, catalog, rows, seed)
    mean, median = sizes["mean"], sizes["median"]
    yield "policies", f"{rows:,}, on average {mean:,.0f} bytes, median {median:,.0f}"
    yield "machine", f"{os.cpu_count()} processors, load {load:.1f} at the start"
    plain = _part("plain", folder, catalog)
    rate = plain["rows_per_second"]
    yield "one process", _rate(rate, rate, AIM_ONE, "rows/s")
    yield "one process, per second of CPU", f"{plain['rows_per_cpu_second']:,.0f} rows/s"
    ratio = plain["peak_mb"] / plain["peak_mb_of_few"]
    text = f"{plain['peak_mb']:,.0f} MB, {ratio:.2f} x that of a tenth"
    yield "one process, peak memory", f"{text} (aim: at most {AIM_MEMORY} x)"
    yield from _of_check_many(place, catalog, rows)
    yield from _of_duckdb(folder, catalog)
    yield from _of_spark(folder, catalog, rate)
    yield "load at the end", f"{os.getloadavg()[0]:.1f}"


def _of_check_many(place: Path, catalog: str, rows: int) -> Iterator[_Line]:
    one, memory = _check_many(place / "policies", place / "one", catalog, 1)
    yield "check-many, 1 process", f"{rows / one:,.0f} rows/s, {memory:,.0f} MB"
    two, memory = _check_many(place / "policies", place / "two", catalog, 2)
    text = _rate(rows / two, one / two, AIM_MANY, "x one")
    yield "check-many, 2 processes", f"{text}, {memory:,.0f} MB in the largest"


def _of_duckdb(folder: Path, catalog: str) -> Iterator[_Line]:
    if missing := _skipped("duckdb"):
        yield "DuckDB", missing
        return
    found = _part("duckdb", folder, catalog)
    yield "DuckDB", f"{found['rows_per_second']:,.0f} rows/s, {found['peak_mb']:,.0f} MB"


def _of_spark(folder: Path, catalog: str, plain: float) -> Iterator[_Line]:
    if missing := _skipped("pyspark"):
        yield "Spark", missing
        return
    one = _part("spark", folder, catalog, workers=1)["rows_per_second"]
    text = f"{one:,.0f} rows/s, {plain / one - 1:.0%} over one process"
    yield "Spark, 1 worker", f"{text} (aim: at most {AIM_OVERHEAD:.0%})"
    two = _part("spark", folder, catalog, workers=2)["rows_per_second"]
    yield "Spark, 2 workers", _rate(two, two / one, AIM_SPARK, "x one")


def _rate(rows: float, measured: float, aim: float, unit: str) -> str:
    word = "reached" if measured >= aim else "missed"
    shown = f"{measured:.2f} {unit} " if unit != "rows/s" else ""
    return f"{rows:,.0f} rows/s, {shown}(aim: at least {aim:,g} {unit}: {word})"


def _skipped(module: str) -> str | None:
    """Say why an engine is not measured; None if it can be."""
    if importlib.util.find_spec(module) is None:
        return f"skipped: {module} is not installed"
    if module == "pyspark" and shutil.which("java") is None:
        return "skipped: there is no java"
    return None


def _part(name: str, folder: Path, catalog: str, workers: int = 1) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.scale", "--part", name, "--input", str(folder)]
    command += ["--database", catalog, "--workers", str(workers)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise click.ClickException(f"{name} failed:\n{done.stderr[-2000:]}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


_MEASURED = """
import resource, sys
from iam_catalog.cli.main import cli
try:
    cli(sys.argv[1:])
finally:
    peaks = [resource.getrusage(who).ru_maxrss for who in (0, resource.RUSAGE_CHILDREN)]
    print(max(peaks) / 1024)
"""


def _check_many(folder: Path, target: Path, catalog: str, jobs: int) -> tuple[float, float]:
    """Return the seconds of a run with its start and end, and its peak of memory in MB."""
    command = [sys.executable, "-c", _MEASURED, "check-many", str(folder), str(target), "--quiet"]
    command += ["--kind-column", "kind", "--jobs", str(jobs), "--database", catalog]
    start = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return time.perf_counter() - start, float(done.stdout)


if __name__ == "__main__":
    main()
