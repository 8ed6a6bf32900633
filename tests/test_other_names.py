"""Services by the names that people type, and operations that no page maps: everywhere the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from dated_pages import complete, store
from named_services import client, service_names
from page_texts import Op, Row, Service, Type, act, as_2026, as_json, as_table
from refusals import refusal
from small_catalog import brings_all

from iam_catalog import (
    Catalog,
    UnknownAction,
    UnknownOperation,
    UnknownServicePrefix,
)
from iam_catalog.cli.main import cli
from scraper.service_names.rows import LikelyActions

D1, D2 = "2020-01-02", "2026-08-31"
DOCUMENT = "https://docs.example.com/likely"
MAIL = Service(
    [act("SendMail", "Write"), act("ReadMail", "Read", Row("box*")), act("POST", "Write")],
    [Type("box", "arn:${Partition}:mail:::${Box}")],
    name="Example Mail",
    prefix="mail",
    slug="mail",
    operations=[Op("Sort", ("mail:ReadMail",), ("mailv2",)), Op("Fold", (), ("mailv2",))],
)
POST = Service([act("SendMail", "Write")], name="Amazon Post", prefix="post-office", slug="post")
GONE = Service([act("Lift", "Write")], name="Example Crane", prefix="crane", slug="crane")
NAMES = service_names(
    {
        "crane-data": client("crane", "Lift"),
        "far": client("faraway", "Go", name="Amazon Faraway"),
        "mail": client("mail", "SendMail", "SendMails", "ReadMailbox", "Stamp"),
        "mailv2": client("mail", "Sort", "Fold", "SendMail", "Call", "Create"),
        "nobody": client(None, "Do"),
        "parcels": client("post-office", "SendMail", "Weigh"),
    },
    {
        "Letter Box": ["mail"],
        "Far Away": ["faraway"],
        "Poste": ["mail", "post-office"],
        "Crane Truck": ["crane"],
    },
    [
        LikelyActions("mail", "SendMails", ["mail:SendMail"], DOCUMENT),
        LikelyActions("mail", "ReadMailbox", ["mail:ReadMail", "mail:SendMail"], DOCUMENT),
        LikelyActions("mailv2", "Fold", ["mail:ReadMail"], DOCUMENT),
        LikelyActions("mailv2", "Create", ["mail:POST"], DOCUMENT, True),
        LikelyActions("mailv2", "SendMail", ["mail:POST"], DOCUMENT, True),
    ],
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """`crane` is gone since the later date, since when `mail` has operations."""
    older = complete(D1, as_table(MAIL), as_table(POST), as_table(GONE))
    newer = complete(D2, as_2026(MAIL), as_table(POST))
    return store(tmp_path_factory.mktemp("names"), older, newer, names=NAMES)


@pytest.fixture
def catalog(path: str) -> Any:
    with Catalog(path) as opened:
        yield opened


def run(path: str, *words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli, [*words, "--database", path])
    return result.exit_code, result.stdout, result.stderr


# --- services


@pytest.mark.parametrize(
    ("name", "prefix"),
    [
        ("mailv2", "mail"),
        ("MailV2", "mail"),
        ("Letter Box", "mail"),
        ("letter-box", "mail"),
        ("LETTERBOX", "mail"),
        ("Amazon Letter Box", "mail"),
        ("mail ID", "mail"),
        ("post office", "post-office"),
        ("PostOffice", "post-office"),
        ("Post", "post-office"),
        ("AWS Post", "post-office"),
        ("parcels", "post-office"),
    ],
)
def test_a_service_goes_by_clients_and_nicknames_in_any_case(
    catalog: Catalog, name: str, prefix: str
) -> None:
    assert catalog.service(name).service_prefix == prefix
    assert {each.service_prefix for each in catalog.actions(service_prefix=name)} == {prefix}


def test_a_service_lists_them_among_its_other_names(catalog: Catalog) -> None:
    assert catalog.service("mail").aliases == (
        "Amazon mail",
        "Example Mail",
        "Letter Box",
        "mail ID",
        "mailv2",
        "Poste",
    )


@pytest.mark.parametrize("name", ["Poste", "poste", "amazon POSTE"])
def test_a_nickname_of_several_services_is_refused_with_all_prefixes(
    catalog: Catalog, name: str
) -> None:
    assert refusal(UnknownServicePrefix, lambda: catalog.service(name)) == (
        f"No service {name!r} in the catalog, but several that go by that name."
        " Did you mean mail or post-office?"
    )


@pytest.mark.parametrize("name", ["far", "Far Away", "faraway ID", "Amazon Faraway", "AWS far"])
def test_a_service_that_is_not_held_is_told_by_its_prefix(catalog: Catalog, name: str) -> None:
    assert refusal(UnknownServicePrefix, lambda: catalog.service(name)) == (
        f"No service {name!r} in the catalog: it is faraway, which this catalog does not hold."
    )


def test_the_prefix_of_a_service_that_is_not_held_is_not_explained(catalog: Catalog) -> None:
    assert refusal(UnknownServicePrefix, lambda: catalog.service("faraway")) == (
        "No service 'faraway' in the catalog as of 2026-08-31, which holds mail, post-office."
    )


def test_a_name_of_a_service_that_no_source_has_yet_is_not_suggested(tmp_path: Path) -> None:
    """As of an early date: the names of SDK clients have no dates of their own."""
    older, newer = complete(D1, as_table(POST)), complete(D2, as_2026(MAIL), as_table(POST))
    path = store(tmp_path, older, newer, names=NAMES)
    with Catalog(path, as_of=D1) as catalog:
        assert refusal(UnknownServicePrefix, lambda: catalog.service("mail")) == (
            "No service 'mail' in the catalog as of 2020-01-02, which holds post-office."
        )


def test_a_client_without_a_service_prefix_is_said_to_be_one(catalog: Catalog) -> None:
    assert refusal(UnknownServicePrefix, lambda: catalog.service("nobody")) == (
        "No service 'nobody' in the catalog: it is an SDK client whose service prefix is not known."
    )


@pytest.mark.parametrize("name", ["crane-data", "Crane Truck", "crane truck"])
def test_a_removed_service_is_found_by_its_other_names(catalog: Catalog, name: str) -> None:
    found = catalog.service(name)

    assert (found.service_prefix, found.removed) == ("crane", D2)


def test_at_an_earlier_date_the_names_lead_to_what_was_held_then(path: str) -> None:
    with Catalog(path, as_of=D1) as older:
        assert older.service("Crane Truck").removed is None
        assert older.service("mailv2").service_prefix == "mail"


@pytest.mark.parametrize(
    "words",
    [
        ("show", "Letter Box"),
        ("service", "mailv2"),
        ("actions", "--service-prefix", "letter box"),
        ("resource-types", "mailv2"),
        ("condition-keys", "mailv2"),
        ("changes", "--service-prefix", "mailv2"),
        ("changes", "--service-prefix", "Crane Truck"),
        ("disagreements", "mailv2"),
        (
            "write",
            "--access-level",
            "Read",
            "--service-prefix",
            "letter-box",
            "--arn",
            "arn:aws:mail:::b",
        ),
    ],
)
def test_every_command_that_takes_a_service_takes_them(path: str, words: tuple[str, ...]) -> None:
    assert run(path, *words)[0] == 0


@pytest.mark.parametrize("text", ["mailv2", "letter box", "letter b", "Example Mail"])
def test_a_search_finds_a_service_by_its_other_names(path: str, text: str) -> None:
    for as_of in (None, D1):
        with Catalog(path, as_of=as_of) as catalog:
            found = [each.name for each in catalog.search(text) if each.kind == "service"]
            assert found == ["mail"]


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (
            "mailv2:SendMail",
            (
                "No action 'mailv2:SendMail' in the catalog: 'mailv2' is another name of a service"
                " whose prefix is mail. Did you mean mail:SendMail?"
            ),
        ),
        (
            "far:Go",
            (
                "No action 'far:Go' in the catalog: 'far' is faraway, which this catalog does not"
                " hold."
            ),
        ),
    ],
)
def test_an_action_with_another_name_of_a_service_is_told_the_prefix(
    catalog: Catalog, action: str, message: str
) -> None:
    assert refusal(UnknownAction, lambda: catalog.action(action)) == message


# --- operations that no page maps


@pytest.mark.parametrize(
    ("name", "operation", "clients", "actions", "source"),
    [
        ("mail:SendMails", "mail:SendMails", ("mail",), ("mail:SendMail",), DOCUMENT),
        ("MAIL:sendmails", "mail:SendMails", ("mail",), ("mail:SendMail",), DOCUMENT),
        ("SendMails", "mail:SendMails", ("mail",), ("mail:SendMail",), DOCUMENT),
        ("Letter Box:SendMails", "mail:SendMails", ("mail",), ("mail:SendMail",), DOCUMENT),
        (
            "mail:ReadMailbox",
            "mail:ReadMailbox",
            ("mail",),
            ("mail:ReadMail", "mail:SendMail"),
            DOCUMENT,
        ),
        ("mail:SendMail", "mail:SendMail", ("mail",), ("mail:SendMail",), None),
        ("mailv2:SendMail", "mail:SendMail", ("mailv2",), ("mail:SendMail",), None),
        ("mailv2:Create", "mail:Create", ("mailv2",), ("mail:POST",), DOCUMENT),
        (
            "parcels:SendMail",
            "post-office:SendMail",
            ("parcels",),
            ("post-office:SendMail",),
            None,
        ),
        ("mail:Stamp", "mail:Stamp", ("mail",), (), None),
    ],
)
def test_an_operation_that_no_page_maps_has_the_likeliest_actions(
    catalog: Catalog,
    name: str,
    operation: str,
    clients: tuple[str, ...],
    actions: tuple[str, ...],
    source: str | None,
) -> None:
    found = catalog.operation(name)

    assert (found.operation, found.sdk_clients, found.actions) == (operation, clients, actions)
    assert (found.likely, found.likely_source, found.authorized) == (True, source, ())
    assert (found.first_seen, found.last_seen) == (None, None)


def test_the_word_of_a_page_counts_where_it_names_actions(catalog: Catalog) -> None:
    found = catalog.operation("mailv2:Sort")

    assert (found.actions, found.likely, found.last_seen) == (("mail:ReadMail",), False, D2)


def test_an_operation_of_a_page_without_actions_has_the_likeliest_ones(tmp_path: Path) -> None:
    """AWS's JSON lists operations without a word of what they need: that is not known."""
    page = as_json(Service([act("ReadMail")], prefix="mail", slug="mail", operations=[Op("Fold")]))
    path = store(tmp_path, complete(D2, page), names=NAMES)

    with Catalog(path) as catalog:
        found = catalog.operation("mail:Fold")

    assert (found.actions, found.likely, found.first_seen) == (("mail:ReadMail",), True, D2)


