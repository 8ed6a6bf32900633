"""Ignores of findings: in a file, and in comments of YAML."""

from __future__ import annotations

from pathlib import Path

import pytest

from iam_catalog import CatalogError
from iam_catalog.policy.check.findings import Finding
from iam_catalog.policy.check.ignores import Ignore, Ignores, read_ignores
from iam_catalog.policy.check.registry import CODES
from iam_catalog.policy.model import PolicyDocument

POLICY = {"Statement": [{"Sid": "First"}, {"Sid": "Second"}]}


def document(file: str = "policies/a.json", text: str = "", **fields: object) -> PolicyDocument:
    value = PolicyDocument(file, None, POLICY, (), 1, text, 1, None, "json")
    return PolicyDocument(**{**{name: getattr(value, name) for name in value.__slots__}, **fields})


def found(code: str = "malformed-arn", *path: str | int, line: int = 5) -> Finding:
    given = CODES[code].finding("It is.", path or ("Statement", 1, "Resource", 0))
    return Finding(given.code, given.severity, given.text, given.path, line=line)


def reason_of(ignore: Ignore | None) -> str | None:
    return ignore.reason if ignore else None


@pytest.fixture
def ignores(tmp_path: Path):
    def read(text: str) -> Ignores:
        file = tmp_path / "ignores.toml"
        file.write_text(text, encoding="utf-8")
        return read_ignores(str(file))

    return read


BASIC = """
[[ignore]]
code = "malformed-arn"
file = "policies/*.json"
reason = "Filled in later."
"""


# --- a file of ignores


@pytest.mark.parametrize(
    ("more", "ignored"),
    [
        ("", True),
        ('path = "Statement[1]"', True),
        ('path = "Statement[1].Resource[0]"', True),
        ('path = "Statement[1].Res"', False),
        ('path = "Statement[0]"', False),
        ('sid = "Second"', True),
        ('sid = "First"', False),
    ],
)
def test_an_ignore_is_for_a_code_in_some_files_and_may_be_for_a_part(ignores, more, ignored):
    found_ignore = ignores(BASIC + more).ignored(found(), document())

    assert reason_of(found_ignore) == ("Filled in later." if ignored else None)


@pytest.mark.parametrize(
    ("file", "ignored"),
    [
        ("policies/a.json", True),
        ("./policies/a.json", True),
        ("policies/deep/a.json", True),
        ("other/a.json", False),
        ("policies/a.yaml", False),
    ],
)
def test_files_are_matched_by_their_names(ignores, file, ignored):
    assert bool(ignores(BASIC).ignored(found(), document(file))) is ignored


def test_an_ignore_can_be_for_several_codes(ignores):
    held = ignores(BASIC.replace('"malformed-arn"', '["malformed-arn", "unknown-action"]'))

    assert reason_of(held.ignored(found("unknown-action"), document())) == "Filled in later."
    assert held.ignored(found("unknown-variable"), document()) is None


def test_an_ignore_that_nothing_was_found_for_is_a_finding(ignores, tmp_path):
    held = ignores(f"# mine\n{BASIC}{BASIC.replace('malformed-arn', 'unknown-action')}")
    held.ignored(found(), document())

    assert list(held.unused()) == [
        Finding(
            "unused-ignore",
            "warning",
            "Nothing is found that the ignore of unknown-action is for.",
            (),
            line=8,
            file=str(tmp_path / "ignores.toml"),
        )
    ]


