"""Findings as SARIF 2.1.0, and as workflow commands of GitHub Actions."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from iam_catalog.policy.check.findings import Evidence, Finding
from iam_catalog.policy.check.ignores import Ignore
from iam_catalog.policy.check.registry import CODES
from iam_catalog.policy.check.reports.github import annotation, error
from iam_catalog.policy.check.reports.sarif import Fingerprints, Reported, sarif_log
from iam_catalog.policy.model import PolicyDocument

UNKNOWN = Finding(
    "unknown-action",
    "warning",
    "No action 'post:GetLeter'.",
    ("Statement", 0, "Action", 1),
    (Evidence("post@2025-07-01", 9, "2025-07-01"),),
    "post:GetLetter",
    line=7,
    file="policies/my policy.json",
    title="Letters",
)


def log(*found: Finding | Reported, unreadable: Iterable[str] = ()) -> dict[str, Any]:
    reported = [each if isinstance(each, tuple) else (each, None, None) for each in found]
    value = json.loads("".join(sarif_log("0.1.0", reported, unreadable)))
    assert isinstance(value, dict)
    return value


def test_a_log_has_one_run_of_this_tool_with_a_rule_for_each_code():
    (run,) = log()["runs"]
    driver = run["tool"]["driver"]

    assert (log()["version"], driver["name"], driver["semanticVersion"]) == (
        "2.1.0",
        "iam-catalog",
        "0.1.0",
    )
    assert [rule["id"] for rule in driver["rules"]] == list(CODES)
    assert driver["rules"][list(CODES).index("service-not-held")] == {
        "id": "service-not-held",
        "shortDescription": {"text": CODES["service-not-held"].meaning},
        "fullDescription": {"text": CODES["service-not-held"].meaning},
        "help": {
            "text": f"{CODES['service-not-held'].meaning} See: the catalog",
            "markdown": f"{CODES['service-not-held'].meaning}\n\nSee: the catalog",
        },
        "defaultConfiguration": {"level": "note"},
        "properties": {"tags": ["services"]},
    }
    assert run["results"] == []
    assert run["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]


def test_a_rule_of_aws_has_its_address_for_help():
    rules = {rule["id"]: rule for rule in log()["runs"][0]["tool"]["driver"]["rules"]}
    rule = CODES["required-type-missing"]

    assert rules[rule.code]["helpUri"] == rule.source
    assert rules[rule.code]["help"]["markdown"].endswith(
        f"See: [{rule.reference}]({rule.source}) (read on {rule.read_on})"
    )
    assert rules[rule.code]["fullDescription"]["text"] == f"{rule.meaning} {rule.explanation}"


def test_a_finding_is_a_result_with_its_place_and_its_evidence():
    (result,) = log(UNKNOWN)["runs"][0]["results"]

    assert result == {
        "ruleId": "unknown-action",
        "ruleIndex": list(CODES).index("unknown-action"),
        "level": "warning",
        "message": {"text": "No action 'post:GetLeter'. Instead: post:GetLetter"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "policies/my%20policy.json"},
                    "region": {"startLine": 7},
                },
                "logicalLocations": [{"fullyQualifiedName": "Statement[0].Action[1]"}],
            }
        ],
        "partialFingerprints": {"primaryLocationLineHash": Fingerprints().of(UNKNOWN, None)},
        "properties": {
            "evidence": [{"page": "post@2025-07-01", "line": 9, "date": "2025-07-01"}],
            "policy": "Letters",
        },
    }


@pytest.mark.parametrize(("line", "kind"), [(None, "external"), (7, "inSource")])
def test_an_ignored_finding_is_suppressed_with_its_reason(line, kind):
    ignore = Ignore(("unknown-action",), "*", "It comes soon.", ("ignores", 1), line=line)
    (result,) = log((UNKNOWN, ignore, None))["runs"][0]["results"]

    assert result["suppressions"] == [{"kind": kind, "justification": "It comes soon."}]


def test_what_could_not_be_read_makes_the_run_no_success():
    (run,) = log(UNKNOWN, UNKNOWN, unreadable=["Can not read 'a'."])["runs"]

    assert len(run["results"]) == 2
    assert run["invocations"] == [
        {
            "executionSuccessful": False,
            "toolExecutionNotifications": [
                {"level": "error", "message": {"text": "Can not read 'a'."}}
            ],
        }
    ]


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("a/b.json", "a/b.json"),
        ("./a#1?.json", "a%231%3F.json"),
        ("/tmp/a b.json", "file:///tmp/a%20b.json"),
        ("-", "-"),
        (None, "-"),
    ],
)
def test_files_are_uris(file, uri):
    finding = Finding("malformed-arn", "error", "No ARN.", (), file=file, line=None)
    (result,) = log(finding)["runs"][0]["results"]

    assert result["locations"] == [
        {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": 1}}}
    ]


@pytest.mark.parametrize(
    ("severity", "command"), [("error", "error"), ("warning", "warning"), ("info", "notice")]
)
def test_an_annotation_has_the_command_of_its_severity(severity, command):
    finding = Finding("malformed-arn", severity, "No ARN.", (), file="a.json", line=3)

    assert annotation(finding) == (f"::{command} file=a.json,line=3,title=malformed-arn::No ARN.")


def test_what_would_end_a_command_or_start_another_is_escaped():
    finding = Finding(
        "malformed-arn", "error", "50%\r\n::error::Mine", (), file="a:b,c%.json\n", line=1
    )

    assert annotation(finding) == (
        "::error file=a%3Ab%2Cc%25.json%0A,line=1,title=malformed-arn::50%25%0D%0A::error::Mine"
    )
    assert error("No\n::set-output::") == "::error title=iam-catalog::No%0A::set-output::"


# --- fingerprints

LEETER = {"Sid": "Read", "Effect": "Allow", "Action": ["post:List", "post:GetLeter"]}


def fingerprint(
    *statements: dict[str, Any], path: tuple[str | int, ...], prints: Fingerprints | None = None
) -> str:
    """Return the fingerprint of an unknown action in a policy of these statements."""
    value = {"Version": "2012-10-17", "Statement": list(statements)}
    document = PolicyDocument("a.json", None, value, (), 1, "", 1)
    finding = Finding("unknown-action", "warning", "No action.", path, line=9, file="a.json")
    return (prints or Fingerprints()).of(finding, document)


def test_a_fingerprint_stays_where_lines_statements_and_items_move():
    before = fingerprint(LEETER, path=("Statement", 0, "Action", 1))
    other = {"Sid": "Other", "Effect": "Deny", "Action": "post:*"}
    turned = {**LEETER, "Action": LEETER["Action"][::-1]}

    assert fingerprint(other, turned, path=("Statement", 1, "Action", 0)) == before


def test_a_fingerprint_is_of_the_item_and_the_statement():
    prints = {
        fingerprint(LEETER, path=("Statement", 0, "Action", 1)),
        fingerprint(LEETER, path=("Statement", 0, "Action", 0)),
        fingerprint({**LEETER, "Sid": "Write"}, path=("Statement", 0, "Action", 1)),
        fingerprint(LEETER, path=("Statement", 0)),
    }

    assert len(prints) == 4


def test_equal_findings_of_one_file_differ():
    prints = Fingerprints()
    first = fingerprint(LEETER, LEETER, path=("Statement", 0, "Action", 1), prints=prints)
    second = fingerprint(LEETER, LEETER, path=("Statement", 1, "Action", 1), prints=prints)

    assert (first.rpartition(":")[0], second) == (
        second.rpartition(":")[0],
        f"{first.rpartition(':')[0]}:2",
    )


def test_the_numbers_start_anew_in_each_file():
    prints = Fingerprints()
    first, other = (replace(UNKNOWN, file=name) for name in ("a.json", "b.json"))

    assert prints.of(first, None) == prints.of(other, None)
