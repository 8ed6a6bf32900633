"""Rules: what a check can find, each a class that declares its code and where AWS says so.

A rule that finds something by itself derives from a class named after what it is asked of:
`PolicyRule` and `ConditionRule` (module `reading`), `ActionRule` (`action_items`), `ArnRule`
(`resource_items`), `VariableRule` (`condition_keys`). One that derives from `Rule` alone is found
by another rule of its file, whose reading finds several things, or by the grammar.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from iam_catalog.policy.check.findings import Evidence, Finding, Severity
from iam_catalog.policy.model import Kind, Path

GUIDE = "https://docs.aws.amazon.com/IAM/latest/UserGuide"
ANALYZER = (
    f"{GUIDE}/access-analyzer-reference-policy-checks.html#access-analyzer-reference-policy-checks"
)
"""IAM User Guide, "IAM policy validation check reference"; `-error-…` and the like follow."""
GRAMMAR = f"{GUIDE}/reference_policies_grammar.html"
TABLES = (
    "https://docs.aws.amazon.com/service-authorization/latest/reference"
    "/reference_policies_actions-resources-contextkeys.html"
)
ORGANIZATIONS = "https://docs.aws.amazon.com/organizations/latest/userguide"
API = "https://docs.aws.amazon.com/IAM/latest/APIReference"

TOPICS = (
    "grammar",
    "size",
    "actions",
    "services",
    "variables",
    "resources",
    "conditions",
    "grants",
    "redundancy",
    "ignores",
)
"""What rules are about, in the order in which a policy is checked."""


class Rule:
    """One kind of finding.

    The docstring of a rule is what users read: a sentence without the values of a case, and below
    it, after an empty line, what else there is to know.
    """

    topic: ClassVar[str]
    """One of `TOPICS`."""
    code: ClassVar[str]
    """Kebab-case; never renamed, and never of another severity."""
    severity: ClassVar[Severity]
    """`error`: AWS refuses it, or it can never match. `warning`: as documented, it does not do what
    it says, or it hands out the right to change permissions. `info`: a fact worth knowing."""
    reference: ClassVar[str]
    """Name AWS's document and section; the code itself where the rule is our own."""
    source: ClassVar[str | None] = None
    """The address of that section; None where the rule is our own."""
    read_on: ClassVar[str | None] = None
    """The ISO date on which the section was last compared with the rule."""
    conclusive: ClassVar[bool] = False
    """It says all that there is to say of an item: nothing else is looked for in it."""
    in_kinds: ClassVar[Mapping[Kind | Literal["session"], type[Rule]]] = {}
    """The rule that it is a finding of in policies of a kind, where AWS is stricter with it."""
    replaces: ClassVar[Literal["value", "name", "operator"] | None] = None
    """The part of the policy that a suggestion can be written in place of, as the module `fixes`
    does it: the value at the path of a finding (of a list, the item that the text quotes), the last
    name of the path, or the operator of a condition. None where more than that has to change."""
    suggests: ClassVar[bool] = False
    """The nearest names are suggested, which is slow: in so many findings of a policy."""

    @property
    def meaning(self) -> str:
        """Return the first paragraph of the docstring, in one line."""
        return self._paragraphs[0]

    @property
    def explanation(self) -> str:
        """Return the other paragraphs of the docstring, each in one line; mostly there are none."""
        return "\n\n".join(self._paragraphs[1:])

    @property
    def _paragraphs(self) -> list[str]:
        text = self.__doc__ or self.code  # python -OO drops docstrings
        return [" ".join(each.split()) for each in text.split("\n\n")]

    @classmethod
    def finding(
        cls,
        text: str,
        path: Path,
        evidence: tuple[Evidence, ...] = (),
        suggestion: str | None = None,
    ) -> Finding:
        """Return a finding of this rule."""
        return Finding(cls.code, cls.severity, text, path, evidence, suggestion)

    @classmethod
    def note(
        cls, text: str, evidence: tuple[Evidence, ...] = (), suggestion: str | None = None
    ) -> Note:
        """Return a finding of this rule that has no place yet."""
        return Note(cls, text, evidence, suggestion)


@dataclass(frozen=True, slots=True)
class Note:
    """A finding without a place: kept with the text that it is about, wherever that is written."""

    rule: type[Rule]
    text: str
    evidence: tuple[Evidence, ...] = ()
    suggestion: str | None = None

    def at(
        self,
        path: Path,
        suggestion: str | None = None,
        kind: Kind | Literal["session"] | None = None,
    ) -> Finding:
        """Return the finding at a place in a policy of a kind.

        *suggestion* counts where the note has none.
        """
        rule = self.rule.in_kinds.get(kind, self.rule) if kind is not None else self.rule
        return rule.finding(self.text, path, self.evidence, self.suggestion or suggestion)
