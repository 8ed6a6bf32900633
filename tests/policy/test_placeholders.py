"""Values for placeholders of ARN formats."""

from __future__ import annotations

import pytest

from iam_catalog import CatalogError
from iam_catalog.policy.write.grants import check_values

BUCKET = "arn:${Partition}:s3:::${BucketName}"


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
        f"{value!r} is not a value for the placeholder 'BucketName': write what stands in the ARN,"
        " in characters from U+0020 to U+00FF."
    )


@pytest.mark.parametrize("value", ["1:2", "1 2"])
def test_value_for_one_part_of_an_arn_can_not_be_two(value: str) -> None:
    with pytest.raises(CatalogError) as caught:
        check_values({"Account": value}, [BUCKET])

    assert str(caught.value) == (
        f"{value!r} is not a value for the placeholder 'Account': write one part of an ARN, without"
        " colons and blanks."
    )
