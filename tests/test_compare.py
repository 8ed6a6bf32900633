"""What counts as a change between two states: what AWS says, never how its pages are made."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from dated_pages import collection, store
from page_texts import (
    Key,
    Op,
    Row,
    Service,
    Type,
    act,
    as_2026,
    as_bullets,
    as_html,
    as_json,
    as_table,
)

from iam_catalog import Catalog
from iam_catalog.compare import differences, service_of, state_of
from scraper.merge.normalise import normalise

D1, D2 = "2025-07-01", "2026-08-31"
TAG = "aws:ResourceTag/${TagKey}"
PUT = act("PutOrder", "Write", Row("order*", "orders:Size", "iam:PassRole"))
ORDER, SIZE, TAG_KEY = Type("order", keys=TAG), Key("orders:Size"), Key(TAG)
FULL = Service([PUT], [ORDER], [SIZE, TAG_KEY])

Change = tuple[str, str, str, str | None, str | None, str | None]


def changes(older: str, newer: str) -> list[Change]:
    """What a newer page brings."""
    tables = normalise([collection(D1, older), collection(D2, newer)])
    columns = ("change", "kind", "subject", "field", "old_value", "new_value")
    return [tuple(row[name] for name in columns) for row in tables.rows["changes"]]


def changed(field: str, old: str | None, new: str | None) -> list[Change]:
    return [("changed", "action", "orders:PutOrder", field, old, new)]


def with_action(action: Any) -> str:
    return as_html(replace(FULL, actions=[action]))


# --- how pages are made


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        pytest.param(act("PutOrder", "Tagging"), act("PutOrder", "Tagging, Write"), id="tagging"),
        pytest.param(
            act("PutOrder", "Permissions management"),
            act("PutOrder", "Permissions management, Write"),
            id="permissions",
        ),
        pytest.param(
            act("PutOrder", "Write", Row("order*")),
            act("PutOrder", "Write", Row("order*", TAG)),
            id="keys of the type repeated on its rows",
        ),
        pytest.param(
            act("PutOrder", "Write", Row("order*"), Row(keys="orders:Size")),
            act("PutOrder", "Write", Row("order*", f"orders:Size {TAG}")),
            id="keys of the action merged into its rows",
        ),
        pytest.param(PUT, act("PutOrder", "Write", Row("order*", "orders:Size")), id="no column"),
        pytest.param(
            act("PutOrder", "Write", Row("order*"), Row("order*", scenario="By night")),
            act("PutOrder", "Write", Row("order*")),
            id="no scenarios",
        ),
    ],
)
def test_format_since_2026_is_no_change(older: Any, newer: Any) -> None:
    assert changes(with_action(older), as_2026(replace(FULL, actions=[newer]))) == []


def test_json_without_marks_descriptions_and_dependent_actions_is_no_change() -> None:
    action = replace(PUT, permission_only=True)

    assert changes(with_action(action), as_json(replace(FULL, actions=[action]))) == []


def test_page_after_the_json_is_no_change() -> None:
    """The first description, required mark or dependent action that is known is not new."""
    assert changes(as_json(FULL), as_html(FULL)) == []


def test_tables_after_bullets_are_no_change() -> None:
    """Resource types, levels, keys and dependent actions were unknown, not empty."""
    assert changes(as_bullets(FULL), as_table(FULL)) == []


def test_operations_that_are_first_known_are_no_change() -> None:
    operations = [Op("PutOrder", ("orders:PutOrder",))]

    assert changes(as_2026(FULL), as_2026(replace(FULL, operations=operations))) == []


def test_table_that_was_left_out_and_comes_back_is_no_change() -> None:
    left_out = as_table(replace(FULL, actions=None))

    assert changes(left_out, as_table(FULL)) == []


def test_lost_names_are_no_change() -> None:
    lost = replace(PUT, name="https://docs.example.com/x", url="https://docs.example.com/x")

    assert changes(as_table(FULL), as_table(replace(FULL, actions=[lost]))) == []


def test_blank_levels_are_no_change() -> None:
    assert changes(as_table(FULL), as_table(replace(FULL, actions=[replace(PUT, level="")]))) == []


def test_name_in_another_case_is_no_change() -> None:
    other = replace(
        FULL, actions=[replace(PUT, name="putOrder")], keys=[Key("orders:size"), TAG_KEY]
    )

    assert changes(as_html(FULL), as_html(other)) == []


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(act("PutOrder", "Write", Row("order* ", "b:B a:A")), id="another order"),
        pytest.param(act("PutOrder", "Write", Row("order*", "a:A"), Row("", "b:B")), id="rows"),
        pytest.param(
            act("PutOrder", "Write", Row("order*", "A:a b:B")),
            id="another case",
        ),
    ],
)
def test_order_rows_and_case_of_keys_are_no_change(other: Any) -> None:
    assert (
        changes(with_action(act("PutOrder", "Write", Row("order*", "a:A b:B"))), with_action(other))
        == []
    )


# --- what AWS says


@pytest.mark.parametrize(
    ("newer", "expected"),
    [
        (replace(PUT, level="Read"), changed("access level", "Write", "Read")),
        (replace(PUT, level="Tagging"), changed("access level", "Write", "Tagging")),
        (replace(PUT, permission_only=True), changed("permission-only", "no", "yes")),
        (
            act("PutOrder", "Write", Row("order*", "orders:Size", "iam:PassRole"), Row("box")),
            changed("resource types", "order", "box, order"),
        ),
        (
            act("PutOrder", "Write", Row("order", "orders:Size", "iam:PassRole")),
            changed("required resource types", "order", None),
        ),
        (
            act("PutOrder", "Write", Row("order*", "", "iam:PassRole")),
            changed("condition keys", "orders:Size", None),
        ),
        (
            act("PutOrder", "Write", Row("order*", "orders:Size", "iam:PassRole kms:Decrypt")),
            changed("dependent actions", "iam:PassRole", "iam:PassRole, kms:Decrypt"),
        ),
        (replace(PUT, description="Puts."), changed("description", "Does it.", "Puts.")),
    ],
)
def test_field_of_an_action_that_changed(newer: Any, expected: list[Change]) -> None:
    assert changes(as_html(FULL), with_action(newer)) == expected


@pytest.mark.parametrize(
    ("newer", "expected"),
    [
        (
            replace(FULL, types=[replace(ORDER, arns="arn:a:b:::c")]),
            ("resource type", "orders:order", "ARN formats", ORDER.arns, "arn:a:b:::c"),
        ),
        (
            replace(FULL, types=[replace(ORDER, keys=f"orders:Colour {TAG}")]),
            ("resource type", "orders:order", "condition keys", TAG, f"{TAG}, orders:Colour"),
        ),
        (
            replace(FULL, keys=[replace(SIZE, type="Numeric"), TAG_KEY]),
            ("condition key", "orders:Size (orders)", "type", "String", "Numeric"),
        ),
        (
            replace(FULL, keys=[replace(SIZE, description="Sifts."), TAG_KEY]),
            ("condition key", "orders:Size (orders)", "description", "Filters.", "Sifts."),
        ),
        (
            replace(FULL, name="New Orders"),
            ("service", "orders", "name", "Example Orders", "New Orders"),
        ),
    ],
)
def test_field_of_another_subject_that_changed(newer: Service, expected: tuple[str, ...]) -> None:
    assert changes(as_html(FULL), as_html(newer)) == [("changed", *expected)]


def test_operation_that_needs_more_changed() -> None:
    older, newer = (
        as_2026(replace(FULL, operations=[Op("PutOrder", needs)]))
        for needs in (("orders:PutOrder",), ("orders:PutOrder", "iam:PassRole"))
    )

    assert changes(older, newer) == [
        (
            "changed",
            "operation",
            "orders:PutOrder (orders)",
            "actions",
            "orders:PutOrder",
            "iam:PassRole, orders:PutOrder",
        )
    ]


def test_subjects_come_and_go() -> None:
    newer = Service([act("NewOrder")], [Type("Order", keys=TAG)], [Key("orders:New"), TAG_KEY])

    assert changes(as_html(FULL), as_html(newer)) == [
        ("added", "action", "orders:NewOrder", None, None, None),
        ("removed", "action", "orders:PutOrder", None, None, None),
        ("added", "condition key", "orders:New (orders)", None, None, None),
        ("removed", "condition key", "orders:Size (orders)", None, None, None),
        ("added", "resource type", "orders:Order", None, None, None),
        ("removed", "resource type", "orders:order", None, None, None),
    ]


def test_really_reclassified_action_is_a_change_also_with_two_levels() -> None:
    """`sqs:SetQueueAttributes` went from Write to Permissions management, Write."""
    newer = as_2026(replace(FULL, actions=[replace(PUT, level="Permissions management, Write")]))

    assert changes(as_html(FULL), newer) == changed(
        "access level", "Write", "Permissions management"
    )


# --- the parts


def test_state_differs_in_nothing_from_itself() -> None:
    tables = normalise([collection(D1, as_html(FULL))])
    state = state_of(tables.rows, tables.rows["pages"])

    assert differences(state, state) == []


def test_everything_is_added_to_nothing_and_removed_from_it() -> None:
    tables = normalise([collection(D1, as_html(FULL))])
    state, nothing = state_of(tables.rows, tables.rows["pages"]), state_of({}, [])
    subjects = [
        ("action", "orders:PutOrder"),
        ("condition key", f"{TAG} (orders)"),
        ("condition key", "orders:Size (orders)"),
        ("resource type", "orders:order"),
        ("service", "orders"),
    ]

    for change, found in [
        ("added", differences(nothing, state)),
        ("removed", differences(state, nothing)),
    ]:
        assert [(each["change"], each["kind"], each["subject"]) for each in found] == [
            (change, *subject) for subject in subjects
        ]


@pytest.mark.parametrize(
    ("subject", "kind", "prefix"),
    [
        ("orders:PutOrder", "action", "orders"),
        ("orders:order", "resource type", "orders"),
        ("aws:TagKeys (orders)", "condition key", "orders"),
        ("orders:Put (sdk)", "operation", "orders"),
        ("orders", "service", "orders"),
    ],
)
def test_subject_says_its_service(subject: str, kind: str, prefix: str) -> None:
    assert service_of(subject, kind) == prefix


def test_catalogs_are_compared_as_pages_are(tmp_path: Any) -> None:
    newer = with_action(replace(PUT, level="Read", description="Puts."))
    one = store(tmp_path, collection(D1, as_html(FULL)), name="one.db")
    two = store(tmp_path, collection(D2, newer), name="two.db")
    with Catalog(one) as first, Catalog(two) as second:
        found = [
            (each.change, each.kind, each.subject, each.field, each.old_value, each.new_value)
            for each in first.differences(second)
        ]

    assert found == changes(as_html(FULL), newer)