def test_likely_actions_are_no_facts(catalog: Catalog) -> None:
    assert catalog.operations_of_action("mail:SendMail") == []
    assert catalog.operations_of_action("post-office:SendMail") == []
    assert catalog.operations_documented_on("post-office:SendMail") is None


def test_a_bare_name_of_several_services_needs_its_prefix(catalog: Catalog) -> None:
    assert refusal(UnknownOperation, lambda: catalog.operation("SendMail")) == (
        "No operation 'SendMail' in the catalog without its service prefix."
        " Did you mean mail:SendMail or post-office:SendMail?"
    )


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "mail:SendMale",
            (
                "No operation 'mail:SendMale' in the catalog as of 2026-08-31. Did you mean"
                " mail:SendMail"
            ),
        ),
        (
            "parcels:Waigh",
            (
                "No operation 'parcels:Waigh' in the catalog: no source of 'parcels' that is held"
                " maps operations to actions."
            ),
        ),
        (
            "far:Go",
            (
                "No operation 'far:Go' in the catalog: 'far' is faraway, which this catalog does"
                " not hold."
            ),
        ),
    ],
)
def test_an_unknown_operation_is_explained(catalog: Catalog, name: str, message: str) -> None:
    assert refusal(UnknownOperation, lambda: catalog.operation(name)).startswith(message)


