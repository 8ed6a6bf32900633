"""The areas of a dump: each asks one kind of door, and is a file of the dump."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.dump.answers import Answers


@dataclass(frozen=True)
class Task:
    """What an area has to write."""

    catalog: str
    """The file, which is called `catalog.db`."""
    sample: int
    """About how many subjects of each kind are asked about; 0 for all."""
    seed: str
    policies: tuple[str, ...]
    """Folders of policies."""
    work: Path
    """An empty folder for what the area writes."""


Area = Callable[[Task, Answers], None]


def areas() -> dict[str, Area]:
    """Return every area by its name."""
    from benchmarks.dump.areas import commands, exports, past, policies, python, site

    return {
        "python": python.ask,
        "commands": commands.ask,
        "site": site.ask,
        "exports": exports.ask,
        "policies": policies.ask,
        "past": past.ask,
    }
