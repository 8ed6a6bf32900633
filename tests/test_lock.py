"""`requirements.lock`: what it pins, in which part, and that `make` takes no more than it needs."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from checkouts import CHECKOUT, clone, make
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.lock import PARTS, blocks, lock_text
from tools.lowest import untrue_bounds

TEXT = (CHECKOUT / "requirements.lock").read_text(encoding="utf-8")
SPARK_TEXT = (CHECKOUT / "requirements-spark.lock").read_text(encoding="utf-8")
BOTH = [*blocks(TEXT), *blocks(SPARK_TEXT)]
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))


def part_of_lock(part: str) -> str:
    """A part with those before it, cut as the Makefile cuts it."""
    head, end, _ = TEXT.partition(f"# End of part {part}\n")
    assert end
    return head


def pins(text: str) -> list[Requirement]:
    return [Requirement(block.partition("\\")[0]) for _, block in blocks(text)]


def names(part: str) -> set[str]:
    return {each.name for each in pins(part_of_lock(part))}


def asked(*, extras: tuple[str, ...], groups: tuple[str, ...]) -> list[Requirement]:
    """What pyproject.toml itself asks for."""
    project = PROJECT["project"]
    texts = [*project["dependencies"]]
    texts += [text for name in extras for text in project["optional-dependencies"][name]]
    texts += [text for name in groups for text in PROJECT["dependency-groups"][name]]
    return [Requirement(text) for text in texts]


@pytest.mark.parametrize(("name", "block"), BOTH, ids=[name for name, _ in BOTH])
def test_a_package_is_pinned_with_the_hashes_of_its_files(name, block):
    first, *rest = block.splitlines()

    assert re.fullmatch(rf"{re.escape(name)}==[^ ]+( ; .+)? \\", first)
    hashes = [line for line in rest if not line.startswith("    # via ")]
    assert hashes
    assert [
        line for line in hashes if not re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line)
    ] == []


@pytest.mark.parametrize("text", [TEXT, SPARK_TEXT], ids=["packages", "spark"])
def test_no_index_is_named(text):
    assert re.findall(r"://|^ *-[^ ]*", re.sub(r"    --hash=.*", "", text), re.MULTILINE) == []


def test_what_spark_needs_besides_is_in_a_lock_of_its_own():
    ours, others = ({each.name for each in pins(text)} for text in (SPARK_TEXT, TEXT))

    assert {"pyspark", "py4j"} == ours
    assert ours & others == set()
    wanted = {canonicalize_name(each.name) for each in asked(extras=("spark",), groups=("spark",))}
    assert wanted - ours - names("test") == set()


def test_everything_that_the_project_asks_for_is_pinned_as_it_allows():
    project = PROJECT["project"]
    groups = tuple(name for name in PROJECT["dependency-groups"] if name != "dev")
    wanted = asked(extras=tuple(project["optional-dependencies"]), groups=groups)
    wanted += [Requirement(text) for text in PROJECT["build-system"]["requires"]]
    pinned = pins(TEXT + SPARK_TEXT)

    for requirement in wanted:
        versions = [
            next(iter(pin.specifier)).version
            for pin in pinned
            if pin.name == canonicalize_name(requirement.name)
        ]
        assert versions, requirement
        assert [each for each in versions if each not in requirement.specifier] == []


def test_a_standard_build_asks_for_what_the_groups_say():
    groups = PROJECT["dependency-groups"]

    assert set(PROJECT["build-system"]["requires"]) - {*groups["scrape"], *groups["build"]} == set()


@pytest.mark.parametrize(
    ("part", "extras", "groups"),
    [
        ("serve", ("datasette",), ("build",)),
        ("build", ("datasette", "yaml", "prose"), ("build", "scrape")),
        (
            "test",
            ("datasette", "yaml", "prose", "parquet", "hcl"),
            ("build", "scrape", "test", "lint"),
        ),
    ],
)
def test_a_part_holds_what_its_targets_need(part, extras, groups):
    wanted = {canonicalize_name(each.name) for each in asked(extras=extras, groups=groups)}

    assert wanted - names(part) == set()


def test_serving_needs_nothing_that_builds_and_tests_do():
    for_others = {each.name for each in asked(extras=(), groups=("scrape", "test", "lint", "lock"))}
    shared = {"click", "httpx", "PyYAML"}  # Datasette's own
    shared.add("markdown-it-py")  # reads the policies in data/ for its checks and those of the site

    assert names("serve") & {canonicalize_name(each) for each in for_others - shared} == set()


def test_what_is_served_can_check_the_documents_of_the_checkout():
    readers = asked(extras=("yaml", "prose"), groups=())

    assert {canonicalize_name(each.name) for each in readers} - names("serve") == set()


@pytest.mark.parametrize("part", PARTS)
def test_a_part_is_whole(part):
    """What a package of it needs is in it, too, but for pip, which is in every environment."""
    held = names(part) | {"pip"}
    missing = set()
    for pin in pins(part_of_lock(part)):
        try:
            found = distribution(pin.name)
        except PackageNotFoundError:
            continue
        if found.version not in pin.specifier:  # as with the lowest versions
            continue
        needed = [Requirement(text) for text in found.requires or ()]
        missing |= {
            (pin.name, each.name)
            for each in needed
            if (not each.marker or each.marker.evaluate({"extra": ""}))
            and canonicalize_name(each.name) not in held
        }
    assert missing == set()


def test_a_package_goes_into_the_first_part_that_needs_it():
    whole = [("a", "a==1\n"), ("b", "b==1 ; x\n"), ("b", "b==2 ; y\n"), ("pip", "pip==1\n")]
    parts = {"serve": {"b"}, "build": {"a", "b"}, "test": {"a", "b"}, "lock": {"a", "b"}}

    text = lock_text(whole, parts)

    assert [line for line in text.splitlines() if "==" in line or "art" in line][1:] == [
        "# Part serve",
        "b==1 ; x",
        "b==2 ; y",
        "# End of part serve",
        "# Part build",
        "a==1",
        "# End of part build",
        "# Part test",
        "# End of part test",
        "# Part lock",
        "pip==1",
        "# End of part lock",
    ]


def test_a_lower_bound_that_nothing_can_have_is_reported():
    requirements = [Requirement(text) for text in ("a>=1", "B-c>=1,<3", "d<2", "e>=1.0")]
    versions = {"a": "1.2", "b-c": "1", "d": "1.9", "e": "1"}

    assert list(untrue_bounds(requirements, versions)) == [
        "pyproject.toml: the lowest of a>=1 is 1.2: write that.",
        "pyproject.toml: the lowest of d<2 is 1.9: write that.",
    ]


# --- what make installs


@pytest.fixture
def checkout(tmp_path) -> Path:
    """A clone in which nothing is installed, and a pip that only notes what it is asked."""
    checkout = clone(tmp_path, installed=False)
    python = checkout / ".venv" / "bin" / "python"
    real = python.read_text(encoding="utf-8").splitlines()[-1]
    noting = f'if [ "$2" = pip ]; then echo "$*" >> "{tmp_path}/asked"; exit 0; fi'
    python.write_text(f"#!/bin/sh\n{noting}\n{real}\n", encoding="utf-8")
    (python.parent / "pip").symlink_to(python)
    return checkout


def installed(checkout: Path) -> list[str]:
    """What pip was asked to install since the last look: the parts, and the checkout itself."""
    notes = checkout.parent / "asked"
    lines = notes.read_text(encoding="utf-8").splitlines() if notes.exists() else []
    notes.unlink(missing_ok=True)
    assert all("--require-hashes" in line or "--no-deps" in line for line in lines)
    return [line.split()[-1].removeprefix(".venv/") for line in lines]


def test_serving_installs_its_own_part_and_says_so(checkout):
    assert make(checkout, "catalog.db") == (
        0,
        ["Installing iam-catalog and what its site needs into .venv …"],
    )

    assert installed(checkout) == ["serve.txt", "."]
    assert (checkout / ".venv" / "serve.txt").read_text(encoding="utf-8") == (
        f"{part_of_lock('serve')}# End of part serve\n"
    )
    assert make(checkout, "-j4", "catalog.db") == (0, [])
    assert installed(checkout) == []


def test_serving_installs_what_builds_need_only_to_build(checkout):
    (checkout / "catalog.db").unlink()

    code, talk = make(checkout, "-j4", "catalog.db")

    assert (code, talk[:3]) == (
        0,
        [
            "Installing iam-catalog and what its site needs into .venv …",
            "Building catalog.db: there is no catalog.db.",
            "Installing what builds need into .venv …",
        ],
    )
    assert installed(checkout) == ["serve.txt", ".", "build.txt"]


def test_the_next_target_adds_what_is_not_there_yet(checkout):
    make(checkout, "catalog.db")
    installed(checkout)

    assert make(checkout, "build")[0] == 0
    assert installed(checkout) == ["build.txt"]


def test_a_new_lock_is_installed(checkout):
    make(checkout, "build")
    installed(checkout)
    (checkout / "requirements.lock").touch()

    assert make(checkout, "build")[0] == 0
    assert installed(checkout) == ["serve.txt", ".", "build.txt"]
