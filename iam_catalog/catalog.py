"""`Catalog`: an open file that answers many questions, and the one-call form of each question.

A question is a function of `iam_catalog.facts`, `iam_catalog.policy` or `iam_catalog.arn` that
takes a connection. Its documentation and signature are written there, once: `_question` makes the
method of `Catalog`, and `one_call` the function of the package, when they are first used. The
modules of questions are imported when one is first asked.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import threading
from functools import wraps

from iam_catalog.connections import ConnectionPool
from iam_catalog.database import file_stamp, find_database, open_stamped
from iam_catalog.errors import CatalogError, NotACatalog

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FunctionType
    from typing import Any, Concatenate, ParamSpec, TypeVar

    from iam_catalog.arn import match as _match
    from iam_catalog.arn import search as _search
    from iam_catalog.facts import about as _about
    from iam_catalog.facts import actions as _actions
    from iam_catalog.facts import at_date as _at_date
    from iam_catalog.facts import dependents as _dependents
    from iam_catalog.facts import history as _history
    from iam_catalog.facts import keys as _keys
    from iam_catalog.facts import operations as _operations
    from iam_catalog.facts import resource_types as _resource_types
    from iam_catalog.facts import search as _ranking
    from iam_catalog.facts import services as _services
    from iam_catalog.policy import expand as _expand
    from iam_catalog.policy import rewrite as _rewrite
    from iam_catalog.policy import samples as _samples
    from iam_catalog.policy.check import engine as _engine
    from iam_catalog.policy.check.findings import Finding
    from iam_catalog.policy.explain import policy as _explain
    from iam_catalog.policy.model import Kind
    from iam_catalog.policy.write import complete as _complete
    from iam_catalog.policy.write import policy as _write
    from iam_catalog.records import About, Change

    Asked = ParamSpec("Asked")
    Answer = TypeVar("Answer")
    Made = TypeVar("Made")
else:

    class _Module:
        """A module that is imported when something of it is first used."""

        def __init__(self, name: str) -> None:
            self._name = f"iam_catalog.{name}"

        def __getattr__(self, name: str) -> object:
            # Each time: while another thread imports it, a module is there and has no names yet,
            # and `__import__` waits for that.
            __import__(self._name)
            return getattr(sys.modules[self._name], name)

    _about = _Module("facts.about")
    _actions = _Module("facts.actions")
    _at_date = _Module("facts.at_date")
    _dependents = _Module("facts.dependents")
    _history = _Module("facts.history")
    _keys = _Module("facts.keys")
    _operations = _Module("facts.operations")
    _resource_types = _Module("facts.resource_types")
    _ranking = _Module("facts.search")
    _services = _Module("facts.services")
    _match = _Module("arn.match")
    _search = _Module("arn.search")
    _complete = _Module("policy.write.complete")
    _engine = _Module("policy.check.engine")
    _expand = _Module("policy.expand")
    _explain = _Module("policy.explain.policy")
    _rewrite = _Module("policy.rewrite")
    _samples = _Module("policy.samples")
    _write = _Module("policy.write.policy")

_ERRORS = (AttributeError, TypeError, UnicodeEncodeError, sqlite3.Error)
"""What a question can raise that callers get in other words."""


def _question(
    find: Callable[[], Callable[Concatenate[sqlite3.Connection, Asked], Answer]],
    asked_of: str = "self._ask",
) -> Callable[Concatenate[Catalog, Asked], Answer]:
    """Declare a method of `Catalog` that asks the function which *find* returns.

    The method takes what the function takes after the connection. It is made when it is first used,
    so that nothing is imported for questions that nobody asks. *asked_of* is the expression to call
    with the function and the arguments.
    """
    return _Question(find, asked_of)  # type: ignore[return-value]


class _Question:
    """Takes the place of a method of `Catalog` until it is first used."""

    def __init__(self, find: Callable[[], object], asked_of: str) -> None:
        self._find = find
        self._asked_of = asked_of

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, catalog: Catalog | None, owner: type) -> object:
        made = _forward(
            self._find(),
            f"Catalog.{self._name}",
            "self",
            f"{self._asked_of}(find(), ",
            {"find": self._find},
        )
        setattr(Catalog, self._name, made)
        return made.__get__(catalog, owner)


def _forward(
    function: Any, qualname: str, first: str, call: str, space: dict[str, Any]
) -> FunctionType:
    """Make a function that passes its arguments on, with the documentation of *function*.

    It has the signature of *function* with the parameter *first*, if any, in place of the first
    one: as `dataclasses` does, it is compiled from a text, because tools and the errors of Python
    for wrong arguments go by what a function is compiled from. *call* is what it calls, up to the
    arguments, and *space* has the global names in it.
    """
    code: CodeType = function.__code__
    names = code.co_varnames
    positional = names[1 : code.co_argcount]
    keywords = names[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    takes_more = code.co_flags & 0x04  # CO_VARARGS of the module inspect, which is slow to import
    rest = names[code.co_argcount + code.co_kwonlyargcount] if takes_more else ""
    star = f"*{rest}" if rest or keywords else ""
    taken = ", ".join(filter(None, [first, *positional, star, *keywords]))
    passed = [*positional, f"*{rest}" if rest else "", *[f"{each}={each}" for each in keywords]]
    name = qualname.rpartition(".")[2]
    text = f"def {name}({taken}): return {call}{', '.join(filter(None, passed))})"
    exec(text, space)  # without compile(), which first makes all the types of `ast`
    made: FunctionType = space[name]
    made.__defaults__ = function.__defaults__
    made.__kwdefaults__ = function.__kwdefaults__
    made.__annotations__ = {
        each: kind for each, kind in function.__annotations__.items() if each != names[0]
    }
    made.__doc__ = function.__doc__
    made.__module__ = __name__ if first else __package__  # where pickle looks for it
    made.__qualname__ = qualname
    return made


class Catalog:
    """An open catalog; a context manager. Threads may share it, and a process with it may fork.

    *path* names a `catalog.db`; without it, `$IAM_CATALOG_DB` or the shipped one is opened.
    With *as_of*, a date written YYYY-MM-DD, every answer is that of a catalog built from the
    sources dated up to then. Raises `CatalogNotFound`, `NotACatalog`, `CatalogOutdated` or
    `MalformedDate`.

    All answers come from the file that was opened, also when another has taken its place. Threads
    do not wait for each other, unless more than a few ask at once. A child process opens its own
    connections when it first asks.
    """

    def __init__(
        self, path: str | os.PathLike[str] | None = None, *, as_of: str | None = None
    ) -> None:
        self.path = find_database(path)
        self.as_of = as_of
        if as_of is None:
            self._pool = ConnectionPool(self.path, None)
            return
        date = as_of
        stand_at = _at_date.stand_at
        try:
            self._pool = ConnectionPool(self.path, lambda connection: stand_at(connection, date))
        except _ERRORS as error:
            ours = _in_our_words(error, self.path, stand_at, (as_of,), {})
            if ours is None:
                raise
            raise ours from error

    dependent_actions = _question(lambda: _dependents.dependent_actions)
    documented_on = _question(lambda: _dependents.documented_on)
    dependents_state = _question(lambda: _dependents.dependents_state)
    required_by = _question(lambda: _dependents.required_by)
    action = _question(lambda: _actions.action)
    actions = _question(lambda: _actions.actions)
    operations_of_action = _question(lambda: _actions.operations_of_action)
    operations_documented_on = _question(lambda: _actions.operations_documented_on)
    operation = _question(lambda: _operations.operation)
    actions_of_operation = _question(lambda: _operations.actions_of_operation)
    services = _question(lambda: _services.services)
    service = _question(lambda: _services.service)
    resource_types = _question(lambda: _resource_types.resource_types)
    resource_type = _question(lambda: _resource_types.resource_type)
    condition_keys = _question(lambda: _keys.condition_keys)
    condition_key = _question(lambda: _keys.condition_key)
    keys_of_action = _question(lambda: _match.keys_of_action)
    search = _question(lambda: _search.search, "self._ask_search")
    changes = _question(lambda: _history.changes)
    disagreements = _question(lambda: _history.disagreements)
    match_arn = _question(lambda: _match.match_arn)
    actions_for_arn = _question(lambda: _match.actions_for_arn)
    sample_policies = _question(lambda: _samples.sample_policies)
    policies_using = _question(lambda: _samples.policies_using)
    actions_of_policy = _question(lambda: _samples.actions_of_policy)
    expand = _question(lambda: _expand.expand)
    changes_of_patterns = _question(lambda: _expand.changes_of_patterns)
    shrink = _question(lambda: _rewrite.shrink)
    invert = _question(lambda: _rewrite.invert)
    expand_policy = _question(lambda: _rewrite.expand_policy)
    shrink_policy = _question(lambda: _rewrite.shrink_policy)
    invert_policy = _question(lambda: _rewrite.invert_policy)
    check_policy = _question(lambda: _engine.check_policy, "self._ask_checker")
    explain_policy = _question(lambda: _explain.explain_policy)
    complete_policy = _question(lambda: _complete.complete_policy)
    write_policy = _question(lambda: _write.write_policy)

    def about(self) -> About:
        """Describe which catalog answers, as of which date, and from which sources."""
        return self._ask(_about.about, self.path)

    def what_brings_all(self) -> str | None:
        """Write what this catalog holds, and the one step to all of AWS; None where it is full."""
        return self._ask(_about.what_brings_all)

    def lists_all_services(self) -> bool:
        """Return True if a source lists all of AWS, by the date as of which this catalog answers.

        Where none does, absence says nothing.
        """
        return self._ask(_about.lists_all_services)

    def differences(self, newer: Catalog) -> list[Change]:
        """List what differs between this catalog and a *newer* one, descriptions included."""
        return _history.catalog_differences(
            self._ask(_history.read_state), newer._ask(_history.read_state)
        )

    def close(self) -> None:
        """Close the file, once what other threads asked is answered.

        A question after that raises `CatalogError`.
        """
        self._pool.close()

    def __enter__(self) -> Catalog:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Catalog({self.path!r})"

    def _ask(
        self,
        question: Callable[Concatenate[sqlite3.Connection, Asked], Answer],
        *args: Asked.args,
        **kwargs: Asked.kwargs,
    ) -> Answer:
        """Answer a question on a connection that no other thread uses, with errors in our words."""
        taken = self._pool.take()
        try:
            return question(taken.connection, *args, **kwargs)
        except _ERRORS as error:
            ours = _in_our_words(error, self.path, question, args, kwargs)
            if ours is None:
                raise
            raise ours from error
        finally:
            self._pool.give(taken)

    def _ask_made(
        self,
        make: Callable[[sqlite3.Connection], Made],
        question: Callable[Concatenate[Made, Asked], Answer],
        *args: Asked.args,
        **kwargs: Asked.kwargs,
    ) -> Answer:
        """Answer a question as `_ask` does, about what *make* makes of a connection, once."""

        @wraps(question)
        def ask(
            connection: sqlite3.Connection, /, *args: Asked.args, **kwargs: Asked.kwargs
        ) -> Answer:
            return question(self._pool.made(connection, make), *args, **kwargs)

        self._pool.prefer(make)
        return self._ask(ask, *args, **kwargs)

    def _ask_search(
        self, question: Callable[..., object], text: str, **asked: int | str | None
    ) -> object:
        """Search; as of a date, if possible where an earlier search has made the indexes."""
        if self.as_of is None:
            return self._ask(question, text, **asked)
        return self._ask_made(_ranking.with_indexes, question, text, **asked)

    def _ask_checker(self, _: object, policy: object, *, kind: Kind | None) -> list[Finding]:
        """Check a policy with what the checks before it have read of the catalog."""
        return self._ask_made(_engine.Checker, _engine.check_given, policy, kind=kind)


_QUESTIONS = frozenset(
    [name for name, value in vars(Catalog).items() if isinstance(value, _Question)]
)
"""The methods of `Catalog` that have a one-call form; others are about a file, or about two."""


def one_call(name: str) -> Callable[..., object]:
    """Make the one-call form of a question, which asks this thread's open catalog.

    Raises `AttributeError` for a name that is not that of a question.
    """
    if name not in _QUESTIONS:
        raise AttributeError(name)
    method = getattr(Catalog, name)
    space = {"shared_catalog": shared_catalog}
    return _forward(method, name, "", f"shared_catalog().{name}(", space)


class _Shared(threading.local):
    """The catalog that the one-call forms of one thread ask."""

    catalog: Catalog | None = None
    file: tuple[str, tuple[int, ...] | None] | None = None
    """Its path and stamp; None where it may have been replaced while it was opened."""


_shared = _Shared()


def shared_catalog() -> Catalog:
    """Return this thread's open catalog, opened anew if another file is there or named."""
    path = find_database()
    catalog = _shared.catalog
    if catalog is not None and _shared.file == (path, file_stamp(path)):
        return catalog
    if catalog is not None:
        _shared.catalog = None
        catalog.close()
    opened, stamp = open_stamped(path, Catalog)
    _shared.catalog = opened
    _shared.file = (path, stamp) if stamp else None
    return opened


