"""From AWS to an answer: fetch, build, ask, day after day, against a server on loopback."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fetch_server as serving
import pytest
from click.testing import CliRunner
from fetch_server import DOCS, KEYS, MARKDOWN, REFERENCE, Server

from iam_catalog import Catalog
from scraper.cli import cli
from scraper.guards.registry import GUARDS

FIRST, SECOND = "2026-10-01", "2026-10-02"
STORE = f"{DOCS}list_store.md"
TODAY = datetime.datetime.now(datetime.UTC).date().isoformat()


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        serving.fill(server)
        yield server


@pytest.fixture
def mirror(server, tmp_path) -> Path:
    """The whole site as it was on the first day, and the catalog that was built then."""
    mirror = tmp_path / "mirror"
    code, _ = fetch(server, mirror, "--from-dir", saved(server, tmp_path), "--date", FIRST)
    assert code == 0
    assert build(mirror)[0] == 0
    return mirror


def saved(server: Server, folder: Path) -> Path:
    """A folder with all that the server has now: days of the past are fetched from it."""
    for path, text in server.texts.items():
        target = folder / "saved" / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.content)
    return folder / "saved"


def fetch(server: Server, mirror: Path, *more: object) -> tuple[int, list[str]]:
    addresses = {"docs": DOCS, "keys": KEYS, "reference": REFERENCE}
    options = [f"--{name}-url={server.address}{path}" for name, path in addresses.items()]
    return run("fetch", *options, "--mirror", mirror, *more)


def build(mirror: Path, *more: object) -> tuple[int, list[str]]:
    return run("build", "--no-cache", "--data", mirror / FIRST, "--mirror", mirror, *more)


def run(*words: object) -> tuple[int, list[str]]:
    """Exit code and standard error."""
    result = CliRunner().invoke(cli, [str(word) for word in words], prog_name="python -m scraper")
    assert result.stdout == ""
    return result.exit_code, result.stderr.splitlines()


def actions(mirror: Path) -> list[str]:
    with Catalog(mirror / "catalog.db") as catalog:
        return [f"{each.service_prefix}:{each.name}" for each in catalog.actions()]


def row(name: str) -> str:
    return f"|   [{name}](https://docs.aws.amazon.com/l)  | Lists shelves |  |   | List |"


def outcome(mirror: Path) -> str:
    return str(json.loads((mirror / "catalog.changes.json").read_text(encoding="utf-8"))["outcome"])


ALL = ["barn:ListShelves", "depot:ListShelves", "mill:ListShelves", "store:ListShelves"]


def test_what_was_fetched_answers(mirror):
    assert (actions(mirror), outcome(mirror)) == (ALL, "first")
    with Catalog(mirror / "catalog.db") as catalog:
        source = catalog.action("mill:ListShelves").source
    assert (source.date, source.url.rpartition("/")[2]) == (FIRST, "list_mill.md")


def test_a_day_without_changes_makes_the_catalog_younger(server, mirror):
    assert (fetch(server, mirror)[0], build(mirror)[0]) == (0, 0)

    with Catalog(mirror / "catalog.db") as catalog:
        store = catalog.action("store:ListShelves")
    assert (store.first_seen, store.last_seen, store.removed) == (FIRST, TODAY, None)


def test_a_new_action_is_there_from_its_day_on(server, mirror):
    rows = "\n".join(row(name) for name in ("ListShelves", "ListBoxes"))
    server.put(STORE, serving.page("Example Store", "store", "store", rows), MARKDOWN)
    names = [serving.action(name) for name in ("ListShelves", "ListBoxes")]
    server.put(
        "/v1/store/store.json",
        json.dumps({"Name": "store", "Version": "v1.4", "Actions": names}),
        serving.JSON,
    )

    assert (fetch(server, mirror)[0], build(mirror)[0], outcome(mirror)) == (0, 0, "changed")

    with Catalog(mirror / "catalog.db") as catalog:
        assert catalog.action("store:ListBoxes").first_seen == TODAY
        assert [(each.date, each.subject) for each in catalog.changes(since=FIRST)] == [
            (TODAY, "store:ListBoxes")
        ]


def put_reference(server: Server, **flags: bool) -> None:
    """The store's JSON, with these flags of its one action."""
    named = {"IsList": False, "IsPermissionManagement": False, "IsTaggingOnly": False, **flags}
    action = {"Name": "ListShelves", "Annotations": {"Properties": named}}
    value = {"Name": "store", "Version": "v1.4", "Actions": [action]}
    server.put("/v1/store/store.json", json.dumps(value), serving.JSON)


@pytest.fixture
def writing(server, mirror) -> Path:
    """The mirror on a day on which both sources say that the store's action writes."""
    rows = row("ListShelves").replace("| List |", "| Write |")
    server.put(STORE, serving.page("Example Store", "store", "store", rows), MARKDOWN)
    put_reference(server, IsWrite=True)
    code, _ = fetch(server, mirror, "--from-dir", saved(server, mirror.parent), "--date", SECOND)
    assert (code, build(mirror)[0], level(mirror)) == (0, 0, "Write")
    return mirror


def level(mirror: Path) -> str | None:
    with Catalog(mirror / "catalog.db") as catalog:
        return catalog.action("store:ListShelves").access_level


def written(entry: dict[str, Any]) -> str:
    return json.dumps({**entry, "reason": "..."})


