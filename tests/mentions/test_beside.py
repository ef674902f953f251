"""Names beside descriptions, wholes in names, events with a name of their own, groups of bodies."""

from __future__ import annotations

from functools import cache

import pytest

from kg.catalog import load_catalog
from kg.model import Document, Extraction, Literal
from kg.pipeline import Extractor
from kg.text.reader import OWN


@cache
def _extractor() -> Extractor:
    return Extractor(model=OWN, catalog=load_catalog())


def extract(text: str) -> Extraction:
    """What is read in `text`."""
    return _extractor().extract(Document(("text",), text, "2025-05-05"))


def claims(text: str) -> set[str]:
    """All claims but status, as ``subject | relation | object``; an event goes by its class."""
    extraction = extract(text)
    names = {e.iri: e.subkind or e.kind if e.kind == "Event" else e.names[0] for e in extraction.entities}
    out = set()
    for c in extraction.claims:
        value = c.object.value if isinstance(c.object, Literal) else names.get(c.object, "")
        out.add(f"{names[c.subject]} | {c.predicate} | {value}")
    return out


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "The minelayer berthed at Miinisadam, the naval base in Tallinn.",
            "Miinisadam | locatedIn | Tallinn",
        ),
        (
            "The Special Boat Squadron of the Ghana Navy trained with the Marines.",
            "Special Boat Squadron of the Ghana Navy | partOf | Ghana Navy",
        ),
        (
            "Troops from Estonia and Latvia today start Northern Anvil 26 at Tapa. The exercise ends on 15 May.",
            "Exercise | participant | Estonia",
        ),
        (
            "The Kenya Navy and the Indian Navy met in May. The two navies will hold a combined patrol off Mombasa.",
            "Exercise | participant | Kenya Navy",
        ),
    ],
)
def test_read(text: str, wanted: str) -> None:
    assert wanted in claims(text)


def test_a_description_beside_a_name_is_no_thing_of_its_own() -> None:
    names = [
        e.names for e in extract("The minelayer berthed at Miinisadam, the naval base in Tallinn.").entities
    ]
    assert not any(n == ("naval base",) for n in names)
