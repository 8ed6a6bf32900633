"""Split text with markup into blocks: code, or running text, each with the headings above it.

Markdown is parsed by markdown-it-py (the extra `iam-catalog[prose]`): which lines are code and
which are headings is its word, and only what sites add to Markdown is looked for here: front
matter, tabs, and headings in HTML. For AsciiDoc, reStructuredText and plain text no parser is
needed beyond the fences and headings of each. HTML has a small reader of its own: the parser of
Python's library, which BeautifulSoup uses, takes time that grows with the square of a page that
opens tags and never closes them (80 seconds for 90 kB), and guides come from anywhere.

A block keeps its line breaks, so that lines can be counted in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape

_FENCE = re.compile(r"(?:[-+*]\s+|[0-9]+[.)]\s+)?(?P<mark>`{3,}|~{3,})(?P<info>[^`]*)$")
_HEADING = re.compile(
    r"(?P<mark>#{1,6}|={1,6})\s+(?P<text>\S.*)"
    r"|<h(?P<level>[1-6])\b[^<>]*>(?P<tagged>.+)</h[1-6]>"
)
_UNDERLINE = re.compile(r"(?P<mark>[=\-~^\"])(?P=mark){2,}\s*$")
_BREAK = re.compile(r"(?:-{3,}|\*{3,}|_{3,})\s*$")
_TAB = re.compile(
    r"(?P<mark>#{1,6}\s+)?\[\s(?P<brackets>[^\]]+)\s\]\s*$"  # AWS: "#### [ Name ]"
    r"|={3}[!+]?\s+\"(?P<quoted>[^\"]+)\"\s*$"  # Material for MkDocs: '=== "Name"'
    r"|<TabItem\b(?:[^>]*?\blabel|[^>]*?\bvalue)=[\"'](?P<item>[^\"']+)[\"']"  # Docusaurus
    r"|\{(?:\{<|\{%|%)\s*tab\s[^}]*?[\"'](?P<code>[^\"']+)[\"']"  # short codes of Hugo and GitBook
)
_TAB_END = re.compile(r"</(?:TabItem|Tabs)>|\{(?:\{<|\{%|%)\s*(?:/|end)tabs?\b")
_QUOTE = re.compile(r"(?:\s{0,3}>\s?)*")
_OBJECT = re.compile(r'\{\s*\\?"')
_FRONT_MATTER = {"---", "+++"}
_FRONT_TITLE = re.compile(r"title\s*[:=]\s*(?P<text>\S.*)")
_TAB_LEVEL = 7
_MAX_NESTING = 20
"""How often code may be in other code, each time read once more."""

_LANGUAGE = re.compile(r"[A-Za-z][A-Za-z0-9+-]*")
_SOURCE_BLOCK = re.compile(r"^\[source,\s*(?P<language>[A-Za-z0-9]+)[^\]]*\]\s*$")
_MARKDOWN_ENDINGS = {".markdown", ".md", ".mdx"}
_HTML_ENDINGS = {".htm", ".html"}

_NEVER = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class _Markup:
    """The characters of one kind of text that mark fences and headings."""

    fence: re.Pattern[str] = _FENCE
    heading: re.Pattern[str] = _HEADING
    underline: re.Pattern[str] = _UNDERLINE
    levels: Mapping[str, int] = field(default_factory=lambda: {"=": 1, "-": 2})
    """Of headings by what underlines them; others get the next one when they are first seen."""
    directive: re.Pattern[str] = _NEVER
    """Names the language of the indented lines below it."""
    plain_headings: bool = False
    """Whether a short line by itself is a heading."""


_FENCE_LINE = re.compile(r"^\s*(?:`{3}|~{3})", re.MULTILINE)
_HTML_HEADING = re.compile(
    r"(?P<mark>(?!))(?P<text>)|<h(?P<level>[1-6])\b[^<>]*>(?P<tagged>.+)</h[1-6]>"
)
_MARKDOWN = _Markup(fence=_NEVER, heading=_HTML_HEADING, underline=_NEVER)
"""Adds to what the parser finds: headings in HTML, tabs, breaks."""

_PLAIN = _Markup(plain_headings=True)
_ASCIIDOC = _Markup(
    fence=re.compile(r"(?P<mark>-{4,}|\.{4,}|`{3,})(?P<info>[^`]*)$"), underline=_NEVER
)
_RESTRUCTURED_TEXT = _Markup(
    fence=_NEVER,
    underline=re.compile(r"(?P<mark>[!-/:-@\[-`{-~])(?P=mark){2,}\s*$"),
    levels={},
    directive=re.compile(r"\.\. (?:code-block|code|sourcecode)::\s*(?P<language>\S*)"),
)


_MARKUPS = {".adoc": _ASCIIDOC, ".rst": _RESTRUCTURED_TEXT}


@dataclass(frozen=True, slots=True)
class _Heading:
    """A heading above a block; 0 is the title of the document, 7 the name of a tab."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a document between two headings, fences or breaks."""

    line: int
    """1-based line of the file where the text starts."""
    text: str
    is_code: bool
    headings: tuple[_Heading, ...]
    language: str = ""
    """Of code, in small letters, where the text says it."""

    @property
    def title(self) -> str | None:
        return " / ".join(heading.text for heading in self.headings) or None

    @property
    def section(self) -> tuple[_Heading, ...]:
        """Return the headings without the tabs, which share their footnotes."""
        return tuple(heading for heading in self.headings if heading.level < _TAB_LEVEL)


