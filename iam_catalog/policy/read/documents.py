"""Files -> the policy documents in them, whatever wraps these.

A file is a JSON policy, a list of them, JSON Lines (read line by line, so that memory stays flat
over millions), a plan or state of Terraform, a template of CloudFormation, output of the AWS CLI,
any of these in YAML, or a text with policies in it (Markdown, HTML, plain). Its name tells which;
of standard input, and of names without a known ending, the content does.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import PurePath
from typing import BinaryIO

from iam_catalog.errors import UnreadablePolicy
from iam_catalog.policy.model import Path, PolicyDocument, Unresolved
from iam_catalog.policy.read import prose
from iam_catalog.policy.read.cloudformation import is_template, resolve, template_policies
from iam_catalog.policy.read.json_text import MAX_BYTES, Place, read_items, read_json, refuse_excess
from iam_catalog.policy.read.kinds import kind_in_output, kind_in_place
from iam_catalog.policy.read.source import STATEMENT, Source, dotted, policies_within
from iam_catalog.policy.read.terraform import is_terraform, terraform_policies

STANDARD_INPUT = "-"
LINES = {".jsonl", ".ndjson"}
YAML = {".yaml", ".yml"}
TERRAFORM = {".hcl", ".tf", ".tofu"}
PROSE = {".adoc", ".htm", ".html", ".markdown", ".md", ".mdx", ".rst", ".txt"}
YAML_START = re.compile(
    r"^(?:AWSTemplateFormatVersion|Transform|Resources|Statement|Version)\s*:", re.MULTILINE
)
"""A line that templates and policies in YAML have, and prose has not."""

JSON_START = ("{", "[")
NO_JSON = "it has no policy in JSON: check a plan instead, as terraform show -json prints it"
NO_YAML = "reading YAML needs PyYAML; install it with: pip install 'iam-catalog[yaml]'"
ELEMENTS = {"version", "id", "statement", "sid", "effect", "action", "notaction", "resource"}
"""An object with one of these, in whatever case, is meant as a policy."""


Refused = Callable[[UnreadablePolicy], None]
"""Takes what is wrong with one of many lines, so that the others are read."""


def read_file(name: str, refused: Refused | None = None) -> Iterator[PolicyDocument]:
    """The policies of the file *name*, or of standard input for `-`.

    Raises `UnreadablePolicy` where the file can not be read, also in the middle of JSON Lines
    unless *refused* takes it.
    """
    if name == STANDARD_INPUT:
        yield from read_stream(name, sys.stdin.buffer, refused)
        return
    try:
        with open_named(name) as stream:
            yield from read_stream(name, stream, refused)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UnreadablePolicy(name, reason[:1].lower() + reason[1:]) from None


def open_named(name: str) -> BinaryIO:
    """Open a file for reading. Raises `OSError`, and `UnreadablePolicy` for an impossible name."""
    try:
        return open(name, "rb")  # noqa: PTH123   what people type is no `Path` yet
    except ValueError:
        raise UnreadablePolicy(name, "no file can have this name") from None


def read_documents(file: str, content: bytes) -> Iterator[PolicyDocument]:
    """The policies in the *content* of a file, as `read_file` gives them."""
    yield from read_stream(file, BytesIO(content))


def read_stream(
    file: str, stream: BinaryIO, refused: Refused | None = None
) -> Iterator[PolicyDocument]:
    """Line by line where the lines are JSON values of their own, otherwise as one."""
    suffix = PurePath(file).suffix.lower()
    head = next_lines(stream, 1)
    if suffix in LINES or (suffix not in YAML | PROSE and is_json_line(head[-1])):
        head += next_lines(stream, 1)
        if suffix in LINES or is_json_line(head[-1]) or not head[-1].strip():
            yield from read_lines(file, head, stream, refused)
            return
    start = b"".join(head)
    content = start + stream.read(max(0, MAX_BYTES + 1 - len(start)))
    if len(content) > MAX_BYTES:
        raise UnreadablePolicy(file, f"it is longer than {MAX_BYTES // 2**20} MB")
    yield from read_text(file, suffix, decoded(file, content))


def next_lines(stream: BinaryIO, number: int) -> list[bytes]:
    """The next lines up to the one that has the *number*th text, with the empty ones."""
    lines = []
    while number:
        line = stream.readline(MAX_BYTES + 1)
        lines.append(line)
        if not line:
            break
        number -= bool(line.strip())
    return lines


def is_json_line(line: bytes) -> bool:
    """Whether a line looks like a JSON object that ends where it ends."""
    text = line.strip().removeprefix(b"\xef\xbb\xbf")
    return text[:1] == b"{" and text[-1:] == b"}" and text.count(b"{") == text.count(b"}")


def read_lines(
    file: str, head: list[bytes], stream: BinaryIO, refused: Refused | None
) -> Iterator[PolicyDocument]:
    """JSON Lines: each line is a value of its own, with whatever policies are in it."""
    number = 0
    for lines in (head, iter(lambda: stream.readline(MAX_BYTES + 1), b"")):
        for line in lines:
            number += 1
            try:
                if line.strip():
                    yield from read_line(file, number, line)
            except UnreadablePolicy as error:
                if refused is None:
                    raise
                refused(error)


def read_line(file: str, number: int, line: bytes) -> Iterator[PolicyDocument]:
    place = Place(file, number)
    try:
        text = line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise place.refused(not_text(error)) from None
    refuse_excess(text, place)
    yield from policies_in(read_json(text, place), Source(file, text, number))


def decoded(file: str, content: bytes) -> str:
    """The text of a file: UTF-8, or what its byte order mark says."""
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UnreadablePolicy(file, not_text(error), line=line) from None
    if "\0" in text:
        raise UnreadablePolicy(file, "it has null characters: expected UTF-8 text")
    if not text.strip():
        raise UnreadablePolicy(file, "it is empty")
    return text


def not_text(error: UnicodeDecodeError) -> str:
    return f"it is not UTF-8 text (byte 0x{error.object[error.start]:02x})"


def read_text(file: str, suffix: str, text: str) -> Iterator[PolicyDocument]:
    """The policies of a file that is no JSON Lines."""
    starts_as_json = text.lstrip()[:1] in JSON_START
    if suffix in PROSE:
        yield from prose_policies(file, text)
    elif suffix == ".json" or (starts_as_json and suffix not in YAML):
        yield from json_policies(file, text)
    elif suffix in YAML or YAML_START.search(text):
        yield from yaml_policies(file, text)
    elif suffix in TERRAFORM:
        yield from terraform_source_policies(file, text)
    else:
        yield from prose_policies(file, text)


def json_policies(file: str, text: str) -> Iterator[PolicyDocument]:
    place = Place(file)
    refuse_excess(text, place)
    if text.lstrip()[:1] != "[":
        yield from policies_in(read_json(text, place), Source(file, text))
        return
    line, counted = 1, 0
    for index, (offset, value) in enumerate(read_items(text, place)):
        line += text.count("\n", counted, offset)
        counted = offset
        yield from policies_in(value, Source(file, text, prefix=(index,)), line)
    if not counted:
        raise no_policy(place)


def yaml_policies(file: str, text: str) -> Iterator[PolicyDocument]:
    """The policies of YAML: each of its documents by itself."""
    try:
        from iam_catalog.policy.read.yaml_text import read_yaml
    except ModuleNotFoundError:
        raise UnreadablePolicy(file, NO_YAML) from None
    values = read_yaml(text, Place(file))
    if not any(values):
        raise no_policy(Place(file))
    for index, value in enumerate(values):
        source = Source(file, text, syntax="yaml", prefix=(index,) if len(values) > 1 else ())
        if value is not None:
            yield from policies_in(value if is_template(value) else resolve(value), source)


def prose_policies(file: str, text: str) -> Iterator[PolicyDocument]:
    """The samples in a text; a fragment stands there unresolved, with the reason."""
    for found in prose.read_prose(file, text):
        value: object = None
        path: Path = ()
        if isinstance(found, prose.SamplePolicy):
            value, path = found.value, found.path
        else:
            value = Unresolved(f"${{{found.reason}}}")
        yield PolicyDocument(file, found.title, value, path, found.line, found.text, found.line)


def terraform_source_policies(file: str, text: str) -> Iterator[PolicyDocument]:
    """The policies that stand in a source file as JSON; most are written in another way."""
    found = list(prose_policies(file, text))
    if not found:
        raise UnreadablePolicy(file, NO_JSON)
    yield from found


def policies_in(value: object, source: Source, line: int | None = None) -> Iterator[PolicyDocument]:
    """The policies of a value; *line* is that of the value, where it is known already."""
    if isinstance(value, dict) and STATEMENT in value:
        if line is None and source.syntax == "json":
            line = source.line + leading_lines(source.text)
        yield source.document(value, line=line)
    elif isinstance(value, dict) and is_terraform(value):
        yield from terraform_policies(value, source)
    elif isinstance(value, dict) and is_template(value):
        yield from template_policies(value, source)
    else:
        yield from wrapped_policies(value, source, line)


def leading_lines(text: str) -> int:
    return text[: len(text) - len(text.lstrip())].count("\n")


def wrapped_policies(value: object, source: Source, line: int | None) -> Iterator[PolicyDocument]:
    """The policies anywhere in a value; one that is written wrongly stands for itself."""
    found = policies_within(value, source.file)
    for each in found:
        kind = kind_in_output(value, each.path) or kind_in_place("", each.name)
        yield source.document(each.value, each.path, dotted(each.path) or None, kind)
    if found:
        return
    if not (isinstance(value, dict) and ELEMENTS.intersection(map(str.lower, value))):
        raise no_policy(Place(source.file, line or source.line))
    yield source.document(value)


def no_policy(place: Place) -> UnreadablePolicy:
    return place.refused(f"it has no policy: expected an object with {STATEMENT!r}")
