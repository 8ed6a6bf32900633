"""Why the catalog has no action for a name or a pattern: one reason, whoever gives it.

Each writer has its own words. Compared is what they say: a state, and the date of it.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any

import pytest
from built_catalogs import build, write_pages
from click.testing import CliRunner
from dependent_readers import PAGES, policy
from doors import Doors, doors
from site_catalog import FILES

from iam_catalog import CatalogError
from iam_catalog.cli.main import cli

Reason = tuple[str, str]
"""A state, and a date or nothing."""

NAMES: dict[str, Reason] = {
    "orders:GetOrder": ("current", ""),
    "ORDERS:getorder": ("current", ""),
    "orders:CancelOrder": ("removed", "2022-03-04"),
    "ring:gone": ("removed", "2025-01-01"),
    "orders:GetOrders": ("not in the catalog", "2026-08-31"),
    "closed:Get": ("not in the catalog", "2022-03-04"),
    "depot:Get": ("left out", "2022-03-04"),
    "nosuch:Get": ("service not held", ""),
    "orders": ("malformed", ""),
    "orders:": ("malformed", ""),
    "orders:Get Order": ("malformed", ""),
    "Example Orders:GetOrder": ("malformed", ""),
}
PATTERNS: dict[str, Reason] = {
    "orders:Get*": ("current", ""),
    "orders:Zap*": ("no match", "2026-08-31"),
    "orders:Cancel?rder": ("no match", "2026-08-31"),
    "depot:*": ("left out", "2022-03-04"),
    "depot:Get*": ("left out", "2022-03-04"),
    "nosuch:*": ("service not held", ""),
}
STATES = {
    "removed": r"removed|no longer documented",
    "left out": r"leaves its actions out",
    "service not held": r"holds no service|No service",
    "malformed": r"is not an action name|is not an action:|not written prefix:Name|not a pattern",
    "no match": r"matches no action|in the catalog matches",
    "not in the catalog": r"not in the catalog|No action",
}
"""How each state reads, the first that fits."""
DATED = ("removed", "left out", "no match", "not in the catalog")


def reason(text: str) -> Reason:
    """Read the state and the date that a text gives."""
    if not text:
        return "current", ""
    state = next((name for name, words in STATES.items() if re.search(words, text)), text)
    dates = re.findall(r"\d{4}-\d\d-\d\d", text)
    return state, dates[0] if dates and state in DATED else ""


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    folder = tmp_path_factory.mktemp("unknown")
    texts = {**FILES, **PAGES}
    write_pages(folder, texts)
    dated = [folder / each for each in sorted({name.partition("/")[0] for name in texts})]
    with doors(build(dated, folder / "catalog.db")) as opened:
        yield opened


def raised(ask: Callable[[], Any]) -> str:
    try:
        ask()
    except CatalogError as error:
        return str(error)
    return ""


async def python(door: Doors, name: str) -> str:
    found = raised(lambda: door.catalog.action(name))
    removed = None if found else door.catalog.action(name).removed
    return f"removed on {removed}" if removed else found


async def command(door: Doors, name: str) -> str:
    result = CliRunner().invoke(
        cli, ["show", "--format", "json", "--database", door.path, "--", name]
    )
    return result.stderr if result.exit_code else await python(door, name)


async def site(door: Doors, name: str) -> str:
    address = f"/catalog/-/action/{name}.json"
    response = await door.site.client.get(address, follow_redirects=True)
    if response.status_code != 200:
        return str(response.json()["error"])
    removed = response.json()["action"]["removed"]
    return f"removed on {removed}" if removed else ""


CODES = (
    *("action-syntax", "unknown-action", "removed-action", "operation-as-action"),
    *("pattern-matches-nothing", "service-not-held"),
)
"""The findings that give a reason."""


async def check(door: Doors, name: str) -> str:
    found = door.catalog.check_policy(policy(name))
    texts = [each.text for each in found if each.code in CODES]
    return texts[0] if texts else ""


async def explain(door: Doors, name: str) -> str:
    (explained,) = door.catalog.explain_policy(policy(name)).statements
    return " ".join(each.text for each in explained.unknown)


async def complete(door: Doors, name: str) -> str:
    unknown = door.catalog.complete_policy(policy(name)).unknown
    return " ".join(each.reason for each in unknown if "dependent" not in each.reason)


async def write(door: Doors, name: str) -> str:
    return raised(lambda: door.catalog.write_policy([name]))


async def expand(door: Doors, name: str) -> str:
    response = await door.site.client.get("/catalog/-/tools/expand.json", params={"pattern": name})
    found = response.json()
    if "error" in found:
        return str(found["error"])
    (each,) = found["each"]
    return "" if each["actions"] else str(each["remark"] or "matches no action")


WRITERS: dict[str, Callable[[Doors, str], Awaitable[str]]] = {
    "action()": python,
    "command show": command,
    "site": site,
    "check": check,
    "explain": explain,
    "complete": complete,
    "write": write,
}
OF_PATTERNS: dict[str, Callable[[Doors, str], Awaitable[str]]] = {
    "check": check,
    "explain": explain,
    "complete": complete,
    "write": write,
    "site tools/expand": expand,
}


SILENT = "check says nothing of what is left out of the source; the others rightly say so"
UNDATED = "only explain, complete and check say as of which date a pattern matches nothing; write \
and the site's tool should, too"
NOT_LEFT_OUT = "write says that no action matches, where the page leaves its action table out"
KNOWN = {
    **{("check", name): SILENT for name in ("depot:Get", "depot:*", "depot:Get*")},
    **{
        (writer, name): UNDATED
        for writer in ("write", "site tools/expand")
        for name in ("orders:Zap*", "orders:Cancel?rder")
    },
    **{("write", name): NOT_LEFT_OUT for name in ("depot:*", "depot:Get*")},
    **{("site tools/expand", name): UNDATED for name in ("depot:*", "depot:Get*")},
}


def params(writers: Iterable[str], names: Iterable[str]) -> list[Any]:
    return [
        pytest.param(
            writer,
            name,
            marks=[pytest.mark.xfail(strict=True, reason=KNOWN[writer, name])]
            if (writer, name) in KNOWN
            else [],
            id=f"{writer}, {name}",
        )
        for writer in writers
        for name in names
    ]


@pytest.mark.parametrize(("writer", "name"), params(WRITERS, NAMES))
async def test_a_writer_gives_the_reason_for_a_name(writer: str, name: str, door: Doors) -> None:
    assert reason(await WRITERS[writer](door, name)) == NAMES[name]


@pytest.mark.parametrize(("writer", "pattern"), params(OF_PATTERNS, PATTERNS))
async def test_a_writer_gives_the_reason_for_a_pattern(
    writer: str, pattern: str, door: Doors
) -> None:
    assert reason(await OF_PATTERNS[writer](door, pattern)) == PATTERNS[pattern]
