"""Give the addresses of the live pages, read the lists of them, and name the files they become.

Pure: text and addresses in, records out. Nothing here is fetched. A list is a page like others,
so nothing of it is believed: an address stays inside the configured folder, and a slug is checked
before it becomes part of a path.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import PurePosixPath
from urllib.parse import urljoin, urlsplit

from scraper.fetch.errors import FetchError, FetchStopped
from scraper.sources import PAGES_FOLDER

REFERENCE_FOLDER = "service-reference"
INDEX_NAME = "reference_policies_actions-resources-contextkeys"
KEYS_NAME = "reference_policies_condition-keys"
LIST_NAME = "service-list.json"
MAPPING_NAME = "mapping.json"
SLUG = re.compile(r"[A-Za-z0-9](?:[._-]?[A-Za-z0-9])*")
LONGEST_SLUG = 100
# Titles hold parentheses of their own: 'AWS Identity and Access Management (IAM) (iam)'.
LISTED_TITLE = re.compile(r"(?P<title>.+?)\s*\((?P<prefix>[a-z0-9-]+)\)")
LIST_ITEM = re.compile(r"^\s*[-+*]\s+\[(?P<text>.+)\]\((?P<href>[^()\s]+)\)\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Form:
    """A form in which a text is served."""

    suffix: str
    content_types: frozenset[str]


# A file store serves a type that it does not know as octets: the content is checked anyway.
OCTETS = frozenset({"application/octet-stream", "binary/octet-stream"})
MARKDOWN = Form(".md", frozenset({"text/markdown", "text/x-markdown", "text/plain"}) | OCTETS)
HTML = Form(".html", frozenset({"text/html", "application/xhtml+xml"}))
JSON = Form(".json", frozenset({"application/json", "text/json", "text/plain"}) | OCTETS)
PAGE_FORMS = (MARKDOWN, HTML)
"""In which a page of the guide is served, the better one first."""
PAGE_NAME = re.compile(
    rf"list_(?P<slug>[^/]+)(?:{'|'.join(re.escape(form.suffix) for form in PAGE_FORMS)})"
)


@dataclass(frozen=True, slots=True)
class Site:
    """The configured addresses, each of a folder, with a slash at its end."""

    docs: str = "https://docs.aws.amazon.com/service-authorization/latest/reference/"
    keys: str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
    reference: str = "https://servicereference.us-east-1.amazonaws.com/"

    def __post_init__(self) -> None:
        for address in (self.docs, self.keys, self.reference):
            origin(address)
            if not address.endswith("/"):
                raise FetchStopped("bad-name", address, "the address of a folder ends with '/'.")

    def check(self, url: str) -> None:
        """Refuse an address of any other host, port or scheme. Raises `FetchError`."""
        if origin(url) not in {origin(each) for each in (self.docs, self.keys, self.reference)}:
            raise FetchError("foreign-host", url, "not a configured host; nothing was asked of it.")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One address of a text, with the path that it gets in the folder of the day."""

    url: str
    path: str
    form: Form


@dataclass(frozen=True, slots=True)
class Target:
    """A text to fetch: the first of its addresses that serves it, and what it must say."""

    group: str
    """`docs`, `json`, or for what is not a service's page: `index`, `list`, `keys`, `mapping`."""
    name: str
    """The slug of a page, the service prefix of a JSON file."""
    candidates: tuple[Candidate, ...]
    title: str | None = None
    """As the index gives it; None where nothing is known."""
    prefix: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the index, or of the JSON list."""

    name: str
    url: str
    title: str | None = None
    prefix: str | None = None

    def answers_to(self, service: str) -> bool:
        """Return True if the service is known by this prefix, slug or title."""
        names = (self.name, self.prefix, self.title)
        return service.casefold() in {each.casefold() for each in names if each}


def origin(url: str) -> tuple[str, str, int | None]:
    """Return scheme, host and port. Raises `FetchError` for an address that is never requested."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError as error:
        raise FetchError("foreign-host", url, f"no address ({error}).") from error
    if "@" in parts.netloc:
        raise FetchError("foreign-host", url, "an address with a user name in it.")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(host)):
        raise FetchError("foreign-host", url, "expected an https address.")
    return parts.scheme, host, port or {"https": 443, "http": 80}[parts.scheme]


def _is_loopback(host: str) -> bool:
    """Return True for this machine itself, where no one can listen in."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def check_slug(slug: str, url: str) -> str:
    """Return the slug if it is safe as a part of a file's name. Raises `FetchError`."""
    if not SLUG.fullmatch(slug) or len(slug) > LONGEST_SLUG:
        text = (
            f"{slug[:LONGEST_SLUG]!r} cannot be part of a file's name: "
            "expected letters, digits, '-', '_' and '.'."
        )
        raise FetchError("bad-name", url, text)
    return slug


def name_of(path: PurePosixPath) -> str:
    """Return the slug of a page's file, or the service prefix of a JSON file."""
    stem = path.name.removesuffix(path.suffix)
    return stem if is_reference(path) else stem.removeprefix("list_")


