"""Policies in guides that are more than JSON: numbered lines, comments, YAML and HCL."""

from __future__ import annotations

from textwrap import dedent

import pytest
from missing_modules import leave_out
from prose_texts import JSON, ONE, fragments, read, samples

from iam_catalog.errors import UnreadablePolicy
from iam_catalog.policy.read.files import read_documents
from iam_catalog.policy.read.prose import read_prose
from iam_catalog.policy.read.source import line_of

LINES = [
    '{"Version": "2012-10-17",',
    '"Statement": [{',
    '  "Effect": "Allow",',
    '"Action": "a:b"',
    "}]}",
]


def numbered(form: str, first: int = 1) -> str:
    return "\n".join(form.format(number) + line for number, line in enumerate(LINES, first))


@pytest.mark.parametrize("form", ["{}. ", "{}: ", "{}\t", "  {}  ", "{} | ", "{}) ", "{:>3} "])
@pytest.mark.parametrize("around", ["```\n{}\n```", "{}", "1. Step\n\n   ```json\n{}\n   ```"])
def test_numbers_before_the_lines_are_not_part_of_a_policy(form, around):
    text = around.format(numbered(form))
    (sample,) = samples(text) if "Step" not in around else samples(dedent(text))

    assert sample.value == ONE


def test_numbers_in_tags_are_not_part_of_a_policy():
    lines = "\n".join(f"<span>{number}</span>{line}" for number, line in enumerate(LINES, 7))

    assert [each.value for each in samples(f"<pre>{lines}</pre>", "x.html")] == [ONE]


def test_a_number_that_does_not_count_lines_stays():
    text = '```\n{"Statement": [{"Effect": "Allow", "Action": "a:b", "Condition":\n1\n}]}\n```'
    (sample,) = samples(text)

    assert sample.value["Statement"][0]["Condition"] == 1


def test_comments_in_json_are_left_out():
    text = """
        ```json
        {
          // who
          "Version": "2012-10-17", # newest
          /* several
             lines */
          "Statement": [{"Effect": "Allow", "Action": "a:b", "Resource": "x://y#z/*"}] // end
        }
        ```
        """
    (sample,) = samples(text)

    assert sample.value["Statement"][0]["Resource"] == "x://y#z/*"
    assert line_of(sample.document("x.md"), ("Statement",)) == 8


@pytest.mark.parametrize(
    "text", ['{"Action": "x", "Resource": "y"}', '{"version": "2012-10-17", "action": "x"}']
)
def test_an_object_of_a_request_is_no_policy(text):
    assert read(f"```json\n{text}\n```") == []


def test_a_policy_far_over_every_limit_is_refused_with_its_place():
    text = '\n{"Statement": [{"Effect": "Allow", "Action": [' + '"a",' * 20_001 + '"a"]}]}'

    with pytest.raises(UnreadablePolicy, match=r"'guide\.md' line 2: a policy of more than 20,000"):
        read(text)


def test_comments_in_a_file_of_json_are_refused():
    with pytest.raises(UnreadablePolicy, match="it is not JSON"):
        list(read_documents("x.json", b'{"Statement": [] // x\n}'))


YAML = """
    # Guide

    ```{info}
    Resources:
      R:
        Type: AWS::IAM::Role
        Properties:
          AssumeRolePolicyDocument:
            Statement:
              - Effect: Allow
                Action: sts:AssumeRole
    ```
    """


@pytest.mark.parametrize("info", ["yaml", "yml", "YAML title=x", "{.yaml}", ""])
def test_fenced_yaml_is_read_with_its_lines(info):
    (sample,) = samples(YAML.replace("{info}", info))

    assert (sample.title, sample.kind, sample.place) == (
        "Guide / R.AssumeRolePolicyDocument",
        "trust",
        "AWS::IAM::Role",
    )
    assert line_of(sample.document("x.md"), ("Statement", 0, "Action")) == 12


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("- Effect: Allow\n  Action: a:b", "a statement without a policy around it"),
        ("Effect: Allow\nAction: a:b", "a statement without a policy around it"),
        ("Statement:\n- [", "it is not YAML: did not find expected node content"),
    ],
)
def test_yaml_that_is_no_whole_policy_is_a_fragment(text, reason):
    assert fragments(f"```yaml\n{text}\n```") == [(2, text, reason)]


