"""The tables and views of `catalog.db`: the contract between the scraper and the queries.

The DDL is SQL text because keys compare without case (`COLLATE NOCASE`), which IAM does for
action names, service prefixes and condition keys; resource type names keep their case. Keys are
texts that a person can read, so that Datasette's addresses and links are readable too. Absent is
NULL or no row, never an empty string.
"""

from __future__ import annotations

from iam_catalog.identity import APPLICATION_ID, VERSION
from iam_catalog.names import folded_sql
from iam_catalog.schema_policies import POLICY_INDEXES, POLICY_TABLES, POLICY_VIEWS
from iam_catalog.views import VIEWS

__all__ = [
    "ACCESS_LEVEL_ROWS",
    "APPLICATION_ID",
    "DDL",
    "DETAILS",
    "INDEXES",
    "PAST",
    "PAST_TABLES",
    "SEARCH",
]
__all__ += ["SEARCHED", "SECTIONS", "TABLES", "VERSION", "VIEWS", "columns"]

SECTIONS = ("actions", "resource_types", "condition_keys", "operations")
DETAILS = (
    *("access_levels", "descriptions", "permission_only", "row_pairing", "required", "scenarios"),
    *("dependent_actions", "key_types", "key_descriptions", "addresses"),
)
"""The sections of pages and the details of their rows: `pages` has a column of states for each."""

