"""Register the functions in DuckDB, which calls them with some 2,000 rows at a time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Any

from iam_catalog.catalog import Catalog
from iam_catalog.schema.model import BOOLEAN, INTEGER, STRING
from iam_catalog.sql.arrow import ask
from iam_catalog.sql.vocabulary import FUNCTIONS, SqlFunction, SqlWords, opened

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_TYPES = SqlWords(
    {STRING: "VARCHAR", INTEGER: "BIGINT", BOOLEAN: "BOOLEAN"}, "{}[]", "STRUCT({})", '"{}" {}'
)


def register(connection: DuckDBPyConnection, catalog: object) -> None:
    """Create the functions, in place of those of an earlier call."""
    import duckdb

    asked = opened(catalog)
    for function in FUNCTIONS:
        with suppress(duckdb.InvalidInputException):  # there is none yet
            connection.remove_function(function.name)
        connection.create_function(  # type: ignore[call-overload]
            function.name,
            _answer(asked, function),
            [_TYPES.of[STRING]] * len(function.parameters),
            _TYPES.written(function.returns),
            # Words, because the classes of these are in another module in each version.
            type="arrow",
            null_handling="special",
        )


def _answer(catalog: Catalog, function: SqlFunction) -> Callable[..., Any]:
    def answer(*columns: Any) -> Any:
        return ask(catalog, function, columns)

    # DuckDB counts the parameters of what it is given.
    names = [Parameter(name, Parameter.POSITIONAL_ONLY) for name in function.parameters]
    answer.__signature__ = Signature(names)  # type: ignore[attr-defined]
    return answer
