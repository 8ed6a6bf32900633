"""Offer edits: what a finding suggests, what a policy lacks, and other ways to write the same."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import indent

from iam_catalog.arn.format import placeholders
from iam_catalog.arn.pattern import has_wildcard
from iam_catalog.errors import CatalogError
from iam_catalog.lsp.diagnose import LocatedFinding, Project, target_of
from iam_catalog.lsp.documents import OpenDocument
from iam_catalog.lsp.held import HeldCatalog
from iam_catalog.lsp.offers.grants import formats_for
from iam_catalog.lsp.places import place_at
from iam_catalog.lsp.policies import TreePolicy, TreeStatement
from iam_catalog.lsp.scan.tree import Branch, Leaf
from iam_catalog.policy.check.fixes import actions_together, choices_of
from iam_catalog.policy.check.ignores import DEFAULT
from iam_catalog.policy.check.run import UNREADABLE
from iam_catalog.policy.read.source import path_text
from iam_catalog.policy.rewrite import shrink
from iam_catalog.policy.write.complete import complete_policy
from iam_catalog.policy.write.text import policies_text

REASON = "Say here why."
_MOST_EXPANDED = 200
"""Actions that a pattern is written as; more would be no policy that AWS takes."""
_MOST_FORMATS = 20
_LACKS = frozenset({"missing-dependent-actions"})


@dataclass(frozen=True, slots=True)
class TextChange:
    """A text in place of what is between two offsets."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class FileChange:
    """A text at the end of another file."""

    uri: str
    end: tuple[int, int]
    text: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class Fix:
    """One edit that is offered."""

    title: str
    edits: tuple[TextChange, ...] = ()
    located: LocatedFinding | None = None
    """The finding that it answers; None where it is another way to write the same."""
    is_preferred: bool = False
    file: FileChange | None = None


def fixes_at(
    held: HeldCatalog,
    document: OpenDocument,
    found: Sequence[LocatedFinding],
    start: int,
    end: int,
    project: Project,
) -> list[Fix]:
    """Return the edits that are offered for a range: those of its findings, then other ways."""
    here = [each for each in found if each.start <= end and start <= each.end]
    fixes: list[Fix] = []
    with held.asked():
        for located in here:
            fixes += _suggested(document, located)
            if located.finding.code in _LACKS and not any(_adds(fix) for fix in fixes):
                fixes += _completed(held, document, located)
        fixes += _rewritten(held, document, start)
    for located in here:
        fixes += _ignored(document, located, project)
    return fixes


def _adds(fix: Fix) -> bool:
    return fix.located is not None and fix.located.finding.code in _LACKS


# --- findings


def _suggested(document: OpenDocument, located: LocatedFinding) -> Iterator[Fix]:
    """Yield the suggestions of a finding that can take the place of what is there."""
    choices = choices_of(located.finding)
    target = target_of(located) if choices and choices[0][:1] not in "{[" else None
    if target is None:
        return
    start, end, leaf = target
    for choice in choices:
        if actions := actions_together(choice):
            change = _items_change(document, leaf, actions)
            yield Fix(f"Write {choice}", (change,), located, is_preferred=len(choices) == 1)
            continue
        written = choice if leaf.quote else _plain(choice, leaf)
        change = TextChange(start, end, written)
        yield Fix(f"Write {choice}", (change,), located, is_preferred=len(choices) == 1)


def _plain(text: str, leaf: Leaf) -> str:
    """Write a text where plain text was, which YAML may need quotes for."""
    mode = leaf.parent.mode if leaf.parent is not None else "json"
    needs = mode in ("block", "flow") and (text[:1] in "*&!|>%@`{[#?-" or text[:1].isdecimal())
    return json.dumps(text) if needs else text


def _completed(held: HeldCatalog, document: OpenDocument, located: LocatedFinding) -> Iterator[Fix]:
    """Yield the addition of all dependent actions that the policy lacks."""
    if located.policy is None or located.tree is None:
        return
    try:
        completed = complete_policy(held.connection, located.policy)
    except CatalogError:
        return  # of a kind that has no dependent actions
    text = _statements_text(document, located.tree, list(completed.statements))
    if text is not None and completed.statements:
        number = len(completed.missing)
        noun = "action" if number == 1 else "actions"
        yield Fix(f"Add a statement with {number} dependent {noun}", (text,), located)


