"""Show what was added, removed and changed, by date and service, the newest first.

The first view shows some changes of each date and service; the one of a service, or of a single
date and service, all of them. Changes of descriptions alone are asked for apart.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from markupsafe import Markup

from iam_catalog.compare import CHANGE_KINDS
from iam_catalog.facts.at_date import checked_date
from iam_catalog.facts.history import (
    SUBJECTS,
    UNDATED,
    ChangeFilter,
    ChangeGroup,
    change_counts,
    change_dates,
    change_groups,
    changes_by_date,
    changes_of_group,
    service_of_changes,
    some_changes,
)
from iam_catalog.records import Change
from iam_catalog.site.parts import change
from iam_catalog.site.render import Model, Rendered, SitePage, rendered
from iam_catalog.site.request import BadRequest, Request
from iam_catalog.site.typography import counted, xml_text
from iam_catalog.site.urls import Urls

GROUPS = 30
"""Dates and services on a page."""
SOME = 6
"""Changes of each that are shown."""
ROWS = 300
"""Changes on a page of one service."""

_KINDS = (*SUBJECTS, *CHANGE_KINDS)
_CHANGES = ("added", "removed", "changed")
_MOST_PAGES = 100_000
_CONTENT_TYPE = "application/atom+xml; charset=utf-8"
_NAMESPACE = uuid.UUID("0f6c8d1e-6a51-5d0c-9d53-3d1f6f9f7a61")
"""Of the ids in the feed: drawn once, and never to change."""
_NEVER = "1970-01-01"
"""The date of a feed without changes."""


def changes(connection: sqlite3.Connection, request: Request) -> dict[str, Any]:
    """Return one page of the changes that fit `service`, `date`, `kind` and `change`.

    And those of the days from `since` to `until`. `kind` is a kind of subject, such as `action`, or
    of change, such as `level-fell`.

    `groups` are dates and services with their `rows`; where there are more rows, `changes` says
    how many in all; `by_date` counts those of each date, and `kinds` are the kinds of change that
    can be asked for. `descriptions` turns to the changes of descriptions alone. Raises
    `CatalogError` or `BadRequest` for other words.
    """
    wanted = _read_filter(connection, request)
    groups = change_groups(connection, wanted)
    number = request.number("page", 1, most=_MOST_PAGES)
    if wanted.service or len(groups) == 1:
        found, pages = _all_rows(connection, wanted, groups, number)
    else:
        shown = groups[(number - 1) * GROUPS : number * GROUPS]
        found, pages = _some_rows(connection, wanted, shown), -(-len(groups) // GROUPS)
    if number > max(pages, 1):
        raise BadRequest(f"page is '{number}': there are {max(pages, 1):,}.")
    return {
        "filters": wanted._asdict(),
        "total": sum(group.changes for group in groups),
        "services": len({group.service_prefix for group in groups}),
        "dates": change_dates(connection),
        "by_date": [each._asdict() for each in changes_by_date(connection, wanted)],
        "kinds": list(CHANGE_KINDS),
        "groups": found,
        "page": number,
        "pages": max(pages, 1),
    }


def _read_filter(connection: sqlite3.Connection, request: Request) -> ChangeFilter:
    service, date = request.value("service"), request.value("date")
    return ChangeFilter(
        service_of_changes(connection, service) if service else None,
        checked_date(date) if date not in (None, UNDATED) else date,
        _one_of(request, "kind", _KINDS),
        _one_of(request, "change", _CHANGES),
        request.flag("descriptions"),
        *(checked_date(day) if day else None for day in map(request.value, ("since", "until"))),
    )


def _one_of(request: Request, name: str, words: Sequence[str]) -> str | None:
    value = request.value(name)
    if value is not None and value not in words:
        raise BadRequest(f"{name} is {value!r}: use one of {', '.join(words)}.")
    return value


def _some_rows(
    connection: sqlite3.Connection, wanted: ChangeFilter, groups: Sequence[ChangeGroup]
) -> list[dict[str, Any]]:
    """Return each date and service with its first changes, and how many there are of each kind."""
    found = []
    for group in groups:
        shown = _group(group, changes_of_group(connection, wanted, group, SOME))
        if group.changes > SOME:
            counts = change_counts(connection, wanted, group)
            shown["counts"] = [each._asdict() for each in counts]
        found.append(shown)
    return found


def _all_rows(
    connection: sqlite3.Connection,
    wanted: ChangeFilter,
    groups: Sequence[ChangeGroup],
    number: int,
) -> tuple[list[dict[str, Any]], int]:
    """Return the changes of one page, by date and service, and how many pages there are."""
    found: dict[str | None, list[Change]] = {}
    for each in some_changes(connection, wanted, (number - 1) * ROWS, ROWS):
        found.setdefault(each.date, []).append(each)
    by_date = {group.date: group for group in groups}
    shown = [_group(by_date[date], rows) for date, rows in found.items()]
    return shown, -(-sum(group.changes for group in groups) // ROWS)


def _group(group: ChangeGroup, rows: Sequence[Change]) -> dict[str, Any]:
    return {**group._asdict(), "counts": [], "rows": [change(row) for row in rows]}


def _feed(model: Model, urls: Urls) -> Rendered:
    """Render the changes as an Atom feed (RFC 4287): an entry for each date and service.

    Ids are made of what an entry is about, and times are the dates of pages: the same catalog gives
    the same feed on every machine, at any time. Changes without a date are left out.
    """
    filters = {name: value for name, value in model["filters"].items() if value}
    groups = [group for group in model["groups"] if group["date"]]
    query = {name: "1" if value is True else str(value) for name, value in filters.items()}
    title = "Changes of AWS's IAM actions"
    if "service" in filters:
        title = f"Changes of {filters['service']}"
    if filters.get("kind") in CHANGE_KINDS:
        title = f"{title}: {filters['kind'].replace('-', ' ')}"
    newest = max((group["date"] for group in groups), default=_NEVER)
    text = Markup(
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">\n'
        "<title>{}</title>\n<id>{}</id>\n<updated>{}</updated>\n"
        "<author><name>IAM catalog</name></author>\n"
        '<link rel="self" type="application/atom+xml" href="{}"/>\n'
        '<link rel="alternate" type="text/html" href="{}"/>\n{}</feed>\n'
    ).format(
        xml_text(title),
        _identifier("feed", *sorted(f"{name}={value}" for name, value in query.items())),
        _moment(newest),
        xml_text(urls.page("changes.atom", **query)),
        xml_text(urls.page("changes", **query)),
        Markup("").join(_entry(group, filters, urls) for group in groups),
    )
    return rendered(200, _CONTENT_TYPE, str(text))


def _entry(group: dict[str, Any], filters: dict[str, Any], urls: Urls) -> Markup:
    """Render what one date brought for one service."""
    date, prefix = group["date"], group["service_prefix"]
    same = {name: str(value) for name, value in filters.items() if name in ("kind", "change")}
    same |= {"descriptions": "1"} if filters.get("descriptions") else {}
    address = urls.page("changes", **{**same, "service": prefix, "date": date})
    return Markup(
        "<entry>\n<title>{}</title>\n<id>{}</id>\n<updated>{}</updated>\n"
        '<link rel="alternate" type="text/html" href="{}"/>\n'
        '<content type="html">{}</content>\n</entry>\n'
    ).format(
        xml_text(f"{prefix}: {_summary(group)}"),
        _identifier("entry", date, prefix, *sorted(same.values())),
        _moment(date),
        xml_text(address),
        # Twice: the content is HTML in the text of XML.
        xml_text(str(_content(group))),
    )


def _summary(group: dict[str, Any]) -> str:
    """Return `2 actions added, 1 resource type changed`."""
    counts = Counter({(c["change"], c["kind"]): c["changes"] for c in group["counts"]})
    if not counts:
        counts = Counter((row["change"], row["kind"]) for row in group["rows"])
    return ", ".join(
        f"{counted(number, kind)} {change}" for (change, kind), number in sorted(counts.items())
    )


def _content(group: dict[str, Any]) -> Markup:
    """Return the changes as a list of HTML, and how many more there are."""
    items = [Markup("<li>{}</li>").format(xml_text(_line(row))) for row in group["rows"]]
    more = group["changes"] - len(items)
    if more > 0:
        items.append(Markup("<li>and {} more</li>").format(f"{more:,}"))
    return Markup("<ul>{}</ul>").format(Markup("").join(items))


def _line(row: dict[str, Any]) -> str:
    """Return `changed action s3:GetObject: access level Read, was List`."""
    text = f"{row['change']} {row['kind']} {row['subject']}"
    text = f"{text}: {'; '.join(_details(row))}" if row["field"] else text
    return f"{text} (as {row['dataset']} has it)" if row["dataset"] else text


def _details(row: dict[str, Any]) -> Iterator[str]:
    if "newly" in row:
        yield row["field"]
        if row["newly"]:
            yield f"now also {', '.join(row['newly'])}"
        if row["no_longer"]:
            yield f"no longer {', '.join(row['no_longer'])}"
    else:
        yield f"{row['field']} {row['new_value'] or 'none'}, was {row['old_value'] or 'none'}"


def _identifier(*parts: str) -> str:
    return uuid.uuid5(_NAMESPACE, "\n".join(parts)).urn


def _moment(date: str) -> str:
    return f"{date}T00:00:00Z"


PAGE = SitePage(
    "changes",
    "changes.html",
    changes,
    lambda _: "Changes",
    formats={"atom": _feed},
    narrowed_by={
        "html": frozenset(["date", "descriptions", "page", "service"]),
        "atom": frozenset(["descriptions", "service"]),
    },
)
