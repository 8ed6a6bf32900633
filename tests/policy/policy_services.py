"""Services of our own that raise every question of writing, completing and explaining policies.

`store` has required and optional resource types, one type without an ARN format, dependent actions
in a cycle and of other services, and an action that the newer page no longer states. `depot` comes
from AWS's JSON, which does not say which types are required and has no dependent actions.
"""

from __future__ import annotations

from pathlib import Path

from dated_pages import complete, store
from page_texts import Row, Service, Type, act, as_json, as_table

OLDER, NEWER = "2024-02-03", "2025-07-01"
REGIONAL = "arn:${Partition}:store:${Region}:${Account}:"
SHELF = f"{REGIONAL}shelf/${{ShelfId}}"
BOX = f"{REGIONAL}shelf/${{ShelfId}}/box/${{BoxId}}"
ROLE = "arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}"
DOCK = "arn:${Partition}:depot:::dock/${DockId}"
YARD = "arn:${Partition}:depot:::yard/${YardId}"

ACTIONS = [
    act("CountBoxes", "List", Row(needs="store:ListBoxes")),
    act("GetBox", "Read", Row("box*")),
    act("ListBoxes", "List"),
    act("MoveBox", "Write", Row("box*"), Row("shelf")),
    act("OpenCrate", "Write", Row("crate*")),
    act(
        "PutBox", "Write", Row("box*", needs="iam:PassRole store:TagBox kms:Decrypt"), Row("shelf*")
    ),
    act("PutShelfPolicy", "Permissions management", Row("shelf*")),
    act("TagBox", "Tagging", Row("box", needs="store:PutBox"), Row("shelf"), Row("lid")),
]
TYPES = [Type("shelf", SHELF), Type("box", BOX), Type("lid", f"{REGIONAL}lid/${{LidId}}")]
STORE = Service(ACTIONS, TYPES, prefix="store", slug="store", name="Example Store")
IAM = Service(
    [act("PassRole", "Write", Row("role*")), act("ListRoles", "List")],
    [Type("role", ROLE)],
    prefix="iam",
    slug="iam",
    name="Example Identities",
)
DEPOT = Service(
    [act("Load", "Write", Row("dock"), Row("yard")), act("Look", "List")],
    [Type("dock", DOCK), Type("yard", YARD)],
    prefix="depot",
    slug="depot",
)
WITH_OLD_ACTION = Service(
    [*ACTIONS, act("BurnBox", "Write", Row("box*"))],
    TYPES,
    prefix="store",
    slug="store",
    name="Example Store",
)


def build_catalog(folder: Path) -> str:
    """The path of a catalog of these services at two dates."""
    older = complete(OLDER, as_table(WITH_OLD_ACTION), as_table(IAM))
    newer = complete(NEWER, as_table(STORE), as_table(IAM), as_json(DEPOT))
    return store(folder, older, newer)
