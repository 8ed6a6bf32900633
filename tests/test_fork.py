"""A process that forks while its threads ask: the child asks anew, and the parent goes on."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from slow_question import WAIT, asked_slowly
from small_catalog import build_small_catalog, replace_with_another

import iam_catalog
from iam_catalog import Catalog, connections, database

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here"),
    pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning"),
]

CREATE = ["iam:PassRole", "store:ListShelves", "iam:CreateServiceLinkedRole"]
POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "store:CreateShelves", "Resource": "*"}],
}
QUESTIONS: list[Callable[[Any], Any]] = [
    lambda asked: asked.dependent_actions("store:CreateShelf"),
    lambda asked: [each.name for each in asked.search("shelf")],
    lambda asked: [each.text for each in asked.check_policy(POLICY)],
    lambda asked: asked.expand("store:*"),
]
Names = list[str]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> str:
    return build_small_catalog(tmp_path_factory.mktemp("small"))


@pytest.fixture
def path(built: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A copy of the small catalog, which the one-call forms ask."""
    copy = str(shutil.copy(built, tmp_path / "catalog.db"))
    monkeypatch.setenv(database.ENVIRONMENT, copy)
    return copy


@pytest.fixture
def catalog(path: str) -> Iterator[Catalog]:
    with Catalog(path) as catalog:
        yield catalog


def in_child(ask: Callable[[], Any]) -> Any:
    """What *ask* gives in a child of this process, as JSON has it; an error by its text."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            answer = json.dumps(ask())
        except BaseException as error:
            answer = json.dumps(f"{type(error).__name__}: {error}")
        os.write(writing, answer.encode())
        os._exit(0)
    os.close(writing)
    answered = select.select([reading], [], [], WAIT)[0]
    if not answered:
        os.kill(child, signal.SIGKILL)
    answer = os.read(reading, 1 << 16).decode()
    os.close(reading)
    os.waitpid(child, 0)
    assert answered, "the child hangs"
    return json.loads(answer)


def every(asked: Any) -> list[Any]:
    return [question(asked) for question in QUESTIONS]


# --- the child


@pytest.mark.parametrize("as_of", [None, "2020-12-31"])
def test_children_answer_while_threads_of_their_parent_ask(path: str, as_of: str | None) -> None:
    over = Event()
    with Catalog(path, as_of=as_of) as catalog, ThreadPoolExecutor(3) as pool:
        expected = every(catalog)

        def ask_on() -> int:
            times = 0
            while not over.is_set():
                assert every(catalog) == expected
                times += 1
            return times

        asking = [pool.submit(ask_on) for _ in range(3)]
        try:
            for _ in range(8):
                assert in_child(lambda: every(catalog)) == expected
        finally:
            over.set()
        assert min(each.result(WAIT) for each in asking) > 0


def test_one_call_forms_answer_in_a_child(path: str) -> None:
    expected = every(iam_catalog)

    assert (path, in_child(lambda: every(iam_catalog))) == (path, expected)
    assert every(iam_catalog) == expected


def test_a_child_asks_no_connection_of_its_parent(catalog: Catalog) -> None:
    assert catalog.check_policy(POLICY)
    inherited = catalog._ask(id)

    child = in_child(
        lambda: [catalog._ask(id), len(catalog.check_policy(POLICY)), catalog._ask(id)]
    )

    assert child[0] == child[2] != inherited
    assert catalog._ask(id) == inherited


def test_a_child_of_a_child_answers(catalog: Catalog) -> None:
    def ask() -> Any:
        return [catalog.expand("store:T*"), in_child(lambda: catalog.expand("store:*"))]

    assert in_child(ask) == [["store:TagShelf"], catalog.expand("store:*")]


def test_threads_of_a_child_do_not_wait_for_each_other(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask() -> Any:
        with asked_slowly(monkeypatch, catalog, 2):
            return catalog.dependent_actions("store:CreateShelf")

    assert in_child(ask) == CREATE


def test_a_child_answers_from_the_file_that_its_parent_opened(catalog: Catalog, path: str) -> None:
    replace_with_another(path)

    def ask() -> Any:
        with ThreadPoolExecutor(4) as pool:
            return [*pool.map(catalog.dependent_actions, ["store:CreateShelf"] * 20)]

    assert in_child(ask) == [CREATE] * 20
    assert catalog.dependent_actions("store:CreateShelf") == CREATE


def test_a_catalog_of_the_past_answers_from_the_file_that_its_parent_opened(path: str) -> None:
    with Catalog(path, as_of="2020-12-31") as catalog:
        replace_with_another(path)

        assert in_child(lambda: every(catalog)) == every(catalog)


def test_a_child_that_cannot_read_the_replaced_file_says_what_to_do(
    catalog: Catalog, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Small(sqlite3.Connection):
        deserialize = property()  # raises AttributeError, as where SQLite was built without it

    def connect(name: str, **options: Any) -> sqlite3.Connection:
        return database.sqlite3.dbapi2.connect(name, factory=Small, **options)

    replace_with_another(path)
    monkeypatch.setattr(connections.sqlite3, "connect", connect)

    assert in_child(catalog.services) == (
        f"CatalogError: {path!r} was replaced after it was opened, and before this process was "
        "forked: open the catalog again."
    )


def test_a_catalog_that_was_closed_is_closed_in_a_child(catalog: Catalog, path: str) -> None:
    catalog.close()

    assert in_child(catalog.services) == (
        f"CatalogError: {path!r} cannot be queried: Cannot operate on a closed database."
    )


def test_a_child_can_close_what_it_did_not_open(catalog: Catalog) -> None:
    assert in_child(catalog.close) is None
    assert catalog.dependent_actions("store:CreateShelf") == CREATE


def test_a_pool_of_forked_processes_asks_the_catalog_of_its_parent(path: str) -> None:
    assert iam_catalog.dependent_actions("store:CreateShelf") == CREATE
    replace_with_another(path)

    with ProcessPoolExecutor(2, mp_context=get_context("fork")) as pool:
        answers = list(pool.map(iam_catalog.expand, ["store:T*", "store:*"], timeout=WAIT))

    assert answers == [["store:TagShelf"], iam_catalog.expand("store:*")]


# --- the fork


def test_a_fork_waits_for_what_other_threads_asked(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "PATIENCE", WAIT)
    order: Names = []

    def fork() -> Any:
        answer = in_child(lambda: catalog.dependent_actions("store:CreateShelf"))
        order.append("forked")
        return answer

    with ThreadPoolExecutor(1) as pool:
        with asked_slowly(monkeypatch, catalog) as (slow, (asked,)):
            asked.add_done_callback(lambda _: order.append("answered"))
            forking = pool.submit(fork)
            while not connections._forking:
                assert not forking.done()
            slow.let_go()
        assert forking.result(WAIT) == CREATE

    assert order == ["answered", "forked"]


def test_a_question_without_an_end_does_not_keep_a_process_from_forking(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "PATIENCE", 0.01)

    with asked_slowly(monkeypatch, catalog) as (_, (asked,)):
        assert in_child(lambda: every(catalog)) == every(catalog)
        assert not asked.done()


def test_a_fork_does_not_wait_for_the_question_in_which_it_happens(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "PATIENCE", WAIT)

    assert catalog._ask(lambda _: in_child(lambda: every(catalog))) == every(catalog)
