"""The prepared corpora as sentences to learn from: read, labels made to agree, capitals varied."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kg.text.parser.lemmas import find_edit

DEFAULT_FOLDER = Path(__file__).resolve().parent.parent.parent / "shared" / "training" / "data"
TREEBANKS = ("ewt", "gum")
TEST_SETS = ("ewt", "gum", "pud")
#: The annotation guideline that each source of names follows.
GUIDELINES = ("uner", "gum", "wiki")
#: A tag that says nothing: the guideline of the source does not tell.
UNTOLD = "-"
LONGEST_SENTENCE = 120


class MissingCorpus(Exception):
    """A corpus file is not there."""


@dataclass(frozen=True, slots=True)
class Tree:
    """A sentence's syntax, one value a word; heads are counted from 1, 0 is the root."""

    upos: tuple[str, ...]
    xpos: tuple[str, ...]
    heads: tuple[int, ...]
    relations: tuple[str, ...]
    edits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words with their names: `names` as all sources agree on them, `own_names` by the source's guideline."""

    source: str
    words: tuple[str, ...]
    spaces: tuple[bool, ...]
    names: tuple[str, ...]
    own_names: tuple[str, ...]
    tree: Tree | None = None
    lemmas: tuple[str, ...] = ()

    @property
    def guideline(self) -> int:
        """The place of the source's guideline in `GUIDELINES`."""
        return 0 if self.source in ("ewt", "pud") else 1 if self.source.startswith("gum") else 2


def read_records(folder: Path, name: str) -> Iterator[dict[str, object]]:
    """The records of ``<name>.jsonl.gz`` in `folder`. Raises `MissingCorpus` if the file is not there."""
    path = folder / f"{name}.jsonl.gz"
    if not path.is_file():
        raise MissingCorpus(
            f"{path}: no such corpus; give the folder of the prepared corpora with --data (see training/README.md)"
        )
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def check_corpora(folder: Path) -> None:
    """Do nothing if `folder` holds all that training reads; raises `MissingCorpus` for the first missing file."""
    for name in ("ewt_train", "gum_train", "NER_train", "ewt_dev", "gum_dev", "NER_ewt_dev", "NER_gum_dev"):
        next(read_records(folder, name))


def read_trees(folder: Path, name: str) -> list[Sentence]:
    """The sentences of the treebank file `name`, such as "ewt_train", names included where they are annotated."""
    named = {}
    for record in read_records(folder, "NER_train" if name.endswith("train") else f"NER_{name}"):
        named[tuple(record["words"])] = tuple(record["tags"])
    sentences = []
    for record in read_records(folder, name):
        words = tuple(record["words"])
        lemmas = tuple(
            word if lemma == "_" else lemma for word, lemma in zip(words, record["lemma"], strict=True)
        )
        tree = Tree(
            tuple(record["upos"]),
            tuple(record["xpos"]),
            tuple(record["head"]),
            tuple(record["dep"]),
            tuple(find_edit(word, lemma) for word, lemma in zip(words, lemmas, strict=True)),
        )
        untold = (UNTOLD,) * len(words)
        agreed = named.get(words, untold)
        own = tuple(record["ner"]) if record["src"] == "ewt" and record["ner"] else agreed
        sentences.append(Sentence(record["src"], words, tuple(record["sp"]), agreed, own, tree, lemmas))
    return sentences


def read_names(folder: Path, name: str = "NER_train") -> list[Sentence]:
    """The sentences of `name` that have names only; those of the treebanks are left out of the training file."""
    sentences = []
    for record in read_records(folder, name):
        if name == "NER_train" and record["src"].startswith(TREEBANKS):
            continue
        words, tags, spaces = tuple(record["words"]), tuple(record["tags"]), tuple(record["sp"])
        for start in range(0, len(words), LONGEST_SENTENCE):
            part = slice(start, start + LONGEST_SENTENCE)
            sentences.append(Sentence(record["src"], words[part], spaces[part], tags[part], tags[part]))
    return sentences


def read_training(folder: Path) -> tuple[list[Sentence], list[Sentence]]:
    """The training sentences with trees, and those with names only."""
    trees = [
        s
        for bank in TREEBANKS
        for s in read_trees(folder, f"{bank}_train")
        if len(s.words) <= LONGEST_SENTENCE
    ]
    return trees, read_names(folder)


def vary_capitals(sentence: Sentence, chance: random.Random) -> Sentence:
    """`sentence`, or with a small chance the same without capitals, in capitals, or written as a headline."""
    roll = chance.random()
    if roll < 0.03:
        return replace(sentence, words=tuple(word.lower() for word in sentence.words))
    if roll < 0.06:
        return replace(sentence, words=tuple(word.upper() for word in sentence.words))
    if roll < 0.14 and 3 < len(sentence.words) <= 30:
        short = _without_stop(sentence) if chance.random() < 0.7 else sentence
        return replace(short, words=_headline(short.words))
    return sentence


_SMALL = frozenset(
    [
        "a",
        "an",
        "and",
        "as",
        "at",
        "but",
        "by",
        "for",
        "from",
        "in",
        "into",
        "nor",
        "of",
        "on",
        "or",
        "over",
        "the",
        "to",
        "with",
        "vs.",
        "is",
    ]
)


def _headline(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(
        word if (i and word in _SMALL) or not word[:1].islower() else word[0].upper() + word[1:]
        for i, word in enumerate(words)
    )


def _without_stop(sentence: Sentence) -> Sentence:
    """`sentence` without a full stop at its end, if nothing hangs on the stop."""
    last = len(sentence.words)
    tree = sentence.tree
    if sentence.words[-1] != "." or (tree is not None and (last in tree.heads or tree.heads[-1] == 0)):
        return sentence
    cut = None
    if tree is not None:
        cut = Tree(tree.upos[:-1], tree.xpos[:-1], tree.heads[:-1], tree.relations[:-1], tree.edits[:-1])
    return replace(
        sentence,
        words=sentence.words[:-1],
        spaces=sentence.spaces[:-1],
        names=sentence.names[:-1],
        own_names=sentence.own_names[:-1],
        tree=cut,
        lemmas=sentence.lemmas[:-1],
    )
