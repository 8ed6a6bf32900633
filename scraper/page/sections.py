"""The wordings that structure a page: titles, the introduction, headings and "none" sentences.

Matched by what every wording from 2018-04 to 2020-11 has in common. Services are often called by
another name inside a sentence ("SSM Messages has no …"), so a sentence is known by its predicate.
"""

from __future__ import annotations

import re

from scraper.page.tables import Block, Heading, Paragraph

TITLE = re.compile(r"Actions, Resources, and Condition Keys for (?P<service>.+)", re.IGNORECASE)
INTRODUCTION = re.compile(
    r"(?P<service>.+) \(service prefix: (?P<prefix>[a-z0-9-]+) ?\) provides the following"
    r"(?P<operations> service-specific operations,)?"
)
PERMISSION_ONLY = "permission_only"
"""A section of its own since 2026-07; its actions are actions like the others."""
REQUIRED = ("actions", "resource_types", "condition_keys")
"""The sections that every page has, whatever its date."""
HEADINGS = {
    "operations": re.compile(r"API operations defined by .+", re.IGNORECASE),
    "actions": re.compile(r"Actions Defined by .+", re.IGNORECASE),
    PERMISSION_ONLY: re.compile(r"Permission-only actions for .+", re.IGNORECASE),
    "resource_types": re.compile(r"Resources? (?:Types )?Defined by .+", re.IGNORECASE),
    "condition_keys": re.compile(r"Condition Keys for .+", re.IGNORECASE),
}
NONE_SENTENCES = {
    "actions": re.compile(r"has no API operations that can be used in the Actions? element"),
    "resource_types": re.compile(
        r"has no service-defined resources that can be used as the Resource element"
        r"|does not support specifying a resource ARN in the Resource element"
    ),
    "condition_keys": re.compile(
        r"has no service-specific (?:context|condition) keys that can be used in the Condition"
        r" element of policy statements"
    ),
}
# The action table of a page with row spans was not converted to Markdown; this stands for it.
LEFT_OUT = re.compile(r"\[?See the AWS documentation website for more details\]?")


def section_of(heading: Heading) -> str | None:
    """The section that a heading starts; None for a heading that is not known."""
    return next((name for name, known in HEADINGS.items() if known.fullmatch(heading.text)), None)


def says_none(section: str, block: Block) -> bool:
    sentence = NONE_SENTENCES.get(section)
    return isinstance(block, Paragraph) and bool(sentence and sentence.search(block.text))


def says_left_out(block: Block) -> bool:
    return isinstance(block, Paragraph) and bool(LEFT_OUT.fullmatch(block.text))
