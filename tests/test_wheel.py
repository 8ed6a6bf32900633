"""The wheel, alone in an empty environment, answers: what a checkout hides shows here."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
from small_catalog import build_small_catalog

CHECKOUT = Path(__file__).parent.parent
PACKED = ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE", "NOTICE", "metadata.json")


@pytest.fixture
def checkout(tmp_path) -> Path:
    """A copy of what makes a wheel, which nobody has updated."""
    return copy_checkout(tmp_path / "checkout")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """That of a checkout which nobody has updated."""
    return make_wheel(copy_checkout(tmp_path_factory.mktemp("wheel") / "checkout"))


def copy_checkout(folder: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(CHECKOUT / "iam_catalog", folder / "iam_catalog", ignore=ignored)
    for name in (*PACKED, ".gitignore", "catalog.db"):
        shutil.copy(CHECKOUT / name, folder)
    return folder


def update(checkout: Path) -> Path:
    """Put a catalog into its mirror, as `make update` does."""
    mirror = checkout / "mirror"
    mirror.mkdir()
    return Path(build_small_catalog(mirror))


def make_wheel(checkout: Path) -> Path:
    folder = checkout.parent / "dist"
    pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, checkout)
    (built,) = folder.iterdir()
    return built


def pip(*args: str | Path) -> None:
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *args]
    subprocess.run(command, check=True, env={**os.environ, "PIP_NO_INDEX": "1"})


def run_hatchling(checkout: Path) -> tuple[int, list[str], list[str]]:
    """Exit code, standard output and standard error of what `make wheel` runs."""
    words = ["-m", "hatchling", "build", "--target", "wheel", "--directory", "dist"]
    done = subprocess.run(
        [sys.executable, *words], cwd=checkout, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout.splitlines(), done.stderr.splitlines()


def packed_catalog(wheel: Path) -> bytes:
    return zipfile.ZipFile(wheel).read("iam_catalog/catalog.db")


def test_the_wheel_holds_the_package_with_its_data_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()

    tops = {name.partition("/")[0] for name in names}
    (info,) = (top for top in tops if top.endswith(".dist-info"))
    assert tops == {"iam_catalog", info}
    assert {
        "iam_catalog/catalog.db",
        "iam_catalog/metadata.json",
        "iam_catalog/py.typed",
        f"{info}/licenses/LICENSE",
        f"{info}/licenses/NOTICE",
    } - set(names) == set()


def test_the_catalog_in_the_wheel_is_the_committed_one(wheel):
    assert packed_catalog(wheel) == (CHECKOUT / "catalog.db").read_bytes()


def test_an_updated_checkout_packs_the_catalog_that_answers_there(checkout):
    updated = update(checkout)

    wheel = make_wheel(checkout)

    assert packed_catalog(wheel) == updated.read_bytes()
    names = zipfile.ZipFile(wheel).namelist()
    assert [name for name in names if "mirror" in name or name.endswith("list_store.md")] == []


def test_the_catalog_that_the_environment_names_is_not_packed(checkout, tmp_path, monkeypatch):
    monkeypatch.setenv("IAM_CATALOG_DB", build_small_catalog(tmp_path))

    assert packed_catalog(make_wheel(checkout)) == (CHECKOUT / "catalog.db").read_bytes()


def test_packing_says_which_catalog(checkout):
    updated = update(checkout)

    code, _, talk = run_hatchling(checkout)

    assert (code, f"packed: {updated}" in talk) == (0, True)


def test_a_catalog_that_can_not_be_read_is_not_packed(checkout):
    update(checkout).write_bytes(b"")

    code, printed, talk = run_hatchling(checkout)

    assert (code, printed) == (1, [])
    assert talk[-1].startswith(f"{str(checkout / 'mirror' / 'catalog.db')!r} is not a catalog: ")
    assert list(checkout.glob("dist/*")) == []


def test_the_installed_wheel_answers_from_its_own_catalog(wheel, tmp_path):
    assert ask_installed(wheel, tmp_path, "connect:GetFederationTokens") == [
        "connect:DescribeInstance",
        "connect:ListInstances",
        "ds:DescribeDirectories",
    ]


def test_the_installed_wheel_of_an_updated_checkout_answers_from_that(checkout, tmp_path):
    update(checkout)

    assert ask_installed(make_wheel(checkout), tmp_path, "store:TagShelf") == ["store:CreateShelf"]


def ask_installed(wheel: Path, folder: Path, action: str) -> list[str]:
    """The dependent actions that *wheel* knows, installed alone in an empty environment."""
    home = folder / "empty environment"
    venv.create(home, with_pip=False, symlinks=True)
    python = home / "bin" / "python"
    pip("--python", python, "install", "--no-index", "--no-deps", wheel)

    program = (
        "import iam_catalog\n"
        f"print(*iam_catalog.dependent_actions({action!r}))\n"
        "print(iam_catalog.Catalog().path)\n"
    )
    done = subprocess.run(
        [python, "-I", "-c", program],
        cwd=folder,
        env={"PATH": os.defpath},
        capture_output=True,
        text=True,
        check=True,
    )

    answer, path = done.stdout.splitlines()
    (packed,) = home.glob("lib/python*/site-packages/iam_catalog/catalog.db")
    assert path == str(packed)
    return answer.split()
