"""Declare the tables and the view of sample policies: what documents under `data/policies` show.

Sample policies are what someone wrote, not what AWS documents of an action: no fact of the other
tables rests on them, and the catalog's dates do not apply. A pattern of actions is stored as it is
written; the view lists the actions that it names on this catalog.
"""

from __future__ import annotations

from iam_catalog.schema.model import BOOLEAN, DATE, INTEGER, STRING, Column, Table, View

_LINE = "Line of the document's file, counted from 1."
_DOCUMENT = "Document that shows the policy."
_ELEMENT = "Action, or NotAction: then the statement is about all other actions."

POLICY_DOCUMENTS = Table(
    "policy_documents",
    "policies",
    "Documents that show sample policies: AWS's guides and others' articles, exactly as published. "
    "Samples are not advice of this catalog.",
    (
        Column(
            "policy_document",
            STRING,
            "Key of the document: the name of its file without the ending.",
        ),
        Column(
            "title",
            STRING,
            "Title of the document; empty where nobody states it.",
            null=True,
            filled=True,
        ),
        Column(
            "date", DATE, "Date (ISO 8601) of the document; empty where it is not known.", null=True
        ),
        Column(
            "url",
            STRING,
            "Where a person can open the document today; empty where that is not known.",
            null=True,
        ),
        Column(
            "url_then",
            STRING,
            "Where it stood when it was published; empty where that is not known.",
            null=True,
        ),
        Column("publisher", STRING, "Who published it; empty where that is not known.", null=True),
        Column("licence", STRING, "Its licence; empty where none is stated.", null=True),
        Column("file", STRING, "The source file, relative to the folder of the data."),
        Column("sha256", STRING, "SHA-256 of the source file."),
    ),
    key=("policy_document",),
    label="policy_document",
    sort="policy_document",
)

POLICIES = Table(
    "policies",
    "policies",
    "Sample policies, one row each, as the documents show them: with placeholders such as "
    "instance-id. What they name stands in policy_actions.",
    (
        Column(
            "policy", STRING, "Key of the policy: its document, and the line on which it starts."
        ),
        Column("policy_document", STRING, _DOCUMENT, references="policy_documents.policy_document"),
        Column(
            "position", INTEGER, "Place of the policy among those of its document, counted from 1."
        ),
        Column(
            "title",
            STRING,
            "Headings and name of the tab above the policy, the outermost first; empty where there "
            "are none.",
            null=True,
            filled=True,
        ),
        Column(
            "kind",
            STRING,
            "What it can be attached to, as its form tells: identity, resource or trust; empty "
            "where its statements disagree.",
            null=True,
            values=("identity", "resource", "trust", "scp", "rcp"),
        ),
        Column(
            "version",
            STRING,
            "Its element Version, as written; empty where it has none.",
            null=True,
        ),
        Column("statements", INTEGER, "Number of its statements."),
        Column("text", STRING, "The JSON, without pictures and other markup that stood in it."),
        Column(
            "line", INTEGER, "Line of the document's file where the policy starts, counted from 1."
        ),
    ),
    key=("policy",),
    label="policy",
    facets=("policy_document", "kind"),
    sort="policy",
)

POLICY_STATEMENTS = Table(
    "policy_statements",
    "policies",
    "The statements of the sample policies.",
    (
        Column("statement", STRING, "Key of the statement: its policy, and its place in it."),
        Column("policy", STRING, "Policy that has the statement.", references="policies.policy"),
        Column("position", INTEGER, "Place of the statement in its policy, counted from 1."),
        Column("sid", STRING, "Its element Sid; empty where it has none.", null=True, filled=True),
        Column(
            "effect",
            STRING,
            "Allow or Deny; empty where it is neither.",
            null=True,
            values=("Allow", "Deny"),
        ),
        Column(
            "line",
            INTEGER,
            "Line of the document's file where the statement starts, counted from 1.",
        ),
    ),
    key=("statement",),
    label="statement",
    facets=("effect",),
    sort="statement",
)

POLICY_STATEMENT_ACTIONS = Table(
    "policy_statement_actions",
    "policies",
    "The actions and patterns of actions of the sample policies, as written. Which actions they "
    "are on this catalog stands in policy_actions.",
    (
        Column(
            "statement",
            STRING,
            "Statement that names the pattern.",
            references="policy_statements.statement",
        ),
        Column("element", STRING, _ELEMENT, values=("Action", "NotAction")),
        Column("position", INTEGER, "Place of the pattern in its element, counted from 1."),
        Column(
            "pattern",
            STRING,
            "The action or the pattern, as written; upper and lower case count as equal.",
            nocase=True,
        ),
        Column(
            "service_prefix",
            STRING,
            "Service that the pattern names; empty where a wildcard stands for it.",
            null=True,
            nocase=True,
        ),
        Column("has_wildcard", BOOLEAN, "1 where the pattern has * or ?, 0 where it is an action."),
        Column("line", INTEGER, _LINE),
    ),
    key=("statement", "element", "position"),
    facets=("service_prefix", "has_wildcard", "element"),
    sort="pattern",
)

POLICY_STATEMENT_RESOURCES = Table(
    "policy_statement_resources",
    "policies",
    "The resources of the sample policies, as written: ARNs, patterns of ARNs, * and placeholders.",
    (
        Column(
            "statement",
            STRING,
            "Statement that names the resource.",
            references="policy_statements.statement",
        ),
        Column(
            "element",
            STRING,
            "Resource, or NotResource: then the statement is about all other resources.",
            values=("Resource", "NotResource"),
        ),
        Column("position", INTEGER, "Place of the resource in its element, counted from 1."),
        Column("resource", STRING, "The resource, as written; upper and lower case differ."),
        Column("line", INTEGER, _LINE),
    ),
    key=("statement", "element", "position"),
    facets=("element",),
    sort="statement",
)

