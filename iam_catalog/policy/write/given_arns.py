"""ARNs that a policy is to be written for, and the resource types that they can be."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from iam_catalog.arn.match import match_arn
from iam_catalog.arn.parts import Arn
from iam_catalog.arn.pattern import has_wildcard
from iam_catalog.errors import CatalogError
from iam_catalog.policy.coverage import is_everything


@dataclass(frozen=True, slots=True)
class PassedOver:
    """Resource types that an ARN can be, too, and whose actions an access level does not mean."""

    arn: str
    resource_types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GivenArns:
    """ARNs with what they can be."""

    by_type: dict[str, list[str]]
    """The ARNs that can be of each resource type."""
    nearest: tuple[str, ...]
    """The resource types whose actions access levels mean."""
    passed_over: tuple[PassedOver, ...]


def given_arns(
    connection: sqlite3.Connection, arns: Iterable[str], service_prefix: str | None
) -> GivenArns:
    """What the ARNs can be.

    The nearest types are the most specific ones of *service_prefix*, else of the service that the
    ARN names; there are none where it names none. Raises `MalformedArn`, `UnknownServicePrefix`,
    or `CatalogError` for an ARN of no resource type.
    """
    by_type: dict[str, list[str]] = {}
    nearest: set[str] = set()
    passed_over: list[PassedOver] = []
    for arn in arns:
        types = types_of(connection, arn)
        for name in types:
            by_type.setdefault(name, []).append(arn)
        best = nearest_types(arn, types, service_prefix)
        nearest.update(best)
        others = tuple(name for name in types if name not in best)
        passed_over += [PassedOver(arn, others)] if others else []
    return GivenArns(by_type, tuple(sorted(nearest)), tuple(passed_over))


Rank = tuple[bool, int]
"""How well an ARN fits a type: whether it writes the format's own text, and how much of it."""


def types_of(connection: sqlite3.Connection, arn: str) -> dict[str, Rank]:
    """The resource types that an ARN can be, the most specific first."""
    if is_everything(arn):
        raise CatalogError(
            f"{arn!r} is no ARN to write a policy for: name one, or none, for AWS's ARN formats"
            " with placeholders."
        )
    found: dict[str, Rank] = {}
    for each in match_arn(connection, arn):
        found.setdefault(each.resource_type, (each.exact, each.specificity))
    if not found:
        raise CatalogError(
            f"{arn!r} is of no resource type of the catalog: name an ARN of one that"
            " 'iam-catalog resource-types' lists."
        )
    return found


def nearest_types(arn: str, types: dict[str, Rank], service_prefix: str | None) -> Sequence[str]:
    """The types of one service that fit best: all of them, where a wildcard stands for their names.

    `arn:aws:s3:::logs*` is a bucket, though it could be an object; `arn:aws:ec2:*` is of any type.
    """
    if service_prefix is None and not names_service(arn):
        return ()
    prefix = service_prefix or next(iter(types)).partition(":")[0]
    own = [name for name in types if name.partition(":")[0] == prefix]
    exact = bool(own) and types[own[0]][0]
    return [name for name in own if types[name] == types[own[0]] or not exact]


def names_service(arn: str) -> bool:
    """The ARN writes its service, without wildcards and variables."""
    service = Arn(arn).service
    return service != "" and not has_wildcard(service)
