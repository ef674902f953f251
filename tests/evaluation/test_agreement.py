"""When strings and dates agree."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.evaluation.dates import are_compatible, find_days, same_days
from kg.evaluation.tally import Outcome, Tally
from kg.evaluation.wording import document_stem, find_all, matching_keys, normalize


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("the Ministry of Defence", "Ministry of Defense"),
        ("Japan's", "Japan"),
        ("U.S.", "United States"),
        ("the United States of America", "USA"),
        ("Élysée", "Elysee"),
        ("The Netherlands’", "netherlands"),
    ],
)
def test_wordings_that_are_one(a: str, b: str) -> None:
    assert normalize(a) == normalize(b)


def test_a_person_is_met_without_titles_and_in_any_order() -> None:
    assert matching_keys("Defense Minister Gen Nakatani", person=True) & matching_keys(
        "Nakatani", person=True
    )
    assert matching_keys("Nakatani Gen") & matching_keys("Gen Nakatani")
    assert not matching_keys("Defense Minister Gen Nakatani") & matching_keys("Nakatani")


def test_overlapping_quotes_are_all_found() -> None:
    assert find_all("aaa", "aa") == ((0, 2), (1, 3))


def test_stems_of_document_names() -> None:
    assert document_stem("a/b\\c.txt.gz") == "c"
    assert document_stem(".hidden") == ".hidden"


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2025-03~", "2025-03-01", "2025-03-31"),
        ("199X", "1990-01-01", "1999-12-31"),
        ("2025-21", "2025-03-01", "2025-05-31"),
        ("2025-24", "2025-12-01", "2026-02-28"),
        ("2025-12-31", "2025-12-31", "2025-12-31"),
        ("../2025", "0001-01-01", "2025-12-31"),
        ("[2025-03-01..2025-03-04]", "2025-03-01", "2025-03-04"),
    ],
)
def test_days_of_edtf(text: str, first: str, last: str) -> None:
    assert find_days(text) == (dt.date.fromisoformat(first), dt.date.fromisoformat(last))


@pytest.mark.parametrize("text", ["", "..", "/", "soon", "2025-02-30", "2025-13", "2026/2025", "a/b/c"])
def test_what_is_no_date_has_no_days(text: str) -> None:
    assert find_days(text) is None
    assert not are_compatible(text, text)


def test_compatible_dates() -> None:
    assert are_compatible("2025-03-30", "2025-03-21/2025-03-31")
    assert are_compatible("2025-03", "2025-03-30")
    assert not are_compatible("2025", "2025-03-30")
    assert not are_compatible("2025-03-29", "2025-03-30")
    assert same_days("2025-03", "2025-03-01/2025-03-31")


@given(st.dates(), st.dates())
def test_a_day_is_compatible_with_itself_alone(a: dt.date, b: dt.date) -> None:
    assert are_compatible(a.isoformat(), b.isoformat()) == (a == b)


def test_scores_of_nothing_are_none() -> None:
    assert Tally().score().f1 is None
    missed = Tally()
    missed.counts[Outcome.MISSED] = 1
    assert (missed.score().p, missed.score().r, missed.score().f1) == (0.0, 0.0, 0.0)
    wrong = Tally()
    wrong.counts[Outcome.WRONG] = 1
    assert (wrong.score().p, wrong.score().r) == (0.0, None)
