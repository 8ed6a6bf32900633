"""Resources beside the actions of their statements, as AWS's tables of actions mean it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from check_services import (
    BOX,
    LETTER,
    NEWER,
    TRUCK,
    allow,
    build_catalog,
    codes,
    deny,
    findings,
    of_code,
    policy,
)

from iam_catalog import Catalog
from iam_catalog.policy.check.findings import Evidence
from iam_catalog.policy.model import Unresolved


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    with Catalog(build_catalog(tmp_path_factory.mktemp("check"))) as opened:
        yield opened


# --- how an ARN is written


@pytest.mark.parametrize(
    "resource",
    [
        "*",
        LETTER,
        "arn:aws:post:::*",
        "arn:aws:post*",
        "arn:*:post:*:*:*",
        "arn:aws-us-gov:post:::box/letter",
        "arn:aws:post:::${aws:username}/*",
        Unresolved("${a list}"),
    ],
)
def test_an_arn_may_have_wildcards_and_unknown_parts(catalog, resource):
    assert codes(catalog, allow("post:GetLetter", resource)) == []


def test_placeholders_of_arns_are_told_once_at_the_first(catalog):
    formats = [
        "arn:aws:post:::${aws:username}/*",
        "arn:${Partition}:post:::${BoxName}/letter",
        "arn:${Partition}:post:::${BoxName}/${LetterName}",
    ]
    found = findings(catalog, allow("post:GetLetter", formats))

    assert [(each.code, each.severity, each.text, each.path) for each in found] == [
        (
            "placeholder-in-arn",
            "error",
            (
                "To be filled in: ${Partition}. AWS takes no such text for the partition, Region or"
                " account of an ARN."
            ),
            ("Statement", 0, "Resource", 1),
        ),
        (
            "placeholder-left",
            "info",
            (
                "To be filled in: ${BoxName} and ${LetterName}. Until then AWS refuses the policy,"
                " or it matches nothing."
            ),
            ("Statement", 0, "Resource", 1),
        ),
    ]


@pytest.mark.parametrize(
    "left",
    [
        "${aws.username}",
        "${AWS::AccountId}",
        "${var.box}",
        "${account-id}",
        "${self:custom.box}",
        "<box-name>",
        "{box}",
        "{{ box }}",
    ],
)
def test_what_people_and_tools_write_for_a_name_is_to_be_filled_in(catalog, left):
    (found,) = findings(catalog, allow("post:GetLetter", f"arn:aws:post:::box/{left}"))

    assert (found.code, left in found.text) == ("placeholder-left", True)


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:post:<region>:111122223333:truck/7",
        "arn:aws:post:eu-west-1:${AWS::AccountId}:truck/7",
        "arn:aws:post:eu-west-1:ACCOUNT_ID:truck/7",
        "arn:{partition}:post:eu-west-1:111122223333:truck/7",
        "{arn-aws}:post:eu-west-1:111122223333:truck/7",
    ],
)
def test_text_of_a_template_before_the_resource_is_all_that_is_found_in_an_arn(catalog, arn):
    assert codes(catalog, allow("post:MoveLetter", arn)) == [("placeholder-in-arn", "Resource")]


def test_what_only_a_deployment_knows_is_no_placeholder(catalog):
    assert codes(catalog, allow("post:GetLetter", Unresolved("arn:aws:post:::${Box}/x"))) == []


@pytest.mark.parametrize(
    ("resource", "text"),
    [
        (
            "key-name",
            "'key-name' is not an ARN: expected '*' or arn:partition:service:region:account:…",
        ),
        ("", "'' is not an ARN: expected '*' or arn:partition:service:region:account:…"),
        (
            "arn:amazon:post:::box/letter",
            (
                "'arn:amazon:post:::box/letter' is not an ARN:"
                " 'amazon' is not a partition such as 'aws'."
            ),
        ),
    ],
)
def test_what_is_no_arn_is_refused_by_aws(catalog, resource, text):
    (found,) = findings(catalog, allow("post:GetLetter", [resource]))

    assert (found.code, found.severity, found.text, found.path) == (
        "malformed-arn",
        "error",
        text,
        ("Statement", 0, "Resource", 0),
    )


@pytest.mark.parametrize(
    ("arn", "written", "completed"),
    [
        ("arn:aws:post", 3, "arn:aws:post:*:*:*"),
        ("arn:aws:post:", 4, "arn:aws:post::*:*"),
        ("arn:aws:post::", 5, "arn:aws:post:::*"),
    ],
)
def test_aws_completes_an_arn_with_stars_so_that_it_is_every_resource(
    catalog, arn, written, completed
):
    (found,) = findings(catalog, allow(["post:GetLetter", "post:ListLetters"], arn))

    assert (found.code, found.severity, found.text, found.path, found.suggestion) == (
        "incomplete-arn",
        "warning",
        (
            f"'{arn}' has {written} of the 6 parts of an ARN: with '*' for the others,"
            f" it is '{completed}'."
        ),
        ("Statement", 0, "Resource"),
        completed,
    )


def test_an_incomplete_arn_can_be_of_no_type_like_any_other(catalog):
    assert codes(catalog, allow("post:GetLetter", ["arn:aws:post::111122223333"])) == [
        ("incomplete-arn", "Resource[0]"),
        ("action-without-resource", "Action"),
    ]


@pytest.mark.parametrize(
    ("arn", "code", "text"),
    [
        (
            "arn:aws:post:us-nowhere-1:111122223333:truck/7",
            "malformed-region",
            (
                "'us-nowhere-1' in 'arn:aws:post:us-nowhere-1:111122223333:truck/7' is not the "
                "name of a Region, such as 'us-east-2'."
            ),
        ),
        (
            "arn:aws:post:eu-west-1:1111222233:truck/7",
            "malformed-account-id",
            (
                "'1111222233' in 'arn:aws:post:eu-west-1:1111222233:truck/7' is not an account ID, "
                "which has 12 digits."
            ),
        ),
    ],
)
def test_a_region_and_an_account_are_written_like_one(catalog, arn, code, text):
    found = findings(catalog, allow("post:MoveLetter", [LETTER, BOX, arn]))

    assert [(each.code, each.severity, each.text) for each in found] == [(code, "warning", text)]


def test_a_resource_policy_of_api_gateway_may_leave_out_the_start_of_the_arn(catalog):
    statement = allow("post:GetLetter", "execute-api:/*/GET/boxes", Principal="*")

    assert codes(catalog, statement) == []


def test_resources_of_not_resource_are_read_alike(catalog):
    statement = {"Effect": "Deny", "Action": "post:GetLetter", "NotResource": ["box", LETTER]}

    assert codes(catalog, statement) == [("malformed-arn", "NotResource[0]")]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("aws:username", None),
        ("AWS:UserName", None),
        ("post:Colour", None),
        ("aws:PrincipalTag/team", None),
        ("aws:PrincipalTag/team, 'none'", None),
        ("accounts.google.com:sub", None),
        ("saml:sub", None),
        ("AWS::Region", None),
        ("aws_post_box.it.arn", None),
        ("nosuch:Colour", None),
        (
            "aws:usrname",
            (
                "'${aws:usrname}' names no condition key among AWS's global condition keys as of "
                "2026-09."
            ),
        ),
        ("post:Color", f"'${{post:Color}}' names no condition key in the catalog as of {NEWER}."),
        (
            "aws:TagKeys",
            "'${aws:TagKeys}' is a condition key of several values, which no variable can be.",
        ),
    ],
)
def test_a_policy_variable_is_a_condition_key_of_one_value(catalog, name, said):
    found = of_code(
        catalog, "unknown-variable", allow("post:GetLetter", f"arn:aws:post:::box/${{{name}}}")
    )

    assert [each.text for each in found] == ([said] if said else [])


@pytest.mark.parametrize(
    ("resource", "told"),
    [
        ("arn:aws:post:${aws:RequestedRegion}:111122223333:truck/7", True),
        ("arn:aws:post:*:${aws:PrincipalAccount}:truck/${aws:username}", True),
        ("arn:aws:post:*:*:truck/${aws:username}", False),
        ("arn:aws:post:${AWS::Region}:${Account}:truck/7", False),
        ("arn:${AWS::Partition}:post:*:*:truck/7", False),
    ],
)
def test_a_policy_variable_stands_in_the_last_part_of_an_arn(catalog, resource, told):
    found = of_code(catalog, "variable-not-allowed", allow("post:MoveLetter", resource))
    said = f"'{resource}' has a policy variable before the fifth colon, where none works."

    assert [(each.severity, each.text) for each in found] == ([("error", said)] if told else [])


def test_a_variable_without_an_end_is_an_error(catalog):
    statement = allow("post:GetLetter", "arn:aws:post:::box/${aws:username")

    assert codes(catalog, statement) == [("malformed-variable", "Resource")]


# --- actions and ARNs of one statement


def test_an_action_that_takes_no_resource_type_needs_the_star(catalog):
    (found,) = findings(catalog, allow("post:ListBoxes", BOX))

    assert (found.code, found.text, found.path, found.suggestion, found.evidence) == (
        "action-needs-star",
        (
            f"'post:ListBoxes' takes no resource type: it needs the resource '*' (documented on "
            f"{NEWER})."
        ),
        ("Statement", 0, "Action"),
        "*",
        (Evidence(f"postoffice@{NEWER}", 12, NEWER),),
    )


def test_an_action_is_told_that_takes_none_of_the_arns(catalog):
    """A bucket's ARN with a slash and a star is that of its objects: who lists needs the bucket."""
    (found,) = findings(
        catalog, allow(["post:GetLetter", "post:ListLetters"], "arn:aws:post:::b/*")
    )

    assert (found.code, found.text, found.path, found.suggestion) == (
        "action-without-resource",
        (
            f"'post:ListLetters' takes post:box (documented on {NEWER}), and no resource of the "
            "statement is one."
        ),
        ("Statement", 0, "Action", 1),
        "arn:${Partition}:post:::${BoxName}",
    )


