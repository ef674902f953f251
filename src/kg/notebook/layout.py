"""Places for the nodes of a picture, the same every time."""

from __future__ import annotations

import math
from typing import TypeVar

import networkx
import numpy as np

_ROUNDS = 300
Name = TypeVar("Name")


def lay_out(graph: networkx.Graph[Name]) -> dict[Name, tuple[float, float]]:
    """Node → place, such that distances on paper come near to those in the graph (stress majorization).

    `graph` is in one piece; its nodes are placed by their order in it. Gansner, Koren, North (2004), section 2.

    >>> places = lay_out(networkx.path_graph(3))
    >>> round(math.dist(places[0], places[2]) / math.dist(places[0], places[1]), 1)
    2.0
    """
    nodes, plain = list(graph), networkx.Graph(graph.to_undirected())
    if len(nodes) < 2:
        return dict.fromkeys(nodes, (0.0, 0.0))
    for one, other, data in plain.edges(data=True):
        # room around hubs
        data["length"] = math.log2(2 + plain.degree(one)) + math.log2(2 + plain.degree(other))
    lengths = dict(networkx.all_pairs_dijkstra_path_length(plain, weight="length"))
    farthest = max(max(row.values()) for row in lengths.values())
    wanted = np.array([[lengths[a][b] for b in nodes] for a in nodes])
    weights = np.divide(1.0, wanted**2, out=np.zeros_like(wanted), where=wanted > 0)
    laplacian = np.linalg.pinv(np.diag(weights.sum(axis=1)) - weights)
    angles = np.linspace(0, 2 * np.pi, len(nodes), endpoint=False)
    places = np.column_stack([np.cos(angles), np.sin(angles)]) * farthest
    for _ in range(_ROUNDS):
        apart = np.linalg.norm(places[:, None] - places[None, :], axis=2)
        pull = np.divide(weights * wanted, apart, out=np.zeros_like(apart), where=apart > 1e-9)
        moved = laplacian @ ((np.diag(pull.sum(axis=1)) - pull) @ places)
        still = float(np.abs(moved - places).max()) < 1e-4 * farthest
        places = moved
        if still:
            break
    return {node: (float(x), float(y)) for node, (x, y) in zip(nodes, places.round(6), strict=True)}
