"""Writes a dump: builds the catalogs, and asks them area by area in several processes."""

from __future__ import annotations

import json
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from benchmarks.dump.answers import Answers
from benchmarks.dump.areas import Task, areas
from benchmarks.dump.catalogs import CHECKOUT, CORPORA, Source, build

INDEX = "index.json"
FORMAT = 1
"""Of the files; dumps of different formats cannot be compared."""


@dataclass(frozen=True)
class Done:
    """An area that was written, or failed."""

    catalog: str
    area: str
    answers: int
    seconds: float
    failed: str | None = None


def write_dump(
    output: Path,
    sources: Iterable[Source],
    *,
    sample: int,
    seed: str,
    policies: Iterable[str],
    jobs: int,
    only: Iterable[str] = (),
    report: Callable[[Done], None] = lambda _: None,
) -> list[Done]:
    """Write a dump into *output*, a new folder; *report* is called with each area that is done.

    Each *area* runs in a process of its own, *jobs* at once. What failed has no file. The index
    is written last, so that a dump which was interrupted has none.
    """
    output.mkdir(parents=True)
    done: list[Done] = []
    names = [name for name in areas() if not only or name in only]
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as work:
        pool = ProcessPoolExecutor(jobs, mp_context=context, max_tasks_per_child=1)
        try:
            running = []
            for source in sources:
                folder = Path(work) / source.name
                done.append(build_one(output, source, folder))
                report(done[-1])
                if not (folder / "catalog.db").exists():
                    continue
                for name in names:
                    place = folder / name
                    place.mkdir()
                    task = Task(str(folder / "catalog.db"), sample, seed, tuple(policies), place)
                    running.append(pool.submit(run_area, output, source.name, name, task))
            for each in as_completed(running):
                done.append(each.result())
                report(done[-1])
        finally:  # an interrupted dump does not wait for areas that have not begun
            pool.shutdown(cancel_futures=True)
    write_index(output, done, sample, seed)
    return done


def hidden(folder: Path, policies: Iterable[str] = ()) -> dict[str, str]:
    """Return what only this machine has, with what is written for it."""
    return {
        str(folder): "CATALOG",
        str(CORPORA): "CORPORA",
        str(CHECKOUT): "CHECKOUT",
        **{each: Path(each).name for each in policies},
    }


def build_one(output: Path, source: Source, folder: Path) -> Done:
    started = time.monotonic()
    answers = Answers(hidden(folder))
    built = build(source, folder)
    answers.add("build", {name: built[name] for name in ("exit", "printed")})
    for number, line in enumerate(str(built["talk"]).splitlines(), 1):
        answers.add(f"talk of the build, line {number:05}", line)
    count = answers.write(output / source.name / "build.jsonl")
    return Done(source.name, "build", count, time.monotonic() - started)


def run_area(output: Path, catalog: str, name: str, task: Task) -> Done:
    """Write one area; return what goes wrong, so that the other areas go on."""
    started = time.monotonic()
    answers = Answers(hidden(Path(task.catalog).parent, task.policies))
    try:
        areas()[name](task, answers)
    except Exception as error:
        failed = f"{type(error).__name__}: {error}"
        return Done(catalog, name, 0, time.monotonic() - started, failed)
    count = answers.write(output / catalog / f"{name}.jsonl")
    return Done(catalog, name, count, time.monotonic() - started)


def write_index(output: Path, done: Iterable[Done], sample: int, seed: str) -> None:
    areas = {
        f"{each.catalog}/{each.area}": each.failed or each.answers
        for each in sorted(done, key=lambda each: (each.catalog, each.area))
    }
    index = {"format": FORMAT, "sample": sample, "seed": seed, "areas": areas}
    (output / INDEX).write_text(json.dumps(index, indent=1) + "\n", encoding="utf-8")


def files_of(dump: Path) -> Iterator[tuple[str, Path]]:
    """Yield the areas of a dump with their files, by name."""
    for file in sorted(dump.glob("*/*.jsonl")):
        yield f"{file.parent.name}/{file.stem}", file
