"""What a written policy leaves to be filled in: `${Account}`, as in AWS's own ARN formats.

A placeholder has the form of a policy variable, but can not be taken for one: names of variables
are condition keys, which have a colon, and placeholders have none. A policy with placeholders
grants nothing by mistake. IAM refuses one in the partition, and a text such as `${BucketName}`
behind the fifth colon is a variable that no request has a value for, so that the statement matches
nothing (IAM User Guide, "IAM policy elements: Variables and tags").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from iam_catalog.arn.format import placeholder_names
from iam_catalog.errors import CatalogError

UNKNOWN_RESOURCE = "${Resource}"
"""Stands for a whole ARN where the catalog does not know the resource types or their formats."""

COMMON = ("Account", "Partition", "Region", "Resource")
"""Values for these may be given even where no ARN has a place for them."""

LAST_SIGN = "\u00ff"
"""The last character that a policy may contain ("IAM and AWS STS quotas", "IAM name
requirements")."""


def check_values(values: Mapping[str, str], arns: Iterable[str]) -> None:
    """Raise `CatalogError` for a value that no ARN can have, or a name that no ARN has."""
    names = placeholder_names(arns)
    for name, value in values.items():
        if name not in names and name not in COMMON:
            places = f"there are {', '.join(names)}" if names else "there is none"
            raise CatalogError(f"No placeholder {name!r} in the ARNs of the policy: {places}.")
        if not value or not all(" " <= sign <= LAST_SIGN and sign != "\x7f" for sign in value):
            raise CatalogError(
                f"{value!r} is no value for the placeholder {name!r}: write what stands in the ARN,"
                " in characters from U+0020 to U+00FF."
            )
        if name in ("Account", "Partition", "Region") and (":" in value or " " in value):
            raise CatalogError(
                f"{value!r} is no value for the placeholder {name!r}: write one part of an ARN,"
                " without colons and blanks."
            )
