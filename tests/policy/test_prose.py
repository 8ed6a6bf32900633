"""Sample policies inside texts: found, titled, with their footnotes; what is none is a fragment."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path

import pytest
from prose_texts import JSON, ONE, fragments, read, samples

from iam_catalog.errors import UnreadablePolicy
from iam_catalog.policy.read.prose import Fragment, PolicyNote, SamplePolicy, read_prose
from iam_catalog.policy.read.statements import read_policy

POLICIES = Path(__file__).parent.parent.parent / "data" / "policies"


# --- where policies stand


@pytest.mark.parametrize(
    "text",
    [
        f"```json\n{JSON}\n```",
        f"~~~~\n{JSON}\n~~~~",
        f"1. Step\n\n   ```json\n   {JSON}\n   ```",
        f"- ```\n  {JSON}\n  ```",
        f"> ```json\n> {JSON}\n> ```",
        f"Use {JSON} as it is.",
        f"# Use {JSON}",
        f"Use {JSON}\n------",
        f"    {JSON}",
        f"cat > policy.json <<EOF\n{json.dumps(ONE, indent=4)}\nEOF",
        f"```sh\nf() {{ echo; }}\naws iam create-policy --policy-document '{JSON}'\n```",
        f"{{braces}} {{ 'a': 1 }} {{ \"a\": }} {JSON}",
        f"```\r\n{JSON}\r\n```\r\n",
        f"```json\n{JSON}",
        f"<pre>\n{JSON}\n</pre>",
        f"<pre><code>{escape(JSON)}</code></pre>",
        f"<pre>\n{escape(json.dumps(ONE, indent=1))}\n</pre>\n\n&quot;",
        "```sh\naws iam create-policy --policy-document " + json.dumps(JSON) + "\n```",
        "policy = " + json.dumps(json.dumps(ONE, indent=4)),
    ],
)
def test_a_policy_is_found_wherever_it_stands(text):
    assert [each.value for each in read_prose("guide.md", text)] == [ONE]


def test_a_text_can_have_many_policies():
    text = f"{JSON} and {JSON}\n\n```\n{JSON}\n\n{JSON}\n```\n"

    assert [(each.line, each.value) for each in samples(text)] == [
        (1, ONE),
        (1, ONE),
        (4, ONE),
        (6, ONE),
    ]


def test_a_policy_inside_of_something_else_is_found():
    text = json.dumps({"PolicyVersion": {"Document": ONE}})

    assert [(each.path, each.value) for each in samples(text)] == [
        (("PolicyVersion", "Document"), ONE)
    ]


def test_other_objects_are_none():
    assert read('```json\n{"Effect": "Allow"}\n```\n{"a": {"b": []}} {} {"c": }') == []


def test_the_text_of_a_policy_is_without_its_indent():
    text = """
        * A list

          ```json
          {
            "Statement": [
              {"Effect": "Allow", "Action": "a:b"}
            ]
          }
          ```
        """
    (sample,) = samples(text)

    assert (sample.line, sample.text) == (
        5,
        '{\n  "Statement": [\n    {"Effect": "Allow", "Action": "a:b"}\n  ]\n}',
    )


@pytest.mark.parametrize("before", ["<pre><code>", "policy = "])
def test_the_indent_inside_of_a_policy_is_kept(before):
    held = json.dumps(ONE, indent=2)
    (sample,) = read_prose("guide.md", f"{before}{held}\n")

    assert sample.text == held


def test_the_text_of_a_policy_is_without_the_escapes_of_a_shell():
    text = """
        aws iam create-policy --policy-document "{
          \\"Version\\": \\"2012-10-17\\",
          \\"Statement\\": []
        }"

        aws iam create-policy --policy-document "{\\"Statement\\": [,]}"
        """
    sample, fragment = read(text)

    assert isinstance(sample, SamplePolicy)
    assert (sample.line, sample.text) == (
        2,
        '{\n  "Version": "2012-10-17",\n  "Statement": []\n}',
    )
    assert isinstance(fragment, Fragment)
    assert (fragment.line, fragment.reason) == (7, "it is not JSON: a comma before ']'")


# --- footnotes


NUMBERED = """
    # Guide

    ## First

    ```
    {
      "Statement": [
        {
          "Effect": "Allow", ![\\[Image NOT FOUND\\]](images/callout01.png)
          "Action": ["a:b", "a:c" ![\\[Image NOT FOUND\\]](images/callout02.png)],
          "Resource": "![](not-a-picture9.png)"
        }, ❸
        {"Effect": "Deny"} <img src="x.png">
      ]
    }
    ```

    **1** The first
    note\\.

    **2** `a:c` \\(see [there](x.md)\\)

    ## Second

    ```
    {"Statement": [{"Effect": "Allow" ![](callout1.png)}]}
    ```

    **1** Another one\\.
    """


def test_a_number_between_the_parts_is_a_note_of_what_is_before_it():
    first, second = samples(NUMBERED)

    assert first.notes == (
        PolicyNote(("Statement", 0, "Effect"), 1, "The first note."),
        PolicyNote(("Statement", 0, "Action", 1), 2, "a:c (see there)"),
        PolicyNote(("Statement", 0, "Resource"), 3, None),
    )
    assert second.notes == (PolicyNote(("Statement", 0, "Effect"), 1, "Another one."),)


def test_a_picture_can_be_a_tag():
    text = """
        ```
        {"Statement": [{"Effect": "Allow", <img alt="x" src="/images/callout02.png">
          "Action": "a:b"}]}
        ```

        **2** Why it is allowed.
        """
    (sample,) = samples(text)

    assert sample.notes == (PolicyNote(("Statement", 0, "Effect"), 2, "Why it is allowed."),)


def test_what_stood_in_the_json_does_not_move_its_lines():
    first, _ = samples(NUMBERED)

    assert first.line == 7
    assert first.text.split("\n")[3] == '      "Effect": "Allow",'
    assert first.text.split("\n")[4].split() == ['"Action":', '["a:b",', '"a:c"', "],"]
    assert json.loads(first.text) == first.value
    assert first.value["Statement"][0]["Resource"] == "![](not-a-picture9.png)"


def test_tabs_share_the_footnotes_behind_them():
    text = """
        # Guide

        ------
        #### [ One ]

        ```
        {"Statement": [{"Effect": "Allow" ①}]}
        ```
        ------
        #### [ Two ]

        ```
        {"Statement": [{"Effect": "Allow" ①}]}
        ```
        ------

        **1** Of both\\.
        """

    assert [(each.title, each.notes[0].text) for each in samples(text)] == [
        ("Guide / One", "Of both."),
        ("Guide / Two", "Of both."),
    ]


# --- fragments


def test_a_statement_alone_is_a_fragment():
    assert fragments('Remove this:\n\n  , { "Effect": "Allow", "Action": "a:b" }\n2. Next') == [
        (3, ', { "Effect": "Allow", "Action": "a:b" }', "a statement without a policy around it")
    ]


def test_code_without_a_policy_is_one_fragment():
    text = (
        '```\n\n,\n  {"Effect": "Allow", "Action": "a"},\n  {"Effect": "Deny", "Action": "b"}\n```'
    )

    assert fragments(text) == [
        (
            3,
            ',\n  {"Effect": "Allow", "Action": "a"},\n  {"Effect": "Deny", "Action": "b"}',
            "a statement without a policy around it",
        )
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"Statement": [...]}', "it is not JSON: unexpected '.'"),
        ('{"Version": "x",\n\n "Statement": [}', "it is not JSON: unexpected '}'"),
        ('{"Statement": [NaN]}', "NaN is not JSON"),
        ('{"Statement": [{“Effect”: "Allow"}]}',
         "it is not JSON: unexpected '“'"),
    ],
)  # fmt: skip
def test_a_policy_that_is_no_json_is_a_fragment(text, reason):
    assert fragments(f"```\n{text}\n```") == [(2, text, reason)]


def test_the_paragraph_of_a_broken_policy_is_passed_over():
    text = f'{{"Statement": [\n{{"Effect": "Allow", "Action": "x"}}, ...\n\n{JSON}\n'

    assert [type(each).__name__ for each in read(text)] == ["Fragment", "SamplePolicy"]


# --- HTML


PAGE = f"""\
<html><head><title>Site</title>
<script>var a = {JSON};</script>
<style>h1 {{ "x" }}</style>
<!-- {JSON}
<h1>No</h1> -->
</head><body><h1
 class="x">Guide &amp; more</h1><h2>Part</h2>
