"""A catalog that is replaced again and again, for the tests of those who read meanwhile.

Two catalogs are marked in all that they say. An answer that has the marks of both would be a
mixture, and one that has none would say nothing.
"""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from click.testing import CliRunner
from small_catalog import STORE

from scraper.cli import cli

MARKS = re.compile(r"Amber|Cobalt|2020-03-04|2021-03-04|\b[45] actions\b")
MEANS = {"2020-03-04": "Amber", "2021-03-04": "Cobalt", "4 actions": "Amber", "5 actions": "Cobalt"}
LAST_ROW = "|   TagShelf  |"
ONE_MORE = "|   SealShelf  | Seals a shelf, Cobalt\\. | Write |  |  |  |\n"

BOTH = {"Amber", "Cobalt"}
PAUSE = 0.001
"""Seconds between replacements: without any, the readers wait for the one who copies files."""


def marked(mark: str) -> str:
    """The page of the store with *mark* in every name and text that can have it."""
    text = re.sub(r"(?<=[a-z])\\\. \|", f", {mark}\\\\. |", STORE)
    text = re.sub(r"\b(shelf|box)(?=\\\*| \]|  \|)", rf"\g<1>{mark}", text)
    text = text.replace("store:Colour", f"store:Colour{mark}")
    text = re.sub(r"iam:(\w+)", rf"iam:\g<1>{mark}", text)
    text = re.sub(r"(?<=Example Store)", f" {mark}", text)
    return text if mark == "Amber" else text.replace(LAST_ROW, ONE_MORE + LAST_ROW)


def build_marked_catalogs(folder: Path) -> list[Path]:
    """The catalog of 2020, which is amber, and that of 2021, which is cobalt."""
    found = []
    for date, mark in (("2020-03-04", "Amber"), ("2021-03-04", "Cobalt")):
        page = folder / mark / date / "list_store.md"
        page.parent.mkdir(parents=True)
        page.write_text(marked(mark), encoding="utf-8")
        output = folder / mark / "catalog.db"
        line = ["build", "--data", str(page.parent), "--output", str(output)]
        result = CliRunner().invoke(cli, line)
        assert result.exit_code == 0, result.output
        found.append(output)
    return found


class Replaced:
    """A catalog that another one takes the place of, as a build does it: by renaming."""

    def __init__(self, path: Path, catalogs: list[Path]) -> None:
        self.path = str(path)
        self.times = 0
        self._catalogs = catalogs
        self.replace()

    def replace(self) -> None:
        beside = Path(f"{self.path}.new")
        shutil.copyfile(self._catalogs[self.times % 2], beside)
        beside.replace(self.path)
        self.times += 1

    @contextmanager
    def all_the_time(self) -> Iterator[None]:
        """Replace it over and over while the block runs."""
        ended = threading.Event()
        started = self.times

        def work() -> None:
            while not ended.wait(PAUSE):
                self.replace()

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
        assert self.times > started + 10


def mark_of(text: str) -> str:
    """The one mark of an answer."""
    marks = {MEANS.get(found, found) for found in MARKS.findall(text)}
    assert len(marks) == 1, f"{sorted(marks)} in {text[:2000]}"
    return marks.pop()


def read_at_once(read: Callable[[int], str], reads: int, threads: int = 3) -> set[str]:
    """The marks that *read* found, called with a number that goes up."""
    with ThreadPoolExecutor(threads) as pool:
        return set(pool.map(read, range(reads)))
