"""When to ask again: growing pauses with jitter, and what `Retry-After` says.

Clock, sleep and chance are passed in, so that a test waits for nothing.
"""

from __future__ import annotations

import asyncio
import datetime
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0


@dataclass(frozen=True, slots=True)
class Timing:
    """The clocks, the sleep and the chance of a run."""

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime.datetime] = lambda: datetime.datetime.now(datetime.UTC)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random


class TryAgain(Exception):
    """An attempt failed in a way that may pass; *after* is what the server asks to wait."""

    def __init__(self, text: str, after: float | None = None) -> None:
        super().__init__(text)
        self.after = after


def pause(attempt: int, chance: float) -> float:
    """Seconds before the attempt after *attempt* (0 for the first): doubled, half of it chance."""
    longest: float = min(LONGEST_PAUSE, FIRST_PAUSE * 2**attempt)
    return longest * (0.5 + chance / 2)


def retry_after(value: str | None, now: datetime.datetime) -> float | None:
    """Seconds that a `Retry-After` asks for, which gives a number or a date; None for neither."""
    if not value:
        return None
    if value.strip().isascii() and value.strip().isdigit():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.UTC)
    return max(0.0, (moment - now).total_seconds())
