"""The command line: exit code and output together, for every command and format."""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from small_catalog import brings_all, build_small_catalog

from iam_catalog import Catalog, __version__
from iam_catalog.cli.main import SECTIONS, cli
from iam_catalog.schema import VERSION

BIN = Path(sys.executable).parent
NO_QUESTION = {"rule", "completion", "export", "lsp", "serve", "mcp"}
ELSEWHERE = {
    "actions-of-operation",
    "changes",
    "diff",
    "disagreements",
    "operation",
    "operations-of-action",
}
"""Questions about operations and about time, which a catalog of one date does not answer."""
POLICIES = {
    "check",
    "check-many",
    "complete",
    "explain",
    "write",
    "sample-policies",
    "policies-using",
}
POLICIES |= {"actions-of-policy", "actions-for-arn", "expand", "invert", "match-arn", "shrink"}
"""Questions about policies, patterns and ARNs: see tests/policy."""
QUESTIONS = {
    "dependent-actions": "store:CreateShelf",
    "required-by": "iam:PassRole",
    "show": "store:PutShelfPolicy",
    "actions": "--access-level tagging",
    "services": "",
    "service": "depot",
    "resource-types": "store",
    "resource-type": "box",
    "condition-keys": "store",
    "condition-key": "store:colour",
    "search": "colour",
}
LISTS = {"actions", "services", "resource-types", "condition-keys", "search"}
NAMES = {"dependent-actions", "required-by"}


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> str:
    return build_small_catalog(tmp_path_factory.mktemp("small"))


@pytest.fixture
def ask(built, monkeypatch):
    """Run a command line against the small catalog: exit code, standard output, standard error."""
    monkeypatch.setenv("IAM_CATALOG_DB", built)

    def run(line: str) -> tuple[int, str, str]:
        result = CliRunner().invoke(cli, shlex.split(line), prog_name="iam-catalog")
        return result.exit_code, result.stdout, result.stderr

    return run


def answered(text: str) -> tuple[int, str, str]:
    return 0, text.lstrip("\n"), ""


def test_there_is_a_question_for_each_command():
    assert set(cli.commands) - NO_QUESTION - ELSEWHERE - POLICIES == set(QUESTIONS)


@pytest.mark.parametrize(
    ("line", "output"),
    [
        (
            "dependent-actions store:CreateShelf",
            """
iam:PassRole
store:ListShelves
iam:CreateServiceLinkedRole
""",
        ),
        (
            "dependent-actions store:listshelves --transitive",
            "store:TagShelf\nstore:CreateShelf\niam:PassRole\niam:CreateServiceLinkedRole\n",
        ),
        ("dependent-actions store:PutShelfPolicy", ""),
        ("required-by iam:PassRole", "store:CreateShelf\n"),
        (
            "show store:PutShelfPolicy",
            (
                """
action                    store:PutShelfPolicy
service prefix            store
name                      PutShelfPolicy
access level              Permissions management
access levels             Permissions management
description               Sets the policy of a shelf.
permission only           yes
url
rows                      resource_type store:shelf; required yes; page store@2020-03-04; line 12
resource types            store:shelf
condition keys
dependent actions
dependents
dependents state          none
dependents page           store@2020-03-04
dependents documented on  2020-03-04
source                    page store@2020-03-04; line 12; date 2020-03-04; """
                """title Actions, Resources, and Condition Keys for Example Store; """
                """url https://docs.example.com/list_store.md
first seen                2020-03-04
last seen                 2020-03-04
removed
removed by
incomplete
"""
            ),
        ),
        (
            "actions --service-prefix store --access-level tagging",
            """
action          access level  description
store:TagShelf  Tagging       Tags a shelf.
""",
        ),
        ("actions --resource-type depot:shelf", "action  access level  description\n"),
        (
            "services",
            """
service prefix  actions    resource types  condition keys  name
depot           not known  1               0               Example Depot
store           4          2               3               Example Store
""",
        ),
        (
            "resource-types store",
            """
resource type  arn formats
store:box      arn:${Partition}:store:::box/${BoxId}
store:shelf    arn:${Partition}:store:${Region}:${Account}:shelf/${ShelfId}
""",
        ),
        (
            "condition-keys store",
            """
condition key              type    description
aws:RequestTag/${TagKey}   String  A tag in the request.
aws:ResourceTag/${TagKey}  String  A tag of the resource.
store:Colour               String  The colour of the box.
""",
        ),
        (
            "search colour",
            """
kind           name          access level  description
condition key  store:Colour                The colour of the box.
""",
        ),
    ],
)
def test_a_table_is_for_people(ask, line, output):
    assert ask(f"{line} --format table") == answered(output)


