"""How two entities are joined: the shortest chains of edges, each with its claims."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Generic, Protocol, TypeVar

from kg.errors import QueryError
from kg.graph.network import Network
from kg.graph.store import StoreReader
from kg.query.adjacency import Adjacency, Selection
from kg.query.evidence import Claims
from kg.query.names import resolve_entity
from kg.query.neighbourhood import GraphEdge, make_edge, read_edge, select
from kg.query.nodes import Node, Nodes
from kg.query.walking import LinkFilter, links_between, neighbours, network_of

MAX_HOPS = 8
MAX_PATHS = 10
#: Nodes that are looked at before the search gives up: by query, and in an index.
MOST_VISITED = 20_000
MOST_VISITED_INDEXED = 2_000_000

N = TypeVar("N", int, str)  # numbers of an index or IRIs


@dataclass(frozen=True, slots=True)
class Route:
    """A chain of `nodes`, and the edges between neighbours in it, in either direction, in the chain's order."""

    hops: int
    nodes: tuple[Node, ...]
    edges: tuple[GraphEdge, ...]


@dataclass(frozen=True, slots=True)
class Path:
    """A chain of `nodes`; the edges between neighbours in the chain, in either direction, in the chain's
    order.

    `hops` is None, and the chain empty, if no path was found; `others` are the next shortest. `gave_up` says that the
    search met its bound first.
    """

    source: Node
    target: Node
    hops: int | None
    nodes: tuple[Node, ...]
    edges: tuple[GraphEdge, ...]
    gave_up: bool = False
    others: tuple[Route, ...] = ()


def find_path(
    reader: StoreReader,
    source: str,
    target: str,
    *,
    max_hops: int = 6,
    k: int = 1,
    predicates: Sequence[str] = (),
    types: Sequence[str] = (),
    modalities: Sequence[str] = (),
    min_confidence: float = 0.0,
    evidence: bool = True,
) -> Path:
    """The `k` shortest paths between two entities (IRI, CURIE, name or alias), edges taken in either direction.

    No path passes a node twice, and no two pass the same nodes. `types` limits the nodes between the ends. Of paths
    of one length those found first in the order of IRIs are given, so that the answer does not change. Raises
    `QueryError` if `max_hops` is not 1 to 8 or `k` not 1 to 10, and as `resolve_entity`.
    """
    if not 1 <= max_hops <= MAX_HOPS:
        raise QueryError(f"max_hops={max_hops}: want 1 to {MAX_HOPS}")
    if not 1 <= k <= MAX_PATHS:
        raise QueryError(f"k={k}: want 1 to {MAX_PATHS} paths")
    selection = select(reader, predicates, types, modalities, min_confidence)
    start, goal = resolve_entity(reader, source), resolve_entity(reader, target)
    nodes = Nodes(reader)
    claims = Claims(reader) if evidence else None
    network = network_of(reader)
    first, last = (network.find(start), network.find(goal)) if network is not None else (None, None)
    if network is None or first is None or last is None:
        by_query = _Queried(Adjacency(reader, selection), claims)
        search = _Search(by_query, start, goal, max_hops, MOST_VISITED)
        routes = [_route(by_query, chain, nodes) for chain in search.find(k)]
        gave_up = search.gave_up
    else:
        indexed = _Indexed(network, selection, claims)
        found = _Search(indexed, first, last, max_hops, MOST_VISITED_INDEXED)
        routes = [_route(indexed, chain, nodes) for chain in found.find(k)]
        gave_up = found.gave_up
    ends = nodes.describe(start), nodes.describe(goal)
    if not routes:
        return Path(*ends, None, (), (), gave_up)
    best = routes[0]
    return Path(*ends, best.hops, best.nodes, best.edges, gave_up, tuple(routes[1:]))


class _Ground(Protocol[N]):
    """What a search walks on. Nodes sort as their IRIs do."""

    def neighbours(self, node: N) -> Iterable[N]:
        """Those that a selected edge joins to `node`."""

    def prepare(self, nodes: Sequence[N]) -> None:
        """Read what will be asked for."""

    def fits(self, node: N) -> bool:
        """Whether a path may lead over `node`."""

    def iri(self, node: N) -> str:
        """The IRI of `node`."""

    def edges(self, here: N, there: N) -> list[GraphEdge]:
        """The edges between two nodes."""


