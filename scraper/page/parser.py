"""Headings, paragraphs and tables -> a `ServicePage`, whatever markup they were read from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from scraper.page.action_rows import quote, read_actions
from scraper.page.columns import details_of, is_known_table
from scraper.page.definition_rows import read_condition_keys, read_resource_types
from scraper.page.model import (
    Action,
    ConditionKey,
    Operation,
    ResourceType,
    ServicePage,
    State,
    no_page,
    with_details,
)
from scraper.page.operation_rows import read_operations
from scraper.page.references import check_references
from scraper.page.report import Report
from scraper.page.sections import (
    INTRODUCTION,
    PERMISSION_ONLY,
    REQUIRED,
    TITLE,
    says_left_out,
    says_none,
    section_of,
)
from scraper.page.tables import Block, Document, Heading, Paragraph, Table

SECTION_LEVEL = 2
STRAY = 1_000_000
"""Tells a stray row from the list item that the same line may be as well."""
EXPECTED = "'Actions, Resources, and Condition Keys for …'"


def parse_document(file: str, document: Document, form: str) -> ServicePage:
    """The page that the blocks of a file make; *form* is its format by its markup."""
    headings = [block for block in document.blocks if isinstance(block, Heading)]
    titles = [heading for heading in headings if heading.level == 1]
    title = next((heading for heading in titles if TITLE.fullmatch(heading.text)), None)
    if title is None:
        return not_a_page(file, headings[0] if headings else None, document)
    parser = PageParser(file, title, form)
    parser.neighbours = document.neighbours
    for line, text in document.damage:
        parser.report.problem(line, "cut-off", text)
    return parser.parse(document.blocks)


def not_a_page(file: str, found: Heading | None, document: Document) -> ServicePage:
    """What stands for a document that is about something else."""
    if document.damage:
        return no_page(file, "cut-off", *document.damage[0])
    if found is None:
        return no_page(file, "not-a-page", 1, "no title; expected one such as " + EXPECTED)
    kind = "moved-page" if found.text.lower().startswith("moved") else "not-a-page"
    text = f"the title is {found.text!r}; expected one such as {EXPECTED}"
    return no_page(file, kind, found.line, text, found.text)


class PageParser:
    """Reads the blocks of one page; one instance per page."""

    def __init__(self, file: str, title: Heading, form: str) -> None:
        self.file = file
        self.title = title
        self.form = form
        self.report = Report(file)
        self.states: dict[str, State] = {}
        self.actions: list[Action] = []
        self.resource_types: list[ResourceType] = []
        self.condition_keys: list[ConditionKey] = []
        self.operations: list[Operation] = []
        self.details: set[str] = set()
        """What its tables have a place for."""
        self.neighbours: tuple[str | None, str | None] = (None, None)

    def parse(self, blocks: tuple[Block, ...]) -> ServicePage:
        name, prefix, line = self.service(blocks)
        for block in blocks:
            if isinstance(block, Heading) and block.level == 1 and block is not self.title:
                self.report.problem(block.line, "second-page", f"a second title {block.text!r}")
        for heading, content in split_sections(blocks, self.title):
            self.section(heading, content)
        for section in REQUIRED:
            if section not in self.states:
                self.report.problem(self.title.line, "missing-section", f"no section {section!r}")
        page = ServicePage(
            self.file,
            self.form,
            self.title.text,
            self.slug(),
            name,
            prefix,
            line,
            self.states,
            tuple(self.actions),
            tuple(self.resource_types),
            tuple(self.condition_keys),
            tuple(self.operations),
        )
        page = with_details(page, self.details)
        check_references(page, self.report)
        self.report.check_conservation()
        return replace(
            page,
            rows=self.report.row_counts(),
            problems=tuple(self.report.problems),
            neighbours=self.neighbours,
        )

    def slug(self) -> str:
        """The page's own name for itself, else that of its file."""
        return (self.title.anchor or PurePosixPath(self.file).stem).removeprefix("list_")

    def service(self, blocks: tuple[Block, ...]) -> tuple[str | None, str | None, int]:
        """Name, prefix and line of the introduction; the name of the title where it has none."""
        titled = TITLE.fullmatch(self.title.text)
        name = titled["service"] if titled else None
        introductions = [
            (block, found)
            for block in blocks
            if isinstance(block, Paragraph) and (found := INTRODUCTION.match(block.text))
        ]
        for block, found in introductions[1:]:
            text = f"a second service prefix {found['prefix']!r}"
            self.report.problem(block.line, "second-page", text)
        for block, found in introductions[:1]:
            if found["service"] != name:
                text = f"title {name!r}, introduction {found['service']!r}"
                self.report.problem(block.line, "name-mismatch", text)
            if self.form == "markdown-table" and found["operations"]:
                self.form = "markdown-2026"
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
        tables = [block for block in content if isinstance(block, Table)]
        fits = "actions" if section == PERMISSION_ONLY else section
        known = [table for table in tables if self.is_known(fits, table)]
        self.stray_rows(fits, [table for table in tables if not table.header])
        for table in known:
            self.table(section, table)
        state = self.state(section, heading, content, tables)
        if section == PERMISSION_ONLY:
            self.states["actions"] = "parsed" if known else self.states.get("actions", state)
        elif section in self.states:
            self.report.problem(heading.line, "repeated-section", repr(heading.text))
        else:
            self.states[section] = state

    def is_known(self, section: str, table: Table) -> bool:
        """The table has a header of the section; another one makes all its rows errors."""
        if not table.header or is_known_table(section, table):
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
                    apart = replace(row, ordinal=row.ordinal + STRAY)
                    self.report.row_error(section, apart, "stray-row", quote(row))

    def table(self, section: str, table: Table) -> None:
        """Read a table of a section into the records."""
        self.details |= details_of("actions" if section == PERMISSION_ONLY else section, table)
        if section in ("actions", PERMISSION_ONLY):
            permission_only = section == PERMISSION_ONLY
            self.actions += read_actions(table, self.report, permission_only=permission_only)
        elif section == "resource_types":
            self.resource_types += read_resource_types(table, self.report)
        elif section == "condition_keys":
            self.condition_keys += read_condition_keys(table, self.report)
        else:
            self.operations += read_operations(table, self.report)

    def state(
        self, section: str, heading: Heading, content: list[Block], tables: list[Table]
    ) -> State:
        """What the section says of AWS; silence is an error, never "none"."""
        fits = "actions" if section == PERMISSION_ONLY else section
        known = [table for table in tables if is_known_table(fits, table)]
        none = any(says_none(section, block) for block in content)
        left_out = any(says_left_out(block) for block in content)
        if bool(known) + none + left_out > 1:
            text = f"{heading.text!r} has a table and a sentence that says that it has none"
            self.report.problem(heading.line, "contradiction", text)
        if known:
            if not any(table.rows for table in known):
                text = f"{heading.text!r} has a table without rows"
                self.report.problem(heading.line, "empty-section", text)
            return "parsed"
        if not (tables or none or left_out):
            text = f"{heading.text!r} holds neither a table nor a sentence that says why"
            self.report.problem(heading.line, "empty-section", text)
        return "none" if none else "not in source"


def split_sections(
    blocks: tuple[Block, ...], title: Heading
) -> Iterator[tuple[Heading, list[Block]]]:
    """Each section's heading with the blocks down to the next one.

    Smaller headings ("Topics", "Note") are part of their section. What stands before the first
    section is one too, named by the title, if rows stand there: none may be lost.
    """
    heading, content = title, list[Block]()
    for block in blocks:
        if isinstance(block, Heading) and block.level == SECTION_LEVEL:
            if heading is not title or any(isinstance(each, Table) for each in content):
                yield heading, content
            heading, content = block, []
        elif block is not title:
            content.append(block)
    if heading is not title or any(isinstance(each, Table) for each in content):
        yield heading, content
