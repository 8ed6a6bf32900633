"""Operations, names of services, changes and disagreements: in Python and on the command line."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest
from click.testing import CliRunner
from dated_pages import collection, complete, store
from page_texts import Op, Row, Service, act, as_2026, as_html, as_table
from refusals import refusal

from iam_catalog import (
    Catalog,
    MalformedDate,
    UnknownAction,
    UnknownOperation,
    UnknownServicePrefix,
)
from iam_catalog.cli.main import cli

D1, D2 = "2025-07-01", "2026-08-31"
GET, PUT = act("GetOrder"), act("PutOrder", "Write", Row("order*", "", "iam:PassRole"))
OPERATIONS = [
    Op("GetOrder", ("orders:GetOrder",), ("shop", "shopv2")),
    Op(
        "MakeOrder",
        ("orders:PutOrder", ("iam:PassRole", "iam:PassedToService", "a.b, c.d")),
        ("shop",),
    ),
    Op("MakeOrder", ("orders:PutOrder", "orders:GetOrder"), ("shopv2",)),
]
BOXES = Service(
    [act("GetBox")],
    name="Example Boxes",
    prefix="boxes",
    slug="boxes-by-post",
    operations=[Op("GetOrder", ("boxes:GetBox",), ("post",))],
)
CELLAR = Service([act("Store", "Write")], prefix="depot", slug="cellar", name="Example Cellar")
SHED = Service([act("Store", "List")], prefix="depot", slug="shed", name="Shop")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Two dates; operations since the later one; `Shop` is a name and an SDK client."""
    older = complete(
        D1,
        as_table(Service([GET, PUT, act("OldOrder")], slug="oldorders", name="Old Orders")),
        as_html(CELLAR),
        as_html(SHED),
    )
    newer = collection(
        D2,
        as_2026(Service([act("GetOrder", "List"), PUT], operations=OPERATIONS)),
        as_2026(BOXES),
    )
    return store(tmp_path_factory.mktemp("operations"), older, newer)


@pytest.fixture
def catalog(path: str) -> Any:
    with Catalog(path) as opened:
        yield opened


# --- operations


def test_operation_names_the_actions_that_it_needs_for_all_its_clients(catalog: Catalog) -> None:
    found = catalog.operation("orders:MakeOrder")

    assert (found.operation, found.service_prefix, found.name, found.sdk_clients) == (
        "orders:MakeOrder",
        "orders",
        "MakeOrder",
        ("shop", "shopv2"),
    )
    assert found.actions == ("orders:PutOrder", "iam:PassRole", "orders:GetOrder")
    assert [
        (each.action, each.condition_key, each.condition_values, each.sdk_client)
        for each in found.authorized
    ] == [
        ("orders:PutOrder", None, None, "shop"),
        ("iam:PassRole", "iam:PassedToService", "a.b, c.d", "shop"),
        ("orders:PutOrder", None, None, "shopv2"),
        ("orders:GetOrder", None, None, "shopv2"),
    ]
    assert (found.first_seen, found.last_seen) == (D2, D2)


@pytest.mark.parametrize(
    ("name", "actions"),
    [
        ("orders:MakeOrder", ["orders:PutOrder", "iam:PassRole", "orders:GetOrder"]),
        ("ORDERS:makeorder", ["orders:PutOrder", "iam:PassRole", "orders:GetOrder"]),
        ("MakeOrder", ["orders:PutOrder", "iam:PassRole", "orders:GetOrder"]),
        ("Old Orders:MakeOrder", ["orders:PutOrder", "iam:PassRole", "orders:GetOrder"]),
        ("shop:MakeOrder", ["orders:PutOrder", "iam:PassRole"]),
        ("shopv2:MakeOrder", ["orders:PutOrder", "orders:GetOrder"]),
        ("post:GetOrder", ["boxes:GetBox"]),
    ],
)
def test_operation_is_found_by_prefix_client_or_any_name_of_its_service(
    catalog: Catalog, name: str, actions: list[str]
) -> None:
    assert catalog.actions_of_operation(name) == actions


