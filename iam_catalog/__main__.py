"""`python -m iam_catalog` is `iam-catalog`."""

from iam_catalog.cli.main import cli

cli(prog_name="python -m iam_catalog")
