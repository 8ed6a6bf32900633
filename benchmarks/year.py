"""What is measured on a year of daily fetches: building it, one more day, and the same pruned.

The days are made from a snapshot of real HTML pages, each with a few pages changed, drawn from a
fixed seed, and written as a fetch leaves them: what did not change is linked to the day before.
Needs the folder of real pages (`IAM_CATALOG_CORPORA`).
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from benchmarks.full import HTML
from benchmarks.measure import CHECKOUT, Aim, Result
from iam_catalog.files import link_file
from scraper.guards.registry import GUARDS
from scraper.mirror import WORK
from scraper.problems import KINDS
from scraper.prune import prune_mirror
from scraper.sources import MANIFEST, PAGES_FOLDER

DAYS = 365
ACCEPTED = [*GUARDS, *(each for each in KINDS if each != "unaccounted-row")]
"""What is accepted of pages of 2025 that their collector re-indented, and of drawn changes."""
CHANGED = 1, 6
"""At least and at most so many pages change on a day."""
ADDRESS = "https://docs.aws.amazon.com/service-authorization/latest/reference/"
_ACTION = re.compile(r'id="[\w-]+-([A-Z][A-Za-z]{5,})"')
"""The anchor of an action; its last part is the name."""
_SENTENCE = re.compile(r"Grants permission to \w+")


def measure_year(days: int = DAYS) -> list[Result]:
    """Every subject, in the order in which it is reported."""
    folder = Path(tempfile.mkdtemp())
    try:
        year = _Year(folder / "mirror")
        for _ in range(days):
            year.add_day()
        found = [*_building(year, folder / "whole.db", f"{days} days", nothing=True)]
        year.add_day()
        found += _building(year, folder / "whole.db", "one more day")
        before = (folder / "whole.db").stat().st_size
        year.add_day(changed=0)
        found += _building(year, folder / "whole.db", "a day without changes")
        grown = ((folder / "whole.db").stat().st_size - before) / 1e6
        found.append(Result("year: file, for a day without changes", grown, None, Aim(0.3), "MB"))
        return [*found, *_pruned(year, folder)]
    finally:
        shutil.rmtree(folder)


def _pruned(year: _Year, folder: Path) -> list[Result]:
    """Measure the mirror before and after pruning, and a build of one more day."""
    before = _on_disk(year.mirror)
    list(prune_mirror(year.mirror))
    sizes = [before, _on_disk(year.mirror)]
    year.add_day()
    return [
        Result("year: mirror, whole", sizes[0], None, None, "MB"),
        Result("year: mirror, pruned", sizes[1], None, None, "MB"),
        *_building(year, folder / "whole.db", "one more day, pruned"),
    ]


def _building(year: _Year, output: Path, what: str, *, nothing: bool = False) -> list[Result]:
    """Measure one build in a process of its own."""
    data = str(CHECKOUT / "data")
    command = [sys.executable, "-m", "scraper", "build", "--data", data, "--mirror"]
    command += [str(year.mirror), "--output", str(output)]
    command += [word for each in ACCEPTED for word in ("--accept", each)]
    code = (
        "import resource, subprocess, sys\n"
        "code = subprocess.run(sys.argv[1:], capture_output=True).returncode\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(used.ru_utime + used.ru_stime, used.ru_maxrss)\n"
        "sys.exit(code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *command],
        check=True,
        capture_output=True,
        text=True,
        cwd=CHECKOUT,
    )
    seconds, memory = map(float, done.stdout.split())
    return [
        Result(f"year: CPU, {what}", seconds, None, Aim(90.0 if nothing else 15.0)),
        Result(f"year: peak memory, {what}", memory / 1024, None, Aim(600.0), "MB"),
        Result(f"year: file, {what}", output.stat().st_size / 1e6, None, Aim(90.0), "MB"),
    ]


def _on_disk(folder: Path) -> float:
    """Count megabytes of blocks, each file once however many names it has."""
    sizes: dict[int, int] = {}
    for where, _, names in os.walk(folder):
        for name in (where, *(os.path.join(where, name) for name in names)):  # noqa: PTH118
            about = os.stat(name)  # noqa: PTH116
            sizes[about.st_ino] = about.st_blocks * 512
    return sum(sizes.values()) / 1e6


@dataclass
class _Year:
    """A mirror that grows by a day at a time."""

    mirror: Path
    random: Random = field(default_factory=lambda: Random(2026))
    texts: dict[str, str] = field(default_factory=dict)
    day: datetime.date = datetime.date(2025, 7, 1)
    last: Path | None = None

    def add_day(self, changed: int | None = None) -> None:
        """Write the next day, with *changed* pages, or as many as are drawn."""
        (self.mirror / WORK).mkdir(parents=True, exist_ok=True)
        if not self.texts:
            # No older run has left anything in the caches of pages that say when this one was.
            own = f"<!-- {time.time_ns()} -->\n"
            pages = sorted(HTML.iterdir())
            self.texts = {each.name: each.read_text("utf-8") + own for each in pages}
            names = set(self.texts)
        else:
            number = self.random.randint(*CHANGED) if changed is None else changed
            names = set(self.random.sample(sorted(self.texts), number))
            for name in sorted(names):
                self.texts[name] = self._changed(self.texts[name])
        folder = self.mirror / self.day.isoformat()
        files = []
        for name, text in self.texts.items():
            path = f"{PAGES_FOLDER}/{name}"
            if self.last and name not in names:
                link_file(self.last / path, folder / path)
            else:
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_text(text, encoding="utf-8")
            files.append(_entry(path, f"{ADDRESS}{name}", text, self.day.isoformat()))
        whole = {
            "complete": True,
            "listed": {"docs": sorted(self.texts)},
            "failures": [],
            "documents": [],
            "files": files,
        }
        (folder / MANIFEST).write_text(json.dumps(whole, indent=2), encoding="utf-8")
        self.last, self.day = folder, self.day + datetime.timedelta(days=1)

    def _changed(self, text: str) -> str:
        """Rename an action, or reword a description, as it is drawn."""
        names = sorted(set(_ACTION.findall(text)))
        if names and self.random.random() < 0.5:
            name = self.random.choice(names)
            return re.sub(rf"\b{name}\b", f"{name}Too", text)
        found = list(_SENTENCE.finditer(text))
        if not found:
            return f"{text}\n"
        at = self.random.choice(found).end()
        return f"{text[:at]} also{text[at:]}"


def _entry(path: str, address: str, text: str, date: str) -> dict[str, object]:
    content = text.encode()
    return {
        "path": path,
        "title": None,
        "publisher": "Amazon Web Services",
        "url_then": address,
        "url": address,
        "landed": None,
        "date": date,
        "licence": None,
        "licence_url": None,
        "status": 200,
        "headers": {},
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
