"""What the head of our own classes learns from, and the table of lemmas: made without torch."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from training.corpora import Sentence, Tree
from training.evaluate_own import read_gold
from training.grammar import TEXTS, Grammar, label, make_tokenize, read_marked
from training.labels import OWN_TAGS, Labelled, read_labelled, write_labelled
from training.lemmas import make_table, read_declared
from training.own_classes import Projector, Renamer

from kg.text.parser.own import CLASSES


def named(text: str, names: str = "") -> Sentence:
    words = tuple(text.split())
    tags = tuple(names.split()) if names else ("O",) * len(words)
    return Sentence("t", words, (True,) * len(words), tags, tags)


def tree(words: str, tags: str, lemmas: str) -> Sentence:
    count = len(words.split())
    heads = (0, *range(1, count))
    parts = Tree(
        ("X",) * count, tuple(tags.split()), heads, ("root", *["dep"] * (count - 1)), ("L0+",) * count
    )
    untold = ("-",) * count
    return Sentence("t", tuple(words.split()), (True,) * count, untold, untold, parts, tuple(lemmas.split()))


@pytest.fixture(scope="module")
def projector() -> Projector:
    return Projector()


def project(projector: Projector, *sentences: Sentence) -> list[tuple[str, ...]]:
    return [labelled.tags for labelled, _ in projector.project(sentences)]


def test_the_rules_label_the_words_of_a_corpus(projector: Projector) -> None:
    tags = project(
        projector,
        named("Kenyan Defence Minister Amina Duale smiled ."),
        named("Exercise Bright Owl began at Camp Lemonnier ."),
    )
    assert tags[0] == ("B-Office", "I-Office", "I-Office", "O", "O", "O", "O")
    assert tags[1][:3] == ("B-Event", "I-Event", "I-Event")
    assert tags[1][5:7] == ("B-Facility", "I-Facility")


def test_what_nobody_knows_is_not_told(projector: Projector) -> None:
    (tags,) = project(projector, named("Brightwell Quorra bought Zed .", "B-ORG I-ORG O B-MISC O"))
    assert tags == ("-", "-", "O", "-", "O")


def test_annotated_people_overrule_the_rules(projector: Projector) -> None:
    (tags,) = project(projector, named("Smith met Camp Lemonnier there .", "B-PER O B-PER I-PER O O"))
    assert tags[2:4] == ("-", "-")


def test_listed_names_are_renamed(projector: Projector) -> None:
    ((labelled, mentions),) = projector.project([named("He told Reuters that Kenyan ships sailed .")])
    draw = {"Media": [("Radio", "Kavolin")], "Nationality": [("Velkan",)]}
    renamed = Renamer(draw, random.Random(1)).rename(labelled, mentions, 1.0)
    assert " ".join(renamed.words) == "He told Radio Kavolin that Velkan ships sailed ."
    assert renamed.tags[2:6] == ("B-Media", "I-Media", "O", "B-Nationality")


def test_a_grammar_makes_the_same_sentences_again() -> None:
    first, second = (Grammar(TEXTS / "grammar.yaml", random.Random(5)) for _ in range(2))
    made = [first.sentence() for _ in range(200)]
    assert made == [second.sentence() for _ in range(200)]
    assert len({text for text, _ in made}) > 190
    assert {name for _, mentions in made for _, _, name in mentions} == set(CLASSES)
    assert not any("{" in text for text, _ in made)
    for text, mentions in made:
        assert all(0 <= start < end <= len(text) for start, end, _ in mentions)


def test_a_slot_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "grammar.yaml"
    path.write_text("{classes: {}, syllables: [a], slots: {x: ['{y}']}, sentences: ['{x}']}")
    with pytest.raises(ValueError, match="no such slots: y"):
        Grammar(path, random.Random(0))


def test_marked_sentences_become_words_with_tags(tmp_path: Path) -> None:
    path = tmp_path / "marked.txt"
    path.write_text("# a comment\n\nThe [U.S. Navy|Force] told [Radio Kavo|Media].\n")
    ((text, mentions),) = read_marked(path)
    assert text == "The U.S. Navy told Radio Kavo."
    labelled = label((text, mentions), make_tokenize(), "hand")
    assert labelled.words == ("The", "U.S.", "Navy", "told", "Radio", "Kavo", ".")
    assert labelled.tags == ("O", "B-Force", "I-Force", "O", "B-Media", "I-Media", "O")


def test_our_own_text_has_all_classes_and_no_others() -> None:
    marked = read_marked(TEXTS / "dev.txt")
    assert {name for _, mentions in marked for _, _, name in mentions} == set(CLASSES)


def test_labelled_sentences_are_written_alike_and_read_back(tmp_path: Path) -> None:
    sentences = [Labelled("t", ("Ünit", "9"), ("B-Force", "I-Force"))]
    for name in ("a", "b"):
        write_labelled(tmp_path / name, sentences)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert read_labelled(tmp_path / "a") == sentences
    with pytest.raises(SystemExit, match=r"training\.label_own"):
        read_labelled(tmp_path / "none")


def test_tags_are_one_pair_a_class() -> None:
    assert len(OWN_TAGS) == 1 + 2 * len(CLASSES)


# --- lemmas


def test_declared_forms_go_before_the_treebanks() -> None:
    table = make_table(
        [
            tree("fled felled", "VBD VBD", "flead fell"),
            tree("fled felled once", "VBD VBD NNS", "flead fell x"),
        ]
    )
    assert table["VBD"]["fled"] == "flee"
    assert table["VBD"]["felled"] == "fell"
    assert "once" not in table["NNS"]


def test_forms_that_the_treebanks_differ_on_are_left_out() -> None:
    table = make_table([tree("lit lit data data", "NNS NNS NNS NNS", "lit light data data")])
    assert "lit" not in table["NNS"]
    assert table["NNS"]["data"] == "data"


@pytest.mark.parametrize(
    ("tag", "form", "base"),
    [
        ("VBD", "met", "meet"),
        ("VBD", "spoke", "speak"),
        ("VBN", "sworn", "swear"),
        ("VBD", "lay", "lie"),
        ("VBD", "laid", "lay"),
        ("NNS", "servicemen", "serviceman"),
        ("NNS", "memoranda", "memorandum"),
    ],
)
def test_irregular_forms_are_declared(tag: str, form: str, base: str) -> None:
    assert read_declared()[tag][form] == base


# --- gold


def test_gold_is_read_by_class(gold: Path) -> None:
    doc, things, everything = read_gold(sorted(gold.glob("[0-9]*.json"))[0])
    assert doc.endswith(".txt")
    classes = {name for thing in things for name, _ in thing}
    assert {"Office", "Facility"} <= classes <= set(CLASSES)
    assert all(surface in everything for thing in things for name, surface in thing if name != "Nationality")
