"""A pruned mirror takes less room, and builds the same catalog to the byte."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from random_mirrors import built, write_day, write_mirror

from scraper import prune as pruning
from scraper.cli import cli
from scraper.errors import SourceError
from scraper.mirror import days_in, mirror_line, stored_days
from scraper.prune import prune_mirror

PAGES = {"list_orders.html": "<html>1</html>"}


def names(paths: list[Path]) -> list[str]:
    return [path.name.removesuffix(".json.gz") for path in paths]


def tree(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    """Three days: the first page changed on the second one, and the third lists it again."""
    mirror = tmp_path / "mirror"
    write_day(mirror, "2026-01-01", PAGES, complete=True)
    write_day(mirror, "2026-01-02", {"list_orders.html": "<html>2</html>"}, complete=True)
    write_day(mirror, "2026-01-03", {"list_orders.html": "<html>2</html>"}, complete=True)
    (mirror / ".fetch").mkdir()
    return mirror


@pytest.mark.parametrize("seed", range(12))
def test_any_pruned_mirror_builds_the_same_bytes(seed: int, tmp_path: Path) -> None:
    mirror = write_mirror(tmp_path, seed)
    whole = built(mirror, tmp_path / "whole.db")
    days = names(days_in(mirror))
    list(prune_mirror(mirror))

    assert len(days) < 4 or stored_days(mirror)
    assert built(mirror, tmp_path / "pruned.db") == whole
    assert sorted(names(days_in(mirror)) + names(stored_days(mirror))) == days


def test_days_that_the_next_fetch_compares_with_stay_folders(mirror: Path) -> None:
    both = {"list_orders.html": "<html>2</html>", "list_boxes.html": "gone since"}
    write_day(mirror, "2026-01-02", both, complete=False)
    list(prune_mirror(mirror))

    assert names(days_in(mirror)) == ["2026-01-02", "2026-01-03"]
    assert names(stored_days(mirror)) == ["2026-01-01"]


def test_pruned_day_is_its_manifest_and_each_text_once(mirror: Path) -> None:
    manifest = (mirror / "2026-01-01" / "manifest.json").read_bytes()
    text = (mirror / "2026-01-01" / "list_orders.html").read_bytes()
    list(prune_mirror(mirror))

    assert names(days_in(mirror)) == ["2026-01-03"]
    assert gzip.decompress((mirror / "stored" / "2026-01-01.json.gz").read_bytes()) == manifest
    texts = [gzip.decompress(path.read_bytes()) for path in mirror.glob("stored/texts/*/*.gz")]
    assert sorted(texts) == sorted([text, b"<html>2</html>"])


def test_dry_run_says_what_would_be_freed_and_changes_nothing(mirror: Path) -> None:
    before = tree(mirror)
    result = CliRunner().invoke(cli, ["prune", "--mirror", str(mirror)])
    sizes = "0.0 MB on the disk, 0.0 MB when stored"

    assert (result.exit_code, tree(mirror)) == (0, before)
    assert result.stderr.splitlines() == [
        "2026-01-03: stays, for the next fetch: it is the newest day",
        f"{mirror}: 2 days, 2026-01-01 to 2026-01-02: {sizes}: nothing was changed, see --yes",
    ]


def test_pruning_twice_prunes_what_came_between(mirror: Path) -> None:
    def prune() -> list[str]:
        result = CliRunner().invoke(cli, ["prune", "--mirror", str(mirror), "--yes"])
        assert result.exit_code == 0
        return result.stderr.splitlines()[1:]

    first, second = prune(), prune()
    write_day(mirror, "2026-01-04", PAGES, complete=True)
    third = prune()

    assert first == [
        f"{mirror}: 2 days, 2026-01-01 to 2026-01-02: 0.0 MB on the disk, 0.0 MB when stored"
    ]
    assert second == [f"{mirror}: nothing to prune"]
    assert third == [
        f"{mirror}: 1 day, 2026-01-03 to 2026-01-03: 0.0 MB on the disk, 0.0 MB when stored"
    ]
    assert mirror_line(mirror) == f"{mirror}: 4 days, 2026-01-01 to 2026-01-04"


# --- stopped at any moment


class Stopped(Exception):
    """What a run that is killed does not get past."""


def stop_at(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Let the step of that number, counted over all kinds of step, be the last one."""
    left = [number]

    def counted(step: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **named: Any) -> Any:
            left[0] -= 1
            if left[0] < 0:
                raise Stopped
            return step(*args, **named)

        return run

    for name in ("_write", "_remove_folder", "put_file"):
        monkeypatch.setattr(pruning, name, counted(getattr(pruning, name)))
    monkeypatch.setattr(shutil, "rmtree", counted(shutil.rmtree))


@pytest.mark.parametrize("number", range(0, 40, 4))
def test_run_that_is_stopped_loses_nothing_and_the_next_one_ends_it(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror = write_mirror(tmp_path, seed=number)
    whole = built(mirror, tmp_path / "whole.db")
    with monkeypatch.context() as patch:
        stop_at(patch, number)
        with suppress(Stopped):
            list(prune_mirror(mirror))

    assert built(mirror, tmp_path / "stopped.db") == whole
    list(prune_mirror(mirror))
    assert built(mirror, tmp_path / "pruned.db") == whole
    assert list(mirror.glob(".pruned-*")) == []


# --- what is not as it should be


def test_file_that_is_not_the_fetched_one_stops_the_run_before_its_day(mirror: Path) -> None:
    (mirror / "2026-01-02" / "list_orders.html").unlink()
    (mirror / "2026-01-02" / "list_orders.html").write_text("other")
    with pytest.raises(SourceError) as caught:
        list(prune_mirror(mirror))

    assert str(caught.value).startswith(
        f"'{mirror}/2026-01-02/list_orders.html' is not the file in manifest.json (sha256 "
    )
    assert names(days_in(mirror)) == ["2026-01-02", "2026-01-03"]


@pytest.mark.parametrize("manifest", [None, "{}", "no JSON"])
def test_folder_that_no_fetch_left_is_let_alone(mirror: Path, manifest: str | None) -> None:
    (mirror / "2025-01-01").mkdir()
    (mirror / "2025-01-01" / ("manifest.json" if manifest else "mine")).write_text(manifest or "")
    list(prune_mirror(mirror))

    assert names(days_in(mirror)) == ["2025-01-01", "2026-01-03"]


@pytest.mark.parametrize("damage", ["missing text", "other text", "cut manifest"])
def test_damaged_store_is_an_error_with_a_remedy(mirror: Path, damage: str, tmp_path: Path) -> None:
    list(prune_mirror(mirror))
    stored = mirror / "stored" / "2026-01-01.json.gz"
    sha256 = json.loads(gzip.decompress(stored.read_bytes()))["files"][0]["sha256"]
    text = mirror / "stored" / "texts" / sha256[:2] / f"{sha256}.gz"
    if damage == "missing text":
        text.unlink()
    elif damage == "other text":
        text.write_bytes(gzip.compress(b"other"))
    else:
        stored.write_bytes(stored.read_bytes()[:20])
    with pytest.raises(SourceError) as caught:
        built(mirror, tmp_path / "catalog.db")

    said = str(caught.value)
    assert said.startswith(f"'{stored}': the pruned day cannot be read (")
    assert said.endswith(
        "). Restore the folder 'stored' from a copy, or remove this file: what only that day"
        " stated is then gone."
    )
