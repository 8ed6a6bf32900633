"""Find items and statements that another one already says, and allows that a Deny takes back.

Texts are compared, not what the catalog makes of them, so that an answer holds for actions that
AWS adds later. Statements add up, and an explicit Deny wins (IAM User Guide, "Policy evaluation
logic"). Conditions count as equal only if they are written alike; one without conditions covers
any.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from iam_catalog.policy.check.action_items import ActionItem
from iam_catalog.policy.check.findings import Finding, quoted
from iam_catalog.policy.check.reading import PolicyRule, ReadPolicy, ReadStatement
from iam_catalog.policy.check.resource_items import ResourceItem
from iam_catalog.policy.check.rule import ANALYZER, GUIDE, Rule
from iam_catalog.policy.coverage import Patterns
from iam_catalog.policy.model import Statement, pattern_of

_MOST_STATEMENTS = 100
"""With more different statements, only equal ones are looked for: each is compared with each."""

_MOST_PATTERNS = 50
"""Of a list with more patterns, so many are compared with the other items; of a long list, less."""

_MOST_COMPARED = 10_000
"""A list's patterns times its items, where that is more."""


class _Texts:
    """Items of a list, and those of its patterns that can cover others."""

    def __init__(
        self,
        written: tuple[str, ...],
        compared: Sequence[str],
        places: Sequence[int] | None = None,
    ) -> None:
        self.written = written
        self.places = range(len(written)) if places is None else places
        """Where each item is in the list of the document, which can have refused ones, too."""
        self.compared = compared
        """The same, as they are compared: actions without case, and what is open by what it stands
        for, not by how it is shown."""
        self.items = frozenset(compared)
        self.everything = "*" in self.items
        self.patterns = self._some_patterns()

    def _some_patterns(self) -> Patterns | None:
        text = "\n".join(self.compared)  # one search spares many: most lists have no patterns
        if "*" not in text and "?" not in text:
            return None
        patterns = [item for item in self.items if "*" in item or "?" in item]
        most = min(_MOST_PATTERNS, _MOST_COMPARED // max(1, len(self.compared)))
        return Patterns(sorted(patterns)[:most])

    def cover(self, other: _Texts) -> bool:
        """Return True if each item of another list is one of these, or is covered by one."""
        if self.everything:
            return True
        items, patterns = self.items, self.patterns
        if patterns is None:
            return items.issuperset(other.items)
        for item in other.items:
            if item not in items and patterns.covering(item) is None:
                return False
        return True


_Items = Sequence[ActionItem | ResourceItem] | None

_STAR = _Texts(("*",), ("*",))


def _lists_of(read: ReadStatement, more_than: int) -> dict[str, _Texts]:
    """Return the lists of a statement that have more than so many items."""
    statement = read.statement
    lists = {}
    if read.refused:
        return _lists_without_refused(read, more_than)
    if statement.actions and len(statement.actions) > more_than:
        lists["Action"] = _Texts(statement.actions, read.keys)
    if statement.not_actions and len(statement.not_actions) > more_than:
        keys = [item.key for item in read.not_actions or ()]
        lists["NotAction"] = _Texts(statement.not_actions, keys)
    for name, written in (
        ("Resource", statement.resources),
        ("NotResource", statement.not_resources),
    ):
        if written and len(written) > more_than:
            compared = tuple(map(pattern_of, written)) if read.is_open else written
            lists[name] = _STAR if written == ("*",) else _Texts(written, compared)
    return lists


def _lists_without_refused(read: ReadStatement, more_than: int) -> dict[str, _Texts]:
    """Return the same without the items that AWS refuses: they cover nothing."""
    statement = read.statement
    lists = {}
    elements: tuple[tuple[str, tuple[str, ...] | None, _Items], ...] = (
        ("Action", statement.actions, read.actions),
        ("NotAction", statement.not_actions, read.not_actions),
        ("Resource", statement.resources, read.resources),
        ("NotResource", statement.not_resources, read.not_resources),
    )
    for name, written, items in elements:
        taken = [number for number, item in enumerate(items or ()) if not item.refused]
        if written and len(taken) > more_than:
            texts = tuple([written[number] for number in taken])
            compared = list(map(pattern_of, texts))
            if "Action" in name:
                compared = [text.lower() for text in compared]
            lists[name] = _Texts(texts, compared, taken)
    return lists


class RedundantItem(PolicyRule):
    """Another item of the same list already says it."""

    topic = "redundancy"
    code = "redundant-item"
    severity = "info"
    reference = (
        "IAM User Guide, IAM Access Analyzer policy check reference, Suggestion - Redundant action"
    )
    source = f"{ANALYZER}-suggestion-redundant-action"
    read_on = "2026-11-29"

    def check(self, policy: ReadPolicy) -> Iterable[Finding]:
        """Yield what lists repeat, then what statements do, which need the same reading."""
        if not policy.compared:
            return ()
        return self._of_policy(policy)

    def _of_policy(self, policy: ReadPolicy) -> Iterator[Finding]:
        several = len(policy.statements) > 1
        meanings = []
        for read in policy.statements:
            lists = _lists_of(read, 0 if several else 1)
            for name, held in lists.items():
                yield from self._of_list(read, name, held)
            if several and read.statement.effect and not read.refused:
                meanings.append(_Meaning(read.statement, lists))
        yield from _of_statements(meanings)

    def _of_list(self, read: ReadStatement, element: str, held: _Texts) -> Iterator[Finding]:
        """Yield items that the list has already, or that a pattern of the list covers."""
        twice = _repeats(held.compared) if len(held.items) < len(held.compared) else set[int]()
        covered = held.patterns.covered(held.compared) if held.patterns else {}
        for index in sorted(twice | covered.keys()):
            said = f"{quoted(held.written[index])} stands in the same list twice."
            if index not in twice:
                cover = quoted(held.written[held.compared.index(covered[index])])
                said = f"{quoted(held.written[index])} is covered by {cover} of the same list."
            path = read.statement.item_path(element, held.places[index])
            yield self.finding(said, path)


def _repeats(items: Sequence[str]) -> set[int]:
    """Return the places of items that come in the list before."""
    seen: set[str] = set()
    found = set()
    for index, item in enumerate(items):
        if item in seen:
            found.add(index)
        seen.add(item)
    return found


class DuplicateStatement(Rule):
    """Another statement of the policy says the same."""

    topic = "redundancy"
    code = "duplicate-statement"
    severity = "info"
    reference = (
        "IAM User Guide, IAM Access Analyzer policy check reference, Suggestion - Redundant "
        "statement"
    )
    source = f"{ANALYZER}-suggestion-redundant-statement"
    read_on = "2026-11-29"


class ShadowedStatement(Rule):
    """Another statement of the same effect covers everything that the statement says."""

    topic = "redundancy"
    code = "shadowed-statement"
    severity = "info"
    reference = (
        "IAM User Guide, IAM Access Analyzer policy check reference, Suggestion - Redundant "
        "statement"
    )
    source = f"{ANALYZER}-suggestion-redundant-statement"
    read_on = "2026-11-29"


class DeniedStatement(Rule):
    """A statement of the policy denies everything that the statement allows."""

    topic = "redundancy"
    code = "denied-statement"
    severity = "warning"
    reference = "IAM User Guide, Policy evaluation logic"
    source = f"{GUIDE}/reference_policies_evaluation-logic_policy-eval-denyallow.html"
    read_on = "2026-11-29"


class _Meaning:
    """A statement as it is compared with others: nothing in it depends on order or place."""

    def __init__(self, statement: Statement, lists: dict[str, _Texts]) -> None:
        self.statement = statement
        self.lists = lists
        self.excepting = "NotAction" in lists or "NotResource" in lists
        self.principals = tuple(
            [
                None if held is None else frozenset(held)
                for held in (statement.principals, statement.not_principals)
            ]
        )
        self.conditions = frozenset(
            [
                (each.operator, each.key.lower(), frozenset(each.values))
                for each in statement.conditions
            ]
        )

    @property
    def key(self) -> object:
        """Return what is equal for statements that say the same."""
        items = frozenset([(name, held.items) for name, held in self.lists.items()])
        return self.statement.effect, items, self.principals, self.conditions

    def covers(self, other: _Meaning) -> bool:
        """Return True if this statement is about everything that another one is about."""
        if self.excepting or other.excepting or self.principals != other.principals:
            return False
        if self.conditions and self.conditions != other.conditions:
            return False
        mine, others = self.lists, other.lists
        if mine.keys() != others.keys():
            return False
        for name in ("Resource", "Action"):
            if name in mine and not mine[name].cover(others[name]):
                return False
        return True


def _of_statements(statements: list[_Meaning]) -> Iterator[Finding]:
    """Yield statements that another one makes needless, each once, with the first that does."""
    different: dict[object, _Meaning] = {}
    for meaning in statements:
        before = different.setdefault(meaning.key, meaning)
        if before is not meaning:
            statement = meaning.statement
            said = f"{_capital(_named(statement))} says the same as {_named(before.statement)}."
            yield DuplicateStatement.finding(said, statement.path)
    if len(different) <= _MOST_STATEMENTS:
        left = list(different.values())
        for meaning in tuple(left):
            found = _covering_statement(left, meaning)
            if found is not None:
                left.remove(meaning)
                yield found


def _covering_statement(others: list[_Meaning], meaning: _Meaning) -> Finding | None:
    """Return the finding for a statement that another one says, or denies, as a whole."""
    statement = meaning.statement
    for other in others:
        if other is meaning or not other.covers(meaning):
            continue
        name, this = _capital(_named(other.statement)), _named(statement)
        if other.statement.effect == statement.effect:
            said = f"{name} covers everything that {this} says."
            return ShadowedStatement.finding(said, statement.path)
        if other.statement.effect == "Deny":
            said = f"{name} denies everything that {this} allows."
            return DeniedStatement.finding(said, statement.path)
    return None


def _named(statement: Statement) -> str:
    """Return a statement as a person finds it: by its Sid, else by its number."""
    if statement.sid:
        return f"the statement {quoted(statement.sid)}"
    number = statement.path[-1]
    return f"statement {number + 1}" if isinstance(number, int) else "the statement"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
