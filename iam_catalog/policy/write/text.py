"""Write policies as the text of a file: JSON, YAML, or Terraform's `aws_iam_policy_document`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from iam_catalog.errors import CatalogError

POLICY_FORMS = ("json", "yaml", "terraform")

_OLDEST = "2008-10-17"
"""The version of a policy without one (IAM User Guide, "IAM JSON policy elements: Version")."""

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9/_.-]*(?::[A-Za-z0-9/_.-]+)*")
_YAML_WORDS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}
"""Texts that YAML 1.1 reads as another type of value."""

_ITEMS = {
    "Action": "actions",
    "NotAction": "not_actions",
    "Resource": "resources",
    "NotResource": "not_resources",
}
_PRINCIPALS = {"Principal": "principals", "NotPrincipal": "not_principals"}


def policies_text(policies: Sequence[Mapping[str, Any]], form: str = "json") -> str:
    """Write policies as `json`, `yaml` or `terraform`; the text ends with a line break.

    JSON is the policy, or a list of several; YAML has a document for each, and Terraform a data
    source `aws_iam_policy_document` for each. Raises `CatalogError` for another form, and for what
    the data source has no argument for.

    >>> policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*"}]}
    >>> print(policies_text([policy], "yaml"), end="")
    Version: "2012-10-17"
    Statement:
    - Effect: Deny
      Action: "*"
    """
    if form == "json":
        value = policies[0] if len(policies) == 1 else list(policies)
        return f"{json.dumps(value, indent=2, ensure_ascii=False)}\n"
    if form == "yaml":
        return "---\n".join("".join(_yaml_lines(policy, "")) for policy in policies)
    if form == "terraform":
        names = ["policy", *[f"policy_{number}" for number in range(2, len(policies) + 1)]]
        return "\n".join(
            "".join(_data_source(policy, name))
            for policy, name in zip(policies, names, strict=False)
        )
    raise CatalogError(f"{form!r} is not a form of a policy: use one of {', '.join(POLICY_FORMS)}.")


# --- YAML


def _yaml_lines(value: object, indent: str) -> Iterator[str]:
    """Yield the lines of an object or a list that is not empty."""
    if isinstance(value, Mapping):
        for name, member in value.items():
            yield from _yaml_item(f"{indent}{_yaml_text(name)}:", member, indent)
    elif isinstance(value, list):
        for member in value:
            if isinstance(member, Mapping) and member:
                first, *others = _yaml_lines(member, f"{indent}  ")
                yield f"{indent}- {first[len(indent) + 2 :]}"
                yield from others
            else:
                yield from _yaml_item(f"{indent}-", member, f"{indent}  ")


def _yaml_item(start: str, member: object, indent: str) -> Iterator[str]:
    if isinstance(member, (Mapping, list)) and member:
        yield f"{start}\n"
        yield from _yaml_lines(member, indent if isinstance(member, list) else f"{indent}  ")
    else:
        yield f"{start} {_yaml_text(member)}\n"


def _yaml_text(value: object) -> str:
    """Write a single value: a text as it is where YAML reads it as that, else in JSON's way."""
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _YAML_WORDS:
        return value
    # YAML takes no half of a surrogate pair, and JSON's escapes of the others
    return json.dumps(value)


# --- Terraform


def _data_source(policy: Mapping[str, Any], name: str) -> Iterator[str]:
    """Yield the lines of a data source (AWS provider, "Data Source: aws_iam_policy_document")."""
    yield f'data "aws_iam_policy_document" "{name}" {{\n'
    version = policy.get("Version", _OLDEST)
    if version == _OLDEST:
        yield f"  version = {_hcl(version)}\n"
    if "Id" in policy:
        yield f"  policy_id = {_hcl(policy['Id'])}\n"
    _refuse_others(policy, ("Version", "Id", "Statement"))
    statements = policy.get("Statement", [])
    for number, statement in enumerate(
        statements if isinstance(statements, list) else [statements]
    ):
        if not isinstance(statement, Mapping):
            raise CatalogError(f"Terraform has no block for the statement {statement!r}.")
        yield "\n" if number or version == _OLDEST or "Id" in policy else ""
        yield from _statement(statement)
    yield "}\n"


def _statement(statement: Mapping[str, Any]) -> Iterator[str]:
    _refuse_others(statement, ("Sid", "Effect", "Condition", *_ITEMS, *_PRINCIPALS))
    yield "  statement {\n"
    texts = [(name.lower(), statement[name]) for name in ("Sid", "Effect") if name in statement]
    widest = max([len(name) for name, _ in texts], default=0)
    for name, text in texts:
        yield f"    {name:<{widest}} = {_hcl(text)}\n"
    for element, name in _ITEMS.items():
        if element in statement:
            yield "\n" if texts else ""
            yield from _hcl_list(name, statement[element], "    ")
    for element, name in _PRINCIPALS.items():
        if element in statement:
            yield from _principals(name, statement[element])
    for operator, keys in statement.get("Condition", {}).items():
        for key, values in keys.items():
            yield "\n    condition {\n"
            yield f"      test     = {_hcl(operator)}\n      variable = {_hcl(key)}\n"
            lines = list(_hcl_list("values", values, "      "))
            yield lines[0].replace("values =", "values   =") if len(lines) == 1 else lines[0]
            yield from lines[1:]
            yield "    }\n"
    yield "  }\n"


def _principals(name: str, principals: object) -> Iterator[str]:
    groups = principals if isinstance(principals, Mapping) else {"*": principals}
    for kind, identifiers in groups.items():
        lines = list(_hcl_list("identifiers", identifiers, "      "))
        space = " " * 7 if len(lines) == 1 else ""  # as `terraform fmt` aligns
        yield f"\n    {name} {{\n      type{space} = {_hcl(kind)}\n"
        yield from lines
        yield "    }\n"


def _hcl_list(name: str, values: object, indent: str) -> Iterator[str]:
    texts = [_hcl(each) for each in (values if isinstance(values, list) else [values])]
    if len(texts) < 2:
        yield f"{indent}{name} = [{', '.join(texts)}]\n"
        return
    yield f"{indent}{name} = [\n"
    yield from [f"{indent}  {text},\n" for text in texts]
    yield f"{indent}]\n"


def _hcl(value: object) -> str:
    """Write a text, and escape in it what HCL would take for an expression.

    Terraform language, "Strings and Templates": `$${` and `%%{`.
    """
    text = value if isinstance(value, str) else json.dumps(value)
    return json.dumps(text, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")


def _refuse_others(value: Mapping[str, Any], known: Sequence[str]) -> None:
    others = [name for name in value if name not in known]
    if others:
        raise CatalogError(
            f"Terraform's aws_iam_policy_document has no argument for {', '.join(others)}:"
            " print the policy as json or yaml."
        )
