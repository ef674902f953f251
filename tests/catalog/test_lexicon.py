from pathlib import Path

import pytest

from kg.catalog import WordForm, load_catalog
from kg.catalog.lexicon import Lexicon, load_lexicon
from kg.errors import CatalogError


def lexicon(tmp_path: Path, **files: str) -> Lexicon:
    for name, text in files.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return load_lexicon(tmp_path, tmp_path)


def test_forms_carry_lemma_value_and_form(tmp_path: Path) -> None:
    entries = "{Hold Talks: Meeting, sign: null}"
    text = f"v: {{help: h, inflect: verb, entries: {entries}, irregular: {{hold talks: [held]}}}}"
    words = lexicon(tmp_path, a=text)
    assert words.forms("v")["held talks"] == WordForm("hold talks", "Meeting", "past")
    assert words.forms("v")["signing"] == WordForm("sign", None, "gerund")
    assert words.entries("v") == {"hold talks": "Meeting", "sign": None}
    assert words.help("v") == "h"


def test_a_declared_word_wins_over_an_inflected_one(tmp_path: Path) -> None:
    words = lexicon(
        tmp_path, a="n: {help: h, inflect: noun, entries: {talk: A, talks: B}, irregular: {talks: ['']}}"
    )
    assert words.forms("n")["talks"] == WordForm("talks", "B", "base")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("n: {entries: [a]}", "help: Field required"),
        (
            "n: {help: h, entries: [a], colour: red}",
            "colour: .*allowed here: entries, help, inflect, irregular",
        ),
        ("n: {help: h, entries: [a], inflect: adverb}", "inflect"),
        ("n: {help: h, entries: {a: 1}}", "entries"),
        ("n: {help: h, entries: [a, A]}", "'A' is given twice"),
        ("n: {help: h, entries: ['a  b']}", "single spaces"),
        ("n: {help: h, inflect: noun, entries: [a], irregular: {b: [c]}}", "irregular: b: want entries"),
        ("n: {help: h, entries: [a], irregular: {a: [c]}}", "irregular"),
        ("- a", "want a mapping"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_list(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(CatalogError, match=rf"^x\.yaml: .*{message}"):
        lexicon(tmp_path, x=text)


def test_a_list_name_in_two_files_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"b\.yaml: list 'n' is also in a\.yaml"):
        lexicon(tmp_path, a="n: {help: h, entries: [a]}", b="n: {help: h, entries: [b]}")


def test_an_unknown_list_is_an_error_that_names_the_others() -> None:
    with pytest.raises(CatalogError, match=r"no word list 'nope'; there are: .*office_titles"):
        load_catalog().lexicon.forms("nope")


@pytest.mark.parametrize(
    ("name", "surface", "lemma", "value"),
    [
        ("office_titles", "attorneys general", "attorney general", "attorney general"),
        ("portfolios", "defence", "defence", "defense"),
        ("facility_heads", "naval air stations", "naval air station", "MilitaryBase"),
        ("agreement_heads", "memoranda of understanding", "memorandum of understanding", "Memorandum"),
        ("organization_heads", "ministries", "ministry", "Ministry"),
        ("event_nouns", "talks", "talks", "Meeting"),
        ("event_verbs", "held talks", "hold talks", "Meeting"),
        ("hedging_verbs", "sought", "seek", "proposed"),
        ("cancel_verbs", "called off", "call off", "cancelled"),
        ("reporting_verbs", "said", "say", None),
        ("months", "sept.", "sept.", "9"),
        ("ranks", "lt. gen.", "lt. gen.", "lieutenant general"),
        ("place_heads", "straits", "strait", "WaterBody"),
        ("equipment_heads", "fighter jets", "fighter jet", "Platform"),
    ],
)
def test_shipped_lists(name: str, surface: str, lemma: str, value: str | None) -> None:
    found = load_catalog().lexicon.forms(name)[surface]
    assert (found.lemma, found.value) == (lemma, value)


@pytest.mark.parametrize(
    "name",
    [
        "facility_heads",
        "agreement_heads",
        "organization_heads",
        "event_nouns",
        "event_verbs",
        "place_heads",
        "equipment_heads",
    ],
)
def test_values_of_head_lists_are_classes(name: str) -> None:
    catalog = load_catalog()
    values = {value for value in catalog.lexicon.entries(name).values() if value is not None}
    assert values <= set(catalog.ontology.classes)
