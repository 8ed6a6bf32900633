"""Policies in source files of Terraform, in which what only a plan knows is unknown."""

from __future__ import annotations

from textwrap import dedent

import pytest
from missing_modules import leave_out

from iam_catalog.errors import UnreadablePolicy
from iam_catalog.policy.grammar.document import grammar_findings
from iam_catalog.policy.model import PolicyDocument, Unresolved
from iam_catalog.policy.read.files import read_documents
from iam_catalog.policy.read.source import line_of


def documents(text: str, file: str = "main.tf") -> list[PolicyDocument]:
    return list(read_documents(file, dedent(text).encode()))


@pytest.mark.parametrize("comment", ["", "# Of shelves.\n\n", "// Of\n/* shelves\n*/\n"])
@pytest.mark.parametrize("before", ["", "locals {\n}\n", 'variable "shelf" {}\n'])
def test_a_text_without_a_name_is_terraform_where_it_begins_with_a_block(comment, before):
    text = """\
data "aws_iam_policy_document" "read" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["*"]
  }
}
"""

    (document,) = documents(f"{comment}{before}{text}", "-")

    assert document.value["Statement"][0]["Action"] == ["s3:GetObject"]


@pytest.mark.parametrize(
    "start", ["A data source:\n", "Resources:\n", "resource is {", "locals\n\n\n"]
)
def test_a_text_that_begins_with_other_words_is_not_terraform(start):
    text = f'{start}\n```json\n{{"Version": "2012-10-17", "Statement": []}}\n```\n'

    assert [each.syntax for each in documents(text, "-")] == ["json"]


def test_a_data_source_is_the_policy_that_the_provider_makes_of_it():
    (document,) = documents(
        """\
        data "aws_iam_policy_document" "read" {
          policy_id = "p"
          statement {
            sid       = "Read"
            actions   = ["s3:GetObject"]   # a comment
            resources = ["arn:aws:s3:::b/&{aws:username}/*"]
            condition {
              test     = "StringEquals"
              variable = "aws:SourceVpc"
              values   = ["vpc-1", "$${x}"]
            }
          }
          statement {
            effect      = "Deny"
            not_actions = ["s3:*"]
            resources   = ["*"]
            principals {
              type        = "AWS"
              identifiers = ["111122223333"]
            }
            principals {
              type        = "AWS"
              identifiers = ["444455556666"]
            }
          }
        }
        """
    )

    assert document.value == {
        "Version": "2012-10-17",
        "Id": "p",
        "Statement": [
            {
                "Effect": "Allow",
                "Sid": "Read",
                "Action": ["s3:GetObject"],
                "Resource": ["arn:aws:s3:::b/${aws:username}/*"],
                "Condition": {"StringEquals": {"aws:SourceVpc": ["vpc-1", "${x}"]}},
            },
            {
                "Effect": "Deny",
                "NotAction": ["s3:*"],
                "Resource": ["*"],
                "Principal": {"AWS": ["111122223333", "444455556666"]},
            },
        ],
    }
    assert (document.title, document.place, document.line) == (
        "data.aws_iam_policy_document.read",
        "aws_iam_policy_document",
        1,
    )
    assert [
        line_of(document, path)
        for path in (
            ("Id",),
            ("Statement", 0),
            ("Statement", 0, "Action", 0),
            ("Statement", 0, "Condition", "StringEquals", "aws:SourceVpc"),
            ("Statement", 1, "Effect"),
            ("Statement", 1, "Principal", "AWS", 0),
        )
    ] == [2, 3, 5, 7, 14, 21]


def test_everybody_is_a_star():
    (document,) = documents(
        """\
        data "aws_iam_policy_document" "x" {
          statement {
            principals {
              type        = "*"
              identifiers = ["*"]
            }
          }
        }
        """
    )

    assert document.value["Statement"] == [{"Effect": "Allow", "Principal": "*"}]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("actions = var.actions", "${var.actions}"),
        ('actions = ["s3:Get*", local.more]', ["s3:Get*", "${local.more}"]),
        ('actions = ["s3:${var.verb}Object"]', ["s3:${var.verb}Object"]),
        ('actions = concat(["s3:Get*"], var.more)', ["s3:Get*", "${var.more}"]),
        ('actions = [for each in var.x : "s3:${each}"]', '${[for each in var.x : "s3:${each}"]}'),
        ('actions = var.all ? ["s3:*"] : ["s3:Get*"]', '${var.all ? ["s3:*"] : ["s3:Get*"]}'),
        ("actions = data.x.y.z[0]", "${data.x.y.z[0]}"),
        ("actions = [each.value]", ["${each.value}"]),
    ],
)
def test_what_only_a_plan_knows_is_unknown(written, value):
    (document,) = documents(
        f'data "aws_iam_policy_document" "x" {{\n  statement {{\n    {written}\n  }}\n}}\n'
    )
    (statement,) = document.value["Statement"]
    held = statement["Action"]

    assert held == value
    last = held[-1] if isinstance(held, list) else held
    assert isinstance(last, Unresolved)


