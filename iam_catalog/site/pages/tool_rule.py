"""Show what a code of a finding means: when it is found, where AWS says so, and examples."""

from __future__ import annotations

import sqlite3
from typing import Any

from iam_catalog.errors import CatalogError
from iam_catalog.policy.check.registry import rule_named, rule_page
from iam_catalog.site.render import SitePage
from iam_catalog.site.request import BadRequest, Request


def rule(_: sqlite3.Connection, request: Request) -> dict[str, Any]:
    """Return what the rule of a code declares, with the `examples` of its documentation.

    Raises `BadRequest` with status 404 for a code that no finding has.
    """
    try:
        found = rule_named(request.names["code"])
    except CatalogError as error:
        raise BadRequest(str(error), 404) from error
    return {
        "code": found.code,
        "severity": found.severity,
        "topic": found.topic,
        "meaning": found.meaning,
        "explanation": found.explanation,
        "reference": found.reference,
        "source": found.source,
        "read_on": found.read_on,
        "examples": [
            {
                "heading": heading,
                "parts": [{"language": language, "text": text} for language, text in parts],
            }
            for heading, parts in _examples(found.code)
        ],
    }


def _examples(code: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the sections of the rule's documentation, each with its heading and its parts.

    A part is the language of a block with its text, or the empty text with a paragraph.
    """
    try:
        _, *sections = rule_page(code).split("\n## ")
    except CatalogError:  # an installation without its documentation still says what it knows
        return []
    found = []
    for section in sections:
        heading, _, rest = section.partition("\n")
        parts = []
        for number, piece in enumerate(rest.split("```")):
            language, _, text = piece.partition("\n") if number % 2 else ("", "", piece)
            if text.strip():
                parts.append((language, text.strip("\n")))
        found.append((heading, parts))
    return found


PAGE = SitePage(
    "tools/rule/(?P<code>[a-z0-9-]{1,80})",
    "tool_rule.html",
    rule,
    lambda model: f"{model['code']} - rule of check",
    needs_server=True,
    name=lambda model: model["code"],
    description=lambda model: model["meaning"],
)
