"""The changes as an Atom feed (RFC 4287): an entry for each date and service.

Ids are made of what an entry is about, and times are the dates of pages: the same catalog gives
the same feed on every machine, at any time. Changes without a date have no place in a feed.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from typing import Any

from markupsafe import Markup

from iam_catalog.datasette_plugin.site.page import Model, Rendered, made
from iam_catalog.datasette_plugin.site.typography import counted
from iam_catalog.datasette_plugin.site.urls import Urls
from iam_catalog.datasette_plugin.site.xml_text import xml_text

CONTENT_TYPE = "application/atom+xml; charset=utf-8"
NAMESPACE = uuid.UUID("0f6c8d1e-6a51-5d0c-9d53-3d1f6f9f7a61")
"""Of the ids: drawn once, and never to change."""
NEVER = "1970-01-01"
"""The date of a feed without changes."""


def feed(model: Model, urls: Urls) -> Rendered:
    """The feed of the page of changes that *model* is."""
    filters = {name: value for name, value in model["filters"].items() if value}
    groups = [group for group in model["groups"] if group["date"]]
    query = {name: "1" if value is True else str(value) for name, value in filters.items()}
    title = "Changes of AWS's IAM actions"
    if "service" in filters:
        title = f"Changes of {filters['service']}"
    newest = max((group["date"] for group in groups), default=NEVER)
    text = Markup(
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">\n'
        "<title>{}</title>\n<id>{}</id>\n<updated>{}</updated>\n"
        "<author><name>IAM catalog</name></author>\n"
        '<link rel="self" type="application/atom+xml" href="{}"/>\n'
        '<link rel="alternate" type="text/html" href="{}"/>\n{}</feed>\n'
    ).format(
        xml_text(title),
        identifier("feed", *sorted(f"{name}={value}" for name, value in query.items())),
        moment(newest),
        xml_text(urls.page("changes.atom", **query)),
        xml_text(urls.page("changes", **query)),
        Markup("").join(entry(group, filters, urls) for group in groups),
    )
    return made(200, CONTENT_TYPE, str(text))


def entry(group: dict[str, Any], filters: dict[str, Any], urls: Urls) -> Markup:
    """What one date brought for one service."""
    date, prefix = group["date"], group["service_prefix"]
    same = {name: str(value) for name, value in filters.items() if name in ("kind", "change")}
    same |= {"descriptions": "1"} if filters.get("descriptions") else {}
    address = urls.page("changes", **{**same, "service": prefix, "date": date})
    return Markup(
        "<entry>\n<title>{}</title>\n<id>{}</id>\n<updated>{}</updated>\n"
        '<link rel="alternate" type="text/html" href="{}"/>\n'
        '<content type="html">{}</content>\n</entry>\n'
    ).format(
        xml_text(f"{prefix}: {summary(group)}"),
        identifier("entry", date, prefix, *sorted(same.values())),
        moment(date),
        xml_text(address),
        # Twice: the content is HTML in the text of XML.
        xml_text(str(content(group))),
    )


def summary(group: dict[str, Any]) -> str:
    """`2 actions added, 1 resource type changed`"""
    counts = Counter({(c["change"], c["kind"]): c["changes"] for c in group["counts"]})
    if not counts:
        counts = Counter((row["change"], row["kind"]) for row in group["rows"])
    return ", ".join(
        f"{counted(number, kind)} {change}" for (change, kind), number in sorted(counts.items())
    )


def content(group: dict[str, Any]) -> Markup:
    """The changes as a list of HTML, and how many more there are."""
    items = [Markup("<li>{}</li>").format(xml_text(line(row))) for row in group["rows"]]
    more = group["changes"] - len(items)
    if more > 0:
        items.append(Markup("<li>and {} more</li>").format(f"{more:,}"))
    return Markup("<ul>{}</ul>").format(Markup("").join(items))


def line(row: dict[str, Any]) -> str:
    """`changed action s3:GetObject: access level Read, was List`"""
    text = f"{row['change']} {row['kind']} {row['subject']}"
    text = f"{text}: {'; '.join(details(row))}" if row["field"] else text
    return f"{text} (as {row['dataset']} has it)" if row["dataset"] else text


def details(row: dict[str, Any]) -> Iterator[str]:
    if "newly" in row:
        yield row["field"]
        if row["newly"]:
            yield f"now also {', '.join(row['newly'])}"
        if row["no_longer"]:
            yield f"no longer {', '.join(row['no_longer'])}"
    else:
        yield f"{row['field']} {row['new_value'] or 'none'}, was {row['old_value'] or 'none'}"


def identifier(*parts: str) -> str:
    return uuid.uuid5(NAMESPACE, "\n".join(parts)).urn


def moment(date: str) -> str:
    return f"{date}T00:00:00Z"
