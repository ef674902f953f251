"""``/queries``: saved questions with parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi import Path as PathPart

from kg.catalog.queries import SavedQuery
from kg.engine.encoders import GRAPHS, RESULTS
from kg.engine.question import Question
from kg.errors import QueryError, UnknownQuery
from kg.query.binding import bind
from kg.query.saved import WANTED, bind_parameters
from kg.query.sparql import GRAPH_FORMATS, RESULT_FORMATS, Format, get_format, run_query, serialize
from kg.server.addresses import address_of
from kg.server.answers import page_response, wants_page
from kg.server.conditional import NO_GENERATION, depends_on
from kg.server.forms import ending
from kg.server.leases import LeaseOf
from kg.server.operations import Operation
from kg.server.pages.ask import question_page, questions_page
from kg.server.readers import Lease
from kg.server.requests import FREE_PARAMETERS, choose_format, run_bounded
from kg.server.streams import MOST_HELD, StreamedAnswer, ask
from kg.server.tables import ask_rows

router = APIRouter(tags=["Questions"])


@dataclass(frozen=True, slots=True)
class ParameterView:
    """A parameter of a saved question."""

    name: str
    type: str
    required: bool
    default: str | None
    example: str
    help: str


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A saved question; `example` is a path that asks it, `formats` are the endings that its path may have."""

    name: str
    summary: str
    returns: str
    parameters: tuple[ParameterView, ...]
    example: str
    sparql: str
    formats: tuple[str, ...]


def view_question(query: SavedQuery, prefix: str = "") -> QuestionView:
    """`query` as it is shown by a server whose paths begin with `prefix`."""
    parameters = tuple(
        ParameterView(p.name, str(p.type), p.required, p.default, p.example, p.help) for p in query.parameters
    )
    needed = {p.name: p.example for p in query.parameters if p.required}
    example = f"{prefix}/queries/{query.name}" + (f"?{urlencode(needed)}" if needed else "")
    endings = tuple(f.key for f in offered(query))
    return QuestionView(query.name, query.summary, query.returns, parameters, example, query.sparql, endings)


def offered(query: SavedQuery) -> tuple[Format, ...]:
    """The formats that the answer of `query` can be written in."""
    return GRAPH_FORMATS if query.graph else RESULT_FORMATS


@router.get("/queries", response_model=list[QuestionView], summary="List the saved questions")
@router.get("/queries.json", response_model=list[QuestionView], include_in_schema=False)
def get_questions(request: Request) -> list[QuestionView] | Response:
    """Every saved question with its parameters, an example and its SPARQL text."""
    depends_on(request, NO_GENERATION)
    page = not ending(request) and wants_page(request)
    prefix = "" if page else address_of(request.scope).prefix  # pages get theirs with all their links
    found = [view_question(q, prefix) for q in request.app.state.catalog.queries.values()]
    return page_response(questions_page(found)) if page else found


@router.get(
    "/queries/{name}", openapi_extra=FREE_PARAMETERS, response_class=Response, include_in_schema=False
)
async def get_answer(
    request: Request,
    lease: LeaseOf,
    name: Annotated[str, PathPart(description="Its name, from /queries.", max_length=200)],
) -> Response:
    """The answer of a saved question; its parameters go in the query string.

    An ending of the path, `format`, or Accept says how it is written.
    """
    question, asked = _find(request, name)
    values = dict(request.query_params)
    for key in values:
        if len(request.query_params.getlist(key)) > 1:
            raise QueryError(f"parameter {key!r} is given more than once; want it once")
    written = values.pop("format", None)
    if asked is not None and written is not None and get_format(written, offered(question)) != asked:
        raise QueryError(f"format={written!r}: the path ends in .{asked.key}; want one of the two")
    if asked is None and written is None and wants_page(request):
        return await _answer_page(request, lease, question, values)
    form = asked or choose_format(request, written, offered(question))
    values.pop("as_of", None)
    operation = await _bound(request, lease, question, values)
    words = f"?{request.url.query}" if request.url.query else ""
    others = [
        f'</queries/{question.name}.{f.key}{words}>; rel="alternate"; type="{f.media_types[0]}"'
        for f in offered(question)
        if f is not form and written is None
    ]
    headers = {"Vary": "Accept"} | ({"Link": ", ".join(others)} if others else {})
    if lease.snapshot is not None:
        table, graph = form.key if form.key in RESULTS else "", form.key if form.key in GRAPHS else ""
        asked_for = Question(operation.query, table, graph)
        answer = await ask(request.app.state.pool, lease.snapshot, asked_for, request.receive)
        return StreamedAnswer(answer, headers, form.content_type)
    most = min(request.app.state.settings.max_answer_bytes, MOST_HELD)

    def work() -> bytes:
        return serialize(run_query(lease.reader, operation.query), form, lease.reader.base, most)

    body = await run_bounded(request, lease, work)
    return Response(body, headers=headers, media_type=form.content_type)


