"""What the pages of the tools show beside their models: bars, numbered lines, choices, errors."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain
from typing import Any
from urllib.parse import urlencode

from iam_catalog.datasette_plugin.site.listing import listing
from iam_catalog.datasette_plugin.site.models.answers import status_of
from iam_catalog.datasette_plugin.site.models.tool_write import FILL, FLAGS
from iam_catalog.datasette_plugin.site.page import Rendered, as_json
from iam_catalog.datasette_plugin.site.typography import counted
from iam_catalog.datasette_plugin.site.urls import Urls
from iam_catalog.names import ACCESS_LEVELS

LONGEST_POLICY = 256 * 1024
"""Bytes of a form with a policy: eight times the longest that AWS takes, spelled for a form."""
LONGEST_LIST = 512 * 1024
"""Bytes of a form with actions to shrink: all that AWS has fit in."""
LONGEST_WRITTEN = 8_000
"""Characters of the actions, and of the ARNs, that an address holds."""
WIDTH = 1_000
"""Of the bar of access levels, in its own units."""
NOUNS = {"error": "error", "warning": "warning", "info": "note"}
KINDS = (
    ("managed", "a managed policy"),
    ("inline-user", "an inline policy of a user"),
    ("inline-group", "an inline policy of a group"),
    ("inline-role", "an inline policy of a role"),
)


def titled(tool: str, model: dict[str, Any], answer: str | None) -> str:
    """The title of a tool's page: whether it could answer, then what, then which tool it is."""
    said = "Error" if "error" in model else answer
    return f"{said[:100]} - {tool}" if said else tool


def counted_findings(model: dict[str, Any]) -> str | None:
    """`1 error, 2 warnings`; None before there is an answer."""
    if "counts" not in model:
        return None
    said = [counted(number, NOUNS[each]) for each, number in model["counts"].items() if number]
    return ", ".join(said) or "Nothing found"


def json_without(name: str) -> Callable[[dict[str, Any], Urls], Rendered]:
    """The JSON of a model without what only the form needs."""

    def rendered(model: dict[str, Any], _: Urls) -> Rendered:
        told = {key: value for key, value in model.items() if key != name}
        return as_json(told, status_of(model))

    return rendered


def shown_of_expand(model: dict[str, Any]) -> dict[str, Any]:
    """The bar of access levels, and the patterns of a shrunk list as text."""
    patterns = [each["pattern"] for each in model.get("shrunk", ())]
    return {"bars": bars(model.get("levels", ())), "shrunk_text": "\n".join(patterns)}


def bars(levels: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Where the part of each level starts in a bar of `WIDTH`, and how wide it is."""
    counts = list(levels)
    total = sum(each["actions"] for each in counts)
    found, start = [], 0
    for each in counts:
        end = start + each["actions"]
        x = WIDTH * start // total
        width = WIDTH * end // total - x
        found.append({"access_level": each["access_level"], "x": x, "width": width})
        start = end
    return found


def shown_of_check(model: dict[str, Any]) -> dict[str, Any]:
    """The text in numbered lines with the findings, and the first finding of each severity."""
    policies = model.get("policies", ())
    findings = list(chain.from_iterable(each["findings"] for each in policies))
    titles = {each["line"]: each["title"] for each in policies if each["title"]}
    return {"longest": LONGEST_POLICY // 2, **shown_findings(model["text"], findings, titles)}


def shown_findings(
    text: str, findings: list[dict[str, Any]], titles: dict[int, str], first_line: int = 1
) -> dict[str, Any]:
    """What the template `tool_parts.html` needs to show findings in their text."""
    blocks = listing(text, findings, titles, first_line) if text else []
    numbered = [
        finding for block in blocks for line in block["lines"] for finding in line["findings"]
    ]
    first: dict[str, int] = {}
    for finding in numbered:
        first.setdefault(finding["severity"], finding["number"])
    return {
        "blocks": blocks,
        "first": first,
        "shown": len(numbered),
        "more": len(findings) - len(numbered),
    }


def shown_of_policy(model: dict[str, Any]) -> dict[str, Any]:
    """The text of a sample policy in the lines of its document, with findings and footnotes."""
    policy = model["policy"]
    shown = shown_findings(policy["text"], model["findings"], {}, policy["line"])
    lines = {line["number"]: line for block in shown["blocks"] for line in block["lines"]}
    for note in model["notes"]:
        if note["line"] in lines:
            lines[note["line"]]["notes"].append(note)
    return shown


def shown_of_write(model: dict[str, Any]) -> dict[str, Any]:
    """The choices of the form, the placeholders to fill in, and the field with an error."""
    names = dict.fromkeys([*model.get("all_placeholders", ()), *model["values"]])
    return {
        "levels": ACCESS_LEVELS,
        "kinds": KINDS,
        "field": field_with_error(model),
        "fills": {name: model["values"].get(name, "") for name in names},
        "query": query_of(model),
    }


def field_with_error(model: dict[str, Any]) -> str | None:
    """The field that holds what an error is about; the first one where no field does."""
    if "error" not in model:
        return None
    wrong = str(model.get("wrong", ""))
    holds = {
        "service_prefix": model["service_prefix"] == wrong,
        "arns": any(wrong in text for text in model["arns"]),
        "levels": wrong in model["access_levels"],
    }
    return next((field for field, is_it in holds.items() if wrong and is_it), "actions")


def query_of(model: dict[str, Any]) -> str:
    """The query string that asks the same again."""
    pairs = [
        ("actions", "\n".join(model["actions"])),
        ("arns", "\n".join(model["arns"])),
        *[("access_level", level) for level in model["access_levels"]],
        ("service_prefix", model["service_prefix"]),
        ("kind", model["kind"]),
        *[(flag, "1") for flag in FLAGS if model[flag]],
        *[(f"{FILL}{name}", value) for name, value in model["values"].items()],
    ]
    return urlencode([(name, value) for name, value in pairs if value])