class _Queried:
    """A store that is asked."""

    def __init__(self, adjacency: Adjacency, claims: Claims | None) -> None:
        self._adjacency = adjacency
        self._claims = claims
        self.prepare = adjacency.read
        self.fits = adjacency.fits

    def neighbours(self, node: str) -> Iterable[str]:
        links = self._adjacency.links(node)
        return dict.fromkeys(link.target if link.source == node else link.source for link in links)

    def iri(self, node: str) -> str:
        return node

    def edges(self, here: str, there: str) -> list[GraphEdge]:
        links = self._adjacency.links(here)
        return [
            make_edge(self._adjacency, link, self._claims)
            for link in links
            if there in (link.source, link.target)
        ]


class _Indexed:
    """The index of links."""

    def __init__(self, network: Network, selection: Selection, claims: Claims | None) -> None:
        self._network = network
        self._claims = claims
        self._links = LinkFilter(network, replace(selection, types=frozenset()))
        self._classes = LinkFilter(network, selection) if selection.types else None
        self._known: dict[int, list[int]] = {}
        self.iri = network.iri

    def prepare(self, nodes: Sequence[int]) -> None:
        """Nothing has to be read before."""

    def neighbours(self, node: int) -> Iterable[int]:
        found = self._known.get(node)
        if found is None:
            found = self._known[node] = neighbours(self._network, node, self._links)
        return found

    def fits(self, node: int) -> bool:
        return self._classes is None or self._classes.fits(node)

    def edges(self, here: int, there: int) -> list[GraphEdge]:
        links = links_between(self._network, here, there, self._links)
        return [read_edge(self._network, link, self._claims) for link in links]


def _route(ground: _Ground[N], chain: Sequence[N], nodes: Nodes) -> Route:
    return Route(
        len(chain) - 1,
        tuple(nodes.describe(ground.iri(node)) for node in chain),
        tuple(edge for here, there in pairwise(chain) for edge in ground.edges(here, there)),
    )


class _Search(Generic[N]):
    """Yen's search for the shortest paths without loops, each found by breadth from both ends inward."""

    def __init__(self, ground: _Ground[N], start: N, goal: N, max_hops: int, most_visited: int) -> None:
        self._ground: _Ground[N] = ground
        self._start: N = start
        self._goal: N = goal
        self._max_hops = max_hops
        self._left = most_visited
        self.gave_up = False

    def find(self, k: int) -> list[tuple[N, ...]]:
        """Up to `k` paths, the shortest first."""
        first = self._shortest(self._start, self._max_hops, frozenset(), frozenset())
        if first is None:
            return []
        found = [first]
        waiting: list[tuple[int, tuple[N, ...]]] = []
        seen = {first}
        while len(found) < k and not self.gave_up:
            last = found[-1]
            for place in range(len(last) - 1):
                root = last[: place + 1]
                used = frozenset(p[place + 1] for p in found if p[: place + 1] == root and len(p) > place + 1)
                rest = self._shortest(root[-1], self._max_hops - place, frozenset(root[:-1]), used)
                if rest is not None and (path := root[:-1] + rest) not in seen:
                    seen.add(path)
                    heapq.heappush(waiting, (len(path), path))
            if not waiting:
                break
            found.append(heapq.heappop(waiting)[1])
        return found

    def _shortest(
        self, start: N, max_hops: int, banned: frozenset[N], not_next: frozenset[N]
    ) -> tuple[N, ...] | None:
        """A shortest path that passes none of `banned` and does not begin with a step to one of `not_next`."""
        if start == self._goal:
            return (start,) if not not_next else None
        parents: tuple[dict[N, N | None], dict[N, N | None]] = ({start: None}, {self._goal: None})
        levels = [[start], [self._goal]]
        for _ in range(max_hops):
            side = 0 if len(levels[0]) <= len(levels[1]) else 1
            mine, other = parents[side], parents[1 - side]
            self._ground.prepare(levels[side])
            reached: list[N] = []
            meeting: list[N] = []
            for node in levels[side]:
                for there in self._ground.neighbours(node):
                    if there in mine or there in banned:
                        continue
                    if (node == start and there in not_next) or (there == start and node in not_next):
                        continue
                    if there in other:
                        meeting.append(there)
                    elif not self._ground.fits(there):
                        continue
                    mine[there] = node
                    reached.append(there)
            if meeting:
                middle: N = min(meeting)
                there_and_back: list[N] = _chain(parents[0], middle)[::-1]
                there_and_back += _chain(parents[1], middle)[1:]
                return tuple(there_and_back)
            self._left -= len(reached)
            if self._left < 0:
                self.gave_up = True
                return None
            if not reached:
                return None
            levels[side] = sorted(reached)
        return None


def _chain(parents: dict[N, N | None], node: N) -> list[N]:
    chain = [node]
    while (above := parents[chain[-1]]) is not None:
        chain.append(above)
    return chain
