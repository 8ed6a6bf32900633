"""Find the policies of a value that was read, whatever wraps them.

The value is a policy, what `terraform show -json` prints, a template of CloudFormation, output of
the AWS CLI, or any other object or list that holds policies or lists of statements.

In a plan or a state of Terraform, policies are texts in attributes of resources (`policy`,
`assume_role_policy`, …), and the `json` of `aws_iam_policy_document` data sources. Each is titled
with its address, as Terraform writes it. A policy that is known only after the apply is
`Unresolved`: there is nothing in it to check, but it is reported (Terraform, "JSON Output Format":
planned values, resource changes, values representation).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from iam_catalog.policy.model import Kind, Path, PolicyDocument, Unresolved
from iam_catalog.policy.read.cloudformation import (
    alternatives,
    is_template,
    resolve,
    template_policies,
    with_members,
)
from iam_catalog.policy.read.kinds import (
    ORGANIZATION_POLICIES,
    is_meant_as_policy,
    is_policy,
    kind_in_output,
    kind_in_place,
    place_in_output,
)
from iam_catalog.policy.read.source import BLANKS, Found, SourceText, path_text, policies_within

_FUNCTIONS = ('"Fn::', '"Ref"')
_SERVERLESS_MEMBERS = {"service", "provider"}


def policies_in(
    value: object, source: SourceText, line: int | None = None, *, as_sent: bool = False
) -> Iterator[PolicyDocument]:
    """Yield the policies of a value; none if nothing in it is one.

    *line* is that of the value, where it is known already. *as_sent* says that the text of the
    source is what AWS gets, so that blanks before its brace count.
    """
    if _is_terraform(value):
        yield from _terraform_policies(value, source)
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
    value: object, source: SourceText, line: int | None, leading_blank: bool
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
    value: object, source: SourceText, line: int | None, leading_blank: bool
) -> PolicyDocument:
    """Return the policy that the whole value of a source is."""
    if line is None and source.syntax == "json" and not source.prefix:
        line = source.line + _leading_lines(source.text)
    resolved, choices = _with_functions(value, source)
    return source.document(resolved, line=line, leading_blank=leading_blank, alternatives=choices)


def _leading_lines(text: str) -> int:
    return text[: len(text) - len(text.lstrip())].count("\n")


def _with_functions(value: object, source: SourceText) -> tuple[object, tuple[object, ...]]:
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


_POLICY_NAME = re.compile(r"(?:.+_)?(?:policy|policies|policy_document|json)")
"""Matches attributes that can hold a policy; only used where their value is not known."""

_ORGANIZATIONS = "aws_organizations_policy"
_AFTER_APPLY = Unresolved("${known after apply}")


@dataclass(frozen=True, slots=True)
class _Resource:
    """A resource or data source of any module."""

    path: Path
    """To its values."""
    address: str
    type: str
    values: object
    is_data: bool


def _is_terraform(value: object) -> bool:
    """Return True for what `terraform show -json` prints."""
    return (
        isinstance(value, dict)
        and isinstance(value.get("format_version"), str)
        and not {"planned_values", "resource_changes", "values"}.isdisjoint(value)
    )


def _terraform_policies(shown: object, source: SourceText) -> Iterator[PolicyDocument]:
    """Yield the policies of a plan as they will be, or of a state as they are.

    A data source is left out where a resource has the very same policy.
    """
    if not isinstance(shown, dict):
        return
    held: list[object] = []
    for resource in sorted(_resources_of(shown), key=lambda each: each.is_data):
        for found in policies_within(resource.values, source.file):
            kind, is_held = _kind_of(resource, found)
            if is_held and not (resource.is_data and found.value in held):
                held += [] if resource.is_data else [found.value]
                path = (*resource.path, *found.path)
                yield source.document(
                    found.value,
                    path,
                    _title_of(resource, found.path),
                    kind,
                    place=resource.type,
                    leading_blank=found.leading_blank,
                )
    yield from _unknown_policies(shown, source)


def _resources_of(shown: dict[str, object]) -> Iterator[_Resource]:
    """Yield planned resources and data sources; without planned values, what is changed."""
    places: tuple[Path, ...] = (
        ("planned_values", "root_module"),
        ("values", "root_module"),
        ("prior_state", "values", "root_module"),
    )
    for place in places:
        for resource in _module_resources(_part(shown, place), place):
            if resource.is_data or place[0] != "prior_state":
                yield resource
    if "planned_values" not in shown:
        for index, change in enumerate(_items(shown.get("resource_changes"))):
            if isinstance(change, dict):
                path = ("resource_changes", index, "change", "after")
                yield _resource_at(change, path, _part(change, ("change", "after")))


def _module_resources(module: object, path: Path) -> Iterator[_Resource]:
    """Yield the resources of a module and of the modules in it, in the order of the text."""
    if not isinstance(module, dict):
        return
    for index, each in enumerate(_items(module.get("resources"))):
        if isinstance(each, dict):
            yield _resource_at(each, (*path, "resources", index, "values"), each.get("values"))
    for index, child in enumerate(_items(module.get("child_modules"))):
        yield from _module_resources(child, (*path, "child_modules", index))


def _resource_at(held: dict[str, object], path: Path, values: object) -> _Resource:
    return _Resource(
        path, str(held.get("address")), str(held.get("type")), values, held.get("mode") == "data"
    )


def _kind_of(resource: _Resource, found: Found) -> tuple[Kind | None, bool]:
    """Return the kind of a policy by its resource, and whether it has the grammar of IAM."""
    if resource.type != _ORGANIZATIONS:
        return kind_in_place(resource.type, found.name), True
    policy_type = _part(resource.values, ("type",)) or "SERVICE_CONTROL_POLICY"
    kind = ORGANIZATION_POLICIES.get(str(policy_type))
    return kind, kind is not None


def _title_of(resource: _Resource, path: Path) -> str:
    """Write an address such as `module.app.aws_iam_role.this.assume_role_policy`."""
    return f"{resource.address}.{path_text(path)}"


def _unknown_policies(shown: dict[str, object], source: SourceText) -> Iterator[PolicyDocument]:
    """Yield the attributes of policies that `resource_changes` marks as known after the apply."""
    for index, change in enumerate(_items(shown.get("resource_changes"))):
        if not isinstance(change, dict) or not str(change.get("type")).startswith("aws_"):
            continue
        base: Path = ("resource_changes", index, "change", "after_unknown")
        after = _part(change, ("change", "after_unknown"))
        resource = _resource_at(change, base, after)
        for path in _unknown_paths(after):
            kind, is_held = _kind_of(resource, Found(path, _AFTER_APPLY))
            if is_held:
                title = _title_of(resource, path)
                yield source.document(
                    _AFTER_APPLY, (*base, *path), title, kind, place=resource.type
                )


def _unknown_paths(after: object, path: Path = ()) -> Iterator[Path]:
    """Yield the paths to `true` under names that hold policies."""
    if isinstance(after, dict):
        for name, value in after.items():
            if value is True and _POLICY_NAME.fullmatch(name):
                yield (*path, name)
            yield from _unknown_paths(value, (*path, name))
    elif isinstance(after, list):
        for index, value in enumerate(after):
            yield from _unknown_paths(value, (*path, index))


def _part(value: object, path: Path) -> object:
    """Return the part of a value at *path*, or None."""
    for step in path:
        value = value.get(str(step)) if isinstance(value, dict) else None
    return value


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else []
