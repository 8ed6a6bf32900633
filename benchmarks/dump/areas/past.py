"""The catalog as of each date that brought changes."""

from __future__ import annotations

from benchmarks.dump.answers import Answers
from benchmarks.dump.areas import Task
from benchmarks.dump.areas.python import ask_catalog
from benchmarks.dump.subjects import STRANGE, TEXTS, Subjects
from iam_catalog import Catalog

SHARE = 10
"""Of so many subjects one is asked about, at each date."""
SHARE_OF_DATES = 30
FEW = 2_000
"""Actions of a catalog that is asked for LONG_LISTS: at a date, those of all of AWS take long."""
LISTS = ("about", "actions", "condition_keys", "disagreements")
LONG_LISTS = ("services", "resource_types")
OF_ACTION = ("action", "dependent_actions", "documented_on", "required_by")
OF_SERVICE = ("service", "resource_types", "condition_keys")


def ask(task: Task, answers: Answers) -> None:
    with Catalog(task.catalog) as catalog:
        subjects = Subjects(catalog, task.sample, task.seed)
        dates = subjects.draw(subjects.dates, SHARE_OF_DATES)
        asked: list[tuple[str, tuple[str, ...]]] = [(name, ()) for name in LISTS]
        if len(subjects.all_actions) <= FEW:
            asked += [(name, ()) for name in LONG_LISTS]
        actions = [*subjects.draw(subjects.actions, SHARE), *STRANGE[:3]]
        asked += [(name, (action,)) for name in OF_ACTION for action in actions]
        services = subjects.draw(subjects.services, SHARE)
        asked += [(name, (service,)) for name in OF_SERVICE for service in services]
        asked += [("expand", (f"{service}:*",)) for service in services]
        asked += [("search", (text,)) for text in TEXTS]
        asked += [("match_arn", (arn,)) for arn in subjects.arns[:: SHARE * 4]]
    for date in (*dates, "yesterday"):
        dated = answers.under(f"as of {date}:")
        try:
            catalog = Catalog(task.catalog, as_of=date)
        except Exception as error:
            dated.add("opened", {"error": type(error).__name__, "text": str(error)})
            continue
        with catalog:
            for name, words in asked:
                ask_catalog(dated, catalog, name, *words)
