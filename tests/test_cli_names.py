"""Names of actions on standard input, in every form in which commands print them."""

from __future__ import annotations

import shlex

import pytest
from click.testing import CliRunner
from small_catalog import build_small_catalog

from iam_catalog.cli.main import cli
from iam_catalog.cli.names import actions_in, names_in

NAMES = [(1, "s3:GetObject"), (2, "iam:PassRole")]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("s3:GetObject\niam:PassRole\n", NAMES),
        ('"s3:GetObject"\n"iam:PassRole"\n', NAMES),
        ('{"action": "s3:GetObject"}\n{"action": "iam:PassRole"}\n', NAMES),
        ('["s3:GetObject",\n"iam:PassRole"]', NAMES),
        ('[{"action": "s3:GetObject"},\n{"action": "iam:PassRole"}]', NAMES),
        ('[\n  "s3:GetObject",\n  "s3:GetObject"\n]', [(2, "s3:GetObject"), (3, "s3:GetObject")]),
        ("action\ns3:GetObject\n", [(2, "s3:GetObject")]),
        ("pattern\ns3:*\n", [(2, "s3:*")]),
        ('description,action\n"Gets, and more.",s3:GetObject\n', [(2, "s3:GetObject")]),
        ("kind,name\nservice,s3\naction,s3:GetObject\n", [(2, None), (3, "s3:GetObject")]),
        ('[{"kind": "condition key", "name": "s3:prefix"}]', [(1, None)]),
        ("# mine\n\ns3:GetObject  # one\n", [(3, "s3:GetObject")]),
        ('"s3:GetObject"', [(1, "s3:GetObject")]),
        ("[]", []),
        ("", []),
    ],
)
def test_names_have_their_lines(text: str, named: list[tuple[int, str | None]]) -> None:
    assert names_in(text) == named


@pytest.mark.parametrize(
    "text",
    [
        '{"Version": "2012-10-17", "Statement": []}',
        '[{"Statement": []}]',
        '{"Statement": []}\n{"Statement": []}\n',
        "Version: 2012-10-17\nStatement: []\n",
        "A policy in prose.\n",
        '[["s3:GetObject"]]',
        "[1",
        '{"a',
        "null",
        "[" * 100_000,
        '"x"\n{"a":' * 50_000,
        f"{{}}\n{'[' * 100_000}\n",
    ],
)
def test_what_names_no_action_is_none(text: str) -> None:
    assert names_in(text) is None


@pytest.mark.parametrize("text", ["s3:GetObject\npost\n", "s3:\n", ":GetObject\n", "{}", "*"])
def test_a_text_with_other_names_has_no_actions(text: str) -> None:
    assert actions_in(text) == []


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    return build_small_catalog(tmp_path_factory.mktemp("small"))


@pytest.mark.parametrize("form", ["json", "jsonl", "csv"])
@pytest.mark.parametrize(
    "source",
    [
        "actions store",
        "expand store:*",
        "required-by store:CreateShelf",
        "dependent-actions store:TagShelf",
        "search shelf",
        "shrink store:CreateShelf",
        "actions-for-arn arn:aws:store:::box/x",
    ],
)
@pytest.mark.parametrize(
    "reader",
    ["expand -", "shrink -", "invert -", "write - --allow-placeholders", "check - --fail-on never"],
)
def test_what_a_command_prints_is_read_by_others(
    database: str, source: str, form: str, reader: str
) -> None:
    def run(line: str, text: str = "") -> tuple[int, str]:
        words = [*shlex.split(line), "--database", database]
        done = CliRunner().invoke(cli, words, input=text)
        return done.exit_code, done.stdout

    code, printed = run(f"{source} --format {form}")
    assert code == 0
    assert run(reader, printed)[0] == 0


def test_results_that_name_no_action_are_counted(database: str) -> None:
    text = '[{"kind": "service", "name": "store"}, {"kind": "action", "name": "store:TagShelf"}]'
    done = CliRunner().invoke(cli, ["expand", "-", "--database", database], input=text)

    assert (done.stdout, done.stderr) == (
        '[\n  "store:TagShelf"\n]\n',
        "1 result names no action, and is left out.\n",
    )
