"""When two EDTF dates agree, to a scorer.

A reading of EDTF of its own, apart from the one that writes the graph, so that a slip in either shows.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import cache

# EDTF level 1: year with unspecified digits, month or season, day, qualifier
_DATE = re.compile(r"(\d{2}[\dX]{2})(?:-(\d\d|XX)(?:-(\d\d|XX))?)?[~?%]?(?:T.*)?")


def _first_and_last_day(text: str) -> tuple[dt.date, dt.date]:
    found = _DATE.fullmatch(text.strip())
    if not found:
        raise ValueError(text)
    year, month, day = found.groups()
    first_year, last_year = int(year.replace("X", "0")), int(year.replace("X", "9"))
    first_month, last_month = 1, 12
    if month and month != "XX":
        first_month = last_month = int(month)
        if 21 <= first_month <= 24:  # seasons, of the northern hemisphere
            winter = first_month == 24
            first_month, last_month = (first_month - 20) * 3, ((first_month - 20) * 3 + 1) % 12 + 1
            last_year += winter
        if day and day != "XX":
            return dt.date(first_year, first_month, int(day)), dt.date(last_year, last_month, int(day))
    following = dt.date(last_year + (last_month == 12), last_month % 12 + 1, 1)
    return dt.date(first_year, first_month, 1), following - dt.timedelta(days=1)


@cache
def find_days(text: str) -> tuple[dt.date, dt.date] | None:
    """(first day, last day) that an EDTF string covers, None if it cannot be read.

    An open end is date.min or date.max.

    >>> find_days("2025-03-21/2025-03-31")
    (datetime.date(2025, 3, 21), datetime.date(2025, 3, 31))
    """
    text = text.strip()
    if text[:1] in ("[", "{") and text[-1:] in ("]", "}"):
        parts = re.split(r"\.\.|,", text[1:-1])
    else:
        parts = [part if part != ".." else "" for part in text.split("/")]
        if len(parts) > 2:
            return None
    if not any(parts):
        return None
    try:
        first = _first_and_last_day(parts[0])[0] if parts[0] else dt.date.min
        last = _first_and_last_day(parts[-1])[1] if parts[-1] else dt.date.max
    except (ValueError, OverflowError):
        return None
    return (first, last) if first <= last else None


def are_compatible(found: str, gold: str) -> bool:
    """Whether `found` lies within `gold`, or `gold` within a `found` of one month or less."""
    a, b = find_days(found), find_days(gold)
    if not a or not b:
        return False
    if b[0] <= a[0] and a[1] <= b[1]:
        return True
    within_one_month = (a[0].year, a[0].month) == (a[1].year, a[1].month)
    return a[0] <= b[0] and b[1] <= a[1] and within_one_month


def same_days(a: str, b: str) -> bool:
    """Whether two EDTF strings cover the same days."""
    return find_days(a) is not None and find_days(a) == find_days(b)
