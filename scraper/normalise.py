"""Pages in their own words -> the rows of the catalog's tables.

Pure: pages in, rows out. Pages of one service prefix are united and nothing is last-wins: an
action that two pages state has the rows of both, in the order of the pages.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from iam_catalog.names import name_words, primary_access_level, split_arn_format
from iam_catalog.schema import ACCESS_LEVEL_ROWS
from scraper.pages import SECTIONS, Action, ActionRow, ConditionKey, ResourceType, ServicePage
from scraper.problems import Problem
from scraper.rows import is_web_address
from scraper.sources import Source

TableRow = dict[str, Any]


@dataclass(frozen=True, slots=True)
class DatedPage:
    """A parsed page with the file that it came from, and the problems that were accepted."""

    page: ServicePage
    source: Source
    accepted: tuple[tuple[Problem, str], ...] = ()
    """Each with the reason why it may stand."""

    @property
    def key(self) -> str:
        """The page's own key in the catalog: `amazonconnect@2019-08-12`."""
        return f"{self.page.slug}@{self.source.date or 'undated'}"


@dataclass(slots=True)
class Tables:
    """The rows of each table, in the order in which they are written."""

    rows: dict[str, list[TableRow]] = field(default_factory=dict)

    def add(self, table: str, **row: Any) -> TableRow:
        self.rows.setdefault(table, []).append(row)
        return row

    def count(self, table: str) -> int:
        return len(self.rows.get(table, ()))


def normalise(pages: Iterable[DatedPage]) -> Tables:
    """The rows of every table for *pages*, each of which has a service prefix."""
    return _Normaliser().run(list(pages))


