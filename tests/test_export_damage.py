"""An export has no value that is not of its column's type, whatever a damaged catalog holds."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from export_catalogs import dated, export

from iam_catalog import Catalog, CatalogError
from iam_catalog.export.site.writing import write_site


@pytest.fixture
def damaged(tmp_path: Path) -> Callable[[str], str]:
    """Makes a catalog after which a statement of SQL was run."""
    path = dated(tmp_path)

    def made(sql: str) -> str:
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(sql)
        return path

    return made


@pytest.mark.parametrize(
    ("sql", "text"),
    [
        (
            "update actions set last_seen = 'soon'",
            "actions.last_seen has 'soon', which is not of type date",
        ),
        (
            "update page_dates set date = '2019-02-30'",
            "page_dates.date has '2019-02-30', which is not of type date",
        ),
        (
            "update arn_formats set line = 'seven'",
            "arn_formats.line has 'seven', which is not of type integer",
        ),
        (
            "update actions set description = x'ff'",
            "actions.description has b'\\xff', which is not of type string",
        ),
    ],
)
@pytest.mark.parametrize("kind", ["csv", "json", "parquet"])
def test_a_value_of_another_type_is_refused(
    damaged: Callable[[str], str], tmp_path: Path, sql: str, text: str, kind: str
) -> None:
    if kind == "parquet":
        pytest.importorskip("pyarrow", reason="pyarrow, the extra parquet, is not installed")

    with pytest.raises(CatalogError) as caught:
        export(damaged(sql), tmp_path / "out", kind)

    assert str(caught.value) == (
        f"The catalog is damaged: {text}. Rebuild it with: python -m scraper build"
    )
    assert not (tmp_path / "out").exists()


def test_a_site_is_refused_too(damaged: Callable[[str], str], tmp_path: Path) -> None:
    path = damaged("update actions set description = x'ff'")

    with (
        Catalog(path) as catalog,
        pytest.raises(CatalogError, match=r"^The catalog is damaged: actions\.description has"),
    ):
        write_site(catalog, tmp_path / "out")
