"""Publication dates that a user or a file's metadata states: EDTF, and the day in other common writings.

Nothing here looks at a clock or at file times.
"""

from __future__ import annotations

import csv
import re
from datetime import date
from functools import lru_cache
from pathlib import Path

from edtf import EDTFParseException, parse_edtf
from edtf.parser import parser_classes

from kg.documents.encoding import decode_text
from kg.errors import DocumentError, KgError

# ISO 8601-2 annex A: what levels 0 and 1 of EDTF have.
_LEVELS_0_AND_1 = (
    parser_classes.Date,
    parser_classes.DateAndTime,
    parser_classes.Interval,
    parser_classes.Level1Interval,
    parser_classes.LongYear,
    parser_classes.Season,
    parser_classes.UncertainOrApproximate,
    parser_classes.Unspecified,
)
_ABOVE_LEVEL_1 = (
    parser_classes.ExponentialYear,
    parser_classes.Level2Interval,
    parser_classes.Level2Season,
    parser_classes.PartialUncertainOrApproximate,
    parser_classes.PartialUnspecified,
)
ALLOWED = "an EDTF date of level 0 or 1, such as 2025-03-30, 2025-03, 2025, 2025-03~ or 2025-03-21/2025-03-31"
LONGEST_EDTF = 60

# The year 0 is 1 BC in EDTF; Python's calendar begins with 1, and leap years repeat after so many years.
_LEAP = 400
_PLAIN = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-\d{2})?)?", re.ASCII)
_DAY = re.compile(r"(?<![\dX-])(\d{4})-(\d{2})-(\d{2})(?![\dX])")
_TIME = re.compile(r"T.*\Z")


def check_edtf(text: str) -> str:
    """`text` as an EDTF date of level 0 or 1 (ISO 8601-2), without a time of day: claims are dated by day.

    Raises `ValueError` that says what was found and what is allowed: also for a day that no calendar has, and
    for an interval that ends before it begins.

    >>> check_edtf("2025-03-21/2025-03-31"), check_edtf("2025-03-30T17:24:00+09:00")
    ('2025-03-21/2025-03-31', '2025-03-30')
    """
    try:
        return _checked_edtf(text)
    except ValueError:
        raise ValueError(f"{text[:LONGEST_EDTF]!r} is not {ALLOWED}") from None


@lru_cache(maxsize=4096)
def _checked_edtf(text: str) -> str:
    if len(text) > LONGEST_EDTF or not text.isascii() or any(c.isspace() for c in text):
        raise ValueError(text)
    if _PLAIN.fullmatch(text):
        # What nearly all are; the grammar takes 30 ms for one.
        year, month, day = ([int(step) for step in text.split("-")] + [1, 1])[:3]
        date(year % _LEAP + _LEAP, month, day)
        return text
    try:
        parsed = parse_edtf(text)
    except EDTFParseException:
        raise ValueError(text) from None
    if not isinstance(parsed, _LEVELS_0_AND_1) or isinstance(parsed, _ABOVE_LEVEL_1):
        raise ValueError(text)
    for year, month, day in _DAY.findall(text):
        date(int(year) % _LEAP + _LEAP, int(month), int(day))
    if isinstance(parsed, parser_classes.DateAndTime):
        return _TIME.sub("", text)
    if isinstance(parsed, parser_classes.Interval | parser_classes.Level1Interval):
        first, _, last = text.partition("/")
        steps = list(zip(_steps(first), _steps(last), strict=False))
        if [a for a, _ in steps] > [b for _, b in steps]:
            raise ValueError(text)
    return text