def _statements_text(
    document: OpenDocument, tree: TreePolicy, statements: list[dict[str, object]]
) -> TextChange | None:
    """Write statements behind the last one of a policy; None where that is not a list."""
    if not tree.statements:
        return None
    last = tree.statements[-1].node
    before = _indentation(document, last.start)
    if tree.is_block:
        text = policies_text([{"Version": "2012-10-17", "Statement": statements}], "terraform")
        blocks = "\n".join(text.split("\n")[1:-2])
        shifted = indent(_dedented(blocks, 2), before)
        return TextChange(last.end, last.end, f"\n\n{shifted}")
    if last.parent is None or last.parent.kind != "list":
        return None
    if last.mode == "block":
        return _yaml_statements(document, last, statements)
    if last.mode == "hcl":
        texts = [_hcl_object(each) for each in statements]
    else:
        texts = [json.dumps(each, indent=2, ensure_ascii=False) for each in statements]
    joined = "".join(f",\n{indent(text, before)}" for text in texts)
    return TextChange(last.end, last.end, joined)


def _yaml_statements(
    document: OpenDocument, last: Branch, statements: list[dict[str, object]]
) -> TextChange:
    """Write statements as items of a list in block style, in the column of its dashes."""
    text = policies_text([{"Statement": statements}], "yaml").split("\n", 1)[1]
    assert last.parent is not None
    column = last.parent.start - document.text.rfind("\n", 0, last.parent.start) - 1
    end = last.end
    while end > last.start and document.text[end - 1] in " \t\r\n":
        end -= 1
    shifted = indent(text.rstrip("\n"), " " * column)
    return TextChange(end, end, f"\n{shifted}")


def _hcl_object(value: object, depth: int = 0) -> str:
    """Write a statement as an object of Terraform's language."""
    pad = "  " * (depth + 1)
    if isinstance(value, dict):
        lines = [
            f"{pad}{_hcl_key(key)} = {_hcl_object(each, depth + 1)}\n"
            for key, each in value.items()
        ]
        return "{\n" + "".join(lines) + "  " * depth + "}"
    if isinstance(value, list):
        return f"[{', '.join(_hcl_object(each, depth) for each in value)}]"
    return json.dumps(value, ensure_ascii=False).replace("${", "$${")


def _hcl_key(key: str) -> str:
    return key if key.isidentifier() else json.dumps(key)


def _dedented(text: str, number: int) -> str:
    return "\n".join(
        line[number:] if line[:number].isspace() else line for line in text.split("\n")
    )


def _indentation(document: OpenDocument, offset: int) -> str:
    """Return the blanks that the line of an offset starts with."""
    start = document.text.rfind("\n", 0, offset) + 1
    line = document.text[start:offset]
    return line[: len(line) - len(line.lstrip(" \t"))]


# --- other ways to write the same


def _rewritten(held: HeldCatalog, document: OpenDocument, offset: int) -> Iterator[Fix]:
    """Yield what the text at an offset can be written as."""
    found = document.spot(offset)
    place = place_at(*found) if found is not None else None
    if place is None or place.statement is None:
        return
    leaf = place.spot.leaf
    if place.role == "action":
        if leaf is not None and has_wildcard(leaf.text):
            yield from _expanded(held, document, leaf)
        yield from _shrunk(held, document, place.statement, place.element)
    elif place.role == "resource" and leaf is not None and leaf.text == "*":
        yield from _with_formats(held, document, place.statement, leaf)


def _expanded(held: HeldCatalog, document: OpenDocument, leaf: Leaf) -> Iterator[Fix]:
    names = held.spelled([leaf.text], _MOST_EXPANDED + 1)
    if 0 < len(names) <= _MOST_EXPANDED:
        noun = "action" if len(names) == 1 else "actions"
        change = _items_change(document, leaf, names)
        yield Fix(f"Expand {leaf.text} to {len(names):,} {noun}", (change,))


def _shrunk(
    held: HeldCatalog, document: OpenDocument, statement: TreeStatement, element: str
) -> Iterator[Fix]:
    """Yield the fewest patterns for the actions of a statement, where they are fewer."""
    member = next((each for name, each in statement.members() if name == element), None)
    leaves = statement.texts(element)
    value = member.value if member is not None else None
    if not isinstance(value, Branch) or value.kind != "list" or len(value.items) != len(leaves):
        return
    names = [leaf.text for leaf in leaves]
    if any("${" in name or ":" not in name for name in names) or len(names) < 2:
        return
    try:
        patterns = shrink(held.connection, names)
    except CatalogError:
        return
    if len(patterns) < len(names):
        noun = "pattern" if len(patterns) == 1 else "patterns"
        title = f"Shrink {len(names):,} actions to {len(patterns):,} {noun}"
        last = leaves[-1]
        text = _joined(document, leaves[0], [_item(each, leaves[0]) for each in patterns])
        yield Fix(title, (TextChange(leaves[0].start, last.end, text),))


