"""Findings as SARIF, as workflow commands of GitHub, for GitLab, in Markdown and in HTML."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from iam_catalog import __version__
from iam_catalog.policy.check.findings import Evidence, Finding, Severity
from iam_catalog.policy.check.ignores import Ignore
from iam_catalog.policy.check.registry import CODES
from iam_catalog.policy.check.reports import FORMATS, endings, report
from iam_catalog.policy.check.reports.github import annotation, error
from iam_catalog.policy.check.run import Fingerprints, Reported, Unread
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


NOT_READ = Unread("Cannot read policies from 'b.json' line 3: it is cut.", "b.json", 3)


class Reports:
    """A run whose findings are there already."""

    def __init__(self, found: Iterable[Finding | Reported], unreadable: Iterable[Unread]) -> None:
        self._reported: list[Reported] = [
            each if isinstance(each, tuple) else (each, None, None) for each in found
        ]
        self.width: int | None = None
        self.catalog_date: str | None = "2025-07-01"
        self.unreadable = list(unreadable)
        self.unread = len(self.unreadable)
        self.exit_code = 1

    @property
    def counts(self) -> dict[Severity, int]:
        counted = Counter(finding.severity for finding, ignore, _ in self._reported if not ignore)
        return {"error": counted["error"], "warning": counted["warning"], "info": counted["info"]}

    def reported(self) -> Iterator[Reported]:
        yield from self._reported

    def summary(self) -> str:
        return "some findings"


def written(form: str, *found: Finding | Reported, unreadable: Iterable[Unread] = ()) -> str:
    return "".join(report(form)(Reports(found, unreadable)))


def log(*found: Finding | Reported, unreadable: Iterable[Unread] = ()) -> dict[str, Any]:
    value = json.loads(written("sarif", *found, unreadable=unreadable))
    assert isinstance(value, dict)
    return value


def test_a_format_is_a_module_of_the_folder():
    assert {"github", "gitlab", "html", "json", "jsonl", "markdown", "sarif", "text"} <= {*FORMATS}


def test_an_ending_stands_for_one_format():
    assert {
        ".html": "html",
        ".json": "json",
        ".jsonl": "jsonl",
        ".md": "markdown",
        ".sarif": "sarif",
        ".txt": "text",
    }.items() <= endings().items()


@pytest.mark.parametrize("form", FORMATS)
def test_a_report_of_nothing_can_be_written(form):
    assert isinstance(written(form), str)


def test_a_log_has_one_run_of_this_tool_with_a_rule_for_each_code():
    (run,) = log()["runs"]
    driver = run["tool"]["driver"]

    assert (log()["version"], driver["name"], driver["semanticVersion"]) == (
        "2.1.0",
        "iam-catalog",
        __version__,
    )
    assert [rule["id"] for rule in driver["rules"]] == [*CODES, "unreadable-file"]
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
    assert run["invocations"] == [
        {
            "executionSuccessful": True,
            "exitCode": 1,
            "exitCodeDescription": "some findings",
            "toolExecutionNotifications": [],
        }
    ]


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


def test_what_could_not_be_read_is_a_result_and_makes_the_run_no_success():
    (run,) = log(UNKNOWN, UNKNOWN, unreadable=[NOT_READ])["runs"]
    place = {
        "physicalLocation": {
            "artifactLocation": {"uri": "b.json"},
            "region": {"startLine": 3},
        }
    }

    assert [each["ruleId"] for each in run["results"]] == [UNKNOWN.code] * 2 + ["unreadable-file"]
    result = run["results"][-1]
    assert (result["level"], result["message"], result["locations"]) == (
        "error",
        {"text": NOT_READ.text},
        [place],
    )
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "unreadable-file"
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["toolExecutionNotifications"] == [
        {
            "level": "error",
            "message": {"text": NOT_READ.text},
            "locations": [place],
            "associatedRule": {"id": "unreadable-file", "index": result["ruleIndex"]},
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
    assert error(Unread("No\n::set-output::", "a,b")) == (
        "::error file=a%2Cb,line=1,title=iam-catalog::No%0A::set-output::"
    )


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


# --- GitLab


def test_a_finding_is_an_entry_of_gitlabs_code_quality_report():
    (entry,) = json.loads(written("gitlab", UNKNOWN))

    assert len(entry.pop("fingerprint")) == 16
    assert entry == {
        "description": "No action 'post:GetLeter'. Instead: post:GetLetter",
        "check_name": "unknown-action",
        "severity": "major",
        "location": {"path": "policies/my policy.json", "lines": {"begin": 7}},
    }


@pytest.mark.parametrize(
    ("severity", "word"), [("error", "critical"), ("warning", "major"), ("info", "info")]
)
def test_a_severity_is_one_of_gitlabs(severity, word):
    (entry,) = json.loads(written("gitlab", replace(UNKNOWN, severity=severity)))

    assert entry["severity"] == word


def test_no_two_entries_have_one_fingerprint_and_none_has_the_line_in_it():
    other = replace(UNKNOWN, file="b.json")
    moved = replace(UNKNOWN, line=70)
    entries = json.loads(written("gitlab", UNKNOWN, UNKNOWN, other, unreadable=[NOT_READ]))
    (after,) = json.loads(written("gitlab", moved))

    assert len({each["fingerprint"] for each in entries}) == 4
    assert after["fingerprint"] == entries[0]["fingerprint"]


def test_a_file_that_was_not_read_is_a_blocker():
    (entry,) = json.loads(written("gitlab", unreadable=[NOT_READ]))

    assert (entry["check_name"], entry["severity"], entry["location"]) == (
        "unreadable-file",
        "blocker",
        {"path": "b.json", "lines": {"begin": 3}},
    )


def test_an_ignored_finding_is_not_in_gitlabs_report():
    ignore = Ignore(("unknown-action",), "*", "It comes soon.", ("ignores", 1))

    assert json.loads(written("gitlab", (UNKNOWN, ignore, None))) == []


# --- Markdown


def test_a_summary_counts_codes_and_lists_the_most_severe_first():
    worse = replace(UNKNOWN, severity="error", code="malformed-arn", text="No ARN.", file="z.json")

    assert written("markdown", UNKNOWN, worse, unreadable=[NOT_READ]) == (
        "## IAM policies: some findings\n"
        "\nChecked against the facts of AWS as of 2025-07-01.\n"
        "\n- :x: Cannot read policies from 'b.json' line 3: it is cut.\n"
        "\n| Findings | Severity | Code |\n|---:|---|---|\n"
        "| 1 | error | `malformed-arn` |\n"
        "| 1 | warning | `unknown-action` |\n"
        "\n| Where | Severity | Finding |\n|---|---|---|\n"
        "| z.json:7<br>Statement\\[0\\].Action\\[1\\] of Letters | error "
        "| No ARN. Instead: post:GetLetter `malformed-arn` |\n"
        "| policies/my policy.json:7<br>Statement\\[0\\].Action\\[1\\] of Letters | warning "
        "| No action 'post:GetLeter'. Instead: post:GetLetter `unknown-action` |\n"
    )


def test_nothing_of_a_policy_is_markup_of_the_summary():
    odd = replace(UNKNOWN, text="<b>|\n`x` [y](z) @all", suggestion=None, path=(), title=None)
    row = written("markdown", odd).splitlines()[-1]

    assert row.endswith(r"| \<b\>\| \`x\` \[y\](z) \@all `unknown-action` |")


def test_a_summary_fits_what_github_allows():
    text = written("markdown", *[replace(UNKNOWN, text="x" * 3_000)] * 2_000)

    assert len(text.encode()) < 2**20
    assert text.endswith("\n1,500 more findings are not shown.\n")


# --- HTML


class Page(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.outside: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        if tag != "a":
            self.outside += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_page_needs_nothing_else():
    page = Page(written("html", UNKNOWN, unreadable=[NOT_READ]))

    assert page.outside == []
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert page.tags["style"] == 1
    assert "url(" not in page.text
    assert "@import" not in page.text
    assert "prefers-color-scheme: dark" in page.text


def test_a_page_has_findings_by_file_and_what_was_not_read():
    ignore = Ignore(("unknown-action",), "*", "It comes soon.", ("ignores", 1))
    other = replace(UNKNOWN, file="b.json", text="Another one.")
    page = Page(written("html", UNKNOWN, other, (UNKNOWN, ignore, None), unreadable=[NOT_READ]))

    assert page.tags["details"] == 3
    for text in (UNKNOWN.text, other.text, NOT_READ.text, "Ignored: It comes soon.", "as of 2025"):
        assert text in page.text
    assert "line 7, Statement[0].Action[1] of Letters" in page.text
    assert "See post@2025-07-01, line 9" in page.text


def test_nothing_of_a_policy_is_markup_of_the_page():
    odd = "<script>alert(1)</script>\"'&\x1b"
    page = Page(written("html", replace(UNKNOWN, text=odd, file=odd, title=odd, suggestion=odd)))

    assert page.tags["script"] == 0
    assert page.text.count("<script>alert(1)</script>\"'&\N{REPLACEMENT CHARACTER}") == 4
