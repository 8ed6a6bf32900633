"""What a date is: a day of the calendar, written YYYY-MM-DD, of a page or of a folder."""

from __future__ import annotations

import datetime
import re

DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def is_date(text: str) -> bool:
    """The text is a day of the calendar, as YYYY-MM-DD."""
    if not DATE.fullmatch(text):
        return False
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True
