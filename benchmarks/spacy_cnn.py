"""A spaCy pipeline of the usual small size (one CNN, four heads), trained on the corpora that our model learns from.

It is a yardstick for ``language_model.py``, made anew wherever that runs, and not part of the package.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.training import Example
from thinc.api import Config
from training.corpora import UNTOLD, Sentence, read_training

from kg.text.parser.network import Parse

#: The CNN of spaCy's small English pipelines: width 96, four layers that see a word on each side.
CONFIG = """
[nlp]
lang = "en"
pipeline = ["tok2vec", "tagger", "morphologizer", "parser", "ner"]

[components]

[components.tok2vec]
factory = "tok2vec"
[components.tok2vec.model]
@architectures = "spacy.Tok2Vec.v2"
[components.tok2vec.model.embed]
@architectures = "spacy.MultiHashEmbed.v2"
width = 96
attrs = ["NORM", "PREFIX", "SUFFIX", "SHAPE"]
rows = [5000, 1000, 2500, 2500]
include_static_vectors = false
[components.tok2vec.model.encode]
@architectures = "spacy.MaxoutWindowEncoder.v2"
width = 96
depth = 4
window_size = 1
maxout_pieces = 3

[components.tagger]
factory = "tagger"
[components.tagger.model]
@architectures = "spacy.Tagger.v2"
[components.tagger.model.tok2vec]
@architectures = "spacy.Tok2VecListener.v1"
width = 96

[components.morphologizer]
factory = "morphologizer"
[components.morphologizer.model]
@architectures = "spacy.Tagger.v2"
[components.morphologizer.model.tok2vec]
@architectures = "spacy.Tok2VecListener.v1"
width = 96

[components.parser]
factory = "parser"
[components.parser.model]
@architectures = "spacy.TransitionBasedParser.v2"
state_type = "parser"
extra_state_tokens = false
hidden_width = 64
maxout_pieces = 2
use_upper = true
[components.parser.model.tok2vec]
@architectures = "spacy.Tok2VecListener.v1"
width = 96

[components.ner]
factory = "ner"
[components.ner.model]
@architectures = "spacy.TransitionBasedParser.v2"
state_type = "ner"
extra_state_tokens = false
hidden_width = 64
maxout_pieces = 2
use_upper = true
[components.ner.model.tok2vec]
@architectures = "spacy.Tok2Vec.v2"
[components.ner.model.tok2vec.embed]
@architectures = "spacy.MultiHashEmbed.v2"
width = 96
attrs = ["NORM", "PREFIX", "SUFFIX", "SHAPE"]
rows = [5000, 1000, 2500, 2500]
include_static_vectors = false
[components.ner.model.tok2vec.encode]
@architectures = "spacy.MaxoutWindowEncoder.v2"
width = 96
depth = 4
window_size = 1
maxout_pieces = 3
"""
_SMALLEST, _LARGEST, _GROWTH = 200.0, 1500.0, 1.002  # words in a batch
_DROPOUT = 0.1


def make_example(nlp: Language, sentence: Sentence) -> Example:
    """What the sentence teaches: names where its source tells them, the tree where it has one."""
    words, spaces = list(sentence.words), list(sentence.spaces)
    told = Doc(nlp.vocab, words=words, spaces=spaces)
    tree = sentence.tree
    if tree is not None:
        told = Doc(
            nlp.vocab,
            words=words,
            spaces=spaces,
            tags=list(tree.xpos),
            pos=list(tree.upos),
            heads=[i if head == 0 else head - 1 for i, head in enumerate(tree.heads)],
            deps=["ROOT" if relation == "root" else relation for relation in tree.relations],
        )
    untold = [Span(told, i, i + 1) for i, tag in enumerate(sentence.names) if tag == UNTOLD]
    told.set_ents(list(_names(told, sentence.names)), missing=untold, default="outside")
    return Example(Doc(nlp.vocab, words=words, spaces=spaces), told)


def _names(doc: Doc, tags: Sequence[str]) -> Iterator[Span]:
    begin: int | None = None
    for at, tag in enumerate((*tags, "O")):
        if begin is not None and not tag.startswith("I-"):
            yield Span(doc, begin, at, label=tags[begin][2:])
            begin = None
        if tag.startswith("B-"):
            begin = at


def train(corpora: Path, folder: Path, minutes: float, seed: int = 0) -> dict[str, float]:
    """Train for `minutes` of processor time on one core and write the pipeline to `folder`; what it took."""
    spacy.util.fix_random_seed(seed)
    order = random.Random(seed)
    pipeline = spacy.util.load_model_from_config(Config().from_str(CONFIG), auto_fill=True)
    trees, names = read_training(corpora)
    examples = [make_example(pipeline, sentence) for sentence in (*trees, *names)]
    # Labels are taken from the sentences with trees; those with names only have none.
    optimizer = pipeline.initialize(lambda: examples[: len(trees)])
    began, words, steps, size = time.process_time(), 0, 0, _SMALLEST
    shown = began
    while True:
        order.shuffle(examples)
        batch: list[Example] = []
        batch_words = 0
        for example in examples:
            batch.append(example)
            batch_words += len(example.reference)
            if batch_words < size:
                continue
            losses = pipeline.update(batch, sgd=optimizer, drop=_DROPOUT)
            words, steps, size = words + batch_words, steps + 1, min(_LARGEST, size * _GROWTH)
            batch, batch_words = [], 0
            now = time.process_time()
            if now - shown > 60:
                told = "  ".join(f"{name} {value:.0f}" for name, value in losses.items())
                print(f"{(now - began) / 60:.1f} of {minutes:g} min  {words} words  {told}", flush=True)
                shown = now
            if now - began > 60 * minutes:
                folder.parent.mkdir(parents=True, exist_ok=True)
                with pipeline.use_params(optimizer.averages):
                    pipeline.to_disk(folder)
                passes = words / sum(len(e.reference) for e in examples)
                report = {"minutes": minutes, "seed": seed, "steps": steps, "passes": round(passes, 2)}
                (folder / "training.json").write_text(json.dumps(report) + "\n", encoding="utf-8")
                return report


class Cnn:
    """The trained pipeline behind the interface of our network, so that both are scored by the same code."""

    def __init__(self, folder: Path) -> None:
        self._nlp = spacy.load(folder)

    def read(self, sentences: Sequence[Sequence[str]]) -> list[Parse]:
        """The parse of each sentence, its words given."""
        docs = [
            Doc(self._nlp.vocab, words=list(words), sent_starts=[i == 0 for i in range(len(words))])
            for words in sentences
        ]
        return [_parse(doc) for doc in self._nlp.pipe(docs, batch_size=128)]


def _parse(doc: Doc) -> Parse:
    return Parse(
        upos=tuple(t.pos_ for t in doc),
        xpos=tuple(t.tag_ for t in doc),
        heads=tuple(0 if t.head.i == t.i else t.head.i + 1 for t in doc),
        relations=tuple("root" if t.dep_ == "ROOT" else t.dep_ for t in doc),
        lemmas=tuple(t.text for t in doc),  # it has no lemmatizer
        names=tuple(f"{t.ent_iob_}-{t.ent_type_}" if t.ent_iob_ in ("B", "I") else "O" for t in doc),
    )
