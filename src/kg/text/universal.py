"""Parses in ClearNLP's scheme, which spaCy's English pipelines have, as Universal Dependencies.

Patterns are written for Universal Dependencies (https://universaldependencies.org/u/dep/), in which content words hang
on content words. ClearNLP hangs "Paris" on "in" and "president" on "is". Prepositions, copulas and rows are turned
round; labels follow the word list ``clear_relations``. What the scheme does not tell is lost: names with a flat
structure, times among the obliques, nominal modifiers by kind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np
from spacy.tokens import Doc
from thinc.types import Ints2d

#: Labels that only ClearNLP's scheme has, and every parse in it.
CLEAR_ONLY = frozenset({"pobj", "nsubjpass", "dobj"})
_NOMINAL = frozenset({"NOUN", "PROPN", "PRON", "NUM"})
_BE = frozenset({"be", "am", "is", "are", "was", "were", "been", "being", "'s", "'re", "'m", "’s"})
_PREPOSITIONS = frozenset({"prep", "agent"})
_COLUMNS: list[int | str] = ["HEAD", "DEP"]


def make_universal(doc: Doc, relations: Mapping[str, str | None]) -> Doc:
    """`doc` with its arcs turned into Universal Dependencies; `relations` are ClearNLP's labels → ours."""
    tree = _Tree(doc)
    for i in sorted(range(len(doc)), key=lambda i: -tree.depth(i)):
        if tree.labels[i] in _PREPOSITIONS or (tree.labels[i] == "dative" and doc[i].pos_ == "ADP"):
            tree.turn_preposition(i)
    for i in sorted(range(len(doc)), key=lambda i: -tree.depth(i)):
        if doc[i].lower_ in _BE and tree.labels[i] not in {"aux", "auxpass"}:
            tree.turn_copula(i)
    tree.rename(relations)
    tree.straighten_rows()
    strings = doc.vocab.strings
    rows = [
        ((head - i) % 2**64, strings.add(label))
        for i, (head, label) in enumerate(zip(tree.heads, tree.labels, strict=True))
    ]
    return doc.from_array(_COLUMNS, cast(Ints2d, np.array(rows, dtype=np.uint64))) if rows else doc


class _Tree:
    """Heads (token indexes, a root is its own) and labels of a `Doc`, to be changed."""

    def __init__(self, doc: Doc) -> None:
        self._doc = doc
        self.heads = [token.head.i for token in doc]
        self.labels = [token.dep_ for token in doc]
        self._named: set[int] = set()  # tokens whose labels are ours already

    def depth(self, i: int) -> int:
        """Steps from token `i` to its root."""
        steps = 0
        while self.heads[i] != i:
            i, steps = self.heads[i], steps + 1
        return steps

    def children(self, i: int) -> Sequence[int]:
        """The tokens that hang on `i`, in text order."""
        sentence = self._doc[i].sent
        return [j for j in range(sentence.start, sentence.end) if self.heads[j] == i and j != i]

    def turn_preposition(self, i: int) -> None:
        """Hang the complement of the preposition `i` where it hung, and it on the complement."""
        below = self.children(i)
        wanted = ("pobj", "pcomp", "obl", "nmod")
        found = next((j for label in wanted for j in below if self.labels[j] == label), None)
        if found is None or self.heads[i] == i:
            return
        head = self.heads[i]
        while self.labels[head] in _PREPOSITIONS and self.labels[i] == "conj" and self.heads[head] != head:
            head = self.heads[head]
        nominal = self._doc[head].pos_ in _NOMINAL
        clause = self.labels[found] == "pcomp"
        if clause:
            label = "acl" if nominal else "advcl"
        elif self.labels[i] == "agent":
            label = "obl:agent"
        else:
            label = "nmod" if nominal else "obl"
        self._promote(found, i, label, "mark" if clause else "case")

    def turn_copula(self, i: int) -> None:
        """Hang what the form of "be" at `i` links its subject with where the form hung, and it on that."""
        below = self.children(i)
        if any(self.labels[j] == "expl" for j in below):
            return
        found = next((j for j in below if self.labels[j] in {"attr", "acomp"}), None)
        if found is None and any(self.labels[j] in {"nsubj", "csubj"} for j in below):
            found = next((j for j in below if j > i and self.labels[j] == "obl"), None)
        if found is not None:
            self._named.discard(found)  # it takes the label that the form of "be" had
            self._promote(found, i, self.labels[i], "cop")

    def _promote(self, found: int, i: int, label: str, own: str) -> None:
        """Put `found` in the place of its head `i`, with `label`; `i` and what hung on it hang on `found`."""
        for j in self.children(i):
            self.heads[j] = found
        self.heads[found] = self.heads[i] if self.heads[i] != i else found
        self.labels[found] = label
        self.heads[i], self.labels[i] = found, own
        self._named |= {i, found} if own != "cop" else {i}

    def rename(self, relations: Mapping[str, str | None]) -> None:
        """Give every label its name in Universal Dependencies."""
        for i, label in enumerate(self.labels):
            if i in self._named:
                continue
            if label == "npadvmod":
                nominal = self._doc[self.heads[i]].pos_ in _NOMINAL
                self.labels[i] = "nmod:unmarked" if nominal else "obl:unmarked"
            elif label == "aux" and self._doc[i].lower_ == "to":
                self.labels[i] = "mark"
            else:
                self.labels[i] = relations.get(label.lower()) or label

    def straighten_rows(self) -> None:
        """Hang every member of a row on the first, and "and" on the member after it."""
        for i, label in enumerate(self.labels):
            if label == "conj":
                head = self.heads[i]
                while self.labels[head] == "conj" and self.heads[head] != head:
                    head = self.heads[head]
                self.heads[i] = head
        for i, label in enumerate(self.labels):
            if label == "cc":
                first = self.heads[i] if self.labels[self.heads[i]] != "conj" else self.heads[self.heads[i]]
                after = [j for j in self.children(first) if j > i and self.labels[j] == "conj"]
                self.heads[i] = after[0] if after else self.heads[i]
