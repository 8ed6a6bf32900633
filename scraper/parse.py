"""A source text -> a `ServicePage`: finds out what the text is, and reads its sections.

Formats (the values of `ServicePage.format`):
    markdown-table   Markdown with tables of six columns, 2018-04 to 2020-11

A text that is none of these gets a page with `format` None and one problem. Nothing here raises
on what a text says: what can not be read is a problem with its line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from scraper.markdown_page import read_markdown
from scraper.pages import Action, ConditionKey, ResourceType, ServicePage, State
from scraper.references import check_references
from scraper.report import Report
from scraper.rows import HEADERS, quote, read_actions, read_condition_keys, read_resource_types
from scraper.sections import HEADINGS, INTRODUCTION, TITLE, says_left_out, says_none, section_of
from scraper.tables import Block, Document, Heading, Paragraph, Table

LARGEST_PAGE = 32 * 1024 * 1024
"""Bytes; the largest page that AWS ever published has about 4 MB."""


def parse_bytes(file: str, content: bytes) -> ServicePage:
    """The page in the bytes of *file*, which is a name without folders."""
    if len(content) > LARGEST_PAGE:
        text = f"{len(content):,} bytes; no page is larger than {LARGEST_PAGE:,}"
        return no_page(file, "unreadable", 0, text)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return no_page(file, "unreadable", line, f"byte {content[error.start]:#04x} is not UTF-8")
    return parse_text(file, text)


def parse_text(file: str, text: str) -> ServicePage:
    """The page in *text*, whatever its format."""
    if (start := text.lstrip()[:1]) in ("<", "{", "["):
        looks_like = "HTML" if start == "<" else "JSON"
        return no_page(file, "not-a-page", 1, f"looks like {looks_like}, expected Markdown")
    return parse_document(file, read_markdown(text))


def no_page(file: str, kind: str, line: int, text: str, title: str | None = None) -> ServicePage:
    """What stands for a file that is no page: the problem that says so."""
    report = Report(file)
    report.problem(line, kind, text)
    return ServicePage(file, None, title, None, problems=tuple(report.problems))


def parse_document(file: str, document: Document) -> ServicePage:
    """The page that the blocks of a Markdown file make."""
    titles = [block for block in document.blocks if isinstance(block, Heading) and block.level == 1]
    title = next((heading for heading in titles if TITLE.fullmatch(heading.text)), None)
    if title is None:
        found = titles[0] if titles else Heading(1, "", None, 1)
        expected = "Actions, Resources, and Condition Keys for …"
        text = f"expected a title such as {expected!r}, found {found.text!r}"
        return no_page(file, "not-a-page", found.line, text, found.text or None)
    return _PageParser(file, title).parse(document.blocks)


class _PageParser:
    """Reads the blocks of one page; one instance per page."""

    def __init__(self, file: str, title: Heading) -> None:
        self.file = file
        self.title = title
        self.report = Report(file)
        self.states: dict[str, State] = {}
        self.actions: list[Action] = []
        self.resource_types: list[ResourceType] = []
        self.condition_keys: list[ConditionKey] = []

    def parse(self, blocks: tuple[Block, ...]) -> ServicePage:
        name, prefix, line = self.service(blocks)
        for heading, content in split_sections(blocks, self.title):
            self.section(heading, content)
        for section in HEADINGS:
            if section not in self.states:
                self.report.problem(self.title.line, "missing-section", f"no section {section!r}")
        page = ServicePage(
            self.file,
            "markdown-table",
            self.title.text,
            self.slug(),
            name,
            prefix,
            line,
            self.states,
            tuple(self.actions),
            tuple(self.resource_types),
            tuple(self.condition_keys),
        )
        check_references(page, self.report)
        self.report.check_conservation()
        return replace(page, rows=self.report.row_counts(), problems=tuple(self.report.problems))

    def slug(self) -> str:
        """The page's own name for itself, else that of its file."""
        return (self.title.anchor or PurePosixPath(self.file).stem).removeprefix("list_")

    def service(self, blocks: tuple[Block, ...]) -> tuple[str | None, str | None, int]:
        """Name, prefix and line of the introduction; the name of the title where it has none."""
        titled = TITLE.fullmatch(self.title.text)
        name = titled["service"] if titled else None
        for block in blocks:
            if isinstance(block, Paragraph) and (found := INTRODUCTION.match(block.text)):
                if found["service"] != name:
                    text = f"title {name!r}, introduction {found['service']!r}"
                    self.report.problem(block.line, "name-mismatch", text)
                return found["service"], found["prefix"], block.line
        text = "no sentence 'NAME (service prefix: PREFIX) provides the following …'"
        self.report.problem(self.title.line, "no-service-prefix", text)
        return name, None, self.title.line

    def section(self, heading: Heading, content: list[Block]) -> None:
        """Read one section into the records, and say what state it is in."""
        section = section_of(heading)
        if section is None:
            self.report.problem(heading.line, "unknown-section", repr(heading.text))
            self.stray_rows("actions", content)
            return
        if section in self.states:
            self.report.problem(heading.line, "repeated-section", repr(heading.text))
        tables = [block for block in content if isinstance(block, Table)]
        known = [table for table in tables if self.is_known(section, table)]
        self.stray_rows(section, [table for table in tables if not table.header])
        for table in known:
            self.table(section, table)
        self.states[section] = self.state(section, heading, content, bool(known))

    def is_known(self, section: str, table: Table) -> bool:
        """The table has a header of the section; another one makes all its rows errors."""
        if not table.header or table.columns in HEADERS[section]:
            return bool(table.header)
        self.report.problem(table.line, "unknown-header", " | ".join(table.header))
        self.report.found(section, len(table.rows))
        for row in table.rows:
            self.report.row_error(section, row, "unknown-header", quote(row))
        return False

    def stray_rows(self, section: str, blocks: list[Block]) -> None:
        """Report rows that stand where no table can claim them."""
        for table in blocks:
            if isinstance(table, Table):
                self.report.found(section, len(table.rows))
                for row in table.rows:
                    self.report.row_error(section, row, "stray-row", quote(row))

    def table(self, section: str, table: Table) -> None:
        if section == "actions":
            self.actions += read_actions(table, self.report)
        elif section == "resource_types":
            self.resource_types += read_resource_types(table, self.report)
        else:
            self.condition_keys += read_condition_keys(table, self.report)

    def state(self, section: str, heading: Heading, content: list[Block], has_table: bool) -> State:
        """What the section says of AWS; silence is an error, never "none"."""
        none = next((block for block in content if says_none(section, block)), None)
        if has_table:
            if none:
                self.report.problem(none.line, "contradiction", repr(heading.text))
            return "parsed"
        if none:
            return "none"
        if not any(says_left_out(block) for block in content):
            text = f"{heading.text!r} holds neither a table nor a sentence that says why"
            self.report.problem(heading.line, "empty-section", text)
        return "not in source"


def split_sections(
    blocks: tuple[Block, ...], title: Heading
) -> Iterator[tuple[Heading, list[Block]]]:
    """Each heading below the title with the blocks down to the next heading."""
    heading, content = title, list[Block]()
    for block in blocks:
        if isinstance(block, Heading) and block is not title:
            if heading is not title or any(isinstance(each, Table) for each in content):
                yield heading, content
            heading, content = block, []
        elif block is not title:
            content.append(block)
    yield heading, content
