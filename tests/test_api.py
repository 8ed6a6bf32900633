"""`Catalog` and the one-call forms: what is opened when, by whom, and for how long."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from small_catalog import build_small_catalog, replace_with_another

import iam_catalog
from iam_catalog import Catalog, CatalogError, NotACatalog
from iam_catalog.catalog import shared_catalog

SHIPPED = str(Path(__file__).parent.parent / "catalog.db")
CREATE = ["iam:PassRole", "store:ListShelves", "iam:CreateServiceLinkedRole"]


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> str:
    return build_small_catalog(tmp_path_factory.mktemp("small"))


@pytest.fixture
def path(built, tmp_path, monkeypatch) -> str:
    """A copy of the small catalog, which the one-call forms ask."""
    copy = str(tmp_path / "copy.db")
    shutil.copy(built, copy)
    monkeypatch.setenv("IAM_CATALOG_DB", copy)
    return copy


def test_nothing_is_opened_at_import():
    program = (
        "import sys\n"
        "opened = []\n"
        "sys.addaudithook(lambda event, args: opened.append(args)"
        " if event == 'sqlite3.connect' else None)\n"
        "import iam_catalog, iam_catalog.cli.main\n"
        "print(opened)\n"
    )
    environment = {**os.environ, "IAM_CATALOG_DB": "/nowhere/catalog.db"}

    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )

    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_a_catalog_is_a_context_manager_and_closed_after_it(path):
    with Catalog(path) as catalog:
        assert catalog.dependent_actions("store:CreateShelf") == CREATE

    with pytest.raises(CatalogError) as caught:
        catalog.dependent_actions("store:CreateShelf")
    assert (type(caught.value), str(caught.value)) == (
        CatalogError,
        f"{path!r} cannot be queried: Cannot operate on a closed database.",
    )


def test_a_catalog_can_be_closed_twice(path):
    catalog = Catalog(path)

    catalog.close()
    catalog.close()


def test_a_catalog_shows_its_path(path):
    with Catalog(Path(path)) as catalog:
        assert (repr(catalog), catalog.path) == (f"Catalog({path!r})", path)


def test_a_catalog_that_breaks_while_it_is_asked_is_named(path):
    with sqlite3.connect(path) as connection:
        connection.execute("drop table dependent_actions")
    connection.close()

    with Catalog(path) as catalog, pytest.raises(NotACatalog) as caught:
        catalog.dependent_actions("store:CreateShelf")
    assert str(caught.value).startswith(f"{path!r} is not a catalog: damaged (")
    assert str(caught.value).endswith(
        "). Expected a database written by 'python -m scraper build'; run that, or name another "
        "file."
    )


def test_answers_are_fresh_and_may_be_changed(path):
    with Catalog(path) as catalog:
        catalog.dependent_actions("store:CreateShelf").clear()
        catalog.actions().clear()

        assert catalog.dependent_actions("store:CreateShelf") == CREATE
        assert len(catalog.actions()) == 4


def test_many_threads_may_ask_one_catalog(path):
    questions = ["store:CreateShelf", "store:ListShelves"] * 50

    with Catalog(path) as catalog, ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(catalog.dependent_actions, questions))

    assert answers == [CREATE, ["store:TagShelf"]] * 50


@pytest.mark.usefixtures("path")
def test_one_call_forms_of_a_thread_share_a_catalog_and_threads_do_not():
    together = Barrier(2)

    def asked(_: int) -> tuple[int, bool]:
        together.wait(5)
        first = shared_catalog()
        together.wait(5)
        return id(first), shared_catalog() is first

    with ThreadPoolExecutor(2) as pool:
        (one, one_again), (other, other_again) = pool.map(asked, range(2))

    assert (one == other, one_again, other_again) == (False, True, True)


def test_one_call_forms_see_a_catalog_that_was_replaced(path):
    assert iam_catalog.dependent_actions("store:CreateShelf") == CREATE

    replace_with_another(path)

    assert iam_catalog.dependent_actions("store:CreateShelf") == ["store:ListShelves"]


def test_an_open_catalog_keeps_what_it_opened(path):
    with Catalog(path) as catalog:
        replace_with_another(path)

        assert catalog.dependent_actions("store:CreateShelf") == CREATE


def test_one_call_forms_follow_the_environment(path, monkeypatch):
    assert iam_catalog.services()[0].service_prefix == "depot"

    monkeypatch.setenv("IAM_CATALOG_DB", SHIPPED)

    assert (path != SHIPPED, shared_catalog().path) == (True, SHIPPED)


def test_one_call_forms_recover_from_a_catalog_that_could_not_be_opened(path):
    Path(path).rename(f"{path}.away")
    with pytest.raises(iam_catalog.CatalogNotFound):
        iam_catalog.services()

    Path(f"{path}.away").rename(path)

    assert len(iam_catalog.services()) == 2


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize(
    ("question", "args"),
    [
        ("dependent_actions", ("store:CreateShelf",)),
        ("required_by", ("iam:PassRole",)),
        ("action", ("store:CreateShelf",)),
        ("actions", ()),
        ("services", ()),
        ("service", ("store",)),
        ("resource_types", ("store",)),
        ("resource_type", ("box",)),
        ("condition_keys", ("store",)),
        ("search", ("shelf",)),
    ],
)
def test_a_one_call_form_answers_as_the_catalog_does(question, args):
    with Catalog() as catalog:
        assert getattr(iam_catalog, question)(*args) == getattr(catalog, question)(*args)
