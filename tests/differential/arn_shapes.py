"""ARNs made from ARN formats: filled, with wildcards, and broken; and why engines differ on one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

VARIABLE = re.compile(r"\$\{([^}]*)\}|\*")
"""A variable of a format, or a `*` of its own."""
PLACES = {"Partition": "aws", "Region": "eu-west-1", "Account": "111122223333"}
Values = Callable[[int], str]
"""The number of a variable, from 1, -> what is written for it."""


def fill(text: str, values: Values, places: dict[str, str] = PLACES) -> str:
    """Write *places* for their variables, and *values* for all others."""
    number = 0

    def value(found: re.Match[str]) -> str:
        nonlocal number
        if found.group(1) in places:
            return places[found.group(1)]
        number += 1
        return values(number)

    return VARIABLE.sub(value, text)


def numbered(number: int) -> str:
    return f"v{number}"


def head_of(arn: str) -> str:
    """Return what comes before the resource, with the colon."""
    return arn.removesuffix(arn.split(":", 5)[-1])


def with_part(arn: str, number: int, text: str) -> str:
    """Replace one part of an ARN; they are counted from 0."""
    parts = arn.split(":", 5)
    return ":".join([*parts[:number], text, *parts[number + 1 :]])


def filled(arn_format: str) -> Iterator[tuple[str, str]]:
    arn = fill(arn_format, numbered)
    yield "filled", arn
    yield "filled with slashes", fill(arn_format, lambda number: f"v{number}/w")
    yield "filled with colons", fill(arn_format, lambda number: f"v{number}:w")
    yield "more behind a slash", f"{arn}/more"
    yield "more behind a colon", f"{arn}:more"
    yield "filled with a policy variable", fill(arn_format, lambda _: "${aws:username}")


def with_wildcards(arn_format: str) -> Iterator[tuple[str, str]]:
    arn = fill(arn_format, numbered)
    head, resource = head_of(arn), arn.split(":", 5)[-1]
    middle = len(resource) // 2
    yield "* for every variable", fill(arn_format, lambda _: "*", {"Partition": "aws"})
    yield "* for the partition too", fill(arn_format, lambda _: "*", {})
    anywhere = {"Partition": "aws", "Region": "*", "Account": "*"}
    yield "* for Region and account", fill(arn_format, numbered, anywhere)
    for nth in (1, 2, 3):
        one = fill(arn_format, lambda number, nth=nth: "*" if number == nth else f"v{number}")
        if one != arn:
            yield f"* for variable {nth}", one
    for name, value in (("middle", "a*b"), ("start", "*b"), ("end", "a*")):
        yield f"* at the {name} of values", fill(arn_format, lambda _, value=value: value)
    yield "? for every value", fill(arn_format, lambda _: "?")
    yield "? in the middle of values", fill(arn_format, lambda _: "a?b")
    for more in ("*", "/*", ":*"):
        yield f"{more} behind", arn + more
    yield "* for the resource", f"{head}*"
    yield "* for the second half", f"{head}{resource[: max(middle, 1)]}*"
    yield "* for a letter in the middle", f"{head}{resource[:middle]}*{resource[middle + 1 :]}"
    yield "? for a letter in the middle", f"{head}{resource[:middle]}?{resource[middle + 1 :]}"
    start = ":".join(arn.split(":")[:3])
    yield "* behind the service", f"{start}*"
    yield "* instead of all behind the service", f"{start}:*"
    yield "* for the service", with_part(arn, 2, "*")
    yield "* for the Region", with_part(arn, 3, "*")
    yield "* for the account", with_part(arn, 4, "*")


def broken(arn_format: str) -> Iterator[tuple[str, str]]:
    arn = fill(arn_format, numbered)
    parts = arn.split(":", 5)
    yield "without the Region's field", ":".join([*parts[:3], *parts[4:]])
    yield "without the account's field", ":".join([*parts[:4], *parts[5:]])
    yield "without a resource", ":".join(parts[:5])
    yield "with an empty resource", head_of(arn)
    yield "with empty values", fill(arn_format, lambda _: "")
    yield "of an unknown service", with_part(arn, 2, "nosuchservice")
    yield "of another service", with_part(arn, 2, "sqs" if parts[2] != "sqs" else "sns")
    for number, name, value in ((3, "Region", "eu-west-1"), (4, "account", "111122223333")):
        yield f"with an empty {name}", with_part(arn, number, "")
        yield f"with any {name}", with_part(arn, number, value)
    yield "with a colon before the resource", with_part(arn, 5, f":{parts[5]}")
    yield "with a slash before the resource", with_part(arn, 5, f"/{parts[5]}")
    yield "with a colon at the end", f"{arn}:"
    yield "with a slash at the end", f"{arn}/"
    yield "with another service's case", with_part(arn, 2, parts[2].upper())
    yield "with arn: in capitals", f"ARN{arn[3:]}"
    yield "of an unknown partition", with_part(arn, 1, "axs")
    yield "with an empty partition", with_part(arn, 1, "")
    head, resource = head_of(arn_format), arn_format.split(":", 5)[-1]
    hidden = VARIABLE.sub(lambda found: " " * len(found.group()), resource)
    if word := re.search("[A-Za-z]+", hidden):
        before, after = resource[: word.start()], resource[word.end() :]
        for name, text in (("word", f"{word[0]}x"), ("case", word[0].swapcase())):
            yield f"with another {name}", fill(f"{head}{before}{text}{after}", numbered)


def shapes(arn_format: str) -> dict[str, str]:
    """Make the ARNs of a format, each by the name of its shape."""
    return dict(
        [*filled(arn_format), *with_wildcards(arn_format), *broken(arn_format)],
    )


# --- kinds of differences

OF_ANY_SERVICE = "a format whose service is a variable"
OWN_STAR = "text that a * of a format takes"
COLON = "a colon inside a value"
PARTITION = "an ARN of no partition"
OTHER = "anything else"


def kind_of(arn: str, disputed: Iterable[str], formats: Iterable[str]) -> str:
    """Name the kind of difference between two engines on an ARN.

    *disputed* are the formats of the types that only one of them gives; *formats* all those of
    their services.
    """
    if arn.split(":")[1] in ("", "axs"):
        return PARTITION
    disputed = list(disputed)
    if any("${" in each.split(":")[2] for each in disputed):
        return OF_ANY_SERVICE
    values = [pair for each in formats for pair in values_of(arn, each)]
    stars = any("*" in each.split(":", 5)[-1] for each in disputed)
    if stars or any(name == "*" and re.search("[/:]", value) for name, value in values):
        return OWN_STAR
    return COLON if any(":" in value for _, value in values) else OTHER


def values_of(arn: str, arn_format: str) -> list[tuple[str, str]]:
    """Pair the variables and `*` of a format with what an ARN has for them; none if it differs."""
    resource = arn_format.split(":", 5)[-1]
    pieces = re.split(r"(\$\{[^}]*\}|\*)", resource)
    pattern = "".join(
        re.escape(piece) if number % 2 == 0 else ("(.*?)" if piece == "*" else "(.+?)")
        for number, piece in enumerate(pieces)
    )
    found = re.fullmatch(pattern, arn.split(":", 5)[-1])
    return list(zip(pieces[1::2], found.groups(), strict=True)) if found else []
