"""Which nodes of a neighbourhood matter, and which belong together, by networkx.

All measures are of what is shown, not of the whole graph: edges are taken in both directions, several between two
nodes as one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from kg.errors import QueryError
from kg.query.neighbourhood import Neighbourhood

if TYPE_CHECKING:
    import networkx

    Plain = networkx.Graph[str]

#: Louvain's method draws at random: the same draw each time.
_SEED = 7
#: What of a node's rank goes on along its edges (Page and others, 1999).
_DAMPING = 0.85
_ROUNDS = 200
_CLOSE = 1e-10
#: Betweenness looks from each node to each other: no more than some thousand edges.
_DIGITS = 6


def measure(found: Neighbourhood, names: Sequence[str]) -> Neighbourhood:
    """`found` with the measures called `names` at its nodes. Raises `QueryError` for one that there is not."""
    for name in names:
        if name not in MEASURES:
            raise QueryError(f"measures={name!r}: want {', '.join(MEASURES)}")
    if not names:
        return found
    graph = _plain(found)
    values = {name: MEASURES[name](graph) for name in MEASURES if name in names}
    nodes = (
        replace(node, measures={name: round(values[name][node.iri], _DIGITS) for name in values})
        for node in found.nodes
    )
    return replace(found, nodes=tuple(nodes))


def _plain(found: Neighbourhood) -> Plain:
    import networkx

    graph: Plain = networkx.Graph()
    graph.add_nodes_from(sorted(n.iri for n in found.nodes))
    graph.add_edges_from(sorted((e.source, e.target) for e in found.edges))
    return graph


def _degree(graph: Plain) -> Mapping[str, float]:
    import networkx

    return dict(networkx.degree_centrality(graph))


def _betweenness(graph: Plain) -> Mapping[str, float]:
    import networkx

    return dict(networkx.betweenness_centrality(graph))


def _pagerank(graph: Plain) -> Mapping[str, float]:
    nodes = list(graph)
    place = {node: i for i, node in enumerate(nodes)}
    ends = np.asarray([(place[a], place[b]) for a, b in graph.edges], np.int64).reshape(-1, 2)
    source, target = np.concatenate((ends[:, 0], ends[:, 1])), np.concatenate((ends[:, 1], ends[:, 0]))
    degree = np.bincount(source, minlength=len(nodes)).astype(float)
    rank = np.full(len(nodes), 1 / len(nodes))
    for _ in range(_ROUNDS):
        given = np.divide(rank, degree, out=np.zeros_like(rank), where=degree > 0)
        lost = rank[degree == 0].sum()
        coming = np.bincount(target, weights=given[source], minlength=len(nodes))
        new = (1 - _DAMPING + _DAMPING * lost) / len(nodes) + _DAMPING * coming
        moved = float(np.abs(new - rank).sum())
        rank = new
        if moved < _CLOSE:
            break
    return dict(zip(nodes, rank.tolist(), strict=True))


def _community(graph: Plain) -> Mapping[str, float]:
    """Numbers of communities: the largest is 0; of two of one size the one with the first IRI comes first."""
    import networkx

    found = networkx.community.louvain_communities(graph, seed=_SEED)
    ordered = sorted(found, key=lambda members: (-len(members), min(members)))
    return {node: float(number) for number, members in enumerate(ordered) for node in members}


#: Name → what gives each node its value.
MEASURES: Mapping[str, Callable[[Plain], Mapping[str, float]]] = {
    "degree": _degree,
    "betweenness": _betweenness,
    "pagerank": _pagerank,
    "community": _community,
}
