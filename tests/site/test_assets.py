"""The style sheet and the scripts: small on the way, and sent once."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from datasette.app import Datasette
from sites import close

from iam_catalog.cli import serve
from iam_catalog.site import assets

ROOT = Path(__file__).parent.parent.parent
FILES = sorted(path.name for path in assets.FOLDER.iterdir())
PLACE = "/-/static-plugins/iam-catalog"


@pytest.fixture(scope="module")
def site() -> Iterator[Datasette]:
    site = serve.make_site(str(ROOT / "catalog.db"), str(ROOT / "metadata.json"))
    yield site
    serve.close(site)
    close(site)


async def marked(site: Datasette, file: str) -> str:
    """The address of a file as the pages have it."""
    page = (await site.client.get("/catalog/-/tools/check")).text
    found = re.search(rf'"({PLACE}/{file}\?[^"]*)"', page)
    assert found
    return found[1]


@pytest.mark.parametrize("file", FILES)
async def test_a_file_is_sent_as_it_is_on_the_disk(site: Datasette, file: str) -> None:
    for encoding in ("gzip", "identity"):
        answer = await site.client.get(f"{PLACE}/{file}", headers={"accept-encoding": encoding})

        assert (answer.status_code, answer.content) == (200, (assets.FOLDER / file).read_bytes())
        assert answer.headers.get("content-encoding", "identity") == encoding
        assert answer.headers["content-type"].startswith("text/")


@pytest.mark.parametrize("file", ["site.css", "site.js", "tools.js"])
async def test_what_pages_ask_for_is_kept_for_ever(site: Datasette, file: str) -> None:
    answer = await site.client.get(await marked(site, file))

    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("address", [f"{PLACE}/site.css", f"{PLACE}/site.css?0123456789ab"])
async def test_what_has_no_mark_or_an_old_one_is_asked_for_again(
    site: Datasette, address: str
) -> None:
    answer = await site.client.get(address)

    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")


def test_another_text_has_another_mark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(assets.FOLDER / "site.css", tmp_path)
    monkeypatch.setattr(assets, "FOLDER", tmp_path)
    before = assets.asset_named("site.css")
    path = tmp_path / "site.css"
    path.write_bytes(before.body + b"p { margin: 0 }\n")
    os.utime(path, ns=(0, 1))

    after = assets.asset_named("site.css")

    assert after.body == path.read_bytes()
    assert after.mark != before.mark


@pytest.mark.parametrize("file", ["nothing.css", "..%2f__init__.py", "%2e%2e/__init__.py", ".css"])
async def test_nothing_else_is_sent(site: Datasette, file: str) -> None:
    assert (await site.client.get(f"{PLACE}/{file}")).status_code == 404