def is_reference(path: PurePosixPath) -> bool:
    """Return True for a file of the service reference, and False for a page of the guide."""
    return path.suffix == JSON.suffix


def index_target(site: Site) -> Target:
    return _document_target("index", site.docs, INDEX_NAME)


def keys_target(site: Site) -> Target:
    return _document_target("keys", site.keys, KEYS_NAME)


def _document_target(group: str, folder: str, name: str) -> Target:
    """Return the target of a text that is not a service's page.

    Its file begins with a dot, because everything else in a folder is read as a service's page.
    """
    return Target(
        group,
        name,
        tuple(
            Candidate(f"{folder}{name}{form.suffix}", f".{name}{form.suffix}", form)
            for form in PAGE_FORMS
        ),
    )


def list_target(site: Site) -> Target:
    return _json_document("list", site, LIST_NAME)


def mapping_target(site: Site) -> Target:
    return _json_document("mapping", site, MAPPING_NAME)


def _json_document(group: str, site: Site, name: str) -> Target:
    return Target(group, name, (Candidate(f"{site.reference}v1/{name}", f".{name}", JSON),))


def page_target(site: Site, listed: Listed) -> Target:
    """Return the page of a line of the index: Markdown, or HTML where it has none."""
    stem = f"list_{listed.name}"
    candidates = tuple(
        Candidate(f"{site.docs}{stem}{form.suffix}", f"{PAGES_FOLDER}/{stem}{form.suffix}", form)
        for form in PAGE_FORMS
    )
    return Target("docs", listed.name, candidates, listed.title, listed.prefix)


def reference_target(listed: Listed) -> Target:
    """Return the JSON file of a line of the JSON list."""
    path = f"{REFERENCE_FOLDER}/{listed.name}.json"
    candidates = (Candidate(listed.url, path, JSON),)
    return Target("json", listed.name, candidates, prefix=listed.prefix)


def read_index(site: Site, url: str, text: str) -> tuple[list[Listed], list[FetchError]]:
    """Return the services that the index page lists, in its order, and the unusable lines."""
    links = _html_links(text) if text.lstrip().startswith("<") else _markdown_links(text)
    return collect(_listed_page(site, url, label, href) for label, href in links)


def read_service_list(url: str, text: str) -> tuple[list[Listed], list[FetchError]]:
    """Return the files that the JSON list names, and the unusable entries."""
    try:
        value = json.loads(text)
        pairs = [(str(each["service"]), str(each["url"])) for each in value]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise FetchError("error-page", url, f"no list of services ({error}).") from error
    return collect(_listed_file(url, prefix, address) for prefix, address in pairs)


def collect(found: Iterable[Listed | FetchError | None]) -> tuple[list[Listed], list[FetchError]]:
    """Keep each name once: file systems without case would take two for one."""
    listed: dict[str, Listed] = {}
    errors = []
    for each in found:
        if isinstance(each, FetchError):
            errors.append(each)
        elif each is not None:
            listed.setdefault(each.name.casefold(), each)
    return list(listed.values()), errors


def _listed_page(site: Site, url: str, label: str, href: str) -> Listed | FetchError | None:
    """Return the page that a link of the index leads to; None for a link to anything else."""
    try:
        address = urljoin(url, href).partition("#")[0].partition("?")[0]
    except ValueError as error:
        return FetchError("foreign-host", href, f"no address ({error}).")
    found = PAGE_NAME.fullmatch(address.rpartition("/")[2])
    if not found:
        return None
    if address.rpartition("/")[0] + "/" != site.docs:
        return FetchError("foreign-host", address, f"the index lists a page outside {site.docs}.")
    try:
        slug = check_slug(found["slug"], address)
    except FetchError as error:
        return error
    titled = LISTED_TITLE.fullmatch(label)
    if titled:
        return Listed(slug, address, titled["title"], titled["prefix"])
    return Listed(slug, address, label or None)


def _listed_file(url: str, prefix: str, address: str) -> Listed | FetchError:
    try:
        if origin(address) != origin(url):
            return FetchError("foreign-host", address, f"the list {url} names another host.")
        return Listed(check_slug(prefix, address), address, prefix=prefix)
    except FetchError as error:
        return error


def _markdown_links(text: str) -> Iterator[tuple[str, str]]:
    """Yield label and address of each list item that is one link."""
    for found in LIST_ITEM.finditer(text):
        yield re.sub(r"\\([^\w\s])", r"\1", found["text"]), found["href"]


def _html_links(text: str) -> Iterator[tuple[str, str]]:
    parser = _Links()
    parser.feed(text)
    parser.close()
    for href, words in parser.links:
        yield " ".join("".join(words).split()), href


class _Links(HTMLParser):
    """Collect the links of a page with their words."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[tuple[str, list[str]]] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href")
        if tag == "a" and href:
            self.links.append((href, []))
            self.inside = True

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "a"

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.links[-1][1].append(data)
