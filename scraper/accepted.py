"""`accepted.json`: problems that somebody looked at, each with the reason why it may stand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scraper.errors import SourceError
from scraper.problems import KINDS, Problem


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Problems of one kind that may stand: on one page, or on every page where it is None."""

    kind: str
    page: str | None
    reason: str

    def covers(self, problem: Problem) -> bool:
        return self.kind == problem.kind and self.page in (None, problem.page)


def read_accepted(path: Path) -> list[Acceptance]:
    """The acceptances of a file, in order; none where there is no file.

    Raises `SourceError` for another form, an unknown kind, or a missing reason.
    """
    if not path.is_file():
        return []
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))["problems"]
        accepted = [Acceptance(each["kind"], each.get("page"), each["reason"]) for each in listed]
        if not all(isinstance(each.page, str | None) for each in accepted):
            raise TypeError("a page that is no text")
        if not all(isinstance(each.kind, str) for each in accepted):
            raise TypeError("a kind that is no text")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SourceError(
            f"{str(path)!r} can not be read ({type(error).__name__}: {error}): expected an object "
            "with a list 'problems' of objects, each with 'kind', 'reason' and maybe 'page'."
        ) from error
    for acceptance in accepted:
        if acceptance.kind not in KINDS:
            raise SourceError(f"{str(path)!r} accepts the unknown kind {acceptance.kind!r}.")
        if not isinstance(acceptance.reason, str) or not acceptance.reason:
            raise SourceError(f"{str(path)!r} accepts {acceptance.kind!r} without a reason.")
    return accepted


def reason_for(problem: Problem, accepted: Sequence[Acceptance]) -> str | None:
    """Why *problem* may stand; None where nobody accepted it."""
    for acceptance in accepted:
        if acceptance.covers(problem):
            return acceptance.reason
    return KINDS[problem.kind].meaning if problem.accepted else None
