"""`accepted.json`: problems and losses that were reviewed and accepted, each with a reason."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from scraper.errors import SourceError
from scraper.guards.registry import GUARDS, GuardAcceptance
from scraper.problems import KINDS, Problem


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Accepts problems of one kind: on one page, or on every page where `page` is None."""

    kind: str
    page: str | None
    reason: str

    def covers(self, problem: Problem) -> bool:
        return self.kind == problem.kind and self.page in (None, problem.page)


def read_accepted(path: Path) -> list[Acceptance]:
    """Return the acceptances of a file, in order; none where there is no file.

    Raises `SourceError` for another form, an unknown kind, or a missing reason.
    """
    if not path.is_file():
        return []
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))["problems"]
        accepted = [Acceptance(each["kind"], each.get("page"), each["reason"]) for each in listed]
        if not all(isinstance(each.page, str | None) for each in accepted):
            raise TypeError("a page that is not text")
        if not all(isinstance(each.kind, str) for each in accepted):
            raise TypeError("a kind that is not text")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SourceError(
            f"{str(path)!r} cannot be read: expected an object with a list 'problems' of objects, "
            f"each with 'kind', 'reason' and maybe 'page' ({type(error).__name__}: {error})."
        ) from error
    for acceptance in accepted:
        if acceptance.kind not in KINDS:
            raise SourceError(f"{str(path)!r} accepts the unknown kind {acceptance.kind!r}.")
        if not isinstance(acceptance.reason, str) or not acceptance.reason:
            raise SourceError(f"{str(path)!r} accepts {acceptance.kind!r} without a reason.")
    return accepted


def problem_entry(kind: str, page: str) -> dict[str, str]:
    """Return the entry that accepts the problems of a kind on one page, without its reason."""
    return {"kind": kind, "page": page}


def reason_for(problem: Problem, accepted: Sequence[Acceptance]) -> str | None:
    """Return why *problem* is accepted; None where nobody accepted it."""
    for acceptance in accepted:
        if acceptance.covers(problem):
            return acceptance.reason
    return KINDS[problem.kind].meaning if problem.accepted else None


def read_accepted_guards(path: Path) -> list[GuardAcceptance]:
    """Read what a file accepts of what guards see, in order; nothing without a file or list.

    The form is that which a refused build prints. Raises `SourceError` for another one.
    """
    if not path.is_file():
        return []
    try:
        listed = json.loads(path.read_text(encoding="utf-8")).get("guards", [])
        return [_guard_acceptance(each) for each in listed]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SourceError(
            f"{str(path)!r} cannot be read: expected in 'guards' objects as a refused build "
            f"prints them, each with a 'reason' ({type(error).__name__}: {error})."
        ) from error


TEXTS = ("guard", "reason", "service", "page", "what")


def _guard_acceptance(entry: dict[str, Any]) -> GuardAcceptance:
    """Build the acceptance of an entry. Raises `ValueError` for one that would cover too much."""
    known = {field.name for field in fields(GuardAcceptance)}
    if unknown := sorted(entry.keys() - known):
        raise ValueError(f"the unknown field {unknown[0]!r}")
    guard = entry["guard"]
    if guard not in GUARDS:
        raise ValueError(f"the unknown guard {guard!r}, none of {', '.join(GUARDS)}")
    if not entry.get("reason"):
        raise ValueError(f"{guard!r} without a reason")
    for name in ("names",) if GUARDS[guard].by_name else ("was", "now"):
        if name not in entry:
            raise ValueError(f"{guard!r} without {name!r}, so without a limit")
    _check_types(entry)
    return GuardAcceptance(**{**entry, "names": tuple(entry.get("names", ()))})


def _check_types(entry: dict[str, Any]) -> None:
    """Raise `TypeError` for a field of another type than a refused build prints."""
    if not all(isinstance(entry.get(name), str | None) for name in TEXTS):
        raise TypeError(f"a field of {entry['guard']!r} that is not text")
    if not all(isinstance(entry.get(name), int | str | None) for name in ("was", "now")):
        raise TypeError(f"a limit of {entry['guard']!r} that is neither number nor date")
    names = entry.get("names", [])
    if not isinstance(names, list) or not all(isinstance(each, str) for each in names):
        raise TypeError("'names' that are not a list of strings")
