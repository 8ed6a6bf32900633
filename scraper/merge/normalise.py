"""Turn a finished timeline into the rows of every table, in the order of writing.

Adds what is not a fact of a single service: pages, aliases, condition keys as such, problems, and
the words that the full-text indexes hold.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from iam_catalog.names import indexed_name, name_words, service_words
from iam_catalog.schema import ACCESS_LEVEL_ROWS, PAST, SEARCHED
from scraper.datasets.registry import DATASETS, SHARED
from scraper.merge.statements import PageVersion
from scraper.merge.timeline import Collection, Timeline
from scraper.merge.unite import TableRow
from scraper.page.model import SECTIONS, states_of
from scraper.problems import Problem
from scraper.service_names.rows import ServiceNames, add_names
from scraper.sources import SourceFile


@dataclass(slots=True)
class Tables:
    """The rows of each table."""

    rows: dict[str, list[TableRow]] = field(default_factory=dict)

    def add(self, table: str, **row: Any) -> None:
        self.rows.setdefault(table, []).append(row)

    def count(self, table: str) -> int:
        return len(self.rows.get(table, ()))


def normalise(collections: Iterable[Collection]) -> Tables:
    """Return the rows of every table for *collections*, which come oldest first."""
    return tables_of(timeline_of(collections))


def timeline_of(collections: Iterable[Collection]) -> Timeline:
    """Merge *collections*, which come oldest first."""
    timeline = Timeline()
    for collection in collections:
        timeline.add(collection)
    timeline.finish()
    return timeline


def tables_of(timeline: Timeline, names: ServiceNames | None = None) -> Tables:
    """Return the rows of every table of a finished timeline, with other *names* of services."""
    tables = Tables()
    for position, (level, description) in enumerate(ACCESS_LEVEL_ROWS, start=1):
        tables.add("access_levels", access_level=level, position=position, description=description)
    for table in PAST:
        tables.rows[table] = timeline.current_rows(table)
        tables.rows[f"past_{table}"] = timeline.history.past[table]
    for number, row in enumerate(tables.rows["disagreements"], start=1):
        row["disagreement"] = f"{row['subject']}#{number}"
    for row in tables.rows["past_disagreements"]:
        row["disagreement"] = row["subject"]
    tables.rows["changes"] = timeline.history.changes
    _add_datasets(tables, timeline)
    addresses = _addresses_at_aws(timeline.versions.values())
    for version in timeline.versions.values():
        known = addresses.get(version.prefix.lower()) if version.is_dataset else version.source.url
        _add_page(tables, timeline, version, known)
    _add_problems(tables, timeline)
    _add_aliases(tables, timeline)
    if names:
        add_names(tables.rows, names)
    _add_condition_keys(tables)
    _add_search(tables)
    return tables


def _add_datasets(tables: Tables, timeline: Timeline) -> None:
    """Add one row for each public dataset, in the order of their dates."""
    for label, source in timeline.datasets.items():
        assert source.dataset is not None, "only sources that are datasets were taken"
        known = DATASETS.get(source.dataset.name)
        tables.add(
            "datasets",
            dataset=label,
            name=source.dataset.name,
            version=source.dataset.version,
            date=source.date,
            url=source.url or (known.url if known else None),
            publisher=source.publisher,
            licence=_licence_of(source),
            file=source.path,
            sha256=source.sha256,
        )


def _licence_of(source: SourceFile) -> str | None:
    """Return the licence that is stated for a source, or that its makers publish it under."""
    known = DATASETS.get(source.dataset.name) if source.dataset else None
    return source.licence or (known.licence if known else None)


def _addresses_at_aws(versions: Iterable[PageVersion]) -> dict[str, str]:
    """Return AWS's address of today for each prefix, in lower case, that has exactly one page.

    A dataset does not say at which address AWS says the same. It is the one that AWS's newest page
    of the prefix was fetched from or is listed with. AWS's JSON is not a page for people, and where
    AWS describes a prefix on several pages, nobody knows which of them an entry is on.
    """
    newest: dict[str, tuple[str, set[str | None]]] = {}
    for version in versions:
        prefix = version.prefix.lower()
        if version.is_dataset or prefix in SHARED or version.is_reference:
            continue
        date, urls = newest.get(prefix, ("", set()))
        if (version.date or "") > date:
            date, urls = version.date or "", set()
        if (version.date or "") == date:
            newest[prefix] = date, urls | {version.source.url}
    return {
        prefix: url for prefix, (_, urls) in newest.items() if len(urls) == 1 for url in urls if url
    }


def _add_page(
    tables: Tables, timeline: Timeline, version: PageVersion, address: str | None
) -> None:
    """Add the row of a page; *address* is where people can open it, or what AWS says today."""
    page = version.page
    editions = timeline.editions.get(version.key, [version.source])
    source = editions[-1]
    dates = timeline.dates[version.key]
    counts = {}
    for section in SECTIONS:
        count = page.count(section)
        counts[f"{section}_rows"] = count.found
        counts[f"{section}_recorded"] = count.recorded
        counts[f"{section}_in_error"] = count.in_error
    tables.add(
        "pages",
        page=version.key,
        title=page.title,
        slug=page.slug,
        service_prefix=version.prefix,
        service_name=page.service_name,
        format=page.format,
        date=dates[0],
        last_date=dates[-1],
        replaced=timeline.replaced.get(version.key),
        lineage=timeline.lineage(version.key),
        **states_of(page),
        **counts,
        url=address,
        url_then=source.url_then,
        dataset=source.dataset.label if source.dataset else None,
        incomplete=int(page.incomplete),
        all_services=int(version.key in timeline.of_all_services),
        publisher=source.publisher,
        licence=_licence_of(source),
        file=source.path,
        sha256=source.sha256,
    )
    for number, date in enumerate(dates):
        if date:
            edition = editions[number].dataset if version.is_dataset else None
            label = edition.label if edition else None
            tables.add("page_dates", page=version.key, date=date, dataset=label)


def _add_problems(tables: Tables, timeline: Timeline) -> None:
    """Add the accepted problems of every file, each with its reason."""
    found: list[tuple[str | None, str, Problem, str]] = [
        (version.key, version.source.path, problem, reason)
        for version in timeline.versions.values()
        for problem, reason in version.accepted
    ]
    found += [
        (version.key, version.source.path, problem, problem.meaning)
        for version, problem in timeline.problems
    ]
    found += [(None, path, problem, reason) for path, problem, reason in timeline.left_out]
    for number, (key, path, problem, reason) in enumerate(found, start=1):
        tables.add(
            "problems",
            problem=f"{key or path}!{number}",
            page=key,
            file=path,
            line=problem.line,
            place=problem.place,
            kind=problem.kind,
            text=problem.text,
            reason=reason,
        )


def _add_aliases(tables: Tables, timeline: Timeline) -> None:
    """Add every name of a service: its prefix, titles, slugs and SDK clients."""
    seen: dict[tuple[str, str, str], list[str]] = {}
    for version in timeline.versions.values():
        page = version.page
        clients = {each.sdk_client for each in page.operations}
        aliases = [("prefix", version.prefix), ("name", page.service_name), ("slug", page.slug)]
        aliases += [("SDK client", client) for client in clients]
        for kind, alias in aliases:
            if alias:
                key = (alias.lower(), kind, version.prefix.lower())
                known = seen.setdefault(key, [alias, version.prefix])
                known += [date for date in timeline.dates[version.key] if date]
    for (_, kind, _), (alias, prefix, *dates) in sorted(seen.items()):
        tables.add(
            "service_aliases",
            alias=alias,
            kind=kind,
            service_prefix=prefix,
            first_seen=min(dates, default=None),
            last_seen=max(dates, default=None),
        )


def _add_condition_keys(tables: Tables) -> None:
    """Add one row for each key, whatever its case, as its first definition writes it.

    Services may write it otherwise: keys compare without case.
    """
    keys: dict[str, TableRow] = {}
    for row in tables.rows["condition_key_definitions"]:
        text = row["condition_key"]
        known = keys.setdefault(
            text.lower(), {"condition_key": text, "type": None, "description": None}
        )
        known["type"] = known["type"] or row["type"]
        known["description"] = known["description"] or row["description"]
    for table in ("action_condition_keys", "resource_type_condition_keys"):
        for row in tables.rows[table]:
            text = row["condition_key"]
            keys.setdefault(
                text.lower(), {"condition_key": text, "type": None, "description": None}
            )
    tables.rows["condition_keys"] = sorted(
        keys.values(), key=lambda row: str(row["condition_key"]).lower()
    )


def _add_search(tables: Tables) -> None:
    """Add what the full-text indexes find: names as written with their words, and descriptions.

    A service has the words of all its names.
    """
    aliases: dict[str, list[str]] = {}
    for row in tables.rows.get("service_aliases", ()):
        aliases.setdefault(row["service_prefix"].lower(), []).append(row["alias"])
    for table, key, description in SEARCHED:
        for rowid, row in enumerate(tables.rows[table], start=1):
            name = row[key]
            others = aliases.get(name.lower(), ()) if table == "services" else None
            words = name_words(name) if others is None else service_words(name, others)
            texts = {key: indexed_name(name, words)}
            if description:
                texts[description] = row[description]
            tables.add(f"{table}_fts", rowid=rowid, **texts)
