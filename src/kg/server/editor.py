"""The page of ``/sparql`` for people: an editor, and under it the answer of its query as a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive

from kg.engine.pool import Pool
from kg.engine.question import Question, Snapshot
from kg.errors import AnswerTooLarge, KgError
from kg.query.sparql import Answer, run_query
from kg.server.operations import EXAMPLE, Operation
from kg.server.pages.ask import sparql_page
from kg.server.problems import find_problem
from kg.server.questions import view_question
from kg.server.readers import Lease
from kg.server.requests import run_bounded
from kg.server.streams import ask
from kg.server.tables import tabulate

#: Longest answer that is made a page of.
_MOST_BYTES = 20_000_000


async def show_editor(
    operation: Operation | None, lease: Lease, request: Request, receive: Receive
) -> Response:
    """The page, with the answer of `operation` if there is one."""
    questions = [view_question(q) for q in request.app.state.catalog.queries.values()]
    base = lease.reader.base
    if operation is None or not operation.query.strip():
        return _page(sparql_page(EXAMPLE, questions, base))
    work: Callable[[], Answer | Iterable[ox.Triple]]
    try:
        if lease.snapshot is None:
            work = partial(_ask_here, lease, operation)
        else:
            answer = await _ask_worker(lease.snapshot, operation, request, receive)
            work = partial(_read, *answer)
        found = await run_bounded(request, lease, lambda: tabulate(lease.reader, work()))
    except AnswerTooLarge:
        text = "The answer is too long for a page: take it as a file (CSV, JSON), or add a LIMIT."
        return _page(sparql_page(operation.query, questions, base, problem=text), 422)
    except KgError as error:
        status = find_problem(error)[0]
        return _page(sparql_page(operation.query, questions, base, problem=str(error)), status)
    return _page(sparql_page(operation.query, questions, base, answer=found))


async def _ask_worker(
    snapshot: Snapshot, operation: Operation, request: Request, receive: Receive
) -> tuple[bool, bytes]:
    """Whether the answer is a graph, and its bytes."""
    pool: Pool = request.app.state.pool
    question = Question(operation.query, "json", "nt", "", operation.default_graphs, operation.named_graphs)
    limits = replace(pool.limits, bytes=_MOST_BYTES)
    answer = await ask(pool, snapshot, question, receive, limits)
    try:
        return answer.graph, b"".join([piece async for piece in answer.pieces()])
    finally:
        answer.drop()


def _read(graph: bool, data: bytes) -> Answer | list[ox.Triple]:
    if graph:
        return [quad.triple for quad in ox.parse(data, ox.RdfFormat.N_TRIPLES)]
    return ox.parse_query_results(data, ox.QueryResultsFormat.JSON)


def _ask_here(lease: Lease, operation: Operation) -> Answer:
    return run_query(
        lease.reader,
        operation.query,
        default_graph=operation.default_graphs,
        named_graphs=operation.named_graphs,
    )


def _page(text: str, status: int = 200) -> Response:
    return HTMLResponse(text, status, {"Vary": "Accept"})
