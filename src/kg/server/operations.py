"""The requests of the SPARQL 1.1 Protocol: which query, over which graphs, in which format (section 2.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from urllib.parse import parse_qsl

from starlette.types import Receive, Scope

from kg.engine.formats import (
    ALIASES,
    GRAPH_FORMATS,
    QUAD_FORMATS,
    RESULT_FORMATS,
    Format,
    find_format,
    negotiate,
    negotiate_format,
)
from kg.engine.text import calls_service, is_update
from kg.errors import QueryError
from kg.query.as_of import read_day
from kg.query.nodes import check_iri
from kg.server.problems import Refused

FORM, BARE, UPDATE = (
    "application/x-www-form-urlencoded",
    "application/sparql-query",
    "application/sparql-update",
)
FIELDS = ("query", "default-graph-uri", "named-graph-uri", "format", "as_of")
ALL_GRAPH_FORMATS = (*GRAPH_FORMATS, *QUAD_FORMATS)
#: What SPARQLWrapper sends beside ``format`` and Accept, with the same in them.
_OTHER_FORMATS = ("output", "results")
#: Longest request body that is read.
MAX_BODY = 1_000_000
_MOST_FIELDS = 100
EXAMPLE = "SELECT ?person ?office { ?person kg:holdsOffice ?office } ORDER BY ?person ?office"


@dataclass(frozen=True, slots=True)
class Operation:
    """One query operation; with `as_of`, over what was published by that day."""

    query: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    format: str | None = None
    as_of: date | None = None


def read_get(query_string: bytes) -> Operation | None:
    """The operation of a GET request, None if it has no parameter at all. Raises `QueryError` or `Refused`."""
    if not query_string:
        return None
    return _read_fields(_parse(query_string.decode("latin-1"), "the query string"))


def read_post(media_type: str, body: bytes, query_string: bytes) -> Operation:
    """The operation of a POST request. Raises `QueryError` or `Refused`."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise QueryError(f"the body is not UTF-8 (byte {error.start})") from None
    asked = _parse(query_string.decode("latin-1"), "the query string")
    if media_type == FORM:
        return _read_fields([*_parse(text, "the form"), *asked])
    return _read_fields([("query", text), *asked])


