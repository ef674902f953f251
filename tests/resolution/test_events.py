"""Which triggers of one document tell of one event, and who takes part in it."""

from __future__ import annotations

import pytest

from kg.model import Document
from kg.pipeline import Extractor

_EXTRACTOR = Extractor()


def events(text: str, issued: str | None = "2025-09-15") -> list[dict[str, set[str]]]:
    """The events in text order: class, and the names, days and statuses in each slot."""
    extraction = _EXTRACTOR.extract(Document(("t",), text, issued))
    names = {e.iri: e.names[0] for e in extraction.entities}
    first = {m.entity_iri: m.span for m in reversed(extraction.mentions)}
    out = []
    for e in sorted((e for e in extraction.entities if e.kind == "Event"), key=lambda e: first[e.iri]):
        slots: dict[str, set[str]] = {"class": {e.subkind or "Event"}}
        for c in extraction.claims:
            if c.subject == e.iri:
                value = c.object if isinstance(c.object, str) else c.object.value
                slots.setdefault(c.predicate, set()).add(names.get(value, value.rsplit("#", 1)[-1]))
        out.append(slots)
    return out


def test_visits_to_two_cities_are_two() -> None:
    found = events("Minister Penny Wong visited Suva on Monday. Wong will travel to Nadi on Friday.")
    assert [e["location"] for e in found] == [{"Suva"}, {"Nadi"}]


def test_what_was_held_and_what_is_planned_are_two() -> None:
    found = events(
        "Penny Wong met Winston Peters in Suva. Penny Wong and Winston Peters will meet again in May 2026."
    )
    assert [e["status"] for e in found] == [{"held"}, {"planned"}]


def test_ordinals_tell_meetings_apart() -> None:
    found = events("The third dialogue was held in Rabat. The second dialogue took place in Seville in 2022.")
    assert [e["location"] for e in found] == [{"Rabat"}, {"Seville"}]


def test_a_name_told_once_is_an_exercise_elsewhere() -> None:
    found = events(
        "Exercise Desert Fox began at Al Udeid Air Base on Monday. The Royal Navy of Oman joined Desert Fox."
    )
    assert len(found) == 1
    assert "Al Udeid Air Base" in found[0]["location"]


def test_who_takes_part_without_an_object_takes_part_in_what_was_spoken_of() -> None:
    (found,) = events(
        "Exercise Desert Fox began at Al Udeid Air Base on Monday. Ships of the Kuwait Naval Force took part."
    )
    assert found["participant"] == {"Kuwait Naval Force"}


def test_a_day_ahead_is_a_plan() -> None:
    (found,) = events("Minister Lim steps down on 31 January.")
    assert found["status"] == {"planned"}


@pytest.mark.parametrize(
    "words", ["allows ships of the Royal Navy to call at", "lets the Royal Navy berth at"]
)
def test_what_someone_may_do_is_no_event(words: str) -> None:
    assert events(f"The Sur Accord {words} Duqm.") == []


def test_the_one_who_speaks_takes_part() -> None:
    found = events("MINISTER AL-RUWAYEH: This afternoon we signed a protocol on navigation aids.\n")
    assert found[0]["participant"] == {"AL-RUWAYEH"}


def test_people_of_a_plural_clause() -> None:
    signing, meeting = events(
        "It still has to be signed by Philippine Defense Secretary Ramon Abueva and General Nguyen Quoc Thang, "
        "Vietnam's defense minister, who are due to meet in Da Nang in late October."
    )
    assert signing["class"] == {"Signing"}
    assert meeting["participant"] == {"Ramon Abueva", "Nguyen Quoc Thang"}
    assert meeting["status"] == {"planned"}


def test_a_stay_is_a_visit() -> None:
    (found,) = events("General Andrus Merilo was in Seoul on Wednesday.")
    assert (found["class"], found["location"]) == ({"Visit"}, {"Seoul"})
    assert events("General Andrus Merilo was in Seoul.") == []


def test_a_dateline_without_a_year_takes_it_from_the_weekday() -> None:
    text = (
        "TIRANA, Oct 16 (Adria Newswire) - Albania's prime minister arrived in Rome on Thursday. "
        "The base at Kuçova reopened in March 2024.\n"
    )
    assert _EXTRACTOR.extract(Document(("t",), text, None)).as_of == "2025-10-16"
