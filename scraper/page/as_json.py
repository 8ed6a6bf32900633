"""One page as JSON: the form in which a page is looked into, and readings are compared."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from scraper.page.model import DETAILS, SECTIONS, ServicePage

LISTS = ("actions", "resource_types", "condition_keys", "operations")


OF_DATASETS = ("dependents_stated", "place", "incomplete", "own_level")
"""Fields of records that have no say in a page of AWS."""


def page_as_json(page: ServicePage) -> dict[str, Any]:
    """The fields of *page* as plain JSON values, in a fixed order."""
    facts = asdict(page)
    for records in (facts["actions"], facts["resource_types"], facts["condition_keys"]):
        for record in records:
            for name in OF_DATASETS:
                record.pop(name, None)
    return {
        **{
            name: facts[name]
            for name in ("file", "format", "title", "slug", "service_name", "service_prefix")
        },
        "sections": {section: page.state(section) for section in SECTIONS},
        "carries": {detail: page.state(detail) for detail in DETAILS},
        **{name: facts[name] for name in LISTS},
        "rows_found": {section: page.count(section).found for section in SECTIONS},
        "rows_in_error": {section: page.count(section).in_error for section in SECTIONS},
        "problems": [
            {
                "line": problem.line,
                "kind": problem.kind,
                "text": problem.text,
                "accepted": problem.accepted,
            }
            for problem in page.problems
        ],
    }
