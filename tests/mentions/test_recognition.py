"""Names that only the parser recognises."""

from __future__ import annotations

import pytest

from kg.catalog import load_catalog
from kg.mentions import MentionFinder
from kg.model import Document, Mention
from kg.text.reader import OWN, Reader

_CATALOG = load_catalog()
_READER = Reader(_CATALOG, OWN)
_FINDER = MentionFinder(_CATALOG)


def mentions(text: str) -> list[Mention]:
    found = _FINDER.find(_READER.read(Document(("t",), text, None)), None)
    return sorted([*found.outer, *found.nested], key=lambda m: m.tokens)


def kinds(text: str) -> set[tuple[str, str]]:
    return {(m.text, m.kind) for m in mentions(text)}


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("Nguyen Thi Thanh Ha led the talks for Hanoi.", "Nguyen Thi Thanh Ha", "Person"),
        ("Mr. van der Merwe gave no date.", "van der Merwe", "Person"),
        ("Ms. Park chaired the session.", "Park", "Person"),
        ("Fighting near Masisi went on.", "Masisi", "Place"),
        ("An engineer of Turkmengaz was held.", "Turkmengaz", "Organization"),
        (
            "They met the Parliamentary Standing Committee on Defence.",
            "Parliamentary Standing Committee on Defence",
            "Organization",
        ),
        (
            "But the Nile Basin Initiative (NBI) has postponed the meeting.",
            "Nile Basin Initiative",
            "Organization",
        ),
    ],
)
def test_the_parser_knows_names_that_no_list_has(text: str, name: str, kind: str) -> None:
    assert (name, kind) in kinds(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Defence Minister Arle Tomsk spoke. Defence comes first.", "Defence"),
        ("The exercise 'Samudra Bandhu' began off Kochi.", "Samudra Bandhu"),
        ("On 06 Sha'ban 1447 the council met.", "Sha'ban"),
        ("Soldiers took part in Northern Anvil 26 in May.", "Northern Anvil 26"),
    ],
)
def test_not_all_capitals_are_names_of_people_bodies_and_places(text: str, name: str) -> None:
    assert not {k for t, k in kinds(text) if t == name} & {"Person", "Organization", "Place"}