def test_an_operation_of_which_nothing_is_known_has_no_empty_answer(catalog: Catalog) -> None:
    assert refusal(UnknownOperation, lambda: catalog.actions_of_operation("mail:Stamp")) == (
        "No operation 'mail:Stamp' in the catalog whose actions are known: it is an operation of"
        " the SDK client mail, and which action it needs is not known."
    )


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (
            "mail:SendMails",
            (
                f"No action 'mail:SendMails' in the catalog as of {D2}; it is an operation of the"
                f" SDK client mail, likely allowed by mail:SendMail ({DOCUMENT})."
                " Did you mean mail:SendMail?"
            ),
        ),
        (
            "mail:Stamp",
            (
                f"No action 'mail:Stamp' in the catalog as of {D2}; it is an operation of the SDK"
                " client mail, and which action it needs is not known."
            ),
        ),
        (
            "mail:Sort",
            (
                f"No action 'mail:Sort' in the catalog as of {D2}; it is an operation, which needs"
                " mail:ReadMail. Did you mean mail:ReadMail?"
            ),
        ),
    ],
)
def test_an_operation_that_is_given_as_an_action_says_what_it_likely_needs(
    catalog: Catalog, action: str, message: str
) -> None:
    assert refusal(UnknownAction, lambda: catalog.action(action)) == message


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("mail:SendMails", "No page that is held names them; these are the likeliest:\n"),
        ("mailv2:Sort", ""),
    ],
)
def test_a_terminal_is_told_that_actions_are_only_likely(
    path: str, monkeypatch: pytest.MonkeyPatch, name: str, said: str
) -> None:
    monkeypatch.setattr("iam_catalog.cli.operations.is_terminal", lambda: True)

    assert run(path, "actions-of-operation", name)[2] == said


