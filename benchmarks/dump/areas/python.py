"""Every question of the query module, about every subject."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from benchmarks.dump.answers import Answers
from benchmarks.dump.areas import Task
from benchmarks.dump.subjects import STRANGE, TEXTS, Subjects
from iam_catalog import Catalog

LEVELS = ("List", "Read", "Write", "Permissions management", "Tagging", "write", "Peek")
Question = tuple[str, tuple[Any, ...], dict[str, Any]]
"""A question of the catalog, with its arguments."""


def ask(task: Task, answers: Answers) -> None:
    with Catalog(task.catalog) as catalog:
        subjects = Subjects(catalog, task.sample, task.seed)
        for name, words, options in questions(subjects):
            ask_catalog(answers, catalog, name, *words, **options)
        for prefix in subjects.draw(subjects.services, 8):
            names = [name for name in subjects.all_actions if name.startswith(f"{prefix}:")]
            half = names[::2]
            for shortest in (False, True):
                question = f"shrink every second action of {prefix} shortest={shortest}"
                answers.ask(question, partial(catalog.shrink, half, shortest=shortest))


def ask_catalog(answers: Answers, catalog: Catalog, name: str, *words: Any, **options: Any) -> None:
    """Ask a question, which the dump calls by its name and arguments."""
    arguments = [str(word) for word in words] + [f"{key}={value}" for key, value in options.items()]
    answers.ask(" ".join([name, *arguments]), lambda: getattr(catalog, name)(*words, **options))


def each(name: str, subjects: Iterable[Any], **options: Any) -> Iterator[Question]:
    return ((name, (subject,), options) for subject in subjects)


def questions(subjects: Subjects) -> Iterator[Question]:
    actions = [*subjects.actions, *[name.upper() for name in subjects.actions[:5]], *STRANGE]
    services = [*subjects.services, *STRANGE]
    types = [*subjects.resource_types, *STRANGE]
    for name in ("about", "services", "sample_policies", "disagreements"):
        yield name, (), {}
    yield "changes", (), {"descriptions": True}
    for name in (
        *("action", "dependent_actions", "documented_on", "required_by", "operations_of_action"),
        *("operations_documented_on", "policies_using"),
    ):
        yield from each(name, actions)
    yield from each("dependent_actions", actions, transitive=True)
    for name in ("service", "resource_types", "condition_keys", "disagreements"):
        yield from each(name, services)
    yield from each("resource_type", [*types, *[name.partition(":")[2] for name in types[:20]]])
    for name in ("operation", "actions_of_operation"):
        yield from each(name, [*subjects.operations, *STRANGE])
    yield from each("actions_of_policy", [*subjects.policies, *STRANGE])
    yield from each("search", [*TEXTS, *subjects.draw(subjects.actions, 8)])
    yield from each("search", TEXTS, limit=3)
    yield from lists(subjects, services, types)
    yield from patterns(subjects)
    for name in ("match_arn", "actions_for_arn"):
        yield from each(name, subjects.arns)


def lists(subjects: Subjects, services: list[str], types: list[str]) -> Iterator[Question]:
    for field, values in (
        ("service_prefix", services),
        ("access_level", LEVELS),
        ("resource_type", types),
        ("condition_key", [*subjects.condition_keys, *STRANGE]),
    ):
        for value in values:
            yield "actions", (), {field: value}
    for value in services:
        yield "changes", (), {"service_prefix": value}
    for value in subjects.draw(subjects.dates, 60):  # few, because each may answer all changes
        yield "changes", (), {"since": value}


def patterns(subjects: Subjects) -> Iterator[Question]:
    asked = [*subjects.patterns, *STRANGE, "*", "*:*", "s3:?et*", "S3:GET*"]
    yield from each("expand", asked)
    yield from each("changes_of_patterns", asked)
