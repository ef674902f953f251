"""Who is who across documents: a function of all that they say, in any order."""

from __future__ import annotations

import itertools

from kg.model import Document, Extraction
from kg.pipeline import Extractor
from kg.resolution import decide_identity

_EXTRACTOR = Extractor()


def read(text: str, issued: str) -> Extraction:
    return _EXTRACTOR.extract(Document((issued,), text, issued))


FULL = read("Turkish Foreign Minister Hakan Fidan spoke in Ankara.", "2025-01-01")
SINGLE = read("Foreign Minister Fidan spoke in Oslo.", "2025-01-02")
PLAN = read("Penny Wong and Winston Peters will hold a meeting in Suva in late May.", "2025-05-05")
HELD = read("Penny Wong and Winston Peters held a meeting in Suva on 2 June 2025.", "2025-06-03")
OTHER = read("Penny Wong and Winston Peters held a meeting in Apia on 20 November 2025.", "2025-11-21")


def test_a_single_name_with_the_same_post_is_the_full_one() -> None:
    identity = decide_identity([FULL, SINGLE])
    single = next(e.iri for e in SINGLE.entities if e.kind == "Person")
    assert identity[single] == "https://kg.example/id/person/fidan-hakan"


def test_a_single_name_that_fits_two_people_is_left_alone() -> None:
    rival = read("Syrian Foreign Minister Omar Fidan spoke in Damascus.", "2025-01-03")
    single = next(e.iri for e in SINGLE.entities if e.kind == "Person")
    assert single not in decide_identity([FULL, SINGLE, rival])


def test_an_office_without_a_country_is_the_one_of_its_holder() -> None:
    identity = decide_identity([FULL, SINGLE])
    office = next(e.iri for e in SINGLE.entities if e.kind == "Office")
    assert identity[office].endswith("/office/minister-of-foreign-affairs-tr")


def meeting(extraction: Extraction) -> str:
    return next(e.iri for e in extraction.entities if e.subkind == "Meeting")


def test_a_plan_is_the_event_that_came_of_it() -> None:
    identity = decide_identity([PLAN, HELD, OTHER])
    final = {identity.get(meeting(x), meeting(x)) for x in (PLAN, HELD)}
    assert len(final) == 1
    assert identity.get(meeting(OTHER), meeting(OTHER)) not in final


def test_the_order_of_documents_does_not_matter() -> None:
    all_of_them = [FULL, SINGLE, PLAN, HELD, OTHER]
    decided = {tuple(decide_identity(order).items()) for order in itertools.permutations(all_of_them)}
    assert len(decided) == 1
