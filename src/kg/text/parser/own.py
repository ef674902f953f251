"""Mentions of our own classes, as the network's own head tells them: spans with a class and how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kg.text.parser.decoding import Scores

#: The head's classes. Kinds of organizations are told apart, for a name's words often do not tell them.
CLASSES = (
    "Office",
    "Facility",
    "Agreement",
    "Event",
    "Equipment",
    "Nationality",
    "Government",
    "Ministry",
    "Force",
    "Company",
    "Party",
    "Media",
    "International",
)


@dataclass(frozen=True, slots=True)
class OwnSpan:
    """Words ``[start, end)`` of a sentence name something of class `label`; `score` is a probability."""

    start: int
    end: int
    label: str
    score: float


def find_spans(tags: Sequence[str], scores: Scores, labels: Sequence[str]) -> tuple[OwnSpan, ...]:
    """The spans of BIO `tags`; `scores` are the head's, ``[word, label]``.

    A span is as sure as its least sure word is of the span's class, begun or gone on with.
    """
    shifted = np.exp(scores - scores.max(-1, keepdims=True))
    chances = shifted / shifted.sum(-1, keepdims=True)
    found = []
    begin: int | None = None
    for at, tag in enumerate((*tags, "O")):
        if begin is not None and not tag.startswith("I-"):
            name = tags[begin][2:]
            columns = [i for i, label in enumerate(labels) if label[2:] == name]
            sure = float(chances[begin:at][:, columns].sum(-1).min())
            found.append(OwnSpan(begin, at, name, round(sure, 3)))
            begin = None
        if tag.startswith("B-"):
            begin = at
    return tuple(found)
