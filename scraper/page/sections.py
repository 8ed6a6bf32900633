"""Read the headings, paragraphs and tables of a document into a `ServicePage`, whatever its markup.

Titles, the introduction, headings and the sentences that say "none" are matched by what every
wording since 2018-04 has in common. Services are often called by another name inside a sentence
("SSM Messages has no …"), so a sentence is known by its predicate.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from scraper.page.model import (
    PageAction,
    PageConditionKey,
    PageOperation,
    PageResourceType,
    ServicePage,
    State,
    no_page,
)
from scraper.page.report import Report
from scraper.page.rows import (
    details_of,
    is_known_table,
    quote,
    read_actions,
    read_condition_keys,
    read_operations,
    read_resource_types,
)
from scraper.page.tables import Block, Document, Heading, PageTable, Paragraph

TITLE = re.compile(r"Actions, Resources, and Condition Keys for (?P<service>.+)", re.IGNORECASE)
INTRODUCTION = re.compile(
    r"(?P<service>.+) \(service prefix: (?P<prefix>[a-z0-9-]+) ?\) provides the following"
    r"(?P<operations> service-specific operations,)?"
)
PERMISSION_ONLY = "permission_only"
"""A section of its own since 2026-07; its actions are actions like the others."""
REQUIRED = ("actions", "resource_types", "condition_keys")
"""The sections that every page has, whatever its date."""
HEADINGS = {
    "operations": re.compile(r"API operations defined by .+", re.IGNORECASE),
    "actions": re.compile(r"Actions Defined by .+", re.IGNORECASE),
    PERMISSION_ONLY: re.compile(r"Permission-only actions for .+", re.IGNORECASE),
    "resource_types": re.compile(r"Resources? (?:Types )?Defined by .+", re.IGNORECASE),
    "condition_keys": re.compile(r"Condition Keys for .+", re.IGNORECASE),
}
_NONE_SENTENCES = {
    "actions": re.compile(r"has no API operations that can be used in the Actions? element"),
    "resource_types": re.compile(
        r"has no service-defined resources that can be used as the Resource element"
        r"|does not support specifying a resource ARN in the Resource element"
    ),
    "condition_keys": re.compile(
        r"has no service-specific (?:context|condition) keys that can be used in the Condition"
        r" element of policy statements"
    ),
}
# The action table of a page with row spans was not converted to Markdown; this replaces it.
LEFT_OUT = re.compile(r"\[?See the AWS documentation website for more details\]?")


def _section_of(heading: Heading) -> str | None:
    """Return the section that a heading starts; None for a heading that is not known."""
    return next((name for name, known in HEADINGS.items() if known.fullmatch(heading.text)), None)


def _says_none(section: str, block: Block) -> bool:
    sentence = _NONE_SENTENCES.get(section)
    return isinstance(block, Paragraph) and bool(sentence and sentence.search(block.text))


def _says_left_out(block: Block) -> bool:
    return isinstance(block, Paragraph) and bool(LEFT_OUT.fullmatch(block.text))


_SECTION_LEVEL = 2
_STRAY = 1_000_000
"""Tells a stray row from the list item that the same line may be as well."""
EXPECTED = "'Actions, Resources, and Condition Keys for …'"


def parse_document(file: str, document: Document, form: str) -> ServicePage:
    """Parse the blocks of a file; *form* is the name of its format."""
    headings = [block for block in document.blocks if isinstance(block, Heading)]
    titles = [heading for heading in headings if heading.level == 1]
    title = next((heading for heading in titles if TITLE.fullmatch(heading.text)), None)
    if title is None:
        return _not_a_page(file, headings[0] if headings else None, document)
    parser = PageParser(file, title, form)
    parser.neighbours = document.neighbours
    for line, text in document.damage:
        parser.report.problem(line, "cut-off", text)
    return parser.parse(document.blocks)


def _not_a_page(file: str, found: Heading | None, document: Document) -> ServicePage:
    """Return a page without records for a document about something else."""
    if document.damage:
        return no_page(file, "cut-off", *document.damage[0])
    if found is None:
        return no_page(file, "not-a-page", 1, "no title; expected one such as " + EXPECTED)
    kind = "moved-page" if found.text.lower().startswith("moved") else "not-a-page"
    text = f"the title is {found.text!r}; expected one such as {EXPECTED}"
    return no_page(file, kind, found.line, text, found.text)


class PageParser:
    """Read the blocks of one page; one instance per page."""

    def __init__(self, file: str, title: Heading, form: str) -> None:
        self.file = file
        self.title = title
        self.form = form
        self.report = Report(file)
        self.states: dict[str, State] = {}
        self.actions: list[PageAction] = []
        self.resource_types: list[PageResourceType] = []
        self.condition_keys: list[PageConditionKey] = []
        self.operations: list[PageOperation] = []
        self.details: set[str] = set()
        """The details for which its tables have a place."""
        self.neighbours: tuple[str | None, str | None] = (None, None)
        self.has_operations = False
        """Its introduction announces operations."""

    def parse(self, blocks: tuple[Block, ...]) -> ServicePage:
        name, prefix, line = self.service(blocks)
        for block in blocks:
            if isinstance(block, Heading) and block.level == 1 and block is not self.title:
                self.report.problem(block.line, "second-page", f"a second title {block.text!r}")
        for heading, content in _split_sections(blocks, self.title):
            self.section(heading, content)
        for section in REQUIRED:
            if section not in self.states:
                self.report.problem(self.title.line, "missing-section", f"no section {section!r}")
        slug = self.slug()
        page = ServicePage(
            self.file,
            self.form,
            self.title.text,
            slug,
            name,
            prefix,
            line,
            self.states,
            tuple(self.actions),
            tuple(self.resource_types),
            tuple(self.condition_keys),
            tuple(self.operations),
            neighbours=self.neighbours,
            default_client=slug if self.has_operations else None,
        )
        return self.report.finish(page, self.details)

    def slug(self) -> str:
        """Return the page's own name for itself, else that of its file."""
        return (self.title.anchor or PurePosixPath(self.file).stem).removeprefix("list_")

    def service(self, blocks: tuple[Block, ...]) -> tuple[str | None, str | None, int]:
        """Return name, prefix and line of the introduction, or else the name of the title."""
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
            self.has_operations = bool(found["operations"])
            return found["service"], found["prefix"], block.line
        text = "no sentence 'NAME (service prefix: PREFIX) provides the following …'"
        self.report.problem(self.title.line, "no-service-prefix", text)
        return name, None, self.title.line

    def section(self, heading: Heading, content: list[Block]) -> None:
        """Read one section into the records, and say what state it is in."""
        section = _section_of(heading)
        if section is None:
            self.report.problem(heading.line, "unknown-section", repr(heading.text))
            self.stray_rows("actions", content)
            return
        tables = [block for block in content if isinstance(block, PageTable)]
        fits = "actions" if section == PERMISSION_ONLY else section
        known = [table for table in tables if self._is_known(fits, table)]
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

    def _is_known(self, section: str, table: PageTable) -> bool:
        """Return True if the header is of the section; the rows of another one become errors."""
        if not table.header or is_known_table(section, table):
            return bool(table.header)
        self.report.problem(table.line, "unknown-header", " | ".join(table.header))
        self.report.found(section, len(table.rows))
        for row in table.rows:
            self.report.row_error(section, row, "unknown-header", quote(row))
        return False

    def stray_rows(self, section: str, blocks: list[Block]) -> None:
        """Report rows that belong to no table."""
        for table in blocks:
            if isinstance(table, PageTable):
                self.report.found(section, len(table.rows))
                for row in table.rows:
                    apart = replace(row, ordinal=row.ordinal + _STRAY)
                    self.report.row_error(section, apart, "stray-row", quote(row))

    def table(self, section: str, table: PageTable) -> None:
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
        self, section: str, heading: Heading, content: list[Block], tables: list[PageTable]
    ) -> State:
        """Return what the section says of AWS; silence is an error, never "none"."""
        fits = "actions" if section == PERMISSION_ONLY else section
        known = [table for table in tables if is_known_table(fits, table)]
        none = any(_says_none(section, block) for block in content)
        left_out = any(_says_left_out(block) for block in content)
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


def _split_sections(
    blocks: tuple[Block, ...], title: Heading
) -> Iterator[tuple[Heading, list[Block]]]:
    """Yield each section's heading with the blocks down to the next one.

    Smaller headings ("Topics", "Note") are part of their section. The rows before the first
    section are one too, named by the title: none may be lost.
    """
    heading, content = title, list[Block]()
    for block in blocks:
        if isinstance(block, Heading) and block.level == _SECTION_LEVEL:
            if heading is not title or any(isinstance(each, PageTable) for each in content):
                yield heading, content
            heading, content = block, []
        elif block is not title:
            content.append(block)
    if heading is not title or any(isinstance(each, PageTable) for each in content):
        yield heading, content
