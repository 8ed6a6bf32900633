"""Short words for what is read out of a text, and a policy to put into one."""

from __future__ import annotations

import json
from textwrap import dedent

from iam_catalog.policy.read.prose import Fragment, SamplePolicy, read_prose

ONE = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "a:b"}]}
JSON = json.dumps(ONE)


def read(text: str, file: str = "guide.md") -> list[SamplePolicy | Fragment]:
    return read_prose(file, dedent(text))


def samples(text: str, file: str = "guide.md") -> list[SamplePolicy]:
    return [each for each in read(text, file) if isinstance(each, SamplePolicy)]


def fragments(text: str, file: str = "guide.md") -> list[tuple[int, str, str]]:
    return [
        (each.line, each.text, each.reason)
        for each in read(text, file)
        if isinstance(each, Fragment)
    ]
