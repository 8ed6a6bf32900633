"""Write an export as JSON: a document for each service, an index of them, and lists a line each.

An action, resource type, condition key, operation, disagreement or sample policy reads as the
command for it prints it (`iam-catalog show --format json`); an action also says as of which date
its dependent actions are known. `schema.json` beside the files is their JSON Schema.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from iam_catalog.export import SCHEMA_VERSION
from iam_catalog.export.content import rows_of
from iam_catalog.export.folder import JSON_SCHEMA
from iam_catalog.export.package import File, summary_of, table_file
from iam_catalog.export.tables import exported_table
from iam_catalog.export.text_files import write_lines
from iam_catalog.facts import actions as _actions
from iam_catalog.facts import history as past
from iam_catalog.facts import keys as _keys
from iam_catalog.facts import resource_types as _resource_types
from iam_catalog.facts import services as _services
from iam_catalog.facts.exported import Content, operation_keys
from iam_catalog.facts.operations import operation_record
from iam_catalog.facts.overviews import access_levels, action_names
from iam_catalog.policy.samples import actions_of_policy, sample_policies
from iam_catalog.records import Operation
from iam_catalog.schema import SECTIONS
from iam_catalog.schema.model import Table, View

SCHEMA = "schema.json"
FIRST = (
    *("service_prefix", "name", "aliases", "first_seen", "last_seen", "removed", "removed_by"),
    "pages",
)
"""The first fields of the document of a service."""
LINES = (
    "datasets",
    "pages",
    "problems",
    "changes",
    "policy_documents",
    "policy_fragments",
    "policy_notes",
)
"""The tables that are not part of a service's document or of a sample policy."""


def _as_object(record: Any) -> dict[str, Any]:
    """Return the fields of a record, for the encoder, which knows none."""
    return {name: getattr(record, name) for name in record.__slots__}


encode = json.JSONEncoder(ensure_ascii=False, default=_as_object).encode


def write(content: Content, folder: Path) -> list[File]:
    """Write the documents, the lists and the schema."""
    services, entries, actions = [], [], 0
    with (folder / "actions.jsonl").open("w", encoding="utf-8", newline="\n") as lines:
        for prefix in content.service_prefixes():
            service = _as_object(_services.service(content.connection, prefix))
            document = _service_document(content.connection, service)
            services.append(write_service(folder, document))
            entries.append(_entry(service, services[-1].path))
            lines.writelines(f"{action}\n" for action in document["actions"])
            actions += len(document["actions"])
    return [
        _write_index(folder, content, entries),
        File("actions.jsonl", "actions.jsonl", "Every action, a line each.", rows=actions),
        _write_removed(folder, content),
        _write_policies(folder, content),
        *[_write_table(folder, content, exported_table(name)) for name in LINES],
        _write_schema(folder),
        *services,
    ]


def write_service(folder: Path, document: dict[str, Any]) -> File:
    prefix = document["service_prefix"]
    path = f"services/{quote(prefix, safe='')}.json"
    (folder / path).parent.mkdir(exist_ok=True)
    _write_document(folder / path, document)
    return File(f"service-{prefix.lower()}", path, f"Everything about the service {prefix}.")


class _Encoded(str):
    """Line of JSON that goes into a document as it is."""


def _service_document(connection: sqlite3.Connection, service: dict[str, Any]) -> dict[str, Any]:
    """Return everything about a service: its record, with lists in the place of their counts."""
    prefix = service["service_prefix"]
    document = {name: service[name] for name in (*FIRST, *service)}
    actions = (_actions.action(connection, name) for name in action_names(connection, prefix))
    return document | {
        "actions": _encoded(actions),
        "resource_types": _encoded(_resource_types.resource_types(connection, prefix)),
        "condition_keys": _encoded(_keys.condition_keys(connection, prefix)),
        "pages": _encoded(document["pages"]),
        "operations": _encoded(operations(connection, prefix)),
        "disagreements": _encoded(past.disagreements(connection, prefix)),
    }


def _encoded(records: Iterable[Any]) -> list[_Encoded]:
    return [_Encoded(encode(record)) for record in records]


def operations(connection: sqlite3.Connection, prefix: str) -> Iterator[Operation]:
    """Yield the operations of a service, whatever SDK clients have them."""
    for keys in operation_keys(connection, prefix):
        yield operation_record(connection, keys)


def _write_document(path: Path, document: dict[str, Any]) -> None:
    """Write an object with a line for each field, and for each element of a list of objects."""
    body = ",\n".join(f"{encode(name)}: {_value_text(value)}" for name, value in document.items())
    write_lines(path, ["{", body, "}"])


def _value_text(value: Any) -> str:
    if isinstance(value, list) and value and isinstance(value[0], _Encoded):
        return "[\n" + ",\n".join(value) + "\n]"
    return encode(value)


def _entry(service: dict[str, Any], path: str) -> _Encoded:
    """Make the _entry of a service in the index, with the counts that every answer gives of it."""
    known = {name: service[name] for name in ("service_prefix", "name", "aliases")}
    counts = {section: service[section] for section in SECTIONS}
    return _Encoded(encode({**known, "file": path, **counts}))


def _write_index(folder: Path, content: Content, entries: list[_Encoded]) -> File:
    summary = summary_of(content)
    document = {
        "schema_version": SCHEMA_VERSION,
        "as_of": summary.as_of,
        "dependents_as_of": summary.dependents_as_of,
        "requested_as_of": content.as_of,
        "access_levels": [
            _Encoded(encode({"access_level": each.access_level, "description": each.description}))
            for each in access_levels(content.connection)
        ],
        "services": entries,
    }
    _write_document(folder / "index.json", document)
    return File("index", "index.json", "The services, with the files that tell of them.")


def _write_removed(folder: Path, content: Content) -> File:
    """Write what was last documented of the actions that no source states any more."""
    names = content.removed_actions()
    actions = (encode(_actions.action(content.connection, name)) for name in names)
    rows = write_lines(folder / "removed_actions.jsonl", actions)
    text = "Actions that no source states any more, as last documented, a line each."
    return File("removed_actions.jsonl", "removed_actions.jsonl", text, rows=rows)


def _write_policies(folder: Path, content: Content) -> File:
    """Write the sample policies, each with its text and with what it names."""
    texts = content.policy_texts()
    policies = (
        _as_object(sample)
        | {"text": texts[sample.policy]}
        | {"actions": actions_of_policy(content.connection, sample.policy)}
        for sample in sample_policies(content.connection)
        if sample.policy in texts
    )
    rows = write_lines(folder / "policies.jsonl", map(encode, policies))
    text = "Sample policies with their text and the actions that they name, a line each."
    return File("policies.jsonl", "policies.jsonl", text, rows=rows)


def _write_table(folder: Path, content: Content, table: Table | View) -> File:
    """Write a table with an object for each row, a line each."""
    names = [column.name for column in table.columns]
    objects = (encode(dict(zip(names, row, strict=True))) for row in rows_of(content, table))
    rows = write_lines(folder / f"{table.name}.jsonl", objects)
    return table_file(table, "jsonl", rows)


def _write_schema(folder: Path) -> File:
    text = Path(__file__).with_name(SCHEMA).read_text(encoding="utf-8")
    write_lines(folder / SCHEMA, text.splitlines())
    return File(JSON_SCHEMA, SCHEMA, "The JSON Schema of the other files.")
