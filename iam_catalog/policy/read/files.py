"""Read the policy documents of a file, whatever wraps them.

A file is a JSON policy, a list of them, JSON Lines (read line by line, so that memory stays flat
over millions), a plan, state or source of Terraform, a template of CloudFormation, output of the
AWS CLI, any of these in YAML, or a text with policies in it (Markdown, HTML, plain). Its name says
which; for standard input, and for names without a known ending, the content does.

A file without a policy is not an error: nothing is yielded for it.
"""

from __future__ import annotations

import re
import sys
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable, Iterator
from io import BytesIO
from os.path import splitext
from typing import BinaryIO

from iam_catalog.errors import UnreadablePolicy
from iam_catalog.policy.model import PolicyDocument, Unresolved
from iam_catalog.policy.read import prose
from iam_catalog.policy.read.containers import policies_in
from iam_catalog.policy.read.json_text import MAX_BYTES, Place, read_items, read_json, refuse_excess
from iam_catalog.policy.read.source import SourceText

_STANDARD_INPUT = "-"
_PIECE = 256 * 1024
LINES = {".jsonl", ".ndjson"}
YAML = {".yaml", ".yml"}
TERRAFORM = {".hcl", ".tf", ".tofu"}
PROSE = {".adoc", ".htm", ".html", ".markdown", ".md", ".mdx", ".rst", ".txt"}
_YAML_START = re.compile(
    r"^(?:AWSTemplateFormatVersion|Transform|Resources|Statement|Version)\s*:", re.MULTILINE
)
"""Matches a line that templates and policies in YAML have, and prose does not."""

_HCL_START = re.compile(
    r"(?:\s|(?:#|//)[^\n]*+|/\*.*?\*/)*+"
    r'(?:(?:resource|data)\s+"[^"\n]+"\s+"[^"\n]+"|(?:module|output|provider|variable)\s+"[^"\n]+"'
    r"|locals|terraform)\s*\{",
    re.DOTALL,
)
"""Matches a text that begins, after comments, with a block of Terraform."""
_JSON_START = ("{", "[")
_NO_YAML = "reading YAML needs PyYAML; install it with: pip install 'iam-catalog[yaml]'"
_NO_HCL = "reading HCL needs python-hcl2; install it with: pip install 'iam-catalog[hcl]'"
_IN_HCL = re.compile(r"\bjsonencode\(|\baws_iam_policy_document\b")
"""Matches policies in HCL that no reader of JSON sees."""


Refused = Callable[[UnreadablePolicy], None]
"""Receives the error of one of many lines, so that the others are read."""


def read_file(name: str, refused: Refused | None = None) -> Iterator[PolicyDocument]:
    """Yield the policies of the file *name*, or of standard input for `-`.

    Raises `UnreadablePolicy` for a file that cannot be read or does not parse, also in the middle
    of JSON Lines unless *refused* takes the error.
    """
    if name == _STANDARD_INPUT:
        yield from read_stream(name, sys.stdin.buffer, refused)
        return
    try:
        with _open_named(name) as stream:
            yield from read_stream(name, stream, refused)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UnreadablePolicy(name, reason[:1].lower() + reason[1:]) from None


def _open_named(name: str) -> BinaryIO:
    """Open a file for reading. Raises `OSError`, and `UnreadablePolicy` for an impossible name."""
    try:
        return open(name, "rb")  # noqa: PTH123   what people type is no `Path` yet
    except ValueError:
        raise UnreadablePolicy(name, "no file can have this name") from None


def read_documents(file: str, content: bytes) -> Iterator[PolicyDocument]:
    """Yield the policies in the *content* of a file, as `read_file` does."""
    yield from read_stream(file, BytesIO(content))


def read_stream(
    file: str, stream: BinaryIO, refused: Refused | None = None
) -> Iterator[PolicyDocument]:
    """Read line by line where the lines are JSON values of their own, otherwise as one text."""
    suffix = splitext(file)[1].lower()  # noqa: PTH122   of thousands of files: a path takes longer
    head = _next_lines(stream, 1)
    if suffix in LINES or (suffix not in YAML | PROSE and _is_json_line(head[-1])):
        head += _next_lines(stream, 1)
        if suffix in LINES or _is_json_line(head[-1]):
            yield from _read_lines(file, head, stream, refused)
            return
    start = b"".join(head)
    yield from _read_text(file, suffix, _decoded(file, _whole(file, start, stream)))


def _whole(file: str, start: bytes, stream: BinaryIO) -> bytes:
    """Return *start* and the rest of a stream.

    Read piece by piece: a buffer as large as the limit would take longer than most files.
    """
    pieces, size = [start], len(start)
    while size <= MAX_BYTES and (piece := stream.read(_PIECE)):
        pieces.append(piece)
        size += len(piece)
    if size > MAX_BYTES:
        raise UnreadablePolicy(file, f"it is longer than {MAX_BYTES // 2**20} MB")
    return b"".join(pieces)


def _next_lines(stream: BinaryIO, number: int) -> list[bytes]:
    """Return the next lines up to the *number*th that is not empty."""
    lines = []
    while number:
        line = stream.readline(MAX_BYTES + 1)
        lines.append(line)
        if not line:
            break
        number -= bool(line.strip())
    return lines


