"""Parsed pages with a date, as `normalise` takes them."""

from __future__ import annotations

import hashlib

from scraper.normalise import DatedPage
from scraper.parse import parse_bytes
from scraper.sources import Source


def dated_page(text: str, date: str | None = "2019-08-12", file: str = "page.md") -> DatedPage:
    """*text* as parsed from a file whose publisher and addresses nobody knows."""
    content = text.encode()
    source = Source(file, content, hashlib.sha256(content).hexdigest(), date)
    return DatedPage(parse_bytes(source.file, content), source)
