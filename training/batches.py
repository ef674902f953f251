"""Sentences as batches of tensors, of like length, in an order that the seed and the pass decide."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from kg.text.parser.encoding import Encoded, WordEncoder
from training.corpora import Sentence, vary_capitals
from training.network import Labels

#: What the loss passes over.
NONE = -100
MASK_ID = 103


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch: the network's inputs and the targets; `treed` are the rows with trees, their targets in that order."""

    ids: Tensor
    shapes: Tensor
    first: Tensor
    names: Tensor
    own_names: Tensor
    guidelines: Tensor
    treed: Tensor
    upos: Tensor
    xpos: Tensor
    edits: Tensor
    heads: Tensor
    relations: Tensor
    lengths: Tensor
    words: int


class Batcher:
    """Makes batches of sentences for the classes in `labels`."""

    def __init__(self, encoder: WordEncoder, labels: Labels) -> None:
        self._encoder = encoder
        self._index = [{label: i for i, label in enumerate(part)} for part in labels]

    def encode(self, sentence: Sentence) -> Encoded:
        """`sentence` as the network reads it."""
        return self._encoder.encode(sentence.words)

    def collate(self, sentences: Sequence[Sentence], encoded: Sequence[Encoded]) -> Batch:
        """The batch of `sentences`."""
        count = max(len(sentence.words) for sentence in sentences)
        treed = [i for i, sentence in enumerate(sentences) if sentence.tree is not None]
        trees = [sentences[i].tree for i in treed]
        names, upos, xpos, relations, edits = self._index

        def numbers(values: Sequence[Sequence[str]], index: dict[str, int]) -> Tensor:
            return pad([[index.get(value, NONE) for value in row] for row in values], count, NONE)

        return Batch(
            pad([e.ids for e in encoded]),
            pad([e.shapes for e in encoded]),
            pad([e.first for e in encoded], count + 1),
            numbers([s.names for s in sentences], names),
            numbers([s.own_names for s in sentences], names),
            torch.tensor([s.guideline for s in sentences]),
            torch.tensor(treed, dtype=torch.long),
            numbers([t.upos for t in trees], upos),
            numbers([t.xpos for t in trees], xpos),
            numbers([t.edits for t in trees], edits),
            pad([t.heads for t in trees], count, NONE),
            numbers([t.relations for t in trees], relations),
            torch.tensor([len(sentences[i].words) for i in treed], dtype=torch.long),
            sum(len(s.words) for s in sentences),
        )


def pad(rows: Sequence[Sequence[int]], width: int | None = None, fill: int = 0) -> Tensor:
    """`rows` as one tensor, short rows filled up with `fill`."""
    width = width if width is not None else max(map(len, rows))
    return torch.tensor([[*row, *[fill] * (width - len(row))] for row in rows], dtype=torch.long).view(
        -1, width
    )


def plan_pass(
    trees: Sequence[Sentence],
    names: Sequence[Sentence],
    share: float,
    pieces: int,
    chance: random.Random,
    encode: Callable[[Sentence], Encoded],
) -> list[list[tuple[Sentence, Encoded]]]:
    """One pass's batches: all `trees` and a random `share` of `names`, at most `pieces` sub-words a batch, padded."""
    chosen = [*trees, *chance.sample(list(names), int(len(names) * share))]
    chance.shuffle(chosen)
    pairs = [(varied, encode(varied)) for varied in (vary_capitals(sentence, chance) for sentence in chosen)]
    pairs = [pair for pair in pairs if len(pair[1].ids) <= 300]
    batches = []
    for start in range(0, len(pairs), 1024):
        batch: list[tuple[Sentence, Encoded]] = []
        for pair in sorted(pairs[start : start + 1024], key=lambda pair: len(pair[1].ids)):
            if batch and len(pair[1].ids) * (len(batch) + 1) > pieces:
                batches.append(batch)
                batch = []
            batch.append(pair)
        if batch:
            batches.append(batch)
    chance.shuffle(batches)
    return batches


def hide_some(ids: Tensor, share: float) -> Tensor:
    """`ids` with a random `share` of the sub-words masked, so that the network leans on the context too."""
    hidden = (torch.rand(ids.shape) < share) & (ids > 999)
    return ids.masked_fill(hidden, MASK_ID)
