"""A question that takes as long as a test wants: `required_by`, once it is patched."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event, Semaphore

import pytest

from iam_catalog import Catalog
from iam_catalog.facts import dependents

WAIT = 60.0
"""Seconds after which something hangs."""


class SlowQuestion:
    """Stands for `dependents.required_by`: each answer waits until it is let go."""

    def __init__(self) -> None:
        self._begun = Semaphore(0)
        self._go = Event()

    def __call__(self, connection: sqlite3.Connection, action: str) -> list[str]:
        self._begun.release()
        assert self._go.wait(WAIT)
        return [action, *connection.execute("select max(last_date) from pages").fetchone()]

    def wait_until_asked(self, times: int = 1) -> None:
        for _ in range(times):
            assert self._begun.acquire(timeout=WAIT)

    def let_go(self) -> None:
        self._go.set()


@contextmanager
def asked_slowly(
    monkeypatch: pytest.MonkeyPatch, catalog: Catalog, times: int = 1
) -> Iterator[tuple[SlowQuestion, list[Future[list[str]]]]]:
    """Ask a slow question in so many threads, which are all at it; let them go at the end."""
    slow = SlowQuestion()
    question = catalog.required_by  # made before its function is patched: made of that
    with monkeypatch.context() as patched, ThreadPoolExecutor(times) as pool:
        patched.setattr(dependents, "required_by", slow)
        asked = [pool.submit(question, f"store:Slow{n}") for n in range(times)]
        try:
            slow.wait_until_asked(times)
            yield slow, asked
        finally:
            slow.let_go()
