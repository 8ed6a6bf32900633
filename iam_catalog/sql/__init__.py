"""The rules of the catalog as SQL functions, in SQLite, DuckDB and Spark.

`register` puts `iam_expand`, `iam_actions`, `iam_access_levels`, `iam_check`, `iam_matches`,
`iam_arn_types` and `iam_dependent_actions` into an engine, under the same names everywhere. In
DuckDB and Spark they return lists and structs, in SQLite these as JSON.
"""

from __future__ import annotations

from importlib import import_module

from iam_catalog.errors import CatalogError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from os import PathLike

    from iam_catalog.catalog import Catalog

__all__ = ["register"]

_ENGINES = {
    # the package of the target's class, its name, the module here, and what that needs
    ("sqlite3", "Connection"): ("sqlite", "", ()),
    ("duckdb", "DuckDBPyConnection"): ("duckdb", "duckdb", ("numpy", "pyarrow")),
    ("pyspark", "SparkSession"): ("spark", "spark", ("pyarrow",)),
}


def register(target: object, catalog: Catalog | str | PathLike[str] | None = None) -> None:
    """Let *target* call the functions, which ask *catalog*: a `Catalog` or the path of one.

    *target* is a connection of `sqlite3` or DuckDB, or a Spark session; without *catalog*, the one
    answers that `Catalog()` opens. A `Catalog` has to stay open as long as SQLite or DuckDB ask
    it; Spark gets a copy. Registering again replaces the catalog. Raises `CatalogError` for another
    target or catalog, for a closed catalog, and where a package is not installed.

    >>> import sqlite3
    >>> connection = sqlite3.connect(":memory:")
    >>> register(connection)
    >>> connection.execute("select iam_matches('s3:Get*', 's3:GetObject')").fetchone()
    (1,)
    """
    module, extra, packages = _engine_of(target)
    for package in packages:
        try:
            import_module(package)
        except ImportError as error:
            raise CatalogError(
                f"{package}, which brings values from and to the engine, is not installed:"
                f" pip install 'iam-catalog[{extra}]'"
            ) from error
    import_module(f"{__name__}.{module}").register(target, catalog)


def _engine_of(target: object) -> tuple[str, str, tuple[str, ...]]:
    """Find the engine by the classes of *target*, so that none has to be installed."""
    for each in type(target).__mro__:
        package = each.__module__.partition(".")[0].lstrip("_")
        if (package, each.__name__) in _ENGINES:
            return _ENGINES[package, each.__name__]
    raise CatalogError(
        f"{target!r:.100} is a {type(target).__name__}: expected a connection of sqlite3, a"
        " connection of DuckDB (duckdb.connect()), or a SparkSession of PySpark."
    )
