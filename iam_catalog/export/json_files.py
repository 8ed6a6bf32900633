"""Writes an export as JSON: a document for each service, an index of them, and lists a line each.

An action, resource type, condition key, operation, disagreement or sample policy reads as the
command for it prints it (`iam-catalog show --format json`); an action also says as of which date
its dependent actions are known. `schema.json` beside the files is their JSON Schema.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import quote

from iam_catalog.export import SCHEMA_VERSION
from iam_catalog.export.content import Content
from iam_catalog.export.folder import JSON_SCHEMA
from iam_catalog.export.package import File, summary_of, table_file
from iam_catalog.export.tables import BY_NAME, OF_POLICY, OWN, exported_table
from iam_catalog.export.text_files import write_lines
from iam_catalog.facts.actions import action
from iam_catalog.facts.history import disagreements
from iam_catalog.facts.keys import condition_keys
from iam_catalog.facts.operations import operation_record
from iam_catalog.facts.resource_types import resource_types
from iam_catalog.facts.services import service as service_record
from iam_catalog.policy.samples import actions_of_policy, sample_policies
from iam_catalog.records import Operation
from iam_catalog.schema import SECTIONS
from iam_catalog.schema.model import Table, View

SCHEMA = "schema.json"
FIRST = (
    *("service_prefix", "name", "aliases", "first_seen", "last_seen", "removed", "removed_by"),
    "pages",
)
"""What the document of a service starts with."""
LINES = (
    "datasets",
    "pages",
    "problems",
    "changes",
    "policy_documents",
    "policy_fragments",
    "policy_notes",
)
"""The tables that are no part of a service's document or of a sample policy."""


def as_object(record: Any) -> dict[str, Any]:
    """The fields of a record, for the encoder, which knows none."""
    return {name: getattr(record, name) for name in record.__slots__}


encode = json.JSONEncoder(ensure_ascii=False, default=as_object).encode


def write_json(content: Content, folder: Path) -> list[File]:
    """Write the documents, the lists and the schema."""
    services, entries, actions = [], [], 0
    with (folder / "actions.jsonl").open("w", encoding="utf-8", newline="\n") as lines:
        for prefix in prefixes(content):
            service = as_object(service_record(content.connection, prefix))
            document = service_document(content.connection, service)
            services.append(write_service(folder, document))
            entries.append(entry(service, services[-1].path))
            lines.writelines(f"{action}\n" for action in document["actions"])
            actions += len(document["actions"])
    return [
        write_index(folder, content, entries),
        File("actions.jsonl", "actions.jsonl", "Every action, a line each.", rows=actions),
        write_removed(folder, content),
        write_policies(folder, content),
        *[write_table(folder, content, exported_table(name)) for name in LINES],
        write_schema(folder),
        *services,
    ]


def write_service(folder: Path, document: dict[str, Any]) -> File:
    prefix = document["service_prefix"]
    path = f"services/{quote(prefix, safe='')}.json"
    (folder / path).parent.mkdir(exist_ok=True)
    write_document(folder / path, document)
    return File(f"service-{prefix.lower()}", path, f"Everything about the service {prefix}.")


def prefixes(content: Content) -> list[str]:
    sql = "select service_prefix from services where {chosen} order by service_prefix"
    return [prefix for (prefix,) in content.query(sql, OWN).fetchall()]


class Encoded(str):
    """A line of JSON, which is part of a document as it stands."""


def service_document(connection: sqlite3.Connection, service: dict[str, Any]) -> dict[str, Any]:
    """Everything about a service: the record of it, with things in the place of their numbers."""
    prefix = service["service_prefix"]
    document = {name: service[name] for name in (*FIRST, *service)}
    names = connection.execute(
        "select action from actions where service_prefix = ? order by action", (prefix,)
    )
    actions = (action(connection, name) for (name,) in names.fetchall())
    return document | {
        "actions": encoded(actions),
        "resource_types": encoded(resource_types(connection, prefix)),
        "condition_keys": encoded(condition_keys(connection, prefix)),
        "pages": encoded(document["pages"]),
        "operations": encoded(operations(connection, prefix)),
        "disagreements": encoded(disagreements(connection, prefix)),
    }


