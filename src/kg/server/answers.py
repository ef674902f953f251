"""Which kind of answer a request wants: data for programs, a page for people, RDF for linked data."""

from __future__ import annotations

from collections.abc import Sequence

import pyoxigraph as ox
from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from kg.graph.past import PastReader
from kg.graph.store import StoreReader
from kg.query.sparql import GRAPH_FORMATS, Format, negotiate, write_triples
from kg.server.pages.markup import as_of_day
from kg.server.problems import Refused

HTML = "text/html"
JSON = "application/json"
_VARY = {"Vary": "Accept"}


def wants_page(request: Request) -> bool:
    """Whether the request names HTML before JSON; who takes anything gets JSON."""
    return negotiate(request.headers.get("accept"), [JSON, HTML]) == HTML


def page_response(text: str, status: int = 200, reader: StoreReader | None = None) -> Response:
    """A page that depends on what was asked for; one of a day says so."""
    if isinstance(reader, PastReader):
        text = as_of_day(text, reader.day)
    return HTMLResponse(text, status, _VARY)


def linked_data_type(request: Request) -> str | Format:
    """``text/html``, ``application/json`` or a graph format, for a path that is an IRI; HTML for who takes
    anything.

    Raises a 406 if none of them is acceptable.
    """
    types = [m for f in GRAPH_FORMATS for m in f.media_types if m not in (JSON, "text/plain", "text/xml")]
    offered = [HTML, "application/xhtml+xml", *types, JSON]
    chosen = negotiate(request.headers.get("accept"), offered)
    if chosen is None:
        raise Refused(406, "not-acceptable", f"want one of {', '.join(offered)}")
    if chosen in (HTML, "application/xhtml+xml"):
        return HTML
    if chosen == JSON:
        return JSON
    return next(f for f in GRAPH_FORMATS if chosen in f.media_types)


def graph_response(triples: Sequence[ox.Triple], form: Format, base: str) -> Response:
    """`triples` in the format `form`."""
    return Response(write_triples(triples, form, base), 200, _VARY, media_type=form.content_type)
