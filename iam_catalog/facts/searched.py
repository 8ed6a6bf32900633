"""What searches look through beside the full-text indexes: names, points, titles, known words.

`iam_catalog.facts.search` ranks what is found; the export of a static site writes the same facts
for the search there. Words that may have been meant by mistyped ones are found here too.
"""

from __future__ import annotations

from bisect import bisect_left

from iam_catalog.cache import BoundedCache
from iam_catalog.names import name_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

KINDS = {
    "services": "service",
    "actions": "action",
    "resource_types": "resource type",
    "condition_keys": "condition key",
}
"""What each table with a full-text index holds."""
POLICY = "policy"
GLOBAL_KEY = "Global condition key"
"""The description of one that no page lists."""
_USED_60 = "aws s3 ec2 iam lambda dynamodb"
_USED_45 = "sts sqs sns kms ssm logs cloudwatch secretsmanager rds ecs"
_USED_30 = (
    "ecr eks cloudformation elasticloadbalancing autoscaling route53 apigateway events states"
    " cloudfront cloudtrail kinesis athena glue cognito-idp elasticache"
)
_USED_15 = (
    "acm organizations config redshift firehose elasticfilesystem codebuild codepipeline sagemaker"
    " bedrock batch wafv2 guardduty securityhub backup es elasticmapreduce kafka ses xray"
    " cognito-identity codedeploy scheduler elasticbeanstalk opensearch application-autoscaling"
    " ram sso inspector2 execute-api codecommit dms lakeformation fsx mq transfer"
)
_CLASSIC = (
    "waf waf-regional inspector sdb importexport machinelearning opsworks opsworks-cm aws-portal"
    " cloudsearch datapipeline codestar-connections elastictranscoder kinesisanalytics qldb"
    " resource-explorer robomaker swf glacier appmesh-preview mobileanalytics worklink sms"
    " discovery iotanalytics honeycode cloudhsm lookoutmetrics lookoutvision workdocs"
    " mobiletargeting lightsail"
)
MOST_USED: dict[str, int] = {
    **dict.fromkeys(_USED_60.split(), 60),
    **dict.fromkeys(_USED_45.split(), 45),
    **dict.fromkeys(_USED_30.split(), 30),
    **dict.fromkeys(_USED_15.split(), 15),
    **dict.fromkeys(_CLASSIC.split(), -15),
}
"""Points of a service's prefix, and of what bears it; 0 for all others.

Nothing that AWS publishes says how much a service is used, and many services share the names of
actions (12 have `CreateCluster`). So the services that most accounts use are listed by hand, in
four steps; `aws` has the global condition keys. Points below 0 have services that AWS has replaced
by another, closed to new customers, or made simpler copies of larger ones: by words alone they do
not stand before those."""

ALTERNATIVES = 8
"""Words that may have been meant by a mistyped one; fewer by several."""
SHORT = 5
"""Letters of a word in which two changed ones are too many."""


class Vocabulary:
    """The words of all names of a catalog."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = sorted(set(words))
        self._letters = [frozenset(word) for word in self._words]
        self._near: BoundedCache[list[tuple[int, str]]] = BoundedCache(1000)

    def __contains__(self, word: str) -> bool:
        place = bisect_left(self._words, word)
        return self._words[place : place + 1] == [word]

    def has_start(self, start: str) -> bool:
        """Return True if a word starts so."""
        place = bisect_left(self._words, start)
        return any(word.startswith(start) for word in self._words[place : place + 1])

    def near(self, word: str) -> list[tuple[int, str]]:
        """Return the nearest words with the number of changed letters.

        One change in a word of at most five letters, else two. The same first letter, and then the
        same length, are nearer.
        """
        found = self._near.get(word)
        if found is None:
            most = 1 if len(word) <= SHORT else 2
            letters = frozenset(word)
            measured = [
                (changed_letters(word, each, most), each)
                for each, own in zip(self._words, self._letters, strict=True)
                if abs(len(each) - len(word)) <= most
                and len(each) > 1
                and len(letters ^ own) <= 2 * most
            ]
            ranked = sorted(
                (number, each[0] != word[0], abs(len(each) - len(word)), each)
                for number, each in measured
                if 0 < number <= most
            )
            found = [(number, each) for number, _, _, each in ranked[:ALTERNATIVES]]
            self._near.keep(word, found)
        return found


def changed_letters(one: str, other: str, most: int) -> int:
    """Count letters that differ, are missing or too many, or changed places with the next.

    Returns *most* + 1 where there are more.

    >>> changed_letters("objekt", "object", 2), changed_letters("obejct", "object", 2)
    (1, 1)
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one):
        before, above, row = row, before, [place + 1]
        for at, each in enumerate(other):
            cost = min(before[at] + (letter != each), before[at + 1] + 1, row[at] + 1)
            if place and at and letter == other[at - 1] and one[place - 1] == each:
                cost = min(cost, above[at - 1] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]


