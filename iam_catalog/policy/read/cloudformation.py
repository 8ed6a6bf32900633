"""CloudFormation templates -> the policies of their resources.

What only a deployment knows stands as `Unresolved` text: `${Bucket}` for a `Ref`, `${Role.Arn}`
for an attribute. Of `Fn::Sub` the literal text is kept, and of `Fn::Join` what its parts tell
(CloudFormation User Guide, "Intrinsic function reference").
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from iam_catalog.policy.model import Kind, PolicyDocument, Unresolved
from iam_catalog.policy.read.json_text import RepeatedNames
from iam_catalog.policy.read.kinds import ORGANIZATION_POLICIES, kind_in_place
from iam_catalog.policy.read.source import (
    STATEMENT,
    Found,
    Source,
    dotted,
    is_function,
    policies_within,
)

POLICY_NAMES = frozenset(
    {
        "AccessPolicies",
        "AssumeRolePolicyDocument",
        "FileSystemPolicy",
        "KeyPolicy",
        "PolicyDocument",
        "RepositoryPolicyText",
        "ResourcePolicy",
    }
)
"""The properties that hold nothing but policies, so that a misspelt one is one, too."""

SERVERLESS = "AWS::Serverless::"
"""The `ResourcePolicy` of an API in SAM is a list of rules that it makes a policy of."""

ORGANIZATIONS = "AWS::Organizations::Policy"
MAX_TEXT = 100_000
"""What functions put together: far longer than any policy may be."""

VARIABLE = re.compile(r"\$\{([^{}]*)\}")
NO_VALUE = {"Ref": "AWS::NoValue"}


def is_template(value: object) -> bool:
    """Whether a value is a template: an object with resources that have types."""
    resources = value.get("Resources") if isinstance(value, dict) else None
    return isinstance(resources, dict) and any(
        isinstance(each, dict) and isinstance(each.get("Type"), str) for each in resources.values()
    )


def template_policies(template: dict[str, object], source: Source) -> Iterator[PolicyDocument]:
    """The policies of a template, each under its logical id and property."""
    resources = template["Resources"]
    for logical_id, resource in resources.items() if isinstance(resources, dict) else ():
        yield from resource_policies(logical_id, resource, source)


def resource_policies(
    logical_id: str, resource: object, source: Source
) -> Iterator[PolicyDocument]:
    """The policies of one resource, in whichever of its properties they are."""
    held = resource if isinstance(resource, dict) else {}
    names = frozenset() if str(held.get("Type")).startswith(SERVERLESS) else POLICY_NAMES
    for found in policies_within(resource, source.file, names):
        kind, is_held = kind_of(held, found)
        if is_held:
            inner = found.path[1:] if found.path[:1] == ("Properties",) else found.path
            title = dotted((logical_id, *inner))
            value = literal_text(found.value) if "Fn::Sub" in inner else resolve(found.value)
            if not inner:
                value = whole_policy(value)
            yield source.document(value, ("Resources", logical_id, *found.path), title, kind)


def whole_policy(properties: object) -> object:
    """The policy of a resource whose properties are a statement and what it is for.

    So `AWS::Events::EventBusPolicy`: its service adds the version.
    """
    statement = properties.get(STATEMENT) if isinstance(properties, dict) else None
    return {"Version": "2012-10-17", STATEMENT: statement}


def kind_of(resource: dict[str, object], found: Found) -> tuple[Kind | None, bool]:
    """The kind of a policy by its resource, and whether it has the grammar of IAM."""
    resource_type = resource.get("Type")
    if resource_type != ORGANIZATIONS:
        return kind_in_place(str(resource_type), found.name), True
    properties = resource.get("Properties")
    policy_type = properties.get("Type") if isinstance(properties, dict) else None
    kind = ORGANIZATION_POLICIES.get(str(policy_type))
    return kind, kind is not None or not isinstance(policy_type, str)


def resolve(value: object) -> object:
    """The value with its functions worked out as far as the template tells."""
    if isinstance(value, list):
        return [resolve(each) for each in value]
    if not isinstance(value, dict):
        return value
    if is_function(value):
        return function_value(*next(iter(value.items())))
    return with_members(value, {name: resolve(member) for name, member in value.items()})


def with_members(value: dict[str, object], members: dict[str, object]) -> dict[str, object]:
    """An object with other members: the names that it repeats stay known."""
    if not isinstance(value, RepeatedNames):
        return members
    kept = RepeatedNames(members)
    kept.repeated = value.repeated
    return kept


def function_value(name: str, argument: object) -> object:
    """What a function gives; `Unresolved` text where only a deployment can tell."""
    if name == "Ref":
        return Unresolved(f"${{{plain(argument) or name}}}")
    if name == "Fn::GetAtt":
        parts = argument if isinstance(argument, list) else [argument]
        return Unresolved(f"${{{'.'.join(plain(part) or '?' for part in parts)}}}")
    if name == "Fn::Sub":
        return substituted(argument)
    if name == "Fn::Join":
        return joined(argument)
    if name == "Fn::If":
        return branch(argument)
    if name == "Fn::ToJsonString":
        return resolve(argument)
    return Unresolved(f"${{{name}}}")


def plain(value: object) -> str:
    return value if isinstance(value, str) else ""


def substituted(argument: object) -> str:
    """The text of `Fn::Sub`, with the values of its own map where these are known."""
    text: object = argument
    values: dict[str, object] = {}
    if isinstance(argument, list) and len(argument) == 2 and isinstance(argument[1], dict):
        text = argument[0]
        values = {name: resolve(value) for name, value in argument[1].items()}
    if not isinstance(text, str):
        return Unresolved("${Fn::Sub}")
    pieces = VARIABLE.split(text)
    names, held = pieces[1::2], [variable_text(name, values) for name in pieces[1::2]]
    unknown = any(
        isinstance(values.get(name), Unresolved) or not isinstance(values.get(name), str)
        for name in names
        if not name.startswith("!")
    )
    pieces[1::2] = held
    return known_text("", pieces, unknown, "Fn::Sub")


def variable_text(name: str, values: dict[str, object]) -> str:
    """What stands for `${name}`; `${!name}` stands for the text `${name}`."""
    value = values.get(name)
    return value if isinstance(value, str) else f"${{{name.removeprefix('!')}}}"


def joined(argument: object) -> str:
    """The text of `Fn::Join`: as far as it is known, with what is unknown in its place."""
    if not (isinstance(argument, list) and len(argument) == 2 and isinstance(argument[1], list)):
        return Unresolved("${Fn::Join}")
    parts = [resolve(part) for part in argument[1]]
    texts = [part if isinstance(part, str) else "${Fn::Join}" for part in parts]
    unknown = any(isinstance(part, Unresolved) or not isinstance(part, str) for part in parts)
    return known_text(plain(argument[0]), texts, unknown, "Fn::Join")


def known_text(delimiter: str, parts: list[str], unknown: bool, name: str) -> str:
    """The parts in a row: unknown as a whole where only an attack makes them so long."""
    if sum(map(len, parts)) + len(delimiter) * len(parts) > MAX_TEXT:
        return Unresolved(f"${{{name}}}")
    text = delimiter.join(parts)
    return Unresolved(text) if unknown else text


def branch(argument: object) -> object:
    """The branch of `Fn::If` whose alternative is nothing; otherwise nobody knows which."""
    if isinstance(argument, list) and len(argument) == 3:
        given = [each for each in argument[1:] if each != NO_VALUE]
        if len(given) == 1:
            return resolve(given[0])
    return Unresolved("${Fn::If}")


def literal_text(value: object) -> object:
    """A policy that was JSON inside `Fn::Sub`: its texts hold the variables."""
    if isinstance(value, list):
        return [literal_text(each) for each in value]
    if isinstance(value, dict):
        return with_members(value, {name: literal_text(part) for name, part in value.items()})
    return substituted(value) if isinstance(value, str) else value
