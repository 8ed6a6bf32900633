"""The wheel, alone in an empty environment, answers: what a checkout hides shows here."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
from small_catalog import build_small_catalog

from iam_catalog import Catalog

CHECKOUT = Path(__file__).parent.parent
PACKED = ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE", "NOTICE", "metadata.json")
LARGEST = 10_000_000


@pytest.fixture
def checkout(tmp_path) -> Path:
    """A copy of what makes a wheel, with another catalog in its mirror, as after an update."""
    return copy_checkout(tmp_path / "checkout")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """That of such a checkout."""
    return make_wheel(copy_checkout(tmp_path_factory.mktemp("wheel") / "checkout"))


def copy_checkout(folder: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("iam_catalog", "scraper", "data"):
        shutil.copytree(CHECKOUT / name, folder / name, ignore=ignored)
    for name in (*PACKED, ".gitignore", "catalog.db"):
        shutil.copy(CHECKOUT / name, folder)
    shutil.copytree(CHECKOUT / "docs" / "checks", folder / "docs" / "checks")
    (folder / "mirror").mkdir()
    build_small_catalog(folder / "mirror")
    return folder


def make_wheel(source: Path) -> Path:
    """The wheel of a checkout, or of a source distribution."""
    folder = source.parent / "dist"
    pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, source)
    (built,) = folder.iterdir()
    return built


def pip(*args: str | Path) -> None:
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *args]
    subprocess.run(command, check=True, env={**os.environ, "PIP_NO_INDEX": "1"})


def run_hatchling(checkout: Path, target: str = "wheel") -> tuple[int, list[str], list[str]]:
    """Exit code, standard output and standard error of what `make wheel` runs."""
    words = ["-m", "hatchling", "build", "--target", target, "--directory", "dist"]
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
        "iam_catalog/checks/README.md",
        "iam_catalog/checks/malformed-arn.md",
        "iam_catalog/py.typed",
        f"{info}/licenses/LICENSE",
        f"{info}/licenses/NOTICE",
    } - set(names) == set()


def test_the_wheel_carries_all_of_aws_as_data_states_it(wheel, tmp_path):
    catalog = tmp_path / "catalog.db"
    catalog.write_bytes(packed_catalog(wheel))

    with Catalog(catalog) as held:
        about = held.about()
        likely = held.operation("s3:ListBuckets").actions
    assert (about.services, about.actions) == (457, 22_321)
    assert likely == ("s3:ListAllMyBuckets",)
    assert wheel.stat().st_size < LARGEST


def test_the_wheel_carries_the_catalog_that_make_full_builds(wheel, tmp_path):
    built = tmp_path / "full.db"
    words = ["-m", "scraper", "build", "--full", "--no-cache", "--data", "data", "--output", built]
    subprocess.run([sys.executable, *words], cwd=CHECKOUT, check=True, capture_output=True)

    assert packed_catalog(wheel) == built.read_bytes()


def test_a_source_distribution_gives_the_same_wheel_whatever_a_mirror_holds(wheel, checkout):
    assert run_hatchling(checkout, "sdist")[0] == 0
    (source,) = (checkout / "dist").iterdir()

    again = make_wheel(source.rename(checkout.parent / source.name))

    assert again.read_bytes() == wheel.read_bytes()


def test_an_editable_install_builds_and_packs_no_catalog(checkout):
    shutil.rmtree(checkout / "data")
    program = "from hatchling.build import build_editable; print(build_editable('dist'))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=checkout, capture_output=True, text=True, check=True
    )

    names = zipfile.ZipFile(checkout / "dist" / done.stdout.split()[-1]).namelist()
    assert [name for name in names if name.endswith("catalog.db")] == []


def test_a_catalog_that_is_named_is_packed_instead(checkout, monkeypatch):
    monkeypatch.setenv("WHEEL_CATALOG", "mirror/catalog.db")
    updated = checkout / "mirror" / "catalog.db"

    code, _, talk = run_hatchling(checkout)

    assert (code, f"packed: {updated}" in talk) == (0, True)
    (built,) = (checkout / "dist").iterdir()
    assert packed_catalog(built) == updated.read_bytes()
    names = zipfile.ZipFile(built).namelist()
    assert [name for name in names if "mirror" in name or name.endswith("list_store.md")] == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "No catalog.db found (looked for {path}). "),
        (b"", "{path!r} is not a catalog: an empty file. "),
        (b"# A page", "{path!r} is not a catalog: file is not a database. "),
    ],
    ids=["none", "empty", "other"],
)
def test_what_is_not_a_catalog_is_not_packed(checkout, monkeypatch, content, message):
    path = checkout / "mirror" / "other.db"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv("WHEEL_CATALOG", "mirror/other.db")

    code, printed, talk = run_hatchling(checkout)

    assert (code, printed) == (1, [])
    assert talk[-1].startswith(message.format(path=str(path)))
    assert list(checkout.glob("dist/*")) == []


def test_a_catalog_of_another_schema_is_not_packed(checkout, monkeypatch):
    path = checkout / "mirror" / "catalog.db"
    connection = sqlite3.connect(path)
    connection.execute("pragma user_version = 1")
    connection.close()
    monkeypatch.setenv("WHEEL_CATALOG", "mirror/catalog.db")

    code, _, talk = run_hatchling(checkout)

    assert (code, talk[-1].partition(",")[0]) == (1, f"{str(path)!r} has schema version 1")


def test_data_that_no_catalog_can_be_built_from_gives_no_wheel(checkout):
    (checkout / "data" / "stray.md").touch()

    code, printed, talk = run_hatchling(checkout)

    assert (code, printed, list(checkout.glob("dist/*"))) == (1, [], [])
    assert talk[-1].startswith(f"{str(checkout / 'data' / 'stray.md')!r} is not listed in ")


def test_the_installed_wheel_answers_from_its_own_catalog(wheel, tmp_path):
    assert ask_installed(wheel, tmp_path, "s3:CreateJob") == ["iam:PassRole"]


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
