"""The pipe from end to end: folders of source pages -> `catalog.db`."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from examples import GET_ORDER, page_text, write_sources

from scraper.build import build_catalog, count, read_pages
from scraper.errors import BuildRefused, SourceError
from scraper.guards.registry import GUARDS
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
        build_catalog(read_pages([folder]), output)
    return str(caught.value)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())


def query(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def test_pages_of_a_folder_become_a_catalog(folder: Path, output: Path) -> None:
    boxes = page_text(service="Example Boxes", prefix="boxes")
    write_sources(folder, {PAGE: page_text(), "service-authorization/list_boxes.md": boxes})
    build_catalog(read_pages([folder]), output)

    assert query(output, "select action, page from actions order by action") == [
        ("boxes:GetOrder", "exampleboxes@2019-08-12"),
        ("orders:GetOrder", "exampleorders@2019-08-12"),
    ]


def test_documents_with_policies_are_not_parsed(folder: Path) -> None:
    write_sources(folder, {PAGE: page_text(), "policies/sample.md": "# Sample\n"})

    assert [page.file for _, page in read_pages([folder]).pages] == ["list_orders.md"]


def test_same_folder_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    write_sources(folder, {PAGE: page_text()})
    first, second = tmp_path / "first.db", tmp_path / "second.db"
    build_catalog(read_pages([folder]), first)
    build_catalog(read_pages([folder]), second)

    assert first.read_bytes() == second.read_bytes()


def test_problem_that_nobody_accepted_leaves_the_old_catalog(folder: Path, output: Path) -> None:
    write_sources(folder, {PAGE: page_text(actions=[BLANK])})
    output.write_bytes(b"the old catalog")

    assert refusal(folder, output).startswith(
        f"1 problem that nobody accepted: {str(output)!r} was not changed. The new catalog is "
    )
    assert output.read_bytes() == b"the old catalog"
    assert sorted(path.name for path in output.parent.iterdir()) == [
        "catalog.db",
        "catalog.refused.db",
        "catalog.refused.json",
        "catalog.refused.md",
        "data",
    ]


def test_refused_problems_come_in_the_order_of_the_pages(folder: Path, output: Path) -> None:
    cut = page_text(actions=[GET_ORDER, "|   PutOrder"])
    write_sources(folder, {PAGE: page_text(actions=[BLANK]), "b.md": "", "a.md": cut})

    assert read_pages([folder]).refused() == [
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
    build_catalog(read_pages([folder]), output)

    assert query(output, "select * from problems") == [
        (
            "exampleorders@2019-08-12!1",
            "exampleorders@2019-08-12",
            PAGE,
            9,
            None,
            "blank-access-level",
            "PutOrder has no access level",
            "AWS left it blank.",
        )
    ]
    assert query(output, "select action, access_level from actions") == [("orders:PutOrder", None)]


def test_problem_of_an_accepted_kind_is_kept_with_its_meaning(folder: Path, output: Path) -> None:
    write_sources(folder, {PAGE: page_text(actions=[GET_ORDER, "", GET_ORDER])})
    build_catalog(read_pages([folder]), output)

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
        f"No service authorization page found: {str(output)!r} was not changed."
    )
    assert output.read_bytes() == b"the old catalog"


def test_folder_that_its_manifest_does_not_describe_is_not_parsed(folder: Path) -> None:
    write_sources(folder, {PAGE: page_text()})
    (folder / PAGE).write_bytes(b"")

    with pytest.raises(SourceError):
        read_pages([folder])


def test_accepted_page_without_a_prefix_is_not_dropped_silently(folder: Path, output: Path) -> None:
    accepted = [{"kind": "not-a-page", "page": "other.md", "reason": "Somebody else's."}]
    write_sources(folder, {PAGE: page_text(), "other.md": "# Other\n"}, accepted)
    build_catalog(read_pages([folder]), output)

    assert query(output, "select kind, reason from problems") == [
        ("not-a-page", "Somebody else's.")
    ]


def test_accepted_problems_never_empty_the_catalog(folder: Path, output: Path) -> None:
    accepted = [{"kind": "no-service-prefix", "reason": "so"}]
    text = page_text().replace("service prefix", "prefix")
    write_sources(folder, {PAGE: text}, accepted)

    assert refusal(folder, output) == (
        f"No service authorization page found: {str(output)!r} was not changed."
    )


def test_two_files_of_one_slug_and_date_get_keys_of_their_own(folder: Path, output: Path) -> None:
    other = page_text(
        service="Example Orders", actions=[GET_ORDER, GET_ORDER.replace("Get", "Put")]
    )
    write_sources(folder, {"a/list_orders.md": page_text(), "b/list_orders.md": other})
    build_catalog(read_pages([folder]), output)

    assert query(output, "select page, file from pages order by page") == [
        ("exampleorders@2019-08-12", "a/list_orders.md"),
        ("exampleorders@2019-08-12~2", "b/list_orders.md"),
    ]
    assert query(output, "select action from actions order by action") == [
        ("orders:GetOrder",),
        ("orders:PutOrder",),
    ]


def test_dated_folders_become_one_catalog_with_history(tmp_path: Path, output: Path) -> None:
    put = GET_ORDER.replace("Get", "Put")
    for date, actions in [("2019-08-12", [GET_ORDER, put]), ("2020-02-03", [GET_ORDER])]:
        write(tmp_path / "pages" / date / "list_orders.md", page_text(actions=actions))
    build_catalog(read_pages([tmp_path / "pages"]), output)

    assert query(output, "select action, first_seen, last_seen from actions") == [
        ("orders:GetOrder", "2019-08-12", "2020-02-03")
    ]
    assert query(output, "select action, last_seen, removed from removed_actions") == [
        ("orders:PutOrder", "2019-08-12", "2020-02-03")
    ]


def test_the_same_folders_in_another_order_give_the_same_bytes(tmp_path: Path) -> None:
    folders = [tmp_path / "2020-02-03", tmp_path / "2019-08-12"]
    for folder, prefix in zip(folders, ["orders", "boxes"], strict=True):
        write(folder / "list.md", page_text(prefix=prefix))
    first, second = tmp_path / "first.db", tmp_path / "second.db"
    build_catalog(read_pages(folders), first)
    build_catalog(read_pages(folders[::-1]), second)

    assert first.read_bytes() == second.read_bytes()


def test_kind_accepted_for_this_run_may_stand(folder: Path, output: Path) -> None:
    write_sources(folder, {PAGE: page_text(actions=[BLANK])})
    build_catalog(read_pages([folder], accept=["blank-access-level"]), output)

    assert query(output, "select kind, reason from problems") == [
        ("blank-access-level", "accepted for this run")
    ]


def test_unknown_kind_can_not_be_accepted(folder: Path) -> None:
    write_sources(folder, {PAGE: page_text()})

    with pytest.raises(SourceError) as caught:
        read_pages([folder], accept=["blank"])
    assert str(caught.value) == (
        f"'blank' is not a kind of problem: use one of {', '.join(KINDS)}; "
        f"or a guard: {', '.join(GUARDS)}."
    )


def test_cache_holds_a_file_for_each_page_and_changes_nothing(folder: Path, tmp_path: Path) -> None:
    write_sources(folder, {PAGE: page_text(), "other.md": page_text(prefix="boxes")})
    cache = tmp_path / "cache"
    first = read_pages([folder], cache=cache)

    assert read_pages([folder], cache=cache) == first == read_pages([folder])
    assert len(list(cache.iterdir())) == 2


def test_broken_cache_is_done_without(folder: Path, tmp_path: Path) -> None:
    write_sources(folder, {PAGE: page_text()})
    first = read_pages([folder], cache=tmp_path / "cache")
    for path in (tmp_path / "cache").iterdir():
        path.write_bytes(b"nonsense")

    assert read_pages([folder], cache=tmp_path / "cache") == first


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 pages"), (1, "1 page"), (2, "2 pages"), (1234, "1,234 pages")]
)
def test_count_takes_the_plural(number: int, text: str) -> None:
    assert count(number, "page") == text
