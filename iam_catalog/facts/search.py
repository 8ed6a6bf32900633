"""Find anything by a fragment of its name or description, the best answer first.

This is the only ranking. A result is in the first class that it fits, and classes come in this
order:

1. The text is its full name, whatever the case: `s3:GetObject`, `ec2`, `aws:SourceIp`.
2. It is a service that goes by the text: `ALB`, `Parameter Store`, an SDK client.
3. Its name is nothing but the words: `put object`; so is that of an API operation that it allows
   (`CreateMultipartUpload` is allowed by `s3:PutObject`). Words in singular or plural are as good
   where they are typed with blanks, and come behind in what is written as a name.
4. Its name has all words; or it starts with what was typed; or has words that start so.
5. Where no name has them, a part of the text is the name of a service: `step functions start`.
6. Its name and description have all words; then words that start so; then sample policies by title.
7. Where nothing has them: operations that start so, removed actions, and words with one or two
   letters wrong.

Within a class, more weight comes first: how much a service is used (`MOST_USED`), and how often an
action is required by others and named in sample policies. A description's length means nothing.

The search of a static site (`static/search-static.js`) applies the same classes to what
the export writes, `RULES` and points included; tests compare both.
"""

from __future__ import annotations

from functools import cache
from itertools import product

from iam_catalog.errors import CatalogError
from iam_catalog.facts.searched import (
    ALTERNATIVES,
    GLOBAL_KEY,
    KINDS,
    POLICY,
    SHORT,
    only_letters,
    operations_named,
    points_of_service,
    searched,
    segments,
    split_words,
    without_diacritics,
)
from iam_catalog.names import name_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from iam_catalog.records import SearchResult

    _Found = tuple[int, int, int, bool, int, int, str, int, str]
    """A result, with what decides its place first: number of mistyped letters, class, weight of
    the service or of all, whether it is in another number than was typed, own weight, length,
    lower name, place of its kind in `ALL_KINDS`, name."""

ALL_KINDS = (*KINDS.values(), POLICY)
"""What results can be limited to; at equal weight they come in this order."""


_POINTS_OF_KIND = {"service": 40, "action": 10, "resource type": 5}
_EXACT_POINTS = 25
"""Of a name in the number that was typed, before one in singular or plural."""
_START_POINTS = 15
_TOGETHER_POINTS = 10
"""Of a name that starts with the words, or has them one behind the other."""

_LONGEST = 400
"""Characters of a text that are looked at: longer ones are not fragments of a name."""
_MOST_WORDS = 12
_MOST_FORMS = 4
"""Words of a name that may be in singular or plural; of more only the last one."""
_MOST_MISTYPED = 3

RULES = {
    "kinds": ALL_KINDS,
    "points_of_kind": _POINTS_OF_KIND,
    "exact_points": _EXACT_POINTS,
    "start_points": _START_POINTS,
    "together_points": _TOGETHER_POINTS,
    "longest": _LONGEST,
    "most_words": _MOST_WORDS,
    "most_forms": _MOST_FORMS,
    "alternatives": ALTERNATIVES,
    "most_mistyped": _MOST_MISTYPED,
    "short": SHORT,
    "global_key": GLOBAL_KEY,
}
"""The numbers and words of this ranking that the search of a static site takes from its export."""

_FULL, _SERVICE, _EXACT, _NUMBER, _WORDS, _START, _STARTS, _TEXT, _TEXTS, _TITLES = range(10)
"""Classes of results, best first."""

_NUMBERED = "numbered_"
"""Begins the names of the tables whose rows the search indexes of a past date number."""
_MOST_RESULTS = 2**63 - 1
"""SQLite knows no higher number."""


