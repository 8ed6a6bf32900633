"""The views of `catalog.db`: joins that people browse and canned queries build on."""

from __future__ import annotations

_COUNTED = {
    "actions": ("count(*)", "actions"),
    "resource_types": ("count(*)", "resource_types"),
    "condition_keys": ("count(distinct condition_key)", "condition_key_definitions"),
    "operations": ("count(distinct name)", "operations"),
}
"""What of a service is counted in which table, by the section of its pages."""


def _count(section: str) -> str:
    """Write the number of a service's things; NULL where every page of it leaves them out."""
    number, table = _COUNTED[section]
    return (
        f"(select case when count(*) or exists (select 1 from pages\n"
        f"            where pages.service_prefix = services.service_prefix\n"
        f"                and {section}_state <> 'not in source') then {number} end\n"
        f"        from {table} where {table}.service_prefix = services.service_prefix)"
    )


VIEWS = """
create view service_counts as
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
from services;
create view action_resource_types as
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
            and earlier.position < action_rows.position);
create view dependent_action_targets as
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
where needed.needed;
create view dependent_action_states as
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
left join pages on pages.page = dependents_page;
create view removed_actions as
select
    action, access_level, description, first_seen, last_seen, removed, removed_by, page, line, place
from past_actions
where removed is not null
    and not exists (select 1 from actions where actions.action = past_actions.action)
    and not exists (select 1 from past_actions as later
        where later.action = past_actions.action and later.removed > past_actions.removed);
create view condition_key_uses as
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
join actions on actions.action = action_rows.action;
""".format(**{section: _count(section) for section in _COUNTED})

UNMAPPED = """not exists (
        select 1 from operations
        join operation_actions on operation_actions.operation = operations.operation
        where operations.name = sdk_operations.name
            and (operations.sdk_client = sdk_operations.sdk_client collate nocase
                or operations.sdk_client is null
                    and operations.service_prefix = sdk_clients.service_prefix))"""
"""No page names an action for an operation of an SDK client. Written into the view twice, because
SQLite would work out a common table expression that is used twice for every operation at once."""

VIEWS += """
create view likely_operation_actions as
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
            and not unless_same_name);
""".replace("{unmapped}", UNMAPPED)
