"""Declare `catalog.db`: the contract between the scraper that writes it and all that read it.

Each file of `declarations` declares a group of tables, or the views. `tables` puts them together
with indexes and full-text indexes, and writes their SQL. The tables of metadata.json and
docs/schema.md (`documents`), and the types of the exports follow from those.

Opening a catalog needs only the three constants here. Everything else loads when it is first used.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iam_catalog.schema.declarations.actions import ACCESS_LEVEL_ROWS
    from iam_catalog.schema.declarations.sources import DETAILS, SECTIONS
    from iam_catalog.schema.tables import PAST, SEARCHED, columns

    DDL: str
    INDEXES: str
    PAST_TABLES: str
    SEARCH: str
    TABLES: str
    VIEWS: str

__all__ = ["ACCESS_LEVEL_ROWS", "APPLICATION_ID", "DDL", "DETAILS", "DIGEST", "INDEXES", "PAST"]
__all__ += ["PAST_TABLES", "SEARCH", "SEARCHED", "SECTIONS", "TABLES", "VERSION", "VIEWS"]
__all__ += ["columns"]

VERSION = 17
"""Stored in `PRAGMA user_version`. Raise it with every change that a reader can notice."""

DIGEST = "4824a75834c687f4"
"""The first 16 digits of the SHA-256 of the DDL of that version: a test compares them."""

APPLICATION_ID = 0x49414D43
"""The letters IAMC, stored in `PRAGMA application_id`: marks a database as a catalog."""


def __getattr__(name: str) -> object:
    """Load or write what a public name stands for (PEP 562), so that opening a catalog is cheap."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from iam_catalog.schema import tables
    from iam_catalog.schema.declarations import actions, sources

    for module in (actions, sources, tables):
        if name in module.__all__:
            globals()[name] = getattr(module, name)
            break
    else:
        globals()[name] = tables.sql(name)
    return globals()[name]
