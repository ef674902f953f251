"""Sentences of our own: made by the grammar in ``texts/grammar.yaml``, or annotated by hand in ``texts/dev.txt``."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import yaml
from spacy.tokens import Doc
from spacy.vocab import Vocab

from kg.catalog import load_catalog
from kg.text.reader import RULES, Reader
from kg.text.tokenization import make_tokenizer
from training.labels import Labelled

TEXTS = Path(__file__).resolve().parent / "texts"
_SLOT = re.compile(r"\{(\w+)\}")
_MARKED = re.compile(r"\[([^\]|]+)\|(\w+)\]")

Tokenize = Callable[[str], Doc]
#: A text with its mentions: (first code point, code point after the last, class).
Marked = tuple[str, list[tuple[int, int, str]]]


def make_tokenize() -> Tokenize:
    """The tokenizer that every reader has."""
    catalog = load_catalog()
    known = {s for s in catalog.gazetteer.surfaces if s[:1].isupper()}
    vocab: Vocab = Reader(catalog, RULES).vocab
    tokenizer: Tokenize = make_tokenizer(vocab, known)
    return tokenizer


class Grammar:
    """A grammar of slots; the same `chance` gives the same sentences."""

    def __init__(self, path: Path, chance: random.Random) -> None:
        declared = yaml.safe_load(path.read_text(encoding="utf-8"))
        self._classes: Mapping[str, str] = declared["classes"]
        self._syllables: Sequence[str] = declared["syllables"]
        self._slots: Mapping[str, Sequence[str]] = declared["slots"]
        self._sentences: Sequence[str] = declared["sentences"]
        self._chance = chance
        wanted = {slot for text in self._sentences for slot in _SLOT.findall(text)}
        wanted |= {slot for texts in self._slots.values() for text in texts for slot in _SLOT.findall(text)}
        if missing := wanted - set(self._slots) - {"name"}:
            raise ValueError(f"{path}: no such slots: {', '.join(sorted(missing))}")

    def sentence(self) -> Marked:
        """A sentence with its mentions."""
        text, mentions = self.expand(self._chance.choice(self._sentences))
        return text[:1].upper() + text[1:], mentions

    def draw(self, own_class: str) -> str:
        """A name of `own_class`."""
        slots = [slot for slot, name in self._classes.items() if name == own_class]
        return self.expand(self._chance.choice(self._slots[slots[0]]))[0]

    def expand(self, text: str) -> Marked:
        """`text` with its slots filled, and the outermost of them that are mentions."""
        made, mentions, at = "", [], 0
        for slot in _SLOT.finditer(text):
            made += text[at : slot.start()]
            name = slot[1]
            if name == "name":
                inner = self._name()
                below: list[tuple[int, int, str]] = []
            else:
                inner, below = self.expand(self._chance.choice(self._slots[name]))
            if name in self._classes:
                below = [(0, len(inner), self._classes[name])]
            mentions += [(start + len(made), end + len(made), label) for start, end, label in below]
            made += inner
            at = slot.end()
        return made + text[at:], mentions

    def _name(self) -> str:
        parts = [self._chance.choice(self._syllables) for _ in range(self._chance.choice((2, 2, 3)))]
        return "".join(parts).capitalize()


def read_marked(path: Path) -> list[Marked]:
    """The annotated sentences in `path`: one a line, mentions as ``[words|Class]``, ``#`` opens a comment."""
    found: list[Marked] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        text, mentions, at = "", [], 0
        for mark in _MARKED.finditer(line):
            text += line[at : mark.start()]
            mentions.append((len(text), len(text) + len(mark[1]), mark[2]))
            text += mark[1]
            at = mark.end()
        found.append((text + line[at:], mentions))
    return found


def label(marked: Marked, tokenize: Tokenize, source: str) -> Labelled:
    """`marked` as words with tags; a mention's tokens are those that overlap it."""
    text, mentions = marked
    tokens = [token for token in tokenize(text) if not token.is_space]
    tags = ["O"] * len(tokens)
    for start, end, name in mentions:
        inside = [i for i, t in enumerate(tokens) if t.idx < end and t.idx + len(t) > start]
        for i in inside:
            tags[i] = f"{'B' if i == inside[0] else 'I'}-{name}"
    return Labelled(source, tuple(token.text for token in tokens), tuple(tags))
