"""What check, explain, complete and write answer, for policies of files and made ones.

Policies that are made are asked about in Python; those of files by the command line.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from benchmarks.dump.answers import Answers
from benchmarks.dump.areas import Task
from benchmarks.dump.areas.commands import run
from benchmarks.dump.policies import policies
from benchmarks.dump.subjects import Subjects
from iam_catalog import Catalog

KINDS = (None, "identity", "resource", "trust", "scp", "rcp")
LEVELS = ("Read", "Write", "Permissions management")


def ask(task: Task, answers: Answers) -> None:
    with Catalog(task.catalog) as catalog:
        subjects = Subjects(catalog, task.sample, task.seed)
        for name, value in policies(subjects):
            answers.ask(f"check {name}", partial(catalog.check_policy, value))
            answers.ask(f"explain {name}", partial(catalog.explain_policy, value))
            answers.ask(f"complete {name}", partial(catalog.complete_policy, value))
            if name.startswith("alone "):
                complete = partial(catalog.complete_policy, value, transitive=True)
                answers.ask(f"complete transitive {name}", complete)
        for name, value in list(policies(subjects))[:12]:
            for kind in KINDS:
                check = partial(catalog.check_policy, value, kind=kind)  # type: ignore[arg-type]
                answers.ask(f"check {name} as {kind}", check)
        written(subjects, answers)
    files(task, answers)


def written(subjects: Subjects, answers: Answers) -> None:
    """Ask for policies for actions, with and without ARNs, and for access levels."""
    catalog = subjects.catalog
    for name in subjects.draw(subjects.actions, 2):
        write = partial(catalog.write_policy, [name])
        answers.ask(f"write {name}", write)
        answers.ask(f"write {name} with all", partial(write, with_dependent_actions=True))
        answers.ask(f"write {name} with types", partial(write, with_optional_types=True))
    for arn in subjects.arns[::8]:
        for level in LEVELS:
            write = partial(catalog.write_policy, arns=[arn], access_levels=[level])
            answers.ask(f"write {level} on {arn}", write)
    for prefix in subjects.draw(subjects.services, 8):
        for shrink in (False, True):
            write = partial(
                catalog.write_policy,
                [f"{prefix}:*"],
                shrink=shrink,
                values={"Account": "111122223333"},
            )
            answers.ask(f"write {prefix}:* shrink={shrink}", write)


def files(task: Task, answers: Answers) -> None:
    """Give every file of the folders to the commands that read policies."""
    for folder in map(Path, task.policies):
        for file in sorted(each for each in folder.rglob("*") if each.is_file()):
            name = file.relative_to(folder.parent).as_posix()
            for command in (
                ["check", "--fail-on", "never"],
                ["explain"],
                ["complete"],
                ["complete", "--facts", "--transitive"],
            ):
                line = [*command, "--format", "json", "--database", task.catalog, str(file)]
                answers.add(f"{' '.join(command)} {name}", run(line))
