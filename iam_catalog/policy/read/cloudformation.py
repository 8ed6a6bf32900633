"""Read the policies of CloudFormation and SAM templates.

Text of which only a deployment knows parts becomes `Unresolved`: `${Bucket}` for a `Ref`,
`${Role.Arn}` for an attribute. Of `Fn::Sub` the literal text is known, and of `Fn::Join` its parts
(CloudFormation User Guide, "Intrinsic function reference"). Where `Fn::If` chooses, each choice
makes a policy of its own, so that a branch that AWS refuses is seen in every element.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice, product
from typing import Any

from iam_catalog.arn.pattern import opening
from iam_catalog.policy.model import (
    Kind,
    Path,
    PolicyDocument,
    Unresolved,
    open_part,
    with_types,
)
from iam_catalog.policy.read.json_text import RepeatedNames
from iam_catalog.policy.read.kinds import (
    NEWEST,
    ORGANIZATION_POLICIES,
    STATEMENT,
    is_function,
    kind_in_place,
)
from iam_catalog.policy.read.source import Found, SourceText, path_text, policies_within

_POLICY_NAMES = frozenset(
    {
        "AccessPolicies",
        "AssumeRolePolicyDocument",
        "FileSystemPolicy",
        "KeyPolicy",
        "PolicyDocument",
        "RepositoryPolicyText",
        "ResourcePolicy",
        "x-amazon-apigateway-policy",
    }
)
"""Properties that hold nothing but policies, so that a misspelt one is found, too."""

_SERVERLESS = "AWS::Serverless::"
_SERVERLESS_NAMES = _POLICY_NAMES - {"ResourcePolicy"}
"""SAM makes a policy of the rules in the `ResourcePolicy` of an API, which is none itself."""

_INCLUDING_TYPES = ("AWS::IAM::",)
_INCLUDING_ENDS = ("BucketPolicy", "QueuePolicy", "ResourcePolicy", "TopicPolicy")
"""Types of resources whose included properties are sure to have a policy."""

_TRANSFORM = "Fn::Transform"
_ORGANIZATIONS = "AWS::Organizations::Policy"
_FOR_EACH = "Fn::ForEach::"
_DYNAMIC = "{{resolve:"
_REFERENCE = re.compile(r"(\{\{resolve:[^{}]*\}\})")

_MAX_TEXT = 100_000
"""Functions can put together texts far longer than any policy may be."""

_ALL_CHOICES = 4
"""Up to so many conditions, every combination of them is looked at."""

_MAX_CONDITIONS = 30
"""Of more conditions only the extremes are looked at: every condition holds, or none does."""

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_NO_VALUE = {"Ref": "AWS::NoValue"}


def is_template(value: object) -> bool:
    """Return True for a template: an object with resources that have types."""
    resources = value.get("Resources") if isinstance(value, dict) else None
    return isinstance(resources, dict) and any(
        isinstance(each, dict) and isinstance(each.get("Type"), str)
        for _, _, each in _resources(resources, ())
    )


def template_policies(template: object, source: SourceText) -> Iterator[PolicyDocument]:
    """Yield the policies of a template, each under its logical id and property."""
    held = template if isinstance(template, dict) else {}
    conditions = held.get("Conditions")
    resources = held.get("Resources")
    if isinstance(resources, dict):
        known = conditions if isinstance(conditions, dict) else {}
        found = list(_resources(resources, ("Resources",)))
        types = {name: str(each.get("Type")) for _, name, each in found if isinstance(each, dict)}
        for path, logical_id, resource in found:
            for each in _resource_policies(path, logical_id, resource, source, known):
                choices = tuple([with_types(choice, types) for choice in each.alternatives])
                yield replace(each, value=with_types(each.value, types), alternatives=choices)


def _resources(held: dict[str, object], path: Path) -> Iterator[tuple[Path, str, object]]:
    """Yield the resources, also those that `Fn::ForEach` makes several of."""
    for name, resource in held.items():
        is_loop = name.startswith(_FOR_EACH) and isinstance(resource, list) and len(resource) == 3
        body = resource[2] if is_loop and isinstance(resource, list) else None
        if isinstance(body, dict):
            yield from _resources(body, (*path, name, 2))
        else:
            yield (*path, name), name, resource


def _resource_policies(
    path: Path,
    logical_id: str,
    resource: object,
    source: SourceText,
    conditions: dict[str, object],
) -> Iterator[PolicyDocument]:
    """Yield the policies of one resource, in whichever of its properties they are."""
    held = resource if isinstance(resource, dict) else {}
    resource_type = str(held.get("Type"))
    for each in _found(held, resource_type, source.file):
        kind, is_held = _kind_of(held, each)
        if not is_held or (isinstance(each.value, (str, list)) and "::" not in resource_type):
            continue
        inner = each.path[1:] if each.path[:1] == ("Properties",) else each.path
        value = _text_of_sub(each.value) if "Fn::Sub" in inner else each.value
        if not inner:
            value = _whole_policy(value)
        yield source.document(
            _resolved_policy(value),
            (*path, *each.path),
            path_text((logical_id, *inner)),
            kind,
            place=resource_type,
            leading_blank=each.leading_blank,
            alternatives=alternatives(value, held.get("Condition"), conditions),
        )


def _found(resource: dict[str, object], resource_type: str, file: str) -> list[Found]:
    """Return the policies of a resource, with those that are included from elsewhere."""
    names = _SERVERLESS_NAMES if resource_type.startswith(_SERVERLESS) else _POLICY_NAMES
    includes = resource_type.startswith(_INCLUDING_TYPES) or resource_type.endswith(_INCLUDING_ENDS)
    if includes:
        names |= {_TRANSFORM}
    found = policies_within(resource, file, names)
    properties: Path = ("Properties", _TRANSFORM)
    if len(found) > 1:  # beside a policy, what is included can be anything
        found = [each for each in found if each.path != properties]
    return [
        Found(each.path[:-1], {_TRANSFORM: None}) if each.path[-1:] == (_TRANSFORM,) else each
        for each in found
    ]


def _whole_policy(properties: object) -> object:
    """Return the policy of a resource whose properties are a statement and what it is for.

    So `AWS::Events::EventBusPolicy`: its service adds the version.
    """
    if isinstance(properties, dict) and is_function(properties):
        return properties
    statement = properties.get(STATEMENT) if isinstance(properties, dict) else None
    return {"Version": NEWEST, STATEMENT: statement}


def _resolved_policy(value: object) -> object:
    """Resolve a policy; a text that a deployment replaces is unknown as a whole."""
    if isinstance(value, str) and value.startswith(_DYNAMIC):
        return open_part(value)
    return resolve(value)


def _kind_of(resource: dict[str, object], found: Found) -> tuple[Kind | None, bool]:
    """Return the kind of a policy by its resource, and whether it has the grammar of IAM."""
    resource_type = resource.get("Type")
    if resource_type != _ORGANIZATIONS:
        return kind_in_place(str(resource_type), found.name), True
    properties = resource.get("Properties")
    policy_type = properties.get("Type") if isinstance(properties, dict) else None
    kind = ORGANIZATION_POLICIES.get(str(policy_type))
    return kind, kind is not None or not isinstance(policy_type, str)


def alternatives(
    value: object, certain: object = None, conditions: Mapping[str, object] | None = None
) -> tuple[object, ...]:
    """Return the different values that a policy can have where `Fn::If` chooses parts of it.

    *certain* names a condition that holds wherever the policy exists, and *conditions* has their
    definitions, so that nothing is combined that never comes together. Up to four conditions are
    combined in every way; of more, both extremes are looked at, and each of these with every single
    condition turned.
    """
    every = _conditions_in(value)
    if not every:
        return ()
    found: list[object] = []
    known = conditions or {}
    for choices in _choices([each for each in every if each != certain]):
        if isinstance(certain, str):
            choices[certain] = True
        if not _can_be(choices, known):
            continue
        chosen = resolve(_chosen(value, choices))
        if chosen not in found:
            found.append(chosen)
    return tuple(found)


def _can_be(choices: Mapping[str, bool], conditions: Mapping[str, object]) -> bool:
    """Return False for choices that the definitions of the conditions rule out."""
    equal: dict[str, object] = {}
    defined = ((name, choice) for name, choice in choices.items() if name in conditions)
    looked_at = dict(islice(defined, _MAX_CONDITIONS))
    for name, choice in looked_at.items():
        definition = conditions[name]
        others = {each: held for each, held in looked_at.items() if each != name}
        if _truth(definition, others, conditions) not in (None, choice):
            return False
        pair: Any = definition.get("Fn::Equals") if isinstance(definition, dict) else None
        is_known = isinstance(pair, list) and len(pair) == 2 and isinstance(pair[1], str)
        if choice and is_known and equal.setdefault(repr(pair[0]), pair[1]) != pair[1]:
            return False  # one parameter cannot equal two texts
    return True


def _truth(
    definition: object, choices: Mapping[str, bool], conditions: Mapping[str, object]
) -> bool | None:
    """Return what a condition is by what the others are; None where they do not tell."""
    if not isinstance(definition, dict) or len(definition) != 1:
        return None
    name, argument = next(iter(definition.items()))
    if name == "Condition":
        return choices.get(str(argument))
    if name in ("Fn::Not", "Fn::And", "Fn::Or") and isinstance(argument, list):
        parts = [_truth(each, choices, conditions) for each in argument]
        if name == "Fn::Not":
            return None if None in parts else not all(parts)
        decisive: bool = name == "Fn::Or"
        if decisive in parts:
            return decisive
        return None if None in parts else not decisive
    same = (each for each in choices if conditions.get(each) == definition)
    return next((choices[each] for each in same), None)


def _conditions_in(value: object) -> list[str]:
    """List the conditions that a value depends on, in the order of the text."""
    names: dict[str, None] = {}
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            argument = each.get("Fn::If")
            if isinstance(argument, list) and len(argument) == 3 and isinstance(argument[0], str):
                names[argument[0]] = None
            waiting += reversed(each.values())
        elif isinstance(each, list):
            waiting += reversed(each)
    return list(names)


def _choices(names: list[str]) -> Iterator[dict[str, bool]]:
    """Yield which of the conditions hold: every way, or the extremes and their neighbours."""
    if len(names) <= _ALL_CHOICES:
        for values in product((True, False), repeat=len(names)):
            yield dict(zip(names, values, strict=True))
        return
    for every in (True, False):
        extreme = dict.fromkeys(names, every)
        yield dict(extreme)
        for name in names if len(names) <= _MAX_CONDITIONS else ():
            yield {**extreme, name: not every}


def _chosen(value: object, choices: Mapping[str, bool]) -> object:
    """Return a value with the branches that are chosen in the place of each `Fn::If`."""
    if isinstance(value, list):
        return [_chosen(each, choices) for each in value]
    if not isinstance(value, dict):
        return value
    argument = value.get("Fn::If") if len(value) == 1 else None
    if isinstance(argument, list) and len(argument) == 3 and argument[0] in choices:
        return _chosen(argument[1 if choices[argument[0]] else 2], choices)
    return with_members(value, {name: _chosen(part, choices) for name, part in value.items()})


def may_have_functions(text: str) -> bool:
    """Return False where no function of CloudFormation can be in the value of a text of JSON.

    Most policies have none, and this is faster than to look at each of their objects. An empty text
    is that of a value of which nothing is known, and an escape can be in the name of a function.
    """
    return not text or "\\" in text or "Fn::" in text or '"Ref"' in text


def has_functions(value: object) -> bool:
    """Return True if anything in a value is a function of CloudFormation."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            if is_function(each):
                return True
            waiting += [part for part in each.values() if isinstance(part, (dict, list))]
        elif isinstance(each, list):
            waiting += [part for part in each if isinstance(part, (dict, list))]
    return False


