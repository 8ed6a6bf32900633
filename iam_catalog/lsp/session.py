"""Answer what an editor asks of its open documents; knows the protocol's types, not its wires."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from lsprotocol import types

from iam_catalog.errors import CatalogError
from iam_catalog.lsp import answers
from iam_catalog.lsp.complete import offers_at
from iam_catalog.lsp.diagnose import LocatedFinding, Project, Projects, Stale, located_findings
from iam_catalog.lsp.documents import OpenDocument
from iam_catalog.lsp.fixes import fixes_at
from iam_catalog.lsp.held import HeldCatalog
from iam_catalog.lsp.hover import hover_at
from iam_catalog.lsp.outline import hints_of, page_of, symbols_of

log = logging.getLogger(__name__)


@dataclass
class Editor:
    """What an editor can do, and what it is set to."""

    snippets: bool = False
    creates_files: bool = False
    """It takes edits of several files, and of new ones."""
    markdown: bool = True
    inlay_hints: bool = False
    again: str | None = None
    """The editor's own command that asks for completions."""
    folders: list[Path] = field(default_factory=list)
    """The folders that it has open."""

    def root_of(self, file: str) -> Path | None:
        """Return the innermost open folder around a file."""
        around = [each for each in self.folders if Path(file).is_relative_to(each)]
        return max(around, key=lambda each: len(each.parts), default=None)


@dataclass(frozen=True, slots=True)
class _Checked:
    """The findings of one version of a document, and what they were found with."""

    key: tuple[object, ...]
    found: list[LocatedFinding]


