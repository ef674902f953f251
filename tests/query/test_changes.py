"""What changed from one day to another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from kg.errors import QueryError
from kg.graph import open_reader
from kg.query.as_of import Days
from kg.query.changes import Diff, diff
from kg.query.nodes import Node, Value

EARLY, PLANNED, HELD = date(2024, 3, 1), date(2024, 3, 6), date(2024, 3, 29)


@pytest.fixture(scope="module")
def compare(small_store: Path) -> Iterator[Callable[..., Diff]]:
    with open_reader(small_store) as reader:
        days = Days(reader)
        yield lambda *arguments, **options: diff(reader, days, *arguments, **options)
        days.close()


def text(term: Node | Value) -> str:
    return term.value if isinstance(term, Value) else term.label


def test_nothing_changes_on_the_same_day(compare: Callable[..., Diff]) -> None:
    found = compare(PLANNED, PLANNED)
    assert set(found.totals.values()) == {0}
    assert (found.documents, found.learned) == ((), ())


def test_what_a_plan_taught(compare: Callable[..., Diff]) -> None:
    found = compare(EARLY, PLANNED)
    assert [d.identifiers for d in found.documents] == [("a/plan.txt",)]
    learned = {(text(f.subject), f.predicate.label, text(f.object)) for f in found.learned}
    assert ("Hallen Air Base", "operatedBy", "Norland") in learned
    assert "Hallen Air Base" in {e.label for e in found.entities}
    operated = next(f for f in found.learned if f.predicate.label == "operatedBy")
    assert operated.claim is not None
    assert operated.claim.passages[0].quote == "Hallen Air Base near Portal City is run by Norland."


def test_contradictions_that_appear(compare: Callable[..., Diff]) -> None:
    found = compare(PLANNED, HELD)
    assert [c.kind for c in found.contradictions] == ["denied"]
    assert compare(PLANNED, HELD, entity="Portal City").contradictions == ()


def test_of_one_thing_and_of_the_events_it_is_part_of(compare: Callable[..., Diff]) -> None:
    found = compare(EARLY, HELD, entity="Ole Brandt")
    assert found.totals["learned"] == len(found.learned) > 0
    ends = {text(f.object) for f in found.learned}
    assert "2024-03-28" in ends
    assert "Hallen Air Base" not in {f.subject.label for f in found.learned}


def test_limits_and_totals(compare: Callable[..., Diff]) -> None:
    found = compare(EARLY, limit=1)
    assert len(found.entities) == 1 < found.totals["entities"]
    assert found.until is None
    with pytest.raises(QueryError, match="earlier day first"):
        compare(HELD, EARLY)
    with pytest.raises(QueryError, match="limit=0"):
        compare(EARLY, limit=0)
