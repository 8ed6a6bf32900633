"""What Datasette may print of a request that it can not answer."""

from __future__ import annotations


def keep_terminal_free() -> None:
    """Keep Datasette from printing pages of local variables, and policies among them.

    It does so wherever rich is installed, for each page that is not there and each body that is
    too long; and where no exception is at hand, rich fails, and the page with it.
    """
    from datasette import handle_exception  # not before datasette.app, which is to load it

    handle_exception.rich = None
