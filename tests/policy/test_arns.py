"""Whether an ARN of a policy can be of an ARN format, rule by rule."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iam_catalog.policy.arns import Arn, fit, match_format, read_format, split_arn
from iam_catalog.policy.wildcards import overlaps

BUCKET = "arn:${Partition}:s3:::${BucketName}"
OBJECT = "arn:${Partition}:s3:::${BucketName}/${ObjectName}"
ROLE = "arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}"
QUEUE = "arn:${Partition}:sqs:${Region}:${Account}:${QueueName}"
INDEX = "arn:${Partition}:dynamodb:${Region}:${Account}:table/${TableName}/index/${IndexName}"
STREAM = (
    "arn:${Partition}:logs:${Region}:${Account}"
    ":log-group:${LogGroupName}:log-stream:${LogStreamName}"
)
ACCOUNT = "111122223333"


# --- parts


def test_an_arn_has_six_parts_and_the_last_one_can_hold_colons() -> None:
    assert split_arn("arn:aws:logs:us-east-1:1:log-group:web:*") == (
        "aws",
        "logs",
        "us-east-1",
        "1",
        "log-group:web:*",
    )


@pytest.mark.parametrize(
    "text", ["", "key-name", "*", "arn:aws:s3", "urn:aws:s3:::b", "ARN:aws:s3:::b"]
)
def test_any_other_text_has_no_parts(text: str) -> None:
    assert split_arn(text) is None


def test_a_colon_inside_a_variable_does_not_separate() -> None:
    text = "arn:${AWS::Partition}:s3:::${aws:username}/*"

    assert split_arn(text) == ("${AWS::Partition}", "s3", "", "", "${aws:username}/*")


# --- an ARN without wildcards


def test_the_values_are_those_of_every_variable() -> None:
    assert match_format(f"arn:aws:sqs:us-east-2:{ACCOUNT}:jobs", QUEUE) == {
        "Partition": "aws",
        "Region": "us-east-2",
        "Account": ACCOUNT,
        "QueueName": "jobs",
    }


@pytest.mark.parametrize(
    "arn", ["arn:aws:sqs:us-east-2::jobs", "arn:aws:sqs::1:jobs", "arn:aws:sqs:x:1:"]
)
def test_a_variable_is_not_empty(arn: str) -> None:
    assert match_format(arn, QUEUE) is None


@pytest.mark.parametrize("arn", ["arn:aws:s3:us-east-1::b", "arn:aws:s3::1:b", "arn:aws:s3:?::b"])
def test_an_empty_part_of_a_format_is_empty(arn: str) -> None:
    assert match_format(arn, BUCKET) is None


@pytest.mark.parametrize(
    "partition", ["aws", "aws-cn", "aws-us-gov", "aws*", "*", "${AWS::Partition}"]
)
def test_a_partition_is_aws_or_starts_so(partition: str) -> None:
    assert match_format(f"arn:{partition}:s3:::b", BUCKET) == {
        "Partition": partition,
        "BucketName": "b",
    }


@pytest.mark.parametrize("partition", ["", "amazon", "awscn", "c*"])
def test_any_other_partition_is_none(partition: str) -> None:
    assert match_format(f"arn:{partition}:s3:::b", BUCKET) is None


def test_case_counts() -> None:
    assert match_format(f"arn:aws:iam::{ACCOUNT}:Role/a", ROLE) is None
    assert match_format("arn:aws:S3:::b", BUCKET) is None


def test_a_variable_of_the_resource_can_hold_slashes_and_colons() -> None:
    assert match_format(f"arn:aws:iam::{ACCOUNT}:role/team/a", ROLE) == {
        "Partition": "aws",
        "Account": ACCOUNT,
        "RoleNameWithPath": "team/a",
    }


def test_the_first_variables_hold_as_little_as_they_can() -> None:
    assert match_format("arn:aws:s3:::b/2026/a:b", OBJECT) == {
        "Partition": "aws",
        "BucketName": "b",
        "ObjectName": "2026/a:b",
    }


def test_two_variables_side_by_side_hold_a_character_at_least() -> None:
    arn_format = "arn:${Partition}:codeartifact:::package-group/${Domain}${Pattern}"

    assert match_format("arn:aws:codeartifact:::package-group/d", arn_format) is None
    assert match_format("arn:aws:codeartifact:::package-group/d/*", arn_format) == {
        "Partition": "aws",
        "Domain": "d",
        "Pattern": "/*",
    }


@pytest.mark.parametrize("name", ["", "a", "a/b", "*"])
def test_a_star_of_a_format_is_any_text_without_a_name(name: str) -> None:
    arn_format = "arn:${Partition}:artifact:::report-package/*"

    assert match_format(f"arn:aws:artifact:::report-package/{name}", arn_format) == {
        "Partition": "aws"
    }


def test_a_star_of_a_format_can_stand_before_the_resource() -> None:
    arn_format = "arn:${Partition}:health:*::event/${Service}/*"

    assert match_format("arn:aws:health:::event/EC2/1", arn_format) == {
        "Partition": "aws",
        "Service": "EC2",
    }
    assert match_format("arn:aws:health:us-east-1::event/EC2/1", arn_format) is not None
    assert match_format("arn:aws:health:us-east-1:1:event/EC2/1", arn_format) is None


@pytest.mark.parametrize(
    ("region", "expected"), [("us-west-2", True), ("us-*", True), ("us-east-1", False)]
)
def test_a_text_of_a_format_is_that_text(region: str, expected: bool) -> None:
    arn_format = "arn:${Partition}:s3:us-west-2:${Account}:async-request/${Token}"

    assert (
        match_format(f"arn:aws:s3:{region}:1:async-request/t", arn_format) is not None
    ) is expected


# --- wildcards and variables


def exact(arn: str, arn_format: str) -> bool | None:
    found = fit(Arn(arn), read_format(arn_format))
    return None if found is None else found.exact


def test_a_wildcard_in_the_place_of_a_variable_is_its_value() -> None:
    arn = "arn:aws:s3:::b-*/${aws:username}/?"

    assert match_format(arn, OBJECT) == {
        "Partition": "aws",
        "BucketName": "b-*",
        "ObjectName": "${aws:username}/?",
    }
    assert exact(arn, OBJECT) is True


def test_a_wildcard_can_stand_for_text_of_the_format() -> None:
    assert match_format("arn:aws:s3:::b*", OBJECT) == {
        "Partition": "aws",
        "BucketName": "b*",
        "ObjectName": "*",
    }
    assert exact("arn:aws:s3:::b*", OBJECT) is False


def test_a_wildcard_shares_what_is_left_among_variables() -> None:
    assert match_format(f"arn:aws:dynamodb:*:{ACCOUNT}:table/a*b", INDEX) == {
        "Partition": "aws",
        "Region": "*",
        "Account": ACCOUNT,
        "TableName": "a*",
        "IndexName": "*b",
    }


def test_a_question_mark_can_not_stand_for_several_characters() -> None:
    assert match_format("arn:aws:s3:::b?", OBJECT) is None
    assert match_format("arn:aws:s3:::b??", OBJECT) == {
        "Partition": "aws",
        "BucketName": "b",
        "ObjectName": "?",
    }


def test_a_wildcard_that_can_be_no_text_fits_an_empty_part() -> None:
    assert match_format("arn:aws:s3:*:**:b", BUCKET) == {"Partition": "aws", "BucketName": "b"}
    assert exact("arn:aws:s3:*:**:b", BUCKET) is True


@pytest.mark.parametrize(
    "arn", ["*", "arn:*", "arn:aws:s3*", "arn:aws:s3:*", "${Bucket}", "arn:aws:s3:::${Path}"]
)
def test_a_wildcard_at_the_end_of_a_part_goes_on_beyond_the_colon(arn: str) -> None:
    found = match_format(arn, OBJECT)

    assert found is not None
    assert (found["BucketName"], found["ObjectName"]) == ("*", "*")


def test_a_wildcard_before_the_resource_can_stand_for_two_parts() -> None:
    assert match_format("arn:aws:logs:*:log-group:web:*", STREAM) == {
        "Partition": "aws",
        "Region": "*",
        "Account": "*",
        "LogGroupName": "web",
        "LogStreamName": "*",
    }


@pytest.mark.parametrize(
    "arn", ["arn:aws:s3", "arn:aws:s3:b", "arn:a*s:s3:b", "key-name", "", "arn:aws:sns*"]
)
def test_a_text_that_lacks_parts_without_a_wildcard_for_them_is_none(arn: str) -> None:
    assert match_format(arn, BUCKET) is None


def test_the_service_can_be_a_variable() -> None:
    arn_format = "arn:${Partition}:${Vendor}:${Region}:*:${ResourceType}:${Id}"

    assert match_format("arn:aws:rds:us-east-1:1:snapshot:a", arn_format) == {
        "Partition": "aws",
        "Vendor": "rds",
        "Region": "us-east-1",
        "ResourceType": "snapshot",
        "Id": "a",
    }


# --- any resource, any format


RESOURCE = st.text("ab/:*?", max_size=7)
PIECES = st.lists(st.sampled_from(["a", "b", "/", ":", "*", "$"]), max_size=6)


@given(RESOURCE, PIECES)
def test_an_arn_fits_where_it_overlaps_the_format_as_a_pattern(
    resource: str, pieces: list[str]
) -> None:
    names = [f"${{V{place}}}" if piece == "$" else piece for place, piece in enumerate(pieces)]
    written = "".join(names)
    found = match_format(f"arn:aws:x:::{resource}", f"arn:${{Partition}}:x:::{written}")

    assert (found is not None) is overlaps(resource, re.sub(r"\$\{V\d\}", "?*", written))
    if found is not None:
        filled = re.sub(r"\$\{(V\d)\}", lambda match: found[match[1]], written)
        assert overlaps(filled, resource)
        assert "" not in found.values()


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:s3:::" + "*a" * 3_000,
        "arn:aws:s3:::" + "?" * 3_000,
        "arn:aws:s3:::" + "${x}/" * 3_000,
        "*:" * 3_000,
        "arn:aws:s3:::" + "*/" * 1_000_000,
    ],
)
def test_no_arn_takes_long(arn: str) -> None:
    start = time.process_time()
    match_format(arn, OBJECT)

    assert time.process_time() - start < 5
