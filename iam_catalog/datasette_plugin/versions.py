"""Say which versions of Datasette the plugin knows, with no import that another may lack."""

from __future__ import annotations

from datasette.version import __version__

_KNOWN = ("0.65", "1.0a41")
"""Versions, with all that begin so and go on with a dot."""

IS_KNOWN = any(known == __version__ or __version__.startswith(f"{known}.") for known in _KNOWN)
IS_1 = __version__.startswith("1.")

REFUSAL = (
    f"iam-catalog does not know Datasette {__version__}, and leaves the pages of catalogs out:"
    " install 'datasette>=0.65.2,<1', or a newer iam-catalog."
)
