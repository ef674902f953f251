from __future__ import annotations

import csv
import io
from datetime import date

import pytest

from kg.errors import QueryError, UnknownEntity
from kg.graph.store import StoreReader
from kg.query.events import as_cell, timeline, to_csv, to_triples


def test_the_latest_event_comes_first_with_who_and_where(reader: StoreReader) -> None:
    found = timeline(reader)
    assert [h.date for h in found.items] == ["2024-03-28", "2024-03-03"]
    meeting = found.items[0]
    assert (meeting.status, meeting.event.subkind) == ("held", "Meeting")
    assert {n.label for n in meeting.participants} == {"Marta Lindqvist", "Ole Brandt"}
    assert [n.label for n in meeting.places] == ["Portal City"]
    assert meeting.claims > 3
    assert found.months == (("2024-03", 2, 0),)


@pytest.mark.parametrize(
    ("asked", "dates"),
    [
        ({"entity": "Ole Brandt"}, ["2024-03-28"]),
        ({"entity": "Portal City"}, ["2024-03-28"]),
        ({"types": ["PhoneCall"]}, ["2024-03-03"]),
        ({"types": ["Event"], "statuses": ["held"]}, ["2024-03-28", "2024-03-03"]),
        ({"statuses": ["planned"]}, []),
        ({"since": date(2024, 3, 4)}, ["2024-03-28"]),
        ({"until": date(2024, 3, 4)}, ["2024-03-03"]),
        ({"since": date(2024, 3, 3), "until": date(2024, 3, 3)}, ["2024-03-03"]),
        ({"limit": 1, "offset": 1}, ["2024-03-03"]),
    ],
)
def test_events_can_be_narrowed(reader: StoreReader, asked: dict[str, object], dates: list[str]) -> None:
    assert [h.date for h in timeline(reader, **asked).items] == dates  # type: ignore[arg-type]


def test_an_event_is_around_itself(reader: StoreReader) -> None:
    meeting = timeline(reader).items[0].event.iri
    assert [h.event.iri for h in timeline(reader, meeting).items] == [meeting]


def test_what_is_not_known_is_named(reader: StoreReader) -> None:
    with pytest.raises(QueryError, match=r"status 'over'.*held, ongoing"):
        timeline(reader, statuses=["over"])
    with pytest.raises(QueryError, match="type 'Party time'"):
        timeline(reader, types=["Party time"])
    with pytest.raises(UnknownEntity):
        timeline(reader, "nobody at all")


def test_tables_and_triples_hold_the_same_events(reader: StoreReader) -> None:
    found = timeline(reader)
    rows = list(csv.DictReader(io.StringIO(to_csv(found).decode("utf-8"))))
    assert [r["iri"] for r in rows] == [h.event.iri for h in found.items]
    assert rows[0]["participants"].count(";") == 1
    subjects = {str(t.subject) for t in to_triples(reader, found)}
    assert {f"<{h.event.iri}>" for h in found.items} <= subjects


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert as_cell(text) == "'" + text
    assert as_cell("x" + text) == "x" + text
