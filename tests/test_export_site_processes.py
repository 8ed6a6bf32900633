"""The processes that render an export: as many as are asked for, and none that stays behind."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from iam_catalog.processes import interrupts_held

KILLED = """
import os, signal
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from iam_catalog.processes import prepare

if __name__ == "__main__":
    pool = ProcessPoolExecutor(1, get_context("spawn"), initializer=prepare)
    print(pool.submit(int).result(), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""
MASK = "import signal; print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ()))"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_process_ends_with_the_one_that_started_it(tmp_path: Path) -> None:
    """The output ends when nobody holds it any more, the second process included."""
    program = tmp_path / "killed.py"
    program.write_text(KILLED)

    done = subprocess.run(
        [sys.executable, str(program)], capture_output=True, text=True, timeout=60, check=False
    )

    assert (done.stdout, done.returncode) == ("0\n", -signal.SIGKILL)


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="Windows has no masks")
def test_a_process_that_starts_while_interrupts_are_held_gets_none() -> None:
    def is_held() -> str:
        done = subprocess.run(
            [sys.executable, "-c", MASK], capture_output=True, text=True, check=True
        )
        return done.stdout

    with interrupts_held():
        inside = is_held()

    assert (inside, is_held()) == ("True\n", "False\n")
