"""The commands explain, complete and write: exit code, answer and talk together."""

from __future__ import annotations

import csv
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from policy_services import BOX, NEWER, OLDER, ROLE, build_catalog

from iam_catalog.cli.main import cli
from iam_catalog.cli.policies import KINDS
from iam_catalog.policy.write import policy as write

FILL = (
    "Fill in by hand, or with --fill NAME=VALUE: {}. Until then AWS refuses the policy, or it"
    " matches no resource.\n"
)
OPEN_BOX = "${Account}, ${BoxId}, ${Partition}, ${Region}, ${ShelfId}"
PUT_BOX = {"Effect": "Allow", "Action": "store:PutBox", "Resource": "*"}
GET_BOX = {"Effect": "Allow", "Action": "store:GetBox", "Resource": "*"}
Ask = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> str:
    return build_catalog(tmp_path_factory.mktemp("cli"))


@pytest.fixture
def ask(built: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Ask:
    """Run a command line in an empty folder: exit code, standard output, standard error."""
    monkeypatch.setenv("IAM_CATALOG_DB", built)
    monkeypatch.chdir(tmp_path)

    def run(*words: str, given: str | bytes | None = None) -> tuple[int, str, str]:
        result = CliRunner().invoke(cli, words, input=given, prog_name="iam-catalog")
        return result.exit_code, result.stdout, result.stderr

    return run


def save(name: str, value: object) -> str:
    Path(name).write_text(json.dumps(value), encoding="utf-8")
    return name


def policy(*statements: object) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


# --- write


def test_write_prints_the_policy_and_says_what_to_fill_in(ask: Ask) -> None:
    code, out, said = ask("write", "store:GetBox")

    statement = {"Sid": "StoreBox", "Effect": "Allow", "Action": ["store:GetBox"]}
    assert (code, json.loads(out)) == (1, policy({**statement, "Resource": [BOX]}))
    assert out.startswith('{\n  "Version"')
    assert said == FILL.format(OPEN_BOX)


def test_write_says_what_the_actions_may_need_and_what_is_not_known(ask: Ask) -> None:
    code, _, said = ask("write", "store:PutBox", "depot:Load", "--arn", "arn:aws:depot:::yard/1")

    assert (code, said) == (
        1,
        f"store:PutBox may need, as documented on {NEWER}: iam:PassRole, store:TagBox,"
        " kms:Decrypt.\n"
        "Dependent actions are not known of depot:Load: no source that is held has a place for"
        " dependent actions.\n"
        "Can use other resource types besides (see --with-optional-types): depot:Load.\n"
        + FILL.format(OPEN_BOX),
    )


def test_write_fills_in_and_adds_what_is_asked_for(ask: Ask) -> None:
    code, out, said = ask(
        *("write", "store:PutBox", "--with-dependent-actions", "--format", "jsonl"),
        *("--fill", "Partition=aws", "--fill", "Account=1", "--fill", "${Region}=*"),
        *("--fill", "ShelfId=s", "--fill", "BoxId=a=b", "--fill", "RoleNameWithPath=r"),
    )

    assert (code, [each["Resource"] for each in json.loads(out)["Statement"]]) == (
        1,
        [
            ["arn:aws:iam::1:role/r"],
            ["arn:aws:store:*:1:shelf/s/box/a=b", "arn:aws:store:*:1:shelf/s"],
            ["${Resource}"],
        ],
    )
    assert said == (
        "Can use other resource types besides (see --with-optional-types): store:TagBox.\n"
        "${Resource} stands where the catalog does not know which resource types an action takes.\n"
        + FILL.format("${Resource}")
    )


def test_write_takes_access_levels_of_arns_and_of_a_service(ask: Ask) -> None:
    arn = "arn:aws:store:eu-west-1:111122223333:shelf/1/box/*"
    code, out, said = ask("write", "--access-level", "read", "--arn", arn)

    assert (code, json.loads(out)["Statement"][0]["Resource"], said) == (0, [arn], "")
    code, out, _ = ask("write", "--access-level", "List", "--service-prefix", "Example Store")
    assert (code, json.loads(out)["Statement"][0]["Action"]) == (
        0,
        ["store:CountBoxes", "store:ListBoxes"],
    )


def test_write_says_which_arn_it_has_no_use_for(ask: Ask) -> None:
    code, _, said = ask("write", "store:ListBoxes", "--arn", "arn:aws:iam::1:role/x")

    assert (code, said) == (
        1,
        "None of these actions takes arn:aws:iam::1:role/x: it is not in the policy.\n",
    )


def test_write_says_what_else_an_arn_can_be(ask: Ask) -> None:
    arn = "arn:aws:store:*:*:shelf/*"
    code, _, said = ask("write", "--access-level", "Permissions management", "--arn", arn)

    assert (code, said) == (
        0,
        (
            f"{arn} can also be store:box: for their actions, name them, or the service with"
            " --service-prefix.\n"
        ),
    )


@pytest.mark.parametrize(
    "given",
    ["store:GetBox\niam:ListRoles\n", '["store:GetBox", "iam:ListRoles"]', "store:GetBox # a\n\n"],
)
def test_write_reads_actions_from_standard_input(ask: Ask, given: str) -> None:
    code, out, _ = ask("write", "-", "iam:ListRoles", given=given)

    assert (code, [each["Action"] for each in json.loads(out)["Statement"]]) == (
        1,
        [["store:GetBox"], ["iam:ListRoles"]],
    )


@pytest.mark.parametrize("form", ["table", "csv"])
def test_write_prints_rows_of_facts_where_a_policy_has_no_form(ask: Ask, form: str) -> None:
    code, out, _ = ask("write", "store:MoveBox", "--format", form)
    lines = [line.replace(",", " ").split() for line in out.splitlines()]

    assert (code, lines[1]) == (0, ["store:MoveBox", "Write", "store:box", "store:shelf", BOX])


def test_write_prints_facts_with_their_source(ask: Ask) -> None:
    code, out, _ = ask("write", "iam:PassRole", "--facts")
    (fact,) = json.loads(out)

    assert (code, fact["action"], fact["resources"], fact["evidence"]["date"]) == (
        0,
        "iam:PassRole",
        [ROLE],
        NEWER,
    )


def test_several_policies_are_a_list_and_in_jsonl_a_line_each(ask: Ask) -> None:
    many = [f"--fill=ShelfId={'s' * 5000}", "--fill=BoxId=b"]
    words = ("write", "store:GetBox", "store:PutShelfPolicy", *many)

    code, out, said = ask(*words)
    assert (code, [each["Statement"][0]["Sid"] for each in json.loads(out)]) == (
        1,
        ["StoreBox", "StoreShelf"],
    )
    assert said.startswith(
        "Split into 2 policies: a managed policy may have 6,144 characters (IAM and AWS STS quotas,"
        " section IAM and STS character limits, 2025).\n"
    )
    assert len(ask(*words, "--format", "jsonl")[1].splitlines()) == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--fill", "x"), "'--fill': 'x' is not written NAME=VALUE."),
        (("--fill", "=x"), "'--fill': '=x' is not written NAME=VALUE."),
        (("--kind", "scp"), "'scp'"),
    ],
)
def test_mistyped_option_of_write_is_a_mistake_of_usage(
    ask: Ask, words: tuple[str, ...], message: str
) -> None:
    code, out, said = ask("write", "store:GetBox", *words)

    assert (code, out) == (2, "")
    assert message in said.splitlines()[-1]


