"""Reads the pages of a static export as a browser would: what they link to, load and hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path
from posixpath import dirname, join, normpath
from urllib.parse import unquote, urlsplit

ADDRESSES = ("href", "src", "action", "formaction", "poster", "srcset", "data", "xlink:href")
"""The attributes that a browser follows or loads."""
MISSING = "404.html"
"""Shown at any address, so that its own addresses start from the root of a host."""
NO_ICON = "data:,"
"""Keeps a browser from asking for `/favicon.ico`, which is not the export's."""


class Page(HTMLParser):
    """The addresses, the identifiers and the elements of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[tuple[str, str]] = []
        """Each element that has an address, with the address."""
        self.identifiers: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.inline: list[str] = []
        """Scripts and styles that stand in the page itself."""
        self._open = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.elements.append((tag, found))
        self.links += [(tag, found[name] or "") for name in ADDRESSES if name in found]
        if identifier := found.get("id"):
            self.identifiers.append(identifier)
        self._open = tag if tag in ("script", "style") else ""
        self.inline += [name for name in found if name == "style" or name.startswith("on")]

    def handle_data(self, data: str) -> None:
        if self._open and data.strip():
            self.inline.append(data)


@dataclass
class Site:
    """The files of an export."""

    folder: Path
    root: str = "/"
    """Path from which addresses on the page of missing ones start."""
    problems: list[str] = field(default_factory=list)

    @cached_property
    def files(self) -> set[str]:
        found = (path for path in self.folder.rglob("*") if path.is_file())
        return {path.relative_to(self.folder).as_posix() for path in found}

    @cached_property
    def pages(self) -> dict[str, Page]:
        return {
            name: Page((self.folder / name).read_text(encoding="utf-8"))
            for name in sorted(self.files)
            if name.endswith(".html")
        }

    def dead_links(self) -> list[str]:
        """Links to no file, to no part of a file, or out of the site by anything but https."""
        return [
            f"{name}: {tag} {address!r}"
            for name, page in self.pages.items()
            for tag, address in page.links
            if not self.leads_somewhere(name, address)
        ]

    def leads_somewhere(self, name: str, address: str) -> bool:
        parts = urlsplit(address)
        if address == NO_ICON:
            return True
        if parts.scheme or parts.netloc:
            return parts.scheme == "https" and bool(parts.netloc)
        path = unquote(parts.path)
        if name == MISSING:
            path = path.removeprefix(self.root) or "index.html"
        target = normpath(join(dirname(name), path)) if path else name
        if path.startswith("/") or target not in self.files:
            return False
        return not parts.fragment or parts.fragment in self.pages[target].identifiers

    def reached(self) -> set[str]:
        """The pages that links lead to from the start."""
        found, waiting = {"index.html"}, ["index.html"]
        while waiting:
            name = waiting.pop()
            for tag, address in self.pages[name].links:
                parts = urlsplit(address)
                target = normpath(join(dirname(name), unquote(parts.path)))
                if tag == "a" and not parts.scheme and target in self.pages and target not in found:
                    found.add(target)
                    waiting.append(target)
        return found
