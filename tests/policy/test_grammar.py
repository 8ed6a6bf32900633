"""AWS's policy grammar, rule by rule: each with the shortest policy that breaks it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from iam_catalog.policy.grammar.document import grammar_findings
from iam_catalog.policy.grammar.principals import TYPES
from iam_catalog.policy.grammar.statements import EFFECTS, ELEMENTS, can_have
from iam_catalog.policy.model import Kind, PolicyDocument, Unresolved
from iam_catalog.policy.read.files import read_documents

SOUND: dict[str, Any] = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
TRUST: dict[str, Any] = {
    "Effect": "Allow",
    "Principal": {"Service": "ec2.amazonaws.com"},
    "Action": "sts:AssumeRole",
}
DENIED: dict[str, Any] = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}


def policy(*statements: object, **elements: object) -> dict[str, object]:
    return {"Version": "2012-10-17", "Statement": list(statements), **elements}


def without(statement: dict[str, Any], *elements: str) -> dict[str, Any]:
    return {name: value for name, value in statement.items() if name not in elements}


def document(value: object, kind: Kind | None = None, text: str = "{}") -> PolicyDocument:
    return PolicyDocument("policy.json", None, value, (), 1, text, 1, kind)


def found(value: object, kind: Kind | None = None) -> list[tuple[str, tuple[str | int, ...]]]:
    return [(each.code, each.path) for each in grammar_findings(document(value, kind))]


def texts(value: object, kind: Kind | None = None) -> list[tuple[str, str | None]]:
    return [(each.text, each.suggestion) for each in grammar_findings(document(value, kind))]


# --- what is sound


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (policy(SOUND), None),
        ({"Version": "2012-10-17", "Statement": SOUND}, None),
        (policy({**SOUND, "Action": ["*"]}), None),
        (policy({**SOUND, "Action": "*:*"}), None),
        (policy({**without(SOUND, "Action"), "NotAction": "iam:Get*"}), None),
        (policy({**without(SOUND, "Resource"), "NotResource": ["arn:aws:s3:::a"]}), None),
        (policy({**SOUND, "Sid": "Read1"}), None),
        (policy({**SOUND, "Condition": {"Bool": {"aws:SecureTransport": True}}}), None),
        (policy({**SOUND, "Condition": {"NumericLessThan": {"s3:max-keys": [1, 2.5]}}}), None),
        (policy(DENIED, Id="a b"), None),
        (policy({**DENIED, "Sid": "any text"}), None),
        (policy({**DENIED, "Principal": {"AWS": "*"}}), None),
        (policy({**DENIED, "Principal": {"AWS": ["111122223333", "AIDAEXAMPLE12345678"]}}), None),
        (policy({**DENIED, "Principal": {"AWS": "arn:aws:iam::111122223333:root"}}), None),
        (policy({**DENIED, "Principal": {"CanonicalUser": "79a5" * 16}}), None),
        (policy(without(DENIED, "Resource")), "resource"),
        (policy(TRUST), None),
        (policy({**TRUST, "Action": ["sts:AssumeRole", "sts:TagSession"]}), "trust"),
        (policy({**without(SOUND, "Action"), "NotAction": "iam:*"}), "scp"),
        (policy({**without(SOUND, "Resource"), "NotResource": "*", "Condition": {}}), "scp"),
        (policy(DENIED), "rcp"),
    ],
)
def test_a_sound_policy_has_no_findings_but_information(value, kind):
    severities = {each.severity for each in grammar_findings(document(value, kind))}

    assert severities <= {"info"}


# --- policy


@pytest.mark.parametrize(
    ("value", "name"), [([], "a list"), ("{}", "a text"), (1, "a number"), (None, "null")]
)
def test_a_policy_is_an_object(value, name):
    text = f"The policy is {name}: expected an object with Version and Statement."

    assert found(value) == [("policy-type", ())]
    assert texts(value) == [(text, None)]


def test_a_policy_that_only_a_deployment_knows_is_information():
    assert found(Unresolved("${known after apply}")) == [("unresolved-policy", ())]
    assert texts(Unresolved("${known after apply}")) == [("Not checked: known after apply.", None)]


def test_names_of_elements_are_compared_with_case():
    value = {"version": "2012-10-17", "Statement": [{**SOUND, "action": "s3:*", "Foo": 1}]}

    assert found(value) == [
        ("unknown-element", ("version",)),
        ("missing-version", ()),
        ("unknown-element", ("Statement", 0, "action")),
        ("unknown-element", ("Statement", 0, "Foo")),
    ]
    assert [suggestion for _, suggestion in texts(value)] == [
        "Version",
        "2012-10-17",
        "Action",
        None,
    ]


def test_a_misspelt_element_is_told_its_name():
    text = (
        "'Ressource' is not an element of a statement: expected Sid, Effect, Principal, "
        "NotPrincipal, Action, NotAction, Resource, NotResource, Condition."
    )

    assert texts(policy({**SOUND, "Ressource": "*"})) == [(text, "Resource")]


@pytest.mark.parametrize("statement", [None, []])
def test_a_policy_has_a_statement(statement):
    value = {"Version": "2012-10-17", "Statement": statement}

    assert found(value) == [("missing-statement", ("Statement",))]
    assert found({"Version": "2012-10-17"}) == [("missing-statement", ())]


def test_every_statement_is_an_object():
    assert found(policy(SOUND, "s3:*", [])) == [
        ("wrong-type", ("Statement", 1)),
        ("wrong-type", ("Statement", 2)),
    ]
    assert found({"Version": "2012-10-17", "Statement": "x"}) == [("wrong-type", ("Statement",))]


def test_an_object_names_each_member_once():
    text = """{"Version": "2012-10-17", "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Effect": "Deny", "Action": "s3:*", "Resource": "*",
        "Condition": {"Bool": {"aws:SecureTransport": "true", "aws:SecureTransport": "false"},
                      "Bool": {}}}]}"""
    read = next(iter(read_documents("p.json", text.encode())))

    assert [each.path for each in grammar_findings(read) if each.code == "repeated-name"] == [
        ("Version",),
        ("Statement", 0, "Effect"),
        ("Statement", 0, "Condition", "Bool"),
    ]


# --- Version and Id


def test_a_missing_version_counts_as_the_old_one():
    value = without(policy(SOUND), "Version")

    assert texts(value) == [
        ("The policy has no Version: 2008-10-17 counts, expected 2012-10-17.", "2012-10-17")
    ]


def test_there_are_two_versions():
    assert found(policy(SOUND, Version="2008-10-17")) == []
    assert texts(policy(SOUND, Version="2012-10-18")) == [
        (
            "The version '2012-10-18' is none of AWS's: expected 2012-10-17 or 2008-10-17.",
            "2012-10-17",
        )
    ]


@pytest.mark.parametrize("kind", ["scp", "rcp"])
@pytest.mark.parametrize("elements", [{}, {"Version": "2008-10-17"}])
def test_policies_of_organizations_need_the_new_version(kind, elements):
    value = {"Statement": DENIED if kind == "rcp" else SOUND, **elements}

    assert [code for code, _ in found(value, kind)] == ["version-required"]


def test_the_old_version_has_no_policy_variables():
    statement = {
        **SOUND,
        "Resource": ["*", "arn:aws:s3:::a/${aws:username}"],
        "Condition": {"StringLike": {"aws:RequestTag/a": "${aws:userid}"}},
    }
    condition = ("Statement", 0, "Condition", "StringLike", "aws:RequestTag/a")

    assert found(policy(statement)) == []
    assert found(policy(statement, Version="2008-10-17")) == [
        ("variables-need-version", ("Statement", 0, "Resource", 1)),
        ("variables-need-version", condition),
    ]


def test_an_identity_policy_has_no_id():
    assert found(policy(SOUND, Id="x")) == [("id-not-allowed", ("Id",))]
    assert found(policy(DENIED, Id=1)) == [("wrong-type", ("Id",))]


# --- Sid and Effect


def test_the_sid_of_an_iam_policy_has_letters_and_digits():
    assert texts(policy({**SOUND, "Sid": "read-only"})) == [
        ("The Sid 'read-only' has other characters than A-Z, a-z and 0-9.", "readonly")
    ]
    assert found(policy({**SOUND, "Sid": 1})) == [("wrong-type", ("Statement", 0, "Sid"))]
    assert found(policy({**SOUND, "Sid": ""})) == [("empty-sid", ("Statement", 0, "Sid"))]


def test_sids_are_unique_where_the_service_asks_for_it():
    named, denied = {**SOUND, "Sid": "A"}, {**DENIED, "Sid": "A"}

    assert found(policy(named, SOUND, SOUND, named)) == [("repeated-sid", ("Statement", 3, "Sid"))]
    assert found(policy(denied, denied)) == [
        ("repeated-sid-of-resource-policy", ("Statement", 1, "Sid"))
    ]


def test_the_effect_is_allow_or_deny_and_case_counts():
    assert found(policy(without(SOUND, "Effect"))) == [("missing-effect", ("Statement", 0))]
    assert texts(policy({**SOUND, "Effect": "deny"})) == [
        ("The effect 'deny' is neither Allow nor Deny.", "Deny")
    ]
    assert texts(policy({**SOUND, "Effect": "Permit"}))[0][1] is None
    assert found(policy({**SOUND, "Effect": True})) == [("wrong-type", ("Statement", 0, "Effect"))]


# --- Action and Resource


@pytest.mark.parametrize("elements", ["Action", "Resource"])
def test_an_element_and_its_opposite_exclude_each_other(elements):
    statement = {**SOUND, f"Not{elements}": "s3:*"}

    assert found(policy(statement)) == [("exclusive-elements", ("Statement", 0, f"Not{elements}"))]


def test_principal_and_not_principal_exclude_each_other():
    assert found(policy({**DENIED, "NotPrincipal": {"AWS": "111122223333"}})) == [
        ("exclusive-elements", ("Statement", 0, "NotPrincipal"))
    ]


def test_a_statement_has_actions_and_resources():
    assert found(policy(without(SOUND, "Action", "Resource"))) == [
        ("missing-action", ("Statement", 0)),
        ("missing-resource", ("Statement", 0)),
    ]


@pytest.mark.parametrize("element", ["Action", "NotAction", "Resource", "NotResource"])
def test_a_list_has_at_least_one(element):
    statement = {**without(SOUND, element.removeprefix("Not")), element: []}

    assert found(policy(statement)) == [("empty-list", ("Statement", 0, element))]


@pytest.mark.parametrize("element", ["Action", "Resource"])
def test_actions_and_resources_are_texts(element):
    path = ("Statement", 0, element)

    assert found(policy({**SOUND, element: ["s3:*", 1, None]})) == [
        ("wrong-type", (*path, 1)),
        ("wrong-type", (*path, 2)),
    ]
    assert texts(policy({**SOUND, element: {}})) == [
        (f"{element} is an object: expected a text or a list of texts.", None)
    ]


@pytest.mark.parametrize(
    "action",
    [
        "",
        "GetObject",
        "s3:",
        ":GetObject",
        "s3:Get:Object",
        "s3*:Get",
        "s?:Get",
        "s3 : Get",
        "s3:GetObject ",
        "arn:aws:s3:::a",
        "**",
    ],
)
def test_an_action_is_written_with_its_prefix(action):
    assert found(policy({**SOUND, "Action": ["s3:Put?bject", action]})) == [
        ("action-syntax", ("Statement", 0, "Action", 1))
    ]


def test_an_action_has_no_policy_variables():
    assert found(policy({**SOUND, "Action": "s3:${x}"})) == [
        ("variable-not-allowed", ("Statement", 0, "Action"))
    ]


# --- Principal


def test_identity_policies_and_scps_name_no_principal():
    mixed = {**SOUND, "Principal": "*"}

    assert found(policy(mixed), "identity") == [
        ("principal-not-allowed", ("Statement", 0, "Principal"))
    ]
    assert texts(policy(mixed), "scp") == [("An SCP has no Principal.", None)]


def test_resource_policies_name_one():
    assert found(policy(SOUND), "resource") == [("missing-principal", ("Statement", 0))]


def test_no_kind_of_policy_names_principals_in_some_statements():
    text = (
        "1 of 2 statements name no principal, and the others do: expected all (a resource "
        "policy) or none (an identity policy)."
    )

    assert found(policy(DENIED, SOUND)) == [("mixed-principals", ("Statement", 1))]
    assert texts(policy(DENIED, SOUND)) == [(text, None)]


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        ("111122223333", [("principal-value", ())]),
        ([], [("wrong-type", ())]),
        ({}, [("empty-principal", ())]),
        ({"AWS": []}, [("empty-principal", ("AWS",))]),
        ({"aws": "*"}, [("principal-type", ("aws",))]),
        ({"*": "*"}, [("principal-type", ("*",))]),
        ({"AWS": 111122223333}, [("wrong-type", ("AWS",))]),
        ({"AWS": ["*", "1234"]}, [("principal-value", ("AWS", 1))]),
        ({"Service": "lambda"}, [("principal-value", ("Service",))]),
        ({"AWS": "arn:aws:iam::111122223333:role/*"}, [("principal-wildcard", ("AWS",))]),
        ({"Service": "ec?.amazonaws.com"}, [("principal-wildcard", ("Service",))]),
        ({"AWS": "arn:aws:iam::111122223333:group/g"}, [("principal-value", ("AWS",))]),
        ({"AWS": "arn:aws:iam::111122223333:role/group/g"}, []),
        ({"AWS": "arn:aws:iam::${a}:root"}, [("variable-not-allowed", ("AWS",))]),
    ],
)
def test_a_principal_is_everyone_or_an_object_of_types(principal, expected):
    base = ("Statement", 0, "Principal")

    assert found(policy({**DENIED, "Principal": principal}), "resource") == [
        (code, (*base, *path)) for code, path in expected
    ]


def test_a_statement_alone_is_no_policy():
    assert texts(SOUND) == [
        ("A statement stands without a policy around it: expected Version and Statement.", None)
    ]
    assert found(SOUND) == [("policy-type", ())]


def test_not_principal_only_denies():
    statement = {**without(DENIED, "Principal"), "NotPrincipal": {"AWS": "111122223333"}}

    assert found(policy(statement)) == []
    assert found(policy({**statement, "Effect": "Allow"})) == [
        ("not-principal-with-allow", ("Statement", 0, "NotPrincipal"))
    ]


# --- trust policies and RCPs


def test_a_trust_policy_names_no_resource():
    assert found(policy({**TRUST, "Resource": "*"}), "trust") == [
        ("trust-resource", ("Statement", 0, "Resource"))
    ]


def test_a_trust_policy_has_actions_of_sts():
    assert found(policy({**TRUST, "Action": ["STS:AssumeRole", "s3:Get*"]}), "trust") == [
        ("trust-action", ("Statement", 0, "Action", 1))
    ]


def test_a_trust_policy_names_who_is_trusted():
    denied = {**without(TRUST, "Principal"), "Effect": "Deny", "NotPrincipal": {"AWS": "*"}}

    assert found(policy({**TRUST, "Principal": "*"})) == [
        ("trust-principal", ("Statement", 0, "Principal"))
    ]
    assert found(policy(denied)) == [("trust-principal", ("Statement", 0, "NotPrincipal"))]


OIDC = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
SAML = "arn:aws:iam::111122223333:saml-provider/Example"


@pytest.mark.parametrize(
    ("principal", "action", "fits"),
    [
        ({"AWS": "111122223333"}, "sts:AssumeRole", True),
        ({"AWS": "111122223333"}, "sts:AssumeRoleWithSAML", False),
        ({"Federated": SAML}, "STS:assumerolewithsaml", True),
        ({"Federated": SAML}, "sts:AssumeRoleWithWebIdentity", False),
        ({"Federated": SAML}, "sts:AssumeRole", False),
        ({"Federated": OIDC}, "sts:AssumeRoleWithWebIdentity", True),
        ({"Federated": "accounts.google.com"}, "sts:AssumeRoleWithWebIdentity", True),
        ({"Federated": OIDC}, "sts:AssumeRole", False),
        ({"Federated": OIDC, "AWS": "111122223333"}, "sts:AssumeRole", True),
        ({"Federated": OIDC}, "sts:TagSession", True),
        ({"Federated": OIDC}, "sts:*", True),
        ({"Federated": Unresolved("${Provider.Arn}")}, "sts:AssumeRole", True),
        ({"AWS": "*"}, "sts:AssumeRoleWithWebIdentity", True),
    ],
)
def test_a_trust_policy_has_the_action_that_its_principals_call(principal, action, fits):
    statement = {"Effect": "Allow", "Principal": principal, "Action": action}
    expected = [] if fits else [("trust-action-mismatch", ("Statement", 0, "Action"))]

    assert found(policy(statement), "trust") == expected


def test_an_rcp_denies_everyone_some_actions():
    statement = {"Effect": "Allow", "Principal": {"AWS": "1"}, "NotAction": "*", "Resource": "*"}
    other = {**without(DENIED, "Principal"), "NotPrincipal": "*"}

    assert [code for code, _ in found(policy(statement), "rcp")] == [
        "principal-value",
        "rcp-effect",
        "rcp-not-action",
        "rcp-principal",
    ]
    assert found(policy(other), "rcp") == [("rcp-principal", ("Statement", 0, "NotPrincipal"))]


# --- Condition


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ([], [("wrong-type", ())]),
        ({}, [("empty-condition", ())]),
        ({"Bool": "true"}, [("wrong-type", ("Bool",))]),
        ({"Bool": {}}, [("empty-condition", ("Bool",))]),
        ({"Bool": {"a:b": None}}, [("wrong-type", ("Bool", "a:b"))]),
        ({"Bool": {"a:b": ["x", {}]}}, [("wrong-type", ("Bool", "a:b", 1))]),
        ({"Bool": {"a:b": []}}, [("empty-condition-values", ("Bool", "a:b"))]),
        ({"Bool": {"b": "x"}}, [("condition-key-syntax", ("Bool", "b"))]),
        ({"Bool": {"a:b": "x", "A:B": "x"}}, [("repeated-condition-key", ("Bool", "A:B"))]),
        ({"Bool": {"a:b": ["true", True]}}, [("mixed-condition-values", ("Bool", "a:b"))]),
        ({"Bool": {"a:b": "x"}, "Null": {"A:B": "x"}}, []),
    ],
)
def test_a_condition_has_operators_with_keys_with_values(condition, expected):
    base = ("Statement", 0, "Condition")

    assert found(policy({**SOUND, "Condition": condition})) == [
        (code, (*base, *path)) for code, path in expected
    ]


# --- what only a deployment knows, and hostile policies


def test_unresolved_text_is_never_wrong():
    unknown = Unresolved("${x}")
    names = ("Sid", "Effect", "Principal", "Action", "Resource", "Condition")

    assert found({"Version": unknown, "Id": unknown, "Statement": unknown}) == []
    assert found(policy(unknown, dict.fromkeys(names, unknown))) == []
    assert (
        found(
            policy(
                {
                    **SOUND,
                    "Action": [unknown],
                    "Resource": [unknown],
                    "Condition": {"Bool": unknown, "Null": {"a:b": [unknown, True]}},
                }
            )
        )
        == []
    )


@pytest.mark.parametrize("kind", [None, "identity", "trust"])
def test_iam_takes_latin_characters_only(kind):
    text = json.dumps(policy({**SOUND, "Sid": "a"}), ensure_ascii=False).replace("a", "\u0107", 1)
    value = policy(TRUST if kind == "trust" else SOUND)

    assert [(each.code, each.text) for each in grammar_findings(document(value, kind, text))] == [
        (
            "character-not-allowed",
            "The policy has the character '\u0107' (U+0107): expected an escape, \\u…",
        )
    ]
    assert grammar_findings(document(value, kind, "\xe9")) == []


def test_a_policy_of_nothing_but_faults_is_not_reported_to_its_end():
    findings = grammar_findings(document(policy(*[{"x": "y"}] * 2_000)))

    assert len(findings) == 1_001
    assert findings[-1].code == "too-many-findings"


def test_long_values_are_quoted_in_part():
    (finding,) = grammar_findings(document(policy({**SOUND, "Effect": "x" * 5_000})))

    assert finding.text == (
        f"The effect '{'x' * 100}'… (5,000 characters) is neither Allow nor Deny."
    )


def test_control_characters_are_quoted():
    ((text, _),) = texts(policy({**SOUND, "Action": "s3:\x1b[31m"}))

    assert text == (
        "'s3:\\x1b[31m' is not an action: expected prefix:Name, such as s3:GetObject, or *."
    )


@pytest.mark.parametrize(
    ("kind", "lacks", "effects", "types"),
    [
        ("identity", ["Principal", "NotPrincipal"], ["Allow", "Deny"], []),
        ("scp", ["Principal", "NotPrincipal"], ["Allow", "Deny"], []),
        ("resource", [], ["Allow", "Deny"], ["AWS", "CanonicalUser", "Service"]),
        (
            "trust",
            ["NotPrincipal", "Resource", "NotResource"],
            ["Allow", "Deny"],
            ["AWS", "CanonicalUser", "Federated", "Service"],
        ),
        ("rcp", ["NotPrincipal", "NotAction"], ["Deny"], ["AWS"]),
    ],
)
def test_what_a_kind_of_policy_can_have_is_what_its_rules_take(
    kind: Kind, lacks: list[str], effects: list[str], types: list[str]
) -> None:
    assert [each for each in ELEMENTS if not can_have(kind, each)] == lacks
    assert [each for each in EFFECTS if can_have(kind, "Effect", each)] == effects
    assert [each for each in TYPES if can_have(kind, "Principal", {each: "*"})] == types


def test_not_principal_does_not_go_with_allow() -> None:
    assert can_have("resource", "NotPrincipal", effect="Deny")
    assert not can_have("resource", "NotPrincipal", effect="Allow")