@pytest.mark.parametrize(
    ("line", "output"),
    [
        (
            "dependent-actions store:CreateShelf",
            """
dependent_action
iam:PassRole
store:ListShelves
iam:CreateServiceLinkedRole
""",
        ),
        ("required-by iam:Nobody", "action\n"),
        (
            "actions --access-level write",
            """
action,access_level,description
store:CreateShelf,Write,Creates a shelf.
""",
        ),
        (
            "resource-type store:box",
            (
                """
resource_type,service_prefix,name,arn_formats,condition_keys,actions,url,source,first_seen,last_seen,removed,removed_by,incomplete
store:box,store,box,arn:${Partition}:store:::box/${BoxId},,store:CreateShelf,,"page """
                """store@2020-03-04; line 20; date 2020-03-04; title Actions, Resources, and """
                """Condition Keys for Example Store; url https://docs.example.com/list_store.md","""
                """2020-03-04,2020-03-04,,,
"""
            ),
        ),
    ],
)
def test_csv_starts_with_the_names_of_the_columns(ask, line, output):
    assert ask(f"{line} --format csv") == answered(output)


def test_a_row_that_does_not_require_its_resource_type_says_so(ask):
    _, output, _ = ask("show store:CreateShelf --format table")

    assert "resource_type store:box; required no; " in output


@pytest.mark.parametrize(("command", "question"), QUESTIONS.items())
def test_json_is_one_array_or_one_object(ask, command, question):
    code, output, talk = ask(f"{command} {question} --format json")

    expected = list if command in LISTS | NAMES else dict
    assert (code, type(json.loads(output)), talk) == (0, expected, "")


@pytest.mark.parametrize(("command", "question"), QUESTIONS.items())
def test_jsonl_is_the_json_with_one_answer_a_line(ask, command, question):
    whole = json.loads(ask(f"{command} {question} --format json")[1])
    code, output, talk = ask(f"{command} {question} --format jsonl")

    lines = [json.loads(line) for line in output.splitlines()]
    assert (code, lines, talk) == (0, whole if isinstance(whole, list) else [whole], "")


@pytest.mark.parametrize(("command", "question"), QUESTIONS.items())
def test_json_is_the_format_where_nobody_looks(ask, command, question):
    assert ask(f"{command} {question}") == ask(f"{command} {question} --format json")


def test_json_of_an_action_has_the_names_of_the_record(ask, built):
    _, output, _ = ask("show store:PutShelfPolicy")

    with Catalog(built) as catalog:
        action = catalog.action("store:PutShelfPolicy")
    assert list(json.loads(output)) == list(action.__slots__)
    assert json.loads(output)["rows"] == [
        {
            "resource_type": "store:shelf",
            "required": True,
            "scenario": None,
            "condition_keys": [],
            "dependent_actions": [],
            "page": "store@2020-03-04",
            "line": 12,
        }
    ]


def test_show_takes_a_name_of_any_kind(ask):
    assert ask("show store:COLOUR") == ask("condition-key store:Colour")
    assert ask("show aws:RequestTag/team") == ask("condition-key aws:requesttag/${TagKey}")
    assert ask("show STORE:createshelf")[:2] == ask("show store:CreateShelf")[:2]
    assert ask("show store:box") == ask("resource-type store:box")
    assert ask("show depot") == ask("service depot")


@pytest.mark.parametrize("command", ["service", "actions", "condition-keys", "disagreements"])
def test_an_empty_name_of_a_service_is_unknown_and_not_left_out(ask, command):
    code, output, errors = ask(f"{command} ''")

    assert (code, output) == (1, "")
    assert "No service ''" in errors


@pytest.mark.parametrize(
    "words",
    ["store", "--service store", "--service-prefix store", "-s store", "'Example Store'"],
)
@pytest.mark.parametrize("command", ["actions", "service", "resource-types", "condition-keys"])
def test_a_service_is_an_argument_or_an_option(ask, command, words):
    assert ask(f"{command} {words}") == ask(f"{command} --service-prefix store")


