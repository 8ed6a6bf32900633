"""Write names, levels and numbers for HTML and XML: the filters of the templates.

Names may break where people expect it, and no character acts on what shows a page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape

from iam_catalog.words import incomplete_words, position_words

_BREAKS = re.compile(r"(?<=[:/.,_@])(?=.)(?!(?<=:):)|(?=\$\{)")
"""After separators, and before a placeholder; two colons of an ARN stay together. After a hyphen
browsers break by themselves."""
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
"""Between the words of a camel-case name."""
_SHORT = 20
"""Letters of a name that fits everywhere, and need not break between its words."""
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Characters that would act on what shows them instead of being shown."""
_BARE = re.compile(r"[\x01-\x08\x0a-\x1f]")
"""Control characters that HTML can write as references: all below the blank but tab and NUL."""


_NOT_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")
"""Characters that XML 1.0 has no place for (section 2.2), beside the controls."""


def _breakable(text: str) -> Markup:
    """Return *text* with a place to break after each separator, so that it never widens a page.

    >>> _breakable("s3:GetObject"), _breakable("CreateServiceLinkedRole")
    (Markup('s3:<wbr>GetObject'), Markup('Create<wbr>Service<wbr>Linked<wbr>Role'))
    >>> _breakable("arn:aws:s3:::${Bucket}")
    Markup('arn:<wbr>aws:<wbr>s3:::<wbr>${Bucket}')
    """
    marked = _BREAKS.sub("\0", CONTROLS.sub("\ufffd", text))
    if len(text) > _SHORT:
        marked = _WORDS.sub("\0", marked)
    return Markup(str(escape(marked)).replace("\0", "<wbr>"))


@lru_cache(maxsize=8192)
def codes(names: tuple[str, ...]) -> Markup:
    """Return names in a row, each whole on a line where it fits, with its comma.

    >>> codes(("bucket",))
    Markup('<code>bucket</code>')
    """
    shown = [f"<code>{_breakable(name)}</code>" for name in names]
    if len(shown) == 1:
        return Markup(shown[0])
    last = len(shown) - 1
    return Markup(
        " ".join(
            f'<span class="name">{each}{"," if place < last else ""}</span>'
            for place, each in enumerate(shown)
        )
    )


@lru_cache(maxsize=64)
def level_chip(level: str | None) -> Markup:
    """Return the chip of an access level; the word in it says the same as its colour.

    >>> level_chip("Permissions management")
    Markup('<span class="level level-permissions">Permissions management</span>')
    """
    name = escape(visible(level or "level unknown"))
    return Markup(f'<span class="{escape(_level_class(level))}">{name}</span>')


def visible(text: str) -> Markup:
    r"""Return *text* with a visible character in the place of each control character.

    Line ends and tabs stay; marks that turn the direction of writing are written as numbers.

    >>> visible("a\x1b[31m\u202e<b>")
    Markup('a␛[31m⟨U+202E⟩&lt;b&gt;')
    """
    return escape(CONTROLS.sub(_picture_of, text))


def _picture_of(match: re.Match[str]) -> str:
    letter = match[0]
    if letter in "\t\n":
        return letter
    number = ord(letter)
    return chr(0x2400 + number) if number < 0x20 else f"⟨U+{number:04X}⟩"


def _as_typed(text: str) -> Markup:
    r"""Return *text* for a `textarea` or `pre`, with line ends and controls as references.

    So empty lines survive, and nothing acts on a terminal.

    >>> _as_typed("{\n\n}")
    Markup('{&#10;&#10;}')
    """
    return Markup(_BARE.sub(lambda found: f"&#{ord(found[0])};", str(escape(text))))


def json_text(value: object) -> str:
    """Return *value* as indented JSON."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def _level_class(level: str | None) -> str:
    """Return the class of an access level's chip; the word in it says the same as its colour."""
    return f"level level-{level.split()[0].lower()}" if level else "level level-unknown"


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Return a number with its noun: `1 action`, `2 actions`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def listed_in_words(names: Sequence[str]) -> str:
    """Join words as a sentence does; empty for none.

    >>> listed_in_words(["descriptions", "dependent actions", "permission-only marks"])
    'descriptions, dependent actions and permission-only marks'
    """
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def https(address: str | None) -> str | None:
    """Return *address* if it can be linked: nothing but https leads out of the site."""
    return address if address and address.startswith("https://") else None


def _inline_code(text: str) -> Markup:
    """Return a paragraph of Markdown with its code as elements.

    >>> _inline_code("In `a<b`, with a reason:")
    Markup('In <code>a&lt;b</code>, with a reason:')
    """
    parts = text.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if number % 2 else escape(part)
        for number, part in enumerate(parts)
    )


def xml_text(text: str) -> Markup:
    """Return *text* escaped for XML, as the content of an element or of a quoted attribute.

    >>> xml_text("a<b\\x1b")
    Markup('a&lt;b\ufffd')
    """
    return escape(_NOT_XML.sub("\ufffd", CONTROLS.sub("\ufffd", text)))


FILTERS: dict[str, Callable[..., Any]] = {
    "breakable": _breakable,
    "visible": visible,
    "as_typed": _as_typed,
    "json_text": json_text,
    "level_class": _level_class,
    "level_chip": level_chip,
    "codes": lambda names: codes(tuple(names)),
    "counted": counted,
    "https": https,
    "inline_code": _inline_code,
    "position": position_words,
    "may_lack": incomplete_words,
}
