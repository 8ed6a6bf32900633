"""Find the policies of a value that was read, whatever wraps them.

The value is a policy, what `terraform show -json` prints, a template of CloudFormation, output of
the AWS CLI, or any other object or list that holds policies or lists of statements.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from iam_catalog.policy.model import PolicyDocument, Unresolved
from iam_catalog.policy.read.cloudformation import (
    alternatives,
    is_template,
    resolve,
    template_policies,
    with_members,
)
from iam_catalog.policy.read.kinds import (
    is_meant_as_policy,
    is_policy,
    kind_in_output,
    kind_in_place,
    place_in_output,
)
from iam_catalog.policy.read.source import BLANKS, Source, path_text, policies_within
from iam_catalog.policy.read.terraform import is_terraform, terraform_policies

_FUNCTIONS = ('"Fn::', '"Ref"')
_SERVERLESS_MEMBERS = {"service", "provider"}


def policies_in(
    value: object, source: Source, line: int | None = None, *, as_sent: bool = False
) -> Iterator[PolicyDocument]:
    """Yield the policies of a value; none if nothing in it is one.

    *line* is that of the value, where it is known already. *as_sent* says that the text of the
    source is what AWS gets, so that blanks before its brace count.
    """
    if is_terraform(value):
        yield from terraform_policies(value, source)
    elif is_template(value):
        yield from template_policies(value, source)
    elif isinstance(value, (dict, list)):
        if isinstance(value, dict) and _is_serverless(value):
            value = dict(value)
            if is_template(resources := value.pop("resources", None)):
                inner = replace(source, prefix=(*source.prefix, "resources"))
                yield from template_policies(resources, inner)
            value = _serverless_value(value)
        leading_blank = as_sent and source.text.startswith(BLANKS)
        yield from _other_policies(value, source, line, leading_blank)


def _other_policies(
    value: object, source: Source, line: int | None, leading_blank: bool
) -> Iterator[PolicyDocument]:
    """Yield the policy that a value is, else those anywhere in it, else what was meant as one."""
    if is_policy(value):
        yield _document(value, source, line, leading_blank)
        return
    found = policies_within(value, source.file)
    for each in found:
        resolved, choices = _with_functions(each.value, source)
        yield source.document(
            resolved,
            each.path,
            path_text(each.path) or None,
            kind_in_output(value, each.path) or kind_in_place("", each.name),
            place=place_in_output(each.path),
            leading_blank=each.leading_blank,
            alternatives=choices,
        )
    if not found and is_meant_as_policy(value):
        yield _document(value, source, line, leading_blank)


def _document(
    value: object, source: Source, line: int | None, leading_blank: bool
) -> PolicyDocument:
    """Return the policy that the whole value of a source is."""
    if line is None and source.syntax == "json" and not source.prefix:
        line = source.line + _leading_lines(source.text)
    resolved, choices = _with_functions(value, source)
    return source.document(resolved, line=line, leading_blank=leading_blank, alternatives=choices)


def _leading_lines(text: str) -> int:
    return text[: len(text) - len(text.lstrip())].count("\n")


def _with_functions(value: object, source: Source) -> tuple[object, tuple[object, ...]]:
    """Resolve functions of CloudFormation in a part of a template, in JSON as in YAML.

    Most texts have none, and are spared a walk through their values.
    """
    if source.syntax == "json" and not any(each in source.text for each in _FUNCTIONS):
        return value, ()
    return resolve(value), alternatives(value)


def _is_serverless(value: dict[str, object]) -> bool:
    """Return True for the configuration of the Serverless Framework (serverless.yml)."""
    return set(value) >= _SERVERLESS_MEMBERS and isinstance(value["provider"], dict)


def _serverless_value(value: object) -> object:
    """Return a configuration in which every text with `${…}` is unknown.

    The framework replaces all of them before AWS sees the text (Serverless Framework, "Variables").
    """
    if isinstance(value, list):
        return [_serverless_value(each) for each in value]
    if isinstance(value, dict):
        return with_members(value, {name: _serverless_value(each) for name, each in value.items()})
    return Unresolved(value) if isinstance(value, str) and "${" in value else value
