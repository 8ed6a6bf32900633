"""What a run shows while it goes on: a bar on a terminal, plain lines in a log, or nothing."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Protocol, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

LINE_EVERY = 50


class Progress(Protocol):
    """Hears of every step of a run."""

    def say(self, text: str) -> None: ...

    def start(self, total: int) -> None: ...

    def step(self, name: str) -> None: ...

    def end(self) -> None: ...


class Quiet:
    """Shows nothing."""

    def say(self, text: str) -> None:
        pass

    def start(self, total: int) -> None:
        pass

    def step(self, name: str) -> None:
        pass

    def end(self) -> None:
        pass


class Lines(Quiet):
    """A line for every `LINE_EVERY` files, for logs."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.total = self.done = 0

    def say(self, text: str) -> None:
        print(text, file=self.stream, flush=True)

    def start(self, total: int) -> None:
        self.total, self.done = total, 0

    def step(self, name: str) -> None:
        self.done += 1
        if self.done % LINE_EVERY == 0 or self.done == self.total:
            self.say(f"{self.done:,} of {self.total:,} files, the last one {name}")


class Bar(Quiet):
    """A bar that fills up, for terminals."""

    def __init__(self, stream: TextIO) -> None:
        # Loaded only where it is shown.
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
        from rich.progress import TimeRemainingColumn as Remaining

        self.bar: RichProgress = Progress(
            BarColumn(),
            MofNCompleteColumn(),
            Remaining(),
            TextColumn("{task.description}", markup=False),
            console=Console(file=stream),
            transient=True,
        )
        self.task: TaskID | None = None

    def say(self, text: str) -> None:
        self.bar.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def start(self, total: int) -> None:
        self.task = self.bar.add_task("", total=total)
        self.bar.start()

    def step(self, name: str) -> None:
        if self.task is not None:
            self.bar.update(self.task, advance=1, description=name)

    def end(self) -> None:
        self.bar.stop()


def choose_progress(quiet: bool, stream: TextIO | None = None) -> Progress:
    """What fits the place where the run's talk goes."""
    stream = stream or sys.stderr
    if quiet:
        return Quiet()
    return Bar(stream) if stream.isatty() else Lines(stream)
