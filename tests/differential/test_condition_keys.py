"""Which actions support a condition key: one answer of everything that tells it.

The answer of `actions(condition_key=…)` is the measure: actions with the key on one of their rows,
or on a resource type that they take. A key can be named as a page writes it, in any case, or with
something in the place of its placeholder.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Iterator

import pytest
from built_catalogs import build, write_pages
from doors import Doors, doors
from page_texts import Key, Row, Service, Type, act, as_table

from iam_catalog import UnknownConditionKey
from iam_catalog.facts.keys import is_federation_key

SHOP = Service(
    [
        act("OnRow", "Write", Row("", "shop:Colour")),
        act("OnTypesRow", "Write", Row("box*", "shop:Colour")),
        act("OnType", "Write", Row("box*")),
        act("Tagged", "Tagging", Row("box*", "shop:BoxTag/${TagKey}")),
        act("Encrypted", "Write", Row("", "shop:Context:${ContextKey}")),
        act("Between", "Write", Row("", "shop:Vpc/${VpcId}/Owner")),
        act("OldTagged", "Write", Row("", "shop:OldTag/<key>")),
        act("Plain", "Read"),
    ],
    [Type("box", "arn:${Partition}:shop:::box/${Id}", "shop:Size")],
    [
        *[Key(name) for name in ("shop:Colour", "shop:Size", "shop:BoxTag/${TagKey}")],
        *[Key(name) for name in ("shop:Context:${ContextKey}", "shop:Vpc/${VpcId}/Owner")],
        *[Key(name) for name in ("shop:OldTag/<key>", "shop:Unused")],
    ],
    prefix="shop",
    slug="shop",
    name="Example Shop",
)
NAMES = {
    "as a page writes it, on a row": "shop:Colour",
    "in another case": "SHOP:colour",
    "of a resource type": "shop:Size",
    "with its placeholder": "shop:BoxTag/${TagKey}",
    "with a tag's key": "shop:BoxTag/team",
    "with a tag's key, in the old spelling": "shop:OldTag/team",
    "with a tag's key that has a slash": "shop:BoxTag/team/red",
    "with a value behind a colon": "shop:Context:app",
    "with a value in the middle": "shop:Vpc/vpc-1/Owner",
    "with another end": "shop:Vpc/vpc-1/Other",
    "without the tag's key": "shop:BoxTag/",
    "of no action": "shop:Unused",
    "of nothing": "shop:Weight",
}
Answer = set[str] | str
"""The actions; or that the key is unknown."""
UNKNOWN = "unknown"


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    folder = tmp_path_factory.mktemp("keys")
    write_pages(folder, {"2025-07-01/shop.md": as_table(SHOP)})
    with doors(build([folder / "2025-07-01"], folder / "catalog.db")) as opened:
        yield opened


def python(door: Doors, key: str) -> Answer:
    try:
        return {each.action for each in door.catalog.actions(condition_key=key)}
    except UnknownConditionKey:
        return UNKNOWN


async def command(door: Doors, key: str, _: Iterable[str]) -> Answer:
    if python(door, key) == UNKNOWN:
        return UNKNOWN
    return {each["action"] for each in door.cli("actions", "--condition-key", key)}


async def site(door: Doors, key: str, _: Iterable[str]) -> Answer:
    address = f"/catalog/-/condition-key/{key.replace('/', '%2F')}.json"
    response = await door.site.client.get(address, follow_redirects=True)
    if response.status_code == 404:
        return UNKNOWN
    return {each["action"] for each in response.json()["listed_actions"]}


DEAD = {"condition-key-without-action", "condition-key-of-no-action", "condition-key-blocks-action"}


async def check(door: Doors, key: str, asked: Iterable[str]) -> Answer:
    """Return those of the actions that a condition with the key does not make dead."""
    found: set[str] = set()
    for action in asked:
        value = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": action,
                    "Resource": "*",
                    "Condition": {"StringEquals": {key: "x"}},
                }
            ],
        }
        codes = {each.code for each in door.catalog.check_policy(value)}
        if codes & {"unknown-condition-key", "condition-key-without-tag"}:
            return UNKNOWN
        if not codes & DEAD:
            found.add(action)
    return found


READERS: dict[str, Callable[[Doors, str, Iterable[str]], Awaitable[Answer]]] = {
    "command actions": command,
    "site condition-key": site,
    "check": check,
}


@pytest.mark.parametrize(
    ("reader", "case"),
    [pytest.param(reader, case, id=f"{reader}, {case}") for reader in READERS for case in NAMES],
)
async def test_a_reader_gives_the_actions_of_a_key(reader: str, case: str, door: Doors) -> None:
    every = [each.action for each in door.catalog.actions()]

    assert await READERS[reader](door, NAMES[case], every) == python(door, NAMES[case])


# --- all of AWS


@pytest.fixture(scope="module")
def real(real_catalog: str) -> Iterator[Doors]:
    with doors(real_catalog) as opened:
        yield opened


PLACEHOLDER = re.compile(r"\$\{[^}]*\}|<[^>]*>|(?<=/)tag-key$")
OF_ONE_START = "among several that start alike"
KINDS = (
    "without a placeholder",
    "with ${…} behind a slash",
    "with another placeholder",
    OF_ONE_START,
)
"""Keys of services by how they are written."""


def kind_of(key: str, keys: Iterable[str]) -> str:
    """Name how a key is written, among all of them."""
    placeholder = PLACEHOLDER.search(key)
    if placeholder is None:
        return "without a placeholder"
    start = key[: placeholder.start()].lower()
    alike = [each for each in keys if each.lower().startswith(start) and PLACEHOLDER.search(each)]
    if not all(each.lower().startswith(f"{start}${{") for each in alike) or start[-1] != "/":
        return "with another placeholder"
    return OF_ONE_START if len(alike) > 1 else "with ${…} behind a slash"


def filled(key: str) -> str:
    return PLACEHOLDER.sub("x1", key)


def asked_of(door: Doors, key: str, actions: set[str]) -> list[str]:
    """Choose some actions that have the key, and some of the service that do not."""
    own = key.partition(":")[0]
    services = {each.service_prefix for each in door.catalog.services()}
    prefixes = {name.partition(":")[0] for name in sorted(actions)[:1]} | ({own} & services)
    others = [
        each.action
        for prefix in sorted(prefixes)
        for each in door.catalog.actions(service_prefix=prefix)
        if each.action not in actions
    ]
    return [*sorted(actions)[:3], *others[:3]]


@pytest.mark.corpora
@pytest.mark.parametrize("kind", KINDS)
async def test_check_gives_the_actions_of_real_keys(kind: str, real: Doors) -> None:
    """Keys of services, and of those none that AWS calls global: every action has one."""
    keys = sorted({each.condition_key for each in real.catalog.condition_keys()})
    own = [key for key in keys if not key.startswith("aws:") and kind_of(key, keys) == kind]
    own = [key for key in own if not is_federation_key(key)]  # check leaves those of sessions open
    different = {}
    for key in own[:: max(1, len(own) // 100)]:
        listed = python(real, key)
        assert isinstance(listed, set)
        page = await real.page(f"condition-key/{key.replace('/', '%2F')}")
        asked = [] if page["global"] else asked_of(real, key, listed)
        expected = python(real, filled(key))
        if isinstance(expected, set):
            expected = expected.intersection(asked)
        found = await check(real, filled(key), asked)
        if asked and found != expected:
            different[key] = (found, expected)

    assert own
    assert different == {}
