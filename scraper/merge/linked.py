"""Which pages of a collection AWS still linked: collections of downloads keep the others too.

An HTML page names its previous and its next page. Pages that name each other form segments of the
guide's order. Some pages carry unresolved placeholders instead (`list_x.previous`): a hole in the
order. A segment whose ends lead to a page that is there, is no hole and does not lead back is a
left-over: AWS has taken it out of the order. Where a neighbour was not collected, nothing is known,
and the page counts as linked.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from scraper.page.model import ServicePage

Neighbours = tuple[str | None, str | None]


def unlinked_pages(pages: Sequence[ServicePage]) -> set[str]:
    """The files of *pages*, all of one collection, that AWS no longer linked."""
    order = {
        page.file: (file_of(page.neighbours[0]), file_of(page.neighbours[1])) for page in pages
    }
    holes = {page.file for page in pages if any(is_placeholder(each) for each in page.neighbours)}
    unlinked: set[str] = set()
    for page in pages:
        if page.file in holes or page.neighbours == (None, None):
            continue
        if any(is_left_over(page.file, side, order, holes) for side in (0, 1)):
            unlinked.add(page.file)
    return unlinked


def is_left_over(file: str, side: int, order: dict[str, Neighbours], holes: set[str]) -> bool:
    """Going to one *side* from page to page, the order ends at a page that does not lead back."""
    seen = {file}
    while True:
        neighbour = order[file][side]
        if neighbour is None or neighbour not in order or neighbour in holes:
            return False
        if order[neighbour][1 - side] != file:
            return True
        if neighbour in seen:
            return False
        seen.add(neighbour)
        file = neighbour


def file_of(address: str | None) -> str | None:
    return PurePosixPath(address).name if address else None


def is_placeholder(address: str | None) -> bool:
    """The link was never resolved: `list_amazonec2.previous`."""
    return address is not None and address.endswith((".previous", ".next"))
