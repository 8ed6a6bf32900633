"""Register the kinds of files that a catalog is exported as: one module and one entry for each."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

from iam_catalog.errors import CatalogError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from iam_catalog.export.package import File
    from iam_catalog.facts.exported import Content

    Writer = Callable[[Content, Path], list[File]]
    """Writes the files of an export into an empty folder, and returns what they hold."""


@dataclass(frozen=True, slots=True)
class ExportKind:
    """A kind of export."""

    name: str
    """The command, and the word in `datapackage.json`."""
    module: str
    """Below `iam_catalog.export`; its function `write` is a `Writer`. Imported when used."""
    help: str
    """What the command says of itself: a sentence, and below a blank line the rest."""
    example: str
    needs: tuple[str, str] | None = None
    """A package that the module imports, and the extra of iam-catalog that brings it."""

    def writer(self) -> Writer:
        """Return what writes this kind. Raises `CatalogError` where a package is missing."""
        if self.needs is not None:
            package, extra = self.needs
            try:
                import_module(package)
            except ImportError as error:
                raise CatalogError(
                    f"{package}, which writes {self.name.capitalize()}, is not installed:"
                    f" pip install 'iam-catalog[{extra}]'"
                ) from error
        write: Writer = import_module(f"iam_catalog.export.{self.module}").write
        return write


KINDS = (
    ExportKind(
        "json",
        "json_files",
        "Write a JSON document for each service.\n\nBeside them are an index of the services, and"
        " lists of actions, pages and changes, a line each.",
        "iam-catalog export json exported",
    ),
    ExportKind(
        "csv",
        "csv_files",
        "Write a CSV file for each table.\n\nValues are in them exactly as in the catalog: import"
        " them as text where a spreadsheet would take one for a formula.",
        "iam-catalog export csv exported connect",
    ),
    ExportKind(
        "parquet",
        "parquet_files",
        "Write a Parquet file for each table.\n\nColumns have types and descriptions (needs the"
        " extra iam-catalog[parquet]).",
        "iam-catalog export parquet exported",
        needs=("pyarrow", "parquet"),
    ),
)
"""In the order of the help."""


def kind_named(name: str) -> ExportKind:
    """Return the kind of this name. Raises `CatalogError` for another one."""
    for kind in KINDS:
        if kind.name == name:
            return kind
    names = ", ".join(kind.name for kind in KINDS)
    raise CatalogError(f"{name!r} is not a kind of export: use one of {names}.")
