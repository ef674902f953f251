import itertools
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from kg.catalog import load_catalog
from kg.errors import CatalogError, MissingExtra
from kg.model import Document
from kg.pipeline import Extractor
from kg.text.parser.component import OWN_SPANS, Parser, model_folder
from kg.text.parser.decoding import find_heads, find_tags, find_transitions
from kg.text.parser.encoding import WordEncoder, word_shape
from kg.text.parser.lemmas import Lemmatizer, apply_edit, find_edit
from kg.text.parser.network import Network, load_network
from kg.text.parser.own import OwnSpan, find_spans
from kg.text.reader import Reader

PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "japan", "met", "##ro", ".", '"', "u", "s", "e", "##te", "日"]
LABELS = {
    "names": ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC"],
    "upos": ["NOUN", "VERB"],
    "xpos": ["NN", "VBD"],
    "relations": ["dep", "root"],
    "edits": ["L0+", "K0+", "L1+"],
}


# --- words as numbers


@pytest.mark.parametrize(
    ("word", "wanted"),
    [
        ("Metro", [5, 6]),
        ("U.S.", [9, 7, 10, 7]),
        ("“", [8]),
        ("''", [8]),
        ("Été", [11, 12]),
        ("日日", [13, 13]),
        ("zz", [1]),
        ("", [1]),
    ],
)
def test_words_become_sub_words(word: str, wanted: list[int]) -> None:
    assert WordEncoder(PIECES).encode([word]).ids == [2, *wanted, 3]


def test_first_sub_words_are_where_words_begin() -> None:
    encoded = WordEncoder(PIECES).encode(["Japan", "Metro", "."])
    assert encoded.first == [0, 1, 2, 4]
    assert encoded.shapes == [0, 7, 7, 7, 2, 0]


def test_shapes_tell_words_apart() -> None:
    words = [
        "1,000",
        "...",
        "met",
        "A",
        "NATO",
        "SEOULISH",
        "Japan",
        "Indo-Pacific",
        "iPhone",
        "U.S.",
        "F-35",
    ]
    assert [word_shape(word) for word in words] == [*range(1, 12)]


# --- lemmas


@pytest.mark.parametrize(
    ("word", "lemma", "edit"),
    [
        ("allies", "ally", "L3+y"),
        ("Allies", "ally", "L3+y"),
        ("was", "be", "L*+be"),
        ("Japan", "Japan", "K0+"),
        ("NATO", "NATO", "K0+"),
        ("The", "the", "L0+"),
        ("States", "States", "K0+"),
        ("Secretaries", "Secretary", "K3+y"),
        ("me", "I", "L*+I"),
    ],
)
def test_edits(word: str, lemma: str, edit: str) -> None:
    assert find_edit(word, lemma) == edit
    assert apply_edit(word, edit) == lemma


@given(
    st.text(st.characters(codec="ascii", categories=["Ll"]), min_size=1),
    st.text(st.characters(codec="ascii", categories=["Ll"]), min_size=1),
)
def test_an_edit_gives_the_lemma_back(word: str, lemma: str) -> None:
    assert apply_edit(word, find_edit(word, lemma)) == lemma


def test_an_edit_that_does_not_fit_leaves_the_word() -> None:
    assert apply_edit("is", "L5+y") == "is"


def chosen(word: str, tag: str, edit: str) -> str:
    table = {"VBD": {"met": "meet"}, "VBN": {"shelled": "shell"}, "NNS": {"people": "people"}}
    return Lemmatizer(table, {"announce", "study", "run", "early"}.__contains__).find(word, tag, edit)


@pytest.mark.parametrize(
    ("word", "tag", "edit", "lemma"),
    [
        ("Met", "VBD", "L1+", "meet"),  # the table
        ("met", "NNP", "K0+", "met"),  # a form is listed for its tag alone
        ("announced", "VBD", "L2+", "announce"),  # the edit makes no word, the ending tells one
        ("studies", "NNS", "L1+", "study"),
        ("running", "VBG", "L3+", "run"),
        ("earlier", "RBR", "L0+", "early"),
        ("shells", "VBZ", "L1+", "shell"),  # a word that the table's lemmas know
        ("tweeted", "VBD", "L2+", "tweet"),  # nothing is known: the edit stands
        ("Zonguldaks", "NNS", "K0+", "Zonguldaks"),
    ],
)
def test_lemmas_are_listed_edited_or_known_words(word: str, tag: str, edit: str, lemma: str) -> None:
    assert chosen(word, tag, edit) == lemma


