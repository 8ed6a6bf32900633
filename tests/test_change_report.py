"""What a build says that it changed: the JSON object, the Markdown text, and nothing else."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from dated_pages import complete, store
from page_texts import Key, Row, Service, Type, act, as_2026, as_html, as_json, as_table

from iam_catalog import Catalog
from scraper.guards.base import Trip
from scraper.guards.report import (
    LIMIT,
    ChangeReport,
    NotedProblem,
    as_markdown,
    code,
    plain,
    report_line,
)
from scraper.guards.standing import Standing, changed_services, fact_changes

D1, D2 = "2019-08-12", "2020-06-12"
BUILT = "2026-11-22 06:43 UTC"
OLD = Standing(
    {"orders": "orders", "boxes": "boxes"},
    {"actions": {"orders": 12, "boxes": 1}, "resource types": {"orders": 1}},
    2,
    D1,
    D1,
    {"orders": D1, "boxes": D1},
)
NEW = Standing(
    {"orders": "orders"},
    {"actions": {"orders": 13}, "resource types": {}},
    1,
    D2,
    D2,
    {"orders": D2},
)
TRIP = Trip(
    "service-gone",
    "boxes: the service is gone (actions: 1)",
    "boxes",
    None,
    "actions",
    1,
    0,
    ("boxes:Get",),
)


def change(
    what: str,
    subject: str,
    field: str | None = None,
    old: str | None = None,
    new: str | None = None,
) -> dict[str, Any]:
    return {
        "change": what,
        "kind": "action",
        "subject": subject,
        "field": field,
        "old_value": old,
        "new_value": new,
    }


CHANGES = [
    change("removed", "boxes:Get"),
    change("added", "orders:Put"),
    change("changed", "orders:Get", "access level", "Read", "List"),
    change("changed", "orders:Get", "dependent actions", "iam:PassRole, kms:Sign", "kms:Sign, a:B"),
    change("changed", "orders:Get", "description", "Gets.", "Gets it."),
]
PROBLEMS = [
    NotedProblem("lost-name", f"list_orders.md line {line}: …", "Known from elsewhere.")
    for line in range(5)
]


def told(**fields: Any) -> ChangeReport:
    return ChangeReport("catalog.db", BUILT, **{"outcome": "changed", **fields})


def markdown(report: ChangeReport) -> str:
    return as_markdown(report, report.as_json())


WHOLE = told(old=OLD, new=NEW, judged=[(TRIP, "AWS ended it.")], problems=PROBLEMS, changes=CHANGES)


def test_json_says_everything() -> None:
    assert WHOLE.as_json() == {
        "catalog": "catalog.db",
        "built": BUILT,
        "outcome": "changed",
        "old": {
            "services": 2,
            "actions": 13,
            "resource types": 1,
            "condition keys": None,
            "dependent actions": None,
            "operations": None,
            "pages": 2,
            "newest page": D1,
            "oldest page": D1,
        },
        "new": {
            "services": 1,
            "actions": 13,
            "resource types": 0,
            "condition keys": None,
            "dependent actions": None,
            "operations": None,
            "pages": 1,
            "newest page": D2,
            "oldest page": D2,
        },
        "note": None,
        "guards": [
            {
                "guard": "service-gone",
                "service": "boxes",
                "page": None,
                "what": "actions",
                "was": 1,
                "now": 0,
                "text": "boxes: the service is gone (actions: 1)",
                "gone": ["boxes:Get"],
                "differ": [],
                "seen": "AWS withdrew 3 of 452 services from 2026-07-08 to 2026-10-27",
                "accepted": True,
                "reason": "AWS ended it.",
            }
        ],
        "problems": [
            {
                "kind": "lost-name",
                "count": 5,
                "accepted": True,
                "reasons": ["Known from elsewhere."],
                "examples": [f"list_orders.md line {line}: …" for line in range(3)],
            }
        ],
        "services": {
            "boxes": {
                "service_prefix": "boxes",
                "as_of": None,
                "counts": {
                    "actions": [1, 0],
                    "resource types": [0, 0],
                    "condition keys": [0, 0],
                    "dependent actions": [0, 0],
                    "operations": [0, 0],
                },
                "added": [],
                "removed": [{"kind": "action", "subject": "boxes:Get"}],
                "changed": [],
                "descriptions": [],
            },
            "orders": {
                "service_prefix": "orders",
                "as_of": D2,
                "counts": {
                    "actions": [12, 13],
                    "resource types": [1, 0],
                    "condition keys": [0, 0],
                    "dependent actions": [0, 0],
                    "operations": [0, 0],
                },
                "added": [{"kind": "action", "subject": "orders:Put"}],
                "removed": [],
                "changed": [
                    {
                        "kind": "action",
                        "subject": "orders:Get",
                        "field": "access level",
                        "old": "Read",
                        "new": "List",
                    },
                    {
                        "kind": "action",
                        "subject": "orders:Get",
                        "field": "dependent actions",
                        "old": "iam:PassRole, kms:Sign",
                        "new": "kms:Sign, a:B",
                    },
                ],
                "descriptions": [
                    {
                        "kind": "action",
                        "subject": "orders:Get",
                        "field": "description",
                        "old": "Gets.",
                        "new": "Gets it.",
                    }
                ],
            },
        },
    }


def test_markdown_says_it_for_people() -> None:
    assert (
        markdown(WHOLE)
        == """\
