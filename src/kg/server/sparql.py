"""``/sparql``: the SPARQL 1.1 Protocol, query operation (sections 2.1.1 to 2.1.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Query, Request, Response

from kg.errors import QueryError
from kg.query.sparql import GRAPH_FORMATS, RESULT_FORMATS, Format, formats_for, run_query, serialize
from kg.server.answers import page_response, wants_page
from kg.server.leases import NewestLease
from kg.server.pages.ask import sparql_page
from kg.server.problems import QueryTimeout, Refused
from kg.server.questions import view_question
from kg.server.readers import Lease
from kg.server.requests import FREE_PARAMETERS, choose_format, run_bounded
from kg.server.tables import Rows, tabulate

router = APIRouter(tags=["SPARQL"])

#: Longest request body that is read.
MAX_BODY = 1_000_000
FORM, BARE, UPDATE = (
    "application/x-www-form-urlencoded",
    "application/sparql-query",
    "application/sparql-update",
)
EXAMPLE = "SELECT ?person ?office { ?person kg:holdsOffice ?office } ORDER BY ?person ?office"
_FIELDS = ("query", "default-graph-uri", "named-graph-uri", "format")
_CONTENT: dict[int | str, dict[str, object]] = {
    200: {"content": {f.media_types[0]: {} for f in (*RESULT_FORMATS, *GRAPH_FORMATS)}}
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One query operation."""

    query: str
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]
    format: str | None


@router.get("/sparql", response_class=Response, responses=_CONTENT, summary="SPARQL query")
async def get_sparql(
    request: Request,
    lease: NewestLease,
    query: Annotated[
        str | None,
        Query(description="A SPARQL 1.1 query; our prefixes need no declaration.", examples=[EXAMPLE]),
    ] = None,
    default_graph_uri: Annotated[list[str], Query(alias="default-graph-uri")] = [],  # noqa: B006
    named_graph_uri: Annotated[list[str], Query(alias="named-graph-uri")] = [],  # noqa: B006
    format: Annotated[
        str | None, Query(description="In place of Accept: json, xml, csv, tsv; ttl, nt, jsonld, rdf.")
    ] = None,
) -> Response:
    """SPARQL 1.1 Protocol by GET. Updates, SERVICE and LOAD are refused."""
    if format is None and wants_page(request):
        return await _answer_page(
            request, lease, Asked(query or "", tuple(default_graph_uri), tuple(named_graph_uri), None)
        )
    if query is None:
        raise Refused(400, "parameters", "no query: want the parameter 'query', or a POST")
    return await _answer(
        request, lease, Asked(query, tuple(default_graph_uri), tuple(named_graph_uri), format)
    )


@router.post(
    "/sparql",
    response_class=Response,
    summary="SPARQL query",
    responses=_CONTENT,
    openapi_extra={
        **FREE_PARAMETERS,
        "requestBody": {
            "content": {
                BARE: {"schema": {"type": "string"}, "example": EXAMPLE},
                FORM: {"schema": {"type": "object", "properties": {f: {"type": "string"} for f in _FIELDS}}},
            }
        },
    },
)
async def post_sparql(request: Request, lease: NewestLease) -> Response:
    """SPARQL 1.1 Protocol by POST: a form, or the query itself as the body."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in (FORM, BARE):
        found = f"found {media_type!r}" if media_type else "found none"
        hint = "; updates are not taken: the store is read only" if media_type == UPDATE else ""
        raise Refused(
            415,
            "media-type",
            f"Content-Type: want {BARE} or {FORM}, {found}{hint}",
            {"Accept-Post": f"{BARE}, {FORM}"},
        )
    try:
        text = (await _read_body(request)).decode("utf-8")
        if media_type == FORM:
            pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=100)
            if request.query_params:
                raise Refused(
                    400, "parameters", "a form was posted: want all parameters in it, none in the URL"
                )
        else:
            pairs = [("query", text), *request.query_params.multi_items()]
    except UnicodeDecodeError as error:
        raise QueryError(f"the body is not UTF-8 (byte {error.start})") from None
    except ValueError as error:
        raise QueryError(f"the form cannot be read: {error}") from None
    return await _answer(request, lease, _read_fields(pairs))


def _read_fields(pairs: list[tuple[str, str]]) -> Asked:
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        if name == "update":
            raise QueryError("updates are not taken: the store is read only")
        if name not in _FIELDS:
            raise Refused(400, "parameters", f"unknown parameter {name!r}; there are: {', '.join(_FIELDS)}")
        fields.setdefault(name, []).append(value)
    queries, formats = fields.get("query", []), fields.get("format", [])
    if len(queries) != 1:
        raise QueryError(f"found {len(queries)} queries; want exactly one")
    if len(formats) > 1:
        raise QueryError("found several formats; want at most one")
    default, named = fields.get("default-graph-uri", []), fields.get("named-graph-uri", [])
    return Asked(queries[0], tuple(default), tuple(named), formats[0] if formats else None)


async def _read_body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise Refused(413, "too-large", f"the body is longer than {MAX_BODY} bytes")
    return bytes(body)


async def _answer_page(request: Request, lease: Lease, asked: Asked) -> Response:
    """The editor, with the query and its answer in it."""
    questions = [view_question(q) for q in request.app.state.catalog.queries.values()]
    base = lease.reader.base
    if not asked.query.strip():
        return page_response(sparql_page(EXAMPLE, questions, base))

    def work() -> Rows:
        answer = run_query(
            lease.reader, asked.query, default_graph=asked.default_graphs, named_graphs=asked.named_graphs
        )
        return tabulate(lease.reader, answer)

    try:
        found = await run_bounded(request, lease, work)
    except (QueryError, QueryTimeout) as error:
        status = 503 if isinstance(error, QueryTimeout) else 400
        return page_response(sparql_page(asked.query, questions, base, problem=str(error)), status)
    return page_response(sparql_page(asked.query, questions, base, answer=found))


async def _answer(request: Request, lease: Lease, asked: Asked) -> Response:
    most: int = request.app.state.settings.max_answer_bytes

    def work() -> tuple[Format, bytes]:
        answer = run_query(
            lease.reader, asked.query, default_graph=asked.default_graphs, named_graphs=asked.named_graphs
        )
        form = choose_format(request, asked.format, formats_for(answer))
        return form, serialize(answer, form, lease.reader.base, most)

    form, body = await run_bounded(request, lease, work)
    return Response(body, headers={"Vary": "Accept"}, media_type=form.content_type)
