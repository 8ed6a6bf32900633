"""Text of a document that is open in part: what is known of it, by the language of the document."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator
from textwrap import dedent
from typing import Any

import pytest
from check_services import build_catalog

from iam_catalog import Catalog
from iam_catalog.arn.pattern import opening
from iam_catalog.policy.check.fixes import edits_of
from iam_catalog.policy.model import Unresolved, open_part, pattern_of
from iam_catalog.policy.read.cloudformation import resolve
from iam_catalog.policy.read.files import read_documents
from iam_catalog.policy.read.statements import read_policy


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    with Catalog(build_catalog(tmp_path_factory.mktemp("open"))) as opened:
        yield opened


def resources(file: str, text: str) -> list[str]:
    """Return the resources of the first policy of a file."""
    document = next(read_documents(file, dedent(text).encode()))
    return [each for one in read_policy(document.value).statements for each in one.resources or ()]


def test_open_text_keeps_its_pattern_when_it_is_copied() -> None:
    text = Unresolved("arn:aws:s3:::${Bucket}/${!x}", "a" + opening("Bucket"))

    for each in (copy.deepcopy(text), pickle.loads(pickle.dumps(text))):
        assert (each, pattern_of(each)) == (text, text.pattern)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("AWS::Region", "word"),
        ("AWS::AccountId", "word"),
        ("AWS::StackId", "any"),
        ("Bucket", "any"),
        ("Bucket.Arn", "arn"),
        ("Bucket.DomainName", "any"),
        ("var.aws_region", "part"),
        ("data.aws_region.current.name", "part"),
        ("data.aws_caller_identity.current.account_id", "part"),
        ("RegionalBucketArn", "any"),
        ("var.regions", "any"),
    ],
)
def test_a_name_tells_what_it_can_become(name: str, kind: Any) -> None:
    assert open_part(name).pattern == opening(name, kind)


def test_attributes_of_terraform_say_what_they_can_be_the_arn_of() -> None:
    name = "aws_s3_bucket.logs.arn"

    assert open_part(name).pattern == opening(f"s3:bucket {name}", "arn")


@pytest.mark.parametrize(
    ("value", "shown", "pattern"),
    [
        (
            {"Fn::Sub": "${Bucket}/${!aws:username}"},
            "${Bucket}/${aws:username}",
            opening("Bucket") + "/${aws:username}",
        ),
        (
            {"Fn::Sub": ["${a}/${b}", {"a": "x", "b": {"Ref": "C"}}]},
            "x/${C}",
            "x/" + opening("C"),
        ),
        (
            {"Fn::Join": [":", ["arn", {"Ref": "AWS::Partition"}, "s3"]]},
            "arn:${AWS::Partition}:s3",
            f"arn:{opening('AWS::Partition', 'word')}:s3",
        ),
        (
            "arn:aws:s3:::{{resolve:ssm:b}}/*",
            "arn:aws:s3:::{{resolve:ssm:b}}/*",
            f"arn:aws:s3:::{opening('{{resolve:ssm:b}}')}/*",
        ),
    ],
)
def test_what_a_template_says_around_an_open_part_is_known(
    value: object, shown: str, pattern: str
) -> None:
    text = resolve(value)

    assert isinstance(text, Unresolved)
    assert (text, text.pattern) == (shown, pattern)


def test_two_functions_that_are_shown_alike_are_not_the_same_text() -> None:
    one, other = resolve({"Fn::ImportValue": "a"}), resolve({"Fn::ImportValue": "b"})

    assert one == other
    assert pattern_of(str(one)) == "${Fn::ImportValue}"
    assert isinstance(one, Unresolved)
    assert isinstance(other, Unresolved)
    assert one.pattern != other.pattern


def test_references_to_resources_of_the_template_say_of_which_type_these_are() -> None:
    found = resources(
        "t.yaml",
        """
        Parameters: {P: {Type: String}}
        Resources:
          Box: {Type: AWS::S3::Bucket}
          Own: {Type: Custom::Thing}
          Rights:
            Type: AWS::IAM::ManagedPolicy
            Properties:
              PolicyDocument:
                Version: "2012-10-17"
                Statement:
                  - Effect: Allow
                    Action: "*"
                    Resource: [!GetAtt Box.Arn, !Ref Box, !Ref P, !GetAtt Own.Arn, !Ref Own]
        """,
    )

    assert [pattern_of(each) for each in found] == [
        opening("s3:bucket Box.Arn", "arn"),
        opening("Box", "name"),
        opening("P"),
        opening("Own.Arn"),
        opening("Own"),
    ]


TERRAFORM = """
data "aws_iam_policy_document" "d" {
  statement {
    actions   = ["post:GetLetter"]
    resources = [
      "arn:aws:post:::${var.box}/*",
      "arn:aws:post:::${var.box}/&{aws:username}",
      "arn:aws:post:::${var.box}/$${aws:username}",
      "${aws_s3_bucket.b.arn}/*",
      "arn:aws:post:::${lookup({ a = "b" }, "a")}/*",
    ]
  }
}
"""


def test_terraform_says_which_parts_are_open_and_which_are_variables() -> None:
    box = opening("var.box")
    lookup = opening('lookup({ a = "b" }, "a")')

    assert [pattern_of(each) for each in resources("d.tf", TERRAFORM)] == [
        f"arn:aws:post:::{box}/*",
        f"arn:aws:post:::{box}/${{aws:username}}",
        f"arn:aws:post:::{box}/${{aws:username}}",
        f"{opening('s3:bucket aws_s3_bucket.b.arn', 'arn')}/*",
        f"arn:aws:post:::{lookup}/*",
    ]


def test_a_heredoc_says_the_same() -> None:
    text = """
    resource "aws_iam_policy" "p" {
      policy = <<-EOT
        {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "post:ListLetters",
          "Resource": ["arn:aws:post:::${var.box}/*", "${var.a}/$${aws:username}"]}}
      EOT
    }
    """

    assert [pattern_of(each) for each in resources("p.tf", text)] == [
        f"arn:aws:post:::{opening('var.box')}/*",
        f"{opening('var.a')}/${{aws:username}}",
    ]


def findings(catalog: Catalog, file: str, text: str) -> list[tuple[str, str]]:
    document = next(read_documents(file, text.encode()))
    return [(each.code, each.text) for each in catalog.check_policy(document)]


def test_terraform_is_checked_as_far_as_it_is_known(catalog: Catalog) -> None:
    text = TERRAFORM.replace("post:GetLetter", "post:ListLetters")
    text = text.replace('"${aws_s3_bucket.b.arn}/*",', "")

    found = [code for code, _ in findings(catalog, "d.tf", text)]

    assert found == ["action-without-resource", "redundant-item", "redundant-item"]


def test_no_fix_is_offered_inside_of_a_text_that_is_open_in_part() -> None:
    text = dedent(
        """
        Resources:
          Rights:
            Type: AWS::IAM::ManagedPolicy
            Properties:
              PolicyDocument:
                Version: "2012-10-17"
                Statement:
                  - Effect: Allow
                    Action: post:GetLetter
                    Resource: !Sub "arn:aws:POST:::${Box}/*"
        """
    )
    (document,) = read_documents("t.yaml", text.encode())
    with Catalog() as default:
        found = [each for each in default.check_policy(document) if each.code == "arn-service-case"]

    assert [each.suggestion for each in found] == ["arn:aws:post:::${Box}/*"]
    assert [edits_of(document, each) for each in found] == [[]]


def test_what_is_open_in_part_is_explained_as_what_it_can_be(catalog: Catalog) -> None:
    statement = {
        "Effect": "Allow",
        "Action": ["post:GetLetter", "post:ListLetters", Unresolved("post:Tag${Name}")],
        "Resource": Unresolved("arn:aws:post:::${Box}/x"),
    }
    (found,) = catalog.explain_policy({"Statement": statement}).statements

    assert found.text == (
        "Allows at most 1 of the 2 named actions and 1 name that the document leaves open"
        " on this resource."
    )
    assert [(each.resource_types, each.text) for each in found.resources] == [
        (("post:letter",), "the document leaves it open in part")
    ]
    assert [(each.names, each.text) for each in found.unknown] == [
        (
            ("post:Tag${Name}",),
            "the document leaves it open in part: it can be 1 action of post as of 2025-07-01",
        )
    ]
