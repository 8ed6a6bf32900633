"""Whole policies and names: expanded, shrunk and inverted to what covers the same actions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from dated_pages import complete, store
from hypothesis import given
from hypothesis import strategies as st
from page_texts import Service, act, as_json

from iam_catalog import Catalog, CatalogError
from iam_catalog.cli.main import cli
from iam_catalog.policy.model import Unresolved

SERVICES = {
    "store": ("CreateBox", "GetBox", "GetKey", "ListBoxes", "ListKeys", "TagBox"),
    "depot": ("GetDoor", "OpenDoor"),
}
ACTIONS = [f"{prefix}:{name}" for prefix, names in SERVICES.items() for name in names]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    pages = [
        as_json(Service([act(name) for name in names], prefix=prefix, slug=prefix))
        for prefix, names in SERVICES.items()
    ]
    return store(tmp_path_factory.mktemp("rewrite"), complete("2020-01-01", *pages))


@pytest.fixture(scope="module")
def catalog(path: str) -> Iterator[Catalog]:
    with Catalog(path) as opened:
        yield opened


def deny(**element: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", **element, "Resource": "*"}]}


# --- names


def test_invert_lists_all_other_actions_of_the_catalog(catalog: Catalog) -> None:
    assert catalog.invert("store:*Box*", "depot:*") == [
        "store:GetKey",
        "store:ListKeys",
    ]
    assert catalog.invert() == catalog.expand("*")
    assert catalog.invert("*") == []


def test_invert_can_be_about_one_service(catalog: Catalog) -> None:
    assert catalog.invert("store:*", service_prefix="DEPOT") == ["depot:GetDoor", "depot:OpenDoor"]


@given(st.sets(st.sampled_from(ACTIONS)))
def test_what_is_inverted_twice_is_what_it_was(catalog: Catalog, actions: set[str]) -> None:
    others = catalog.invert(*actions)

    assert catalog.invert(*others) == sorted(actions, key=str.lower)


# --- policies


@pytest.mark.parametrize("element", ["Action", "NotAction"])
def test_a_policy_is_expanded_and_shrunk_in_both_elements(catalog: Catalog, element: str) -> None:
    expanded = deny(**{element: ["depot:GetDoor", "store:GetBox", "store:GetKey"]})

    assert catalog.expand_policy(deny(**{element: ["store:Get*", "depot:getdoor"]})) == expanded
    assert catalog.shrink_policy(expanded) == deny(**{element: ["depot:GetDoor", "store:Get*"]})


def test_a_policy_is_inverted_to_the_opposite_element_in_its_place(catalog: Catalog) -> None:
    policy = deny(NotAction=["store:Get*", "store:List*"])
    inverted = catalog.invert_policy(policy)

    assert inverted == deny(Action=["depot:*", "store:*Box", "store:CreateBox"]) or inverted == (
        deny(Action=["depot:*", "store:CreateBox", "store:TagBox"])
    )
    assert list(inverted["Statement"][0]) == ["Effect", "Action", "Resource"]
    assert catalog.invert_policy(inverted) == policy


def test_the_policy_that_is_passed_stays_as_it_is(catalog: Catalog) -> None:
    policy = deny(Action="store:Get*")
    catalog.expand_policy(policy)

    assert policy == deny(Action="store:Get*")


@pytest.mark.parametrize(
    "items", [["shop:Buy*"], ["st*:GetBox"], ["store:Sell*"], [Unresolved("${open}")]]
)
def test_items_that_name_no_action_stay(catalog: Catalog, items: list[str]) -> None:
    assert catalog.expand_policy(deny(Action=items)) == deny(Action=items)
    assert catalog.shrink_policy(deny(Action=items)) == deny(Action=items)


@pytest.mark.parametrize(
    "element",
    [{"Action": "*"}, {"NotAction": "*"}, {"Action": ["st*:GetBox"]}, {"Action": {}}, {}],
)
def test_what_has_no_opposite_stays(catalog: Catalog, element: dict[str, Any]) -> None:
    assert catalog.invert_policy(deny(**element)) == deny(**element)


def test_more_patterns_than_before_do_not_come(catalog: Catalog) -> None:
    assert catalog.shrink_policy(deny(Action="store:*e*Box*")) == deny(Action=["store:*e*Box*"])


@pytest.mark.parametrize("value", ["[]", {}, {"Version": "2012-10-17"}, Unresolved("${x}")])
def test_what_is_no_policy_is_refused(catalog: Catalog, value: Any) -> None:
    for question in (catalog.expand_policy, catalog.shrink_policy, catalog.invert_policy):
        with pytest.raises(CatalogError):
            question(value)


@given(st.sets(st.sampled_from(ACTIONS), min_size=1), st.sampled_from(["Action", "NotAction"]))
def test_a_rewritten_policy_covers_the_same_actions(
    catalog: Catalog, actions: set[str], element: str
) -> None:
    policy = deny(**{element: sorted(actions, key=str.lower)})

    def covered(value: dict[str, Any]) -> list[str]:
        (statement,) = value["Statement"]
        if "Action" in statement:
            return catalog.expand(*statement["Action"])
        return catalog.invert(*statement["NotAction"])

    assert catalog.expand_policy(catalog.shrink_policy(policy)) == policy
    assert covered(catalog.invert_policy(policy)) == covered(policy)


# --- the command line


def run(path: str, *words: str, text: str = "") -> tuple[int, str, str]:
    result = CliRunner().invoke(cli, [*words, "--database", path], input=text)
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize(
    ("command", "element", "expected"),
    [
        ("expand", {"Action": "store:Get*"}, {"Action": ["store:GetBox", "store:GetKey"]}),
        ("shrink", {"NotAction": ["store:GetBox", "store:GetKey"]}, {"NotAction": ["store:Get*"]}),
        ("invert", {"NotAction": "store:*"}, {"Action": ["depot:*"]}),
    ],
)
def test_policies_are_read_from_files_and_standard_input(
    path: str, tmp_path: Path, command: str, element: dict[str, Any], expected: dict[str, Any]
) -> None:
    file = tmp_path / "policy.json"
    file.write_text(json.dumps(deny(**element)), encoding="utf-8")
    code, out, said = run(path, command, str(file))

    assert (code, json.loads(out), said) == (0, deny(**expected), "")
    assert run(path, command, "-", text=json.dumps(deny(**element))) == (0, out, "")


def test_invert_prints_names_as_expand_does(path: str) -> None:
    words = ("invert", "depot:*", "store:*Box*", "--format")

    assert run(path, *words, "table") == (0, "store:GetKey\nstore:ListKeys\n", "")
    assert run(path, *words, "csv")[1].splitlines()[0] == "action"
    assert run(path, "invert", "-", "-s", "depot", "-f", "table", text="depot:GetDoor\n") == (
        0,
        "depot:OpenDoor\n",
        "",
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("expand", "{file}", "store:*"), "Name files with policies, or actions and patterns"),
        (("expand", "{file}", "--count"), "--count and --since are for patterns"),
        (("invert", "{file}", "-s", "store"), "--service-prefix is for patterns"),
        (("shrink", "{file}", "-f", "csv"), "A policy is not a table"),
        (("shrink", "store:GetBox", "-f", "yaml"), "Names are not a policy"),
    ],
)
def test_what_does_not_go_together_is_a_mistake_of_usage(
    path: str, tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    file = tmp_path / "policy.json"
    file.write_text(json.dumps(deny(Action="store:Get*")), encoding="utf-8")
    code, out, said = run(path, *[word.format(file=file) for word in words])

    assert (code, out) == (2, "")
    assert message in said


def test_a_file_without_a_policy_is_said(path: str, tmp_path: Path) -> None:
    file = tmp_path / "other.json"
    file.write_text("{}", encoding="utf-8")

    assert run(path, "invert", str(file)) == (0, "", f"no policy in {file}\n")
