"""Text in SVG and in feeds: only characters that XML has, and none that act on what shows them."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from iam_catalog.datasette_plugin.site.typography import CONTROLS

NOT_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 has no place for (section 2.2), beside the controls."""


def xml_text(text: str) -> Markup:
    """*text* escaped for XML, as the content of an element or of a quoted attribute.

    >>> xml_text("a<b\\x1b")
    Markup('a&lt;b\ufffd')
    """
    return escape(NOT_XML.sub("\ufffd", CONTROLS.sub("\ufffd", text)))
