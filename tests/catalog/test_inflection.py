import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.catalog.inflection import gerund, noun_forms, past, plural, third_person, verb_forms
from kg.errors import CatalogError


@pytest.mark.parametrize(
    ("noun", "wanted"),
    [
        ("base", "bases"),
        ("agency", "agencies"),
        ("bay", "bays"),
        ("cross", "crosses"),
        ("batch", "batches"),
        ("tax", "taxes"),
        ("spokesman", "spokesmen"),
        ("human", "humans"),
        ("attaché", "attachés"),
    ],
)
def test_plural(noun: str, wanted: str) -> None:
    assert plural(noun) == wanted


@pytest.mark.parametrize(
    ("verb", "s", "ed", "ing"),
    [
        ("plan", "plans", "planned", "planning"),
        ("set", "sets", "setted", "setting"),
        ("deny", "denies", "denied", "denying"),
        ("deploy", "deploys", "deployed", "deploying"),
        ("agree", "agrees", "agreed", "agreeing"),
        ("eye", "eyes", "eyed", "eyeing"),
        ("die", "dies", "died", "dying"),
        ("launch", "launches", "launched", "launching"),
        ("visit", "visits", "visited", "visiting"),
        ("veto", "vetoes", "vetoed", "vetoing"),
        ("vow", "vows", "vowed", "vowing"),
        ("relax", "relaxes", "relaxed", "relaxing"),
        ("seal", "seals", "sealed", "sealing"),
        ("quip", "quips", "quipped", "quipping"),
    ],
)
def test_regular_verbs(verb: str, s: str, ed: str, ing: str) -> None:
    assert (third_person(verb), past(verb), gerund(verb)) == (s, ed, ing)


def test_the_first_word_of_a_verb_and_the_last_of_a_noun_are_inflected() -> None:
    assert dict(verb_forms("set up", ("set", "set", "setting"))) == {
        "set up": "participle",
        "sets up": "s",
        "setting up": "gerund",
    }
    assert noun_forms("air base") == (("air base", "base"), ("air bases", "plural"))


def test_irregular_forms_replace_regular_ones_from_the_left() -> None:
    assert [form for form, _ in verb_forms("have", ("had", "", "", "has"))] == [
        "have",
        "has",
        "had",
        "had",
        "having",
    ]
    assert noun_forms("attorney general", ("attorneys general",))[1] == ("attorneys general", "plural")
    assert noun_forms("forces", ("",)) == (("forces", "base"),)


def test_too_many_irregular_forms_are_refused() -> None:
    with pytest.raises(CatalogError, match="5 irregular forms"):
        verb_forms("be", ("was", "been", "being", "is", "are"))


@given(st.text("abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=12))
def test_every_form_begins_like_its_word_and_ends_as_it_should(word: str) -> None:
    stem = word[:-2]
    assert third_person(word).endswith("s")
    assert past(word).endswith("ed")
    assert gerund(word).endswith("ing")
    assert all(form.startswith(stem) for form in (third_person(word), past(word), gerund(word)))
