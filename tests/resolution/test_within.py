"""Who is who within one document."""

from __future__ import annotations

from kg.model import Document, Extraction
from kg.pipeline import Extractor

_EXTRACTOR = Extractor()


def read(text: str, issued: str | None = None) -> Extraction:
    return _EXTRACTOR.extract(Document(("t",), text, issued))


def referents(extraction: Extraction, surface: str) -> set[str]:
    return {m.entity_iri.rsplit("/", 1)[1] for m in extraction.mentions if m.text == surface}


def test_a_surname_is_the_person_last_named_with_it() -> None:
    extraction = read("Foreign Minister Penny Wong spoke in Suva. Wong then left for Nadi.")
    assert referents(extraction, "Wong") == {"penny-wong"}


def test_name_order_does_not_matter() -> None:
    first = read("Japanese Foreign Minister Iwaya Takeshi spoke.")
    second = read("Japanese Foreign Minister Takeshi Iwaya spoke.")
    assert [e.iri for e in first.entities if e.kind == "Person"] == [
        e.iri for e in second.entities if e.kind == "Person"
    ]


def test_middle_initials_do_not_make_another_person() -> None:
    extraction = read("Secretary Lloyd J. Austin spoke. Lloyd Austin left. Austin returned.")
    assert len({e.iri for e in extraction.entities if e.kind == "Person"}) == 1


def test_two_people_with_one_surname_stay_two() -> None:
    extraction = read("President Bongbong Marcos met Senator Imee Marcos in Manila.")
    assert len({e.iri for e in extraction.entities if e.kind == "Person"}) == 2


def test_a_single_name_without_a_full_one_is_known_in_its_document_only() -> None:
    extraction = read("Foreign Minister Fidan spoke.")
    (person,) = [e for e in extraction.entities if e.kind == "Person"]
    assert "." in person.iri.rsplit("/", 1)[1]


def test_a_role_with_a_country_is_its_holder_and_tells_the_country_of_the_office() -> None:
    extraction = read(
        "Defence Minister Hanno Pevkur met U.S. Defense Secretary Pete Hegseth in Brussels. "
        "The Estonian minister promised more spending."
    )
    assert referents(extraction, "Estonian minister") == {"hanno-pevkur"}
    offices = {
        (c.subject.rsplit("/", 1)[1], str(c.object)) for c in extraction.claims if c.predicate == "officeOf"
    }
    assert ("minister-of-defense-ee", "https://kg.example/id/place/ee") in offices


def test_a_group_is_the_two_people_it_fits() -> None:
    extraction = read(
        "Defence Minister Hanno Pevkur and Defence Minister Pål Jonson met in Tallinn. The two ministers signed a pact."
    )
    assert referents(extraction, "two ministers") == {"hanno-pevkur", "jonson-pal"}


def test_a_base_is_one_under_its_names() -> None:
    extraction = read("Marines left Marine Corps Air Station Tavrin. The Tavrin base will close.")
    assert len({e.iri for e in extraction.entities if e.kind == "Facility"}) == 1


def test_one_event_in_several_sentences_is_one() -> None:
    extraction = read(
        "Foreign Minister Penny Wong and Foreign Minister Winston Peters held talks in Suva on 4 May 2025. "
        "The talks lasted two hours. During the meeting, Wong and Peters agreed to share data.",
    )
    meetings = [e for e in extraction.entities if e.subkind == "Meeting"]
    assert len(meetings) == 1


def test_events_on_different_days_stay_two() -> None:
    extraction = read(
        "Foreign Minister Penny Wong met Foreign Minister Winston Peters in Suva on 4 May 2025. "
        "Wong met Peters in Nadi on 9 June 2024.",
    )
    assert len([e for e in extraction.entities if e.subkind == "Meeting"]) == 2


def test_no_day_is_taken_from_the_clock() -> None:
    extraction = read("Penny Wong will visit Fiji next month.")
    assert extraction.as_of is None
    assert not [c for c in extraction.claims if c.predicate == "date"]


def test_relative_days_are_seen_from_an_inferred_day() -> None:
    extraction = read("Penny Wong met Winston Peters in Suva on 9 May 2025. On Monday, Wong visited Nadi.")
    assert (extraction.as_of, extraction.as_of_basis) == ("2025-05-09", "inferred")
    assert "2025-05-05" in {getattr(c.object, "value", None) for c in extraction.claims}
