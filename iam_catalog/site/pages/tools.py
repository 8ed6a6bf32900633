"""List the tools: what each answers, and what it is asked."""

from __future__ import annotations

import sqlite3
from typing import Any

from iam_catalog.site.render import SitePage
from iam_catalog.site.request import Request

_TOOLS: tuple[dict[str, Any], ...] = (
    {
        "tool": "arn",
        "title": "Match an ARN",
        "about": "Which resource types can an ARN be, and which actions take one of them?",
        "method": "GET",
        "asked": {
            "arn": "An ARN; it may hold wildcards and policy variables.",
            "access_level": "Lists the actions of this level only.",
        },
    },
    {
        "tool": "expand",
        "title": "Expand a pattern",
        "about": "Which actions does a wildcard grant, and since when? Which patterns say the same"
        " as a long list?",
        "method": "GET, or POST for a long list",
        "asked": {
            "pattern": "Patterns such as ec2:Describe*, with blanks between.",
            "since": "YYYY-MM-DD: what the patterns gained and lost from then on.",
            "access_level": "Lists the actions of this level only.",
            "actions": "Actions to shrink into as few patterns.",
            "shortest": "1: a pattern may end within a word.",
        },
    },
    {
        "tool": "check",
        "title": "Check a policy",
        "about": "What is wrong in a policy, or worth knowing? In words, too, and with the"
        " dependent actions that it lacks.",
        "method": "POST",
        "asked": {
            "policy": "JSON, YAML, a plan, a template, or a text with policies inside.",
            "kind": "identity, resource, trust, scp or rcp, where the form does not say.",
            "show": "findings, words, or missing.",
        },
    },
    {
        "tool": "write",
        "title": "Write a policy",
        "about": "A least-privilege policy for actions or access levels, on the ARNs that they"
        " take.",
        "method": "GET",
        "asked": {
            "actions": "Actions or patterns, with blanks or commas between; also as action,"
            " repeated.",
            "arns": "ARNs, one a line.",
            "access_level": "All actions of this level; can be repeated.",
            "service_prefix": "The service whose actions the levels mean.",
            "kind": "managed, inline-user, inline-group or inline-role.",
            "with_dependent_actions": "1: allow what the actions may need, too.",
            "with_optional_types": "1: name the resource types that are not required, too.",
            "shrink": "1: write wildcards that match the same actions today.",
            "fill.NAME": "What to write for the placeholder ${NAME}.",
        },
    },
)


def tools(_: sqlite3.Connection, __: Request) -> dict[str, Any]:
    """Return the tools with their values; each answers as JSON at its address with `.json`."""
    return {"tools": list(_TOOLS)}


PAGE = SitePage("tools", "tools.html", tools, lambda _: "Tools", needs_server=True)
