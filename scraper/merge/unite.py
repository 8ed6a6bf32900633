"""Turn the current pages of one service prefix into the rows of the catalog's tables.

Nothing is last-wins: a fact is current while any current page states it, an action of two pages
has the rows of both, in the order of the pages, and where two pages disagree both statements are
listed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from iam_catalog.names import primary_access_level, split_arn_format
from scraper.merge.statements import (
    At,
    PageVersion,
    StatedAction,
    StatedKey,
    StatedOperation,
    StatedRow,
    StatedType,
    Statements,
    join,
    marked,
    newest_dependents,
)
from scraper.page.rows import is_web_address

TableRow = dict[str, Any]
Rows = dict[str, list[TableRow]]


def unite(
    prefix: str,
    pages: Sequence[tuple[PageVersion, Statements]],
    dates: Mapping[str, str | None] = MappingProxyType({}),
) -> Rows:
    """Return the rows of every table for one service; none where no page is current.

    *dates* are the newest dates of pages by key, where a page was seen again unchanged.
    """
    return _Uniter(prefix, pages, dates).rows if pages else {}


class _Uniter:
    """Collect the rows of one service prefix; one instance per prefix."""

    def __init__(
        self,
        prefix: str,
        pages: Sequence[tuple[PageVersion, Statements]],
        dates: Mapping[str, str | None],
    ) -> None:
        self.prefix = prefix
        self.rows: Rows = defaultdict(list)
        self.type_keys: dict[str | None, set[str]] = {}
        """The condition keys of each resource type, in lower case."""
        ordered = sorted(pages, key=lambda page: (page[0].is_reference, page[0].key))
        self.service(ordered)
        statements = _alone_beside_pages(ordered, dates)
        self.spelling = {
            key: defined[0].text
            for each in reversed(statements)
            for key, defined in each.condition_keys.items()
        }
        """How the first definition of each condition key writes it."""
        for name, types in _by_key(each.resource_types for each in statements).items():
            self.resource_type(name, types)
        for definitions in _by_key(each.condition_keys for each in statements).values():
            for definition in definitions:
                for key in definition:
                    self.condition_key(key)
            types = [(each[0].at, each[0].type or "") for each in definitions if each[0].type]
            self._disagreement("condition key", definitions[0][0].text, "type", types)
        self.types = {row["name"] for row in self.rows["resource_types"]}
        for actions in _by_key(each.actions for each in statements).values():
            self.action(actions)
        for operations in _by_key(each.operations for each in statements).values():
            self.operation(operations)

    def add(self, table: str, at: At, **row: Any) -> None:
        self.rows[table].append({**row, "page": at.page.key, "line": at.line})

    def service(self, ordered: list[tuple[PageVersion, Statements]]) -> None:
        # Of several pages of AWS, a dataset has the name of one.
        said = sorted(ordered, key=lambda page: page[0].page.incomplete)
        names = [stated.name for _, stated in said if stated.name]
        version = ordered[0][0]
        name, at = names[0] if names else (None, At(version, version.page.service_line))
        self.add("services", at, service_prefix=self.prefix, name=name, place=at.place)

    def resource_type(self, name: str, stated: list[StatedType]) -> None:
        key = f"{self.prefix}:{name}"
        url = next((each.url for each in stated if each.url), None)
        self.add(
            "resource_types",
            stated[0].at,
            resource_type=key,
            service_prefix=self.prefix,
            name=name,
            url=_web_address(url),
            incomplete=int(any(each.incomplete for each in stated)),
            place=stated[0].at.place,
        )
        formats = {
            each.text: each for one in reversed(stated) for each in reversed(one.arn_formats)
        }
        for each in reversed(formats.values()):
            parts = split_arn_format(each.text) or ("",) * 5
            partition, service, region, account, resource = (part or None for part in parts)
            self.add(
                "arn_formats",
                each.at,
                arn_format=each.key,
                resource_type=key,
                format=each.text,
                partition=partition,
                service=service,
                region=region,
                account=account,
                resource=resource,
            )
        keys: dict[str, tuple[str, At]] = {}
        for one in stated:
            for text in one.condition_keys:
                spelled = self.spelling.get(text.lower(), text)
                keys.setdefault(text.lower(), (spelled, one.at))
        self.type_keys[name] = set(keys)
        for position, (text, at) in enumerate(keys.values(), start=1):
            self.add(
                "resource_type_condition_keys",
                at,
                resource_type=key,
                position=position,
                condition_key=text,
            )
        self._disagreement(
            "resource type",
            key,
            "ARN formats",
            [(one.at, ", ".join(each.text for each in one.arn_formats)) for one in stated],
        )

    def condition_key(self, key: StatedKey) -> None:
        self.add(
            "condition_key_definitions",
            key.at,
            definition=key.key,
            condition_key=self.spelling[key.text.lower()],
            key_as_written=key.text,
            service_prefix=self.prefix,
            type=key.type,
            description=key.description,
            url=_web_address(key.url),
            place=key.at.place,
        )

    def action(self, stated: list[StatedAction]) -> None:
        """Add the rows of one action, from the pages that state it, in their order."""
        first = stated[0]
        action = f"{self.prefix}:{first.name}"
        levels = join((), (level for each in stated for level in each.access_levels))
        detailed = next((each for each in stated if each.description), first)
        listed_at = newest_dependents(stated)
        self.add(
            "actions",
            first.at,
            action=action,
            service_prefix=self.prefix,
            name=first.name,
            access_level=primary_access_level(levels),
            description=detailed.description,
            permission_only=marked(stated),
            permission_only_since=None,
            url=_web_address(next((each.url for each in stated if each.url), None)),
            details_page=detailed.details_at.page.key,
            details_line=detailed.details_at.line,
            dependents_page=listed_at.page.key if listed_at else None,
            incomplete=int(any(each.incomplete for each in stated)),
            place=first.at.place,
        )
        for position, level in enumerate(levels, start=1):
            at = next(each.levels_at for each in stated if level in each.access_levels)
            self.add(
                "action_access_levels", at, action=action, access_level=level, position=position
            )
        rows = _united_rows(stated)
        for position, row in enumerate(rows, start=1):
            self.action_row(action, position, row)
        self.dependents(action, stated, {row.key for row in rows})
        self._action_disagreements(action, stated)

    def action_row(self, action: str, position: int, stated: StatedRow) -> None:
        name = stated.row.resource_type
        self.add(
            "action_rows",
            stated.at,
            action_row=stated.key,
            action=action,
            position=position,
            scenario=stated.row.scenario,
            resource_type=f"{self.prefix}:{name}" if name in self.types else None,
            resource_type_name=name,
            required=stated.required,
        )
        for number, key in enumerate(stated.row.condition_keys, start=1):
            self.add(
                "action_condition_keys",
                stated.at,
                action_row=stated.key,
                action=action,
                position=number,
                condition_key=self.spelling.get(key.lower(), key),
            )

    def dependents(self, action: str, stated: list[StatedAction], rows: set[str]) -> None:
        """Add every reference as the pages write it, and which of them say what the action needs.

        A name in several rows is needed once, and an action does not need itself.
        Everything that answers with dependent actions takes the needed ones.
        """
        found = {each.key: each for one in stated for each in one.dependents}
        listed_before = {action.lower()}
        for position, each in enumerate(found.values(), start=1):
            name = each.dependent_action.lower()
            self.add(
                "dependent_actions",
                each.at,
                reference=each.key,
                action=action,
                dependent_action=each.dependent_action,
                position=position,
                needed=name not in listed_before,
                action_row=each.action_row if each.action_row in rows else None,
                resource_type_name=each.resource_type,
                place=each.at.place,
            )
            listed_before.add(name)

    def operation(self, stated: list[StatedOperation]) -> None:
        """Add the rows of one operation, with the actions that any of its pages names."""
        first = stated[0]
        client = first.sdk_client
        name = f"{self.prefix}:{first.name}" + (f" ({client})" if client else "")
        self.add(
            "operations",
            first.at,
            operation=name,
            service_prefix=self.prefix,
            name=first.name,
            sdk_client=client,
        )
        needed = {
            (each.action.lower(), each.condition_key, each.values): (each, one.at)
            for one in reversed(stated)
            for each in reversed(one.actions)
        }
        for position, (each, at) in enumerate(reversed(needed.values()), start=1):
            self.add(
                "operation_actions",
                at,
                operation=name,
                position=position,
                action=each.action,
                condition_key=each.condition_key,
                condition_values=", ".join(each.values) or None,
            )
        named = [(one.at, listed({each.action for each in one.actions})) for one in stated]
        self._disagreement("operation", name, "actions", named)

    def _action_disagreements(self, action: str, stated: list[StatedAction]) -> None:
        """Add what the pages that state an action say differently of it."""
        if len(stated) < 2:
            return
        said: dict[str, list[tuple[At, str]]] = defaultdict(list)
        for each in stated:
            for field, text in self._said_of(each):
                said[field].append((each.at, text))
        for field, statements in said.items():
            self._disagreement("action", action, field, statements)

    def _said_of(self, stated: StatedAction) -> Iterator[tuple[str, str]]:
        """Yield what the page of a statement says itself, field by field."""
        page = stated.at.page.page
        if level := primary_access_level(stated.own_levels):
            yield "access level", level
        if page.carries("descriptions"):
            yield "description", stated.description or ""
        if page.carries("permission_only"):
            yield "permission-only", "yes" if stated.permission_only else "no"
        if page.carries("row_pairing"):
            types = {row.row.resource_type for row in stated.rows if not row.row.scenario}
            yield "resource types", listed(types)
            yield "condition keys", listed(self._own_keys(stated))
        if page.carries("required"):
            required = {row.row.resource_type for row in stated.rows if row.required}
            yield "required resource types", listed(required)
        if stated.dependents_at and stated.dependents_at.page is stated.at.page:
            yield "dependent actions", listed({each.dependent_action for each in stated.dependents})

    def _own_keys(self, stated: StatedAction) -> set[str]:
        """Return the keys of an action without those of its resource types.

        Pages since 2026-07 repeat those on every row.
        """
        types = {row.row.resource_type for row in stated.rows}
        repeated = {key for name in types for key in self.type_keys.get(name, ())}
        keys = {key for row in stated.rows for key in row.row.condition_keys}
        return {key for key in keys if key.lower() not in repeated}

    def _disagreement(
        self, kind: str, subject: str, field: str, statements: list[tuple[At, str]]
    ) -> None:
        """List every statement of a field that pages state differently."""
        if len({text for _, text in statements}) < 2:
            return
        for at, text in statements:
            self.add(
                "disagreements", at, kind=kind, subject=subject, field=field, value=text or None
            )


def _alone_beside_pages(
    ordered: Sequence[tuple[PageVersion, Statements]], dates: Mapping[str, str | None]
) -> list[Statements]:
    """Return what each page states; the reference without what a page of the guide has replaced.

    JSON has no place for most of what is known of an action, so older facts stay with it. Where a
    later page of the guide states the action, that page says which of them still stand.
    """

    def newest(page: PageVersion) -> str:
        return dates.get(page.key, page.date) or ""

    guide: dict[str, str] = {}
    for version, stated in ordered:
        if not version.is_reference:
            date = newest(version)
            guide |= {key: max(date, guide.get(key, "")) for key in stated.actions}
    found = []
    for version, stated in ordered:
        if version.is_reference:
            actions = {
                key: _alone(action, guide[key], newest) if key in guide else action
                for key, action in stated.actions.items()
            }
            stated = replace(stated, actions=actions)
        found.append(stated)
    return found


def _alone(action: StatedAction, date: str, newest: Callable[[PageVersion], str]) -> StatedAction:
    """Return *action* as JSON states it itself, with what stayed with it later than *date*.

    A page is as new as the last date at which it was seen, which *newest* gives.
    """

    def stays(at: At) -> bool:
        return at.page is action.at.page or newest(at.page) > date

    listed_at = action.dependents_at
    return replace(
        action,
        permission_only=action.permission_only if stays(action.details_at) else None,
        rows=tuple(row for row in action.rows if stays(row.at)),
        dependents=tuple(each for each in action.dependents if stays(each.at)),
        dependents_at=listed_at if listed_at and stays(listed_at) else None,
    )


def _united_rows(stated: list[StatedAction]) -> list[StatedRow]:
    """Return the rows of an action on all its pages.

    A row of the JSON service reference is left out where a page has the same resource type, with
    its required mark, and all the keys: it is the same row with less.
    """
    rows = {row.key: row for each in stated for row in each.rows}
    full = [row for row in rows.values() if not _is_unmarked(row)]
    types = {row.row.resource_type for row in full if row.row.scenario is None}
    keys = {key.lower() for row in full for key in row.row.condition_keys}
    return [
        row
        for row in rows.values()
        if not _is_unmarked(row)
        or not full
        or (row.row.resource_type or None) not in types | {None}
        or not {key.lower() for key in row.row.condition_keys} <= keys
    ]


def _is_unmarked(row: StatedRow) -> bool:
    """Return True if the row's page has no place for required marks."""
    return not row.at.page.page.carries("required")


def _by_key(mappings: Iterable[dict[Any, Any]]) -> dict[Any, list[Any]]:
    """Return the values of each key of all mappings, in the order of the mappings."""
    found: dict[Any, list[Any]] = {}
    for mapping in mappings:
        for key, value in mapping.items():
            found.setdefault(key, []).append(value)
    return found


def listed(names: Iterable[str | None]) -> str:
    return ", ".join(sorted(name for name in names if name))


def _web_address(url: str | None) -> str | None:
    """Return a link that can be opened; None for the placeholders that AWS left in its pages."""
    return url if url and is_web_address(url) else None