def encoded(records: Iterable[Any]) -> list[Encoded]:
    return [Encoded(encode(record)) for record in records]


def operations(connection: sqlite3.Connection, prefix: str) -> Iterator[Operation]:
    """The operations of a service, whatever SDK clients have them."""
    rows = connection.execute(
        "select operation, name from operations where service_prefix = ? order by name, operation",
        (prefix,),
    ).fetchall()
    for _, same in groupby(rows, key=lambda row: row[1].lower()):
        yield operation_record(connection, [key for key, _ in same])


def write_document(path: Path, document: dict[str, Any]) -> None:
    """Write an object with a line for each field, and for each element of a list of objects."""
    body = ",\n".join(f"{encode(name)}: {value_text(value)}" for name, value in document.items())
    write_lines(path, ["{", body, "}"])


def value_text(value: Any) -> str:
    if isinstance(value, list) and value and isinstance(value[0], Encoded):
        return "[\n" + ",\n".join(value) + "\n]"
    return encode(value)


def entry(service: dict[str, Any], path: str) -> Encoded:
    """Make the entry of a service in the index, with the counts that every answer gives of it."""
    known = {name: service[name] for name in ("service_prefix", "name", "aliases")}
    counts = {section: service[section] for section in SECTIONS}
    return Encoded(encode({**known, "file": path, **counts}))


def write_index(folder: Path, content: Content, entries: list[Encoded]) -> File:
    summary = summary_of(content)
    levels = content.connection.execute(
        "select access_level, description from access_levels order by position"
    )
    document = {
        "schema_version": SCHEMA_VERSION,
        "as_of": summary.as_of,
        "dependents_as_of": summary.dependents_as_of,
        "requested_as_of": content.as_of,
        "access_levels": [
            Encoded(encode({"access_level": level, "description": text})) for level, text in levels
        ],
        "services": entries,
    }
    write_document(folder / "index.json", document)
    return File("index", "index.json", "The services, with the files that tell of them.")


def write_removed(folder: Path, content: Content) -> File:
    """Write what was last documented of the actions that no source states any more."""
    sql = "select action from removed_actions where {chosen} order by action"
    names = content.query(sql, BY_NAME).fetchall()
    actions = (encode(action(content.connection, name)) for (name,) in names)
    rows = write_lines(folder / "removed_actions.jsonl", actions)
    text = "Actions that no source states any more, as last documented, a line each."
    return File("removed_actions.jsonl", "removed_actions.jsonl", text, rows=rows)


def write_policies(folder: Path, content: Content) -> File:
    """Write the sample policies, each with its text and with what it names."""
    sql = "select policy, text from policies where {chosen}"
    texts = dict(content.query(sql, OF_POLICY).fetchall())
    policies = (
        as_object(sample)
        | {"text": texts[sample.policy]}
        | {"actions": actions_of_policy(content.connection, sample.policy)}
        for sample in sample_policies(content.connection)
        if sample.policy in texts
    )
    rows = write_lines(folder / "policies.jsonl", map(encode, policies))
    text = "Sample policies with their text and the actions that they name, a line each."
    return File("policies.jsonl", "policies.jsonl", text, rows=rows)


def write_table(folder: Path, content: Content, table: Table | View) -> File:
    """Write a table with an object for each row, a line each."""
    names = [column.name for column in table.columns]
    objects = (encode(dict(zip(names, row, strict=True))) for row in content.rows(table))
    rows = write_lines(folder / f"{table.name}.jsonl", objects)
    return table_file(table, "jsonl", rows)


def write_schema(folder: Path) -> File:
    text = Path(__file__).with_name(SCHEMA).read_text(encoding="utf-8")
    write_lines(folder / SCHEMA, text.splitlines())
    return File(JSON_SCHEMA, SCHEMA, "The JSON Schema of the other files.")