# `catalog.db`: 1 added, 1 removed, 2 changed

The catalog was replaced. Built 2026-11-22 06:43 UTC.

| | before | now | difference |
|---|--:|--:|--:|
| services | 2 | 1 | -1 |
| actions | 13 | 13 | +0 |
| resource types | 1 | 0 | -1 |
| condition keys | - | - |  |
| dependent actions | - | - |  |
| operations | - | - |  |
| pages | 2 | 1 | -1 |
| newest page | 2019-08-12 | 2020-06-12 |  |
| oldest page | 2019-08-12 | 2020-06-12 |  |

## Losses that were accepted

`service-gone`: A service of the replaced catalog is not in the new one.

- boxes: the service is gone (actions: 1)
  - gone: `boxes:Get`
  - accepted: AWS ended it.

## Services

| service | as of | added | removed | changed | texts |
|---|---|--:|--:|--:|--:|
| `boxes` | - |  | 1 |  |  |
| `orders` | 2020-06-12 | 1 |  | 2 | 1 |

### `boxes`

- removed: action `boxes:Get`

### `orders`

- added: action `orders:Put`
- action `orders:Get`: access level `Read` → `List`
- action `orders:Get`: dependent actions, added `a:B`, removed `iam:PassRole`

## Problems of pages, accepted

- `lost-name`: 5
  - list\\_orders.md line 0: …
  - list\\_orders.md line 1: …
  - list\\_orders.md line 2: …
  - accepted: Known from elsewhere.
"""
    )


def test_markdown_of_a_refusal_says_how_to_accept_it() -> None:
    text = markdown(told(outcome="refused", note="damaged: by a\nworm", judged=[(TRIP, None)]))

    assert (
        text
        == """\
# `catalog.db`: refused

**Refused.** The catalog that answers is as it was. Built 2026-11-22 06:43 UTC.
The replaced file was damaged: by a worm.

## What was lost

`service-gone`: A service of the replaced catalog is not in the new one.

