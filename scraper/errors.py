"""What stops the scraper: errors of the input as a whole, not of one row."""

from __future__ import annotations


class ScraperError(Exception):
    """The scraper can not go on; the message says why and what to do."""


class SourceError(ScraperError):
    """A folder or file of source pages is not what its manifest says, or can not be read."""


class BuildRefused(ScraperError):
    """Problems that nobody accepted: no catalog was written."""
