"""Answer questions about condition keys: definitions, uses, and AWS's global keys with their types.

An action has a key where one of its rows lists it, or where it takes a resource type that has it.

The global keys are facts of the IAM User Guide, "AWS global condition context keys": the data type
and the value type of each key, as read in copies of August and September 2026. They hold for every
service; among them are cross-service keys such as `lambda:SourceFunctionArn`, which bear the prefix
of a service. The pages of the services do not list these keys, except the tag keys of
`LISTED_BY_SERVICES`.
"""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from iam_catalog.facts.names import known_service
from iam_catalog.facts.rows import SOURCE, source, unique

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from iam_catalog.records import ConditionKey, KeyWithUses


AS_OF = "2026-09"
"""Year and month of the newest copy that was read."""

PAGE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"

STRINGS = """
aws:PrincipalAccount aws:PrincipalOrgID aws:PrincipalServiceName aws:PrincipalType aws:userid
aws:username aws:Ec2InstanceSourceVpc aws:SourceIdentity glue:RoleAssumedBy
glue:CredentialIssuingService identitystore:UserId aws:SourceVpc aws:SourceVpce aws:VpceAccount
aws:VpceOrgID aws:ResourceAccount aws:ResourceOrgID aws:CalledViaFirst aws:CalledViaLast
aws:CalledViaAWSMCP aws:referer aws:RequestedRegion aws:SourceAccount aws:SourceOrgID aws:UserAgent
aws:PrincipalTag/${TagKey} aws:ResourceTag/${TagKey} aws:RequestTag/${TagKey}
"""
LISTS = """
aws:PrincipalOrgPaths aws:PrincipalServiceNamesList aws:VpceOrgPaths aws:ResourceOrgPaths
aws:CalledVia aws:TagKeys aws:SourceOrgPaths
"""
_BOOLEANS = """
aws:PrincipalIsAWSService aws:AssumedRoot aws:MultiFactorAuthPresent aws:ViaAWSService
aws:ViaAWSMCPService aws:SecureTransport aws:IsMcpServiceAction
"""
ARNS = """
aws:PrincipalArn aws:SignInSessionArn aws:ChatbotSourceArn ec2:SourceInstanceArn codebuild:BuildArn
codebuild:ProjectArn lambda:SourceFunctionArn ssm:SourceInstanceArn aws:SourceVpcArn aws:SourceArn
"""

GLOBAL_KEYS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(STRINGS.split(), ("String",)),
    **dict.fromkeys(LISTS.split(), ("ArrayOfString",)),
    **dict.fromkeys(_BOOLEANS.split(), ("Bool",)),
    **dict.fromkeys(ARNS.split(), ("ARN",)),
    "aws:Ec2InstanceSourcePrivateIPv4": ("IPAddress",),
    "aws:SourceIp": ("IPAddress",),
    "aws:VpcSourceIp": ("IPAddress",),
    "aws:MultiFactorAuthAge": ("Numeric",),
    "ec2:RoleDelivery": ("Numeric",),
    "aws:TokenIssueTime": ("Date",),
    "aws:CurrentTime": ("Date",),
    "aws:EpochTime": ("Date", "Numeric"),
    "aws:FederatedProvider": ("String", "ARN"),
    "aws:SourceOwner": ("String",),
}
"""Each key in AWS's spelling, with its types in the words of the services' pages: `ArrayOf…` where
the page says "Multivalued". Where there are two, the value can be of either. `aws:SourceOwner` is
not on the page any more, but in the policy that Amazon SNS gives a new topic."""

LISTED_BY_SERVICES = frozenset({"aws:requesttag", "aws:resourcetag", "aws:tagkeys"})
"""Global keys that only some actions have: the pages of the services list them. In lower case, and
without the key of a tag."""

MULTIVALUED = frozenset({"cognito-identity.amazonaws.com:amr"})
"""Keys of a service of which AWS's guide says that they have several values, and the service's page
that they are a `String` ("IAM and AWS STS condition context keys", section "Available keys for AWS
OIDC federation")."""

