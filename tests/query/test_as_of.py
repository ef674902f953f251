"""Questions as of a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from kg.errors import QueryError, UnknownEntity
from kg.graph import open_reader
from kg.graph.local import LocalReader
from kg.query.as_of import MOST_OPEN, Days, open_day, read_day
from kg.query.entities import entity_card
from kg.query.names import resolve_entity

BEFORE, BETWEEN, AFTER = date(2024, 3, 1), date(2024, 3, 6), date(2024, 12, 31)


@pytest.fixture
def whole(small_store: Path) -> Iterator[LocalReader]:
    with open_reader(small_store) as reader:
        yield reader


@pytest.mark.parametrize(
    ("text", "day"), [("2024-03-06", BETWEEN), (" 2024 ", AFTER), ("2024-02", date(2024, 2, 29))]
)
def test_days_are_read(text: str, day: date) -> None:
    assert read_day(text) == day


@pytest.mark.parametrize("text", ["yesterday", "", "2024-02-30", "2024-03/.."])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(QueryError, match="YYYY-MM-DD"):
        read_day(text)


def test_an_answer_is_of_its_day(whole: LocalReader) -> None:
    with open_day(whole, BETWEEN) as then:
        facts = {(f.predicate.label, f.claim_count) for f in entity_card(then, "Hallen Air Base").facts_out}
        assert facts == {("formerName", 0), ("operatedBy", 1)}
    assert len(entity_card(whole, "Hallen Air Base").documents) == 2
    with open_day(whole, BEFORE) as then, pytest.raises(UnknownEntity, match="published by 2024-03-01"):
        resolve_entity(then, "Hallen Air Base")


def test_a_day_has_no_days(whole: LocalReader) -> None:
    with open_day(whole, BETWEEN) as then, pytest.raises(QueryError, match="2024-03-06 already"):
        open_day(then, BEFORE)


def test_few_days_stay_open_and_none_in_use_is_closed(whole: LocalReader) -> None:
    days = Days(whole)
    with days.on(BETWEEN) as then:
        for month in range(4, 5 + MOST_OPEN):
            with days.on(date(2024, month, 1)):
                pass
        assert days.find(BETWEEN) is None
        assert then.documents()
        days.close()
        assert then.documents()
    with pytest.raises(Exception, match="closed"):
        then.documents()


def test_a_day_in_use_is_shared(whole: LocalReader) -> None:
    days = Days(whole)
    with days.on(BETWEEN) as one, days.on(BETWEEN) as other:
        assert one is other
        days.hold(one)
        days.release(one)
    days.close()
