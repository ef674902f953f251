"""The graph as a network: all flat facts, who is central in it, which groups there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import networkx

from kg.errors import QueryError
from kg.graph.network import NOT_FACTS
from kg.notebook.entities import Entity
from kg.notebook.listing import Listing
from kg.notebook.terms import find_labels
from kg.notebook.values import Cell, Iri, Named
from kg.terms import KG, KIND_SEGMENTS, compact

if TYPE_CHECKING:
    from kg.notebook.client import Graph

#: Edges of a whole graph that are read.
MOST_EDGES = 200_000
_SEED = 1
_EDGES = """SELECT ?s ?p ?o {
  VALUES ?sk { #KINDS } VALUES ?ok { #KINDS }
  ?s a ?sk ; ?p ?o . ?o a ?ok #RELATIONS
} LIMIT #MOST"""
_KINDS = "SELECT ?e ?kind { ?e a ?kind VALUES ?top { #KINDS } ?e a ?top } LIMIT #MOST"


def read_network(
    graph: Graph, relations: Sequence[str] = (), types: Sequence[str] = ()
) -> networkx.MultiDiGraph[str]:
    """All flat facts among entities: nodes by IRI with label, kind, subkind; edges with predicate and modality.

    All attributes are text, so that GraphML and GEXF can hold them; what is not known is empty.

    Raises `QueryError` for more than 200,000 facts: ask around an entity, or for some relations.
    """
    kinds = " ".join(f"kg:{kind}" for kind in KIND_SEGMENTS)
    unknown = [r for r in relations if r not in graph.relations]
    if unknown:
        raise QueryError(f"relation {unknown[0]!r}: want one of {', '.join(graph.relations)}")
    block = f"VALUES ?p {{ {' '.join(f'kg:{r}' for r in relations)} }}" if relations else ""
    query = _EDGES.replace("#KINDS", kinds).replace("#RELATIONS", block).replace("#MOST", str(MOST_EDGES + 1))
    facts = sorted({_values(row) for row in graph.backend.solve(query).rows})
    if len(facts) > MOST_EDGES:
        raise QueryError(
            f"the graph has more than {MOST_EDGES:,} facts; ask around an entity: to_networkx(entity, depth=2), "
            "or for some relations: to_networkx(relations=[…])"
        )
    query = _KINDS.replace("#KINDS", kinds).replace("#MOST", str(10 * MOST_EDGES))
    classes: dict[str, set[str]] = {}
    for row in graph.backend.solve(query).rows:
        iri, named = _values(row)
        classes.setdefault(iri, set()).add(named.removeprefix(KG))
    made: networkx.MultiDiGraph[str] = networkx.MultiDiGraph()
    labels = find_labels(graph.backend, sorted({iri for s, _, o in facts for iri in (s, o)}))
    for s, p, o in facts:
        if p in NOT_FACTS or (types and not all(_fits(classes.get(e, set()), types) for e in (s, o))):
            continue
        for iri in (s, o):
            if iri not in made:
                own = classes.get(iri, set())
                kind = next((k for k in KIND_SEGMENTS if k in own), None)
                subkind = min(own - {kind}, default=None) if kind else None
                curie = compact(iri, graph.backend.base)
                made.add_node(
                    iri, label=labels.get(iri, curie), curie=curie, kind=kind or "", subkind=subkind or ""
                )
        made.add_edge(s, o, p, predicate=compact(p, graph.backend.base), modality="Asserted")
    return made


class Ranking(Listing[Entity]):
    """Entities by a measure; `scores` are the values by IRI.

    >>> ranking = g.centrality("degree", type="Organization")
    >>> ranking.scores[ranking[0].iri] > 0
    True
    """

    columns: ClassVar[tuple[str, ...]] = ("entity", "class", "score")
    empty: ClassVar[str] = "no entities"

    def __init__(
        self, items: Iterable[Entity], scores: Mapping[str, float], kinds: Mapping[str, str | None]
    ) -> None:
        super().__init__(items)
        self.scores = dict(scores)
        self._kinds = kinds

    def _row(self, item: Entity) -> tuple[Cell, ...]:
        named = Iri(item.iri, item.label, item._graph.backend.page_of(item.iri))
        return (named, self._kinds.get(item.iri), round(self.scores[item.iri], 4))


class Community(Listing[Entity]):
    """Entities that are joined more among themselves than with others, the best joined first."""

    columns: ClassVar[tuple[str, ...]] = ("entity",)

    @property
    def labels(self) -> list[str]:
        """What they are called.

        >>> len(g.communities()[0].labels) == len(g.communities()[0])
        True
        """
        return [e.label for e in self.items]

    def _row(self, item: Entity) -> tuple[Cell, ...]:
        return (Iri(item.iri, item.label, item._graph.backend.page_of(item.iri)),)


class Communities(Listing[Community]):
    """Groups of entities, largest first."""

    columns: ClassVar[tuple[str, ...]] = ("size", "members")
    empty: ClassVar[str] = "no groups"

    def _row(self, item: Community) -> tuple[Cell, ...]:
        more = ", …" if len(item) > 8 else ""
        return (len(item), ", ".join(item.labels[:8]) + more)


_Measure = Callable[["networkx.Graph[str]"], Mapping[str, float]]
_MEASURES: Mapping[str, _Measure] = {
    "betweenness": lambda n: networkx.betweenness_centrality(
        n, k=None if len(n) <= 1000 else 300, seed=_SEED
    ),
    "closeness": lambda n: networkx.closeness_centrality(n),
    "degree": lambda n: networkx.degree_centrality(n),
    "eigenvector": lambda n: networkx.eigenvector_centrality(n, max_iter=2000, tol=1e-6),
    "pagerank": lambda n: _pagerank(n),
}


def rank(graph: Graph, measure: str, entity: Named | None, depth: int, type: str | None) -> Ranking:
    """Entities by a measure of centrality, highest first; ties by label."""
    if measure not in _MEASURES:
        raise QueryError(f"measure {measure!r}: want one of {', '.join(_MEASURES)}")
    network = _undirected(graph, entity, depth)
    scores = {str(n): float(s) for n, s in _MEASURES[measure](network).items()} if len(network) else {}
    kinds = {n: d.get("subkind") or d.get("kind") for n, d in network.nodes(data=True)}
    chosen = [
        n for n in scores if type is None or type in (network.nodes[n]["kind"], network.nodes[n]["subkind"])
    ]
    ordered = sorted(chosen, key=lambda n: (-round(scores[n], 12), network.nodes[n]["label"], n))
    entities = [Entity(graph, n, network.nodes[n]["label"]) for n in ordered]
    return Ranking(entities, {n: scores[n] for n in ordered}, kinds)


def group(graph: Graph, entity: Named | None, depth: int) -> Communities:
    """Groups found by the Louvain method, always the same for the same graph."""
    network = _undirected(graph, entity, depth)
    if len(network) == 0:
        return Communities([])
    found = networkx.community.louvain_communities(network, seed=_SEED)
    groups = []
    for members in found:
        ordered = sorted(members, key=lambda n: (-network.degree(n), network.nodes[n]["label"], n))
        groups.append(Community([Entity(graph, n, network.nodes[n]["label"]) for n in ordered]))
    return Communities(sorted(groups, key=lambda g: (-len(g), g.labels)))


def _undirected(graph: Graph, entity: Named | None, depth: int) -> networkx.Graph[str]:
    """A simple graph with nodes and edges in a fixed order, without loops."""
    whole = graph.to_networkx(entity, depth, 5000) if entity is not None else graph.to_networkx()
    simple: networkx.Graph[str] = networkx.Graph()
    simple.add_nodes_from(sorted(whole.nodes(data=True), key=lambda pair: pair[0]))
    simple.add_edges_from(sorted({(min(s, o), max(s, o)) for s, o in whole.edges() if s != o}))
    return simple


def _pagerank(network: networkx.Graph[str]) -> Mapping[str, float]:
    """PageRank (damping 0.85) by power iteration, for which networkx itself would need scipy."""
    size = len(network)
    score = dict.fromkeys(network, 1.0 / size)
    for _ in range(200):
        loose = sum(score[n] for n in network if network.degree(n) == 0)
        fresh = {
            n: 0.15 / size + 0.85 * (sum(score[m] / network.degree(m) for m in network[n]) + loose / size)
            for n in network
        }
        done = sum(abs(fresh[n] - score[n]) for n in network) < 1e-9
        score = fresh
        if done:
            break
    return score


def _fits(classes: set[str], types: Sequence[str]) -> bool:
    return bool(classes & set(types))


def _values(row: Sequence[Any]) -> tuple[str, ...]:
    return tuple(str(getattr(term, "value", term)) for term in row)
