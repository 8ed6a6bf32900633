"""One question at an earlier date leaves the connection as it was; removed things are asked so."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from dated_pages import complete, store
from page_texts import Row, Service, Type, act, as_table

from iam_catalog import Catalog, MalformedDate
from iam_catalog.arn.search import search
from iam_catalog.facts.actions import action, actions
from iam_catalog.facts.at_date import ask_at, stand_at
from iam_catalog.facts.catalog_file import Remembering

D1, D2, D3 = "2019-08-12", "2020-06-12", "2021-07-01"
GET, PUT, DROP = act("GetOrder"), act("PutOrder", "Write", Row("order*")), act("DropOrder", "Write")
ORDER = Type("order")

COLLECTIONS = (
    complete(D1, as_table(Service([GET, PUT, DROP], [ORDER]))),
    complete(D2, as_table(Service([GET, PUT], [ORDER]))),
    complete(D3, as_table(Service([GET], [ORDER]))),
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    return store(tmp_path_factory.mktemp("dates"), *COLLECTIONS)


@pytest.fixture
def connection(path: str) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as opened:
        yield opened


def names(connection: sqlite3.Connection) -> list[str]:
    return [each.name for each in actions(connection)]


def test_a_question_is_answered_as_of_the_date(connection: sqlite3.Connection) -> None:
    assert ask_at(connection, D1, names) == ["DropOrder", "GetOrder", "PutOrder"]
    assert ask_at(connection, D2, names) == ["GetOrder", "PutOrder"]


def test_afterwards_the_connection_answers_as_before(connection: sqlite3.Connection) -> None:
    ask_at(connection, D1, names)

    assert names(connection) == ["GetOrder"]
    assert connection.execute("select * from sqlite_temp_master").fetchall() == []
    assert not connection.in_transaction


def test_a_connection_of_a_date_answers_at_an_earlier_one_and_goes_on_with_its_own(
    connection: sqlite3.Connection,
) -> None:
    stand_at(connection, D2)

    assert ask_at(connection, D1, names) == ["DropOrder", "GetOrder", "PutOrder"]
    assert names(connection) == ["GetOrder", "PutOrder"]


def test_a_question_that_fails_leaves_the_connection_as_it_was(
    connection: sqlite3.Connection,
) -> None:
    def broken(_: sqlite3.Connection) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ask_at(connection, D1, broken)

    assert names(connection) == ["GetOrder"]


def test_a_question_that_is_interrupted_leaves_the_connection_as_it_was(
    connection: sqlite3.Connection,
) -> None:
    def endless(then: sqlite3.Connection) -> None:
        then.set_progress_handler(lambda: 1, 1)
        names(then)

    with pytest.raises(sqlite3.OperationalError, match="interrupted"):
        ask_at(connection, D1, endless)

    connection.set_progress_handler(None, 0)
    assert names(connection) == ["GetOrder"]


def test_what_is_not_a_day_is_refused(connection: sqlite3.Connection) -> None:
    with pytest.raises(MalformedDate):
        ask_at(connection, "2020-02-30", names)

    assert names(connection) == ["GetOrder"]


def test_a_removed_action_is_asked_between_searches_at_a_date(path: str) -> None:
    with Catalog(path, as_of=D2) as catalog:
        found = [each.name for each in catalog.search("order")]

        assert catalog.action("orders:droporder").removed == D2
        assert [each.name for each in catalog.search("order")] == found


def test_a_removed_action_is_found_while_another_question_is_read(
    connection: sqlite3.Connection,
) -> None:
    """A search as of a date has left its tables in the connection."""
    stand_at(connection, D2)
    search(connection, "order")

    found = action(connection, "orders:DropOrder")

    assert (found.action, found.removed, found.last_seen) == ("orders:DropOrder", D2, D1)
    assert [each.name for each in search(connection, "put")] == ["orders:PutOrder"]


def test_a_connection_that_remembers_answers_forgets_those_of_other_dates(path: str) -> None:
    with closing(sqlite3.connect(path, factory=Remembering)) as remembering:
        for _ in range(2):
            assert names(remembering) == ["GetOrder"]
            assert action(remembering, "orders:DropOrder").removed == D2
            assert action(remembering, "orders:PutOrder").removed == D3
            assert ask_at(remembering, D1, names) == ["DropOrder", "GetOrder", "PutOrder"]
