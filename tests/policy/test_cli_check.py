"""`iam-catalog check`: files in, findings out, and the exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from check_services import NEWER, OLDER, allow, build_catalog, policy
from click.testing import CliRunner, Result

from iam_catalog.cli.main import cli
from iam_catalog.policy.check.ignores import read_ignores

FINE = policy(allow("post:ListBoxes"))
UNKNOWN = policy(allow("post:GetLeter"))
WRONG = policy(allow("post:GetLetter", "key-name"))
WORTH_KNOWING = policy(allow(["nosuch:Get", "post:ListBoxes"]))
NOT_HELD = policy(allow("nosuch:Get"))

Check = Callable[..., Result]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    return build_catalog(tmp_path_factory.mktemp("check"))


@pytest.fixture
def check(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    """Runs the command in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str, given: str | bytes | None = None) -> Result:
        line = ["check", *words, "--database", database]
        return CliRunner().invoke(cli, line, input=given, catch_exceptions=False)

    return run


def write(name: str, value: object) -> str:
    Path(name).write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return name


# --- files without a policy


def test_a_file_without_a_policy_is_no_error(check):
    result = check(write("package.json", {"version": "1.2.3"}), write("x.json", FINE))

    assert (result.exit_code, result.stderr.splitlines()) == (
        0,
        [
            "no policy in package.json",
            "0 errors, 0 warnings, 0 info in 1 policy; no policy in 1 file",
        ],
    )


def test_a_file_that_does_not_parse_is_an_error(check):
    result = check(write("x.json", "{"))

    assert result.exit_code == 1
    assert "no policy" not in result.stderr


def test_policies_that_are_not_read_are_counted(check):
    text = '{"Version": "2012-10-17", "Statement": [...]}'
    result = check(write("x.txt", f"{text}\n\n{json.dumps(FINE)}\n"))

    assert result.stderr.splitlines() == [
        "1 of 2 policies in x.txt not checked: see unresolved-policy",
        "0 errors, 0 warnings, 1 info in 2 policies; 1 not checked",
    ]


def test_every_choice_of_a_template_is_checked_and_told_once(check):
    statement = {
        "Effect": {"Fn::If": ["C", "Permit", "Deny"]},
        "Action": ["post:GetLeter", {"Fn::If": ["C", ["post:GetLetter"], "post:GetLetter"]}],
        "Resource": "*",
    }
    result = check(write("x.json", policy(statement)), "--format", "json")

    assert [(each["code"], each["place"]) for each in json.loads(result.stdout)] == [
        ("effect-value", "Statement[0].Effect"),
        ("wrong-type", "Statement[0].Action[1]"),
        ("unknown-action", "Statement[0].Action[0]"),
    ]


# --- exit codes


@pytest.mark.parametrize(
    ("value", "options", "exit_code"),
    [
        (FINE, [], 0),
        (WORTH_KNOWING, [], 0),
        (WORTH_KNOWING, ["--fail-on", "info"], 1),
        (NOT_HELD, [], 1),
        (UNKNOWN, [], 1),
        (UNKNOWN, ["--fail-on", "error"], 0),
        (WRONG, ["--fail-on", "error"], 1),
        (WRONG, ["--fail-on", "never"], 0),
    ],
)
def test_the_exit_code_says_whether_a_finding_is_as_severe_as_asked(
    check, value, options, exit_code
):
    assert check(write("a.json", value), *options).exit_code == exit_code


@pytest.mark.parametrize(
    "words", [[], ["--fail-on", "much", "a.json"], ["--kind", "user", "a.json"], ["--no"]]
)
def test_a_mistyped_command_line_exits_with_2(check, words):
    write("a.json", FINE)

    assert check(*words).exit_code == 2


