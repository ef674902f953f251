"""Operations on one graph, as the SPARQL 1.1 Graph Store HTTP Protocol has them.

https://www.w3.org/TR/sparql11-http-rdf-update/
"""

from __future__ import annotations

from collections.abc import Mapping

import pyoxigraph as ox

from kg.errors import NoSuchGraph, QueryError, QuerySyntaxError
from kg.graph.patches import Change
from kg.updates.evaluation import DEFAULT, Editor, Graph, Scope, update
from kg.updates.requests import Action, Body, WriteRequest


def operate(store: ox.Store, request: WriteRequest, prefixes: Mapping[str, str]) -> tuple[Change, bool]:
    """Make an operation on the graph of `request`; what it changed, and whether there was no such graph before.

    Raises `NoSuchGraph`, `QuerySyntaxError` for a body that does not parse, or another `QueryError`; then nothing
    has changed.
    """
    graph = _named(request.graph)
    editor = Editor(store)
    is_new = not editor.has(graph)
    if request.action is Action.PATCH:
        if is_new:
            raise NoSuchGraph(f"there is no graph <{request.graph}>")
        scope = Scope(request.base, prefixes, only=request.graph)
        return update(store, request.text, scope), False
    if request.action is Action.DELETE:
        if is_new:
            raise NoSuchGraph(f"there is no graph <{request.graph}>")
        editor.drop(graph)
        return editor.change, False
    sent = {quad for body in request.bodies for quad in _read(body, graph)}
    if request.action is Action.PUT:
        editor.remove([quad for quad in editor.quads(graph) if quad not in sent])
    if not isinstance(graph, ox.DefaultGraph):
        editor.make(graph)
    editor.add(sent)
    return editor.change, is_new


def _named(iri: str) -> ox.NamedNode | ox.DefaultGraph:
    if not iri:
        return DEFAULT
    try:
        return ox.NamedNode(iri)
    except ValueError as error:
        raise QueryError(f"not an absolute IRI: {iri!r} ({error})") from None


def _read(body: Body, graph: Graph) -> list[ox.Quad]:
    """The triples of a body, in `graph`. Blank nodes are new ones."""
    rdf_format = ox.RdfFormat.from_media_type(body.media_type)
    if rdf_format is None:
        raise QueryError(f"{body.media_type}: not a format of RDF")
    scratch = ox.Store()
    try:
        scratch.load(body.data, rdf_format, base_iri=body.base)
    except SyntaxError as error:
        raise QuerySyntaxError(f"the body does not parse: {error}", error.lineno, error.offset) from None
    except (ValueError, OSError) as error:
        raise QueryError(f"the body cannot be read: {error}") from None
    found = list(scratch)
    if any(not isinstance(quad.graph_name, ox.DefaultGraph) for quad in found):
        raise QueryError("the body names graphs; want the triples of one graph")
    if isinstance(graph, ox.DefaultGraph):
        return found
    return [ox.Quad(q.subject, q.predicate, q.object, graph) for q in found]
