"""The questions, asked of a small catalog that has what the shipped pages lack."""

from __future__ import annotations

import pytest
from small_catalog import brings_all, build_small_catalog

from iam_catalog import Catalog
from iam_catalog.errors import (
    CatalogError,
    MalformedActionName,
    UnknownAccessLevel,
    UnknownAction,
    UnknownConditionKey,
    UnknownResourceType,
    UnknownServicePrefix,
)
from iam_catalog.facts.search import search_query
from iam_catalog.records import (
    About,
    Action,
    ActionRow,
    ActionSummary,
    ConditionKey,
    DependentAction,
    ResourceType,
    SearchResult,
    Source,
)
from iam_catalog.schema import VERSION

STORE_TITLE = "Actions, Resources, and Condition Keys for Example Store"
CREATE = ActionSummary(
    "store:CreateShelf", "store", "CreateShelf", "Write", "Creates a shelf.", False
)
LIST = ActionSummary("store:ListShelves", "store", "ListShelves", "List", "Lists shelves.", False)
PUT = ActionSummary(
    "store:PutShelfPolicy",
    "store",
    "PutShelfPolicy",
    "Permissions management",
    "Sets the policy of a shelf.",
    True,
)
TAG = ActionSummary("store:TagShelf", "store", "TagShelf", "Tagging", "Tags a shelf.", False)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    with Catalog(build_small_catalog(tmp_path_factory.mktemp("small"))) as catalog:
        yield catalog


def line(number: int) -> Source:
    return Source(
        "store@2020-03-04",
        number,
        "2020-03-04",
        STORE_TITLE,
        "https://docs.example.com/list_store.md",
    )


def error_of(question, *args, **kwargs) -> tuple[type[CatalogError], str]:
    with pytest.raises(CatalogError) as caught:
        question(*args, **kwargs)
    return type(caught.value), str(caught.value)


def test_dependent_actions_merge_the_rows_in_order_without_repeats_of_any_case(catalog):
    assert catalog.dependent_actions("store:CreateShelf") == [
        "iam:PassRole",
        "store:ListShelves",
        "iam:CreateServiceLinkedRole",
    ]


def test_transitive_dependent_actions_go_breadth_first_through_a_cycle_without_the_start(catalog):
    assert catalog.dependent_actions("store:CreateShelf", transitive=True) == [
        "iam:PassRole",
        "store:ListShelves",
        "iam:CreateServiceLinkedRole",
        "store:TagShelf",
    ]


def test_an_action_without_dependent_actions_has_an_empty_list(catalog):
    assert catalog.dependent_actions("store:PutShelfPolicy") == []
    assert catalog.dependent_actions("store:PutShelfPolicy", transitive=True) == []


def test_action_names_are_matched_without_case(catalog):
    assert catalog.dependent_actions("STORE:listSHELVES") == ["store:TagShelf"]
    assert catalog.action("STORE:tagshelf").action == "store:TagShelf"
    assert catalog.required_by("STORE:TAGSHELF") == ["store:ListShelves"]


def test_required_by_answers_for_a_service_that_is_not_held(catalog):
    assert catalog.required_by("iam:PassRole") == ["store:CreateShelf"]
    assert catalog.required_by("iam:Nobody") == []


def test_required_by_names_an_action_once_however_often_it_lists_the_other(catalog):
    assert catalog.required_by("store:ListShelves") == ["store:CreateShelf"]


@pytest.mark.parametrize("question", ["dependent_actions", "required_by", "action"])
@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        (
            "store",
            MalformedActionName,
            "'store' is not an action name: write prefix:Name, for example 's3:GetObject'.",
        ),
        (
            "store:Create*",
            MalformedActionName,
            "'store:Create*' is not an action name: write prefix:Name, for example 's3:GetObject'.",
        ),
        (
            "",
            MalformedActionName,
            "'' is not an action name: write prefix:Name, for example 's3:GetObject'.",
        ),
        (
            "store:CreateShelves",
            UnknownAction,
            (
                "No action 'store:CreateShelves' in the catalog as of 2020-03-04. "
                "Did you mean store:CreateShelf?"
            ),
        ),
        (
            "store:Sweep",
            UnknownAction,
            "No action 'store:Sweep' in the catalog as of 2020-03-04.",
        ),
        (
            "depot:PutShelf",
            UnknownAction,
            (
                "No action 'depot:PutShelf' in the catalog as of 2020-01-02 (a source of "
                "depot leaves its actions out, so the action may well exist)."
            ),
        ),
    ],
)
def test_an_action_that_is_not_there_is_an_error(catalog, question, name, error, message):
    assert error_of(getattr(catalog, question), name) == (error, message)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "sotre:CreateShelf",
            (
                "No action 'sotre:CreateShelf' in the catalog as of 2020-03-04, which"
                " holds no service 'sotre'. "
                f"Did you mean store:CreateShelf? {brings_all(2)}"
            ),
        ),
        (
            "kms:Decrypt",
            (
                "No action 'kms:Decrypt' in the catalog as of 2020-03-04, which holds no"
                " service 'kms'."
                f" {brings_all(2)}"
            ),
        ),
    ],
)
def test_an_action_of_a_service_that_is_not_held_says_so(catalog, name, message):
    assert error_of(catalog.dependent_actions, name) == (UnknownAction, message)


