"""Pages of one service and date, and their JSON, are united: nothing is last-wins."""

from __future__ import annotations

from dataclasses import replace

from dated_pages import collection, column, rows
from examples import CHANNEL, GET_ORDER, page_text
from page_texts import GUIDE, Key, Op, Row, Service, Type, act, as_2026, as_html, as_json, as_table

from scraper.merge.normalise import Tables, normalise

DATE = "2026-02-04"
A, B = {"slug": "a", "name": "A Orders"}, {"slug": "b", "name": "B Orders"}
PAGE, JSON = f"orders@{DATE}", f"orders.json@{DATE}"


def united(*texts: str) -> Tables:
    return normalise([collection(DATE, *texts)])


def disagreements(tables: Tables) -> list[tuple[str, ...]]:
    return rows(tables, "disagreements", "kind", "subject", "field", "value", "page", "line")


# --- several pages


def test_two_pages_of_one_prefix_are_united() -> None:
    put = (
        r"|   PutOrder  | Makes an order\. | Write |   [ order\* ](#o)   [ box ](#b)   |  "
        "|   iam:PassRole   kms:Decrypt   | "
    )
    boxes = page_text(
        service="Example Boxes",
        actions=[
            r"|   putorder  | Boxes it\. | Tagging |   [ box\* ](#b)   |  |   s3:GetObject   | ",
            GET_ORDER,
        ],
        resource_types=[r"|   box  |  arn:$\{Partition\}:orders:::box/$\{BoxId\}  |  | "],
    )
    tables = united(boxes, page_text(actions=[put], condition_keys=[CHANNEL]))
    first, second = f"exampleboxes@{DATE}", f"exampleorders@{DATE}"

    assert rows(tables, "services", "service_prefix", "name") == [("orders", "Example Boxes")]
    assert rows(tables, "pages", "page", "service_name") == [
        (first, "Example Boxes"),
        (second, "Example Orders"),
    ]
    assert rows(tables, "actions", "action", "access_level", "page") == [
        ("orders:putorder", "Tagging", first),
        ("orders:GetOrder", "Read", first),
    ]
    assert rows(tables, "action_access_levels", "access_level", "position", "page") == [
        ("Tagging", 1, first),
        ("Write", 2, second),
        ("Read", 1, first),
    ]
    assert rows(tables, "action_rows", "action_row", "action", "position", "resource_type") == [
        (f"{first}#9.1", "orders:putorder", 1, "orders:box"),
        (f"{second}#9.1", "orders:putorder", 2, None),
        (f"{second}#9.2", "orders:putorder", 3, "orders:box"),
        (f"{first}#10.1", "orders:GetOrder", 1, None),
    ]
    assert rows(tables, "dependent_actions", "dependent_action", "position") == [
        ("s3:GetObject", 1),
        ("iam:PassRole", 2),
        ("kms:Decrypt", 3),
    ]


def test_order_of_the_files_means_nothing() -> None:
    first = as_html(Service([act("GetOrder", "List")], **A))
    second = as_html(Service([act("GetOrder", "Read")], **B))
    both, reverse = united(first, second).rows, united(second, first).rows
    by_page = {"pages", "page_dates"}  # in the order of the files

    assert {table: both[table] for table in both.keys() - by_page} == {
        table: reverse[table] for table in reverse.keys() - by_page
    }


def test_arn_formats_of_a_type_on_two_pages_are_its_formats() -> None:
    first = as_html(Service(types=[Type("order", "arn:a:b:::c")], **A))
    second = as_html(Service(types=[Type("order", "arn:a:b:::d"), Type("box")], **B))
    tables = united(first, second)

    assert rows(tables, "resource_types", "resource_type", "page") == [
        ("orders:order", f"a@{DATE}"),
        ("orders:box", f"b@{DATE}"),
    ]
    assert rows(tables, "arn_formats", "resource_type", "format", "page") == [
        ("orders:order", "arn:a:b:::c", f"a@{DATE}"),
        ("orders:order", "arn:a:b:::d", f"b@{DATE}"),
        ("orders:box", "arn:${Partition}:orders:::thing/${Id}", f"b@{DATE}"),
    ]


def test_same_arn_format_on_two_pages_is_one() -> None:
    pages = [as_html(Service(types=[Type("order")], **each)) for each in (A, B)]

    assert rows(united(*pages), "arn_formats", "resource_type", "page") == [
        ("orders:order", f"a@{DATE}")
    ]


def test_keys_of_a_type_on_two_pages_are_its_keys() -> None:
    first = as_html(Service(types=[Type("order", keys="a:One a:Two")], **A))
    second = as_html(Service(types=[Type("order", keys="a:Three a:one")], **B))

    assert rows(united(first, second), "resource_type_condition_keys", "condition_key") == [
        ("a:One",),
        ("a:Two",),
        ("a:Three",),
    ]