def find_ranked(
    connection: sqlite3.Connection,
    text: str,
    fitting: Callable[[sqlite3.Connection, str], tuple[list[str], list[str]]],
    *,
    limit: int,
    offset: int,
    kind: str | None,
    service: str | None,
) -> list[SearchResult]:
    """Answer as `iam_catalog.arn.search.search`; *fitting* finds types and actions for an ARN.

    Raises `CatalogError` for numbers and kinds that are none, and `UnknownServicePrefix`.
    """
    for number, what in ((limit, "results"), (offset, "results to leave out")):
        if not isinstance(number, int) or abs(number) > _MOST_RESULTS:
            raise CatalogError(
                f"{number!r} is not a number of {what}: write a whole number, for example 100."
            )
    if not isinstance(text, str):  # a list of letters would be a text, too
        raise TypeError(text)
    asked = _Search(connection, fitting, _kind_named(kind), _prefix_named(connection, service))
    first = max(offset, 0)
    found = asked.results(text.strip()[:_LONGEST], None if limit < 0 else first + limit)
    return asked.records(found[first:])


def search_query(text: str) -> str:
    """Convert *text* to an FTS5 query: each word quoted, so that no character has a meaning, and
    as the start of a word."""
    return " ".join(f'"{word}"*' for word in split_words(text))


def reads_as(text: str) -> str | None:
    """Return what *text* reads as, if not as words: `policy`, `ARN` or `pattern`."""
    text = text.strip()
    if text.startswith("{"):
        return "policy"
    if text.lower().startswith("arn:"):
        return "ARN"
    if ":" in text and ("*" in text or "?" in text) and " " not in text:
        return "pattern"
    return None


def names_starting_with(connection: sqlite3.Connection, table: str, text: str) -> list[str]:
    """List the names in one of the searched tables that start with *text*, whatever its case."""
    from iam_catalog.schema import SEARCHED

    column = next(key for name, key, _ in SEARCHED if name == table)
    rows = connection.execute(
        f"select {column} from {table} where substr({column}, 1, length(?1)) = ?1 collate nocase"
        " order by 1",
        (text,),
    )
    return [name for (name,) in rows]


@cache
def _words_of_key(name: str) -> str:
    """Return the words of a global key or a removed action, each with a blank on both sides."""
    return f" {' '.join([*split_words(name.lower()), *name_words(name).split()])} "


def with_indexes(connection: sqlite3.Connection) -> sqlite3.Connection:
    """Give a connection that answers as of a date its search indexes, and return it."""
    from iam_catalog import schema
    from iam_catalog.facts.lookup import other_names
    from iam_catalog.names import indexed_name, service_words

    if connection.execute("select 1 from sqlite_temp_master where name = 'actions_fts'").fetchone():
        return connection
    connection.executescript(schema.SEARCH.replace("virtual table ", "virtual table temp."))
    for table, key, column in schema.SEARCHED:
        columns = ", ".join(filter(None, (key, column)))
        connection.execute(
            f"create temp table {_NUMBERED}{table} as select * from {table} order by {key}"
        )
        rows = connection.execute(f"select rowid, {columns} from {_NUMBERED}{table}").fetchall()
        words = {name: name_words(name) for _, name, *_ in rows}
        if table == "services":
            words = {name: service_words(name, other_names(connection, name)) for name in words}
        connection.executemany(
            f"insert into temp.{table}_fts(rowid, {columns})"
            f" values (?, ?{', ?' if column else ''})",
            [(rowid, indexed_name(name, words[name]), *text) for rowid, name, *text in rows],
        )
    connection.commit()  # of the temporary tables: inserting began a transaction
    return connection


# --- texts


def _bare(name: str) -> str:
    """Return the letters and digits of a name behind its prefix, in lower case.

    Placeholders are left out: `aws:ResourceTag/${TagKey}` is asked for as *ResourceTag*.
    """
    bare = name[name.find(":") + 1 :].lower()
    if bare.isalnum():
        return bare
    while (start := bare.find("${")) >= 0 and (end := bare.find("}", start)) >= 0:
        bare = bare[:start] + bare[end + 1 :]
    return only_letters(bare)


