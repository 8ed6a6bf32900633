"""The policies of a file, whatever wraps them."""

from __future__ import annotations

import errno
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from iam_catalog.errors import UnreadablePolicy
from iam_catalog.policy.model import PolicyDocument, Unresolved
from iam_catalog.policy.read.files import read_documents, read_file
from iam_catalog.policy.read.source import line_of

ONE = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "a:b"}]}
TWO = {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "c:d"}}


def documents(content: str | bytes, file: str = "x.json") -> list[PolicyDocument]:
    return list(read_documents(file, content.encode() if isinstance(content, str) else content))


def refusal(content: str | bytes, file: str = "x.json") -> str:
    with pytest.raises(UnreadablePolicy) as raised:
        documents(content, file)
    return str(raised.value)


# --- JSON


def test_a_file_can_be_a_policy():
    text = "\n" + json.dumps(ONE, indent=2)

    assert documents(text) == [
        PolicyDocument("x.json", None, ONE, (), 2, text, 1, leading_blank=True)
    ]


def test_a_file_can_be_a_list_of_policies():
    text = json.dumps([ONE, TWO], indent=1)

    assert documents(text) == [
        PolicyDocument("x.json", None, ONE, (0,), 2, text, 1),
        PolicyDocument("x.json", None, TWO, (1,), 11, text, 1),
    ]
    assert line_of(documents(text)[1], ("Statement", "Action")) == 15


def test_a_misspelt_policy_is_one():
    value = {"version": "2012-10-17", "Statements": []}

    assert [each.value for each in documents(json.dumps(value))] == [value]


@pytest.mark.parametrize(
    "text", ["[]", "{}", "1", '"x"', "null", '{"name": "x"}', "[1]", '[{"name": "x"}]']
)
def test_a_value_without_a_policy_is_no_error(text):
    assert documents(text) == []


def test_an_item_without_a_policy_is_passed_over():
    found = documents('[\n  {"Statement": []},\n  {"name": "x"}\n]')

    assert [(each.path, each.line) for each in found] == [((0,), 2)]


@pytest.mark.parametrize(
    ("text", "leading_blank"),
    [
        ('{"Statement": []}', False),
        (' {"Statement": []}', True),
        ('\n\n{\n"Statement": []}', True),
        ('\ufeff{"Statement": []}', False),
        (' {"Policy": {"Statement": [], "Version": "2012-10-17"}}', False),
        ('{"Policy": " {\\"Statement\\": [], \\"Version\\": \\"2012-10-17\\"}"}', True),
        (' [{"Statement": []}]', False),
    ],
)
def test_blanks_before_the_text_that_aws_gets_are_noted(text, leading_blank):
    assert [each.leading_blank for each in documents(text)] == [leading_blank]


def test_policies_are_found_in_what_wraps_them():
    value = {
        "RoleDetailList": [
            {
                "AssumeRolePolicyDocument": ONE,
                "RolePolicyList": [{"PolicyName": "x", "PolicyDocument": TWO}],
            }
        ]
    }

    assert [(each.title, each.kind, each.value) for each in documents(json.dumps(value))] == [
        ("RoleDetailList[0].AssumeRolePolicyDocument", "trust", ONE),
        ("RoleDetailList[0].RolePolicyList[0].PolicyDocument", None, TWO),
    ]


def test_policies_are_found_in_texts_of_json():
    text = json.dumps({"Revision": 1, "Policy": json.dumps(ONE, indent=1)}, indent=1)
    (document,) = documents(text)

    assert (document.title, document.value, document.path) == ("Policy", ONE, ("Policy",))
    assert line_of(document, ("Statement", 0, "Action")) == document.line == 3


@pytest.mark.parametrize(
    ("policy_type", "kind"),
    [
        ("SERVICE_CONTROL_POLICY", "scp"),
        ("RESOURCE_CONTROL_POLICY", "rcp"),
        ("TAG_POLICY", None),
        (["SERVICE_CONTROL_POLICY"], None),
    ],
)
def test_a_policy_of_an_organization_comes_with_its_type(policy_type, kind):
    described = {"PolicySummary": {"Type": policy_type}, "Content": json.dumps(ONE)}

    for output in ({"Policy": described}, {"Policies": [described]}):
        assert [each.kind for each in documents(json.dumps(output))] == [kind]


def test_the_rules_of_a_firewall_are_no_policies():
    rule = {"Rules": [{"Name": "x", "Statement": {"GeoMatchStatement": {}}}], "Statement": ONE}

    assert [each.value for each in documents(json.dumps({"x": rule}))] == [ONE]


# --- JSON Lines


@pytest.mark.parametrize("file", ["x.jsonl", "x.ndjson", "x.json", "-", "x"])
def test_lines_of_json_are_policies_of_their_own(file):
    lines = [json.dumps(ONE), "", json.dumps({"policy": TWO}), json.dumps(ONE)]

    assert [
        (each.value, each.line, each.text_line, each.text.strip(), each.title)
        for each in documents("\n".join(lines), file)
    ] == [
        (ONE, 1, 1, lines[0], None),
        (TWO, 3, 3, lines[2], "policy"),
        (ONE, 4, 4, lines[3], None),
    ]


def test_a_broken_line_is_named():
    assert refusal(f'{json.dumps(ONE)}\n\n{{"Statement": ]}}', "x.jsonl") == (
        "Cannot read policies from 'x.jsonl' line 3 column 15: it is not JSON: unexpected ']'."
    )


