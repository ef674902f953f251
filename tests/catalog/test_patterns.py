from pathlib import Path

import pytest

from kg.catalog import check_patterns, load_catalog, matcher_spec
from kg.catalog.patterns import Pattern, load_patterns
from kg.errors import CatalogError

GOOD = """
relation: holdsOffice
help: h
patterns:
  - name: one
    help: h
    tokens:
      - {KIND: [Office], as: object}
      - {LEXICON: weekdays, OP: "?"}
      - {KIND: [Person, Organization], SUBKIND: Ministry, as: subject}
    confidence: 95
    examples: [{text: a, claims: ["A | holdsOffice | B", "A | holdsOffice | B | Planned"]}]
    non_examples: [{text: b}]
"""


def load(tmp_path: Path, text: str, name: str = "holdsOffice") -> tuple[Pattern, ...]:
    catalog = load_catalog()
    (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return load_patterns(tmp_path, tmp_path, catalog.ontology, catalog.lexicon)


def test_a_pattern_becomes_what_spacy_takes(tmp_path: Path) -> None:
    (pattern,) = load(tmp_path, GOOD)
    lexicon = load_catalog().lexicon
    spec = matcher_spec(pattern, lexicon)
    assert spec[0] == {"ENT_TYPE": "Office"}
    assert spec[1] == {"LOWER": {"IN": sorted(lexicon.forms("weekdays"))}, "OP": "?"}
    assert spec[2] == {"ENT_TYPE": {"IN": ["Person", "Organization"]}, "ENT_ID": "Ministry"}
    assert pattern.slots() == {0: "object", 2: "subject"}
    assert pattern.name == "holdsOffice/one"
    check_patterns([pattern], lexicon)


def test_dependency_patterns_keep_their_nodes(tmp_path: Path) -> None:
    text = GOOD.replace(
        GOOD[GOOD.index("    tokens:") : GOOD.index("    confidence")],
        "    dependency:\n"
        "      - {RIGHT_ID: v, RIGHT_ATTRS: {LEMMA: appoint}}\n"
        "      - {LEFT_ID: v, REL_OP: '>', RIGHT_ID: p, as: subject,\n"
        "         RIGHT_ATTRS: {KIND: Person, DEP: obj}}\n",
    )
    (pattern,) = load(tmp_path, text)
    spec = matcher_spec(pattern, load_catalog().lexicon)
    assert spec[1] == {
        "LEFT_ID": "v",
        "REL_OP": ">",
        "RIGHT_ID": "p",
        "RIGHT_ATTRS": {"DEP": "obj", "ENT_TYPE": "Person"},
    }
    assert pattern.slots() == {1: "subject"}
    check_patterns([pattern], load_catalog().lexicon)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("relation: holdsOffice", "relation: ownsHat", "'ownsHat' is not declared"),
        ("relation: holdsOffice", "relation: officeOf", "want the file's name"),
        ("KIND: [Office]", "KIND: [Ministry]", r"tokens\[0\]\.KIND: 'Ministry'"),
        ("SUBKIND: Ministry", "SUBKIND: Hat", "SUBKIND: 'Hat'"),
        ("LEXICON: weekdays", "LEXICON: hats", "no word list 'hats'"),
        ("as: subject", "as: hat", "as: 'hat': allowed"),
        ('OP: "?"', 'OPERATOR: "?"', "unknown key 'OPERATOR'"),
        ("LEXICON: weekdays", "LEMMA: {AMONG: [a]}", r"tokens\[1\]\.LEMMA: unknown key 'AMONG'"),
        ("LEXICON: weekdays", "LEXICON: weekdays, LOWER: monday", "LEXICON and LOWER are one thing"),
        ("confidence: 95", "confidence: 0", "confidence"),
        ("confidence: 95", "confidence: 95\n    colour: red", "colour: Extra inputs"),
        ("confidence: 95", "confidence: 95\n    options: {colour: 1}", "unknown key 'colour'"),
        ("confidence: 95", "confidence: 95\n    modality: Rumoured", "modality"),
        ("name: one", "name: One Two", "name"),
        ("| holdsOffice |", "| wearsHat |", "'wearsHat' is not a declared relation"),
        ('"A | holdsOffice | B"', '"A holdsOffice B"', "want 'subject | relation | object'"),
        ("| Planned", "| Maybe", "'Maybe': allowed: Asserted"),
        (
            '["A | holdsOffice | B", "A | holdsOffice | B | Planned"]',
            '["A | officeOf | B"]',
            "want one of 'holdsOffice'",
        ),
        ("    non_examples: [{text: b}]", "", "non_examples: Field required"),
        ("[{text: b}]", "[]", "non_examples"),
        (
            "    examples: [{",
            "    dependency: [{RIGHT_ID: a}]\n    examples: [{",
            "one of tokens, dependency and frame",
        ),
    ],
)
def test_what_is_wrong_is_named_with_file_and_key(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in GOOD
    with pytest.raises(CatalogError, match=rf"^holdsOffice\.yaml.*{message}"):
        load(tmp_path, GOOD.replace(old, new, 1))


def test_a_name_given_twice_is_an_error(tmp_path: Path) -> None:
    twice = GOOD + GOOD[GOOD.index("  - name") :]
    with pytest.raises(CatalogError, match="one: two patterns have this name"):
        load(tmp_path, twice)


def test_spacy_refuses_what_only_it_knows(tmp_path: Path) -> None:
    (pattern,) = load(tmp_path, GOOD.replace('OP: "?"', 'OP: "!!"'))
    with pytest.raises(CatalogError, match=r"holdsOffice\.yaml: holdsOffice/one: spaCy refuses it"):
        check_patterns([pattern], load_catalog().lexicon)


def test_every_shipped_pattern_compiles() -> None:
    catalog = load_catalog()
    assert catalog.patterns
    check_patterns(catalog.patterns, catalog.lexicon)
