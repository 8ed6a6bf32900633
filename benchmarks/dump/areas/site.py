"""The JSON of the site's pages and of its canned queries, as Datasette serves them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from benchmarks.dump.answers import Answers
from benchmarks.dump.areas import Task
from benchmarks.dump.policies import policies
from benchmarks.dump.subjects import STRANGE, TEXTS, Subjects
from iam_catalog import Catalog

METADATA = Path(__file__).parents[3] / "metadata.json"
SETTINGS = {"max_returned_rows": 5000, "sql_time_limit_ms": 60_000}
LEVELS = ("List", "Read", "Write", "Permissions management", "Tagging", "Peek")
Address = tuple[str, dict[str, str]]
"""A path of the site, and what is asked there."""


def ask(task: Task, answers: Answers) -> None:
    asyncio.run(ask_site(task, answers))


async def ask_site(task: Task, answers: Answers) -> None:
    from datasette.app import Datasette

    metadata = json.loads(METADATA.read_text(encoding="utf-8"))
    site = Datasette([], immutables=[task.catalog], metadata=metadata, settings=SETTINGS)
    with Catalog(task.catalog) as catalog:
        subjects = Subjects(catalog, task.sample, task.seed)
        for path, asked in [*pages(subjects), *queries(subjects, metadata)]:
            response = await site.client.get(path, params=asked)
            answers.add(" ".join([path, *map("=".join, asked.items())]), answer(response))
        for name, value in policies(subjects):
            form = {"policy": json.dumps(value)}
            response = await site.client.post("/catalog/-/tools/check.json", data=form)
            answers.add(f"/catalog/-/tools/check.json {name}", answer(response))


def answer(response: Any) -> dict[str, Any]:
    """Return the status, the kind of content, and the JSON or the text."""
    kind = response.headers.get("content-type", "").partition(";")[0]
    try:
        body = response.json()
    except ValueError:
        body = response.text if kind != "text/html" else None  # with addresses of its style sheets
    if isinstance(body, dict):
        body.pop("query_ms", None)  # how long Datasette took
    return {"status": response.status_code, "type": kind, "body": body}


def pages(subjects: Subjects) -> Iterator[Address]:
    for path in ("", "services", "changes", "policies", "tools"):
        yield f"/catalog/-/{path or 'index'}.json", {}
    yield "/catalog/-/changes.atom", {}
    yield "/-/iam-catalog.json", {}
    actions = [*subjects.draw(subjects.actions, 2), *STRANGE]
    for kind, names in (
        ("action", actions),
        ("service", [*subjects.services, *STRANGE[:4]]),
        ("resource-type", [*subjects.draw(subjects.resource_types, 2), *STRANGE[:4]]),
        ("condition-key", [*subjects.draw(subjects.condition_keys, 2), *STRANGE[:4]]),
        ("access-level", LEVELS),
        ("page", [*subjects.pages, "nothing@2020-01-01"]),
        ("policy", [*subjects.policies, "nothing"]),
    ):
        for name in names:
            yield f"/catalog/-/{kind}/{quote(name, safe='')}.json", {}
    for text in [*TEXTS, *subjects.draw(subjects.actions, 8)]:
        yield "/catalog/-/search.json", {"q": text}
    yield from tools(subjects)


def tools(subjects: Subjects) -> Iterator[Address]:
    for arn in subjects.arns[:: max(1, len(subjects.arns) // 100)]:
        yield "/catalog/-/tools/arn.json", {"arn": arn}
    for pattern in [*subjects.draw(subjects.patterns, 4), *STRANGE]:
        yield "/catalog/-/tools/expand.json", {"pattern": pattern}
    for name in subjects.draw(subjects.actions, 8):
        for more in ({}, {"with_dependent_actions": "1"}, {"with_optional_types": "1"}):
            yield "/catalog/-/tools/write.json", {"actions": name, **more}
    for service in subjects.draw(subjects.services, 8):
        for level in LEVELS[:2]:
            asked = {"service_prefix": service, "access_level": level}
            yield "/catalog/-/tools/write.json", asked


def queries(subjects: Subjects, metadata: Any) -> Iterator[Address]:
    """Yield the canned queries, each with subjects of what it asks for."""
    asked = {
        "action": [*subjects.draw(subjects.actions, 4), *STRANGE],
        "service_prefix": ["", *subjects.draw(subjects.services, 8), "nosuch"],
        "resource_type": [*subjects.draw(subjects.resource_types, 4), "nothing"],
        "operation": [*subjects.draw(subjects.operations, 4), "nothing"],
        "policy": [*subjects.policies, "nothing"],
        "text": list(TEXTS),
    }
    (database,) = metadata["databases"].values()
    for name, query in database["queries"].items():
        first, *others = query.get("params", [""])
        for value in asked.get(first, [""]):
            yield f"/catalog/{name}.json", {first: value, **dict.fromkeys(others, "")}
            if others:
                yield f"/catalog/{name}.json", {first: value, **dict.fromkeys(others, "1")}
    yield "/catalog.json", {}
    for name in database["tables"]:
        yield f"/catalog/{name}.json", {"_size": "20", "_shape": "array"}
