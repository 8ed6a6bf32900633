"""Pages that a collection of downloads kept after AWS had taken them out of the guide."""

from __future__ import annotations

from scraper.build import unlinked_pages
from scraper.page.model import ServicePage


def page(name: str, previous: str | None, following: str | None) -> ServicePage:
    return ServicePage(name, "html", None, name, neighbours=(previous, following))


def test_pages_that_name_each_other_are_linked() -> None:
    pages = [page("a", "./start.html", "./b"), page("b", "./a", "./c"), page("c", "./b", None)]

    assert unlinked_pages(pages) == set()


def test_page_whose_neighbour_leads_elsewhere_is_left_over() -> None:
    pages = [page("a", None, "./b"), page("old", "./a", "./b"), page("b", "./a", None)]

    assert unlinked_pages(pages) == {"old"}


def test_segment_of_left_over_pages_is_left_over_as_a_whole() -> None:
    pages = [
        page("a", None, "./b"),
        page("old1", "./a", "./old2"),
        page("old2", "./old1", "./b"),
        page("b", "./a", None),
    ]

    assert unlinked_pages(pages) == {"old1", "old2"}


def test_page_beside_an_unresolved_placeholder_is_linked() -> None:
    pages = [
        page("a", None, "./big"),
        page("big", "big.previous", "big.next"),
        page("b", "./big", None),
    ]

    assert unlinked_pages(pages) == set()


def test_page_whose_neighbour_was_not_collected_counts_as_linked() -> None:
    assert unlinked_pages([page("b", "./missing", "./c"), page("c", "./b", None)]) == set()


def test_page_without_links_counts_as_linked() -> None:
    assert unlinked_pages([page("a", None, None)]) == set()


def test_order_that_goes_in_a_circle_ends() -> None:
    assert unlinked_pages([page("a", "./b", "./b"), page("b", "./a", "./a")]) == set()
