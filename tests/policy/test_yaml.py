"""YAML as CloudFormation reads it, and what is refused."""

from __future__ import annotations

import subprocess
import sys

import pytest

from iam_catalog.errors import UnreadablePolicy
from iam_catalog.policy.read.files import read_documents
from iam_catalog.policy.read.json_text import Place, RepeatedNames
from iam_catalog.policy.read.source import line_of
from iam_catalog.policy.read.yaml_text import read_yaml

PLACE = Place("policy.yaml")


def value_of(text: str) -> object:
    (value,) = read_yaml(text, PLACE)
    return value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2012-10-17", "2012-10-17"),
        ("true", True),
        ("No", False),
        ("'true'", "true"),
        ("~", None),
        ("12", 12),
        ("-1.5", -1.5),
        ("012345670123", "012345670123"),
        ("111122223333", 111122223333),
        ("1_000", "1_000"),
        ("0x1F", "0x1F"),
        ("12:30:00", "12:30:00"),
        (".inf", ".inf"),
        ("9" * 400, "9" * 400),
        ("!!str 12", "12"),
        ("!!int '12'", 12),
        ("! 12", "12"),
        ("[a, {b: c}]", ["a", {"b": "c"}]),
        ("1: a", {"1": "a"}),
        ("[a]: b", {"?": "b"}),
        ("a: |\n  b\n  c\n", {"a": "b\nc\n"}),
        ("!Sub a", {"Fn::Sub": "a"}),
        ("!Ref a", {"Ref": "a"}),
        ("!Join ['', [a]]", {"Fn::Join": ["", ["a"]]}),
        ("!GetAtt a.b", {"Fn::GetAtt": "a.b"}),
    ],
)
def test_scalars_and_tags_become_values_of_json(text, value):
    read = value_of(text)

    assert (read, type(read)) == (value, type(value))


def test_an_alias_is_what_its_anchor_names():
    assert value_of("a: &x [1]\nb: *x\n") == {"a": [1], "b": [1]}


def test_merged_members_count_least():
    text = "x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\nz:\n  <<: [*x, *y]\n  a: 3\n"

    assert value_of(text)["z"] == {"a": 3, "b": 1, "c": 2}


def test_a_name_that_stands_twice_is_kept():
    value = value_of("a: 1\nb: 2\na: 3\n")

    assert value == {"a": 3, "b": 2}
    assert isinstance(value, RepeatedNames)
    assert value.repeated == ("a",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: *x", "line 1: there is no anchor 'x'"),
        ("a: b\nc: &x [*x]", "line 2: 'x' is an alias of itself"),
        ("[" * 300, "line 1: it is nested more than 200 levels deep"),
        ("- " * 300, "line 1: it is nested more than 200 levels deep"),
        ("a: !!python/object/apply:os.system ['false']",
         "line 1: the YAML tag '!!python/object/apply:os.system' is not read here"),
        ("a: !!timestamp 2012-10-17", "line 1: the YAML tag '!!timestamp' is not read here"),
        ("a: !<tag:example.com,2000:x> b",
         "line 1: the YAML tag 'tag:example.com,2000:x' is not read here"),
    ],
)  # fmt: skip
def test_what_is_not_read_is_refused_with_its_line(text, message):
    with pytest.raises(UnreadablePolicy) as raised:
        read_yaml(text, PLACE)

    assert str(raised.value) == f"Cannot read policies from 'policy.yaml' {message}."


@pytest.mark.parametrize(("text", "line"), [("a:\n\tb: c", 2), ("a: 1\nb: [", 3), ("[" * 5_000, 1)])
def test_what_is_not_yaml_is_refused_with_its_line(text, line):
    with pytest.raises(UnreadablePolicy) as raised:
        read_yaml(text, PLACE)

    assert str(raised.value).startswith(
        f"Cannot read policies from 'policy.yaml' line {line}: it is "
    )


def test_aliases_can_not_grow_without_end():
    text = "a0: &a0 [x, x]\n" + "".join(
        f"a{level}: &a{level} [*a{level - 1}, *a{level - 1}]\n" for level in range(1, 100)
    )

    with pytest.raises(UnreadablePolicy, match="it stands for more than 1,000,000 parts"):
        read_yaml(text, PLACE)


def test_aliases_can_not_nest_without_end():
    text = "- &a0 [x]\n" + "".join(f"- &a{level} [*a{level - 1}]\n" for level in range(1, 900))

    with pytest.raises(UnreadablePolicy, match="it is nested more than 200 levels deep"):
        read_yaml(text, PLACE)


def test_many_documents_share_one_limit():
    document = "--- [&a [" + "x, " * 1_000 + "], " + "*a, " * 600 + "]\n"

    with pytest.raises(UnreadablePolicy, match="it stands for more than 1,000,000 parts"):
        read_yaml(document * 2, PLACE)


TEMPLATE = b"""\
# a comment
Version: 2012-10-17
Statement:
  - Effect: Allow
    Action:
      - s3:GetObject

      - s3:PutObject
    Resource: &all !Sub
      - arn:aws:s3:::${x}
      - x: y
  - <<: {Effect: Deny}
    Resource: *all
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 2),
        (("Statement",), 3),
        (("Statement", 0, "Action"), 5),
        (("Statement", 0, "Action", 1), 8),
        (("Statement", 0, "Resource", "Fn::Sub", 0), 10),
        (("Statement", 0, "Nothing"), 4),
        (("Statement", 1, "Effect"), 12),
        (("Statement", 1, "Resource"), 13),
        (("Statement", 7), 3),
    ],
)
def test_every_part_has_its_line(path, line):
    (document,) = read_documents("policy.yaml", TEMPLATE)

    assert line_of(document, path) == line


def test_each_document_of_a_file_is_a_policy():
    content = b"Statement: []\n---\n---\nVersion: x\nStatement: []\n"

    assert [
        (each.path, each.value, each.line, line_of(each, ("Statement",)))
        for each in read_documents("x.yml", content)
    ] == [
        ((0,), {"Statement": []}, 1, 1),
        ((2,), {"Version": "x", "Statement": []}, 4, 5),
    ]


def test_without_pyyaml_its_extra_is_named():
    program = (
        "import sys; sys.modules['yaml'] = None\n"
        "from iam_catalog.policy.read.files import read_documents\n"
        "try:\n    list(read_documents('p.yaml', b'Statement: []'))\n"
        "except Exception as error:\n    print(error)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert done.stdout.strip() == (
        "Cannot read policies from 'p.yaml': reading YAML needs PyYAML; install it with: "
        "pip install 'iam-catalog[yaml]'."
    )
