"""One-call forms of each question: they share one open catalog per thread.

Nothing is opened at import. Answers are fresh objects that a caller may change.
"""

from __future__ import annotations

import threading

from iam_catalog.catalog import Catalog
from iam_catalog.database import file_stamp, find_database, open_stamped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iam_catalog.records import (
        Action,
        ActionSummary,
        Change,
        ConditionKey,
        Disagreement,
        Operation,
        ResourceType,
        SearchResult,
        Service,
    )


class _Shared(threading.local):
    """The catalog that the one-call forms of one thread ask."""

    catalog: Catalog | None = None
    file: tuple[str, tuple[int, ...] | None] | None = None
    """Its path and stamp; None where it may have been replaced while it was opened."""


_shared = _Shared()


def shared_catalog() -> Catalog:
    """This thread's open catalog, opened anew when the file was replaced or another one named."""
    path = find_database()
    catalog = _shared.catalog
    if catalog is not None and _shared.file == (path, file_stamp(path)):
        return catalog
    if catalog is not None:
        _shared.catalog = None
        catalog.close()
    opened, stamp = open_stamped(path, Catalog)
    _shared.catalog = opened
    _shared.file = (path, stamp) if stamp else None
    return opened


def dependent_actions(action: str, *, transitive: bool = False) -> list[str]:
    """List what AWS says that *action* needs besides itself, in AWS's order, without repeats.

    Case is ignored, as IAM ignores it. *transitive* follows the dependent actions of each breadth
    first, also where they form a cycle: the direct ones come first, and *action* itself never.
    Raises `UnknownAction` with the nearest names, or `MalformedActionName`.

    >>> "iam:CreateServiceLinkedRole" in dependent_actions("connect:CreateInstance")
    True
    """
    return shared_catalog().dependent_actions(action, transitive=transitive)


def documented_on(action: str) -> str | None:
    """Find the date as of which `dependent_actions` answers: AWS publishes them no longer.

    None where no held source of the action has a place for them, so that they are unknown; also
    where that source has no date: `dependents_state` tells the two apart. Raises `UnknownAction` or
    `MalformedActionName`.

    >>> documented_on("connect:CreateInstance")
    '2019-08-12'
    """
    return shared_catalog().documented_on(action)


def dependents_state(action: str) -> str:
    """Say what is known of the dependent actions of *action*: `parsed`, `none` or `not in source`.

    `parsed`: it has some; `none`: the newest source that has a place for them lists none; `not in
    source`: no held source of the action has a place for them, so nothing is known. Raises
    `UnknownAction` or `MalformedActionName`.

    >>> dependents_state("connect:StopContact")
    'none'
    """
    return shared_catalog().dependents_state(action)


def required_by(action: str) -> list[str]:
    """The actions that list *action* as dependent, sorted.

    Also for an action of a service that the catalog does not hold. Raises `UnknownAction` for a
    name that a held service does not have and no action lists.

    >>> "connect:CreateInstance" in required_by("iam:CreateServiceLinkedRole")
    True
    """
    return shared_catalog().required_by(action)


def action(name: str) -> Action:
    """Everything that the catalog knows of one action, its source included.

    Of a removed action these are the facts of the last source that documented it. Raises
    `UnknownAction` with the nearest names, or `MalformedActionName`.

    >>> action("connect:stopcontact").resource_types
    ('connect:contact',)
    """
    return shared_catalog().action(name)


def actions(
    *,
    service_prefix: str | None = None,
    access_level: str | None = None,
    resource_type: str | None = None,
    condition_key: str | None = None,
) -> list[ActionSummary]:
    """The actions that fit every filter, sorted by name; all of them without a filter.

    *access_level* means the primary level, without case. *resource_type* is `instance` or
    `connect:instance`. *condition_key* fits where a row of the action, or a resource type that it
    takes, has the key. An unknown word is an error: `UnknownServicePrefix`, `UnknownAccessLevel`,
    `UnknownResourceType` or `UnknownConditionKey`.

    >>> [found.action for found in actions(service_prefix="connect", access_level="list")]
    ['connect:ListInstances']
    """
    return shared_catalog().actions(
        service_prefix=service_prefix,
        access_level=access_level,
        resource_type=resource_type,
        condition_key=condition_key,
    )


def services() -> list[Service]:
    """Every service that the catalog holds, by prefix.

    >>> [found.service_prefix for found in services()]
    ['connect', 'ssmmessages']
    """
    return shared_catalog().services()


