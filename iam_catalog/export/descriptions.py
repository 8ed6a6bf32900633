"""What tables and columns mean, in the words of the site's `metadata.json`.

Those texts are written for Datasette; here they lose what is about links and pages of the site,
and speak of true and false where SQLite has 1 and 0.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from iam_catalog.database import find_metadata
from iam_catalog.errors import CatalogError
from iam_catalog.export.tables import BOOLEAN, Column, Table

OF_SITE = re.compile(r"“|The question |Questions |To filter |Filter ")
"""In a sentence that tells a reader of the site where to go on."""
CLAUSE = re.compile(r"; (?:a link\b|links to|filter by|the view)[^;.]*|, the newest first")
"""Part of a sentence that holds for the site alone."""
TABLE_WORDS = ((" is 0 ", " is false "), (" is 1 ", " is true "))
BOOLEAN_WORDS = (("1 where", "True where"), (" 0 where", " false where"), ("else 0", "else false"))


@cache
def metadata() -> Any:
    """The site's texts; raises `CatalogError` where they can not be read."""
    path = find_metadata()
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CatalogError(
            f"Can not read the descriptions of the tables from {path!r}: {error}. Restore "
            "metadata.json from the package."
        ) from error


def texts_of(table: str) -> Any:
    return metadata()["databases"]["catalog"]["tables"][table]


def table_text(table: Table) -> str:
    """What the rows of a table are."""
    sentences = re.split(r"(?<=\.) (?=[A-Z])", texts_of(table.name)["description"])
    text = CLAUSE.sub("", " ".join(each for each in sentences if not OF_SITE.search(each)))
    return in_words(text, TABLE_WORDS)


def column_text(table: Table, column: Column) -> str:
    """What a column of a table says; "empty" is null, and in CSV nothing between two commas."""
    text = CLAUSE.sub("", texts_of(table.name)["columns"][column.name])
    return in_words(text, BOOLEAN_WORDS) if column.type == BOOLEAN else text


def in_words(text: str, words: tuple[tuple[str, str], ...]) -> str:
    for word, ours in words:
        text = text.replace(word, ours)
    return text
