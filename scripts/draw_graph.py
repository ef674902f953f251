#!/usr/bin/env python3
"""Draw the flat facts of a store as a picture: ``draw_graph.py STORE PICTURE.svg``.

Entities are nodes, coloured by their top class; an event that is only planned is drawn hollow. Only the
largest connected part is drawn. The same store gives the same bytes.
"""

from __future__ import annotations

import argparse
import re
import textwrap
from pathlib import Path

import matplotlib as mpl

mpl.use("svg")
mpl.rcParams.update(
    {"svg.hashsalt": "kg", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 8}
)

import matplotlib.pyplot as plt  # noqa: E402 - the backend is chosen before
import networkx as nx  # noqa: E402
import pyoxigraph as ox  # noqa: E402

from kg.graph import open_reader  # noqa: E402
from kg.notebook.layout import lay_out  # noqa: E402
from kg.terms import prefixes  # noqa: E402

COLOURS = {
    "Person": "#c1440e",
    "Office": "#e0a030",
    "Organization": "#2f6690",
    "Facility": "#6b4e71",
    "Agreement": "#7a7a7a",
    "Place": "#3a7d44",
    "Equipment": "#5b5b2f",
    "Event": "#b5476c",
}
FACTS = """
SELECT ?s ?sLabel ?sKind ?p ?o ?oLabel ?oKind {
  ?s ?p ?o ; a ?sKind ; skos:prefLabel ?sLabel .
  ?o a ?oKind ; skos:prefLabel ?oLabel .
  VALUES ?sKind { %(kinds)s }
  VALUES ?oKind { %(kinds)s }
} ORDER BY ?s ?p ?o
"""
PLANNED = "SELECT ?e { ?e kg:status ?status . VALUES ?status { kg:planned kg:proposed } }"


def read_facts(store: Path) -> nx.DiGraph[str]:
    """Entities with `label` and `kind`, and the flat relations among them as edges with `relation`."""
    reader = open_reader(store)
    graph: nx.DiGraph[str] = nx.DiGraph()
    try:
        known = prefixes(reader.base)
        kinds = " ".join(f"kg:{kind}" for kind in COLOURS)
        facts = reader.query(FACTS % {"kinds": kinds}, prefixes=known)
        planned = reader.query(PLANNED, prefixes=known)
        assert isinstance(facts, ox.QuerySolutions)
        assert isinstance(planned, ox.QuerySolutions)
        for row in facts:
            s, s_label, s_kind, p, o, o_label, o_kind = (term.value for term in row)
            for node, label, kind in ((s, s_label, s_kind), (o, o_label, o_kind)):
                graph.add_node(node, label=label, kind=kind.rpartition("#")[2], planned=False)
            graph.add_edge(s, o, relation=p.rpartition("#")[2])
        for (event,) in planned:
            if event.value in graph:
                graph.nodes[event.value]["planned"] = True
    finally:
        reader.close()
    parts = sorted(nx.weakly_connected_components(graph), key=lambda part: (-len(part), min(part)))
    if not parts:
        raise SystemExit(f"{store}: no facts to draw")
    graph.remove_nodes_from([node for part in parts[1:] for node in part])
    return graph


def short(label: str) -> str:
    """An event's label without its participants: ``Meeting: A, B (2025)`` is ``Meeting (2025)``."""
    return re.sub(r"^([A-Z][a-z]+(?: [a-z]+)?): [^()]*", r"\1 ", label).strip()


def draw(graph: nx.DiGraph[str], path: Path) -> None:
    """Write the picture."""
    ordered: nx.DiGraph[str] = nx.DiGraph()
    ordered.add_nodes_from(sorted(graph.nodes(data=True)))
    ordered.add_edges_from(sorted(graph.edges(data=True), key=lambda edge: edge[:2]))
    places = lay_out(ordered)
    figure, axes = plt.subplots(figsize=(16, 10))
    axes.set_axis_off()
    nx.draw_networkx_edges(
        ordered, places, ax=axes, edge_color="#b8b8b8", width=0.7, arrowsize=6, node_size=90
    )
    for kind, colour in COLOURS.items():
        for planned in (False, True):
            nodes = [n for n, d in ordered.nodes(data=True) if d["kind"] == kind and d["planned"] is planned]
            if nodes:
                nx.draw_networkx_nodes(
                    ordered,
                    places,
                    ax=axes,
                    nodelist=nodes,
                    node_size=90,
                    node_color="#ffffff" if planned else colour,
                    edgecolors=colour,
                    label=f"{kind} (planned)" if planned else kind,
                )
    for node, (x, y) in places.items():
        label = textwrap.fill(short(ordered.nodes[node]["label"]), 24)
        axes.annotate(label, (x, y), xytext=(0, 7), textcoords="offset points", ha="center", fontsize=6.5)
    axes.legend(loc="lower left", frameon=False, fontsize=8)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    plt.close(figure)


def main() -> None:
    """Read the arguments and draw."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("store", type=Path)
    parser.add_argument("picture", type=Path)
    arguments = parser.parse_args()
    arguments.picture.parent.mkdir(parents=True, exist_ok=True)
    draw(read_facts(arguments.store), arguments.picture)


if __name__ == "__main__":
    main()
