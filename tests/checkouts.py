"""Copies of the checkout, and `make` in them."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).parent.parent
FILES = ("Makefile", "pyproject.toml", "requirements.lock", "catalog.db", "catalog.sha256")


def clone(folder: Path, *, installed: bool = True) -> Path:
    """A fresh clone, with the Python of the suite, in which all packages count as *installed*."""
    checkout = folder / "a checkout"
    for name in ("scraper", "iam_catalog"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(CHECKOUT / name, checkout / name, ignore=ignored)
    shutil.copytree(CHECKOUT / "data", checkout / "data")
    for name in FILES:
        shutil.copy(CHECKOUT / name, checkout)
    python = checkout / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    for part in ("serve", "build", "test") if installed else ():
        (checkout / ".venv" / f"for-{part}").touch()
    return checkout


def replace_datasets(checkout: Path, **wheels: bytes) -> None:
    """Let `data/` ship small public datasets, by the names of their files, instead of its own."""
    data = checkout / "data"
    shutil.rmtree(data / "datasets")
    (data / "datasets").mkdir()
    manifest = json.loads((data / "manifest.json").read_text(encoding="utf-8"))
    kept = [each for each in manifest["files"] if not each["path"].startswith("datasets/")]
    for name, content in wheels.items():
        path = f"datasets/{name}.whl"
        (data / path).write_bytes(content)
        kept.append({"path": path, "sha256": hashlib.sha256(content).hexdigest()})
    text = json.dumps({**manifest, "files": kept})
    (data / "manifest.json").write_text(text, encoding="utf-8")


def make(
    checkout: Path, *words: str, environment: dict[str, str] | None = None
) -> tuple[int, list[str]]:
    """Exit code and standard error of a target, run where there is no terminal."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(
        ["make", "--no-print-directory", *words],
        cwd=checkout,
        env={**kept, "PIP_NO_INDEX": "1", **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == ""
    return done.returncode, done.stderr.splitlines()
