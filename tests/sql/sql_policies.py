"""Policies for the SQL functions, good and hostile, and what Python finds in them."""

from __future__ import annotations

import json

from hypothesis import strategies as st

from iam_catalog import Catalog, UnreadablePolicy
from iam_catalog.policy.check.reports.json import record

FIELDS = ("code", "severity", "place", "text", "suggestion", "line")


def statement(effect: str = "Allow", **elements: object) -> dict[str, object]:
    return {"Effect": effect, "Resource": "*", **elements}


def policy(*statements: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


HOSTILE = (
    "",
    " ",
    "\0",
    "{",
    "null",
    "5",
    '"s3:Get*"',
    "[]",
    "{}",
    "NaN",
    "[" * 100_000,
    '{"a":' * 300 + "1" + "}" * 300,
    '{"Statement": "\\ud800"}',
    '{"Statement": [{"Effect": "Allow", "Action": "\\u0000:\\u0000", "Resource": "\\u0000"}]}',
    '{"Statement": {"Effect": "Allow", "Effect": "Deny", "Action": "*", "Resource": "*"}}',
    '{"Version": "2012-10-17", "Statement": [5, null, [], {}, {"Action": {"a": 1}}]}',
    policy(statement(Action=[1, None, "store:ListShelves", {"a": "b"}])),
    policy(statement(Action="store:ListShelves", Condition={"\0": {"\0": ["\0"]}})),
    policy(statement(Action="store:" + "*?" * 5_000)),
    policy(statement(Action="\u017ftore:ListShelve\u017f", Sid="é😀")),
    policy(statement(NotAction=[f"x{number}:y" for number in range(2_000)])),
    policy(*[statement(Action="*") for _ in range(500)]),
    json.dumps({"Statement": {"Effect": "Allow", "Action": "a" * 1_000_000}}, indent=1),
    "\ufeff" + policy(statement(Action="*")),
)
"""What no policy should look like; reading none of it may fail."""

_TEXTS = st.sampled_from(
    ["store:ListShelves", "STORE:*", "store:Tag?helf", "depot:*", "nosuch:X", "*", "x", "", "${a}"]
) | st.text(max_size=8)
_ITEMS = _TEXTS | st.lists(_TEXTS, max_size=3) | st.none() | st.integers()
_STATEMENTS = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Deny", "allow", 1])},
    optional={
        "Sid": st.text(max_size=4),
        "Action": _ITEMS,
        "NotAction": _ITEMS,
        "Resource": st.sampled_from(["*", "arn:aws:store:eu-west-1:111122223333:shelf/a", "x", 1]),
        "Principal": st.sampled_from(["*", {"AWS": "111122223333"}, {"Service": ["a"]}, 1]),
        "Condition": st.dictionaries(
            st.sampled_from(["StringEquals", "Bool", "x"]),
            st.dictionaries(st.sampled_from(["store:Colour", "aws:nosuch"]), _ITEMS, max_size=2)
            | _ITEMS,
            max_size=2,
        ),
    },
)
_VALUES = st.fixed_dictionaries(
    {"Statement": _STATEMENTS | st.lists(_STATEMENTS, max_size=3)},
    optional={"Version": st.sampled_from(["2012-10-17", "2008-10-17", "x", 1])},
)
POLICIES = (
    st.builds(json.dumps, _VALUES, indent=st.sampled_from([None, 2]))
    | st.sampled_from(HOSTILE)
    | st.text(max_size=20)
).filter(lambda text: text.isascii() or text.encode("utf-8", "ignore").decode() == text)
"""Texts as a column can hold them: in UTF-8, so that none has half of a surrogate pair."""

KINDS = st.sampled_from([None, "identity", "resource", "trust", "scp", "rcp"])


def found_in_python(catalog: Catalog, text: str, kind: str | None) -> list[dict[str, object]]:
    """What `check --format jsonl` prints of the findings of a policy, without their evidence.

    What cannot be read is what the reports list under this code.
    """
    try:
        found = catalog.check_policy(text, kind=kind)  # type: ignore[arg-type]
    except UnreadablePolicy as error:
        values = ("unreadable-file", "error", "", str(error), None, error.line)
        return [dict(zip(FIELDS, values, strict=True))]
    return [{name: record(each)[name] for name in FIELDS} for each in found]