_SERVICE_VARIABLES = (
    # AWS Transfer Family User Guide, "Creating a session policy for an Amazon S3 bucket"
    "transfer:homebucket",
    "transfer:homedirectory",
    "transfer:homefolder",
    "transfer:username",
    # AWS IoT Core Developer Guide, "Basic AWS IoT Core policy variables", "Thing policy variables"
    # and "X.509 Certificate AWS IoT Core policy variables"
    "iot:clientid",
    "iot:domainname",
    "iot:connection.thing.",
    "iot:certificateid",
    "iot:certificate.",
    # AWS IoT Core Developer Guide, "Authorizing direct calls to AWS services using AWS IoT Core
    # credential provider"
    "credentials-iot:thingname",
    "credentials-iot:thingtypename",
    "credentials-iot:awscertificateid",
)
"""Policy variables and keys that guides of services document, and their pages of condition keys do
not, in lower case, those that end with a dot as starts; all read on 2026-11-29."""


def is_service_variable(key: str) -> bool:
    """Return True for a policy variable of `_SERVICE_VARIABLES`, in any case."""
    name = key.lower()
    return name in _SERVICE_VARIABLES or name.startswith(_VARIABLE_STARTS)


_VARIABLE_STARTS = tuple(each for each in _SERVICE_VARIABLES if each.endswith("."))

_FEDERATION = frozenset({"saml"})
"""Prefixes of keys that an identity provider fills in, beside the names of hosts that OIDC
providers have ("IAM and AWS STS condition context keys", sections "Available keys for AWS OIDC
federation" and "Available keys for SAML-based AWS STS federation")."""


def is_federation_key(key: str) -> bool:
    """Return True for a key of an identity provider: `saml:aud`, `accounts.google.com:sub`.

    An OIDC provider's prefix is its address, so it has a dot or a slash.
    """
    prefix = key.partition(":")[0].lower()
    return prefix in _FEDERATION or "." in prefix or "/" in prefix


class KeyDefinition(NamedTuple):
    """What a source says of a condition key for one service."""

    definition: str
    key_as_written: str
    service_prefix: str
    type: str | None
    description: str | None
    url: str | None
    page: str
    line: int | None
    place: str | None
    first_seen: str | None
    last_seen: str | None
    removed: str | None


class RemovedKey(NamedTuple):
    """A condition key that no source lists any more."""

    condition_key: str
    removed: str
    removed_by: str | None
    """The public dataset whose word it is; None for AWS's own pages."""


class KeyUses(NamedTuple):
    """The full names of what has a condition key."""

    resource_types: set[str]
    own: set[str]
    """Actions with a row that lists it."""
    through_types: set[str]
    """Actions that take a resource type that has it."""


def condition_keys(
    connection: sqlite3.Connection, service_prefix: str | None = None
) -> list[ConditionKey]:
    """List what the sources of a service, or all of them, define as condition keys, sorted by key.

    One record for each definition. Raises `UnknownServicePrefix`.

    >>> condition_keys("connect")
    []
    """
    if service_prefix is None:
        return _definitions(connection)
    prefix = known_service(connection, service_prefix)
    return _definitions(connection, "where keys.service_prefix = ?", prefix)


def _definitions(
    connection: sqlite3.Connection, where: str = "", *values: str
) -> list[ConditionKey]:
    from iam_catalog.records import ConditionKey

    rows = connection.execute(
        "select key_as_written, keys.service_prefix, type, description, keys.url, first_seen,"
        f" last_seen, pages.page, line, place, {SOURCE}"
        " from condition_key_definitions as keys join pages on pages.page = keys.page"
        f" {where} order by condition_key, keys.service_prefix, keys.page, line, definition",
        values,
    )
    return [
        ConditionKey(key, prefix, kind, description, url, source(place), first_seen, last_seen)
        for key, prefix, kind, description, url, first_seen, last_seen, *place in rows
    ]


def known_condition_key(connection: sqlite3.Connection, key: str) -> str:
    """Return the documented key that *key* is, or is a case of; the longest one of several.

    `aws:RequestTag/team` is a case of `aws:RequestTag/${TagKey}`. Raises `UnknownConditionKey`.
    """
    return known_condition_keys(connection, key)[0]