def test_name_of_several_services_needs_its_prefix(catalog: Catalog) -> None:
    assert refusal(UnknownOperation, lambda: catalog.operation("GetOrder")) == (
        "No operation 'GetOrder' in the catalog without its service prefix."
        " Did you mean boxes:GetOrder or orders:GetOrder?"
    )


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "orders:MakeOrders",
            (
                "No operation 'orders:MakeOrders' in the catalog as of 2026-08-31. Did you"
                " mean orders:MakeOrder?"
            ),
        ),
        (
            "nowhere:Nothing",
            (
                "No operation 'nowhere:Nothing' in the catalog as of 2026-08-31, which"
                " holds no service 'nowhere'."
            ),
        ),
        ("", "No operation '' in the catalog as of 2026-08-31."),
    ],
)
def test_unknown_operation_says_the_nearest(catalog: Catalog, name: str, message: str) -> None:
    assert refusal(UnknownOperation, lambda: catalog.operation(name)) == message


@pytest.mark.parametrize(
    ("action", "operations"),
    [
        ("orders:GetOrder", ["orders:GetOrder", "orders:MakeOrder"]),
        ("ORDERS:getorder", ["orders:GetOrder", "orders:MakeOrder"]),
        ("iam:PassRole", ["orders:MakeOrder"]),
        ("depot:Store", []),
        ("orders:OldOrder", []),
    ],
)
def test_action_names_the_operations_that_need_it(
    catalog: Catalog, action: str, operations: list[str]
) -> None:
    assert catalog.operations_of_action(action) == operations


def test_operation_that_is_given_as_an_action_says_which_actions_it_needs(catalog: Catalog) -> None:
    assert refusal(UnknownAction, lambda: catalog.action("orders:MakeOrder")) == (
        f"No action 'orders:MakeOrder' in the catalog as of {D2}; it is an operation, which needs"
        " orders:PutOrder, iam:PassRole, orders:GetOrder."
        " Did you mean orders:PutOrder or iam:PassRole or orders:GetOrder?"
    )


def test_operations_are_no_dependent_actions(catalog: Catalog) -> None:
    """What an operation needs never fills in what the column said."""
    assert catalog.dependent_actions("orders:PutOrder") == ["iam:PassRole"]
    assert catalog.dependent_actions("orders:GetOrder") == []
    assert catalog.required_by("iam:PassRole") == ["orders:PutOrder"]


def test_before_there_were_operations_none_is_known(path: str) -> None:
    with Catalog(path, as_of=D1) as older:
        assert refusal(UnknownOperation, lambda: older.operation("orders:MakeOrder")) == (
            "No operation 'orders:MakeOrder' in the catalog: no source of 'orders' that is"
            " held maps"
            " operations to actions."
        )


# --- names of services


@pytest.mark.parametrize(
    ("name", "prefix"),
    [
        ("orders", "orders"),
        ("ORDERS", "orders"),
        ("Example Orders", "orders"),
        ("example orders", "orders"),
        ("Old Orders", "orders"),
        ("oldorders", "orders"),
        ("shopv2", "orders"),
        ("boxes-by-post", "boxes"),
        ("post", "boxes"),
        ("cellar", "depot"),
        ("Example Cellar", "depot"),
    ],
)
def test_service_goes_by_all_its_names(catalog: Catalog, name: str, prefix: str) -> None:
    assert catalog.service(name).service_prefix == prefix
    assert {each.service_prefix for each in catalog.actions(service_prefix=name)} == {prefix}


def test_service_lists_its_other_names(catalog: Catalog) -> None:
    assert catalog.service("orders").aliases == (
        "Example Orders",
        "Old Orders",
        "oldorders",
        "shop",
        "shopv2",
    )


def test_name_of_several_services_is_refused_with_their_prefixes(catalog: Catalog) -> None:
    assert refusal(UnknownServicePrefix, lambda: catalog.service("shop")) == (
        "No service 'shop' in the catalog, but several that go by that name."
        " Did you mean depot or orders?"
    )


# --- changes and disagreements


def test_changes_come_by_date_and_can_be_narrowed(catalog: Catalog) -> None:
    def told(**asked: Any) -> list[tuple[str | None, ...]]:
        return [
            (each.date, each.change, each.subject, each.field, each.old_value, each.new_value)
            for each in catalog.changes(**asked)
        ]

    orders = [
        (D2, "changed", "orders:GetOrder", "access level", "Read", "List"),
        (D2, "removed", "orders:OldOrder", None, None, None),
        (D2, "changed", "orders", "name", "Old Orders", "Example Orders"),
    ]
    assert told(service_prefix="orders") == told(service_prefix="oldorders") == orders
    assert told(service_prefix="depot") == []
    assert told(since="2026-09-01") == []
    assert told(since=D2)[-3:] == orders


