"""Make the rows of sample policies from the documents that show them.

Everything is stored as it is written: patterns of actions, placeholders, footnotes, and fragments
that are not whole policies. A document has no history: of two files of one name, the one of the
newer date counts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from iam_catalog.arn.pattern import has_wildcard
from iam_catalog.errors import UnreadablePolicy
from iam_catalog.policy.model import Path, Policy, PolicyDocument, Statement
from iam_catalog.policy.read.kinds import policy_kind
from iam_catalog.policy.read.prose import Fragment, SamplePolicy, read_prose
from iam_catalog.policy.read.source import line_of, path_text
from iam_catalog.policy.read.statements import read_policy
from scraper.errors import SourceError
from scraper.merge.unite import Rows
from scraper.sources import SourceFile


def policy_rows(sources: Iterable[SourceFile]) -> Rows:
    """Return the rows of every table of sample policies, in the order of the documents' names.

    *sources* come oldest first; service authorization pages among them are passed over. Raises
    `SourceError` for a document that cannot be read.
    """
    newest = {source.path: source for source in sources if not source.is_page}
    rows: Rows = {}
    for source in sorted(newest.values(), key=lambda each: each.path):
        stem = PurePosixPath(source.path).stem
        taken = {row["policy_document"] for row in rows.get("policy_documents", ())}
        document = _unused(stem, taken)
        rows.setdefault("policy_documents", []).append(_document_row(document, source))
        _add_found(rows, document, source)
    return rows


def _document_row(document: str, source: SourceFile) -> dict[str, object]:
    return {
        "policy_document": document,
        "title": source.title,
        "date": source.date,
        "url": source.url,
        "url_then": source.url_then,
        "publisher": source.publisher,
        "licence": source.licence,
        "file": source.path,
        "sha256": source.sha256,
    }


def _add_found(rows: Rows, document: str, source: SourceFile) -> None:
    """Add the policies and fragments of one document, each numbered among its kind."""
    keys: set[str] = set()
    policies = fragments = 0
    for found in _read_source(source):
        key = _unused(f"{document}:{found.line}", keys)
        keys.add(key)
        if isinstance(found, Fragment):
            fragments += 1
            row = _fragment_row(key, document, fragments, found)
            rows.setdefault("policy_fragments", []).append(row)
        else:
            policies += 1
            for table, row in _sample_rows(key, document, policies, found):
                rows.setdefault(table, []).append(row)


def _read_source(source: SourceFile) -> list[SamplePolicy | Fragment]:
    """Read one document; raises `SourceError`, also where a reader that it needs is missing.

    A catalog is a function of its sources alone: what is installed must not decide about a row.
    """
    try:
        found = read_prose(source.file, source.content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = source.content.count(b"\n", 0, error.start) + 1
        raise SourceError(
            f"{source.path!r} line {line} is not UTF-8 text: restore the file, or leave it out."
        ) from None
    except UnreadablePolicy as error:
        raise SourceError(f"{source.path!r} cannot be read: {error.found}.") from None
    for each in found:
        if isinstance(each, Fragment) and each.needs:
            raise SourceError(f"{source.path!r} line {each.line}: {each.reason}.")
    return found


def _unused(wanted: str, taken: set[str]) -> str:
    """Return *wanted*, with a number if it is taken."""
    key, number = wanted, 1
    while key in taken:
        number += 1
        key = f"{wanted}~{number}"
    return key


def _fragment_row(key: str, document: str, position: int, found: Fragment) -> dict[str, object]:
    return {
        "fragment": key,
        "policy_document": document,
        "position": position,
        "title": found.title,
        "text": found.text,
        "reason": found.reason,
        "line": found.line,
    }


_TableAndRow = tuple[str, dict[str, object]]


def _sample_rows(
    key: str, document: str, position: int, sample: SamplePolicy
) -> Iterator[_TableAndRow]:
    """Yield the row of one policy, and those of all that it holds."""
    text = sample.document(document)
    policy = read_policy(sample.value)
    yield "policies", _policy_row(key, document, position, sample, policy)
    statements: dict[Path, str] = {}
    for number, statement in enumerate(policy.statements, 1):
        name = statements[statement.path] = f"{key}.{number}"
        own = {
            "statement": name,
            "policy": key,
            "position": number,
            "sid": statement.sid or None,
            "effect": statement.effect,
            "line": line_of(text, statement.path),
        }
        yield "policy_statements", own
        yield from _statement_rows(name, statement, text)
    for number, note in enumerate(sample.notes, 1):
        yield (
            "policy_notes",
            {
                "policy": key,
                "position": number,
                "statement": statements.get(note.path[:2]) or statements.get(note.path[:1]),
                "path": path_text(note.path),
                "number": note.number,
                "text": note.text,
                "line": line_of(text, note.path),
            },
        )


def _policy_row(
    key: str, document: str, position: int, sample: SamplePolicy, policy: Policy
) -> dict[str, object]:
    return {
        "policy": key,
        "policy_document": document,
        "position": position,
        "title": sample.title,
        "kind": policy_kind(policy),
        "version": policy.version or None,
        "statements": len(policy.statements),
        "text": sample.text if sample.syntax == "json" else json.dumps(sample.value, indent=2),
        "line": sample.line,
    }


def _statement_rows(
    name: str, statement: Statement, text: PolicyDocument
) -> Iterator[_TableAndRow]:
    """Yield the rows of the actions, resources, principals and conditions of a statement."""
    for element, patterns in (("Action", statement.actions), ("NotAction", statement.not_actions)):
        for index, pattern in enumerate(patterns or ()):
            facts = {
                "pattern": pattern,
                "service_prefix": _service_prefix(pattern),
                "has_wildcard": int(has_wildcard(pattern)),
            }
            yield "policy_statement_actions", _part(name, statement, element, index, text, **facts)
    for element, resources in (
        ("Resource", statement.resources),
        ("NotResource", statement.not_resources),
    ):
        for index, resource in enumerate(resources or ()):
            row = _part(name, statement, element, index, text, resource=resource)
            yield "policy_statement_resources", row
    yield from _principal_rows(name, statement, text)
    yield from _condition_rows(name, statement, text)


def _part(
    name: str,
    statement: Statement,
    element: str,
    index: int,
    text: PolicyDocument,
    **facts: object,
) -> dict[str, object]:
    """Return the row of an item of an element."""
    line = line_of(text, statement.item_path(element, index))
    return {"statement": name, "element": element, "position": index + 1, **facts, "line": line}


def _service_prefix(pattern: str) -> str | None:
    """Return the service that a pattern names; None for a wildcard in its place."""
    prefix, colon, _ = pattern.partition(":")
    return prefix if colon and prefix and not has_wildcard(prefix) else None


def _principal_rows(
    name: str, statement: Statement, text: PolicyDocument
) -> Iterator[_TableAndRow]:
    for element, principals in (
        ("Principal", statement.principals),
        ("NotPrincipal", statement.not_principals),
    ):
        for number, (kind, principal) in enumerate(principals or (), 1):
            row: dict[str, object] = {
                "statement": name,
                "element": element,
                "position": number,
                "type": kind,
                "principal": principal,
                "line": line_of(text, (*statement.path, element, kind)),
            }
            yield "policy_statement_principals", row


def _condition_rows(
    name: str, statement: Statement, text: PolicyDocument
) -> Iterator[_TableAndRow]:
    """Yield one row for each value."""
    number = 0
    for condition in statement.conditions:
        for value in condition.values:
            number += 1
            row: dict[str, object] = {
                "statement": name,
                "position": number,
                "operator": condition.operator,
                "condition_key": condition.key,
                "value": value,
                "line": line_of(text, condition.path),
            }
            yield "policy_statement_conditions", row
