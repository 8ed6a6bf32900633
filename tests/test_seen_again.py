"""A page that was seen again unchanged is as new as one that changed, whatever it is beside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest
from dated_pages import collection, complete, rows
from page_texts import Act, Row, Service, Type, act, as_2026, as_html, as_json

from scraper.merge.normalise import Tables, normalise
from scraper.merge.timeline import Collection

D1, D2, D3, D4 = "2026-08-01", "2026-08-02", "2026-08-03", "2026-08-04"
GET, PUT = act("GetOrder"), act("PutOrder", "Write", Row(needs="iam:PassRole"))
TWO = Service([PUT], slug="orders-two", name="Example Orders Two")
THREE = Service([GET], slug="orders-three", name="Example Orders Three")


def dependents(*collections: Collection) -> list[tuple[str, str, str]]:
    return rows(normalise(collections), "dependent_actions", "action", "page", "last_seen")


def test_page_seen_again_keeps_what_it_has_no_place_for_of_a_page_that_was_withdrawn() -> None:
    page = as_2026(Service([PUT]))
    first = complete(D1, page, as_html(TWO))
    told = [("orders:PutOrder", f"orders-two@{D1}", D1)]

    assert dependents(first, complete(D2, page)) == told
    assert dependents(first, complete(D2, f"{page}\n")) == told


def test_page_seen_again_says_what_still_holds_of_what_stayed_with_the_reference() -> None:
    page = as_html(Service([replace(PUT, rows=(Row(),))], slug="example-orders"))
    reference = as_json(Service([PUT]))
    before = [
        collection(D1, page, as_html(THREE)),
        collection(D2, as_html(TWO)),
        collection(D3, reference),
    ]

    assert dependents(*before) == [("orders:PutOrder", f"orders-two@{D2}", D2)]
    assert dependents(*before, complete(D4, page, reference)) == []
    assert dependents(*before, complete(D4, f"{page}\n", reference)) == []


def test_page_seen_again_adds_no_row_and_no_page() -> None:
    page, reference = as_html(Service([GET, PUT])), as_json(Service([GET, PUT]))
    changed = as_json(Service([GET, PUT, act("TagOrder", "Tagging")]))
    tables = normalise([collection(D1, page, reference), collection(D2, page, changed)])

    assert rows(tables, "pages", "page", "date", "last_date") == [
        (f"orders@{D1}", D1, D2),
        (f"orders.json@{D1}", D1, D1),
        (f"orders.json@{D2}", D2, D2),
    ]
    assert rows(tables, "dependent_actions", "page", "first_seen", "last_seen") == [
        (f"orders@{D1}", D1, D2)
    ]
    assert tables.rows["past_dependent_actions"] == []


# --- days that are drawn from a fixed seed

SLOTS = (("orders", "html"), ("orders-two", "html"), ("orders", "json"))
WRITERS = {"html": as_html, "2026": as_2026, "json": as_json}
FACTS = {
    "actions": ("action", "access_level", "description", "permission_only"),
    "action_access_levels": ("action", "access_level"),
    "action_rows": ("action", "scenario", "resource_type_name", "required"),
    "dependent_actions": ("action", "dependent_action"),
}
Day = tuple[str, bool, list[tuple[str, Service]]]
"""Date, whether it is complete, and its pages, each with its format."""


def drawn_action(random: Random, name: str) -> Act:
    needs = random.choice(["", "iam:PassRole", "iam:PassRole kms:Decrypt"])
    return act(
        name,
        random.choice(["Read", "Write"]),
        Row(random.choice(["", "order*"]), "", needs),
        description=random.choice(["Does it.", "Does it so."]),
    )


def drawn_days(random: Random) -> Iterator[Day]:
    """Days with each page unchanged, changed or absent."""
    held: dict[tuple[str, str], tuple[str, Service]] = {}
    for number in range(random.randint(2, 5)):
        pages = []
        for slot in SLOTS:
            chance = random.random()
            if slot not in held or 0.45 < chance < 0.75:
                names = [name for name in ("Get", "Put", "Tag") if random.random() < 0.7]
                actions = [drawn_action(random, name) for name in names or ["Get"]]
                form = slot[1] if slot[1] == "json" else random.choice(["html", "2026"])
                service = Service(actions, [Type("order")], slug=slot[0], name=slot[0])
                held[slot] = (form, service)
            if chance < 0.75:
                pages.append(held[slot])
        if pages:
            yield f"2026-0{number + 1}-01", random.random() < 0.4, pages


def facts(days: list[Day], *, touched: bool) -> dict[str, set[tuple[object, ...]]]:
    """What a catalog of the days states; *touched* makes the bytes of every page new each day."""
    collections = []
    for number, (date, is_complete, pages) in enumerate(days):
        end = "\n" * number if touched else ""
        texts = [f"{WRITERS[form](service)}{end}" for form, service in pages]
        collections.append(collection(date, *texts, complete=is_complete))
    tables: Tables = normalise(collections)
    return {table: set(rows(tables, table, *columns)) for table, columns in FACTS.items()}


@pytest.mark.parametrize("seed", range(60))
def test_bytes_that_say_nothing_new_make_no_difference(seed: int) -> None:
    days = list(drawn_days(Random(seed)))

    assert facts(days, touched=False) == facts(days, touched=True)