def test_the_lines_after_a_broken_one_are_read_where_somebody_takes_what_is_wrong(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_text("\n".join([json.dumps(ONE), "{", json.dumps(TWO)]))
    refused = []

    found = list(read_file(str(path), refused.append))
    assert [(each.value, each.text_line) for each in found] == [(ONE, 1), (TWO, 3)]
    assert [error.line for error in refused] == [2]


def test_a_file_of_one_line_is_no_special_case():
    assert [each.value for each in documents(json.dumps(ONE))] == [ONE]
    assert [each.value for each in documents(json.dumps([ONE]))] == [ONE]


def test_lines_are_read_when_they_are_asked_for():
    """Memory stays flat, and a reader that stops early has read little."""
    read = []

    class Lines(io.BytesIO):
        def readline(self, size: int | None = -1, /) -> bytes:
            read.append(1)
            return super().readline(size)

    from iam_catalog.policy.read.files import read_stream

    stream = Lines((json.dumps(ONE).encode() + b"\n") * 1_000)
    first = next(iter(read_stream("-", stream)))

    assert first.value == ONE
    assert len(read) <= 3


# --- bytes


def test_a_byte_order_mark_is_no_part_of_the_text():
    text = json.dumps(ONE)

    assert [each.value for each in documents(text.encode("utf-8-sig"))] == [ONE]
    assert [each.value for each in documents(text.encode("utf-16"))] == [ONE]
    assert [each.value for each in documents(f"{text}\n{text}".encode("utf-8-sig"))] == [ONE] * 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "'x.json': it is empty"),
        (b" \r\n\t", "'x.json': it is empty"),
        (b'{"a":\n"\xff"}', "'x.json' line 2: it is not UTF-8 text (byte 0xff)"),
        (b'{"Statement": "\xff"}\n', "'x.json' line 1: it is not UTF-8 text (byte 0xff)"),
        ("{}".encode("utf-16-le"), "'x.json': it has null characters: expected UTF-8 text"),
        (b" " * (64 * 2**20 + 1), "'x.json': it is longer than 64 MB"),
    ],
)
def test_what_is_no_text_is_refused(content, message):
    assert refusal(content) == f"Cannot read policies from {message}."


def test_a_policy_far_over_every_limit_is_refused():
    text = json.dumps({"Statement": [{"Action": ["a:b"] * 20_000}]})

    assert refusal(text) == (
        "Cannot read policies from 'x.json' line 1: a policy of more than 20,000 statements and "
        "items."
    )


# --- the format


YAML = "Statement:\n- Effect: Allow\n"
MARKDOWN = f"# Guide\n\n```json\n{json.dumps(ONE)}\n```\n"


@pytest.mark.parametrize(
    ("file", "content", "titles"),
    [
        ("x.yaml", YAML, [None]),
        ("x.yml", json.dumps(ONE), [None]),
        ("-", YAML, [None]),
        ("x.template", f"AWSTemplateFormatVersion: 2010-09-09\n{YAML}", [None]),
        ("x.md", MARKDOWN, ["Guide"]),
        ("-", MARKDOWN, ["Guide"]),
        ("x.txt", json.dumps(ONE), [None]),
        ("x.html", f"<h1>Guide</h1><pre>{json.dumps(ONE)}</pre>", ["Guide"]),
        ("main.tf", f"policy = <<EOF\n{json.dumps(ONE, indent=1)}\nEOF\n", ["policy"]),
        ("x.md", "no policy at all", []),
    ],
)
def test_the_name_or_the_content_tells_the_format(file, content, titles):
    assert [each.title for each in documents(content, file)] == titles


@pytest.mark.parametrize("file", ["x.md", "x.html", "x.txt", "x.yaml", "x.tf"])
def test_an_empty_file_has_no_policy(file):
    assert documents("\n", file) == []


def test_functions_in_yaml_are_unknown_text():
    (document,) = documents("Statement:\n  Resource: !Sub 'arn:aws:s3:::${Bucket}'\n", "x.yaml")

    assert document.value == {"Statement": {"Resource": "arn:aws:s3:::${Bucket}"}}
    assert isinstance(document.value["Statement"]["Resource"], Unresolved)


def test_a_fragment_in_a_text_is_not_passed_over():
    (document,) = documents('```\n{"Version": "2012-10-17", "Statement": [...]}\n```', "x.md")

    assert (document.value, document.line) == ("${it is not JSON: unexpected '.'}", 2)
    assert isinstance(document.value, Unresolved)


# --- files


def test_a_file_is_read_by_its_name(tmp_path):
    file = tmp_path / "policy.json"
    file.write_text(json.dumps(ONE))

    assert [(each.file, each.value) for each in read_file(str(file))] == [(str(file), ONE)]


def test_a_minus_is_standard_input():
    program = (
        "from iam_catalog.policy.read.files import read_file\n"
        "print([(each.file, each.line) for each in read_file('-')])"
    )
    text = f"{json.dumps(ONE)}\n{json.dumps(TWO)}\n"
    done = subprocess.run(
        [sys.executable, "-c", program], input=text, capture_output=True, text=True, check=True
    )

    assert done.stdout == "[('-', 1), ('-', 2)]\n"


@pytest.mark.parametrize(("name", "number"), [("missing.json", errno.ENOENT), (".", errno.EISDIR)])
def test_what_can_not_be_opened_is_named(name, number):
    with pytest.raises(UnreadablePolicy) as raised:
        list(read_file(name))

    reason = os.strerror(number)
    said = f"Cannot read policies from {name!r}: {reason[0].lower()}{reason[1:]}."
    assert str(raised.value) == said


def test_a_name_with_a_null_character_is_refused():
    with pytest.raises(UnreadablePolicy, match="no file can have this name"):
        list(read_file("a\0b"))


def test_a_device_that_never_ends_is_not_read_to_its_end():
    if not Path("/dev/zero").exists():
        pytest.skip("no such device here")

    with pytest.raises(UnreadablePolicy, match="it is longer than 64 MB"):
        list(read_file("/dev/zero"))