def known_condition_keys(connection: sqlite3.Connection, key: str) -> list[str]:
    """Return every documented key that *key* is a case of, the longest first; only *key* itself,
    if it is documented so.

    Raises `UnknownConditionKey`.
    """
    row = connection.execute(
        "select condition_key from condition_keys where condition_key = ?", (key,)
    ).fetchone()
    if row:
        return [row[0]]
    prefix, colon, _ = key.partition(":")
    rows = connection.execute(
        "select condition_key from condition_keys where condition_key >= ? and condition_key < ?",
        (f"{prefix}:", f"{prefix};"),  # `;` follows `:`
    )
    found = KeyPatterns([name for (name,) in rows]).matching(key) if colon else []
    if not found:
        from iam_catalog.facts.unknown import unknown_condition_key

        raise unknown_condition_key(connection, key)
    return sorted(found, key=lambda name: (-len(name), name))


class KeyPatterns:
    """Documented keys with a placeholder, to find those that a key in a policy is a case of."""

    def __init__(self, keys: Iterable[str]) -> None:
        self.by_prefix: dict[str, list[tuple[str, str, str]]] = {}
        """By service prefix in lower case: each key, with the text before and after its
        placeholder in lower case."""
        for key in keys:
            around = placeholder(key.lower())
            if around is not None:
                prefix = key.lower().partition(":")[0]
                self.by_prefix.setdefault(prefix, []).append((key, *around))

    def matching(self, name: str) -> list[str]:
        """Return the keys that *name* is a case of, as they were passed; case does not count.

        The text in place of the placeholder has at least one character. A key matches itself.
        """
        name = name.lower()
        return [
            key
            for key, before, after in self.by_prefix.get(name.partition(":")[0], ())
            if name.startswith(before)
            and name.endswith(after)
            and len(name) > len(before) + len(after)
        ]


def placeholder(key: str) -> tuple[str, str] | None:
    """Return the text before and after the placeholder of a documented key; None without one.

    Pages write it `${TagKey}`, `<key>` or `tag-key`, or leave it out after the slash.

    >>> placeholder("s3:ExistingObjectTag/<key>")
    ('s3:ExistingObjectTag/', '')
    """
    for start, end in (("${", "}"), ("<", ">")):
        before, found, rest = key.partition(start)
        if found and end in rest:
            return before, rest.partition(end)[2]
    if key.endswith("/tag-key"):
        return key.removesuffix("tag-key"), ""
    return (key, "") if key.endswith("/") else None


def condition_key(connection: sqlite3.Connection, name: str) -> KeyWithUses:
    """Look a condition key up, in any case.

    `aws:RequestTag/team` is answered with the key that it is a case of. One of AWS's global keys is
    known without any source that defines it. Raises `UnknownConditionKey` with the nearest names.

    >>> condition_key("aws:sourceip").types
    ('IPAddress',)
    """
    from iam_catalog.errors import UnknownConditionKey
    from iam_catalog.records import KeyWithUses

    spelled = _global_name(name)
    try:
        key = known_condition_key(connection, name)
    except UnknownConditionKey:
        if spelled is None:
            from iam_catalog.facts.at_date import last_record, removed_condition_keys

            gone = removed_condition_keys(connection, name)
            if not gone:
                raise
            return last_record(connection, gone[0], condition_key)
        key = spelled
    definitions = _definitions(connection, "where condition_key = ?", key)
    uses = key_uses(connection, key)
    types = [*GLOBAL_KEYS.get(spelled or "", ()), *[each.type for each in definitions if each.type]]
    return KeyWithUses(
        key,
        spelled is not None,
        tuple(dict.fromkeys(types)),
        unique(sorted(uses.own | uses.through_types, key=str.lower)),
        unique(sorted(uses.resource_types)),
        tuple(definitions),
        min([each.first_seen for each in definitions if each.first_seen], default=None),
        max([each.last_seen for each in definitions if each.last_seen], default=None),
        None,
        None,
    )


