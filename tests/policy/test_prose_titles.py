"""The titles of sample policies: the headings and the tab above them, in every kind of text."""

from __future__ import annotations

import pytest
from prose_texts import JSON, ONE, samples

from iam_catalog.policy.read.markup import plain
from iam_catalog.policy.read.prose import PolicyNote, read_prose


@pytest.mark.parametrize(
    ("above", "title"),
    [
        ("", None),
        ("# Guide<a name='x'></a>", "Guide"),
        ("# Guide\n## The *first* part\n### `s3:*` \\(all\\) ###",
         "Guide / The first part / s3:* (all)"),
        ("# Guide\n## One\n### Deeper\n## Two", "Guide / Two"),
        ("Guide\n=====\n\nPart\n----", "Guide / Part"),
        ('# Guide\n<h2 id="x">The <code>s3</code> part</h2>', "Guide / The s3 part"),
        ("# Guide\n------\n#### [ One ]\n------\n#### [ The other ]", "Guide / The other"),
        ("# Guide\n#### [ Console ]\n\nText\n\n------", "Guide"),
        ('# Guide\n=== "Console"\n\n    Text', "Guide"),
        ('# Guide\n<TabItem value="x" label="Console">', "Guide / Console"),
        ("# Guide\n<TabItem value='x' label='Console'>", "Guide / Console"),
        ('# Guide\n<TabItem value="console">', "Guide / console"),
        ('# Guide\n<TabItem label="One">\n</TabItem>\n</Tabs>', "Guide"),
        ('# Guide\n{{% tab name="Console" %}}', "Guide / Console"),
        ('# Guide\n{{< tab "Console" >}}\n{{< /tab >}}', "Guide"),
        ('# Guide\n{% tab title="Console" %}', "Guide / Console"),
        ('# Guide\n{% tab title="Console" %}\n{% endtab %}', "Guide"),
        ('---\ntitle: "Guide"\n# no heading\n---', "Guide"),
        ("+++\ntitle = 'Old'\n+++\n# Guide", "Guide"),
        ("# [Guide](x.md) and ![picture](y.png)", "Guide and"),
        ("# Guide\n\n```\n# a comment in code\n```", "Guide"),
    ],
)  # fmt: skip
def test_the_title_is_the_headings_and_the_tab_above(above, title):
    (sample,) = read_prose("guide.md", f"{above}\n\n{JSON}\n")

    assert sample.title == title


def test_a_tab_of_indented_lines_ends_with_them():
    text = f"""
        === "Console"

            ```json
            {JSON}
            ```

        === "CLI"

            Use {JSON}

        Outside of tabs: {JSON}
        """

    assert [each.title for each in samples(text)] == ["Console", "CLI", None]


def test_a_plain_text_has_headings_too():
    text = f"""
        Adding a role - AWS

        Read this first. It matters.

        To add a role (console)
          1. Paste this:

            {JSON}
        """

    assert [each.title for each in samples(text, "guide.txt")] == [
        "Adding a role - AWS / To add a role (console)"
    ]


def test_ascii_doc_is_read_with_its_headings_and_blocks():
    text = f"""
        = Guide

        == Buckets

        .A policy
        [source,json]
        ----
        {{
          "Statement": [{{"Effect": "Allow", "Action": "a:b"}}] <1>
        }}
        ----
        <1> One statement.

        === Objects

        {JSON}
        """
    found = samples(text, "guide.adoc")

    assert [(each.title, each.line) for each in found] == [
        ("Guide / Buckets", 9),
        ("Guide / Buckets / Objects", 17),
    ]
    assert found[0].notes == (PolicyNote(("Statement", 0, "Action"), 1, "One statement."),)


def test_headings_of_restructured_text_are_ordered_as_they_come():
    text = f"""
        *****
        Guide
        *****

        Buckets
        ~~~~~~~

        Objects
        =======

        .. code-block:: json

            {JSON}

        Queues
        ~~~~~~

        {JSON}
        """

    assert [(each.title, each.line) for each in samples(text, "guide.rst")] == [
        ("Guide / Buckets / Objects", 14),
        ("Guide / Queues", 19),
    ]


def test_a_line_with_a_policy_is_no_heading_of_a_plain_text():
    (sample,) = samples(f"Policy = {JSON}\n", "policy.py")

    assert (sample.value, sample.title) == (ONE, None)


def test_front_matter_that_does_not_end_is_text():
    (sample,) = read_prose("guide.md", f"---\n{JSON}\n")

    assert (sample.line, sample.value) == (2, ONE)


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        (r"a \* b", "a * b"),
        ("`s3:*` and `a\\b`", "s3:* and a\\b"),
        (r"[\(Optional\) See](x.md) **it**", "(Optional) See it"),
        ("a\n  b", "a b"),
        ("x<a name='y'></a>", "x"),
        ("a ![\\[Image\\]](x.png) b", "a b"),
    ],
)
def test_inline_markup_is_taken_out(markdown, text):
    assert plain(markdown) == text
