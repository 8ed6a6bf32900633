"""Paths of a policy as people write them: `Statement[0].Action[1]`."""

from __future__ import annotations

from iam_catalog.policy.model import Path


def path_text(path: Path) -> str:
    """A path in words; empty for the policy as a whole.

    >>> path_text(("Statement", 0, "Condition", "Bool", "aws:SecureTransport"))
    'Statement[0].Condition.Bool.aws:SecureTransport'
    """
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def is_at(path: Path, place: str) -> bool:
    """Whether a path is the one that *place* writes, or leads to something in it.

    >>> is_at(("Statement", 0, "Action", 1), "Statement[0]")
    True
    """
    text = path_text(path)
    return text == place or text.startswith((f"{place}.", f"{place}["))
