"""Ships, and what is named as ships are."""

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
    ("text", "name", "kind"),
    [
        ("The KRI Tarvola left port.", "KRI Tarvola", "Equipment"),
        ("The USS Tarvola (DDG 97) left port.", "DDG 97", "Equipment"),
        ("They met the ROKS Munmu the Great off Jeju.", "ROKS Munmu the Great", "Equipment"),
        ("He serves at HMAS Tarvola.", "HMAS Tarvola", "Facility"),
        ("They reached HMPNGS Tarvola, the naval base.", "HMPNGS Tarvola", "Facility"),
    ],
)
def test_a_navys_prefix_names_a_ship_or_a_base(text: str, name: str, kind: str) -> None:
    assert (name, kind) in kinds(text)


def test_capitals_are_no_prefix() -> None:
    assert not {t for t, k in kinds("INS TARVOLA LIMITED REPORTS LOSSES. It is his.") if k == "Equipment"}
