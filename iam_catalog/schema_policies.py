"""The tables and views of the sample policies: what documents under `data/policies` show.

Sample policies are what someone wrote, not what AWS documents of an action: no fact of the other
tables rests on them, and the catalog's dates do not apply. A pattern of actions is kept as it is
written; the view says what it names on this catalog.
"""

from __future__ import annotations

POLICY_TABLES = """
create table policy_documents (
    policy_document text primary key,
    title text check (title <> ''),
    date text,
    url text,
    url_then text,
    publisher text,
    licence text,
    file text not null,
    sha256 text not null
);
create table policies (
    policy text primary key,
    policy_document text not null references policy_documents(policy_document),
    position integer not null,
    title text check (title <> ''),
    kind text check (kind in ('identity', 'resource', 'trust', 'scp', 'rcp')),
    version text,
    statements integer not null,
    text text not null,
    line integer not null
);
create table policy_statements (
    statement text primary key,
    policy text not null references policies(policy),
    position integer not null,
    sid text check (sid <> ''),
    effect text check (effect in ('Allow', 'Deny')),
    line integer not null
);
create table policy_statement_actions (
    statement text not null references policy_statements(statement),
    element text not null check (element in ('Action', 'NotAction')),
    position integer not null,
    pattern text not null collate nocase,
    service_prefix text collate nocase,
    has_wildcard integer not null check (has_wildcard in (0, 1)),
    line integer not null,
    primary key (statement, element, position)
) without rowid;
create table policy_statement_resources (
    statement text not null references policy_statements(statement),
    element text not null check (element in ('Resource', 'NotResource')),
    position integer not null,
    resource text not null,
    line integer not null,
    primary key (statement, element, position)
) without rowid;
create table policy_statement_principals (
    statement text not null references policy_statements(statement),
    element text not null check (element in ('Principal', 'NotPrincipal')),
    position integer not null,
    type text not null,
    principal text not null,
    line integer not null,
    primary key (statement, element, position)
) without rowid;
create table policy_statement_conditions (
    statement text not null references policy_statements(statement),
    position integer not null,
    operator text not null,
    condition_key text not null collate nocase,
    value text not null,
    line integer not null,
    primary key (statement, position)
) without rowid;
create table policy_notes (
    policy text not null references policies(policy),
    position integer not null,
    statement text references policy_statements(statement),
    path text not null,
    number integer not null,
    text text check (text <> ''),
    line integer not null,
    primary key (policy, position)
) without rowid;
create table policy_fragments (
    fragment text primary key,
    policy_document text not null references policy_documents(policy_document),
    position integer not null,
    title text check (title <> ''),
    text text not null,
    reason text not null,
    line integer not null
);
"""
"""Each line is one of the document's file; positions count from 1."""

POLICY_INDEXES = """
create index policies_document on policies(policy_document, position);
create index policy_statements_policy on policy_statements(policy, position);
create index policy_statement_actions_pattern on policy_statement_actions(pattern);
create index policy_statement_actions_service on policy_statement_actions(service_prefix);
create index policy_statement_conditions_key on policy_statement_conditions(condition_key);
create index policy_notes_statement on policy_notes(statement);
create index policy_fragments_document on policy_fragments(policy_document, position);
"""

NAMED = """
select
    policies.policy,
    policies.title,
    policy_statements.statement,
    policy_statements.effect,
    written.element,
    written.pattern,
    coalesce(actions.action, iif(written.has_wildcard, null, written.pattern)) as action,
    actions.action is not null as in_catalog,
    actions.access_level,
    policies.policy_document,
    written.line
from policy_statement_actions as written
join policy_statements on policy_statements.statement = written.statement
join policies on policies.policy = policy_statements.policy
left join actions on {condition}"""

MATCHES = "lower(actions.action) glob lower(written.pattern)"
"""`glob` has the two wildcards of IAM with their meaning; its brackets are no part of actions."""

POLICY_VIEWS = (
    "create view policy_actions as"
    + NAMED.format(
        condition="actions.service_prefix = written.service_prefix"
        f"\n    and (actions.action = written.pattern or written.has_wildcard and {MATCHES})"
        "\nwhere written.service_prefix is not null"
    )
    + "\nunion all"
    + NAMED.format(condition=f"{MATCHES}\nwhere written.service_prefix is null")
    + ";\n"
)
"""A row for each action that a pattern names on this catalog, and one where it names none."""

POLICY_DDL = POLICY_TABLES + POLICY_INDEXES + POLICY_VIEWS
