"""Items and statements that another one already says, and allows that a Deny takes back.

Texts are compared, not what the catalog makes of them, so that an answer holds for actions that
AWS adds later. Statements add up, and an explicit Deny wins (IAM User Guide, "Policy evaluation
logic"). Conditions count as equal only if they are written alike; one without conditions covers
any.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from iam_catalog.policy.check.findings import Finding
from iam_catalog.policy.check.notes import finding
from iam_catalog.policy.check.patterns import Patterns
from iam_catalog.policy.check.reading import ReadPolicy, ReadStatement
from iam_catalog.policy.grammar.codes import quoted
from iam_catalog.policy.records import Statement

MOST_STATEMENTS = 100
"""With more different statements, only equal ones are looked for: each is compared with each."""

MOST_PATTERNS = 50
"""Of a list with more patterns, so many are compared with the other items; of a long list, less."""

MOST_COMPARED = 10_000
"""A list's patterns times its items, where that is more."""


def redundancy_findings(policy: ReadPolicy) -> Iterator[Finding]:
    """What is said of lists, and of statements beside each other."""
    if not policy.compared:
        return
    several = len(policy.statements) > 1
    meanings = []
    for read in policy.statements:
        lists = lists_of(read, 0 if several else 1)
        for name, held in lists.items():
            yield from redundant_items(read, name, held)
        if several and read.statement.effect:
            meanings.append(Meaning(read.statement, lists))
    yield from redundant_statements(meanings)


def redundant_items(read: ReadStatement, element: str, held: Texts) -> Iterator[Finding]:
    """Items that stand in the list already, or that a pattern of the list covers."""
    twice = repeats(held.compared) if len(held.items) < len(held.compared) else set[int]()
    covered = held.patterns.covered(held.compared) if held.patterns else {}
    for index in sorted(twice | covered.keys()):
        said = f"{quoted(held.written[index])} stands in the same list twice."
        if index not in twice:
            cover = quoted(held.written[held.compared.index(covered[index])])
            said = f"{quoted(held.written[index])} is covered by {cover} of the same list."
        yield finding("redundant-item", said, read.statement.item_path(element, index))


def repeats(items: Sequence[str]) -> set[int]:
    """The places of items that stand in the list before."""
    seen: set[str] = set()
    found = set()
    for index, item in enumerate(items):
        if item in seen:
            found.add(index)
        seen.add(item)
    return found


class Texts:
    """The items of a list, and those of its patterns that can cover others."""

    def __init__(self, written: tuple[str, ...], compared: Sequence[str]) -> None:
        self.written = written
        self.compared = compared
        """The same, as they are compared: actions without case."""
        self.items = frozenset(compared)
        self.everything = "*" in self.items
        patterns = [item for item in self.items if "*" in item or "?" in item]
        most = min(MOST_PATTERNS, MOST_COMPARED // max(1, len(compared)))
        self.patterns = Patterns(sorted(patterns)[:most]) if patterns else None

    def cover(self, other: Texts) -> bool:
        """Whether each item of another list is one of these, or is covered by one."""
        if self.everything:
            return True
        left = other.items - self.items
        patterns = self.patterns
        return not left or (patterns is not None and all(map(patterns.covering, left)))


STAR = Texts(("*",), ("*",))


def lists_of(read: ReadStatement, more_than: int) -> dict[str, Texts]:
    """The lists of a statement that have more than so many items."""
    statement = read.statement
    lists = {}
    for name, written, items in (
        ("Action", statement.actions, read.actions),
        ("NotAction", statement.not_actions, read.not_actions),
    ):
        if items and written and len(items) > more_than:
            lists[name] = Texts(written, [item.key for item in items])
    for name, written in (
        ("Resource", statement.resources),
        ("NotResource", statement.not_resources),
    ):
        if written and len(written) > more_than:
            lists[name] = STAR if written == ("*",) else Texts(written, written)
    return lists


class Meaning:
    """A statement as it is compared with others: nothing in it depends on order or place."""

    def __init__(self, statement: Statement, lists: dict[str, Texts]) -> None:
        self.statement = statement
        self.lists = lists
        self.excepting = not self.lists.keys().isdisjoint({"NotAction", "NotResource"})
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
        """Equal for statements that say the same."""
        items = frozenset([(name, held.items) for name, held in self.lists.items()])
        return self.statement.effect, items, self.principals, self.conditions

    def covers(self, other: Meaning) -> bool:
        """Whether this statement is about everything that another one is about."""
        if self.excepting or other.excepting or self.principals != other.principals:
            return False
        if self.conditions and self.conditions != other.conditions:
            return False
        return self.lists.keys() == other.lists.keys() and all(
            self.lists[name].cover(other.lists[name])
            for name in ("Resource", "Action")
            if name in self.lists
        )


def redundant_statements(statements: list[Meaning]) -> Iterator[Finding]:
    """Statements that another one makes needless, each told once, with the first that does."""
    different: dict[object, Meaning] = {}
    for meaning in statements:
        before = different.setdefault(meaning.key, meaning)
        if before is not meaning:
            statement = meaning.statement
            said = f"{capital(named(statement))} says the same as {named(before.statement)}."
            yield finding("duplicate-statement", said, statement.path)
    if len(different) <= MOST_STATEMENTS:
        left = list(different.values())
        for meaning in tuple(left):
            found = covering_statement(left, meaning)
            if found is not None:
                left.remove(meaning)
                yield found


def covering_statement(others: list[Meaning], meaning: Meaning) -> Finding | None:
    """What is said of a statement of which another one says all, or denies all."""
    statement = meaning.statement
    for other in others:
        if other is meaning or not other.covers(meaning):
            continue
        name, this = capital(named(other.statement)), named(statement)
        if other.statement.effect == statement.effect:
            said = f"{name} covers everything that {this} says."
            return finding("shadowed-statement", said, statement.path)
        if other.statement.effect == "Deny":
            said = f"{name} denies everything that {this} allows."
            return finding("denied-statement", said, statement.path)
    return None


def named(statement: Statement) -> str:
    """A statement as a person finds it: by its Sid, else by its number."""
    if statement.sid:
        return f"the statement {quoted(statement.sid)}"
    number = statement.path[-1]
    return f"statement {number + 1}" if isinstance(number, int) else "the statement"


def capital(text: str) -> str:
    return text[0].upper() + text[1:]
