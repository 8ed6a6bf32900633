"""Every export: the size and digest of each file, and a digest of each row of its tables."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from benchmarks.dump.answers import DIGITS, Answers, digest
from benchmarks.dump.areas import Task
from benchmarks.dump.areas.commands import run
from benchmarks.dump.subjects import Subjects
from iam_catalog import Catalog

LONGEST_NAME = 200
FEW = 200
"""Actions of a catalog that is exported as of a date, and as a site: others take long."""


def ask(task: Task, answers: Answers) -> None:
    with Catalog(task.catalog) as catalog:
        subjects = Subjects(catalog, task.sample, task.seed)
        actions = len(subjects.all_actions)
        dates = subjects.dates[2:-1][-1:]
        services = subjects.draw(subjects.services, 200)
    for kind in ("json", "csv", "parquet"):
        export(task, answers, kind)
    for service in services:
        for kind in ("json", "csv"):
            export(task, answers, kind, f"--service-prefix={service}")
    if actions <= FEW:
        for date in dates:
            export(task, answers, "csv", f"--as-of={date}")
        export(task, answers, "site", "--jobs=1")


def export(task: Task, answers: Answers, kind: str, *options: str) -> None:
    """Write an export, and record what is in it."""
    name = " ".join([kind, *options])
    folder = task.work / name.replace("/", "_")
    under = answers.under(name)
    under.add("command", run(["export", kind, str(folder), "--database", task.catalog, *options]))
    for file in sorted(each for each in folder.rglob("*") if each.is_file()):
        path = file.relative_to(folder).as_posix()
        with file.open("rb") as opened:
            sha256 = hashlib.file_digest(opened, "sha256").hexdigest()[:DIGITS]
        under.add(path, {"bytes": file.stat().st_size, "sha256": sha256})
        if not options:
            for key, row in rows(file):
                under.add(f"{path} row {key}", row)


Rows = Iterator[tuple[str, str]]
"""Names of rows, lines or columns, each with a digest."""


def rows(file: Path) -> Rows:
    """Yield the rows of a table, or the lines of a document; nothing of other files."""
    if file.name == "datapackage.json":
        return members(file)
    return READERS[file.suffix](file) if file.suffix in READERS else iter(())


def members(file: Path) -> Rows:
    for name, value in json.loads(file.read_text(encoding="utf-8")).items():
        yield name, digest(json.dumps(value, sort_keys=True))


def csv_rows(file: Path) -> Rows:
    with file.open(encoding="utf-8", newline="") as lines:
        for cells in csv.reader(lines):
            yield cells[0][:LONGEST_NAME], digest("\t".join(cells))


def json_lines(file: Path) -> Rows:
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            yield str(next(iter(json.loads(line).values())))[:LONGEST_NAME], digest(line)


def parquet_columns(file: Path) -> Rows:
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(file)
    for column in table.column_names:
        values = "\n".join(map(repr, table.column(column).to_pylist()))
        yield f"column {column} {table.schema.field(column).type}", digest(values)


READERS = {".csv": csv_rows, ".jsonl": json_lines, ".parquet": parquet_columns}
