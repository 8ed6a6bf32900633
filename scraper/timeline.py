"""Collections of pages, oldest first -> the current rows, the past ones, and the changes.

A *complete* collection replaces all pages of every prefix and withdraws those that it lacks. In a
*partial* one a page replaces its predecessor: the page with the same slug, else the same title,
else the only page of its prefix on both sides; otherwise it is added beside the others.

A public *dataset* stands beside AWS's pages and never replaces one. It hides what older pages say
of a fact that it states, and ends where AWS's own page of the same or a later date says it all;
what such a page has no place for is carried on from the dataset.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from iam_catalog.compare import SECTIONS, State, differences, state_of
from scraper.carry import succeed, without
from scraper.dataset_files import Dataset
from scraper.dataset_levels import DatasetLevels
from scraper.dataset_pages import SHARED
from scraper.history import History
from scraper.problems import Problem
from scraper.statements import PageVersion, Statements
from scraper.unite import Rows, TableRow, unite


@dataclass(frozen=True, slots=True)
class Collection:
    """The pages of one date."""

    date: str | None
    complete: bool
    pages: tuple[PageVersion, ...]
    left_out: tuple[tuple[str, Problem, str], ...] = ()
    """Paths of files that are no part of it, with the problem that says why, and the reason why
    that may stand."""
    dataset: Dataset | None = None
    """The public dataset that it is; None for what AWS published."""


@dataclass(slots=True)
class Slot:
    """A current page, with what holds because of it and its predecessors."""

    version: PageVersion
    statements: Statements


@dataclass(slots=True)
class Timeline:
    """Everything that is known after the collections that were added."""

    slots: dict[str, list[Slot]] = field(default_factory=dict)
    history: History = field(default_factory=History)
    versions: dict[str, PageVersion] = field(default_factory=dict)
    """Every page that was ever current, by its key."""
    dates: dict[str, list[str | None]] = field(default_factory=dict)
    """The dates at which each page was found with the same content."""
    replaced: dict[str, str | None] = field(default_factory=dict)
    """When a page was replaced or withdrawn."""
    succeeded: dict[str, tuple[PageVersion, ...]] = field(default_factory=dict)
    """The pages whose place each page of AWS took, by its key."""
    problems: list[tuple[PageVersion, Problem]] = field(default_factory=list)
    left_out: list[tuple[str, Problem, str]] = field(default_factory=list)
    """The files that were no part of their collections."""
    levels: DatasetLevels = field(default_factory=DatasetLevels)
    had_complete: bool = False

    def add(self, collection: Collection) -> None:
        """Go on to the date of *collection*, which is later than those before."""
        new: dict[str, list[PageVersion]] = defaultdict(list)
        for version in collection.pages:
            new[version.prefix.lower()].append(version)
        prefixes = new.keys() | self.slots.keys() if collection.complete else new.keys()
        for prefix in sorted(prefixes):
            self.advance(prefix, collection, new.get(prefix, []))
        self.had_complete = self.had_complete or collection.complete
        self.left_out += collection.left_out

    def advance(self, prefix: str, collection: Collection, new: list[PageVersion]) -> None:
        """Replace the pages of one prefix by the new ones."""
        every = self.slots.get(prefix, [])
        old = [slot for slot in every if not slot.version.is_dataset]
        datasets = [slot for slot in every if slot.version.is_dataset]
        if collection.dataset:
            self.replace(prefix, collection, old + self.dataset_slots(new, old, datasets))
            return
        matches = {id(page): predecessors(page, old, alone=len(new) == 1) for page in new}
        matched = {id(slot) for slots in matches.values() for slot in slots}
        left = [slot for slot in old if id(slot) not in matched]
        if not collection.complete:
            self.report_beside([page for page in new if old and not matches[id(page)]])
        slots = [
            self.next_slot(page, matches[id(page)], left if collection.complete else [], collection)
            for page in new
        ]
        if not collection.complete:
            slots += left
            if prefix in SHARED and datasets:
                fresh = [slot.statements for slot in slots if slot not in left]
                slots += [Slot(each.version, without(each.statements, fresh)) for each in datasets]
        self.replace(prefix, collection, slots)

    def replace(self, prefix: str, collection: Collection, slots: list[Slot]) -> None:
        """Make *slots* the current ones of a prefix, if they differ from those that were."""
        old = self.slots.get(prefix, [])
        if {id(slot) for slot in slots} == {id(slot) for slot in old}:
            return
        current = {slot.version.key for slot in slots}
        for slot in old:
            if slot.version.key not in current:
                self.replaced[slot.version.key] = collection.date
        self.slots[prefix] = slots
        self.restate(prefix, collection)

    def dataset_slots(
        self, new: list[PageVersion], pages: list[Slot], datasets: list[Slot]
    ) -> list[Slot]:
        """The slots of a dataset, which takes the place of the datasets before it."""
        older = [slot.statements for slot in datasets]
        others = [slot.statements for slot in pages]
        for page in new:
            self.hold(page)
        return [Slot(page, succeed(page, older, others)) for page in new]

    def hold(self, page: PageVersion) -> None:
        """Note a page that becomes current, with its date."""
        self.versions[page.key] = page
        self.dates[page.key] = [page.date]
        self.levels.add(page)

    def next_slot(
        self,
        page: PageVersion,
        matches: list[Slot],
        left: list[Slot],
        collection: Collection,
    ) -> Slot:
        """The slot of a page: its predecessor's own, where the bytes are the same."""
        held = self.slots.get(page.prefix.lower(), [])
        datasets = [slot.statements for slot in held if slot.version.is_dataset]
        if len(matches) == 1 and same_page(page, matches[0].version) and not datasets:
            self.dates[matches[0].version.key].append(collection.date)
            return matches[0]
        self.hold(page)
        self.succeeded[page.key] = tuple(slot.version for slot in matches or left)
        older = [slot.statements for slot in (*matches, *left)]
        others = [slot.statements for slot in held]
        return Slot(page, succeed(page, older, others, datasets))

    def restate(self, prefix: str, collection: Collection) -> None:
        """Bring the rows of a prefix to the date of *collection*, and note what changed."""
        slots = self.slots[prefix]
        name = slots[0].version.prefix if slots else prefix
        rows = unite(name, unhidden(slots))
        if rows and (found := self.levels.disagreements(prefix)):
            rows["disagreements"] += found
        known = prefix in self.history.current
        old = self.history.current.get(prefix, {})
        dates = {key: dates[-1] for key, dates in self.dates.items()}
        if known or self.had_complete:
            found = differences(self.state(old), self.state(rows))
            label = collection.dataset.label if collection.dataset else None
            self.history.changes += [
                {"date": collection.date, "service_prefix": name, **each, "dataset": label}
                for each in found
            ]
        self.history.advance(prefix, collection.date, rows, dates)

    def state(self, rows: Rows) -> State:
        """What *rows* state, to be compared, with what their pages carry."""
        keys = {row["page"] for table in rows.values() for row in table}
        pages = [
            {
                "page": key,
                "format": self.versions[key].page.format,
                "service_prefix": self.versions[key].prefix,
                **{f"{name}_state": self.versions[key].page.state(name) for name in SECTIONS},
            }
            for key in sorted(keys)
        ]
        return state_of(rows, pages)

    def report_beside(self, pages: Iterable[PageVersion]) -> None:
        for page in pages:
            text = (
                f"{page.page.title or page.page.slug!r} succeeds no page of {page.prefix!r} that is"
                " held, and is added beside them"
            )
            problem = Problem(page.source.file, page.page.service_line, "page-added-beside", text)
            self.problems.append((page, problem))

    def finish(self) -> None:
        """Give current rows the newest date of their page, which may have stayed the same."""
        for rows in self.history.current.values():
            for table in rows.values():
                for row in table:
                    row["last_seen"] = self.dates[row["page"]][-1]

    def current_rows(self, table: str) -> list[TableRow]:
        """The current rows of a table, by service prefix."""
        current = self.history.current
        return [row for prefix in sorted(current) for row in current[prefix].get(table, [])]


def unhidden(slots: list[Slot]) -> list[tuple[PageVersion, Statements]]:
    """What each slot states, without the facts of pages that a dataset states anew."""
    datasets = [slot.statements for slot in slots if slot.version.is_dataset]
    return [
        (
            slot.version,
            slot.statements
            if slot.version.is_dataset or not datasets
            else without(slot.statements, datasets),
        )
        for slot in slots
    ]


def predecessors(page: PageVersion, old: list[Slot], *, alone: bool) -> list[Slot]:
    """The held pages that *page* succeeds."""
    is_json = page.page.format == "json"
    same_slug = [slot for slot in old if slot.version.page.slug == page.page.slug]
    same_kind = [slot for slot in same_slug if (slot.version.page.format == "json") == is_json]
    if same_slug:
        return same_kind or same_slug
    title = page.page.title
    if title and (same_title := [slot for slot in old if slot.version.page.title == title]):
        return same_title
    return old if alone and len(old) == 1 else []


def same_page(first: PageVersion, second: PageVersion) -> bool:
    return first.source.sha256 == second.source.sha256 and first.page.slug == second.page.slug
