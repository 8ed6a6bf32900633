"""Show what the codes of a check mean."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from iam_catalog.cli.options import chosen, format_option
from iam_catalog.cli.output import FORMATS, print_record, print_records
from iam_catalog.database import CHECKOUT, PACKAGE
from iam_catalog.errors import CatalogError
from iam_catalog.policy.check.ignores import meant
from iam_catalog.policy.check.registry import CODES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from iam_catalog.policy.check.rule import Rule

_PAGE = "markdown"
_INDEX = "README"
_COLUMNS = ("code", "severity", "meaning")


@dataclass(frozen=True)
class _CodeFacts:
    """What a rule declares, as programs read it."""

    code: str
    severity: str
    topic: str
    meaning: str
    explanation: str
    reference: str
    source: str | None
    read_on: str | None


def _complete_code(_: click.Context, __: click.Parameter, text: str) -> list[CompletionItem | str]:
    return [code for code in CODES if code.startswith(text)]


@click.command()
@click.argument("code", required=False, shell_complete=_complete_code)
@format_option((_PAGE, *FORMATS), "How to print; a page is markdown, a list as in other commands.")
def rule(code: str | None, form: str | None) -> None:
    """Show what a code of check means, or list all of them.

    Example:

    \b
        iam-catalog rule malformed-arn
    """
    if code is None and form == _PAGE:
        click.echo(_page(_INDEX), nl=False)
    elif code is None:
        print_records([_facts(each) for each in CODES.values()], chosen(form), _COLUMNS)
    elif code not in CODES:
        raise CatalogError(
            f"{code!r} is not a code of a finding: 'iam-catalog rule' lists them."
            f"{meant(code, CODES)}"
        )
    elif form in (None, _PAGE):
        click.echo(_page(code), nl=False)
    else:
        print_record(_facts(CODES[code]), chosen(form))


def _facts(of: Rule) -> _CodeFacts:
    return _CodeFacts(
        of.code,
        of.severity,
        of.topic,
        of.meaning,
        of.explanation,
        of.reference,
        of.source,
        of.read_on,
    )


def _page(name: str) -> str:
    """Read a page: the wheel has a copy of those in the checkout's `docs/checks/`."""
    for folder in (Path(PACKAGE, "checks"), Path(CHECKOUT, "docs", "checks")):
        file = folder / f"{name}.md"
        if file.exists():
            return file.read_text(encoding="utf-8")
    raise CatalogError(f"No page {name}.md in {folder}: install iam-catalog again.")
