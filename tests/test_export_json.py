"""Exports as JSON: documents that read as the answers of the catalog do."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from export_catalogs import POLICIES, dated, export, rows_of
from small_catalog import build_small_catalog

from iam_catalog import Catalog
from iam_catalog.export.folder import PACKAGE
from iam_catalog.export.json_files import LINES, write_service
from iam_catalog.export.tables import exported_table

GUIDE = POLICIES["policies/guide.md"]
SAMPLE_TEXTS = (
    POLICIES["policies/boxes.txt"],
    POLICIES["policies/depot.txt"],
    GUIDE[GUIDE.index("{") : GUIDE.index("\n```\n\n**1**")].replace(" ①", ""),
)
SOURCE = (
    '"title": null, "url": null, "dataset": null, "incomplete": null, "place": null,'
    ' "licence": null}'
)
CARRIES = {
    "access_levels": "parsed",
    "descriptions": "not in source",
    "permission_only": "not in source",
    "row_pairing": "none",
    "required": "not in source",
    "scenarios": "not in source",
    "dependent_actions": "not in source",
    "key_types": "none",
    "key_descriptions": "none",
    "addresses": "not in source",
}
BOXES = f"""\
{{
"service_prefix": "boxes",
"name": null,
"aliases": ["Amazon boxes", "boxes ID", "Crates"],
"first_seen": "2026-02-04",
"last_seen": "2026-08-31",
"removed": null,
"removed_by": null,
"pages": [
{{"page": "boxes.json@2026-08-31", "title": null, "slug": "boxes", "format": "json", \
"date": "2026-08-31", "url": null, "actions_state": "parsed", "resource_types_state": "none", \
"condition_keys_state": "none", "operations_state": "parsed", \
"access_levels_state": "parsed", "descriptions_state": "not in source", \
"permission_only_state": "not in source", "row_pairing_state": "none", \
"required_state": "not in source", "scenarios_state": "not in source", \
"dependent_actions_state": "not in source", "key_types_state": "none", \
"key_descriptions_state": "none", "addresses_state": "not in source", "sha256": "SHA256", \
"dataset": null, "incomplete": null, "licence": null}}
],
"actions": [
{{"action": "boxes:GetBox", "service_prefix": "boxes", "name": "GetBox", "access_level": "List", \
"access_levels": ["List"], "description": null, "permission_only": null, "url": null, \
"rows": [{{"resource_type": null, "required": null, "scenario": null, "condition_keys": [], \
"dependent_actions": [], "page": "boxes.json@2026-08-31", "line": 5}}], "resource_types": [], \
"condition_keys": [], "dependent_actions": [], "dependents": [], \
"dependents_state": "not in source", "dependents_page": null, \
"dependents_documented_on": null, \
"source": {{"page": "boxes.json@2026-08-31", "line": 5, "date": "2026-08-31", {SOURCE}, \
"first_seen": "2026-02-04", "last_seen": "2026-08-31", "removed": null, \
"removed_by": null, "incomplete": null}}
],
"resource_types": [],
"condition_keys": [],
"operations": [
{{"operation": "boxes:MakeOrder", "service_prefix": "boxes", "name": "MakeOrder", \
"sdk_clients": ["boxes"], "actions": ["boxes:GetBox"], \
"authorized": [{{"action": "boxes:GetBox", "condition_key": null, "condition_values": null, \
"sdk_client": "boxes", "page": "boxes.json@2026-08-31", "line": 18}}], \
"first_seen": "2026-08-31", "last_seen": "2026-08-31", "likely": false, "likely_source": null}}
],
"disagreements": []
}}
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    return dated(tmp_path_factory.mktemp("catalog"))


@pytest.fixture(scope="module")
def folder(path: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exports") / "json"
    export(path, folder, "json")
    return folder


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A catalog whose actions have rows, and its export."""
    folder = tmp_path_factory.mktemp("small")
    path = build_small_catalog(folder)
    export(path, folder / "json", "json")
    return path, folder / "json"


def plain(records: Any) -> Any:
    """Records as they come back from JSON."""
    return json.loads(json.dumps([asdict(record) for record in records]))


def lines(file: Path) -> list[Any]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def documents(folder: Path) -> list[Any]:
    return [json.loads(file.read_bytes()) for file in sorted((folder / "services").iterdir())]


def test_the_document_of_a_service_has_a_line_for_each_thing(path: str, folder: Path) -> None:
    text = (folder / "services" / "boxes.json").read_bytes().decode()

    with Catalog(path) as catalog:
        assert text == BOXES.replace("SHA256", catalog.service("boxes").pages[0].sha256)


def test_the_index_says_where_each_service_is(folder: Path) -> None:
    index = json.loads((folder / "index.json").read_bytes())
    levels = index.pop("access_levels")

    assert [level["access_level"] for level in levels] == [
        "List",
        "Read",
        "Write",
        "Permissions management",
        "Tagging",
    ]
    assert index == {
        "schema_version": 2,
        "as_of": "2026-08-31",
        "dependents_as_of": "2019-08-12",
        "requested_as_of": None,
        "services": [
            {
                "service_prefix": "boxes",
                "name": None,
                "aliases": ["Amazon boxes", "boxes ID", "Crates"],
                "file": "services/boxes.json",
                "actions": 1,
                "resource_types": 0,
                "condition_keys": 0,
                "operations": 1,
            },
            {
                "service_prefix": "orders",
                "name": "Example Orders",
                "aliases": [
                    "Amazon orders",
                    "boxes",
                    "Example Orders",
                    "orders ID",
                    "Orders, please",
                    "shop",
                ],
                "file": "services/orders.json",
                "actions": 2,
                "resource_types": 1,
                "condition_keys": 2,
                "operations": 2,
            },
        ],
    }


@pytest.mark.parametrize("which", ["dated", "small"])
def test_things_read_as_the_catalog_answers(
    which: str, path: str, folder: Path, small: tuple[str, Path]
) -> None:
    asked, written = {"dated": (path, folder), "small": small}[which]
    with Catalog(asked) as catalog:
        for document in documents(written):
            prefix = document["service_prefix"]
            names = [each.action for each in catalog.actions(service_prefix=prefix)]
            assert document["actions"] == plain(map(catalog.action, names))
            assert document["resource_types"] == plain(catalog.resource_types(prefix))
            assert document["condition_keys"] == plain(catalog.condition_keys(prefix))
            assert document["disagreements"] == plain(catalog.disagreements(prefix))
            assert document["pages"] == plain(catalog.service(prefix).pages)


def test_dependent_actions_that_nobody_knows_are_told_from_none(folder: Path) -> None:
    known = {
        each["action"]: (each["dependent_actions"], each["dependents_documented_on"])
        for name in ("actions", "removed_actions")
        for each in lines(folder / f"{name}.jsonl")
    }

    assert known == {
        "boxes:GetBox": ([], None),
        "depot:Store": ([], "2019-08-12"),
        "orders:GetOrder": ([], "2019-08-12"),
        "orders:PutOrder": (["iam:PassRole", "orders:GetOrder"], "2019-08-12"),
        "orders:PutOrders": ([], None),
    }


def test_operations_of_one_name_stay_with_their_services(folder: Path) -> None:
    found = {
        document["service_prefix"]: {
            each["operation"]: (each["sdk_clients"], each["actions"])
            for each in document["operations"]
        }
        for document in documents(folder)
    }

    assert found == {
        "boxes": {"boxes:MakeOrder": (["boxes"], ["boxes:GetBox"])},
        "orders": {
            "orders:MakeOrder": (["boxes", "shop"], ["orders:PutOrder", "orders:PutOrders"]),
            "orders:PutOrder": (["shop"], ["orders:PutOrder", "iam:PassRole"]),
        },
    }


def test_actions_of_all_services_are_lines_of_one_file(folder: Path) -> None:
    expected = [action for document in documents(folder) for action in document["actions"]]

    assert lines(folder / "actions.jsonl") == expected


def test_removed_actions_are_there_as_last_documented(path: str, folder: Path) -> None:
    with Catalog(path) as catalog:
        expected = plain(map(catalog.action, ("depot:Store", "orders:GetOrder")))

    assert [action["removed"] for action in expected] == ["2026-02-04", "2026-02-04"]
    assert lines(folder / "removed_actions.jsonl") == expected


def test_sample_policies_read_as_the_catalog_answers_and_have_their_text(
    path: str, folder: Path
) -> None:
    with Catalog(path) as catalog:
        samples = catalog.sample_policies()
        expected = [
            asdict(sample)
            | {"text": text}
            | {"actions": plain(catalog.actions_of_policy(sample.policy))}
            for sample, text in zip(samples, SAMPLE_TEXTS, strict=True)
        ]

    assert [sample.policy for sample in samples] == ["boxes:1", "depot:1", "guide:6"]
    assert lines(folder / "policies.jsonl") == expected


@pytest.mark.parametrize("name", LINES)
def test_other_tables_are_an_object_for_each_row(name: str, path: str, folder: Path) -> None:
    names = [column.name for column in exported_table(name).columns]

    assert lines(folder / f"{name}.jsonl") == [
        dict(zip(names, row, strict=True)) for row in rows_of(path, name)
    ]


def test_a_prefix_can_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    file = write_service(tmp_path, {"service_prefix": "../a b/é"})

    assert file.path == "services/..%2Fa%20b%2F%C3%A9.json"
    assert (tmp_path / file.path).read_text() == '{\n"service_prefix": "../a b/é"\n}\n'


@pytest.mark.parametrize("which", ["dated", "small"])
def test_files_fit_their_json_schema(which: str, folder: Path, small: tuple[str, Path]) -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    written = {"dated": folder, "small": small[1]}[which]
    schema = json.loads((written / "schema.json").read_bytes())
    validator = jsonschema.Draft202012Validator
    validator.check_schema(schema)

    def wrong(kind: str, values: list[Any]) -> list[str]:
        asked = {"$ref": f"#/$defs/{kind}", "$defs": schema["$defs"]}
        checking = validator(asked, format_checker=validator.FORMAT_CHECKER)
        return [error.message for value in values for error in checking.iter_errors(value)]

    assert wrong("index", [json.loads((written / "index.json").read_bytes())]) == []
    assert wrong("service", documents(written)) == []
    for kind, file in (
        ("action", "actions"),
        ("action", "removed_actions"),
        ("page_line", "pages"),
        ("problem_line", "problems"),
        ("change_line", "changes"),
        ("sample", "policies"),
        ("policy_document_line", "policy_documents"),
        ("policy_fragment_line", "policy_fragments"),
        ("policy_note_line", "policy_notes"),
    ):
        assert wrong(kind, lines(written / f"{file}.jsonl")) == []
    assert wrong("page_line", [{}]) != []


def test_the_package_names_the_schema_and_lists_it_not_as_data(folder: Path) -> None:
    package = json.loads((folder / PACKAGE).read_bytes())

    assert package["iam_catalog"]["json_schema"] == "schema.json"
    assert [resource["path"] for resource in package["resources"]] == [
        "index.json",
        "actions.jsonl",
        "removed_actions.jsonl",
        "policies.jsonl",
        "datasets.jsonl",
        "pages.jsonl",
        "problems.jsonl",
        "changes.jsonl",
        "policy_documents.jsonl",
        "policy_fragments.jsonl",
        "policy_notes.jsonl",
        "services/boxes.json",
        "services/orders.json",
    ]
