"""Write the two locks: `python -m tools.lock`, which is what `make lock` runs.

The lock holds the newest versions that go together, for every Python and platform, each with the
sha256 of every file of that version. It is cut into parts, so that `make serve` need not install
what only tests use. (Newer pips could choose a part by a constraints file with hashes; the one of
Python 3.11 refuses that.)

PySpark has a lock of its own, which is installed beside the other one: it is some 450 MB, of which
there is a source archive alone, and one test file and one benchmark want it. What it needs is
pinned as in the first lock.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
LOCK = CHECKOUT / "requirements.lock"
SPARK_LOCK = CHECKOUT / "requirements-spark.lock"
SPARK = "spark"
"""The extra of the second lock, and the group of what builds PySpark, which the first has."""

PARTS = {
    "serve": ("--extra=datasette", "--extra=yaml", "--extra=prose", "--group=build"),
    "build": ("--group=scrape",),
    "test": (
        *("--extra=parquet", "--extra=hcl", "--extra=mcp", "--extra=lsp", "--extra=duckdb"),
        *("--group=test", "--group=lint", "--group=spark"),
    ),
    "lock": ("--group=lock",),
}
"""What of pyproject.toml each part adds to those before it; the Makefile says who takes it."""

LAST = tuple(PARTS)[-1]

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
"""The first is the oldest that pyproject.toml allows."""

HEADER = """\
# Made by `make lock` from pyproject.toml: do not edit it. Each package is followed by the sha256
# of every file of its version. A part needs those before it.
"""


SPARK_HEADER = """\
# Made by `make lock` from pyproject.toml: do not edit it. What PySpark needs besides the packages
# of requirements.lock, each with the sha256 of every file of its version.
"""


def main() -> None:
    """Write the locks, once pip can install the first one on every Python.

    Raises `CalledProcessError`.
    """
    whole = blocks(universal(*(option for options in PARTS.values() for option in options)))
    with tempfile.TemporaryDirectory() as folder:
        versions = Path(folder, "whole.txt")
        versions.write_text("".join(text for _, text in whole), encoding="utf-8")
        text = lock_text(whole, _names_of_parts(versions))
        beside = _spark_text(versions, {name for name, _ in whole})
        made = Path(folder, "requirements.lock")
        made.write_text(text, encoding="utf-8")
        for python in PYTHONS:
            print(f"requirements.lock: pip looks for files for Python {python} …", flush=True)
            _try_pip(made, python)
    LOCK.write_text(text, encoding="utf-8")
    SPARK_LOCK.write_text(beside, encoding="utf-8")
    print(f"requirements.lock: {len({name for name, _ in whole})} packages")


def lock_text(whole: list[tuple[str, str]], parts: dict[str, set[str]]) -> str:
    """Put each block, a name with its lines, into the first part that has its name, or the last."""
    text = HEADER
    left = whole
    for part in PARTS:
        taken = [each for each in left if each[0] in parts[part] or part == LAST]
        left = [each for each in left if each not in taken]
        text += f"\n# Part {part}\n{''.join(block for _, block in taken)}# End of part {part}\n"
    return text


def _spark_text(versions: Path, others: set[str]) -> str:
    """Write the second lock, without the *others*, whose *versions* are those of the first."""
    found = blocks(universal(f"--extra={SPARK}", "--constraint", str(versions)))
    left = "".join(text for name, text in found if name not in others)
    return f"{SPARK_HEADER}\n{left}"


def _names_of_parts(versions: Path) -> dict[str, set[str]]:
    """Find the packages that each part and those before it need, at *versions*.

    Datasette asks for pip, which every environment has: only the whole lock brings one.
    """
    names = {}
    options: tuple[str, ...] = ()
    for part, more in PARTS.items():
        options += more
        compiled = universal(*options, "--no-emit-package=pip", "--constraint", str(versions))
        names[part] = {name for name, _ in blocks(compiled)}
    return names


def universal(*options: str) -> str:
    """Resolve requirements for every Python from the oldest on, and for every platform."""
    return compiled("--universal", "--python-version", PYTHONS[0], *options)


def compiled(*options: str) -> str:
    """Let uv write requirements in pip's form, with hashes. Raises `CalledProcessError`."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-config"]
    command += ["--generate-hashes", "--no-header", "--annotation-style=line"]
    command += [*options, "pyproject.toml"]
    done = subprocess.run(command, cwd=CHECKOUT, stdout=subprocess.PIPE, check=True, text=True)
    return done.stdout


def blocks(text: str) -> list[tuple[str, str]]:
    """Split requirements into (name, lines); a name comes twice where versions have markers."""
    found: list[tuple[str, str]] = []
    for line in text.splitlines(keepends=True):
        if name := re.match(r"[\w.-]+(?===)", line):
            found.append((name[0], line))
        elif found and line.startswith(" "):
            found[-1] = (found[-1][0], found[-1][1] + line)
    return found


def _try_pip(lock: Path, python: str) -> None:
    """Let pip find a wheel of everything for a Python that need not be installed here.

    pip reads markers as of the Python that runs it, so the other one has to be the latest of its
    line: `soupsieve==4.1; python_full_version >= '3.11.5'` has no file for 3.11.0.
    """
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--dry-run", "--ignore-installed", "--python-version", f"{python}.99"]
    command += ["--only-binary=:all:", "--target", str(lock.parent / "target")]
    subprocess.run([*command, "--require-hashes", "-r", str(lock)], check=True)


if __name__ == "__main__":
    main()
