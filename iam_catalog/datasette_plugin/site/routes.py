"""The table of the site's pages: which address shows what."""

from __future__ import annotations

from iam_catalog.datasette_plugin.site.atom import feed
from iam_catalog.datasette_plugin.site.models.access_level import access_level
from iam_catalog.datasette_plugin.site.models.action import action
from iam_catalog.datasette_plugin.site.models.answers import status_of
from iam_catalog.datasette_plugin.site.models.changes import changes
from iam_catalog.datasette_plugin.site.models.condition_key import condition_key
from iam_catalog.datasette_plugin.site.models.home import home
from iam_catalog.datasette_plugin.site.models.policies import policies
from iam_catalog.datasette_plugin.site.models.policy import policy
from iam_catalog.datasette_plugin.site.models.resource_type import resource_type
from iam_catalog.datasette_plugin.site.models.search import search
from iam_catalog.datasette_plugin.site.models.service import service
from iam_catalog.datasette_plugin.site.models.services import services
from iam_catalog.datasette_plugin.site.models.source_page import source_page
from iam_catalog.datasette_plugin.site.models.tool_arn import arn
from iam_catalog.datasette_plugin.site.models.tool_check import check
from iam_catalog.datasette_plugin.site.models.tool_expand import expanded
from iam_catalog.datasette_plugin.site.models.tool_write import write
from iam_catalog.datasette_plugin.site.models.tools import tools
from iam_catalog.datasette_plugin.site.page import SitePage
from iam_catalog.datasette_plugin.site.shown import (
    shown_of_action,
    shown_of_condition_key,
    shown_of_resource_type,
    shown_of_search,
    shown_of_service,
)
from iam_catalog.datasette_plugin.site.tool_views import (
    LONGEST_LIST,
    LONGEST_POLICY,
    LONGEST_WRITTEN,
    counted_findings,
    json_without,
    shown_of_check,
    shown_of_expand,
    shown_of_policy,
    shown_of_write,
    titled,
)

HOME = SitePage(
    r"(?:index)?", "home.html", home, lambda _: "Actions, resource types, condition keys"
)
PAGES = (
    HOME,
    SitePage(
        "search",
        "search.html",
        search,
        lambda model: f"{model['q']} - search" if model["q"] else "Search",
        shown=shown_of_search,
    ),
    SitePage(
        "service/(?P<name>.+?)",
        "service.html",
        service,
        lambda model: f"{model['service']['service_prefix']} {model['service']['name'] or ''}",
        shown=shown_of_service,
    ),
    SitePage("services", "services.html", services, lambda _: "Services"),
    SitePage(
        "action/(?P<name>.+?)",
        "action.html",
        action,
        lambda model: model["action"]["action"],
        shown=shown_of_action,
    ),
    SitePage(
        "resource-type/(?P<name>.+?)",
        "resource_type.html",
        resource_type,
        lambda model: f"{model['resource_type']['resource_type']} - resource type",
        shown=shown_of_resource_type,
    ),
    SitePage(
        "condition-key/(?P<name>.+?)",
        "condition_key.html",
        condition_key,
        lambda model: f"{model['condition_key']} - condition key",
        shown=shown_of_condition_key,
    ),
    SitePage(
        "access-level/(?P<name>.+?)",
        "access_level.html",
        access_level,
        lambda model: f"{model['access_level']} - access level",
    ),
    SitePage(
        "page/(?P<name>.+?)",
        "source_page.html",
        source_page,
        lambda model: model["page"]["title"] or model["page"]["page"],
    ),
    SitePage("changes", "changes.html", changes, lambda _: "Changes", formats={"atom": feed}),
    SitePage("policies", "policies.html", policies, lambda _: "Sample policies"),
    SitePage(
        "policy/(?P<name>.+?)",
        "policy.html",
        policy,
        lambda model: f"{model['policy']['heading'] or model['policy']['policy']} - sample policy",
        shown=shown_of_policy,
    ),
    SitePage("tools", "tools.html", tools, lambda _: "Tools"),
    SitePage(
        "tools/arn",
        "tool_arn.html",
        arn,
        lambda model: titled("Match an ARN", model, model["arn"]),
        status=status_of,
    ),
    SitePage(
        "tools/expand",
        "tool_expand.html",
        expanded,
        lambda model: titled("Expand a pattern", model, " ".join(model["patterns"])),
        shown=shown_of_expand,
        status=status_of,
        longest_form=LONGEST_LIST,
        file_field="actions",
    ),
    SitePage(
        "tools/check",
        "tool_check.html",
        check,
        lambda model: titled("Check a policy", model, counted_findings(model)),
        formats={"json": json_without("text")},
        shown=shown_of_check,
        status=status_of,
        longest_form=LONGEST_POLICY,
        file_field="policy",
    ),
    SitePage(
        "tools/write",
        "tool_write.html",
        write,
        lambda model: titled("Write a policy", model, None),
        formats={"json": json_without("services")},
        shown=shown_of_write,
        status=status_of,
        longest_value={"actions": LONGEST_WRITTEN, "arns": LONGEST_WRITTEN},
    ),
)
