"""Print the lowest versions that pyproject.toml allows, with hashes: `python -m tools.lowest PYTHON`.

`make test-lowest` installs them for the Python that is named, and runs the tests there. A lower
bound that no environment can have, because another package asks for more, is refused: it would
look tested, and never was.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tools.lock import CHECKOUT, PYTHONS, blocks, compiled

OPTIONS = ("--all-extras", "--group=scrape", "--group=test", "--group=build", "--only-binary=:all:")
"""Style and types are for one version of their tools, and so is the lock."""

GROUPS = ("scrape", "test", "build")


def main() -> None:
    """Print requirements for the Python of the first argument; exit where a bound is not true."""
    oldest = lowest("--python-version", PYTHONS[0])
    versions = dict(line.split(" ")[0].split("==") for _, block in blocks(oldest) for line in [block])
    if wrong := list(untrue_bounds(versions)):
        raise SystemExit("\n".join(wrong))
    sys.stdout.write(lowest("--python", sys.argv[1]))
