"""Show what the codes of a check mean."""

from __future__ import annotations

from dataclasses import dataclass

import click

from iam_catalog.cli.options import chosen, format_option
from iam_catalog.cli.output import FORMATS, print_record, print_records
from iam_catalog.policy.check.registry import CODES, INDEX, rule_named, rule_page

TYPE_CHECKING = False
if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from iam_catalog.policy.check.rule import Rule

_PAGE = "markdown"
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
        click.echo(rule_page(INDEX), nl=False)
    elif code is None:
        print_records([_facts(each) for each in CODES.values()], chosen(form), _COLUMNS)
    elif form in (None, _PAGE):
        click.echo(rule_page(rule_named(code).code), nl=False)
    else:
        print_record(_facts(rule_named(code)), chosen(form))


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
