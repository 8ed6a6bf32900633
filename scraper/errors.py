"""Define the errors that stop the scraper: of the input as a whole, not of one row."""

from __future__ import annotations

from collections.abc import Sequence

from iam_catalog.errors import PortableError


class ScraperError(PortableError):
    """The scraper cannot go on; the message says why and what to do."""


class SourceError(ScraperError):
    """A folder or file of source pages is not what its manifest says, or cannot be read."""


class BuildRefused(ScraperError):
    """Something was found that nobody accepted: the catalog that answers is as it was."""

    def __init__(self, message: str, lines: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.lines = lines
        """Trips of each guard, and how to accept them."""