def test_an_unknown_action_carries_its_name_and_its_suggestions(catalog):
    with pytest.raises(UnknownAction) as caught:
        catalog.action("store:listshelfs")

    assert (caught.value.action, caught.value.suggestions) == (
        "store:listshelfs",
        ["store:ListShelves"],
    )


def test_an_action_keeps_the_pairing_of_its_rows_and_says_where_it_stands(catalog):
    assert catalog.action("store:CreateShelf") == Action(
        action="store:CreateShelf",
        service_prefix="store",
        name="CreateShelf",
        access_level="Write",
        access_levels=("Write",),
        description="Creates a shelf.",
        permission_only=False,
        url=None,
        rows=(
            ActionRow(
                "store:shelf",
                True,
                None,
                ("aws:RequestTag/${TagKey}",),
                ("iam:PassRole", "store:ListShelves"),
                "store@2020-03-04",
                9,
            ),
            ActionRow(
                "store:box",
                False,
                None,
                ("store:Colour",),
                ("store:listshelves", "iam:CreateServiceLinkedRole"),
                "store@2020-03-04",
                10,
            ),
        ),
        resource_types=("store:shelf", "store:box"),
        condition_keys=("aws:RequestTag/${TagKey}", "store:Colour"),
        dependent_actions=("iam:PassRole", "store:ListShelves", "iam:CreateServiceLinkedRole"),
        dependents=(
            DependentAction("iam:PassRole", "shelf", "2020-03-04", "store@2020-03-04", 9),
            DependentAction("store:ListShelves", "shelf", "2020-03-04", "store@2020-03-04", 9),
            DependentAction("store:listshelves", "box", "2020-03-04", "store@2020-03-04", 10),
            DependentAction(
                "iam:CreateServiceLinkedRole", "box", "2020-03-04", "store@2020-03-04", 10
            ),
        ),
        dependents_state="parsed",
        dependents_page="store@2020-03-04",
        dependents_documented_on="2020-03-04",
        source=line(9),
        first_seen="2020-03-04",
        last_seen="2020-03-04",
        removed=None,
    )


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, [CREATE, LIST, PUT, TAG]),
        ({"service_prefix": "STORE"}, [CREATE, LIST, PUT, TAG]),
        ({"service_prefix": "depot"}, []),
        ({"access_level": "permissions management"}, [PUT]),
        ({"resource_type": "box"}, [CREATE]),
        ({"resource_type": "store:shelf"}, [CREATE, PUT, TAG]),
        ({"resource_type": "shelf"}, [CREATE, PUT, TAG]),
        ({"resource_type": "depot:shelf"}, []),
        ({"condition_key": "STORE:colour"}, [CREATE]),
        ({"condition_key": "aws:ResourceTag/${TagKey}"}, [CREATE, PUT, TAG]),
        ({"condition_key": "aws:requesttag/team"}, [CREATE]),
        ({"resource_type": "shelf", "access_level": "Tagging"}, [TAG]),
        ({"service_prefix": "depot", "access_level": "Tagging"}, []),
    ],
)
def test_actions_fit_every_filter(catalog, filters, found):
    assert catalog.actions(**filters) == found


@pytest.mark.parametrize(
    ("filters", "error", "message"),
    [
        (
            {"service_prefix": "stor"},
            UnknownServicePrefix,
            (
                "No service 'stor' in the catalog as of 2020-03-04, which holds depot,"
                " store. Did you mean store?"
                f" {brings_all(2)}"
            ),
        ),
        (
            {"access_level": "Admin"},
            UnknownAccessLevel,
            (
                "'Admin' is not an access level: use one of List, Read, Write, "
                "Permissions management, Tagging."
            ),
        ),
        (
            {"resource_type": "store:Shelf"},
            UnknownResourceType,
            (
                "No resource type 'store:Shelf' in the catalog as of 2020-03-04. Did you mean"
                " store:shelf?"
            ),
        ),
        (
            {"resource_type": "Shelf"},
            UnknownResourceType,
            (
                "No resource type 'Shelf' in the catalog as of 2020-03-04. Did you mean"
                " depot:shelf or store:shelf?"
            ),
        ),
        (
            {"resource_type": "sotre:box"},
            UnknownResourceType,
            (
                "No resource type 'sotre:box' in the catalog as of 2020-03-04. Did you mean"
                f" store:box? {brings_all(2)}"
            ),
        ),
        (
            {"condition_key": "store:Color"},
            UnknownConditionKey,
            (
                "No condition key 'store:Color' in the catalog as of 2020-03-04. Did you mean"
                " store:Colour?"
            ),
        ),
        (
            {"condition_key": "aws:RequestTag/"},
            UnknownConditionKey,
            (
                "No condition key 'aws:RequestTag/' in the catalog as of 2020-03-04. "
                f"Did you mean aws:RequestTag/${{TagKey}}? {brings_all(2)}"
            ),
        ),
    ],
)
def test_an_unknown_word_in_a_filter_is_an_error(catalog, filters, error, message):
    assert error_of(catalog.actions, **filters) == (error, message)