async def _bound(
    request: Request, lease: Lease, question: SavedQuery, values: Mapping[str, str]
) -> Operation:
    """`question` with its parameters bound; names of entities are looked up."""

    def work() -> str:
        return bind(question.sparql, bind_parameters(lease.reader, question, values))

    return Operation(await run_bounded(request, lease, work))


async def _answer_page(
    request: Request, lease: Lease, question: SavedQuery, values: Mapping[str, str]
) -> Response:
    given = {k: v for k, v in values.items() if v.strip() and k != "as_of"}
    operation = await _bound(request, lease, question, given)
    found = await ask_rows(operation, lease, request, request.receive)
    page = question_page(view_question(question), found, given, lease.reader.base)
    return page_response(page, reader=lease.reader, request=request)


def _find(request: Request, name: str) -> tuple[SavedQuery, Format | None]:
    """The question that a path's last step names, and the format that its ending names, if it has one."""
    queries: Mapping[str, SavedQuery] = request.app.state.catalog.queries
    bare, dot, ending = name.partition(".")
    question = queries.get(bare)
    if question is None:
        raise UnknownQuery(f"no saved query {bare!r}; there are: {', '.join(queries)}")
    if not dot:
        return question, None
    form = next((f for f in offered(question) if f.key == ending), None)
    if form is None:
        endings = ", ".join(f".{f.key}" for f in offered(question))
        raise UnknownQuery(f"the answer of {bare} has no ending .{ending}; want one of {endings}, or none")
    return question, form


def describe_question(query: SavedQuery) -> dict[str, object]:
    """The OpenAPI operation that asks `query`."""
    parameters: list[dict[str, object]] = [
        {
            "name": p.name,
            "in": "query",
            "required": p.required,
            "description": f"{p.help} ({WANTED[str(p.type)]})",
            "schema": {**_SCHEMAS.get(str(p.type), _TEXT), **({"default": p.default} if p.default else {})},
            "example": p.example,
        }
        for p in query.parameters
    ]
    keys = [f.key for f in offered(query)]
    parameters.append(
        {
            "name": "format",
            "in": "query",
            "description": "In place of Accept, or of an ending of the path.",
            "schema": {"type": "string", "enum": keys},
        }
    )
    parameters.append(
        {
            "name": "as_of",
            "in": "query",
            "description": "Answer from what was published by this day (YYYY-MM-DD).",
            "schema": {"type": "string", "maxLength": 40},
        }
    )
    content: dict[str, object] = {f.media_types[0]: {} for f in offered(query)}
    return {
        "tags": ["Questions"],
        "summary": query.summary.rstrip("."),
        "description": f"{query.returns} The path may end in {', '.join('.' + k for k in keys)}.",
        "operationId": "ask_" + query.name.replace("-", "_"),
        "parameters": parameters,
        "responses": {"200": {"description": query.returns, "content": content}},
    }


_TEXT: Mapping[str, object] = {"type": "string", "maxLength": 2000}
_SCHEMAS: Mapping[str, Mapping[str, object]] = {
    "date": {"type": "string", "format": "date"},
    "integer": {"type": "integer"},
    "decimal": {"type": "number"},
    "boolean": {"type": "boolean"},
}