def test_a_file_that_can_not_be_read_keeps_no_other_from_being_checked(check):
    write("b.json", UNKNOWN)
    result = check("nothing.json", write("a.json", "{"), "b.json", "--format", "jsonl")

    assert result.exit_code == 1
    assert [json.loads(line)["code"] for line in result.stdout.splitlines()] == ["unknown-action"]
    missing, broken, summary = result.stderr.splitlines()
    assert missing.startswith("Error: Can not read policies from 'nothing.json': ")
    assert broken.startswith("Error: Can not read policies from 'a.json' line 1 column 2: ")
    assert summary == "0 errors, 1 warning, 0 info in 1 policy; 2 not read"


def test_an_unreadable_file_alone_exits_with_1(check):
    assert check("nothing.json", "--fail-on", "never").exit_code == 1


def test_the_ignores_that_the_help_shows_are_read(check, tmp_path):
    help_text = check("--help").stdout
    shown = help_text[help_text.index("[[ignore]]") : help_text.index("In YAML")]
    (tmp_path / "shown.toml").write_text(shown)
    (entry,) = read_ignores(str(tmp_path / "shown.toml")).entries

    assert entry.reason == "The deployment fills the key in."


# --- input


def test_a_policy_can_come_from_standard_input(check):
    result = check("-", "--format", "jsonl", given=json.dumps(UNKNOWN))

    assert json.loads(result.stdout)["file"] == "-"


def test_every_policy_of_json_lines_is_checked_with_its_line(check):
    lines = "\n".join(map(json.dumps, [FINE, UNKNOWN, FINE, WRONG]))
    found = check(write("many.jsonl", lines), "--format", "jsonl").stdout.splitlines()

    assert [(each["code"], each["line"]) for each in map(json.loads, found)] == [
        ("unknown-action", 2),
        ("malformed-arn", 4),
    ]


def test_a_broken_line_of_json_lines_keeps_no_other_from_being_checked(check):
    lines = [json.dumps(UNKNOWN), '{"Version"}', "\udc80", json.dumps(WRONG)]
    Path("many.jsonl").write_bytes("\n".join(lines).encode(errors="surrogateescape"))
    result = check("many.jsonl", "--format", "jsonl")

    assert result.exit_code == 1
    assert [json.loads(line)["line"] for line in result.stdout.splitlines()] == [1, 4]
    broken, no_text, summary = result.stderr.splitlines()
    assert broken.startswith("Error: Can not read policies from 'many.jsonl' line 2 column ")
    assert "line 3: it is not UTF-8 text" in no_text
    assert summary == "1 error, 1 warning, 0 info in 2 policies; 2 not read"


def test_a_file_that_is_named_twice_is_checked_once(check):
    write("a.json", UNKNOWN)

    assert len(json.loads(check("a.json", "a.json", "--format", "json").stdout)) == 1


def test_findings_have_the_line_of_their_part(check):
    text = json.dumps(
        policy(allow("post:ListBoxes"), allow(["post:GetParcel", "post:No"])), indent=1
    )
    (found,) = json.loads(check(write("a.json", text), "--format", "json").stdout)

    assert text.splitlines()[found["line"] - 1].strip() == '"post:No"'


def test_the_kind_can_be_said_where_the_form_does_not_tell(check):
    write("a.json", policy(allow("*")))

    assert check("a.json").exit_code == 1
    assert check("a.json", "--kind", "scp").exit_code == 0


def test_the_catalog_can_answer_as_of_a_date(check):
    write("a.json", policy(allow("post:BurnLetter")))

    assert check("a.json").exit_code == 1
    assert check("a.json", "--as-of", OLDER).exit_code == 0


# --- output


def test_a_table_has_lines_that_people_and_editors_read(check):
    write("a.json", UNKNOWN)
    result = check("a.json")

    assert result.stdout.splitlines() == [
        (
            f"a.json:1: warning: No action 'post:GetLeter' in the catalog as of {NEWER}. "
            "[unknown-action]"
        ),
        "    at Statement[0].Action",
        "    instead: post:GetLetter",
        f"    see postoffice@{NEWER}, line 9",
    ]
    assert result.stderr == "0 errors, 1 warning, 0 info in 1 policy\n"
    assert check("a.json", "--format", "table").stdout == result.stdout
    assert check("a.json", "--format", "text").stdout == result.stdout


