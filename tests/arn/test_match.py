"""Which resource types an ARN can be, in which order, and the actions that take them."""

from __future__ import annotations

import re
import sqlite3
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from arn_services import FORMATS, build_arn_catalog
from hypothesis import given
from hypothesis import strategies as st

from iam_catalog import Catalog, MalformedArn, UnknownServicePrefix
from iam_catalog.arn import match
from iam_catalog.arn.match import ArnTypes, arn_types
from iam_catalog.cache import MAX_LENGTH
from iam_catalog.records import ArnMatch

REGIONAL = "us-east-1:111122223333"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    return build_arn_catalog(tmp_path_factory.mktemp("arns"))


@pytest.fixture(scope="module")
def catalog(path: str) -> Iterator[Catalog]:
    with Catalog(path) as opened:
        yield opened


def types(catalog: Catalog, arn: str) -> str:
    """The types that an ARN can be; in parentheses those that are not exact."""
    found = [
        each.resource_type if each.exact else f"({each.resource_type})"
        for each in catalog.match_arn(arn)
    ]
    return " ".join(dict.fromkeys(name.replace(" ", "-") for name in found))


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


TABLES = (Path(__file__).parent / "types.txt").read_text(encoding="utf-8").split("\n## ")[1:]


def rows() -> Iterator[Any]:
    """The rule, ARN and types of each line of the tables."""
    for section in TABLES:
        rule, _, lines = section.partition("\n")
        for line in lines.split("\n"):
            if line:
                arn, expected = line.split(None, 1)
                yield pytest.param(arn, expected, id=f"{rule}: {arn}")


@pytest.mark.parametrize(("arn", "expected"), list(rows()))
def test_an_arn_is_of_the_types_that_the_tables_say(
    catalog: Catalog, arn: str, expected: str
) -> None:
    found = types(catalog, arn.replace("REGIONAL", REGIONAL))

    assert (found or "-") == expected


def test_the_account_of_what_aws_owns_is_no_variable(catalog: Catalog) -> None:
    (found,) = catalog.match_arn("arn:aws:ssm:us-east-1::document/AWS-RunShellScript")

    assert (found.arn_format, found.variables) == (
        "arn:${Partition}:ssm:${Region}:${Account}:document/${DocumentName}",
        {"Partition": "aws", "Region": "us-east-1", "DocumentName": "AWS-RunShellScript"},
    )


def test_every_format_of_a_type_is_a_match_of_its_own(catalog: Catalog) -> None:
    found = catalog.match_arn("arn:aws:apigateway:us-east-1::/*/stages/prod")
    formats = [each.arn_format for each in found if each.resource_type == "apigateway:Stage"]

    assert formats == list(FORMATS["apigateway"]["Stage"])


@pytest.mark.parametrize("arn", ["*", "***", "arn:*", "arn:aws*", "${Resource}"])
def test_a_star_alone_can_be_every_type(catalog: Catalog, arn: str) -> None:
    found = {each.resource_type for each in catalog.match_arn(arn)}

    assert found == {each.resource_type for each in catalog.resource_types()}


def test_an_arn_that_no_format_has_is_of_no_type(catalog: Catalog) -> None:
    assert catalog.match_arn("arn:aws:s3::111122223333:b") == []
    assert catalog.actions_for_arn("arn:aws:s3::111122223333:b") == []