def test_every_definition_of_a_condition_key_is_kept() -> None:
    first = as_html(Service(keys=[Key("a:Key", "One.", "String")], **A))
    second = as_html(Service(keys=[Key("a:key", "Two.", "ArrayOfString")], **B))
    tables = united(first, second)

    assert rows(tables, "condition_keys", "condition_key", "type", "description") == [
        ("a:Key", "String", "One.")
    ]
    assert rows(
        tables, "condition_key_definitions", "condition_key", "key_as_written", "type", "page"
    ) == [
        ("a:Key", "a:Key", "String", f"a@{DATE}"),
        ("a:Key", "a:key", "ArrayOfString", f"b@{DATE}"),
    ]


def test_description_comes_from_the_first_page_that_has_one() -> None:
    first = as_html(Service([act("GetOrder", description="")], **A))
    second = as_html(Service([act("GetOrder", description="Gets.", url=f"{GUIDE}g")], **B))

    assert rows(united(first, second), "actions", "page", "description", "url", "details_page") == [
        (f"a@{DATE}", "Gets.", f"{GUIDE}g", f"b@{DATE}")
    ]


def test_action_is_permission_only_if_a_page_says_so() -> None:
    first = as_html(Service([act("GetOrder")], **A))
    second = as_html(Service([act("GetOrder", permission_only=True)], **B))

    assert column(united(first, second), "actions", "permission_only") == [True]


def test_operation_of_two_pages_has_the_actions_of_both() -> None:
    first = as_2026(Service([], operations=[Op("Put", ("a:One",), ("sdk",))], **A))
    second = as_2026(Service([], operations=[Op("Put", ("a:One", "a:Two"), ("sdk",))], **B))

    assert rows(united(first, second), "operation_actions", "operation", "action") == [
        ("orders:Put (sdk)", "a:One"),
        ("orders:Put (sdk)", "a:Two"),
    ]


# --- where pages disagree


def test_both_statements_are_listed_with_their_sources() -> None:
    first = act("PutOrder", "Write", Row("order*", "a:One", "iam:PassRole"), description="One.")
    second = act(
        "PutOrder", "List", Row("box"), description="Two.", permission_only=True, url=f"{GUIDE}p"
    )
    tables = united(as_html(Service([first], **A)), as_html(Service([second], **B)))
    a, b = (f"a@{DATE}", 10), (f"b@{DATE}", 10)

    assert disagreements(tables) == [
        ("action", "orders:PutOrder", "access level", "Write", *a),
        ("action", "orders:PutOrder", "access level", "List", *b),
        ("action", "orders:PutOrder", "description", "One.", *a),
        ("action", "orders:PutOrder", "description", "Two.", *b),
        ("action", "orders:PutOrder", "permission-only", "no", *a),
        ("action", "orders:PutOrder", "permission-only", "yes", *b),
        ("action", "orders:PutOrder", "resource types", "order", *a),
        ("action", "orders:PutOrder", "resource types", "box", *b),
        ("action", "orders:PutOrder", "condition keys", "a:One", *a),
        ("action", "orders:PutOrder", "condition keys", None, *b),
        ("action", "orders:PutOrder", "required resource types", "order", *a),
        ("action", "orders:PutOrder", "required resource types", None, *b),
        ("action", "orders:PutOrder", "dependent actions", "iam:PassRole", *a),
        ("action", "orders:PutOrder", "dependent actions", None, *b),
    ]


def test_three_pages_of_which_one_disagrees_are_all_listed() -> None:
    levels = {"a": "Read", "b": "List", "c": "Read"}
    tables = united(
        *(as_html(Service([act("GetOrder", each)], slug=slug)) for slug, each in levels.items())
    )

    assert [(row[3], row[4]) for row in disagreements(tables)] == [
        ("Read", f"a@{DATE}"),
        ("List", f"b@{DATE}"),
        ("Read", f"c@{DATE}"),
    ]


def test_other_arn_formats_are_a_disagreement() -> None:
    first = as_html(Service(types=[Type("order", "arn:a:b:::c")], **A))
    second = as_html(Service(types=[Type("order", "arn:a:b:::d")], **B))

    assert [row[:4] for row in disagreements(united(first, second))] == [
        ("resource type", "orders:order", "ARN formats", "arn:a:b:::c"),
        ("resource type", "orders:order", "ARN formats", "arn:a:b:::d"),
    ]


def test_other_types_of_a_condition_key_are_a_disagreement() -> None:
    """`elasticloadbalancing:ListenerProtocol` is String on one page, ArrayOfString on another."""
    pages = [
        as_html(Service(keys=[Key("orders:Size", type=kind)], slug=kind.lower()))
        for kind in ("String", "Numeric")
    ]

    assert [row[:4] for row in disagreements(united(*pages))] == [
        ("condition key", "orders:Size", "type", "Numeric"),
        ("condition key", "orders:Size", "type", "String"),
    ]


def test_pages_that_say_the_same_do_not_disagree() -> None:
    put = act("PutOrder", "Write", Row("order*", "a:One a:Two"), Row("box"))
    other = act("putorder", "Write", Row("box"), Row("order*", "a:Two a:One"))
    tables = united(as_html(Service([put], **A)), as_html(Service([other], **B)))

    assert disagreements(tables) == []


