"""How a tool answers: what it was asked, with the answer, or with what is wrong with the question.

A tool shows its form again with the error beside it, so that what was typed is not lost.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from iam_catalog.errors import CatalogError, UnknownName

TEXTS = ("name", "text", "word")
"""What errors call the text that they are about."""
BETWEEN_NAMES = re.compile(r"""[\s,;"'\[\]]+""")
"""What people have between names that they paste: a JSON list, lines, commas."""


def answered(asked: dict[str, Any], answer: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """*asked* with the answer; of a `CatalogError`, with `error`, `suggestions` and `status`.

    `wrong` is the text that the error is about, where it says so.
    """
    try:
        return {**asked, **answer()}
    except CatalogError as error:
        unknown = isinstance(error, UnknownName)
        return {
            **asked,
            "error": str(error),
            "wrong": next((text for each in TEXTS if (text := getattr(error, each, None))), None),
            "suggestions": getattr(error, "suggestions", []),
            "status": int(HTTPStatus.NOT_FOUND if unknown else HTTPStatus.BAD_REQUEST),
        }


def status_of(model: dict[str, Any]) -> int:
    """The status of the page that shows *model*."""
    return int(model.get("status", HTTPStatus.OK))


def names_in(texts: Iterable[str]) -> list[str]:
    """The names in what was typed or pasted, each once: between blanks, commas, quotes, brackets.

    >>> names_in(['["s3:GetObject", "s3:List*"]', "s3:GetObject"])
    ['s3:GetObject', 's3:List*']
    """
    found = (name for text in texts for name in BETWEEN_NAMES.split(text) if name)
    return list(dict.fromkeys(found))


def lines_in(texts: Iterable[str]) -> list[str]:
    """The lines of what was typed or pasted, without quotes and commas around: ARNs have blanks.

    >>> lines_in(['"arn:aws:s3:::a b",  arn'])
    ['arn:aws:s3:::a b",  arn']
    >>> lines_in(['"arn:aws:s3:::a b",', "*"])
    ['arn:aws:s3:::a b', '*']
    """
    lines = (line.strip(" \t,\"'") for text in texts for line in text.splitlines())
    return list(dict.fromkeys(line for line in lines if line))
