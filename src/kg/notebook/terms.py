"""RDF terms as Python values, with the labels of IRIs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

import pyoxigraph as ox

from kg.notebook.backend import Backend, Solutions, Term
from kg.notebook.values import Cell, Iri
from kg.terms import DCT, KG, RDFS, SKOS, XSD, compact

#: What a thing is called by, the best first.
_CALLED = (SKOS + "prefLabel", RDFS + "label", DCT + "title", DCT + "identifier")
_BATCH = 400
#: Different IRIs of one answer whose labels are looked up; others are shown as CURIEs.
MOST_LABELLED = 20_000
_INTEGERS = frozenset(
    XSD + name
    for name in [
        "integer",
        "int",
        "long",
        "short",
        "byte",
        "nonNegativeInteger",
        "positiveInteger",
        "nonPositiveInteger",
        "negativeInteger",
        "unsignedInt",
        "unsignedLong",
        "unsignedShort",
        "unsignedByte",
    ]
)


def read_cells(backend: Backend, found: Solutions) -> list[tuple[Cell, ...]]:
    """The rows of `found` as Python values: dates as dates, numbers as numbers, IRIs with their labels."""
    iris = {t.value for row in found.rows for t in row if isinstance(t, ox.NamedNode)}
    known = find_labels(backend, sorted(iris)[:MOST_LABELLED])
    made = {iri: Iri(iri, known.get(iri) or compact(iri, backend.base), backend.page_of(iri)) for iri in iris}
    return [tuple(_cell(term, made) for term in row) for row in found.rows]


def find_labels(backend: Backend, iris: Iterable[str]) -> dict[str, str]:
    """IRI → what it is called, for those that are called something; terms of our vocabulary by their names."""
    known: dict[str, str] = {}
    wanted = []
    for iri in iris:
        if iri.startswith(KG):
            known[iri] = iri[len(KG) :]
        else:
            wanted.append(iri)
    called = " ".join(f"<{p}>" for p in _CALLED)
    for start in range(0, len(wanted), _BATCH):
        some = " ".join(f"<{iri}>" for iri in wanted[start : start + _BATCH])
        found = backend.solve(
            f"SELECT ?i ?p ?l {{ VALUES ?i {{ {some} }} VALUES ?p {{ {called} }} ?i ?p ?l }}"
        )
        ranked = sorted((_CALLED.index(_text(p)), _text(label), _text(i)) for i, p, label in found.rows)
        for _, label, iri in ranked:
            known.setdefault(iri, label)
    return known


def _text(term: Term | None) -> str:
    return term.value if isinstance(term, ox.NamedNode | ox.Literal | ox.BlankNode) else ""


def _cell(term: Term | None, iris: Mapping[str, Iri]) -> Cell:
    if term is None:
        return None
    if isinstance(term, ox.NamedNode):
        return iris[term.value]
    return read_literal(term) if isinstance(term, ox.Literal) else str(term)


def read_literal(literal: ox.Literal) -> Cell:
    """A literal as a Python value; its lexical form if its type has none here, or it is malformed.

    >>> read_literal(ox.Literal("2025-03-30", datatype=ox.NamedNode(XSD + "date")))
    datetime.date(2025, 3, 30)
    """
    text, kind = literal.value, literal.datatype.value
    readers: Mapping[str, Callable[[str], Cell]] = {
        XSD + "date": _day,
        XSD + "dateTime": lambda t: datetime.fromisoformat(t.replace("Z", "+00:00")),
        XSD + "boolean": lambda t: {"true": True, "1": True, "false": False, "0": False}[t],
        XSD + "decimal": lambda t: float(Decimal(t)),
        XSD + "double": float,
        XSD + "float": float,
    }
    reader = int if kind in _INTEGERS else readers.get(kind)
    try:
        return text if reader is None else reader(text)
    except (ValueError, KeyError, InvalidOperation):
        return text


def _day(text: str) -> date:
    return date.fromisoformat(text[:10])