def test_short_options_are_the_long_ones(ask, built):
    long = "--access-level tagging --resource-type shelf --condition-key aws:RequestTag/x"
    short = "-l tagging -r shelf -k aws:RequestTag/x"

    assert ask(f"actions {short} -f csv -d {built}") == ask(f"actions {long} --format csv")


@pytest.mark.parametrize(
    "level", ["permissions-management", "'Permissions management'", "PERMISSIONS_MANAGEMENT"]
)
def test_a_level_has_hyphens_or_blanks(ask, level):
    assert ask(f"actions -l {level} --format csv") == answered(
        "action,access_level,description\n"
        "store:PutShelfPolicy,Permissions management,Sets the policy of a shelf.\n"
    )


def test_actions_without_a_resource_type_can_be_listed(ask):
    _, output, _ = ask("actions --without-resource-type")

    assert [each["action"] for each in json.loads(output)] == ["store:ListShelves"]


@pytest.mark.parametrize(
    ("line", "keys"),
    [
        (
            "store:CreateShelf",
            ["aws:RequestTag/${TagKey}", "aws:ResourceTag/${TagKey}", "store:Colour"],
        ),
        ("store:ListShelves", []),
        ("store:TagShelf", ["aws:ResourceTag/${TagKey}"]),
        ("store:TagShelf --arn arn:aws:store:eu-west-1:1:shelf/x", ["aws:ResourceTag/${TagKey}"]),
        ("store:TagShelf --arn arn:aws:store:::box/x", []),
        ("store:CreateShelf --arn arn:aws:store:::box/x", ["store:Colour"]),
    ],
)
def test_the_keys_of_an_action_depend_on_the_resource(ask, line, keys):
    assert ask(f"condition-keys --action {line}")[:2] == (0, f"{json.dumps(keys, indent=2)}\n")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("store:TagShelf", ""),
        ("store:TagShelf --arn arn:aws:store:eu-west-1:1:shelf/x", ""),
        (
            "store:tagshelf --arn arn:aws:store:::box/x",
            "store:TagShelf takes no resource type that 'arn:aws:store:::box/x' can be.\n",
        ),
    ],
)
def test_keys_on_a_resource_that_the_action_does_not_take_are_explained(ask, line, said):
    assert ask(f"condition-keys --action {line}")[2] == said


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("actions store --service depot", "Name the service once: 'store', or"),
        ("service", "Missing argument 'SERVICE'"),
        ("actions -r shelf --without-resource-type", "exclude each other"),
        ("condition-keys store --action store:TagShelf", "leave SERVICE out"),
        ("condition-keys --arn arn:aws:store:::box/x", "--arn needs --action"),
        ("write store depot -l read", "Name one service, not several: store, depot."),
    ],
)
def test_options_that_do_not_go_together_are_a_mistyped_command_line(ask, line, named):
    code, output, talk = ask(line)

    assert (code, output) == (2, "")
    assert named in talk


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "dependent-actions store:CreateShelves",
            (
                "No action 'store:CreateShelves' in the catalog as of 2020-03-04. "
                "Did you mean store:CreateShelf?"
            ),
        ),
        (
            "dependent-actions CreateShelf",
            "'CreateShelf' is not an action name: write prefix:Name, for example 's3:GetObject'.",
        ),
        (
            "show store:Boxes",
            "No action 'store:Boxes' in the catalog as of 2020-03-04.",
        ),
        (
            "show kms",
            (
                "No service 'kms' in the catalog as of 2020-03-04, which holds depot, store."
                f" {brings_all(2)}"
            ),
        ),
        (
            "actions --access-level Admin",
            (
                "'Admin' is not an access level: use one of List, Read, Write, "
                "Permissions management, Tagging."
            ),
        ),
        (
            "resource-type shelf",
            (
                "No resource type 'shelf' in the catalog without its service prefix. "
                "Did you mean depot:shelf or store:shelf?"
            ),
        ),
        (
            "services --database /nowhere/catalog.db",
            (
                "No catalog.db found (looked for /nowhere/catalog.db). "
                "Build one in a checkout with: python -m scraper build"
            ),
        ),
    ],
)
def test_a_question_that_can_not_be_answered_exits_with_1(ask, line, message):
    assert ask(line) == (1, "", f"Error: {message}\n")


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("dependent-action store:CreateShelf", "'dependent-action'"),
        ("actions --level List", "--level"),
        ("services --format yaml", "'--format'"),
        ("services --format yaml", "'yaml'"),
        ("dependent-actions", "'ACTION'"),
        ("search", "'WORDS...'"),
        ("serve --port many", "'--port'"),
    ],
)
def test_a_mistyped_command_line_exits_with_2_and_names_the_mistake(ask, line, named):
    code, output, talk = ask(line)

    assert (code, output) == (2, "")
    assert named in talk.splitlines()[-1]