def test_an_arn_is_fine_if_any_action_of_the_statement_takes_it(catalog):
    assert codes(catalog, allow(["post:GetLetter", "post:ListLetters"], [BOX, LETTER])) == []


def test_an_arn_that_no_action_takes_is_told(catalog):
    (found,) = findings(catalog, allow("post:GetLetter", [LETTER, TRUCK]))

    assert (found.code, found.text, found.path) == (
        "resource-without-action",
        f"No action of the statement takes '{TRUCK}', which can be post:truck.",
        ("Statement", 0, "Resource", 1),
    )


def test_an_arn_of_another_service_is_told_too(catalog):
    assert codes(catalog, allow("post:GetLetter", [LETTER, "arn:aws:depot:::dock/1"])) == [
        ("resource-without-action", "Resource[1]")
    ]


@pytest.mark.parametrize("arn", ["arn:aws:post:::*", "arn:aws:post:::box*", "arn:aws:post:*:*:*"])
def test_a_wildcard_can_be_what_an_action_takes(catalog, arn):
    assert codes(catalog, allow(["post:GetLetter", "post:ListLetters"], arn)) == []


def test_a_star_among_the_resources_covers_everything(catalog):
    assert codes(catalog, allow(["post:ListBoxes", "post:GetLetter"], [BOX, "*"])) == []


