"""Render pages by several processes, because a full catalog has over 20,000.

Pages that are narrowed to a service or a date are found in the links to them: in rounds, until no
page links to a new one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from multiprocessing import get_context

from iam_catalog.errors import CatalogError
from iam_catalog.export.site.pages import Renderer, Written
from iam_catalog.export.site.urls import Address, Published
from iam_catalog.processes import interrupts_held, prepare

AT_ONCE = 25
"""Pages that a process is given together, and finishes also when the rest is given up."""
WORTH_IT = 2_000
"""Pages below which processes take longer to start than they save, where nobody asks for them."""

Writer = Callable[[Sequence[Address]], Iterable[Written]]


@dataclass(frozen=True, slots=True)
class _Order:
    """Arguments of a renderer, for another process to make the same."""

    copies: tuple[str, str]
    folder: str
    published: Published


def all_written(renderer: Renderer, jobs: int | None) -> Iterator[Written]:
    """Write every page, by *jobs* processes; None is one for each processor where that pays."""
    addresses = renderer.addresses()
    if jobs is None:
        jobs = os.cpu_count() or 1 if len(addresses) >= WORTH_IT else 1
    with _in_this_process(renderer) if jobs == 1 else _in_others(renderer, jobs) as write:
        done = set(addresses)
        while addresses:
            wanted: set[Address] = set()
            for written in write(addresses):
                wanted |= written.wanted
                yield written
            addresses = sorted(wanted - done)
            done |= wanted


@contextmanager
def _in_this_process(renderer: Renderer) -> Iterator[Writer]:
    yield renderer.write


@contextmanager
def _in_others(renderer: Renderer, jobs: int) -> Iterator[Writer]:
    """Have parts of the pages written by *jobs* processes, each of which makes its own renderer."""
    order = _Order(renderer.copies, str(renderer.folder), renderer.published)
    # Spawned, not forked: a process with threads, such as a server's, cannot be forked safely.
    pool = ProcessPoolExecutor(jobs, get_context("spawn"), initializer=prepare)

    def write(addresses: Sequence[Address]) -> Iterator[Written]:
        starts = range(0, len(addresses), AT_ONCE)
        parts = (addresses[start : start + AT_ONCE] for start in starts)
        with interrupts_held():
            found = pool.map(partial(_write_part, order), parts)
        for written in found:
            yield from written

    try:
        yield write
    except BrokenProcessPool as error:
        raise CatalogError(
            "A process that renders pages has ended, perhaps for want of memory: try --jobs 1."
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _write_part(order: _Order, part: Sequence[Address]) -> list[Written]:
    return list(_renderer_of(order).write(part))


@cache
def _renderer_of(order: _Order) -> Renderer:
    """Return the renderer of this process, made once."""
    return Renderer(order.copies, order.folder, order.published)
