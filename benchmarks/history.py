"""What is measured on a history of many dates: building it, and asking it beside a catalog without.

Needs a mirror with the datasets that `python -m scraper history` takes.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.full import size, with_ratio
from benchmarks.measure import ACTION, CHECKOUT, Aim, Result, medians, process
from iam_catalog import Catalog

ANSWERS: dict[str, tuple[str, ...]] = {
    "dependent_actions": (ACTION,),
    "action": (ACTION,),
    "required_by": ("iam:PassRole",),
    "service": ("s3",),
    "services": (),
    "resource_types": ("ec2",),
    "condition_keys": ("s3",),
    "match_arn": ("arn:aws:s3:::bucket/key",),
    "expand": ("ec2:Describe*",),
    "search": ("bucket",),
}
"""The questions, with their arguments, that both catalogs answer with as many facts."""
CALLS = {"services": 5, "resource_types": 20, "search": 20}
"""How often a slow one is asked at a time; others 500 times."""


def measure_history(mirror: Path, rounds: int) -> list[Result]:
    """Every subject, in the order in which it is reported."""
    with tempfile.TemporaryDirectory() as folder:
        without, whole = Path(folder, "without.db"), Path(folder, "whole.db")
        _build(without)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        _build(whole, "--mirror", str(mirror))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return [
            Result("history: CPU of a build from nothing", spent, None, Aim(90.0)),
            Result("history: peak memory", after.ru_maxrss / 1024, None, Aim(600.0), "MB"),
            size("history: file size", whole, Aim(90.0)),
            *_asking({"without history": without, "with history": whole}, rounds),
        ]


def _build(output: Path, *options: str) -> None:
    command = [sys.executable, "-m", "scraper", "build", "--full", "--no-cache"]
    command += ["--output", str(output), *options]
    subprocess.run(command, check=True, capture_output=True, cwd=CHECKOUT)


def _asking(paths: dict[str, Path], rounds: int) -> list[Result]:
    """Time a cold start, and warm answers, of the catalog with history beside the other."""
    program = "import sys, iam_catalog as i; i.Catalog(sys.argv[1]).dependent_actions(sys.argv[2])"
    times = medians(
        {
            f"cold: {name}": process(sys.executable, "-c", program, path, ACTION)
            for name, path in paths.items()
        },
        rounds * 2,
    )
    for question, named in ANSWERS.items():
        opened = {name: Catalog(path) for name, path in paths.items()}
        asked = {name: getattr(catalog, question) for name, catalog in opened.items()}
        subjects = {
            f"warm: {question}, {name}": lambda ask=ask, named=named: ask(*named)
            for name, ask in asked.items()
        }
        times |= medians(subjects, rounds * 2, calls=CALLS.get(question, 500))  # type: ignore[arg-type]
        for catalog in opened.values():
            catalog.close()
    return [
        with_ratio(name, times, None)
        if name.endswith("without history")
        else with_ratio(name, times, Aim(1.1, name.replace("with history", "without history")))
        for name in times
    ]
