"""``/queries``: saved questions with parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi import Path as PathPart

from kg.catalog.queries import SavedQuery
from kg.errors import QueryError, UnknownQuery
from kg.query.saved import run_saved
from kg.query.sparql import Format, formats_for, serialize
from kg.server.answers import page_response, wants_page
from kg.server.leases import LeaseOf
from kg.server.pages.lists import questions_page
from kg.server.requests import FREE_PARAMETERS, choose_format, run_bounded

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
    """A saved question; `example` is a path that asks it."""

    name: str
    summary: str
    returns: str
    parameters: tuple[ParameterView, ...]
    example: str
    sparql: str


def view_question(query: SavedQuery) -> QuestionView:
    """`query` as it is shown."""
    parameters = tuple(
        ParameterView(p.name, str(p.type), p.required, p.default, p.example, p.help) for p in query.parameters
    )
    needed = {p.name: p.example for p in query.parameters if p.required}
    example = f"/queries/{query.name}" + (f"?{urlencode(needed)}" if needed else "")
    return QuestionView(query.name, query.summary, query.returns, parameters, example, query.sparql)


@router.get("/queries", response_model=list[QuestionView], summary="List the saved questions")
def get_questions(request: Request) -> list[QuestionView] | Response:
    """Every saved question with its parameters, an example and its SPARQL text."""
    found = [view_question(q) for q in request.app.state.catalog.queries.values()]
    if wants_page(request):
        return page_response(questions_page(found))
    return found


@router.get(
    "/queries/{name}",
    openapi_extra=FREE_PARAMETERS,
    response_class=Response,
    summary="Ask a saved question",
    responses={200: {"content": {"application/sparql-results+json": {}, "text/csv": {}}}},
)
async def get_answer(
    request: Request,
    lease: LeaseOf,
    name: Annotated[str, PathPart(description="Its name, from /queries.", max_length=200)],
) -> Response:
    """The rows of a saved question; its parameters go in the query string.

    `format` (json, xml, csv, tsv; for graphs ttl, nt, jsonld, rdf) or Accept says how they are written.
    """
    queries = request.app.state.catalog.queries
    question = queries.get(name)
    if question is None:
        raise UnknownQuery(f"no saved query {name!r}; there are: {', '.join(queries)}")
    values = dict(request.query_params)
    for key in values:
        if len(request.query_params.getlist(key)) > 1:
            raise QueryError(f"parameter {key!r} is given more than once; want it once")
    asked = values.pop("format", None)
    values.pop("as_of", None)
    most: int = request.app.state.settings.max_answer_bytes

    def work() -> tuple[Format, bytes]:
        answer = run_saved(lease.reader, question, values)
        form = choose_format(request, asked, formats_for(answer))
        return form, serialize(answer, form, lease.reader.base, most)

    form, body = await run_bounded(request, lease, work)
    return Response(body, headers={"Vary": "Accept"}, media_type=form.content_type)
