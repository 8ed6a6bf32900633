"""`python -m scraper`."""

from scraper.cli import cli

cli(prog_name="python -m scraper")