@dataclass(frozen=True, slots=True)
class _Code:
    """The content of a fence, and the index of the line after it."""

    text: str
    language: str
    end: int


@dataclass(slots=True)
class _Outline:
    """The headings above one place."""

    headings: tuple[_Heading, ...] = ()

    def enter(self, level: int, text: str) -> None:
        """Add a heading; the first of the page replaces the title of the document."""
        above = tuple(each for each in self.headings if max(each.level, 1) < level)
        self.headings = (*above, _Heading(level, text)) if text else above

    def leave_tabs(self) -> None:
        self.headings = tuple(each for each in self.headings if each.level < _TAB_LEVEL)


@dataclass(slots=True)
class _Reader:
    """Takes the lines of a document one by one."""

    markup: _Markup
    levels: dict[str, int]
    """Of headings that are underlined, as `_Markup` has them."""
    outline: _Outline = field(default_factory=_Outline)
    blocks: list[Block] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    first: int = 1
    fence: str | None = None
    """The characters that close the code which is being read."""
    language: str = ""
    code_indent: int | None = None
    """Of the directive whose indented lines are read."""
    tab_indent: int | None = None
    """Of the line that named a tab, where the tab ends with the indented lines below it."""

    def take(self, number: int, line: str, following: str) -> None:
        """Take the line with this number, seeing the one after it."""
        content = _QUOTE.sub("", line, count=1) if line.lstrip().startswith(">") else line
        stripped = content.strip()
        if self._take_code(number, stripped, content):
            return
        if stripped and self.tab_indent is not None and indent(content) <= self.tab_indent:
            self.leave_tabs(number)
        if match := self.markup.fence.match(stripped):
            language = match["info"].strip() or self._named_language()
            self.flush(number + 1)
            self.fence, self.language = match["mark"], _language_of(language)
        elif match := self.markup.directive.match(stripped):
            self.flush(number + 1)
            self.fence, self.language = "", _language_of(match["language"])
            self.code_indent = indent(content)
        elif not self._take_heading(number, stripped, content, following):
            self.held.append(content)

    def _take_code(self, number: int, stripped: str, line: str) -> bool:
        """Return True for a line of code, or one that closes it."""
        if self.code_indent is not None:
            if stripped and indent(line) <= self.code_indent:
                self.flush(number)
                return False
            self.held.append(line)
            return True
        if not self.fence:
            return False
        if stripped.startswith(self.fence) and not stripped.strip(self.fence[0]):
            self.flush(number + 1)
        else:
            self.held.append(line)
        return True

    def _named_language(self) -> str:
        """Return the language in the attributes of AsciiDoc above a block: `[source,yaml]`."""
        match = _SOURCE_BLOCK.search(self.held[-1]) if self.held else None
        return match["language"] if match else ""

    def _take_heading(self, number: int, stripped: str, line: str, following: str) -> bool:
        """Return True for a heading, the name of a tab, or a break, which belong to no text."""
        if _OBJECT.search(stripped):
            return False
        if match := _TAB.match(stripped):
            text = next(text for name, text in match.groupdict().items() if text and name != "mark")
            self.enter(number, _TAB_LEVEL, text)
            self.tab_indent = indent(line) if match["quoted"] else None
        elif match := self.markup.heading.match(stripped):
            level = int(match["level"] or len(match["mark"]))
            self.enter(number, level, match["tagged"] or match["text"].rstrip("#"))
        elif (match := self.markup.underline.match(stripped)) and self._may_be_underlined():
            level = self.levels.setdefault(match["mark"], len(self.levels) + 1)
            self.enter(number, level, self.held.pop().strip())
        elif _BREAK.match(stripped) or _TAB_END.match(stripped):
            self.leave_tabs(number + 1)
        elif self.markup.plain_headings and self._is_plain_heading(line, following):
            self.enter(number, 2 if self.outline.headings else 1, stripped)
        else:
            return False
        return True

    def _may_be_underlined(self) -> bool:
        """Return True if the line before is text, and not an object, which no heading has."""
        return bool(self.held and self.held[-1].strip() and not _OBJECT.search(self.held[-1]))

    def _is_plain_heading(self, line: str, following: str) -> bool:
        """Return True for a line that starts like a heading and does not end like a sentence."""
        text = line.rstrip()
        starts = text[:1].isupper() or text[:1].isdigit()
        is_short = 0 < len(text) < 120 and text[-1] not in ".:;,"
        stands_alone = not self.held or not self.held[-1].strip()
        return starts and is_short and stands_alone and (following[:1].isspace() or not following)

    def enter(self, number: int, level: int, text: str) -> None:
        self.flush(number + 1)
        self.outline.enter(level, plain(text))

    def leave_tabs(self, following: int) -> None:
        self.flush(following)
        self.outline.leave_tabs()
        self.tab_indent = None

    def flush(self, following: int) -> None:
        """End the block that is being read; the next one starts on line *following*."""
        if any(line.strip() for line in self.held):
            text = "\n".join(self.held)
            is_code = self.fence is not None
            headings = self.outline.headings
            self.blocks.append(Block(self.first, text, is_code, headings, self.language))
        self.held = []
        self.first = following
        self.fence = self.code_indent = None
        self.language = ""


