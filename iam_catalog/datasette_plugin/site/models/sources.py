"""Where facts are stated: the source with its addresses, as every page of the site shows it."""

from __future__ import annotations

import sqlite3
from dataclasses import asdict
from typing import Any

from iam_catalog.records import Source


def source_of(connection: sqlite3.Connection, source: Source) -> dict[str, Any]:
    """The source of a fact, with `url_then`, where the page stood at its date, and `dataset_url`,
    where people find the public dataset that it is of."""
    row = connection.execute(
        "select url_then, datasets.url from pages left join datasets using (dataset)"
        " where page = ?",
        (source.page,),
    ).fetchone()
    url_then, dataset_url = row or (None, None)
    return {**asdict(source), "url_then": url_then, "dataset_url": dataset_url}


def disagreements_on(
    connection: sqlite3.Connection, kind: str, subject: str
) -> list[dict[str, Any]]:
    """What sources of one time say differently of a subject, each statement with its place."""
    rows = connection.execute(
        "select field, value, page, line from disagreements where kind = ? and subject = ?"
        " order by field, page, line",
        (kind, subject),
    )
    return [
        {"field": field, "value": value, "page": page, "line": line}
        for field, value, page, line in rows
    ]
