"""Kills a fetch before the first change that it makes on the disk, then one before the second, …

Run as a program with the address of a server and a folder. Each fetch is a child that kills itself
with SIGKILL inside an audit hook, where Python is about to open, link, rename or remove a file. The
next fetch must then leave a whole day. What is wrong after it is printed as JSON.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import sys
from pathlib import Path

from fetch_server import DOCS, KEYS, REFERENCE, FakeTime

from scraper.fetch.addresses import Site
from scraper.fetch.http import Limits, trusted
from scraper.fetch.run import Setting, Source, Wanted, fetch_mirror
from scraper.sources import read_collections

DAY = "2026-11-22"
CHANGES = {"os.link", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree"}
FAILED = 254
FILES = ["service-authorization/list_store.md", "service-reference/store.json"]
EVERY = 12
LAST = 14
"""While a day takes another's place each moment counts; before that, the steps repeat."""


def is_change(event: str, arguments: tuple[object, ...], root: str) -> bool:
    """The event is about to change a file below *root*."""
    if event == "open":
        path, mode = arguments[0], arguments[1]
        return root in str(path) and isinstance(mode, str) and mode[:1] in "wax"
    return event in CHANGES and root in str(arguments[0])


def fetch(address: str, root: Path, kill_at: int | None, source: Source) -> int:
    """In the child: fetch, and die at the moment that was asked for; how many there were."""
    moments = itertools.count()

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if is_change(event, arguments, str(root)) and next(moments) == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    site = Site(*(f"{address}{path}" for path in (DOCS, KEYS, REFERENCE)))
    setting = Setting(site, Limits(connections=1), FakeTime().timing)
    fetch_mirror(root, Wanted(DAY, source), setting=setting)
    return next(moments)


def in_child(address: str, root: Path, kill_at: int | None = None, source: Source = "docs") -> int:
    """How many changes the child made; less than none for the signal that killed it."""
    child = os.fork()
    if child == 0:
        try:
            os._exit(fetch(address, root, kill_at, source))
        except BaseException as error:
            print(repr(error), file=sys.stderr)
            os._exit(FAILED)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def what_is_wrong(root: Path, files: list[str]) -> str | None:
    (collection,) = read_collections([root])
    paths = [source.path for source in collection.sources]
    if not collection.complete or paths != [f"{DAY}/{each}" for each in files]:
        return f"{collection.complete} {paths}"
    left = [path.name for path in (root / ".fetch").iterdir() if path.name != "lock"]
    left += [path.name for path in root.rglob("*.new")]
    return f"left: {left}" if left else None


def kill_at_moments(address: str, root: Path, before: Path | None) -> tuple[int, list[str]]:
    """How many fetches were killed, and what was wrong after which of them.

    The folder is as *before* at the start of each of them, which is empty for None.
    """
    wrong, killed = [], 0
    start_from(root, before)
    changes = in_child(address, root)
    last = LAST if before else 0
    for moment in sorted({*range(0, changes, EVERY), *range(changes - last, changes)}):
        start_from(root, before)
        code = in_child(address, root, moment)
        killed += code == -signal.SIGKILL
        if in_child(address, root) == FAILED:
            wrong.append(f"moment {moment}: the next run failed")
        elif said := what_is_wrong(root, FILES if before else FILES[:1]):
            wrong.append(f"moment {moment}: {said}")
    return killed, wrong


def start_from(root: Path, before: Path | None) -> None:
    shutil.rmtree(root, ignore_errors=True)
    if before:
        shutil.copytree(before, root)


def main(address: str, root: Path) -> None:
    trusted()  # Loaded once, for all children.
    fresh, wrong = kill_at_moments(address, root, None)
    before = root.with_name("before")
    # With files that the killed runs do not ask for: they may not lose them either.
    in_child(address, before, source="all")
    again, more = kill_at_moments(address, root, before)
    print(json.dumps({"killed": fresh + again, "wrong": wrong + more}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
