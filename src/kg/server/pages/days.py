"""Dates in words."""

from __future__ import annotations

import re

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_DATE = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2])(?:-(\d\d))?)?([~?%])?\Z", re.ASCII)
_ABOUT = {"~": "about ", "?": "perhaps ", "%": "perhaps about "}


def in_days(text: str) -> str:
    """An EDTF date (levels 0 and 1) in words; what is none, or is rarer, as it is.

    >>> in_days("2025-03-21/2025-03-31")
    '21 to 31 March 2025'
    >>> in_days("1996~")
    'about 1996'
    >>> in_days("2025-04/..")
    'from April 2025'
    """
    left, slash, right = text.partition("/")
    if not slash:
        return _one(text) or text
    first, last = _one(left), _one(right)
    if first and right in ("", ".."):
        return f"from {first}"
    if last and left in ("", ".."):
        return f"until {last}"
    if not first or not last:
        return text
    one, other = first.split(" "), last.split(" ")
    while len(one) > 1 and one[-1] == other[-1] and len(one) == len(other):
        one, other = one[:-1], other[:-1]
    return f"{' '.join(one)} to {last}"


def _one(text: str) -> str:
    found = _DATE.match(text)
    if found is None:
        return ""
    year, month, day, doubt = found.groups()
    words = [day.lstrip("0")] if day else []
    words += [MONTHS[int(month) - 1]] if month else []
    return _ABOUT.get(doubt or "", "") + " ".join([*words, year])