POLICY_STATEMENT_PRINCIPALS = Table(
    "policy_statement_principals",
    "policies",
    "The principals that sample policies of resources and trust policies name.",
    (
        Column(
            "statement",
            STRING,
            "Statement that names the principal.",
            references="policy_statements.statement",
        ),
        Column(
            "element",
            STRING,
            "Principal, or NotPrincipal: then the statement is about all others.",
            values=("Principal", "NotPrincipal"),
        ),
        Column("position", INTEGER, "Place of the principal in its element, counted from 1."),
        Column(
            "type",
            STRING,
            "AWS, Federated, Service or CanonicalUser; * for everyone without a type.",
        ),
        Column("principal", STRING, "The principal, as written."),
        Column("line", INTEGER, _LINE),
    ),
    key=("statement", "element", "position"),
    facets=("type",),
    sort="statement",
)

POLICY_STATEMENT_CONDITIONS = Table(
    "policy_statement_conditions",
    "policies",
    "The conditions of the sample policies, one row for each value.",
    (
        Column(
            "statement",
            STRING,
            "Statement that has the condition.",
            references="policy_statements.statement",
        ),
        Column(
            "position", INTEGER, "Place of the value among those of the statement, counted from 1."
        ),
        Column("operator", STRING, "Operator, as written, such as StringLikeIfExists."),
        Column(
            "condition_key",
            STRING,
            "Condition key, as written; upper and lower case count as equal.",
            nocase=True,
        ),
        Column("value", STRING, "One of its values; numbers and booleans in JSON's spelling."),
        Column("line", INTEGER, _LINE),
    ),
    key=("statement", "position"),
    facets=("operator", "condition_key"),
    sort="condition_key",
)

POLICY_NOTES = Table(
    "policy_notes",
    "policies",
    "Footnotes of the sample policies: numbers that the documents set into the JSON, with the text "
    "of the footnote.",
    (
        Column("policy", STRING, "Policy that the number stands in.", references="policies.policy"),
        Column("position", INTEGER, "Place of the number in its policy, counted from 1."),
        Column(
            "statement",
            STRING,
            "Statement that it stands in; empty where it stands in none.",
            null=True,
            references="policy_statements.statement",
        ),
        Column("path", STRING, "Part of the policy behind which it stands."),
        Column("number", INTEGER, "The number, as the document shows it."),
        Column(
            "text",
            STRING,
            "Text of the footnote with that number in the same section; empty where there is none.",
            null=True,
            filled=True,
        ),
        Column("line", INTEGER, _LINE),
    ),
    key=("policy", "position"),
    sort="policy",
)

POLICY_FRAGMENTS = Table(
    "policy_fragments",
    "policies",
    "Parts of policies that the documents show, and that are not whole policies.",
    (
        Column(
            "fragment",
            STRING,
            "Key of the fragment: its document, and the line on which it starts.",
        ),
        Column(
            "policy_document",
            STRING,
            "Document that shows the fragment.",
            references="policy_documents.policy_document",
        ),
        Column(
            "position",
            INTEGER,
            "Place of the fragment among those of its document, counted from 1.",
        ),
        Column(
            "title",
            STRING,
            "Headings and name of the tab above the fragment; empty where there are none.",
            null=True,
            filled=True,
        ),
        Column("text", STRING, "The fragment, as the document shows it."),
        Column("reason", STRING, "Why it is not a whole policy."),
        Column(
            "line",
            INTEGER,
            "Line of the document's file where the fragment starts, counted from 1.",
        ),
    ),
    key=("fragment",),
    sort="fragment",
)

_NAMED = """\
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
left join actions on """

_MATCHES = "lower(actions.action) glob lower(written.pattern)"
"""`glob` has the two wildcards of IAM with their meaning; its brackets are not in action names."""

POLICY_ACTIONS = View(
    "policy_actions",
    "policies",
    "The actions that sample policies name, with wildcards worked out on this catalog: a row for "
    "each action, and one for a pattern that matches none. Where in_catalog is 0 the catalog may "
    "not hold the service.",
    (
        Column("policy", STRING, "Policy that names the action."),
        Column(
            "title",
            STRING,
            "Headings and name of the tab above the policy; empty where there are none.",
        ),
        Column("statement", STRING, "Statement that names it."),
        Column("effect", STRING, "Allow or Deny."),
        *POLICY_STATEMENT_ACTIONS.pick("element"),
        Column("pattern", STRING, "The action or the pattern, as the policy writes it."),
        Column(
            "action",
            STRING,
            "Action that the pattern matches, in AWS's spelling where the catalog documents it; "
            "empty where a pattern matches none.",
        ),
        Column(
            "in_catalog", BOOLEAN, "1 where the catalog documents the action, 0 where it does not."
        ),
        Column(
            "access_level",
            STRING,
            "One of List, Read, Write, Permissions management, Tagging; empty where the source "
            "does not state it, and where the catalog does not document the action.",
        ),
        *POLICIES.pick("policy_document"),
        *POLICY_STATEMENT_ACTIONS.pick("line"),
    ),
    _NAMED + "actions.service_prefix = written.service_prefix\n"
    f"    and (actions.action = written.pattern or written.has_wildcard and {_MATCHES})\n"
    "where written.service_prefix is not null\n"
    "union all\n"
    f"{_NAMED}{_MATCHES}\n"
    "where written.service_prefix is null",
    facets=("in_catalog", "effect", "access_level"),
    sort="policy",
)
