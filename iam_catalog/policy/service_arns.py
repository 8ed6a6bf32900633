"""Which resource types of one service an ARN of a policy can be, told fast for many policies.

The answer is that of `arn_types`, of one service at a time; formats that another one rules out are
not tried.
"""

from __future__ import annotations

from functools import cached_property

from iam_catalog.policy.arn_types import Candidate, Row, fitting
from iam_catalog.policy.arns import (
    HIDDEN,
    Arn,
    ArnFormat,
    fit_parts,
    read_format,
    starts_alike,
    written,
)
from iam_catalog.policy.wildcards import ANY, ONE

OPEN = frozenset((ANY, ONE, HIDDEN))
"""What can stand for other text."""


class ServiceFormats:
    """The ARN formats of a service's resource types, each read once."""

    def __init__(self, rows: list[Row]) -> None:
        self.rows = rows

    @cached_property
    def read(self) -> list[tuple[Row, ArnFormat]]:
        return [(row, read_format(row[1])) for row in self.rows]

    def candidates(self, arn: Arn) -> list[Candidate]:
        """The formats that an ARN can be of: beyond the colons only where none fits by parts."""
        near = [
            (row, form)
            for row, form in self.read
            if form.service == arn.service or not (form.names_service and arn.service.isalnum())
        ]
        first, left = list[tuple[Row, ArnFormat]](), list[tuple[Row, ArnFormat]]()
        for each in near if arn.parts else ():
            if starts_alike(arn.start, each[1].texts[0]):
                (left if written(arn, each[1]) is None else first).append(each)
        found = fitting_parts(arn, first)
        fewest = min([slashes(each) for each in found if each.fit.exact], default=None)
        if fewest is not None:
            left = [each for each in left if not holds_more(arn, each[1], fewest)]
        found += fitting_parts(arn, left)
        if not found and arn.goes_beyond:
            return fitting(arn, [row for row, _ in near])
        return found


def possible_types(
    arn: Arn, formats: ServiceFormats, home: ServiceFormats | None
) -> frozenset[str]:
    """The types whose formats an ARN can be of, without those that it only seems to be of.

    *home* has the formats of the service that the ARN names, if that is another one and held.

    A variable of a format can hold slashes, so `arn:aws:s3:::logs/2026` could be a bucket by
    its format alone. Where the ARN writes out a format whose variables hold fewer slashes, as
    that of an object, it is of that one; a format of the service that the ARN names counts,
    too. Colons rule nothing out: AWS lists functions where it takes `function:web:2`.
    """
    found = formats.candidates(arn)
    others = home.candidates(arn) if home and found else []
    fewest = min(map(slashes, filter(is_written, (*found, *others))), default=None)
    return frozenset(
        [each.resource_type for each in found if fewest is None or slashes(each) <= fewest]
    )


def is_written(candidate: Candidate) -> bool:
    return candidate.fit.exact


def fitting_parts(arn: Arn, formats: list[tuple[Row, ArnFormat]]) -> list[Candidate]:
    """Those formats that the ARN can be of, part by part."""
    return [
        Candidate(row[0], form, *row[2:], fits)
        for row, form in formats
        if (fits := fit_parts(arn, form)) is not None
    ]


def slashes(candidate: Candidate) -> int:
    """How many slashes of the ARN stand in variables of the format."""
    return sum([value.count("/") for value in candidate.fit.variables.values()])


def holds_more(arn: Arn, form: ArnFormat, most: int) -> bool:
    """Whether variables of the format would hold more slashes of the ARN than *most*, told quickly.

    A slash of the ARN stands where the format has one, or in a variable of it. Where none is to
    stand in a variable, and both have as many, what is between them stands side by side.
    """
    if ANY in form.names:
        return False
    text = ANY.join(form.texts)
    spare = arn.resource.count("/") - text.count("/")
    if spare or most:
        return spare > most
    sides = zip(arn.resource.split("/"), text.split("/"), strict=True)
    return any(one != other and OPEN.isdisjoint(one + other) for one, other in sides)
