from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from kg.errors import QueryError
from kg.graph import open_reader
from kg.graph.store import StoreReader
from kg.query.nodes import Value
from kg.query.plans import plans, to_csv, to_triples


def test_a_plan_stands_beside_what_came_of_it(reader: StoreReader) -> None:
    found = plans(reader)
    assert found.totals == {"moved": 1, "cancelled": 0, "overdue": 0, "kept": 1}
    moved, kept = found.items
    assert isinstance(moved.plan.object, Value)
    assert (moved.plan.object.value, moved.came, moved.days) == ("2024-04", "moved", -4)
    assert moved.plan.attribution == "an aide"
    assert moved.outcome is not None
    assert isinstance(moved.outcome.object, Value)
    assert moved.outcome.object.value == "2024-03-28"
    assert (kept.came, kept.days) == ("kept", None)
    assert isinstance(kept.plan.object, Value)
    assert kept.plan.object.value == "2024-03-21/2024-03-31"


def test_plans_of_one_kind_or_around_one_thing(reader: StoreReader) -> None:
    assert [p.came for p in plans(reader, kind="kept").items] == ["kept"]
    assert plans(reader, "Ole Brandt").total == 2
    assert plans(reader, "Hallen Air Base").total == 0
    assert plans(reader, limit=1, offset=1).items == plans(reader).items[1:]
    with pytest.raises(QueryError, match=r"kind 'late'.*moved, cancelled, overdue, kept"):
        plans(reader, kind="late")


def test_tables_have_both_sentences(reader: StoreReader) -> None:
    found = plans(reader)
    rows = list(csv.DictReader(io.StringIO(to_csv(found).decode("utf-8"))))
    assert [r["came"] for r in rows] == ["moved", "kept"]
    assert rows[0]["days"] == "-4"
    assert "plans to meet Brandt" in rows[0]["quote_planned"]
    assert "met Brandt in Portal City" in rows[0]["quote_outcome"]
    assert len({t.subject for t in to_triples(reader, found)}) == 3


def test_the_seeds_have_a_meeting_that_came_early(seed_store: Path) -> None:
    reader = open_reader(seed_store)
    try:
        early = [p for p in plans(reader, "Gen Nakatani", kind="moved").items if p.event.subkind == "Meeting"]
        assert [p.days for p in early] == [-2]
        assert early[0].plan.document.as_of == "2025-02-28"
    finally:
        reader.close()