class _Normaliser:
    """Keeps what was met before, so that a second page adds to the first one's facts."""

    def __init__(self) -> None:
        self.tables = Tables()
        self.services: set[str] = set()
        self.keys: dict[str, TableRow] = {}
        self.types: dict[str, TableRow] = {}
        self.actions: dict[str, TableRow] = {}
        self.levels: dict[str, list[str]] = {}
        self.positions: dict[str, int] = {}
        self.row_keys: dict[str, int] = {}

    def run(self, pages: list[DatedPage]) -> Tables:
        for position, (level, description) in enumerate(ACCESS_LEVEL_ROWS, start=1):
            self.tables.add(
                "access_levels", access_level=level, position=position, description=description
            )
        for dated in pages:
            self.page(dated)
        for dated in pages:
            self.condition_keys(dated)
        for dated in pages:
            self.resource_types(dated)
        for dated in pages:
            for action in dated.page.actions:
                self.action(dated, action)
        self.finish_levels()
        self.search()
        return self.tables

    def page(self, dated: DatedPage) -> None:
        page, source = dated.page, dated.source
        prefix = page.service_prefix or ""
        if prefix not in self.services:
            self.services.add(prefix)
            self.tables.add(
                "services",
                service_prefix=prefix,
                name=page.service_name,
                **where(dated, page.service_line),
            )
        states = {f"{section}_state": page.state(section) for section in SECTIONS}
        found = {f"{section}_rows": page.count(section).found for section in SECTIONS}
        errors = {f"{section}_in_error": page.count(section).in_error for section in SECTIONS}
        self.tables.add(
            "pages",
            page=dated.key,
            title=page.title,
            slug=page.slug,
            service_prefix=prefix,
            service_name=page.service_name,
            format=page.format,
            date=source.date,
            **states,
            **found,
            **errors,
            url=source.url,
            url_then=source.url_then,
            publisher=source.publisher,
            licence=source.licence,
            file=source.path,
            sha256=source.sha256,
        )
        for number, (problem, reason) in enumerate(dated.accepted, start=1):
            self.tables.add(
                "problems",
                problem=f"{dated.key}!{number}",
                page=dated.key,
                line=problem.line,
                kind=problem.kind,
                text=problem.text,
                reason=reason,
            )

    def condition_keys(self, dated: DatedPage) -> None:
        for key in dated.page.condition_keys:
            if key.key:
                self.condition_key(dated, key, key.key)

    def condition_key(self, dated: DatedPage, key: ConditionKey, text: str) -> None:
        row = self.known_key(text)
        row["type"] = row["type"] or key.type
        row["description"] = row["description"] or key.description
        self.tables.add(
            "condition_key_definitions",
            definition=self.row_key(dated, key.line),
            condition_key=row["condition_key"],
            key_as_written=text,
            service_prefix=dated.page.service_prefix,
            type=key.type,
            description=key.description,
            url=web_address(key.url),
            **where(dated, key.line),
        )

    def known_key(self, text: str) -> TableRow:
        """The one row of a condition key, whatever its case; made where it is new."""
        if text.lower() not in self.keys:
            self.keys[text.lower()] = self.tables.add(
                "condition_keys", condition_key=text, type=None, description=None
            )
        return self.keys[text.lower()]

    def resource_types(self, dated: DatedPage) -> None:
        for resource_type in dated.page.resource_types:
            if resource_type.name:
                self.resource_type(dated, resource_type)

    def resource_type(self, dated: DatedPage, stated: ResourceType) -> None:
        key = f"{dated.page.service_prefix}:{stated.name}"
        if key not in self.types:
            self.types[key] = self.tables.add(
                "resource_types",
                resource_type=key,
                service_prefix=dated.page.service_prefix,
                name=stated.name,
                url=web_address(stated.url),
                **where(dated, stated.line),
            )
        for arn_format in stated.arn_formats:
            parts = split_arn_format(arn_format) or ("",) * 5
            names = ("partition", "service", "region", "account", "resource")
            self.tables.add(
                "arn_formats",
                arn_format=self.row_key(dated, stated.line),
                resource_type=key,
                format=arn_format,
                **{name: part or None for name, part in zip(names, parts, strict=True)},
                **where(dated, stated.line),
            )
        for text in stated.condition_keys:
            self.tables.add(
                "resource_type_condition_keys",
                resource_type=key,
                position=self.next_position(f"{key} keys"),
                condition_key=self.known_key(text)["condition_key"],
                page=dated.key,
                line=stated.line,
            )

    def action(self, dated: DatedPage, stated: Action) -> None:
        if not stated.name:
            return
        prefix = dated.page.service_prefix
        key = f"{prefix}:{stated.name}"
        row = self.actions.get(key.lower())
        if row is None:
            row = self.tables.add(
                "actions",
                action=key,
                service_prefix=prefix,
                name=stated.name,
                access_level=None,
                description=stated.description,
                permission_only=stated.permission_only,
                url=web_address(stated.url),
                **where(dated, stated.line),
            )
            self.actions[key.lower()] = row
        levels = self.levels.setdefault(row["action"], [])
        levels += [level for level in stated.access_levels if level not in levels]
        for stated_row in stated.rows:
            self.action_row(dated, row["action"], stated_row)

    def action_row(self, dated: DatedPage, action: str, stated: ActionRow) -> None:
        type_key = f"{dated.page.service_prefix}:{stated.resource_type}"
        row = self.tables.add(
            "action_rows",
            action_row=self.row_key(dated, stated.line),
            action=action,
            position=self.next_position(f"{action} rows"),
            scenario=stated.scenario,
            resource_type=type_key if type_key in self.types else None,
            resource_type_name=stated.resource_type,
            required=stated.required if stated.resource_type else None,
            **where(dated, stated.line),
        )
        for position, text in enumerate(stated.condition_keys, start=1):
            self.tables.add(
                "action_condition_keys",
                action_row=row["action_row"],
                position=position,
                condition_key=self.known_key(text)["condition_key"],
            )
        for number, text in enumerate(stated.dependent_actions, start=1):
            self.tables.add(
                "dependent_actions",
                reference=f"{row['action_row']}.{number}",
                action=action,
                dependent_action=text,
                position=self.next_position(f"{action} dependents"),
                action_row=row["action_row"],
                resource_type_name=stated.resource_type,
                **where(dated, stated.line),
            )

    def finish_levels(self) -> None:
        for action, levels in self.levels.items():
            self.actions[action.lower()]["access_level"] = primary_access_level(levels)
            for position, level in enumerate(levels, start=1):
                self.tables.add(
                    "action_access_levels", action=action, access_level=level, position=position
                )

    def search(self) -> None:
        """What the full-text indexes hold: names as written, their words, and descriptions."""
        for table, key in (
            ("services", "service_prefix"),
            ("actions", "action"),
            ("resource_types", "resource_type"),
            ("condition_keys", "condition_key"),
        ):
            for rowid, row in enumerate(self.tables.rows.get(table, ()), start=1):
                self.tables.add(
                    f"{table}_fts",
                    rowid=rowid,
                    **{key: row[key]},
                    words=name_words(row[key]),
                    description=row.get("description") or row.get("name"),
                )

    def row_key(self, dated: DatedPage, line: int) -> str:
        """`page#line.n`: the n-th record of one kind or another that a source line gives."""
        key = f"{dated.key}#{line}"
        self.row_keys[key] = self.row_keys.get(key, 0) + 1
        return f"{key}.{self.row_keys[key]}"

    def next_position(self, subject: str) -> int:
        self.positions[subject] = self.positions.get(subject, 0) + 1
        return self.positions[subject]


def where(dated: DatedPage, line: int) -> TableRow:
    """The columns that say where a fact stands, and when."""
    date = dated.source.date
    return {"page": dated.key, "line": line, "first_seen": date, "last_seen": date}


def web_address(url: str | None) -> str | None:
    """A link that can be opened; None for the placeholders that AWS left in its pages."""
    return url if url and is_web_address(url) else None