def _numbers(word: str) -> list[str]:
    """Return a word as it is written, and in singular or plural, as far as the ending tells.

    >>> _numbers("policies"), _numbers("tag"), _numbers("address")
    (['policies', 'policy'], ['tag', 'tags'], ['address', 'addresses'])
    """
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        if word.endswith("ies"):
            return [word, f"{word[:-3]}y"]
        if word[:-2].endswith(("ss", "x", "ch", "sh")) and word.endswith("es"):
            return [word, word[:-2]]
        return [word, word[:-1]]
    if word.endswith("y"):
        return [word, f"{word[:-1]}ies"]
    if word.endswith(("ss", "x", "ch", "sh")):
        return [word, f"{word}es"]
    return [word, f"{word}s"]


class _Query:
    """The words of a text, and how names are compared with them."""

    def __init__(self, text: str, words: Sequence[str], *, blanks: bool) -> None:
        self.text = text.lower()
        self.words = words
        self.blanks = blanks
        """Typed as words, not as a name."""
        self.letters = "".join(words).lower()
        self.ways = [(word.lower(), name_words(word).split() or [word.lower()]) for word in words]
        """Of each word: as it is written, and in the words of a camel-case name."""
        parts = [part for _, way in self.ways for part in way]
        free = parts[-_MOST_FORMS:] if len(parts) <= _MOST_FORMS else parts[-1:]
        fixed = "".join(parts[: len(parts) - len(free)])
        self.numbers = {fixed + "".join(each) for each in product(*map(_numbers, free))}

    def whole(self) -> str:
        """Write the FTS5 query for all words as they are."""
        return self._fts_query([[[word], way] for word, way in self.ways], "")

    def starts(self) -> str:
        """Write the FTS5 query for words that start so, in singular or plural."""
        return self._fts_query(
            [[*[[each] for each in _numbers(word)], way] for word, way in self.ways], "*"
        )

    def _fts_query(self, words: list[list[list[str]]], end: str) -> str:
        each = [
            " OR ".join(
                dict.fromkeys(
                    "(" + " AND ".join(f'"{part}"{end}' for part in way) + ")" for way in ways
                )
            )
            for ways in words
        ]
        together = f' OR "{self.letters}"{end}' if len(each) > 1 else ""
        return f"({' AND '.join(f'({ways})' for ways in each)}){together}"

    def matches(self, words: str, *, whole: bool) -> bool:
        """Compare *words*, each with a blank on both sides, as the FTS5 queries do."""
        end = " " if whole else ""

        def has(word: str) -> bool:
            return f" {without_diacritics(word)}{end}" in words

        return (len(self.ways) > 1 and has(self.letters)) or all(
            any(map(has, [word] if whole else _numbers(word))) or all(map(has, way))
            for word, way in self.ways
        )

    def place_of(self, name: str, whole: bool) -> tuple[int, int]:
        """Return the class of a name that has all words, and the points for their order.

        *whole*: it has the words as they are.
        """
        bare = _bare(name)
        if name.lower() == self.text:
            return _FULL, 0
        if self.letters == bare or (
            self.letters.endswith(bare) and self.letters == only_letters(name)
        ):
            return _EXACT, 0
        if bare in self.numbers:
            return _NUMBER, 0
        place = bare.find(self.letters)
        points = 0 if place < 0 else _TOGETHER_POINTS if place else _START_POINTS
        following = name[name.find(":") + 1 :][len(self.letters) :][:1]
        if place == 0 and not following.islower():  # where a word of the name ends
            points += _TOGETHER_POINTS
        if whole:
            return _WORDS, points
        return _STARTS if place else _START, points


# --- the search


