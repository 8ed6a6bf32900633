"""Serve the Language Server Protocol with pygls: documents in, answers and diagnostics out.

Documents are kept here instead of by pygls, whose lines end at more characters than the protocol
says. Everything but the wires is imported once the editor has the answer to its first request.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar, cast

from lsprotocol import types
from pygls.exceptions import FeatureRequestError
from pygls.lsp.server import LanguageServer
from pygls.protocol.language_server import LanguageServerProtocol, lsp_method

import iam_catalog

if TYPE_CHECKING:
    from iam_catalog.lsp.documents import Encoding, OpenDocument
    from iam_catalog.lsp.session import Session

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")

DEBOUNCE = 0.15
"""Seconds without a change before a document is checked, for editors that are sent diagnostics."""
WATCH = 2.0
"""Seconds between two looks whether another catalog is in place."""
_TRIGGERS = ['"', ":", "/", "-", "{", "[", ",", " "]
_TOO_LONG = "{} is longer than 1,000,000 characters: iam-catalog says nothing about it."


class _Protocol(LanguageServerProtocol):
    """Protocol that leaves open documents to the server."""

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(
        self, params: types.DidOpenTextDocumentParams
    ) -> Generator[Any, Any, None]:
        yield self.fm.features[types.TEXT_DOCUMENT_DID_OPEN], (params,), None

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(
        self, params: types.DidChangeTextDocumentParams
    ) -> Generator[Any, Any, None]:
        yield self.fm.features[types.TEXT_DOCUMENT_DID_CHANGE], (params,), None

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(
        self, params: types.DidCloseTextDocumentParams
    ) -> Generator[Any, Any, None]:
        yield self.fm.features[types.TEXT_DOCUMENT_DID_CLOSE], (params,), None


class Server(LanguageServer):
    """Language server for policies."""

    def __init__(self, database: str | None = None) -> None:
        super().__init__(
            "iam-catalog",
            iam_catalog.__version__,
            protocol_cls=_Protocol,
            max_workers=2,  # one reads what the editor sends
        )
        self.database = database
        self.documents: dict[str, OpenDocument] = {}
        self._options: dict[str, object] = {}
        self._session: Session | None = None
        self._worker = ThreadPoolExecutor(1, "iam-catalog")
        self._checks: dict[str, asyncio.Task[None]] = {}
        self._watch: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._making = Lock()

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Log an error; the request that it is of gets it as its answer."""
        if source is not FeatureRequestError:
            log.error("%s", error)
            self._log(f"Error in iam-catalog: {error}", types.MessageType.Error)

    def _log(self, text: str, level: types.MessageType = types.MessageType.Warning) -> None:
        self.window_log_message(types.LogMessageParams(level, text))

    def say(self, text: str) -> None:
        """Show a message; called from any thread."""
        log.warning("%s", text)
        message = types.ShowMessageParams(types.MessageType.Warning, text)
        if self._loop is None:
            self.window_show_message(message)
        else:
            self._loop.call_soon_threadsafe(self.window_show_message, message)

    # --- the editor

    def take_options(self, options: object) -> None:
        """Take settings of the editor: of initialization, or changed ones, perhaps in a section."""
        held = options.get("iamCatalog", options) if isinstance(options, dict) else None
        if isinstance(held, dict):
            self._options.update(held)
        if self._session is not None:
            self._session.editor.inlay_hints = self._options.get("inlayHints") is True

    @property
    def session(self) -> Session:
        """What answers, made when it is first needed."""
        if self._session is None:
            from iam_catalog.lsp.session import Session

            with self._making:
                if self._session is None:
                    editor = _editor(self, self._options)
                    self._session = Session(editor, self.database, self.say)
        return self._session

    @property
    def encoding(self) -> Encoding:
        agreed = self.workspace.position_encoding
        text = str(getattr(agreed, "value", agreed))
        return "utf-8" if text == "utf-8" else "utf-32" if text == "utf-32" else "utf-16"

    @property
    def pulls(self) -> bool:
        """Whether the editor asks for diagnostics, so that none are sent."""
        document = self.client_capabilities.text_document
        return document is not None and document.diagnostic is not None

    def start(self) -> None:
        """Prepare for questions, once the editor has the answer to its first one."""
        self._loop = asyncio.get_running_loop()
        self._worker.submit(_logged, lambda: self.session.warm())
        self._watch = self._loop.create_task(self._look())

    async def _look(self) -> None:
        """Check all documents again when another catalog is in place."""
        while True:
            await asyncio.sleep(WATCH)
            if self._session is not None and self._session.is_catalog_replaced():
                self.check_again()

    def stop(self) -> None:
        self.documents.clear()  # so that a check that runs is given up
        if self._watch is not None:
            self._watch.cancel()
        for task in self._checks.values():
            task.cancel()
        self._worker.shutdown(wait=False, cancel_futures=True)

    # --- documents

    def open(self, item: types.TextDocumentItem) -> None:
        from iam_catalog.lsp.documents import OpenDocument

        document = OpenDocument(item.uri, item.language_id, item.version, item.text, self.encoding)
        if document.is_too_long:
            self._log(_TOO_LONG.format(item.uri))
        self.documents[item.uri] = document
        self.check_soon(item.uri, wait=0)

    def change(self, params: types.DidChangeTextDocumentParams) -> None:
        """Apply changes in their order; a change of a document that is not open is logged."""
        uri, version = params.text_document.uri, params.text_document.version
        document = self.documents.get(uri)
        if document is None:
            self._log(f"{uri} was changed, and is not open.")
            return
        for change in params.content_changes:
            if isinstance(change, types.TextDocumentContentChangePartial):
                start, end = change.range.start, change.range.end
                between = (start.line, start.character), (end.line, end.character)
                document = document.changed(version, [(*between, change.text)])
            else:
                document = document.replaced(version, change.text)
        self.documents[uri] = document
        self.check_soon(uri)

    def close(self, uri: str) -> None:
        self.documents.pop(uri, None)
        task = self._checks.pop(uri, None)
        if task is not None:
            task.cancel()
        if self._session is not None:
            self._session.forget(uri)
        if not self.pulls:
            self._publish(uri, None, [])

    # --- diagnostics

    def check_soon(self, uri: str, wait: float = DEBOUNCE) -> None:
        """Send the diagnostics of a document, unless it changes before; to editors that wait."""
        if self.pulls:
            return
        if (task := self._checks.get(uri)) is not None:
            task.cancel()
        self._checks[uri] = asyncio.get_running_loop().create_task(self._send(uri, wait))

    def check_again(self) -> None:
        """Check all open documents again, or have the editor ask for it."""
        for uri in self.documents:
            self.check_soon(uri, wait=0)
        workspace = self.client_capabilities.workspace
        can_refresh = workspace is not None and workspace.diagnostics is not None
        if self.pulls and can_refresh:
            self.workspace_diagnostic_refresh(None)

    async def _send(self, uri: str, wait: float) -> None:
        await asyncio.sleep(wait)
        found = await self.diagnostics(uri)
        document = self.documents.get(uri)
        if found is not None and document is not None:
            self._publish(uri, found[0].version, found[1])

    async def diagnostics(self, uri: str) -> tuple[OpenDocument, list[types.Diagnostic]] | None:
        """Check a document beside other answers, again where it changed meanwhile."""
        from iam_catalog.lsp.diagnose import Stale

        loop = asyncio.get_running_loop()
        while (document := self.documents.get(uri)) is not None:
            now = document

            def check(now: OpenDocument = now) -> list[types.Diagnostic]:
                return self.session.diagnostics(now, lambda: self.documents.get(uri) is not now)

            try:
                found = await loop.run_in_executor(self._worker, check)
            except Stale:
                continue
            if self.documents.get(uri) is now:
                return now, found
        return None

    def _publish(self, uri: str, version: int | None, found: list[types.Diagnostic]) -> None:
        self.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(uri, found, version=version)
        )

    def ask(
        self,
        identifier: types.TextDocumentIdentifier,
        question: Callable[[Session, OpenDocument], Answer],
    ) -> Answer | None:
        """Answer a question about an open document; None about any other."""
        document = self.documents.get(identifier.uri)
        return None if document is None else question(self.session, document)


