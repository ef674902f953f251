"""How two entities are joined: a shortest chain of edges, each with its claims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from kg.errors import QueryError
from kg.graph.store import StoreReader
from kg.query.adjacency import Adjacency, Link
from kg.query.evidence import Claims
from kg.query.names import resolve_entity
from kg.query.neighbourhood import GraphEdge, make_edge, select
from kg.query.nodes import Node, Nodes

MAX_HOPS = 8
#: Nodes that are looked at before the search gives up.
MOST_VISITED = 20_000


@dataclass(frozen=True, slots=True)
class Path:
    """A chain of `nodes`; the edges between neighbours in the chain, in either direction, in the chain's
    order.

    `hops` is None, and the chain empty, if no path was found; `gave_up` says that the search met its bound
    first.
    """

    source: Node
    target: Node
    hops: int | None
    nodes: tuple[Node, ...]
    edges: tuple[GraphEdge, ...]
    gave_up: bool = False


def find_path(
    reader: StoreReader,
    source: str,
    target: str,
    *,
    max_hops: int = 6,
    predicates: Sequence[str] = (),
    types: Sequence[str] = (),
    modalities: Sequence[str] = (),
) -> Path:
    """A shortest path between two entities (IRI, CURIE, name or alias), edges taken in either direction.

    `types` limits the nodes between the ends. Of several shortest paths the one found first in the order of
    IRIs is given, so that the answer does not change. Raises `QueryError` if `max_hops` is not 1 to 8, and as
    `resolve_entity`.
    """
    if not 1 <= max_hops <= MAX_HOPS:
        raise QueryError(f"max_hops={max_hops}: want 1 to {MAX_HOPS}")
    adjacency = Adjacency(reader, select(reader, predicates, types, modalities))
    start, goal = resolve_entity(reader, source), resolve_entity(reader, target)
    nodes = Nodes(reader)
    ends = nodes.describe(start), nodes.describe(goal)
    chain, gave_up = _search(adjacency, start, goal, max_hops)
    if not chain:
        return Path(*ends, None, (), (), gave_up)
    claims = Claims(reader)
    edges = [
        make_edge(claims, link, adjacency.claims.get(link, set()))
        for here, there in pairwise(chain)
        for link in _between(adjacency, here, there)
    ]
    return Path(*ends, len(chain) - 1, tuple(nodes.describe(iri) for iri in chain), tuple(edges))


def _search(adjacency: Adjacency, start: str, goal: str, max_hops: int) -> tuple[list[str], bool]:
    """(the chain from `start` to `goal`, empty if there is none; whether the bound was met): from both ends
    inward.
    """
    if start == goal:
        return [start], False
    parents: tuple[dict[str, str | None], dict[str, str | None]] = ({start: None}, {goal: None})
    levels = [[start], [goal]]
    for _ in range(max_hops):
        side = 0 if len(levels[0]) <= len(levels[1]) else 1
        mine, other = parents[side], parents[1 - side]
        adjacency.read(levels[side])
        reached: list[str] = []
        meeting: list[str] = []
        for node in levels[side]:
            for link in adjacency.links(node):
                there = link.target if link.source == node else link.source
                if there in mine or not (there in other or adjacency.fits(there)):
                    continue
                mine[there] = node
                reached.append(there)
                if there in other:
                    meeting.append(there)
        if meeting:
            middle = min(meeting)
            return _chain(parents[0], middle)[::-1] + _chain(parents[1], middle)[1:], False
        if len(parents[0]) + len(parents[1]) > MOST_VISITED:
            return [], True
        levels[side] = sorted(reached)
        if not reached:
            return [], False
    return [], False


def _chain(parents: dict[str, str | None], node: str) -> list[str]:
    chain = [node]
    while (above := parents[chain[-1]]) is not None:
        chain.append(above)
    return chain


def _between(adjacency: Adjacency, here: str, there: str) -> list[Link]:
    return [link for link in adjacency.links(here) if there in (link.source, link.target)]
