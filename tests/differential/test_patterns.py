"""Which actions a pattern matches: one answer of everything that expands or compares patterns."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from built_catalogs import build, write_pages
from dependent_readers import policy
from doors import Doors, doors
from page_texts import Row, Service, act, as_table

from iam_catalog import CatalogError

NAMES = (
    *("Get", "GetItem", "GetItems", "GetItemTags", "BatchGetItem", "ListItems", "PutItem"),
    *("DeleteItem", "TagItem", "Get2Items", "GetItemV2", "getLower"),
)
ITEMS = Service([act(name) for name in NAMES], prefix="items", slug="items", name="Items")
OTHER = Service([act("GetItem"), act("Item")], prefix="item", slug="item", name="Item")
ALL = " ".join([*(f"items:{name}" for name in NAMES), "item:GetItem", "item:Item", "nosuch:GetX"])
NEED = Service([act("All", "Write", Row(needs=ALL))], prefix="need", slug="need", name="Need")
PATTERNS = (
    *("items:Get*", "items:*Item", "items:*Item*", "items:Get*s", "items:GetItem?", "items:???"),
    *("items:G?t*", "items:get*", "ITEMS:GET*", "items:*", "items:**", "items:*?*", "items:?*?"),
    *("items:Get*Item*s", "items:*Get*", "items:GetItem*V2", "items:Batch*Get*Item", "*", "*:*"),
    *(
        "item:*",
        "item:Get*",
        "items:[G]etItem",
        "items:[G]et*",
        "items:*[a-z]",
        "items:Get[A-Z]tem",
        "items:Get{Item,}",
    ),
    *("items:Get%", "items:Get_tem", "items:Get.*", "items:^Get", "items:Nothing*", "items:Get"),
)
SAMPLES = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": list(PATTERNS), "Resource": "*"}],
}
GUIDE = f"# Guide\n\n```\n{json.dumps(SAMPLES, indent=1)}\n```\n"
Answer = set[str]


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    folder = tmp_path_factory.mktemp("patterns")
    pages = {f"2025-07-01/{each.slug}.md": as_table(each) for each in (ITEMS, OTHER, NEED)}
    write_pages(folder, {**pages, "2025-07-01/policies/guide.md": GUIDE})
    with doors(build([folder / "2025-07-01"], folder / "catalog.db")) as opened:
        yield opened


def needed(names: Any) -> Answer:
    """Leave out the action that needs the others, and what no page documents."""
    return {name for name in names if not name.lower().startswith(("need:", "nosuch:"))}


async def expand(door: Doors, pattern: str) -> Answer:
    try:
        return needed(door.catalog.expand(pattern))
    except CatalogError:
        return set()


async def command(door: Doors, pattern: str) -> Answer:
    return needed(door.cli("expand", pattern)) if await expand(door, pattern) else set()


async def site(door: Doors, pattern: str) -> Answer:
    address = "/catalog/-/tools/expand.json"
    response = await door.site.client.get(address, params={"pattern": pattern})
    return needed(each["action"] for each in response.json().get("actions", ()))


async def explain(door: Doors, pattern: str) -> Answer:
    (explained,) = door.catalog.explain_policy(policy(pattern)).statements
    return needed(name for level in explained.levels for name in level.actions)


async def write(door: Doors, pattern: str) -> Answer:
    try:
        return needed(each.action for each in door.catalog.write_policy([pattern]).actions)
    except CatalogError:
        return set()


async def complete(door: Doors, pattern: str) -> Answer:
    """Return the needed actions that a policy with the pattern does not lack."""
    completed = door.catalog.complete_policy(policy("need:All", pattern))
    return needed(ALL.split()) - {each.dependent_action for each in completed.missing}


async def check(door: Doors, pattern: str) -> Answer:
    found = door.catalog.check_policy(policy("need:All", pattern))
    suggested = [each.suggestion for each in found if each.code == "missing-dependent-actions"]
    return needed(ALL.split()) - {name for text in suggested for name in str(text).split(", ")}


async def sample(door: Doors, pattern: str) -> Answer:
    """Return the actions that a pattern of a sample policy names."""
    (found,) = {each.policy for each in door.catalog.sample_policies()}
    named = door.catalog.actions_of_policy(found)
    return needed(name for each in named if each.pattern == pattern for name in each.actions)


async def samples_using(door: Doors, pattern: str) -> Answer:
    """Return the actions that a sample policy names by the pattern, by `policies_using`."""
    names = [each.action for each in door.catalog.actions()]
    return needed(
        name
        for name in names
        if any(each.pattern == pattern for each in door.catalog.policies_using(name))
    )


async def canned_using(door: Doors, pattern: str) -> Answer:
    names = [each.action for each in door.catalog.actions()]
    return needed(
        [
            name
            for name in names
            for row in await door.query("policies-using", action=name)
            if row["pattern"] == pattern
        ]
    )


async def canned_policy(door: Doors, pattern: str) -> Answer:
    (found,) = {each.policy for each in door.catalog.sample_policies()}
    rows = await door.query("actions-of-policy", policy=found)
    return needed(row["action"] for row in rows if row["pattern"] == pattern and row["in_catalog"])


READERS: dict[str, Callable[[Doors, str], Awaitable[Answer]]] = {
    "command expand": command,
    "site tools/expand": site,
    "explain": explain,
    "write": write,
    "complete": complete,
    "check": check,
    "actions_of_policy": sample,
    "policies_using": samples_using,
    "canned query policies-using": canned_using,
    "canned query actions-of-policy": canned_policy,
}


CLASSES = "SQL's GLOB reads [...] as one of these letters; IAM matches them as they are"
KNOWN = {
    (reader, pattern)
    for reader in ("canned query policies-using", "canned query actions-of-policy")
    for pattern in ("items:[G]et*", "items:*[a-z]")
}


def params() -> list[Any]:
    return [
        pytest.param(
            reader,
            pattern,
            marks=[pytest.mark.xfail(strict=True, reason=CLASSES)]
            if (reader, pattern) in KNOWN
            else [],
            id=f"{reader}, {pattern}",
        )
        for reader in READERS
        for pattern in PATTERNS
    ]


@pytest.mark.parametrize(("reader", "pattern"), params())
async def test_a_reader_matches_what_expand_matches(reader: str, pattern: str, door: Doors) -> None:
    assert await READERS[reader](door, pattern) == await expand(door, pattern)


@pytest.mark.parametrize("pattern", PATTERNS)
async def test_what_shrink_makes_of_actions_matches_them(pattern: str, door: Doors) -> None:
    actions = await expand(door, pattern)

    for shortest in (False, True):
        patterns = door.catalog.shrink(sorted(actions), shortest=shortest) if actions else []
        assert set(door.catalog.expand(*patterns) if patterns else ()) == actions
