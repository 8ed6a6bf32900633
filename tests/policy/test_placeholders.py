"""Placeholders of ARN formats, and the values that are put in their place."""

from __future__ import annotations

import pytest

from iam_catalog import CatalogError
from iam_catalog.policy.placeholders import check_values, fill, placeholder_names

BUCKET = "arn:${Partition}:s3:::${BucketName}"
HOME = "arn:aws:s3:::homes/${aws:username}/${*}"


def test_names_are_those_of_all_arns_without_repeats() -> None:
    assert placeholder_names([BUCKET, "arn:${Partition}:iam::${Account}:role/x"]) == [
        "Account",
        "BucketName",
        "Partition",
    ]


def test_policy_variable_is_no_placeholder_because_its_name_has_a_colon() -> None:
    assert placeholder_names([HOME]) == []
    assert fill(HOME, {"aws:username": "x", "*": "y"}) == HOME


def test_placeholder_without_a_value_stays() -> None:
    assert fill(BUCKET, {"BucketName": "logs"}) == "arn:${Partition}:s3:::logs"


def test_value_may_be_a_wildcard_or_a_policy_variable_and_is_not_filled_again() -> None:
    assert fill(BUCKET, {"Partition": "*", "BucketName": "${Partition}-${aws:username}"}) == (
        "arn:*:s3:::${Partition}-${aws:username}"
    )


@pytest.mark.parametrize("name", ["Account", "Partition", "Region", "Resource", "BucketName"])
def test_value_for_a_part_that_every_arn_may_have_needs_no_place(name: str) -> None:
    check_values({name: "x"}, [BUCKET])


def test_value_for_another_name_needs_a_place() -> None:
    with pytest.raises(CatalogError) as caught:
        check_values({"Bucket": "logs"}, [BUCKET])

    assert str(caught.value) == (
        "No placeholder 'Bucket' in the ARNs of the policy: there are BucketName, Partition."
    )


def test_value_without_any_place_says_so() -> None:
    with pytest.raises(CatalogError) as caught:
        check_values({"Bucket": "logs"}, ["*"])

    assert str(caught.value) == (
        "No placeholder 'Bucket' in the ARNs of the policy: there is none."
    )


@pytest.mark.parametrize("value", ["", "a\nb", "\x1b[31m", "日本", "\x7f"])
def test_value_has_only_characters_that_a_policy_may_have(value: str) -> None:
    with pytest.raises(CatalogError) as caught:
        check_values({"BucketName": value}, [BUCKET])

    assert str(caught.value) == (
        f"{value!r} is no value for the placeholder 'BucketName': write what stands in the ARN, in"
        " characters from U+0020 to U+00FF."
    )


@pytest.mark.parametrize("value", ["1:2", "1 2"])
def test_value_for_one_part_of_an_arn_can_not_be_two(value: str) -> None:
    with pytest.raises(CatalogError) as caught:
        check_values({"Account": value}, [BUCKET])

    assert str(caught.value) == (
        f"{value!r} is no value for the placeholder 'Account': write one part of an ARN, without"
        " colons and blanks."
    )
