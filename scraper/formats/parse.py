"""A source text -> a `ServicePage`: finds out what the text is, and has it read.

Formats (the values of `ServicePage.format`):
    markdown-bullets  Markdown with bulleted lists of actions and keys, 2017-12 to 2018-03
    markdown-table    Markdown with tables of six columns, 2018-04 to 2020-11
    markdown-2026     Markdown as served since 2026-07-09, with operations
    html              HTML, 2019 to 2026
    json              AWS's JSON service reference, v1

The content decides, never the name of the file. A text that is none of these gets a page with
`format` None and one problem. Nothing here raises on what a text says: what can not be read is a
problem with its line.
"""

from __future__ import annotations

from scraper.formats.bullets import is_bullets, parse_bullets
from scraper.formats.markdown import read_markdown
from scraper.formats.service_reference import parse_json
from scraper.page.model import ServicePage, no_page
from scraper.page.parser import parse_document

LARGEST_PAGE = 16 * 1024 * 1024
"""Bytes; the largest page that AWS ever published has about 2 MB."""
LONGEST_LINE = 1024 * 1024
"""Characters of a Markdown line; the longest that AWS ever published has about 10,000."""


def parse_bytes(file: str, content: bytes) -> ServicePage:
    """The page in the bytes of *file*, which is a name without folders."""
    if len(content) > LARGEST_PAGE:
        text = f"{len(content):,} bytes; no page is larger than {LARGEST_PAGE:,}"
        return no_page(file, "unreadable", None, text)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        return no_page(
            file, "unreadable", line, f"byte {error.object[error.start]:#04x} is not UTF-8"
        )
    return parse_text(file, text)


def parse_text(file: str, text: str) -> ServicePage:
    """The page in *text*, whatever its format."""
    start = text.lstrip()[:1]
    if start in ("{", "["):
        return parse_json(file, text)
    if start == "<":
        from scraper.formats.html import (
            read_html,  # BeautifulSoup takes as long to import as a page
        )

        return parse_document(file, read_html(text), "html")
    longest = max(map(len, text.split("\n")))
    if longest > LONGEST_LINE:
        text = f"a line of {longest:,} characters; no page has one over {LONGEST_LINE:,}"
        return no_page(file, "unreadable", 1, text)
    if is_bullets(text):
        return parse_bullets(file, text)
    return parse_document(file, read_markdown(text), "markdown-table")