def test_of_a_pattern_one_action_that_takes_an_arn_is_enough_to_use_it(catalog):
    (found,) = of_code(catalog, "pattern-beyond-resources", allow("post:*", LETTER))

    assert codes(catalog, allow("post:*", LETTER)) == [("pattern-beyond-resources", "Action")]
    assert (found.severity, found.text) == (
        "info",
        (
            "Of the 10 actions that 'post:*' matches, 3 take none of the statement's resources"
            f" (documented on {NEWER}): post:ListBoxes, post:ListLetters and post:PutBoxPolicy."
        ),
    )


def test_a_pattern_of_which_every_action_takes_an_arn_is_fine(catalog):
    assert codes(catalog, allow("post:GetL*", LETTER)) == []


def test_several_actions_of_a_statement_are_one_finding(catalog):
    (found,) = of_code(
        catalog,
        "action-without-resource",
        allow(["post:ListLetters", "post:GetLetter", "post:PutBoxPolicy"], LETTER),
    )

    assert (found.text, found.path) == (
        (
            "2 actions ('post:ListLetters' and 'post:PutBoxPolicy') take post:box (documented on"
            f" {NEWER}), and no resource of the statement is one."
        ),
        ("Statement", 0, "Action", 0),
    )


@pytest.mark.parametrize(
    ("arn", "code"),
    [
        ("arn:aws:post:::*", "action-on-every-arn"),
        ("arn:aws:post:*:*:truck/*", "action-on-every-arn"),
        ("arn:aws:post:eu-west-1:111122223333:truck*", "action-on-every-arn"),
        ("arn:aws:post:*:*:truck/7*", "action-needs-star"),
        ("arn:aws:depot:::*", "action-needs-star"),
    ],
)
def test_an_arn_of_every_resource_of_a_type_may_stand_for_the_star(catalog, arn, code):
    assert [each for each, _ in codes(catalog, allow("post:ListBoxes", arn))] == [code]


@pytest.mark.parametrize(
    ("other", "code"),
    [
        (allow("post:ListBoxes"), "action-allowed-elsewhere"),
        (allow("post:List*"), "action-allowed-elsewhere"),
        (allow("post:ListBoxes", LETTER), "action-needs-star"),
        (deny("post:ListBoxes"), "action-needs-star"),
        (
            allow("post:ListBoxes", Condition={"Bool": {"aws:SecureTransport": "true"}}),
            "action-needs-star",
        ),
    ],
)
def test_what_another_statement_allows_is_no_harm_where_it_cannot_be(catalog, other, code):
    found = catalog.check_policy(policy(allow(["post:ListBoxes", "post:GetLetter"], LETTER), other))

    assert [each.code for each in found if each.path[:2] == ("Statement", 0)] == [code]


def test_the_format_that_is_suggested_is_like_the_arns_that_are_written(catalog):
    (found,) = of_code(catalog, "action-without-resource", allow("post:TagLetter", TRUCK))

    assert found.suggestion == "arn:${Partition}:post:::${BoxName}/${LetterName}"


