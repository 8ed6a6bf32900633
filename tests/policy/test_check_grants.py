"""Dependent actions that a policy does not allow, and wildcards that allow changes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from check_services import BOX, LETTER, NEWER, allow, build_catalog, deny, findings, of_code, policy

from iam_catalog import Catalog
from iam_catalog.database import open_database
from iam_catalog.policy.check.engine import Checker
from iam_catalog.policy.check.findings import Evidence, Finding
from iam_catalog.policy.model import Unresolved
from iam_catalog.policy.read.statements import as_document

DEPENDENT = "missing-dependent-actions"


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    with Catalog(build_catalog(tmp_path_factory.mktemp("check"))) as opened:
        yield opened


def granted(catalog: Catalog, **statement: object) -> list[tuple[str, str]]:
    """What is found of wildcards: code and text."""
    found = catalog.check_policy(policy(allow("x:y", **statement)))
    return [(each.code, each.text) for each in found if each.code.startswith("wildcard-grants")]


# --- dependent actions


def test_dependent_actions_are_told_with_their_date_where_the_policy_does_not_allow_them(catalog):
    (found,) = findings(catalog, allow("post:PutLetter"))

    assert found == Finding(
        DEPENDENT,
        "info",
        f"post:PutLetter lists dependent actions that the policy does not allow as of {NEWER}: "
        "iam:PassRole and post:TagLetter.",
        ("Statement", 0, "Action"),
        (Evidence(f"postoffice@{NEWER}", 18, NEWER),),
        "iam:PassRole, post:TagLetter",
    )


@pytest.mark.parametrize(
    "other",
    [
        allow(["IAM:passrole", "post:TagLetter", "post:GetLetter"]),
        allow(["iam:Pass*", "post:*Letter"], "arn:aws:post:::box/letter"),
        allow("*"),
        {"Effect": "Allow", "NotAction": "depot:*", "Resource": "*"},
    ],
)
def test_any_statement_can_allow_them(catalog, other):
    assert of_code(catalog, DEPENDENT, allow("post:PutLetter"), other) == []


def test_what_is_denied_and_what_not_action_takes_out_is_not_allowed(catalog):
    assert of_code(catalog, DEPENDENT, deny("post:PutLetter")) == []
    assert (
        of_code(
            catalog,
            DEPENDENT,
            allow("post:PutLetter"),
            {"Effect": "Allow", "NotAction": ["iam:*"], "Resource": "*"},
        )[0].suggestion
        == "iam:PassRole"
    )


def test_a_pattern_has_the_dependent_actions_of_all_that_it_matches(catalog):
    found = of_code(catalog, DEPENDENT, allow(["post:Put*", "post:TagLetter"]))

    assert [(each.path, each.suggestion) for each in found] == [
        (("Statement", 0, "Action", 0), "iam:PassRole, post:GetLetter"),
    ]
    assert found[0].text == (
        f"2 actions list dependent actions that the policy does not allow as of {NEWER}:"
        " post:PutLetter (iam:PassRole) and post:TagLetter (post:GetLetter)."
    )


def test_an_action_that_stands_twice_is_told_once(catalog):
    found = of_code(catalog, DEPENDENT, allow("post:TagLetter"), allow(["post:Tag*"]))

    assert [each.path for each in found] == [("Statement", 0, "Action")]


@pytest.mark.parametrize("kind", ["resource", "trust", "scp", "rcp"])
def test_only_an_identity_policy_can_miss_dependent_actions(catalog, kind):
    found = catalog.check_policy(policy(allow("post:PutLetter")), kind=kind)

    assert DEPENDENT not in [each.code for each in found]


# --- wildcards


def test_the_gravest_that_a_wildcard_allows_is_told(catalog):
    assert granted(catalog, Action="post:*") == [
        (
            "wildcard-grants-permissions-management",
            (
                f"'post:*' allows 1 action of the access level Permissions management as of "
                f"{NEWER}: post:PutBoxPolicy."
            ),
        )
    ]
    assert granted(catalog, Action=["post:*e*"]) == [
        (
            "wildcard-grants-write",
            (
                f"'post:*e*' allows 3 actions of the access level Write as of {NEWER}: "
                "post:MoveLetter, post:PutLetter and post:SendLetter."
            ),
        )
    ]


def test_severities_of_wildcards(catalog):
    found = findings(catalog, allow(["post:PutB*", "post:Put?etter", "post:List*"]))

    assert [(each.severity, each.path[-1]) for each in found if "wildcard" in each.code] == [
        ("warning", 0),
        ("info", 1),
    ]


@pytest.mark.parametrize("action", ["*", "*:*"])
def test_every_action_on_everything_is_a_full_administrator(catalog, action):
    (found,) = findings(catalog, allow(action))

    assert (found.code, found.severity, found.path) == (
        "full-administrator",
        "warning",
        ("Statement", 0, "Action"),
    )


@pytest.mark.parametrize(
    ("action", "resource", "code", "text"),
    [
        (
            "post:*",
            LETTER,
            "wildcard-grants-write",
            (
                "'post:*' allows 3 actions of the access level Write on the statement's resources"
                f" as of {NEWER}: post:MoveLetter, post:PutLetter and post:SendLetter."
            ),
        ),
        (
            "post:*",
            BOX,
            "wildcard-grants-permissions-management",
            (
                "'post:*' allows 1 action of the access level Permissions management on the"
                f" statement's resources as of {NEWER}: post:PutBoxPolicy."
            ),
        ),
        (
            "*",
            BOX,
            "wildcard-grants-permissions-management",
            (
                "'*' allows 1 action of the access level Permissions management on the statement's"
                f" resources as of {NEWER}: post:PutBoxPolicy."
            ),
        ),
    ],
)
def test_a_wildcard_allows_what_its_resources_can_take(catalog, action, resource, code, text):
    found = findings(catalog, allow(action, resource))

    assert [(each.code, each.text) for each in found if "grants" in each.code] == [(code, text)]


def test_a_wildcard_that_changes_nothing_of_its_resources_is_no_finding(catalog):
    found = findings(catalog, allow("post:PutB*", LETTER))

    assert [each.code for each in found] == ["action-without-resource"]


def test_wildcards_that_allow_changes_are_one_finding_of_a_statement(catalog):
    found = of_code(catalog, "wildcard-grants-write", allow(["post:Move*", "post:Send*"]))

    assert [(each.path, each.text) for each in found] == [
        (
            ("Statement", 0, "Action", 0),
            (
                "'post:Move*' and 'post:Send*' allow 2 actions of the access level Write as of"
                f" {NEWER}: post:MoveLetter and post:SendLetter."
            ),
        )
    ]


def test_not_action_with_allow_is_a_wildcard_too(catalog):
    found = catalog.check_policy(policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}))

    assert [(each.text, each.path) for each in found if "wildcard" in each.code] == [
        (
            "NotAction with Allow allows every other action, of all services.",
            ("Statement", 0, "NotAction"),
        )
    ]


def test_a_deny_allows_nothing(catalog):
    assert granted(catalog, Effect="Deny", Action="*") == []


@pytest.mark.parametrize("kind", ["trust", "scp", "rcp"])
def test_some_kinds_of_policies_grant_nothing_by_their_wildcards(catalog, kind):
    found = catalog.check_policy(policy(allow("*")), kind=kind)

    assert [each.code for each in found if "wildcard" in each.code] == []


@pytest.mark.parametrize(
    ("principal", "told"),
    [
        ({"AWS": "arn:aws:iam::111122223333:root"}, False),
        ({"AWS": ["111122223333", "arn:aws-cn:iam::111122223333:root"]}, False),
        ({"AWS": Unresolved("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")}, False),
        ({"AWS": Unresolved("${AWS::AccountId}")}, False),
        ({"AWS": Unresolved("${Admin.Arn}")}, True),
        ({"AWS": "arn:aws:iam::111122223333:role/admin"}, True),
        ({"AWS": ["111122223333"], "Service": "post.amazonaws.com"}, True),
        ("*", True),
    ],
)
def test_a_resource_policy_that_names_accounts_only_lets_them_decide(catalog, principal, told):
    statement = allow("post:*", Principal=principal)

    assert bool(of_code(catalog, "wildcard-grants-permissions-management", statement)) is told


# --- many policies


def test_a_policy_like_one_before_asks_nothing_of_the_catalog(tmp_path):
    with closing(open_database(build_catalog(tmp_path))) as connection:
        checker = Checker(connection)
        asked: list[str] = []
        value = policy(allow(["post:Put*", "post:Move*"], [BOX, LETTER]), allow("depot:*"))
        first = checker.findings(as_document(value))
        connection.set_trace_callback(asked.append)

        assert checker.findings(as_document(value)) == first
        assert {each.code for each in first} >= {"wildcard-grants-write"}
        assert asked == []
