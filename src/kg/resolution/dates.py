"""First and last day of EDTF dates (Library of Congress EDTF, levels 0 and 1)."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from edtf import parse_edtf
from edtf.parser.edtf_exceptions import EDTFParseException

_OPEN_PAST, _OPEN_FUTURE = date.min, date.max


@lru_cache(maxsize=4096)
def day_range(edtf: str) -> tuple[date, date] | None:
    """(first day, last day) that the EDTF date covers, or None if `edtf` is not one.

    An open start or end is `date.min` or `date.max`; "~" and "?" do not widen the range.

    >>> day_range("2025-02")
    (datetime.date(2025, 2, 1), datetime.date(2025, 2, 28))
    >>> day_range("2025-03-21/2025-03-31")[0].isoformat()
    '2025-03-21'
    """
    try:
        parsed = parse_edtf(edtf)
        low, high = parsed.lower_strict(), parsed.upper_strict()
    except (EDTFParseException, ValueError, AttributeError, TypeError):
        return None
    first = _as_date(low, _OPEN_PAST) if not edtf.startswith(("/", "../")) else _OPEN_PAST
    last = _as_date(high, _OPEN_FUTURE) if not edtf.endswith(("/", "/..")) else _OPEN_FUTURE
    return (first, last) if first <= last else None


def _as_date(value: object, default: date) -> date:
    try:
        year, month, day = (int(getattr(value, name)) for name in ("tm_year", "tm_mon", "tm_mday"))
        return date(year, month, day)
    except (AttributeError, TypeError, ValueError):
        return default


def covers_common_day(a: str, b: str) -> bool:
    """Whether two EDTF dates can mean one day, with a day's grace for time zones.

    >>> covers_common_day("2025-03-30", "2025-03"), covers_common_day("2025-02-07", "2025-03-30")
    (True, False)
    """
    first, second = day_range(a), day_range(b)
    if first is None or second is None:
        return True
    grace = timedelta(days=1)
    return _before(first[0], second[1], grace) and _before(second[0], first[1], grace)


def _before(first: date, last: date, grace: timedelta) -> bool:
    return last == _OPEN_FUTURE or first == _OPEN_PAST or first <= last + grace
