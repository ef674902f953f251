"""Ten steps of training on a handful of sentences, exported and read by the package."""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="torch is for training only: see training/README.md")
onnx = pytest.importorskip("onnx", reason="onnx is for training only: see training/README.md")
pytest.importorskip("safetensors", reason="safetensors is for training only: see training/README.md")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from training.corpora import MissingCorpus, Sentence, Tree, check_corpora, vary_capitals  # noqa: E402
from training.evaluate import score_gold_words  # noqa: E402
from training.export import export, load_checkpoint, load_own  # noqa: E402
from training.labels import OWN_TAGS, Labelled  # noqa: E402
from training.network import Sizes  # noqa: E402
from training.quantization import quantize  # noqa: E402
from training.train import Trainer, parse_arguments  # noqa: E402
from training.train_own import VectorMaker, read_spans, save_head, score, train_head  # noqa: E402

from kg.text.parser.lemmas import find_edit  # noqa: E402
from kg.text.parser.network import load_network  # noqa: E402

SMALL = Sizes(vocabulary=2000, width=24, layers=2, attention_heads=2, inner=48, positions=64)
WORDS = [
    "tokyo",
    "and",
    "paris",
    "signed",
    "agreed",
    "met",
    "visited",
    "in",
    "on",
    "monday",
    ".",
    "the",
    "minister",
    "of",
    "defence",
    "japan",
    "france",
]


def sentence(text: str, upos: str, heads: list[int], relations: str, names: str) -> Sentence:
    words = tuple(text.split())
    edits = tuple(find_edit(word, word.lower()) for word in words)
    tree = Tree(tuple(upos.split()), tuple(upos.split()), tuple(heads), tuple(relations.split()), edits)
    tags = tuple(names.split())
    return Sentence(
        "ewt", words, (True,) * len(words), tags, tags, tree, tuple(word.lower() for word in words)
    )


SENTENCES = [
    sentence(
        "Tokyo met Paris .", "PROPN VERB PROPN PUNCT", [2, 0, 2, 2], "nsubj root obj punct", "B-LOC O B-LOC O"
    ),
    sentence(
        "The minister visited Japan .",
        "DET NOUN VERB PROPN PUNCT",
        [2, 3, 0, 3, 3],
        "det nsubj root obj punct",
        "O O O B-LOC O",
    ),
    sentence("Japan signed .", "PROPN VERB PUNCT", [2, 0, 2], "nsubj root punct", "B-LOC O O"),
    sentence("France agreed .", "PROPN VERB PUNCT", [2, 0, 2], "nsubj root punct", "B-LOC O O"),
]


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A base encoder's folder with a vocabulary and no weights."""
    filled = ["[PAD]", *(f"[unused{i}]" for i in range(99)), "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    pieces = [*filled, *(f"x{i}" for i in range(1000 - len(filled))), *WORDS]
    folder = tmp_path / "base"
    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(pieces) + "\n", encoding="utf-8")
    return folder


def settings(base: Path, passes: float) -> argparse.Namespace:
    arguments = [
        "--encoder",
        str(base),
        "--workers",
        "1",
        "--pieces",
        "16",
        "--passes",
        str(passes),
        "--no-bf16",
        "--rate",
        "0.01",
    ]
    return parse_arguments([*arguments, "--head-rate", "0.02", "--show-every", "9999"])


def train(base: Path, passes: float, checkpoint: Path) -> Trainer:
    torch.set_num_threads(1)
    trainer = Trainer(settings(base, passes), SENTENCES * 6, [], SMALL)
    trainer.run(checkpoint)
    return trainer


