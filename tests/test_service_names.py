"""SDK clients are derived from a wheel of botocore, and go with nicknames into every catalog."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from dataset_texts import as_iam_data
from dated_pages import complete, store
from named_services import botocore, client, model, service_names
from page_texts import Service, act, as_table
from small_catalog import write_data

import scraper.cli
from iam_catalog import Catalog
from iam_catalog.names import split_action_name
from scraper.build import build_catalog, read_pages
from scraper.cli import cli
from scraper.errors import SourceError
from scraper.merge.normalise import tables_of, timeline_of
from scraper.service_names.clients import (
    CLIENTS,
    LIKELY,
    PREFIXES,
    derive_clients,
    read_clients,
)
from scraper.service_names.rows import LikelyActions, read_service_names
from scraper.sources import read_collections

CHECKOUT = Path(__file__).parent.parent
WHEEL = "botocore-1.2.3-py3-none-any.whl"
AWS = r"https://(docs\.aws\.amazon\.com|servicereference\.us-east-1\.amazonaws\.com)/\S+"
OTHER = model(["Open"], endpointPrefix="cellar", signingName="depot", uid="depot-2021-03-04")

LINE_OF_BOXES = (
    '"boxes":{"service_prefix":"boxes","signing_name":"boxes","endpoint_prefix":"boxes",'
    '"service_id":"Boxes","name":"Amazon Boxes","uid":"boxes-2020-01-02",'
    '"operations":["GetBox","PutBox"]},'
)
LINE_OF_CELLAR = (
    '"cellar":{"service_prefix":"depot","signing_name":"depot","endpoint_prefix":"cellar",'
    '"service_id":"Boxes","name":"Amazon Boxes","uid":"depot-2021-03-04","operations":["Open"]}'
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_data(tmp_path / "data")


def derived(folder: Path, data: Path, content: bytes) -> Any:
    """What is in the data folder after a wheel of this content."""
    (folder / WHEEL).write_bytes(content)
    derive_clients(folder / WHEEL, data)
    return json.loads((data / CLIENTS).read_bytes())


def refusal(data: Path) -> str:
    with pytest.raises(SourceError) as caught:
        read_clients(data)
    return str(caught.value)


# --- from the wheel


def test_each_client_has_its_names_prefix_and_operations_on_one_line(
    tmp_path: Path, data: Path
) -> None:
    content = botocore(
        {"boxes/2020-01-02": model(["PutBox", "GetBox"]), "cellar/2021-03-04": OTHER}
    )
    whole = derived(tmp_path, data, content)

    assert whole["derived_from"] == {
        "name": "botocore",
        "version": "1.2.3",
        "date": "2026-11-20",
        "licence": "Apache-2.0",
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    lines = (data / CLIENTS).read_text(encoding="utf-8").splitlines()
    assert lines[3:] == ['"clients":{', LINE_OF_BOXES, LINE_OF_CELLAR, "}", "}"]


def test_the_same_wheel_gives_the_same_bytes(tmp_path: Path, data: Path) -> None:
    content = botocore({"cellar/2021-03-04": OTHER, "boxes/2020-01-02": model()})
    derived(tmp_path, data, content)
    first = {path.name: path.read_bytes() for path in data.iterdir() if path.is_file()}

    derived(tmp_path, data, content)

    assert {path.name: path.read_bytes() for path in data.iterdir() if path.is_file()} == first


def test_the_newest_version_of_an_api_counts(tmp_path: Path, data: Path) -> None:
    models = {"boxes/2020-01-02": model(["Old"]), "boxes/2025-01-02": model(["New"])}

    assert derived(tmp_path, data, botocore(models))["clients"]["boxes"]["operations"] == ["New"]


@pytest.mark.parametrize(
    ("name", "prefix"), [("cloudwatch", "cloudwatch"), ("apiportal", None), ("boxes", "monitoring")]
)
def test_the_table_of_prefixes_has_the_last_word(
    tmp_path: Path, data: Path, name: str, prefix: str | None
) -> None:
    content = botocore({f"{name}/2020-01-02": model(endpointPrefix="monitoring")})

    assert derived(tmp_path, data, content)["clients"][name]["service_prefix"] == prefix


def test_operations_come_by_method_where_actions_are_methods(tmp_path: Path, data: Path) -> None:
    gateway = model(["CreateApi", "ImportApi"], endpointPrefix="apigateway")
    gateway["operations"]["ImportApi"]["http"]["method"] = "PUT"
    whole = derived(tmp_path, data, botocore({"apigatewayv9/2020-01-02": gateway}))

    assert whole["clients"]["apigatewayv9"]["http_methods"] == {
        "POST": ["CreateApi"],
        "PUT": ["ImportApi"],
    }


def test_the_manifest_says_what_the_file_is_derived_from(tmp_path: Path, data: Path) -> None:
    content = botocore({"boxes/2020-01-02": model()})
    derived(tmp_path, data, content)
    entries = json.loads((data / "manifest.json").read_bytes())["files"]

    assert [each["path"] for each in entries] == [
        CLIENTS,
        "service-authorization/list_depot.md",
        "service-authorization/list_store.md",
    ]
    assert entries[0] == {
        "path": CLIENTS,
        "title": "SDK clients and their operations, from botocore 1.2.3",
        "publisher": "Amazon Web Services",
        "url_then": None,
        "url": "https://github.com/boto/botocore",
        "date": "2026-11-20",
        "licence": "Apache-2.0",
        "licence_url": "https://www.apache.org/licenses/LICENSE-2.0",
        "derived_from": {
            "name": "botocore",
            "version": "1.2.3",
            "file": WHEEL,
            "sha256": hashlib.sha256(content).hexdigest(),
        },
        "derived_by": f"python -m scraper clients {WHEEL}",
        "sha256": hashlib.sha256((data / CLIENTS).read_bytes()).hexdigest(),
    }


def test_a_derived_file_is_no_source_of_facts(tmp_path: Path, data: Path) -> None:
    derived(tmp_path, data, botocore({"boxes/2020-01-02": model()}))

    assert [
        (each.date, [source.file for source in each.sources]) for each in read_collections([data])
    ] == [("2020-01-02", ["list_depot.md"]), ("2020-03-04", ["list_store.md"])]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "cannot be read as a wheel of botocore (BadZipFile: File is not a zip file)"),
        (
            botocore({"boxes/2020-01-02": model()})[:-40],
            "cannot be read as a wheel of botocore (BadZipFile: File is not a zip file)",
        ),
        (
            botocore({"boxes/2020-01-02": {"metadata": {}}}),
            "cannot be read as a wheel of botocore (KeyError: 'operations')",
        ),
        (
            botocore({"boxes/2020-01-02": model()}, name="boto3"),
            "is the wheel of 'boto3' with 1 SDK clients: expected botocore",
        ),
        (botocore({}), "is the wheel of 'botocore' with 0 SDK clients: expected botocore"),
    ],
    ids=["empty", "cut", "other-model", "other-project", "no-client"],
)
def test_anything_but_a_wheel_of_botocore_is_refused_and_nothing_written(
    tmp_path: Path, data: Path, content: bytes, said: str
) -> None:
    before = (data / "manifest.json").read_bytes()
    (tmp_path / WHEEL).write_bytes(content)

    with pytest.raises(SourceError) as caught:
        derive_clients(tmp_path / WHEEL, data)

    assert str(caught.value).startswith(f"{WHEEL!r} {said}")
    assert ((data / "manifest.json").read_bytes(), (data / CLIENTS).exists()) == (before, False)


def test_the_command_says_which_clients_have_no_service(tmp_path: Path, data: Path) -> None:
    path = store(tmp_path, complete("2020-01-02", as_table(Service([act("Open")], prefix="depot"))))
    content = botocore(
        {"cellar/2021-03-04": OTHER, "boxes/2020-01-02": model(), "apiportal/2020-01-02": model()}
    )
    (tmp_path / WHEEL).write_bytes(content)

    words = ["clients", str(tmp_path / WHEEL), "--data", str(data), "--catalog", path]
    result = CliRunner().invoke(cli, words)

    assert (result.exit_code, result.stderr.splitlines()) == (
        0,
        [
            f"botocore 1.2.3: 3 SDK clients, 3 operations; written to {data}",
            "apiportal: no service prefix",
            f"boxes: no service 'boxes' in {path}",
        ],
    )


# --- into a build


def test_what_is_read_is_what_was_derived(tmp_path: Path, data: Path) -> None:
    (tmp_path / WHEEL).write_bytes(botocore({"boxes/2020-01-02": model()}))

    assert derive_clients(tmp_path / WHEEL, data) == read_clients(data)


def test_a_missing_changed_or_unlisted_file_is_said_with_the_remedy(
    tmp_path: Path, data: Path
) -> None:
    remedy = "restore it, or derive it anew with 'python -m scraper clients WHEEL'."
    path = str(data / CLIENTS)

    assert refusal(data) == f"Cannot read {path!r} (No such file or directory): {remedy}"

    derived(tmp_path, data, botocore({"boxes/2020-01-02": model()}))
    manifest = json.loads((data / "manifest.json").read_bytes())
    (data / CLIENTS).write_text("{}", encoding="utf-8")
    sha256 = hashlib.sha256(b"{}").hexdigest()

    assert refusal(data) == (
        f"{path!r} does not match its sha256 in manifest.json (file {sha256}, manifest"
        f" {manifest['files'][0]['sha256']}): {remedy}"
    )

    manifest["files"][0]["sha256"] = sha256
    (data / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")

    assert refusal(data) == f"{path!r} cannot be read (KeyError: 'clients'): {remedy}"

    del manifest["files"][0]
    (data / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")

    assert refusal(data) == f"{path!r} is not listed in manifest.json: {remedy}"


def test_a_build_without_it_is_refused(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scraper.cli, "DATA", data)
    words = ["build", "--data", str(data), "--output", str(tmp_path / "new.db")]

    result = CliRunner().invoke(cli, words)

    assert (result.exit_code, (tmp_path / "new.db").exists()) == (1, False)
    assert result.stderr.startswith(f"Error: Cannot read {str(data / CLIENTS)!r}")


def test_all_clients_and_nicknames_are_stored_and_the_operations_of_services_that_are_held() -> (
    None
):
    names = service_names(
        {
            "shop": client("ORDERS", "b", "A", name="Amazon Orders"),
            "box": client("boxes", "GetBox"),
        },
        {"Crate": ["boxes", "orders"]},
        [
            LikelyActions("shop", "b", ["orders:B", "iam:PassRole"], "https://docs.example.com"),
            LikelyActions("shop", "A", ["orders:POST"], "https://docs.example.com", True),
            LikelyActions("box", "GetBox", ["boxes:Box"], "https://docs.example.com"),
        ],
    )
    rows = tables_of(
        timeline_of([complete("2020-01-02", as_table(Service([act("GetOrder")])))]), names
    ).rows

    source = "botocore 1.2.3"
    assert rows["sdk_clients"] == [
        {
            "sdk_client": "shop",
            "service_prefix": "ORDERS",
            "name": "Amazon Orders",
            "service_id": "ORDERS ID",
            "source": source,
        },
        {
            "sdk_client": "box",
            "service_prefix": "boxes",
            "name": "Amazon boxes",
            "service_id": "boxes ID",
            "source": source,
        },
    ]
    assert rows["nicknames"] == [
        {"nickname": "Crate", "service_prefix": "boxes"},
        {"nickname": "Crate", "service_prefix": "orders"},
    ]
    assert [tuple(row.values()) for row in rows["sdk_operations"]] == [("A", "shop"), ("b", "shop")]
    assert [tuple(row.values()) for row in rows["likely_actions"]] == [
        ("A", "shop", 1, "orders:POST", 1, "https://docs.example.com"),
        ("b", "shop", 1, "orders:B", 0, "https://docs.example.com"),
        ("b", "shop", 2, "iam:PassRole", 0, "https://docs.example.com"),
    ]
    assert [tuple(row.values()) for row in rows["service_aliases"] if not row["first_seen"]] == [
        ("Amazon Orders", "name", "orders", None, None),
        ("Crate", "nickname", "orders", None, None),
        ("ORDERS ID", "name", "orders", None, None),
        ("shop", "SDK client", "orders", None, None),
    ]


# --- the names of split prefixes


@pytest.mark.parametrize(
    ("clients", "name"),
    [
        ({"ses": client("ses", name="Mail"), "sesv2": client("ses", name="Mail V2")}, "Mail"),
        ({"one": client("ses", name="Mail"), "two": client("ses", name="Mail")}, "Mail"),
        ({"one": client("ses", name="Mail"), "two": client("ses", name="Post")}, None),
        ({"one": client("sms", name="Mail")}, None),
    ],
)
def test_the_client_that_carries_a_prefix_has_its_name_else_all_that_agree(
    clients: dict[str, Any], name: str | None
) -> None:
    assert service_names(clients).carrier_name("ses") == name


def named_in_a_build(folder: Path, prefix: str, *pages: str) -> str | None:
    """The name of a service in a dataset that calls it *One part of it*, beside *pages* of AWS."""
    service = Service([act("Send")], prefix=prefix, slug=prefix, name="One part of it")
    (folder / "data").mkdir()
    (folder / "data" / "dataset.tgz").write_bytes(as_iam_data(service))
    for number, text in enumerate(pages):
        (folder / "data" / f"page{number}.md").write_text(text, encoding="utf-8")
    names = service_names({prefix: client(prefix, name="All of it")})
    reading = read_pages([folder / "data"], date="2026-01-02", names=names)
    build_catalog(reading, folder / "catalog.db")
    with Catalog(folder / "catalog.db") as catalog:
        return catalog.service(prefix).name


def test_a_dataset_s_name_of_a_split_prefix_gives_way_to_that_of_its_client(tmp_path: Path) -> None:
    assert named_in_a_build(tmp_path, "ses") == "All of it"


def test_a_dataset_s_name_of_another_service_stays(tmp_path: Path) -> None:
    assert named_in_a_build(tmp_path, "orders") == "One part of it"


def test_the_name_on_a_page_of_aws_comes_before_both(tmp_path: Path) -> None:
    page = as_table(Service([act("Send")], prefix="ses", slug="zes", name="What AWS calls it"))

    assert named_in_a_build(tmp_path, "ses", page) == "What AWS calls it"


# --- what is committed


def test_the_committed_file_is_the_one_that_the_manifest_lists() -> None:
    found = read_clients(CHECKOUT / "data")
    entries = json.loads((CHECKOUT / "data" / "manifest.json").read_bytes())["files"]
    (entry,) = [each for each in entries if each["path"] == CLIENTS]
    wheel = entry["derived_from"]

    assert found.derived_from | {"file": wheel["file"]} == wheel | {
        "date": entry["date"],
        "licence": entry["licence"],
    }
    assert entry["derived_by"] == f"python -m scraper clients {wheel['file']}"
    assert (CHECKOUT / "data" / CLIENTS).stat().st_size < 1_000_000


def test_the_committed_tables_name_clients_operations_and_documents_of_aws() -> None:
    names = read_service_names(CHECKOUT / "data")
    table = json.loads(LIKELY.read_bytes())
    clients = names.clients.clients
    unknown = [
        (group["sdk_client"], operation)
        for group in table["operations"]
        for operation in group["operations"]
        if operation not in clients[group["sdk_client"]].operations
    ]
    prefixes = json.loads(PREFIXES.read_bytes())["clients"].values()
    sources = {each.source for each in names.likely}
    sources |= {each["source"] for each in prefixes if each["service_prefix"]}

    assert unknown == []
    assert {each for each in sources if not re.fullmatch(AWS, each or "")} == set()
    assert all(split_action_name(action) for each in names.likely for action in each.actions)
    assert len({(each.sdk_client, each.operation) for each in names.likely}) == len(names.likely)
