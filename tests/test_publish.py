"""A catalog that lost something is refused and kept aside; the one that answers stays as it was."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from page_texts import Row, Service, act, as_html, as_table

from iam_catalog import Catalog
from scraper.build import build_catalog, read_pages
from scraper.cli import cli
from scraper.errors import ScraperError
from scraper.guards.registry import GUARDS

CHECKOUT = Path(__file__).resolve().parent.parent
OLD, NEW = "2025-07-01", "2025-08-01"
CATALOG = ["catalog.changes.json", "catalog.changes.md", "catalog.db"]
REFUSED = ["catalog.refused.db", "catalog.refused.json", "catalog.refused.md"]


def service(number: int, needs: str = "iam:PassRole") -> Service:
    return Service([act(f"Get{place}", "Read", Row(needs=needs)) for place in range(number)])


def write(pages: Path, date: str, page: Service | str, name: str = "list_orders.html") -> Path:
    """A folder of dated folders, with a page in one of them."""
    (pages / date).mkdir(parents=True, exist_ok=True)
    (pages / date / name).write_text(page if isinstance(page, str) else as_html(page))
    return pages


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A page of nine actions, of which a catalog was built."""
    write(tmp_path / "pages", OLD, service(9))
    assert run(tmp_path / "pages")[0] == 0
    return tmp_path / "pages"


def output_of(pages: Path) -> Path:
    return pages.parent / "out" / "catalog.db"


def run(pages: Path, *options: str) -> tuple[int, list[str]]:
    """Exit code and talk of a build."""
    output = output_of(pages)
    output.parent.mkdir(exist_ok=True)
    line = ["build", "--data", str(pages), "--output", str(output), "--no-cache", *options]
    result = CliRunner().invoke(cli, line)
    assert result.stdout == ""
    return result.exit_code, result.stderr.splitlines()


def files(pages: Path) -> list[str]:
    return sorted(path.name for path in output_of(pages).parent.iterdir())


def report(pages: Path, word: str = "changes") -> dict[str, Any]:
    """What the JSON file says, but for the time of the run."""
    told: dict[str, Any] = json.loads(
        output_of(pages).with_name(f"catalog.{word}.json").read_text()
    )
    del told["built"]
    return told


def accept(pages: Path, entries: Sequence[dict[str, Any]]) -> None:
    guards = [{**each, "reason": "AWS withdrew them."} for each in entries]
    (pages / "accepted.json").write_text(json.dumps({"problems": [], "guards": guards}))


# --- refused


def test_refused_catalog_is_kept_aside_and_the_old_one_answers(pages: Path) -> None:
    before = output_of(pages).read_bytes()
    code, talk = run(write(pages, NEW, service(5)))

    output = output_of(pages)
    assert code == 1
    assert output.read_bytes() == before
    assert files(pages) == [*CATALOG, *REFUSED]
    with Catalog(output) as old, Catalog(output.with_name("catalog.refused.db")) as new:
        assert (len(old.actions()), len(new.actions())) == (9, 5)
    refused, told = (output.with_name(f"catalog.refused.{each}") for each in ("db", "md"))
    assert talk[-1] == (
        f"Error: 4 losses that nobody accepted: {str(output)!r} was not changed. The new catalog "
        f"is {str(refused)!r}, its report {str(told)!r}. Review the list above. To accept "
        "what AWS wrote or withdrew, pass the --accept option shown; otherwise fetch again or fix "
        "the parser."
    )


def test_refusal_says_what_was_seen_and_how_to_accept_it(pages: Path) -> None:
    entry = '"service": "orders", "page": "orders", "what": "{}", "was": {}, "now": {}'
    _, talk = run(write(pages, NEW, service(9, "")))

    assert talk[:6] == [
        "page-emptied: 1 not accepted. A page has nothing left of what its predecessor listed.",
        "  orders: dependent actions: 0 on orders@2025-08-01, 9 on orders@2025-07-01",
        (
            "    gone: orders:Get0 needs iam:PassRole, orders:Get1 needs iam:PassRole,"
            " orders:Get2 needs iam:PassRole and 6 more"
        ),
        f"    in real history: {GUARDS['page-emptied'].seen}",
        "    to accept it for this run: --accept-shrink orders or --accept page-emptied",
        (
            '    to accept it for good, in "guards" of accepted.json: {"guard": "page-emptied", '
            + entry.format("dependent actions", 9, 0)
            + ', "reason": "..."}'
        ),
    ]


def test_refusal_stays_one_until_something_is_done(pages: Path) -> None:
    write(pages, NEW, service(5))

    assert [run(pages)[0], run(pages)[0]] == [1, 1]