def test_a_pattern_of_which_no_action_takes_an_arn_is_told_as_a_whole(catalog):
    (found,) = findings(catalog, allow("post:ListB*", LETTER))

    assert (found.code, found.text) == (
        "action-needs-star",
        (
            f"Every action that 'post:ListB*' matches takes no resource type: it needs the "
            f"resource '*' (documented on {NEWER})."
        ),
    )


@pytest.mark.parametrize(
    ("pattern", "matched"),
    [
        ("post:List*", "1 action that takes only '*', and 1 action that takes"),
        ("post:ListL*", "1 action that takes"),
    ],
)
def test_of_a_pattern_it_is_told_how_many_of_its_actions_take_what(catalog, pattern, matched):
    (found,) = findings(catalog, allow(pattern, LETTER))

    assert found.text == (
        f"'{pattern}' matches {matched} post:box (documented on {NEWER}), and no resource of the"
        " statement is one."
    )


@pytest.mark.parametrize("action", ["nosuch:Get", "attic:Climb", "*", Unresolved("${it}")])
def test_nothing_is_said_of_an_arn_beside_an_action_that_is_not_known(catalog, action):
    statement = allow(["post:GetLetter", action], [LETTER, "arn:aws:nosuch:::thing"])

    assert [code for code, _ in codes(catalog, statement) if code != "service-not-held"] == []


def test_nothing_is_said_of_a_resource_type_without_an_arn_format(catalog):
    assert codes(catalog, allow("post:GetParcel", LETTER)) == []


def test_a_deny_that_no_request_can_match_is_told_alike(catalog):
    assert codes(catalog, deny("post:ListLetters", LETTER)) == [
        ("action-without-resource", "Action")
    ]


def test_a_resource_policy_is_about_its_own_resource(catalog):
    """Its resources are checked; what other policies may grant is not asked."""
    statement = allow(["post:MoveLetter", "post:ListLetters"], [BOX], Principal="*")

    assert codes(catalog, statement) == []


# --- required types


def test_a_required_type_that_no_statement_names_is_told_once(catalog):
    found = of_code(
        catalog,
        "some-required-types-missing",
        allow("post:MoveLetter", [LETTER, TRUCK]),
        allow("post:MoveLetter", "arn:aws:post:::box/other"),
    )

    assert [(each.text, each.path, each.suggestion, each.evidence) for each in found] == [
        (
            (
                f"'post:MoveLetter' requires a resource of the type post:box (documented on "
                f"{NEWER}), and no statement that allows it names one: only of other types that"
                " AWS's table requires."
            ),
            ("Statement", 0, "Action"),
            "arn:${Partition}:post:::${BoxName}",
            (Evidence(f"postoffice@{NEWER}", 14, NEWER),),
        )
    ]


@pytest.mark.parametrize(
    "other",
    [
        allow("post:MoveLetter", BOX),
        allow("post:Move*", [BOX]),
        allow("*", BOX),
        allow("post:MoveLetter"),
        {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
        {"Effect": "Allow", "Action": "post:MoveLetter", "NotResource": TRUCK},
    ],
)
def test_statements_that_allow_an_action_add_up(catalog, other):
    found = findings(catalog, allow("post:MoveLetter", LETTER), other)

    assert [each for each in found if "required-type" in each.code] == []


def test_a_starred_type_is_missed_where_only_others_are_named(catalog):
    found = of_code(catalog, "required-type-missing", allow("post:MoveLetter", TRUCK))

    assert [each.severity for each in found] == ["warning"]


def test_optional_types_are_not_missed(catalog):
    assert codes(catalog, allow("post:MoveLetter", [LETTER, BOX])) == []


def test_rows_of_a_scenario_require_nothing(catalog):
    assert codes(catalog, allow("post:SendLetter", LETTER)) == []


def test_of_several_pages_one_that_requires_no_more_is_enough(catalog):
    assert codes(catalog, allow("pair:Open", "arn:aws:pair:::window/1")) == []


@pytest.mark.parametrize("kind", ["scp", "rcp", "resource"])
def test_only_what_grants_by_itself_can_miss_a_type(catalog, kind):
    found = catalog.check_policy(policy(allow("post:MoveLetter", LETTER)), kind=kind)

    assert not any("required-type" in each.code for each in found)


def test_more_arns_than_any_policy_can_hold_are_not_compared(catalog):
    trucks = [f"arn:aws:post:::truck/*{number}?${{aws:username}}" for number in range(2_001)]
    (finding,) = of_code(catalog, "too-many-resources", allow("post:GetLetter", trucks))
    assert codes(catalog, allow("post:GetLetter", trucks[:3])) == []
    assert finding.text == (
        "The policy has more than 2,000 resources: which actions take them, and whether one covers"
        " another, is not checked."
    )
