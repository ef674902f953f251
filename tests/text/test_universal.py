from __future__ import annotations

from pathlib import Path

import pytest
import spacy
from spacy.tokens import Doc
from spacy.training import Example

from kg.catalog import load_catalog
from kg.errors import MissingExtra
from kg.model import Document
from kg.pipeline import Extractor
from kg.text.pipelines import load_pipeline
from kg.text.reader import Reader
from kg.text.universal import make_universal

RELATIONS = load_catalog().lexicon.entries("clear_relations")
_NLP = spacy.blank("en")


def parsed(rows: str) -> Doc:
    """A `Doc` of rows "word/POS/head/label"; heads count from 0."""
    cells = [row.rsplit("/", 3) for row in rows.split()]
    return Doc(
        _NLP.vocab,
        words=[c[0] for c in cells],
        pos=[c[1] for c in cells],
        heads=[int(c[2]) for c in cells],
        deps=[c[3] for c in cells],
    )


def arcs(doc: Doc) -> list[str]:
    return [f"{t.text} {t.dep_} {t.head.text}" for t in doc]


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        (
            "Ministers/NOUN/1/nsubj met/VERB/1/ROOT in/ADP/1/prep Paris/PROPN/2/pobj",
            ["Ministers nsubj met", "met ROOT met", "in case Paris", "Paris obl met"],
        ),
        (
            "the/DET/1/det port/NOUN/4/nsubjpass of/ADP/1/prep Riga/PROPN/2/pobj shelled/VERB/4/ROOT "
            "by/ADP/4/agent drones/NOUN/5/pobj",
            [
                "the det port",
                "port nsubj:pass shelled",
                "of case Riga",
                "Riga nmod port",
                "shelled ROOT shelled",
                "by case drones",
                "drones obl:agent shelled",
            ],
        ),
        (
            "Orlik/PROPN/1/nsubj is/AUX/1/ROOT minister/NOUN/1/attr of/ADP/2/prep defence/NOUN/3/pobj ./PUNCT/1/punct",
            [
                "Orlik nsubj minister",
                "is cop minister",
                "minister ROOT minister",
                "of case defence",
                "defence nmod minister",
                ". punct minister",
            ],
        ),
        (
            "Camp/PROPN/1/nsubj is/AUX/1/ROOT in/ADP/1/prep Poland/PROPN/2/pobj",
            ["Camp nsubj Poland", "is cop Poland", "in case Poland", "Poland ROOT Poland"],
        ),
        (
            "There/PRON/1/expl is/VERB/1/ROOT camp/NOUN/1/attr in/ADP/1/prep Poland/PROPN/3/pobj",
            ["There expl is", "is ROOT is", "camp xcomp is", "in case Poland", "Poland obl is"],
        ),
        (
            "Oslo/PROPN/4/nsubj Riga/PROPN/0/conj and/CCONJ/1/cc Bonn/PROPN/1/conj agreed/VERB/4/ROOT",
            ["Oslo nsubj agreed", "Riga conj Oslo", "and cc Bonn", "Bonn conj Oslo", "agreed ROOT agreed"],
        ),
        (
            "They/PRON/1/nsubj want/VERB/1/ROOT to/PART/3/aux join/VERB/1/xcomp NATO/PROPN/3/dobj",
            [
                "They nsubj want",
                "want ROOT want",
                "to mark join",
                "join xcomp want",
                "NATO obj join",
            ],
        ),
        (
            "fire/NOUN/1/nsubj came/VERB/1/ROOT from/ADP/1/prep under/ADP/2/prep deck/NOUN/3/pobj",
            ["fire nsubj came", "came ROOT came", "from case deck", "under case deck", "deck obl came"],
        ),
        (
            "He/PRON/1/nsubj came/VERB/1/ROOT after/ADP/1/prep visiting/VERB/2/pcomp Rome/PROPN/3/dobj",
            [
                "He nsubj came",
                "came ROOT came",
                "after mark visiting",
                "visiting advcl came",
                "Rome obj visiting",
            ],
        ),
        (
            "flew/VERB/0/ROOT Monday/PROPN/0/npadvmod off/ADP/0/prep",
            ["flew ROOT flew", "Monday obl:unmarked flew", "off advmod flew"],
        ),
    ],
)
def test_arcs_are_turned_and_named(rows: str, wanted: list[str]) -> None:
    assert arcs(make_universal(parsed(rows), RELATIONS)) == wanted


def test_an_empty_text_stays_empty() -> None:
    assert len(make_universal(Doc(_NLP.vocab), RELATIONS)) == 0


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pipeline as spaCy trains them, with ClearNLP's labels, that knows two sentences by heart."""
    nlp = spacy.blank("en")
    nlp.add_pipe("parser", config={"min_action_freq": 1})
    doc = parsed(
        "Japan/PROPN/1/nsubj signed/VERB/1/ROOT it/PRON/1/dobj in/ADP/1/prep Riga/PROPN/3/pobj ./PUNCT/1/punct"
    )
    examples = [Example(nlp.make_doc(doc.text.replace(" .", ".")), doc)]
    nlp.initialize(lambda: examples)
    for _ in range(25):
        nlp.update(examples)
    folder = tmp_path_factory.mktemp("pipeline") / "en_two"
    nlp.to_disk(folder)
    return folder


def test_a_pipeline_from_a_folder_reads_as_universal_dependencies(pipeline: Path) -> None:
    reader = Reader(load_catalog(), str(pipeline))
    doc = reader.read(Document(("n",), "Japan signed it in Riga.")).doc
    assert arcs(doc)[2:5] == ["it obj signed", "in case Riga", "Riga obl signed"]
    extraction = Extractor(model=str(pipeline)).extract(Document(("n",), "Japan signed it in Riga."))
    assert {e.names[0] for e in extraction.entities} >= {"Japan", "Riga"}


def test_a_pipeline_that_changes_in_its_folder_is_another(pipeline: Path) -> None:
    before = Reader(load_catalog(), str(pipeline)).version
    assert Reader(load_catalog(), str(pipeline)).version == before
    (pipeline / "note.txt").write_text("trained anew", encoding="utf-8")
    assert Reader(load_catalog(), str(pipeline)).version != before


@pytest.mark.parametrize(
    ("model", "wanted"),
    [
        ("en_core_web_sm", "python -m spacy download en_core_web_sm"),
        ("./models/mine", "give the name of one, or a folder"),
        ("", "cannot be loaded"),
    ],
)
def test_a_pipeline_that_is_not_there_is_one_line_of_advice(
    model: str, wanted: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if model == "en_core_web_sm" and spacy.util.is_package(model):
        pytest.skip("it is installed here")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MissingExtra, match=wanted) as caught:
        load_pipeline(model)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"meta.json": "{"},
        {"meta.json": '{"lang": "en"}'},
        {
            "meta.json": '{"lang": "en"}',
            "config.cfg": '[nlp]\nlang = "en"\npipeline = ["wizard"]\n[components]\n',
        },
        {
            "meta.json": '{"lang": "en"}',
            "config.cfg": '[nlp]\nlang = "en"\npipeline = ["w"]\n[components.w]\nfactory = "wizard"\n',
        },
    ],
)
def test_a_folder_that_is_no_pipeline_is_one_line(files: dict[str, str], tmp_path: Path) -> None:
    for name, content in files.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(MissingExtra, match=r"cannot be loaded with spaCy \d") as caught:
        load_pipeline(str(tmp_path))
    assert "\n" not in str(caught.value)
