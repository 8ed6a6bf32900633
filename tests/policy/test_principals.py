"""Who can be a principal, by AWS's forms of each type."""

from __future__ import annotations

import pytest

from iam_catalog.policy.check.findings import Finding
from iam_catalog.policy.grammar.principals import principal_arn_expectation, principal_findings

PROVIDER = "arn:aws:iam::111122223333:saml-provider/login"
OIDC = "arn:aws:iam::111122223333:oidc-provider/login.example.com"
CANONICAL = "0123456789abcdef" * 4


def found(kind: str, name: str) -> list[Finding]:
    statement: dict[str, object] = {"Effect": "Allow", "Principal": {kind: name}}
    return list(principal_findings(statement, (), "trust"))


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("AWS", "*"),
        ("AWS", "111122223333"),
        ("AWS", "arn:aws:iam::111122223333:root"),
        ("AWS", "arn:aws-cn:iam::111122223333:user/team/jo"),
        ("AWS", "arn:aws-us-gov:iam::111122223333:role/post"),
        ("AWS", "arn:aws:sts::111122223333:assumed-role/post/session"),
        ("AWS", "arn:aws:sts::111122223333:federated-user/jo"),
        ("AWS", "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"),
        ("Federated", PROVIDER),
        ("Federated", OIDC),
        ("Federated", "cognito-identity.amazonaws.com"),
        ("Federated", "accounts.google.com"),
        ("Service", "ec2.amazonaws.com"),
        ("Service", "ec2.amazonaws.com.cn"),
        ("Service", "states.eu-west-1.amazonaws.com"),
        ("Service", "alexa-appkit.amazon.com"),
        ("CanonicalUser", CANONICAL),
    ],
)
def test_a_principal_has_the_form_of_its_type(kind: str, name: str) -> None:
    assert found(kind, name) == []


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        ("AWS", "1111222233", "an account of 12 digits, an ARN, or *"),
        ("AWS", "arn:aws", "an ARN such as arn:aws:iam::111122223333:role/name"),
        ("AWS", "arn:aws-foo:iam::111122223333:root", "a partition of AWS, such as aws"),
        ("AWS", "arn:aws:iam::1111222233:root", "an account of 12 digits"),
        ("AWS", "arn:aws:iam::ACCOUNT:root", "an account of 12 digits"),
        (
            "AWS",
            "arn:aws:s3:::box",
            "a principal of IAM or STS, such as arn:aws:iam::111122223333:role/name",
        ),
        (
            "AWS",
            "arn:aws:iam:eu-west-1:111122223333:role/post",
            "no Region, as in arn:aws:iam::111122223333:role/name",
        ),
        *[
            (
                "AWS",
                f"arn:aws:{resource}",
                "root, user/… or role/… of IAM, or assumed-role/…/… or federated-user/… of STS",
            )
            for resource in (
                "iam::111122223333:rol/post",
                "iam::111122223333:role",
                "iam::111122223333:policy/post",
                "iam::111122223333:assumed-role/post/session",
                "sts::111122223333:role/post",
                "sts::111122223333:assumed-role/post",
            )
        ],
        (
            "AWS",
            "arn:aws:iam::111122223333:group/post",
            "a user, a role or an account: groups are not principals",
        ),
        *[
            (
                "Federated",
                name,
                "the ARN of a SAML or OIDC provider of IAM, or the domain of a provider",
            )
            for name in ("login", "arn:aws:iam::111122223333:role/post", "arn:aws:s3:::box")
        ],
        ("Federated", "arn:aws:iam::1:saml-provider/login", "an account of 12 digits"),
        ("Service", "ec2", "the name of a service, such as ec2.amazonaws.com"),
        ("Service", "s3.amazonaws.con", "the name of a service, such as s3.amazonaws.com"),
        ("Service", "lambda.aws.com", "the name of a service, such as lambda.amazonaws.com"),
        ("CanonicalUser", "79a5", "a canonical user ID of 64 hexadecimal digits"),
    ],
)
def test_another_form_is_an_error_that_says_what_was_expected(
    kind: str, name: str, expected: str
) -> None:
    text = f"{name!r} is not a principal of type {kind}: expected {expected}."

    assert [(each.code, each.text) for each in found(kind, name)] == [("principal-value", text)]


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::111122223333:*",
        "arn:aws:iam::*:role/post*",
        "arn:*:iam::111122223333:role/${aws:PrincipalTag/team}",
        "arn:aws:sts::*:assumed-role/*",
        "arn:aws:*",
    ],
)
def test_a_pattern_can_be_of_a_principal_as_far_as_it_goes(arn: str) -> None:
    assert principal_arn_expectation(arn) is None


@pytest.mark.parametrize(
    "arn", ["arn:aws:iam::111122223333:po*", "arn:aws:s3:::box*", "arn:aws:iam:eu-*:1:role/*"]
)
def test_a_pattern_that_no_principal_fits_is_one_of_none(arn: str) -> None:
    assert principal_arn_expectation(arn) is not None


@pytest.mark.parametrize("kind", ["identity", "scp"])
def test_a_principal_of_a_wrong_type_does_not_tell_what_the_policy_is(kind) -> None:
    assert [each.code for each in principal_findings({"Principal": 7}, (), kind)] == ["wrong-type"]
