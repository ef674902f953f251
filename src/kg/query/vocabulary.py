"""The vocabulary as its Turtle file states it: every term with what is said of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache

import pyoxigraph as ox

from kg.terms import DCT, GEO, KG, OWL, RDF, RDFS, SKOS, XSD, compact

_SCHEMA = "https://schema.org/"
#: Namespaces that the vocabulary is aligned with, and that instances do not use.
_NAMES = {
    "owl": OWL,
    "schema": _SCHEMA,
    "org": "http://www.w3.org/ns/org#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "prov": "http://www.w3.org/ns/prov#",
    "sem": "http://semanticweb.cs.vu.nl/2009/11/sem/",
    "gaf": "http://groundedannotationframework.org/gaf#",
    "nif": "http://persistence.uni-leipzig.org/nlp2rdf/ontologies/nif-core#",
    "its": "http://www.w3.org/2005/11/its/rdf#",
    "oa": "http://www.w3.org/ns/oa#",
    "wdt": "http://www.wikidata.org/prop/direct/",
    "geo": GEO,
    "xsd": XSD,
    "dct": DCT,
}
#: Kind of term → the types that make it one; the first that fits counts.
_KINDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("class", (OWL + "Class",)),
    ("relation", (KG + "Relation",)),
    ("property", (OWL + "ObjectProperty", OWL + "DatatypeProperty", OWL + "AnnotationProperty")),
    ("value", ()),
)
KINDS = tuple(kind for kind, _ in _KINDS)


@dataclass(frozen=True, slots=True)
class Term:
    """A term: local name, kind (one of `KINDS`), label, meaning; what stands above it, where it goes from and to.

    `types` are what a value is one of; `same` are terms of others that mean the same or nearly.
    """

    name: str
    iri: str
    kind: str
    label: str
    comment: str
    types: tuple[str, ...]
    above: tuple[str, ...]
    domain: tuple[str, ...]
    range: tuple[str, ...]
    same: tuple[str, ...]
    single: bool


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The terms by kind and name, and the version that they are of."""

    title: str
    version: str
    terms: tuple[Term, ...]


@lru_cache(maxsize=4)
def read_vocabulary(turtle: bytes) -> Vocabulary:
    """The vocabulary of a Turtle file."""
    about: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for quad in ox.parse(turtle, ox.RdfFormat.TURTLE):
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode | ox.Literal):
            about[quad.subject.value][quad.predicate.value].append(quad.object.value)
    terms = [_term(iri, said) for iri, said in about.items() if iri.startswith(KG)]
    head = about.get(KG.removesuffix("#"), {})
    return Vocabulary(
        title=_one(head, DCT + "title"),
        version=_one(head, OWL + "versionInfo"),
        terms=tuple(sorted(terms, key=lambda t: (KINDS.index(t.kind), t.name))),
    )


def _term(iri: str, said: dict[str, list[str]]) -> Term:
    types = said[RDF + "type"]
    kind = next(kind for kind, wanted in _KINDS if not wanted or set(types) & set(wanted))
    above = said[RDFS + "subClassOf"] + said[RDFS + "subPropertyOf"]
    return Term(
        name=iri.removeprefix(KG),
        iri=iri,
        kind=kind,
        label=_one(said, RDFS + "label", SKOS + "prefLabel"),
        comment=_one(said, RDFS + "comment", SKOS + "definition"),
        types=_short(types) if kind == "value" else (),
        above=_short(above),
        domain=_short(said[RDFS + "domain"] + said[_SCHEMA + "domainIncludes"]),
        range=_short(said[RDFS + "range"] + said[_SCHEMA + "rangeIncludes"]),
        same=_short(said[SKOS + "closeMatch"] + said[SKOS + "exactMatch"]),
        single="true" in said[KG + "single"],
    )


def _one(said: dict[str, list[str]], *predicates: str) -> str:
    return next((value for p in predicates for value in sorted(said.get(p, ()))), "")


def _short(iris: list[str]) -> tuple[str, ...]:
    """CURIEs, ours first."""
    found = set()
    for iri in iris:
        own = compact(iri)
        other = next((f"{p}:{iri.removeprefix(ns)}" for p, ns in _NAMES.items() if iri.startswith(ns)), iri)
        found.add(own if own != iri else other)
    return tuple(sorted(found, key=lambda name: (not name.startswith("kg:"), name)))
