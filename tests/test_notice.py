"""NOTICE says under which licence each source of `data/` is, in the words that it asks for."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent
NOTICE = " ".join((CHECKOUT / "NOTICE").read_text(encoding="utf-8").split())
FILES = json.loads((CHECKOUT / "data" / "manifest.json").read_text(encoding="utf-8"))["files"]


@pytest.mark.parametrize("entry", FILES, ids=[entry["path"] for entry in FILES])
def test_a_source_is_named_with_its_licence(entry):
    path = entry["path"]
    named = [path, path.partition("/")[0] + "/)", entry["title"]]

    assert any(name in NOTICE for name in named)
    assert (entry["licence"] or "licence") in NOTICE


@pytest.mark.parametrize("wheel", sorted(CHECKOUT.glob("data/datasets/*.whl")), ids=str)
def test_the_licence_of_a_dataset_is_quoted_whole(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (each for each in archive.namelist() if "/licenses/" in each)
        text = archive.read(name).decode()

    copyright_line, *permission = text.partition("\n\n")[2].split("\n\n")
    for paragraph in (copyright_line, *permission):
        assert " ".join(paragraph.split()) in NOTICE