def test_an_ignore_for_files_that_were_not_checked_is_not_called_unused(ignores):
    """Before a commit, only the files that changed are checked."""
    held = ignores(BASIC)
    held.ignored(found(), document("elsewhere.json"))

    assert list(held.unused()) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[ignore]]\ncode = "malformed-arn"\nfile = "a"', ":1: an ignore needs a reason."),
        (
            '[[ignore]]\ncode = "malformed-arn"\nfile = "a"\nreason = " "',
            ":1: an ignore needs a reason.",
        ),
        ('[[ignore]]\ncode = "malformed-arn"\nreason = "b"', ":1: an ignore needs a file."),
        (
            '\n[[ignore]]\nfile = "a"\nreason = "b"',
            ":2: an ignore needs a code, such as 'malformed-arn'.",
        ),
        (
            '[[ignore]]\ncode = []\nfile = "a"\nreason = "b"',
            ":1: an ignore needs a code, such as 'malformed-arn'.",
        ),
        (
            '[[ignore]]\ncode = "malformed-arns"\nfile = "a"\nreason = "b"',
            (
                ":1: 'malformed-arns' is not a code of a finding: expected one that 'iam-catalog"
                " rule' lists. Did you mean malformed-arn?"
            ),
        ),
        (
            '[[ignore]]\ncode = "malformed-arn"\nfile = 5\nreason = "b"',
            ":1: file is 5: expected a text.",
        ),
        (
            '[[ignore]]\ncode = "malformed-arn"\nfiles = "a"\nreason = "b"',
            ":1: 'files' is none of code, file, path, reason, sid. Did you mean file?",
        ),
    ],
)
def test_an_ignore_that_says_too_little_is_refused(ignores, text, said):
    with pytest.raises(CatalogError) as raised:
        ignores(text)

    assert str(raised.value).endswith(f"ignores.toml{said}")


@pytest.mark.parametrize("text", ["[ignore]\ncode = 1", "ignore = 5", "ignore = [1]"])
def test_a_file_without_ignores_is_refused(ignores, text):
    with pytest.raises(
        CatalogError, match=r"has no ignores: write each below a line \[\[ignore\]\]"
    ):
        ignores(text)


def test_an_empty_file_has_no_ignores(ignores):
    assert ignores("# none yet\n").ignored(found(), document()) is None


def test_a_file_that_is_no_toml_or_not_there_is_refused(ignores, tmp_path):
    with pytest.raises(CatalogError, match="Cannot read ignores from"):
        ignores("code = ")
    with pytest.raises(CatalogError, match="Cannot read ignores from"):
        read_ignores(str(tmp_path / "nothing"))


# --- comments


YAML = """Statement:
  - Effect: Allow
    # iam-catalog: ignore malformed-arn, unknown-action - The key comes later.
    Resource: key-name
    # Whose key it is
    # iam-catalog: ignore redundant-item - Both are meant.

    Action: post:Get  # iam-catalog: ignore unknown-action -- Not in the catalog yet.
    Condition: {}
"""


@pytest.mark.parametrize(
    ("code", "line", "reason"),
    [
        ("malformed-arn", 4, "The key comes later."),
        ("unknown-action", 4, "The key comes later."),
        ("malformed-arn", 5, None),
        ("redundant-item", 8, "Both are meant."),
        ("unknown-action", 8, "Not in the catalog yet."),
        ("unknown-action", 9, None),
        ("unknown-variable", 4, None),
        ("malformed-arn", 2, None),
    ],
)
def test_a_comment_is_for_its_own_line_or_alone_for_the_next_one(code, line, reason):
    held = Ignores()
    given = document("a.yaml", text=YAML, syntax="yaml")

    assert reason_of(held.ignored(found(code, line=line), given)) == reason


def test_a_comment_that_nothing_was_found_for_is_a_finding():
    held = Ignores()
    held.ignored(found("malformed-arn", line=4), document("a.yaml", text=YAML, syntax="yaml"))

    assert [(each.file, each.line) for each in held.unused()] == [
        ("a.yaml", 6),
        ("a.yaml", 8),
    ]


@pytest.mark.parametrize(
    "comment",
    [
        "# iam-catalog: ignore",
        "# iam-catalog: ignore malformed-arn",
        "# iam-catalog: ignore malformed-arn -",
        "# iam-catalog: ignore everything here - because",
        "# iam-catalog: ignored malformed-arn",
    ],
)
def test_a_comment_without_code_or_reason_is_refused(comment):
    text = f"Statement:\n  Effect: Allow {comment}\n"

    if comment.endswith("ignored malformed-arn"):
        assert Ignores().ignored(found(), document("a.yaml", text=text, syntax="yaml")) is None
        return
    with pytest.raises(CatalogError, match=r"a\.yaml:2: '# iam-catalog: ignore.*is not an ignore"):
        Ignores().ignored(found(), document("a.yaml", text=text, syntax="yaml"))


def test_json_has_no_comments():
    text = '{"Id": "# iam-catalog: ignore malformed-arn - x"}'

    assert Ignores().ignored(found(line=1), document(text=text)) is None