def segments(word: str, known: Vocabulary) -> list[str]:
    """Split a word, which is not known, behind the longest words that are: `get objekt`.

    A word that does not start with one of at least three letters is left whole.
    """
    if known.has_start(word):
        return [word]
    for end in range(len(word) - 3, 2, -1):
        if word[:end] in known:
            return [word[:end], *segments(word[end:], known)]
    return [word]


class Searched:
    """What searches need of a catalog beside its indexes.

    What is needed only where nothing has all words is read then.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.points = own_points(connection)
        self.unlisted = unlisted_keys(connection)
        self.titles = words_of_policies(connection)
        self.removed = removed_names(connection)
        self._operations: list[tuple[str, str, str, int]] | None = None
        self._vocabulary: Vocabulary | None = None

    def description(self, kind: str, name: str) -> tuple[str | None, str | None]:
        """Return description and level of what no searched table has."""
        if kind == POLICY:
            return next(title for key, title, _ in self.titles if key == name), None
        if kind == "condition key":
            return GLOBAL_KEY, None
        return next(each[1:] for each in self.removed if each[0] == name)

    def operations(self, connection: sqlite3.Connection) -> list[tuple[str, str, str, int]]:
        """Return the operations that no action of their service has the name of."""
        if self._operations is None:
            self._operations = operations_of_other_names(connection)
        return self._operations

    def vocabulary(self, connection: sqlite3.Connection) -> Vocabulary:
        """Return the words of all names."""
        if self._vocabulary is None:
            names = [*self.unlisted, *[name for _, name, *_ in self.operations(connection)]]
            self._vocabulary = Vocabulary(_words_of_names(connection, names))
        return self._vocabulary


_ALL: BoundedCache[Searched] = BoundedCache(8, 10**7)


def searched(connection: sqlite3.Connection) -> Searched:
    """Return what searches need of a catalog, which its sources tell from all others."""
    (key,) = connection.execute(
        "select group_concat(page || sha256 || coalesce(replaced, '') || coalesce(last_date, ''),"
        " ' ') || (select count(*) from likely_actions) || ' '"
        " || coalesce((select group_concat(dataset || sha256) from datasets), '') || ' '"
        " || coalesce((select group_concat(sha256) from policy_documents), '')"
        # The replaced pages of datasets follow from the datasets, and there are thousands of them.
        " from pages where replaced is null or dataset is null"
    ).fetchone()
    found = _ALL.get(key) if key else None
    return found or _ALL.keep(key or "", Searched(connection))


def _words_of_names(connection: sqlite3.Connection, names: Iterable[str]) -> Iterator[str]:
    """Yield the words of all names of the catalog, and of further *names*."""
    from iam_catalog.facts.lookup import other_names
    from iam_catalog.names import service_words

    for (prefix,) in connection.execute("select service_prefix from services").fetchall():
        yield from service_words(prefix, other_names(connection, prefix)).split()
    of_all = set(names)
    for sql in (
        "select distinct name from actions",
        "select distinct name from resource_types",
        "select condition_key from condition_keys",
    ):
        of_all.update(name for (name,) in connection.execute(sql))
    for name in of_all:
        yield from name_words(name).split()


def unlisted_keys(connection: sqlite3.Connection) -> list[str]:
    """List the global condition keys that the catalog does not hold, by name."""
    from iam_catalog.facts.keys import GLOBAL_KEYS

    return [key for key in sorted(GLOBAL_KEYS, key=str.lower) if not _holds_key(connection, key)]


def words_of_policies(connection: sqlite3.Connection) -> list[tuple[str, str | None, str]]:
    """List the sample policies with their title, and the words that they are found by."""
    from iam_catalog.facts.samples import policy_titles

    return [
        (
            each.policy,
            each.title or each.document_title,
            " ".join(["", *split_words(" ".join(filter(None, each)).lower())]),
        )
        for each in policy_titles(connection)
    ]


def removed_names(connection: sqlite3.Connection) -> list[tuple[str, str, str | None]]:
    """List the removed actions with when they were removed, and their level."""
    from iam_catalog.words import removal_words

    rows = connection.execute(
        "select action, removed, removed_by, last_seen, access_level from removed_actions"
        " order by action"
    )
    return [
        (name, f"{words[0].upper()}{words[1:]}.", level)
        for name, *when, level in rows
        for words in (removal_words(*when),)
    ]


def own_points(connection: sqlite3.Connection) -> dict[tuple[str, str], int]:
    """Return the points of names beside those of their services, by kind and lower name.

    Those of actions that others require or sample policies name grow with the number of binary
    digits, so that each step is twice as many. A resource type loses all where its ARNs are those
    of another service, as of `cognito-idp:webacl`.
    """
    points: dict[tuple[str, str], int] = {}
    for counted in (
        "lower(dependent_action), count(*) from dependent_actions where needed",
        "lower(pattern), count(*) from policy_statement_actions where not has_wildcard",
    ):
        for name, number in connection.execute(f"select {counted} group by 1"):
            key = ("action", name)
            points[key] = points.get(key, 0) + 8 * number.bit_length()
    foreign = connection.execute(
        "select resource_type from arn_formats group by 1 having not max(coalesce("
        "service = substr(resource_type, 1, instr(resource_type, ':') - 1) collate nocase, 0))"
    )
    for (name,) in foreign:
        points["resource type", name.lower()] = -points_of_service(name)
    return points


def points_of_service(name: str) -> int:
    """Return the points of the service that bears *name* or is called so."""
    return MOST_USED.get(name.partition(":")[0].lower(), 0)


def in_rank(connection: sqlite3.Connection, kind: str, names: Iterable[str]) -> list[str]:
    """Order names of a kind as a search orders those of one class, and each once."""
    points = searched(connection).points

    def order(name: str) -> tuple[int, int, int, str]:
        own = points.get((kind, name.lower()), 0)
        return -points_of_service(name), -own, len(name), name.lower()

    return sorted(dict.fromkeys(names), key=order)


def operations_of_other_names(connection: sqlite3.Connection) -> list[tuple[str, str, str, int]]:
    """List the API operations that no action of their service has the name of.

    Each with its service, its name, an action of the catalog that allows it and the place of that
    action among several; the likeliest action where no page states one.
    """
    names = connection.execute(
        "select name from likely_actions union select name from operations order by 1"
    ).fetchall()
    return [row for (name,) in names for row in operations_named(connection, name)]


def _holds_key(connection: sqlite3.Connection, key: str) -> bool:
    sql = "select 1 from condition_keys where condition_key = ?"
    return connection.execute(sql, (key,)).fetchone() is not None


def operations_named(connection: sqlite3.Connection, name: str) -> list[tuple[str, str, str, int]]:
    return connection.execute(
        "select found.service_prefix, found.name, actions.action, found.position from ("
        " select service_prefix, name, action, position from likely_operation_actions"
        " where name = ?1"
        " union select operations.service_prefix, operations.name, a.action, a.position"
        " from operations join operation_actions as a on a.operation = operations.operation"
        " where operations.name = ?1"
        ") as found join actions on actions.action = found.action"
        " where not exists (select 1 from actions as same where same.name = ?1"
        "  and same.service_prefix = found.service_prefix)"
        " order by 1, 4, 3",
        (name,),
    ).fetchall()


def split_words(text: str) -> list[str]:
    """Return what stands between characters other than letters and digits, in its own case."""
    return "".join(each if each.isalnum() else " " for each in text).split()


def only_letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.lower()))


def without_diacritics(word: str) -> str:
    """Return a word as SQLite's unicode61 does, without diacritics."""
    if word.isascii():
        return word
    from unicodedata import category, normalize

    return "".join(each for each in normalize("NFD", word) if category(each) != "Mn")
