"""What is measured, and how: whole processes for cold starts, loops for warm calls.

Rounds are interleaved, so that a busy moment of the machine hits every subject alike, and medians
are compared. Nothing here fails when an aim is missed: time depends on the machine.
"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from iam_catalog import Catalog

CHECKOUT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
ACTION = "connect:CreateInstance"
FLOOR = "cold: import sqlite3"
SELECT = "warm: bare SELECT"


@dataclass(frozen=True, slots=True)
class Aim:
    """At most so much: a multiple of another subject, or seconds."""

    limit: float
    times: str | None = None
    """The subject that *limit* multiplies; None where it is seconds."""


@dataclass(frozen=True, slots=True)
class Result:
    subject: str
    seconds: float
    """Median of all rounds."""
    ratio: float | None
    """To the subject that the aim is a multiple of, else None."""
    aim: Aim | None
    unit: str = "s"
    """Of *seconds* and of the aim, where they measure something else."""

    @property
    def reached(self) -> bool | None:
        """None where there is no aim."""
        if self.aim is None:
            return None
        measured = self.seconds if self.ratio is None else self.ratio
        return measured <= self.aim.limit


AIMS = {
    "cold: dependent_actions": Aim(2.5, FLOOR),
    "cold: iam-catalog dependent-actions": Aim(4.0, FLOOR),
    "warm: dependent_actions": Aim(20e-6),
    "warm: action": Aim(100e-6),
}


def process(*command: str | Path) -> Callable[[], None]:
    """A subject that starts *command* and waits for its end."""

    def run() -> None:
        subprocess.run(command, check=True, capture_output=True)

    return run


def python(program: str) -> Callable[[], None]:
    return process(sys.executable, "-c", program)


Clock = Callable[[], float]


def seconds_of(subject: Callable[[], object], calls: int, clock: Clock) -> float:
    """Time of one call, as the mean of *calls*."""
    start = clock()
    for _ in range(calls):
        subject()
    return (clock() - start) / calls


def medians(
    subjects: dict[str, Callable[[], object]],
    rounds: int,
    calls: int = 1,
    clock: Clock = time.perf_counter,
) -> dict[str, float]:
    """Median time of a call of each subject, after one round that does not count."""
    times: dict[str, list[float]] = {name: [] for name in subjects}
    for number in range(rounds + 1):
        for name, subject in subjects.items():
            spent = seconds_of(subject, calls, clock)
            if number:
                times[name].append(spent)
    return {name: median(spent) for name, spent in times.items()}


def cold_starts(rounds: int) -> dict[str, float]:
    asked = f"from iam_catalog import dependent_actions; dependent_actions({ACTION!r})"
    command = process(BIN / "iam-catalog", "dependent-actions", ACTION)
    return medians(
        {
            FLOOR: python("import sqlite3"),
            "cold: import iam_catalog": python("import iam_catalog"),
            "cold: dependent_actions": python(asked),
            "cold: iam-catalog dependent-actions": command,
        },
        rounds,
    )


def warm_calls(rounds: int) -> dict[str, float]:
    sql = "select dependent_action from dependent_actions where action = ? order by position"
    with Catalog() as catalog:
        connection = sqlite3.connect(f"{Path(catalog.path).as_uri()}?mode=ro", uri=True)
        subjects: dict[str, Callable[[], object]] = {
            SELECT: lambda: connection.execute(sql, (ACTION,)).fetchall(),
            "warm: dependent_actions": lambda: catalog.dependent_actions(ACTION),
            "warm: action": lambda: catalog.action(ACTION),
        }
        times = medians(subjects, rounds, calls=500)
        connection.close()
    return times


def builds(rounds: int) -> dict[str, float]:
    """The build of catalog.db from data/, as a command."""
    folder = Path(tempfile.mkdtemp())
    try:
        build = process(
            sys.executable, "-m", "scraper", "build",
            "--data", CHECKOUT / "data", "--output", folder / "catalog.db",
        )  # fmt: skip
        return medians({"build of catalog.db": build}, rounds)
    finally:
        shutil.rmtree(folder)


def measure(rounds: int) -> list[Result]:
    """Every subject, in the order in which it is reported."""
    times = {**cold_starts(rounds), **warm_calls(rounds), **builds(max(1, rounds // 5))}
    return [result(name, times) for name in times]


def result(name: str, times: dict[str, float]) -> Result:
    aim = AIMS.get(name)
    ratio = times[name] / times[aim.times] if aim and aim.times else None
    return Result(name, times[name], ratio, aim)