@pytest.mark.parametrize(
    "words",
    [
        ("write", "store:GetBox"),
        ("write", "store:ListBoxes", "--arn", "arn:aws:iam::1:role/x"),
        ("complete", "p.json"),
    ],
)
def test_what_is_left_open_exits_with_1_unless_it_may_be(ask: Ask, words: tuple[str, ...]) -> None:
    save("p.json", policy(PUT_BOX))

    assert ask(*words)[0] == 1
    assert ask(*words, "--allow-placeholders")[0] == 0
    assert ask(*words, "--facts")[0] == 0


def test_write_takes_all_of_it_in_one_call(ask: Ask) -> None:
    box, shelf = "arn:aws:store:*:1:shelf/1/box/2", "arn:aws:store:*:1:shelf/3"
    code, out, _ = ask(
        *("write", "iam:ListRoles", "-l", "read", "-l", "list", "-l", "Permissions management"),
        *("--arn", box, "--arn", shelf, "--with-actions-without-type"),
        *("--exclude", "store:Count*", "--effect", "deny"),
    )

    assert code == 0
    assert [
        (each["Effect"], each["Action"], each["Resource"]) for each in json.loads(out)["Statement"]
    ] == [
        ("Deny", ["store:GetBox"], [box]),
        ("Deny", ["store:PutShelfPolicy"], [shelf]),
        ("Deny", ["iam:ListRoles", "store:ListBoxes"], "*"),
    ]


