"""Runs SPARQL 1.1 queries, and writes their answers in the format that was asked for.

The formats are those of `kg.engine.formats`, and named here for those who ask in one process.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox

from kg.engine.formats import GRAPH_FORMATS as GRAPH_FORMATS
from kg.engine.formats import RESULT_FORMATS as RESULT_FORMATS
from kg.engine.formats import Format as Format
from kg.engine.formats import find_format as find_format
from kg.engine.formats import get_format as get_format
from kg.engine.formats import negotiate as negotiate
from kg.engine.formats import negotiate_format as negotiate_format
from kg.engine.formats import parse_accept as parse_accept
from kg.engine.text import is_update as is_update
from kg.errors import AnswerTooLarge, QueryError
from kg.graph.store import StoreReader
from kg.query.nodes import check_iri
from kg.terms import prefixes

if TYPE_CHECKING:
    from typing_extensions import Buffer

Answer: TypeAlias = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples
Row: TypeAlias = dict[str, str | None]


def run_query(
    reader: StoreReader,
    sparql: str,
    *,
    substitutions: Mapping[str, ox.NamedNode | ox.Literal] | None = None,
    default_graph: Sequence[str] = (),
    named_graphs: Sequence[str] = (),
) -> Answer:
    """The answer of `sparql`, in which the prefixes of this package need no declaration.

    `substitutions` bind variables, named without ``?``, to terms. Raises `QuerySyntaxError` with line and
    column, `QueryError` for an update, for SERVICE and for a graph name that is not an IRI.
    """
    if is_update(sparql):
        raise QueryError(
            "this is a SPARQL update; want a query (SELECT, ASK, CONSTRUCT, DESCRIBE): the store is read only"
        )
    for iri in (*default_graph, *named_graphs):
        check_iri(iri)
    return reader.query(
        sparql,
        prefixes=prefixes(reader.base),
        substitutions=substitutions,
        default_graph=default_graph,
        named_graphs=named_graphs,
    )


def formats_for(answer: Answer) -> tuple[Format, ...]:
    """The formats that `answer` can be written in, the preferred one first."""
    return GRAPH_FORMATS if isinstance(answer, ox.QueryTriples) else RESULT_FORMATS


class _Bounded(io.BytesIO):
    """Takes at most so many bytes."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def write(self, data: Buffer, /) -> int:
        written = super().write(data)
        if self.tell() > self._most:
            raise _too_large(self._most)
        return written


def _too_large(most: int) -> AnswerTooLarge:
    return AnswerTooLarge(
        f"the answer is longer than max_answer_bytes = {most:,} (KG_MAX_ANSWER_BYTES); ask for less, or add a LIMIT"
    )


def _bounded(triples: Iterable[ox.Triple], most: int | None) -> Iterator[ox.Triple]:
    """`triples`; raises `AnswerTooLarge` once they are longer than `most` bytes of N-Triples."""
    length = 0
    for triple in triples:
        if most is not None:
            length += len(str(triple))
            if length > most:
                raise _too_large(most)
        yield triple


def serialize(answer: Answer, form: Format, base: str | None = None, most: int | None = None) -> bytes:
    """`answer` written in `form`; the triples of a graph are sorted, each once. `base` gives Turtle its
    prefixes.

    Raises `QueryError` if the form does not fit the kind of answer, `AnswerTooLarge` if there are more than `most`
    bytes; little more than these is ever held in memory.
    """
    if isinstance(answer, ox.QueryTriples):
        if not isinstance(form.encoder, ox.RdfFormat):
            raise QueryError(f"a graph cannot be written as {form.key}; want one of ttl, nt, jsonld, rdf")
        return write_triples(list(_bounded(answer, most)), form, base)
    if not isinstance(form.encoder, ox.QueryResultsFormat):
        raise QueryError(f"a table cannot be written as {form.key}; want one of json, xml, csv, tsv")
    if most is not None:
        out = _Bounded(most)
        answer.serialize(out, form.encoder)
        return out.getvalue()
    written = answer.serialize(format=form.encoder)
    assert written is not None  # without an output the serializer returns what it wrote
    return written


def write_triples(
    triples: Sequence[ox.Triple],
    form: Format,
    base: str | None = None,
    others: Mapping[str, str] | None = None,
) -> bytes:
    """`triples`, sorted and each once, written in the graph format `form`; `others` are further prefixes."""
    if not isinstance(form.encoder, ox.RdfFormat):
        raise QueryError(f"a graph cannot be written as {form.key}; want one of ttl, nt, jsonld, rdf")
    ordered = sorted(set(triples), key=str)
    names = None
    if base is not None and form.encoder == ox.RdfFormat.TURTLE:
        names = prefixes(base) | dict(others or {})
    written = ox.serialize(ordered, format=form.encoder, prefixes=names)
    assert written is not None
    return written


def rows(answer: Answer) -> list[Row]:
    """`answer` as rows of text: column → IRI or lexical form, None where unbound.

    A graph has the columns subject, predicate, object; the answer of ASK is one row with the column
    ``boolean``.
    """
    if isinstance(answer, ox.QueryBoolean):
        return [{"boolean": "true" if answer else "false"}]
    if isinstance(answer, ox.QueryTriples):
        triples = sorted(set(answer), key=str)
        return [
            {"subject": _text(t.subject), "predicate": _text(t.predicate), "object": _text(t.object)}
            for t in triples
        ]
    names = [v.value for v in answer.variables]
    return [{name: _text(solution[name]) for name in names} for solution in answer]


def columns(answer: Answer) -> list[str]:
    """The names of the columns of `rows(answer)`, in the order of the query."""
    if isinstance(answer, ox.QueryBoolean):
        return ["boolean"]
    if isinstance(answer, ox.QueryTriples):
        return ["subject", "predicate", "object"]
    return [v.value for v in answer.variables]


def _text(term: object) -> str | None:
    if term is None:
        return None
    return term.value if isinstance(term, ox.NamedNode | ox.Literal) else str(term)
