"""What is proposed for actions whose tables alone would not do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from iam_catalog.policy.check.findings import Evidence
from iam_catalog.policy.held_service import ActionFacts, TakenType
from iam_catalog.policy.write.grants import GrantedAction, granted_action
from iam_catalog.policy.write.statements import groups_of

ROLE = "arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}"
LINKED = "arn:${Partition}:iam::${Account}:role/aws-service-role/${AWSServiceName}/${RoleName}"
DOCUMENT = "arn:${Partition}:ssm:${Region}:${Account}:document/${DocumentName}"
INSTANCE = "arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}"
MANAGED = "arn:${Partition}:ssm:${Region}:${Account}:managed-instance/${InstanceId}"


def granted(
    action: str,
    types: Sequence[TakenType],
    given: Mapping[str, Sequence[str]] | None = None,
    *,
    with_optional_types: bool = False,
    everywhere: bool = False,
) -> GrantedAction:
    facts = ActionFacts(
        action, action.partition(":")[0], "Write", tuple(types), Evidence("p", 1, "2026-01-01")
    )
    return granted_action(
        action,
        facts,
        given or {},
        with_optional_types=with_optional_types,
        everywhere=everywhere,
    )


def taken(name: str, arn_format: str, *, required: bool = False) -> TakenType:
    return TakenType(name, required, (arn_format,))


SEND_COMMAND = [
    taken("ssm:bucket", "arn:${Partition}:s3:::${BucketName}"),
    taken("ssm:document", DOCUMENT, required=True),
    taken("ssm:instance", INSTANCE),
    taken("ssm:managed-instance", MANAGED),
]


# --- companions


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, (DOCUMENT, INSTANCE)),
        ({"ssm:managed-instance": ["m"]}, (DOCUMENT, "m")),
        ({"ssm:instance": ["i"], "ssm:document": ["d"]}, ("d", "i")),
    ],
)
def test_a_command_has_a_document_and_an_instance(
    given: dict[str, list[str]], expected: tuple[str, ...]
) -> None:
    assert granted("ssm:SendCommand", SEND_COMMAND, given).resources == expected


def test_of_many_starred_types_the_given_one_is_enough() -> None:
    types = [taken(f"x:t{number}", f"arn:x:{number}", required=True) for number in range(7)]

    assert granted("x:Invoke", types, {"x:t3": ["arn:given"]}).resources == ("arn:given",)
    assert len(granted("x:Invoke", types).resources) == 7


# --- service-linked roles


@pytest.mark.parametrize(
    ("given", "resource", "service"),
    [
        ([], LINKED, "${AWSServiceName}"),
        (["arn:aws:iam::1:role/app"], LINKED, "${AWSServiceName}"),
        (["arn:aws:iam::1:role/*"], "arn:aws:iam::1:role/*", "${AWSServiceName}"),
        (
            ["arn:aws:iam::1:role/aws-service-role/a.amazonaws.com/*"],
            "arn:aws:iam::1:role/aws-service-role/a.amazonaws.com/*",
            "a.amazonaws.com",
        ),
        (
            ["arn:aws:iam::1:role/aws-service-role/*"],
            "arn:aws:iam::1:role/aws-service-role/*",
            "${AWSServiceName}",
        ),
    ],
)
def test_a_service_linked_role_has_its_path_and_its_key(
    given: list[str], resource: str, service: str
) -> None:
    types = [taken("iam:role", ROLE, required=True)]
    found = granted("iam:CreateServiceLinkedRole", types, {"iam:role": given} if given else {})

    (group,) = groups_of([found], {})
    assert group.statement("A") == {
        "Sid": "A",
        "Effect": "Allow",
        "Action": ["iam:CreateServiceLinkedRole"],
        "Resource": [resource],
        "Condition": {"StringEquals": {"iam:AWSServiceName": service}},
    }


def test_other_actions_on_service_linked_roles_have_the_path_alone() -> None:
    found = granted("iam:DeleteServiceLinkedRole", [taken("iam:role", ROLE, required=True)])

    assert (found.resources, found.conditions) == ((LINKED,), ())


# --- many types


def test_of_many_optional_types_wildcards_take_the_place_of_the_formats() -> None:
    types = [
        taken(
            f"ec2:t{number}", f"arn:${{Partition}}:ec2:${{Region}}:${{Account}}:t{number}/${{Id}}"
        )
        for number in range(20)
    ]
    types.append(taken("ec2:image", "arn:${Partition}:ec2:${Region}::image/${ImageId}"))

    assert granted("ec2:DeleteTags", types).resources == (
        "arn:${Partition}:ec2:${Region}::*/*",
        "arn:${Partition}:ec2:${Region}:${Account}:*/*",
    )
    assert granted("ec2:DeleteTags", types, {"ec2:t7": ["arn:given"]}).resources == ("arn:given",)
    assert len(granted("ec2:DeleteTags", types, with_optional_types=True).resources) == 21


# --- denied


def test_what_is_denied_everywhere_needs_no_arn() -> None:
    found = granted("ssm:SendCommand", SEND_COMMAND, everywhere=True)

    assert (found.resources, found.resource_types, found.other_types) == (("*",), (), ())
