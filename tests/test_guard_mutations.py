"""Break a day of real shape in many ways: each is refused, without effect, or harmless.

The day has a service in HTML, both renderings of Markdown and JSON: 24 actions with levels,
resource types, keys, dependent actions, links and texts. A mutation changes the page of the next
day. `HARMLESS` names those that are published, each with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest
from dated_pages import complete, page_version
from page_texts import Act, Key, Op, Row, Service, Type, as_2026, as_html, as_json, as_table

from scraper.guards import growth, levels, pages, shapes, values, witnesses
from scraper.guards.base import Trip
from scraper.guards.registry import Allowance
from scraper.merge.normalise import timeline_of
from scraper.merge.timeline import Collection
from scraper.problems import KINDS

D1, D2, D3 = "2026-10-01", "2026-10-02", "2026-10-03"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWX"
LEVELS = ("Write", "Read", "List", "Tagging", "Write", "Permissions management")
DOCS = "https://docs.aws.amazon.com/orders/"
WRITERS = {"table": as_table, "html": as_html, "2026": as_2026, "json": as_json}


def action(number: int) -> Act:
    letter = LETTERS[number]
    row = Row(f"type{number % 6}*", f"orders:Key{number % 8}", f"iam:Pass{letter}Role")
    return Act(
        f"Do{letter}Order",
        LEVELS[number % 6],
        (row, Row("", "aws:RequestTag/${TagKey}")),
        f"Grants permission to do {letter} with an order",
        permission_only=number % 8 == 7,
        url=f"{DOCS}Do{letter}Order.html",
    )


HONEST = Service(
    [action(number) for number in range(24)],
    [
        Type(
            f"type{number}",
            f"arn:${{Partition}}:orders:${{Region}}:${{Account}}:kind{number}/${{Id}}",
            f"orders:Key{number}",
            f"{DOCS}type{number}.html",
        )
        for number in range(6)
    ],
    [
        Key(f"orders:Key{number}", f"Filters access by key {number}", "String")
        for number in range(8)
    ],
    [Op(f"Do{letter}Order", (f"orders:Do{letter}Order",), ("orders",)) for letter in LETTERS[:12]],
)

Alter = Callable[[Service], Service]
AlterText = Callable[[str], str]


def acts(change: Callable[[int, Act], Act], start: int = 0, step: int = 1) -> Alter:
    """Change every *step*th action."""

    def alter(service: Service) -> Service:
        listed = list(service.actions or ())
        for number in range(start, len(listed), step):
            listed[number] = change(number, listed[number])
        return replace(service, actions=listed)

    return alter


def rows(change: Callable[[Row], Row]) -> Alter:
    return acts(lambda _, each: replace(each, rows=tuple(map(change, each.rows))))


def types(change: Callable[[int, Type], Type]) -> Alter:
    return lambda service: replace(
        service, types=[change(number, each) for number, each in enumerate(service.types)]
    )


def keys(change: Callable[[int, Key], Key]) -> Alter:
    return lambda service: replace(
        service, keys=[change(number, each) for number, each in enumerate(service.keys)]
    )


def fell(level: str) -> str:
    return "Read" if level in levels.CHANGING else level


def swapped(level: str) -> str:
    return "Read" if level in levels.CHANGING else "Write"


def arns(change: Callable[[str], str]) -> Alter:
    return types(lambda _, each: replace(each, arns=change(each.arns)))


def without(count: int) -> Alter:
    return lambda service: replace(service, actions=(service.actions or ())[:-count])


def more(count: int) -> Alter:
    new = [Act(f"Invent{number}", "Read") for number in range(count)]
    return lambda service: replace(service, actions=[*(service.actions or ()), *new])


MUTATIONS: dict[str, Alter] = {
    # --- levels
    "every level is Read": acts(lambda _, each: replace(each, level="Read")),
    "every level is Write": acts(lambda _, each: replace(each, level="Write")),
    "every level is List": acts(lambda _, each: replace(each, level="List")),
    "levels are swapped": acts(lambda _, each: replace(each, level=swapped(each.level))),
    "three levels fall": acts(lambda _, each: replace(each, level=fell(each.level)), 0, 6),
    "levels move by one row": acts(
        lambda number, each: replace(each, level=LEVELS[number % 6 - 1])
    ),
    "Tagging is Permissions management": acts(
        lambda _, each: replace(each, level=each.level.replace("Tagging", "Permissions management"))
    ),
    # --- required flags and resource types
    "no resource type is required": rows(
        lambda row: replace(row, types=row.types.replace("*", ""))
    ),
    "a third of the flags is gone": acts(
        lambda _, each: replace(
            each, rows=tuple(replace(row, types=row.types.strip("*")) for row in each.rows)
        ),
        0,
        3,
    ),
    "every action is on the first type": rows(
        lambda row: replace(row, types="type0*" if row.types else "")
    ),
    "resource types of actions move on": rows(
        lambda row: replace(row, types=re.sub(r"\d", lambda n: str((int(n[0]) + 1) % 6), row.types))
    ),
    "no action takes a resource type": rows(lambda row: replace(row, types="")),
    # --- ARN formats
    "every ARN format is the same": arns(lambda _: "arn:${Partition}:orders:::thing/${Id}"),
    "ARN formats lack the account": arns(lambda arn: arn.replace("${Account}", "")),
    "ARN formats lack the region": arns(lambda arn: arn.replace("${Region}", "")),
    "ARN formats have no partition": arns(lambda arn: arn.replace("arn:${Partition}:", "arn:")),
    "ARN formats have an entity": arns(lambda arn: arn.replace("${Partition}", "&#36;{Partition}")),
    "ARN formats are of another service": arns(lambda arn: arn.replace(":orders:", ":order:")),
    "placeholders are not closed": arns(lambda arn: arn.replace("${Id}", "${Id")),
    "placeholders are renamed": arns(lambda arn: arn.replace("${Account}", "${AccountId}")),
    "ARN formats are stars": arns(lambda _: "*"),
    "ARN formats end in a star": arns(lambda arn: arn.replace("${Id}", "*")),
    "ARN formats move on": types(
        lambda number, each: replace(
            each, arns=each.arns.replace(f"kind{number}", f"kind{number - 1}")
        )
    ),
    # --- dependent actions
    "dependent actions are renamed": rows(
        lambda row: replace(row, needs=row.needs.replace("iam:Pass", "iam:Give"))
    ),
    "dependent actions are of another service": rows(
        lambda row: replace(row, needs=row.needs.replace("iam:", "sts:"))
    ),
    "every dependent action is the same": rows(
        lambda row: replace(row, needs="iam:PassRole" if row.needs else "")
    ),
    "dependent actions are gone": rows(lambda row: replace(row, needs="")),
    # --- condition keys
    "condition keys are renamed": keys(lambda _, each: replace(each, key=f"{each.key}s")),
    "types of condition keys change": keys(lambda _, each: replace(each, type="ARN")),
    "half of the types of keys change": keys(
        lambda number, each: replace(each, type="Bool" if number % 2 else each.type)
    ),
    "descriptions of keys are TODO": keys(lambda _, each: replace(each, description="TODO")),
    "keys of actions are renamed": rows(
        lambda row: replace(row, keys=row.keys.replace("orders:Key", "orders:Other"))
    ),
    "keys of resource types are renamed": types(
        lambda _, each: replace(each, keys=each.keys.replace("Key", "Other"))
    ),
    "condition keys are in capitals": keys(lambda _, each: replace(each, key=each.key.upper())),
    "condition keys lose their prefix": keys(lambda _, each: replace(each, key=each.key[7:])),
    # --- names
    "actions are respelled": acts(lambda _, each: replace(each, name=f"{each.name}s")),
    "actions are in lower case": acts(lambda _, each: replace(each, name=each.name.lower())),
    "actions are in capitals": acts(lambda _, each: replace(each, name=each.name.upper())),
    "actions have a blank": acts(
        lambda _, each: replace(each, name=f"{each.name[:4]}\u200b{each.name[4:]}")
    ),
    "actions have a foreign letter": acts(
        lambda _, each: replace(each, name=each.name.replace("O", "\u041e"))
    ),
    "resource types are respelled": types(lambda _, each: replace(each, name=f"{each.name}-x")),
    "four actions are gone": without(4),
    "half of the actions is gone": without(12),
    "all actions but one are gone": without(23),
    "resource types are gone": lambda service: replace(service, types=()),
    "condition keys are gone": lambda service: replace(service, keys=()),
    # --- texts and links
    "descriptions are TODO": acts(lambda _, each: replace(each, description="TODO")),
    "descriptions are those of the next row": acts(
        lambda number, each: replace(each, description=action((number + 1) % 24).description)
    ),
    "descriptions turn the direction of text": acts(
        lambda _, each: replace(each, description=f"\u202e{each.description}"), 0, 12
    ),
    "descriptions have broken bytes": acts(
        lambda _, each: replace(each, description=f"{each.description} \ufffd"), 0, 12
    ),
    "links lead to another host": acts(
        lambda _, each: replace(each, url=f"https://docs.aws-amazon.example/{each.name}")
    ),
    "one link leads to another host": acts(
        lambda _, each: replace(each, url="https://evil.example/"), 0, 24
    ),
    "links are no addresses": acts(lambda _, each: replace(each, url="https://[::1/x")),
    "links are scripts": acts(lambda _, each: replace(each, url="javascript:alert`1`")),
    "every link is the same": acts(lambda _, each: replace(each, url=f"{DOCS}index.html")),
    # --- permission-only marks
    "every action is permission-only": acts(lambda _, each: replace(each, permission_only=True)),
    "marks are inverted": acts(
        lambda _, each: replace(each, permission_only=not each.permission_only)
    ),
    # --- growth
    "100 actions are invented": more(100),
    "500 actions are invented": more(500),
    "60 condition keys are invented": lambda service: replace(
        service, keys=[*service.keys, *(Key(f"orders:New{number}") for number in range(60))]
    ),
    "60 resource types are invented": lambda service: replace(
        service, types=[*service.types, *(Type(f"new{number}") for number in range(60))]
    ),
    # --- structure
    "operations need another action": lambda service: replace(
        service,
        operations=[replace(each, actions=("orders:Other",)) for each in service.operations or ()],
    ),
    "rows of actions are reversed": lambda service: replace(
        service, actions=list(service.actions or ())[::-1]
    ),
    "two levels fall": acts(lambda _, each: replace(each, level=fell(each.level)), 0, 12),
    "three actions come": more(3),
    "a description changes": acts(lambda _, each: replace(each, description="Does."), 0, 24),
}
HARMLESS = {
    "rows of actions are reversed": "the same facts in another order",
    "two levels fall": "as few as AWS corrects in a day; the report names both",
    "three actions come": "as AWS adds actions every day",
    "a description changes": "as AWS rewords texts every day",
}
"""What is published, with the reason."""

TEXTS: dict[str, AlterText] = {
    "the page is cut in half": lambda text: text[: len(text) // 2],
    "the page is empty": lambda _: "",
    "the page is an error": lambda _: "<html><h1>Access Denied</h1></html>",
    "the page is twice in one": lambda text: text + text,
    "a flag is renamed": lambda text: text.replace("IsWrite", "IsMutating").replace(
        "Write", "Wrote"
    ),
    "the levels are in lower case": lambda text: text.replace("Write", "write"),
    "names of sections are renamed": lambda text: text.replace("Resource types", "Kinds").replace(
        '"Resources"', '"Kinds"'
    ),
    "the page is of another service": lambda text: text.replace("orders", "orderz"),
}
"""Mutations of the text itself, which the reader of the format or the guards refuse."""


@cache
def honest(form: str) -> Collection:
    return complete(D1, WRITERS[form](HONEST))


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


def verdict(form: str, text: str) -> str:
    if text == WRITERS[form](HONEST):
        return "without effect"
    name = "orders.json" if form == "json" else "page.md"
    day = Collection(D2, True, (page_version(text, D2, name),))
    if problems(day) or seen(honest(form), day):
        return "refused"
    return "without effect" if says(day) == says(honest(form)) else "published"


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("name", MUTATIONS)
def test_a_day_whose_values_are_broken_is_refused(name: str, form: str) -> None:
    found = verdict(form, WRITERS[form](MUTATIONS[name](HONEST)))

    expected = {"published"} if name in HARMLESS else {"refused"}
    assert found in expected | {"without effect"}


@pytest.mark.parametrize("name", MUTATIONS)
def test_each_mutation_is_seen_in_a_format_that_has_a_place_for_it(name: str) -> None:
    found = {verdict(form, WRITERS[form](MUTATIONS[name](HONEST))) for form in WRITERS}

    assert found != {"without effect"} or name in HARMLESS


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("name", TEXTS)
def test_a_text_that_is_broken_is_refused(name: str, form: str) -> None:
    assert verdict(form, TEXTS[name](WRITERS[form](HONEST))) in {"refused", "without effect"}


def test_there_are_sixty_ways_and_more() -> None:
    assert len(MUTATIONS) + len(TEXTS) >= 60
    assert HARMLESS.keys() <= MUTATIONS.keys()


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