def test_statements_from_elsewhere_are_unknown():
    (document,) = documents(
        """\
        data "aws_iam_policy_document" "x" {
          source_policy_documents = [data.aws_iam_policy_document.y.json]
          dynamic "statement" {
            for_each = var.x
            content {
              actions = [statement.value]
            }
          }
          statement {
            dynamic "condition" {
              for_each = var.y
              content {}
            }
            principals {
              type        = var.z
              identifiers = []
            }
          }
        }
        """
    )

    assert document.value["Statement"] == [
        "${statements of other policies}",
        "${dynamic statement}",
        {"Effect": "Allow", "Condition": "${dynamic condition}", "Principal": "${principals}"},
    ]


def test_objects_and_heredocs_of_resources_are_policies():
    found = documents(
        """\
        resource "aws_iam_policy" "a" {
          policy = jsonencode({
            Version : "2012-10-17"
            "Statement" = [{
              Effect = "Allow", Action = "a:b"
              Resource = aws_s3_bucket.b.arn
            }]
          })
        }
        resource "aws_iam_role" "r" {
          inline_policy {
            policy = <<-EOF
              {
                "Version": "2012-10-17",
                "Statement": {"Action": "c:d", "Resource": "${var.x}/$${aws:username}"}
              }
            EOF
          }
        }
        resource "aws_sqs_queue_policy" "q" {
          policy = <<EOF

          {"Version": "2012-10-17", "Statement": []}
        EOF
        }
        module "m" {
          policies = { one = jsonencode({ Statement = [] }), two = "text" }
        }
        """
    )

    assert [(each.title, each.kind, each.place, each.line) for each in found] == [
        ("aws_iam_policy.a.policy", "identity", "aws_iam_policy", 2),
        ("aws_iam_role.r.inline_policy.policy", "identity", "aws_iam_role", 13),
        ("aws_sqs_queue_policy.q.policy", "resource", "aws_sqs_queue_policy", 22),
        ("module.m.policies.one", None, None, 27),
    ]
    assert [each.leading_blank for each in found] == [False, False, True, False]
    assert line_of(found[0], ("Statement", 0, "Resource")) == 6
    assert line_of(found[1], ("Statement", "Resource")) == 15
    resources = found[0].value["Statement"][0]["Resource"], found[1].value["Statement"]["Resource"]
    assert resources == ("${aws_s3_bucket.b.arn}", "${var.x}/${aws:username}")
    assert all(isinstance(each, Unresolved) for each in resources)


def test_a_policy_that_the_file_does_not_have_is_not_passed_over():
    found = documents(
        """\
        resource "aws_iam_role" "r" {
          assume_role_policy = file("trust.json")
          name_policy        = null
        }
        resource "aws_iam_policy" "p" {
          policy = data.aws_iam_policy_document.x.json
        }
        resource "aws_instance" "i" {
          user_data = file("x.sh")
        }
        """
    )

    assert [(each.title, each.kind, each.value) for each in found] == [
        ("aws_iam_role.r.assume_role_policy", "trust", '${file("trust.json")}')
    ]
    assert isinstance(found[0].value, Unresolved)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('resource "a" {', "'main.tf' line 1: it is not HCL: unexpected end"),
        ("a {\n  b = = 1\n}", "'main.tf' line 2: it is not HCL: unexpected '='"),
        ("a = " + "(" * 5_000 + "1" + ")" * 5_000, "'main.tf' line 1: it is nested too deep"),
        ("#" * (1024 * 1024 + 1), "'main.tf' line 1: it is HCL of more than 1 MB"),
    ],
)
def test_what_is_not_hcl_is_refused(text, message):
    with pytest.raises(UnreadablePolicy) as raised:
        documents(text)

    assert str(raised.value) == f"Cannot read policies from {message}."


def test_json_is_read_before_an_error_elsewhere_is_raised():
    read = read_documents("main.tf", b'a = <<EOF\n{"Statement": []}\nEOF\nb = = 1\n')

    with pytest.raises(UnreadablePolicy, match="line 4: it is not HCL"):
        list(read)


@pytest.mark.parametrize(
    "text",
    [
        "x = 1e999",
        "x = " + "9" * 5_000,
        'x = "\\ud800 \\U00110000"',
        "x = <<E\nE\n",
        'x = "%{ if a }b%{ endif }"',
        'x = {in = 1, for = 2, "a b" = 3, (var.x) = 4}',
        "x = f(a...)",
    ],
)
def test_values_of_every_form_are_read(text):
    assert documents(text) == []


def test_without_python_hcl2_the_rest_is_reported(monkeypatch):
    leave_out(monkeypatch, "iam_catalog.policy.read.hcl_text")
    found = documents(
        """\
        a = <<EOF
        {"Version": "2012-10-17", "Statement": []}
        EOF
        data "aws_iam_policy_document" "x" {}
        """
    )

    assert [(each.line, each.value) for each in found] == [
        (2, {"Version": "2012-10-17", "Statement": []}),
        (4, "${reading HCL needs python-hcl2; install it with: pip install 'iam-catalog[hcl]'}"),
    ]
    assert isinstance(found[1].value, Unresolved)


def test_unknown_text_is_never_wrong():
    (document,) = documents(
        """\
        data "aws_iam_policy_document" "x" {
          statement {
            effect    = var.effect
            actions   = var.actions
            resources = [for each in var.x : each]
          }
        }
        """
    )

    assert grammar_findings(document) == []
