"""Live pages -> a day of the mirror: the only part of the scraper that may use the network.

The lists come first, and are compared with those of the last time; then every page that they name,
a few at once. One page that cannot be kept costs that page: the day is published without it, is
not complete, and says why. What concerns all pages ends the run, and the next one continues it.
"""

from __future__ import annotations

import asyncio
import datetime
import difflib
from collections import Counter, deque
from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from filelock import FileLock
from filelock import Timeout as LockTimeout

from scraper.fetch.addresses import (
    Candidate,
    Listed,
    Site,
    Target,
    index_target,
    keys_target,
    list_target,
    mapping_target,
    page_target,
    read_index,
    read_service_list,
    reference_target,
)
from scraper.fetch.checks import check_text, folded, unknown_keys
from scraper.fetch.errors import FetchError, FetchStopped, NotServed
from scraper.fetch.folder import FolderGetter
from scraper.fetch.http import Answer, Getter, HttpGetter, Limits, Timing, open_client
from scraper.fetch.mirror import Day, Mirror
from scraper.fetch.progress import Progress
from scraper.mirror import WORK

Source = Literal["docs", "json", "all"]
Outcome = Literal["new", "unchanged", "continued"]
FEWEST_OF_LAST = 0.9
"""Of what a list named the last time; AWS has never withdrawn a tenth of its pages at once."""
SMALLEST_OF_LAST = 0.5
"""Of the bytes that a page had the last time."""
LONGEST_ERROR = 300
"""Characters of an error that may quote what a server sent."""
USABLE_OF_LIST, FEWEST_UNUSABLE = 0.9, 10
"""Of the lines of a list that name a service, and how many may always not do so; of AWS's lists
every line is usable."""
CLOCK_AHEAD = datetime.timedelta(days=2)
"""A day is ahead of a server's by one where it begins."""
UNREACHABLE_IN_A_ROW = 5
"""After so many the fault is not a page's."""
ELSEWHERE = {"home-page", "moved", "error-page"}
"""Errors of an address that is not in use: the page may be there in its other form."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The options of a run."""

    date: str
    """ISO 8601; the day that the pages are of."""
    source: Source = "all"
    services: tuple[str, ...] = ()
    """Prefixes, slugs or titles; every service where it is empty."""
    accept_smaller: bool = False
    """Lists and pages may have become much smaller: a person has looked."""

    def has(self, group: Literal["docs", "json"]) -> bool:
        return self.source in (group, "all")


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of a run."""

    folder: Path
    complete: bool
    outcomes: dict[Outcome, int]
    failures: tuple[FetchError, ...]
    received: int
    """Bytes of bodies that came over the network."""


@dataclass(frozen=True, slots=True)
class Setting:
    """The addresses, limits and clocks of a run, which tests replace."""

    site: Site = field(default_factory=Site)
    limits: Limits = field(default_factory=Limits)
    timing: Timing = field(default_factory=Timing)


def fetch_mirror(
    root: Path,
    wanted: Wanted,
    *,
    folder: Path | None = None,
    progress: Progress | None = None,
    setting: Setting | None = None,
) -> Result:
    """Fetch what is *wanted* into the mirror at *root*, from *folder* instead if one is named.

    Raises `FetchStopped` where nothing could be published.
    """
    progress, setting = progress or Progress(quiet=True), setting or Setting()
    try:
        _refuse_links(root, wanted.date)
        (root / WORK).mkdir(parents=True, exist_ok=True)
        with FileLock(root / WORK / "lock", timeout=0):
            mirror = Mirror(root, wanted.date)
            mirror.recover()
            mirror.learn()
            day = Day(mirror, wanted.date)
            return asyncio.run(fetch_day(day, wanted, folder, progress, setting))
    except LockTimeout as error:
        text = "another fetch is at work in this folder; wait until it has ended."
        raise FetchStopped("locked", str(root), text) from error
    except OSError as error:
        raise _disk_error(error, root) from error


def _refuse_links(root: Path, date: str) -> None:
    """Refuse a folder of work that leads elsewhere: what is there would be replaced or removed."""
    work = root / WORK
    inside = work.iterdir() if work.is_dir() and not work.is_symlink() else ()
    for path in (work, root / date, *inside):
        if path.is_symlink():
            text = "a symbolic link, behind which a fetch would remove files. Remove the link."
            raise FetchStopped("bad-name", str(path), text)


async def fetch_day(
    day: Day, wanted: Wanted, folder: Path | None, progress: Progress, setting: Setting
) -> Result:
    async with AsyncExitStack() as stack:
        getter: FolderGetter | HttpGetter
        if folder:
            getter = FolderGetter(folder, setting.limits)
        else:
            client = await stack.enter_async_context(open_client(setting.limits))
            getter = HttpGetter(client, setting.site, setting.limits, setting.timing)
        run = Run(getter, day, wanted, setting, progress)
        try:
            async with asyncio.timeout(setting.limits.run):
                await run.fetch_all()
        except TimeoutError as error:
            seconds = setting.limits.run
            text = f"the run has a limit of {seconds:,.0f} seconds. Run again to continue."
            raise FetchStopped("too-slow", setting.site.docs, text) from error
        finally:
            progress.end()
        if isinstance(getter, HttpGetter):
            _check_clock(wanted.date, getter.served, setting.site.docs)
        if not run.has_pages():
            text = "no page could be kept; nothing was published."
            raise run.failures[0] if run.failures else FetchStopped("gone", str(folder), text)
        complete = day.publish(run.listed, run.failures)
        return Result(day.final, complete, dict(run.outcomes), tuple(run.failures), getter.received)


def _check_clock(day: str, served: datetime.datetime | None, url: str) -> None:
    """Refuse to publish a day that the server has not reached: everything later would be older.

    Raises `FetchStopped`.
    """
    if served and datetime.date.fromisoformat(day) > (served + CLOCK_AHEAD).date():
        text = (
            f"this machine says that it is {day}, the server {served.date().isoformat()}; expected"
            " the same day. Correct the clock, and run again."
        )
        raise FetchStopped("wrong-clock", url, text)


class Run:
    """One run: its lists, its queue, and the outcome of each file."""

    def __init__(
        self, getter: Getter, day: Day, wanted: Wanted, setting: Setting, progress: Progress
    ) -> None:
        self.getter = getter
        self.day = day
        self.mirror = day.mirror
        self.wanted = wanted
        self.site = setting.site
        self.limits = setting.limits
        self.progress = progress
        self.listed: dict[str, list[str]] = {}
        self.titles: dict[str, str] = {}
        """The slug that the index lists under each title."""
        self.outcomes: Counter[Outcome] = Counter()
        self.failures: list[FetchError] = []
        self.stopped: FetchStopped | None = None
        self.unreachable = 0

    async def fetch_all(self) -> None:
        """Fetch the lists, and all that is wanted of what they name."""
        targets: list[Target] = []
        if self.wanted.has("docs"):
            listed = await self._list_pages()
            self.titles = {folded(each.title): each.name for each in listed if each.title}
            targets += [page_target(self.site, each) for each in listed]
        if self.wanted.has("json"):
            targets += [reference_target(each) for each in await self._list_references()]
        targets = self._selected(targets)
        if not self.wanted.services and not isinstance(self.getter, FolderGetter):
            targets += self.documents()
        elif not self.wanted.services:
            targets += [each for each in self.documents() if self._is_there(each)]
        self.progress.start(len(targets))
        queue = deque(targets)
        async with asyncio.TaskGroup() as group:
            for _ in range(min(self.limits.connections, len(queue))):
                group.create_task(self.work(queue))
        if self.stopped:
            raise self.stopped

    def documents(self) -> list[Target]:
        """Return the targets that are not service pages. They do not count towards completeness."""
        documents = [keys_target(self.site)] if self.wanted.has("docs") else []
        return documents + ([mapping_target(self.site)] if self.wanted.has("json") else [])

    def _is_there(self, target: Target) -> bool:
        """Return True if the folder has the text; a folder need not have every document."""
        return isinstance(self.getter, FolderGetter) and any(
            each.url.rpartition("/")[2] in self.getter.files for each in target.candidates
        )

    async def _list_pages(self) -> list[Listed]:
        """Return the pages that the index lists, or those in a folder that has no index."""
        target = index_target(self.site)
        if isinstance(self.getter, FolderGetter) and not self._is_there(target):
            return self.getter.pages(self.site)
        return await self._read_list("docs", target)

    async def _list_references(self) -> list[Listed]:
        target = list_target(self.site)
        if isinstance(self.getter, FolderGetter) and not self._is_there(target):
            return self.getter.references(self.site)
        return await self._read_list("json", target)

    async def _read_list(self, group: str, target: Target) -> list[Listed]:
        """Fetch a list; without it the run cannot go on."""
        try:
            await self.take(target)
        except FetchStopped:
            raise
        except FetchError as error:
            raise FetchStopped(error.kind, error.url, error.text) from error
        except OSError:
            raise
        except Exception as error:
            failed = _unexpected(target, error)
            raise FetchStopped(failed.kind, failed.url, failed.text) from error
        candidate = next(each for each in target.candidates if each.path in self.day.entries)
        content = (self.day.staging / candidate.path).read_bytes()
        listed, errors = self._parse_list(target, candidate.url, content)
        self.failures += errors
        for each in errors:
            self.progress.say(str(each))
        # A line that cannot be used is listed too: without it the day is not complete.
        self.listed[group] = [item.name for item in listed] + [each.url for each in errors]
        self.progress.say(f"{candidate.url}: {len(listed):,} listed")
        return listed

    def _parse_list(
        self, target: Target, url: str, content: bytes
    ) -> tuple[list[Listed], list[FetchError]]:
        text = content.decode("utf-8-sig", "replace")
        if target.group == "index":
            return read_index(self.site, url, text)
        return read_service_list(url, text)

    def _check_list(self, target: Target, url: str, content: bytes) -> None:
        """Refuse a list that names nothing, or far less than the last one."""
        listed, errors = self._parse_list(target, url, content)
        too_many = max(FEWEST_UNUSABLE, (1 - USABLE_OF_LIST) * (len(listed) + len(errors)))
        if listed and len(errors) >= too_many:
            text = f"{len(errors):,} of {len(listed) + len(errors):,} lines name no service"
            raise FetchError("error-page", url, f"{text} ({errors[0]}).")
        if not listed:
            said = f" ({errors[0]})" if errors else ""
            raise FetchError("error-page", url, f"lists no service{said}.")
        last = self.mirror.last_listed("docs" if target.group == "index" else "json")
        if last and len(listed) < FEWEST_OF_LAST * last[1] and not self.wanted.accept_smaller:
            text = (
                f"lists {len(listed):,} services, where it listed {last[1]:,} on {last[0]}. "
                "If AWS withdrew them, run again with --accept-smaller."
            )
            raise FetchError("shrunk", url, text)

    def _selected(self, targets: list[Target]) -> list[Target]:
        """Return the targets of the wanted services. Raises `FetchStopped` for an unknown one."""
        if not self.wanted.services:
            return targets
        chosen: list[Target] = []
        for service in self.wanted.services:
            found = [each for each in targets if _answers_to(each, service)]
            if not found:
                raise _unknown_service(service, targets)
            chosen += [each for each in found if each not in chosen]
        return chosen

    def has_pages(self) -> bool:
        """Return True if there is something to publish."""
        entries = self.day.entries.values()
        return self.day.final.exists() or not all(entry.is_document for entry in entries)

    async def work(self, queue: deque[Target]) -> None:
        """Take targets until none is left, or the run has to end."""
        while queue and not self.stopped:
            target = queue.popleft()
            try:
                outcome = await self.take(target)
                self.outcomes[outcome] += 1
                self.unreachable = 0
            except FetchStopped as error:
                self.stopped = error
                return
            except FetchError as error:
                self._fail(error)
            except OSError as error:
                self.stopped = _disk_error(error, self.mirror.root)
                return
            except Exception as error:
                # Whatever one text does to this program, the others are fetched.
                self._fail(_unexpected(target, error))
            self.progress.step(target.name)

    def _fail(self, error: FetchError) -> None:
        """Note what could not be kept; several without an answer in a row end the run."""
        self.failures.append(error)
        self.progress.say(str(error))
        self.unreachable = self.unreachable + 1 if error.kind == "unreachable" else 0
        if self.unreachable >= UNREACHABLE_IN_A_ROW:
            self.stopped = FetchStopped(error.kind, error.url, error.text)

    async def take(self, target: Target) -> Outcome:
        """Keep a text from the first of its addresses that serves it."""
        if any(self.day.resume(candidate) for candidate in target.candidates):
            return "continued"
        errors: list[FetchError] = []
        for candidate in target.candidates:
            try:
                return await self._take_from(target, candidate)
            except FetchError as error:
                if not isinstance(error, NotServed) and error.kind not in ELSEWHERE:
                    raise
                errors.append(error)
        raise _most_telling(errors)

    async def _take_from(self, target: Target, candidate: Candidate) -> Outcome:
        known = self.mirror.known(candidate.url)
        answer = await self.getter.get(candidate.url, candidate.form, known)
        before = known.path.read_bytes() if known else None
        content = before if answer.content is None else answer.content
        if content is None:
            raise FetchError("status", candidate.url, "status 304 for what was never fetched.")
        if content == before and self.mirror.was_checked(candidate, target.title):
            # Checked when it came first, which for a large page takes a second.
            self.day.keep(candidate, answer, content, None)
            return "unchanged"
        try:
            title = await self.check(target, candidate, content)
        except FetchError as error:
            self.mirror.refuse(candidate, content)
            raise landed(error, answer) from error
        return "new" if self.day.keep(candidate, answer, content, title) else "unchanged"

    async def check(self, target: Target, candidate: Candidate, content: bytes) -> str | None:
        """Return the title of a text that is what it should be."""
        # The largest page takes a second; the other connections go on meanwhile.
        url, titles = candidate.url, self.titles
        title = await asyncio.to_thread(check_text, target, url, content, titles)
        if target.group in ("index", "list"):
            self._check_list(target, candidate.url, content)
            return title
        if target.group == "keys" and (unknown := unknown_keys(content)):
            self.progress.say(f"{url}: the checks of policies do not know {', '.join(unknown)}")
        before = self.mirror.older_size(candidate.url)
        if len(content) < SMALLEST_OF_LAST * before and not self.wanted.accept_smaller:
            text = (
                f"{len(content):,} bytes, where it had {before:,} the last time. "
                "If AWS wrote it so, run again with --accept-smaller."
            )
            raise FetchError("shrunk", candidate.url, text)
        return title


def _most_telling(errors: list[FetchError]) -> FetchError:
    """Choose the error to report where no form of a page is served."""
    ranks = [2 if each.kind in ELSEWHERE else each.kind != "gone" for each in errors]
    return errors[ranks.index(max(ranks))]


def landed(error: FetchError, answer: Answer) -> FetchError:
    """Return the error, with where the address led if that was elsewhere."""
    if answer.url == error.url:
        return error
    return FetchError(error.kind, error.url, f"{error.text} It led to {answer.url}.")


def _unexpected(target: Target, error: Exception) -> FetchError:
    """Return the failure of one text for an error that nobody foresaw."""
    text = f"{type(error).__name__}: {error}"
    return FetchError("unexpected", target.candidates[0].url, text[:LONGEST_ERROR])


def _disk_error(error: OSError, root: Path) -> FetchStopped:
    text = f"{error.strerror or error}. Correct it and run again to continue."
    return FetchStopped("disk", str(error.filename or root), text)


def _answers_to(target: Target, service: str) -> bool:
    listed = Listed(target.name, "", target.title, target.prefix)
    return listed.answers_to(service)


def _unknown_service(service: str, targets: Iterable[Target]) -> FetchStopped:
    names = {each.prefix or each.name for each in targets} | {each.name for each in targets}
    near = difflib.get_close_matches(service, sorted(names), 3)
    hint = f"Did you mean {' or '.join(near)}?" if near else "Name a prefix, a slug or a title."
    return FetchStopped("gone", service, f"no list names the service {service!r}. {hint}")
