"""Tell which resource types an ARN can be, and which actions take one of those.

This is the only engine: `match_arn`, `actions_for_arn`, the checks, `explain`, `complete`, `write`
and the pages ask it, so that they say the same of an ARN.

Every ARN format of the catalog that names the service of the ARN is a candidate, also those of
another prefix (`ec2:role` is an IAM role). What is left out:

- A slash begins a sub-resource, which is another resource (IAM User Guide, "Identify AWS resources
  with Amazon Resource Names (ARNs)", section "ARN format"). By its form `table/music/index/year`
  could be a table called `music/index/year`, but where the ARN writes all of a format whose
  placeholders hold fewer slashes, as that of an index, it is of that one. Nor is the text of such a
  format a value of another one that a wildcard has to stand for some text of: `table/*/index/*` is
  not a backup of the table `index`. Both hold among the types of one prefix, and for types of other
  services that the ARN does not write the text of.
- A colon begins a qualifier of the same resource, and rules nothing out: AWS lists
  `lambda:function` alone for `lambda:InvokeFunction`, which versions and aliases are invoked by,
  and its managed policies give `logs:DescribeLogStreams`, which takes a log group, on ARNs of log
  streams.
- A format with a placeholder for its service (`backup:recoveryPoint`) answers for ARNs of its own
  service, and of services without any format of their own.

Of an ARN that a template leaves open in part (see `arn.pattern`), nothing is left out: its types
are those of every ARN that it can become, so that what it is not is sure.

How the types are ranked:

1. Exact ones before those that a wildcard or variable has to stand for some text of.
2. Formats that name their service before those with a placeholder there.
3. Exact ones with more text of their own behind the service first; others with less.
4. Formats without a `*` of their own first; types of the service that the ARN names; by name.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, partial
from typing import NamedTuple
from weakref import ref

from iam_catalog.arn.fit import MOST_STEPS, ArnFit, fit_unwritten, fit_written
from iam_catalog.arn.format import ArnFormat, Head, read_format
from iam_catalog.arn.parts import Arn, readings
from iam_catalog.arn.pattern import (
    ANY,
    FREE,
    VARIABLE,
    Opening,
    has_wildcard,
    is_open,
    matcher_of,
    name_of_opening,
    opening,
    split_openings,
)
from iam_catalog.cache import BoundedCache
from iam_catalog.database import Connection
from iam_catalog.errors import MalformedArn
from iam_catalog.facts.names import unheld_service
from iam_catalog.facts.resource_types import (
    ArnFormatRow,
    formats_of_all_services,
    formats_of_any_service,
    formats_of_service,
    names_service,
)
from iam_catalog.facts.services_held import actions_taking
from iam_catalog.records import ArnMatch

_OWNED_BY_AWS: dict[str, tuple[str, bool]] = {
    # Application Recovery Controller, Region switch API Reference: SsmDocumentConfig; many managed
    # policies, such as AWSElasticDisasterRecoveryLaunchActionsPolicy
    "ssm:document": ("document/", False),
    "ssm:automation-definition": ("automation-definition/", False),
    # managed policies, such as AWSServiceRoleForImageBuilder
    "ssm:parameter": ("parameter/aws/", False),
    # AWS CLI Command Reference: securityhub get-finding-history
    "securityhub:product": ("product/", False),
    # AWS CloudFormation API Reference: DescribeType, for AWS's and third parties' public extensions
    "cloudformation:type": ("type/resource/", False),
    "cloudformation:typeHook": ("type/hook/", False),
    # AWS Entity Resolution API Reference: ProviderProperties
    "entityresolution:ProviderService": ("providerservice/", False),
    # AWS Tools for PowerShell Cmdlet Reference: Get-APSImageBuilderList, for AWS's base images
    "appstream:image": ("image/", False),
    # AWS Well-Architected Tool API Reference: GetLens, for lenses that AWS publishes
    "wellarchitected:lens": ("lens/", False),
    # Amazon Bedrock API Reference: GetInferenceProfile
    "bedrock:inference-profile": ("inference-profile/", False),
    # Amazon Bedrock AgentCore Control Plane API Reference: GetEvaluator, for Builtin.Helpfulness
    "bedrock-agentcore:evaluator": ("evaluator/", True),
    # managed policies, such as CloudWatchReadOnlyAccess
    "resource-explorer-2:view": ("view/AWSServiceView", False),
}
"""Resource types of which AWS owns some that have no account, though the format of the type has
one: with the start of their resource, and whether they have no Region either. AWS says so at the
places named, which were read on 2026-11-29. Where AWS owns all of a type, its format says so, and
an account `aws` is a value like any other."""


class _Row(NamedTuple):
    """An ARN format of a resource type, with the place of it on a page."""

    key: str
    resource_type: str
    prefix: str
    form: ArnFormat
    page: str
    line: int
    last_seen: str | None
    at_home: bool
    """The type belongs to the service that its format names."""
    owned_head: Head | None
    """The parts before the resource of those that AWS owns, if they differ."""
    owned_start: str

    def may_be_owned(self, start: str) -> bool:
        """Return True if AWS may own what has a resource that starts so."""
        return start.startswith(self.owned_start) or self.owned_start.startswith(start)


class _Candidate(NamedTuple):
    """A format that an ARN can be of."""

    row: _Row
    fit: ArnFit

    def rank(self) -> tuple[bool, bool, int, bool, bool, str, str, int, str]:
        row, exact = self.row, self.fit.exact
        return (
            not exact,
            not row.form.names_service,
            -row.form.letters if exact else row.form.letters,
            ANY in row.form.names,
            not row.at_home,
            row.resource_type,
            row.page,
            row.line,
            row.key,
        )


class _Types(NamedTuple):
    """The resource types that an ARN can be."""

    names: tuple[str, ...]
    by_prefix: dict[str, frozenset[str]]


class _Formats:
    """The formats that name one service, by the text that their resource starts with."""

    def __init__(self, rows: Iterable[_Row]) -> None:
        self._by_text: dict[str, list[_Row]] = {}
        for row in rows:
            self._by_text.setdefault(row.form.texts[0], []).append(row)
        self._lengths = sorted({len(text) for text in self._by_text})
        self._texts = sorted(self._by_text)

    def __bool__(self) -> bool:
        return bool(self._texts)

    def all(self) -> Iterator[_Row]:
        for rows in self._by_text.values():
            yield from rows

    def near(self, start: str, whole: bool) -> Iterator[_Row]:
        """Yield those that an ARN can be of whose resource starts so, and is no more if *whole*."""
        for length in self._lengths:
            if length > len(start):
                break
            yield from self._by_text.get(start[:length], ())
        if whole:
            return
        for text in self._texts[bisect_right(self._texts, start) :]:
            if not text.startswith(start):
                break
            yield from self._by_text[text]


class ArnTypes:
    """The resource types that ARNs can be, by the ARN formats of one catalog.

    Formats are read when an ARN first names their service, and answers are cached; not safe to use
    from several threads at once.
    """

    def __init__(self, connection: Callable[[], sqlite3.Connection | None]) -> None:
        """Take what returns the connection, such as a weak reference to it."""
        self._connection = connection
        self._formats: dict[str, _Formats] = {}
        self._answers: BoundedCache[_Types] = BoundedCache()
        self._long_answers: BoundedCache[_Types] = BoundedCache(_MOST_LONG, _LONGEST)

    def match(self, text: str) -> list[ArnMatch]:
        """Answer `match_arn` for any text, with nothing for one that is not an ARN."""
        return [
            ArnMatch(
                resource_type=each.row.resource_type,
                arn_format=each.row.form.text,
                variables=each.fit.variables,
                exact=each.fit.exact,
                specificity=each.row.form.letters,
                page=each.row.page,
                line=each.row.line,
                last_seen=each.row.last_seen,
            )
            for each in self._ranked(text)
        ]

    def types(self, text: str) -> tuple[str, ...]:
        """Return the resource types that an ARN can be, the most specific first.

        Of one with openings, those that any text in their place gives.
        """
        return self._answer(text).names

    def types_of(self, text: str, prefix: str) -> frozenset[str]:
        """Return those of one service."""
        return self._answer(text).by_prefix.get(prefix, _NO_TYPES)

    def forget(self) -> None:
        """Forget the answers, and keep the formats."""
        self._answers.clear()
        self._long_answers.clear()

    def _answer(self, text: str) -> _Types:
        answers = self._answers if len(text) <= self._answers.length else self._long_answers
        found = answers.get(text)
        if found is None and is_open(text):  # names of openings make no difference
            text = "".join([_nameless(*piece) for piece in split_openings(text)])
            found = answers.get(text)
        if found is None:
            names = tuple(dict.fromkeys(each.row.resource_type for each in self._ranked(text)))
            by_prefix: dict[str, set[str]] = {}
            for name in names:
                by_prefix.setdefault(name.partition(":")[0], set()).add(name)
            of_prefix = {prefix: frozenset(types) for prefix, types in by_prefix.items()}
            found = answers.keep(text, _Types(names, of_prefix))
        return found

    def _ranked(self, text: str) -> list[_Candidate]:
        """Return the formats that an ARN is likely of.

        Its wildcards go on beyond the colons only if nothing fits part by part, or if parts are
        missing, so that it can be meant both ways.
        """
        if is_open(text):
            return sorted(self._possible(text), key=_Candidate.rank)
        arn = Arn(text)
        found = self._by_parts(arn)
        if not found or arn.missing:
            taken = {each.row.key for each in found}
            for other in arn.beyond:
                for each in self._by_parts(other):
                    if each.row.key not in taken:
                        taken.add(each.row.key)
                        each.fit.written = False
                        found.append(each)
        return sorted(found, key=_Candidate.rank) if len(found) > 1 else found

    def _by_parts(self, arn: Arn) -> list[_Candidate]:
        """Return those formats that an ARN is likely of part by part."""
        if not arn.is_arn or not arn.service.isascii():
            return []  # SQLite takes no text with half of a surrogate pair
        whole = arn.start == arn.resource
        rows = [
            row
            for formats in self._of_service(arn.service)
            for row in formats.near(arn.start, whole)
        ]
        written = _fitting(fit_written, arn, rows)
        likely = _Likely(written)
        found = [each for each in written if likely.has(each)]
        if whole:
            return found
        done = {each.row.key for each in written}
        left = [row for row in rows if row.key not in done and likely.may_have(row)]
        if left:
            most = MOST_STEPS // len(left)
            others = _fitting(partial(fit_unwritten, most=most), arn, left)
            found += [each for each in others if likely.has(each)]
        return found

    def _possible(self, pattern: str) -> list[_Candidate]:
        """Return the formats that any ARN is of which an open one can become."""
        found: dict[str, _Candidate] = {}
        for each in self._of_named_type(pattern):
            for arn in readings(each):
                self._add_possible(arn, found)
                if not found or arn.missing or FREE in arn.text:
                    for other in arn.beyond:
                        self._add_possible(other, found)
        return list(found.values())

    def _of_named_type(self, pattern: str) -> list[str]:
        """Return the patterns for one that starts with the ARN of a resource of a named type.

        `AWS::S3::Bucket` and `aws_s3_bucket` are of the catalog's type `s3:bucket`, where prefix
        and name are the same but for case, hyphens and blanks. Otherwise nothing is known of it.
        """
        (_, before), *pieces = split_openings(pattern)
        if before or not pieces or pieces[0][0] != "arn":
            return [pattern]
        names = name_of_opening(pieces[0][1]).split(" ")[0].split("|")
        formats = [
            row.form
            for prefix, _, name in [each.partition(":") for each in names]
            for row in (self._naming(prefix).all() if name else ())
            if row.at_home and _plain_name(row.resource_type) == f"{prefix}:{name}"
        ]
        rest = "".join([text for _, text in pieces[1:]])
        return [f"{_open_format(each)}{rest}" for each in formats] or [pattern]

    def _add_possible(self, arn: Arn, found: dict[str, _Candidate]) -> None:
        """Add the formats that an ARN can be of part by part, however unlikely."""
        if not arn.is_arn or not arn.service.isascii():
            return
        whole = arn.start == arn.resource
        of_services = self._of_service(arn.service)
        if FREE in arn.parts[1]:
            of_services.append(self._of_any_service(None))
        rows = [row for each in of_services for row in each.near(arn.start, whole)]
        for fit in (fit_written, fit_unwritten):
            left = [row for row in rows if row.key not in found]
            found |= {each.row.key: each for each in _fitting(fit, arn, left)}

    def _of_service(self, service: str) -> list[_Formats]:
        """Return the formats that answer for a service, which may be a pattern."""
        if not has_wildcard(service):
            own = self._naming(service)
            known = bool(own) or bool(self._naming(service.lower()))
            return [own, self._of_any_service(None if not known else service.__eq__)]
        matches = matcher_of(service)
        named = [formats for name, formats in self._naming_all.items() if matches(name)]
        return [*named, self._of_any_service(matches if named else None)]

    def _of_any_service(self, matches: Callable[[str], bool] | None) -> _Formats:
        """Return the formats with a placeholder for the service, of the prefixes that match."""
        every = self._with_placeholder
        if matches is None or all(matches(row.prefix) for row in every.all()):
            return every
        return _Formats([row for row in every.all() if matches(row.prefix)])

    def _naming(self, service: str) -> _Formats:
        found = self._formats.get(service)
        if found is None:
            if service and len(self._formats) >= _FEW_SERVICES:
                return self._naming_all.get(service, _NO_FORMATS)
            found = _read_formats(formats_of_service(self._connected(), service))
            self._formats[service] = found
        return found

    @cached_property
    def _naming_all(self) -> dict[str, _Formats]:
        """Read every format that names its service, by service."""
        rows: dict[str, list[_Row]] = {}
        for row in map(_read_row, formats_of_all_services(self._connected())):
            rows.setdefault(row.form.service, []).append(row)
        return {service: _Formats(found) for service, found in rows.items()}

    @cached_property
    def _with_placeholder(self) -> _Formats:
        return _read_formats(formats_of_any_service(self._connected()))

    def _connected(self) -> sqlite3.Connection:
        connection = self._connection()
        assert connection is not None, "asked after its catalog was closed"
        return connection


_NO_TYPES: frozenset[str] = frozenset()
_MOST_LONG = 100
_LONGEST = 100_000
"""So many answers about ARNs that are longer than `MAX_LENGTH` are cached, up to this length."""
_FEW_SERVICES = 30
"""Formats of so many services are read one by one. Those of all others are then read at once."""
_NO_FORMATS = _Formats(())


def match_arn(connection: sqlite3.Connection, arn: str) -> list[ArnMatch]:
    """List the resource types that an ARN can be, the most specific first.

    It may hold wildcards and policy variables, and `*` alone is an ARN. One record for each format
    that fits. Raises `MalformedArn` for what is not an ARN, and `UnknownServicePrefix` where
    nothing fits and the catalog does not hold the service.

    >>> [found.resource_type for found in match_arn("arn:aws:connect:*:*:instance/*/contact/*")]
    ['connect:contact']
    """
    found = arn_types(connection).match(arn)
    if not found:
        _check_arn(connection, arn)
    return found


def actions_for_arn(connection: sqlite3.Connection, arn: str) -> list[str]:
    """List the actions that take one of the resource types that an ARN can be, sorted.

    Raises `MalformedArn` or `UnknownServicePrefix`, as `match_arn` does.

    >>> actions_for_arn("arn:aws:connect:*:*:instance/*/contact/*")
    ['connect:StartOutboundVoiceContact', 'connect:StopContact']
    """
    types = arn_types(connection).types(arn)
    if not types:
        _check_arn(connection, arn)
    names = {action for action, _, _ in actions_taking(connection, types)}
    return sorted(names, key=str.lower)


def arn_types(connection: sqlite3.Connection) -> ArnTypes:
    """Return the resource types of a connection's catalog.

    A connection that `database.open_database` opened has one, with all that it has cached; another
    one, such as Datasette's, gets a new one each time.
    """
    if not isinstance(connection, Connection):
        return ArnTypes(lambda: connection)
    found = connection.cached.get(__name__)
    if not isinstance(found, ArnTypes):
        found = connection.cached[__name__] = ArnTypes(ref(connection))
    return found


def _check_arn(connection: sqlite3.Connection, text: str) -> None:
    """Raise what is wrong with an ARN that no format fits, or nothing."""
    arn = Arn(text)
    if not arn.is_arn:
        raise MalformedArn(text)
    if not is_of_held_service(connection, arn):
        raise unheld_service(connection, arn.service)


def is_of_held_service(connection: sqlite3.Connection, arn: Arn) -> bool:
    """Return False for an ARN of a service that the catalog does not hold."""
    return has_wildcard(arn.service) or names_service(connection, arn.service)


def _nameless(kind: Opening | None, text: str) -> str:
    """Return a piece of a pattern without what makes no difference to what it can be."""
    if kind is None:
        return text
    return opening(name_of_opening(text).split(" ")[0] if kind == "arn" else "", kind)


def _plain_name(name: str) -> str:
    return name.lower().replace("-", "").replace(" ", "")


def _open_format(form: ArnFormat) -> str:
    """Write a format as the pattern of the ARNs of one resource."""
    word = opening("", "word")
    head = [word if name else part for part, name in zip(form.head, form.head_names, strict=True)]
    values = [word if set("/:") <= set(holds.barred) else FREE for holds in form.holds]
    texts = [
        form.texts[0],
        *[value + text for value, text in zip(values, form.texts[1:], strict=True)],
    ]
    return ":".join(["arn", *head, "".join(texts)])


def _read_formats(rows: Iterable[ArnFormatRow]) -> _Formats:
    return _Formats(map(_read_row, rows))


def _read_row(row: ArnFormatRow) -> _Row:
    key, resource_type, text, page, line, last_seen = row
    prefix = resource_type.partition(":")[0]
    form = read_format(text)
    start, no_region = _OWNED_BY_AWS.get(resource_type, ("", False))
    partition, service, region, account = form.head
    head = None
    if start and VARIABLE in account:
        head = (partition, service, "" if no_region else region, "")
    at_home = prefix == service
    return _Row(key, resource_type, prefix, form, page, line, last_seen, at_home, head, start)


def _fitting(fit: Callable[..., ArnFit | None], arn: Arn, rows: Iterable[_Row]) -> list[_Candidate]:
    """Return those of the rows that an ARN can be of, or of what AWS owns of their type."""
    found = []
    for row in rows:
        fitted = fit(arn, row.form)
        if fitted is None and row.owned_head is not None and row.may_be_owned(arn.start):
            fitted = fit(arn, row.form, row.owned_head)
        if fitted is not None:
            found.append(_Candidate(row, fitted))
    return found


class _Likely:
    """What an ARN is likely of, by the formats that it writes all the text of."""

    def __init__(self, written: list[_Candidate]) -> None:
        self._best: dict[str, _Candidate] = {}
        self._at_home: _Candidate | None = None
        named = [each for each in written if each.fit.written and each.row.form.names_service]
        for each in sorted(named, key=_closeness) if len(named) > 1 else named:
            self._best.setdefault(each.row.prefix, each)
            if each.row.at_home and self._at_home is None:
                self._at_home = each

    def may_have(self, row: _Row) -> bool:
        """Return True unless the words of a format rule out one that the ARN does not write."""
        if self._best and not row.form.names_service:
            return False
        best = self._best_beside(row)
        return best is None or row.form.can_have_words_of(best.row.form)

    def has(self, each: _Candidate) -> bool:
        """Return True unless its placeholders hold more slashes than those of another format."""
        if not ((each.fit.written and each.row.form.names_service) or self.may_have(each.row)):
            return False
        best = self._best_beside(each.row)
        return best is None or each.fit.holds_at_most(best.fit.slashes)

    def _best_beside(self, row: _Row) -> _Candidate | None:
        return self._best.get(row.prefix) or (None if row.at_home else self._at_home)


def _closeness(candidate: _Candidate) -> tuple[int, int]:
    return candidate.fit.slashes, -candidate.row.form.letters


def keys_of_action(
    connection: sqlite3.Connection, action: str, arn: str | None = None
) -> list[str]:
    """List the condition keys that an action has, sorted; with *arn*, on that resource.

    A key beside a resource type, and a key of the type itself, holds for resources of that type
    alone; a key on a row without a type holds for all (Service Authorization Reference, "Actions,
    resources, and condition keys for AWS services", section "The actions table"). Global keys are
    not listed, unless services list them. Raises `UnknownAction`, and `MalformedArn` or
    `UnknownServicePrefix` for the ARN.

    >>> keys_of_action("connect:StopContact")
    []
    """
    from iam_catalog.facts import actions
    from iam_catalog.facts.rows import unique

    facts = actions.action(connection, action)
    types = set(facts.resource_types or ())
    if arn is not None:
        types &= {each.resource_type for each in match_arn(connection, arn)}
    keys = [
        key
        for row in facts.rows
        if row.resource_type is None or row.resource_type in types
        for key in row.condition_keys
    ]
    for name in types:
        keys += _keys_of_type(connection, name)
    return sorted(unique(keys), key=str.lower)


def _keys_of_type(connection: sqlite3.Connection, name: str) -> tuple[str, ...]:
    """Return the keys of a resource type; none of one that no source defines."""
    from iam_catalog.errors import UnknownResourceType
    from iam_catalog.facts.resource_types import resource_type

    try:
        return resource_type(connection, name).condition_keys
    except UnknownResourceType:
        return ()
