"""Read the policies of a plan or a state, as `terraform show -json` prints them.

Policies are texts in attributes of resources (`policy`, `assume_role_policy`, …), and the `json`
of `aws_iam_policy_document` data sources. Each is titled with its address, as Terraform writes
it. A policy that is known only after the apply is `Unresolved`: there is nothing in it to check,
but it is reported (Terraform, "JSON Output Format": planned values, resource changes, values
representation).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from iam_catalog.policy.model import Kind, Path, PolicyDocument, Unresolved
from iam_catalog.policy.read.kinds import ORGANIZATION_POLICIES, kind_in_place
from iam_catalog.policy.read.source import Found, Source, path_text, policies_within

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


def is_terraform(value: object) -> bool:
    """Return True for what `terraform show -json` prints."""
    return (
        isinstance(value, dict)
        and isinstance(value.get("format_version"), str)
        and not {"planned_values", "resource_changes", "values"}.isdisjoint(value)
    )


def terraform_policies(shown: object, source: Source) -> Iterator[PolicyDocument]:
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


def _unknown_policies(shown: dict[str, object], source: Source) -> Iterator[PolicyDocument]:
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