@dataclass(slots=True)
class _MarkdownReader(_Reader):
    """Takes the lines of Markdown, of which a parser has said what code and headings are."""

    marks: dict[int, _Code | tuple[_Heading, int]] = field(default_factory=dict)
    """By the index of the first line: code, or a heading with the index of the line after it."""

    def mark(self, lines: list[str], offset: int, depth: int = 0) -> None:
        """Note what the lines are; *offset* is the index of the first.

        Tabs of Material for MkDocs indent what they hold, which is code for Markdown, and tags of
        other sites make it HTML: it is read once more by itself.
        """
        from markdown_it import MarkdownIt

        tokens = MarkdownIt("commonmark").disable("inline").parse("\n".join(lines))
        for index, token in enumerate(tokens):
            if token.map is None:
                continue
            first, end = token.map[0] + offset, token.map[1] + offset
            if token.type == "fence":
                self.marks[first] = _Code(token.content, _language_of(token.info), end)
            elif token.type == "heading_open":
                text = tokens[index + 1].content
                self.marks[first] = (_Heading(int(token.tag[1:]), text), end)
            elif token.type in ("code_block", "html_block") and depth < _MAX_NESTING:
                self._mark_inside(token.content, first, depth)

    def _mark_inside(self, content: str, offset: int, depth: int) -> None:
        """Note the fences in what Markdown takes for indented code or for HTML."""
        if match := _FENCE_LINE.search(content):
            above = content.count("\n", 0, match.start())
            self.mark(content.split("\n")[above:], offset + above, depth + 1)

    def take_marked(self, index: int, lines: list[str]) -> int:
        """Take the line at *index*, or all lines of code or of a heading; return the next index."""
        marked = self.marks.get(index)
        line = lines[index]
        if line.strip() and self.tab_indent is not None and indent(line) <= self.tab_indent:
            self.leave_tabs(index + 1)
        if isinstance(marked, _Code):
            self.flush(index + 2)
            if marked.text.strip():
                headings = self.outline.headings
                block = Block(index + 2, marked.text.rstrip("\n"), True, headings, marked.language)
                self.blocks.append(block)
            self.first = marked.end + 1
            return marked.end
        if marked is not None:
            heading, end = marked
            text = " ".join(lines[index:end])
            if not _OBJECT.search(text):
                if (match := _TAB.match(line.strip())) and match["brackets"]:
                    self.enter(end, _TAB_LEVEL, match["brackets"])
                else:
                    self.enter(end, heading.level, heading.text)
                return end
        content = _QUOTE.sub("", line, count=1) if line.lstrip().startswith(">") else line
        if not self._take_heading(index + 1, content.strip(), content, ""):
            self.held.append(content)
        return index + 1


