"""AWS's own sample policies against the pages of the services that they name: only true findings.

The folder of real pages is named by the environment variable IAM_CATALOG_CORPORA.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from iam_catalog import Catalog
from iam_catalog.policy.check.findings import Finding
from iam_catalog.policy.read.files import read_file
from iam_catalog.policy.read.source import path_text
from scraper.cli import cli

CHECKOUT = Path(__file__).parent.parent.parent
DEFAULT = CHECKOUT.parent / "shared" / "corpora"
CORPORA = Path(os.environ.get("IAM_CATALOG_CORPORA") or DEFAULT)
HTML = CORPORA / "html" / "2025-07-01"
PAGES = ("amazonec2", "amazonmessagegatewayservice", "amazons3", "awskeymanagementservice")
PAGES += ("awssystemsmanager",)
ADDED = "add-session-manager-permissions-to-existing-role.txt"
MINIMAL = "minimal-iam-permissions-for-ssm.md"
QUICKSTART = "session-manager-quickstart-policies.md"

pytestmark = [
    pytest.mark.corpora,
    pytest.mark.skipif(
        not CORPORA.is_dir(),
        reason=f"no folder {str(CORPORA)!r}: name the corpora in IAM_CATALOG_CORPORA",
    ),
]


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    """All services that the samples name, as documented on 2025-07-01."""
    folder = tmp_path_factory.mktemp("real")
    (folder / HTML.name).mkdir()
    for page in PAGES:
        shutil.copy(HTML / f"list_{page}.html", folder / HTML.name)
    output = folder / "catalog.db"
    words = ["build", "--complete", "--data", str(folder / HTML.name), "--output", str(output)]
    assert CliRunner().invoke(cli, words).exit_code == 0
    with Catalog(output) as opened:
        yield opened


def found_in(catalog: Catalog, file: str) -> list[list[Finding]]:
    """What is found in each policy of a file, fragments left out."""
    found = [
        catalog.check_policy(document)
        for document in read_file(str(CHECKOUT / "data" / "policies" / file))
    ]
    return [each for each in found if [one.code for one in each] != ["unresolved-policy"]]


NO_ARN = "`key-name` stands for the ARN of a key, and is none"
NO_ACCOUNT = (
    "`region` and `account-id` stand for both in `arn:aws:ssm:region:account-id:document/…`"
)
NO_DOCUMENT = "ssm:SendCommand stars `document`, and the statement names instances alone"
PASS_ROLE = "the row of ssm:CreateDocument lists iam:PassRole"
PARAMETERS = (
    "ec2:Describe* is also ec2:DescribeLaunchTemplateVersions, which lists ssm:GetParameters"
)

RUN_SHELL = (("placeholder-in-arn", NO_ACCOUNT),)


@pytest.mark.parametrize(
    ("file", "number", "expected"),
    [
        (ADDED, 0, {"Statement[2].Resource": [("malformed-arn", NO_ARN)]}),
        (MINIMAL, 0, {"Statement[0].Action[5]": [("missing-dependent-actions", PARAMETERS)]}),
        (
            QUICKSTART,
            0,
            {
                "Statement[0].Resource[1]": RUN_SHELL,
                "Statement[3].Resource": [("malformed-arn", NO_ARN)],
            },
        ),
        (QUICKSTART, 1, {"Statement[0].Action[1]": [("required-type-missing", NO_DOCUMENT)]}),
        (
            QUICKSTART,
            2,
            {
                "Statement[0].Resource[1]": RUN_SHELL,
                "Statement[3].Resource": [("malformed-arn", NO_ARN)],
            },
        ),
        (
            QUICKSTART,
            3,
            {
                "Statement[2].Resource": RUN_SHELL,
                "Statement[2].Action[0]": [("missing-dependent-actions", PASS_ROLE)],
            },
        ),
        (QUICKSTART, 4, {"Statement[0].Action[1]": [("required-type-missing", NO_DOCUMENT)]}),
        (
            QUICKSTART,
            5,
            {
                "Statement[0].Action[1]": [("required-type-missing", NO_DOCUMENT)],
                "Statement[2].Resource": RUN_SHELL,
                "Statement[2].Action[0]": [("missing-dependent-actions", PASS_ROLE)],
            },
        ),
    ],
)
def test_a_sample_has_these_findings_each_for_its_reason_and_no_other(
    catalog, file, number, expected
):
    found = [(path_text(each.path), each.code) for each in found_in(catalog, file)[number]]

    assert found == [(path, code) for path, reasons in expected.items() for code, _ in reasons]


def test_these_are_all_the_samples(catalog):
    assert [len(found_in(catalog, file)) for file in (ADDED, MINIMAL, QUICKSTART)] == [1, 1, 6]