class Session:
    """Answers about documents, from the catalog that the settings of each ask for."""

    def __init__(self, editor: Editor, database: str | None, say: Callable[[str], None]) -> None:
        """*say* shows a message to the person at the editor."""
        self.editor = editor
        self._database = database
        self._say = say
        self._held: dict[str | None, HeldCatalog] = {}
        self._opening = Lock()
        self._checked: dict[str, _Checked] = {}
        self._said: set[str] = set()
        self.projects = Projects()

    # --- what answers

    def catalog_for(self, document: OpenDocument) -> tuple[HeldCatalog, Project] | None:
        """Return the catalog and the settings for a document; None, and say why, without one."""
        project = self.projects.of(document.name, self.editor.root_of(document.name))
        if project.fault is not None:
            self._say_once(project.fault)
        try:
            return self._open(project.settings.as_of), project
        except CatalogError as error:
            self._say_once(str(error))
            return None

    def _open(self, as_of: str | None) -> HeldCatalog:
        with self._opening:
            held = self._held.get(as_of)
            if held is None:
                held = self._held[as_of] = HeldCatalog(self._database, as_of)
                return held
        if self._refreshed(held):
            self._checked.clear()
        return held

    def _refreshed(self, held: HeldCatalog) -> bool:
        try:
            return held.refresh()
        except CatalogError as error:
            self._say_once(f"The new catalog is left out: {error}")
            return False

    def _say_once(self, text: str) -> None:
        if text not in self._said:
            self._said.add(text)
            self._say(text)

    def is_catalog_replaced(self) -> bool:
        """Return True if another catalog answers from now on."""
        replaced = [self._refreshed(held) for held in list(self._held.values())]
        if any(replaced):
            self._checked.clear()
        return any(replaced)

    def warm(self) -> None:
        """Open the catalog, and read what the first answers need."""
        try:
            held = self._open(None)
            with held.asked():
                held.summaries("s3")
                _ = held.facts.keys.patterns
        except CatalogError as error:
            self._say_once(str(error))

    def close(self) -> None:
        for held in self._held.values():
            held.close()

    def forget(self, uri: str) -> None:
        """Forget a document that was closed."""
        self._checked.pop(uri, None)

    def forget_settings(self) -> None:
        """Read settings and ignores again."""
        self.projects.forget()
        self._checked.clear()

    # --- findings

    def result_key(self, document: OpenDocument) -> tuple[object, ...] | None:
        """Return what the findings of a document depend on; None where nothing can be checked."""
        answering = self.catalog_for(document)
        if answering is None:
            return None
        held, project = answering
        return document.uri, document.version, hash(document.text), held.generation, id(project)

    def findings(
        self, document: OpenDocument, is_stale: Callable[[], bool] = lambda: False
    ) -> list[LocatedFinding]:
        """Return the findings of a document, of which an unchanged one is not checked again.

        Raises `Stale`.
        """
        answering = self.catalog_for(document)
        key = self.result_key(document)
        if answering is None or key is None:
            return []
        known = self._checked.get(document.uri)
        if known is not None and known.key == key:
            return known.found
        held, project = answering
        found = located_findings(held, document, project, is_stale)
        self._checked[document.uri] = _Checked(key, found)
        return found

    def diagnostics(
        self, document: OpenDocument, is_stale: Callable[[], bool] = lambda: False
    ) -> list[types.Diagnostic]:
        return answers.diagnostics(document, self.findings(document, is_stale))

    # --- answers

    def completion(
        self, document: OpenDocument, position: types.Position
    ) -> types.CompletionList | None:
        answering = self.catalog_for(document)
        if answering is None:
            return None
        held, project = answering
        offset = document.offset(answers.position_of(position))
        offers = offers_at(held, document, offset, project.settings.kind)
        if offers is None:
            return None
        editor = self.editor
        return answers.completion(document, offers, snippets=editor.snippets, again=editor.again)

    def hover(self, document: OpenDocument, position: types.Position) -> types.Hover | None:
        answering = self.catalog_for(document)
        if answering is None:
            return None
        found = hover_at(answering[0], document, document.offset(answers.position_of(position)))
        if found is None:
            return None
        text, start, end = found
        kind = types.MarkupKind.Markdown if self.editor.markdown else types.MarkupKind.PlainText
        return types.Hover(types.MarkupContent(kind, text), answers.range_of(document, start, end))

    def code_actions(
        self,
        document: OpenDocument,
        wanted: types.Range,
        only: list[types.CodeActionKind | str] | None,
    ) -> list[types.CodeAction]:
        answering = self.catalog_for(document)
        if answering is None:
            return []
        held, project = answering
        try:
            found = self.findings(document)
        except Stale:
            return []
        start = document.offset(answers.position_of(wanted.start))
        end = document.offset(answers.position_of(wanted.end))
        fixes = fixes_at(held, document, found, min(start, end), max(start, end), project)
        creates = self.editor.creates_files
        actions = [answers.code_action(document, fix, creates=creates) for fix in fixes]
        return [each for each in actions if each is not None and _is_asked(each, only)]

    def symbols(self, document: OpenDocument) -> list[types.DocumentSymbol]:
        return answers.symbols(document, symbols_of(document))

    def inlay_hints(self, document: OpenDocument, wanted: types.Range) -> list[types.InlayHint]:
        answering = self.catalog_for(document) if self.editor.inlay_hints else None
        if answering is None:
            return []
        start = document.offset(answers.position_of(wanted.start))
        end = document.offset(answers.position_of(wanted.end))
        return [
            types.InlayHint(types.Position(*document.position(offset)), label, padding_left=True)
            for offset, label in hints_of(answering[0], document, start, end)
        ]

    def definition(self, document: OpenDocument, position: types.Position) -> types.Location | None:
        answering = self.catalog_for(document)
        if answering is None:
            return None
        offset = document.offset(answers.position_of(position))
        address = page_of(answering[0], document, offset)
        if address is None:
            return None
        start = types.Position(0, 0)
        return types.Location(address, types.Range(start, start))


def _is_asked(action: types.CodeAction, only: list[types.CodeActionKind | str] | None) -> bool:
    """Return True for an action of the kinds that are asked for, or below one of them."""
    if not only:
        return True
    kind = str(getattr(action.kind, "value", action.kind))
    kinds = [str(getattr(each, "value", each)) for each in only]
    return any(kind == each or kind.startswith(f"{each}.") or each == "" for each in kinds)
