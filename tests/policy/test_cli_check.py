"""`iam-catalog check`: files in, findings out, and the exit code."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from check_services import NEWER, OLDER, allow, build_catalog, policy
from click.testing import CliRunner, Result

from iam_catalog.cli.main import cli
from iam_catalog.policy.check.ignores import read_ignores
from iam_catalog.policy.check.reports import endings

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
    assert missing.startswith("Error: Cannot read policies from 'nothing.json': ")
    assert broken.startswith("Error: Cannot read policies from 'a.json' line 1 column 2: ")
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
    assert broken.startswith("Error: Cannot read policies from 'many.jsonl' line 2 column ")
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
    assert result.stderr.startswith("Error: Cannot read policies from standard input line 1")


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

    assert [each["ruleId"] for each in run["results"]] == [
        "unknown-action",
        "malformed-arn",
        "unreadable-file",
    ]
    assert run["invocations"][0]["executionSuccessful"] is False
    assert run["invocations"][0]["exitCode"] == 1


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


def test_a_broken_file_of_ignores_is_a_mistake_of_who_asks(check):
    write(".iam-catalog-ignore", "[[ignore]]\n")
    result = check(write("a.json", FINE))

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.endswith("Error: .iam-catalog-ignore:1: an ignore needs a file.\n")


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


# --- folders


def lines_of(result: Result) -> list[tuple[str, str]]:
    """Return file and code of each finding of JSON lines."""
    found = [json.loads(line) for line in result.stdout.splitlines()]
    return [(each["file"], each["code"]) for each in found]


def make(**files: object) -> None:
    """Write files with these names, `__` for a slash."""
    for name, value in files.items():
        path = Path(name.replace("__", "/") + ".json")
        path.parent.mkdir(parents=True, exist_ok=True)
        write(str(path), value)


def test_a_folder_is_walked_in_order_and_files_without_a_policy_are_counted_alone(check):
    make(b=UNKNOWN, a__deep__b=UNKNOWN, a__c=UNKNOWN, package={"version": "1.2.3"}, d=FINE)
    result = check(".", "--format", "jsonl")

    assert [file for file, _ in lines_of(result)] == ["b.json", "a/c.json", "a/deep/b.json"]
    assert result.stderr == ("0 errors, 3 warnings, 0 info in 4 policies; no policy in 1 file\n")


@pytest.mark.parametrize(
    "folder", [".git", "node_modules", "x/node_modules/y", ".terraform/modules", ".venv", "venv"]
)
def test_a_walk_leaves_out_what_tools_write(check, folder):
    Path(folder).mkdir(parents=True)
    write(f"{folder}/a.json", UNKNOWN)

    assert check(".").stderr == "0 errors, 0 warnings, 0 info in 0 policies\n"
    assert check(f"{folder}/a.json").exit_code == 1


def test_a_walk_leaves_out_a_virtual_environment_of_any_name(check):
    Path("mine").mkdir()
    write("mine/pyvenv.cfg", "home = /usr/bin")
    write("mine/a.json", UNKNOWN)

    assert check(".").exit_code == 0


def test_in_a_walk_a_file_that_does_not_parse_counts_only_if_it_is_meant_as_a_policy(check):
    write("tsconfig.json", "{ // with a comment about a policy\n}")
    write("chart.yaml", "{{ .Values.policy }}: [")
    write("data.txt", "")
    assert check(".").stderr == "0 errors, 0 warnings, 0 info in 0 policies; no policy in 3 files\n"

    write("role.json", '{"Statement": [{"Effect": "Allow",}]}')
    result = check(".")

    assert result.exit_code == 1
    assert result.stderr.startswith("Error: Cannot read policies from 'role.json' line 1 column ")


def test_a_walk_reads_every_ending_that_may_have_policies_and_no_other(check):
    make(a=UNKNOWN)
    text = json.dumps(UNKNOWN)
    write("b.template", text)
    write("c.yaml", text)
    write("d.tf", f"x = <<E\n{json.dumps(UNKNOWN, indent=1)}\nE\n")
    write("e.md", f"```json\n{text}\n```\n")
    write("f.py", text)
    Path("g.json").symlink_to("a.json")

    files = [file for file, _ in lines_of(check(".", "--format", "jsonl"))]
    assert files == ["a.json", "b.template", "c.yaml", "d.tf", "e.md"]


def test_a_walk_finds_a_policy_in_utf_16(check):
    Path("a.json").write_text(json.dumps(UNKNOWN), encoding="utf-16")

    assert check(".").exit_code == 1


def test_a_walk_names_a_file_itself_and_not_a_link_to_it(check):
    make(b=UNKNOWN, outside__c=UNKNOWN)
    Path("in").mkdir()
    Path("b.json").rename("in/b.json")
    Path("in/a.json").symlink_to("b.json")
    Path("in/d.json").symlink_to("../outside/c.json")
    Path("in/e").symlink_to(".", target_is_directory=True)

    assert [file for file, _ in lines_of(check("in", "--format", "jsonl"))] == [
        "in/b.json",
        "in/d.json",
    ]


def test_a_folder_that_cannot_be_read_is_told_and_the_others_are_checked(check, monkeypatch):
    """As of one that somebody else owns: its files can neither be listed nor asked for."""
    make(a__b=FINE, closed__c=FINE)
    real_scandir, real_stat = os.scandir, os.stat

    def refuse(real, path, *words, **options):
        if "closed" in str(path) and Path(path).name != "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *words, **options)

    def scandir(path):
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return real_scandir(path)

    monkeypatch.setattr(os, "stat", lambda path, *a, **b: refuse(real_stat, path, *a, **b))
    monkeypatch.setattr(os, "scandir", scandir)
    for words in ([], ["closed"]):
        result = check(*(words or ["."]))

        assert result.exit_code == 1
        assert "closed': permission denied." in result.stderr
    assert "in 1 policy; 1 not read" in check(".").stderr


@pytest.mark.parametrize("form", ["gitlab", "github", "sarif"])
def test_reports_for_forges_name_files_from_the_working_folder(check, tmp_path, form):
    make(a__b=UNKNOWN)
    relative = check("a", "--format", form).stdout

    assert check(str(tmp_path / "a"), "--format", form).stdout == relative


def test_a_file_that_is_named_and_walked_is_checked_once(check):
    make(a__b=UNKNOWN)

    assert lines_of(check("./a/b.json", "a", ".", "--format", "jsonl")) == [
        ("./a/b.json", "unknown-action")
    ]


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("old", ["new/a.json"]),
        ("*.json", []),
        ("new/*", ["old/a.json"]),
        ("./old/", ["new/a.json"]),
        ("a.json", []),
        ("ne", ["new/a.json", "old/a.json"]),
    ],
)
def test_files_and_folders_are_excluded_by_name_or_path(check, pattern, left):
    make(new__a=UNKNOWN, old__a=UNKNOWN)

    walked = check(".", "--exclude", pattern, "--format", "jsonl")
    named = check("new/a.json", "old/a.json", "--exclude", pattern, "--format", "jsonl")
    assert [file for file, _ in lines_of(walked)] == left
    assert [file for file, _ in lines_of(named)] == left
    assert (f"{2 - len(left)} file" in named.stderr) == (len(left) < 2)


# --- options about codes


BOTH = policy(allow(["post:GetLeter", "nosuch:Get"], "key-name"))
"""Has the findings unknown-action, service-not-held and malformed-arn."""


def codes_of(result: Result) -> list[str]:
    return sorted({code for _, code in lines_of(result)})


def test_only_selected_codes_are_found(check):
    write("a.json", BOTH)

    assert codes_of(check("a.json", "--format", "jsonl")) == [
        "malformed-arn",
        "service-not-held",
        "unknown-action",
    ]
    assert codes_of(
        check("a.json", "--select", "unknown-action,malformed-arn", "--format", "jsonl")
    ) == ["malformed-arn", "unknown-action"]
    assert check("a.json", "--select", "malformed-region").exit_code == 0


def test_an_ignore_of_a_code_that_is_not_selected_is_not_called_unused(check):
    write(".iam-catalog-ignore", IGNORE)

    assert check(write("a.json", FINE), "--select", "malformed-arn,unused-ignore").exit_code == 0


def test_a_code_that_is_ignored_is_counted_and_suppressed_in_sarif(check):
    words = ("--ignore", "unknown-action", "--ignore", "malformed-arn")
    result = check(write("a.json", BOTH), *words, "--format", "jsonl")
    log = json.loads(check("a.json", *words, "--format", "sarif").stdout)

    assert (result.exit_code, codes_of(result)) == (0, ["service-not-held"])
    assert result.stderr == "0 errors, 0 warnings, 1 info in 1 policy; 2 ignored\n"
    assert {
        each["ruleId"]: [why["justification"] for why in each.get("suppressions", ())]
        for each in log["runs"][0]["results"]
    } == {
        "unknown-action": ["--ignore on the command line"],
        "malformed-arn": ["--ignore on the command line"],
        "service-not-held": [],
    }
    assert check(write("b.json", FINE), "--ignore", "unknown-action").exit_code == 0


def test_a_code_can_have_another_severity(check):
    write("a.json", UNKNOWN)

    assert check("a.json", "--severity", "unknown-action=info").exit_code == 0
    result = check("a.json", "--severity", "unknown-action=error", "--fail-on", "error")
    assert result.exit_code == 1
    assert result.stderr == "1 error, 0 warnings, 0 info in 1 policy\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["--select", "unknown-acton"],
            (
                "--select: 'unknown-acton' is not a code of a finding: expected one that "
                "'iam-catalog rule' lists. Did you mean unknown-action?"
            ),
        ),
        (
            ["--ignore", "x"],
            "--ignore: 'x' is not a code of a finding: expected one that 'iam-catalog rule' lists.",
        ),
        (
            ["--severity", "unknown-action"],
            "--severity: 'unknown-action' has no level: expected CODE=LEVEL.",
        ),
        (
            ["--severity", "unknown-action=eror"],
            (
                "--severity: severity of unknown-action: 'eror' is not a severity: expected one of "
                "error, warning, info. Did you mean error?"
            ),
        ),
        (
            ["--output", "report.pdf"],
            (
                "--output 'report.pdf' has no ending of a format: expected "
                f"{', '.join(sorted(endings()))}, or --format."
            ),
        ),
        (
            ["--settings", "no.toml"],
            "Cannot read settings from 'no.toml': No such file or directory.",
        ),
    ],
)
def test_an_unknown_code_or_level_is_a_mistyped_command_line(check, words, said):
    result = check(write("a.json", FINE), *words)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines()[-1] == f"Error: {said}"


# --- what is printed where


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("x.sarif", '{"$schema"'),
        ("x.html", "<!doctype html>"),
        ("x.md", "## IAM policies: 0 errors, 1 warning"),
        ("x.json", "[\n"),
        ("x.jsonl", '{"code"'),
        ("x.txt", "a.json:1: warning: No action"),
    ],
)
def test_a_report_goes_into_a_file_in_the_format_of_its_ending(check, name, start):
    result = check(write("a.json", UNKNOWN), "--output", name)

    assert (result.exit_code, result.stdout) == (1, "")
    assert Path(name).read_text(encoding="utf-8").startswith(start)


def test_a_format_goes_before_the_ending(check):
    check(write("a.json", UNKNOWN), "--output", "quality.json", "--format", "gitlab")

    assert json.loads(Path("quality.json").read_text())[0]["check_name"] == "unknown-action"


def test_a_report_that_cannot_be_written_is_an_error(check):
    result = check(write("a.json", UNKNOWN), "--output", "no/x.sarif")

    assert result.exit_code == 1
    assert "Error: Cannot write the report to 'no/x.sarif': No such file or directory." in (
        result.stderr
    )


def test_quiet_prints_the_report_and_errors_alone(check):
    write("a.json", UNKNOWN)
    whole = check("a.json")
    result = check("a.json", write("b.json", {}), "--quiet")

    assert (result.exit_code, result.stdout, result.stderr) == (1, whole.stdout, "")
    assert check("none.json", "--quiet").stderr.startswith("Error: Cannot read policies from")


def test_statistics_count_each_code_the_most_frequent_first(check):
    write("a.json", policy(allow(["post:GetLeter", "post:No", "nosuch:Get"])))
    result = check("a.json", "--statistics")

    assert result.stderr.splitlines()[:-1] == [
        "      2  warning  unknown-action",
        "      1  info     service-not-held",
    ]


# --- settings


def test_settings_are_found_upwards_from_the_first_path(check, monkeypatch):
    make(a__b__c=UNKNOWN)
    write("a/.iam-catalog.toml", 'fail-on = "error"\n')
    write(".iam-catalog.toml", "not even TOML")

    assert check("a/b/c.json").exit_code == 0
    assert check("a").exit_code == 0
    monkeypatch.chdir("a/b")
    assert check("-", given=json.dumps(UNKNOWN)).exit_code == 0


def test_settings_are_in_pyproject_toml_too(check):
    make(a__b=UNKNOWN)
    write("pyproject.toml", '[tool.iam-catalog.severity]\nunknown-action = "info"\n')
    write("a/pyproject.toml", '[project]\nname = "iam-catalog-of-mine"\n')
    assert check("a/b.json").exit_code == 0

    write(".iam-catalog.toml", "")
    assert check("a/b.json").exit_code == 1


def test_every_setting_does_what_its_option_does(check):
    write(
        ".iam-catalog.toml",
        f"""
        select = ["unknown-action", "service-not-held"]
        exclude = ["old/*"]
        fail-on = "info"
        kind = "scp"
        as-of = {OLDER}
        severity = {{ unknown-action = "error" }}

        [[ignore]]
        code = "service-not-held"
        reason = "Ours."
        """,
    )
    make(old__a=BOTH, new__a=BOTH)
    result = check(".", "--format", "jsonl")

    assert (result.exit_code, lines_of(result)) == (1, [("new/a.json", "unknown-action")])
    assert json.loads(result.stdout)["severity"] == "error"
    assert OLDER in json.loads(result.stdout)["text"]
    assert result.stderr == "1 error, 0 warnings, 0 info in 1 policy; 1 ignored\n"


def test_options_go_before_settings(check):
    write(".iam-catalog.toml", 'fail-on = "never"\nselect = ["malformed-arn"]\n')
    write("a.json", UNKNOWN)

    assert check("a.json").exit_code == 0
    assert check("a.json", "--select", "unknown-action", "--fail-on", "info").exit_code == 1


def test_paths_of_settings_are_relative_to_their_folder(check, monkeypatch):
    make(a__old__b=UNKNOWN, a__new__b=UNKNOWN)
    write(
        "a/.iam-catalog.toml",
        'exclude = ["old/*"]\n[[ignore]]\ncode = "unknown-action"\n'
        'file = "new/*"\nreason = "It comes."\n',
    )
    summary = "0 errors, 0 warnings, 0 info in 1 policy; 1 ignored\n"

    assert check("a").stderr == summary
    monkeypatch.chdir("a/new")
    assert check("..").stderr == summary
    assert check("..", "--exclude", "../new/b.json").stderr == (
        "0 errors, 0 warnings, 0 info in 0 policies\n"
    )


def test_an_ignore_for_all_files_is_never_called_unused(check):
    write(".iam-catalog.toml", '[[ignore]]\ncode = "unknown-action"\nreason = "It comes."\n')

    assert check(write("a.json", FINE)).exit_code == 0


PATTERN_IGNORE = """[[ignore]]
code = "unknown-action"
file = "a/*.json"
reason = "It comes."
"""


@pytest.mark.parametrize("source", [".iam-catalog.toml", ".iam-catalog-ignore"])
@pytest.mark.parametrize(
    ("words", "told"),
    [(["a/b.json"], False), (["a"], True), (["."], True), (["a/c", "a/b.json"], False)],
)
def test_an_ignore_of_a_pattern_is_unused_only_where_all_its_files_were_checked(
    check, source, words, told
):
    """Before a commit, only the files that changed are named."""
    write(source, PATTERN_IGNORE)
    make(a__b=FINE, a__c__d=FINE)

    assert ("[unused-ignore]" in check(*words).stdout) == told


def test_settings_can_be_named(check):
    write("mine.toml", 'fail-on = "never"\n')

    assert check(write("a.json", UNKNOWN), "--settings", "mine.toml").exit_code == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            'fail_on = "error"',
            (
                "'fail_on' is not a setting: expected one of as-of, exclude, fail-on, ignore, "
                "kind, select, severity. Did you mean fail-on?"
            ),
        ),
        (
            'fail-on = "warn"',
            (
                "'warn' is not a value of fail-on: expected one of error, warning, info, never. "
                "Did you mean warning?"
            ),
        ),
        (
            'kind = "roles"',
            "'roles' is not a value of kind: expected one of identity, resource, trust, scp, rcp.",
        ),
        ("as-of = 7", "7 is not a value of as-of: expected a date, YYYY-MM-DD."),
        (
            'as-of = "2026"',
            "as-of: '2026' is not a date: write YYYY-MM-DD, for example '2019-08-12'.",
        ),
        ('exclude = "old"', "exclude is 'old': expected a list of texts."),
        (
            'select = ["malformed-anr"]',
            (
                "select: 'malformed-anr' is not a code of a finding: expected one that "
                "'iam-catalog rule' lists. Did you mean malformed-arn?"
            ),
        ),
        ('severity = "info"', "severity is 'info': expected a table of codes."),
        (
            'severity = { malformed-arn = "none" }',
            (
                "severity of malformed-arn: 'none' is not a severity: expected one of error, "
                "warning, info."
            ),
        ),
    ],
)
def test_a_setting_that_is_wrong_is_quoted_with_what_was_expected(check, text, said):
    write(".iam-catalog.toml", text)
    result = check(write("a.json", FINE))

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines()[-1] == f"Error: .iam-catalog.toml: {said}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('ignore = ["malformed-arn"]', "write each below a line [[ignore]]"),
        ('\n[[ignore]]\ncode = "malformed-arn"', ":2: an ignore needs a reason."),
        ("fail-on =", "Cannot read settings from '.iam-catalog.toml': "),
    ],
)
def test_settings_that_cannot_be_read_are_a_mistake_of_who_asks(check, text, said):
    write(".iam-catalog.toml", text)
    result = check(write("a.json", FINE))

    assert result.exit_code == 2
    assert said in result.stderr