def test_yaml_without_a_policy_is_nothing():
    assert read("```yaml\nEffect: x\nspec: {}\n```\n```yaml\na: [\n```") == []


def test_statements_of_serverless_in_a_guide_are_read():
    text = "```yml\nprovider:\n  iamRoleStatements:\n  - Effect: Allow\n    Action: a:b\n```"

    assert [each.value for each in samples(text)] == [
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "a:b"}]}
    ]


@pytest.mark.parametrize("info", ["hcl", "terraform", "tf"])
def test_fenced_hcl_is_read_with_its_lines(info):
    text = f"""
        ```{info}
        data "aws_iam_policy_document" "x" {{
          statement {{
            actions = ["a:b"]
          }}
        }}
        ```
        """
    (sample,) = samples(text)

    assert sample.value["Statement"] == [{"Effect": "Allow", "Action": ["a:b"]}]
    assert line_of(sample.document("x.md"), ("Statement", 0, "Action", 0)) == 5


@pytest.mark.parametrize("name", ["yaml", "hcl"])
def test_code_whose_reader_is_not_installed_is_a_fragment_that_says_so(monkeypatch, name):
    leave_out(monkeypatch, f"iam_catalog.policy.read.{name}_text")
    (fragment,) = read(f"```{name}\nStatement: []\n```")

    assert (fragment.needs, fragment.reason.rpartition("; ")[2]) == (
        name,
        f"install it with: pip install 'iam-catalog[{name}]'",
    )


def test_tabs_of_indented_lines_have_code_too():
    text = """
        === "Console"

            ```yaml
            Statement:
            - Effect: Allow
              Action: a:b
            ```

        === "CLI"

            ```sh
            # no heading
            ```
        """

    assert [(each.title, each.line) for each in samples(text)] == [("Console", 5)]


def test_code_between_tags_is_read():
    text = "<Tab>\n```yaml\nStatement:\n- Effect: Allow\n  Action: a:b\n```\n</Tab>"

    assert [each.syntax for each in samples(text)] == ["yaml"]


def test_code_of_other_markup_names_its_language():
    yaml = "Statement:\n- Effect: Allow\n  Action: a:b"

    assert [each.line for each in samples(f"[source,yaml]\n----\n{yaml}\n----", "x.adoc")] == [3]
    rst = f".. code-block:: yaml\n\n   {yaml.replace(chr(10), chr(10) + '   ')}\n\nText\n"
    assert [each.value for each in samples(rst, "x.rst")] == [
        {"Statement": [{"Effect": "Allow", "Action": "a:b"}]}
    ]
    html = f'<pre><code class="language-yaml">{yaml}</code></pre>'
    assert [each.syntax for each in samples(html, "x.html")] == ["yaml"]


def test_markdown_without_its_parser_says_what_to_install(monkeypatch):
    leave_out(monkeypatch, "markdown_it")
    with pytest.raises(UnreadablePolicy) as raised:
        read_prose("x.md", JSON)

    assert raised.value.found == (
        "reading Markdown needs markdown-it-py; install it with: pip install 'iam-catalog[prose]'"
    )


@pytest.mark.parametrize(
    "text",
    ["\n".join(f"{number}. {{" for number in range(20_000)), '{"a": // x\n' * 20_000,
     "{ /*" * 30_000, '{"a" #' * 30_000, "```yaml\nStatement: [\n```\n" * 5_000,
     "<a>\n```\n" * 10_000, "    ```\n" * 20_000, "> " * 20_000 + "```"],
)  # fmt: skip
def test_a_text_of_many_unfinished_parts_is_read_or_refused(text):
    try:
        found = [type(each).__name__ for each in read_prose("x.md", text)]
    except UnreadablePolicy as error:
        found = [error.found]

    assert set(found) <= {"Fragment", "it has too many objects that never end"}