def resolve(value: object) -> object:
    """Return the value with its functions worked out as far as the template tells.

    A member or an item that is `AWS::NoValue` is left out, as CloudFormation does.
    """
    if isinstance(value, list):
        return [resolve(each) for each in value if each != _NO_VALUE]
    if isinstance(value, str):
        return _with_references(value) if _DYNAMIC in value else value
    if not isinstance(value, dict):
        return value
    if is_function(value):
        name = "Fn::Transform" if "Fn::Transform" in value else next(iter(value))
        return _function_value(name, value[name])
    members = {name: resolve(each) for name, each in value.items() if each != _NO_VALUE}
    return with_members(value, members)


def _with_references(text: str) -> str:
    """Return a text in which dynamic references are open, and shown as they are written.

    CloudFormation User Guide, "Get values stored in other services using dynamic references".
    """
    pieces = _REFERENCE.split(text)
    pieces[1::2] = [Unresolved(each, opening(each)) for each in pieces[1::2]]
    return Unresolved.joined(pieces)


def with_members(value: dict[str, object], members: dict[str, object]) -> dict[str, object]:
    """Return an object of other members that still knows the names that it repeats."""
    if not isinstance(value, RepeatedNames):
        return members
    kept = RepeatedNames(members)
    kept.repeated = value.repeated
    return kept


