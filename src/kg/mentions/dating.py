"""Stretches of days, what a document's own date makes of relative ones, and how EDTF writes them.

EDTF is ISO 8601-2 profile of the Library of Congress; levels 0 and 1 only.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import Enum

_DAY = timedelta(days=1)
_YEARS = range(1000, 9990)
#: A plan for a day without its year is told of at most so long after that day, and so long before it.
_JUST_OVER, _FAR_AHEAD = timedelta(days=31), timedelta(days=300)
_EDTF_POINT = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?[?~%]?\Z")


class Tense(Enum):
    """Whether a clause lies before or ahead of the time of writing.

    A clause in the present lies ahead where it has a day ("arrives on Friday"), and tells of no longer stretch.
    """

    PAST = "past"
    AHEAD = "ahead"
    PRESENT = "present"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Extent:
    """The days from `first` to `last`, both included; None is an open end.

    `code` is the EDTF form of what is no plain interval (a season, a decade).
    """

    first: date | None
    last: date | None
    approximate: bool = False
    code: str | None = None

    def opened(self, start: bool) -> Extent:
        """The extent that only ends (`start` true) or only begins with this one."""
        edge = self.edtf().rstrip("~").split("/")[-1 if start else 0]
        if self.code is not None:
            edge = _write(self.first, self.last) if self.first and self.last else self.code
            edge = edge.split("/")[-1 if start else 0]
        code = f"../{edge}" if start else f"{edge}/.."
        return Extent(None if start else self.first, self.last if start else None, code=code)

    def edtf(self) -> str:
        """The EDTF form, as coarse as the days allow ("2025-03" for the whole of that month)."""
        if self.code is not None:
            return self.code
        if self.first is None or self.last is None:
            return f"{self.first or '..'}/{self.last or '..'}"
        text = _write(self.first, self.last)
        return text if not self.approximate or "/" in text else f"{text}~"

    def approximately(self) -> Extent:
        """The same extent, marked approximate."""
        return replace(self, approximate=True)


def _write(first: date, last: date) -> str:
    whole_months = first.day == 1 and last.day == days_in(last.year, last.month)
    if whole_months and first.month == 1 and last.month == 12:
        start, end = f"{first.year:04d}", f"{last.year:04d}"
    elif whole_months:
        start, end = f"{first:%Y-%m}".zfill(7), f"{last:%Y-%m}".zfill(7)
    else:
        start, end = first.isoformat(), last.isoformat()
    return start if start == end else f"{start}/{end}"


def days_in(year: int, month: int) -> int:
    """The number of days of a month."""
    return monthrange(year, month)[1]


def day(year: int, month: int, number: int) -> Extent | None:
    """One day, or None if the calendar has no such day."""
    if year not in _YEARS or not 1 <= month <= 12 or not 1 <= number <= days_in(year, month):
        return None
    return Extent(date(year, month, number), date(year, month, number))


def month(year: int, number: int) -> Extent | None:
    """A whole month, or None outside the calendar."""
    if year not in _YEARS or not 1 <= number <= 12:
        return None
    return Extent(date(year, number, 1), date(year, number, days_in(year, number)))


def year(number: int) -> Extent | None:
    """A whole year, or None outside the calendar."""
    return Extent(date(number, 1, 1), date(number, 12, 31)) if number in _YEARS else None


def years(first: int, last: int) -> Extent | None:
    """The years from `first` to `last`, or None if they are not in order."""
    if first > last or first not in _YEARS or last not in _YEARS:
        return None
    return Extent(date(first, 1, 1), date(last, 12, 31))


def months(year_number: int, first: int, last: int) -> Extent | None:
    """The months from `first` to `last` of one year."""
    start, end = month(year_number, first), month(year_number, last)
    return join(start, end)


def season(year_number: int, code: int) -> Extent | None:
    """A season of a year; `code` is 21 (spring) to 24 (winter). Days are those of the north, roughly."""
    if year_number + 1 not in _YEARS:
        return None
    begin = {21: 3, 22: 6, 23: 9, 24: 12}[code]
    after = shift_months(date(year_number, begin, 1), 3)
    return Extent(date(year_number, begin, 1), after - _DAY, code=f"{year_number}-{code}")


def decade(start: int, part: str | None = None) -> Extent | None:
    """The decade that begins with the year `start`, or its early, middle or late years."""
    if part is not None:
        low, high = {"early": (0, 3), "mid": (4, 6), "late": (7, 9)}[part]
        return years(start + low, start + high)
    whole = years(start, start + 9)
    return replace(whole, code=f"{start // 10}X") if whole else None


def century(number: int) -> Extent | None:
    """The `number`-th century, written by its first two digits ("19XX" is the twentieth)."""
    whole = years((number - 1) * 100, number * 100 - 1)
    return replace(whole, code=f"{number - 1:02d}XX") if whole else None


def join(first: Extent | None, last: Extent | None) -> Extent | None:
    """From the start of one extent to the end of another; None if one is missing or they cross."""
    if first is None or last is None or first.first is None or last.last is None:
        return None
    return Extent(first.first, last.last) if first.first <= last.last else None


def part_of(whole: Extent | None, part: str) -> Extent | None:
    """A part of a month, year or week: early, mid, late, start, middle, end, first-half or second-half.

    Months part after the 10th and the 20th, years after April and August; halves are halves.
    """
    if whole is None or whole.first is None or whole.last is None:
        return None
    first, last = whole.first, whole.last
    length = (last - first).days + 1
    if length > 300:
        spans = {
            "early": (1, 4), "mid": (5, 8), "late": (9, 12), "start": (1, 1), "middle": (5, 8),
            "end": (12, 12), "first-half": (1, 6), "second-half": (7, 12),
        }  # fmt: skip
        low, high = spans[part]
        return months(first.year, low, high)
    if length > 20:
        days = {
            "early": (1, 10), "mid": (11, 20), "late": (21, length), "start": (1, 10), "middle": (11, 20),
            "end": (21, length), "first-half": (1, 15), "second-half": (16, length),
        }  # fmt: skip
        low, high = days[part]
    else:
        week = {
            "early": (1, 3),
            "start": (1, 3),
            "mid": (2, 4),
            "middle": (2, 4),
            "late": (4, 7),
            "end": (4, 7),
        }
        if part not in week or length < 7:
            return None
        low, high = week[part]
    return Extent(first + _DAY * (low - 1), first + _DAY * (high - 1))


def shift_months(start: date, count: int) -> date:
    """`start` moved by `count` months, to the last day of a shorter month."""
    index = start.year * 12 + start.month - 1 + count
    number, rest = divmod(index, 12)
    return date(number, rest + 1, min(start.day, days_in(number, rest + 1)))


@dataclass(frozen=True, slots=True)
class Reference:
    """When a document was written: some day from `first` to `last`."""

    first: date
    last: date

    @property
    def day(self) -> date | None:
        """The day of writing, or None if only a longer stretch is known."""
        return self.first if self.first == self.last else None

    @property
    def month(self) -> date | None:
        """The first day of the month of writing, or None if that is not known."""
        same = (self.first.year, self.first.month) == (self.last.year, self.last.month)
        return self.first.replace(day=1) if same else None

    @property
    def year(self) -> int | None:
        """The year of writing, or None if that is not known."""
        return self.first.year if self.first.year == self.last.year else None


def read_reference(issued: str | None) -> Reference | None:
    """The time of writing from an EDTF date; None if there is none or it has an open or unknown end."""
    if issued is None:
        return None
    ends = issued.split("/")
    points = [_EDTF_POINT.match(end) for end in ends]
    if len(ends) > 2:
        return None
    extents: list[Extent] = []
    for point in points:
        if point is None:
            return None
        extent = _read_point(point)
        if extent is None:
            return None
        extents.append(extent)
    whole = join(extents[0], extents[-1])
    return Reference(whole.first, whole.last) if whole and whole.first and whole.last else None


def _read_point(found: re.Match[str]) -> Extent | None:
    if found[3]:
        return day(int(found[1]), int(found[2]), int(found[3]))
    return month(int(found[1]), int(found[2])) if found[2] else year(int(found[1]))


ByYear = Callable[[int], Extent | None]


def choose_year(build: ByYear, reference: Reference, tense: Tense) -> Extent | None:
    """The extent of the year that a date without one most likely means.

    The latest that has begun if the clause is past, the earliest not over if it is ahead, else the nearest. A day that
    is just over or about to come is meant before one that lies nearly a year away.
    """
    built = list(_of_years(build, reference.first.year))
    if tense is Tense.PAST:
        begun = [row for row in built if row[0] <= reference.last]
        soon = [row for row in built if reference.last < row[0] <= reference.last + _JUST_OVER]
        if soon and (not begun or reference.first - begun[-1][1] > _FAR_AHEAD):
            return soon[0][2]  # "the exercise announced for 9 May was called off"
        return begun[-1][2] if begun else None
    if tense is Tense.AHEAD:
        open_ = [row for row in built if row[1] >= reference.first]
        over = [row for row in built if reference.first - _JUST_OVER <= row[1] < reference.first]
        if over and (not open_ or open_[0][0] - reference.last > _FAR_AHEAD):
            return over[-1][2]
        return open_[0][2] if open_ else None
    near = [
        (_distance(first, last, reference), -index, extent)
        for index, (first, last, extent) in enumerate(built)
    ]
    return min(near, key=lambda row: row[:2])[2] if near else None


def _of_years(build: ByYear, middle: int) -> Iterator[tuple[date, date, Extent]]:
    # Eight years reach the next 29 February, across a century that has none.
    for number in range(middle - 8, middle + 9):
        extent = build(number)
        if extent and extent.first and extent.last:
            yield extent.first, extent.last, extent


def _distance(first: date, last: date, reference: Reference) -> int:
    if first > reference.last:
        return (first - reference.last).days
    return max(0, (reference.first - last).days)


def near_anchor(build: ByYear, anchor: date, tense: Tense) -> Extent | None:
    """The extent of the year that fits best with another, full date of a text whose own date is unknown.

    A text spells out the year of what lies back and leaves it out for its own time, so that a date without a
    year mostly follows a full one that is past, and comes before a full one that is ahead.
    """
    back, ahead = (-9, 3) if tense is Tense.AHEAD else (-3, 9)
    low, high = shift_months(anchor, back), shift_months(anchor, ahead)
    fitting = [extent for first, _, extent in _of_years(build, anchor.year) if low <= first < high]
    return fitting[0] if fitting else None


def week_of(start: date, offset: int = 0) -> Extent:
    """The week from Monday to Sunday (ISO 8601) that holds `start`, moved by `offset` weeks.

    Who writes on a Sunday means by "last week" the days before it, and counts the weeks before from there.
    """
    monday = start - _DAY * (start.isoweekday() - 1) + _DAY * 7 * offset
    if offset < 0 and start.isoweekday() == 7:
        monday += _DAY * 7
    return Extent(monday, min(monday + _DAY * 6, start - _DAY) if offset < 0 else monday + _DAY * 6)


def weekday_near(start: date, iso_weekday: int, ahead: bool, strict: bool = False) -> Extent:
    """The nearest such weekday before `start` (or ahead of it); `start` itself counts unless `strict`."""
    step = (iso_weekday - start.isoweekday()) % 7 if ahead else -((start.isoweekday() - iso_weekday) % 7)
    if step == 0 and strict:
        step = 7 if ahead else -7
    return Extent(start + _DAY * step, start + _DAY * step)


def weekday_of_week(reference: Reference, iso_weekday: int, shift: int) -> Extent | None:
    """The weekday of the week of writing moved by `shift` weeks; weeks begin on Monday here, as they are worked."""
    if reference.day is None:
        return None
    monday = reference.day - _DAY * (reference.day.isoweekday() - 1) + _DAY * 7 * shift
    return one_day(monday + _DAY * (iso_weekday - 1))


def week_in(year_number: int, month_number: int, number: int) -> Extent | None:
    """The `number`-th seven days of a month; the fifth are its last seven."""
    whole = month(year_number, month_number)
    if whole is None or whole.first is None or whole.last is None:
        return None
    first = whole.last - _DAY * 6 if number == 5 else whole.first + _DAY * 7 * (number - 1)
    return Extent(first, first + _DAY * 6)


def unit_beside(earlier: Extent, unit: str, shift: int) -> Extent | None:
    """The day, week, month, year or decade that lies `shift` units from a known date; None if that is less exact."""
    if earlier.first is None or earlier.last is None:
        return None
    if (earlier.last - earlier.first).days >= {"day": 11, "week": 11, "month": 31, "year": 366}.get(
        unit, 3660
    ):
        return None
    if unit == "day" and shift == 0:
        return earlier
    # What follows a stretch counts from its end.
    edge = earlier.last if shift > 0 else earlier.first
    ends = Reference(edge, edge) if shift else Reference(earlier.first, earlier.last)
    try:
        return unit_away(ends, unit, shift)
    except OverflowError:
        return None


def one_day(single: date | None) -> Extent | None:
    """The extent of a single day."""
    return Extent(single, single) if single else None


def shift_days(reference: Reference, count: int) -> Extent | None:
    """The day `count` days from the day of writing."""
    return one_day(reference.day + _DAY * count) if reference.day else None


def unit_of(reference: Reference, unit: str, shift: int) -> Extent | None:
    """The week, month, quarter, year, decade or century of writing, moved by `shift` units."""
    if unit == "week":
        return week_of(reference.day, shift) if reference.day else None
    if unit == "month" and reference.month:
        at = shift_months(reference.month, shift)
        return month(at.year, at.month)
    if unit == "quarter" and reference.month:
        at = shift_months(reference.month, -((reference.month.month - 1) % 3) + 3 * shift)
        return months(at.year, at.month, at.month + 2)
    if reference.year is None:
        return None
    if unit == "year":
        return year(reference.year + shift)
    if unit == "decade":
        return decade((reference.year // 10 + shift) * 10)
    return century(reference.year // 100 + 1 + shift) if unit == "century" else None


def unit_away(reference: Reference, unit: str, count: int) -> Extent | None:
    """What lies `count` units from the time of writing, as exactly as the unit is."""
    if unit == "day":
        return shift_days(reference, count)
    if unit == "fortnight":
        return unit_of(reference, "week", 2 * count)
    if unit == "decade":
        away = year(reference.year + 10 * count) if reference.year is not None else None
        return away.approximately() if away else None
    return unit_of(reference, unit, count)


def duration(reference: Reference, unit: str, count: int, ahead: bool) -> Extent | None:
    """The `count` units that end (or, if `ahead`, begin) at the time of writing."""
    sign = 1 if ahead else -1
    if unit in ("day", "week"):
        if reference.day is None:
            return None
        away = reference.day + _DAY * (sign * count * (7 if unit == "week" else 1))
        return Extent(min(away, reference.day), max(away, reference.day))
    if unit in ("month", "quarter"):
        steps = count * (3 if unit == "quarter" else 1)
        if reference.month is None:
            return None
        far = shift_months(reference.month, sign * steps)
        low, high = min(far, reference.month), max(far, reference.month)
        return join(month(low.year, low.month), month(high.year, high.month))
    if reference.year is None:
        return None
    other = reference.year + sign * count * {"decade": 10, "century": 100}.get(unit, 1)
    return years(min(other, reference.year), max(other, reference.year))
