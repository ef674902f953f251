"""The page of ``/sparql`` for people: an editor, and under it the answer of its query as a table."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive

from kg.errors import AnswerTooLarge, KgError
from kg.server.operations import EXAMPLE, Operation
from kg.server.pages.ask import sparql_page
from kg.server.problems import find_problem
from kg.server.questions import view_question
from kg.server.readers import Lease
from kg.server.tables import ask_rows


async def show_editor(
    operation: Operation | None, lease: Lease, request: Request, receive: Receive
) -> Response:
    """The page, with the answer of `operation` if there is one."""
    questions = [view_question(q) for q in request.app.state.catalog.queries.values()]
    base = lease.reader.base
    if operation is None or not operation.query.strip():
        return _page(sparql_page(EXAMPLE, questions, base))
    try:
        found = await ask_rows(operation, lease, request, receive)
    except AnswerTooLarge:
        text = "The answer is too long for a page: take it as a file (CSV, JSON), or add a LIMIT."
        return _page(sparql_page(operation.query, questions, base, problem=text), 422)
    except KgError as error:
        status = find_problem(error)[0]
        return _page(sparql_page(operation.query, questions, base, problem=str(error)), status)
    return _page(sparql_page(operation.query, questions, base, answer=found))


def _page(text: str, status: int = 200) -> Response:
    return HTMLResponse(text, status, {"Vary": "Accept"})
