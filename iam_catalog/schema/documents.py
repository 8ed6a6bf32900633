"""Write what people read of the schema: the tables of metadata.json, and docs/schema.md.

Both files are committed. The tests compare them with what this module writes, and write them anew
with `--rewrite-expected`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from iam_catalog.schema import VERSION, tables
from iam_catalog.schema.declarations.sources import SOURCE
from iam_catalog.schema.model import Column, FullText, Table, View, site_text, without_site

GROUPS = {
    "services": "Services and their names",
    "actions": "Actions, with what they need and apply to",
    "resources": "Resource types and condition keys",
    "operations": "Operations: API calls, and the actions that they need",
    "sources": "Sources: the files that every fact comes from",
    "history": "What sources of other dates state, and where sources disagree",
    "policies": "Sample policies: examples that documents show, not facts of AWS",
}
"""The parts of docs/schema.md in the order in which a newcomer reads them, with their titles."""


def metadata_text(text: str) -> str:
    """Return the text of metadata.json with the tables of the declaration.

    All else in it is written by hand and stays: titles, the start page, canned queries.
    """
    document = json.loads(text)
    document["databases"]["catalog"]["tables"] = _metadata_tables()
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _metadata_tables() -> dict[str, Any]:
    """Describe every table and view for Datasette, in the order of the schema."""
    indexes = {index.table: index for index in tables.FULL_TEXTS}
    described = {
        table.name: _metadata(table, indexes.get(table.name)) for table in tables.EVERYTHING
    }
    return described | {index.name: _index_metadata(index) for index in tables.FULL_TEXTS}


def _metadata(table: Table | View, index: FullText | None) -> dict[str, Any]:
    found: dict[str, Any] = {"hidden": True} if table.hidden else {}
    found["description"] = site_text(table.description)
    if table.label:
        found["label_column"] = table.label
    if table.facets:
        found["facets"] = list(table.facets)
    if table.sort:
        found["sort_desc" if table.descending else "sort"] = table.sort
    if index:
        found |= {"fts_table": index.name, "fts_pk": "rowid"}
    found["columns"] = {column.name: site_text(column.description) for column in table.columns}
    return found


def _index_metadata(index: FullText) -> dict[str, Any]:
    return {
        "hidden": True,
        "description": f"Full-text index of {index.table}, which has the values; search on the "
        f"page of {index.table} instead.",
        "columns": dict(zip(index.columns, _indexed(index), strict=True)),
    }


def _indexed(index: FullText) -> list[str]:
    """Say what is found under each column of a full-text index."""
    names = f"{index.table}.{index.key}, found also by the words {index.words}."
    return [names] if index.described is None else [names, f"{index.table}.{index.described}."]


def schema_page() -> str:
    """Write docs/schema.md: every table, view and index, with diagrams."""
    return "\n".join([*_head(), *_diagram_of_all(), *_groups(), *_tail()])


_HEAD = """# The schema of catalog.db

`catalog.db` is one SQLite file of {tables} tables and {views} views. This page is written from
their declaration in `iam_catalog/schema/`; it describes version {version} (`PRAGMA user_version`).

How to read it:

- A **key** identifies a row. Keys are texts that a person can read: `connect:CreateInstance`.
- `→ table` says that a column holds keys of that table.
- *or null*: the value can be absent, or unknown; the text of the column says when, and calls it
  "empty". Columns of views can all be null.
