"""In which order a node gives out its neighbours when not all of them can be shown: each kind of link has its turn."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Longs = npt.NDArray[np.int64]


def in_turns(here: Longs, kind: Longs, there: Longs, weight: Longs) -> Longs:
    """The places of neighbours (`there`) by node (`here`), in turns: first those at the head of each kind of link.

    In a kind of link those with the greatest weight come first, then those of the lowest number; each neighbour of a
    node is given once, at its first turn. All arrays have one row for each link at a node.
    """
    # one entry for each neighbour by each kind of link: several modalities count as the best of them
    order = np.lexsort((-weight, there, kind, here))
    order = order[starts(here[order], kind[order], there[order])]
    order = order[np.lexsort((there[order], -weight[order], kind[order], here[order]))]
    heads = starts(here[order], kind[order])
    rank = np.arange(len(order)) - np.repeat(heads, np.diff(np.append(heads, len(order))))
    order = order[np.lexsort((kind[order], rank, here[order]))]
    alike = np.lexsort((np.arange(len(order)), there[order], here[order]))
    firsts = alike[starts(here[order][alike], there[order][alike])]
    found: Longs = order[np.sort(firsts)]
    return found


def starts(*columns: npt.NDArray[np.generic]) -> Longs:
    """The places where sorted rows change, 0 among them."""
    if not len(columns[0]):
        return np.zeros(0, np.int64)
    changes = np.zeros(len(columns[0]), bool)
    changes[0] = True
    for column in columns:
        changes[1:] |= column[1:] != column[:-1]
    return np.flatnonzero(changes)


def ranges(first: Longs, last: Longs) -> Longs:
    """All numbers from each of `first` up to, without, its `last`, one range after the other."""
    lengths = last - first
    ends = np.cumsum(lengths)
    found: Longs = np.arange(ends[-1] if len(ends) else 0) + np.repeat(first - ends + lengths, lengths)
    return found