def blocks_of(text: str, ending: str) -> list[Block]:
    """Return the blocks of a text, in its order, read as the ending of its file says.

    Raises `ModuleNotFoundError` for Markdown without markdown-it-py.
    """
    if ending in _HTML_ENDINGS:
        return _html_blocks(text)
    if ending in _MARKDOWN_ENDINGS:
        return _markdown_blocks(text)
    return _text_blocks(text, _MARKUPS.get(ending, _PLAIN))


def _language_of(info: str) -> str:
    """Return the language in what a fence or a class names: `yaml`, `{.yaml}`, `language-yaml`."""
    words = (word.removeprefix("language-").lower() for word in _LANGUAGE.findall(info))
    return next(iter(words), "")


def _markdown_blocks(text: str) -> list[Block]:
    """Return the blocks of a text of Markdown, in its order."""
    lines = [line.rstrip("\r") for line in text.split("\n")]
    start = _after_front_matter(lines)
    reader = _MarkdownReader(_MARKDOWN, {})
    reader.outline.enter(0, _front_title(lines[:start]))
    reader.first = start + 1
    reader.mark(lines[start:], start)
    _shown = list(_without_entities(lines))
    index = start
    while index < len(lines):
        index = reader.take_marked(index, _shown)
    reader.flush(0)
    return reader.blocks


def indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _text_blocks(text: str, markup: _Markup) -> list[Block]:
    """Return the blocks of AsciiDoc, reStructuredText or plain text, in its order."""
    lines = list(_without_entities(text.split("\n")))
    reader = _Reader(markup, dict(markup.levels))
    start = _after_front_matter(lines)
    reader.outline.enter(0, _front_title(lines[:start]))
    reader.first = start + 1
    for index in range(start, len(lines)):
        following = lines[index + 1] if index + 1 < len(lines) else ""
        reader.take(index + 1, lines[index].rstrip("\r"), following)
    reader.flush(0)
    return reader.blocks


