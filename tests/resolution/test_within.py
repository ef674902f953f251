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


def facts(extraction: Extraction, predicate: str) -> set[tuple[str, str, str]]:
    return {
        (c.subject.rsplit("/", 1)[1], str(c.object).rsplit("/", 1)[-1], c.modality.value)
        for c in extraction.claims
        if c.predicate == predicate
    }


def test_two_holders_of_a_bare_title_hold_two_offices() -> None:
    extraction = read("President Xi Jinping met President Vladimir Putin in Kazan.")
    offices = {o for _, o, _ in facts(extraction, "holdsOffice")}
    assert len(offices) == 2


def test_a_bare_title_is_the_post_its_holder_was_introduced_with() -> None:
    extraction = read("Chilean Defence Minister Maya Fernández spoke. Minister Fernández then left.")
    assert {o for _, o, _ in facts(extraction, "holdsOffice")} == {"minister-of-defense-cl"}


def test_the_host_of_an_ambassador_is_not_whose_post_it_is() -> None:
    extraction = read("Turkish Ambassador to Egypt Salih Mutlu Şen spoke in Cairo.")
    assert facts(extraction, "officeOf") == {("ambassador-to-egypt-tr", "tr", "Asserted")}


def test_facilities_that_share_a_town_stay_apart() -> None:
    extraction = read("Ships left Tavrin Naval Base. Flights from Tavrin Airport were late.")
    assert len([e for e in extraction.entities if e.kind == "Facility"]) == 2


def test_ministries_are_of_the_capital_where_they_are_placed() -> None:
    extraction = read("The Defense Ministry in Tokyo said nothing. The Defense Ministry in Seoul said more.")
    ministries = {e.iri.rsplit("/", 1)[1] for e in extraction.entities if e.subkind == "Ministry"}
    assert len(ministries) == 2


def test_an_embassy_is_known_in_its_document_only() -> None:
    first = read("The U.S. Embassy in Doha was closed.")
    second = read("The U.S. Embassy in Baku was open.")
    iris = [next(e.iri for e in x.entities if "mbassy" in e.names[0]) for x in (first, second)]
    assert iris[0] != iris[1]


def test_a_membership_that_is_denied_is_not_asserted() -> None:
    assert {m for *_, m in facts(read("Norway is not a member of ASEAN."), "memberOf")} == {"Denied"}


def test_the_country_that_owns_a_base_in_words_is_where_it_lies() -> None:
    extraction = read("Troops arrived at Germany's Quarrin Air Base.")
    assert facts(extraction, "operatedBy") == set()
    assert ("quarrin-air-base", "de", "Asserted") in facts(extraction, "locatedIn")


def test_an_elect_holds_the_office_later() -> None:
    extraction = read("Indonesian President-elect Prabowo Subianto visited Ankara on 3 July 2024.")
    assert {m for *_, m in facts(extraction, "holdsOffice")} == {"Planned"}
    assert not [e for e in extraction.entities if e.subkind == "Election"]


def test_a_town_named_like_a_word_is_not_found_in_every_republic() -> None:
    extraction = read("Officials of the Republic of Moldova met in March last year.")
    assert not [e for e in extraction.entities if e.subkind == "City"]


def test_a_lone_noun_is_the_body_of_its_kind_spoken_of_last() -> None:
    extraction = read("The Tarvola Fisheries Agency closed the bay. The agency gave no reason.")
    assert referents(extraction, "agency") == referents(extraction, "Tarvola Fisheries Agency")
    assert referents(read("The agency gave no reason."), "agency") == set()
