"""The SQL functions in Spark, on a cluster of two workers with a process each.

Not among the tests of `make test`, which skips them: PySpark is large. `make test-spark` has an
environment with it.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sql_policies import HOSTILE, KINDS, POLICIES, found_in_python, policy, statement

from iam_catalog import Catalog
from iam_catalog.export.writing import write_export
from iam_catalog.sql import register
from iam_catalog.sql.vocabulary import FUNCTIONS

pyspark = pytest.importorskip("pyspark", reason="PySpark is not installed: make test-spark")

CHECKOUT = Path(__file__).parent.parent.parent
PATH = CHECKOUT / "catalog.db"
WRONG = policy(statement(Action=["connect:StopContacts", "connect:List*"]))
ROWS = [(text, kind) for text in (*HOSTILE, WRONG, None) for kind in (None, "scp")]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    # What `pip install iam-catalog` is to the workers of a cluster.
    os.environ["PYTHONPATH"] = str(CHECKOUT)
    folder = tmp_path_factory.mktemp("spark")
    session = (
        SparkSession.builder.master("local-cluster[2,1,1024]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.local.dir", str(folder / "local"))
        .config("spark.sql.warehouse.dir", str(folder / "warehouse"))
        .config("spark.default.parallelism", "2")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.sources.partitionOverwriteMode", "dynamic")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("OFF")
    register(session, PATH)
    yield session
    session.stop()


@pytest.fixture(scope="module")
def catalog() -> Iterator[Catalog]:
    with Catalog(PATH) as opened:
        yield opened


def table(session: Any, rows: list[tuple[Any, ...]], partitions: int = 2) -> Any:
    frame = session.createDataFrame(
        [(number, *row) for number, row in enumerate(rows)],
        "id bigint, policy string, kind string",
    )
    return frame.repartition(partitions, "id")


def checked(session: Any, rows: list[tuple[Any, ...]]) -> list[Any]:
    found = table(session, rows).selectExpr("id", "iam_check(policy, kind) as found").collect()
    answers = {row.id: row.found for row in found}
    return [
        None if answers[each] is None else [one.asDict() for one in answers[each]]
        for each in range(len(rows))
    ]


def in_python(catalog: Catalog, rows: list[tuple[Any, ...]]) -> list[Any]:
    return [None if text is None else found_in_python(catalog, text, kind) for text, kind in rows]


def test_hostile_texts_are_findings_and_no_failed_job(session, catalog):
    assert checked(session, ROWS) == in_python(catalog, ROWS)


@settings(max_examples=2)
@given(rows=st.lists(st.tuples(POLICIES, KINDS), min_size=50, max_size=100))
def test_findings_are_those_of_python(session, catalog, rows):
    assert checked(session, rows) == in_python(catalog, rows)


def plain(value: Any) -> Any:
    if isinstance(value, list):
        return [tuple(each) if isinstance(each, tuple) else each for each in value]
    return value


def test_every_function_answers_as_it_is_declared(session, catalog):
    asked: list[tuple[Any, list[str | None]]] = []
    for function in FUNCTIONS:
        for value in ("connect:List*", "connect:CreateInstance", WRONG, "x", None):
            second = None if function.name == "iam_check" else "connect:ListInstances"
            asked.append((function, [value, second][: len(function.parameters)]))
    calls = []
    args = {}
    for number, (function, values) in enumerate(asked):
        names = [f"v{number}_{place}" for place in range(len(values))]
        args |= dict(zip(names, values, strict=True))
        calls.append(f"{function.name}({', '.join(f':{name}' for name in names)})")

    (row,) = session.sql(f"select {', '.join(calls)}", args).collect()

    assert list(map(plain, row)) == [
        plain(function(catalog, *values)) for function, values in asked
    ]


def test_bytes_that_are_no_text_are_a_finding(session):
    (row,) = session.sql(
        "select iam_check(cast(x'7bff' as string), null) as found,"
        " iam_actions(cast(x'ff' as string)) as actions"
    ).collect()

    assert ([each.code for each in row.found], row.actions) == (["unreadable-file"], None)


def test_registering_again_replaces_the_catalog(session, catalog):
    sql = "select iam_expand('connect:List*') as found"
    date = catalog.about().as_of
    try:
        with Catalog(PATH, as_of="2018-01-01") as earlier:
            register(session, earlier)
        before = session.sql(sql).first().found
    finally:
        register(session, PATH)

    assert date is not None
    assert before is None
    assert session.sql(sql).first().found == catalog.expand("connect:List*")


def test_a_worker_opens_the_catalog_once(monkeypatch):
    from iam_catalog.sql import spark

    monkeypatch.setattr(pyspark.SparkFiles, "get", lambda _: str(PATH))

    assert spark.catalog_of_worker("a", None) is spark.catalog_of_worker("a", None)
    assert spark.catalog_of_worker("a", "2019-08-12") is not spark.catalog_of_worker("a", None)


def executors() -> list[int]:
    """The processes of executors that this test has started."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            words = (place / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if any(b"CoarseGrainedExecutorBackend" in word for word in words) and _is_ours(place):
            found.append(int(place.name))
    return found


def _is_ours(place: Path) -> bool:
    while place.name not in ("0", "1", str(os.getpid())):
        try:
            stat = (place / "stat").read_text(encoding="utf-8")
        except OSError:
            return False
        place = place.parent / stat.rpartition(")")[2].split()[1]
    return place.name == str(os.getpid())


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for executors in /proc")
def test_a_lost_executor_is_replaced_and_finds_the_catalog(session, catalog):
    rows = [(WRONG, None)] * 20
    lost = executors()
    assert len(lost) == 2
    for each in lost:
        os.kill(each, signal.SIGKILL)

    assert checked(session, rows) == in_python(catalog, rows)
    end = time.monotonic() + 60
    while not set(executors()) - set(lost) and time.monotonic() < end:
        time.sleep(0.1)
    assert set(executors()) - set(lost)


FINDINGS = """
    select account, id, found.* from policies
    lateral view explode(iam_check(policy, cast(null as string))) as found
"""


def test_a_table_of_findings_is_partitioned_as_the_input_and_written_again_the_same(
    session, tmp_path
):
    source, target = str(tmp_path / "policies"), str(tmp_path / "findings")
    rows = [(number, f"{number % 3}", WRONG if number % 2 else "{") for number in range(30)]
    frame = session.createDataFrame(rows, "id bigint, account string, policy string")
    frame.write.partitionBy("account").parquet(source)
    session.read.parquet(source).createOrReplaceTempView("policies")

    def write() -> list[Any]:
        found = session.sql(FINDINGS)
        found.write.mode("overwrite").partitionBy("account").parquet(target)
        return sorted(map(tuple, session.read.parquet(target).collect()), key=repr)

    first = write()
    folders = sorted(each.name for each in Path(target).glob("account=*"))
    # As a job that died may have left it.
    for each in (Path(target) / "account=1").glob("*.parquet"):
        each.unlink()

    assert folders == ["account=0", "account=1", "account=2"]
    assert write() == first
    assert len(first) == 30


def test_the_program_of_the_documents_runs(tmp_path):
    text = (CHECKOUT / "docs" / "at-scale.md").read_text(encoding="utf-8")
    programs = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    (program,) = [each for each in programs if "pyspark" in each]
    with Catalog(PATH) as catalog:
        write_export(catalog, tmp_path / "exported", "parquet")

    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYSPARK_PYTHON": sys.executable, "PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout.split()[-1:]) == (0, ["findings"]), done.stderr
    assert list((tmp_path / "findings-by-kind").glob("kind=*"))
