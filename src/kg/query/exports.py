"""Writes a neighbourhood for other tools: Cytoscape, networkx, GraphML, GEXF, Turtle, CSV."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, TypeAlias
from xml.etree import ElementTree

import pyoxigraph as ox

from kg.errors import QueryError
from kg.graph.store import StoreReader
from kg.model import Modality
from kg.query.neighbourhood import GraphEdge, GraphNode, Neighbourhood
from kg.query.nodes import ALT_LABEL, PREF_LABEL, RDF_TYPE
from kg.query.paths import Path
from kg.query.sparql import GRAPH_FORMATS, get_format, write_triples

if TYPE_CHECKING:
    import networkx

    NxGraph: TypeAlias = networkx.MultiDiGraph[str]

Json: TypeAlias = dict[str, object]

_NOT_XML = re.compile(
    r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]"
)  # XML 1.0, production 2: Char
_GEXF = "http://www.gexf.net/1.2draft"


@dataclass(frozen=True, slots=True)
class Export:
    """A way to write a neighbourhood: key (``format=``), media type, file extension, what it is for."""

    key: str
    media_type: str
    extension: str
    help: str


EXPORTS: tuple[Export, ...] = (
    Export("json", "application/json", "json", "nodes, edges and claims as this service's own JSON"),
    Export(
        "cytoscape", "application/vnd.cytoscape.v3+json", "cyjs", "elements for Cytoscape and Cytoscape.js"
    ),
    Export(
        "node-link",
        "application/vnd.networkx.node-link+json",
        "json",
        "networkx.node_link_graph(data, edges='edges')",
    ),
    Export("graphml", "application/graphml+xml", "graphml", "GraphML, for networkx, yEd, igraph"),
    Export("gexf", "application/gexf+xml", "gexf", "GEXF 1.2, for Gephi"),
    Export("turtle", "text/turtle", "ttl", "RDF: flat facts, labels, classes and the claims of every edge"),
    Export("csv", "text/csv", "csv", "one line per edge"),
)


def get_export(key: str) -> Export:
    """The export called `key`. Raises `QueryError` that names what there is."""
    wanted = {"ttl": "turtle", "networkx": "node-link", "cyjs": "cytoscape"}.get(key, key)
    found = next((e for e in EXPORTS if e.key == wanted), None)
    if found is None:
        raise QueryError(f"format {key!r}: want one of {', '.join(e.key for e in EXPORTS)}")
    return found


def write(found: Neighbourhood, key: str, reader: StoreReader) -> bytes:
    """`found` written as the export called `key`; the same neighbourhood gives the same bytes."""
    key = get_export(key).key
    if key == "turtle":
        return to_turtle(found, reader)
    writers: Mapping[str, Callable[[Neighbourhood], bytes]] = {
        "json": lambda n: _json(to_json(n)),
        "cytoscape": lambda n: _json(to_cytoscape(n)),
        "node-link": lambda n: _json(to_node_link(n)),
        "graphml": to_graphml,
        "gexf": to_gexf,
        "csv": to_csv,
    }
    return writers[key](found)


def to_json(found: Neighbourhood) -> Json:
    """The neighbourhood as this project's own JSON; measures are left out where none were asked for."""
    written = asdict(found)
    for node in written["nodes"]:
        if not node["measures"]:
            del node["measures"]
    return written


def edge_key(edge: GraphEdge) -> str:
    """A name of an edge that is the same in every neighbourhood it is in."""
    parts = "\x1f".join((edge.source, edge.predicate_iri, edge.target, edge.modality))
    return "e" + hashlib.sha256(parts.encode("utf-8")).hexdigest()[:16]


def to_cytoscape(found: Neighbourhood) -> Json:
    """Cytoscape.js elements: ``{"elements": {"nodes": [{"data": ...}], "edges": [...]}, "data": ...}``."""
    nodes = [{"data": {"id": n.iri, **_node_data(n), "attributes": n.attributes}} for n in found.nodes]
    edges = [
        {
            "data": {
                "id": edge_key(e),
                "source": e.source,
                "target": e.target,
                **_edge_data(e),
                "claims": [asdict(c) for c in e.claims],
            }
        }
        for e in found.edges
    ]
    return {"data": _head(found), "elements": {"nodes": nodes, "edges": edges}}


def to_node_link(found: Neighbourhood) -> Json:
    """What ``networkx.node_link_graph(data, edges="edges")`` reads: a directed multigraph."""
    return {
        "directed": True,
        "multigraph": True,
        "graph": _head(found),
        "nodes": [{"id": n.iri, **_node_data(n), "attributes": n.attributes} for n in found.nodes],
        "edges": [
            {
                "source": e.source,
                "target": e.target,
                "key": edge_key(e),
                **_edge_data(e),
                "claims": [asdict(c) for c in e.claims],
            }
            for e in found.edges
        ],
    }


