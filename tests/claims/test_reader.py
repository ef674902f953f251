"""Claims of short texts through the stages, on people and places that the patterns were not written for."""

from __future__ import annotations

import pytest

from kg.model import Document
from kg.pattern_checks import claims_in_words
from kg.pipeline import Extractor

_EXTRACTOR = Extractor()

Words = tuple[str, str, str, str]


def claims(text: str, issued: str | None = None) -> set[Words]:
    return claims_in_words(_EXTRACTOR.extract(Document(("t",), text, issued)))


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        (
            "Estonia's Defence Forces will buy radars.",
            ("Estonian Defence Forces", "partOf", "Estonia", "Asserted"),
        ),
        ("The Kenya Navy sent a boat.", ("Kenya Navy", "partOf", "Kenya", "Asserted")),
        (
            "Former Prime Minister Sanna Marin spoke.",
            ("Sanna Marin", "holdsOffice", "Prime Minister", "Former"),
        ),
        (
            "Lithuanian President Gitanas Nausėda spoke.",
            ("Gitanas Nausėda", "holdsOffice", "President, Lithuania", "Asserted"),
        ),
        ("The Japan-Australia alliance is young.", ("Japan", "alliedWith", "Australia", "Asserted")),
        ("They toured the Greek island of Rhodes.", ("Rhodes", "locatedIn", "Greece", "Asserted")),
        (
            "The Strategic Coordination Command was established in 2019.",
            ("Strategic Coordination Command", "establishedOn", "2019", "Asserted"),
        ),
        (
            "The commander of U.S. European Command, Gen. Alexus Grynkewich, spoke.",
            ("Commander, U.S. European Command", "officeOf", "U.S. European Command", "Asserted"),
        ),
    ],
)
def test_says(text: str, claim: Words) -> None:
    assert claim in claims(text)


@pytest.mark.parametrize(
    ("text", "relation"),
    [
        ("U.S. Forces Korea held a drill.", "locatedIn"),
        ("The French company Naval Group sold boats.", "partOf"),
        ("Former Prime Minister Sanna Marin spoke.", "officeOf"),
        ("China views Taiwan as a province.", "locatedIn"),
    ],
)
def test_does_not_say(text: str, relation: str) -> None:
    assert relation not in {c[1] for c in claims(text)}


def test_a_plan_is_not_told_as_a_fact() -> None:
    said = claims(
        "Foreign Minister Penny Wong is expected to meet Foreign Minister Winston Peters in Suva next week.",
        "2025-05-05",
    )
    of_event = {c for c in said if c[1] in {"participant", "location", "date", "status"}}
    assert {c[3] for c in of_event} == {"Planned"}
    assert {c[2] for c in of_event if c[1] == "participant"} >= {"Penny Wong", "Winston Peters"}


def test_what_is_said_by_a_source_carries_it() -> None:
    document = Document(
        ("t",), "Penny Wong will visit Fiji in June, according to Fijian officials.", "2025-05-05"
    )
    extraction = _EXTRACTOR.extract(document)
    visit = [c for c in extraction.claims if c.predicate == "location"]
    assert [c.attribution for c in visit] == ["Fijian officials"]


def test_every_claim_has_evidence_that_stands_in_the_text() -> None:
    text = "“Kenyan Defence Minister Soipan Tuya” met\nher counterpart Pål Jonson in Nairobi on 3 May 2025."
    extraction = _EXTRACTOR.extract(Document(("t",), text))
    assert extraction.claims
    for claim in extraction.claims:
        for span in claim.evidence:
            assert 0 <= span.start < span.end <= len(text)
    for mention in extraction.mentions:
        assert text[mention.span.start : mention.span.end].replace("\n", " ").split() == mention.text.split()


def test_a_claim_that_does_not_fit_the_vocabulary_is_refused_with_the_reason() -> None:
    extraction = _EXTRACTOR.extract(
        Document(("t",), "Penny Wong succeeded the Royal Australian Navy in 2001.")
    )
    assert not [c for c in extraction.claims if c.predicate == "replaces" and "person" not in str(c.object)]


@pytest.mark.parametrize(
    "text", ["", " \n\n ", "…", "a" * 5000, "(((((", "\u200b\u200b", "1 2 3", "\"' ' \""]
)
def test_odd_texts_are_read_without_claims(text: str) -> None:
    assert claims(text) == set()
