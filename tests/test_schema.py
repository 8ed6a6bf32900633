"""The schema and its version go together."""

from __future__ import annotations

from hashlib import sha256

from iam_catalog import schema
from iam_catalog.identity import DIGEST
from scraper.page.model import PLACES


def test_a_changed_schema_has_a_new_version() -> None:
    """The version is how a reader knows that it cannot read a catalog, and how a build knows that
    it cannot compare one."""
    found = sha256(schema.DDL.encode()).hexdigest()[:16]

    assert found == DIGEST, (
        f"The DDL changed: in iam_catalog/identity.py raise VERSION (now {schema.VERSION}), set"
        f" DIGEST to {found!r}, and run 'python -m scraper build'."
    )


def test_a_page_has_a_state_of_everything_that_the_parser_looks_for() -> None:
    columns = [name for name in schema.columns("pages") if name.endswith("_state")]

    assert sorted(columns) == sorted(f"{place}_state" for place in PLACES)
