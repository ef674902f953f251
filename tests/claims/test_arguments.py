"""Who does what to whom, whatever the construction: arguments of predicates on parsed sentences."""

from __future__ import annotations

from functools import cache

import pytest

from kg.catalog import load_catalog
from kg.claims.arguments import FUNCTIONS, Arguments
from kg.claims.matching import PatternMatcher
from kg.claims.merging import merge
from kg.mentions.finder import MentionFinder
from kg.model import Document
from kg.text.reader import OWN, Reader

CATALOG = load_catalog()


@cache
def _stages() -> tuple[Reader, MentionFinder, PatternMatcher]:
    reader = Reader(CATALOG, OWN)
    return reader, MentionFinder(CATALOG), PatternMatcher(CATALOG.patterns, CATALOG.lexicon, reader.vocab)


def arguments_of(text: str, predicate: str) -> set[tuple[str, str]]:
    """(function, words) of all arguments of the first merged token with the words of `predicate`."""
    reader, finder, matcher = _stages()
    reading = reader.read(Document(("text",), text, "2025-05-05"))
    merged = merge(reading.doc, finder.find(reading, "2025-05-05").outer)
    arguments: Arguments = matcher.arguments(merged)
    at = next(t.i for t in merged.doc if t.text == predicate)
    return {(a.function, merged.doc[a.token].text) for a in arguments.of(at)}


@pytest.mark.parametrize(
    ("text", "predicate", "wanted"),
    [
        pytest.param(
            "Lima was visited in May by President Luis Arce.",
            "visited",
            {("patient", "Lima"), ("agent", "Luis Arce"), ("when", "May")},
            id="passive",
        ),
        pytest.param(
            "Minister Luis Arce was met at the airport by President Ana Pérez.",
            "met",
            {("patient", "Luis Arce"), ("agent", "Ana Pérez")},
            id="by-phrase on the noun before it",
        ),
        pytest.param(
            "Germany, which has sent a brigade to Lithuania, will build barracks.",
            "sent",
            {("agent", "Germany"), ("to", "Lithuania")},
            id="relative clause",
        ),
        pytest.param(
            "President Gustavo Petro announced plans to visit Beijing in May.",
            "visit",
            {("agent", "Gustavo Petro"), ("patient", "Beijing"), ("when", "May")},
            id="infinitive of a noun",
        ),
        pytest.param(
            "The exercise, hosted by the Royal Thai Navy and involving troops from Singapore and Australia, ended.",
            "exercise",
            {("agent", "Royal Thai Navy"), ("agent", "Singapore"), ("agent", "Australia")},
            id="participles lend an event their arguments",
        ),
        pytest.param(
            "General Ama Boateng took part in the conference together with officials from Togo and Benin.",
            "conference",
            {("agent", "Ama Boateng"), ("with", "Togo"), ("with", "Benin")},
            id="support verb, together with",
        ),
        pytest.param(
            "India was invited to send observers.",
            "send",
            {("agent", "India")},
            id="control of an infinitive",
        ),
        pytest.param(
            "Ulinzi House, the seat of the army, is in Nairobi.",
            "seat",
            {("apposed", "Ulinzi House")},
            id="apposition",
        ),
        pytest.param(
            "The Pori Brigade, whose home is Turku, took part.",
            "home",
            {("possessor", "Pori Brigade"), ("attribute", "Turku")},
            id="whose",
        ),
    ],
)
def test_arguments(text: str, predicate: str, wanted: set[tuple[str, str]]) -> None:
    assert wanted <= arguments_of(text, predicate)


def test_what_stands_elsewhere_is_no_argument() -> None:
    found = arguments_of("Penny Wong read a report while Winston Peters visited Suva.", "visited")
    assert ("agent", "Winston Peters") in found
    assert not any(words == "Penny Wong" for _, words in found)


def test_every_function_of_a_frame_is_a_declared_one_or_a_preposition() -> None:
    used = {
        function
        for pattern in CATALOG.patterns
        if pattern.frame is not None
        for end in (pattern.frame.subject, pattern.frame.object)
        for function in end.functions
    }
    assert {"agent", "patient", "with"} <= used
    assert set(FUNCTIONS) & used, "functions that no frame uses are not worth declaring"
