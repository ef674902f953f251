"""Who stayed away, or is said to have: the participation is denied, the event is not."""

from __future__ import annotations

import pytest

from kg.model import Document
from kg.pipeline import Extractor
from kg.text.reader import OWN, Reader


@pytest.fixture(scope="module")
def extractor(parser: Reader) -> Extractor:
    return Extractor(model=OWN)


def attendance(extractor: Extractor, text: str, person: str) -> tuple[set[str], set[str]]:
    """(how the person's participation is put, what became of the events)."""
    extraction = extractor.extract(Document(("x",), text, "2026-03-03"))
    iris = {e.iri for e in extraction.entities if person in e.names}
    events = {c.subject for c in extraction.claims if c.predicate == "participant" and c.object in iris}
    return (
        {str(c.modality) for c in extraction.claims if c.predicate == "participant" and c.object in iris},
        {
            str(c.object).rpartition("#")[2]
            for c in extraction.claims
            if c.predicate == "status" and c.subject in events
        },
    )


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("General Samuel Okello did not attend the summit in Accra on Monday.", "Samuel Okello"),
        ("Uganda denied that General Peter Okello had attended the talks in Kigali.", "Peter Okello"),
        ("Uganda denied that its army chief, General Peter Okello, had attended the talks.", "Peter Okello"),
        ("The minister denied reports that Colonel Paul Bo joined the talks.", "Paul Bo"),
        ("Colonel Luis Paz declined to attend the drill.", "Luis Paz"),
        ("Colonel Ana Ruiz, who did not attend the conference in Quito, is on leave.", "Ana Ruiz"),
        ("Brazil denied that Minister Ana Lima attended the ceremony in Cusco.", "Ana Lima"),
    ],
)
def test_who_stayed_away(extractor: Extractor, text: str, person: str) -> None:
    assert attendance(extractor, text, person) == ({"Denied"}, {"held"})


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("General Bo Lin attended the ceremony in Hanoi, which General Ko Aye did not.", "Bo Lin"),
        ("Minister Ana Lima attended the talks in Cusco and did not comment.", "Ana Lima"),
        ("General Peter Okello, who denied the report, attended the talks in Kigali.", "Peter Okello"),
    ],
)
def test_who_was_there(extractor: Extractor, text: str, person: str) -> None:
    assert attendance(extractor, text, person)[0] == {"Asserted"}
