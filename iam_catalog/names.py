"""Read and write names as AWS does: actions, access levels, services and ARN formats.

Pure text rules without I/O, shared by the scraper, the queries and the site. Nothing heavy is
imported here, because every answer starts with a name (`re` alone costs a quarter of a cold
`import sqlite3`).
"""

from __future__ import annotations

from iam_catalog.errors import MalformedActionName, UnknownAccessLevel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

ACCESS_LEVELS = ("List", "Read", "Write", "Permissions management", "Tagging")
"""AWS's five access levels, spelled as on its pages."""

PRIMARY_ORDER = ("Permissions management", "Tagging", "List", "Read", "Write")
"""Which level of a set stands for the whole action: the first one here that the set holds."""

_LEVEL_BY_WORD = {level.lower(): level for level in ACCESS_LEVELS}


def split_action_name(text: str) -> tuple[str, str]:
    """Split `prefix:Name` into prefix and name, without changing their case.

    Raises `MalformedActionName` unless there is exactly one colon with text on both sides, no
    blank and no wildcard.

    >>> split_action_name("connect:CreateInstance")
    ('connect', 'CreateInstance')
    """
    prefix, colon, name = text.strip().partition(":")
    letters = (prefix + name).replace("-", "").replace("_", "").replace(".", "")
    if not (colon and prefix and name and letters.isalnum()):
        raise MalformedActionName(text)
    return prefix, name


def match_access_level(word: str) -> str:
    """Return AWS's spelling of an access level, written in any case, with blanks, `-` or `_`.

    Raises `UnknownAccessLevel` for any other word.

    >>> match_access_level("permissions-MANAGEMENT")
    'Permissions management'
    """
    words = word.replace("-", " ").replace("_", " ").split()
    level = _LEVEL_BY_WORD.get(" ".join(words).lower())
    if level is None:
        raise UnknownAccessLevel(word, ACCESS_LEVELS)
    return level


def primary_access_level(levels: Iterable[str]) -> str | None:
    """Return the level that describes the whole set; None for an empty set.

    >>> primary_access_level(["Write", "Tagging"])
    'Tagging'
    """
    held = set(levels)
    return next((level for level in PRIMARY_ORDER if level in held), None)


def name_words(name: str) -> str:
    """Return the words of a camel-case name, in lower case, for full-text search.

    A run of capitals is one word, and its last letter starts the next one.

    >>> name_words("ListACLs"), name_words("CreateDBInstance"), name_words("execute-api")
    ('list acls', 'create db instance', 'execute api')
    """
    words: list[str] = []
    word = ""
    for position, letter in enumerate(name):
        if letter.islower():
            word += letter
            continue
        following = name[position + 1 : position + 2]
        plural = following == "s" and not name[position + 2 : position + 3].islower()
        starts = letter.isupper() and (
            not word[-1:].isupper() or (following.islower() and not plural)
        )
        if not letter.isalnum() or starts:
            words.append(word)
            word = ""
        if letter.isalnum():
            word += letter
    words.append(word)
    return " ".join(word.lower() for word in words if word)


def fold_service_name(text: str) -> str:
    """Fold what people write alike in the name of a service: case, blanks, `-` and `_`.

    >>> fold_service_name("Parameter Store"), fold_service_name("access-analyzer")
    ('parameterstore', 'accessanalyzer')
    """
    return text.strip().lower().replace(" ", "").replace("-", "").replace("_", "")


def folded_sql(column: str) -> str:
    """Return the SQL that folds a column as `fold_service_name` does."""
    return f"lower(replace(replace(replace({column}, ' ', ''), '-', ''), '_', ''))"


def indexed_name(name: str, words: str) -> str:
    """Return what a full-text index has under a name: the name, and the words that are in it."""
    return f"{name} {words}"


def service_words(service_prefix: str, aliases: Iterable[str]) -> str:
    """Return the words by which a search finds a service: of its prefix and its other names.

    >>> service_words("states", ["stepfunctions", "AWS Step Functions", "Step Functions"])
    'states stepfunctions aws step functions'
    """
    words = [word for name in (service_prefix, *aliases) for word in name_words(name).split()]
    return " ".join(dict.fromkeys(words))


def split_arn_format(arn_format: str) -> tuple[str, str, str, str, str] | None:
    """Split an ARN format into partition, service, region, account and resource.

    Colons inside `${…}` do not separate (`${AutomationDefinitionName:VersionId}`), and all that
    follows the fifth separator is the resource. None where the text has fewer than six parts or
    does not start with `arn`.

    >>> split_arn_format("arn:${Partition}:connect::${Account}:instance/${InstanceId}")
    ('${Partition}', 'connect', '', '${Account}', 'instance/${InstanceId}')
    """
    parts = arn_format.split(":", 5)
    if "{" in arn_format and not all(map(_is_closed, parts[:5])):
        parts = _split_outside_braces(arn_format)
    if len(parts) < 6 or parts[0] != "arn":
        return None
    return parts[1], parts[2], parts[3], parts[4], parts[5]


def _is_closed(part: str) -> bool:
    """Return True for a part with one pair of braces or none, so that no colon was inside."""
    opened, closed = part.count("{"), part.count("}")
    return opened == closed and (not opened or (opened == 1 and part.find("{") < part.find("}")))


def _split_outside_braces(arn_format: str) -> list[str]:
    parts = [""]
    depth = 0
    for letter in arn_format:
        depth += (letter == "{") - (letter == "}" and depth > 0)
        if letter == ":" and depth == 0 and len(parts) < 6:
            parts.append("")
        else:
            parts[-1] += letter
    return parts
