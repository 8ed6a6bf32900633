"""The items of Resource and NotResource, each read once for all policies.

What an ARN is, is said in `iam_catalog.arn.parts`. Text that starts with `${…}` is unknown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from iam_catalog.arn.parts import PARTS, Arn
from iam_catalog.cache import BoundedCache
from iam_catalog.policy.check.notes import Note
from iam_catalog.policy.check.variable_notes import VariableReader
from iam_catalog.policy.coverage import is_everything
from iam_catalog.policy.grammar.codes import quoted
from iam_catalog.policy.grammar.variables import has_key
from iam_catalog.policy.service_facts import ServiceFacts

REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-\d+|[a-z-]*global")
ACCOUNT = re.compile(r"\d{12}|aws")
RELATIVE = "execute-api:/"
"""Resource policies of API Gateway may leave out the start of the ARN (API Gateway Developer Guide,
"API Gateway resource policy examples")."""


@dataclass(frozen=True, slots=True)
class ResourceItem:
    """What an item of Resource stands for."""

    text: str
    state: Literal["arn", "everything", "unknown"]
    notes: tuple[Note, ...] = ()


class ResourceReader:
    """Reads items of Resource against one catalog, and keeps what it read."""

    def __init__(self, facts: ServiceFacts, variables: VariableReader) -> None:
        self.facts = facts
        self.variables = variables
        self.items: BoundedCache[ResourceItem] = BoundedCache()

    def read(self, text: str) -> ResourceItem:
        """What an item is, read anew: those that are kept are in `items`."""
        return self.items.keep(text, self._read(text))

    def _read(self, text: str) -> ResourceItem:
        if is_everything(text):
            return ResourceItem(text, "everything")
        notes = self.variables.notes(text)
        if text.startswith(("${", RELATIVE)):
            return ResourceItem(text, "unknown", notes)
        arn = Arn(text)
        if not arn.is_arn:
            return ResourceItem(text, "unknown", (*notes, malformed(arn, text)))
        return ResourceItem(text, "arn", (*notes, *self.of_place(arn, text)))

    def of_place(self, arn: Arn, text: str) -> list[Note]:
        """What is said of what stands before the resource in an ARN.

        Variables can not (IAM User Guide, "IAM policy elements: Variables and tags", section
        "Where you can use policy variables"); Regions and accounts have their form, unless an ARN
        format of AWS has another word. Of an incomplete ARN only that is said.
        """
        notes = []
        _, _, region, account, resource = arn.parts
        if has_key(text.removesuffix(resource)):
            said = f"{quoted(text)} has a policy variable before the fifth colon, where none works."
            notes.append(Note("variable-not-allowed", said))
        if arn.incomplete:
            said = (
                f"{quoted(text)} has {PARTS - arn.missing} of the {PARTS} parts of an ARN: AWS adds"
                f" '*' for the others, so that it is {quoted(arn.completed)}."
            )
            return [*notes, Note("incomplete-arn", said, suggestion=arn.completed)]
        if region and not settled(region, REGION) and region not in self.words[0]:
            said = f"{quoted(region)} in {quoted(text)} is no Region's name, such as 'us-east-2'."
            notes.append(Note("malformed-region", said))
        if account and not settled(account, ACCOUNT) and account not in self.words[1]:
            said = f"{quoted(account)} in {quoted(text)} is no account ID, which has 12 digits."
            notes.append(Note("malformed-account-id", said))
        return notes

    @cached_property
    def words(self) -> tuple[frozenset[str], frozenset[str]]:
        """The Regions and accounts that ARN formats of the catalog write out."""
        regions, accounts = (
            frozenset(
                row[0]
                for row in self.facts.connection.execute(
                    f"select distinct {column} from arn_formats where {column} not like '%${{%'"
                )
            )
            for column in ("region", "account")
        )
        return regions, accounts


def malformed(arn: Arn, text: str) -> Note:
    """Say what is wrong with a text that is not an ARN."""
    if arn.head is None:
        expected = "expected '*' or arn:partition:service:region:account:…"
        return Note("malformed-arn", f"{quoted(text)} is no ARN: {expected}")
    partition = f"{quoted(arn.parts[0])} is no partition such as 'aws'"
    return Note("malformed-arn", f"{quoted(text)} is no ARN: {partition}.")


def settled(part: str, form: re.Pattern[str]) -> bool:
    """Whether a part has the form, or a wildcard or variable leaves it open."""
    return any(sign in part for sign in ("*", "?", "${")) or form.fullmatch(part) is not None
