"""A client of the language server over standard input and output, and texts that mark a cursor."""

from __future__ import annotations

import asyncio
import itertools
import sys
from pathlib import Path

from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient

CURSOR = "¦"
SERVER = [sys.executable, "-m", "iam_catalog", "lsp", "--database"]

_numbers = itertools.count(1)


def capabilities(
    *,
    snippets: bool = True,
    pulls: bool = False,
    encodings: tuple[types.PositionEncodingKind, ...] = (),
) -> types.ClientCapabilities:
    """What an editor announces."""
    item = types.ClientCompletionItemOptions(snippet_support=snippets)
    return types.ClientCapabilities(
        general=types.GeneralClientCapabilities(position_encodings=list(encodings) or None),
        text_document=types.TextDocumentClientCapabilities(
            completion=types.CompletionClientCapabilities(completion_item=item),
            diagnostic=types.DiagnosticClientCapabilities() if pulls else None,
        ),
        workspace=types.WorkspaceClientCapabilities(
            workspace_edit=types.WorkspaceEditClientCapabilities(
                document_changes=True, resource_operations=[types.ResourceOperationKind.Create]
            )
        ),
    )


async def started(
    database: str,
    announced: types.ClientCapabilities | None = None,
    *,
    folder: Path | None = None,
    options: dict[str, object] | None = None,
) -> LanguageClient:
    """Start a server and a client that has initialized it."""
    client = await ClientServerConfig(server_command=[*SERVER, database]).start()
    assert isinstance(client, LanguageClient)
    folders = [types.WorkspaceFolder(folder.as_uri(), folder.name)] if folder else None
    await client.initialize_session(
        types.InitializeParams(
            capabilities=announced or capabilities(),
            workspace_folders=folders,
            initialization_options=options,
        )
    )
    return client


async def stopped(client: LanguageClient) -> None:
    await client.shutdown_session()
    await client.stop()


def opened(client: LanguageClient, text: str, name: str = "policy.json", language: str = "") -> str:
    """Open a new document, and return its URI; its name is kept below a folder of its own."""
    uri = name if ":" in name else f"file:///project/{next(_numbers)}/{name}"
    item = types.TextDocumentItem(uri, language, 1, text)
    client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    return uri


def at_cursor(text: str) -> tuple[str, types.Position]:
    """Return a text without its cursor, and where that was, in units of UTF-16."""
    before, _, after = text.partition(CURSOR)
    line = before.rpartition("\n")[2]
    position = types.Position(before.count("\n"), len(line.encode("utf-16-le")) // 2)
    return before + after, position


async def offered(
    client: LanguageClient, text: str, name: str = "policy.json", language: str = ""
) -> list[types.CompletionItem]:
    """Return what is offered at the cursor of a text."""
    content, position = at_cursor(text)
    uri = opened(client, content, name, language)
    return await offered_at(client, uri, position)


async def offered_at(
    client: LanguageClient, uri: str, position: types.Position
) -> list[types.CompletionItem]:
    answer = await client.text_document_completion_async(
        types.CompletionParams(types.TextDocumentIdentifier(uri), position)
    )
    if answer is None:
        return []
    return list(answer.items if isinstance(answer, types.CompletionList) else answer)


def typed(item: types.CompletionItem) -> str:
    """Return what an offer puts into the text."""
    assert isinstance(item.text_edit, types.TextEdit)
    return item.text_edit.new_text


def applied(text: str, edits: list[types.TextEdit]) -> str:
    """Return a text, of ASCII, after edits."""
    starts = [0, *itertools.accumulate(len(line) for line in text.splitlines(keepends=True))]

    def offset(position: types.Position) -> int:
        return starts[position.line] + position.character

    for edit in sorted(edits, key=lambda each: offset(each.range.start), reverse=True):
        text = text[: offset(edit.range.start)] + edit.new_text + text[offset(edit.range.end) :]
    return text


async def published(client: LanguageClient, uri: str) -> list[types.Diagnostic]:
    """Wait for the diagnostics of a document that are sent."""
    # One that comes just before a wait for the next one begins would never be seen.
    async with asyncio.timeout(60):
        while uri not in client.diagnostics:
            await asyncio.sleep(0.01)
    return list(client.diagnostics[uri])
