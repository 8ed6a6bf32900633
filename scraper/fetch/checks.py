"""Is the text what its address promises? A server says 200 for far more than the page.

Only what a page is about is checked, never how it is written: a format that the parser does not
know yet is a problem of the build, but the day on which AWS served it comes only once. So a page
is refused where it is nobody's, another service's, or empty.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from iam_catalog.facts.keys import GLOBAL_KEYS
from scraper.fetch.addresses import Target
from scraper.fetch.errors import FetchError
from scraper.formats.registry import parse_bytes
from scraper.page.model import ServicePage

HOME_TITLE = re.compile(
    r"service authorization reference"
    r"|(?:actions, resources, and condition keys for )?aws services"
    r"|what is .*|reference",
    re.IGNORECASE,
)
REFRESH = re.compile(rb"<meta[^>]{0,200}http-equiv\s*=\s*[\"']?refresh[^>]{0,500}>", re.IGNORECASE)
GLOBAL_KEY = re.compile(rb"\baws:[A-Z][A-Za-z]+")
CUT_KINDS = {"missing-section", "empty-section", "unclosed-row"}
"""Problems that the parser reports of Markdown that ends too early."""
FEWEST_KEYS = 10
"""AWS has had more global condition keys than this since 2011."""


Titles = Mapping[str, str]
"""The services that the index lists: by title as `folded` gives it, the slug."""


def check_text(
    target: Target, url: str, content: bytes, titles: Titles | None = None
) -> str | None:
    """Return the title of the text; None where it has none of its own. Raises `FetchError`.

    *titles* tell the page of one service from that of another.
    """
    if not content.strip():
        raise FetchError("emptied", url, f"{len(content):,} bytes of nothing.")
    if target.group == "docs":
        return _check_page(target, url, content, titles or {})
    if target.group == "json":
        _check_reference(target, url, content)
    elif target.group == "keys":
        _check_keys(url, content)
    elif target.group == "mapping":
        _check_mapping(url, content)
    return None


def _check_page(target: Target, url: str, content: bytes, titles: Titles) -> str | None:
    # Under no name of its own, so that the slug is the one in the text.
    page = parse_bytes("", content)
    found = _refresh_of(content)
    if found and (page.format is None or not page.service_prefix):
        raise FetchError("moved", url, f"only sends its reader on: {found}")
    _check_kind(page, url)
    _check_service(target, page, url)
    _check_title(target, page, url, titles)
    for problem in page.problems:
        if problem.kind == "cut-off":
            raise FetchError("cut-off", url, f"line {problem.line}: {problem.text}.")
    if _is_emptied(page):
        text = "has its title, but not one action, resource type or condition key."
        raise FetchError("emptied", url, text)
    if _is_cut(page, content):
        raise FetchError("cut-off", url, "ends in the middle of a line, and lacks a section.")
    return page.title


def _refresh_of(content: bytes) -> str | None:
    found = REFRESH.search(content)
    return found[0].decode("utf-8", "replace") if found else None


def _check_kind(page: ServicePage, url: str) -> None:
    """Refuse what is not a page of any service."""
    shown = page.service_name or page.title or ""
    if not page.service_prefix and HOME_TITLE.fullmatch(shown):
        text = f"shows {shown!r}, a page of the guide itself: this address is no longer used."
        raise FetchError("home-page", url, text)
    if page.problems and page.problems[0].kind == "moved-page":
        raise FetchError("moved", url, f"says that it has moved: {page.title!r}.")
    if page.problems and page.format is None and page.problems[0].kind == "cut-off":
        raise FetchError("cut-off", url, f"{page.problems[0].text}.")
    if page.format is None or not page.service_prefix:
        said = page.problems[0].text if page.problems else "no service prefix"
        raise FetchError("error-page", url, f"no service authorization page: {said}.")


def _check_service(target: Target, page: ServicePage, url: str) -> None:
    """Refuse the page of another service than the index lists at this address."""
    if target.prefix and page.service_prefix != target.prefix:
        text = (
            f"is about {page.service_name!r} ({page.service_prefix}), "
            f"where the index lists {target.title!r} ({target.prefix})."
        )
        raise FetchError("other-service", url, text)
    # The index may be older or newer than a page that was renamed; the page's own slug decides.
    if target.title and not _is_titled(page, target.title) and page.slug != target.name:
        text = f"is titled {page.title!r}, where the index lists {target.title!r}."
        raise FetchError("other-service", url, text)


def _check_title(target: Target, page: ServicePage, url: str, titles: Titles) -> None:
    """Refuse a page with the title of another service that the index lists."""
    own = folded(target.title or "")
    for name in _names_of(page):
        service = name.rpartition(" keys for ")[2]
        slug = titles.get(service, target.name)
        if slug != target.name and service != own:
            text = f"is titled {page.title!r}, which the index lists as the page {slug!r}."
            raise FetchError("other-service", url, text)


def _is_titled(page: ServicePage, title: str) -> bool:
    """Return True if the index gives the service's name, or the page's whole title."""
    wanted = folded(title)
    return any(name == wanted or name.endswith(f" for {wanted}") for name in _names_of(page))


def _names_of(page: ServicePage) -> list[str]:
    return [folded(each) for each in (page.title, page.service_name) if each]


def folded(title: str) -> str:
    """Fold case and white space of a title, in which AWS is not consistent."""
    return " ".join(title.split()).casefold()


def _is_emptied(page: ServicePage) -> bool:
    """Return True if there is no row at all, although no sentence says that there is nothing."""
    kinds = {problem.kind for problem in page.problems}
    rows = sum(count.found for count in page.rows.values())
    return rows == 0 and bool(kinds & {"missing-section", "empty-section"})


def _is_cut(page: ServicePage, content: bytes) -> bool:
    """Return True for Markdown that ends too early.

    Such a page would stay: it came with the mark of the whole text, which has not changed since.
    """
    kinds = {problem.kind for problem in page.problems} & CUT_KINDS
    return bool(kinds) and not content.endswith(b"\n")


def _check_reference(target: Target, url: str, content: bytes) -> None:
    """Refuse a JSON file that is not the service's."""
    value = _load_object(url, content)
    if not isinstance(value.get("Name"), str) or not isinstance(value.get("Actions"), list):
        text = "JSON of another kind; expected an object with 'Name' and 'Actions'."
        raise FetchError("error-page", url, text)
    if value["Name"] != target.name:
        text = f"is about {value['Name']!r}, where the list says {target.name!r}."
        raise FetchError("other-service", url, text)
    if not value["Actions"]:
        raise FetchError("emptied", url, "has no actions; every service has some.")


