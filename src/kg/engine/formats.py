"""The formats of answers, and which of them a request wants.

Results: SPARQL 1.1 Query Results JSON, XML, CSV and TSV. Graphs: Turtle, N-Triples, RDF/XML, JSON-LD, TriG, N-Quads.
Which one is chosen by content negotiation (RFC 9110, section 12.5.1).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from kg.engine.encoders import GRAPHS, RESULTS
from kg.errors import QueryError


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
    Format("json", ("application/sparql-results+json", "application/json"), RESULTS["json"]),
    Format("xml", ("application/sparql-results+xml", "application/xml", "text/xml"), RESULTS["xml"]),
    Format("csv", ("text/csv",), RESULTS["csv"]),
    Format("tsv", ("text/tab-separated-values",), RESULTS["tsv"]),
)
#: For CONSTRUCT and DESCRIBE, and for dumps.
GRAPH_FORMATS: tuple[Format, ...] = (
    Format("ttl", ("text/turtle", "application/x-turtle"), GRAPHS["ttl"]),
    Format("nt", ("application/n-triples", "text/plain"), GRAPHS["nt"]),
    Format("jsonld", ("application/ld+json", "application/json"), GRAPHS["jsonld"]),
    Format("rdf", ("application/rdf+xml", "application/xml", "text/xml"), GRAPHS["rdf"]),
)
#: For CONSTRUCT and DESCRIBE by HTTP: the triples stand in the default graph.
QUAD_FORMATS: tuple[Format, ...] = (
    Format("trig", ("application/trig",), GRAPHS["trig"]),
    Format("nq", ("application/n-quads",), GRAPHS["nq"]),
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
    "nquads": "nq",
    "n-quads": "nq",
}


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
