"""The commands about patterns of actions and about ARNs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from arn_services import build_arn_catalog
from click.testing import CliRunner
from dated_pages import complete, store
from page_texts import Service, act, as_json
from small_catalog import build_small_catalog

from iam_catalog.cli.main import cli

UNKNOWN_DEPOT = "a source of depot leaves its actions out"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    def page(*names: str) -> str:
        actions = [act(name) for name in names]
        return as_json(Service(actions, prefix="store", slug="store"))

    older = complete("2020-01-01", page("GetBox", "GetLid", "ListBoxes"))
    newer = complete("2021-01-01", page("GetBox", "GetKey", "ListBoxes"))
    return store(tmp_path_factory.mktemp("cli"), older, newer)


@pytest.fixture(scope="module")
def arns(tmp_path_factory: pytest.TempPathFactory) -> str:
    return build_arn_catalog(tmp_path_factory.mktemp("arns"))


def run(path: str | Path, *words: str, text: str | bytes = "") -> tuple[int, str, str]:
    result = CliRunner().invoke(cli, [*words, "--database", str(path)], input=text)
    return result.exit_code, result.stdout, result.stderr


# --- expand


def test_expand_prints_the_actions(path: str) -> None:
    words = ("expand", "store:Get*", "STORE:list?oxes")

    assert run(path, *words, "--format", "table") == (
        0,
        "store:GetBox\nstore:GetKey\nstore:ListBoxes\n",
        "",
    )
    assert run(path, *words, "--format", "csv")[1].splitlines()[0] == "action"
    assert json.loads(run(path, *words)[1]) == ["store:GetBox", "store:GetKey", "store:ListBoxes"]


def test_expand_as_of_a_date_answers_with_the_actions_of_then(path: str) -> None:
    words = ("expand", "store:G*", "--as-of", "2020-06-01", "--format", "table")

    assert run(path, *words) == (0, "store:GetBox\nstore:GetLid\n", "")


@pytest.mark.parametrize(
    ("form", "expected"),
    [("table", "2\n"), ("json", "2\n"), ("jsonl", "2\n"), ("csv", "actions\n2\n")],
)
def test_expand_counts(path: str, form: str, expected: str) -> None:
    words = ("expand", "store:Get*", "store:GetBox", "--count", "--format", form)

    assert run(path, *words) == (0, expected, "")


def test_expand_since_a_date_prints_what_came_and_went(path: str) -> None:
    words = ("expand", "store:*", "--since", "2020-06-01")

    assert run(path, *words, "--format", "csv") == (
        0,
        "date,change,subject\n2021-01-01,added,store:GetKey\n2021-01-01,removed,store:GetLid\n",
        "",
    )


def test_count_and_since_exclude_each_other(path: str) -> None:
    code, output, talk = run(path, "expand", "store:*", "--count", "--since", "2020-06-01")

    assert (code, output) == (2, "")
    assert talk.endswith("Error: --count and --since exclude each other.\n")


def test_a_pattern_that_matches_nothing_is_said(path: str) -> None:
    assert run(path, "expand", "store:*", "store:Nothing*", "--count") == (
        0,
        "3\n",
        "'store:Nothing*' matches no action in the catalog.\n",
    )


def test_a_wildcard_in_the_prefix_is_said(path: str) -> None:
    assert run(path, "expand", "st*:Get*", "--count") == (
        0,
        "2\n",
        "'st*:Get*': a policy can have no wildcard in the service prefix.\n",
    )
    assert run(path, "expand", "*", "--count") == (0, "3\n", "")


def test_actions_that_are_not_in_the_source_are_said(tmp_path: Path) -> None:
    assert run(build_small_catalog(tmp_path), "expand", "depot:*") == (
        0,
        "[]\n",
        f"'depot:*' matches no action in the catalog: {UNKNOWN_DEPOT}.\n",
    )


def test_expand_of_a_service_that_is_not_held_is_an_error(path: str) -> None:
    assert run(path, "expand", "shop:*") == (
        1,
        "",
        "Error: No service 'shop' in the catalog as of 2021-01-01, which holds store.\n",
    )


# --- shrink


def test_shrink_prints_the_patterns(path: str) -> None:
    words = ("shrink", "store:GetBox", "store:getkey", "shop:Buy", "--format")

    assert run(path, *words, "table") == (0, "shop:Buy\nstore:Get*\n", "")
    assert run(path, *words, "csv") == (0, "pattern\nshop:Buy\nstore:Get*\n", "")


def test_shrink_can_end_patterns_within_a_word(path: str) -> None:
    assert run(path, "shrink", "store:ListBoxes", "--shortest", "--format", "table") == (
        0,
        "store:L*\n",
        "",
    )


@pytest.mark.parametrize(
    "text",
    [
        '["store:GetBox", "store:GetKey"]',
        "store:GetBox\n\n  store:GetKey\n",
        '"store:GetBox"\n"store:GetKey"\n',
        "action\nstore:GetBox\nstore:GetKey\n",
        "store:GetBox  # reads\n# keys too\nstore:GetKey\n",
    ],
)
def test_shrink_reads_what_expand_prints(path: str, text: str) -> None:
    assert run(path, "shrink", "-", "--format", "table", text=text) == (0, "store:Get*\n", "")


@pytest.mark.parametrize(
    "text", ['{"Action": "store:GetBox"}', "1", "[1]", "null", "[1, ", b"\xff\xfe\xff", "two words"]
)
@pytest.mark.parametrize("command", ["expand", "shrink", "write"])
def test_what_names_no_action_is_refused(path: str, command: str, text: str | bytes) -> None:
    assert run(path, command, "-", text=text) == (
        1,
        "",
        (
            "Error: Cannot read actions from standard input: expected a name in each line, or"
            " what a command prints as json, jsonl or csv, such as: iam-catalog expand 's3:Get*'\n"
        ),
    )


def test_shrink_of_no_name_is_no_pattern(path: str) -> None:
    assert run(path, "shrink", "-", text="") == (0, "[]\n", "")


# --- match-arn and actions-for-arn


def test_match_arn_prints_the_types(arns: str) -> None:
    arn_format = "arn:${Partition}:s3:::${BucketName}/${ObjectName}"
    row = f"s3:object,yes,1,{arn_format},Partition aws; BucketName logs; ObjectName 2026/*"

    assert run(arns, "match-arn", "arn:aws:s3:::logs/2026/*", "--format", "csv") == (
        0,
        f"resource_type,exact,specificity,arn_format,variables\n{row}\n",
        "",
    )


def test_match_arn_gives_programs_every_fact(arns: str) -> None:
    (found,) = json.loads(run(arns, "match-arn", "arn:aws:s3:::logs/a")[1])

    assert found == {
        "resource_type": "s3:object",
        "arn_format": "arn:${Partition}:s3:::${BucketName}/${ObjectName}",
        "variables": {"Partition": "aws", "BucketName": "logs", "ObjectName": "a"},
        "exact": True,
        "specificity": 1,
        "page": "s3.json@2020-03-04",
        "line": found["line"],
        "last_seen": "2020-03-04",
    }


def test_actions_for_arn_prints_the_actions(arns: str) -> None:
    assert run(arns, "actions-for-arn", "arn:aws:iam::1:role/a", "--format", "table") == (
        0,
        "ec2:Userole\niam:Userole\n",
        "",
    )


def test_an_arn_of_no_type_is_said(arns: str) -> None:
    shown = "'arn:aws:s3::1:b\N{REPLACEMENT CHARACTER}'"
    said = f"No resource type in the catalog has an ARN such as {shown}.\n"

    assert run(arns, "match-arn", "arn:aws:s3::1:b\x1b") == (0, "[]\n", said)
    assert run(arns, "actions-for-arn", "arn:aws:s3::1:b\x1b") == (0, "[]\n", said)


def test_what_aws_completes_is_said(arns: str) -> None:
    said = "'arn:aws:iam::1' lacks parts: AWS reads it as 'arn:aws:iam::1:*'.\n"
    code, printed, talk = run(arns, "actions-for-arn", "arn:aws:iam::1", "--format", "table")

    assert (code, printed.split(), talk) == (
        0,
        ["ec2:Userole", "es:Useesrole", "iam:Usepolicy", "iam:Userole"],
        said,
    )
    assert run(arns, "match-arn", "arn:aws:iam::1")[2] == said


@pytest.mark.parametrize("command", ["match-arn", "actions-for-arn"])
def test_what_is_no_arn_is_an_error(arns: str, command: str) -> None:
    form = "arn:partition:service:region:account:resource"
    said = f"Error: 'key-name' is not an ARN: write {form}, for example 'arn:aws:s3:::logs/*'.\n"

    assert run(arns, command, "key-name") == (1, "", said)
