"""Who is who among people of one name."""

from __future__ import annotations

from kg.model import Document, Extraction
from kg.pipeline import Extractor

_EXTRACTOR = Extractor()


def read(text: str) -> Extraction:
    return _EXTRACTOR.extract(Document(("t",), text, None))


def referents(extraction: Extraction, surface: str) -> set[str]:
    return {m.entity_iri.rsplit("/", 1)[1] for m in extraction.mentions if m.text == surface}


def test_an_address_tells_two_people_of_one_surname_apart() -> None:
    extraction = read(
        "Ms. Lena Brandvold and Mr. Odd Brandvold testified. Ms. Brandvold wept. Mr. Brandvold did not."
    )
    spoken_of = [m.entity_iri.rsplit("/", 1)[1] for m in extraction.mentions if m.text == "Brandvold"]
    assert spoken_of == ["brandvold-lena", "brandvold-odd"]


def test_the_end_of_a_name_is_its_bearer() -> None:
    extraction = read("Mr. Johan van der Merwe spoke in Pretoria. Mr. van der Merwe gave no date.")
    assert referents(extraction, "van der Merwe") == referents(extraction, "Johan van der Merwe")


def test_other_names_with_one_word_in_common_are_other_people() -> None:
    extraction = read("Mr. Johan van der Merwe met Mr. Piet van der Berg in Pretoria.")
    people = {e.iri for e in extraction.entities if e.kind == "Person"}
    assert len(people) == 2
