"""What is said of the policy variables in a text.

A variable is the name of a condition key of a single value (IAM User Guide, "IAM policy elements:
Variables and tags"; "Single-valued vs. multivalued context keys", section "Key points"). What a
document leaves open looks alike, so nothing is said of names that are no condition key by their
form.
"""

from __future__ import annotations

from collections.abc import Iterator

from iam_catalog.arn.pattern import split_variables
from iam_catalog.policy.check.key_facts import KeyReader
from iam_catalog.policy.check.notes import Note
from iam_catalog.policy.grammar.codes import quoted
from iam_catalog.policy.grammar.operators import is_multivalued
from iam_catalog.policy.grammar.variables import in_quotes, is_key_name, variables
from iam_catalog.policy.records import Unresolved


class VariableReader:
    """Reads the variables of texts against one catalog."""

    def __init__(self, keys: KeyReader) -> None:
        self.keys = keys

    def notes(self, text: str) -> tuple[Note, ...]:
        if "${" not in text or isinstance(text, Unresolved):
            return ()
        names = dict.fromkeys(each.name for each in variables(text) if is_key_name(each.name))
        wrong = [Note("malformed-variable", said) for said in dict.fromkeys(faults(text))]
        return (*wrong, *[note for name in names if (note := self.note(name)) is not None])

    def note(self, name: str) -> Note | None:
        """What is said of the name of a variable."""
        key = self.keys.read(name)
        if key.known is False:
            said = f"'${{{name}}}' names no condition key{key.as_of}."
            return Note("unknown-variable", said, key.evidence)
        if key.facts and all(map(is_multivalued, key.facts.types)) and key.facts.types:
            said = f"'${{{name}}}' is a condition key of several values, which no variable can be."
            return Note("unknown-variable", said)
        return None


def faults(text: str) -> Iterator[str]:
    """What is wrong with how the variables of a text are written, each as a sentence.

    Of a name that is no condition key by its form, only what no template writes either.
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
