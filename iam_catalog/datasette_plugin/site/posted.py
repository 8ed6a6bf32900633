"""What a POST brings: values of a form, one of which can be a file, or a file as the whole body.

A file stays bytes, because only its reader knows what they are, and refuses what is no text.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from iam_catalog.datasette_plugin.site.asked import Asked, BadRequest, read_values

FORM = "application/x-www-form-urlencoded"
FILES = ("application/json", "application/yaml", "text/plain", "text/yaml", "text/markdown")
"""Types of a body that is a file; which kind of file, its content tells."""


def read_posted(
    names: Mapping[str, str], query: str, content_type: str, body: bytes, field: str
) -> Asked:
    """What a POST asks; *field* is the value of a form that is a file.

    The query string counts beside a body that is a file, not beside a form. Raises `BadRequest`.
    """
    kind = content_type.partition(";")[0].strip().lower() or FORM
    if kind in FILES:
        return Asked(names, read_values(query), body)
    if kind != FORM:
        raise BadRequest(
            f"The content type is {kind[:80]!r}: send a form ({FORM}), or a file as the body with"
            f" one of {', '.join(FILES)}.",
            415,
        )
    values = read_values(body.decode("utf-8", "replace"), {field: len(body)})
    if field not in values:
        raise BadRequest(
            f"The form has no {field!r}: send it by that name, or as the body with one of the"
            f" content types {', '.join(FILES)}."
        )
    return Asked(names, values, file_in(body, field))


def file_in(body: bytes, field: str) -> bytes:
    """The bytes of a form's value, with the line ends that were typed: browsers send CR LF."""
    # Every byte is a letter of Latin-1, so none is lost.
    pairs = parse_qsl(body.decode("latin-1"), keep_blank_values=True, encoding="latin-1")
    value = next(value for name, value in pairs if name == field)
    return value.encode("latin-1").replace(b"\r\n", b"\n")