def test_without_a_table_the_edit_is_the_lemma() -> None:
    assert Lemmatizer({}, {"announce"}.__contains__).find("announced", "VBD", "L2+") == "announc"


# --- decoding


def test_inside_tags_follow_their_own_kind() -> None:
    tags = LABELS["names"]
    between, first = find_transitions(tags)
    scores = np.zeros((1, 3, len(tags)), dtype=np.float32)
    scores[0, 0, tags.index("I-PER")] = 9.0
    scores[0, 0, tags.index("B-ORG")] = 5.0
    scores[0, 1, tags.index("I-PER")] = 1.5
    scores[0, 1, tags.index("I-ORG")] = 1.0
    found = [tags[i] for i in find_tags(scores, between, first)[0]]
    assert found[:2] == ["B-ORG", "I-ORG"]


@given(st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_tags_are_the_best_of_all_rows(length: int, seed: int) -> None:
    tags = ["O", "B-A", "I-A", "B-B", "I-B"]
    between, first = find_transitions(tags)
    scores = np.random.default_rng(seed).normal(size=(1, length, len(tags))).astype(np.float32)

    def total(row: tuple[int, ...]) -> float:
        steps = sum(float(between[a, b]) for a, b in itertools.pairwise(row))
        return steps + float(first[row[0]]) + sum(float(scores[0, i, tag]) for i, tag in enumerate(row))

    best = max(total(row) for row in itertools.product(range(len(tags)), repeat=length))
    assert total(tuple(find_tags(scores, between, first)[0])) == pytest.approx(best, rel=1e-4)


def is_tree(heads: list[int]) -> bool:
    if heads.count(0) != 1:
        return False
    for start in range(1, len(heads) + 1):
        at, steps = start, 0
        while at and steps <= len(heads):
            at, steps = heads[at - 1], steps + 1
        if at:
            return False
    return True


@given(st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_heads_are_the_best_tree_with_one_root(count: int, seed: int) -> None:
    scores = np.random.default_rng(seed).normal(size=(count, count + 1)).astype(np.float32)

    def total(heads: tuple[int, ...]) -> float:
        return sum(float(scores[i, head]) for i, head in enumerate(heads))

    trees = [t for t in itertools.product(range(count + 1), repeat=count) if is_tree(list(t))]
    found = find_heads(scores)
    assert is_tree(found)
    assert total(tuple(found)) == pytest.approx(max(map(total, trees)), abs=1e-4)


@given(st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_heads_of_long_sentences_make_a_tree(count: int, seed: int) -> None:
    scores = np.random.default_rng(seed).normal(size=(count, count + 1)).astype(np.float32)
    assert is_tree(find_heads(scores))


# --- spans of our own classes


def test_spans_are_as_sure_as_their_least_sure_word() -> None:
    labels = ["O", "B-Office", "I-Office", "B-Media", "I-Media"]
    scores = np.full((4, 5), -9.0, dtype=np.float32)
    scores[0, 1] = 9.0
    scores[1, [2, 0]] = 3.0, 3.0
    scores[2, 0] = scores[3, 3] = 9.0
    found = find_spans(["B-Office", "I-Office", "O", "B-Media"], scores, labels)
    assert [(s.start, s.end, s.label) for s in found] == [(0, 2, "Office"), (3, 4, "Media")]
    assert [s.score for s in found] == [0.5, 1.0]


# --- the network, with a stand-in for the weights


def run_chain(inputs: Mapping[str, NDArray[np.int64]]) -> dict[str, NDArray[np.float32]]:
    """Each word hangs on the one before; capitalised words are places, the rest nothing."""
    rows, width = inputs["first"].shape
    count = width - 1
    shapes = np.take_along_axis(inputs["shapes"], inputs["first"], axis=1)[:, 1:]
    out = {
        name: np.zeros((rows, count, len(LABELS[name])), dtype=np.float32)
        for name in ("names", "upos", "xpos", "edits")
    }
    out["names"][:, :, 0] = 1.0
    out["names"][shapes == 7] = [0, 0, 0, 0, 0, 2, 3]
    out["edits"][shapes == 7] = [0, 1, 0]
    arcs = np.zeros((rows, count, width), dtype=np.float32)
    arcs[:, np.arange(count), np.arange(count)] = 5.0
    return out | {
        "arcs": arcs,
        "heads": np.zeros((rows, width, 2), dtype=np.float32),
        "dependents": np.zeros((rows, count, 2), dtype=np.float32),
    }


@pytest.fixture
def stand_in() -> Network:
    return Network(run_chain, LABELS, np.zeros((2, 3, 3), dtype=np.float32), WordEncoder(PIECES), "stand-in")


def test_a_doc_is_filled(stand_in: Network) -> None:
    nlp = spacy.blank("en")
    doc = Parser(nlp.vocab, stand_in)(nlp("Paris Metro met Japan. \n\nJapan met."))
    assert [sent.text.strip() for sent in doc.sents] == ["Paris Metro met Japan.", "Japan met."]
    assert [ent.text for ent in doc.ents] == ["Paris Metro", "Japan", "Japan"]
    assert {ent.label_ for ent in doc.ents} == {"LOC"}
    assert [t.dep_ for t in doc if not t.is_space] == [
        "ROOT",
        "dep",
        "dep",
        "dep",
        "dep",
        "ROOT",
        "dep",
        "dep",
    ]
    assert [t.head.text for t in doc][:4] == ["Paris", "Paris", "Metro", "met"]
    assert [t.pos_ for t in doc if t.is_space] == ["SPACE"]
    assert doc[0].lemma_ == "Paris"
    assert doc[0].tag_ == "NN"
    assert doc.has_annotation("DEP")


def test_spans_of_our_own_classes_are_set_with_how_sure_they_are() -> None:
    tags = ["O", "B-Media", "I-Media"]

    def run(inputs: Mapping[str, NDArray[np.int64]]) -> dict[str, NDArray[np.float32]]:
        out = run_chain(inputs)
        own = np.zeros((*out["upos"].shape[:2], 3), dtype=np.float32)
        own[:, 1, 1] = own[:, 2, 2] = 20.0
        return out | {"own": own}

    relations = np.zeros((2, 3, 3), dtype=np.float32)
    network = Network(run, {**LABELS, "own": tags}, relations, WordEncoder(PIECES), "stand-in")
    nlp = spacy.blank("en")
    doc = Parser(nlp.vocab, network)(nlp("\nParis Japan Metro met."))
    assert [(span.text, span.label_) for span in doc.spans[OWN_SPANS]] == [("Japan Metro", "Media")]
    assert doc.spans[OWN_SPANS].attrs["scores"] == [1.0]
    (parse,) = network.read([["met"] * 500])
    assert parse.own[0] == OwnSpan(1, 3, "Media", 1.0)
    assert parse.own[1].start > 300


@pytest.mark.parametrize("text", ["", " ", "\n\n", " Japan met."])
def test_docs_with_little_in_them(stand_in: Network, text: str) -> None:
    nlp = spacy.blank("en")
    doc = Parser(nlp.vocab, stand_in)(nlp(text))
    assert doc.text == text
    assert len(doc.spans[OWN_SPANS]) == 0
    assert [t.pos_ for t in doc if t.is_space] == ["SPACE"] * sum(t.is_space for t in doc)


def test_a_sentence_too_long_for_the_network_is_read_in_parts(stand_in: Network) -> None:
    words = ["met"] * 500 + ["."] + ["met"] * 600
    (parse,) = stand_in.read([words])
    assert len(parse.heads) == len(words)
    assert is_tree(list(parse.heads))
    assert "parataxis" in parse.relations


@given(
    st.lists(
        st.lists(st.sampled_from(["Japan", "met", "Metro", "."]), min_size=1, max_size=9),
        min_size=1,
        max_size=9,
    )
)
def test_sentences_are_read_alike_alone_and_together(sentences: list[list[str]]) -> None:
    network = Network(run_chain, LABELS, np.zeros((2, 3, 3), dtype=np.float32), WordEncoder(PIECES))
    assert network.read(sentences) == [network.read([words])[0] for words in sentences]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"model\.onnx: the model's file is missing"):
        load_network(tmp_path)


# --- the model that is shipped

HAS_MODEL = (model_folder() / "model.onnx").is_file()
shipped = pytest.mark.skipif(not HAS_MODEL, reason="no model in models/en: make model")


@shipped
def test_the_model_is_small_and_marked() -> None:
    folder = model_folder()
    assert sum(path.stat().st_size for path in folder.iterdir()) < 30_000_000
    assert "CC BY-SA 4.0" in (folder / "LICENSE").read_text(encoding="utf-8")
    assert "English-EWT" in (folder / "ATTRIBUTION.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(load_catalog(), "kg")


@shipped
def test_news_is_parsed(reader: Reader) -> None:
    text = "The U.S. defense secretary, Lloyd Austin, visited Japanese officials in Tokyo on Monday. NATO welcomed it."
    doc = reader.read(Document(("t",), text)).doc
    by_text = {token.text: token for token in doc}
    assert len(list(doc.sents)) == 2
    assert (
        by_text["visited"].pos_,
        by_text["visited"].tag_,
        by_text["visited"].dep_,
        by_text["visited"].lemma_,
    ) == (
        "VERB",
        "VBD",
        "ROOT",
        "visit",
    )
    assert (by_text["secretary"].dep_, by_text["secretary"].head.text) == ("nsubj", "visited")
    assert (by_text["officials"].dep_, by_text["officials"].lemma_) == ("obj", "official")
    assert {(ent.text, ent.label_) for ent in doc.ents} >= {
        ("Lloyd Austin", "PERSON"),
        ("Tokyo", "LOC"),
        ("NATO", "ORG"),
    }


@shipped
def test_reading_twice_gives_the_same(reader: Reader, seeds: Path) -> None:
    text = sorted(seeds.glob("*.txt"))[0].read_text(encoding="utf-8")
    first, second = (reader.read(Document(("t",), text)).doc.to_bytes() for _ in range(2))
    assert first == second


@shipped
def test_the_version_names_the_weights(reader: Reader) -> None:
    assert load_network(model_folder()).digest in reader.version


@shipped
def test_extraction_with_the_model(seeds: Path) -> None:
    text = sorted(seeds.glob("*.txt"))[0].read_text(encoding="utf-8")
    extraction = Extractor(model="kg").extract(Document(("t",), text))
    assert extraction.entities
    assert extraction.claims


@shipped
def test_the_command_takes_the_model(tmp_path: Path, root: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("Japan and France signed an accord in Paris.", encoding="utf-8")
    command = [sys.executable, "-m", "kg", "extract", str(note), "--model", "kg", "--json"]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | {"PYTHONPATH": str(root / "src")},
    )
    assert done.returncode == 0, done.stderr
    assert any("France" in json.dumps(json.loads(line)) for line in done.stdout.splitlines())


@shipped
def test_spacy_finds_the_component() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("kg_parser")
    assert next(nlp("Tokyo met Seoul.").sents)[1].pos_ == "VERB"


def test_an_unknown_pipeline_is_refused_in_one_line() -> None:
    with pytest.raises(MissingExtra, match="python -m spacy download en_core_web_none"):
        Reader(load_catalog(), "en_core_web_none")


@pytest.mark.parametrize("size", [2, 97])
def test_relations_are_scored_in_parts_as_in_one_product(size: int) -> None:
    """In parts, because OpenBLAS makes small products on one thread; all of 300 words are scored."""
    numbers = np.random.default_rng(7)
    labels = {**LABELS, "relations": ["root", "nsubj", "obj", "case"]}
    weight = numbers.normal(size=(4, size + 1, size + 1)).astype(np.float32)
    network = Network(run_chain, labels, weight, WordEncoder(PIECES))
    chosen = [[0, *range(1, 180)], [*range(2, 121), 0]]
    heads, dependents = (numbers.normal(size=(2, 181, size)).astype(np.float32) for _ in range(2))
    found = network._find_relations(heads, dependents, chosen)
    for row, above in enumerate(chosen):
        left = np.pad(dependents[row, : len(above)], ((0, 0), (0, 1)), constant_values=1)
        right = np.pad(heads[row, above], ((0, 0), (0, 1)), constant_values=1)
        scores = np.einsum("wi,rio,wo->wr", left, weight, right)
        scores[:, 0] = [1e9 if head == 0 else -1e9 for head in above]
        assert found[row] == scores.argmax(1).tolist()
