"""Answers of queries as rows that a page can show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from kg.graph.store import StoreReader
from kg.query.nodes import Nodes, term_text
from kg.query.sparql import Answer
from kg.server.pages.ask import ROWS_SHOWN

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
