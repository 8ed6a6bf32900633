"""Each rule has a page, made of the rule and its cases; `--rewrite-expected` writes a change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from rule_cases import Case, read_cases

from iam_catalog.policy.check.registry import CODES
from iam_catalog.policy.check.rule import TOPICS, Rule
from iam_catalog.policy.read.files import LINES, PROSE, YAML

DOCS = Path(__file__).parent.parent.parent / "docs"
FOLDER = DOCS / "checks"
INDEX = FOLDER / "README.md"
DOCUMENT = DOCS / "check.md"

SEVERITIES = {
    "error": "AWS refuses it, or it can never match",
    "warning": "as documented, it does not do what it says, or it hands out the right to change"
    " permissions",
    "info": "a fact worth knowing",
}
TITLES = {
    "grammar": "Grammar",
    "size": "Size",
    "actions": "Actions",
    "services": "Services",
    "variables": "Variables",
    "resources": "Resources",
    "conditions": "Conditions",
    "grants": "What is granted",
    "redundancy": "What is said twice",
    "ignores": "Ignores",
}
INTRODUCTION = """# What each code means

A page for each code that `iam-catalog check` can print: what it means, where AWS says so, a policy
that fails and one that passes, and how to ignore it. [check.md](../check.md) says what is read, and
what the severities mean. The services of the examples, such as `post`, are made up.

`pytest tests/policy/test_check_docs.py --rewrite-expected` writes these pages, from the rules in
`iam_catalog/policy/check/rules/` and `iam_catalog/policy/grammar/`, and from their cases in
`tests/policy/cases/`.
"""
IGNORING = """## Ignoring it

In `.iam-catalog-ignore`, with a reason:

```toml
[[ignore]]
code = "{code}"
file = "policies/*.json"
reason = "Why it may stay."
```

In YAML, on the line of the finding or above it:

```yaml
# iam-catalog: ignore {code} - Why it may stay.
```
"""


def page(rule: Rule) -> str:
    """Return the page of a rule."""
    parts = [f"# `{rule.code}`\n", f"{escaped(rule.meaning)}\n"]
    parts += [f"{rule.explanation}\n"] if rule.explanation else []
    parts.append(f"- Severity: `{rule.severity}` ({SEVERITIES[rule.severity]})\n{said_by(rule)}")
    for case in read_cases(rule.code):
        parts += example(case)
    parts.append(IGNORING.format(code=rule.code))
    return "\n".join(parts)


def said_by(rule: Rule) -> str:
    if rule.source is None:
        return f"- The rule is our own: {escaped(rule.reference)}\n"
    return f"- AWS: [{escaped(rule.reference)}]({rule.source}), read on {rule.read_on}\n"


def example(case: Case) -> Iterator[str]:
    """Yield the section of a case."""
    yield f"## {case.verdict}\n"
    if case.ignores:
        yield f"With this `.iam-catalog-ignore`:\n\n```toml\n{case.ignores}```\n"
    if "Repeat" in case.settings:
        path, times = case.settings["Repeat"].split(", ")
        yield f"With the last item of `{path}` {times} over, each with its number for `{{n}}`:\n"
    yield f"```{case.syntax}\n{case.policy}```\n"
    yield f"```console\n$ {case.command}\n{case.printed}```\n"


def index() -> str:
    """Return the page that lists the rules by topic."""
    parts = [INTRODUCTION]
    for topic in TOPICS:
        rows = [
            f"| [`{code}`]({code}.md) | {rule.severity} | {escaped(rule.meaning)} |\n"
            for code, rule in CODES.items()
            if rule.topic == topic
        ]
        heading = f"## {TITLES[topic]}\n\n| Code | Severity | Meaning |\n|---|---|---|\n"
        parts.append(heading + "".join(rows))
    return "\n".join(parts)


def escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*")


PAGES = {INDEX: index, **{FOLDER / f"{code}.md": code for code in CODES}}


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.stem)
def test_a_page_is_what_the_rule_and_its_cases_make(
    file: Path, request: pytest.FixtureRequest
) -> None:
    code = PAGES[file]
    expected = page(CODES[code]) if isinstance(code, str) else code()
    if request.config.getoption("--rewrite-expected"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(expected, encoding="utf-8")

    assert file.read_text(encoding="utf-8") == expected


def test_no_page_is_of_a_code_that_is_gone() -> None:
    assert sorted(FOLDER.iterdir()) == sorted(PAGES)


def test_the_documentation_links_to_the_pages() -> None:
    assert "](checks/README.md)" in DOCUMENT.read_text(encoding="utf-8")


def test_the_documentation_names_every_ending_that_is_read() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")

    assert [ending for ending in sorted(LINES | PROSE | YAML) if f"`{ending}`" not in text] == []
