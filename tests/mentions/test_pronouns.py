"""What pronouns stand for."""

from __future__ import annotations

from functools import cache

import pytest

from kg.catalog import load_catalog
from kg.mentions.finder import MentionFinder
from kg.model import Document, Form
from kg.text.reader import OWN, Reader


@cache
def _stages() -> tuple[Reader, MentionFinder]:
    catalog = load_catalog()
    return Reader(catalog, OWN), MentionFinder(catalog)


def antecedents(text: str) -> list[tuple[str, str]]:
    """(pronoun, what it stands for, joined by " + ") of a text, in order; pronouns left open are left out."""
    reader, finder = _stages()
    reading = reader.read(Document(("text",), text, "2025-05-05"))
    out = []
    for m in finder.find(reading, "2025-05-05").outer:
        if m.form is Form.PRONOUN:
            ranges = [r.split(":") for r in m.features["antecedents"].split("|")]
            out.append((m.text, " + ".join(reading.doc[int(a) : int(b)].text for a, b in ranges)))
    return out


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "Foreign Minister Penny Wong arrived in Suva. She will travel to Nadi to meet her colleague, Ratu Inoke.",
            [("She", "Penny Wong"), ("her", "Penny Wong")],
        ),
        ("The Lusaka Protocol took years. It was signed on 20 November 1994.", [("It", "Lusaka Protocol")]),
        (
            "President William Ruto told reporters he would visit Kampala.",
            [("he", "William Ruto")],
        ),
        ("Germany will send a brigade to Vilnius. It has sent 400 soldiers.", [("It", "Germany")]),
        (
            "Ivan Torres was received by President Luis Arce in Lima, where they held talks.",
            [("they", "Ivan Torres + Luis Arce")],
        ),
    ],
)
def test_who_is_meant(text: str, wanted: list[tuple[str, str]]) -> None:
    assert antecedents(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "His daughter announced his death on Tuesday.",
        "Minister Jan Haugen congratulated General Luis Fuentealba on his appointment.",
        "It rained in Lagos.",
    ],
)
def test_what_stays_open_is_left_open(text: str) -> None:
    assert antecedents(text) == []