def _with_formats(
    held: HeldCatalog, document: OpenDocument, statement: TreeStatement, leaf: Leaf
) -> Iterator[Fix]:
    """Yield the ARN formats that the actions of a statement take, in place of `*`."""
    names = held.spelled([each.text for each in statement.texts("Action")], 1_000)
    formats = list(formats_for(held, names))
    if not 0 < len(formats) <= _MOST_FORMATS:
        return
    mode = leaf.parent.mode if leaf.parent is not None else "json"
    arns = [_to_fill_in(arn) if mode == "hcl" else arn for arn in formats]
    noun = "ARN format" if len(arns) == 1 else "ARN formats"
    alone = _alone(held, names)
    beside = f"; {alone} take only *" if alone else ""
    title = f"Replace * by {len(arns)} {noun} to fill in{beside}"
    yield Fix(title, (_items_change(document, leaf, arns),))


def _alone(held: HeldCatalog, names: list[str]) -> int:
    """Count the actions that take no resource type, for which `*` has to stay."""
    return sum(facts.types == () for facts in held.facts.facts_of(names).values())


def _to_fill_in(arn: str) -> str:
    """Write placeholders so that Terraform does not read them: `<BucketName>`."""
    for name, start, end in reversed(placeholders(arn)):
        arn = f"{arn[:start]}<{name}>{arn[end:]}"
    return arn


def _items_change(document: OpenDocument, leaf: Leaf, texts: list[str]) -> TextChange:
    """Write texts in place of one: as items of its list, or as a list in its place."""
    items = [_item(text, leaf) for text in texts]
    parent = leaf.parent
    if parent is not None and parent.kind == "list" and leaf.member is None:
        return TextChange(leaf.start, leaf.end, _joined(document, leaf, items))
    text = items[0] if len(items) == 1 else f"[{', '.join(items)}]"
    return TextChange(leaf.start, leaf.end, text)


def _item(text: str, like: Leaf) -> str:
    """Write an item in the way of another one of its list."""
    if like.quote == "'":
        return "'" + text.replace("'", "''") + "'"
    mode = like.parent.mode if like.parent is not None else "json"
    in_flow = mode == "flow" and any(letter in text for letter in "{},[]")
    if like.quote or mode in ("json", "hcl") or in_flow:
        return json.dumps(text, ensure_ascii=False)
    return _plain(text, like)


def _joined(document: OpenDocument, leaf: Leaf, items: list[str]) -> str:
    """Join items as the list of a text has them: each on its line, or all on one."""
    mode = leaf.parent.mode if leaf.parent is not None else "json"
    start = document.text.rfind("\n", 0, leaf.start) + 1
    before = document.text[start : leaf.start]
    if mode == "block":
        blanks = before[: len(before) - len(before.lstrip(" \t"))]
        column = leaf.parent.start - start if leaf.parent and leaf.parent.start >= start else None
        blanks = " " * column if column is not None else blanks
        return f"\n{blanks}- ".join(items)
    if before.strip(" \t"):
        return ", ".join(items)
    return f",\n{before}".join(items)


# --- ignores


def _ignored(document: OpenDocument, located: LocatedFinding, project: Project) -> Iterator[Fix]:
    """Yield an ignore of a finding, with a reason to write, in the form that `check` reads."""
    finding = located.finding
    if finding.code == UNREADABLE or located.policy is None:
        return
    tree = located.tree
    if document.language == "yaml" and (tree is None or tree.node.mode in ("block", "flow")):
        start = document.text.rfind("\n", 0, located.start) + 1
        before = _indentation(document, located.start)
        comment = f"{before}# iam-catalog: ignore {finding.code} - {REASON}\n"
        yield Fix(f"Ignore {finding.code} here", (TextChange(start, start, comment),), located)
        return
    file = project.settings_file
    is_settings = file is not None and file.name != "pyproject.toml"
    target = file if is_settings and file is not None else project.root / DEFAULT
    base = target.parent
    name = _relative(document.name, base)
    lines = [
        "[[ignore]]",
        f"code = {json.dumps(finding.code)}",
        f"file = {json.dumps(name, ensure_ascii=False)}",
    ]
    if finding.path:
        lines.append(f"path = {json.dumps(path_text(finding.path), ensure_ascii=False)}")
    lines.append(f"reason = {json.dumps(REASON)}")
    change = _appended(target, "\n".join(lines))
    if change is not None:
        yield Fix(f"Ignore {finding.code} here, in {target.name}", (), located, file=change)


def _relative(name: str, folder: Path) -> str:
    try:
        return Path(name).relative_to(folder).as_posix()
    except ValueError:
        return Path(name).as_posix()


def _appended(file: Path, text: str) -> FileChange | None:
    """Return the addition of lines to a file; None for one that cannot be read."""
    if not file.is_absolute():
        return None
    try:
        held = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return FileChange(file.as_uri(), (0, 0), f"{text}\n", is_new=True)
    except (OSError, ValueError):
        return None
    last = held.rpartition("\n")[2]
    lead = "\n" if not last else "\n\n"
    lead = "" if not held.strip() else lead
    return FileChange(file.as_uri(), (held.count("\n"), len(last)), f"{lead}{text}\n", is_new=False)
