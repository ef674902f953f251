"""Conditions and outlines agree with spaCy's own matcher, which they stand in for."""

from __future__ import annotations

from itertools import product

import pytest
import spacy
from spacy.matcher import Matcher
from spacy.tokens import Doc

import kg.claims.merging  # declares the marks of tokens
from kg.claims.conditions import Condition, Tokens, find_outline, find_traits

assert kg.claims.merging
VOCAB = spacy.blank("en").vocab


def _doc(words: str, kinds: dict[int, tuple[str, str, str]] | None = None) -> Doc:
    doc = Doc(VOCAB, words=words.split())
    doc[0].is_sent_start = True
    for i, (kind, subkind, form) in (kinds or {}).items():
        doc[i].ent_type_, doc[i].ent_id_ = kind, subkind
        doc[i]._.form = form
    return doc


DOC = _doc(
    "Lima hosts Peru 's navy Base today",
    {0: ("Place", "City", "name"), 4: ("Organization", "Navy", "description"), 5: ("Facility", "", "name")},
)
SPECS: list[dict[str, object]] = [
    {"LOWER": "base"},
    {"LOWER": {"IN": ["hosts", "navy"]}},
    {"LOWER": {"NOT_IN": ["hosts", "navy"]}},
    {"LOWER": {"REGEX": "^h"}},
    {"ENT_TYPE": "Place"},
    {"ENT_TYPE": {"IN": ["Place", ""]}},
    {"ENT_TYPE": {"NOT_IN": ["Place", ""]}},
    {"ENT_TYPE": "Organization", "ENT_ID": {"IN": ["Navy", "Army"]}},
    {"ENT_TYPE": {"IN": ["Facility", "Place"]}, "_": {"form": {"IN": ["name"]}}},
    {"ENT_TYPE": "Organization", "_": {"form": {"IN": ["name"]}}},
    {"IS_TITLE": True},
    {"LENGTH": {">=": 4}, "ENT_TYPE": ""},
]


@pytest.mark.parametrize("spec", SPECS, ids=str)
def test_a_condition_fits_the_tokens_that_spacy_matches(spec: dict[str, object]) -> None:
    matcher = Matcher(VOCAB)
    matcher.add("it", [[dict(spec)]])
    expected = {start for _, start, _ in matcher(DOC)}
    condition, tokens = Condition(spec, VOCAB), Tokens(DOC)
    assert {i for i in range(len(DOC)) if condition.fits(tokens, i)} == expected
    assert expected or spec is SPECS[9]


@pytest.mark.parametrize("spec", SPECS, ids=str)
def test_a_token_without_the_traits_does_not_fit(spec: dict[str, object]) -> None:
    condition, tokens = Condition(spec, VOCAB), Tokens(DOC)
    for i in range(len(DOC)):
        if condition.traits and not condition.traits & set(tokens.traits(i)):
            assert not condition.fits(tokens, i)


def test_what_may_be_missing_or_anything_is_no_step() -> None:
    outline = find_outline(
        [
            {"ENT_TYPE": "Place"},
            {"LOWER": ",", "OP": "?"},
            {"LOWER": {"IN": ["and"]}, "OP": "{0,2}"},
            {"LOWER": {"NOT_IN": ["x"]}},
            {"LOWER": {"IN": ["hosts", "host"]}, "OP": "{1,3}"},
            {"ENT_TYPE": "Person", "OP": "!"},
            {"ENT_TYPE": "Organization", "ENT_ID": "Navy", "OP": "+"},
        ]
    )
    assert [set(step) for step in outline.steps] == [
        {("ENT_TYPE", "Place")},
        {("LOWER", "hosts"), ("LOWER", "host")},
        {("ENT_ID", "Navy")},
    ]
    assert outline.rarest == frozenset({("ENT_ID", "Navy")})
    assert not find_outline([{"OP": "?", "LOWER": "a"}]).steps
    assert not find_traits({"ENT_TYPE": {"IN": ["", "Place"]}})


def test_an_outline_is_never_missing_where_spacy_matches() -> None:
    steps: list[dict[str, object]] = [
        {"ENT_TYPE": "Place"},
        {"LOWER": {"IN": ["hosts", "'s"]}},
        {"OP": "?"},
        {"ENT_TYPE": "Organization", "OP": "?"},
        {"ENT_TYPE": "Facility"},
        {"LOWER": "today"},
    ]
    places = Tokens(DOC).places(0, len(DOC))
    matched = outlined = 0
    for pattern in product(steps, repeat=3):
        matcher = Matcher(VOCAB)
        matcher.add("it", [[dict(spec) for spec in pattern]])
        outline = find_outline(pattern).is_in(places)
        outlined += outline
        if matcher(DOC):
            matched += 1
            assert outline
    assert 0 < matched <= outlined < len(steps) ** 3


def test_steps_follow_each_other() -> None:
    first = find_outline([{"ENT_TYPE": "Place"}, {"LOWER": "today"}])
    assert first.is_in(Tokens(DOC).places(0, len(DOC)))
    turned = find_outline([{"LOWER": "today"}, {"ENT_TYPE": "Place"}])
    assert not turned.is_in(Tokens(DOC).places(0, len(DOC)))
    assert not first.is_in(Tokens(DOC).places(1, len(DOC)))