<dl><dt>Tab</dt><dd>
<pre class="programlisting"><code>
{{"Version": &quot;2012-10-17&quot;, "Statement": [{{
  "Effect": <span class="hl">"Allow"</span>, <img src="callout04.png" alt="4">
  "Action": "a:b", "Resource": "arn:aws:s3:::<em>bucket</em>/*"<br>}}]}}
</code></pre></dd></dl>
<p><b>4</b> Four &amp; more.</p><p>Inline <code>{JSON}</code></p>
a < b
</body></html>
"""


def test_html_is_read_with_its_headings_tabs_and_footnotes():
    first, second = read_prose("guide.html", PAGE)

    assert (first.title, first.line, first.value) == (
        "Guide & more / Part / Tab",
        10,
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": "a:b", "Resource": "arn:aws:s3:::bucket/*"}
            ],
        },
    )
    assert first.notes == (PolicyNote(("Statement", 0, "Effect"), 4, "Four & more."),)
    assert (second.title, second.line, second.value) == ("Guide & more / Part", 14, ONE)


def test_the_title_of_a_page_stands_for_its_headings():
    (sample,) = read_prose("x.htm", f"<title>Site</title><pre>{JSON}</pre>")

    assert sample.title == "Site"


# --- hostile texts


@pytest.mark.parametrize(
    "text",
    ['{ "' * 30_000, '{"a":[' * 30_000, '"\\' * 30_000, "![[" * 30_000, "<a " * 30_000,
     "# a" + " " * 60_000 + "b", "**1** x\n" * 10_000, "{}" * 30_000, "`" * 60_000],
)  # fmt: skip
@pytest.mark.parametrize("file", ["x.md", "x.html", "x.txt"])
def test_a_text_is_read_in_time_that_grows_with_its_length(text, file):
    try:
        found = read_prose(file, text)
    except UnreadablePolicy as error:
        found = [error.found]

    assert found in ([], ["it has too many objects that never end"])


def test_a_long_text_is_refused():
    with pytest.raises(UnreadablePolicy, match="it is a text of more than 4 MB"):
        read_prose("x.md", "x" * (4 * 2**20 + 1))


# --- the documents of the catalog


def of_the_catalog() -> list[tuple[str, SamplePolicy | Fragment]]:
    return [
        (file.name, found)
        for file in sorted(POLICIES.iterdir())
        for found in read_prose(file.name, file.read_text(encoding="utf-8"))
    ]


def test_the_three_documents_hold_eight_policies_of_twenty_six_statements():
    held = [
        (name[:12], each.line, len(read_policy(each.value).statements), len(each.notes))
        for name, each in of_the_catalog()
        if isinstance(each, SamplePolicy)
    ]

    assert held == [
        ("add-session-", 29, 3, 0),
        ("minimal-iam-", 24, 1, 0),
        ("session-mana", 31, 4, 3),
        ("session-mana", 85, 3, 1),
        ("session-mana", 125, 4, 4),
        ("session-mana", 217, 4, 0),
        ("session-mana", 274, 3, 1),
        ("session-mana", 321, 4, 1),
    ]
    assert sum(statements for _, _, statements, _ in held) == 26


def test_the_two_fragments_are_kept():
    kept = [
        (name[:12], each.line, each.text[:14], each.title)
        for name, each in of_the_catalog()
        if isinstance(each, Fragment)
    ]

    assert [each[:3] for each in kept] == [
        ("add-session-", 35, ', { "Effect": '),
        ("session-mana", 184, ",\n        {\n  "),
    ]
    assert kept[1][3] == (
        "Quickstart default IAM policies for Session Manager / "
        "Quickstart end user policies for Session Manager"
    )


def test_the_numbers_start_again_in_the_second_half():
    notes = [
        (each.line, note.number, note.path[1], (note.text or "")[:30])
        for name, each in of_the_catalog()
        if isinstance(each, SamplePolicy)
        for note in each.notes
    ]

    assert notes == [
        (31, 1, 0, "SSM-SessionManagerRunShell is "),
        (31, 2, 0, "If you specify the condition e"),
        (31, 3, 3, "The kms:GenerateDataKey permis"),
        (85, 4, 0, "The permission for SendCommand"),
        (125, 4, 0, "The permission for SendCommand"),
        (125, 1, 0, "SSM-SessionManagerRunShell is "),
        (125, 2, 0, "If you specify the condition e"),
        (125, 3, 3, "The kms:GenerateDataKey permis"),
        (274, 1, 0, "The permission for SendCommand"),
        (321, 1, 0, "The permission for SendCommand"),
    ]
