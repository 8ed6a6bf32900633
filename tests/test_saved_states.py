"""A build that goes on from the merged state of an older one gives the same bytes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from random_mirrors import LENIENT, built, read, write_day, write_mirror

from scraper.build import read_pages
from scraper.merge import saved
from scraper.mirror import days_in
from scraper.prune import prune_mirror


@pytest.fixture(autouse=True)
def worth_saving(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved, "WORTH", 1)


@pytest.fixture
def states(tmp_path: Path) -> Path:
    return tmp_path / "states"


def covered(mirror: Path, states: Path) -> int:
    """How many collections a build takes from a state."""
    return read(mirror, states).merged.collections


def dated(mirror: Path) -> list[Path]:
    """The days and datasets of a mirror, oldest first."""
    datasets = (mirror / "datasets").glob("*")
    dates = {path: path.name[-9:-1] for path in datasets}
    dates |= {path: path.name.replace("-", "") for path in days_in(mirror)}
    return sorted(dates, key=lambda path: dates[path])


@pytest.mark.parametrize("seed", range(8))
def test_any_mirror_that_grows_by_a_date_builds_the_same_with_and_without_states(
    seed: int, tmp_path: Path, states: Path
) -> None:
    whole = write_mirror(tmp_path / "whole", seed)
    growing = tmp_path / "mirror"
    (growing / ".fetch").mkdir(parents=True)
    found = []
    for number, path in enumerate(dated(whole)):
        target = growing / path.relative_to(whole)
        shutil.copytree(path, target)
        found.append(covered(growing, states) == number)
        assert built(growing, tmp_path / "a.db", states) == built(growing, tmp_path / "b.db")

    assert all(found)


@pytest.mark.parametrize("seed", range(6))
def test_date_that_comes_between_older_ones_is_merged_in_its_place(
    seed: int, tmp_path: Path, states: Path
) -> None:
    whole = write_mirror(tmp_path, seed)
    paths = dated(whole)
    late = paths[-2 - seed % 3]
    aside = tmp_path / "aside"
    late.rename(aside)
    built(whole, tmp_path / "a.db", states)
    aside.rename(late)

    assert built(whole, tmp_path / "a.db", states) == built(whole, tmp_path / "b.db")


def test_pruned_mirror_goes_on_from_the_state_of_the_whole_one(
    tmp_path: Path, states: Path
) -> None:
    mirror = write_mirror(tmp_path, seed=3)
    before = built(mirror, tmp_path / "a.db", states)
    list(prune_mirror(mirror))

    assert covered(mirror, states) == len(dated(write_mirror(tmp_path / "again", seed=3)))
    assert built(mirror, tmp_path / "a.db", states) == before


def test_two_states_are_written_for_the_next_date_and_for_a_second_run_of_this_one(
    tmp_path: Path, states: Path
) -> None:
    mirror = write_mirror(tmp_path, seed=1, days=4)
    built(mirror, tmp_path / "a.db", states)
    last = dated(mirror)[-1]
    number = len(dated(mirror))

    assert len(list(states.iterdir())) == 2
    assert covered(mirror, states) == number
    shutil.rmtree(last)
    assert covered(mirror, states) == number - 1


@pytest.mark.parametrize("damage", [b"", b"nonsense", None])
def test_damaged_state_is_not_used_and_a_line_says_so(
    damage: bytes | None, tmp_path: Path, states: Path
) -> None:
    mirror = write_mirror(tmp_path, seed=2)
    before = built(mirror, tmp_path / "a.db", states)
    for path in states.iterdir():
        path.write_bytes(path.read_bytes()[:-1] if damage is None else damage)
    reading = read(mirror, states)

    assert reading.merged.collections == 0
    assert reading.note in [f"{path}: damaged, so it is not used" for path in states.iterdir()]
    assert built(mirror, tmp_path / "a.db", states) == before


@pytest.mark.parametrize("difference", ["code", "acceptance", "source"])
def test_state_of_anything_else_is_not_used_and_a_line_says_so(
    difference: str, tmp_path: Path, states: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror = write_mirror(tmp_path, seed=2)
    built(mirror, tmp_path / "a.db", states)
    accept = list(LENIENT)
    if difference == "code":
        monkeypatch.setattr("scraper.build.parser_digest", lambda: "other code")
    elif difference == "acceptance":
        accept.remove("unknown-header")
    else:
        write_day(mirror, "2025-01-01", {"list_boxes.html": "<html></html>"}, complete=True)
    reading = read_pages([mirror], accept=accept, states=states)

    assert reading.merged.collections == 0
    assert reading.note == (f"{states}: made of other sources or code, so they are merged anew")


def test_few_pages_are_not_worth_a_state(
    tmp_path: Path, states: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved, "WORTH", 1_000)
    built(write_mirror(tmp_path, seed=1), tmp_path / "a.db", states)

    assert not states.exists()


def test_only_the_last_states_stay(tmp_path: Path, states: Path) -> None:
    for seed in range(4):
        built(write_mirror(tmp_path / str(seed), seed), tmp_path / "a.db", states)

    assert len(list(states.iterdir())) == saved.KEPT