@pytest.mark.parametrize(
    "text",
    ["key-name", "", "arn", "arn:", "s3:GetObject", "*:*", "arn:axs:s3:::b", "ARN:aws:s3:::b"],
)
def test_what_is_no_arn_is_an_error(catalog: Catalog, text: str) -> None:
    for ask in (catalog.match_arn, catalog.actions_for_arn):
        with pytest.raises(MalformedArn) as caught:
            ask(text)

        assert str(caught.value) == (
            f"{text!r} is not an ARN: write arn:partition:service:region:account:resource, for"
            " example 'arn:aws:s3:::logs/*'."
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
        assert types(then, "arn:aws:s3:::b/k") == "s3:object"
        with pytest.raises(UnknownServicePrefix):
            before.match_arn("arn:aws:s3:::b/k")


@pytest.mark.parametrize(
    "text", ["", "key-name", "arn:aws:\ud800:::b", "arn:aws:s3:::\ud800", "${x}"]
)
def test_no_text_of_a_document_is_an_error_for_a_check(catalog: Catalog, text: str) -> None:
    found = arn_types(catalog._ask(itself)).types(text)

    assert bool(found) is (text in ("arn:aws:s3:::\ud800", "${x}"))


# --- any ARN


def itself(connection: sqlite3.Connection) -> sqlite3.Connection:
    return connection


ARN_FORMATS = [
    text.replace("{service}", prefix)
    for prefix, of_type in FORMATS.items()
    for formats in of_type.values()
    for text in formats
    if "${Vendor}" not in text
]
VALUES = st.lists(st.text("ab1-", min_size=1, max_size=3), min_size=4, max_size=4)


def filled(text: str, values: list[str]) -> str:
    """The format with values for its placeholders."""
    for name, value in {"Partition": "aws", "Region": "us-east-1", "Account": "1"}.items():
        text = text.replace(f"${{{name}}}", value)
    for value in values:
        start, opened, rest = text.partition("${")
        text = start + value + rest.partition("}")[2] if opened else text
    return text


@given(st.builds(filled, st.sampled_from(ARN_FORMATS), VALUES), st.data())
def test_a_star_for_any_text_of_a_part_loses_no_type(
    catalog: Catalog, arn: str, data: st.DataObject
) -> None:
    held = arn_types(catalog._ask(itself))
    parts = arn.split(":", 5)
    number = data.draw(st.integers(1, 5))
    start = data.draw(st.integers(0, len(parts[number])))
    end = data.draw(st.integers(start, len(parts[number])))
    parts[number] = f"{parts[number][:start]}*{parts[number][end:]}"

    assert held.types(arn)
    assert set(held.types(arn)) <= set(held.types(":".join(parts)))


# --- what is cached


def test_the_types_of_a_service_are_some_of_those_of_all(catalog: Catalog) -> None:
    held = arn_types(catalog._ask(itself))
    arn = "arn:aws:s3:::b*"

    assert held.types(arn) == ("s3:bucket", "ssm:bucket", "s3:object")
    assert held.types_of(arn, "s3") == {"s3:bucket", "s3:object"}
    assert held.types_of(arn, "sqs") == frozenset()


def test_a_catalog_keeps_its_types_and_another_connection_has_its_own(
    catalog: Catalog, path: str
) -> None:
    plain = sqlite3.connect(path)
    try:
        assert arn_types(catalog._ask(itself)) is arn_types(catalog._ask(itself))
        assert arn_types(plain) is not arn_types(plain)
    finally:
        plain.close()


def test_an_arn_is_matched_once(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(match, "Arn", lambda text, real=match.Arn: asked.append(text) or real(text))
    held = ArnTypes(lambda: catalog._ask(itself))
    for _ in range(3):
        held.types("arn:aws:s3:::b")
        held.types_of("arn:aws:s3:::b", "s3")
    assert asked == ["arn:aws:s3:::b"]

    held.forget()
    held.types("arn:aws:s3:::b")
    assert len(asked) == 2


def test_what_is_cached_goes_with_the_connection(path: str) -> None:
    opened = Catalog(path)
    assert opened.match_arn("arn:aws:s3:::b")
    gone = weakref.ref(opened._ask(itself))
    opened.close()
    del opened

    assert gone() is None


def test_few_answers_about_long_texts_are_cached(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A policy asks for each of its services again, and no other policy does."""
    held = ArnTypes(lambda: catalog._ask(itself))
    for number in range(105):
        text = f"arn:aws:s3:::{number}{'b' * MAX_LENGTH}"
        held.types(text)

    monkeypatch.setattr(match, "Arn", None)
    assert held.types_of(text, "s3") == {"s3:bucket"}
    assert (len(held._answers), len(held._long_answers)) == (0, 5)


@pytest.mark.parametrize(
    "resource",
    ["*a" * 3_000, ":" * 100, ":*" * 100, "*" * 3_000, "?" * 3_000, "?*" * 3_000, "${x}/" * 3_000],
    ids=["stars", "colons", "colons and stars", "one star", "marks", "both", "variables"],
)
@pytest.mark.parametrize("head", ["arn:aws:s3:::", "arn:aws:*:*:*:", "arn:aws:s3:*:x/"])
def test_any_resource_is_answered(catalog: Catalog, head: str, resource: str) -> None:
    """None of these is compared character by character with every format."""
    arn = head + resource

    assert all(each.resource_type for each in catalog.match_arn(arn))


def test_the_documentation_lists_what_aws_owns() -> None:
    text = (Path(__file__).parents[2] / "docs" / "arns.md").read_text(encoding="utf-8")
    section = text.partition("## What AWS owns")[2].partition("## ")[0]

    assert set(re.findall("`([a-z0-9-]+:[A-Za-z-]+)`", section)) == set(match._OWNED_BY_AWS)
