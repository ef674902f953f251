"""From scores to answers: tags that fit together, and heads that make one tree."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]
Numbers = NDArray[np.int64]

_NEVER = np.float32(-1e9)


def find_transitions(tags: Sequence[str]) -> tuple[Scores, Scores]:
    """What is added to a score: ``[before, after]`` for two tags in a row, and for the first; 0 or out of reach.

    An inside tag ("I-ORG") only follows a tag of its own kind.
    """
    between = np.zeros((len(tags), len(tags)), dtype=np.float32)
    first = np.zeros(len(tags), dtype=np.float32)
    for after, tag in enumerate(tags):
        if tag.startswith("I-"):
            first[after] = _NEVER
            for before, other in enumerate(tags):
                if other[2:] != tag[2:]:
                    between[before, after] = _NEVER
    return between, first


def find_tags(scores: Scores, between: Scores, first: Scores) -> Numbers:
    """The best row of tags for each sentence of a batch (Viterbi): ``[sentence, word]``.

    `scores` is ``[sentence, word, tag]``; rows of shorter sentences may be filled up with anything finite.
    """
    count, length, kinds = scores.shape
    best = scores[:, 0] + first
    origin = np.zeros((length, count, kinds), dtype=np.int64)
    history = [best]
    for word in range(1, length):
        ways = best[:, :, None] + between
        origin[word] = ways.argmax(1)
        best = ways.max(1) + scores[:, word]
        history.append(best)
    return _trace(history, origin)


def _trace(history: Sequence[Scores], origin: Numbers) -> Numbers:
    """The tags of the best way to the last word, read backwards."""
    length, count, _ = origin.shape
    rows = np.arange(count)
    tags = np.zeros((count, length), dtype=np.int64)
    tags[:, -1] = history[-1].argmax(1)
    for word in range(length - 1, 0, -1):
        tags[:, word - 1] = origin[word, rows, tags[:, word]]
    return tags


def find_heads(scores: Scores) -> list[int]:
    """Each word's head in the best tree with one root: 0 for the root, else the place of a word, from 1.

    `scores` is ``[word, head]``, head 0 being the root; it is not changed.
    """
    count = len(scores)
    own = scores.astype(np.float64)
    own[np.arange(count), np.arange(1, count + 1)] = -np.inf
    heads = own.argmax(1)
    if (heads == 0).sum() == 1 and not _has_cycle(heads):
        return [int(head) for head in heads]
    # Each word in turn as the only root would be exact; the few words that are close to it are enough.
    lead = own[:, 0] - (own[:, 1:].max(1) if count > 1 else 0.0)
    found: list[int] | None = None
    best = -np.inf
    for root in np.argsort(-lead, kind="stable")[:4]:
        tried = own.copy()
        tried[:, 0] = -np.inf
        tried[root] = -np.inf
        tried[root, 0] = own[root, 0]
        tree = _find_arborescence(tried)
        total = float(own[np.arange(count), tree].sum())
        if total > best:
            found, best = tree, total
    assert found is not None
    return found


def _has_cycle(heads: Sequence[int] | Numbers) -> bool:
    """Whether following heads from some word never comes to the root."""
    seen = [0] * (len(heads) + 1)
    seen[0] = -1
    for start in range(1, len(seen)):
        at = start
        while seen[at] == 0:
            seen[at] = start
            at = int(heads[at - 1])
        if seen[at] == start:
            return True
        at = start
        while seen[at] == start:
            seen[at] = -1
            at = int(heads[at - 1])
    return False


def _find_arborescence(scores: NDArray[np.float64]) -> list[int]:
    """The best heads without a cycle (Chu, Liu and Edmonds); impossible arcs score minus infinity."""
    count = len(scores) + 1
    full = np.full((count, count), -np.inf)
    full[1:] = scores
    heads = _contract(np.maximum(full, -1e9))
    return [int(head) for head in heads[1:]]


def _contract(scores: NDArray[np.float64]) -> list[int]:
    """The heads of nodes ``1…``, node 0 being the root, for ``scores[dependent, head]``."""
    heads = [int(head) for head in scores.argmax(1)]
    heads[0] = -1
    cycle = _find_cycle(heads)
    if not cycle:
        return heads
    inside = set(cycle)
    rest = [node for node in range(len(heads)) if node not in inside]
    new = len(rest)
    small = np.full((new + 1, new + 1), -1e9)
    small[:new, :new] = scores[np.ix_(rest, rest)]
    members = np.array(cycle)
    kept = scores[members, [heads[node] for node in cycle]]
    entering = scores[np.ix_(cycle, rest)] - kept[:, None]
    enter_at = members[entering.argmax(0)]
    small[new, :new] = entering.max(0) + kept.sum()
    leaving = scores[np.ix_(rest, cycle)]
    leave_from = members[leaving.argmax(1)]
    small[:new, new] = leaving.max(1)
    small[np.arange(new + 1), np.arange(new + 1)] = -1e9
    solved = _contract(small)
    for place, node in enumerate(rest):
        if node:
            head = solved[place]
            heads[node] = int(leave_from[place]) if head == new else rest[head]
    entry = int(enter_at[solved[new]])
    heads[entry] = rest[solved[new]]
    return heads


def _find_cycle(heads: Sequence[int]) -> list[int]:
    """The nodes of one cycle, or none."""
    seen = [0] * len(heads)
    for start in range(1, len(heads)):
        path = []
        at = start
        while at > 0 and seen[at] == 0:
            seen[at] = start
            path.append(at)
            at = heads[at]
        if at > 0 and seen[at] == start:
            return path[path.index(at) :]
    return []
