"""List AWS's global condition keys: what each compares, its type, and how many values it has."""

from __future__ import annotations

import sqlite3
from typing import Any

from iam_catalog.facts.global_keys import DESCRIPTIONS
from iam_catalog.facts.keys import AS_OF, GLOBAL_KEYS, LISTED_BY_SERVICES
from iam_catalog.facts.keys import PAGE as PAGE_OF_AWS
from iam_catalog.policy.grammar.conditions import is_multivalued
from iam_catalog.site.render import SitePage
from iam_catalog.site.request import Request


def global_keys(_: sqlite3.Connection, __: Request) -> dict[str, Any]:
    """Return the keys by name, with the page of AWS that lists them.

    `on_pages_of_services` is true of those that only some actions have.
    """
    return {
        "keys": [
            {
                "condition_key": key,
                "description": DESCRIPTIONS[key],
                "types": list(GLOBAL_KEYS[key]),
                "multivalued": any(map(is_multivalued, GLOBAL_KEYS[key])),
                "on_pages_of_services": key.partition("/")[0].lower() in LISTED_BY_SERVICES,
            }
            for key in sorted(GLOBAL_KEYS, key=str.lower)
        ],
        "as_of": AS_OF,
        "url": PAGE_OF_AWS,
    }


PAGE = SitePage("global-keys", "global_keys.html", global_keys, lambda _: "Global condition keys")
