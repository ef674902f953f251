"""How a term of the graph is shown: an entity with its label and classes, or a literal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from kg.errors import QueryError
from kg.graph.store import StoreReader
from kg.terms import DCT, KG, KIND_SEGMENTS, RDF, RDFS, SKOS, compact

RDF_TYPE = RDF + "type"
SUBJECT, PREDICATE, OBJECT = RDF + "subject", RDF + "predicate", RDF + "object"
PREF_LABEL, ALT_LABEL = SKOS + "prefLabel", SKOS + "altLabel"
EXACT_MATCH = SKOS + "exactMatch"
CANONICAL = KG + "canonical"

_FORBIDDEN = re.compile(r"[\x00-\x20<>\"{}|\\^`]")  # RFC 3987 section 2.2; SPARQL 1.1 production 139 IRIREF
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")  # RFC 3986 section 3.1


@dataclass(frozen=True, slots=True)
class Node:
    """A thing with an IRI; `kind` is its top class, `subkind` its most specific one (local names)."""

    iri: str
    curie: str
    label: str
    kind: str | None = None
    subkind: str | None = None


@dataclass(frozen=True, slots=True)
class Value:
    """A literal: lexical form, datatype IRI, language tag."""

    value: str
    datatype: str
    language: str | None = None


def check_iri(iri: str) -> str:
    """`iri` itself if it is absolute and can be written in SPARQL.

    Raises `QueryError` otherwise: a relative reference, or a character that RFC 3987 forbids.
    """
    if not _SCHEME.match(iri) or _FORBIDDEN.search(iri):
        raise QueryError(f"not an absolute IRI: {iri!r}")
    try:
        ox.NamedNode(iri)
    except ValueError as error:
        raise QueryError(f"not an absolute IRI: {iri!r} ({error})") from None
    return iri


def values_block(variable: str, iris: list[str]) -> str:
    """A SPARQL ``VALUES`` block that gives `variable` each of `iris` (valid IRIs) in turn."""
    return f"VALUES ?{variable} {{ {' '.join(f'<{check_iri(iri)}>' for iri in iris)} }}"


def local_name(iri: str) -> str:
    """What stands after the last ``#``, ``/`` or ``:`` of `iri`, or all of it."""
    return re.split(r"[#/:]", iri)[-1] or iri


def objects(reader: StoreReader, subject: str, predicate: str) -> list[str]:
    """The lexical forms of all objects of (`subject`, `predicate`), sorted."""
    return sorted(term_text(q.object) for q in reader.quads(subject, predicate))


def find_object(reader: StoreReader, subject: str, predicate: str) -> str | None:
    """The first object of (`subject`, `predicate`) in sorted order, or None."""
    found = objects(reader, subject, predicate)
    return found[0] if found else None


def term_text(term: object) -> str:
    """An IRI, a literal's lexical form, or a blank node's label with ``_:``."""
    if isinstance(term, ox.NamedNode | ox.Literal):
        return term.value
    return str(term)


def as_value(literal: ox.Literal) -> Value:
    """`literal` as a `Value`."""
    return Value(literal.value, literal.datatype.value, literal.language)


class Nodes:
    """Describes the terms of one generation; remembers what it has read."""

    def __init__(self, reader: StoreReader) -> None:
        self.reader = reader
        self._known: dict[str, Node] = {}

    def describe(self, iri: str) -> Node:
        """The node of `iri`: label from prefLabel, altLabel, rdfs:label, title, identifier, else CURIE."""
        node = self._known.get(iri)
        if node is None:
            kind, subkind = self._classes(iri)
            curie = compact(iri, self.reader.base)
            node = Node(iri, curie, self._label(iri, curie), kind, subkind)
            self._known[iri] = node
        return node

    def term(self, term: object) -> Node | Value:
        """A literal as `Value`, anything else as `Node`."""
        if isinstance(term, ox.Literal):
            return as_value(term)
        return (
            self.describe(term_text(term))
            if isinstance(term, ox.NamedNode)
            else Node(str(term), str(term), str(term))
        )

    def _classes(self, iri: str) -> tuple[str | None, str | None]:
        if iri.startswith(KG):
            return None, None
        names = sorted(local_name(c) for c in objects(self.reader, iri, RDF_TYPE))
        kind = next((n for n in names if n in KIND_SEGMENTS), None)
        rest = [n for n in names if n != kind]
        if kind is None:
            return (rest[0], None) if rest else (None, None)
        return kind, rest[0] if rest else None

    def _label(self, iri: str, curie: str) -> str:
        if iri.startswith(KG):
            return iri[len(KG) :]
        for predicate in (PREF_LABEL, ALT_LABEL, RDFS + "label", DCT + "title", DCT + "identifier"):
            found = find_object(self.reader, iri, predicate)
            if found:
                return found
        return curie


def follow_canonical(reader: StoreReader, iri: str) -> str:
    """The canonical IRI that `iri` stands for; `iri` itself if it is one. Cycles end where they began."""
    seen: set[str] = set()
    while iri not in seen:
        seen.add(iri)
        target = find_object(reader, iri, CANONICAL)
        if target is None:
            return iri
        iri = target
    return min(seen)


def named_objects(reader: StoreReader, subject: str, predicate: str) -> Iterator[str]:
    """The IRIs among the objects of (`subject`, `predicate`), sorted."""
    yield from sorted(
        q.object.value for q in reader.quads(subject, predicate) if isinstance(q.object, ox.NamedNode)
    )
