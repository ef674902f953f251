"""RDF terms in the one form in which they are stored and dumped.

A triple is kept as a line of canonical N-Triples (RDF 1.1 N-Triples, section 4). Oxigraph changes the lexical
form of some XSD literals when it stores them ("0.90" becomes "0.9"), so literals take that form before they
go in.
"""

from __future__ import annotations

from functools import lru_cache

import pyoxigraph as ox

from kg.errors import StoreError
from kg.model import Literal
from kg.terms import DCT, KG, RDF, SKOS, XSD

TYPE = ox.NamedNode(RDF + "type")
SUBJECT = ox.NamedNode(RDF + "subject")
PREDICATE = ox.NamedNode(RDF + "predicate")
OBJECT = ox.NamedNode(RDF + "object")
PREF_LABEL = ox.NamedNode(SKOS + "prefLabel")
ALT_LABEL = ox.NamedNode(SKOS + "altLabel")
NOTATION = ox.NamedNode(SKOS + "notation")
EXACT_MATCH = ox.NamedNode(SKOS + "exactMatch")
IDENTIFIER = ox.NamedNode(DCT + "identifier")
TITLE = ox.NamedNode(DCT + "title")
SOURCE = ox.NamedNode(DCT + "source")

_DATE = ox.NamedNode(XSD + "date")
_DECIMAL = ox.NamedNode(XSD + "decimal")


@lru_cache(maxsize=65536)
def iri(value: str) -> ox.NamedNode:
    """The node with the IRI `value`. Raises `StoreError` if it is not an absolute IRI."""
    try:
        return ox.NamedNode(value)
    except ValueError as error:
        raise StoreError(f"not an absolute IRI: {value!r} ({error})") from None


@lru_cache(maxsize=1024)
def vocabulary(name: str) -> ox.NamedNode:
    """The term `name` of our vocabulary."""
    return iri(KG + name)


def name_literal(text: str) -> ox.Literal:
    """A name or label; the documents are English."""
    return ox.Literal(text, language="en")


def day_literal(day: str) -> ox.Literal:
    """An xsd:date from its lexical form."""
    return ox.Literal(day, datatype=_DATE)


def probability(hundredths: int) -> ox.Literal:
    """A probability as canonical xsd:decimal.

    >>> probability(90).value, probability(100).value, probability(7).value
    ('0.9', '1', '0.07')
    """
    return ox.Literal(f"{hundredths / 100:.2f}".rstrip("0").rstrip("."), datatype=_DECIMAL)


@lru_cache(maxsize=65536)
def canonical_literal(literal: Literal) -> ox.Literal:
    """The literal in the form in which Oxigraph stores it."""
    made = ox.Literal(literal.value, datatype=iri(literal.datatype))
    if not literal.datatype.startswith(XSD) or literal.datatype == XSD + "string":
        return made
    store = ox.Store()
    store.add(ox.Quad(TYPE, TYPE, made))
    (stored,) = store
    assert isinstance(stored.object, ox.Literal)
    return stored.object


def term(value: str | Literal) -> ox.NamedNode | ox.Literal:
    """The term of a claim's object. Raises `StoreError` for a string that is not an absolute IRI."""
    return canonical_literal(value) if isinstance(value, Literal) else iri(value)


def line(quad: ox.Quad | ox.Triple) -> bytes:
    """The canonical N-Triples line of `quad`; its graph name is left out."""
    return f"{quad.subject} {quad.predicate} {quad.object} .\n".encode()
