"""What a search finds, best first in each kind; also asked while somebody types."""

from __future__ import annotations

import sqlite3
from dataclasses import asdict
from typing import Any

from iam_catalog import full_text
from iam_catalog.datasette_plugin.site.asked import Asked

MOST = 50
"""Results of each kind on a page."""


def search(connection: sqlite3.Connection, asked: Asked) -> dict[str, Any]:
    """The results of `q`: an exact name first, then what has all of its words; `limit` a kind."""
    text = asked.value("q") or ""
    limit = asked.number("limit", MOST, most=MOST)
    found = [asdict(each) for each in full_text.search(connection, text, limit=limit)]
    named = [each for each in found if each["name"].lower() == text.lower()]
    others = [each for each in found if each not in named]
    return {"q": text, "results": named + others, "limit": limit}
