"""AWS's ARN formats: how they are read, what their placeholders can hold, and filling them."""

from __future__ import annotations

import pytest

from iam_catalog.arn.fit import match_format
from iam_catalog.arn.format import fill, placeholder_names, read_format

BUCKET = "arn:${Partition}:s3:::${BucketName}"
HOME = "arn:aws:s3:::homes/${aws:username}/${*}"
REGIONAL = "arn:${Partition}:x:${Region}:${Account}:"


def test_a_format_is_its_parts_with_the_texts_and_placeholders_of_the_resource() -> None:
    found = read_format("arn:${Partition}:x:${Region}:aws:table/${TableName}/index/*")

    assert found.head == ("${Partition}", "x", "${Region}", "aws")
    assert found.head_names == ("Partition", None, "Region", None)
    assert (found.texts, found.names) == (("table/", "/index/", ""), ("TableName", "*"))
    assert (found.names_service, found.letters) == (True, len("aws" + "table/" + "/index/"))


def test_a_colon_inside_a_placeholder_does_not_separate() -> None:
    found = read_format("arn:${Partition}:ssm:::automation-definition/${Name:VersionId}")

    assert (found.service, found.names) == ("ssm", ("Name:VersionId",))


@pytest.mark.parametrize(
    "placeholder", ["${AppVersion}", "{AppVersion}", "#{AppVersion}", "<AppVersion>"]
)
def test_aws_writes_placeholders_in_other_ways_by_mistake(placeholder: str) -> None:
    arn_format = f"arn:${{Partition}}:panorama:::app/${{AppName}}:{placeholder}"

    assert match_format("arn:aws:panorama:::app/web:1", arn_format) == {
        "Partition": "aws",
        "AppName": "web",
        "AppVersion": "1",
    }


def test_a_text_that_is_no_arn_is_a_resource() -> None:
    assert read_format("execute-api:/*").texts == ("execute-api:/", "")
    assert match_format("arn:aws:execute-api:::x", "execute-api:/*") is None


# Format behind the service, value of its last placeholder, and whether it can be that.
HOLDS = """
s3:::${BucketName}                       logs-2026.a_B    yes
s3:::${BucketName}                       a/b              no
s3:::${BucketName}                       a:b              no
s3:::${Bucket}/${ObjectName}             /a:b             yes
x:::${Name}                              a:b              no
x:::${Name}                              a/b              no
x:::${NameArn}                           arn:aws:y:::z    yes
x:::type/${Name}                         a:b              yes
x:::type/${Name}                         a/b              yes
x:::type/${Name}                         /a               yes
x:::type/${NameWithoutLeadingSlash}      a/b              yes
x:::type/${NameWithoutLeadingSlash}      /a               no
x:::type/${AccountId}                    a/b              no
x:::type/${Region}                       a:b              no
x:${Region}::type                        a/b              no
x::${AccountId}:type                     a/b              no
x::${Account}:type                       aws              yes
x::${Account}:type                       aws-managed      yes
ec2:::instance/${InstanceId}             i-1              yes
ec2:::instance/${InstanceId}             i-1/x            no
ec2:::key-pair/${KeyPairName}            a/b              yes
lambda:::function:${FunctionName}        web:1            yes
lambda:::function:${FunctionName}        a/b              no
dynamodb:::table/${TableName}            a/b              no
glue:::table/${TableName}                a/b              yes
codepipeline:::${A}/${StageName}         a/b              no
codeartifact:::package/${PackageNamespace}/x              yes
codeartifact:::package/${PackageNamespace}/x  a/b         no
"""


@pytest.mark.parametrize("line", HOLDS.strip().splitlines())
def test_a_value_has_no_characters_that_its_placeholder_cannot_hold(line: str) -> None:
    text, *value, expected = line.split()
    arn_format = f"arn:${{Partition}}:{text}"
    start, _, rest = arn_format.rpartition("${")
    arn = start + "".join(value) + rest.partition("}")[2]
    for name in ("${Partition}", "${Bucket}", "${A}"):
        arn = arn.replace(name, "aws")

    found = match_format(arn, arn_format) is not None
    assert ("yes" if found else "no") == expected


# --- placeholders in policies


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
