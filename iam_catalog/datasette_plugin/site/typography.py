"""How names look on a page: where long ones may break, and how levels and dates are written.

Jinja filters; what they return is safe markup, made of escaped text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from markupsafe import Markup, escape

from iam_catalog.words import incomplete_words, position_words

BREAKS = re.compile(r"(?<=[:/.,_@])(?=.)(?!(?<=:):)|(?=\$\{)")
"""After separators, and before a placeholder; two colons of an ARN stay together. After a hyphen
browsers break by themselves."""
WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
"""Between the words of a camel-case name."""
SHORT = 20
"""Letters of a name that fits everywhere, and need not break between its words."""
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Characters that would act on what shows them instead of being shown."""
BARE = re.compile(r"[\x01-\x08\x0a-\x1f]")
"""Control characters that HTML can write as references: all below the blank but tab and NUL."""


def breakable(text: str) -> Markup:
    """*text* with a place to break after each separator, so that a name never widens a page.

    >>> breakable("s3:GetObject"), breakable("CreateServiceLinkedRole")
    (Markup('s3:<wbr>GetObject'), Markup('Create<wbr>Service<wbr>Linked<wbr>Role'))
    >>> breakable("arn:aws:s3:::${Bucket}")
    Markup('arn:<wbr>aws:<wbr>s3:::<wbr>${Bucket}')
    """
    marked = BREAKS.sub("\0", CONTROLS.sub("\ufffd", text))
    if len(text) > SHORT:
        marked = WORDS.sub("\0", marked)
    return Markup(str(escape(marked)).replace("\0", "<wbr>"))


def visible(text: str) -> Markup:
    r"""*text* with a picture in the place of each control character, so that none hides a thing.

    Line ends and tabs stay; marks that turn the direction of writing are told by their numbers.

    >>> visible("a\x1b[31m\u202e<b>")
    Markup('a␛[31m⟨U+202E⟩&lt;b&gt;')
    """
    return escape(CONTROLS.sub(picture_of, text))


def picture_of(match: re.Match[str]) -> str:
    letter = match[0]
    if letter in "\t\n":
        return letter
    number = ord(letter)
    return chr(0x2400 + number) if number < 0x20 else f"⟨U+{number:04X}⟩"


def as_typed(text: str) -> Markup:
    r"""*text* for a `textarea` or `pre`, where empty lines survive and nothing acts on a terminal.

    No line end and no control character stays bare.

    >>> as_typed("{\n\n}")
    Markup('{&#10;&#10;}')
    """
    return Markup(BARE.sub(lambda found: f"&#{ord(found[0])};", str(escape(text))))


def json_text(value: object) -> str:
    """*value* as a person reads JSON."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def level_class(level: str | None) -> str:
    """The class of an access level's chip; its word always stands beside the colour."""
    return f"level level-{level.split()[0].lower()}" if level else "level level-unknown"


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """`1 action`, `2 actions`"""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def https(address: str | None) -> str | None:
    """*address* where it can be linked: nothing but https leads out of the site."""
    return address if address and address.startswith("https://") else None


FILTERS: dict[str, Callable[..., Any]] = {
    "breakable": breakable,
    "visible": visible,
    "as_typed": as_typed,
    "json_text": json_text,
    "level_class": level_class,
    "counted": counted,
    "https": https,
    "position": position_words,
    "may_lack": incomplete_words,
}
