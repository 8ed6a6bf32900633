"""Answer the forms of the tools: what was asked, with the answer, or with what is wrong with it.

A tool shows its form again with the error beside it, so that what was typed is not lost.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from typing import Any

from iam_catalog.errors import CatalogError, UnknownName
from iam_catalog.site.render import Rendered, as_json
from iam_catalog.site.urls import Urls

_TEXTS = ("name", "text", "word")
"""Fields of errors with the text that they are about."""
_QUOTED = re.compile(r"""(["'`])(.*?)\1""")
_BETWEEN_ARNS = re.compile(r"[\s,;|]+(?=arn:)")
_BEFORE_ARN = re.compile(r"""^\s*(?:-\s+)?["'`]?(?:(?:Not)?Resource["'`]?\s*[:=])?(?:\s*-\s)?""")
"""Matches what a line of a policy has before an ARN: a name, and the hyphen of a list in YAML."""
_AROUND_ARN = " \t,;\"'`[({<>\u201c\u201d"
_CLOSING = {"]": "[", ")": "(", "}": "{"}
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


def arns_in(texts: Iterable[str]) -> list[str]:
    """Return the ARNs in what was typed, or pasted out of a policy or a log, without repeats.

    They are in quotes, or one a line, with commas, brackets and the name `Resource` around them.
    ARNs may have blanks; text that is not an ARN is returned as it is, for its reader to refuse.

    >>> arns_in(['"Resource": ["arn:aws:s3:::a b", "arn:aws:s3:::c/${aws:username}"],'])
    ['arn:aws:s3:::a b', 'arn:aws:s3:::c/${aws:username}']
    >>> arns_in(["- arn:aws:sqs:*:*:q,\\n*", "[arn:aws:s3:::a, arn:aws:s3:::b]"])
    ['arn:aws:sqs:*:*:q', '*', 'arn:aws:s3:::a', 'arn:aws:s3:::b']
    """
    found = (arn for text in texts for line in text.splitlines() for arn in _arns_of(line))
    return list(dict.fromkeys(found))


def _arns_of(line: str) -> Iterator[str]:
    quotes = [text for _, text in _QUOTED.findall(line) if text == "*" or text.startswith("arn:")]
    yield from (text.replace("\\/", "/").strip() for text in quotes)
    rest = _QUOTED.sub(" ", line) if quotes else line
    if quotes and "arn:" not in rest:
        return
    for piece in _BETWEEN_ARNS.split(_BEFORE_ARN.sub("", rest)):
        text = piece.strip(_AROUND_ARN)
        while text[-1:] in _CLOSING and text.count(text[-1]) > text.count(_CLOSING[text[-1]]):
            text = text[:-1].rstrip(_AROUND_ARN)
        if text:
            yield text


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


def json_without(*names: str) -> Callable[[dict[str, Any], Urls], Rendered]:
    """Return a form of a page: the JSON of its model without what only the page needs."""

    def render(model: dict[str, Any], _: Urls) -> Rendered:
        answer = {key: value for key, value in model.items() if key not in names}
        return as_json(answer, status_of(model))

    return render
