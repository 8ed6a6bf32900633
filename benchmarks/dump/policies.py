"""Policies that are made from a catalog's own names, to be checked, explained and completed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.dump.subjects import Subjects, fill

Policy = dict[str, Any]


def policy(*statements: Policy, version: str | None = "2012-10-17") -> Policy:
    found: Policy = {"Version": version} if version else {}
    return {**found, "Statement": list(statements)}


def allow(actions: Any, resources: Any = "*", **others: Any) -> Policy:
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **others}


def policies(subjects: Subjects) -> Iterator[tuple[str, Policy]]:
    """Make policies, with names that say what is in them."""
    yield from fixed()
    yield from of_actions(subjects)
    yield from of_formats(subjects)
    yield from of_keys(subjects)
    yield from of_services(subjects)


def fixed() -> Iterator[tuple[str, Policy]]:
    """Make policies that have the same text for every catalog."""
    yield "everything", policy(allow("*"))
    yield "nothing", {}
    yield "no version", policy(allow("s3:GetObject"), version=None)
    yield "wrong types", policy(allow(["s3:GetObject", 5], {"a": 1}, Condition=[]))
    yield "unknown names", policy(allow(["s3:GetObjct", "nosuch:Get", "s3", "S3:getobject"]))
    yield "NotAction", policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})
    yield (
        "NotResource",
        policy({"Effect": "Deny", "Action": "s3:*", "NotResource": ["arn:aws:s3:::logs/*"]}),
    )
    yield (
        "trust",
        policy(
            {
                "Effect": "Allow",
                "Principal": {"Service": "ec2.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ),
    )
    yield "resource policy", policy(allow("s3:GetObject", "arn:aws:s3:::b/*", Principal="*"))
    yield "placeholders", policy(allow("s3:GetObject", "arn:${Partition}:s3:::${BucketName}/*"))
    yield (
        "statements that cover each other",
        policy(allow(["s3:Get*", "s3:GetObject"]), allow("s3:GetObject"), allow("s3:*", Sid="x")),
    )


def of_actions(subjects: Subjects) -> Iterator[tuple[str, Policy]]:
    for name in subjects.draw(subjects.actions, 4):
        prefix, _, bare = name.partition(":")
        yield f"alone {name}", policy(allow(name))
        yield f"start {name}", policy(allow(f"{prefix}:{bare[:-2]}*", "arn:aws:s3:::b"))
    for name in subjects.draw(subjects.actions, 50):  # few, because explaining all actions is slow
        yield f"denied {name}", policy(allow("*"), {**allow(name), "Effect": "Deny"})


def of_formats(subjects: Subjects) -> Iterator[tuple[str, Policy]]:
    """Make policies of actions with ARNs that they take, and with others."""
    types = {each.resource_type: each for each in subjects.catalog.resource_types()}
    drawn = subjects.draw((f"{name} {text}" for name, text in subjects.arn_formats), 8)
    for name, text in [each.rsplit(" ", 1) for each in drawn]:
        actions = list(types[name].actions[:3]) or [f"{name.partition(':')[0]}:*"]
        for value in ("x1", "*", "a/b"):
            arn = fill(text, value)
            yield f"{name} {arn}", policy(allow(actions, arn))
        yield (
            f"{name} beside a bucket {text}",
            policy(allow(actions, [fill(text, "x1"), "arn:aws:s3:::b"])),
        )


def of_keys(subjects: Subjects) -> Iterator[tuple[str, Policy]]:
    for key in subjects.draw(subjects.condition_keys, 8):
        condition = {"StringEquals": {key: "x"}, "NumericLessThan": {key: "ten"}}
        actions = subjects.draw(subjects.actions, 50)
        yield f"with {key}", policy(allow(actions, Condition=condition))


def of_services(subjects: Subjects) -> Iterator[tuple[str, Policy]]:
    for prefix in subjects.draw(subjects.services, 8):
        yield f"all of {prefix}", policy(allow(f"{prefix}:*", f"arn:aws:{prefix}:*:*:*"))
