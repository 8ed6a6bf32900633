"""Every exception of ours is the same one after a copy, in another process, in a pool."""

from __future__ import annotations

import copy
import importlib
import pickle
import pkgutil
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

import iam_catalog
import scraper
from iam_catalog import check_policy, errors
from iam_catalog.assistants.parameters import MissingArgument, WrongArgument
from iam_catalog.datasette_plugin.security import TooBusy, TooLarge, TooSlow
from iam_catalog.errors import PortableError
from iam_catalog.lsp.diagnose import Stale
from iam_catalog.site.pages.access_level import UnknownLevel
from iam_catalog.site.pages.source_page import UnknownPage
from iam_catalog.site.request import BadRequest
from scraper.cli.fetch import IncompleteFetch
from scraper.errors import BuildRefused, ScraperError, SourceError
from scraper.fetch.errors import FetchError, FetchStopped, NotServed
from scraper.fetch.http import Cut, TryAgain
from scraper.fetch.run import Result
from scraper.formats.html_tree import TooDeep

NAMED = ("s3:Getobject", ["s3:GetObject", "s3:PutObject"])
FAILED = FetchError("gone", "https://docs.example.com/a", "status 404")


FETCHED = Result(Path("2026-10-02"), False, {}, (FAILED,), 0)
EXAMPLES: list[Exception] = [
    PortableError("text", 1),
    errors.CatalogError("'x' cannot be queried."),
    errors.CatalogNotFound(["a.db", "b.db"]),
    errors.NotACatalog("a.db", "an empty file"),
    errors.CatalogOutdated("a.db", 3, 4),
    errors.MalformedActionName("s3"),
    errors.MalformedPattern("s3"),
    errors.MalformedArn("arn:aws"),
    errors.UnknownName(*NAMED, detail=" as of 2019-08-12"),
    errors.UnknownAction(*NAMED),
    errors.UnknownServicePrefix(*NAMED),
    errors.UnknownResourceType(*NAMED),
    errors.UnknownConditionKey(*NAMED),
    errors.UnknownOperation(*NAMED),
    errors.UnknownPolicy(*NAMED),
    errors.UnknownAccessLevel("writes", ["Read", "Write"]),
    errors.UnknownChangeKind("fell", ["level-fell", "level-rose"]),
    errors.MalformedDate("2019-13-01"),
    errors.UnreadablePolicy("a.json", "no JSON", line=2, column=7),
    UnknownLevel(*NAMED),
    UnknownPage(*NAMED),
    ScraperError("Cannot write the report."),
    SourceError("No folder 'x'."),
    BuildRefused("1 loss that nobody accepted.", ["connect: actions: 1"]),
    FAILED,
    NotServed("status", "https://docs.example.com/a", "status 500"),
    FetchStopped("disk", "https://docs.example.com/a", "no space"),
    IncompleteFetch(FETCHED, Path("mirror"), quiet=True),
    TryAgain("status 503", after=2.5),
    Cut("the gzip is not whole"),
    TooDeep(7),
    BadRequest("No such page.", status=404),
    TooLarge(),
    TooSlow(),
    TooBusy(),
    MissingArgument("name", "The name of an action."),
    WrongArgument("limit", "a number from 1 to 200", "many"),
    Stale(),
]


def every(kind: type[BaseException]) -> Iterator[type[BaseException]]:
    """All kinds of exception that there are below one."""
    yield kind
    for each in kind.__subclasses__():
        yield from every(each)


def told(error: BaseException) -> tuple[Any, ...]:
    """All that an exception says; those in its fields, too."""
    fields = {name: repr(value) for name, value in vars(error).items()}
    return type(error), str(error), repr(error.args), fields


def test_every_exception_of_ours_has_an_example() -> None:
    for package in (iam_catalog, scraper):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    ours = {
        kind
        for kind in every(Exception)
        if kind.__module__.partition(".")[0] in ("iam_catalog", "scraper")
    }

    assert {type(example) for example in EXAMPLES} == ours


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize(
    "again",
    [
        copy.copy,
        copy.deepcopy,
        *(
            lambda error, protocol=protocol: pickle.loads(pickle.dumps(error, protocol))
            for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
        ),
    ],
    ids=["copy", "deepcopy", *(f"pickle-{n}" for n in range(pickle.HIGHEST_PROTOCOL + 1))],
)
def test_error_is_the_same_again(error: Exception, again: Callable[[Exception], Exception]) -> None:
    assert told(again(error)) == told(error)


def test_notes_of_an_error_come_along() -> None:
    error = errors.UnknownAction("s3:Getobject")
    error.add_note("in statement 2")

    assert pickle.loads(pickle.dumps(error)).__notes__ == ["in statement 2"]


def test_fields_of_a_deep_copy_are_its_own() -> None:
    error = errors.UnknownAction("s3:Getobject", ["s3:GetObject"])
    copy.deepcopy(error).suggestions.clear()

    assert error.suggestions == ["s3:GetObject"]


def test_subclass_of_somebody_else_comes_whole_without_doing_anything() -> None:
    error = Strange(2, text="two")

    assert told(pickle.loads(pickle.dumps(error))) == told(error)


class Strange(errors.UnknownAction):
    """Takes arguments and writes a message in its own way."""

    def __init__(self, number: int, *, text: str) -> None:
        super().__init__(text)
        self.number = number


def test_error_of_a_worker_reaches_who_asked_and_leaves_the_pool_in_order() -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        with pytest.raises(errors.UnreadablePolicy) as caught:
            pool.submit(check_policy, "{").result()
        assert pool.submit(len, "ab").result() == 2
    with pytest.raises(errors.UnreadablePolicy) as here:
        check_policy("{")

    assert told(caught.value) == told(here.value)
    assert (caught.value.line, caught.value.column) == (1, 2)
