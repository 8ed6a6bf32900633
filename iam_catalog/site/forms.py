"""Answer the forms of the tools: what was asked, with the answer, or with what is wrong with it.

A tool shows its form again with the error beside it, so that what was typed is not lost.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from iam_catalog.errors import CatalogError, UnknownName
from iam_catalog.site.render import Rendered, as_json
from iam_catalog.site.urls import Urls

_TEXTS = ("name", "text", "word")
"""Fields of errors with the text that they are about."""
_BETWEEN_NAMES = re.compile(r"""[\s,;"'\[\]]+""")
"""Between names that people paste: a JSON list, lines, commas."""


def answered(asked: dict[str, Any], answer: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return *asked* with the answer, or with the `error`, its `suggestions` and its `status`.

    `wrong` is the text that a `CatalogError` is about, where it says so.
    """
    try:
        return {**asked, **answer()}
    except CatalogError as error:
        unknown = isinstance(error, UnknownName)
        return {
            **asked,
            "error": str(error),
            "wrong": next((text for each in _TEXTS if (text := getattr(error, each, None))), None),
            "suggestions": getattr(error, "suggestions", []),
            "status": int(HTTPStatus.NOT_FOUND if unknown else HTTPStatus.BAD_REQUEST),
        }


def status_of(model: dict[str, Any]) -> int:
    """Return the status of the page that shows *model*."""
    return int(model.get("status", HTTPStatus.OK))


def names_in(texts: Iterable[str]) -> list[str]:
    """Return the names in what was typed or pasted, without repeats.

    They are between blanks, commas, quotes and brackets.

    >>> names_in(['["s3:GetObject", "s3:List*"]', "s3:GetObject"])
    ['s3:GetObject', 's3:List*']
    """
    found = (name for text in texts for name in _BETWEEN_NAMES.split(text) if name)
    return list(dict.fromkeys(found))


def lines_in(texts: Iterable[str]) -> list[str]:
    """Return the lines of what was typed or pasted, without the quotes and commas around them.

    ARNs may have blanks.

    >>> lines_in(['"arn:aws:s3:::a b",  arn'])
    ['arn:aws:s3:::a b",  arn']
    >>> lines_in(['"arn:aws:s3:::a b",', "*"])
    ['arn:aws:s3:::a b', '*']
    """
    lines = (line.strip(" \t,\"'") for text in texts for line in text.splitlines())
    return list(dict.fromkeys(line for line in lines if line))


def one_of(name: str, word: str | None, words: Iterable[str | None]) -> Any:
    """Return *word*; raises `CatalogError` unless it is one of *words*."""
    if word in words:
        return word
    known = ", ".join(each for each in words if each)
    raise CatalogError(f"{name} is {(word or '')[:80]!r}: expected one of {known}.")


def titled(tool: str, model: dict[str, Any], answer: str | None) -> str:
    """Return the title of a tool's page: whether it could answer, then what, then which tool."""
    start = "Error" if "error" in model else answer
    return f"{start[:100]} - {tool}" if start else tool


def json_without(name: str) -> Callable[[dict[str, Any], Urls], Rendered]:
    """Render the JSON of a model without what only the form needs."""

    def render(model: dict[str, Any], _: Urls) -> Rendered:
        answer = {key: value for key, value in model.items() if key != name}
        return as_json(answer, status_of(model))

    return render