def _steps(text: str) -> list[str]:
    """Year, month and day as far as they are written out; none for an open or negative end."""
    found = re.match(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?", text)
    return [step for step in found.groups() if step] if found else []


MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAY = re.compile("|".join(_WEEKDAYS), re.IGNORECASE)
# Longest first, so that "March" is not read as "Mar".
_MONTH = "|".join([*MONTHS, "sept", *(m[:3] for m in MONTHS if m != "may")])
_D = r"(?P<{0}d>0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_Y = r"(?P<{0}y>1[5-9]\d\d|20\d\d|21\d\d)"
_FORMS = (
    ("iso", _Y + r"(?P<isosep>[-/.])(?P<{0}m>0[1-9]|1[0-2])(?P=isosep)(?P<{0}d>0[1-9]|[12]\d|3[01])"),
    ("mdy", rf"(?P<{{0}}m>{_MONTH})\b\.?\s{{1,3}}{_D},?\s{{1,3}}{_Y}"),
    ("dmy", rf"{_D}(?:\s{{1,3}}of)?[\s-]{{1,3}}(?P<{{0}}m>{_MONTH})\b\.?,?[\s-]{{1,3}}{_Y}"),
    ("ymd", rf"{_Y},?\s(?P<{{0}}m>{_MONTH})\b\.?\s{_D}"),
    ("num", r"(?P<{0}a>[0-3]?\d)(?P<numsep>[/.])(?P<{0}b>[0-3]?\d)(?P=numsep)" + _Y),
)
DATE = re.compile(
    r"(?<![\w/.-])(?:" + "|".join(f"(?P<{n}>{f.replace('{0}', n)})" for n, f in _FORMS) + r")(?!\d|[-/.]\d)",
    re.IGNORECASE,
)


def read_day(found: re.Match[str], around: str = "", day_first: bool | None = None) -> str | None:
    """The ISO day that a match of `DATE` writes; None for no such day, or for 3/4/2025, which may be two days.

    Which of the two it is, a weekday beside it in the line `around` says, or else `day_first`, if that is known.
    """
    form = found.lastgroup
    year = int(found[f"{form}y"])
    if form == "num":
        return _read_numeric(found, year, around, day_first)
    name, day = found[f"{form}m"], int(found[f"{form}d"])
    return _iso(year, int(name) if name.isdigit() else _month_number(name), day)


def _read_numeric(found: re.Match[str], year: int, around: str, day_first: bool | None) -> str | None:
    first, second = int(found["numa"]), int(found["numb"])
    british, american = _iso(year, second, first), _iso(year, first, second)
    if found["numsep"] == "." or british == american or not (british and american):
        return british or american
    weekday = _WEEKDAY.search(around)
    if weekday:
        number = _WEEKDAYS.index(weekday[0].lower())
        fitting = [day for day in (british, american) if date.fromisoformat(day).weekday() == number]
        return fitting[0] if len(fitting) == 1 else None
    if day_first is None:
        return None
    return british if day_first else american


def find_day_order(text: str) -> bool | None:
    """Whether the numeric dates of `text` put the day first, by those that can be read one way only.

    >>> find_day_order("Signed 23/05/2024"), find_day_order("Signed 5/23/2024"), find_day_order("3/4/2024")
    (True, False, None)
    """
    orders = set()
    for found in DATE.finditer(text):
        if found.lastgroup == "num" and found["numsep"] == "/":
            first, second = int(found["numa"]), int(found["numb"])
            if (first > 12) != (second > 12):
                orders.add(first > 12)
    return orders.pop() if len(orders) == 1 else None


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _month_number(name: str) -> int:
    return next(i for i, month in enumerate(MONTHS, start=1) if month.startswith(name.lower()[:3]))


_COMPACT = re.compile(r"(?P<y>1[5-9]\d\d|20\d\d|21\d\d)(?P<m>\d\d)(?P<d>\d\d)(?=\d{6}(?!\d)|\D|\Z)")
_ISO_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]\d{2}:?\d{2}")
# The zero of computer clocks: what a page says that was never given a date.
_CLOCK_ZERO = "1970-01-01"


def find_date(value: str) -> str | None:
    """The EDTF date that a field of metadata states, or None where it is none or ambiguous.

    Reads EDTF, ISO 8601 with a time, ``20250330``, ``March 30, 2025``, ``Sun, 30 Mar 2025 17:24:00 +0900``.
    The day is the one that is written; it is not moved to another time zone.

    >>> find_date("Sun, 30 Mar 2025 17:24:00 +0900"), find_date("2025-03"), find_date("03/04/2025")
    ('2025-03-30', '2025-03', None)
    """
    value = value.strip()[:100]
    found = _read_field(value)
    return None if found == _CLOCK_ZERO else found


def _read_field(value: str) -> str | None:
    stamp = _ISO_TIME.match(value)
    try:
        return check_edtf(stamp[1] if stamp else value)
    except ValueError:
        pass
    compact = _COMPACT.match(value)
    if compact:
        try:
            return check_edtf(f"{compact['y']}-{compact['m']}-{compact['d']}")
        except ValueError:
            return None
    days = {day for day in map(read_day, DATE.finditer(value)) if day}
    return days.pop() if len(days) == 1 else None


def read_dates_csv(path: Path) -> dict[str, str]:
    """File name or record id (with folders before it or not) → EDTF date, of a table ``file,date``.

    Raises `KgError` that names the file and the row for a wrong header, a wrong number of cells, a date
    that is not EDTF of level 0 or 1, and a name with two different dates.
    """
    try:
        text = decode_text(path.read_bytes(), str(path))
    except OSError as error:
        raise KgError(f"{path}: cannot be read: {error.strerror}") from None
    except DocumentError as error:
        raise KgError(str(error)) from None
    dates: dict[str, str] = {}
    rows = csv.reader(text.splitlines(), strict=True)
    try:
        header = next(rows, [])
        if [cell.strip() for cell in header] != ["file", "date"]:
            raise KgError(f"{path}: row 1: header {','.join(header)[:80]!r}; want 'file,date'")
        for row in rows:
            if any(cell.strip() for cell in row):
                _take_row(dates, [cell.strip() for cell in row], f"{path}: row {rows.line_num}")
    except csv.Error as error:
        raise KgError(f"{path}: row {rows.line_num}: not CSV: {error}") from None
    return dates


def _take_row(dates: dict[str, str], cells: list[str], where: str) -> None:
    if len(cells) != 2 or not cells[0]:
        raise KgError(f"{where}: {','.join(cells)[:80]!r}; want a file name and a date")
    name, stated = cells
    try:
        day = check_edtf(stated)
    except ValueError as error:
        raise KgError(f"{where}: date of {name!r}: {error}") from None
    if dates.setdefault(name, day) != day:
        raise KgError(f"{where}: {name!r} has the date {day} here and {dates[name]} above; want one")