def _without_entities(lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines; between `<pre>` and `</pre>`, with `&quot;` and the like replaced."""
    inside = False
    for line in lines:
        inside = inside or "<pre" in line
        yield unescape(line).replace("\n", " ") if inside else line
        inside = inside and "</pre>" not in line


def _after_front_matter(lines: list[str]) -> int:
    """Count the lines of front matter (Hugo, Jekyll), which two equal lines enclose."""
    mark = lines[0].strip().lstrip("\N{ZERO WIDTH NO-BREAK SPACE}")
    if mark not in _FRONT_MATTER:
        return 0
    ends = (index for index, line in enumerate(lines[1:200], 2) if line.strip() == mark)
    return next(ends, 0)


def _front_title(lines: list[str]) -> str:
    titles = (_FRONT_TITLE.match(line) for line in lines)
    return next((match["text"].strip().strip("'\"") for match in titles if match), "")


_HTML_TAG = re.compile(r"<(?P<close>/?)(?P<name>[A-Za-z][A-Za-z0-9-]*)(?P<attributes>[^<>]*)>")
_IMAGE_SOURCE = re.compile(r"""\bsrc\s*=\s*["']?(?P<address>[^"'\s>]*)""")
_HTML_LANGUAGE = re.compile(
    r"\bclass\s*=[^>]*?\b(?P<language>ya?ml|hcl|terraform)\b", re.IGNORECASE
)
_COMMENT = "<!--"
_END_OF_COMMENT = "-->"
_UNREAD = ("script", "style")
_LEVELS = {"title": 0, "dt": _TAB_LEVEL, **{f"h{level}": level for level in range(1, 7)}}
_PARAGRAPHS = {"p", "li", "div", "dd"}
PARAGRAPH_END = "\N{PARAGRAPH SEPARATOR}"
_BOLD = {"b", "strong"}


@dataclass(slots=True)
class _HtmlReader:
    """Takes the _pieces of an HTML page one by one."""

    outline: _Outline = field(default_factory=_Outline)
    blocks: list[Block] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    line: int = 1
    first: int = 1
    in_code: bool = False
    language: str = ""

    def take_text(self, text: str) -> None:
        self.held.append(text)
        self.line += text.count("\n")

    def take_tag(self, match: re.Match[str]) -> None:
        name, closes = match["name"].lower(), bool(match["close"])
        if name == "pre":
            self.flush()
            self.in_code = not closes
            self.language = "" if closes else _class_language(match["attributes"])
        elif name == "code" and self.in_code and not closes:
            self.language = self.language or _class_language(match["attributes"])
        elif name in _LEVELS:
            self._take_heading(_LEVELS[name], closes)
        elif name in ("dl", "dd") and closes:
            self.flush()
            self.outline.leave_tabs()
        shown = _text_for_tag(name, closes, match["attributes"])
        self.take_text(shown + "\n" * match[0].count("\n"))

    def _take_heading(self, level: int, closes: bool) -> None:
        """Make a heading of the text between the two tags."""
        if closes:
            text = " ".join(unescape("".join(self.held)).replace("**", "").split())
            self.held = []
            self.outline.enter(level, text)
            self.first = self.line
        else:
            self.flush()

    def flush(self) -> None:
        text = unescape("".join(self.held))
        if text.strip(f" \n\t{PARAGRAPH_END}"):
            self.blocks.append(
                Block(self.first, text, self.in_code, self.outline.headings, self.language)
            )
        self.held = []
        self.first = self.line


def _class_language(attributes: str) -> str:
    """Return the language that the class of code names: `yaml`, `language-hcl`, `source-yaml`."""
    match = _HTML_LANGUAGE.search(attributes)
    return match["language"].lower() if match else ""


def _text_for_tag(name: str, closes: bool, attributes: str) -> str:
    """Return the text for a tag, which is nothing for most."""
    if name == "img" and (source := _IMAGE_SOURCE.search(attributes)):
        return f"![]({source['address']})"
    if name in _BOLD:
        return "**"
    if name == "br":
        return " "
    return PARAGRAPH_END if name in _PARAGRAPHS and closes else ""


def _html_blocks(text: str) -> list[Block]:
    """Return the blocks of an HTML page, in its order.

    Only tags that mark code and what is above it are looked at; the others are left out. Line
    breaks stay, also those inside tags, so that lines can be counted.
    """
    reader = _HtmlReader()
    for piece in _pieces(text):
        if isinstance(piece, str):
            reader.take_text(piece)
        else:
            reader.take_tag(piece)
    reader.flush()
    return reader.blocks


def _pieces(text: str) -> Iterator[str | re.Match[str]]:
    """Yield texts and tags in turn; of comments, scripts and styles only the line breaks."""
    position = 0
    while position < len(text):
        start = text.find("<", position)
        if start < 0:
            yield text[position:]
            return
        yield text[position:start]
        if text.startswith(_COMMENT, start):
            position = _end_of(text, _END_OF_COMMENT, start)
            yield "\n" * text.count("\n", start, position)
        elif match := _HTML_TAG.match(text, start):
            yield match
            position = match.end()
            if match["name"].lower() in _UNREAD and not match["close"]:
                position = _end_of(text, f"</{match['name']}", position)
                yield "\n" * text.count("\n", match.end(), position)
        else:
            yield "<"
            position = start + 1


def _end_of(text: str, mark: str, start: int) -> int:
    """Return the end of the next *mark*, or of the text."""
    found = text.find(mark, start)
    return found + len(mark) if found >= 0 else len(text)


_INLINE = re.compile(
    r"`+(?P<code>[^`]*)`+"
    r"|\\(?P<escaped>[!-/:-@\[-`{-~])"
    r"|!\[(?:\\.|[^\[\]\\]){0,300}\]\([^()\s]{0,1000}\)"
    r"|\[(?P<link>(?:\\.|[^\[\]\\]){0,500})\]\([^()\s]{0,1000}\)"
    r"|</?[A-Za-z][^<>]{0,500}>"
    r"|\*+"
)


def plain(text: str) -> str:
    """Return the text of a line of Markdown as it is _shown.

    >>> plain(r"**Use** `s3:*` \\(see [the guide](x.md)\\)")
    'Use s3:* (see the guide)'
    """
    return " ".join(_INLINE.sub(_shown, text).split())


def _shown(match: re.Match[str]) -> str:
    if match["link"] is not None:
        return plain(match["link"])
    return match["code"] or match["escaped"] or ""
