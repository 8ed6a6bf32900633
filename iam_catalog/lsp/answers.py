"""Turn what is found in documents into the answers of the protocol."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lsprotocol import types

from iam_catalog.lsp.complete import Offers, inserted, is_snippet
from iam_catalog.lsp.diagnose import LocatedFinding
from iam_catalog.lsp.documents import OpenDocument
from iam_catalog.lsp.fixes import Fix
from iam_catalog.lsp.offers.offer import Offer
from iam_catalog.lsp.outline import Symbol
from iam_catalog.policy.check.registry import CODES
from iam_catalog.policy.check.run import message

SOURCE = "iam-catalog"

_KINDS = {
    "action": types.CompletionItemKind.Function,
    "pattern": types.CompletionItemKind.Operator,
    "service": types.CompletionItemKind.Module,
    "element": types.CompletionItemKind.Property,
    "value": types.CompletionItemKind.Value,
    "resource": types.CompletionItemKind.Reference,
    "key": types.CompletionItemKind.Field,
}
_SEVERITIES = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "info": types.DiagnosticSeverity.Information,
}
_STOP = re.compile(r"\$\{\d+:([^}]*)\}|\$\d+|\\([\\$}])")


def range_of(document: OpenDocument, start: int, end: int) -> types.Range:
    """Return a range of the protocol."""
    return types.Range(
        types.Position(*document.position(start)), types.Position(*document.position(end))
    )


def position_of(position: types.Position) -> tuple[int, int]:
    return position.line, position.character


def completion(
    document: OpenDocument, offers: Offers, *, snippets: bool, again: str | None
) -> types.CompletionList:
    """Return offers in their order; *again* is the editor's command that asks for more."""
    where = range_of(document, offers.edit.start, offers.edit.end)
    items = [
        _item(number, offer, offers, where, snippets=snippets, again=again)
        for number, offer in enumerate(offers.offers)
    ]
    return types.CompletionList(is_incomplete=not offers.is_whole, items=items)


def _item(
    number: int,
    offer: Offer,
    offers: Offers,
    where: types.Range,
    *,
    snippets: bool,
    again: str | None,
) -> types.CompletionItem:
    text = inserted(offer, offers)
    has_stops = is_snippet(offer, offers)
    mark = "" if offer.is_whole else offers.edit.before.strip()
    command = None
    if again is not None and offer.goes_on:
        command = types.Command("Suggest", again)
    return types.CompletionItem(
        label=offer.label,
        kind=_KINDS[offer.kind],
        detail=offer.detail or None,
        documentation=offer.text or None,
        sort_text=f"{number:04}",
        filter_text=f"{mark}{offer.matches or offer.label}",
        insert_text_format=types.InsertTextFormat.Snippet if has_stops and snippets else None,
        insert_text_mode=types.InsertTextMode.AdjustIndentation if "\n" in text else None,
        text_edit=types.TextEdit(where, text if snippets or not has_stops else without_stops(text)),
        command=command,
    )


def without_stops(snippet: str) -> str:
    """Write a snippet as plain text, with what it shows at its tab stops.

    >>> without_stops("arn:${1:aws}:s3:::${2:BucketName}$0")
    'arn:aws:s3:::BucketName'
    """
    return _STOP.sub(lambda found: found[1] or found[2] or "", snippet)


def diagnostics(document: OpenDocument, found: Iterable[LocatedFinding]) -> list[types.Diagnostic]:
    """Return findings with code, severity and the address of what the rule goes by."""
    return [_diagnostic(document, each) for each in found]


def _diagnostic(document: OpenDocument, located: LocatedFinding) -> types.Diagnostic:
    finding = located.finding
    rule = CODES.get(finding.code)
    address = rule.source if rule is not None else None
    return types.Diagnostic(
        range=range_of(document, located.start, located.end),
        message=message(finding),
        severity=_SEVERITIES[finding.severity],
        code=finding.code,
        code_description=types.CodeDescription(address) if address else None,
        source=SOURCE,
    )


def code_action(document: OpenDocument, fix: Fix, *, creates: bool) -> types.CodeAction | None:
    """Return a fix; None where it makes a file, and the editor does not *create* files."""
    changes: list[types.TextDocumentEdit | types.CreateFile] = []
    if fix.edits:
        edits = [
            types.TextEdit(range_of(document, each.start, each.end), each.text)
            for each in fix.edits
        ]
        identifier = types.OptionalVersionedTextDocumentIdentifier(document.uri, document.version)
        changes.append(types.TextDocumentEdit(identifier, list(edits)))
    if fix.file is not None:
        if not creates:
            return None
        new = fix.file
        if new.is_new:
            options = types.CreateFileOptions(ignore_if_exists=True)
            changes.append(types.CreateFile(uri=new.uri, options=options))
        identifier = types.OptionalVersionedTextDocumentIdentifier(new.uri, None)
        at = types.Position(*new.end)
        changes.append(
            types.TextDocumentEdit(identifier, [types.TextEdit(types.Range(at, at), new.text)])
        )
    plain = None if creates else _plain_changes(document, fix)
    return types.CodeAction(
        title=fix.title,
        kind=types.CodeActionKind.QuickFix if fix.located else types.CodeActionKind.RefactorRewrite,
        diagnostics=[_diagnostic(document, fix.located)] if fix.located else None,
        is_preferred=fix.is_preferred or None,
        edit=types.WorkspaceEdit(changes=plain)
        if plain is not None
        else types.WorkspaceEdit(document_changes=list(changes)),
    )


def _plain_changes(document: OpenDocument, fix: Fix) -> dict[str, list[types.TextEdit]]:
    return {
        document.uri: [
            types.TextEdit(range_of(document, each.start, each.end), each.text)
            for each in fix.edits
        ]
    }


def symbols(document: OpenDocument, found: Iterable[Symbol]) -> list[types.DocumentSymbol]:
    """Return policies with their statements."""
    return [
        types.DocumentSymbol(
            name=each.name,
            kind=types.SymbolKind.Object if each.children else types.SymbolKind.Struct,
            range=range_of(document, each.start, each.end),
            selection_range=range_of(document, each.first, min(each.last, each.end)),
            detail=each.detail or None,
            children=symbols(document, each.children),
        )
        for each in found
    ]