def test_severities_have_colors_where_the_environment_wants_them(check, monkeypatch):
    write("a.json", UNKNOWN)
    monkeypatch.setenv("FORCE_COLOR", "1")

    assert check("a.json").stdout.startswith("\x1b[1ma.json:1\x1b[0m: \x1b[33mwarning\x1b[0m: ")


def test_findings_wrap_on_a_terminal_and_nowhere_else(check, monkeypatch):
    write("a.json", UNKNOWN)
    whole = check("a.json").stdout
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr("iam_catalog.cli.check.is_terminal", lambda: True)
    monkeypatch.setattr("iam_catalog.cli.output.is_terminal", lambda: True)

    wrapped = check("a.json").stdout
    assert wrapped.splitlines()[:2] == [
        "a.json:1: warning: No action 'post:GetLeter' in the",
        f"    catalog as of {NEWER}. [unknown-action]",
    ]
    assert wrapped.split() == whole.split()
    assert check("a.json", "--wide").stdout == whole


NAMES = {
    "json": '[\n  "post:GetLetter",\n  "post:GetLeter"\n]\n',
    "records": '[{"action": "post:GetLetter"},\n\n{"action": "post:GetLeter"}]',
    "jsonl": '"post:GetLetter"\n\n"post:GetLeter"\n',
    "jsonl of records": '{"action": "post:GetLetter"}\n\n{"action": "post:GetLeter"}\n',
    "csv": "action,description\npost:GetLetter,Gets.\npost:GetLeter,\n",
    "lines": "# of mail\npost:GetLetter\npost:GetLeter\n",
    "search": '[{"kind": "service", "name": "post"},\n{"kind": "action", "name": "post:Nil"},\n'
    '{"kind": "action", "name": "post:GetLeter"}]',
}
"""What commands print, with a wrong name on the third line."""


@pytest.mark.parametrize("text", NAMES.values(), ids=NAMES)
def test_names_of_actions_on_standard_input_are_checked_on_their_lines(check, text):
    found = check("-", "--format", "jsonl", given=text.replace("post:Nil", "post:GetLetter")).stdout

    assert [(each["code"], each["line"]) for each in map(json.loads, found.splitlines())] == [
        ("unknown-action", 3)
    ]


@pytest.mark.parametrize("text", ['{"name": "post:GetLetter"', "{"])
def test_what_is_neither_json_nor_names_is_refused(check, text):
    result = check("-", given=text)

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: Can not read policies from standard input line 1")


@pytest.mark.parametrize("text", ["hello\n", "post:GetLetter and more\n", '"x', "[]", '["post"]'])
def test_prose_without_a_policy_is_no_list_of_names(check, text):
    result = check("-", given=text)

    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.splitlines() == [
        "no policy in standard input",
        "0 errors, 0 warnings, 0 info in 0 policies; no policy in 1 file",
    ]


def test_json_lines_on_standard_input_are_read_line_by_line(check, monkeypatch):
    """Also those that have names of other things, and a byte order mark."""
    monkeypatch.setattr("iam_catalog.policy.read.json_text.MAX_BYTES", 500)
    monkeypatch.setattr("iam_catalog.policy.read.files.MAX_BYTES", 500)
    line = json.dumps({"name": "mail", "document": UNKNOWN})
    result = check("-", "--format", "jsonl", given="\ufeff" + f"{line}\n" * 50)

    assert len(line) < 500
    assert [each["line"] for each in map(json.loads, result.stdout.splitlines())] == [*range(1, 51)]


def test_policies_in_json_lines_come_from_standard_input_too(check):
    lines = "\n" + "\n".join(map(json.dumps, [FINE, UNKNOWN, WRONG]))
    found = check("-", "--format", "jsonl", given=lines).stdout.splitlines()

    assert [each["line"] for each in map(json.loads, found)] == [3, 4]


