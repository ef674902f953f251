"""Agreements in one document: which are told of, which mentions are one, whom they bind, what they are about."""

from __future__ import annotations

import pytest

from kg.model import Document, Extraction, Literal
from kg.pipeline import Extractor

_EXTRACTOR = Extractor()
_DAY = "2025-06-12"


def read(text: str) -> Extraction:
    return _EXTRACTOR.extract(Document(("t",), text, _DAY))


def said(text: str, relation: str, modality: str = "Asserted") -> set[str]:
    """The objects of all claims of `relation` that an agreement is the subject of."""
    extraction = read(text)
    first = {e.iri: e.names[0] for e in extraction.entities}
    agreements = {e.iri for e in extraction.entities if e.kind == "Agreement"}
    found = [
        c.object
        for c in extraction.claims
        if c.predicate == relation and c.modality == modality and c.subject in agreements
    ]
    return {first[o] if isinstance(o, str) else o.value for o in found}


def agreements(text: str) -> list[tuple[str, ...]]:
    return [e.names for e in read(text).entities if e.kind == "Agreement"]


@pytest.mark.parametrize(
    ("text", "parties"),
    [
        ("Kenya and Ethiopia signed a defence cooperation agreement in Addis Ababa.", "Ethiopia, Kenya"),
        ("The 2018 memorandum of understanding between Fiji and Tonga expires next year.", "Fiji, Tonga"),
        ("Paraguay withdrew from its agreement with Brazil on Monday.", "Brazil, Paraguay"),
        ("Qatar's defence agreement with Turkey was extended in 2022.", "Qatar, Türkiye"),
        ("Ministers from Estonia and Lithuania signed a joint declaration on Friday.", "Estonia, Lithuania"),
        (
            "A memorandum on rescue was signed by the defence ministers of Croatia and Jordan.",
            "Croatia, Jordan",
        ),
        ("The treaty by which Chad and Sudan created the Joint Border Force is old.", "Chad, Sudan"),
        ("The Kigali Accord was hailed. It was signed in 2023 by Rwanda and Burundi.", "Burundi, Rwanda"),
        (
            "Hungary and Kazakhstan are partners. The two sides signed a transport pact.",
            "Hungary, Kazakhstan",
        ),
        ("Belgium and Luxembourg renewed their air policing arrangement in 2019.", "Belgium, Luxembourg"),
        (
            "Slovenian Prime Minister Robert Golob and his Croatian counterpart Andrej Plenkovic signed a pact.",
            "Croatia, Slovenia",
        ),
        ("The contract, awarded to Babcock by the Royal Navy, is old.", "Babcock International, Royal Navy"),
        ("Lithuania signed a contract with Kongsberg for air defence.", "Kongsberg, Lithuania"),
        ("India has signed a logistics exchange memorandum of agreement with Nepal.", "India, Nepal"),
    ],
)
def test_who_is_a_party(text: str, parties: str) -> None:
    assert said(text, "hasParty") == set(parties.split(", "))


@pytest.mark.parametrize(
    "text",
    [
        "Nepal has rejected a defence pact with China.",
        "Analysts in Ottawa said an agreement between Canada and Denmark could come soon.",
        "The Philippines and Canada are negotiating a visiting forces agreement.",
        "Kosovo called for a peace agreement with Serbia.",
        "Talks on a free trade agreement between India and Oman resumed.",
        "A proposed basing agreement between Poland and Latvia was shelved.",
        "Turkish ministers discussed the North Atlantic Treaty with Ukraine.",
        "There is no treaty between India and Bhutan.",
        "Iran denied that it had signed a pact with Syria.",
        "Bangladesh's army chief praised the peace agreement in Dhaka.",
    ],
)
def test_an_agreement_that_is_not_made_binds_nobody(text: str) -> None:
    assert said(text, "hasParty") == set()


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        ("Ghana and Togo concluded an accord on the Keta Lagoon.", "Keta Lagoon"),
        ("Under the 2009 agreement, Kyrgyzstan leases Kant Air Base to Russia.", "Kant Air Base"),
        ("Peru and Chile agreed in 1929 that Tacna would return to Peru.", "Tacna"),
        ("They signed a pact on pilot training at Szolnok Air Base with Peru.", "Szolnok Air Base"),
        ("Oman and Iran signed the Sur Accord in Muscat.", ""),
        ("Georgia and Armenia signed an agreement on closer relations.", ""),
    ],
)
def test_what_it_is_about(text: str, topics: str) -> None:
    assert said(text, "concerns") == ({topics} if topics else set())


def test_one_agreement_under_several_names() -> None:
    text = (
        "Tunisia and Libya agreed a maritime boundary deal in May. The deal was signed in Sfax on Monday. "
        "It entered into force on 1 June 2025."
    )
    assert len(agreements(text)) == 1
    assert said(text, "inForceFrom") == {"2025-06-01"}
    assert said(text, "signedOn") == {"2025-06-09"}


def test_a_name_in_parentheses_is_that_of_what_is_described() -> None:
    text = "This concerns the Agreement between Norway and Finland concerning rescue (the Tana Agreement)."
    assert agreements(text) == [("Tana Agreement",)]
    assert said(text, "hasParty") == {"Norway", "Finland"}


def test_an_acronym_of_a_lower_case_agreement() -> None:
    text = "India signed a logistics exchange memorandum of agreement (LEMOA) with Nepal. LEMOA is in force."
    assert len(agreements(text)) == 1


def test_agreements_with_other_parties_are_others() -> None:
    text = "The agreement with Oman is separate from the agreement with Qatar."
    assert len(agreements(text)) == 2


def test_a_later_agreement_of_another_year_is_another() -> None:
    text = "Fiji and Tonga signed a fisheries agreement in 2001. Under the 2018 fisheries agreement, both patrol."
    assert len(agreements(text)) == 2


@pytest.mark.parametrize(
    "text",
    [
        "They want an agreement.",
        "The contract soldiers left, and treaty obligations were met.",
        "A plan for the future is needed.",
        "The pact matters.",
    ],
)
def test_what_says_nothing_is_no_agreement(text: str) -> None:
    assert agreements(text) == []


@pytest.mark.parametrize(
    ("text", "date"),
    [
        (
            "The protocol of 4 June 2021, by which Georgia and Armenia set up a commission, holds.",
            "2021-06-04",
        ),
        ("Under a memorandum of understanding of 2018, Fiji trains sailors.", "2018"),
        ("Botswana and Angola signed the Kunene Accord in 2004.", "2004"),
        ("Botswana ratified the Kunene Accord in 2004.", None),
    ],
)
def test_when_it_was_made(text: str, date: str | None) -> None:
    assert said(text, "date") == ({date} if date else set())


def test_an_agreement_ends() -> None:
    assert said("The Lajes Agreement expired in February 1991.", "endedOn") == {"1991-02"}
    assert said("Chad terminated its defence agreement with France in 2024.", "endedOn") == {"2024"}


def test_what_replaces_an_agreement_is_another() -> None:
    text = (
        "Brazil and Peru signed the Memorandum of Understanding on Amazon Patrols (the MoU). "
        "The MoU replaces the arrangement concluded in 2011 and will enter into force next year."
    )
    extraction = read(text)
    dates = {
        name
        for c in extraction.claims
        if c.predicate == "date" and isinstance(c.object, Literal) and c.object.value == "2011"
        for e in extraction.entities
        if e.iri == c.subject
        for name in e.names
    }
    assert not any("Memorandum" in name or "Brazil" in name for name in dates)