def _global_name(name: str) -> str | None:
    """Return AWS's spelling of a global key, which *name* is, or is a case of."""
    before, slash, tag = name.lower().partition("/")
    for key in GLOBAL_KEYS:
        if key.lower() == name.lower() or (
            slash and tag and key.lower() == f"{before}/${{tagkey}}"
        ):
            return key
    return None


def removed_key(connection: sqlite3.Connection, name: str) -> RemovedKey | None:
    """Return the removed condition key of that name; None where there was none."""
    row = connection.execute(
        "select condition_key, max(removed), removed_by from past_condition_key_definitions"
        " where condition_key = ? and removed is not null group by condition_key",
        (name,),
    ).fetchone()
    return RemovedKey(*row) if row else None


def key_definitions(
    connection: sqlite3.Connection, key: str, *, removed: bool = False
) -> list[KeyDefinition]:
    """Return every wording of a key, by service; of a removed one, as it was when it went."""
    table = "past_condition_key_definitions" if removed else "condition_key_definitions"
    rows = connection.execute(
        "select definition, key_as_written, service_prefix, type, description, url, page, line,"
        f" place, first_seen, last_seen, {'removed' if removed else 'null'} from {table}"
        f" where condition_key = ?{' and removed is not null' if removed else ''}"
        " order by service_prefix, page, line",
        (key,),
    )
    return [KeyDefinition(*row) for row in rows]


def services_of_key(connection: sqlite3.Connection, key: str) -> list[str]:
    """Return the prefixes of the services that define a key, or once did."""
    rows = connection.execute(
        "select service_prefix from condition_key_definitions where condition_key = ?1 union"
        " select service_prefix from past_condition_key_definitions where condition_key = ?1",
        (key,),
    )
    return [prefix for (prefix,) in rows]


def key_uses(
    connection: sqlite3.Connection, key: str, service_prefix: str | None = None
) -> KeyUses:
    """Return what has a key, of all services or of one."""
    through = _THROUGH_TYPES if service_prefix is None else _OF_SERVICE
    found = KeyUses(
        _names(connection, _TYPES, key),
        _names(connection, _OWN, key),
        _names(connection, through, key, service_prefix),
    )
    if service_prefix is None:
        return found
    start = f"{service_prefix}:"
    return found._replace(
        resource_types={name for name in found.resource_types if name.startswith(start)},
        own={name for name in found.own if name.startswith(start)},
    )


_HAVE = "(select resource_type from resource_type_condition_keys where condition_key = ?1)"
_TYPES = (
    "select group_concat(resource_type, char(31)) from resource_type_condition_keys"
    " where condition_key = ?1"
)
_OWN = "select group_concat(action, char(31)) from action_condition_keys where condition_key = ?1"
_THROUGH_TYPES = (
    f"select group_concat(action, char(31)) from action_rows where resource_type in {_HAVE}"
)
_OF_SERVICE = (
    "select group_concat(r.action, char(31)) from actions as a join action_rows as r"
    f" on r.action = a.action where a.service_prefix = ?2 and +r.resource_type in {_HAVE}"
)


def _names(connection: sqlite3.Connection, sql: str, *values: str | None) -> set[str]:
    # One row with unit separators, which no name has: some keys are on 18,000 rows, and these
    # take three times as long one by one.
    place = [value for value in values if value is not None]
    found = connection.execute(sql, place).fetchone()[0]
    return set(found.split("\x1f")) if found else set()


def actions_with_key(number: int) -> str:
    """Write the SQL that selects the actions with one of so many keys, which are bound twice.

    They are those of the view `condition_key_uses`, which takes longer: it joins the tables of what
    it says besides.
    """
    keys = f"condition_key in ({', '.join('?' * number)})"
    return (
        f"select action from action_condition_keys where {keys}"
        " union select action from action_rows where resource_type in"
        f" (select resource_type from resource_type_condition_keys where {keys})"
    )


def values_of_key(connection: sqlite3.Connection, key: str) -> list[str]:
    """List the values that API operations set a condition key to, as AWS states them, sorted."""
    rows = connection.execute(
        "select distinct condition_values from operation_actions"
        " where condition_key = ? collate nocase and condition_values is not null",
        (key,),
    )
    return sorted({each.strip() for (values,) in rows for each in values.split(",")} - {""})