def _logged(work: Callable[[], object]) -> None:
    try:
        work()
    except Exception:
        log.exception("Error beside the answers")


def _editor(server: Server, options: dict[str, object]) -> Any:
    """Read what the editor can do from what it announced."""
    from pathlib import Path

    from iam_catalog.lsp.documents import path_of
    from iam_catalog.lsp.session import Editor

    announced = server.client_capabilities
    document, workspace = announced.text_document, announced.workspace
    completion = document.completion if document is not None else None
    item = completion.completion_item if completion is not None else None
    edit = workspace.workspace_edit if workspace is not None else None
    hover = document.hover if document is not None else None
    formats = hover.content_format if hover is not None else None
    folders = [each.uri for each in server.workspace.folders.values()]
    if not folders and server.workspace.root_uri:
        folders = [server.workspace.root_uri]
    again = options.get("suggestCommand")
    operations = edit.resource_operations if edit is not None else None
    return Editor(
        snippets=bool(item is not None and item.snippet_support),
        creates_files=bool(
            edit is not None
            and edit.document_changes
            and types.ResourceOperationKind.Create in (operations or ())
        ),
        markdown=formats is None or types.MarkupKind.Markdown in formats,
        inlay_hints=options.get("inlayHints") is True,
        again=again if isinstance(again, str) else None,
        folders=[Path(path_of(each)) for each in folders],
    )


