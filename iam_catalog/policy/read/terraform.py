"""`terraform show -json` -> the policies in a plan or a state.

Policies are texts in attributes of resources (`policy`, `assume_role_policy`, …), and the `json`
of `aws_iam_policy_document` data sources. Each is titled with its address, as Terraform writes
it. A policy that is known only after the apply stands as `Unresolved`: there is nothing in it to
check, but it is not passed over in silence (Terraform, "JSON Output Format": planned values,
resource changes, values representation).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from iam_catalog.policy.model import Kind, Path, PolicyDocument, Unresolved
from iam_catalog.policy.read.kinds import ORGANIZATION_POLICIES, kind_in_place
from iam_catalog.policy.read.source import Found, Source, dotted, policies_within

POLICY_NAME = re.compile(r"(?:.+_)?(?:policy|policies|policy_document|json)")
"""The attributes that can hold a policy; only asked where their value is not known."""

ORGANIZATIONS = "aws_organizations_policy"
AFTER_APPLY = Unresolved("${known after apply}")


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource or data source, wherever in the modules it stands."""

    path: Path
    """To its values."""
    address: str
    type: str
    values: object
    is_data: bool


def is_terraform(value: object) -> bool:
    """Whether a value is what `terraform show -json` prints."""
    return (
        isinstance(value, dict)
        and isinstance(value.get("format_version"), str)
        and not {"planned_values", "resource_changes", "values"}.isdisjoint(value)
    )


def terraform_policies(shown: dict[str, object], source: Source) -> Iterator[PolicyDocument]:
    """The policies of a plan as they will be, or of a state as they are.

    A data source is left out where a resource has the very same policy.
    """
    held: list[object] = []
    for resource in sorted(resources_of(shown), key=lambda each: each.is_data):
        for found in policies_within(resource.values, source.file):
            kind, is_held = kind_of(resource, found)
            if is_held and not (resource.is_data and found.value in held):
                held += [] if resource.is_data else [found.value]
                path = (*resource.path, *found.path)
                yield source.document(found.value, path, title_of(resource, found.path), kind)
    yield from unknown_policies(shown, source)


def resources_of(shown: dict[str, object]) -> Iterator[Resource]:
    """Planned resources and what data sources gave; without planned values, what is changed."""
    places: tuple[Path, ...] = (
        ("planned_values", "root_module"),
        ("values", "root_module"),
        ("prior_state", "values", "root_module"),
    )
    for place in places:
        for resource in module_resources(part(shown, place), place):
            if resource.is_data or place[0] != "prior_state":
                yield resource
    if "planned_values" not in shown:
        for index, change in enumerate(items(shown.get("resource_changes"))):
            if isinstance(change, dict):
                path = ("resource_changes", index, "change", "after")
                yield resource_at(change, path, part(change, ("change", "after")))


def module_resources(module: object, path: Path) -> Iterator[Resource]:
    """The resources of a module and of the modules in it, in the order of the text."""
    if not isinstance(module, dict):
        return
    for index, each in enumerate(items(module.get("resources"))):
        if isinstance(each, dict):
            yield resource_at(each, (*path, "resources", index, "values"), each.get("values"))
    for index, child in enumerate(items(module.get("child_modules"))):
        yield from module_resources(child, (*path, "child_modules", index))


def resource_at(held: dict[str, object], path: Path, values: object) -> Resource:
    return Resource(
        path, str(held.get("address")), str(held.get("type")), values, held.get("mode") == "data"
    )


def kind_of(resource: Resource, found: Found) -> tuple[Kind | None, bool]:
    """The kind of a policy by its resource, and whether it has the grammar of IAM."""
    if resource.type != ORGANIZATIONS:
        return kind_in_place(resource.type, found.name), True
    policy_type = part(resource.values, ("type",)) or "SERVICE_CONTROL_POLICY"
    kind = ORGANIZATION_POLICIES.get(str(policy_type))
    return kind, kind is not None


def title_of(resource: Resource, path: Path) -> str:
    """`module.app.aws_iam_role.this.assume_role_policy`."""
    return f"{resource.address}.{dotted(path)}"


def unknown_policies(shown: dict[str, object], source: Source) -> Iterator[PolicyDocument]:
    """What `resource_changes` marks as known after the apply, and holds a policy by its name."""
    for index, change in enumerate(items(shown.get("resource_changes"))):
        if not isinstance(change, dict) or not str(change.get("type")).startswith("aws_"):
            continue
        base: Path = ("resource_changes", index, "change", "after_unknown")
        after = part(change, ("change", "after_unknown"))
        resource = resource_at(change, base, after)
        for path in unknown_paths(after):
            kind, is_held = kind_of(resource, Found(path, AFTER_APPLY))
            if is_held:
                title = title_of(resource, path)
                yield source.document(AFTER_APPLY, (*base, *path), title, kind)


def unknown_paths(after: object, path: Path = ()) -> Iterator[Path]:
    """The ways to `true` under names that hold policies."""
    if isinstance(after, dict):
        for name, value in after.items():
            if value is True and POLICY_NAME.fullmatch(name):
                yield (*path, name)
            yield from unknown_paths(value, (*path, name))
    elif isinstance(after, list):
        for index, value in enumerate(after):
            yield from unknown_paths(value, (*path, index))


def part(value: object, path: Path) -> object:
    """The part of a value at the end of *path*; None where there is none."""
    for step in path:
        value = value.get(str(step)) if isinstance(value, dict) else None
    return value


def items(value: object) -> list[object]:
    return value if isinstance(value, list) else []
