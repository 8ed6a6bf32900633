"""The views of `catalog.db`: joins that people browse and canned queries build on."""

from __future__ import annotations

VIEWS = """
create view service_counts as
select
    services.service_prefix,
    services.name,
    (select count(*) from actions where actions.service_prefix = services.service_prefix)
        as actions,
    (select count(*) from resource_types
        where resource_types.service_prefix = services.service_prefix) as resource_types,
    (select count(distinct condition_key) from condition_key_definitions
        where condition_key_definitions.service_prefix = services.service_prefix)
        as condition_keys,
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
    dependent_actions.action,
    dependent_actions.dependent_action,
    actions.access_level,
    actions.action is not null as in_catalog,
    dependent_actions.page,
    dependent_actions.line,
    dependent_actions.last_seen
from dependent_actions
left join actions on actions.action = dependent_actions.dependent_action;
create view removed_actions as
select action, access_level, description, first_seen, last_seen, removed, page, line
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
"""
