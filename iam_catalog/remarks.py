"""Write what is to be said beside an answer: that it is removed, incomplete or not known.

The command line prints these remarks, and assistants get them with each answer.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iam_catalog.catalog import Catalog
    from iam_catalog.records import Action, KeyWithUses, Operation, ResourceType, Service

    Found = Action | KeyWithUses | Operation | ResourceType | Service


def on_record(record: Found) -> Iterator[str]:
    """Yield remarks on one record, such as that it is removed or may lack facts."""
    from iam_catalog import records
    from iam_catalog.records import KeyWithUses
    from iam_catalog.words import incomplete_words, removal_words

    if isinstance(record, records.Operation):
        return
    if record.removed:
        words = removal_words(record.removed, record.removed_by, record.last_seen)
        yield f"{words[0].upper()}{words[1:]}."
    if isinstance(record, KeyWithUses) and record.is_global and not record.actions:
        yield "One of AWS's global condition keys: requests have it whatever the action."
    if isinstance(record, (records.Action, records.ResourceType)) and record.incomplete:
        kind = "action" if isinstance(record, records.Action) else "resource type"
        words = incomplete_words(kind, record.service_prefix)
        yield f"{words[0].upper()}{words[1:]}."


def on_dependents(record: Action, *, listed: bool) -> str:
    """Write as of which date the dependent actions of *record* are known, and by whose word.

    *listed* says whether any are shown below: the remark then ends with a colon.
    """
    if record.dependents_state == "not in source":
        return "No source that is held has a place for dependent actions: they are not known."
    date = record.dependents_documented_on
    dated = f"as documented on {date}" if date else "as documented in a source without a date"
    lacking = ""
    if record.incomplete:
        from iam_catalog.words import several_pages

        lacking = f" Some may be missing: {several_pages(record.service_prefix)}."
    if not listed:
        return f"None, {dated}.{lacking}"
    sources = dict.fromkeys(each.dataset for each in record.dependents if each.dataset)
    by = f" by the public dataset {' and '.join(sources)}" if sources else ""
    return f"{dated.capitalize()}{by}{'.' if lacking else ':'}{lacking}"


def on_operations(date: str | None, names: list[str]) -> str:
    """Write as of which date the operations *names* of an action are known."""
    if date is not None:
        return f"As documented on {date}:" if names else f"None, as documented on {date}."
    lacking = "No source of the service that is held maps operations to actions"
    return f"{lacking}; those of other services:" if names else f"{lacking}: they are not known."


def on_patterns(catalog: Catalog, patterns: Iterable[str]) -> list[str]:
    """Write remarks on patterns that match nothing, or that no policy can have.

    Raises `UnknownServicePrefix` and `MalformedPattern`, as `Catalog.expand` does.
    """
    from iam_catalog.arn.pattern import has_wildcard
    from iam_catalog.policy.grammar.values import is_action

    texts = []
    for pattern in patterns:
        prefix, colon, _ = pattern.partition(":")
        if colon and has_wildcard(prefix) and not is_action(pattern):
            texts.append(f"{pattern!r}: a policy can have no wildcard in the service prefix.")
        if not catalog.expand(pattern):
            texts.append(f"{pattern!r} matches no action in the catalog{_reason(catalog, prefix)}.")
    return texts


def _reason(catalog: Catalog, prefix: str) -> str:
    """Write why a pattern of a service may match nothing although AWS has such actions."""
    from iam_catalog.arn.pattern import has_wildcard

    if has_wildcard(prefix):
        return ""
    service = catalog.service(prefix)
    if "not in source" in {page.actions_state for page in service.pages}:
        return f": a source of {service.service_prefix} leaves its actions out"
    return ""


def on_arn(arn: str, *, known: bool) -> Iterator[str]:
    """Yield that AWS completes an ARN, and that no resource type is *known* of it."""
    from iam_catalog.arn.parts import Arn
    from iam_catalog.words import printable

    found = Arn(arn)
    if found.incomplete:
        completed = printable(found.completed)
        yield f"{printable(arn)!r} lacks parts: AWS reads it as {completed!r}."
    if not known:
        yield f"No resource type in the catalog has an ARN such as {printable(arn)!r}."
