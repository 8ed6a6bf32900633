"""Declare services, the names that they go by, and the SDK clients of AWS."""

from __future__ import annotations

from iam_catalog.schema.declarations.sources import PLACE, PREFIX, SOURCE
from iam_catalog.schema.model import BOOLEAN, DATE, INTEGER, STRING, Column, Table

_NAME = "The name; upper and lower case count as equal."
_CALL = "Name of the API call; upper and lower case count as equal."
_CLIENT = "SDK client that has it."

SERVICES = Table(
    "services",
    "services",
    "The services whose sources are in the catalog, by service prefix. One service can have "
    "several sources; a service that is not listed is not in the catalog, which says nothing about "
    "AWS.",
    (
        Column("service_prefix", STRING, PREFIX, nocase=True),
        Column(
            "name", STRING, "Name of the service as its source spells it.", null=True, filled=True
        ),
        PLACE,
        *SOURCE,
    ),
    key=("service_prefix",),
    past=True,
    label="service_prefix",
    sort="service_prefix",
)

SERVICE_ALIASES = Table(
    "service_aliases",
    "services",
    "Every name that a service goes by or went by: its prefix, the names and slugs of its sources, "
    "its SDK clients and nicknames.{{ Questions about a service take any of them; blanks and "
    "hyphens do not count, and a name of several services is refused.}}",
    (
        Column("alias", STRING, _NAME, nocase=True),
        Column(
            "kind",
            STRING,
            "Kind of the name: prefix (in action names), name (in a page's title or a dataset, or "
            "the SDK's of a client), slug (in a page's address or a dataset), SDK client or "
            "nickname (which people type).",
            values=("prefix", "name", "slug", "SDK client", "nickname"),
        ),
        Column(
            "service_prefix",
            STRING,
            "Service that goes by the name; a name of two services has a row for each.",
            nocase=True,
        ),
        Column(
            "first_seen",
            DATE,
            "Date (ISO 8601) of the oldest source that uses the name; empty where the source's "
            "date is not known, and for the names of SDK clients and nicknames, which hold at "
            "every date.",
            null=True,
        ),
        Column(
            "last_seen",
            DATE,
            "Date (ISO 8601) of the newest source that uses the name; empty where the source's "
            "date is not known, and for the names of SDK clients and nicknames, which hold at "
            "every date.",
            null=True,
        ),
    ),
    key=("alias", "kind", "service_prefix"),
    label="alias",
    facets=("kind",),
    sort="service_prefix",
)

SDK_CLIENTS = Table(
    "sdk_clients",
    "operations",
    "The clients that AWS's SDKs have, by their names in Boto3, of every service that AWS has, "
    "whether the catalog holds it or not.",
    (
        Column(
            "sdk_client",
            STRING,
            "Name of the client in code; upper and lower case count as equal.",
            nocase=True,
        ),
        Column(
            "service_prefix",
            STRING,
            "Service whose actions its operations need; plain text where the catalog does not hold "
            "the service, and empty where nobody knows one.",
            null=True,
            nocase=True,
            filled=True,
        ),
        Column("name", STRING, "Full name of the service, as the SDK has it."),
        Column("service_id", STRING, "Short name of the service, as the SDK has it."),
        Column("source", STRING, "The package that says so, with its version."),
    ),
    key=("sdk_client",),
    rowid=False,
    label="name",
    sort="sdk_client",
)

SDK_OPERATIONS = Table(
    "sdk_operations",
    "operations",
    "The operations of SDK clients, of the services that the catalog holds or held. Which actions "
    "they need is in operation_actions where a source says it; elsewhere likely_operation_actions "
    "has the likeliest ones.",
    (
        Column("name", STRING, _CALL, nocase=True),
        Column("sdk_client", STRING, _CLIENT, nocase=True, references="sdk_clients.sdk_client"),
    ),
    key=("name", "sdk_client"),
    label="name",
    facets=("sdk_client",),
    sort="name",
)

LIKELY_ACTIONS = Table(
    "likely_actions",
    "operations",
    "Actions that an operation most likely needs though they do not have its name, each with AWS's "
    "document that says so. They are not facts: where a source maps the operation, "
    "its word counts.",
    (
        Column("name", STRING, _CALL, nocase=True),
        Column("sdk_client", STRING, _CLIENT, nocase=True, references="sdk_clients.sdk_client"),
        Column("position", INTEGER, "Place among the actions of the operation, counted from 1."),
        Column("action", STRING, "The action.", nocase=True),
        Column(
            "unless_same_name",
            BOOLEAN,
            "1 where an action with the operation's name is likelier, if there is one, else 0.",
        ),
        Column("source", STRING, "Address of the document."),
    ),
    key=("name", "sdk_client", "position"),
    label="action",
    facets=("sdk_client",),
    sort="name",
)

NICKNAMES = Table(
    "nicknames",
    "services",
    "Names of services that people type and that no page has, with the service prefixes that they "
    "mean by each, whether the catalog holds the service or not.",
    (
        Column("nickname", STRING, _NAME, nocase=True),
        Column(
            "service_prefix",
            STRING,
            "Service that is meant; a name of several services has a row for each.",
            nocase=True,
        ),
    ),
    key=("nickname", "service_prefix"),
    label="nickname",
    sort="nickname",
)
