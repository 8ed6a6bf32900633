"""What is said of the policy variables in a text.

A variable is the name of a condition key of a single value (IAM User Guide, "IAM policy elements:
Variables and tags"; "Single-valued vs. multivalued context keys", section "Key points").
"""

from __future__ import annotations

from iam_catalog.policy.checks.key_facts import KeyReader
from iam_catalog.policy.checks.notes import Note
from iam_catalog.policy.operators import is_multivalued
from iam_catalog.policy.variables import variables


class VariableReader:
    """Reads the variables of texts against one catalog."""

    def __init__(self, keys: KeyReader) -> None:
        self.keys = keys

    def notes(self, text: str) -> tuple[Note, ...]:
        if "${" not in text:
            return ()
        names = dict.fromkeys(each.name for each in variables(text))
        return tuple(note for name in names if (note := self.note(name)) is not None)

    def note(self, name: str) -> Note | None:
        """What is said of one name; nothing of names that are no condition key by their form.

        `AWS::Region` is CloudFormation's, `aws_s3_bucket.logs.arn` is Terraform's.
        """
        prefix, colon, rest = name.partition(":")
        if not colon or rest.startswith(":") or not prefix.replace("-", "").isalnum():
            return None
        key = self.keys.read(name)
        if key.known is False:
            said = f"'${{{name}}}' names no condition key{key.as_of}."
            return Note("unknown-variable", said, key.evidence)
        if key.facts and all(map(is_multivalued, key.facts.types)) and key.facts.types:
            said = f"'${{{name}}}' is a condition key of several values, which no variable can be."
            return Note("unknown-variable", said)
        return None
