"""Which resource types an ARN can be, and which actions take one of those.

Every ARN format of the catalog is a candidate, also those of a service whose prefix is not the one
in the ARN (`ec2:role` is an IAM role). How they are ranked:

1. Formats whose own text the ARN writes, before those that a wildcard or a variable of the ARN
   would have to stand for.
2. Formats that name their service, before those with a variable there.
3. Where the ARN writes the format's text: the more letters of it behind the service, the earlier.
   Where a wildcard has to stand for some: the fewer, the earlier.
4. A variable before a `*` of the format; the service that the ARN names before others; by name.

What is left out: `arn:aws:s3:::logs/2026` could be a bucket called `logs/2026`, as the variable of
a format can hold a slash. Where the ARN writes all of a format whose variables hold fewer slashes
and colons (an object's), that rules out the others of the same service, and, if the type belongs to
the service that the ARN names, those of every service. Any such format rules out formats that name
no service.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from iam_catalog.errors import MalformedArn
from iam_catalog.policy.arns import Arn, ArnFit, ArnFormat, fit_beyond, fit_parts, read_format
from iam_catalog.policy.expand import unheld_service
from iam_catalog.policy.wildcards import ANY, VARIABLE, has_wildcard, matcher_of
from iam_catalog.records import ArnMatch


def match_arn(connection: sqlite3.Connection, arn: str) -> list[ArnMatch]:
    """The resource types that an ARN can be, the most specific first.

    It may hold wildcards and policy variables, and `*` alone is an ARN. One record for each format
    that fits. Raises `MalformedArn` for what is none, and `UnknownServicePrefix` where nothing
    fits and the catalog does not hold the service.
    """
    found = types_of_arn(connection, arn)
    if not found:
        check_arn(connection, arn)
    return found


def actions_for_arn(connection: sqlite3.Connection, arn: str) -> list[str]:
    """The actions that take one of the resource types that an ARN can be, sorted.

    Raises `MalformedArn` or `UnknownServicePrefix`, as `match_arn` does.
    """
    types = sorted({found.resource_type for found in match_arn(connection, arn)})
    names: set[str] = set()
    for resource_type in types:
        rows = connection.execute(
            "select distinct action from action_rows where resource_type = ?", (resource_type,)
        )
        names.update([row[0] for row in rows])
    return sorted(names, key=str.lower)


def types_of_arn(connection: sqlite3.Connection, text: str) -> list[ArnMatch]:
    """The answer of `match_arn` for any text; none for a text that is no ARN."""
    arn = Arn(text)
    if not arn.service.isascii():  # SQLite takes no text with half of a surrogate pair
        return []
    candidates = fitting(arn, rows_of_service(connection, arn.service))
    return [
        ArnMatch(
            resource_type=each.resource_type,
            arn_format=each.arn_format.text,
            variables=each.fit.variables,
            exact=each.fit.exact,
            specificity=each.arn_format.letters,
            page=each.page,
            line=each.line,
            last_seen=each.last_seen,
        )
        for each in sorted(likely(candidates), key=Candidate.rank)
    ]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A format that an ARN can be of."""

    resource_type: str
    arn_format: ArnFormat
    page: str
    line: int | None
    last_seen: str | None
    fit: ArnFit

    @property
    def service_prefix(self) -> str:
        return self.resource_type.partition(":")[0]

    @property
    def at_home(self) -> bool:
        """The type belongs to the service that its format names."""
        return self.service_prefix == self.arn_format.service

    def rank(self) -> tuple[bool, bool, int, bool, bool, str]:
        return (
            not self.fit.exact,
            not self.arn_format.names_service,
            -self.arn_format.letters if self.fit.exact else self.arn_format.letters,
            ANY in self.arn_format.names,
            not self.at_home,
            self.resource_type,
        )


Row = tuple[str, str, str, int | None, str | None]
"""Resource type, format, page, line and date."""


VARIABLE_SERVICE = "(service >= '${' and service < '$|')"
"""A service that starts with a variable, as an index can find it."""


def rows_of_service(connection: sqlite3.Connection, service: str) -> list[Row]:
    """The formats whose service a pattern matches, and those with a variable there."""
    sql = "select service, resource_type, format, page, line, last_seen from arn_formats"
    if not has_wildcard(service):
        rows = connection.execute(f"{sql} where service = ? or {VARIABLE_SERVICE}", (service,))
        return [row[1:] for row in rows]
    fits = matcher_of(service)
    return [row[1:] for row in connection.execute(sql) if VARIABLE in row[0] or fits(row[0])]


def fitting(arn: Arn, rows: list[Row]) -> list[Candidate]:
    """The formats that an ARN can be of: beyond the colons only where none fits part by part."""
    formats = [(row, read_format(row[1])) for row in rows]
    for fit in (fit_parts, fit_beyond):
        found = [
            Candidate(row[0], arn_format, *row[2:], fitted)
            for row, arn_format in formats
            if (fitted := fit(arn, arn_format))
        ]
        if found:
            return found
    return []


def likely(candidates: list[Candidate]) -> list[Candidate]:
    """The candidates without those that a more telling one rules out."""
    written = [each for each in candidates if each.fit.exact and each.arn_format.names_service]
    at_home = [each for each in written if each.at_home]
    fewest: dict[str, int] = {}
    for each in written:
        held = fewest.get(each.service_prefix, each.fit.separators)
        fewest[each.service_prefix] = min(held, each.fit.separators)
    least = min((each.fit.separators for each in at_home), default=None)
    return [
        each
        for each in candidates
        if (each.arn_format.names_service or not written)
        and each.fit.separators <= fewest.get(each.service_prefix, each.fit.separators)
        and (each.at_home or least is None or each.fit.separators <= least)
    ]


def check_arn(connection: sqlite3.Connection, text: str) -> None:
    """Raise what is wrong with an ARN that no format fits, or nothing."""
    arn = Arn(text)
    if not arn.is_arn:
        raise MalformedArn(text)
    if has_wildcard(arn.service):
        return
    held = connection.execute(
        "select 1 from arn_formats where service = ?1"
        " union all select 1 from services where service_prefix = ?1 limit 1",
        (arn.service,),
    ).fetchone()
    if held is None:
        raise unheld_service(connection, arn.service)