def to_networkx(found: Neighbourhood) -> NxGraph:
    """A ``networkx.MultiDiGraph``: nodes by IRI with label, kind, hops; edges with predicate, modality,
    claims.
    """
    import networkx

    graph: NxGraph = networkx.MultiDiGraph()
    graph.graph.update(_head(found))
    for n in found.nodes:
        graph.add_node(n.iri, **_node_data(n), attributes=n.attributes)
    for e in found.edges:
        graph.add_edge(e.source, e.target, edge_key(e), **_edge_data(e), claims=[asdict(c) for c in e.claims])
    return graph


def to_graphml(found: Neighbourhood) -> bytes:
    """GraphML (UTF-8); lists are joined by `` | ``, characters that XML 1.0 cannot hold become U+FFFD."""
    import networkx

    return ("\n".join(networkx.generate_graphml(_plain(found), named_key_ids=True)) + "\n").encode("utf-8")


def to_gexf(found: Neighbourhood) -> bytes:
    """GEXF 1.2 (UTF-8), without the day it was written on."""
    import networkx

    text = "\n".join(networkx.generate_gexf(_plain(found), version="1.2draft"))
    root = ElementTree.fromstring(text)
    for meta in root.findall(f"{{{_GEXF}}}meta"):
        root.remove(meta)
    ElementTree.register_namespace("", _GEXF)
    written = ElementTree.tostring(root, encoding="unicode")
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + written + "\n").encode("utf-8")


def to_turtle(found: Neighbourhood, reader: StoreReader) -> bytes:
    """Turtle: labels and classes of the nodes, flat facts among them, and all triples of the claims of the
    edges.
    """
    triples: set[ox.Triple] = set()
    for node in found.nodes:
        for predicate in (RDF_TYPE, PREF_LABEL, ALT_LABEL):
            triples.update(q.triple for q in reader.quads(node.iri, predicate))
    for edge in found.edges:
        if edge.modality == Modality.ASSERTED:
            triples.update(q.triple for q in reader.quads(edge.source, edge.predicate_iri, edge.target))
        for claim in edge.claims:
            triples.update(q.triple for q in reader.quads(claim.claim))
    return write_triples(sorted(triples, key=str), get_format("ttl", GRAPH_FORMATS), reader.base)


CSV_COLUMNS = [
    "source",
    "source_label",
    "predicate",
    "target",
    "target_label",
    "modality",
    "claim_count",
    "confidence",
    "document",
    "start",
    "end",
    "quote",
]


def to_csv(found: Neighbourhood) -> bytes:
    """One line per edge with its best claim; a cell that a spreadsheet would run as a formula gets a leading
    quote.
    """
    labels = {n.iri: n.label for n in found.nodes}
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")  # RFC 4180, section 2
    writer.writerow(CSV_COLUMNS)
    for e in found.edges:
        best = e.claims[0] if e.claims else None
        confidence = "" if e.confidence is None else f"{e.confidence:.2f}"
        place = (best.document, str(best.start), str(best.end), best.quote) if best else ("", "", "", "")
        row = (e.source, labels[e.source], e.predicate, e.target, labels[e.target], e.modality)
        writer.writerow([_cell(c) for c in (*row, str(e.claim_count), confidence, *place)])
    return out.getvalue().encode("utf-8")


def _cell(text: str) -> str:
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _head(found: Neighbourhood) -> Json:
    return {
        "centre": found.centre,
        "depth": found.depth,
        "limit": found.limit,
        "generation": found.generation,
        "cut": [asdict(c) for c in found.cut],
    }


def _node_data(node: GraphNode) -> Json:
    return {
        "curie": node.curie,
        "label": node.label,
        "kind": node.kind,
        "subkind": node.subkind,
        "hops": node.hops,
        **({"measures": node.measures} if node.measures else {}),
    }


def _edge_data(edge: GraphEdge) -> Json:
    return {
        "predicate": edge.predicate,
        "predicate_iri": edge.predicate_iri,
        "modality": edge.modality,
        "claim_count": edge.claim_count,
        "confidence": edge.confidence,
        "since": edge.since,
    }


def _plain(found: Neighbourhood) -> NxGraph:
    """The graph with text and numbers only, as the XML formats need it."""
    import networkx

    graph: NxGraph = networkx.MultiDiGraph()
    for n in found.nodes:
        attributes = {f"fact_{name}": " | ".join(values) for name, values in n.attributes.items()}
        data: Json = {k: v for k, v in _node_data(n).items() if k != "measures"}
        graph.add_node(_xml(n.iri), **_texts({**data, **attributes, **n.measures}))
    for e in found.edges:
        quotes = " | ".join(c.quote for c in e.claims)
        claims = " ".join(c.claim for c in e.claims)
        texts = _texts({**_edge_data(e), "claims": claims, "quotes": quotes})
        graph.add_edge(_xml(e.source), _xml(e.target), edge_key(e), **texts)
    return graph


def _texts(data: Json) -> dict[str, str | float]:
    return {k: v if isinstance(v, int | float) else _xml(str(v)) for k, v in data.items() if v is not None}


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)


def write_json(found: Path) -> bytes:
    """Paths as this project's own JSON."""
    return _json(asdict(found))


def _json(data: Json) -> bytes:
    return (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode("utf-8")
