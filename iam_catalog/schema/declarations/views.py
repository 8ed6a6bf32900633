"""Declare the views: joins that people browse and canned queries build on."""

from __future__ import annotations

from iam_catalog.schema.declarations.actions import (
    ACTION_CONDITION_KEYS,
    ACTIONS,
    DEPENDENT_ACTIONS,
)
from iam_catalog.schema.declarations.services import LIKELY_ACTIONS, SDK_OPERATIONS, SERVICES
from iam_catalog.schema.model import BOOLEAN, DATE, INTEGER, REMOVED_BY, STRING, Column, View

_COUNTED = {
    "actions": ("count(*)", "actions"),
    "resource_types": ("count(*)", "resource_types"),
    "condition_keys": ("count(distinct condition_key)", "condition_key_definitions"),
    "operations": ("count(distinct name)", "operations"),
}
"""How the things of a service are counted in which table, by the section of its pages."""


def _count(section: str) -> str:
    """Write the number of a service's things; NULL where every page of it leaves them out."""
    number, table = _COUNTED[section]
    return (
        f"(select case when count(*) or exists (select 1 from pages\n"
        f"            where pages.service_prefix = services.service_prefix\n"
        f"                and {section}_state <> 'not in source') then {number} end\n"
        f"        from {table} where {table}.service_prefix = services.service_prefix)"
    )


SERVICE_COUNTS = View(
    "service_counts",
    "services",
    "The services with the number of their actions, resource types, condition keys and operations "
    "in the catalog. A number is empty where no held source of the service has a place for them, "
    "so that nothing is known; a 0 is AWS's word.",
    (
        *SERVICES.pick("service_prefix", "name"),
        Column(
            "actions", INTEGER, "Number of actions of the service; empty where they are not known."
        ),
        Column(
            "resource_types",
            INTEGER,
            "Number of resource types of the service; empty where they are not known.",
        ),
        Column(
            "condition_keys",
            INTEGER,
            "Number of condition keys that the service's sources define; empty where they are not "
            "known.",
        ),
        Column(
            "operations",
            INTEGER,
            "Number of API operations of the service; empty where they are not known.",
        ),
        Column(
            "actions_state",
            STRING,
            "What the service's sources say of their actions: parsed, none or not in source; "
            "several with commas where its sources differ.",
        ),
        Column(
            "date",
            DATE,
            "Date (ISO 8601) of the service's newest source, as of which it is known; empty where "
            "it is not known.",
        ),
    ),
    """\
select
    services.service_prefix,
    services.name,
    {actions} as actions,
    {resource_types} as resource_types,
    {condition_keys} as condition_keys,
    {operations} as operations,
    (select group_concat(distinct actions_state) from pages
        where pages.service_prefix = services.service_prefix and replaced is null)
        as actions_state,
    (select max(last_date) from pages
        where pages.service_prefix = services.service_prefix and replaced is null) as date
from services""".format(**{section: _count(section) for section in _COUNTED}),
    facets=("actions_state",),
    sort="service_prefix",
)

ACTION_RESOURCE_TYPES = View(
    "action_resource_types",
    "actions",
    "Which resource types and ARN formats each action takes{{; filter by resource_type for the "
    "other direction}}. An action without a row takes only *.",
    (
        *ACTIONS.pick("action", "access_level"),
        Column(
            "resource_type",
            STRING,
            "Full name of the resource type, prefix:name{{; a link where a source in the catalog "
            "defines it}}.",
        ),
        Column(
            "required",
            BOOLEAN,
            "1 where the source marks the resource type as required in any row of the action (a "
            "policy that names ARNs must name one of these), 0 where it does not; empty where the "
            "source has no place for such marks.",
        ),
        Column(
            "arn_format",
            STRING,
            "One ARN format of the resource type, as the source writes it; empty where no source "
            "in the catalog defines it.",
        ),
        *ACTIONS.pick("page", "line"),
    ),
    """\
select
    action_rows.action,
    actions.access_level,
    coalesce(action_rows.resource_type,
        actions.service_prefix || ':' || action_rows.resource_type_name) as resource_type,
    (select max(required) from action_rows as same
        where same.action = action_rows.action
            and same.resource_type_name = action_rows.resource_type_name) as required,
    arn_formats.format as arn_format,
    action_rows.page,
    action_rows.line
from action_rows
join actions on actions.action = action_rows.action
left join arn_formats on arn_formats.resource_type = action_rows.resource_type
where action_rows.resource_type_name is not null
    and not exists (select 1 from action_rows as earlier
        where earlier.action = action_rows.action
            and earlier.resource_type_name = action_rows.resource_type_name
            and earlier.position < action_rows.position)""",
    facets=("access_level", "required"),
    sort="action",
)

