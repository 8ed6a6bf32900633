"""Many actions as few patterns that grant the same, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from dated_pages import complete, store
from hypothesis import given
from hypothesis import strategies as st
from page_texts import Service, act, as_json

from iam_catalog import Catalog, CatalogError, MalformedActionName, MalformedPattern
from iam_catalog.policy.facts import policy_facts
from iam_catalog.policy.rewrite import proven

STORE = (
    "CreateBox",
    "DeleteBox",
    "GetBox",
    "GetBoxLid",
    "GetBoxed",
    "GetKey",
    "ListBoxes",
    "ListKeys",
    "PutKey",
    "TagBOX",
    "TagShelf",
)
SERVICES = {"store": STORE, "depot": ("GetDoor", "OpenDoor"), "yard": ("Sweep",)}
ACTIONS = [f"{prefix}:{name}" for prefix, names in SERVICES.items() for name in names]


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    pages = [
        as_json(Service([act(name) for name in names], prefix=prefix, slug=prefix))
        for prefix, names in SERVICES.items()
    ]
    path = store(tmp_path_factory.mktemp("shrink"), complete("2020-01-01", *pages))
    with Catalog(path) as opened:
        yield opened


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["GetBox"], ["GetBox"]),
        (["ListBoxes", "ListKeys"], ["List*"]),
        (["GetBox", "GetBoxLid"], ["GetBox", "GetBoxLid"]),
        (["GetBox", "GetBoxLid", "GetBoxed"], ["GetBox*"]),
        (["GetBox", "GetBoxLid", "GetBoxed", "GetKey"], ["Get*"]),
        (["TagBOX", "TagShelf", "PutKey"], ["PutKey", "Tag*"]),
        (list(STORE), ["*"]),
        ([], []),
    ],
)
def test_a_pattern_is_the_start_of_names_up_to_the_end_of_a_word(
    catalog: Catalog, names: list[str], expected: list[str]
) -> None:
    found = catalog.shrink([f"store:{name}" for name in names])

    assert found == [f"store:{name}" for name in expected]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["ListBoxes"], ["ListB*"]),
        (["GetBox"], ["GetBox"]),
        (["ListBoxes", "ListKeys"], ["L*"]),
        (["GetBoxLid", "GetBoxed"], ["GetBoxed", "GetBoxL*"]),
    ],
)
def test_the_shortest_pattern_can_end_within_a_word(
    catalog: Catalog, names: list[str], expected: list[str]
) -> None:
    found = catalog.shrink([f"store:{name}" for name in names], shortest=True)

    assert found == [f"store:{name}" for name in expected]


@pytest.mark.parametrize(
    "pattern",
    ["*Box", "*Key*", "*Box*", "Get*", "?et*", "Get*Lid", "*Box*Lid", "Tag*", "*Boxed", "*"],
)
def test_what_one_pattern_matches_is_one_pattern(catalog: Catalog, pattern: str) -> None:
    expanded = catalog.expand(f"store:{pattern}")
    found = catalog.shrink(expanded)

    assert len(found) == 1
    assert catalog.expand(*found) == expanded


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["CreateBox", "DeleteBox", "GetBox", "TagBOX"], ["*Box"]),
        (["GetKey", "ListKeys", "PutKey"], ["*Key*"]),
        (["GetKey", "ListKeys", "PutKey", "TagBOX", "TagShelf"], ["*Key*", "Tag*"]),
        (["GetKey", "PutKey"], ["*Key"]),
    ],
)
def test_words_can_be_the_end_and_the_middle_of_names(
    catalog: Catalog, names: list[str], expected: list[str]
) -> None:
    found = catalog.shrink([f"store:{name}" for name in names])

    assert found == [f"store:{name}" for name in expected]


def test_services_are_shrunk_each_for_itself_and_never_to_a_star(catalog: Catalog) -> None:
    assert catalog.shrink(ACTIONS) == ["depot:*", "store:*", "yard:Sweep"]


def test_order_case_and_repeats_of_the_actions_mean_nothing(catalog: Catalog) -> None:
    asked = ["STORE:listkeys", "store:ListBoxes", "store:ListKeys"]

    assert catalog.shrink(asked) == catalog.shrink(asked[::-1]) == ["store:List*"]


def test_names_that_the_catalog_does_not_hold_stay_as_they_are(catalog: Catalog) -> None:
    asked = ["Shop:Getbox", "store:ListBoxes", "store:ListKeys", "store:ListLids"]

    assert catalog.shrink(asked) == ["Shop:Getbox", "store:List*", "store:ListLids"]


def test_patterns_stay_and_take_in_the_names_that_they_match(catalog: Catalog) -> None:
    assert catalog.shrink(["store:*Box*", "store:GetBox", "store:GetKey"]) == [
        "store:*Box*",
        "store:GetKey",
    ]


def test_a_pattern_that_another_one_covers_goes(catalog: Catalog) -> None:
    assert catalog.shrink(["store:Get*", "store:GetB*", "STORE:get*", "shop:*"]) == [
        "shop:*",
        "store:Get*",
    ]


@pytest.mark.parametrize("star", ["*", "**"])
def test_a_star_takes_in_everything(catalog: Catalog, star: str) -> None:
    assert catalog.shrink(["store:GetBox", star, "store:*"]) == [star]


def test_a_text_alone_is_one_action(catalog: Catalog) -> None:
    assert catalog.shrink("store:getbox") == ["store:GetBox"]


def test_what_is_no_action_is_an_error(catalog: Catalog) -> None:
    with pytest.raises(MalformedActionName):
        catalog.shrink(["GetBox"])
    with pytest.raises(MalformedPattern):
        catalog.shrink(["Get*"])
    with pytest.raises(CatalogError) as caught:
        catalog.shrink(["store:GetBox", None])  # type: ignore[list-item]
    assert str(caught.value) == (
        "['store:GetBox', None] is not a list of actions, such as ['s3:GetObject', 's3:List*']."
    )


@given(st.sets(st.sampled_from(ACTIONS)), st.booleans())
def test_what_comes_out_expands_to_what_went_in(
    catalog: Catalog, actions: set[str], shortest: bool
) -> None:
    found = catalog.shrink(actions, shortest=shortest)

    assert catalog.expand(*found) == sorted(actions, key=str.lower)
    assert len(found) <= len(actions)
    assert found == catalog.shrink(sorted(actions, reverse=True), shortest=shortest)
    assert catalog.shrink(found, shortest=shortest) == found


@given(
    st.sets(st.sampled_from(ACTIONS)),
    st.sets(st.sampled_from(["store:*Box*", "store:Get*", "depot:?et*"])),
)
def test_patterns_and_actions_together_grant_what_they_did(
    catalog: Catalog, actions: set[str], patterns: set[str]
) -> None:
    asked = [*actions, *patterns]

    assert catalog.expand(*catalog.shrink(asked)) == catalog.expand(*asked)


@pytest.mark.parametrize("wrong", [["store:*"], ["store:GetKey"], ["store:ListKeys"], []])
def test_patterns_that_grant_something_else_are_not_given(
    catalog: Catalog, wrong: list[str]
) -> None:
    names = ["store:ListBoxes", "store:ListKeys"]
    required = {name.lower(): name for name in names}

    facts = catalog._ask(policy_facts)

    assert proven(facts, wrong, required, set(required)) == names
    assert proven(facts, ["store:List*"], required, set(required)) == ["store:List*"]