def test_show_and_operation_print_the_same_of_an_operation(path: str) -> None:
    code, text, _ = run(path, "show", "mail:SendMails")

    assert (code, text, "") == run(path, "operation", "mail:SendMails")
    assert {name: json.loads(text)[name] for name in ("actions", "likely", "likely_source")} == {
        "actions": ["mail:SendMail"],
        "likely": True,
        "likely_source": DOCUMENT,
    }


def test_show_says_of_nothing_at_all_that_it_is_no_action(path: str) -> None:
    code, _, said = run(path, "show", "mail:Sendmale")

    assert (code, said) == (
        1,
        (
            f"Error: No action 'mail:Sendmale' in the catalog as of {D2}."
            " Did you mean mail:SendMail?\n"
        ),
    )


@pytest.mark.parametrize(
    ("action", "code", "text", "suggestion"),
    [
        (
            "mail:SendMails",
            "operation-as-action",
            (
                f"'mail:SendMails' is an API operation, and no action as of {D2}: mail:SendMail"
                f" authorizes it, most likely ({DOCUMENT})."
            ),
            "mail:SendMail",
        ),
        (
            "mail:ReadMailbox",
            "operation-as-action",
            (
                f"'mail:ReadMailbox' is an API operation, and no action as of {D2}: mail:ReadMail"
                f" and mail:SendMail authorize it, most likely ({DOCUMENT})."
            ),
            "mail:ReadMail and mail:SendMail",
        ),
        (
            "mail:Stamp",
            "unknown-action",
            (
                f"No action 'mail:Stamp' in the catalog as of {D2}; it is an operation of the SDK"
                " client mail, and which action it needs is not known."
            ),
            None,
        ),
        (
            "mail:ReadMale",
            "unknown-action",
            f"No action 'mail:ReadMale' in the catalog as of {D2}.",
            "mail:ReadMail",
        ),
    ],
)
def test_a_check_suggests_the_action_of_an_operation_before_a_like_name(
    catalog: Catalog, action: str, code: str, text: str, suggestion: str | None
) -> None:
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    (found,) = catalog.check_policy({"Version": "2012-10-17", "Statement": [statement]})

    assert (found.code, found.text, found.suggestion) == (code, text, suggestion)


def test_sql_sees_what_python_sees(catalog: Catalog) -> None:
    sql = "select service_prefix || ':' || name, sdk_client, action from likely_operation_actions"
    rows = catalog._ask(lambda connection: connection.execute(f"{sql} order by 1, 2, position"))

    assert rows.fetchall() == [
        ("mail:Create", "mailv2", "mail:POST"),
        ("mail:Fold", "mailv2", "mail:ReadMail"),
        ("mail:ReadMailbox", "mail", "mail:ReadMail"),
        ("mail:ReadMailbox", "mail", "mail:SendMail"),
        ("mail:SendMail", "mail", "mail:SendMail"),
        ("mail:SendMail", "mailv2", "mail:SendMail"),
        ("mail:SendMails", "mail", "mail:SendMail"),
        ("post-office:SendMail", "parcels", "post-office:SendMail"),
    ]


def test_the_names_of_services_are_looked_up_by_an_index(path: str) -> None:
    """Policies can name thousands of prefixes that are not held."""
    from iam_catalog.names import folded_sql

    with Catalog(path) as catalog:
        plan = catalog._ask(
            lambda connection: connection.execute(
                "explain query plan select service_prefix from service_aliases"
                f" where {folded_sql('alias')} in ('a', 'b', 'c')"
            )
        ).fetchall()

    assert "service_aliases_folded" in plan[0][3]


def test_the_shipped_catalog_knows_clients_of_services_that_it_does_not_hold() -> None:
    shipped = Path(__file__).parent.parent / "catalog.db"
    with Catalog(shipped) as catalog:
        assert refusal(UnknownServicePrefix, lambda: catalog.service("elbv2")) == (
            "No service 'elbv2' in the catalog: it is elasticloadbalancing, which this catalog does"
            f" not hold. {brings_all(2)}"
        )
        assert catalog.operation("connectparticipant:SendMessage").likely
