"""Offer operators of conditions, condition keys, their values, and policy variables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from iam_catalog.facts.keys import GLOBAL_KEYS, placeholder, values_of_key
from iam_catalog.lsp.held import HeldCatalog
from iam_catalog.lsp.offers.grants import service_principals
from iam_catalog.lsp.offers.offer import AskedPlace, Offer, literal, tail
from iam_catalog.policy.grammar.conditions import (
    FAMILIES,
    IF_EXISTS,
    SET_OPERATORS,
    Operator,
    base_type,
    fits,
    is_multivalued,
    needs_set_operator,
    read_operator,
)

BOOLEANS = ("true", "false")


def operators(asked: AskedPlace) -> Iterator[Offer]:
    """Offer operators, and their forms once more than a name is typed."""
    for name in FAMILIES:
        yield _operator(asked, name, FAMILIES[name])
    for name in FAMILIES:
        if name != "Null":
            yield _operator(asked, f"{name}{IF_EXISTS}", f"{FAMILIES[name]}, if the key is there")
    for start in SET_OPERATORS:
        for name in FAMILIES:
            if name != "Null":
                yield _operator(asked, f"{start}:{name}", f"{FAMILIES[name]}, of several values")
                yield _operator(asked, f"{start}:{name}{IF_EXISTS}", "of several values, if any")


def _operator(asked: AskedPlace, name: str, detail: str) -> Offer:
    return Offer(name, "key", detail, tail=tail(asked.mode, "{$0}"))


def keys_for(held: HeldCatalog, actions: Iterable[str]) -> list[str]:
    """List the condition keys of actions and of the types that they take, the commonest first."""
    counts: dict[str, int] = {}
    for action in actions:
        service = held.facts.service(action.partition(":")[0])
        if service is None:
            continue
        name = action.lower()
        keys = set(service.keys.get(name, ()))
        for resource_type in service.types.get(name, ()):
            keys |= service.type_keys.get(resource_type, frozenset())
        for key in keys:
            counts[key] = counts.get(key, 0) + 1
    spelled = held.facts.keys.by_name
    ordered = sorted(counts, key=lambda key: (key.startswith("aws:"), -counts[key], len(key), key))
    return [spelled[key] for key in ordered if key in spelled]


def keys(asked: AskedPlace) -> Iterator[Offer]:
    """Offer the keys of the statement's actions, then the global ones; those that fit first."""
    own = keys_for(asked.held, asked.actions())
    if not own and ":" in asked.typed:
        start = asked.typed.partition(":")[0].lower()
        own = [
            key
            for low, key in asked.facts.keys.by_name.items()
            if low.startswith(f"{start}:") and start != "aws"
        ]
    operator = read_operator(asked.place.operator)
    behind = tail(asked.mode, '"$0"')
    ranked = []
    for name in dict.fromkeys([*own, *GLOBAL_KEYS]):
        known = asked.facts.keys.named(name)
        types = known.types if known is not None else ()
        if known is not None and known.is_global and name not in own:
            detail = f"{' or '.join(types)} · global"
        else:
            detail = " or ".join(types)
        ranked.append((_misfit(operator, types), _key(name, detail, behind)))
    yield from (offer for _, offer in sorted(ranked, key=lambda pair: pair[0]))


def _misfit(operator: Operator | None, types: Sequence[str]) -> int:
    """Return 0 for an operator that fits a key, 1 if all but its set operator does, else 2."""
    if operator is None or not types:
        return 0
    if not any(fits(operator, each, ()) for each in types):
        return 2
    several = needs_set_operator(types)
    has_set = operator.set_operator is not None
    return int(operator.family != "Null" and several is not None and several is not has_set)


def _key(name: str, detail: str, behind: str) -> Offer:
    parts = placeholder(name)
    if parts is None:
        return Offer(name, "key", detail, tail=behind)
    start, end = parts
    shown = name[len(start) : len(name) - len(end)].strip("${}<>") or "name"
    insert = f"{literal(start)}${{1:{shown}}}{literal(end)}"
    matches = f"{start}{shown}{end}"
    return Offer(name, "key", detail, insert=insert, is_snippet=True, matches=matches, tail=behind)


def values(asked: AskedPlace) -> Iterator[Offer]:
    """Offer the values that AWS lists for a key, and those that its operator can compare."""
    operator = read_operator(asked.place.operator)
    known = asked.facts.keys.named(asked.place.key) if asked.place.key else None
    types = {base_type(each) for each in known.types} if known is not None else set()
    if "Bool" in types or (operator is not None and operator.family in ("Bool", "Null")):
        for value in BOOLEANS:
            yield Offer(value, "value")
        return
    for value in values_of_key(asked.held.connection, asked.place.key):
        yield Offer(value, "value", "set by an API operation")
    low = asked.place.key.lower()
    if low == "iam:passedtoservice" or low.endswith("servicename"):
        yield from service_principals(asked)


def types_text(types: Iterable[str]) -> str:
    """Write the types of a key, and whether requests have several values of it."""
    listed = list(types)
    several = any(map(is_multivalued, listed))
    return " or ".join(listed) + (" (several values)" if several else "")


def variables(asked: AskedPlace) -> Iterator[Offer]:
    """Offer the keys that a policy variable can be filled in from: those of a single value."""
    for name in dict.fromkeys([*GLOBAL_KEYS, *keys_for(asked.held, asked.actions())]):
        known = asked.facts.keys.named(name)
        types = known.types if known is not None else ()
        if needs_set_operator(types) is not True:
            detail = " or ".join(types)
            yield _key(name, detail, "")