def _is_json_line(line: bytes) -> bool:
    """Return True for a line that looks like a whole JSON object."""
    text = line.strip().removeprefix(b"\xef\xbb\xbf")
    return text[:1] == b"{" and text[-1:] == b"}" and text.count(b"{") == text.count(b"}")


def _read_lines(
    file: str, head: list[bytes], stream: BinaryIO, refused: Refused | None
) -> Iterator[PolicyDocument]:
    """Yield the policies of JSON Lines, where each line is a value of its own."""
    number = 0
    for lines in (head, iter(lambda: stream.readline(MAX_BYTES + 1), b"")):
        for line in lines:
            number += 1
            try:
                if line.strip():
                    yield from _read_line(file, number, line)
            except UnreadablePolicy as error:
                if refused is None:
                    raise
                refused(error)


def _read_line(file: str, number: int, line: bytes) -> Iterator[PolicyDocument]:
    place = Place(file, number)
    try:
        text = line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise place.refused(_not_text(error)) from None
    refuse_excess(text, place)
    yield from policies_in(read_json(text, place), SourceText(file, text, number))


def _decoded(file: str, content: bytes) -> str:
    """Decode a file: UTF-8, or what its byte order mark says."""
    encoding = "utf-16" if content[:2] in (BOM_UTF16_LE, BOM_UTF16_BE) else "utf-8"
    try:
        text = content.removeprefix(BOM_UTF8).decode(encoding)  # faster than by "utf-8-sig"
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UnreadablePolicy(file, _not_text(error), line=line) from None
    if "\0" in text:
        raise UnreadablePolicy(file, "it has null characters: expected UTF-8 text")
    return text


def _not_text(error: UnicodeDecodeError) -> str:
    return f"it is not UTF-8 text (byte 0x{error.object[error.start]:02x})"


def _read_text(file: str, suffix: str, text: str) -> Iterator[PolicyDocument]:
    """Yield the policies of a file that is not JSON Lines."""
    starts_as_json = text.lstrip()[:1] in _JSON_START
    if not text.strip() and suffix not in PROSE | YAML | TERRAFORM:
        raise UnreadablePolicy(file, "it is empty")
    if suffix in PROSE:
        yield from _prose_policies(file, text)
    elif suffix == ".json" or (starts_as_json and suffix not in YAML | TERRAFORM):
        yield from _json_policies(file, text)
    elif suffix in YAML:
        yield from _yaml_policies(file, text)
    elif suffix not in TERRAFORM and _YAML_START.search(text):
        yield from _yaml_or_prose(file, text)
    elif suffix in TERRAFORM or _HCL_START.match(text):
        yield from _hcl_policies(file, text)
    else:
        yield from _prose_policies(file, text)


def _json_policies(file: str, text: str) -> Iterator[PolicyDocument]:
    """Yield the policies of JSON; of a list one item after the other, to keep memory low."""
    place = Place(file)
    refuse_excess(text, place)
    if text.lstrip()[:1] != "[":
        yield from policies_in(read_json(text, place), SourceText(file, text), as_sent=True)
        return
    line, counted = 1, 0
    for index, (offset, value) in enumerate(read_items(text, place)):
        line += text.count("\n", counted, offset)
        counted = offset
        yield from policies_in(value, SourceText(file, text, prefix=(index,)), line)


def _yaml_policies(file: str, text: str) -> Iterator[PolicyDocument]:
    """Yield the policies of YAML, of each of its documents by itself."""
    try:
        from iam_catalog.policy.read.yaml_text import read_yaml
    except ModuleNotFoundError:
        raise UnreadablePolicy(file, _NO_YAML) from None
    values = read_yaml(text, Place(file))
    for index, value in enumerate(values):
        prefix = (index,) if len(values) > 1 else ()
        yield from policies_in(value, SourceText(file, text, syntax="yaml", prefix=prefix))


def _yaml_or_prose(file: str, text: str) -> Iterator[PolicyDocument]:
    """Yield the policies of a text that looks like YAML, or of prose with such lines in it."""
    try:
        yield from list(_yaml_policies(file, text))
    except UnreadablePolicy:
        found = list(_prose_policies(file, text))
        if all(isinstance(each.value, Unresolved) for each in found):
            raise
        yield from found


def _hcl_policies(file: str, text: str) -> Iterator[PolicyDocument]:
    """Yield the policies of a source file of Terraform.

    Without python-hcl2 only JSON in heredocs is read, and the rest is `Unresolved` with the remedy.
    """
    try:
        from iam_catalog.policy.read.hcl_text import hcl_policies
    except ModuleNotFoundError:
        yield from _prose_policies(file, text)
        if match := _IN_HCL.search(text):
            line = text.count("\n", 0, match.start()) + 1
            unread = Unresolved(f"${{{_NO_HCL}}}")
            yield PolicyDocument(file, None, unread, (), line, match[0], line)
        return
    try:
        yield from hcl_policies(SourceText(file, text, syntax="hcl"))
    except UnreadablePolicy:
        yield from _prose_policies(file, text)  # JSON in a file with an error elsewhere
        raise


def _prose_policies(file: str, text: str) -> Iterator[PolicyDocument]:
    """Yield the samples in a text; a fragment is `Unresolved`, with the reason."""
    for found in prose.read_prose(file, text):
        if isinstance(found, prose.SamplePolicy):
            yield found.document(file)
        else:
            unread = Unresolved(f"${{{found.reason}}}")
            yield PolicyDocument(file, found.title, unread, (), found.line, found.text, found.line)
