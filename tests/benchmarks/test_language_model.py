"""The benchmark's own parts, on a handful of sentences: the figures are for its users, not for a test."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.language_model import find_network, show, size_of
from benchmarks.spacy_cnn import Cnn, make_example, train
from training.corpora import UNTOLD, read_names, read_trees
from training.evaluate import score_gold_words

TREE = {
    "id": "a-1",
    "src": "ewt",
    "words": ["Japan", "met", "France", "."],
    "sp": [True, True, False, False],
    "upos": ["PROPN", "VERB", "PROPN", "PUNCT"],
    "xpos": ["NNP", "VBD", "NNP", "."],
    "lemma": ["Japan", "meet", "France", "."],
    "head": [2, 0, 2, 2],
    "dep": ["nsubj", "root", "obj", "punct"],
    "ner": ["B-LOC", "O", "B-LOC", "O"],
}
NAMES = {**{key: TREE[key] for key in ("words", "sp", "src")}, "tags": TREE["ner"]}
ONLY_NAMES = {"words": ["Riga", "fell"], "sp": [True, False], "src": "wikigold", "tags": ["B-LOC", "O"]}


@pytest.fixture
def corpora(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()

    def write(name: str, *records: object) -> None:
        with gzip.open(folder / f"{name}.jsonl.gz", "wt", encoding="utf-8") as out:
            out.writelines(json.dumps(record) + "\n" for record in records)

    for bank in ("ewt_train", "gum_train", "ewt_test", "gum_test", "pud_test"):
        write(bank, *[TREE] * 40)
    for bank in ("NER_ewt_test", "NER_gum_test", "NER_pud_test"):
        write(bank, NAMES)
    write("NER_train", NAMES, ONLY_NAMES)
    return folder


def test_a_sentence_teaches_what_it_tells(corpora: Path) -> None:
    import spacy

    nlp = spacy.blank("en")
    (tree, *_), (names, *_) = read_trees(corpora, "ewt_train"), read_names(corpora)
    told = make_example(nlp, tree).reference
    assert [(t.tag_, t.dep_, t.head.i) for t in told][:2] == [("NNP", "nsubj", 1), ("VBD", "ROOT", 1)]
    assert [e.text for e in told.ents] == ["Japan", "France"]
    alone = make_example(nlp, names).reference
    assert not alone.has_annotation("DEP")
    assert [(e.text, e.label_) for e in alone.ents] == [("Riga", "LOC")]
    untold = make_example(nlp, type(names)("x", ("A",), (False,), (UNTOLD,), (UNTOLD,))).reference
    assert [t.ent_iob_ for t in untold] == [""]


def test_the_yardstick_is_trained_kept_and_scored_like_our_network(corpora: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out" / "cnn"
    report = train(corpora, folder, minutes=0.001)
    assert report["steps"] >= 1
    network = find_network(str(folder))
    assert isinstance(network, Cnn)
    figures = score_gold_words(network, read_trees(corpora, "pud_test"), read_names(corpora, "NER_pud_test"))  # type: ignore[arg-type]
    assert {"UPOS", "LAS", "names"} <= figures.rounded().keys()
    assert (size_of(str(folder)) or 0) > 1


def test_speed_is_measured_in_a_process_of_its_own(root: Path, seeds: Path) -> None:
    text = sorted(seeds.glob("*.txt"))[0]
    script = root / "benchmarks" / "language_model.py"
    done = subprocess.run(
        [sys.executable, str(script), "--one", "rules", "--texts", str(text)],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert json.loads(done.stdout)["words/s per core"] > 0


def test_the_table_has_a_column_for_each_model(capsys: pytest.CaptureFixture[str]) -> None:
    show({"ours": {"LAS EWT": 90.1}, "rules": {"peak MB": 1234.0}}, ["LAS EWT", "peak MB"])
    assert capsys.readouterr().out.split("\n")[1:] == [
        "| | ours | rules |",
        "|---|---|---|",
        "| LAS EWT | 90.1 |  |",
        "| peak MB |  | 1,234 |",
        "",
    ]
