"""Whether an ARN of a policy can be of an ARN format, rule by rule."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iam_catalog.arn.fit import fit, match_format
from iam_catalog.arn.format import read_format
from iam_catalog.arn.parts import Arn
from iam_catalog.arn.pattern import overlaps

BUCKET = "arn:${Partition}:s3:::${BucketName}"
OBJECT = "arn:${Partition}:s3:::${BucketName}/${ObjectName}"
ROLE = "arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}"
QUEUE = "arn:${Partition}:sqs:${Region}:${Account}:${QueueName}"
INDEX = "arn:${Partition}:dynamodb:${Region}:${Account}:table/${TableName}/index/${IndexName}"
GROUP = "arn:${Partition}:logs:${Region}:${Account}:log-group:${LogGroupName}"
STREAM = (
    "arn:${Partition}:logs:${Region}:${Account}"
    ":log-group:${LogGroupName}:log-stream:${LogStreamName}"
)
ACCOUNT = "111122223333"


# --- parts


def test_an_arn_has_six_parts_and_the_last_one_can_hold_colons() -> None:
    assert Arn("arn:aws:logs:us-east-1:1:log-group:web:*").parts == (
        "aws",
        "logs",
        "us-east-1",
        "1",
        "log-group:web:*",
    )


@pytest.mark.parametrize("text", ["", "arn", "key-name", "urn:aws:s3:::b", "ARN:aws:s3:::b", "*a"])
def test_any_other_text_is_no_arn(text: str) -> None:
    arn = Arn(text)

    assert (arn.is_arn, arn.head, arn.incomplete) == (False, None, False)


@pytest.mark.parametrize(
    ("partition", "expected"),
    [
        ("aws", True),
        ("aws-cn", True),
        ("aws*", True),
        ("*", True),
        ("${AWS::Partition}", True),
        ("", False),
        ("amazon", False),
        ("c*", False),
    ],
)
def test_an_arn_is_of_a_partition_of_aws(partition: str, expected: bool) -> None:
    assert Arn(f"arn:{partition}:s3:::b").is_arn is expected


def test_a_colon_inside_a_variable_does_not_separate() -> None:
    text = "arn:${AWS::Partition}:s3:::${aws:username}/*"

    assert Arn(text).parts == ("${AWS::Partition}", "s3", "", "", "${aws:username}/*")


@pytest.mark.parametrize("text", ["*", "***", "${Bucket.Arn}"])
def test_what_can_be_any_arn_has_a_star_in_each_part_before_its_text(text: str) -> None:
    arn = Arn(text)

    assert arn.parts[:4] == ("*", "*", "*", "*")
    assert arn.is_arn
    assert (arn.incomplete, arn.missing) == (False, 0)


@pytest.mark.parametrize(
    ("text", "missing", "completed"),
    [
        ("arn:aws:sqs", 3, "arn:aws:sqs:*:*:*"),
        ("arn:aws:sqs:us-east-1", 2, "arn:aws:sqs:us-east-1:*:*"),
        ("arn:aws", 4, "arn:aws:*:*:*:*"),
        ("arn:aws:post::${aws:username}/box", 1, "arn:aws:post::${aws:username}/box:*"),
    ],
)
def test_aws_adds_a_star_for_each_part_that_is_missing(
    text: str, missing: int, completed: str
) -> None:
    arn = Arn(text)

    assert (arn.incomplete, arn.missing, arn.completed) == (True, missing, completed)
    assert arn.parts == Arn(completed).parts


@pytest.mark.parametrize("text", ["arn:aws:s3*", "arn:aws:s3:*", "arn:${AWS::Partition}"])
def test_what_ends_with_a_wildcard_or_variable_says_that_parts_follow(text: str) -> None:
    assert not Arn(text).incomplete
    assert Arn(text).missing


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


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        ("arn:aws:s3:::b*", (True, True)),
        ("arn:aws:s3:::*", (True, False)),
        ("arn:aws:s3:::*-logs", (True, False)),
        ("arn:aws:s3*:::b", (False, False)),
    ],
)
def test_a_star_that_starts_the_resource_is_written_and_not_exact(
    arn: str, expected: tuple[bool, bool]
) -> None:
    found = fit(Arn(arn), read_format(BUCKET))

    assert found is not None
    assert (found.written, found.exact) == expected


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
    "arn", ["*", "arn:*", "arn:aws:s3*", "arn:aws:s3:*", "arn:aws:s3:::${Path}"]
)
def test_a_wildcard_at_the_end_stands_for_all_that_follows(arn: str) -> None:
    found = match_format(arn, OBJECT)

    assert found is not None
    assert found["ObjectName"] == "*"


def test_a_variable_that_starts_the_text_can_be_all_parts() -> None:
    assert match_format("${Bucket.Arn}/*", OBJECT) == {
        "Partition": "*",
        "BucketName": "*",
        "ObjectName": "*",
    }


def test_a_wildcard_before_the_resource_can_stand_for_two_parts() -> None:
    assert match_format("arn:aws:logs:*:log-group:web:*", STREAM) == {
        "Partition": "aws",
        "Region": "*",
        "Account": "*",
        "LogGroupName": "web",
        "LogStreamName": "*",
    }


def test_a_wildcard_for_the_account_can_stand_for_text_of_the_resource() -> None:
    arn = "arn:aws:logs:*:*:/aws/*"

    assert match_format(arn, GROUP) == {
        "Partition": "aws",
        "Region": "*",
        "Account": "*",
        "LogGroupName": "/aws/*",
    }
    assert match_format(arn, GROUP.replace("log-group:", "log-group/")) is None


@pytest.mark.parametrize("arn", ["arn:aws:s3:b", "key-name", "", "arn:aws:sns*"])
def test_a_text_that_lacks_what_a_format_has_is_none(arn: str) -> None:
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
    """Behind a resource type, the values of these placeholders can be any text."""
    names = [f"${{V{place}}}" if piece == "$" else piece for place, piece in enumerate(pieces)]
    written = "".join(names)
    found = match_format(f"arn:aws:x:::t{resource}", f"arn:${{Partition}}:x:::t{written}")

    assert (found is not None) is overlaps(resource, re.sub(r"\$\{V\d\}", "?*", written))
    if found is not None:
        filled = re.sub(r"\$\{(V\d)\}", lambda match: found[match[1]], written)
        assert overlaps(filled, resource)
        assert "" not in found.values()


@given(PIECES, st.data())
def test_an_arn_that_is_filled_from_a_format_fits_it_and_writes_its_text(
    pieces: list[str], data: st.DataObject
) -> None:
    values = st.text("ab1", min_size=1, max_size=3)
    resource = "".join(data.draw(values) if each in "$*" else each for each in pieces)
    names = [f"${{V{place}}}" if piece == "$" else piece for place, piece in enumerate(pieces)]
    found = fit(Arn(f"arn:aws:x:::{resource}"), read_format("arn:aws:x:::" + "".join(names)))

    assert found is not None
    assert found.written
    assert found.slashes == 0


@pytest.mark.parametrize(
    ("resource", "fewest"),
    [
        ("project/*version/b/1", 0),
        ("project/a/version/b/1", 0),
        ("project/a/b/version/b/1", 1),
        ("project/a/b/version/b/*/1", 2),
        ("pro*/b/*", 0),
    ],
)
def test_a_wildcard_takes_in_what_leaves_the_fewest_slashes_in_values(
    resource: str, fewest: int
) -> None:
    found = fit(
        Arn(f"arn:aws:x:::{resource}"),
        read_format("arn:aws:x:::project/${Name}/version/${Version}/${Time}"),
    )

    assert found is not None
    assert [found.holds_at_most(most) for most in range(4)] == [most >= fewest for most in range(4)]


@given(PIECES, st.data())
def test_the_slashes_in_the_values_of_a_written_arn_are_those_that_the_format_lacks(
    pieces: list[str], data: st.DataObject
) -> None:
    values = st.text("a/", min_size=1, max_size=3)
    resource = "".join(data.draw(values) if each in "$*" else each for each in pieces)
    names = [f"${{V{place}}}" if piece in "$*" else piece for place, piece in enumerate(pieces)]
    found = fit(Arn(f"arn:aws:x:::t{resource}"), read_format("arn:aws:x:::t" + "".join(names)))

    assert found is not None
    held = sum(value.count("/") for value in found.variables.values())
    assert found.slashes == held
    assert found.holds_at_most(held)
    assert not found.holds_at_most(held - 1)


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("*a" * 30_000, {"BucketName": "*", "ObjectName": "*"}),
        ("?" * 3_000, {"BucketName": "?", "ObjectName": "?" * 2_998}),
        ("*/" * 10, {"BucketName": "*", "ObjectName": "*/" * 9}),
        ("b/" + "x:" * 30_000, {"BucketName": "b", "ObjectName": "x:" * 30_000}),
    ],
    ids=["stars", "marks", "slashes", "text"],
)
def test_a_long_resource_that_writes_no_text_of_the_format_is_taken_for_it(
    resource: str, expected: dict[str, str]
) -> None:
    assert match_format(f"arn:aws:s3:::{resource}", OBJECT) == {"Partition": "aws", **expected}