def _parse(text: str, what: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except UnicodeDecodeError:
        raise QueryError(f"{what} is not UTF-8") from None
    except ValueError as error:
        raise QueryError(f"{what} cannot be read: {error}") from None


def _read_fields(pairs: list[tuple[str, str]]) -> Operation:
    queries, formats, default, named, days = [], [], [], [], []
    for name, value in pairs:
        if name == "query":
            queries.append(value)
        elif name == "default-graph-uri":
            default.append(check_iri(value))
        elif name == "named-graph-uri":
            named.append(check_iri(value))
        elif name == "format":
            formats.append(value)
        elif name in _OTHER_FORMATS:
            continue
        elif name == "as_of":
            days += [read_day(value)] if value.strip() else []
        elif name == "update":
            raise QueryError("updates are not taken here: want a query")
        else:
            raise Refused(400, "parameters", f"unknown parameter {name!r}; there are: {', '.join(FIELDS)}")
    if len(queries) != 1:
        raise QueryError(f"found {len(queries)} queries; want exactly one (the parameter 'query')")
    if len(formats) > 1:
        raise QueryError("found several formats; want at most one")
    if len(days) > 1:
        raise QueryError("found several days; want at most one as_of")
    query = queries[0]
    if is_update(query):
        raise QueryError("this is a SPARQL update; want a query (SELECT, ASK, CONSTRUCT, DESCRIBE)")
    if calls_service(query):
        raise Refused(403, "service", "SERVICE is refused: a query reaches this store and nothing else")
    return Operation(
        query, tuple(default), tuple(named), formats[0] if formats else None, days[0] if days else None
    )


@lru_cache(maxsize=512)
def choose_formats(accept: str | None, asked: str | None) -> tuple[Format | None, Format | None]:
    """The formats of a table and of a graph that ``format`` or else the Accept header name; None where none fits.

    Raises `QueryError` for a ``format`` that is unknown, a 406 for an Accept header that takes neither.
    """
    if asked is not None:
        table, graph = find_format(asked, RESULT_FORMATS), find_format(asked, ALL_GRAPH_FORMATS)
        if table is None and graph is None:
            known = ", ".join(f.key for f in (*RESULT_FORMATS, *ALL_GRAPH_FORMATS))
            raise QueryError(f"format {asked!r} is unknown; want one of {known} (or {', '.join(ALIASES)})")
        return table, graph
    table, graph = negotiate_format(accept, RESULT_FORMATS), negotiate_format(accept, ALL_GRAPH_FORMATS)
    if table is None and graph is None:
        raise not_acceptable(accept, (*RESULT_FORMATS, *ALL_GRAPH_FORMATS))
    return table, graph


@lru_cache(maxsize=512)
def prefers_page(accept: str) -> bool:
    """Whether an Accept header names HTML before all formats of data; who takes anything gets data."""
    data = [m for f in (*RESULT_FORMATS, *ALL_GRAPH_FORMATS) for m in f.media_types]
    return "html" in accept and negotiate(accept, [*data, "text/html"]) == "text/html"


def not_acceptable(accept: str | None, offered: tuple[Format, ...]) -> Refused:
    """A 406 that names what is offered."""
    types = ", ".join(m for f in offered for m in f.media_types)
    return Refused(406, "not-acceptable", f"Accept: {accept}; this answer can be had as {types}")


def read_media_type(content_type: str) -> str:
    """The media type of a posted operation. Raises a 415."""
    media_type, _, rest = content_type.partition(";")
    media_type = media_type.strip().lower()
    charset = next(
        (
            value.strip().strip('"').lower()
            for name, _, value in (p.partition("=") for p in rest.split(";"))
            if name.strip().lower() == "charset"
        ),
        "utf-8",
    )
    if media_type in (FORM, BARE) and charset in ("utf-8", "utf8", "us-ascii"):
        return media_type
    found = f"found {content_type!r}" if content_type else "found none"
    hint = "; an update goes to /update" if media_type == UPDATE else ""
    raise Refused(
        415,
        "media-type",
        f"Content-Type: want {BARE} or {FORM}, in UTF-8; {found}{hint}",
        {"Accept-Post": f"{BARE}, {FORM}"},
    )


async def read_body(scope: Scope, receive: Receive, most: int = MAX_BODY) -> bytes:
    """The body of a request. Raises a 413 if it is longer than `most` bytes, `ConnectionError` if the client goes."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionResetError("the client went away")
        body += message.get("body", b"")
        if len(body) > most:
            raise Refused(413, "too-large", f"the body is longer than {most} bytes")
        if not message.get("more_body"):
            return bytes(body)


def describe_sparql() -> dict[str, dict[str, object]]:
    """The OpenAPI operations of ``/sparql``, by method."""
    content: dict[str, object] = {f.media_types[0]: {} for f in (*RESULT_FORMATS, *ALL_GRAPH_FORMATS)}
    answers = {"200": {"description": "The answer, in the format asked for.", "content": content}}
    graphs: dict[str, object] = {"type": "array", "items": {"type": "string", "format": "iri"}}
    fields: dict[str, tuple[str, dict[str, object]]] = {
        "query": ("A SPARQL 1.1 query; our prefixes need no declaration.", {"type": "string"}),
        "default-graph-uri": ("Graphs that make up the default graph, in place of FROM.", graphs),
        "named-graph-uri": ("Named graphs, in place of FROM NAMED.", graphs),
        "format": (
            "In place of Accept.",
            {"type": "string", "enum": [f.key for f in (*RESULT_FORMATS, *ALL_GRAPH_FORMATS)]},
        ),
        "as_of": ("Answer from what was published by this day (YYYY-MM-DD).", {"type": "string"}),
    }
    parameters = [
        {"name": name, "in": "query", "required": False, "description": text, "schema": schema}
        | ({"example": EXAMPLE} if name == "query" else {})
        for name, (text, schema) in fields.items()
    ]
    form = {"type": "object", "required": ["query"], "properties": {n: s for n, (_, s) in fields.items()}}
    return {
        "get": {
            "tags": ["SPARQL"],
            "summary": "SPARQL query",
            "description": "SPARQL 1.1 Protocol by GET; without a query, the description of the service.",
            "operationId": "get_sparql",
            "parameters": parameters,
            "responses": answers,
        },
        "post": {
            "tags": ["SPARQL"],
            "summary": "SPARQL query",
            "description": "SPARQL 1.1 Protocol by POST: a form, or the query itself as the body.",
            "operationId": "post_sparql",
            "parameters": [p for p in parameters if p["name"] != "query"],
            "requestBody": {
                "required": True,
                "content": {
                    BARE: {"schema": {"type": "string"}, "example": EXAMPLE},
                    FORM: {"schema": form, "example": {"query": EXAMPLE}},
                },
            },
            "responses": answers,
        },
    }
