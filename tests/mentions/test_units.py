"""Numbers in the names of military units."""

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
    ("text", "unit"),
    [
        ("Jets of the 133 Air Wing landed.", "133 Air Wing"),
        ("Jets of No. 11 Squadron landed.", "No. 11 Squadron"),
        ("Ships of Task Force 59 met.", "Task Force 59"),
        ("The 3rd Battalion, 7th Marines arrived.", "3rd Battalion, 7th Marines"),
        ("The Multinational Division North stayed.", "Multinational Division North"),
        ("The 27th Infantry Regiment of the Velmar Army arrived.", "27th Infantry Regiment"),
        ("Staff of I Corps arrived.", "I Corps"),
    ],
)
def test_a_units_number_is_part_of_its_name(text: str, unit: str) -> None:
    assert (unit, "Organization") in kinds(text)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("In March 2 Squadron moved.", "Squadron"),
        ("The 1st Brigade, 2nd Brigade and 3rd Brigade met.", "1st Brigade"),
        ("The 1st Brigade, 2nd Brigade and 3rd Brigade met.", "2nd Brigade"),
    ],
)
def test_what_is_no_part_of_a_units_name(text: str, unit: str) -> None:
    assert not {t for t, k in kinds(text) if k == "Organization" and unit in t and t != unit}
