"""The pipe from end to end: folders of source pages -> `catalog.db`."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from examples import GET_ORDER, page_text, write_sources

from scraper.build import build_catalog, count, read_pages
from scraper.errors import BuildRefused, ScraperError, SourceError
from scraper.problems import KINDS, Problem

PAGE = "service-authorization/list_orders.md"
BLANK = r"|   PutOrder  | Makes an order\. |  |  |  |  | "
ACCEPTED = {"kind": "blank-access-level", "page": "list_orders.md", "reason": "AWS left it blank."}


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "catalog.db"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def refusal(folder: Path, output: Path) -> str:
    """What is said when the folder is built."""
    with pytest.raises(BuildRefused) as caught:
        build_catalog(read_pages(folder), output)
    return str(caught.value)


def query(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def test_pages_of_a_folder_become_a_catalog(folder: Path, output: Path) -> None:
    boxes = page_text(service="Example Boxes", prefix="boxes")
    write_sources(folder, {PAGE: page_text(), "service-authorization/list_boxes.md": boxes})
    build_catalog(read_pages(folder), output)

    assert query(output, "select action, page from actions order by action") == [
        ("boxes:GetOrder", "exampleboxes@2019-08-12"),
        ("orders:GetOrder", "exampleorders@2019-08-12"),
    ]


def test_documents_with_policies_are_not_parsed(folder: Path) -> None:
    write_sources(folder, {PAGE: page_text(), "policies/sample.md": "# Sample\n"})

    assert [page.file for _, page in read_pages(folder).pages] == ["list_orders.md"]


def test_same_folder_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    write_sources(folder, {PAGE: page_text()})
    first, second = tmp_path / "first.db", tmp_path / "second.db"
    build_catalog(read_pages(folder), first)
    build_catalog(read_pages(folder), second)

    assert first.read_bytes() == second.read_bytes()


def test_problem_that_nobody_accepted_leaves_the_old_catalog(folder: Path, output: Path) -> None:
    write_sources(folder, {PAGE: page_text(actions=[BLANK])})
    output.write_bytes(b"the old catalog")

    assert refusal(folder, output) == (
        f"1 problem that nobody accepted: {str(output)!r} was not "
        "touched. Mend the page or the parser, or accept the problem with its reason in "
        "accepted.json."
    )
    assert output.read_bytes() == b"the old catalog"
    assert sorted(output.parent.iterdir()) == [output, folder]


def test_refused_problems_come_in_the_order_of_the_pages(folder: Path, output: Path) -> None:
    cut = page_text(actions=[GET_ORDER, "|   PutOrder"])
    write_sources(folder, {PAGE: page_text(actions=[BLANK]), "b.md": "", "a.md": cut})

    assert read_pages(folder).refused() == [
        Problem("a.md", 10, "unclosed-row", "1 cells: 'PutOrder'"),
        Problem(
            "b.md",
            1,
            "not-a-page",
            "no title; expected one such as 'Actions, Resources, and Condition Keys for …'",
        ),
        Problem("list_orders.md", 9, "blank-access-level", "PutOrder has no access level"),
    ]
    assert refusal(folder, output).startswith("3 problems that nobody accepted: ")


def test_accepted_problem_is_kept_with_its_reason(folder: Path, output: Path) -> None:
    write_sources(folder, {PAGE: page_text(actions=[BLANK])}, [ACCEPTED])
    build_catalog(read_pages(folder), output)

    assert query(output, "select * from problems") == [
        (
            "exampleorders@2019-08-12!1",
            "exampleorders@2019-08-12",
            9,
            "blank-access-level",
            "PutOrder has no access level",
            "AWS left it blank.",
        )
    ]
    assert query(output, "select action, access_level from actions") == [("orders:PutOrder", None)]


def test_problem_of_an_accepted_kind_is_kept_with_its_meaning(folder: Path, output: Path) -> None:
    write_sources(folder, {PAGE: page_text(actions=[GET_ORDER, "", GET_ORDER])})
    build_catalog(read_pages(folder), output)

    assert query(output, "select line, kind, reason from problems order by problem") == [
        (11, "detached-rows", KINDS["detached-rows"].meaning),
        (11, "repeated-action", KINDS["repeated-action"].meaning),
    ]


def test_acceptance_of_another_page_is_none(folder: Path, output: Path) -> None:
    accepted = [{**ACCEPTED, "page": "list_boxes.md"}]
    write_sources(folder, {PAGE: page_text(actions=[BLANK])}, accepted)

    assert refusal(folder, output).startswith("1 problem that nobody accepted: ")


def test_folder_without_pages_leaves_the_old_catalog(folder: Path, output: Path) -> None:
    write_sources(folder, {"policies/sample.md": "# Sample\n"})
    output.write_bytes(b"the old catalog")

    assert refusal(folder, output) == (
        f"No service authorization page was found: {str(output)!r} was not touched."
    )
    assert output.read_bytes() == b"the old catalog"


def test_folder_that_its_manifest_does_not_describe_is_not_parsed(folder: Path) -> None:
    write_sources(folder, {PAGE: page_text()})
    (folder / PAGE).write_bytes(b"")

    with pytest.raises(SourceError):
        read_pages(folder)


@pytest.mark.xfail(strict=True, reason="a page without prefix is left out with all its problems")
def test_accepted_page_without_a_prefix_is_not_dropped_silently(folder: Path, output: Path) -> None:
    accepted = [{"kind": "not-a-page", "page": "other.md", "reason": "Somebody else's."}]
    write_sources(folder, {PAGE: page_text(), "other.md": "# Other\n"}, accepted)
    build_catalog(read_pages(folder), output)

    assert query(output, "select kind, reason from problems") == [
        ("not-a-page", "Somebody else's.")
    ]


@pytest.mark.xfail(strict=True, reason="only a folder without any file of pages is refused")
def test_accepted_problems_never_empty_the_catalog(folder: Path, output: Path) -> None:
    accepted = [{"kind": "no-service-prefix", "reason": "so"}]
    text = page_text().replace("service prefix", "prefix")
    write_sources(folder, {PAGE: text}, accepted)

    refusal(folder, output)


@pytest.mark.xfail(strict=True, reason="SQLite's message stands for the explanation")
def test_two_pages_of_one_slug_and_date_are_named(folder: Path, output: Path) -> None:
    write_sources(folder, {"a/list_orders.md": page_text(), "b/list_orders.md": page_text()})

    with pytest.raises(ScraperError, match=r"b/list_orders\.md"):
        build_catalog(read_pages(folder), output)


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 pages"), (1, "1 page"), (2, "2 pages"), (1234, "1,234 pages")]
)
def test_count_takes_the_plural(number: int, text: str) -> None:
    assert count(number, "page") == text
