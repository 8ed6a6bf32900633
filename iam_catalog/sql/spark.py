"""Register the functions in Spark, whose workers ask a copy of the catalog on their own machine.

The copy travels to each executor once, as a file of the job (`SparkContext.addFile`), and a Python
worker opens it when it first needs it. An executor that takes the place of a lost one gets it
again from Spark. Workers need this package, of the same version as the driver.
"""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import finalize

import pyarrow as pa

from iam_catalog.catalog import Catalog
from iam_catalog.errors import CatalogError
from iam_catalog.schema.model import BOOLEAN, INTEGER, STRING
from iam_catalog.sql.vocabulary import FUNCTIONS, SqlWords, opened

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_TYPES = SqlWords(
    {STRING: "string", INTEGER: "bigint", BOOLEAN: "boolean"}, "array<{}>", "struct<{}>", "`{}`: {}"
)


def register(session: SparkSession, catalog: object) -> None:
    """Send the catalog to the executors, and create the functions of the session."""
    try:
        from pyspark.sql.functions import arrow_udf
    except ImportError as error:
        raise CatalogError(
            "This PySpark has no functions over Arrow, which 4.1 brought:"
            " pip install 'iam-catalog[spark]'"
        ) from error
    asked = opened(catalog)
    try:
        file, as_of = _send(session, asked), asked.as_of
    finally:
        if asked is not catalog:
            asked.close()
    for number, function in enumerate(FUNCTIONS):
        answer = _answer(file, as_of, number)
        session.udf.register(function.name, arrow_udf(answer, _TYPES.written(function.returns)))


def _send(session: SparkSession, catalog: Catalog) -> str:
    """Send a copy to the executors, and return its name, which says what is in it.

    Spark knows files by their names, and refuses another one of the same name.
    """
    try:
        context = session.sparkContext
    except AttributeError as error:
        raise CatalogError(
            "A session of Spark Connect has no SparkContext, which sends the catalog to the"
            " executors: expected a session of the driver."
        ) from error
    folder = Path(tempfile.mkdtemp(prefix="iam-catalog-"))
    finalize(context, shutil.rmtree, folder, ignore_errors=True)
    new = folder / "new"
    with closing(sqlite3.connect(new)) as copy:
        # Not by its path, where another catalog may be by now.
        catalog._ask(sqlite3.Connection.backup, copy)
    with new.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    name = f"iam-catalog-{digest[:32]}.db"
    if not any(path.endswith(f"/{name}") for path in context.listFiles):
        new.rename(folder / name)
        context.addFile(str(folder / name))
    return name


def _answer(file: str, as_of: str | None, number: int) -> Callable[..., Any]:
    """Make what Spark sends to its workers: a function without anything of the driver in it."""

    def answer(*columns: pa.Array) -> pa.Array:
        from iam_catalog.sql.arrow import ask
        from iam_catalog.sql.spark import catalog_of_worker
        from iam_catalog.sql.vocabulary import FUNCTIONS

        return ask(catalog_of_worker(file, as_of), FUNCTIONS[number], columns)

    # Spark looks at the classes, and takes no names of them.
    answer.__annotations__ = {"columns": pa.Array, "return": pa.Array}
    return answer


_catalogs: dict[tuple[str, str | None], Catalog] = {}
"""The open catalogs of this process, by the name of the file and the date."""


def catalog_of_worker(file: str, as_of: str | None) -> Catalog:
    """Return the catalog that a worker process asks, opened when it is first asked."""
    from pyspark import SparkFiles

    found = _catalogs.get((file, as_of))
    if found is None:
        path = SparkFiles.get(file)
        found = _catalogs[file, as_of] = Catalog(path, as_of=as_of)
    return found
