from __future__ import annotations

from datetime import date, timedelta

import pytest
from edtf import parse_edtf
from edtf.parser.edtf_exceptions import EDTFParseException
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.days import Days, find_days, find_plausible_days


@pytest.mark.parametrize(
    ("value", "first", "last"),
    [
        ("2025-03-30", "2025-03-30", "2025-03-30"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("1996", "1996-01-01", "1996-12-31"),
        ("2025-03~", "2025-03-01", "2025-03-31"),
        ("2025?", "2025-01-01", "2025-12-31"),
        ("2025-03-21/2025-03-31", "2025-03-21", "2025-03-31"),
        ("2025-04/..", "2025-04-01", None),
        ("2025-04/", "2025-04-01", None),
        ("../2024", None, "2024-12-31"),
        ("198X", "1980-01-01", "1989-12-31"),
        ("2024-21", "2024-03-01", "2024-05-31"),
    ],
)
def test_days_covered(value: str, first: str | None, last: str | None) -> None:
    days = find_days(value)
    assert days is not None
    assert (days.first and days.first.isoformat(), days.last and days.last.isoformat()) == (first, last)


@pytest.mark.parametrize("value", ["", "soon", "2025-13", "2025-02-30", "2025-05/2025-03", "30 March 2025"])
def test_what_is_no_date(value: str) -> None:
    assert find_days(value) is None


def test_years_beyond_the_calendar_are_open() -> None:
    assert find_days("Y-10000") == Days(None, None)


@settings(deadline=None, max_examples=20)
@given(st.dates(min_value=date(1, 1, 1)), st.integers(0, 4000))
def test_an_interval_covers_its_ends(first: date, length: int) -> None:
    last = min(first + timedelta(days=min(length, (date.max - first).days)), date.max)
    assert find_days(f"{first.isoformat()}/{last.isoformat()}") == Days(first, last)
    assert find_days(first.isoformat()) == Days(first, first)


@settings(deadline=None, max_examples=30)
@given(st.from_regex(r"(19|20)\d\d(-[01]\d(-[0-3]\d)?)?[~?%]?", fullmatch=True))
def test_the_short_way_agrees_with_the_grammar(value: str) -> None:
    short = find_days(value)
    try:
        parsed = parse_edtf(value)
        expected = Days(date(*parsed.lower_strict()[:3]), date(*parsed.upper_strict()[:3]))
    except (EDTFParseException, ValueError):
        assert short is None
    else:
        assert short == expected


def test_an_approximate_date_may_mean_its_neighbours() -> None:
    march, april = find_plausible_days("2025-03~"), find_plausible_days("2025-04-10")
    assert march is not None
    assert april is not None
    assert march.overlaps(april)
    exact = find_plausible_days("2025-03")
    assert exact is not None
    assert not exact.overlaps(april)


@given(*[st.one_of(st.none(), st.dates())] * 4)
def test_overlap_is_symmetric(a: date | None, b: date | None, c: date | None, d: date | None) -> None:
    assert Days(a, b).overlaps(Days(c, d)) == Days(c, d).overlaps(Days(a, b))


@pytest.mark.parametrize(
    ("value", "first", "last"),
    [
        ("2024/2025-02", "2024-01-01", "2025-02-28"),
        ("2024-02-29/2024-03", "2024-02-29", "2024-03-31"),
        ("2024-05~/2025?", "2024-05-01", "2025-12-31"),
        ("2024-05/2024-05", "2024-05-01", "2024-05-31"),
        ("../2024-05", None, "2024-05-31"),
        ("2024-05/", "2024-05-01", None),
    ],
)
def test_plain_intervals_are_read_as_the_grammar_reads_them(
    value: str, first: str | None, last: str | None
) -> None:
    days = find_days(value)
    assert days is not None
    assert [day and day.isoformat() for day in days] == [first, last]


@pytest.mark.parametrize("value", ["2025/2024", "2024-13/2025", "2023-02-29/2024", "2024-05/x"])
def test_what_is_no_interval_covers_nothing(value: str) -> None:
    assert find_days(value) is None