def _kind_named(kind: str | None) -> str | None:
    if kind is None:
        return None
    folded = kind.strip().lower().replace("-", " ").replace("_", " ")
    for each in ALL_KINDS:
        if folded in (each, f"{each}s", "policies" if each == POLICY else each):
            return each
    raise CatalogError(f"{kind!r} is not a kind of result: write one of {', '.join(ALL_KINDS)}.")


def _prefix_named(connection: sqlite3.Connection, service: str | None) -> str | None:
    if service is None:
        return None
    from iam_catalog.facts.names import known_service

    return known_service(connection, service).lower()


class _Search:
    """One search of a catalog, perhaps of one kind or service."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        fitting: Callable[[sqlite3.Connection, str], tuple[list[str], list[str]]],
        kind: str | None,
        service: str | None,
    ) -> None:
        self._connection = connection
        self._fitting = fitting
        self._kind = kind
        self._prefixes = None if service is None else frozenset([service])
        at_date = connection.execute(
            "select exists (select 1 from sqlite_temp_master where name = 'actions')"
        ).fetchone()[0]
        self._numbered = _NUMBERED if at_date else ""
        if at_date:
            with_indexes(connection)
        self._held = searched(connection)

    def results(self, text: str, most: int | None) -> list[_Found]:
        """Return the best *most* results for *text* in their order, or all of them."""
        meaning = reads_as(text)
        if meaning == "policy":
            return []
        if meaning:
            found = self._of_arn(text) if meaning == "ARN" else self._of_pattern(text)
            if found:
                return found[:most]
        words = split_words(text)[:_MOST_WORDS]
        if not words:
            return []
        query = _Query(text, words, blanks=len(words) > 1 and ":" not in text)
        found = [*self._called(text), *self._named(query)]
        if not found:
            found = self._within_a_service(query)
        best = _in_order(found)
        if most is None or len(best) < most:
            best = _in_order([*best, *self._described(query), *self._titled(query)])
        return (best or _in_order(self._instead(query)))[:most]

    def records(self, found: Sequence[_Found]) -> list[SearchResult]:
        """Return *found* with descriptions and levels."""
        from iam_catalog.facts.rows import select_in
        from iam_catalog.records import SearchResult
        from iam_catalog.schema import SEARCHED

        described: dict[tuple[str, str], tuple[str | None, str | None]] = {}
        named = [(ALL_KINDS[each[-2]], each[-1]) for each in found]
        for table, key, column in SEARCHED:
            names = [name for kind, name in named if kind == KINDS[table]]
            level = "access_level" if table == "actions" else "null"
            sql = f"select {key}, {column or 'null'}, {level} from {table} where {key} in ({{}})"
            for name, description, value in select_in(self._connection, sql, names):
                described[KINDS[table], name] = (description, value)
        return [
            SearchResult(*each, *(described.get(each) or self._held.description(*each)))
            for each in named
        ]

    # --- order

    def _placed(
        self, place: int, kind: str, name: str, more: int = 0, *, inexact: bool = False
    ) -> _Found:
        """Return a result at its place in a class: by weight, length of name, name and kind.

        *more* are points for the order of words.
        """
        lower = name.lower()
        service = points_of_service(lower) if kind != POLICY else 0
        own = self._held.points.get((kind, lower), 0)
        number = ALL_KINDS.index(kind)
        if place in (_EXACT, _NUMBER):
            service += min(own, 0)
            weight = -service if inexact else -service - _EXACT_POINTS
            return (0, place, weight, inexact, -own, len(name), lower, number, name)
        weight = -service - own - more - _POINTS_OF_KIND.get(kind, 0)
        return (0, place, weight, False, 0, len(name), lower, number, name)

    def _fits(self, kind: str, name: str) -> bool:
        if self._kind and kind != self._kind:
            return False
        return self._prefixes is None or (
            kind != POLICY and name.partition(":")[0].lower() in self._prefixes
        )

    # --- names

    def _named(self, query: _Query) -> list[_Found]:
        """Find what has all words in its name, is called so, or allows the operation."""
        found = []
        for table, key in self._tables():
            own = f"{key} : "
            whole = self._rowids(table, f"{own}({query.whole()})")
            for rowid, name in self._matches(table, key, f"{own}({query.starts()})"):
                if self._fits(KINDS[table], name):
                    found.append(self._at_place(query, KINDS[table], name, rowid in whole))
        for key in self._held.unlisted:
            words = _words_of_key(key)
            if self._fits("condition key", key) and query.matches(words, whole=False):
                whole_words = query.matches(words, whole=True)
                found.append(self._at_place(query, "condition key", key, whole_words))
        found += [
            self._placed(_FULL, POLICY, name)
            for name, *_ in self._held.titles
            if name.lower() == query.text and self._fits(POLICY, name)
        ]
        found += [
            self._placed(_FULL, "action", name)
            for name, *_ in (self._held.removed if ":" in query.text else ())
            if name.lower() == query.text and self._fits("action", name)
        ]
        return [*found, *self._by_operation(query)]

    def _at_place(self, query: _Query, kind: str, name: str, whole: bool) -> _Found:
        place, points = query.place_of(name, whole)
        # In words people write singular or plural; names they copy.
        placed = _EXACT if place == _NUMBER and query.blanks else place
        return self._placed(placed, kind, name, points, inexact=place == _NUMBER)

    def _tables(self) -> list[tuple[str, str]]:
        from iam_catalog.schema import SEARCHED

        return [(table, key) for table, key, _ in SEARCHED if self._kind in (None, KINDS[table])]

    def _rowids(self, table: str, query: str) -> set[int]:
        rows = self._connection.execute(
            f"select rowid from {table}_fts where {table}_fts match ?", (query,)
        )
        return {rowid for (rowid,) in rows}

    def _matches(self, table: str, key: str, query: str) -> sqlite3.Cursor:
        return self._connection.execute(
            f"select found.rowid, found.{key} from {table}_fts"
            f" join {self._numbered}{table} as found on found.rowid = {table}_fts.rowid"
            f" where {table}_fts match ?",
            (query,),
        )

    def _by_operation(self, query: _Query) -> list[_Found]:
        """Find the actions that allow an API operation, perhaps behind the name of its service."""
        from iam_catalog.facts.lookup import services_named

        if self._kind not in (None, "action"):
            return []
        found = operations_named(self._connection, query.letters)
        for cut in range(1, len(query.words)):
            rest = "".join(query.words[cut:])
            if operations := operations_named(self._connection, rest):
                services = services_named(self._connection, " ".join(query.words[:cut]))
                found += [each for each in operations if each[0] in services]
        return [
            self._placed(_EXACT if position == 1 else _NUMBER, "action", action)
            for prefix, _, action, position in found
            if self._fits("action", f"{prefix}:")
        ]

    def _called(self, text: str) -> list[_Found]:
        """Find the services that go by the whole text."""
        from iam_catalog.facts.lookup import services_named

        return [
            self._placed(_SERVICE, "service", prefix)
            for prefix in services_named(self._connection, text)
            if self._fits("service", prefix)
        ]

    def _within_a_service(self, query: _Query) -> list[_Found]:
        """Read some words, the most first, as the name of a service; find the others in it."""
        from iam_catalog.facts.lookup import services_named

        before, words = self._prefixes, list(query.words)
        for cut in range(len(words) - 1, 0, -1):
            for service, rest in ((words[:cut], words[cut:]), (words[-cut:], words[:-cut])):
                named = {
                    prefix.lower() for prefix in services_named(self._connection, " ".join(service))
                }
                if not named or (before is not None and not named & before):
                    continue
                self._prefixes = frozenset(named)
                found = self._named(_Query("", rest, blanks=query.blanks))
                self._prefixes = before
                if found := [each for each in found if each[-2]]:  # no services
                    return found
        return []

    # --- descriptions and titles

    def _described(self, query: _Query) -> Iterator[_Found]:
        for table, key in self._tables():
            whole = self._rowids(table, query.whole())
            for rowid, name in self._matches(table, key, query.starts()):
                if self._fits(KINDS[table], name):
                    yield self._placed(_TEXT if rowid in whole else _TEXTS, KINDS[table], name)

    def _titled(self, query: _Query) -> list[_Found]:
        """Find sample policies by their and their documents' titles, in the documents' order."""
        return [
            (0, _TITLES, place, False, 0, 0, "", ALL_KINDS.index(POLICY), name)
            for place, (name, _, words) in enumerate(self._held.titles)
            if self._fits(POLICY, name) and all(f" {word}" in words for word, _ in query.ways)
        ]

    # --- what is neither a name nor words

    def _of_arn(self, text: str) -> list[_Found]:
        """List the resource types that an ARN fits, the closest first, and then their actions."""
        types, actions = self._fitting(self._connection, text)
        kind = ALL_KINDS.index("resource type")
        found: list[_Found] = [
            (0, _FULL, place, False, 0, 0, "", kind, name)
            for place, name in enumerate(types)
            if self._fits("resource type", name)
        ]
        found += [
            self._placed(_WORDS, "action", each) for each in actions if self._fits("action", each)
        ]
        return _in_order(found)

    def _of_pattern(self, text: str) -> list[_Found]:
        """List the actions that a pattern covers."""
        rows = self._connection.execute(
            "select action from actions where lower(action) glob ?",
            (text.lower().replace("[", "[[]"),),
        )
        return _in_order(
            self._placed(_WORDS, "action", name) for (name,) in rows if self._fits("action", name)
        )

    # --- what may have been meant

    def _instead(self, query: _Query) -> list[_Found]:
        """Find what may have been meant where nothing has all words."""
        if self._kind in (None, "action"):
            started = [
                self._placed(_START, "action", action)
                for prefix, name, action, _ in self._held.operations(self._connection)
                if name.lower().startswith(query.letters) and self._fits("action", f"{prefix}:")
            ]
            removed = [
                self._at_place(query, "action", name, query.matches(words, whole=True))
                for name in (each[0] for each in self._held.removed)
                for words in (_words_of_key(name),)
                if self._fits("action", name) and query.matches(words, whole=False)
            ]
            if found := [*started, *removed]:
                return found
        return self._mistyped(query)

    def _mistyped(self, query: _Query) -> list[_Found]:
        """Find what the words mean with one or two letters of unknown ones changed.

        Where all are known one by one, each is taken for a mistyped one in turn.
        """
        known = self._held.vocabulary(self._connection)
        words = [
            part
            for _, way in query.ways
            for each in way
            for part in ([each] if known.near(each) else segments(each, known))
        ]
        unknown = [place for place, word in enumerate(words) if not known.has_start(word)]
        tries = [unknown] if unknown else [[place] for place in range(len(words))]
        found: list[_Found] = []
        for places in tries:
            most = ALTERNATIVES // max(len(places), 1)
            choices = [
                known.near(word)[:most] if place in places else [(0, word)]
                for place, word in enumerate(words)
            ]
            for choice in product(*choices) if len(places) <= _MOST_MISTYPED else ():
                meant = _Query("", [word for _, word in choice], blanks=True)
                distance = sum(each for each, _ in choice)
                found += [(distance, *each[1:]) for each in self._meant(meant)]
        return found

    def _meant(self, query: _Query) -> list[_Found]:
        called = self._called(" ".join(query.words))
        return [*called, *self._named(query)] or self._within_a_service(query)


def _in_order(found: Iterable[_Found]) -> list[_Found]:
    """Sort results, and leave each name of a kind once."""
    best: dict[tuple[int, str], _Found] = {}
    for each in sorted(found):
        best.setdefault(each[-2:], each)
    return list(best.values())
