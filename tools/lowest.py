"""Print the lowest versions that pyproject.toml allows: `python -m tools.lowest PYTHON`.

They are for the Python that is named, with hashes; `make test-lowest` runs the tests with them.
A lower bound that no environment can have, because another package needs a newer version, is
refused: it would look tested.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tools.lock import CHECKOUT, PYTHONS, SPARK, blocks, compiled

GROUPS = ("scrape", "test", "build")
"""Not those of style and types, which are right for one version of their tools."""


def main() -> None:
    """Print requirements; exit with 1 where a bound is not true."""
    oldest = blocks(_lowest("--python-version", PYTHONS[0]))
    versions = {name: text.split()[0].partition("==")[2] for name, text in oldest}
    if wrong := list(untrue_bounds(_direct(), versions)):
        raise SystemExit("\n".join(wrong))
    sys.stdout.write(_lowest("--python", sys.argv[1]))


def untrue_bounds(requirements: list[Requirement], versions: Mapping[str, str]) -> Iterator[str]:
    """Report each requirement without a lower bound, or with one that is too low to be had.

    *versions* are the lowest that go together.
    """
    for requirement in requirements:
        installed = Version(versions[canonicalize_name(requirement.name)])
        bounds = [each.version for each in requirement.specifier if each.operator == ">="]
        if not bounds or Version(bounds[0]) < installed:
            yield f"pyproject.toml: the lowest of {requirement} is {installed}: write that."


def _lowest(*options: str) -> str:
    groups = [f"--group={name}" for name in GROUPS]
    extras = [f"--extra={name}" for name in _extras()]
    files = ("--only-binary=:all:", "--no-emit-package=pip")
    return compiled("--resolution=lowest-direct", *extras, *groups, *files, *options)


def _direct() -> list[Requirement]:
    """Read what pyproject.toml itself asks for."""
    groups = _project()["dependency-groups"]
    texts = [*_project()["project"]["dependencies"]]
    texts += [text for extra in _extras().values() for text in extra]
    texts += [text for name in GROUPS for text in groups[name]]
    return [Requirement(text) for text in texts]


def _extras() -> dict[str, list[str]]:
    """Return the extras, but for the one that has no wheel."""
    extras: dict[str, list[str]] = _project()["project"]["optional-dependencies"]
    return {name: texts for name, texts in extras.items() if name != SPARK}


def _project() -> dict[str, Any]:
    return tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
