"""AWS's page of global condition keys beside the keys that this program knows.

The page is prose, one heading a key. Types are taken from it by hand, into
`iam_catalog.facts.global_keys`, so a fetch says which keys are still to be taken: until
then a check of policies does not know them.
"""

from __future__ import annotations

import re

from iam_catalog.facts.global_keys import GLOBAL_KEYS

HEADING = re.compile(
    r"^###[ \t]+`?(?P<markdown>[\w.-]+:\w+)|<h3\b[^>]*>\s*(?:<code[^>]*>)?\s*(?P<html>[\w.-]+:\w+)",
    re.MULTILINE,
)


def unknown_keys(content: bytes) -> list[str]:
    """The keys that have a heading on the page, and that no check knows; in the page's order."""
    known = {key.partition("/")[0].lower() for key in GLOBAL_KEYS}
    found = (
        each["markdown"] or each["html"]
        for each in HEADING.finditer(content.decode("utf-8", "replace"))
    )
    return [key for key in dict.fromkeys(found) if key.lower() not in known]