def test_services_come_by_prefix_with_their_counts(catalog):
    assert [
        (each.service_prefix, each.name, each.actions, each.resource_types, each.condition_keys)
        for each in catalog.services()
    ] == [("depot", "Example Depot", None, 1, 0), ("store", "Example Store", 4, 2, 3)]


def test_a_page_says_what_it_states_of_each_section(catalog):
    assert [
        (
            page.page,
            page.date,
            page.actions_state,
            page.resource_types_state,
            page.condition_keys_state,
            page.operations_state,
        )
        for page in catalog.service("DEPOT").pages
    ] == [("depot@2020-01-02", "2020-01-02", "not in source", "parsed", "none", "not in source")]


def test_a_resource_type_has_its_arn_formats_keys_and_actions(catalog):
    shelf = ResourceType(
        "store:shelf",
        "store",
        "shelf",
        ("arn:${Partition}:store:${Region}:${Account}:shelf/${ShelfId}",),
        ("aws:ResourceTag/${TagKey}",),
        ("store:CreateShelf", "store:PutShelfPolicy", "store:TagShelf"),
        None,
        line(19),
        "2020-03-04",
        "2020-03-04",
        None,
    )

    assert catalog.resource_type("STORE:shelf") == shelf
    assert catalog.resource_types("store")[1] == shelf


def test_resource_types_of_all_services_are_sorted(catalog):
    assert [each.resource_type for each in catalog.resource_types()] == [
        "depot:shelf",
        "store:box",
        "store:shelf",
    ]


def test_a_resource_type_that_several_services_have_needs_its_prefix(catalog):
    assert catalog.resource_type("box").resource_type == "store:box"
    assert error_of(catalog.resource_type, "shelf") == (
        UnknownResourceType,
        (
            "No resource type 'shelf' in the catalog without its service prefix. "
            "Did you mean depot:shelf or store:shelf?"
        ),
    )


def test_condition_keys_are_what_the_pages_define(catalog):
    assert catalog.condition_keys("store") == [
        ConditionKey(key, "store", "String", text, None, line(at), "2020-03-04", "2020-03-04")
        for key, text, at in [
            ("aws:RequestTag/${TagKey}", "A tag in the request.", 26),
            ("aws:ResourceTag/${TagKey}", "A tag of the resource.", 27),
            ("store:Colour", "The colour of the box.", 28),
        ]
    ]
    assert catalog.condition_keys("depot") == []
    assert catalog.condition_keys() == catalog.condition_keys("store")


@pytest.mark.parametrize("question", ["service", "resource_types", "condition_keys"])
def test_an_unknown_service_prefix_is_an_error(catalog, question):
    assert error_of(getattr(catalog, question), "iam") == (
        UnknownServicePrefix,
        (
            "No service 'iam' in the catalog as of 2020-03-04, which holds depot, store."
            f" {brings_all(2)}"
        ),
    )


@pytest.mark.parametrize("text", ["create shelf", "CREATE SHE", "store:CreateShelf", "createshelf"])
def test_search_finds_an_action_by_its_words(catalog, text):
    assert catalog.search(text) == [
        SearchResult("action", "store:CreateShelf", "Creates a shelf.", "Write")
    ]


def test_search_covers_every_kind(catalog):
    assert catalog.search("colour") == [
        SearchResult("condition key", "store:Colour", "The colour of the box.")
    ]
    assert catalog.search("depot") == [
        SearchResult("service", "depot", "Example Depot"),
        SearchResult("resource type", "depot:shelf", None),
    ]


def test_search_gives_at_most_the_limit_after_an_offset(catalog):
    every = catalog.search("shelf")

    assert len(every) > 2
    assert catalog.search("shelf", limit=1) == every[:1]
    assert catalog.search("shelf", limit=1, offset=1) == every[1:2]


@pytest.mark.parametrize("text", ["", " ", ":", '"', "*", "- -", "\0", "()", "quagga"])
def test_search_finds_nothing_without_an_error(catalog, text):
    assert catalog.search(text) == []


@pytest.mark.parametrize(
    "text", ["shelf AND", "shelf:", "-shelf", 'shelf"', "shelf)", "NEAR(shelf"]
)
def test_no_sign_in_a_search_has_a_meaning(catalog, text):
    words = text.replace("AND", "").replace("NEAR", "")

    assert isinstance(catalog.search(text), list)
    assert catalog.search(words) == catalog.search("shelf")


def test_every_word_of_a_search_is_a_quoted_prefix():
    assert search_query('connect:Create-"Inst') == '"connect"* "Create"* "Inst"*'


def test_about_says_which_catalog_answers_and_how_fresh_it_is(catalog):
    assert catalog.about() == About(
        path=catalog.path,
        schema_version=VERSION,
        as_of="2020-03-04",
        dependents_as_of="2020-03-04",
        newest_page="2020-03-04",
        oldest_page="2020-01-02",
        services=2,
        actions=4,
        resource_types=3,
        condition_keys=3,
        dependent_actions=5,
        pages=2,
        datasets=(),
        origin="named",
    )
