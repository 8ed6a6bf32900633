"""Declare actions with what they take and need, and the operations that need them."""

from __future__ import annotations

from iam_catalog.schema.declarations.facts import CELL_POSITION, CONDITION_KEY, ROW_KEY
from iam_catalog.schema.declarations.sources import PLACE, PREFIX, SOURCE, URL
from iam_catalog.schema.model import BOOLEAN, DATE, INTEGER, STRING, Column, Table

_ACTION = (
    "Full name of the action, prefix:Name, in AWS's spelling; upper and lower case count as equal."
)

__all__ = ["ACCESS_LEVEL_ROWS"]

ACCESS_LEVELS = Table(
    "access_levels",
    "actions",
    "AWS's five access levels.{{ The texts sum up AWS's IAM User Guide; “actions” on a level's "
    "page lists what has it.}}",
    (
        Column("access_level", STRING, "The level, as AWS spells it."),
        Column("position", INTEGER, "Place in AWS's list of levels, counted from 1.", unique=True),
        Column("description", STRING, "What actions of this level do."),
    ),
    key=("access_level",),
    label="access_level",
    sort="position",
)

ACCESS_LEVEL_ROWS = (
    ("List", "Lists resources, without their content."),
    ("Read", "Reads the content of resources, without changing them."),
    ("Write", "Creates, changes or deletes resources."),
    ("Permissions management", "Grants or changes permissions on resources."),
    ("Tagging", "Changes the tags of resources only."),
)
"""The five levels with what AWS means by them (IAM User Guide, access levels in summaries)."""

ACTIONS = Table(
    "actions",
    "actions",
    "AWS IAM actions that the newest held sources document, one row each; removed_actions has "
    "those of the past.{{ Open one for its facts; the link “from action in dependent_actions” "
    "below them leads to what the action needs besides itself, and the question show has all of it "
    "on one page. To filter by resource type, use the view action_resource_types; by condition "
    "key, condition_key_uses.}}",
    (
        Column("action", STRING, _ACTION, nocase=True),
        Column("service_prefix", STRING, PREFIX, nocase=True, references="services.service_prefix"),
        Column("name", STRING, "The action's name after the colon.", nocase=True),
        Column(
            "access_level",
            STRING,
            "One of List, Read, Write, Permissions management, Tagging, as the source states it; "
            "the primary one where the source states several; empty where it states none.",
            null=True,
            references="access_levels.access_level",
        ),
        Column(
            "description",
            STRING,
            "What the action allows, in AWS's words; empty where the source does not say.",
            null=True,
            filled=True,
        ),
        Column(
            "permission_only",
            BOOLEAN,
            "1 where the source marks the action as permission-only: it matches no API operation "
            "and stands only in policies; 0 where it does not; empty where no held source has a "
            "place for the mark.",
            null=True,
        ),
        Column(
            "permission_only_since",
            DATE,
            "Date (ISO 8601) since which a source has had a place for that mark, where the row "
            "reads as it does for longer; else empty.",
            null=True,
        ),
        URL,
        Column(
            "details_page",
            STRING,
            "Source that states the description: an older one than page where the newer ones carry "
            "no descriptions.",
            references="pages.page",
        ),
        Column(
            "details_line",
            INTEGER,
            "Line of that page's source file where the row with the description starts, counted "
            "from 1; empty in a public dataset, which has no lines.",
            null=True,
        ),
        Column(
            "dependents_page",
            STRING,
            "Newest source that has a place for the action's dependent actions: as of its date "
            "they are known, also where it lists none; empty where no held source has one, so that "
            "they are not known.",
            null=True,
            references="pages.page",
        ),
        Column(
            "incomplete",
            BOOLEAN,
            "1 where resource types, condition keys or dependent actions of the action may be "
            "missing, because AWS describes it on several pages and the public dataset keeps one; "
            "else 0.",
        ),
        PLACE,
        *SOURCE,
    ),
    key=("action",),
    past=True,
    label="action",
    facets=("service_prefix", "access_level", "permission_only"),
    sort="action",
)

ACTION_ACCESS_LEVELS = Table(
    "action_access_levels",
    "actions",
    "Every access level of every action: a source can state several, of which actions.access_level "
    "is the primary one.",
    (
        Column("action", STRING, _ACTION, nocase=True, references="actions.action"),
        Column(
            "access_level",
            STRING,
            "One of the action's levels.",
            references="access_levels.access_level",
        ),
        Column("position", INTEGER, "Place in the source's cell, counted from 1."),
        *SOURCE,
    ),
    key=("action", "access_level"),
    past=True,
    hidden=True,
)

ACTION_ROWS = Table(
    "action_rows",
    "actions",
    "The rows of the sources' action tables: each pairs an action with one resource type, or with "
    "none. The condition keys and dependent actions of a row belong to this pair.",
    (
        Column("action_row", STRING, ROW_KEY),
        Column(
            "action",
            STRING,
            "The action that the row is about.",
            nocase=True,
            references="actions.action",
        ),
        Column("position", INTEGER, "Place among the rows of the action, counted from 1."),
        Column(
            "scenario",
            STRING,
            "Name of the scenario, where AWS splits an action by scenarios; else empty.",
            null=True,
            filled=True,
        ),
        Column(
            "resource_type",
            STRING,
            "Resource type that the action takes here; empty where the row names none or the "
            "source does not define it.",
            null=True,
            references="resource_types.resource_type",
        ),
        Column(
            "resource_type_name",
            STRING,
            "The resource type as the source names it; empty where the row names none: the action "
            "takes only *.",
            null=True,
            filled=True,
        ),
        Column(
            "required",
            BOOLEAN,
            "1 where the source marks the resource type as required (a policy that names ARNs must "
            "name one of these), 0 where it does not; empty where the row names none, or the "
            "source has no place for such marks.",
            null=True,
        ),
        *SOURCE,
    ),
    key=("action_row",),
    past=True,
    label="action_row",
    facets=("required",),
    sort="action",
)