def service(service_prefix: str) -> Service:
    """One service with its sources and what they state; raises `UnknownServicePrefix`.

    Of a removed service these are the facts of the last sources that documented it. Here and
    wherever a service is named, its names, page slugs, SDK clients and nicknames will do as well;
    case, blanks, hyphens and a first *Amazon* or *AWS* do not count.

    >>> service("connect").name, service("Amazon Connect Service").service_prefix
    ('Amazon Connect', 'connect')
    """
    return shared_catalog().service(service_prefix)


def resource_types(service_prefix: str | None = None) -> list[ResourceType]:
    """The resource types of a service, or of all, sorted; raises `UnknownServicePrefix`.

    >>> [found.name for found in resource_types("connect")]
    ['contact', 'instance', 'queue']
    """
    return shared_catalog().resource_types(service_prefix)


def resource_type(name: str) -> ResourceType:
    """One resource type; `instance` will do where only one service has it.

    Of a removed one these are the facts of the last source that documented it. Raises
    `UnknownResourceType`, also for a name that several services have: its suggestions are their
    full names.

    >>> resource_type("connect:instance").arn_formats
    ('arn:${Partition}:connect::${Account}:instance/${InstanceId}',)
    """
    return shared_catalog().resource_type(name)


def condition_keys(service_prefix: str | None = None) -> list[ConditionKey]:
    """What the sources of a service, or all of them, define as condition keys, sorted by key.

    One record for each definition. Raises `UnknownServicePrefix`.

    >>> condition_keys("connect")
    []
    """
    return shared_catalog().condition_keys(service_prefix)


def search(text: str, *, limit: int = 100) -> list[SearchResult]:
    """Services, actions, resource types and condition keys that have every word of *text*.

    Words may be cut short, and are found in the parts of a name too. Best first within a kind, at
    most *limit* of each; a text without a letter or digit finds nothing.

    >>> [found.name for found in search("stop contact")][:1]
    ['connect:StopContact']
    """
    return shared_catalog().search(text, limit=limit)


def operation(name: str) -> Operation:
    """One API operation with the actions that it needs: `prefix:Name`, or a `Name` of one service.

    With an SDK client as the prefix only that client's operation is meant, where a service has
    several. Where no page names an action for it, `likely` is true and the actions are the
    likeliest ones. Raises `UnknownOperation`.

    >>> found = operation("connect:StopContact")
    >>> found.actions, found.likely
    (('connect:StopContact',), True)
    """
    return shared_catalog().operation(name)


def actions_of_operation(name: str) -> list[str]:
    """The actions that an API operation needs, in AWS's order, or the likeliest ones.

    `Operation.likely` tells which. Raises `UnknownOperation`, also where no action is known.

    >>> actions_of_operation("connect:StopContact")
    ['connect:StopContact']
    """
    return shared_catalog().actions_of_operation(name)


def operations_of_action(action: str) -> list[str]:
    """The API operations that need *action*, as `prefix:Name`, sorted.

    Raises `UnknownAction` or `MalformedActionName`.

    >>> operations_of_action("connect:StopContact")
    []
    """
    return shared_catalog().operations_of_action(action)


def operations_documented_on(action: str) -> str | None:
    """As of which date `operations_of_action` answers: only AWS's pages since 2026 and JSON do.

    None where no source of the action's service did: then they are unknown, not none. Raises
    `UnknownAction` or `MalformedActionName`.

    >>> operations_documented_on("connect:StopContact") is None
    True
    """
    return shared_catalog().operations_documented_on(action)


def changes(
    *,
    since: str | None = None,
    service_prefix: str | None = None,
    descriptions: bool = False,
) -> list[Change]:
    """What collections of *since* and later brought, by date; of one service, or of all.

    Changes of descriptions alone come only with *descriptions*. Raises `MalformedDate` or
    `UnknownServicePrefix`.

    >>> changes(since="2019-08-12")
    []
    """
    return shared_catalog().changes(
        since=since, service_prefix=service_prefix, descriptions=descriptions
    )


def disagreements(service_prefix: str | None = None) -> list[Disagreement]:
    """What sources of the same time say differently: every statement of it, by subject and field.

    Raises `UnknownServicePrefix`.

    >>> disagreements()
    []
    """
    return shared_catalog().disagreements(service_prefix)
