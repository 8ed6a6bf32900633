"""Offer policies, statements, and the elements and blocks that a statement does not have yet."""

from __future__ import annotations

from collections.abc import Iterator

from iam_catalog.lsp.offers.offer import ANY, AskedPlace, Offer, tail
from iam_catalog.lsp.scan.tree import Mode
from iam_catalog.policy.grammar.statements import EFFECTS, ELEMENTS, OPPOSITES, can_have
from iam_catalog.policy.model import Kind
from iam_catalog.policy.read.kinds import DATA_SOURCE_ELEMENTS, NEWEST, STATEMENT, VERSIONS

_WHAT = {
    "Sid": "identifier of the statement",
    "Effect": "Allow or Deny",
    "Principal": "who it is about",
    "NotPrincipal": "everyone but these",
    "Action": "actions that it is about",
    "NotAction": "all actions but these",
    "Resource": "resources that it is about",
    "NotResource": "all resources but these",
    "Condition": "when it applies",
}
_VALUES = {
    **dict.fromkeys(("Sid", "Effect"), '"$0"'),
    **dict.fromkeys(("Action", "NotAction", "Resource", "NotResource"), '["$0"]'),
    **dict.fromkeys(("Principal", "NotPrincipal", "Condition"), "{$0}"),
}
_POLICIES: dict[Kind, str] = {
    "identity": "policy of an identity",
    "resource": "policy of a resource",
    "trust": "trust policy of a role",
    "scp": "service control policy",
    "rcp": "resource control policy",
}


# --- whole policies and statements


def policies(kind: Kind | None) -> Iterator[Offer]:
    """Offer a policy of each kind to fill in, for a JSON file without any; *kind* is the first."""
    for each in sorted(_POLICIES, key=lambda each: each != kind):
        statement = _statement_text(each, "json").replace("\n", "\n    ")
        text = f'"Version": "{NEWEST}",\n  "{STATEMENT}": [\n    {statement}\n  ]'
        label = f"{{ {_POLICIES[each]} }}"
        yield Offer(label, "element", "to fill in", "", f"{{\n  {text}\n}}", True, is_whole=True)


def statements(asked: AskedPlace) -> Iterator[Offer]:
    """Offer a statement to fill in, as an item of a list or with a list around it."""
    spot = asked.place.spot
    if asked.mode == "block" or (spot.leaf is not None and spot.leaf.quote):
        return
    text = _statement_text(asked.kind or "identity", asked.mode)
    if spot.branch.kind != "list":
        text = f"[{text}]"
    yield Offer("{ statement }", "element", "to fill in", "", text, True, is_whole=True)


def _statement_text(kind: Kind, mode: Mode) -> str:
    """Write a statement as a snippet with the elements that a kind of policy needs."""
    effect = next(each for each in EFFECTS if can_have(kind, "Effect", each))
    if kind == "scp":
        effect = "Deny"
    colon = " =" if mode == "hcl" else ":"
    names = {"AWS": "AWS", "Service": "Service"} if mode == "hcl" else {}
    values = {"Effect": f'"${{1:{effect}}}"'}
    if can_have(kind, "Principal"):
        who = "Service" if kind == "trust" else "AWS"
        who = names.get(who, f'"{who}"')
        is_open = kind == "rcp"
        values["Principal"] = f'"{ANY}"' if is_open else f'{{ {who}{colon} "$2" }}'
    values["Action"] = '"${3:sts:AssumeRole}"' if kind == "trust" else '["$3"]'
    if can_have(kind, "Resource"):
        values["Resource"] = '["$4"]'
    keys = [name if mode == "hcl" else f'"{name}"' for name in values]
    lines = [f"  {key}{colon} {value}" for key, value in zip(keys, values.values(), strict=True)]
    return "{\n" + ("\n" if mode == "hcl" else ",\n").join(lines) + "\n}"


# --- elements


def policy_elements(asked: AskedPlace) -> Iterator[Offer]:
    policy = asked.place.policy
    written = {member.name for member in policy.node.members}
    if policy.is_block:
        yield _block("statement", asked)
        return
    values = {"Version": f'"{NEWEST}"', "Statement": "[{$0}]", "Id": '"$0"'}
    for name in ("Version", "Statement", "Id"):
        if name not in written:
            yield Offer(name, "element", "of a policy", tail=tail(asked.mode, values[name]))


def elements(asked: AskedPlace) -> Iterator[Offer]:
    """Offer the elements that a statement of this kind can have, and does not have yet."""
    here = asked.place.spot.member
    written = {name for name, member in asked.statement.members() if member is not here}
    is_block = asked.statement.is_block
    gone = set(written) - ({"Condition", "Principal"} if is_block else set())
    for first, second in OPPOSITES:
        if written & {first, second}:
            gone |= {first, second} - ({"Principal"} if is_block else set())
    ours = {element: name for name, element in DATA_SOURCE_ELEMENTS.items()}
    for element in ELEMENTS:
        if element in gone or not asked.can_have(element):
            continue
        if is_block:
            yield _block(ours[element], asked)
        else:
            yield Offer(element, "element", _WHAT[element], tail=tail(asked.mode, _VALUES[element]))


def _block(name: str, asked: AskedPlace) -> Offer:
    """Offer an argument or a block of Terraform's data source."""
    inner = {
        "statement": "\n  $0\n",
        "condition": '\n  test     = "$1"\n  variable = "$2"\n  values   = ["$0"]\n',
        **dict.fromkeys(
            ("principals", "not_principals"), '\n  type        = "$1"\n  identifiers = ["$0"]\n'
        ),
    }
    if name in inner:
        return Offer(name, "element", "block", tail=f" {{{inner[name]}}}")
    value = '"$0"' if name in ("sid", "effect") else '["$0"]'
    return Offer(name, "element", _WHAT[DATA_SOURCE_ELEMENTS[name]], tail=tail(asked.mode, value))


def block_arguments(asked: AskedPlace) -> Iterator[Offer]:
    of_condition = asked.place.element == "Condition"
    names = ("test", "variable", "values") if of_condition else ("type", "identifiers")
    written = {each.name for each in asked.place.spot.branch.members}
    for name in names:
        if name not in written:
            value = '["$0"]' if name in ("values", "identifiers") else '"$0"'
            yield Offer(name, "element", "argument", tail=tail("hcl", value))


def effects(asked: AskedPlace) -> Iterator[Offer]:
    for effect in EFFECTS:
        if can_have(asked.kind, "Effect", effect):
            yield Offer(effect, "value")


def versions(_: AskedPlace) -> Iterator[Offer]:
    for version in sorted(VERSIONS, reverse=True):
        yield Offer(version, "value", "the current version" if version == NEWEST else "")
