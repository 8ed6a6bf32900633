"""What is measured on whole snapshots of real pages: parsing, building, and asking the result.

Needs the folder of real pages (`IAM_CATALOG_CORPORA`).
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bs4 import BeautifulSoup

from benchmarks.checking import checking
from benchmarks.measure import ACTION, CHECKOUT, Aim, Result, medians, process
from benchmarks.patterns import measure_patterns
from iam_catalog import Catalog
from scraper.formats.markdown import PageMarkdown
from scraper.formats.registry import parse_bytes

CORPORA = Path(os.environ.get("IAM_CATALOG_CORPORA", CHECKOUT.parent / "shared" / "corpora"))
MARKDOWN = CORPORA / "markdown-2017-2020" / "2020-06-12"
HTML = CORPORA / "html" / "2025-07-01"
DATED = [CORPORA / name for name in ("markdown-2017-2020", "html", "json")]
MEGABYTE = 1024 * 1024
EVERY = 6
"""Every so many pages of the HTML snapshot are parsed for the comparison with BeautifulSoup."""


def measure_full(rounds: int) -> list[Result]:
    """Every subject, in the order in which it is reported."""
    folder = Path(tempfile.mkdtemp())
    try:
        return [
            *parsing(rounds),
            *building(folder),
            *asking(folder / "html.db", rounds),
            *measure_patterns(folder / "html.db", rounds),
            *checking(folder / "html.db", rounds),
            size("file size: history of 8 collections", folder / "all.db", None),
        ]
    finally:
        shutil.rmtree(folder)


def parsing(rounds: int) -> list[Result]:
    """CPU time of our parser beside that of the library that it builds on."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(MARKDOWN.iterdir())]
    pages = [path.read_text(encoding="utf-8") for path in sorted(HTML.iterdir())[::EVERY]]
    markdown = PageMarkdown()
    names = (
        "Markdown: markdown-it-py alone",
        "Markdown: parse",
        "HTML: BeautifulSoup alone",
        "HTML: parse",
    )
    subjects: Sequence[Callable[[], object]] = (
        lambda: [markdown.parse(text) for text in texts],
        lambda: [parse_bytes("page.md", text.encode()) for text in texts],
        lambda: [BeautifulSoup(text, "html.parser") for text in pages],
        lambda: [parse_bytes("page.html", text.encode()) for text in pages],
    )
    times = medians(dict(zip(names, subjects, strict=True)), rounds, clock=time.process_time)
    aims = {names[1]: Aim(2.0, names[0]), names[3]: Aim(1.3, names[2])}
    return [with_ratio(name, times, aims.get(name)) for name in names]


def with_ratio(name: str, times: dict[str, float], aim: Aim | None) -> Result:
    """The result of a subject whose aim is a multiple of another one, if it has an aim."""
    ratio = times[name] / times[aim.times] if aim and aim.times else None
    return Result(name, times[name], ratio, aim)


def build(output: Path, *options: str | Path) -> float:
    """Wall time of a build of complete folders, as a command."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "scraper", "build", "--complete", "--output", str(output)]
    subprocess.run([*command, *map(str, options)], check=True, capture_output=True, cwd=CHECKOUT)
    return time.perf_counter() - start


def building(folder: Path) -> list[Result]:
    """A snapshot from nothing, again after a refresh of five pages, and several dates."""
    copy = folder / HTML.name
    shutil.copytree(HTML, copy)
    from_nothing = build(folder / "html.db", "--no-cache", "--data", copy)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    build(folder / "html.db", "--data", copy)
    for path in sorted(copy.iterdir())[:5]:
        path.write_text(path.read_text(encoding="utf-8") + "<!-- refreshed -->", encoding="utf-8")
    again = build(folder / "html.db", "--data", copy)
    dated = [option for path in DATED for option in ("--data", path)]
    kinds = ("lost-name", "page-emptied", "page-shrank")
    accepted = [option for kind in kinds for option in ("--accept", kind)]
    history = build(folder / "all.db", *accepted, *dated)
    return [
        Result("build: 442 HTML pages from nothing", from_nothing, None, Aim(12.0)),
        Result("build: peak memory of a process", peak, None, Aim(300.0), "MB"),
        Result("build: again after 5 new pages", again, None, Aim(2.5)),
        Result("build: 8 collections, 2,133 pages", history, None, None),
        size("file size: 442 HTML pages", folder / "html.db", Aim(40.0)),
    ]


def size(subject: str, path: Path, aim: Aim | None) -> Result:
    return Result(subject, path.stat().st_size / MEGABYTE, None, aim, "MB")


def asking(full: Path, rounds: int) -> list[Result]:
    """Answers of the full catalog beside those of the shipped one."""
    program = "import sys, iam_catalog as i; i.Catalog(sys.argv[1]).dependent_actions(sys.argv[2])"
    small = CHECKOUT / "catalog.db"
    times = medians(
        {
            f"cold: {name}": process(sys.executable, "-c", program, path, ACTION)
            for name, path in (("shipped", small), ("full", full))
        },
        rounds * 5,
    )
    with Catalog(small) as first, Catalog(full) as second:
        for question in ("dependent_actions", "action"):
            for name, catalog in (("shipped", first), ("full", second)):
                ask = getattr(catalog, question)
                label = f"warm: {question}, {name}"
                times |= medians({label: lambda ask=ask: ask(ACTION)}, rounds * 5, calls=500)  # type: ignore[misc]
    limits = {"cold": 1.1, "warm": 2.0}
    results = []
    for name in times:
        other = name.replace("full", "shipped")
        aim = Aim(limits[name[:4]], other) if name.endswith("full") else None
        results.append(with_ratio(name, times, aim))
    return results