TABLES = """
create table access_levels (
    access_level text primary key,
    position integer not null unique,
    description text not null
);
create table services (
    service_prefix text primary key collate nocase,
    name text check (name <> ''),
    place text check (place <> ''),
    {source}
);
create table service_aliases (
    alias text not null collate nocase,
    kind text not null check (kind in ('prefix', 'name', 'slug', 'SDK client', 'nickname')),
    service_prefix text not null collate nocase,
    first_seen text,
    last_seen text,
    primary key (alias, kind, service_prefix)
) without rowid;
create table datasets (
    dataset text primary key,
    name text not null,
    version text check (version <> ''),
    date text,
    url text check (url <> ''),
    publisher text check (publisher <> ''),
    licence text check (licence <> ''),
    file text not null,
    sha256 text not null
);
create table pages (
    page text primary key,
    title text,
    slug text not null,
    service_prefix text not null collate nocase,
    service_name text,
    format text not null,
    date text,
    last_date text,
    replaced text,
    lineage text not null,
    {states},
    actions_rows integer not null,
    actions_recorded integer not null,
    actions_in_error integer not null,
    resource_types_rows integer not null,
    resource_types_recorded integer not null,
    resource_types_in_error integer not null,
    condition_keys_rows integer not null,
    condition_keys_recorded integer not null,
    condition_keys_in_error integer not null,
    operations_rows integer not null,
    operations_recorded integer not null,
    operations_in_error integer not null,
    url text,
    url_then text,
    dataset text references datasets(dataset),
    incomplete integer not null check (incomplete in (0, 1)),
    all_services integer not null check (all_services in (0, 1)),
    publisher text,
    licence text,
    file text not null,
    sha256 text not null,
    check (actions_rows = actions_recorded + actions_in_error),
    check (resource_types_rows = resource_types_recorded + resource_types_in_error),
    check (condition_keys_rows = condition_keys_recorded + condition_keys_in_error),
    check (operations_rows = operations_recorded + operations_in_error)
);
create table page_dates (
    page text not null references pages(page),
    date text not null,
    primary key (page, date)
) without rowid;
create table problems (
    problem text primary key,
    page text references pages(page),
    file text not null,
    line integer,
    place text check (place <> ''),
    kind text not null,
    text text not null,
    reason text not null
);
create table actions (
    action text primary key collate nocase,
    service_prefix text not null collate nocase references services(service_prefix),
    name text not null collate nocase,
    access_level text references access_levels(access_level),
    description text check (description <> ''),
    permission_only integer check (permission_only in (0, 1)),
    url text check (url <> ''),
    details_page text not null references pages(page),
    details_line integer,
    dependents_page text references pages(page),
    incomplete integer not null check (incomplete in (0, 1)),
    place text check (place <> ''),
    {source}
);
create table action_access_levels (
    action text not null collate nocase references actions(action),
    access_level text not null references access_levels(access_level),
    position integer not null,
    {source},
    primary key (action, access_level)
) without rowid;
create table resource_types (
    resource_type text primary key,
    service_prefix text not null collate nocase references services(service_prefix),
    name text not null,
    url text check (url <> ''),
    incomplete integer not null check (incomplete in (0, 1)),
    place text check (place <> ''),
    {source}
);
create table arn_formats (
    arn_format text primary key,
    resource_type text not null references resource_types(resource_type),
    format text not null,
    partition text check (partition <> ''),
    service text check (service <> ''),
    region text check (region <> ''),
    account text check (account <> ''),
    resource text check (resource <> ''),
    {source}
);
create table condition_keys (
    condition_key text primary key collate nocase,
    type text,
    description text
);
create table condition_key_definitions (
    definition text primary key,
    condition_key text not null collate nocase references condition_keys(condition_key),
    key_as_written text not null,
    service_prefix text not null collate nocase references services(service_prefix),
    type text check (type <> ''),
    description text check (description <> ''),
    url text check (url <> ''),
    place text check (place <> ''),
    {source}
);
create table action_rows (
    action_row text primary key,
    action text not null collate nocase references actions(action),
    position integer not null,
    scenario text check (scenario <> ''),
    resource_type text references resource_types(resource_type),
    resource_type_name text check (resource_type_name <> ''),
    required integer check (required in (0, 1)),
    {source}
);
create table action_condition_keys (
    action_row text not null references action_rows(action_row),
    action text not null collate nocase references actions(action),
    position integer not null,
    condition_key text not null collate nocase references condition_keys(condition_key),
    {source},
    primary key (action_row, position)
) without rowid;
create table resource_type_condition_keys (
    resource_type text not null references resource_types(resource_type),
    position integer not null,
    condition_key text not null collate nocase references condition_keys(condition_key),
    {source},
    primary key (resource_type, position)
) without rowid;
create table dependent_actions (
    reference text primary key,
    action text not null collate nocase references actions(action),
    dependent_action text not null collate nocase,
    position integer not null,
    needed integer not null default 1 check (needed in (0, 1)),
    action_row text references action_rows(action_row),
    resource_type_name text check (resource_type_name <> ''),
    place text check (place <> ''),
    {source}
);
create table operations (
    operation text primary key collate nocase,
    service_prefix text not null collate nocase references services(service_prefix),
    name text not null collate nocase,
    sdk_client text check (sdk_client <> ''),
    {source}
);
create table operation_actions (
    operation text not null collate nocase references operations(operation),
    position integer not null,
    action text not null collate nocase,
    condition_key text collate nocase check (condition_key <> ''),
    condition_values text check (condition_values <> ''),
    {source},
    primary key (operation, position)
) without rowid;
create table disagreements (
    disagreement text primary key,
    kind text not null,
    subject text not null,
    field text not null,
    value text check (value <> ''),
    {source}
);
create table changes (
    id integer primary key,
    date text,
    service_prefix text not null collate nocase,
    change text not null check (change in ('added', 'removed', 'changed')),
    kind text not null,
    subject text not null,
    field text,
    old_value text,
    new_value text,
    dataset text references datasets(dataset)
);
""".replace(
    "{source}",
    """page text not null references pages(page),
    line integer,
    first_seen text,
    last_seen text,
    valid_from text""",
)
TABLES = TABLES.replace(
    "{states}",
    ",\n    ".join(
        f"{each}_state text not null check ({each}_state in ('parsed', 'none', 'not in source'))"
        for each in (*SECTIONS, *DETAILS)
    ),
)
TABLES += POLICY_TABLES
TABLES += """
create table sdk_clients (
    sdk_client text primary key collate nocase,
    service_prefix text collate nocase check (service_prefix <> ''),
    name text not null,
    service_id text not null,
    source text not null
) without rowid;
create table sdk_operations (
    name text not null collate nocase,
    sdk_client text not null collate nocase references sdk_clients(sdk_client),
    primary key (name, sdk_client)
) without rowid;
create table likely_actions (
    name text not null collate nocase,
    sdk_client text not null collate nocase references sdk_clients(sdk_client),
    position integer not null,
    action text not null collate nocase,
    unless_same_name integer not null check (unless_same_name in (0, 1)),
    source text not null,
    primary key (name, sdk_client, position)
) without rowid;
create table nicknames (
    nickname text not null collate nocase,
    service_prefix text not null collate nocase,
    primary key (nickname, service_prefix)
) without rowid;
"""
"""The current facts. Every fact names its source (`page`), with the `line` of a page or the `place`
in a dataset, the dates of the oldest and newest source that state it without a gap, and since when
the row reads as it does (`valid_from`)."""

PAST = (
    "services",
    "actions",
    "action_access_levels",
    "resource_types",
    "arn_formats",
    "condition_key_definitions",
    "action_rows",
    "action_condition_keys",
    "resource_type_condition_keys",
    "dependent_actions",
    "operations",
    "operation_actions",
    "disagreements",
)
"""The tables whose rows have a past: for each, `past_…` holds the rows that were replaced on a
later date (`until`), and those that no source stated any more (`removed`)."""


def columns(table: str) -> list[str]:
    """The names of a table's columns, in order."""
    return [line.split()[0] for line in column_lines(table)]