DEPENDENT_ACTION_TARGETS = View(
    "dependent_action_targets",
    "actions",
    "What each action needs besides itself, once each and in AWS's order, with what the catalog "
    "knows of it; every answer about dependent actions is made of this. They are as last "
    "documented, on the date in last_seen. A dependent action of a service that is not in the "
    "catalog is not unknown to AWS. No row: dependent_action_states says whether none are "
    "documented, or nothing is known.",
    (
        *DEPENDENT_ACTIONS.pick("action"),
        Column(
            "position",
            INTEGER,
            "Place among the dependent actions of the action, in the source's order; it grows, "
            "with gaps.",
        ),
        Column(
            "dependent_action",
            STRING,
            "The action that may be needed too, as the source writes it{{; a link where the "
            "catalog holds it}}.",
        ),
        Column(
            "access_level",
            STRING,
            "Primary access level of the dependent action; empty where the catalog does not hold "
            "it.",
        ),
        Column("in_catalog", BOOLEAN, "1 where the catalog holds the dependent action, else 0."),
        Column(
            "resource_type_names",
            STRING,
            "Resource types of the rows that list it, as the source names them, with commas "
            "between; empty where the rows name none.",
        ),
        *DEPENDENT_ACTIONS.pick("page", "line", "place", "last_seen"),
    ),
    """\
select
    needed.action,
    needed.position,
    needed.dependent_action,
    actions.access_level,
    actions.action is not null as in_catalog,
    (select group_concat(distinct same.resource_type_name) from dependent_actions as same
        where same.action = needed.action
            and same.dependent_action = needed.dependent_action)
        as resource_type_names,
    needed.page,
    needed.line,
    needed.place,
    needed.last_seen
from dependent_actions as needed
left join actions on actions.action = needed.dependent_action
where needed.needed""",
    facets=("in_catalog", "access_level"),
    sort="action",
)

DEPENDENT_ACTION_STATES = View(
    "dependent_action_states",
    "actions",
    "What is known of the dependent actions of each action: parsed (it has some), none (the newest "
    "source that has a place for them lists none) or not in source (no held source of it has a "
    "place for them, so nothing is known).",
    (
        *ACTIONS.pick("action"),
        Column("state", STRING, "parsed, none or not in source."),
        Column(
            "documented_on",
            DATE,
            "Date (ISO 8601) of the newest source that has a place for them, as of which the "
            "answer holds; empty where there is no such source, or its date is not known.",
        ),
        Column("page", STRING, "That source; empty where no held source has a place for them."),
    ),
    """\
select
    actions.action,
    case
        when dependents_page is null then 'not in source'
        when exists (select 1 from dependent_actions as listed
            where listed.action = actions.action and needed) then 'parsed'
        else 'none'
    end as state,
    pages.last_date as documented_on,
    dependents_page as page
from actions
left join pages on pages.page = dependents_page""",
    facets=("state", "documented_on"),
    sort="action",
)

REMOVED_ACTIONS = View(
    "removed_actions",
    "history",
    "Actions that no source states any more, as last documented on the date in last_seen. No row "
    "means that none was removed between the oldest and the newest source in the catalog, which "
    "says nothing about earlier times.{{ The question show gives all their last documented "
    "facts.}}",
    (
        *ACTIONS.pick("action"),
        Column(
            "access_level",
            STRING,
            "One of List, Read, Write, Permissions management, Tagging, as last documented; empty "
            "where no source stated it.",
        ),
        Column(
            "description",
            STRING,
            "What the action allowed, in AWS's words; empty where the source did not say.",
        ),
        *ACTIONS.pick("first_seen", "last_seen"),
        Column("removed", DATE, "Date (ISO 8601) since which no source states the action."),
        REMOVED_BY,
        *ACTIONS.pick("page", "line", "place"),
    ),
    """\
select
    action, access_level, description, first_seen, last_seen, removed, removed_by, page, line, place
from past_actions
where removed is not null
    and not exists (select 1 from actions where actions.action = past_actions.action)
    and not exists (select 1 from past_actions as later
        where later.action = past_actions.action and later.removed > past_actions.removed)""",
    facets=("removed", "access_level"),
    sort="action",
)

