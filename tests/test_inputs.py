"""When `catalog.db` is built again: where the files that it was built from are no longer these."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from checkouts import CHECKOUT, clone, make

from scraper.inputs import code_files, inputs, staleness

OTHER = "catalog.db is not the one in catalog.sha256."
PAGE = "data/service-authorization/list_amazonconnect.md"


@pytest.fixture(scope="module")
def in_step(tmp_path_factory) -> Path:
    """A clone whose record is in step, whether or not the committed one is."""
    checkout = clone(tmp_path_factory.mktemp("in_step"))
    program = "from scraper.inputs import *; write_record(inputs())"
    subprocess.run([sys.executable, "-S", "-c", program], cwd=checkout, check=True)
    return checkout


@pytest.fixture
def checkout(in_step, tmp_path) -> Path:
    return shutil.copytree(in_step, tmp_path / "a checkout")


def reason(checkout: Path) -> str | None:
    """Why a checkout's catalog is stale, asked by a Python without any package."""
    command = [sys.executable, "-S", "-m", "scraper.inputs"]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1 if done.stderr else 0, "")
    return done.stderr.removeprefix("Building catalog.db: ").strip() or None


def append(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\n")


@pytest.mark.shipped
def test_the_committed_record_is_in_step():
    assert staleness() is None, "Run make build, and commit catalog.db and catalog.sha256."


def test_a_clone_is_not_built_again(checkout):
    assert reason(checkout) is None


@pytest.mark.parametrize(
    "path",
    [
        PAGE,
        "data/manifest.json",
        "data/accepted.json",
        "iam_catalog/schema/tables.py",
        "iam_catalog/schema/declarations/policies.py",
        "iam_catalog/names.py",
        "iam_catalog/policy/read/kinds.py",
        "iam_catalog/policy/read/yaml_text.py",
        "scraper/page/cells.py",
        "scraper/fetch/http.py",
        "scraper/guards/sentinels.json",
    ],
)
def test_a_change_of_what_a_catalog_is_built_from_makes_it_stale(checkout, path):
    append(checkout / path)

    assert reason(checkout) == f"{path} changed since catalog.db was built."


@pytest.mark.parametrize(
    "path",
    ["iam_catalog/__init__.py", "iam_catalog/cli/main.py", "iam_catalog/policy/check/engine.py"],
)
def test_code_that_only_answers_does_not_count(checkout, path):
    append(checkout / path)

    assert reason(checkout) is None


def test_an_import_brings_in_what_it_names(checkout):
    (checkout / "iam_catalog" / "more").mkdir()
    for name, text in {
        "more/__init__.py": "",
        "more/first.py": "def first():\n    from iam_catalog.more import second\n",
        "more/second.py": "",
        "more/third.py": "",
    }.items():
        (checkout / "iam_catalog" / name).write_text(text, encoding="utf-8")
    names = checkout / "iam_catalog" / "names.py"
    text = names.read_text(encoding="utf-8")
    names.write_text(f"{text}\nimport iam_catalog.more.first\n", encoding="utf-8")

    assert listed(checkout) - {each.relative_to(CHECKOUT).as_posix() for each in code_files()} == {
        "iam_catalog/more/__init__.py",
        "iam_catalog/more/first.py",
        "iam_catalog/more/second.py",
    }


def listed(checkout: Path) -> set[str]:
    """The code that a checkout of its own says a catalog is built by."""
    program = "from scraper.inputs import *; print(*code_files(), sep='\\n')"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=True)
    return {Path(line).relative_to(checkout).as_posix() for line in done.stdout.splitlines()}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda at: (at / "catalog.db").unlink(), "there is no catalog.db."),
        (lambda at: append(at / "catalog.db"), OTHER),
        (
            lambda at: (at / "data" / "more.md").touch(),
            "data/more.md changed since catalog.db was built.",
        ),
        (
            lambda at: ((at / PAGE).unlink(), append(at / "scraper" / "page" / "cells.py")),
            f"{PAGE} and 1 more changed since catalog.db was built.",
        ),
        (
            lambda at: (at / "catalog.sha256").unlink(),
            "catalog.sha256 does not say what catalog.db was built from.",
        ),
        (
            lambda at: (at / "catalog.sha256").write_bytes(b"\xff"),
            "catalog.sha256 does not say what catalog.db was built from.",
        ),
        (
            lambda at: (at / "catalog.sha256").write_text("garbage\n"),
            "catalog.sha256 does not say what catalog.db was built from.",
        ),
    ],
    ids=["no catalog", "another catalog", "a new file", "two", "no record", "bytes", "garbage"],
)
def test_a_catalog_that_nobody_vouches_for_is_stale(
    checkout, change: Callable[[Path], object], said: str
):
    change(checkout)

    assert reason(checkout) == said


def test_make_builds_what_is_stale_once(checkout):
    before = (checkout / "catalog.sha256").read_text(encoding="utf-8")
    declared = "iam_catalog/schema/declarations/policies.py"
    append(checkout / declared)

    code, talk = make(checkout, "catalog.db")

    assert (code, talk[0]) == (
        0,
        f"Building catalog.db: {declared} changed since catalog.db was built.",
    )
    assert f"{checkout / 'catalog.db'}: unchanged" in talk
    assert make(checkout, "-j4", "catalog.db") == (0, [])
    after = (checkout / "catalog.sha256").read_text(encoding="utf-8")
    changed = set(after.splitlines()) - set(before.splitlines())
    assert [line.partition("  ")[2] for line in changed] == [declared]


def test_a_build_of_other_pages_leaves_the_catalog_stale(checkout, tmp_path):
    pages = (checkout / PAGE).parent.rename(tmp_path / "pages")
    command = [sys.executable, "-m", "scraper", "build", "--date", "2020-01-01", str(pages)]
    subprocess.run(command, cwd=checkout, capture_output=True, check=True)
    pages.rename((checkout / PAGE).parent)

    assert reason(checkout) == OTHER


def test_a_refused_build_leaves_the_catalog_stale(checkout):
    page = checkout / PAGE
    page.write_bytes(page.read_bytes().replace(b"Write", b"Wrote"))

    assert make(checkout, "catalog.db")[0] == 2

    assert reason(checkout) == f"{PAGE} changed since catalog.db was built."


def test_the_record_has_the_form_of_sha256sum(checkout):
    lines = (checkout / "catalog.sha256").read_text(encoding="utf-8").splitlines()

    assert [line.partition("  ")[2] for line in lines] == sorted([*inputs(), "catalog.db"])
    for line in lines:
        digest, _, path = line.partition("  ")
        assert hashlib.sha256((checkout / path).read_bytes()).hexdigest() == digest
