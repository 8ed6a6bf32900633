"""Whether a catalog holds all of AWS, and what brings one that does.

A catalog is full where one of its current sources lists every service: a public dataset, or a
complete day of AWS's pages. How many services it holds says nothing about that.
"""

from __future__ import annotations

from iam_catalog.database import in_checkout

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3


def is_full(connection: sqlite3.Connection) -> bool:
    """Return True if a current source of the catalog lists all services of AWS.

    That of the whole file, also where the connection stands at an earlier date.
    """
    sql = "select exists(select 1 from main.pages where all_services and replaced is null)"
    return bool(connection.execute(sql).fetchone()[0])


def what_brings_all(connection: sqlite3.Connection) -> str | None:
    """Say what a catalog holds that is not full, and the one step to all of AWS; else None.

    The services are those at the date where the connection stands.
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
