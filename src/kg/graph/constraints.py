"""Constraints on whole graphs, as SPARQL: the shapes of ``ontology/shapes.ttl`` and what they cannot say.

MINUS, not FILTER NOT EXISTS: over a whole graph that takes Oxigraph a hundred times as long. Each query
selects ``?x``, which breaks the constraint.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kg.model import EDTF_DATATYPE
from kg.terms import KIND_SEGMENTS

_MODALITIES = "VALUES ?m { kg:Asserted kg:Planned kg:Denied kg:Former }"
_STATUSES = "kg:held, kg:ongoing, kg:planned, kg:proposed, kg:cancelled, kg:denied"
_KINDS = f"VALUES ?k {{ {' '.join(f'kg:{kind}' for kind in KIND_SEGMENTS)} }}"


@dataclass(frozen=True, slots=True)
class Constraint:
    """What must hold everywhere: its name, what is wanted, and queries that find where it does not hold."""

    name: str
    wanted: str
    queries: tuple[str, ...]


def _once(has: str, term: str) -> tuple[str, ...]:
    """Queries for what `has` a property, but not exactly one `term`."""
    return (
        f"SELECT ?x {{ ?x {has} ?h MINUS {{ ?x {term} ?o }} }}",
        _at_most_once(term, f"?x {has} ?h ."),
    )


def _at_most_once(term: str, also: str = "") -> str:
    return f"SELECT ?x {{ {also} ?x {term} ?o }} GROUP BY ?x HAVING(COUNT(DISTINCT ?o) > 1)"


CONSTRAINTS: tuple[Constraint, ...] = (
    Constraint(
        "claim-evidence",
        "a claim needs a passage",
        ("SELECT ?x { ?x rdf:predicate ?p MINUS { ?x kg:evidence ?e } }",),
    ),
    Constraint(
        "claim-modality",
        "a claim has exactly one modality",
        (
            f"SELECT ?x {{ ?x rdf:predicate ?p MINUS {{ ?x a ?m {_MODALITIES} }} }}",
            _at_most_once("a", "?x rdf:predicate ?p ."),
        ),
    ),
    Constraint("claim-subject", "a claim has exactly one rdf:subject", _once("kg:evidence", "rdf:subject")),
    Constraint(
        "claim-predicate", "a claim has exactly one rdf:predicate", _once("kg:evidence", "rdf:predicate")
    ),
    Constraint("claim-object", "a claim has exactly one rdf:object", _once("kg:evidence", "rdf:object")),
    Constraint(
        "claim-document",
        "a claim has exactly one document, in which its evidence lies",
        (
            *_once("kg:evidence", "kg:document"),
            "SELECT ?x { ?x kg:evidence ?e ; kg:document ?d "
            "MINUS { ?x kg:evidence ?e . ?e kg:document ?d . ?d a kg:Document } }",
        ),
    ),
    Constraint(
        "claim-confidence",
        "a claim has one confidence, a decimal from 0 to 1",
        (
            *_once("rdf:predicate", "kg:confidence"),
            "SELECT ?x { ?x kg:confidence ?k FILTER(DATATYPE(?k) != xsd:decimal || ?k < 0 || ?k > 1) }",
        ),
    ),
    Constraint(
        "claim-time",
        "a claim has at most one kg:validTime, EDTF",
        (
            _at_most_once("kg:validTime"),
            f"SELECT ?x {{ ?x kg:validTime ?t FILTER(DATATYPE(?t) != <{EDTF_DATATYPE}>) }}",
        ),
    ),
    Constraint(
        "passage-text",
        "a passage has one text, as long as its offsets say",
        (
            "SELECT ?x { ?c kg:evidence ?x MINUS { ?x kg:text ?t } }",
            "SELECT ?x { ?x kg:refersTo ?e MINUS { ?x kg:text ?t } }",
            _at_most_once("kg:text"),
            'SELECT ?x { ?x kg:text ?t BIND(STRAFTER(STR(?x), "#char=") AS ?r) '
            'BIND(xsd:integer(STRAFTER(?r, ",")) - xsd:integer(STRBEFORE(?r, ",")) AS ?n) '
            "FILTER(!BOUND(?n) || ?n != STRLEN(?t)) }",
        ),
    ),
    Constraint(
        "passage-document",
        "a passage lies in one document",
        (
            "SELECT ?x { ?x kg:text ?t MINUS { ?x kg:document ?d . ?d a kg:Document } }",
            _at_most_once("kg:document", "?x kg:text ?t ."),
        ),
    ),
    Constraint(
        "document",
        "a document has an identifier, a SHA-256, and stated, inferred or unknown as its kg:asOfBasis",
        (
            "SELECT ?x { ?x a kg:Document MINUS { ?x dct:identifier ?i ; kg:sha256 ?h ; kg:asOfBasis ?b } }",
            'SELECT ?x { ?x kg:asOfBasis ?b FILTER(?b NOT IN ("stated", "inferred", "unknown")) }',
            'SELECT ?x { ?x kg:sha256 ?h FILTER(!REGEX(?h, "^[0-9a-f]{64}$")) }',
        ),
    ),
    Constraint(
        "document-time",
        "a document has at most one kg:asOf, an xsd:date, and at most one kg:issued, EDTF",
        (
            _at_most_once("kg:asOf"),
            "SELECT ?x { ?x kg:asOf ?d FILTER(DATATYPE(?d) != xsd:date) }",
            _at_most_once("kg:issued"),
            f"SELECT ?x {{ ?x kg:issued ?d FILTER(DATATYPE(?d) != <{EDTF_DATATYPE}>) }}",
        ),
    ),
    Constraint(
        "event-status",
        "an event has exactly one status of the vocabulary",
        (
            "SELECT ?x { ?x a kg:Event MINUS { ?x kg:status ?s } }",
            f"SELECT ?x {{ ?x kg:status ?s FILTER(?s NOT IN ({_STATUSES})) }}",
            _at_most_once("kg:status"),
        ),
    ),
    Constraint(
        "date",
        "a thing has at most one kg:date, EDTF, and its kg:start is not after its kg:end",
        (
            _at_most_once("kg:date"),
            f"SELECT ?x {{ ?x kg:date ?d FILTER(DATATYPE(?d) != <{EDTF_DATATYPE}>) }}",
            "SELECT ?x { ?x kg:start ?s ; kg:end ?e FILTER(?s > ?e) }",
        ),
    ),
    Constraint(
        "label",
        "an entity has exactly one skos:prefLabel",
        (
            f"SELECT ?x {{ {_KINDS} ?x a ?k MINUS {{ ?x skos:prefLabel ?l }} }}",
            _at_most_once("skos:prefLabel"),
        ),
    ),
    Constraint(
        "contradiction",
        "kg:contradicts is written once, from the lower IRI",
        ("SELECT ?x { ?x kg:contradicts ?y FILTER(STR(?x) >= STR(?y)) }",),
    ),
)


def dangling(base: str) -> Constraint:
    """What points to one of our IRIs must find something there; a match may compare IRIs that only lead on."""
    ours = f'(STRSTARTS(STR(?x), "{base}id/") || STRSTARTS(STR(?x), "{base}claim/"))'
    return Constraint(
        "dangling",
        "something must be said of what is pointed to",
        (
            f"SELECT ?x {{ ?s ?p ?x FILTER(isIRI(?x) && {ours} && ?p != kg:compares) MINUS {{ ?x a ?t }} }}",
            f"SELECT ?x {{ ?s kg:compares ?x FILTER({ours}) MINUS {{ ?x a|kg:canonical ?t }} }}",
        ),
    )


def backing(relations: Iterable[str]) -> Constraint:
    """Flat facts need a claim that says so, the status of an event any claim about it.

    `relations` are the local names of all relations. A former name comes with the entity, not by a claim.
    """
    names = " ".join(f"kg:{name}" for name in sorted(set(relations) - {"status", "formerName"}))
    return Constraint(
        "fact",
        "a flat fact has an asserted or planned claim behind it",
        (
            f"SELECT ?x {{ VALUES ?p {{ {names} }} ?x ?p ?o MINUS {{ VALUES ?m {{ kg:Asserted kg:Planned }} "
            "?c rdf:subject ?x ; rdf:predicate ?p ; rdf:object ?o ; a ?m } }",
            "SELECT ?x { ?x kg:status ?o MINUS { ?c rdf:subject ?x } }",
        ),
    )
