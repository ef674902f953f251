"""Which kind of answer a request wants: data for programs, a page for people, RDF for linked data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated
from urllib.parse import quote, urlencode

import pyoxigraph as ox
from fastapi import Depends, Query, Request, Response
from fastapi.responses import HTMLResponse

from kg.graph.past import PastReader
from kg.graph.store import StoreReader
from kg.query.sparql import GRAPH_FORMATS, Format, find_format, negotiate, write_triples
from kg.server.pages.markup import as_of_day
from kg.server.problems import Refused

HTML = "text/html"
JSON = "application/json"
_VARY = {"Vary": "Accept"}


def wants_page(request: Request) -> bool:
    """Whether the request names HTML before JSON; who takes anything gets JSON."""
    return negotiate(request.headers.get("accept"), [JSON, HTML]) == HTML


def page_response(
    text: str, status: int = 200, reader: StoreReader | None = None, request: Request | None = None
) -> Response:
    """A page that depends on what was asked for; one of a day says so, and leads to the same for all that is known."""
    if isinstance(reader, PastReader):
        words = request.query_params.multi_items() if request is not None else []
        text = as_of_day(text, reader.day, "?" + urlencode([(k, v) for k, v in words if k != "as_of"]))
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


async def choose_wanted(
    request: Request,
    format: Annotated[
        str | None,
        Query(description="In place of Accept: html, json, ttl, nt, jsonld or rdf.", max_length=40),
    ] = None,
) -> str | Format:
    """As `linked_data_type`, or what the parameter `format` names. Raises a 400 for an unknown one."""
    if format is None:
        return linked_data_type(request)
    plain = {"html": HTML, "json": JSON}.get(format.lower())
    found = plain or find_format(format, GRAPH_FORMATS)
    if found is None:
        keys = ", ".join(("html", "json", *(f.key for f in GRAPH_FORMATS)))
        raise Refused(400, "parameters", f"format={format!r}: want one of {keys}")
    return found


Wanted = Annotated[str | Format, Depends(choose_wanted)]


def graph_response(
    triples: Sequence[ox.Triple], form: Format, base: str, prefixes: Mapping[str, str] | None = None
) -> Response:
    """`triples` in the format `form`."""
    return Response(write_triples(triples, form, base, prefixes), 200, _VARY, media_type=form.content_type)


def link_forms(request: Request, response: Response) -> Response:
    """`response` with links to the other forms of the resource, to its description and to the dataset it is in.

    RFC 8288; ``describedby`` is the RDF, ``inDataset`` that of VoID.
    """
    path = quote(request.url.path, safe="/:@!$'()*+,;=~-._")
    kept = [(k, v) for k, v in request.query_params.multi_items() if k not in ("format", "highlight")]
    forms = [("html", HTML), ("json", JSON), *((f.key, f.media_types[0]) for f in GRAPH_FORMATS)]
    current = response.headers.get("content-type", "").partition(";")[0]
    links = [
        f'<{path}?{urlencode([*kept, ("format", key)])}>; rel="{_REL.get(key, "alternate")}"; type="{media_type}"'
        for key, media_type in forms
        if media_type != current
    ]
    links.append('</.well-known/void#dataset>; rel="http://rdfs.org/ns/void#inDataset"')
    response.headers["Link"] = ", ".join(links)
    return response


_REL = {"ttl": "alternate describedby"}
