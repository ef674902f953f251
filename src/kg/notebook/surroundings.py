"""Neighbourhoods and chains: what is joined to what, as a table, a picture, a widget, a networkx graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from kg.notebook.listing import Listing
from kg.notebook.values import Cell, Iri
from kg.query import neighbourhood, paths
from kg.query.exports import to_networkx
from kg.query.nodes import Node

if TYPE_CHECKING:
    import networkx
    from matplotlib.axes import Axes

    from kg.notebook.client import Graph
    from kg.notebook.widget import GraphWidget


class _Edges(Listing[neighbourhood.GraphEdge]):
    columns: ClassVar[tuple[str, ...]] = ("source", "relation", "target", "modality", "claims", "sentence")
    empty: ClassVar[str] = "no edges"

    def __init__(
        self, edges: tuple[neighbourhood.GraphEdge, ...], labels: dict[str, str], graph: Graph
    ) -> None:
        super().__init__(edges)
        self._labels = labels
        self._graph = graph

    def _iri(self, iri: str) -> Iri:
        return Iri(iri, self._labels.get(iri), self._graph.backend.page_of(iri))

    def _row(self, item: neighbourhood.GraphEdge) -> tuple[Cell, ...]:
        quote = " ".join(item.claims[0].quote.split()) if item.claims else ""
        relation = item.predicate.removeprefix("kg:")
        ends = self._iri(item.source), self._iri(item.target)
        return (ends[0], relation, ends[1], item.modality, item.claim_count, quote)


class Neighbourhood(_Edges):
    """What surrounds an entity; a sequence of edges, each with the sentences that say so.

    >>> around = g.neighbourhood("Marta Lindqvist", relations=["holdsOffice"])
    >>> around[0].predicate, around[0].modality
    ('kg:holdsOffice', 'Asserted')
    """

    def __init__(self, value: neighbourhood.Neighbourhood, graph: Graph) -> None:
        super().__init__(value.edges, {n.iri: n.label for n in value.nodes}, graph)
        self.value = value

    @property
    def nodes(self) -> tuple[neighbourhood.GraphNode, ...]:
        """The nodes, by distance from the centre."""
        return self.value.nodes

    @property
    def edges(self) -> tuple[neighbourhood.GraphEdge, ...]:
        """The edges, with their claims."""
        return self.value.edges

    def to_networkx(self) -> networkx.MultiDiGraph[str]:
        """A ``networkx.MultiDiGraph``: nodes by IRI with label, kind and hops, edges with their claims.

        >>> g.neighbourhood("Marta Lindqvist").to_networkx().number_of_nodes() > 1
        True
        """
        return to_networkx(self.value)

    def widget(self) -> GraphWidget:
        """An interactive graph of it.

        >>> len(g.neighbourhood("Marta Lindqvist").widget().data["nodes"]) > 1
        True
        """
        from kg.notebook.widget import GraphWidget

        return GraphWidget(self.value, self._graph)

    def plot(self) -> Axes:
        """A picture of it; what is only planned, denied or past is dashed.

        >>> g.neighbourhood("Marta Lindqvist").plot().get_title()
        'Around Marta Lindqvist'
        """
        from kg.notebook.plots import plot_graph

        return plot_graph(self.value)

    def _title(self) -> str:
        value = self.value
        left = sum(cut.left_out for cut in value.cut)
        cut = f", {left} neighbours left out" if left else ""
        head = f"{len(value.nodes)} nodes, {len(value.edges)} edges within {value.depth} of "
        return head + f"{self._labels.get(value.centre, value.centre)}{cut}"


class Chain(_Edges):
    """How two entities are joined: a shortest chain of edges, each with its sentence; empty if there is none.

    >>> chain = g.paths("Marta Lindqvist", "Norland")
    >>> [node.label for node in chain.nodes]
    ['Marta Lindqvist', 'Minister of Defense, Norland', 'Norland']
    """

    empty: ClassVar[str] = "no path"

    def __init__(self, value: paths.Path, graph: Graph) -> None:
        super().__init__(value.edges, {n.iri: n.label for n in value.nodes}, graph)
        self.value = value

    @property
    def hops(self) -> int | None:
        """How long it is; None if there is none."""
        return self.value.hops

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes, from one end to the other."""
        return self.value.nodes

    @property
    def others(self) -> tuple[Chain, ...]:
        """The next shortest chains, if more than one was asked for.

        >>> g.paths("Marta Lindqvist", "Norland", k=3).others[0].hops >= 2
        True
        """
        ends = self.value.source, self.value.target
        found = (paths.Path(*ends, r.hops, r.nodes, r.edges) for r in self.value.others)
        return tuple(Chain(path, self._graph) for path in found)

    def _title(self) -> str:
        return " – ".join(n.label for n in self.nodes)
