"""What is measured of patterns and ARNs, on the catalog of a whole snapshot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from benchmarks.measure import Aim, Result, medians
from iam_catalog import Catalog

HOSTILE = "ec2:" + "*e" * 20 + "*q"
ROLE = "arn:aws:iam::111122223333:role/team/admin"
INSTANCES = "arn:aws:ec2:us-east-1:111122223333:instance/*"


def measure_patterns(full: Path, rounds: int) -> list[Result]:
    """Answers about patterns and ARNs, from an open catalog."""
    with Catalog(full) as catalog:
        describes = catalog.expand("ec2:Describe*")
        subjects: dict[str, tuple[Callable[[], object], float]] = {
            "warm: expand ec2:Describe*": (lambda: catalog.expand("ec2:Describe*"), 1e-3),
            "warm: expand *:Describe*": (lambda: catalog.expand("*:Describe*"), 50e-3),
            "warm: expand *e*e*e…*q of ec2": (lambda: catalog.expand(HOSTILE), 5e-3),
            f"warm: shrink {len(describes)} actions of ec2": (
                lambda: catalog.shrink(describes),
                5e-3,
            ),
            "warm: match_arn, a role": (lambda: catalog.match_arn(ROLE), 1e-3),
            "warm: match_arn, all instances": (lambda: catalog.match_arn(INSTANCES), 1e-3),
            "warm: actions_for_arn, a role": (lambda: catalog.actions_for_arn(ROLE), 2e-3),
        }
        times = medians({name: ask for name, (ask, _) in subjects.items()}, rounds * 5, calls=20)
    return [Result(name, times[name], None, Aim(limit)) for name, (_, limit) in subjects.items()]
