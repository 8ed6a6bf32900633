"""HTML as AWS has served its pages since 2019."""

from __future__ import annotations

from scraper.formats.base import Format
from scraper.page.model import ServicePage
from scraper.page.sections import parse_document


def _detect(text: str) -> bool:
    return text.lstrip()[:1] == "<"


def _read(file: str, text: str) -> ServicePage:
    # BeautifulSoup takes longer to import than a page to read, and most builds read no HTML.
    from scraper.formats.html_tree import read_html

    return parse_document(file, read_html(text), FORMAT.name)


FORMAT = Format("html", _detect, _read, by_line=False)