def _in_our_words(
    error: Exception,
    path: str,
    question: Callable[..., object],
    args: tuple[object, ...],
    kwargs: dict[str, object],
) -> CatalogError | None:
    """Return what to raise instead of the *error* of a question; None for a mistake in code."""
    if ours := _no_text(question, args, kwargs):
        return ours
    if isinstance(error, UnicodeEncodeError):
        return CatalogError(f"{error.object!r} is not text that a name can have.")
    if isinstance(error, sqlite3.ProgrammingError):
        return CatalogError(f"{path!r} cannot be queried: {error}")
    if isinstance(error, sqlite3.DatabaseError):
        return NotACatalog(path, f"damaged ({error})")
    return None


def _no_text(
    question: Callable[..., object], args: tuple[object, ...], kwargs: dict[str, object]
) -> CatalogError | None:
    """Return the error for the first argument that should have been a string; None if all are.

    Looked for only when a question has failed, so that it costs the others nothing.
    """
    from datetime import date
    from inspect import Parameter, signature

    asked = signature(question)
    for name, value in asked.bind(None, *args, **kwargs).arguments.items():
        parameter = asked.parameters[name]
        if parameter.annotation not in ("str", "str | None"):
            continue
        given = value if parameter.kind is Parameter.VAR_POSITIONAL else (value,)
        for each in given:
            if isinstance(each, str) or (each is None and parameter.annotation != "str"):
                continue
            example = f"{each:%Y-%m-%d}" if isinstance(each, date) else "connect:StopContact"
            return CatalogError(
                f"{each!r} is not text: names, words and dates are written as text, for example "
                f"{example!r}."
            )
    return None