def test_json_is_a_list_of_records(check):
    write("a.json", UNKNOWN)

    assert json.loads(check("a.json", "--format", "json").stdout) == [
        {
            "code": "unknown-action",
            "severity": "warning",
            "text": f"No action 'post:GetLeter' in the catalog as of {NEWER}.",
            "path": ["Statement", 0, "Action"],
            "evidence": [{"page": f"postoffice@{NEWER}", "line": 9, "date": NEWER, "place": None}],
            "suggestion": "post:GetLetter",
            "line": 1,
            "file": "a.json",
            "title": None,
            "place": "Statement[0].Action",
        }
    ]


def test_json_of_nothing_is_an_empty_list(check):
    assert json.loads(check(write("a.json", FINE), "--format", "json").stdout) == []


def test_sarif_is_one_log_of_all_files(check):
    write("a.json", UNKNOWN)
    write("b.json", WRONG)
    log = json.loads(check("a.json", "b.json", "none.json", "--format", "sarif").stdout)
    (run,) = log["runs"]

    assert [each["ruleId"] for each in run["results"]] == ["unknown-action", "malformed-arn"]
    assert run["invocations"][0]["executionSuccessful"] is False


def test_annotations_are_a_line_for_each_finding_and_for_each_unreadable_file(check):
    write("a.json", UNKNOWN)
    lines = check("a.json", "none.json", "--format", "github").stdout.splitlines()

    assert [line.partition("::")[2].partition(" ")[0] for line in lines] == ["warning", "error"]


@pytest.mark.parametrize("form", ["table", "github"])
def test_control_characters_of_a_policy_never_reach_a_terminal(check, form):
    write("a.json", policy(allow("post:\x1b[2JGet", "\x1b]0;mine\x07")))

    assert "\x1b" not in check("a.json", "--format", form).output


# --- ignores


IGNORE = '[[ignore]]\ncode = "unknown-action"\nfile = "a.json"\nreason = "It comes soon."\n'


def test_ignored_findings_are_left_out_and_counted(check):
    write(".iam-catalog-ignore", IGNORE)
    result = check(write("a.json", UNKNOWN), "--format", "table")

    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "0 errors, 0 warnings, 0 info in 1 policy; 1 ignored\n"


def test_ignored_findings_stand_in_sarif_as_suppressed(check):
    write(".iam-catalog-ignore", IGNORE)
    log = json.loads(check(write("a.json", UNKNOWN), "--format", "sarif").stdout)

    assert log["runs"][0]["results"][0]["suppressions"][0]["justification"] == "It comes soon."


def test_another_file_of_ignores_can_be_named(check):
    write(".iam-catalog-ignore", "not even TOML")
    write("mine.toml", IGNORE)

    assert check(write("a.json", UNKNOWN), "--ignore-file", "mine.toml").exit_code == 0


def test_an_ignore_that_nothing_was_found_for_is_told(check):
    write(".iam-catalog-ignore", IGNORE)
    result = check(write("a.json", FINE), "--format", "table")

    assert result.exit_code == 1
    assert result.stdout == (
        ".iam-catalog-ignore:1: warning: Nothing is found that the ignore of unknown-action is "
        "for. [unused-ignore]\n"
    )


def test_a_broken_file_of_ignores_is_an_error(check):
    write(".iam-catalog-ignore", "[[ignore]]\n")
    result = check(write("a.json", FINE))

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "Error: .iam-catalog-ignore:1: an ignore needs a file.\n"


def test_a_comment_in_yaml_ignores_the_finding_beside_it(check):
    write(
        "a.yaml",
        "Version: 2012-10-17\nStatement:\n  Effect: Allow\n"
        "  Action: post:GetLeter  # iam-catalog: ignore unknown-action - It comes soon.\n"
        "  Resource: '*'\n",
    )
    result = check("a.yaml")

    assert result.stderr == "0 errors, 0 warnings, 0 info in 1 policy; 1 ignored\n"
    assert result.exit_code == 0
