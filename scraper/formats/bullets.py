r"""Read bulleted Markdown of 2017-12 to 2018-03.

Actions and condition keys only, each in a bullet:

    + `[waf\-regional:UpdateIPSet](http://…)` \- this is an IAM policy permission only, …

The whole link is in a code span, where CommonMark undoes neither link nor escapes; so lines
are read as they are, without a Markdown parser.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from scraper.formats.base import Format
from scraper.page.cells import is_action_name
from scraper.page.model import PageAction, PageActionRow, PageConditionKey, ServicePage, State
from scraper.page.report import Report
from scraper.page.rows import is_web_address
from scraper.page.tables import Cell, Row, fold

TITLE = re.compile(
    r"# (?P<title>Actions and Condition Context Keys for (?P<service>.+?))"
    r'(?:<a name="(?P<anchor>[^"]*)"></a>)?\s*'
)
INTRODUCTION = re.compile(r"(?P<service>.+) \(service prefix: (?P<prefix>[a-z0-9-]+)\) provides")
SECTIONS = {
    "actions": re.compile(r"\*\*Actions for .+\*\*\s*"),
    "condition_keys": re.compile(r"\*\*Condition context keys for .+\*\*\s*"),
}
NONE = {
    "actions": re.compile(r"has no service-specific actions"),
    "condition_keys": re.compile(r"has no service-specific context keys"),
}
_BULLET = re.compile(r"\+\s+`(?P<code>[^`]+)`(?P<tail>.*)")
_LINK = re.compile(r"\[(?P<text>[^\]]*)\]\((?P<url>.*)\)")
PERMISSION_ONLY = "this is an IAM policy permission only"
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
PLACES = ("permission_only", "addresses")
"""Details for which a bullet has a place."""


def _is_bullets(text: str) -> bool:
    """Return True if the text has the title of a bulleted page."""
    return any(TITLE.fullmatch(line) for line in text.split("\n", 20)[:20])


def _parse_bullets(file: str, text: str) -> ServicePage:
    """Return the page in *text*, which `is_bullets`."""
    return _BulletsParser(file).parse(text.replace("\r\n", "\n").split("\n"))


def _unescape(text: str) -> str:
    return fold(_ESCAPE.sub(r"\1", text))


class _BulletsParser:
    """Read the lines of one page; one instance per page."""

    def __init__(self, file: str) -> None:
        self.report = Report(file)
        self.page = ServicePage(file, FORMAT.name, None, None)
        self.states: dict[str, State] = {}
        self.actions: list[PageAction] = []
        self.condition_keys: list[PageConditionKey] = []

    def parse(self, lines: list[str]) -> ServicePage:
        section: str | None = None
        for number, line in enumerate(lines, start=1):
            if title := TITLE.fullmatch(line):
                self.title(title)
            elif introduced := INTRODUCTION.match(_unescape(line)):
                self.service(introduced["service"], introduced["prefix"], number)
            elif begun := next(
                (name for name, head in SECTIONS.items() if head.fullmatch(line)), ""
            ):
                section = self._begin(begun, number)
            elif section and NONE[section].search(_unescape(line)):
                self.states[section] = "none"
            elif line.lstrip().startswith("+"):
                self._bullet(section, Row((Cell(line.strip(), ()),), number))
        return self.finish()

    def title(self, found: re.Match[str]) -> None:
        slug = found["anchor"] or PurePosixPath(self.page.file).stem
        self.page = replace(
            self.page,
            title=_unescape(found["title"]),
            slug=slug.removeprefix("list_"),
            service_name=_unescape(found["service"]),
        )

    def service(self, name: str, prefix: str, line: int) -> None:
        if name != self.page.service_name:
            text = f"title {self.page.service_name!r}, introduction {name!r}"
            self.report.problem(line, "name-mismatch", text)
        self.page = replace(self.page, service_name=name, service_prefix=prefix, service_line=line)

    def _begin(self, section: str, line: int) -> str:
        """Enter a section; until a bullet or a sentence is read, it holds nothing."""
        if section in self.states:
            self.report.problem(line, "repeated-section", repr(section))
        self.states.setdefault(section, "not in source")
        self.page = replace(self.page, states=dict(self.states))
        return section

    def _bullet(self, section: str | None, row: Row) -> None:
        """Read one bullet into an action or a condition key."""
        line = row.cells[0].text
        where = section or "actions"
        self.report.found(where)
        found = _BULLET.fullmatch(line)
        if section is None or found is None:
            self.report.row_error(where, row, "stray-row", repr(line[:120]))
            return
        link = _LINK.fullmatch(found["code"])
        text = _unescape(link["text"] if link else found["code"])
        url = _unescape(link["url"]) or None if link else None
        if url and not is_web_address(url):
            self.report.problem(row.line, "unresolved-link", f"{text} links to {url!r}")
        self.states[section] = "parsed"
        if section == "condition_keys":
            self.condition_key(text, url, row)
        else:
            self.action(text, url, PERMISSION_ONLY in _unescape(found["tail"]), row)

    def action(self, text: str, url: str | None, permission_only: bool, row: Row) -> None:
        prefix, colon, name = text.partition(":")
        if not (colon and prefix == self.page.service_prefix and is_action_name(name)):
            self.report.row_error("actions", row, "malformed-name", repr(text))
            return
        self.report.recorded("actions", row)
        rows = (PageActionRow(None, None, False, (), (), row.line),)
        self.actions.append(PageAction(name, None, (), permission_only, url, row.line, rows))

    def condition_key(self, text: str, url: str | None, row: Row) -> None:
        if not text:
            self.report.row_error("condition_keys", row, "no-name", repr(row.cells[0].text))
            return
        self.report.recorded("condition_keys", row)
        if ":" not in text:
            self.report.problem(row.line, "odd-condition-key", f"{text!r} has no prefix")
        self.condition_keys.append(PageConditionKey(text, None, None, url, row.line))

    def finish(self) -> ServicePage:
        for problem_kind, text in self.missing():
            self.report.problem(1, problem_kind, text)
        page = replace(
            self.page,
            states=self.states,
            actions=tuple(self.actions),
            condition_keys=tuple(self.condition_keys),
        )
        return self.report.finish(page, PLACES)

    def missing(self) -> Iterator[tuple[str, str]]:
        """Report what every bulleted page has and this one lacks."""
        if self.page.service_prefix is None:
            yield "no-service-prefix", "no sentence 'NAME (service prefix: PREFIX) provides …'"
        for section in SECTIONS:
            if section not in self.states:
                yield "missing-section", f"no section {section!r}"
            elif self.states[section] == "not in source":
                yield "empty-section", f"{section!r} holds neither bullets nor a known sentence"


FORMAT = Format("markdown-bullets", _is_bullets, _parse_bullets)
