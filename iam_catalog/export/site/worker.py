"""The lives of the processes that render: an interrupt is not theirs, and they end with their
parent. Light, so that a new process does at once what it does first.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import parent_process
from threading import Thread


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Processes that start meanwhile never get an interrupt; this one gets it afterwards.

    A terminal sends it to all of them, also to one that is still starting and would tell of it.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def prepare() -> None:
    """What a process that renders does first."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=end_with_parent, daemon=True).start()


def end_with_parent() -> None:
    # Nobody else ends the processes of one that was killed: they would wait for work for ever.
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
