"""Watch a process with all that it starts: how much memory it takes, and whose CPU time.

From `/proc`, which Linux has; elsewhere nothing is watched, and the answers are empty.
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

_PROC = Path("/proc")
_INTERVAL = 0.5
"""Seconds between two looks."""


@dataclass(frozen=True, slots=True)
class _Process:
    parent: int
    program: str
    """The name of what it runs, such as `java`."""
    seconds: float
    """CPU time so far, of user and system."""
    megabytes: float
    """Resident; what processes share is part of each."""


def _processes() -> dict[int, _Process]:
    """Read all processes of the machine, by their ids."""
    ticks, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    found = {}
    for folder in _PROC.glob("[0-9]*"):
        try:
            text = (folder / "stat").read_text()
        except OSError:  # it has ended
            continue
        program = text[text.index("(") + 1 : text.rindex(")")]
        fields = text[text.rindex(")") + 2 :].split()
        seconds = (int(fields[11]) + int(fields[12])) / ticks
        megabytes = int(fields[21]) * page / 2**20
        found[int(folder.name)] = _Process(int(fields[1]), program, seconds, megabytes)
    return found


def _tree(root: int) -> dict[int, _Process]:
    """Return a process and its descendants."""
    if not _PROC.is_dir():
        return {}
    processes = _processes()
    children: dict[int, list[int]] = defaultdict(list)
    for number, process in processes.items():
        children[process.parent].append(number)
    waiting, found = [root], {}
    while waiting:
        number = waiting.pop()
        if number in processes:
            found[number] = processes[number]
        waiting += children[number]
    return found


def cpu_seconds(root: int) -> dict[str, float]:
    """Return the CPU time so far of a process and what it started, by the program that runs.

    Without that of processes that have ended.
    """
    found: dict[str, float] = defaultdict(float)
    for process in _tree(root).values():
        name = "python" if process.program.startswith("python") else process.program
        found[name] += process.seconds
    return found


class MemoryWatch:
    """Watch the memory of a process with all that it starts, from a thread, until it is left."""

    def __init__(self, root: int) -> None:
        self._root = root
        self._seen: list[tuple[float, float]] = []
        """Seconds since the start, and MB."""
        self._over = Event()
        self._thread = Thread(target=self._watch, daemon=True)

    def __enter__(self) -> MemoryWatch:
        self._start = time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._look()

    def _watch(self) -> None:
        while not self._over.wait(_INTERVAL):
            self._look()

    def _look(self) -> None:
        size = sum(process.megabytes for process in _tree(self._root).values())
        self._seen.append((time.monotonic() - self._start, size))

    def peak(self, share: float = 1.0) -> float | None:
        """Return the most MB in the first *share* of the time; None where nothing was seen."""
        end = self._seen[-1][0] * share if self._seen else 0.0
        return max((size for seconds, size in self._seen if seconds <= end), default=0.0) or None
