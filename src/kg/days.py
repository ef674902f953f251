"""The days that an EDTF date covers (Library of Congress EDTF, levels 0 and 1)."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache
from time import struct_time
from typing import NamedTuple

from edtf import parse_edtf
from edtf.parser.edtf_exceptions import EDTFParseException

_OPEN = ("", "..")
# Year, month or day, exact or not: nearly all dates there are, and the grammar takes milliseconds for one.
_PLAIN = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2])(?:-(\d\d))?)?[~?%]?\Z", re.ASCII)


class Days(NamedTuple):
    """First and last day that a date covers, both inclusive; None where it is open or unknown."""

    first: date | None
    last: date | None

    def overlaps(self, other: Days) -> bool:
        """Whether both may mean the same day."""
        starts_in_time = self.first is None or other.last is None or self.first <= other.last
        ends_in_time = self.last is None or other.first is None or other.first <= self.last
        return starts_in_time and ends_in_time

    def covers(self, other: Days) -> bool:
        """Whether all days of the other are among these."""
        from_start = self.first is None or (other.first is not None and self.first <= other.first)
        to_end = self.last is None or (other.last is not None and other.last <= self.last)
        return from_start and to_end

    @property
    def length(self) -> int:
        """The number of days covered; an open date counts as longer than any other."""
        if self.first is None or self.last is None:
            return 1_000_000_000
        return (self.last - self.first).days + 1


#: What is open at both ends.
_ALWAYS = Days(None, None)


@lru_cache(maxsize=65536)
def find_days(value: str) -> Days | None:
    """The days that the EDTF date `value` covers, or None if it is not one, or ends before it begins.

    An approximate date (``2025-03~``) covers the days of the date itself. A side of an interval that is open
    (``..``) or unknown (empty) gives None, as does a year outside 1 to 9999.

    >>> find_days("2025-03~")
    Days(first=datetime.date(2025, 3, 1), last=datetime.date(2025, 3, 31))
    >>> find_days("2025-04/..").last is None
    True
    """
    plain = _PLAIN.match(value)
    if plain is not None:
        return _plain_days(int(plain[1]), plain[2], plain[3])
    left, slash, right = value.partition("/")
    first, last = _plain_side(left), _plain_side(right)
    if slash and first is not None and last is not None and not first is last is _ALWAYS:
        return _ordered(first.first, last.last)
    try:
        parsed = parse_edtf(value)
        begin, end = _day(parsed.lower_strict()), _day(parsed.upper_strict())
    except (EDTFParseException, ValueError, OverflowError, AttributeError, TypeError):
        return None
    return _ordered(None if slash and left in _OPEN else begin, None if slash and right in _OPEN else end)


def _ordered(first: date | None, last: date | None) -> Days | None:
    return Days(first, last) if first is None or last is None or first <= last else None


def _plain_side(text: str) -> Days | None:
    """The days of one side of an interval if it is open, or a year, month or day that there is; else None."""
    if text in _OPEN:
        return _ALWAYS
    plain = _PLAIN.match(text)
    return _plain_days(int(plain[1]), plain[2], plain[3]) if plain is not None and int(plain[1]) else None


@lru_cache(maxsize=65536)
def find_plausible_days(value: str) -> Days | None:
    """As `find_days`, an approximate or uncertain date widened by its own length on both sides."""
    days = find_days(value)
    if days is None or not any(mark in value for mark in "~?%") or days.first is None or days.last is None:
        return days
    margin = timedelta(days=days.length)
    try:
        return Days(days.first - margin, days.last + margin)
    except OverflowError:
        return days


def attested(valid_time: str | None, as_of: str | None) -> Days | None:
    """The days for which a claim of the EDTF time `valid_time` speaks in a document of the day `as_of`.

    Without a time of its own it speaks of the document's day; a time that is open ends with that day, for what came
    later it could not know. None if neither is known.

    >>> attested("2018/..", "2019-03-01")
    Days(first=datetime.date(2018, 1, 1), last=datetime.date(2019, 3, 1))
    """
    today = find_days(as_of) if as_of else None
    days = find_days(valid_time) if valid_time else today
    if days is None or today is None or days.last is not None:
        return days
    return Days(days.first, max(today.last, days.first) if today.last and days.first else today.last)


def _plain_days(year: int, month: str | None, day: str | None) -> Days | None:
    if year == 0:
        return Days(None, None)
    first = date(year, int(month or 1), 1)
    last = date(year, int(month or 12), monthrange(year, int(month or 12))[1])
    if day is None:
        return Days(first, last)
    if not 1 <= int(day) <= last.day:
        return None
    exact = first.replace(day=int(day))
    return Days(exact, exact)


def _day(found: struct_time | float) -> date | None:
    if not isinstance(found, struct_time) or not 1 <= found.tm_year <= 9999:
        return None
    return date(found.tm_year, found.tm_mon, found.tm_mday)
