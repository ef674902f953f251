"""Words that tell of an event only with certain arguments, or of another one than their own."""

from __future__ import annotations

import pytest

from kg.model import Document
from kg.pipeline import Extractor


@pytest.fixture(scope="module")
def extractor() -> Extractor:
    return Extractor()


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("On Monday North Korea fired two ballistic missiles into the sea off Wonsan.", {"Event"}),
        ("Houthi forces fired rockets at the port of Eilat on 3 May 2024.", {"Attack"}),
        ("President Dina Boluarte fired Defence Minister Jorge Chávez on 3 May 2024.", {"Appointment"}),
        ("HMNZS Canterbury will make a four-day call at Apia in May 2025.", {"Visit"}),
        ("Minister Sato had a call with Foreign Minister Park Jin on 3 May 2024.", {"PhoneCall"}),
        ("Ghana's call for restraint was heard.", set()),
        ("INS Tabar and HMS Lancaster sailed together in the Arabian Sea on 3 May 2024.", {"Exercise"}),
        ("Rwandan engineers trained alongside Tanzanian sappers in Msata in March 2024.", {"Exercise"}),
        ("Sergeant Lee trained as a nurse.", set()),
        ("The ministers reviewed the work of the Binational Committee on Defence.", set()),
        ("Work has begun on a new runway at Camp Simba.", {"Construction"}),
        ("The Knesset voted on 3 May 2024 to extend the ban.", {"Event"}),
        ("Serbia's Defence Ministry called it unhelpful in a statement on Tuesday.", {"Announcement"}),
    ],
)
def test_class_by_arguments(extractor: Extractor, text: str, classes: set[str]) -> None:
    extraction = extractor.extract(Document(("x",), text, "2024-05-06"))
    assert {e.subkind or "Event" for e in extraction.entities if e.kind == "Event"} == classes