def test_ten_steps_and_an_export(base: Path, tmp_path: Path) -> None:
    trainer = train(base, 1, tmp_path / "checkpoint.pt")
    assert trainer.steps >= 10
    network, labels = load_checkpoint(tmp_path / "checkpoint.pt", SMALL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        full = export(network, labels, base / "vocab.txt", tmp_path / "full", ["shared", "uner"])
        small = quantize(full, tmp_path / "small", precise=(0,))
    assert (small / "model.onnx").stat().st_size < (full / "model.onnx").stat().st_size
    halves = [t.name for t in onnx.load(small / "model.onnx").graph.initializer if t.data_type == 10]
    assert len(halves) == 1  # the weights of the one precise product, in 16 bits
    for folder in (full, small):
        parses = load_network(folder).read([s.words for s in SENTENCES])
        assert [len(p.heads) for p in parses] == [len(s.words) for s in SENTENCES]
        assert all(p.heads.count(0) == 1 for p in parses)


def test_a_head_of_our_own_classes_is_trained_and_exported(base: Path, tmp_path: Path) -> None:
    train(base, 2, tmp_path / "checkpoint.pt")
    network, labels = load_checkpoint(tmp_path / "checkpoint.pt", SMALL)
    labelled = [
        Labelled(
            "t", ("the", "Minister", "of", "Defence", "met"), ("O", "B-Office", "I-Office", "I-Office", "O")
        ),
        Labelled("t", ("Tokyo", "visited", "Paris"), ("O", "B-Event", "O")),
        Labelled("t", ("Japan", "and", "France"), ("-", "O", "-")),
    ]
    maker = VectorMaker(network, base / "vocab.txt")
    examples = maker.make(labelled * 8)
    head = train_head(examples, passes=60, seed=0, batch=4)
    figures = score(examples, read_spans(head, examples), 0.0)
    assert figures["Office"] == "P 100.0 R 100.0 F 100.0 of 8"
    save_head(head, tmp_path / "own.pt")
    own = load_own(tmp_path / "own.pt", 2 * SMALL.width)
    assert own[1] == OWN_TAGS
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        full = export(
            network,
            labels,
            base / "vocab.txt",
            tmp_path / "full",
            ["shared"],
            own,
            {"VBD": {"met": "meet"}},
        )
        quantize(full, tmp_path / "small", precise=(1,))
        with pytest.raises(ValueError, match="layer 9: want one product"):
            quantize(full, tmp_path / "none", precise=(9,))
    together = load_network(full).read([s.words for s in labelled])
    assert [(s.start, s.end, s.label) for s in together[0].own] == [(1, 4, "Office")]
    # A sentence's spans do not depend on the longer ones beside it.
    assert load_network(full).read([labelled[1].words])[0].own == together[1].own
    assert load_network(tmp_path / "small").read([labelled[0].words])[0].own[0].label == "Office"


def test_more_steps_learn_the_sentences(base: Path, tmp_path: Path) -> None:
    train(base, 12, tmp_path / "checkpoint.pt")
    network, labels = load_checkpoint(tmp_path / "checkpoint.pt", SMALL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        full = export(network, labels, base / "vocab.txt", tmp_path / "full", ["shared"])
    figures = score_gold_words(load_network(full), SENTENCES, SENTENCES).rounded()
    assert figures["UPOS"] > 90
    assert figures["LAS"] > 80


def test_a_run_that_was_stopped_goes_on(base: Path, tmp_path: Path) -> None:
    first = train(base, 1, tmp_path / "checkpoint.pt")
    again = Trainer(settings(base, 1), SENTENCES * 6, [], SMALL)
    again.run(tmp_path / "checkpoint.pt")
    assert again.steps == first.steps


def test_a_missing_corpus_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingCorpus, match=r"ewt_train\.jsonl\.gz: no such corpus"):
        check_corpora(tmp_path)


def test_headlines_lose_their_stop_and_keep_their_tree() -> None:
    import random

    varied = {vary_capitals(SENTENCES[0], random.Random(i)).words for i in range(200)}
    assert ("Tokyo", "Met", "Paris") in varied
    assert ("TOKYO", "MET", "PARIS", ".") in varied
    for i in range(200):
        one = vary_capitals(SENTENCES[0], random.Random(i))
        assert one.tree is not None
        assert len(one.tree.heads) == len(one.words) == len(one.names)