def _check_keys(url: str, content: bytes) -> None:
    found = len(set(GLOBAL_KEY.findall(content)))
    if found < FEWEST_KEYS:
        text = f"names {found} global condition keys; expected {FEWEST_KEYS} or more."
        raise FetchError("error-page", url, text)


def _check_mapping(url: str, content: bytes) -> None:
    if not isinstance(_load_object(url, content).get("SDK"), dict):
        raise FetchError("error-page", url, "no mapping; expected an object with 'SDK'.")


def _load_object(url: str, content: bytes) -> dict[str, object]:
    """Return the JSON object in *content*. Raises `FetchError` for anything else."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        if content.lstrip()[:1] == b"{":
            raise FetchError("cut-off", url, f"JSON that is not whole: {error}.") from error
        raise FetchError("error-page", url, f"no JSON: {error}.") from error
    if not isinstance(value, dict):
        raise FetchError("error-page", url, f"JSON, but a {type(value).__name__}; no object.")
    return value


HEADING = re.compile(
    r"^###[ \t]+`?(?P<markdown>[\w.-]+:\w+)|<h3\b[^>]*>\s*(?:<code[^>]*>)?\s*(?P<html>[\w.-]+:\w+)",
    re.MULTILINE,
)


def unknown_keys(content: bytes) -> list[str]:
    """Return the keys with a heading on the page that no check knows, in the page's order.

    The page is prose, one heading a key. Types of keys are taken from it by hand, into
    `iam_catalog.facts.keys`, so a fetch names the keys that are still to be taken.
    """
    known = {key.partition("/")[0].lower() for key in GLOBAL_KEYS}
    found = (
        each["markdown"] or each["html"]
        for each in HEADING.finditer(content.decode("utf-8", "replace"))
    )
    return [key for key in dict.fromkeys(found) if key.lower() not in known]