def _function_value(name: str, argument: object) -> object:
    """Return the value of a function; `Unresolved` text where only a deployment can tell."""
    if name == "Ref":
        return open_part(_plain(argument) or name)
    if name == "Fn::GetAtt":
        parts = argument if isinstance(argument, list) else [argument]
        return open_part(".".join(_plain(part) or "?" for part in parts))
    if name == "Fn::Sub":
        return _substituted(argument)
    if name == "Fn::Join":
        return _joined(argument)
    if name == "Fn::If":
        return _branch(argument)
    if name == "Fn::ToJsonString":
        return resolve(argument)
    return open_part(name, f"{name} {argument!r}")


def _plain(value: object) -> str:
    return value if isinstance(value, str) else ""


def _substituted(argument: object) -> str:
    """Return the text of `Fn::Sub`, with the values of its own map where these are known."""
    text: object = argument
    values: dict[str, object] = {}
    if isinstance(argument, list) and len(argument) == 2 and isinstance(argument[1], dict):
        text = argument[0]
        values = {name: resolve(value) for name, value in argument[1].items()}
    if not isinstance(text, str):
        return Unresolved("${Fn::Sub}")
    pieces = _VARIABLE.split(text)
    pieces[1::2] = [_variable_text(name, values) for name in pieces[1::2]]
    pieces[::2] = [_with_references(each) if _DYNAMIC in each else each for each in pieces[::2]]
    return _known_text("", pieces, "Fn::Sub")


