"""Define the errors that stop a fetch, or one file of it.

FetchError            one file cannot be kept; the others go on
├── NotServed         not at this address: another form of the page may be
└── FetchStopped      the run as a whole cannot go on; a second run continues it
"""

from __future__ import annotations

from typing import Any

from scraper.errors import ScraperError


class FetchError(ScraperError):
    """A file cannot be kept: what is wrong, by kind, and where."""

    def __init__(self, kind: str, url: str, text: str) -> None:
        super().__init__(f"{url}: {kind}: {text}")
        self.kind = kind
        """One of `KINDS`."""
        self.url = url
        self.text = text

    def as_entry(self) -> dict[str, Any]:
        """Return the entry of the manifest for this failure."""
        return {"url": self.url, "kind": self.kind, "text": self.text}


class NotServed(FetchError):
    """The address serves nothing of use; another address of the text may."""


class FetchStopped(FetchError):
    """The whole run cannot go on; the next one continues with what it has kept."""


KINDS = {
    "gone": "The server says that there is no such page.",
    "status": "The server answered with a status that is of no use.",
    "unreachable": "No whole answer came, however often it was tried.",
    "busy": "The server asks to wait for longer than a run waits.",
    "too-slow": "The time limit has passed.",
    "too-large": "More bytes than any page has.",
    "wrong-type": "A content type or an encoding of another kind.",
    "foreign-host": "An address that is not https, or of a host that is not configured.",
    "redirects": "One redirect after the other, or one to nowhere.",
    "home-page": "The guide's own first page or index came in place of the page.",
    "moved": "A page that only sends its reader elsewhere.",
    "error-page": "The status is 200, but the text is no page of the kind.",
    "other-service": "The page is about another service than its address.",
    "cut-off": "The text ends too early.",
    "emptied": "The page has its title, and nothing else.",
    "shrunk": "Far less than when it was fetched before.",
    "bad-name": "A name or an address that could lead out of the folder.",
    "unexpected": "An answer, or a value in it, that this program cannot work with.",
    "wrong-clock": "This machine's clock is days ahead of the server's.",
    "disk": "A file could not be written or read.",
    "locked": "Another run is at work in the same folder.",
}
"""Every kind of `FetchError`."""