def refused(mirror: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(
        (mirror / "catalog.refused.json").read_text(encoding="utf-8")
    )
    return value


def test_a_flag_that_was_renamed_is_refused_and_no_write_action_becomes_one_that_reads(
    server, writing
):
    before = (writing / "catalog.db").read_bytes()
    put_reference(server, IsMutating=True)

    assert fetch(server, writing)[0] == 0
    code, talk = build(writing)

    assert (code, (writing / "catalog.db").read_bytes()) == (1, before)
    assert "unknown-level-flags: 1 not accepted" in talk
    wrong = "'ListShelves': 'IsMutating' is unknown, 'IsWrite' is missing"
    told = next(each for each in refused(writing)["problems"] if not each["accepted"])
    assert (told["kind"], told["examples"]) == (
        "unknown-level-flags",
        [f"store.json line 1: {wrong}"],
    )

    # Accepted, it is still nothing that the JSON says: the older level stays.
    assert build(writing, "--accept", "unknown-level-flags")[0] == 0
    assert level(writing) == "Write"


def test_a_level_that_fell_against_a_page_seen_unchanged_is_refused(server, writing):
    before = (writing / "catalog.db").read_bytes()
    put_reference(server, IsWrite=False)

    assert fetch(server, writing)[0] == 0
    code, talk = build(writing)

    assert (code, (writing / "catalog.db").read_bytes()) == (1, before)
    said = (
        f"store: 1 action: only List or Read on store.json@{TODAY}, and more on store@{SECOND}; "
        f"both are as of {TODAY}"
    )
    names = ["store:ListShelves (Write on store; Read on store.json)"]
    entry = {
        "guard": "levels-disagree",
        "service": "store",
        "page": "store.json",
        "what": "access levels",
        "names": names,
    }
    assert talk[1:-1] == [
        f"levels-disagree: 1 not accepted. {GUARDS['levels-disagree'].meaning}",
        f"  {said}",
        f"    differ: {names[0]}",
        f"    in real history: {GUARDS['levels-disagree'].seen}",
        "    to accept it for this run: --accept levels-disagree",
        f'    to accept it for good, in "guards" of accepted.json: {written(entry)}',
    ]
    (told,) = refused(writing)["guards"]
    assert (told["text"], told["gone"], told["differ"]) == (said, [], names)
    assert (told["option"], told["entry"]) == ("--accept levels-disagree", entry)
    report = (writing / "catalog.refused.md").read_text(encoding="utf-8")
    assert "\n## Where pages disagree\n" in report
    assert f"\n  - differ: `{names[0]}`\n" in report


def test_a_level_that_fell_can_be_accepted(server, writing):
    put_reference(server, IsWrite=False)
    fetch(server, writing)

    assert build(writing, "--accept", "levels-disagree")[0] == 0

    with Catalog(writing / "catalog.db") as catalog:
        found = {(each.value, each.page) for each in catalog.disagreements("store")}
    assert found == {("Write", f"store@{SECOND}"), ("Read", f"store.json@{TODAY}")}


def withdraw_barn(server: Server) -> None:
    kept = [service for service in serving.SERVICES if service[1] != "barn"]
    server.put(f"{DOCS}{serving.INDEX_NAME}.md", serving.index(kept), MARKDOWN)
    listed = serving.service_list(server.address, [prefix for _, prefix, _ in kept])
    server.put(f"/v1/{serving.LIST_NAME}", listed, serving.JSON)


def test_a_day_that_lost_a_service_is_refused_and_the_day_before_goes_on_answering(server, mirror):
    before = (mirror / "catalog.db").read_bytes()
    withdraw_barn(server)

    assert fetch(server, mirror, "--accept-smaller")[0] == 0
    code, talk = build(mirror)

    assert (code, (mirror / "catalog.db").read_bytes()) == (1, before)
    assert any(line.startswith("service-gone: 1 not accepted.") for line in talk)
    assert (mirror / "catalog.refused.md").is_file()

    # The next day brings it back, and nobody has to do anything.
    serving.fill(server)
    assert (fetch(server, mirror)[0], build(mirror)[0], actions(mirror)) == (0, 0, ALL)
    assert not (mirror / "catalog.refused.md").exists()


def test_a_page_that_was_not_served_fails_the_fetch_unless_that_is_accepted(server, mirror):
    del server.texts[STORE]

    code, talk = fetch(server, mirror)
    assert (code, talk[-2].startswith("Error: 1 text was not kept;")) == (1, True)

    code, talk = fetch(server, mirror, "--accept-partial")
    assert (code, talk[-2].startswith("1 text was not kept;")) == (0, True)
    assert talk[-1].startswith(f"{mirror / TODAY}: partial; ")


def test_what_was_missing_is_said_once_and_the_older_page_goes_on_answering(server, mirror):
    del server.texts[STORE]
    fetch(server, mirror, "--accept-partial")
    assert build(mirror)[0] == 1

    assert build(mirror, "--accept", "incomplete-fetch")[0] == 0

    assert actions(mirror) == ALL
    with Catalog(mirror / "catalog.db") as catalog:
        dates = {each.name: each.pages[0].date for each in catalog.services()}
    assert dates["Example Mill"] == TODAY


def test_a_server_that_is_not_there_fails_the_fetch_whatever_is_accepted(server, mirror):
    server.texts.clear()

    code, talk = fetch(server, mirror, "--accept-partial")

    assert (code, talk[-1].startswith("Error: ")) == (1, True)
    assert not (mirror / TODAY).exists()
