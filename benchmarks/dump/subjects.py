"""What a catalog is asked about: its own names, drawn by hash, and names that it does not have."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from functools import cached_property

from iam_catalog import Catalog, CatalogError

STRANGE = (
    *("", "s3", "nosuch:Get", "s3:GetObjct", "s3:Get Object", "s3:*", "é:é", "s3:GetObject\n"),
    *("CreateInstance", "connect:", ":Get", "connect:CreateInstances", "arn:aws:s3:::x", "\x00"),
)
"""Names that are no names, or are nearly one."""
TEXTS = (
    *("create instance", "tag", "s3:Get", "connect:CreateInstance", "kms", "permission only"),
    *("aws:ResourceTag/${TagKey}", "principal org", "", '"', "*", "é", "a", "session manager"),
)
"""What is searched for in every catalog."""
VARIABLE = re.compile(r"\$\{([^}]*)\}|\*")
PLACES = {"Partition": "aws", "Region": "eu-west-1", "Account": "111122223333"}


def chosen(names: Iterable[str], most: int, seed: str) -> list[str]:
    """Draw *most* of the names, sorted; all of them where *most* is 0.

    Each is drawn by a hash of itself, so that names which come or go change nothing for others.
    """
    found = sorted(set(names))
    if 0 < most < len(found):
        found.sort(key=lambda name: hashlib.sha256(f"{seed} {name}".encode()).digest())
        found = sorted(found[:most])
    return found


class Subjects:
    """The subjects of one catalog."""

    def __init__(self, catalog: Catalog, sample: int, seed: str) -> None:
        """Draw about *sample* of each kind; all of them where it is 0."""
        self.catalog = catalog
        self.sample = sample
        self.seed = seed

    def draw(self, names: Iterable[str], share: int = 1) -> list[str]:
        """Draw as many names as *sample* divided by *share*."""
        return chosen(names, -(-self.sample // share), self.seed)

    @cached_property
    def services(self) -> list[str]:
        return self.draw(each.service_prefix for each in self.catalog.services())

    @cached_property
    def all_actions(self) -> list[str]:
        return [each.action for each in self.catalog.actions()]

    @cached_property
    def actions(self) -> list[str]:
        """Return current actions, removed ones, and some that others need."""
        drawn = self.draw(self.all_actions)
        gone = self.draw(self.gone, 4)
        needed = {each for name in drawn for each in self.catalog.dependent_actions(name)}
        return sorted({*drawn, *gone, *self.draw(needed, 4)})

    @cached_property
    def gone(self) -> list[str]:
        return [
            each.subject
            for each in self.catalog.changes()
            if each.kind == "action" and each.change == "removed"
        ]

    @cached_property
    def resource_types(self) -> list[str]:
        return self.draw((each.resource_type for each in self.catalog.resource_types()), 2)

    @cached_property
    def condition_keys(self) -> list[str]:
        found = self.draw((each.condition_key for each in self.catalog.condition_keys()), 2)
        return sorted({*found, *[VARIABLE.sub("team", key) for key in found]})

    @cached_property
    def operations(self) -> list[str]:
        found: set[str] = set()
        for name in self.actions:
            try:
                found.update(self.catalog.operations_of_action(name))
            except CatalogError:
                continue
        return self.draw(found, 4)

    @cached_property
    def policies(self) -> list[str]:
        return [each.policy for each in self.catalog.sample_policies()]

    @cached_property
    def pages(self) -> list[str]:
        pages = [each for name in self.services for each in self.catalog.service(name).pages]
        return self.draw((each.page for each in pages), 4)

    @cached_property
    def dates(self) -> list[str]:
        """Return those that brought changes, and some before and after all of them."""
        dates = {each.date for each in self.catalog.changes() if each.date}
        newest = self.catalog.about().newest_page
        return sorted({"2000-01-01", "2019-01-01", *dates, *([newest] if newest else [])})

    @cached_property
    def patterns(self) -> list[str]:
        starts = {re.split(r"(?<=[a-z])(?=[A-Z])", name)[0] for name in self.actions}
        ends = {f"{name.partition(':')[0]}:*{name[-5:]}" for name in self.actions}
        drawn = self.draw((f"{start}*" for start in starts), 4)
        return [*drawn, *self.draw(ends, 8), *[f"{name}:*" for name in self.draw(self.services, 8)]]

    @cached_property
    def arn_formats(self) -> list[tuple[str, str]]:
        """Return resource types, each with one of its formats."""
        types = {each.resource_type: each for each in self.catalog.resource_types()}
        return [
            (name, text)
            for name in self.resource_types
            if name in types
            for text in types[name].arn_formats
        ]

    @cached_property
    def arns(self) -> list[str]:
        """Make ARNs from the formats: filled, with wildcards and broken."""
        found = [arn for _, text in self.arn_formats for arn in arns_of(text)]
        return list(dict.fromkeys([*found, "*", "arn:aws:s3:::x", "arn:aws:iam::*:role/*", "x"]))


def arns_of(arn_format: str) -> list[str]:
    """Make ARNs from one format."""
    filled = fill(arn_format, "x1")
    head, resource = filled.rpartition(":")[::2]
    return [
        filled,
        fill(arn_format, "a/b"),
        fill(arn_format, "*"),
        fill(arn_format, "${aws:username}"),
        VARIABLE.sub("*", arn_format),
        f"{filled}*",
        f"{head}:{resource[: len(resource) // 2]}*",
        f"{head}:{resource[:1].swapcase()}{resource[1:]}",
        head,
        filled.replace("111122223333", ""),
        filled.replace("arn:aws:", "arn:axs:"),
        f"{filled}:more",
    ]


def fill(arn_format: str, value: str) -> str:
    return VARIABLE.sub(lambda found: PLACES.get(found.group(1), value), arn_format)
