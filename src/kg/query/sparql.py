"""Runs SPARQL 1.1 queries, and writes their answers in the format that was asked for.

Results: SPARQL 1.1 Query Results JSON, XML, CSV and TSV. Graphs: Turtle, N-Triples, RDF/XML, JSON-LD.
Which one is chosen by content negotiation (RFC 9110, section 12.5.1).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox

from kg.errors import AnswerTooLarge, QueryError
from kg.graph.store import StoreReader
from kg.query.nodes import check_iri
from kg.terms import prefixes

if TYPE_CHECKING:
    from typing_extensions import Buffer

Answer: TypeAlias = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples
Row: TypeAlias = dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Format:
    """A way to write an answer: its key (``format=``, file extension), media types (the first is sent),
    encoder.
    """

    key: str
    media_types: tuple[str, ...]
    encoder: ox.QueryResultsFormat | ox.RdfFormat

    @property
    def content_type(self) -> str:
        """The value of the Content-Type header."""
        media_type = self.media_types[0]
        return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


#: For SELECT and ASK; the first is what is sent to those who do not mind.
RESULT_FORMATS: tuple[Format, ...] = (
    Format("json", ("application/sparql-results+json", "application/json"), ox.QueryResultsFormat.JSON),
    Format(
        "xml", ("application/sparql-results+xml", "application/xml", "text/xml"), ox.QueryResultsFormat.XML
    ),
    Format("csv", ("text/csv",), ox.QueryResultsFormat.CSV),
    Format("tsv", ("text/tab-separated-values",), ox.QueryResultsFormat.TSV),
)
#: For CONSTRUCT and DESCRIBE, and for dumps.
GRAPH_FORMATS: tuple[Format, ...] = (
    Format("ttl", ("text/turtle", "application/x-turtle"), ox.RdfFormat.TURTLE),
    Format("nt", ("application/n-triples", "text/plain"), ox.RdfFormat.N_TRIPLES),
    Format("jsonld", ("application/ld+json", "application/json"), ox.RdfFormat.JSON_LD),
    Format("rdf", ("application/rdf+xml", "application/xml", "text/xml"), ox.RdfFormat.RDF_XML),
)
#: Other names under which people ask for a format.
ALIASES: Mapping[str, str] = {
    "turtle": "ttl",
    "ntriples": "nt",
    "n-triples": "nt",
    "json-ld": "jsonld",
    "rdfxml": "rdf",
    "rdf/xml": "rdf",
    "rdf+xml": "rdf",
    "srj": "json",
    "srx": "xml",
}

_UPDATE = re.compile(
    r"(?i)(INSERT|DELETE|LOAD|CLEAR|DROP|CREATE|ADD|MOVE|COPY|WITH)\b"
)  # SPARQL 1.1 Update, 4.1
_PROLOGUE = re.compile(r"(?i)(\s+|#[^\n]*|(BASE\s*|PREFIX\s+[^:\s]*:\s*)<[^>]*>)")


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


def is_update(sparql: str) -> bool:
    """Whether `sparql` begins, after its prologue and comments, with a keyword of SPARQL Update."""
    at = 0
    while found := _PROLOGUE.match(sparql, at):
        at = found.end()
    return _UPDATE.match(sparql, at) is not None


def formats_for(answer: Answer) -> tuple[Format, ...]:
    """The formats that `answer` can be written in, the preferred one first."""
    return GRAPH_FORMATS if isinstance(answer, ox.QueryTriples) else RESULT_FORMATS


def find_format(key: str, offered: Sequence[Format]) -> Format | None:
    """The format of `offered` called `key` (an alias or a media type will do), or None."""
    wanted = ALIASES.get(key.lower(), key.lower())
    if wanted == "json" and all(f.key != "json" for f in offered):
        wanted = "jsonld"
    return next((f for f in offered if f.key == wanted or wanted in f.media_types), None)


def get_format(key: str, offered: Sequence[Format]) -> Format:
    """As `find_format`; raises `QueryError` that names what is offered."""
    found = find_format(key, offered)
    if found is None:
        raise QueryError(
            f"format {key!r} does not fit this answer; want one of {', '.join(f.key for f in offered)}"
        )
    return found


def negotiate_format(accept: str | None, offered: Sequence[Format]) -> Format | None:
    """The format of `offered` that the Accept header `accept` likes best, None if it takes none of them."""
    chosen = negotiate(accept, [m for f in offered for m in f.media_types])
    return next((f for f in offered if chosen in f.media_types), None)


def negotiate(accept: str | None, offered: Sequence[str]) -> str | None:
    """The media type of `offered` of highest quality in the Accept header `accept`, None if none has any.

    No header, or an empty one, takes anything. The most specific range that fits a type gives its quality
    (RFC 9110, section 12.5.1); of equals the one named literally wins
    over a wildcard, then the one offered first.

    >>> negotiate("text/csv;q=0.5, application/json", ["text/csv", "application/json"])
    'application/json'
    """
    ranges = parse_accept(accept)
    best: tuple[float, int, int] | None = None
    chosen: str | None = None
    for place, media_type in enumerate(offered):
        fits = [
            (specificity, q) for wanted, q in ranges if (specificity := _specificity(wanted, media_type)) >= 0
        ]
        if not fits:
            continue
        specificity, quality = max(fits)
        rank = (quality, specificity, -place)
        if quality > 0 and (best is None or rank > best):
            best, chosen = rank, media_type
    return chosen


def parse_accept(accept: str | None) -> list[tuple[str, float]]:
    """(media range, quality) of each part of an Accept header; parameters but ``q`` are passed over.

    A quality that is not a number from 0 to 1 counts as 1, as a part without one does.
    """
    if accept is None or not accept.strip():
        return [("*/*", 1.0)]
    ranges: list[tuple[str, float]] = []
    for part in accept.split(","):
        media_range, *parameters = (p.strip() for p in part.split(";"))
        if not media_range:
            continue
        quality = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "q" and re.fullmatch(r"[01](\.\d*)?", value.strip()):
                quality = min(1.0, float(value))
        ranges.append((media_range.lower(), quality))
    return ranges


def _specificity(media_range: str, media_type: str) -> int:
    if media_range == media_type:
        return 2
    if media_range == "*/*" or media_range == "*":
        return 0
    top, _, sub = media_range.partition("/")
    return 1 if sub == "*" and media_type.startswith(top + "/") else -1


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


def write_triples(triples: Sequence[ox.Triple], form: Format, base: str | None = None) -> bytes:
    """`triples`, sorted and each once, written in the graph format `form`."""
    if not isinstance(form.encoder, ox.RdfFormat):
        raise QueryError(f"a graph cannot be written as {form.key}; want one of ttl, nt, jsonld, rdf")
    ordered = sorted(set(triples), key=str)
    names = prefixes(base) if base is not None and form.encoder == ox.RdfFormat.TURTLE else None
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
