"""Acronyms that a text introduces."""

from __future__ import annotations

import pytest

from kg.catalog import load_catalog
from kg.mentions import MentionFinder
from kg.model import Document, Mention
from kg.text.reader import RULES, Reader

_CATALOG = load_catalog()
_READER = Reader(_CATALOG, RULES)
_FINDER = MentionFinder(_CATALOG)


def mentions(text: str) -> list[Mention]:
    found = _FINDER.find(_READER.read(Document(("t",), text, None)), None)
    return sorted([*found.outer, *found.nested], key=lambda m: m.tokens)


def kinds(text: str) -> set[tuple[str, str]]:
    return {(m.text, m.kind) for m in mentions(text)}


@pytest.mark.parametrize(
    ("text", "acronym"),
    [
        ("The Velmar Coast Guard (VCG) sailed. The VCG returned.", "VCG"),
        ("The VCG (Velmar Coast Guard) sailed. The VCG returned.", "VCG"),
        ("The Armed Forces of Velmar, or AFV, sailed. The AFV returned.", "AFV"),
        ('The Velmar Coast Guard ("VCG") sailed. The VCG returned.', "VCG"),
        ("The Ministry of Fisheries (hereinafter MINPES) agreed. MINPES paid.", "MINPES"),
        ("The Orlanth Transit Agreement (OTA) lapsed. The OTA was short.", "OTA"),
    ],
)
def test_an_acronym_stands_for_the_name_beside_it(text: str, acronym: str) -> None:
    found = [m for m in mentions(text) if m.text == acronym]
    assert len(found) == 2
    assert {m.kind for m in found} == {"Agreement" if acronym == "OTA" else "Organization"}
    assert all(m.feature("acronym_of") for m in found)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("The Velmar Coast Guard (UK) sailed.", "UK"),
        ("The Velmar Coast Guard (see above) sailed.", "above"),
        ("The Velmar Coast Guard, or XQ, sailed.", "XQ"),
    ],
)
def test_what_stands_beside_a_name_need_not_be_its_acronym(text: str, other: str) -> None:
    assert not [m for m in mentions(text) if m.text == other and m.feature("acronym_of")]