def test_white_space_of_a_description_is_no_disagreement() -> None:
    texts = ["Makes an  order.", "Makes an order. "]
    tables = united(
        *(
            as_html(Service([act("PutOrder", "Write", description=text)], **each))
            for text, each in zip(texts, (A, B), strict=True)
        )
    )

    assert disagreements(tables) == []


def test_scenarios_are_no_disagreement() -> None:
    put = act("PutOrder", "Write", Row("order"), Row("order* box", scenario="By night"))
    tables = united(
        as_html(Service([put])), as_json(Service([act("PutOrder", "Write", Row("order"))]))
    )

    assert disagreements(tables) == []


# --- a page and the JSON of one date


def test_page_and_json_of_one_date_are_united() -> None:
    put = act("PutOrder", "Write", Row("order*", "orders:Size", "iam:PassRole"), Row("", "a:b"))
    late = act("LateOrder", "List", Row("order"))
    service = Service([put], [Type("order", url=f"{GUIDE}o")], [Key("orders:Size"), Key("a:b")])
    operations = [Op("PutOrder", ("orders:PutOrder",), ("orders",))]
    newer = replace(service, actions=[put, late], operations=operations)
    tables = united(as_html(service), as_json(newer))

    assert rows(tables, "actions", "name", "access_level", "description", "page") == [
        ("PutOrder", "Write", "Does it.", PAGE),
        ("LateOrder", "List", None, JSON),
    ]
    assert rows(tables, "action_rows", "action", "resource_type_name", "required", "page") == [
        ("orders:PutOrder", "order", True, PAGE),
        ("orders:PutOrder", None, None, PAGE),
        ("orders:LateOrder", "order", None, JSON),
    ]
    assert rows(tables, "action_condition_keys", "condition_key", "page") == [
        ("orders:Size", PAGE),
        ("a:b", PAGE),
    ]
    assert rows(tables, "dependent_actions", "dependent_action", "page") == [("iam:PassRole", PAGE)]
    assert rows(tables, "resource_types", "resource_type", "url", "page") == [
        ("orders:order", f"{GUIDE}o", PAGE)
    ]
    assert rows(tables, "arn_formats", "resource_type", "page") == [("orders:order", PAGE)]
    assert rows(tables, "operations", "operation", "page") == [("orders:PutOrder (orders)", JSON)]
    assert disagreements(tables) == []


def test_row_of_the_json_that_no_page_has_is_kept() -> None:
    page = as_html(Service([act("PutOrder", "Write", Row("order*"))]))
    json = as_json(Service([act("PutOrder", "Write", Row("order"), Row("box", "a:b"))]))
    tables = united(page, json)

    assert rows(tables, "action_rows", "resource_type_name", "required", "page") == [
        ("order", True, PAGE),
        ("box", None, JSON),
    ]
    assert rows(tables, "action_condition_keys", "condition_key", "page") == [("a:b", JSON)]
    assert disagreements(tables) == [
        ("action", "orders:PutOrder", "resource types", "order", PAGE, 10),
        ("action", "orders:PutOrder", "resource types", "box, order", JSON, 5),
        ("action", "orders:PutOrder", "condition keys", None, PAGE, 10),
        ("action", "orders:PutOrder", "condition keys", "a:b", JSON, 5),
    ]


def test_condition_keys_that_only_the_json_has_are_kept() -> None:
    page = as_html(Service([act("PutOrder", "Write", Row("order*", "a:One"))]))
    json = as_json(Service([act("PutOrder", "Write", Row("order", "a:One a:Two"))]))

    found = column(united(page, json), "action_condition_keys", "condition_key")

    assert sorted(set(found)) == ["a:One", "a:Two"]


def test_keys_that_a_page_repeats_from_its_resource_type_are_no_disagreement() -> None:
    """Since 2026-07 pages list the keys of a resource type on every row of it; JSON does not."""
    types = [Type("order", keys="aws:ResourceTag/x")]
    page = as_2026(Service([act("PutOrder", "Write", Row("order*", "aws:ResourceTag/x"))], types))
    json = as_json(Service([act("PutOrder", "Write", Row("order"))], types))

    assert disagreements(united(page, json)) == []


def test_levels_of_the_json_of_2026_are_no_disagreement_with_the_single_one() -> None:
    page = as_html(
        Service([act("TagOrder", "Tagging"), act("SetPolicy", "Permissions management")])
    )
    json = as_json(
        Service(
            [act("TagOrder", "Tagging, Write"), act("SetPolicy", "Permissions management, Write")]
        )
    )
    tables = united(page, json)

    assert column(tables, "actions", "access_level") == ["Tagging", "Permissions management"]
    assert disagreements(tables) == []


def test_service_is_named_by_its_page_not_by_the_json() -> None:
    tables = united(as_json(Service([act("GetOrder")])), as_table(Service([act("GetOrder")])))

    assert rows(tables, "services", "service_prefix", "name", "page") == [
        ("orders", "Example Orders", PAGE)
    ]


def test_service_of_the_json_alone_has_no_name() -> None:
    assert rows(united(as_json(Service([act("GetOrder")]))), "services", "name", "page") == [
        (None, JSON)
    ]