def test_page_without_its_table_is_refused_though_nothing_would_be_lost(pages: Path) -> None:
    code, talk = run(write(pages, NEW, as_table(Service(None)), "list_orders.md"))

    assert (code, talk[1]) == (
        1,
        "  orders: actions: 0 on orders@2025-08-01, 9 on orders@2025-07-01",
    )
    with Catalog(output_of(pages).with_name("catalog.refused.db")) as new:
        assert len(new.actions()) == 9


def test_next_page_without_its_table_is_refused_too(pages: Path) -> None:
    left_out = as_table(Service(None))
    run(write(pages, NEW, left_out, "list_orders.md"))
    code, talk = run(write(pages, "2025-09-01", left_out + "\n", "list_orders.md"))

    assert (code, talk[1]) == (
        1,
        "  orders: actions: 0 on orders@2025-09-01, 9 on orders@2025-07-01",
    )


def test_first_catalog_of_fetched_days_is_refused_too_where_a_page_was_gutted(
    tmp_path: Path,
) -> None:
    pages = write(write(tmp_path / "pages", OLD, service(9)), NEW, service(2))
    for date in (OLD, NEW):
        mark_as_fetched(pages / date)
    code, talk = run(pages)

    assert (code, files(pages)) == (1, REFUSED)
    assert talk[-1].startswith("Error: 2 losses that nobody accepted: ")  # actions, and pairs


def test_first_catalog_of_history_says_what_was_lost_and_is_made(tmp_path: Path) -> None:
    pages = write(write(tmp_path / "pages", OLD, service(9)), NEW, service(2))
    code, talk = run(pages)

    assert (code, files(pages)) == (0, CATALOG)
    assert talk[:2] == [
        "page-shrank: 2 accepted. A page lists far less than its predecessor.",
        "  orders: actions: 2 on orders@2025-08-01, 9 on orders@2025-07-01",
    ]
    assert [each["reason"] for each in report(pages, "changes")["guards"]] == [
        "a first catalog of history: there is none that could lose it"
    ] * 2