def column_lines(table: str) -> list[str]:
    body = TABLES.partition(f"create table {table} (\n")[2].partition("\n)")[0]
    lines = [line.strip().rstrip(",") for line in body.split("\n")]
    words = ("check", "primary")
    return [line for line in lines if not line.startswith(words)]


def past_table(table: str) -> str:
    """The DDL of a table of past rows: the same columns without keys, when each row ended, and
    the dataset whose word that is; NULL where it is AWS's."""
    lines = []
    for line in column_lines(table):
        name, kind = line.split()[:2]
        lines.append(f"{name} {kind}{' collate nocase' if 'collate nocase' in line else ''}")
    body = ", ".join([*lines, "until text not null", "removed text", "removed_by text"])
    return f"create table past_{table} ({body});\n"


PAST_TABLES = "".join(past_table(table) for table in PAST)

INDEXES = """
create index actions_service_prefix on actions(service_prefix, access_level);
create index actions_name on actions(name);
create index actions_page on actions(page);
create index actions_without_dependents on actions(action) where dependents_page is null;
create index action_access_levels_level on action_access_levels(access_level);
create index resource_types_service_prefix on resource_types(service_prefix);
create index resource_types_name on resource_types(name);
create index arn_formats_resource_type on arn_formats(resource_type);
create index arn_formats_service on arn_formats(service);
create index condition_key_definitions_key on condition_key_definitions(condition_key);
create index condition_key_definitions_service on condition_key_definitions(service_prefix);
create index action_rows_action on action_rows(action, position);
create index action_rows_resource_type on action_rows(resource_type);
create index action_condition_keys_key on action_condition_keys(condition_key);
create index resource_type_condition_keys_key on resource_type_condition_keys(condition_key);
create index dependent_actions_action
    on dependent_actions(action, position, dependent_action);
create index dependent_actions_needed
    on dependent_actions(action, position, dependent_action, needed) where needed;
create index dependent_actions_dependent
    on dependent_actions(dependent_action, action, needed) where needed;
create index dependent_actions_action_row on dependent_actions(action_row);
create index pages_service_prefix on pages(service_prefix);
create index pages_slug on pages(slug);
create index pages_lineage on pages(lineage, date);
create index problems_page on problems(page);
create index service_aliases_service on service_aliases(service_prefix);
create index operations_service_prefix on operations(service_prefix, name);
create index operations_name on operations(name);
create index operation_actions_action on operation_actions(action);
create index disagreements_subject on disagreements(subject);
create index changes_date on changes(date, service_prefix);
create index changes_service_prefix on changes(service_prefix, date);
create index changes_subject on changes(subject);
create index past_actions_action on past_actions(action);
create index past_actions_removed on past_actions(removed) where removed is not null;
create index past_action_rows_action on past_action_rows(action);
create index past_action_access_levels_action on past_action_access_levels(action);
create index past_action_condition_keys_row on past_action_condition_keys(action_row);
create index past_dependent_actions_action on past_dependent_actions(action);
create index past_dependent_actions_dependent on past_dependent_actions(dependent_action);
create index past_resource_types_resource_type on past_resource_types(resource_type);
create index past_operations_name on past_operations(name);
"""
INDEXES += f"create index service_aliases_folded on service_aliases({folded_sql('alias')});\n"
INDEXES += POLICY_INDEXES
VIEWS += POLICY_VIEWS

SEARCHED = (
    ("services", "service_prefix", "name"),
    ("actions", "action", "description"),
    ("resource_types", "resource_type", None),
    ("condition_keys", "condition_key", "description"),
)
"""The tables with a full-text index, with the columns of their names and of their descriptions."""

SEARCH = """
create virtual table actions_fts using fts5(
    action, words, description, content = '', tokenize = 'unicode61', prefix = '2 3'
);
create virtual table resource_types_fts using fts5(
    resource_type, words, description, content = '', tokenize = 'unicode61', prefix = '2 3'
);
create virtual table condition_keys_fts using fts5(
    condition_key, words, description, content = '', tokenize = 'unicode61', prefix = '2 3'
);
create virtual table services_fts using fts5(
    service_prefix, words, description, content = '', tokenize = 'unicode61', prefix = '2 3'
);
"""

DDL = TABLES + PAST_TABLES + SEARCH + INDEXES + VIEWS
"""Everything that a catalog consists of, in order."""

ACCESS_LEVEL_ROWS = (
    ("List", "Lists resources, without their content."),
    ("Read", "Reads the content of resources, without changing them."),
    ("Write", "Creates, changes or deletes resources."),
    ("Permissions management", "Grants or changes permissions on resources."),
    ("Tagging", "Changes the tags of resources only."),
)
"""The five levels with what AWS means by them (IAM User Guide, access levels in summaries)."""
