"""`iam-catalog rule`: the page of a code, and the list of all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from iam_catalog.cli.main import cli
from iam_catalog.policy.check.registry import CODES

DOCS = Path(__file__).parent.parent.parent / "docs" / "checks"


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, ["rule", *words], catch_exceptions=False)


@pytest.mark.parametrize("code", ["malformed-arn", "unused-ignore"])
def test_the_page_of_a_code_is_printed(code):
    assert run(code).stdout == (DOCS / f"{code}.md").read_text(encoding="utf-8")


def test_all_codes_are_listed_in_the_order_of_a_check():
    listed = json.loads(run("--format", "json").stdout)

    assert [each["code"] for each in listed] == list(CODES)
    assert run("--format", "csv").stdout.splitlines()[:2] == [
        "code,severity,meaning",
        (
            "unresolved-policy,info,"
            '"A policy that only a deployment knows, or a fragment of one: it is not checked."'
        ),
    ]
    assert run("--format", "markdown").stdout == (DOCS / "README.md").read_text(encoding="utf-8")


def test_what_a_rule_declares_is_there_for_programs():
    rule = CODES["malformed-arn"]

    assert json.loads(run("malformed-arn", "--format", "json").stdout) == {
        "code": "malformed-arn",
        "severity": "error",
        "topic": "resources",
        "meaning": rule.meaning,
        "explanation": rule.explanation,
        "reference": rule.reference,
        "source": rule.source,
        "read_on": rule.read_on,
    }


def test_an_unknown_code_is_quoted_with_the_nearest():
    result = run("malformed-arns")

    assert (result.exit_code, result.stdout, result.stderr) == (
        1,
        "",
        (
            "Error: 'malformed-arns' is not a code of a finding: 'iam-catalog rule' lists them. "
            "Did you mean malformed-arn?\n"
        ),
    )