CONDITION_KEY_USES = View(
    "condition_key_uses",
    "actions",
    "Which condition keys apply to which actions, and why{{; filter by condition_key for the "
    "actions of a key}}.",
    (
        *ACTIONS.pick("action", "access_level"),
        Column(
            "origin",
            STRING,
            "row where the source lists the key in the action's own row; resource type where it "
            "lists it with a resource type that the action takes.",
        ),
        Column(
            "resource_type",
            STRING,
            "Resource type of the row, or the one that has the key; empty where the row names "
            "none.",
        ),
        *ACTION_CONDITION_KEYS.pick("condition_key"),
    ),
    """\
select
    actions.action,
    actions.access_level,
    'row' as origin,
    action_rows.resource_type,
    action_condition_keys.condition_key
from action_condition_keys
join action_rows on action_rows.action_row = action_condition_keys.action_row
join actions on actions.action = action_rows.action
union all
select
    actions.action,
    actions.access_level,
    'resource type' as origin,
    action_rows.resource_type,
    resource_type_condition_keys.condition_key
from resource_type_condition_keys
join action_rows on action_rows.resource_type = resource_type_condition_keys.resource_type
join actions on actions.action = action_rows.action""",
    facets=("origin", "access_level"),
    sort="action",
)

_UNMAPPED = """not exists (
        select 1 from operations
        join operation_actions on operation_actions.operation = operations.operation
        where operations.name = sdk_operations.name
            and (operations.sdk_client = sdk_operations.sdk_client collate nocase
                or operations.sdk_client is null
                    and operations.service_prefix = sdk_clients.service_prefix))"""
"""No page names an action for an operation of an SDK client. Written into the view twice, because
SQLite would work out a common table expression that is used twice for every operation at once."""

LIKELY_OPERATION_ACTIONS = View(
    "likely_operation_actions",
    "operations",
    "The actions that operations most likely need for which no page names one: those of "
    "likely_actions, else the action of the same name. A guess, marked as such, and no fact.",
    (
        Column("service_prefix", STRING, "Service of the SDK client."),
        Column("name", STRING, "Name of the API call."),
        *SDK_OPERATIONS.pick("sdk_client"),
        *LIKELY_ACTIONS.pick("position"),
        Column("action", STRING, "The action{{; a link where the catalog holds it}}."),
        Column(
            "source",
            STRING,
            "Address of AWS's document that says so; empty where the action has the operation's "
            "name.",
        ),
    ),
    """\
select
    sdk_clients.service_prefix,
    sdk_operations.name,
    sdk_operations.sdk_client,
    likely_actions.position,
    likely_actions.action,
    likely_actions.source
from sdk_operations
join sdk_clients on sdk_clients.sdk_client = sdk_operations.sdk_client
join likely_actions on likely_actions.name = sdk_operations.name
    and likely_actions.sdk_client = sdk_operations.sdk_client
where {unmapped}
    and not (unless_same_name and exists (
        select 1 from actions
        where actions.action = sdk_clients.service_prefix || ':' || sdk_operations.name))
union all
select
    sdk_clients.service_prefix,
    sdk_operations.name,
    sdk_operations.sdk_client,
    1 as position,
    actions.action,
    null as source
from sdk_operations
join sdk_clients on sdk_clients.sdk_client = sdk_operations.sdk_client
join actions on actions.action = sdk_clients.service_prefix || ':' || sdk_operations.name
where {unmapped}
    and not exists (
        select 1 from likely_actions
        where likely_actions.name = sdk_operations.name
            and likely_actions.sdk_client = sdk_operations.sdk_client
            and not unless_same_name)""".replace("{unmapped}", _UNMAPPED),
    facets=("service_prefix", "sdk_client"),
    sort="name",
)