def _variable_text(name: str, values: dict[str, object]) -> str:
    """Return the text for `${name}`; that for `${!name}` is `${name}`, which is left as it is."""
    value = values.get(name)
    if isinstance(value, str):
        return value
    return f"${{{name.removeprefix('!')}}}" if name.startswith("!") else open_part(name)


def _joined(argument: object) -> str:
    """Return the text of `Fn::Join` as far as it is known, with placeholders for the rest."""
    if not (isinstance(argument, list) and len(argument) == 2 and isinstance(argument[1], list)):
        return open_part("Fn::Join", f"Fn::Join {argument!r}")
    parts = [resolve(part) for part in argument[1]]
    texts = [
        part if isinstance(part, str) else open_part("Fn::Join", f"Fn::Join {part!r}")
        for part in parts
    ]
    return _known_text(_plain(argument[0]), texts, "Fn::Join")


def _known_text(delimiter: str, parts: list[str], name: str) -> str:
    """Join the parts; a text so long that only an attack makes it is unknown as a whole."""
    if sum(map(len, parts)) + len(delimiter) * len(parts) > _MAX_TEXT:
        return open_part(name)
    if any(isinstance(part, Unresolved) for part in parts):
        return Unresolved.joined(parts, delimiter)
    return delimiter.join(parts)


def _branch(argument: object) -> object:
    """Return the branch of `Fn::If` whose alternative is nothing; otherwise neither is known."""
    if isinstance(argument, list) and len(argument) == 3:
        branches = [each for each in argument[1:] if each != _NO_VALUE]
        if len(branches) == 1:
            return resolve(branches[0])
    return open_part("Fn::If", f"Fn::If {argument!r}")


def _text_of_sub(value: object) -> object:
    """Return a policy that was JSON inside `Fn::Sub` with each of its texts in `Fn::Sub`."""
    if isinstance(value, list):
        return [_text_of_sub(each) for each in value]
    if isinstance(value, dict):
        return with_members(value, {name: _text_of_sub(part) for name, part in value.items()})
    return {"Fn::Sub": value} if isinstance(value, str) else value
