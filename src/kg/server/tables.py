"""Answers of queries as rows that a page can show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import pyoxigraph as ox
from starlette.requests import Request
from starlette.types import Receive

from kg.engine.pool import Pool
from kg.engine.question import Question, Snapshot
from kg.graph.store import StoreReader
from kg.query.nodes import Nodes, term_text
from kg.query.sparql import Answer, run_query
from kg.server.operations import Operation
from kg.server.pages.ask import ROWS_SHOWN
from kg.server.readers import Lease
from kg.server.requests import run_bounded
from kg.server.streams import ask

#: Longest answer that is made a table of.
_MOST_BYTES = 20_000_000
Cell = tuple[str | None, str]


@dataclass(frozen=True, slots=True)
class Rows:
    """The first rows of an answer: column → (IRI or None, what is shown); `total` counts all."""

    columns: Sequence[str]
    rows: Sequence[Mapping[str, Cell]]
    total: int


def tabulate(reader: StoreReader, answer: Answer | Iterable[ox.Triple]) -> Rows:
    """`answer` as a table: solutions by variable, an ASK as one cell, triples by their parts."""
    nodes = Nodes(reader)

    def cell(term: object) -> Cell:
        if isinstance(term, ox.NamedNode):
            return (term.value, nodes.describe(term.value).label)
        return (None, term_text(term))

    if isinstance(answer, ox.QueryBoolean):
        return Rows(("answer",), ({"answer": (None, "yes" if bool(answer) else "no")},), 1)
    shown: list[dict[str, Cell]] = []
    total = 0
    if isinstance(answer, ox.QuerySolutions):
        names = [v.value for v in answer.variables]
        for solution in answer:
            total += 1
            if total <= ROWS_SHOWN:
                bound = ((name, solution[i]) for i, name in enumerate(names))
                shown.append({name: cell(term) for name, term in bound if term is not None})
        return Rows(names, shown, total)
    for triple in answer:
        total += 1
        if total <= ROWS_SHOWN:
            parts = (("subject", triple.subject), ("predicate", triple.predicate), ("object", triple.object))
            shown.append({name: cell(term) for name, term in parts})
    return Rows(("subject", "predicate", "object"), shown, total)


async def ask_rows(operation: Operation, lease: Lease, request: Request, receive: Receive) -> Rows:
    """The answer of `operation` as a table; asked of a worker process where there can be one.

    Raises as `Pool.ask`, and `AnswerTooLarge` for one that no page should show.
    """
    work: Callable[[], Answer | Iterable[ox.Triple]]
    if lease.snapshot is None:
        work = partial(
            run_query,
            lease.reader,
            operation.query,
            default_graph=operation.default_graphs,
            named_graphs=operation.named_graphs,
        )
    else:
        work = partial(_read, *await _ask_worker(lease.snapshot, operation, request, receive))
    return await run_bounded(request, lease, lambda: tabulate(lease.reader, work()))


async def _ask_worker(
    snapshot: Snapshot, operation: Operation, request: Request, receive: Receive
) -> tuple[bool, bytes]:
    """Whether the answer is a graph, and its bytes."""
    pool: Pool = request.app.state.pool
    question = Question(operation.query, "json", "nt", "", operation.default_graphs, operation.named_graphs)
    limits = replace(pool.limits, bytes=min(pool.limits.bytes or _MOST_BYTES, _MOST_BYTES))
    answer = await ask(pool, snapshot, question, receive, limits)
    try:
        return answer.graph, b"".join([piece async for piece in answer.pieces()])
    finally:
        answer.drop()


def _read(graph: bool, data: bytes) -> Answer | list[ox.Triple]:
    if graph:
        return [quad.triple for quad in ox.parse(data, ox.RdfFormat.N_TRIPLES)]
    return ox.parse_query_results(data, ox.QueryResultsFormat.JSON)