ACTION_CONDITION_KEYS = Table(
    "action_condition_keys",
    "actions",
    "The condition keys of the rows in action_rows{{; the view condition_key_uses reads better}}.",
    (
        Column(
            "action_row",
            STRING,
            "Row of the source that names the key.",
            references="action_rows.action_row",
        ),
        Column(
            "action",
            STRING,
            "Action of that row, as prefix:Name.",
            nocase=True,
            references="actions.action",
        ),
        CELL_POSITION,
        Column(
            "condition_key",
            STRING,
            CONDITION_KEY,
            nocase=True,
            references="condition_keys.condition_key",
        ),
        *SOURCE,
    ),
    key=("action_row", "position"),
    past=True,
    sort="action",
)

DEPENDENT_ACTIONS = Table(
    "dependent_actions",
    "actions",
    "Dependent actions: what AWS says that an action may need besides itself. They are as last "
    "documented, on the date in last_seen: since 2026-07-09 AWS no longer publishes them. The rows "
    "keep AWS's words: a name beside several resource types, and actions that list themselves; "
    "those with needed say what an action needs, once each, and dependent_action_states says of an "
    "action without rows whether none are documented, or nothing is known.",
    (
        Column(
            "reference",
            STRING,
            "Key of this row: the row of the source, and a running number in its cell.",
        ),
        Column(
            "action",
            STRING,
            "The action that lists the dependent action.",
            nocase=True,
            references="actions.action",
        ),
        Column(
            "dependent_action",
            STRING,
            "The action that may be needed too, as the source writes it{{; a link where the "
            "catalog holds it, plain text where it does not}}.",
            nocase=True,
        ),
        Column(
            "position",
            INTEGER,
            "Place among the dependent actions of the action, in the source's order, counted from "
            "1.",
        ),
        Column(
            "needed",
            BOOLEAN,
            "1 where the row says what the action needs: once for each dependent action, on the "
            "first row that lists it; 0 where a further row lists it again, and where an action "
            "lists itself.",
            default=1,
        ),
        Column(
            "action_row",
            STRING,
            "Row of the source that lists it; empty where newer sources no longer have that row.",
            null=True,
            references="action_rows.action_row",
        ),
        Column(
            "resource_type_name",
            STRING,
            "Resource type of that row, as the source names it; empty where the row names none.",
            null=True,
            filled=True,
        ),
        PLACE,
        *SOURCE,
    ),
    key=("reference",),
    past=True,
    label="dependent_action",
    facets=("last_seen",),
    sort="position",
)

OPERATIONS = Table(
    "operations",
    "operations",
    "API operations, which are what programs call; an operation is not an action, and can need "
    "several or one of another name. A service without a row here has no known operations: only "
    "pages since 2026 list them (operations_state in pages).",
    (
        Column(
            "operation",
            STRING,
            "Key of the operation: prefix:Name, and in brackets the SDK client that has it; upper "
            "and lower case count as equal.",
            nocase=True,
        ),
        Column(
            "service_prefix",
            STRING,
            "Service whose source lists the operation.",
            nocase=True,
            references="services.service_prefix",
        ),
        Column(
            "name",
            STRING,
            "Name of the API call, without prefix and SDK client; upper and lower case count as "
            "equal.",
            nocase=True,
        ),
        Column(
            "sdk_client",
            STRING,
            "AWS SDK client that has the operation, in the spelling of Boto3; empty where the "
            "source names none.",
            null=True,
            filled=True,
        ),
        *SOURCE,
    ),
    key=("operation",),
    past=True,
    label="operation",
    facets=("service_prefix", "sdk_client"),
    sort="operation",
)

OPERATION_ACTIONS = Table(
    "operation_actions",
    "operations",
    "The actions that AWS says an operation needs, some with a condition key that it sets.{{ "
    "Filter by action for the other direction.}}",
    (
        Column(
            "operation", STRING, "The operation.", nocase=True, references="operations.operation"
        ),
        Column(
            "position",
            INTEGER,
            "Place among the actions of the operation, in the source's order, counted from 1.",
        ),
        Column(
            "action",
            STRING,
            "An action that the operation needs, as the source writes it{{; a link where the "
            "catalog holds it, plain text where it does not}}.",
            nocase=True,
        ),
        Column(
            "condition_key",
            STRING,
            "Condition key that the operation sets when it uses the action, for example "
            "iam:PassedToService; empty where the source names none.",
            null=True,
            nocase=True,
            filled=True,
        ),
        Column(
            "condition_values",
            STRING,
            "The value that it sets, or several with commas; empty where the source names none.",
            null=True,
            filled=True,
        ),
        *SOURCE,
    ),
    key=("operation", "position"),
    past=True,
    label="action",
    facets=("condition_key",),
    sort="operation",
)
