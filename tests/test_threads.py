"""Threads that share a catalog: none waits for the slow question of another one."""

from __future__ import annotations

import gc
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import pytest
from dated_pages import collection, store
from page_texts import Row, Service, act, as_table
from slow_question import WAIT, asked_slowly
from small_catalog import build_small_catalog, replace_with_another

from iam_catalog import Catalog, CatalogError, connections, database
from iam_catalog.connections import MOST, MOST_MADE
from iam_catalog.policy.check import engine as check
from iam_catalog.policy.check.findings import Finding

CREATE = ["iam:PassRole", "store:ListShelves", "iam:CreateServiceLinkedRole"]
CLOSED = "'{}' cannot be queried: Cannot operate on a closed database."
SLOW = ["store:Slow0", "2020-03-04"]
POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "store:CreateShelves", "Resource": "*"}],
}
QUESTIONS: list[Callable[[Catalog], Any]] = [
    lambda catalog: catalog.dependent_actions("store:CreateShelf"),
    lambda catalog: catalog.action("store:TagShelf"),
    lambda catalog: catalog.search("shelf"),
    lambda catalog: catalog.check_policy(POLICY),
    lambda catalog: catalog.explain_policy(POLICY),
    lambda catalog: catalog.expand("store:*"),
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> str:
    return build_small_catalog(tmp_path_factory.mktemp("small"))


@pytest.fixture
def path(built: str, tmp_path: Path) -> str:
    return str(shutil.copy(built, tmp_path / "catalog.db"))


@pytest.fixture
def catalog(path: str, opened: list[sqlite3.Connection]) -> Iterator[Catalog]:
    assert opened == []
    with Catalog(path) as catalog:
        yield catalog


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[sqlite3.Connection]:
    """The connections that were opened."""
    found: list[sqlite3.Connection] = []

    def opening(path: str) -> sqlite3.Connection:
        found.append(database.open_database(path))
        return found[-1]

    monkeypatch.setattr(connections, "open_database", opening)
    return found


def in_thread(question: Callable[[], Any]) -> Any:
    """The answer of another thread, which has to come."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(question).result(WAIT)


# --- nobody waits


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_is_answered_while_another_thread_asks_a_slow_one(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch, question: Callable[[Catalog], Any]
) -> None:
    expected = question(catalog)

    with asked_slowly(monkeypatch, catalog) as (slow, (asked,)):
        assert question(catalog) == expected
        assert not asked.done()
        slow.let_go()
        assert asked.result(WAIT) == SLOW


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_catalog_of_the_past_does_not_let_threads_wait_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, question: Callable[[Catalog], Any]
) -> None:
    older, newer = (
        as_table(Service([act(name, "Write", Row(needs=needs))], prefix="store", slug="store"))
        for name, needs in (("CreateShelf", "iam:PassRole"), ("TagShelf", "kms:Decrypt"))
    )
    path = store(tmp_path, collection("2019-01-01", older), collection("2020-01-01", newer))
    if question is QUESTIONS[1]:
        question = QUESTIONS[0]

    with Catalog(path, as_of="2019-12-31") as catalog:
        expected = question(catalog)
        with asked_slowly(monkeypatch, catalog):
            assert question(catalog) == expected
            assert catalog.dependent_actions("store:CreateShelf") == ["iam:PassRole"]


def test_a_slow_check_of_a_policy_does_not_hold_up_another(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go = Event(), Event()
    check_given = check.check_given

    def checked(checker: check.Checker, policy: object, **kind: Any) -> list[Finding]:
        if policy == "{}":
            begun.set()
            assert go.wait(WAIT)
        return check_given(checker, policy, **kind)

    monkeypatch.setattr(check, "check_given", checked)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(catalog.check_policy, "{}")
        assert begun.wait(WAIT)
        try:
            found = catalog.check_policy(POLICY)
        finally:
            go.set()

    assert [each.code for each in found] == ["unknown-action"]
    assert asked.result(WAIT) == catalog.check_policy("{}")


def test_many_threads_get_the_answers_of_one(catalog: Catalog) -> None:
    expected = [question(catalog) for question in QUESTIONS]

    def ask(number: int) -> bool:
        place = number % len(QUESTIONS)
        return bool(QUESTIONS[place](catalog) == expected[place])

    with ThreadPoolExecutor(2 * MOST) as pool:
        assert all(pool.map(ask, range(400), timeout=WAIT))


# --- how many connections there are


def test_threads_that_ask_one_after_the_other_share_one_connection(
    catalog: Catalog, opened: list[sqlite3.Connection]
) -> None:
    for question in QUESTIONS * 3:
        in_thread(lambda question=question: question(catalog))

    assert len(opened) == 1


def test_there_are_no_more_connections_than_questions_at_once(
    catalog: Catalog, opened: list[sqlite3.Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        with asked_slowly(monkeypatch, catalog, 3):
            pass

    assert len(opened) == 3


def test_a_thread_waits_where_as_many_connections_are_in_use_as_there_may_be(
    catalog: Catalog, opened: list[sqlite3.Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    with ThreadPoolExecutor(1) as pool:
        with asked_slowly(monkeypatch, catalog, MOST):
            late = pool.submit(catalog.dependent_actions, "store:CreateShelf")
        assert late.result(WAIT) == CREATE

    assert len(opened) == MOST


def test_what_checks_know_of_a_catalog_is_kept_and_for_a_few_connections_only(
    catalog: Catalog, opened: list[sqlite3.Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    begun = Barrier(MOST_MADE + 2)

    class Counted(check.Checker):
        def __init__(self, connection: sqlite3.Connection) -> None:
            super().__init__(connection)
            made.append(connection)

    monkeypatch.setattr(check, "Checker", Counted)
    check_given = check.check_given

    def all_at_once(*args: Any, **kind: Any) -> list[Finding]:
        begun.wait(WAIT)
        return check_given(*args, **kind)

    with monkeypatch.context() as patched, ThreadPoolExecutor(MOST_MADE + 2) as pool:
        patched.setattr(check, "check_given", all_at_once)
        list(pool.map(catalog.check_policy, [POLICY] * (MOST_MADE + 2), timeout=WAIT))
    first = len(made)
    for _ in range(5):
        catalog.check_policy(POLICY)

    assert (first, len(made), len(opened)) == (MOST_MADE + 2, MOST_MADE + 2, MOST_MADE + 2)
    assert sum(bool(each.made) for each in catalog._pool._every) == MOST_MADE


def test_a_question_within_a_question_is_answered(catalog: Catalog) -> None:
    names = (name for _ in range(2) for name in catalog.expand("store:*"))

    assert catalog.shrink(names) == ["store:*"]


# --- the same file, whatever has taken its place


def test_every_thread_asks_the_file_that_was_opened(
    catalog: Catalog, path: str, opened: list[sqlite3.Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_with_another(path)

    with ThreadPoolExecutor(1) as pool:
        with asked_slowly(monkeypatch, catalog):
            late = pool.submit(catalog.dependent_actions, "store:CreateShelf")
        assert late.result(WAIT) == CREATE
    assert len(opened) == 1


def test_connections_from_before_a_replacement_go_on(
    catalog: Catalog, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with asked_slowly(monkeypatch, catalog):
        assert catalog.dependent_actions("store:CreateShelf") == CREATE
    replace_with_another(path)

    with asked_slowly(monkeypatch, catalog):
        assert catalog.dependent_actions("store:CreateShelf") == CREATE


def test_a_file_replaced_while_another_connection_is_opened_is_not_asked(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(path: str) -> sqlite3.Connection:
        replace_with_another(path)
        return database.open_database(path)

    with ThreadPoolExecutor(1) as pool:
        with asked_slowly(monkeypatch, catalog):
            monkeypatch.setattr(connections, "open_database", late)
            answer = pool.submit(catalog.dependent_actions, "store:CreateShelf")
        assert answer.result(WAIT) == CREATE


def test_a_file_replaced_while_it_is_first_opened_is_opened_again(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    times: list[str] = []

    def late(path: str) -> sqlite3.Connection:
        times.append(path)
        if len(times) == 1:
            replace_with_another(path)
        return database.open_database(path)

    monkeypatch.setattr(connections, "open_database", late)
    with Catalog(path) as catalog:
        assert catalog.dependent_actions("store:CreateShelf") == ["store:ListShelves"]
    assert len(times) == 2


def test_another_connection_is_opened_from_another_folder_too(
    built: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: list[sqlite3.Connection]
) -> None:
    shutil.copy(built, tmp_path / "catalog.db")
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    with Catalog("catalog.db") as catalog:
        monkeypatch.chdir(tmp_path / "folder")
        with asked_slowly(monkeypatch, catalog):
            assert catalog.dependent_actions("store:CreateShelf") == CREATE
    assert len(opened) == 2


def test_where_no_connection_can_be_opened_the_first_one_goes_round(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: str) -> sqlite3.Connection:
        raise CatalogError("too many open files")

    with ThreadPoolExecutor(3) as pool:
        with asked_slowly(monkeypatch, catalog):
            monkeypatch.setattr(connections, "open_database", refused)
            asked = [pool.submit(catalog.dependent_actions, "store:CreateShelf") for _ in range(3)]
        assert [each.result(WAIT) for each in asked] == [CREATE] * 3


def test_a_question_within_a_question_is_answered_where_there_is_one_connection(
    catalog: Catalog, path: str
) -> None:
    replace_with_another(path)
    names = (name for _ in range(2) for name in catalog.expand("store:*"))

    assert catalog.shrink(names) == ["store:*"]


# --- the end


def is_closed(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("select 1")
    except sqlite3.ProgrammingError:
        return True
    return False


def test_close_answers_what_was_asked_and_closes_every_connection(
    path: str, opened: list[sqlite3.Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = Catalog(path)
    with ThreadPoolExecutor(1) as pool:
        with asked_slowly(monkeypatch, catalog, 3) as (_, asked):
            closing = pool.submit(catalog.close)
        closing.result(WAIT)

    assert [each.result(WAIT)[1] for each in asked] == ["2020-03-04"] * 3
    assert [is_closed(each) for each in opened] == [True] * 3


def test_threads_that_go_on_asking_are_told_and_leave_nothing_open(
    path: str, opened: list[sqlite3.Connection]
) -> None:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(30):
            catalog = Catalog(path)
            with ThreadPoolExecutor(4) as pool:
                asking = [pool.submit(ask_on, catalog) for _ in range(4)]
                catalog.services()
                catalog.close()
                assert {each.result(WAIT) for each in asking} == {CLOSED.format(path)}
            assert all(map(is_closed, opened))
    finally:
        sys.setswitchinterval(interval)


def ask_on(catalog: Catalog) -> str:
    """Ask until there is no answer; the reason."""
    try:
        while catalog.dependent_actions("store:CreateShelf") == CREATE:
            pass
    except CatalogError as error:
        return str(error)
    return "another answer"


def test_threads_that_wait_for_a_connection_are_told_that_it_was_closed(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = Catalog(path)
    with ThreadPoolExecutor(2) as pool:
        with asked_slowly(monkeypatch, catalog, MOST):
            late = pool.submit(catalog.services)
            closing = pool.submit(catalog.close)
            error = late.exception(WAIT)
        closing.result(WAIT)

    assert str(error) == CLOSED.format(path)


def test_a_catalog_can_be_closed_by_a_question_of_its_own(
    path: str, opened: list[sqlite3.Connection]
) -> None:
    catalog = Catalog(path)

    def closing() -> Iterator[str]:
        yield "store:TagShelf"
        catalog.close()

    assert catalog.shrink(closing()) == ["store:TagShelf"]
    assert [is_closed(each) for each in opened] == [True]


SLOW_IMPORT = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
from importlib.machinery import SourceFileLoader

execute = SourceFileLoader.exec_module

def slowly(loader, module):
    if module.__name__ == "iam_catalog.policy.check.engine":
        time.sleep(0.5)
    execute(loader, module)

SourceFileLoader.exec_module = slowly
from iam_catalog import Catalog

catalog = Catalog(sys.argv[1])

def ask(place):
    time.sleep(place / 20)
    return len(catalog.check_policy("{}"))

with ThreadPoolExecutor(4) as pool:
    print(*pool.map(ask, range(4)))
"""


def test_threads_that_ask_first_at_once_wait_for_what_one_of_them_imports(path: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SLOW_IMPORT, path], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr, len(set(done.stdout.split()))) == (0, "", 1)


def test_a_catalog_that_nobody_has_any_more_leaves_no_file_open(path: str) -> None:
    descriptors = Path("/proc/self/fd")
    if not descriptors.is_dir():
        pytest.skip("no list of the open files")
    gc.collect()  # what other tests left would be closed meanwhile
    before = len(list(descriptors.iterdir()))

    for number in range(20):
        catalog = Catalog(path)
        catalog.services()
        if number % 2:
            catalog.close()
        del catalog
    gc.collect()

    assert len(list(descriptors.iterdir())) == before
