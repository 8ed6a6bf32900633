"""Find names of actions that no source of the catalog documents."""

from __future__ import annotations

from collections.abc import Iterator

from iam_catalog.policy.check.action_items import ActionRule, UndocumentedAction
from iam_catalog.policy.check.findings import EXAMPLES, as_of, listed, quoted
from iam_catalog.policy.check.rule import GUIDE, TABLES, Note
from iam_catalog.policy.held_service import HeldService


def _complete_service(item: UndocumentedAction) -> HeldService | None:
    """Return the item's service, if the catalog has all its actions and had never this one."""
    service = item.service
    if service is None or not service.actions_known or item.removed is not None:
        return None
    return service


class ServiceNameAsPrefix(ActionRule):
    """What stands before the colon is another name of a service, not its prefix."""

    code = "service-name-as-prefix"
    replaces = "value"
    severity = "warning"
    reference = "IAM User Guide, IAM JSON policy elements: Action"
    source = f"{GUIDE}/reference_policies_elements_action.html"
    read_on = "2026-11-29"

    def notes(self, item: UndocumentedAction) -> Iterator[Note]:
        if item.removed is not None or not item.other_names:
            return
        prefix, _, name = item.text.partition(":")
        said = f"{quoted(prefix)} is another name of a service whose prefix is "
        said += f"{' or '.join(item.other_names)}."
        better = " or ".join(f"{other}:{name}" for other in item.other_names[:EXAMPLES])
        yield self.note(said, suggestion=better)


class UnknownActionName(ActionRule):
    """The catalog holds the service, and no source of it documents the action."""

    code = "unknown-action"
    replaces = "value"
    severity = "warning"
    reference = (
        "Service Authorization Reference, Actions, resources, and condition keys for AWS "
        "services, The actions table"
    )
    source = f"{TABLES}#actions_table"
    read_on = "2026-11-29"

    suggests = True

    def notes(self, item: UndocumentedAction) -> Iterator[Note]:
        service, operation = _complete_service(item), item.operation
        if service is None or item.is_pattern or (operation and operation.actions):
            return
        said = f"No action {quoted(item.text)} in the catalog{as_of(service.date)}"
        if operation is None:
            said += "."
        else:
            from iam_catalog.words import operation_words

            said += f"; {operation_words(operation)}."
        yield self.note(said, service.table("actions", "action"))


class RemovedAction(ActionRule):
    """Newer sources of the service no longer document the action."""

    code = "removed-action"
    severity = "warning"
    reference = (
        "Service Authorization Reference, Actions, resources, and condition keys for AWS "
        "services, The actions table"
    )
    source = f"{TABLES}#actions_table"
    read_on = "2026-11-29"

    def notes(self, item: UndocumentedAction) -> Iterator[Note]:
        if item.removed is not None:
            action, gone, evidence = item.removed
            yield self.note(f"{quoted(action)} was {gone}.", (evidence,))


class OperationAsAction(ActionRule):
    """The name is that of an API operation, which other actions authorize."""

    code = "operation-as-action"
    replaces = "value"
    severity = "warning"
    reference = (
        "Service Authorization Reference, Actions, resources, and condition keys for AWS "
        "services, The operations table"
    )
    source = TABLES
    read_on = "2026-11-29"

    def notes(self, item: UndocumentedAction) -> Iterator[Note]:
        service, operation = _complete_service(item), item.operation
        if service is None or operation is None or not operation.actions:
            return
        needed = operation.actions
        does = f"{listed(needed)} authorize{'s' if len(needed) == 1 else ''} it"
        if operation.likely:
            source = f" ({operation.likely_source})" if operation.likely_source else ""
            does = f"{does}, most likely{source}"
        said = f"{quoted(item.text)} is an API operation, and no action{as_of(service.date)}: "
        yield self.note(f"{said}{does}.", service.table("actions", "action"), " and ".join(needed))


class PatternMatchesNothing(ActionRule):
    """No documented action of the service matches the pattern."""

    code = "pattern-matches-nothing"
    severity = "warning"
    reference = "IAM User Guide, IAM JSON policy elements: Action"
    source = f"{GUIDE}/reference_policies_elements_action.html"
    read_on = "2026-11-29"

    def notes(self, item: UndocumentedAction) -> Iterator[Note]:
        service = _complete_service(item)
        if service is not None and item.is_pattern:
            said = f"{quoted(item.text)} matches no action of {service.prefix!r} in the catalog"
            yield self.note(f"{said}{as_of(service.date)}.", service.table("actions", "action"))
