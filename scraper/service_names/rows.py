"""SDK clients, nicknames and likely actions -> rows of the catalog.

Facts of pages are never touched: a *likely* action of an operation that no page maps has a table of
its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scraper.errors import SourceError
from scraper.merge.unite import TableRow
from scraper.service_names.clients import LIKELY, Clients, SdkClient, read_clients

NICKNAMES = Path(__file__).with_name("nicknames.json")


@dataclass(frozen=True, slots=True)
class LikelyActions:
    """The actions that an operation of an SDK client most likely needs."""

    sdk_client: str
    operation: str
    actions: list[str]
    source: str
    """The address of AWS's document that says so."""
    unless_same_name: bool = False
    """An action with the operation's name is likelier."""


@dataclass(frozen=True, slots=True)
class ServiceNames:
    """The names of services that do not come from their pages."""

    clients: Clients
    nicknames: dict[str, list[str]]
    """The service prefixes that people mean by each."""
    likely: list[LikelyActions]

    def carrier_name(self, prefix: str) -> str | None:
        """Return botocore's name of the SDK client that carries a service prefix.

        That is the client of the same name, else all clients of the prefix where they share one
        name; None where they do not.
        """
        names = {
            client: each.name
            for client, each in self.clients.clients.items()
            if each.service_prefix == prefix
        }
        if prefix in names:
            return names[prefix]
        return names.popitem()[1] if len(set(names.values())) == 1 else None


def read_service_names(data: Path) -> ServiceNames:
    """Read `clients.json` of *data*, and the tables of nicknames and likely actions.

    Raises `SourceError`, which names the file, where one is missing or broken.
    """
    clients = read_clients(data)
    nicknames, table = _read_table(NICKNAMES), _read_table(LIKELY)
    try:
        meant = {name: list(prefixes) for name, prefixes in nicknames["nicknames"].items()}
        return ServiceNames(clients, meant, list(_likely(clients, table)))
    except (KeyError, TypeError, AttributeError) as error:
        raise SourceError(
            f"{LIKELY.name!r} and {NICKNAMES.name!r} do not fit 'clients.json' "
            f"({type(error).__name__}: {error}): name only clients and operations of that file."
        ) from error


def _read_table(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SourceError(f"Cannot read {str(path)!r} ({error}): restore it.") from error


def _likely(clients: Clients, table: Any) -> Iterator[LikelyActions]:
    for group in table["operations"]:
        name = group["sdk_client"]
        client = clients.clients[name]
        for operation, actions in group["operations"].items():
            source = group["source"] or client.reference_of(operation)
            yield LikelyActions(name, operation, actions, source)
    listed = {
        (group["sdk_client"], operation)
        for group in table["operations"]
        for operation in group["operations"]
    }
    for name, client in clients.clients.items():
        for method, operations in (client.http_methods or {}).items():
            source = table["by_http_method"][client.service_prefix]
            actions = [f"{client.service_prefix}:{method}"]
            for operation in operations:
                if (name, operation) not in listed:
                    yield LikelyActions(name, operation, actions, source, unless_same_name=True)


def add_names(rows: dict[str, list[TableRow]], names: ServiceNames) -> None:
    """Add to the *rows* of every table, by its name, what *names* say of services.

    SDK clients and nicknames are added for all services, so that an error can name the prefix of
    one that is not held. Operations and aliases are added for services that are held, or were.
    """
    held = {
        row["service_prefix"].lower(): row["service_prefix"]
        for table in ("past_services", "services")
        for row in rows.get(table, ())
    }
    clients = names.clients.clients
    rows["sdk_clients"] = [
        {
            "sdk_client": name,
            "service_prefix": client.service_prefix,
            "name": client.name,
            "service_id": client.service_id,
            "source": names.clients.source,
        }
        for name, client in clients.items()
    ]
    rows["nicknames"] = [
        {"nickname": nickname, "service_prefix": prefix}
        for nickname, prefixes in sorted(names.nicknames.items(), key=lambda each: each[0].lower())
        for prefix in sorted(prefixes)
    ]
    own = {
        name: client
        for name, client in clients.items()
        if client.service_prefix and client.service_prefix.lower() in held
    }
    rows["sdk_operations"] = sorted(
        [
            {"name": operation, "sdk_client": name}
            for name, client in own.items()
            for operation in client.operations
        ],
        key=lambda row: (row["name"].lower(), row["sdk_client"]),
    )
    rows["likely_actions"] = _likely_rows(names, own)
    _add_aliases(rows, names, own, held)


def _likely_rows(names: ServiceNames, own: dict[str, SdkClient]) -> list[TableRow]:
    found: list[TableRow] = [
        {
            "name": likely.operation,
            "sdk_client": likely.sdk_client,
            "position": position,
            "action": action,
            "unless_same_name": int(likely.unless_same_name),
            "source": likely.source,
        }
        for likely in names.likely
        if likely.sdk_client in own
        for position, action in enumerate(likely.actions, start=1)
    ]
    return sorted(found, key=lambda row: (row["name"].lower(), row["sdk_client"], row["position"]))


def _add_aliases(
    rows: dict[str, list[TableRow]],
    names: ServiceNames,
    own: dict[str, SdkClient],
    held: dict[str, str],
) -> None:
    """Add the names of SDK clients and the nicknames of services that are held.

    They hold at every date, so that they have none, also where a page gives the same name.
    """
    known = {
        (row["alias"].lower(), row["kind"], row["service_prefix"].lower()): row
        for row in rows.get("service_aliases", ())
    }
    added = [
        (kind, alias, str(client.service_prefix))
        for name, client in own.items()
        for kind, alias in (
            ("SDK client", name),
            ("name", client.service_id),
            ("name", client.name),
        )
    ]
    added += [
        ("nickname", nickname, prefix)
        for nickname, prefixes in names.nicknames.items()
        for prefix in prefixes
        if prefix.lower() in held
    ]
    for kind, alias, prefix in added:
        key = (alias.lower(), kind, prefix.lower())
        spelled = known.get(key, {}).get("alias", alias)
        known[key] = {
            "alias": spelled,
            "kind": kind,
            "service_prefix": held[prefix.lower()],
            "first_seen": None,
            "last_seen": None,
        }
    rows["service_aliases"] = [known[key] for key in sorted(known)]
