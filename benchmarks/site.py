"""What is measured of the site: answers under load, throughput, and when a browser shows a page.

The server is a process of its own that keeps to one core; the clients have the others. Under load,
20 clients ask once every 250 ms, and time counts from the moment when a client was to ask, so that
a slow answer is not hidden by the questions that it held up. No address is asked twice where there
are enough of them: what is measured is the making of pages, not the keeping.
"""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from statistics import median, quantiles
from urllib.parse import quote

from benchmarks.http_client import Client
from benchmarks.measure import Aim, Result
from iam_catalog import Catalog

CLIENTS = 20
INTERVAL = 0.25
"""Seconds between two questions of a client."""
CLOSED = 4
"""Clients that ask again as soon as they have an answer, where throughput is measured."""
WORDS = ("create instance", "s3:getobject", "describe", "iam:passrole", "tag resource", "kms key")
"""What is typed into the search, letter by letter."""
TABLE = "site: Datasette's table page"
SEED = 20260831


@dataclass(frozen=True, slots=True)
class Load:
    """What clients were answered."""

    seconds: list[float]
    errors: int


@contextmanager
def server(path: str) -> Iterator[tuple[str, int]]:
    """Host and port of a server of the catalog at *path*, on the first core alone."""
    command = [sys.executable, "-m", "iam_catalog", "serve", "--port", "0", "--database", path]
    pin = partial(pinned, {min(cores())}) if cores() else None
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=pin) as process:
        assert process.stdout
        address = process.stdout.readline().strip().rstrip("/")
        try:
            host, _, port = address.removeprefix("http://").partition(":")
            yield host, int(port)
        finally:
            process.terminate()


def cores() -> set[int]:
    """The cores that this process may use; empty where the system does not say."""
    return os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()


def pinned(wanted: set[int]) -> None:
    os.sched_setaffinity(0, wanted)


async def under_load(place: tuple[str, int], addresses: Sequence[str], seconds: float) -> Load:
    """The answers to *addresses*, in their order, as 20 clients ask them."""
    waiting = iter(cycle(addresses))
    start = time.perf_counter() + 0.1
    spent: list[float] = []
    statuses: list[int] = []

    async def one(number: int) -> None:
        client = await Client.connect(*place)
        due = start + number * INTERVAL / CLIENTS
        while due < start + seconds:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            statuses.append(await client.get(next(waiting)))
            spent.append(time.perf_counter() - due)
            due += INTERVAL
        client.close()

    await asyncio.gather(*map(one, range(CLIENTS)))
    return Load(spent, sum(status != 200 for status in statuses))


async def throughput(place: tuple[str, int], addresses: Sequence[str], seconds: float) -> float:
    """Answers in a second to clients that never wait."""
    waiting = iter(cycle(addresses))
    end = time.perf_counter() + seconds
    counts = []

    async def one() -> None:
        client = await Client.connect(*place)
        count = 0
        while time.perf_counter() < end:
            count += await client.get(next(waiting)) == 200
        counts.append(count)
        client.close()

    await asyncio.gather(*(one() for _ in range(CLOSED)))
    return sum(counts) / seconds


def addresses_of(path: str) -> dict[str, list[str]]:
    """The addresses of each kind of question, in a random order that is always the same."""
    shuffle = random.Random(SEED).shuffle
    with Catalog(path) as catalog:
        services = [each.service_prefix for each in catalog.services()]
        actions = [each.action for each in catalog.actions()]
    shuffle(services)
    shuffle(actions)
    return {
        "action page": [f"/catalog/-/action/{quote(name, safe=':')}" for name in actions],
        "service page": [f"/catalog/-/service/{quote(prefix)}" for prefix in services],
        "search as you type": list(typed(WORDS, actions)),
    }


def typed(words: Iterable[str], actions: Iterable[str]) -> Iterator[str]:
    """The addresses that the search box asks while *words* and names are typed."""
    for text in (*words, *(name.lower() for name in actions)):
        for end in range(1, len(text) + 1):
            if text[:end].strip() == text[:end]:
                yield f"/catalog/-/search.json?q={quote(text[:end])}&limit=8"


def loaded(place: tuple[str, int], kind: str, addresses: list[str], seconds: float) -> list[Result]:
    """Median, 95th percentile and errors of one kind of question."""
    load = asyncio.run(under_load(place, addresses, seconds))
    limit = 0.03 if kind.startswith("search") else 0.05
    cuts = quantiles(load.seconds, n=100)
    return [
        Result(f"site: {kind}, p50", median(load.seconds), None, None),
        Result(f"site: {kind}, p95", cuts[94], None, Aim(limit)),
        Result(f"site: {kind}, errors", load.errors, None, Aim(0), "of " + str(len(load.seconds))),
    ]


def throughputs(
    place: tuple[str, int], asked: dict[str, list[str]], seconds: float
) -> list[Result]:
    """Answers in a second of each kind, beside those of Datasette's page of a table."""
    prefixes = [address.rpartition("/")[2] for address in asked["service page"]]
    tables = [f"/catalog/actions?service_prefix={prefix}" for prefix in prefixes]
    counts = {
        TABLE: tables,
        # From the end, where the load has not been.
        **{f"site: {kind}": addresses[::-1] for kind, addresses in asked.items()},
    }
    rates = {
        name: asyncio.run(throughput(place, addresses, seconds))
        for name, addresses in counts.items()
    }
    return [Result(name, rates[name], rates[name] / rates[TABLE], None, "/s") for name in rates]


def measure_site(path: str, seconds: float) -> list[Result]:
    """Every subject, in the order in which it is reported; each kind is asked for *seconds*."""
    from benchmarks.paint import first_paints

    asked = addresses_of(path)
    results: list[Result] = []
    before = cores()
    with server(path) as place:
        if len(before) > 1:
            pinned(before - {min(before)})
        try:
            for kind, addresses in asked.items():
                results += loaded(place, kind, addresses, seconds)
            results += throughputs(place, asked, seconds / 2)
            results += first_paints(f"http://{place[0]}:{place[1]}")
        finally:
            if before:
                pinned(before)
    return results