- *boolean* is stored as 1 or 0, *date* as text (ISO 8601).
- *any case*: values compare without case, as IAM does.
- *Source columns* are those of every fact: which source states it, and between which dates. They
  are described [once](#source-columns).
- *Past*: the table `past_NAME` [holds](#the-past) the rows that later sources replaced.
"""


def _head() -> Iterator[str]:
    yield _HEAD.format(tables=len(tables.TABLES), views=len(tables.VIEWS), version=VERSION)
    yield "Parts:\n"
    for group, title in GROUPS.items():
        members = ", ".join(f"[{each.name}](#{each.name})" for each in _members(group))
        yield f"- **{title}**: {members}"
    yield ""


def _members(group: str) -> list[Table | View]:
    return [
        each for each in tables.EVERYTHING if each.group == group and each not in tables.PAST_TABLES
    ]


def _diagram_of_all() -> Iterator[str]:
    """Draw how the tables of the main parts refer to one another, without their columns."""
    yield "## All tables\n"
    yield "A line is a reference: many rows at the fork, one or none at the other end. The column"
    yield "`page`, by which every fact refers to its source, is left out; so are sample policies.\n"
    shown = [table for table in tables.TABLES if table.group != "policies"]
    yield from _diagram(shown, columns=False)


def _diagram(shown: Iterable[Table], *, columns: bool) -> Iterator[str]:
    """Draw tables with their keys and references, as Mermaid's entities and relationships."""
    yield "```mermaid"
    yield "erDiagram"
    for table in shown:
        if columns:
            yield from _entity(table)
        optional = {column.name for column in table.columns if column.null}
        for reference in table.references:
            if reference.column != SOURCE[0].name:
                one = "|o" if reference.column in optional else "||"
                yield f"    {reference.table} {one}--o{{ {table.name} : {reference.column}"
    yield "```\n"


def _entity(table: Table) -> Iterator[str]:
    """Draw the box of a table: its key, and the columns that refer to other tables."""
    yield f"    {table.name} {{"
    for column in table.columns:
        marks = ["PK"] if column.name in table.key else []
        marks += ["FK"] if column.references and column not in SOURCE else []
        if marks:
            yield f"        {column.type} {column.name} {', '.join(marks)}"
    yield "    }"


def _groups() -> Iterator[str]:
    for group, title in GROUPS.items():
        yield f"## {title}\n"
        members = _members(group)
        yield from _diagram([each for each in members if isinstance(each, Table)], columns=True)
        for table in members:
            yield from _described(table)


def _described(table: Table | View) -> Iterator[str]:
    """Describe a table or view, with a line for each column."""
    yield f"### {table.name}\n"
    yield f"{without_site(table.description)}\n"
    if isinstance(table, View):
        yield f"A view of {', '.join(f'`{name}`' for name in read_by(table))}.\n"
    else:
        yield from _table_facts(table)
    columns = [column for column in table.columns if column not in SOURCE]
    yield "| Column | Type | Meaning |"
    yield "|---|---|---|"
    references = {each.column: each.table for each in table.references}
    for column in columns:
        yield _row(table, column, references.get(column.name))
    yield ""


def _table_facts(table: Table) -> Iterator[str]:
    facts = [f"Key: {', '.join(f'`{name}`' for name in table.key)}"]
    if set(SOURCE) <= set(table.columns):
        facts.append("has the [source columns](#source-columns)")
    if table.past:
        facts.append("has a [past](#the-past)")
    if any(index.table == table.name for index in tables.FULL_TEXTS):
        facts.append(f"full-text index `{table.name}_fts`")
    yield f"{'; '.join(facts)}.\n"
    for check in table.checks:
        yield f"- In every row: `{check}`"
    if table.checks:
        yield ""


def _row(table: Table | View, column: Column, to: str | None) -> str:
    """Write the line of a column; "|" would end its cell."""
    name = f"**`{column.name}`**" if column.name in table.key else f"`{column.name}`"
    facts = [column.type]
    if isinstance(table, Table):
        facts += [*(["or null"] if column.null else []), *(["any case"] if column.nocase else [])]
    if to:
        facts.append(f"→ [{to}](#{to})")
    text = without_site(column.description).replace("|", "\\|")
    if column.values and not all(value in text for value in column.values):
        text += f" Allowed: {', '.join(column.values)}."
    return f"| {name} | {', '.join(facts)} | {text} |"


def read_by(view: View) -> list[str]:
    """List the tables and views that a view reads, in the order of the schema."""
    named = set(re.findall(r"\b(?:from|join) (\w+)", view.select))
    return [each.name for each in tables.EVERYTHING if each.name in named]


def _tail() -> Iterator[str]:
    yield "## Source columns\n\n| Column | Type | Meaning |\n|---|---|---|"
    for column in SOURCE:
        yield _row(tables.TABLES[0], column, column.references.partition(".")[0] or None)
    past = ", ".join(f"`{name}`" for name in tables.PAST)
    yield f"""
## The past

A row of {past} moves to `past_NAME` when a later source states it otherwise, or no longer.
That table has the same columns, no key, and:

| Column | Type | Meaning |
|---|---|---|"""
    table = tables.PAST_TABLES[0]
    for column in table.columns[-3:]:
        yield _row(table, column, None)
    yield "\n## Full-text indexes\n"
    yield "FTS5 with external content: columns, values and `rowid` are those of the table. What"
    yield "rebuilds an index from its table loses the words in names.\n"
    yield "| Index | Columns | Names are found also by the words |\n|---|---|---|"
    for index in tables.FULL_TEXTS:
        columns = ", ".join(f"`{each}`" for each in index.columns)
        yield f"| `{index.name}` | {columns} | {index.words} |"
    yield "\n## Indexes\n\n| Table | Columns |\n|---|---|"
    for each in tables.INDEXES:
        where = f" where `{each.where}`" if each.where else ""
        yield f"| `{each.table}` | {', '.join(f'`{by}`' for by in each.by)}{where} |"
    yield ""