@pytest.mark.skipif(not hasattr(click, "NoSuchCommand"), reason="this click suggests nothing")
def test_a_mistyped_command_names_the_nearest(ask):
    assert ask("chnages")[2].endswith("Error: No such command 'chnages'. Did you mean 'changes'?\n")


@pytest.mark.parametrize("command", ["show", "condition-key"])
def test_a_terminal_says_of_a_global_key_that_requests_have_it(ask, monkeypatch, command):
    for module in ("find", "services"):
        monkeypatch.setattr(f"iam_catalog.cli.{module}.is_terminal", lambda: True)

    said = "One of AWS's global condition keys: requests have it whatever the action.\n"
    assert ask(f"{command} aws:SourceIp --format json")[2] == said
    assert ask(f"{command} aws:RequestTag/x --format json")[2] == ""


def test_version_says_which_catalog_answers_and_how_fresh_it_is(ask, built):
    assert ask("--version") == (
        0,
        (
            f"iam-catalog {__version__}\n"
            f"catalog {built} (named)\n"
            f"schema version {VERSION}, as of 2020-03-04, oldest page of AWS 2020-01-02\n"
            "2 services, 4 actions, 3 resource types, 3 condition keys, 5 dependent actions\n"
            "from 2 pages of AWS\n"
        ),
        "",
    )


def test_version_without_a_catalog_still_says_the_version(ask, monkeypatch):
    monkeypatch.setenv("IAM_CATALOG_DB", "/nowhere/catalog.db")

    assert ask("--version") == (
        1,
        f"iam-catalog {__version__}\n",
        (
            "Error: No catalog.db found (looked for /nowhere/catalog.db). "
            "Build one in a checkout with: python -m scraper build\n"
        ),
    )


def test_a_module_is_the_command_too(built):
    done = subprocess.run(
        [sys.executable, "-m", "iam_catalog", "required-by", "iam:PassRole", "--database", built],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, '[\n  "store:CreateShelf"\n]\n', "")


def test_a_reader_that_leaves_early_is_no_error(built):
    """`| head -1`: the pipe is closed before the answer is written."""
    reader, writer = os.pipe()
    os.close(reader)

    done = subprocess.run(
        [BIN / "iam-catalog", "show", "store:CreateShelf", "--database", built],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writer)

    assert done.stderr == ""


def on_a_terminal(line: str, columns: int) -> str:
    """What a command prints where a person reads it."""
    reader, writer = pty.openpty()
    subprocess.run(
        [BIN / "iam-catalog", *shlex.split(line)],
        stdout=writer,
        env={**os.environ, "COLUMNS": str(columns)},
        check=True,
    )
    os.close(writer)
    text = b""
    try:
        while part := os.read(reader, 4096):
            text += part
    except OSError:  # Linux says so that the other side of a terminal is gone
        pass
    os.close(reader)
    return text.decode().replace("\r\n", "\n")


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def test_cells_wrap_between_words_where_a_terminal_is_narrow(built):
    assert plain(on_a_terminal(f"condition-keys store --database {built}", 47)) == (
        "condition key              type    description\n"
        "aws:RequestTag/${TagKey}   String  A tag in the\n"
        "                                   request.\n"
        "aws:ResourceTag/${TagKey}  String  A tag of the\n"
        "                                   resource.\n"
        "store:Colour               String  The colour\n"
        "                                   of the box.\n"
    )


def test_rows_are_blocks_where_a_word_does_not_fit(built):
    assert plain(on_a_terminal(f"resource-types store --database {built}", 60)) == (
        "store:box\n"
        "  arn formats  arn:${Partition}:store:::box/${BoxId}\n"
        "store:shelf\n"
        "  arn formats  arn:${Partition}:store:${Region}:${Account}:shelf/${ShelfId}\n"
    )


