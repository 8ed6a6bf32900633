"""Describe a format in which AWS has published its pages: one file in this folder for each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scraper.page.model import ServicePage


@dataclass(frozen=True, slots=True)
class Format:
    """A format of pages. What a page carries does not follow from it: the page's headers say so."""

    name: str
    """The value of `ServicePage.format` and of the column `format` of the table `pages`."""
    detect: Callable[[str], bool]
    """Return True for a text that is read as this format, unless one before it takes the text.

    Asked of every text, so it looks at no more than it has to.
    """
    read: Callable[[str, str], ServicePage]
    """Read the page in a file, given its name without folders and its text.

    Never raises for what a text says: what cannot be read is a problem of the page.
    """
    by_line: bool = True
    """A text has lines; a longer one than any page has makes it unreadable."""