def mark_as_fetched(day: Path) -> None:
    """Write the manifest that a fetch leaves in the folder of a day."""
    entries = [
        {"path": file.name, "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
        for file in day.iterdir()
    ]
    manifest = {"files": entries, "complete": False, "listed": {}, "failures": []}
    (day / "manifest.json").write_text(json.dumps(manifest))
    (day.parent / ".fetch").mkdir(exist_ok=True)


def test_data_folder_that_holds_less_is_refused(pages: Path) -> None:
    other = write(pages.parent / "other", OLD, as_html(Service([act("Put")], prefix="boxes")))
    write(pages, OLD, as_html(Service([act("Put")], prefix="boxes", slug="boxes")), "boxes.html")
    assert run(pages)[0] == 0

    code, talk = run(other)
    assert code == 1
    assert "  orders: the service is gone (actions: 9)" in talk


def misspelled(actions: int) -> str:
    """A page with one access level that nobody knows."""
    return as_html(service(actions)).replace(">Read<", ">Raed<", 1)


def test_problems_of_pages_are_refused_with_what_accepts_them(pages: Path) -> None:
    before = output_of(pages).read_bytes()
    code, talk = run(write(pages, NEW, misspelled(9)))

    entry = {"kind": "unknown-access-level", "page": "list_orders.html"}
    assert (code, files(pages)) == (1, [*CATALOG, *REFUSED])
    assert output_of(pages).read_bytes() == before
    assert talk[0] == "unknown-access-level: 1 not accepted"
    assert talk[2:4] == [
        "  to accept them for this run: --accept unknown-access-level",
        (
            '  to accept one for good, in "problems" of accepted.json: '
            + json.dumps({**entry, "reason": "..."})
        ),
    ]
    (told,) = report(pages, "refused")["problems"]
    assert (told["count"], told["option"], told["entries"]) == (
        1,
        "--accept unknown-access-level",
        [entry],
    )


def test_problems_of_pages_are_told_together_with_what_is_lost(pages: Path) -> None:
    code, talk = run(write(pages, NEW, misspelled(2)))

    assert code == 1
    assert talk[-1].startswith("Error: 1 problem and 2 losses that nobody accepted: ")
    assert "page-shrank: 2 not accepted. A page lists far less than its predecessor." in talk


def test_problems_are_refused_though_nothing_else_changes(pages: Path) -> None:
    run(write(pages, NEW, misspelled(9)))
    output_of(pages).with_name("catalog.refused.db").replace(output_of(pages))

    assert run(pages)[0] == 1


@pytest.mark.parametrize("how", ["run", "good"])
def test_problems_can_be_accepted_as_the_refusal_says(pages: Path, how: str) -> None:
    run(write(pages, NEW, misspelled(9)))
    (told,) = report(pages, "refused")["problems"]
    if how == "run":
        assert run(pages, *told["option"].split())[0] == 0
    else:
        entries = [{**each, "reason": "AWS wrote it so."} for each in told["entries"]]
        (pages / "accepted.json").write_text(json.dumps({"problems": entries}))
        assert run(pages)[0] == 0


# --- accepted


@pytest.mark.parametrize(
    "options",
    [
        ("--accept-shrink", "orders"),
        ("--accept-shrink", "Orders"),
        ("--accept", "page-shrank", "--accept", "total-shrank"),
    ],
)
def test_loss_can_be_accepted_for_a_run(pages: Path, options: tuple[str, ...]) -> None:
    code, talk = run(write(pages, NEW, service(5)), *options)

    assert (code, files(pages)) == (0, CATALOG)
    assert "    accepted: accepted for this run" in talk
    assert talk[-2:] == [
        f"{output_of(pages)}: 4 removed",
        (
            f"{output_of(pages)}: as of 2025-08-01: 1 service, 5 actions, 0 resource types,"
            " 0 condition keys, 5 dependent actions"
        ),
    ]


def test_loss_that_was_accepted_once_is_not_looked_at_again(pages: Path) -> None:
    run(write(pages, NEW, service(5)), "--accept-shrink", "orders")

    assert run(pages)[0] == 0


def test_loss_that_was_accepted_once_is_the_measure_for_the_next_page(pages: Path) -> None:
    run(write(pages, NEW, service(5)), "--accept-shrink", "orders")

    assert run(write(pages, "2025-09-01", service(4)))[0] == 0
    assert run(write(pages, "2025-10-01", service(1)))[0] == 1


def test_another_service_is_not_accepted_with_it(pages: Path) -> None:
    write(pages, OLD, as_html(Service([act("Put")], prefix="boxes", slug="boxes")), "boxes.html")
    run(pages)

    assert run(write(pages, NEW, service(5)), "--accept-shrink", "boxes")[0] == 1


def test_mistyped_service_is_an_error(pages: Path) -> None:
    before = output_of(pages).read_bytes()

    assert run(write(pages, NEW, service(5)), "--accept-shrink", "order") == (
        1,
        [
            (
                "Error: --accept-shrink 'order': no service of this prefix, neither in the pages"
                " nor in the replaced catalog. Did you mean 'orders'?"
            )
        ],
    )
    assert output_of(pages).read_bytes() == before
    assert not output_of(pages).with_name("catalog.refused.db").exists()


def test_service_that_resembles_none_is_an_error_that_shows_the_form(pages: Path) -> None:
    code, talk = run(write(pages, NEW, service(5)), "--accept-shrink", "no-such-thing")

    assert (code, talk[-1].rpartition(". ")[2]) == (1, "Name the prefix, such as 'connect'.")


def test_loss_can_be_accepted_for_good_with_the_entries_of_the_report(pages: Path) -> None:
    run(write(pages, NEW, service(5)))
    accept(pages, [each["entry"] for each in report(pages, "refused")["guards"]])

    code, talk = run(pages)
    assert (code, files(pages)) == (0, CATALOG)
    assert "    accepted: AWS withdrew them." in talk
    assert {each["reason"] for each in report(pages)["guards"]} == {"AWS withdrew them."}


def test_what_was_accepted_for_good_stays_accepted_in_a_new_checkout(pages: Path) -> None:
    run(write(pages, NEW, service(5)))
    accept(pages, [each["entry"] for each in report(pages, "refused")["guards"]])
    for path in output_of(pages).parent.iterdir():
        path.unlink()

    assert run(pages)[0] == 0


def test_what_was_accepted_for_good_covers_no_larger_loss(pages: Path) -> None:
    run(write(pages, NEW, service(5)))
    accept(pages, [each["entry"] for each in report(pages, "refused")["guards"]])

    assert run(write(pages, NEW, service(4)))[0] == 1


def test_clean_build_removes_what_was_refused(pages: Path) -> None:
    run(write(pages, NEW, service(5)))
    assert files(pages) == [*CATALOG, *REFUSED]

    assert run(write(pages, NEW, service(10)))[0] == 0
    assert files(pages) == CATALOG


def test_build_that_changes_nothing_removes_it_too(pages: Path) -> None:
    run(write(pages, NEW, service(5)))
    (pages / NEW / "list_orders.html").unlink()
    (pages / NEW).rmdir()

    assert run(pages)[0] == 0
    assert files(pages) == CATALOG


def fetched(mirror: Path, date: str) -> Path:
    """A day that has one of the two pages which the index lists, as a fetch leaves it."""
    (mirror / ".fetch").mkdir(parents=True, exist_ok=True)
    page = f"service-authorization/list_orders-{date}.html"
    write(mirror / date, "service-authorization", service(9), page.rpartition("/")[2])
    sha256 = hashlib.sha256((mirror / date / page).read_bytes()).hexdigest()
    manifest = {
        "complete": False,
        "listed": {"docs": [f"orders-{date}", "connect"]},
        "failures": [{"url": "https://docs.example.com/list_connect.md", "kind": "gone"}],
        "files": [{"path": page, "sha256": sha256}],
    }
    (mirror / date / "manifest.json").write_text(json.dumps(manifest))
    return mirror


def test_day_that_lacks_a_page_is_refused_until_it_was_accepted_once(tmp_path: Path) -> None:
    mirror = fetched(tmp_path / "mirror", "2026-11-21")
    code, talk = run(mirror)
    assert (code, talk[:3]) == (
        1,
        [
            "incomplete-fetch: 1 not accepted. The newest fetched day lacks pages that AWS lists.",
            "  2026-11-21: 1 of 2 that AWS lists could not be fetched",
            "    gone: connect",
        ],
    )

    assert run(mirror, "--accept", "incomplete-fetch")[0] == 0
    assert run(mirror)[0] == 0
    assert run(fetched(mirror, "2026-11-22"))[0] == 1


def test_what_a_killed_build_left_is_removed_once_no_build_can_need_it(pages: Path) -> None:
    left, running = (output_of(pages).with_name(f".catalog.db.{each}.new") for each in "ab")
    for path in (left, running):
        path.write_bytes(b"half")
    os.utime(left, (0, 0))

    assert run(pages)[0] == 0

    assert (left.exists(), running.exists()) == (False, True)


# --- reports


def test_first_catalog_has_a_report(pages: Path) -> None:
    assert report(pages) == {
        "catalog": "catalog.db",
        "outcome": "first",
        "old": None,
        "new": {
            "services": 1,
            "actions": 9,
            "resource types": 0,
            "condition keys": 0,
            "dependent actions": 9,
            "operations": 0,
            "pages": 1,
            "newest page": OLD,
            "oldest page": OLD,
        },
        "note": None,
        "guards": [],
        "problems": [],
        "services": None,
    }


def test_build_that_changes_nothing_says_so(pages: Path) -> None:
    before = output_of(pages).read_bytes()
    _, talk = run(pages)

    told = report(pages)
    assert (told["outcome"], told["services"], told["old"]) == ("unchanged", {}, told["new"])
    assert talk[-2] == f"{output_of(pages)}: unchanged"
    assert output_of(pages).read_bytes() == before


def test_what_stood_there_and_was_no_catalog_is_told(pages: Path) -> None:
    output_of(pages).write_bytes(b"my notes")
    _, talk = run(pages)

    told = (
        f"{output_of(pages)}: the replaced file was not a database, and is now catalog.db.replaced"
    )
    assert told in talk


def test_report_can_be_read_by_everybody(pages: Path) -> None:
    modes = {path.stat().st_mode & 0o777 for path in output_of(pages).parent.iterdir()}

    assert modes == {0o644}


def test_report_that_cannot_be_written_leaves_everything_as_it_was(
    pages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path.name: path.read_bytes() for path in output_of(pages).parent.iterdir()}

    def full(*_: object, **__: object) -> None:
        raise OSError("The disk is full")

    monkeypatch.setattr("scraper.guards.publish.new_file", full)
    with pytest.raises(ScraperError) as caught:
        build_catalog(read_pages([write(pages, NEW, service(10))]), output_of(pages))

    assert str(caught.value) == (
        f"Cannot write the report of {str(output_of(pages))!r}: The disk is full."
    )
    assert {p.name: p.read_bytes() for p in output_of(pages).parent.iterdir()} == before


@pytest.mark.parametrize("limit", [1000, 300_000])
def test_full_disk_leaves_everything_as_it_was(pages: Path, limit: int) -> None:
    before = {path.name: path.read_bytes() for path in output_of(pages).parent.iterdir()}
    write(pages, NEW, service(10))
    command = [sys.executable, "-m", "scraper", "build", "--no-cache", "--data", str(pages)]

    done = subprocess.run(
        [*command, "--output", str(output_of(pages))],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )

    assert (done.returncode, done.stderr.splitlines()[-1][:18]) == (1, "Error: Cannot writ")
    assert {p.name: p.read_bytes() for p in output_of(pages).parent.iterdir()} == before


def test_older_days_that_are_added_lose_nothing_of_today(tmp_path: Path) -> None:
    """The page lost most of its actions before the day of which the replaced catalog is."""
    pages = tmp_path / "pages"
    write(pages, "2026-03-03", service(9))
    assert run(pages)[0] == 0
    write(pages, "2026-03-01", service(30))
    write(pages, "2026-03-02", service(9))
    code, lines = run(pages)

    assert code == 0
    assert "page-shrank: 2 accepted. A page lists far less than its predecessor." in lines
    assert (
        "    accepted: older than what the replaced catalog holds, which came after it"
    ) in lines
