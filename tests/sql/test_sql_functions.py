"""What the SQL functions answer, the same in SQLite and in DuckDB."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from small_catalog import build_small_catalog
from sql_engines import ENGINES, InDuckdb, InSqlite
from sql_policies import HOSTILE, KINDS, POLICIES, found_in_python, policy, statement

from iam_catalog import Catalog
from iam_catalog.sql import vocabulary

Engine = InSqlite | InDuckdb


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    with Catalog(build_small_catalog(tmp_path_factory.mktemp("sql"))) as opened:
        yield opened


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest, catalog: Catalog) -> Iterator[Engine]:
    engine = ENGINES[request.param](catalog)
    yield engine
    engine.close()


# --- patterns, ARNs and actions


@pytest.mark.parametrize(
    ("pattern", "actions"),
    [
        ("STORE:*shelf", ["store:CreateShelf", "store:TagShelf"]),
        ("store:None*", []),
        ("no pattern", []),
        ("store:${a}", []),
        ("\0", []),
        ("nosuch:*", None),
        (None, None),
    ],
)
def test_a_pattern_is_expanded_where_the_service_is_held(engine, pattern, actions):
    assert engine.call("iam_expand", pattern) == actions


@pytest.mark.parametrize(
    ("pattern", "action", "answer"),
    [
        ("STORE:list*", "store:ListShelves", True),
        ("*", "nosuch:Any", True),
        ("nosuch:A?y", "nosuch:Any", True),
        ("store:List", "store:ListShelves", False),
        ("store", "store:ListShelves", False),
        ("*", "no action", False),
        ("", "", False),
        (None, "store:ListShelves", None),
        ("store:*", None, None),
    ],
)
def test_a_pattern_matches_actions_without_case(engine, pattern, action, answer):
    assert engine.call("iam_matches", pattern, action) is answer


def test_a_pattern_matches_what_it_expands_to(engine, catalog):
    every = catalog.expand("*")
    for pattern in ("*", "*:*", "s*:List*", "store:*S*", "?tore:????????s", "depot:*", "**"):
        matched = [name for name in every if engine.call("iam_matches", pattern, name)]
        assert matched == engine.call("iam_expand", pattern)


@pytest.mark.parametrize(
    ("arn", "types"),
    [
        ("arn:aws:store:eu-west-1:111122223333:shelf/a", ["store:shelf"]),
        ("arn:aws:store:::cellar/a", []),
        ("no ARN", []),
        ("arn:aws:nosuch:::a", None),
        (None, None),
    ],
)
def test_an_arn_has_types_where_the_service_is_held(engine, arn, types):
    assert engine.call("iam_arn_types", arn) == types


@pytest.mark.parametrize(
    ("action", "needed"),
    [
        (
            "STORE:createshelf",
            ["iam:PassRole", "store:ListShelves", "iam:CreateServiceLinkedRole"],
        ),
        ("store:PutShelfPolicy", []),
        ("store:Nothing", None),
        ("nosuch:Any", None),
        ("no action", None),
        (None, None),
    ],
)
def test_dependent_actions_are_null_where_nothing_is_known(engine, action, needed):
    assert engine.call("iam_dependent_actions", action) == needed


# --- what a policy names


def named(action: str, effect: str | None, index: int, by: str) -> dict[str, object]:
    return {"action": action, "effect": effect, "statement": index, "by": by}


def test_a_policy_names_actions_by_each_pattern_as_it_is_written(engine):
    text = policy(
        statement(Action=["STORE:List*", "store:ListShelves", "nosuch:X"]),
        "no statement",
        statement("Deny", Action="store:Tag*"),
    )

    assert engine.call("iam_actions", text) == [
        named("store:ListShelves", "Allow", 0, "STORE:List*"),
        named("store:ListShelves", "Allow", 0, "store:ListShelves"),
        named("store:TagShelf", "Deny", 2, "store:Tag*"),
    ]


def test_a_not_action_names_all_other_actions(engine):
    text = policy(statement(NotAction=["store:*Shelf", "store:PutShelfPolicy"]))

    by = "NotAction store:*Shelf, store:PutShelfPolicy"
    assert engine.call("iam_actions", text) == [named("store:ListShelves", "Allow", 0, by)]


def test_a_statement_without_a_list_is_the_first(engine):
    text = '{"Statement": {"Effect": "allow", "Action": "store:ListShelves"}}'

    assert engine.call("iam_actions", text) == [
        named("store:ListShelves", None, 0, "store:ListShelves")
    ]


@pytest.mark.parametrize(("text", "answer"), [("[]", []), ("{}", []), ("{", None), (None, None)])
def test_what_is_no_policy_names_nothing_and_what_cannot_be_read_is_null(engine, text, answer):
    assert engine.call("iam_actions", text) == answer
    assert engine.call("iam_access_levels", text) == answer


def test_a_long_pattern_is_shortened_beside_the_actions(engine):
    pattern = "store:List" + "*" * 1_000

    (found,) = engine.call("iam_actions", policy(statement(Action=pattern)))

    assert (found["action"], found["by"]) == ("store:ListShelves", f"{pattern[:499]}…")


def test_a_policy_that_names_too_much_is_null(engine, monkeypatch):
    monkeypatch.setattr(vocabulary, "MOST_NAMED", 4)

    assert engine.call("iam_actions", policy(statement(Action="store:*"))) is not None
    assert engine.call("iam_actions", policy(statement(Action=["store:*", "STORE:*"]))) is None


def test_access_levels_are_those_of_what_is_allowed(engine):
    text = policy(
        statement(Action=["store:TagShelf", "store:ListShelves"]),
        statement("Deny", Action="store:CreateShelf"),
    )

    assert engine.call("iam_access_levels", text) == ["List", "Tagging"]
    others = policy(statement(NotAction="store:TagShelf"))
    assert engine.call("iam_access_levels", others) == ["List", "Write", "Permissions management"]


# --- findings


@given(text=POLICIES, kind=KINDS)
def test_findings_are_those_of_python(engine, catalog, text, kind):
    assert engine.call("iam_check", text, kind) == found_in_python(catalog, text, kind)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_are_answered_by_every_function(engine, catalog, text):
    assert engine.call("iam_check", text, None) == found_in_python(catalog, text, None)
    for function in ("iam_actions", "iam_access_levels", "iam_expand", "iam_arn_types"):
        assert isinstance(engine.call(function, text), (list, type(None)))
    assert isinstance(engine.call("iam_dependent_actions", text), (list, type(None)))
    assert engine.call("iam_matches", text, text) is False


def test_a_place_is_written_as_check_prints_it(engine):
    text = policy(statement(Action=["store:ListShelves", "store:ListShelfs"]))

    (found,) = [
        each for each in engine.call("iam_check", text, None) if each["code"] == "unknown-action"
    ]

    assert (found["place"], found["line"]) == ("Statement[0].Action[1]", 1)


def test_without_a_policy_nothing_is_found_of_any_kind(engine):
    assert engine.call("iam_check", None, None) is None
    assert engine.call("iam_check", None, "no kind") is None


def test_a_kind_that_no_policy_has_is_a_finding(engine):
    (found,) = engine.call("iam_check", policy(), "group")

    assert found["code"] == "unreadable-file"
    assert found["text"] == (
        "'group' is not a kind of policy: expected identity, resource, trust, scp, rcp, or NULL "
        "where the form of the policy decides."
    )
