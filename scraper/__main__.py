"""`python -m scraper`."""

try:
    from scraper.cli import cli
except ModuleNotFoundError as error:
    if error.name and error.name.startswith(("scraper", "iam_catalog")):
        raise
    raise SystemExit(
        f"The scraper needs {error.name}, which is not there: run 'make build'."
    ) from None

cli(prog_name="python -m scraper")
