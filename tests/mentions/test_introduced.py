"""Names that a common noun beside them explains."""

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
        ("The navy sent the minelayer Tarvola to the fjord.", "Tarvola", "Equipment"),
        ("The frigates Tarvola and Ambrek sailed.", "Ambrek", "Equipment"),
        ('They boarded the tanker "Sea Pearl" at noon.', "Sea Pearl", "Equipment"),
        ("Shells hit the village of Ambrek.", "Ambrek", "Place"),
        ("They flew to Tarvosadam, the naval base in Tallinn.", "Tarvosadam", "Facility"),
        ("He spoke to the newspaper Slovodan in Minsk.", "Slovodan", "Organization"),
        ("The Ambrek news agency said so.", "Ambrek", "Organization"),
    ],
)
def test_a_noun_says_what_bears_the_name(text: str, name: str, kind: str) -> None:
    assert (name, kind) in kinds(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("The company Monday said it would pay.", "Monday"),
        ("In the village Captain Tomas Brel spoke.", "Captain"),
        ("Tomas Brel, the base commander, spoke.", "Tomas Brel"),
        ("The team Tomas Brel led won.", "Tomas Brel"),
    ],
)
def test_a_noun_may_have_nothing_to_do_with_the_name(text: str, name: str) -> None:
    assert not {k for t, k in kinds(text) if t == name} & {"Organization", "Facility", "Place", "Equipment"}