def test_what_is_denied_without_an_arn_is_denied_everywhere(ask: Ask) -> None:
    code, out, said = ask("write", "store:GetBox", "iam:ListRoles", "--effect", "deny")

    assert (code, said) == (0, "")
    assert json.loads(out)["Statement"] == [
        {
            "Sid": "OnEveryResource",
            "Effect": "Deny",
            "Action": ["iam:ListRoles", "store:GetBox"],
            "Resource": "*",
        }
    ]


def test_policies_are_printed_as_yaml_and_for_terraform(ask: Ask) -> None:
    words = ("write", "store:ListBoxes", "--format")

    assert ask(*words, "yaml")[:2] == (
        0,
        """Version: "2012-10-17"
Statement:
- Sid: WithoutResourceType
  Effect: Allow
  Action:
  - store:ListBoxes
  Resource: "*"
""",
    )
    assert ask(*words, "terraform")[:2] == (
        0,
        """data "aws_iam_policy_document" "policy" {
  statement {
    sid    = "WithoutResourceType"
    effect = "Allow"

    actions = ["store:ListBoxes"]

    resources = ["*"]
  }
}
""",
    )


def test_explain_takes_the_kind_of_the_policies(ask: Ask) -> None:
    _, out, _ = ask("explain", save("p.json", policy(GET_BOX)), "--kind", "scp")

    assert out.splitlines()[1:3] == [
        "Service control policy with 1 statement, version 2012-10-17.",
        "It grants nothing: it limits what other policies can allow to users and roles.",
    ]


def test_write_without_a_question_could_not_answer(ask: Ask) -> None:
    assert ask("write") == (
        1,
        "",
        "Error: Nothing to write: name actions, or access levels with ARNs or a service prefix.\n",
    )


def test_command_line_offers_the_kinds_that_can_be_written() -> None:
    assert KINDS == write.KINDS


# --- complete


def test_complete_prints_what_to_add_as_a_policy(ask: Ask) -> None:
    held = policy({**PUT_BOX, "Action": ["store:PutBox", "kms:Decrypt"]})
    code, out, said = ask("complete", save("p.json", held))

    assert (code, [each["Action"] for each in json.loads(out)["Statement"]]) == (
        1,
        [["iam:PassRole"], ["store:TagBox"]],
    )
    assert said == (
        f"store:PutBox may need, as documented on {NEWER}: iam:PassRole, store:TagBox.\n"
        f"Dependent actions are not known of kms:Decrypt: the catalog as of {NEWER} holds no"
        " service kms.\n"
        + FILL.format(
            "${Account}, ${BoxId}, ${Partition}, ${Region}, ${RoleNameWithPath}, ${ShelfId}"
        )
    )