def make_server(database: str | None = None) -> Server:
    """Return a server with all that it answers registered."""
    server = Server(database)
    _register_life(server)
    _register_documents(server)
    _register_answers(server)
    return server


def _register_life(server: Server) -> None:
    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        server.take_options(params.initialization_options)

    @server.feature(types.INITIALIZED)
    async def initialized(_: types.InitializedParams) -> None:
        server.start()

    @server.feature(types.SHUTDOWN)
    def shutdown(_: None) -> None:
        server.stop()

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    def configured(params: types.DidChangeConfigurationParams) -> None:
        server.take_options(params.settings)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def watched(_: types.DidChangeWatchedFilesParams) -> None:
        server.session.forget_settings()
        server.check_again()


def _register_documents(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    async def opened(params: types.DidOpenTextDocumentParams) -> None:
        server.open(params.text_document)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    async def changed(params: types.DidChangeTextDocumentParams) -> None:
        server.change(params)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    async def saved(params: types.DidSaveTextDocumentParams) -> None:
        server.check_soon(params.text_document.uri, wait=0)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    async def closed(params: types.DidCloseTextDocumentParams) -> None:
        server.close(params.text_document.uri)


def _register_answers(server: Server) -> None:
    @server.feature(
        types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=_TRIGGERS)
    )
    def complete(params: types.CompletionParams) -> types.CompletionList | None:
        return server.ask(
            params.text_document,
            lambda session, document: session.completion(document, params.position),
        )

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> types.Hover | None:
        return server.ask(
            params.text_document,
            lambda session, document: session.hover(document, params.position),
        )

    @server.feature(
        types.TEXT_DOCUMENT_DIAGNOSTIC,
        types.DiagnosticOptions(
            inter_file_dependencies=False, workspace_diagnostics=False, identifier="iam-catalog"
        ),
    )
    async def diagnostic(params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
        return await _report(server, params)

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions(
            code_action_kinds=[
                types.CodeActionKind.QuickFix,
                types.CodeActionKind.RefactorRewrite,
            ]
        ),
    )
    def code_action(params: types.CodeActionParams) -> list[types.CodeAction] | None:
        only = list(params.context.only) if params.context.only else None
        return server.ask(
            params.text_document,
            lambda session, document: session.code_actions(document, params.range, only),
        )

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def symbols(params: types.DocumentSymbolParams) -> list[types.DocumentSymbol] | None:
        return server.ask(params.text_document, lambda session, document: session.symbols(document))

    @server.feature(types.TEXT_DOCUMENT_INLAY_HINT)
    def hints(params: types.InlayHintParams) -> list[types.InlayHint] | None:
        return server.ask(
            params.text_document,
            lambda session, document: session.inlay_hints(document, params.range),
        )

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    def definition(params: types.DefinitionParams) -> types.Location | None:
        return server.ask(
            params.text_document,
            lambda session, document: session.definition(document, params.position),
        )


async def _report(
    server: Server, params: types.DocumentDiagnosticParams
) -> types.DocumentDiagnosticReport:
    """Return the diagnostics that an editor asks for, or that those it has are still right."""
    uri = params.text_document.uri
    document = server.documents.get(uri)
    if document is not None:
        result = _result_of(server, document)
        if result is not None and result == params.previous_result_id:
            return types.RelatedUnchangedDocumentDiagnosticReport(result)
    found = await server.diagnostics(uri)
    if found is None:
        return types.RelatedFullDocumentDiagnosticReport(items=[])
    result = _result_of(server, found[0])
    return types.RelatedFullDocumentDiagnosticReport(items=found[1], result_id=result)


def _result_of(server: Server, document: OpenDocument) -> str | None:
    key = server.session.result_key(document)
    return None if key is None else "-".join(str(part) for part in key[1:])


def serve(database: str | None = None, *, tcp: int | None = None) -> None:
    """Serve one editor until it leaves: over standard input and output, or on a port here."""
    server = make_server(database)
    try:
        if tcp is None:
            server.start_io()
        else:
            _serve_on(server, tcp)
    finally:
        server.stop()
        if server._session is not None:
            server._session.close()


def _serve_on(server: Server, port: int) -> None:
    """Serve the first editor that connects to a port of this machine, until it leaves.

    pygls's own server of TCP goes on without its editor where the connection is reset.
    """
    with socket.create_server(("127.0.0.1", port)) as listening:
        connection, _ = listening.accept()
    with (
        connection,
        connection.makefile("rb") as reading,
        connection.makefile("wb", buffering=0) as writing,
        suppress(ConnectionError),
    ):
        server.start_io(cast("BinaryIO", reading), cast("BinaryIO", writing))
