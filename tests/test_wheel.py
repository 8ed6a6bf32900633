"""The wheel, alone in an empty environment, answers: what a checkout hides shows here."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, CHECKOUT)
    (built,) = folder.iterdir()
    return built


def pip(*args: str | Path) -> None:
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *args]
    subprocess.run(command, check=True, env={**os.environ, "PIP_NO_INDEX": "1"})


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
    packed = zipfile.ZipFile(wheel).read("iam_catalog/catalog.db")

    assert packed == (CHECKOUT / "catalog.db").read_bytes()


def test_the_installed_wheel_answers_from_its_own_catalog(wheel, tmp_path):
    home = tmp_path / "empty environment"
    venv.create(home, with_pip=False, symlinks=True)
    python = home / "bin" / "python"
    pip("--python", python, "install", "--no-index", "--no-deps", wheel)

    program = (
        "import iam_catalog\n"
        "print(iam_catalog.dependent_actions('connect:GetFederationTokens'))\n"
        "print(iam_catalog.Catalog().path)\n"
    )
    done = subprocess.run(
        [python, "-I", "-c", program],
        cwd=tmp_path,
        env={"PATH": os.defpath},
        capture_output=True,
        text=True,
        check=True,
    )

    (packed,) = home.glob("lib/python*/site-packages/iam_catalog/catalog.db")
    assert done.stdout.splitlines() == [
        "['connect:DescribeInstance', 'connect:ListInstances', 'ds:DescribeDirectories']",
        str(packed),
    ]
