"""Services of our own for the checks of policies, and short words for what is found in a policy.

`post` has resource types of which one looks like a part of another, one without an ARN format, and
condition keys of every type. `depot` comes from AWS's JSON and has an operation. `attic` leaves its
table of actions out. `pair` has two pages, which require different types for one action. At the
older date `post` had one action more.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dated_pages import complete, store
from page_texts import Key, Op, Row, Service, Type, act, as_json, as_table

from iam_catalog import Catalog
from iam_catalog.policy.check.findings import Finding
from iam_catalog.policy.model import Kind
from iam_catalog.policy.read.source import path_text

OLDER, NEWER = "2024-02-03", "2025-07-01"
BOX = "arn:aws:post:::box"
LETTER = "arn:aws:post:::box/letter"
TRUCK = "arn:aws:post:eu-west-1:111122223333:truck/7"

ACTIONS = [
    act("GetLetter", "Read", Row("letter*", "post:LetterTag/<key>"), Row(keys="post:Weight")),
    act("GetParcel", "Read", Row("parcel*")),
    act("ListBoxes", "List"),
    act("ListLetters", "List", Row("box*", "post:Colour")),
    act("MoveLetter", "Write", Row("box*"), Row("letter*"), Row("truck")),
    act("PutBoxPolicy", "Permissions management", Row("box*")),
    act(
        "PutLetter",
        "Write",
        Row("letter*", needs="iam:PassRole post:TagLetter post:PutLetter"),
        Row(keys="aws:RequestTag/${TagKey} aws:TagKeys post:Colour"),
    ),
    act(
        "SendLetter",
        "Write",
        Row("letter"),
        Row(scenario="By truck", types="truck*"),
        Row(scenario="By hand", types="letter*"),
    ),
    act("TagLetter", "Tagging", Row("letter", needs="POST:getletter"), Row("box")),
    act("WeighLetter", "Read", Row("letter", "post:Weight")),
]
TYPES = [
    Type("box", "arn:${Partition}:post:::${BoxName}"),
    Type("letter", "arn:${Partition}:post:::${BoxName}/${LetterName}", "aws:ResourceTag/${TagKey}"),
    Type("truck", "arn:${Partition}:post:${Region}:${Account}:truck/${TruckId}"),
]
KEYS = [
    Key("aws:RequestTag/${TagKey}"),
    Key("aws:ResourceTag/${TagKey}"),
    Key("aws:TagKeys", type="ArrayOfString"),
    Key("post:Colour"),
    Key("post:From", type="IPAddress"),
    Key("post:LetterTag/<key>"),
    Key("post:Senders", type="ArrayOfARN"),
    Key("post:Sent", type="Date"),
    Key("post:Stamper", type="ARN"),
    Key("post:Urgent", type="Bool"),
    Key("post:Weight", type="Numeric"),
]
POST = Service(ACTIONS, TYPES, KEYS, name="Example Post", prefix="post", slug="postoffice")
OLD_POST = Service(
    [*ACTIONS, act("BurnLetter", "Write", Row("letter*"))],
    TYPES,
    KEYS,
    name="Example Post",
    prefix="post",
    slug="postoffice",
)
DEPOT = Service(
    [act("Load", "Write", Row("dock")), act("Look", "List")],
    [Type("dock", "arn:${Partition}:depot:::dock/${DockId}")],
    operations=[Op("LoadInParts", ("depot:Load",))],
    name="Example Depot",
    prefix="depot",
    slug="depot",
)
ATTIC = Service(None, name="Example Attic", prefix="attic", slug="attic")
DOOR = Type("door", "arn:${Partition}:pair:::door/${DoorId}")
WINDOW = Type("window", "arn:${Partition}:pair:::window/${WindowId}")
PAIR = Service(
    [act("Open", "Write", Row("door*"))], [DOOR], name="Example Pair", prefix="pair", slug="pair"
)
PAIR_AGAIN = Service(
    [act("Open", "Write", Row("window*"))],
    [WINDOW],
    name="Example Pair Again",
    prefix="pair",
    slug="pairagain",
)


def build_catalog(folder: Path) -> str:
    """The path of a catalog of these services."""
    pages = [as_table(each) for each in (ATTIC, PAIR, PAIR_AGAIN)]
    older = complete(OLDER, as_table(OLD_POST), *pages)
    newer = complete(NEWER, as_table(POST), as_json(DEPOT), *pages)
    return store(folder, older, newer)


def allow(action: object, resource: object = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: object, resource: object = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


Brief = tuple[str, str]
"""A code with its path, of the first statement unless it names another one."""


def findings(
    catalog: Catalog, *statements: dict[str, Any], kind: Kind | None = None
) -> list[Finding]:
    """What is found in a policy of these statements."""
    return catalog.check_policy(policy(*statements), kind=kind)


def brief(found: list[Finding]) -> Iterator[Brief]:
    for each in found:
        yield each.code, path_text(each.path).removeprefix("Statement[0].")


QUIET = ("wildcard-grants-write", "wildcard-grants-permissions-management", "redundant-item")
QUIET += ("missing-dependent-actions",)
"""What a test about something else does not ask about."""


def codes(catalog: Catalog, *statements: dict[str, Any], kind: Kind | None = None) -> list[Brief]:
    """Codes and paths of what is found, without what is only said of wildcards and the like."""
    found = findings(catalog, *statements, kind=kind)
    return [each for each in brief(found) if each[0] not in QUIET]


def of_code(catalog: Catalog, code: str, *statements: dict[str, Any]) -> list[Finding]:
    return [each for each in findings(catalog, *statements) if each.code == code]