def test_complete_prints_the_whole_policy(ask: Ask) -> None:
    code, out, _ = ask("complete", save("p.json", policy(PUT_BOX)), "--whole")

    assert (code, json.loads(out)["Statement"][0]) == (1, PUT_BOX)
    assert len(json.loads(out)["Statement"]) == 4


def test_complete_says_what_is_denied_and_so_not_added(ask: Ask) -> None:
    held = policy(PUT_BOX, {"Effect": "Deny", "Action": "*:*", "Resource": "*"}, GET_BOX)
    held["Statement"][1]["Action"] = ["iam:*", "store:Tag*", "kms:*"]
    code, out, said = ask("complete", save("p.json", held))

    assert (code, json.loads(out)) == (0, policy())
    assert said.splitlines()[1:] == [
        "iam:PassRole: statement 2 denies it, so it is not added.",
        "store:TagBox: statement 2 denies it, so it is not added.",
        "kms:Decrypt: statement 2 denies it, so it is not added.",
    ]


def test_complete_of_a_policy_that_lacks_nothing_adds_nothing(ask: Ask) -> None:
    assert ask("complete", save("p.json", policy(GET_BOX)), "--format", "jsonl") == (
        0,
        '{"Version": "2012-10-17", "Statement": []}\n',
        "The policy lacks no dependent action that AWS is known to list.\n",
    )


def test_complete_prints_facts_with_their_dates(ask: Ask) -> None:
    code, out, _ = ask("complete", save("p.json", policy(PUT_BOX)), "--format", "csv")

    assert (code, list(csv.reader(out.splitlines()))) == (
        0,
        [
            ["action", "dependent_action", "access_level", "resource_types", "date", "note"],
            ["store:PutBox", "iam:PassRole", "Write", "iam:role", NEWER, ""],
            ["store:PutBox", "store:TagBox", "Tagging", "store:box store:shelf", NEWER, ""],
            ["store:PutBox", "kms:Decrypt", "", "", NEWER, ""],
        ],
    )


def test_complete_passes_over_a_policy_with_principals_among_others(ask: Ask) -> None:
    trust = policy({"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"})
    name = save("p.json", [policy(GET_BOX), trust, policy(GET_BOX)])
    code, out, said = ask("complete", name)

    assert (code, json.loads(out)) == (0, [policy(), policy()])
    assert said == (
        "p.json:1: passed over. Expected an identity policy, whose statements name no principal,"
        " because dependent actions are granted to the caller. This is a trust policy.\n"
        "p.json:1: The policy lacks no dependent action that AWS is known to list.\n"
        "p.json:1: The policy lacks no dependent action that AWS is known to list.\n"
    )


