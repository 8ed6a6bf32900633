"""Actions and services that the catalog does or does not document."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from check_services import NEWER, OLDER, allow, build_catalog, codes, deny, findings, of_code
from small_catalog import brings_all, build_small_catalog

from iam_catalog import Catalog
from iam_catalog.policy.check.findings import Evidence, Finding
from iam_catalog.policy.model import Unresolved


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    with Catalog(build_catalog(tmp_path_factory.mktemp("check"))) as opened:
        yield opened


@pytest.mark.parametrize("action", ["post:ListBoxes", "POST:listboxes", "post:List*", "post:*?x*"])
def test_actions_and_patterns_are_found_in_any_case(catalog, action):
    assert codes(catalog, allow(action)) == []


def test_an_action_that_a_held_service_does_not_document_is_named_with_the_nearest(catalog):
    (found,) = findings(catalog, allow(["post:ListBoxes", "post:GetLeter"]))

    assert found == Finding(
        "unknown-action",
        "warning",
        f"No action 'post:GetLeter' in the catalog as of {NEWER}.",
        ("Statement", 0, "Action", 1),
        evidence=(Evidence(f"postoffice@{NEWER}", 9, NEWER),),
        suggestion="post:GetLetter",
    )


def test_an_action_that_newer_pages_no_longer_state_is_named_with_its_dates(catalog):
    (found,) = findings(catalog, allow("post:BurnLetter"))

    assert found == Finding(
        "removed-action",
        "warning",
        f"'post:BurnLetter' was removed on {NEWER}, last documented on {OLDER}.",
        ("Statement", 0, "Action"),
        evidence=(Evidence(f"postoffice@{OLDER}", 26, OLDER),),
    )


def test_an_operation_is_answered_with_the_actions_that_authorize_it(catalog):
    (found,) = findings(catalog, allow("depot:LoadInParts"))

    assert (found.code, found.text, found.suggestion) == (
        "operation-as-action",
        (
            f"'depot:LoadInParts' is an API operation, and no action as of {NEWER}: depot:Load "
            "authorizes it."
        ),
        "depot:Load",
    )


def test_a_pattern_that_matches_no_action_is_told(catalog):
    (found,) = findings(catalog, allow("post:Fetch*"))

    assert (found.code, found.text) == (
        "pattern-matches-nothing",
        f"'post:Fetch*' matches no action of 'post' in the catalog as of {NEWER}.",
    )


def test_a_service_that_is_not_held_is_told_once_and_nothing_else_of_it_is_checked(catalog):
    found = findings(
        catalog,
        allow(["nosuch:GetThing", "nosuch:PutThing", "NOSUCH:Put*s"], "arn:aws:nosuch:::thing"),
        allow("post:ListBoxes", Condition={"StringEquals": {"nosuch:Colour": "red"}}),
    )

    assert [(each.code, each.severity, each.path) for each in found] == [
        ("service-not-held", "info", ("Statement", 0, "Action", 0))
    ]
    assert found[0].text == (
        f"The catalog as of {NEWER} holds no service 'nosuch': what is said of it is not checked."
    )


def test_a_service_that_is_not_held_comes_with_the_nearest_prefix(catalog):
    (found,) = of_code(catalog, "service-not-held", allow("depto:Look"))

    assert (found.code, found.suggestion) == ("service-not-held", "depot")


@pytest.mark.parametrize("prefix", ["directdepot", "depotmessages", "repository"])
def test_a_longer_prefix_that_has_a_held_one_in_it_is_not_meant_as_that(catalog, prefix):
    (found,) = of_code(catalog, "service-not-held", allow(f"{prefix}:Look"))

    assert (found.code, found.suggestion) == ("service-not-held", None)


def test_a_policy_of_services_that_are_not_held_is_a_warning_before_all_else(catalog):
    first, *others = findings(catalog, allow(["nosuch:GetThing", "other:Get*"]))

    assert first == Finding(
        "no-service-held",
        "warning",
        f"The catalog as of {NEWER} holds none of the services that the policy names: only its"
        " grammar is checked.",
        (),
    )
    assert [each.code for each in others] == ["service-not-held", "service-not-held"]


@pytest.mark.parametrize(
    "actions",
    [
        ["nosuch:GetThing", "post:ListBoxes"],
        ["nosuch:GetThing", "post:*"],
        ["nosuch:GetThing", "post:GetLeter"],
        ["nosuch:GetThing", "*"],
        ["nosuch:GetThing", "postoffice:GetLetter"],
        ["nosuch:GetThing", Unresolved("${action}")],
        ["post:ListBoxes"],
        [],
    ],
    ids=str,
)
def test_one_service_that_is_held_or_may_be_is_enough(catalog, actions):
    assert "no-service-held" not in dict(codes(catalog, allow(actions)))


def test_what_brings_all_of_aws_is_said_once_in_a_policy(tmp_path):
    with Catalog(build_small_catalog(tmp_path)) as small:
        some = findings(small, allow(["a:Get", "b:Get", "store:ListShelves"]))
        none = findings(small, allow(["a:Get", "b:Get"]))

    for found in (some, none):
        assert [brings_all(2) in each.text for each in found] == [
            True,
            *[False] * (len(found) - 1),
        ]


def test_another_name_of_a_service_is_no_prefix(catalog):
    (found,) = findings(catalog, allow("postoffice:GetLetter"))

    assert (found.code, found.severity, found.text, found.suggestion) == (
        "service-name-as-prefix",
        "warning",
        "'postoffice' is another name of a service whose prefix is post.",
        "post:GetLetter",
    )


def test_no_alarm_where_the_page_leaves_its_actions_out(catalog):
    assert codes(catalog, allow(["attic:Climb", "attic:Get*"])) == []


def test_actions_of_not_action_and_of_deny_are_checked_alike(catalog):
    statement = {"Effect": "Deny", "NotAction": ["post:GetLeter"], "Resource": "*"}

    assert codes(catalog, statement, deny("post:PutLeter")) == [
        ("unknown-action", "NotAction[0]"),
        ("unknown-action", "Statement[1].Action"),
    ]


@pytest.mark.parametrize(
    "action", [Unresolved("${action}"), Unresolved("post:${verb}Letter"), "*", "*:*"]
)
def test_what_is_not_known_and_every_action_raise_no_question_of_names(catalog, action):
    found = codes(catalog, allow(action))

    assert [code for code, _ in found if code != "full-administrator"] == []


def test_the_catalog_answers_as_of_a_date(tmp_path):
    with Catalog(build_catalog(tmp_path), as_of=OLDER) as then:
        assert codes(then, allow("post:BurnLetter")) == []
        assert of_code(then, "service-not-held", allow("depot:Look"))[0].text == (
            f"The catalog as of {OLDER} holds no service 'depot': what is said of it is not "
            "checked."
        )


def test_only_so_many_names_of_a_policy_are_compared_with_all_others(catalog):
    """Comparing is slow, and who misspells a hundred names did not mean one of them."""
    found = findings(catalog, allow([f"post:GetLettr{number}" for number in range(100)]))

    assert [each.suggestion for each in found].count("post:GetLetter") == 30
    assert len(found) == 100


def test_a_policy_has_at_most_so_many_findings(catalog):
    found = findings(catalog, allow([f"post:GetLettr{number}" for number in range(5000)]))

    assert len(found) == 1001
    assert "too-many-findings" in [each.code for each in found]


@pytest.mark.parametrize(
    ("action", "suggested"),
    [
        ("post:GetLeter", "post:GetLetter"),
        ("post:GtLetter", "post:GetLetter"),
        ("post:MoveLeter", "post:MoveLetter"),
        ("post:HeadLetter", None),
        ("post:ListLetter", "post:ListLetters"),
    ],
)
def test_no_action_of_another_access_level_is_suggested_for_its_spelling(
    catalog, action, suggested
):
    (found,) = of_code(catalog, "unknown-action", allow(action))

    assert found.suggestion == suggested
