"""The schemas of the exports, from the records, the tables and their descriptions.

`iam_catalog/export/schema.json` and the tables of docs/exports.md are what this makes: written with
`--rewrite-expected`, and reviewed, because they are a promise.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterable, Iterator
from dataclasses import fields
from functools import cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from iam_catalog import records
from iam_catalog.export import SCHEMA_VERSION
from iam_catalog.export.tables import column_text, exported_table, exported_tables, table_text
from iam_catalog.policy import samples
from iam_catalog.schema.model import DATE, Column, Table, View

RECORDS: dict[Any, tuple[str, str]] = {
    records.Source: ("What states a fact: a page of AWS, or a public dataset.", "pages"),
    records.Page: (
        "A source, in its newest form: a page of AWS, or what a public dataset says of a service.",
        "pages",
    ),
    records.Action: ("An action, a line of actions.jsonl and removed_actions.jsonl.", "actions"),
    records.ActionRow: (
        "A row of the source: a resource type with the keys and dependent actions beside it.",
        "action_rows",
    ),
    records.DependentAction: ("A dependent action with its source.", "dependent_actions"),
    records.ResourceType: ("A resource type.", "resource_types"),
    records.ConditionKey: (
        "A condition key, as one source of the service defines it.",
        "condition_key_definitions",
    ),
    records.Operation: ("An API operation, which is what programs call.", "operations"),
    records.AuthorizedAction: (
        "An action that an operation needs, with its condition.",
        "operation_actions",
    ),
    records.Disagreement: (
        "What one source says of a subject, where another one of the same time says otherwise.",
        "disagreements",
    ),
    samples.Sample: ("A sample policy, a line of policies.jsonl.", "policies"),
    samples.NamedActions: (
        "What a sample policy names at one place, and what the catalog documents of it.",
        "policy_actions",
    ),
}
"""What each kind of object is, and the table whose columns its fields are."""

BESIDE: dict[Any, dict[str, tuple[str, str]]] = {
    samples.Sample: {
        "text": ("string", "The policy itself, which is JSON, as its document shows it."),
        "actions": ("named_actions*", "What it names, statement by statement, as it is written."),
    },
}
"""Fields that a line has beside those of its record."""

TEXTS = {
    "source": "What states it.",
    "arn_formats": "Its ARN formats, as the source writes them.",
    "sdk_clients": "AWS SDK clients that have the operation, in the spelling of Boto3.",
    "sdk_client": "AWS SDK client whose operation needs it; null where the source names none.",
    "rows": "The rows of its source that are about the action.",
    ("ResourceType", "condition_keys"): "The condition keys of the resource type.",
    ("ActionRow", "condition_keys"): "The condition keys of the row.",
    (
        "ActionRow",
        "dependent_actions",
    ): "The dependent actions of the row, as the source writes them.",
    ("Sample", "date"): "Date of the document; null where it does not say.",
    ("NamedActions", "documented"): "True where the catalog documents what the pattern matches; "
    "null where it holds no action table of the service: then nothing is known.",
    ("Operation", "actions"): "The actions that it needs, in AWS's order without repeats.",
}
"""Of fields that are no columns, and whose docstrings say nothing or count on their names."""

SERVICE = {
    "service_prefix": ("string", "What stands before the colon in the service's action names."),
    "name": (
        "string?",
        "Name of the service as its source spells it; null where no held source says it.",
    ),
    "aliases": ("string*", "Other names that it goes or went by: titles, slugs and SDK clients."),
    "first_seen": ("date?", "Date of the oldest source that states it, without a gap since."),
    "last_seen": ("date?", "Date of the newest source that states it."),
    "removed": ("date?", "Always null: a service that is gone has no document."),
    "removed_by": ("string?", "Always null, for the same reason."),
    "pages": ("page*", "Its current sources, with what each section of them says."),
    "actions": ("action*", "Its actions, by name."),
    "resource_types": ("resource_type*", "Its resource types, by name."),
    "condition_keys": ("condition_key*", "Every definition of a condition key in its sources."),
    "operations": ("operation*", "Its operations, by name."),
    "disagreements": ("disagreement*", "What its current sources state differently."),
}
NOT_KNOWN = "; null where no held source of it has a place for them."
ENTRY = {
    **{name: SERVICE[name] for name in ("service_prefix", "name", "aliases")},
    "file": ("string", "Path of its document, from the folder of the export."),
    "actions": ("integer?", f"Number of its actions{NOT_KNOWN}"),
    "resource_types": ("integer?", f"Number of its resource types{NOT_KNOWN}"),
    "condition_keys": (
        "integer?",
        f"Number of condition keys that its sources define, each once{NOT_KNOWN}",
    ),
    "operations": ("integer?", f"Number of its operations{NOT_KNOWN}"),
}
LEVEL = {
    "access_level": ("string", "The level, as AWS spells it."),
    "description": ("string", "What actions of this level do."),
}
INDEX = {
    "schema_version": ("integer", "Version of the schema of the export."),
    "as_of": ("date?", "Date of the newest source: as of it the facts of the export stand."),
    "dependents_as_of": ("date?", "The same of dependent actions; null where none are known."),
    "requested_as_of": ("date?", "The date that was asked for; null where none was."),
    "access_levels": ("access_level*", "AWS's five access levels."),
    "services": ("service_entry*", "The services, by prefix."),
}
"""The fields of the documents; ? may be null, * is a list."""

LINES = {
    "datasets": "dataset_line",
    "pages": "page_line",
    "problems": "problem_line",
    "changes": "change_line",
    "policy_documents": "policy_document_line",
    "policy_fragments": "policy_fragment_line",
    "policy_notes": "policy_note_line",
}
"""The tables that are files of lines, and what a row of each is."""


def json_schema() -> dict[str, Any]:
    """The JSON Schema of the files of a JSON export."""
    definitions = {
        "index": written_object("index.json: the services, with the files of each.", INDEX),
        "access_level": written_object("An access level.", LEVEL),
        "service_entry": written_object("What the index says of a service.", ENTRY),
        "service": written_object("services/PREFIX.json: everything about a service.", SERVICE),
        **{snake(kind): record_object(kind) for kind in RECORDS},
        **{name: table_object(exported_table(table)) for table, name in LINES.items()},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"JSON export of iam-catalog, version {SCHEMA_VERSION}",
        "description": "index.json is an index, services/*.json are services, and a line of "
        "actions.jsonl and removed_actions.jsonl is an action, one of policies.jsonl a sample; a "
        f"line of {listed([f'{table}.jsonl' for table in LINES])} is a {listed(LINES.values())}. "
        "Fields may be added.",
        "$defs": definitions,
    }


def listed(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}"


def described_object(text: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "description": text,
        "type": "object",
        "properties": properties,
        "required": list(properties),
    }


def written_object(text: str, written: dict[str, tuple[str, str]]) -> dict[str, Any]:
    return described_object(text, written_fields(written))


def written_fields(written: dict[str, tuple[str, str]]) -> dict[str, Any]:
    return {
        name: written_type(kind) | {"description": said} for name, (kind, said) in written.items()
    }


def written_type(kind: str) -> dict[str, Any]:
    if kind.endswith("*"):
        return {"type": "array", "items": written_type(kind[:-1])}
    name = kind.rstrip("?")
    if name == "date":
        return dated(kind.endswith("?"))
    if name in ("string", "integer", "boolean"):
        return {"type": [name, "null"] if kind.endswith("?") else name}
    return {"$ref": f"#/$defs/{name}"}


def dated(null: bool) -> dict[str, Any]:
    return {"type": ["string", "null"] if null else "string", "format": "date"}


def snake(kind: Any) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind.__name__).lower()


def record_object(kind: Any) -> dict[str, Any]:
    text, table = RECORDS[kind]
    hints = get_type_hints(kind)
    properties = {}
    for field in fields(kind):
        described = hinted_type(hints[field.name])
        if field.name in dates():
            described["format"] = "date"
        properties[field.name] = described | {"description": field_text(kind, field.name, table)}
    return described_object(text, properties | written_fields(BESIDE.get(kind, {})))


@cache
def dates() -> set[str]:
    """Name the columns that are dates; a field of that name is one too."""
    columns = [column for table in exported_tables() for column in table.columns]
    return {column.name for column in columns if column.type == DATE}


def hinted_type(hint: Any) -> dict[str, Any]:
    if get_origin(hint) is tuple:
        return {"type": "array", "items": hinted_type(get_args(hint)[0])}
    if get_origin(hint) is UnionType:
        (one,) = [each for each in get_args(hint) if each is not NoneType]
        return {"type": [hinted_type(one)["type"], "null"]}
    if get_origin(hint) is dict:
        return {"type": "object", "additionalProperties": hinted_type(get_args(hint)[1])}
    if hint in RECORDS:
        return {"$ref": f"#/$defs/{snake(hint)}"}
    return {"type": {str: "string", int: "integer", bool: "boolean"}[hint]}


def column_of(table: str, name: str) -> Column | None:
    return next((each for each in exported_table(table).columns if each.name == name), None)


def field_text(kind: Any, name: str, table: str) -> str:
    """What is said here or in the docstring of a field, else of the column of its name."""
    key = (kind.__name__, name)
    said = TEXTS.get(key) or docstrings().get(key) or TEXTS.get(name)
    if said is None:
        column = column_of(table, name)
        assert column, f"nothing says what {name} of {kind.__name__} is"
        said = column_text(column)
    return in_json(said)


def in_json(text: str) -> str:
    """*text* in the words of JSON, where Python says None and CSV has nothing."""
    words = re.sub(
        r"\bNone(?= (?:where|for|while|on|in))|\bempty(?= (?:where|on a|in a|for))|(?<=else )empty",
        "null",
        text,
    )
    return words.replace("`", "")


def docstrings() -> dict[tuple[str, str], str]:
    """The docstrings of the records' fields."""
    return {
        key: text
        for module in (records, samples)
        for key, text in field_docstrings(ast.parse(inspect.getsource(module)))
    }