def test_changes_since_no_date_are_refused(catalog: Catalog) -> None:
    assert refusal(MalformedDate, lambda: catalog.changes(since="lately")) == (
        "'lately' is not a date: write YYYY-MM-DD, for example '2019-08-12'."
    )


def test_disagreements_can_be_narrowed_to_a_service(catalog: Catalog) -> None:
    found = [
        (each.kind, each.subject, each.field, each.value, each.page)
        for each in catalog.disagreements("depot")
    ]

    assert found == [
        ("action", "depot:Store", "access level", "Write", f"cellar@{D1}"),
        ("action", "depot:Store", "access level", "List", f"shed@{D1}"),
    ]
    assert catalog.disagreements() == catalog.disagreements("depot")
    assert catalog.disagreements("orders") == []


# --- command line


def ask(path: str, line: str, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str, str]:
    monkeypatch.setenv("IAM_CATALOG_DB", path)
    result = CliRunner().invoke(cli, shlex.split(line), prog_name="iam-catalog")
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize(
    ("line", "output"),
    [
        ("actions-of-operation shop:MakeOrder", ["orders:PutOrder", "iam:PassRole"]),
        ("operations-of-action iam:PassRole", ["orders:MakeOrder"]),
        ("operations-of-action depot:Store", []),
        ("changes --service-prefix depot", []),
        ("disagreements orders", []),
    ],
)
def test_command_answers(
    path: str, line: str, output: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, found, talk = ask(path, line, monkeypatch)

    assert (code, json.loads(found), talk) == (0, output, "")


@pytest.mark.parametrize(
    ("line", "rows"),
    [
        (
            "changes --service-prefix orders --format json",
            [
                ("changed", "orders:GetOrder", "access level"),
                ("removed", "orders:OldOrder", None),
                ("changed", "orders", "name"),
            ],
        ),
        ("disagreements --format json", [(None, "depot:Store", "access level")] * 2),
    ],
)
def test_command_lists_records(
    path: str, line: str, rows: list[tuple[str | None, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, found, talk = ask(path, line, monkeypatch)
    listed = [(each.get("change"), each["subject"], each["field"]) for each in json.loads(found)]

    assert (code, listed, talk) == (0, rows, "")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "operation GetOrder",
            (
                "No operation 'GetOrder' in the catalog without its service prefix."
                " Did you mean boxes:GetOrder or orders:GetOrder?"
            ),
        ),
        (
            "changes --since lately",
            "'lately' is not a date: write YYYY-MM-DD, for example '2019-08-12'.",
        ),
        (
            "disagreements shop",
            (
                "No service 'shop' in the catalog, but several that go by that name."
                " Did you mean depot or orders?"
            ),
        ),
        (
            "operations-of-action nonsense",
            "'nonsense' is not an action name: write prefix:Name, for example 's3:GetObject'.",
        ),
    ],
)
def test_command_that_can_not_answer_says_why(
    path: str, line: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ask(path, line, monkeypatch) == (1, "", f"Error: {message}\n")


def test_diff_of_two_catalogs_tells_descriptions_apart(
    path: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("diff")
    older = store(folder, collection(D1, as_html(Service([GET, PUT]))), name="a.db")
    worded = act("GetOrder", "List", description="Gets an order.")
    newer = store(folder, collection(D2, as_html(Service([worded, PUT]))), name="b.db")
    code, found, talk = ask(path, f"diff {older} {newer} --format json", monkeypatch)

    assert (code, [(each["subject"], each["field"]) for each in json.loads(found)], talk) == (
        0,
        [("orders:GetOrder", "access level")],
        "1 change of descriptions alone: see --descriptions\n",
    )
    code, found, talk = ask(path, f"diff {older} {newer} --descriptions --format json", monkeypatch)
    assert (code, [(each["subject"], each["new_value"]) for each in json.loads(found)], talk) == (
        0,
        [("orders:GetOrder", "Gets an order.")],
        "",
    )


def test_diff_of_a_catalog_with_itself_is_empty(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask(path, f"diff {path} {path}", monkeypatch) == (0, "[]\n", "")


def test_as_of_is_an_option_of_every_question(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask(path, f"dependent-actions orders:PutOrder --as-of {D1}", monkeypatch) == (
        0,
        '[\n  "iam:PassRole"\n]\n',
        "",
    )
    assert ask(path, "dependent-actions orders:PutOrder --as-of 2025-06-30", monkeypatch) == (
        1,
        "",
        "Error: No action 'orders:PutOrder' in the catalog, which holds no service 'orders'.\n",
    )