def test_wide_prints_a_line_for_each_row(built):
    printed = on_a_terminal(f"condition-keys store --wide --database {built}", 40)

    assert plain(printed).splitlines()[1:] == [
        "aws:RequestTag/${TagKey}   String  A tag in the request.",
        "aws:ResourceTag/${TagKey}  String  A tag of the resource.",
        "store:Colour               String  The colour of the box.",
    ]


@pytest.mark.parametrize(
    ("environment", "colored"),
    [
        ({}, True),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": ""}, True),
        ({"TERM": "dumb"}, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
    ],
)
def test_a_terminal_has_colors_unless_the_environment_says_no(
    built, monkeypatch, environment, colored
):
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert ("\x1b[" in on_a_terminal(f"services --database {built}", 80)) is colored


@pytest.mark.parametrize(("value", "colored"), [("1", True), ("", False)])
def test_colors_are_in_a_pipe_only_by_force(ask, monkeypatch, value, colored):
    monkeypatch.setenv("FORCE_COLOR", value)

    assert ("\x1b[" in ask("services --format table")[1]) is colored


def test_the_help_lists_every_command_with_its_whole_summary_and_imports_none():
    program = "import sys\nfrom iam_catalog.cli.main import cli\ncli(standalone_mode=False)"
    done = subprocess.run(
        [sys.executable, "-c", f"{program}\nprint(*sys.modules)", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )

    *_, modules = done.stdout.splitlines()
    printed = " ".join(done.stdout.split())
    assert {name for name in modules.split() if name.startswith("iam_catalog.cli.")} == {
        "iam_catalog.cli.main"
    }
    for commands in SECTIONS.values():
        for name, (_, summary) in commands.items():
            assert f"{name} {summary}" in printed


def test_a_cold_question_imports_its_own_group_of_commands_and_nothing_heavy(built):
    program = (
        "import sys\nfrom iam_catalog.cli.main import cli\ncli(standalone_mode=False)\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "required-by", "iam:PassRole", "--database", built],
        capture_output=True,
        text=True,
        check=True,
    )

    loaded = set(done.stderr.split())
    assert {name for name in loaded if name.startswith("iam_catalog.cli.")} == {
        f"iam_catalog.cli.{name}" for name in ("dependents", "main", "options", "output")
    }
    assert (
        loaded & {"csv", "dataclasses", "iam_catalog.records", "json", "pathlib", "rich"} == set()
    )


def test_the_summary_of_a_command_is_the_first_line_of_its_own_help():
    summaries = {name: text for each in SECTIONS.values() for name, (_, text) in each.items()}

    assert summaries == {
        name: (cli.commands[name].help or "").splitlines()[0] for name in cli.commands
    }


def test_every_command_is_in_a_module_of_its_group():
    assert {name: cli.commands[name].name for name in cli.commands} == {
        name: name for name in cli.commands
    }


def completions(line: str, database: str) -> list[str]:
    """What bash would offer at the end of *line*, for the word that it sees there."""
    program = (
        f'eval "$({shlex.quote(str(BIN / "iam-catalog"))} completion bash)"\n'
        "COMP_POINT=${#COMP_LINE}\n"
        f"_iam_catalog_completion {shlex.quote(str(BIN / 'iam-catalog'))}\n"
        'printf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    done = subprocess.run(
        ["bash", "-c", program],
        env={
            **os.environ,
            "IAM_CATALOG_DB": database,
            "COMP_LINE": line,
            "COMP_WORDBREAKS": " \t\n\"'><=;|&(:",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("iam-catalog dep", ["dependent-actions"]),
        ("iam-catalog show store:c", ["CreateShelf", "Colour"]),
        ("iam-catalog dependent-actions store:c", ["CreateShelf"]),
        ("iam-catalog resource-type store:b", ["box"]),
        ("iam-catalog actions --condition-key store:c", ["Colour"]),
        ("iam-catalog actions --access-level perm", ["permissions-management"]),
        ("iam-catalog actions --service d", ["depot"]),
        ("iam-catalog export json folder d", ["depot"]),
        ("iam-catalog service ", ["depot", "store"]),
    ],
)
def test_bash_completes_names_with_a_colon(built, line, offered):
    assert completions(line, built) == offered


def test_completion_without_a_catalog_offers_nothing():
    assert completions("iam-catalog service ", "/nowhere/catalog.db") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_a_completion_script(ask, shell):
    code, output, talk = ask(f"completion {shell}")

    assert (code, f"_IAM_CATALOG_COMPLETE={shell}_complete" in output, talk) == (0, True, "")
