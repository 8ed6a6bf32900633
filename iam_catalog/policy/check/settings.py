"""Read the settings of a project's checks: `.iam-catalog.toml`, or its table in pyproject.toml.

    exclude = ["tests/*"]              # files and folders that are not checked
    select = ["unknown-action"]        # only these codes; without it all
    fail-on = "error"
    kind = "scp"                       # of policies whose form and place do not say it
    as-of = "2026-07-08"

    [severity]
    missing-dependent-actions = "info"

    [[ignore]]                         # as in a file of ignores, but file can be left out
    code = "malformed-arn"
    reason = "The deployment fills the key in."

In `pyproject.toml` they are below `[tool.iam-catalog]`. The nearest file that has some, from the
folder of the first path upwards, holds for a run; paths in it are relative to its folder.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, get_args

from iam_catalog.errors import CatalogError, MalformedDate
from iam_catalog.facts.at_date import checked_date
from iam_catalog.policy.check.findings import SEVERITIES, Severity
from iam_catalog.policy.check.ignores import Ignore, entries_of, known_code, meant
from iam_catalog.policy.model import Kind

NAME = ".iam-catalog.toml"
_PROJECT = "pyproject.toml"
_TABLE = "iam-catalog"
NEVER = "never"
"""The level of `fail-on` that no finding has."""
LEVELS = (*SEVERITIES[::-1], NEVER)
_KEYS = ("as-of", "exclude", "fail-on", "ignore", "kind", "select", "severity")


@dataclass(frozen=True)
class Settings:
    """How a project wants its policies to be checked."""

    folder: Path = field(default_factory=Path.cwd)
    """What paths in it are relative to."""
    select: tuple[str, ...] = ()
    """The codes to find; all where it is empty."""
    severity: dict[str, Severity] = field(default_factory=dict)
    """The severity of codes where it is not their own."""
    exclude: tuple[str, ...] = ()
    ignores: tuple[Ignore, ...] = ()
    fail_on: str | None = None
    kind: Kind | None = None
    as_of: str | None = None


def find_settings(first: Path) -> Path | None:
    """Return the nearest file with settings, in the folder of *first* or above it."""
    start = first.absolute()
    for folder in (start, *start.parents):
        own = folder / NAME
        if os.path.isfile(own):  # noqa: PTH113   False, no error, in a folder that cannot be read
            return own
        project = folder / _PROJECT
        held = os.path.isfile(project) and _TABLE in _text(project)  # noqa: PTH113   the same
        if held and _TABLE in _tools(project):
            return project
    return None


def read_settings(file: Path) -> Settings:
    """Return the settings of a file; raises `CatalogError` for a value that is not one."""
    text = _text(file)
    values = _tools(file).get(_TABLE, {}) if file.name == _PROJECT else _parsed(file, text)
    place = _shown(file)
    if not isinstance(values, dict):
        raise CatalogError(f"{place}: [tool.{_TABLE}] is {values!r}: expected a table.")
    for key in values:
        if key not in _KEYS:
            raise CatalogError(f"{place}: {_unknown(key, 'a setting', _KEYS)}")
    return Settings(
        folder=file.absolute().parent,
        select=tuple(
            [known_code(code, f"{place}: select") for code in _texts(values, "select", place)]
        ),
        severity=_severities(values.get("severity", {}), place),
        exclude=tuple(_texts(values, "exclude", place)),
        ignores=tuple(entries_of(values.get("ignore", []), text, place, file.absolute().parent)),
        fail_on=_choice(values, "fail-on", LEVELS, place),
        kind=_choice(values, "kind", get_args(Kind), place),
        as_of=_date(values, "as-of", place),
    )


def severity_of(text: str, place: str) -> tuple[str, Severity]:
    """Read `CODE=LEVEL`; raises `CatalogError`, whose message begins with *place*."""
    code, equals, level = text.partition("=")
    if not equals:
        raise CatalogError(f"{place}: {text!r} has no level: expected CODE=LEVEL.")
    ((known, severity),) = _severities({code.strip(): level.strip()}, place).items()
    return known, severity


def _unknown(value: object, what: str, names: Iterable[str]) -> str:
    """Say that a value is not one of *names*, and which of them is the nearest."""
    listed = list(names)
    expected = f"one of {', '.join(listed)}" if len(listed) > 1 else listed[0]
    return f"{value!r} is not {what}: expected {expected}.{meant(str(value), listed)}"


def _severities(values: object, place: str) -> dict[str, Severity]:
    if not isinstance(values, dict):
        raise CatalogError(f"{place}: severity is {values!r}: expected a table of codes.")
    for code, level in values.items():
        known_code(code, f"{place}: severity")
        if level not in SEVERITIES:
            text = _unknown(level, "a severity", SEVERITIES[::-1])
            raise CatalogError(f"{place}: severity of {code}: {text}")
    return dict(values)


def _texts(values: dict[str, Any], key: str, place: str) -> list[str]:
    value = values.get(key, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise CatalogError(f"{place}: {key} is {value!r}: expected a list of texts.")
    return value


def _choice(values: dict[str, Any], key: str, names: Iterable[str], place: str) -> Any:
    """Return a text that is one of *names*, any text where there are none; None without it."""
    value = values.get(key)
    known = tuple(names)
    if value is not None and (not isinstance(value, str) or (known and value not in known)):
        text = _unknown(value, f"a value of {key}", known or ("a date, YYYY-MM-DD",))
        raise CatalogError(f"{place}: {text}")
    return value


def _date(values: dict[str, Any], key: str, place: str) -> str | None:
    """Return a day of the calendar, which TOML may have as a date or a text; None without it."""
    value = values.get(key)
    if isinstance(value, date):
        return value.isoformat()
    text: str | None = _choice(values, key, (), place)
    try:
        return text if text is None else checked_date(text)
    except MalformedDate as error:
        raise CatalogError(f"{place}: {key}: {error}") from None


def _tools(file: Path) -> dict[str, Any]:
    """Return the tables of tools of a `pyproject.toml`."""
    found = _parsed(file, _text(file)).get("tool", {})
    return found if isinstance(found, dict) else {}


def _parsed(file: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogError(f"Cannot read settings from {_shown(file)!r}: {error}.") from None


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        why = error.strerror or error
        raise CatalogError(f"Cannot read settings from {_shown(file)!r}: {why}.") from None
    except ValueError as error:
        raise CatalogError(f"Cannot read settings from {_shown(file)!r}: {error}.") from None


def _shown(file: Path) -> str:
    """Return a file as people see it: relative where it is in the working folder."""
    try:
        return str(file.relative_to(Path.cwd()))
    except ValueError:
        return str(file)
