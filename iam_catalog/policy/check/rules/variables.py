"""Find policy variables that are malformed, or that no condition key fills in.

A variable is the name of a condition key of a single value. What a document leaves open looks
alike, so nothing is found in names that are no condition key by their form.
"""

from __future__ import annotations

from collections.abc import Iterator

from iam_catalog.arn.pattern import split_variables
from iam_catalog.policy.check.condition_keys import KeyReader, VariableRule
from iam_catalog.policy.check.findings import quoted
from iam_catalog.policy.check.rule import ANALYZER, GUIDE, Note
from iam_catalog.policy.grammar.conditions import is_multivalued
from iam_catalog.policy.grammar.variables import in_quotes, is_key_name, variables


class MalformedVariable(VariableRule):
    """A policy variable lacks its name, its brace or the quotes of its default, or has a blank."""

    code = "malformed-variable"
    severity = "error"
    reference = (
        "IAM User Guide, IAM Access Analyzer policy check reference, Error - Missing brace in "
        "variable, Missing quote in variable, Unsupported space in variable, Empty variable"
    )
    source = f"{ANALYZER}-error-missing-brace-in-variable"
    read_on = "2026-11-29"

    def notes(self, text: str, keys: KeyReader) -> Iterator[Note]:  # noqa: ARG002
        for said in dict.fromkeys(faults(text)):
            yield self.note(said)


def faults(text: str) -> Iterator[str]:
    """Yield what is wrong with how the variables of a text are written, each as a sentence.

    Of a name that is not a condition key by its form, only what no template writes either.
    """
    last = text.rfind("${")
    if last > text.rfind("}"):
        yield f"{quoted(text[last:])} has no closing brace."
    for start, end in split_variables(text):
        name, comma, default = text[start + 2 : end - 1].partition(",")
        said = quoted(text[start:end])
        if not name.strip():
            yield f"{said} names nothing."
        elif not is_key_name(name.strip()):
            continue
        elif any(map(str.isspace, name)):
            yield f"{said} has a blank in its name."
        elif comma and in_quotes(default) is None:
            yield f"The default in {said} does not stand in single quotes."


class UnknownVariable(VariableRule):
    """The name in ${…} is not a condition key, so AWS has no value to put there."""

    code = "unknown-variable"
    severity = "warning"
    reference = "IAM User Guide, IAM policy elements: Variables and tags"
    source = f"{GUIDE}/reference_policies_variables.html"
    read_on = "2026-11-29"

    def notes(self, text: str, keys: KeyReader) -> Iterator[Note]:
        for name in dict.fromkeys(each.name for each in variables(text) if is_key_name(each.name)):
            key = keys.read(name)
            if key.known is False:
                yield self.note(f"'${{{name}}}' names no condition key{key.as_of}.", key.evidence)
            elif key.facts and key.facts.types and all(map(is_multivalued, key.facts.types)):
                said = f"'${{{name}}}' is a condition key of several values, which no variable can"
                yield self.note(f"{said} be.")
