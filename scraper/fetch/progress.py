"""Show how far a fetch is: a bar on a terminal, plain lines in a log, or nothing."""

from __future__ import annotations

import sys
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress

LINE_EVERY = 50
"""Files between two lines of a log, which shows no bar."""


class Progress:
    """Shows the steps of a run on *stream*, by default standard error."""

    def __init__(self, stream: TextIO | None = None, *, quiet: bool = False) -> None:
        self._console = Console(file=stream or sys.stderr, quiet=quiet)
        self._bar = RichProgress(
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.description}", markup=False),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._task: TaskID | None = None
        self._total = self._done = 0

    def say(self, text: str) -> None:
        """Print a line, above the bar where there is one."""
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    def start(self, total: int) -> None:
        """Begin to count *total* files."""
        self._total, self._done = total, 0
        self._task = self._bar.add_task("", total=total)
        self._bar.start()

    def step(self, name: str) -> None:
        """Count a file, by the name that people know it by."""
        self._done += 1
        if self._task is not None:
            self._bar.update(self._task, advance=1, description=name)
        if not self._console.is_terminal and (
            self._done % LINE_EVERY == 0 or self._done == self._total
        ):
            self.say(f"{self._done:,} of {self._total:,} files, the last one {name}")

    def end(self) -> None:
        """Remove the bar."""
        self._bar.stop()