def test_complete_refuses_a_policy_with_principals_alone(ask: Ask) -> None:
    name = save("p.json", policy({"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}))

    assert ask("complete", name) == (
        1,
        "",
        (
            "Error: Expected an identity policy, whose statements name no principal, because"
            " dependent actions are granted to the caller. This is a trust policy.\n"
        ),
    )


def test_complete_of_a_written_policy_adds_what_write_adds(ask: Ask) -> None:
    """The two commands can follow each other in a pipe."""
    written = ask("write", "store:PutBox")[1]
    together = json.loads(ask("write", "store:PutBox", "--with-dependent-actions")[1])
    whole = json.loads(ask("complete", "-", "--whole", given=written)[1])

    assert sorted(name for each in whole["Statement"] for name in each["Action"]) == sorted(
        name for each in together["Statement"] for name in each["Action"]
    )


# --- explain


def test_explain_prints_words(ask: Ask) -> None:
    assert ask("explain", save("p.json", policy(GET_BOX)), "--format", "table") == (
        0,
        f"""p.json:1
Identity policy with 1 statement, version 2012-10-17.
store: as documented on {NEWER}.

1. Allows 1 action on every resource.
   Read: store:GetBox
""",
        "",
    )


@pytest.mark.parametrize("words", [(), ("--format", "text"), ("-f", "table")])
def test_explain_prints_text_unless_another_format_is_asked_for(
    ask: Ask, words: tuple[str, ...]
) -> None:
    code, out, _ = ask("explain", save("p.json", policy(GET_BOX)), *words)

    assert (code, out.splitlines()[0]) == (0, "p.json:1")


def test_write_takes_the_service_of_a_level_as_an_argument(ask: Ask) -> None:
    assert ask("write", "store", "-l", "read") == ask("write", "-l", "Read", "-s", "store")


def test_explain_prints_records_as_a_list(ask: Ask) -> None:
    name = save("p.json", [policy(GET_BOX), policy(PUT_BOX)])
    code, out, _ = ask("explain", name, "--format", "json")

    assert (code, [each["statements"][0]["levels"] for each in json.loads(out)]) == (
        0,
        [
            [{"access_level": "Read", "actions": ["store:GetBox"]}],
            [{"access_level": "Write", "actions": ["store:PutBox"]}],
        ],
    )


def test_explain_prints_a_policy_a_line_in_jsonl(ask: Ask) -> None:
    lines = f"{json.dumps(policy(GET_BOX))}\n{json.dumps(policy(PUT_BOX))}\n"
    code, out, _ = ask("explain", "-", "--format", "jsonl", given=lines)

    assert (code, [json.loads(line)["line"] for line in out.splitlines()]) == (0, [1, 2])


def test_explain_prints_a_row_for_each_action_in_csv(ask: Ask) -> None:
    name = save("p.json", policy(GET_BOX, {**PUT_BOX, "Action": "kms:Sign"}))
    code, out, _ = ask("explain", name, "--format", "csv")

    assert (code, out) == (
        0,
        (
            "file,line,statement,effect,action,access_level,note\n"
            "p.json,1,1,Allow,store:GetBox,Read,\n"
            f"p.json,1,2,Allow,kms:Sign,,the catalog as of {NEWER} holds no service kms\n"
        ),
    )


def test_explain_answers_as_of_a_date(ask: Ask) -> None:
    name = save("p.json", policy({**GET_BOX, "Action": "store:BurnBox"}))
    code, out, _ = ask("explain", name, "--as-of", OLDER, "--format", "csv")

    assert (code, out.splitlines()[1]) == (0, "p.json,1,1,Allow,store:BurnBox,Write,")


@pytest.mark.parametrize("command", ["explain", "complete"])
def test_file_that_can_not_be_read_is_named(ask: Ask, command: str) -> None:
    code, out, said = ask(command, "nothing.json")

    assert (code, out) == (1, "")
    assert said.startswith("Error: Cannot read policies from 'nothing.json': ")


@pytest.mark.parametrize("command", ["explain", "complete"])
def test_question_without_a_file_is_mistyped(ask: Ask, command: str) -> None:
    code, out, said = ask(command)

    assert (code, out) == (2, "")
    assert "'FILE...'" in said.splitlines()[-1]


# --- hostile text


@pytest.mark.parametrize("words", [("explain", "--format", "table"), ("complete", "--whole")])
def test_signs_that_command_a_terminal_never_reach_it(
    built: str, tmp_path: Path, words: tuple[str, ...]
) -> None:
    bad = "\x1b[31m\x9b5n\u202e"
    statement = {**GET_BOX, "Sid": bad, "Resource": f"arn:aws:store:::{bad}"}
    statement["Condition"] = {bad: {bad: bad}}
    path = tmp_path / "p.json"
    path.write_text(json.dumps(policy(statement)), encoding="utf-8")
    main, other = pty.openpty()

    done = subprocess.run(
        [sys.executable, "-m", "iam_catalog", words[0], str(path), *words[1:]],
        env={**os.environ, "IAM_CATALOG_DB": built, "TERM": "xterm"},
        stdout=other,
        stderr=other,
        check=False,
    )
    os.close(other)
    shown = os.read(main, 100_000).decode().replace("\r\n", "\n")

    assert done.returncode == 0
    assert [sign for sign in shown if not sign.isprintable() and sign != "\n"] == []
