"""The parts of a policy that can be told, whatever stands around them."""

from __future__ import annotations

import pytest

from iam_catalog.policy.model import Condition, Policy, Statement, Unresolved
from iam_catalog.policy.read.statements import read_policy


def test_a_policy_gives_its_statements_in_order():
    value = {
        "Version": "2012-10-17",
        "Id": "example",
        "Statement": [
            {
                "Sid": "Read",
                "Effect": "Allow",
                "Action": ["s3:Get*", "s3:List*"],
                "Resource": "*",
                "Condition": {"StringEquals": {"aws:PrincipalTag/team": ["a", "b"]}},
            },
            {
                "Effect": "Deny",
                "Principal": {"AWS": ["111122223333", "444455556666"], "Service": "ec2.x"},
                "NotAction": "iam:*",
                "NotResource": ["arn:aws:s3:::a"],
            },
        ],
    }

    assert read_policy(value) == Policy(
        "2012-10-17",
        "example",
        (
            Statement(
                ("Statement", 0),
                "Read",
                "Allow",
                ("s3:Get*", "s3:List*"),
                None,
                ("*",),
                None,
                None,
                None,
                (
                    Condition(
                        "StringEquals",
                        "aws:PrincipalTag/team",
                        ("a", "b"),
                        ("Statement", 0, "Condition", "StringEquals", "aws:PrincipalTag/team"),
                    ),
                ),
                frozenset({"Action"}),
            ),
            Statement(
                ("Statement", 1),
                None,
                "Deny",
                None,
                ("iam:*",),
                None,
                ("arn:aws:s3:::a",),
                (("AWS", "111122223333"), ("AWS", "444455556666"), ("Service", "ec2.x")),
                None,
                (),
                frozenset({"NotResource"}),
            ),
        ),
    )


def test_a_statement_can_stand_without_a_list():
    (statement,) = read_policy({"Statement": {"Action": "s3:*"}}).statements

    assert statement.path == ("Statement",)
    assert statement.item_path("Action", 0) == ("Statement", "Action")


def test_an_item_of_a_list_has_an_index_in_its_path():
    (statement,) = read_policy({"Statement": [{"Action": ["s3:*"]}]}).statements

    assert statement.item_path("Action", 0) == ("Statement", 0, "Action", 0)


def test_the_bare_star_is_a_principal_of_every_type():
    (statement,) = read_policy({"Statement": [{"Principal": "*"}]}).statements

    assert statement.principals == (("*", "*"),)


def test_numbers_and_booleans_are_spelled_as_in_json():
    condition = {"Bool": {"a:b": True, "a:c": [False, 1, 2.5, "x"], "a:d": None}}
    (statement,) = read_policy({"Statement": [{"Condition": condition}]}).statements

    assert [(each.key, each.values) for each in statement.conditions] == [
        ("a:b", ("true",)),
        ("a:c", ("false", "1", "2.5", "x")),
    ]


@pytest.mark.parametrize(
    "value",
    [
        None,
        1,
        "x",
        [],
        {},
        {"Statement": None},
        {"Statement": "x"},
        {"Statement": Unresolved("${x}")},
        {"Statement": [1, None, "x", [[]]]},
    ],
)
def test_what_is_no_statement_is_left_out(value):
    assert read_policy(value) == Policy(None, None, ())


@pytest.mark.parametrize("wrong", [1, None, True, 2.5])
def test_an_element_of_a_wrong_type_is_left_out(wrong):
    names = ("Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction")
    names += ("Resource", "NotResource", "Condition")

    (statement,) = read_policy({"Statement": [dict.fromkeys(names, wrong)]}).statements

    assert statement == Statement(("Statement", 0), *[None] * 8, ())


def test_an_item_of_a_wrong_type_keeps_its_place():
    (statement,) = read_policy({"Statement": [{"Action": ["s3:*", 1]}]}).statements

    assert statement.actions == ("s3:*", "${not a text}")
    assert isinstance((statement.actions or ())[1], Unresolved)


def test_an_effect_is_allow_or_deny():
    assert read_policy({"Statement": [{"Effect": "allow"}]}).statements[0].effect is None
