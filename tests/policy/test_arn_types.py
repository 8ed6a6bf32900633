"""Which resource types an ARN can be, in which order, and the actions that take them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from arn_services import FORMATS, build_arn_catalog

from iam_catalog import Catalog, MalformedArn, UnknownServicePrefix
from iam_catalog.policy.arn_types import types_of_arn
from iam_catalog.records import ArnMatch

REGIONAL = "us-east-1:111122223333"


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    with Catalog(build_arn_catalog(tmp_path_factory.mktemp("arns"))) as opened:
        yield opened


def types(catalog: Catalog, arn: str) -> list[str]:
    """The types that an ARN can be; in parentheses where a wildcard has to stand for some of it."""
    return [
        found.resource_type if found.exact else f"({found.resource_type})"
        for found in catalog.match_arn(arn)
    ]


def test_a_match_says_how_and_where_it_is_documented(catalog: Catalog) -> None:
    assert catalog.match_arn(f"arn:aws:dynamodb:{REGIONAL}:table/music") == [
        ArnMatch(
            resource_type="dynamodb:table",
            arn_format="arn:${Partition}:dynamodb:${Region}:${Account}:table/${TableName}",
            variables={
                "Partition": "aws",
                "Region": "us-east-1",
                "Account": "111122223333",
                "TableName": "music",
            },
            exact=True,
            specificity=len("table/"),
            page="dynamodb.json@2020-03-04",
            line=78,
            last_seen="2020-03-04",
        )
    ]


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        ("arn:aws:apigateway:us-east-1::/restapis/a1/stages/prod", ["apigateway:Stage"]),
        ("arn:aws:apigateway:us-east-1::/apis/a1/stages/prod", ["apigateway:Stage"]),
        ("arn:aws:apigateway:us-east-1::/restapis/a1", ["apigateway:RestApi"]),
        ("arn:aws:apigateway:us-east-1::/restapis", ["apigateway:RestApis"]),
        (
            f"arn:aws:elasticloadbalancing:{REGIONAL}:loadbalancer/app/web/50dc6c495c0c9188",
            ["elasticloadbalancing:loadbalancer/app/"],
        ),
        (
            f"arn:aws:elasticloadbalancing:{REGIONAL}:loadbalancer/web",
            ["elasticloadbalancing:loadbalancer"],
        ),
        (f"arn:aws:lambda:{REGIONAL}:function:web", ["lambda:function"]),
        (
            f"arn:aws:lambda:{REGIONAL}:function:web:1",
            ["lambda:function alias", "lambda:function version"],
        ),
        ("arn:aws:s3:::b", ["s3:bucket", "ssm:bucket"]),
        ("arn:aws:s3:::b/k", ["s3:object"]),
        ("arn:aws:s3:::b/2026/01/k", ["s3:object"]),
        (f"arn:aws:s3:{REGIONAL}:accesspoint/a", ["s3:accesspoint"]),
        (f"arn:aws:dynamodb:{REGIONAL}:table/music/index/year", ["dynamodb:index"]),
        (f"arn:aws:dynamodb:{REGIONAL}:table/music/backup/01", ["dynamodb:backup"]),
        ("arn:aws:iam::1:role/team/admin", ["iam:role", "ec2:role"]),
        (f"arn:aws:ssm:{REGIONAL}:parameter/team/key", ["ssm:parameter"]),
        (f"arn:aws:logs:{REGIONAL}:log-group:/aws/lambda/web", ["logs:log-group"]),
        (f"arn:aws:logs:{REGIONAL}:log-group:/aws/web:log-stream:a/b", ["logs:log-stream"]),
        ("arn:aws-cn:s3:::b/k", ["s3:object"]),
    ],
)
def test_an_arn_without_wildcards_is_of_the_types_that_it_is_written_like(
    catalog: Catalog, arn: str, expected: list[str]
) -> None:
    assert types(catalog, arn) == expected


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        ("arn:aws:s3:::b*", ["s3:bucket", "ssm:bucket", "(s3:object)"]),
        ("arn:aws:s3:::b/*", ["s3:object"]),
        ("arn:aws:s3:::b/${aws:username}/*", ["s3:object"]),
        ("arn:aws:s3:::${aws:username}", ["s3:bucket", "ssm:bucket", "(s3:object)"]),
        ("arn:aws:s3:*:*:b", ["s3:bucket", "ssm:bucket"]),
        (
            f"arn:aws:dynamodb:{REGIONAL}:table/m*",
            ["dynamodb:table", "(dynamodb:index)", "(dynamodb:backup)"],
        ),
        (
            f"arn:aws:dynamodb:{REGIONAL}:*",
            ["(dynamodb:table)", "(dynamodb:index)", "(dynamodb:backup)"],
        ),
        (
            f"arn:aws:logs:{REGIONAL}:log-group:/aws/web:*",
            ["logs:log-group", "(logs:log-stream)"],
        ),
        ("arn:aws:logs:*", ["(logs:log-group)", "(logs:log-stream)"]),
        ("arn:aws:dynamo*:*:*:table/music", ["(dynamodb:table)"]),
    ],
)
def test_what_the_arn_writes_comes_before_what_a_wildcard_may_stand_for(
    catalog: Catalog, arn: str, expected: list[str]
) -> None:
    assert [each for each in types(catalog, arn) if "backup:" not in each] == expected


def test_a_format_with_more_text_of_its_own_comes_first(catalog: Catalog) -> None:
    arn = "arn:aws:iam::1:role/aws-service-role/es.amazonaws.com/AWSServiceRole"

    assert types(catalog, arn) == ["es:es_role", "iam:role", "ec2:role"]


def test_a_format_that_names_no_service_counts_where_no_other_is_written(catalog: Catalog) -> None:
    assert types(catalog, f"arn:aws:rds:{REGIONAL}:snapshot:a") == ["backup:recoveryPoint"]
    assert types(catalog, f"arn:aws:lambda:{REGIONAL}:function:web") == ["lambda:function"]


def test_every_format_of_a_type_is_a_match_of_its_own(catalog: Catalog) -> None:
    found = catalog.match_arn("arn:aws:apigateway:us-east-1::/*/stages/prod")
    formats = [each.arn_format for each in found if each.resource_type == "apigateway:Stage"]

    assert formats == list(FORMATS["apigateway"]["Stage"])


def test_a_star_alone_can_be_every_type(catalog: Catalog) -> None:
    found = {each.resource_type for each in catalog.match_arn("*")}

    assert found == {each.resource_type for each in catalog.resource_types()}


def test_an_arn_that_no_format_has_is_of_no_type(catalog: Catalog) -> None:
    assert catalog.match_arn("arn:aws:s3::111122223333:b") == []
    assert catalog.actions_for_arn("arn:aws:s3::111122223333:b") == []


@pytest.mark.parametrize("text", ["key-name", "", "arn:aws:s3", "s3:GetObject"])
def test_what_is_no_arn_is_an_error(catalog: Catalog, text: str) -> None:
    with pytest.raises(MalformedArn) as caught:
        catalog.match_arn(text)

    assert str(caught.value) == (
        f"{text!r} is not an ARN: write arn:partition:service:region:account:resource, for example "
        "'arn:aws:s3:::logs/*'."
    )
    assert caught.value.text == text


def test_a_service_that_is_not_held_is_an_error(catalog: Catalog) -> None:
    for ask in (catalog.match_arn, catalog.actions_for_arn):
        with pytest.raises(UnknownServicePrefix) as caught:
            ask("arn:aws:sns::1:topic/a")

        assert caught.value.prefix == "sns"


def test_the_actions_for_an_arn_are_those_of_all_its_types(catalog: Catalog) -> None:
    assert catalog.actions_for_arn("arn:aws:s3:::b/k") == ["s3:Useobject"]
    assert catalog.actions_for_arn("arn:aws:s3:::b*") == [
        "s3:Usebucket",
        "s3:Useobject",
        "ssm:Usebucket",
    ]


def test_an_arn_answers_as_of_a_date(tmp_path: Path) -> None:
    path = build_arn_catalog(tmp_path)

    with Catalog(path, as_of="2020-03-04") as then, Catalog(path, as_of="2020-03-03") as before:
        assert types(then, "arn:aws:s3:::b/k") == ["s3:object"]
        with pytest.raises(UnknownServicePrefix):
            before.match_arn("arn:aws:s3:::b/k")


@pytest.mark.parametrize(
    "text", ["", "key-name", "arn:aws:\ud800:::b", "arn:aws:s3:::\ud800", "${x}"]
)
def test_no_text_of_a_document_is_an_error_for_a_check(catalog: Catalog, text: str) -> None:
    found = catalog._ask(types_of_arn, text)

    assert bool(found) is (text in ("arn:aws:s3:::\ud800", "${x}"))