def field_docstrings(tree: ast.Module) -> Iterator[tuple[tuple[str, str], str]]:
    for record in tree.body:
        if not isinstance(record, ast.ClassDef):
            continue
        for field, text in zip(record.body, record.body[1:], strict=False):
            if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr):
                assert isinstance(field.target, ast.Name)
                assert isinstance(text.value, ast.Constant)
                yield (record.name, field.target.id), " ".join(str(text.value.value).split())


def table_object(table: Table | View) -> dict[str, Any]:
    properties = {}
    for column in table.columns:
        text = in_json(column_text(column))
        null = "" if table.required(column) else "?"
        properties[column.name] = written_type(f"{column.type}{null}") | {"description": text}
    return described_object(table_text(table), properties)


def tables_markdown() -> str:
    """Every table with its columns, for docs/exports.md."""
    return "\n".join(table_markdown(table) for table in exported_tables())


def table_markdown(table: Table | View) -> str:
    references = {each.column: f"key of {each.table}" for each in table.references}
    rows = []
    for column in table.columns:
        name = f"**`{column.name}`**" if column.name in table.key else f"`{column.name}`"
        null = "" if table.required(column) else "or null"
        facts = [column.type, null, references.get(column.name, "")]
        kind = ", ".join(filter(None, facts))
        rows.append((name, kind, column_text(column)))
    return markdown(table.name, table_text(table), "Column", rows)


def objects_markdown() -> str:
    """Every kind of object in a JSON export with its fields, for docs/exports.md."""
    definitions = json_schema()["$defs"]
    kept = [name for name in definitions if name not in LINES.values()]
    return "\n".join(object_markdown(name, definitions[name]) for name in kept)


def object_markdown(name: str, described: dict[str, Any]) -> str:
    rows = [
        (f"`{field}`", type_name(each), each["description"])
        for field, each in described["properties"].items()
    ]
    return markdown(name, described["description"], "Field", rows)


def type_name(described: dict[str, Any]) -> str:
    """`list of action`, `date, or null`"""
    if "$ref" in described:
        return str(described["$ref"].rpartition("/")[2])
    if described["type"] == "array":
        return f"list of {type_name(described['items'])}"
    kinds = described["type"] if isinstance(described["type"], list) else [described["type"]]
    return ", or ".join([described.get("format", kinds[0]), *kinds[1:]])


def markdown(title: str, text: str, head: str, rows: list[tuple[str, str, str]]) -> str:
    lines = [f"### {title}", "", text, "", f"| {head} | Type | Meaning |", "|---|---|---|"]
    lines += [f"| {name} | {kind} | {said} |" for name, kind, said in rows]
    return "\n".join([*lines, ""])