- boxes: the service is gone (actions: 1)
  - gone: `boxes:Get`
  - in real history: AWS withdrew 3 of 452 services from 2026-07-08 to 2026-10-27
  - to accept it for this run: `--accept-shrink boxes`
  - to accept it for good, in `guards` of `accepted.json`: `{"guard": "service-gone", \
"service": "boxes", "what": "actions", "was": 1, "now": 0, "reason": "..."}`
"""
    )


def refused_on(pages: int) -> ChangeReport:
    problems = [
        NotedProblem("no-name", f"list_{page}.md line 1: …", None, f"list_{page}.md")
        for page in range(pages)
    ]
    return told(outcome="refused", problems=problems)


def test_markdown_says_how_to_accept_problems() -> None:
    lines = markdown(refused_on(1)).splitlines()

    assert lines[lines.index("## Problems of pages, not accepted") :] == [
        "## Problems of pages, not accepted",
        "",
        "- `no-name`: 1",
        "  - to accept them for this run: `--accept no-name`",
        "  - to accept them for good, in `problems` of `accepted.json`, page by page:",
        '    - `{"kind": "no-name", "page": "list_0.md", "reason": "..."}`',
        "  - list\\_0.md line 1: …",
    ]


def test_entries_of_many_pages_are_cut_in_markdown_and_whole_in_json() -> None:
    report = refused_on(12)
    (problem,) = report.as_json()["problems"]
    lines = markdown(report).splitlines()

    assert [each["page"] for each in problem["entries"]] == [f"list_{n}.md" for n in range(12)]
    assert sum("reason" in line for line in lines) == 10
    assert "    - and 2 more: the JSON file beside this one has them" in lines


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"outcome": "first"}, "a new catalog"),
        ({"outcome": "unchanged", "changes": ()}, "unchanged"),
        ({"outcome": "refused", "changes": CHANGES}, "refused"),
        ({"changes": None}, "replaced"),
        ({"changes": ()}, "other pages that say the same"),
        ({"changes": CHANGES[1:2]}, "1 added"),
        ({"changes": CHANGES[4:]}, "descriptions changed: 1"),
    ],
)
def test_one_line_says_what_happened(fields: dict[str, Any], line: str) -> None:
    assert report_line(told(**fields)) == line


def test_long_list_of_a_service_is_cut() -> None:
    changes = [change("added", f"orders:Get{number}") for number in range(100)]
    lines = markdown(told(new=NEW, changes=changes)).splitlines()

    assert sum(line.startswith("- added: ") for line in lines) == 30
    assert lines[-1] == "- and 70 more"


def test_long_report_is_cut_before_a_pull_request_would_refuse_it() -> None:
    changes = [change("added", f"service{number}:Get") for number in range(3000)]
    text = markdown(told(new=NEW, changes=changes))

    assert text.endswith("\n\nCut here: the JSON file beside this one has the rest.\n")
    assert LIMIT - 500 < len(text) < LIMIT + 100


@pytest.mark.parametrize(
    ("text", "span", "words"),
    [
        ("orders:Get", "`orders:Get`", "orders:Get"),
        ("a`b|c", "`a'b\\|c`", "a\\`b\\|c"),
        ("<b>\x1b[2J", "`<b> [2J`", "\\<b\\> \\[2J"),
        ("one\ntwo", "`one two`", "one two"),
    ],
)
def test_names_of_pages_are_no_markup(text: str, span: str, words: str) -> None:
    assert (code(text), plain(text)) == (span, words)


# --- what changed


FULL = Service(
    [act("Get", "Read", Row("box*", "orders:Colour", "iam:PassRole")), act("Put", "Write")],
    [Type("box", keys="orders:Size")],
    [Key("orders:Colour"), Key("orders:Size")],
)
BOXES = as_html(Service([act("Get")], prefix="boxes", slug="boxes"))
LESS = Service([act("Get", "List", Row("box", "orders:Size"))], [Type("box")], [Key("orders:Size")])


@pytest.mark.parametrize(
    "newer", [as_html(FULL), as_html(LESS), as_2026(LESS), as_json(FULL), as_table(Service(None))]
)
@pytest.mark.parametrize("older", [as_html(FULL), as_json(FULL)])
def test_changes_are_those_that_diff_finds(tmp_path: Path, older: str, newer: str) -> None:
    paths = [
        store(tmp_path, complete(D1, older, BOXES), name="old.db"),
        store(tmp_path, complete(D1, older, BOXES), complete(D2, newer, BOXES), name="new.db"),
    ]
    with Catalog(paths[0]) as old, Catalog(paths[1]) as new:
        expected = [
            (each.change, each.subject, each.field, each.new_value) for each in old.differences(new)
        ]
    with closing(sqlite3.connect(paths[0])) as first, closing(sqlite3.connect(paths[1])) as second:
        found = fact_changes(first, second)
        services = changed_services(first, second)

    assert [
        (each["change"], each["subject"], each["field"], each["new_value"]) for each in found
    ] == expected
    assert "boxes" not in services
