"""Entity cards and lists of entities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from kg.errors import QueryError
from kg.graph.network import NOT_FACTS
from kg.graph.store import StoreReader
from kg.query.evidence import Claims, DocumentRef, documents_of
from kg.query.names import resolve_entity
from kg.query.neighbourhood import class_name
from kg.query.nodes import (
    ALT_LABEL,
    CANONICAL,
    EXACT_MATCH,
    OBJECT,
    RDF_TYPE,
    SUBJECT,
    Node,
    Nodes,
    Value,
    check_iri,
    find_object,
    local_name,
    objects,
    term_text,
)
from kg.query.search import EntityHit, entity_hit
from kg.terms import KG, KIND_SEGMENTS, compact, parse_passage, prefixes

#: Facts shown on a card in each direction; the totals say how many there are.
FACTS_SHOWN = 200
#: Names that a filtered search looks at.
_SEARCHED = 1000


@dataclass(frozen=True, slots=True)
class Fact:
    """A flat triple with how many claims support it; `status` is that of the event at its other end, if it is one."""

    subject: Node
    predicate: Node
    object: Node | Value
    claim_count: int
    status: str | None = None


@dataclass(frozen=True, slots=True)
class EntityCard:
    """What the store holds on one entity.

    `facts_out` have it as subject, `facts_in` as object (at most 200 each; `facts_out_total` and
    `facts_in_total` count all); `other_iris` are provisional IRIs that stand for it; `point` is WKT
    (longitude first).
    """

    iri: str
    curie: str
    label: str
    kind: str | None
    subkind: str | None
    names: tuple[str, ...]
    classes: tuple[str, ...]
    exact_matches: tuple[str, ...]
    point: str | None
    facts_out: tuple[Fact, ...]
    facts_out_total: int
    facts_in: tuple[Fact, ...]
    facts_in_total: int
    claim_count: int
    mention_count: int
    documents: tuple[DocumentRef, ...]
    other_iris: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EntityList:
    """A page of entities; `total` counts all that fit."""

    items: tuple[EntityHit, ...]
    total: int
    limit: int
    offset: int


def entity_card(reader: StoreReader, entity: str) -> EntityCard:
    """The card of an entity given by IRI, CURIE, name or alias. Raises as `resolve_entity`."""
    iri = resolve_entity(reader, entity)
    claims = Claims(reader)
    node = claims.nodes.describe(iri)
    about = {term_text(q.subject) for p in (SUBJECT, OBJECT) for q in reader.quads(None, p, iri)}
    passages = mention_iris(reader, iri)
    documents = {found[0] for p in passages if (found := parse_passage(p))} | set(documents_of(reader, about))
    out, out_total = _facts(claims.nodes, iri, [q.triple for q in reader.quads(iri)])
    into, into_total = _facts(claims.nodes, iri, [q.triple for q in reader.quads(None, None, iri)])
    names = sorted(
        set(objects(reader, iri, ALT_LABEL)) | set(objects(reader, iri, KG + "formerName")) - {node.label}
    )
    return EntityCard(
        iri=iri,
        curie=node.curie,
        label=node.label,
        kind=node.kind,
        subkind=node.subkind,
        names=tuple(n for n in names if n != node.label),
        classes=tuple(local_name(c) for c in objects(reader, iri, RDF_TYPE)),
        exact_matches=tuple(objects(reader, iri, EXACT_MATCH)),
        point=find_object(reader, iri, KG + "point"),
        facts_out=out,
        facts_out_total=out_total,
        facts_in=into,
        facts_in_total=into_total,
        claim_count=len(about),
        mention_count=len(passages),
        documents=tuple(
            sorted(
                (claims.cite(d) for d in documents), key=lambda d: (d.as_of or "9999", d.identifiers, d.iri)
            )
        ),
        other_iris=tuple(sorted(term_text(q.subject) for q in reader.quads(None, CANONICAL, iri))),
    )


def mention_iris(reader: StoreReader, entity_iri: str) -> list[str]:
    """The IRIs of the passages that refer to the entity, or to a provisional IRI of it, sorted."""
    known_as = [entity_iri, *(term_text(q.subject) for q in reader.quads(None, CANONICAL, entity_iri))]
    return sorted(
        {term_text(q.subject) for iri in known_as for q in reader.quads(None, KG + "refersTo", iri)}
    )


def list_entities(
    reader: StoreReader,
    text: str | None = None,
    types: Sequence[str] = (),
    *,
    limit: int = 50,
    offset: int = 0,
) -> EntityList:
    """Entities whose names begin with the words of `text`, best first; the most mentioned ones if there is
    none.

    `types` are classes, top or specific; an entity of any of them fits. Raises `QueryError` for an unknown
    class.
    """
    if limit < 1 or offset < 0:
        raise QueryError(f"limit={limit}, offset={offset}: want limit of 1 or more and offset of 0 or more")
    wanted = [class_name(reader, t) for t in types]
    sought = (text or "").strip()
    most = max(_SEARCHED, offset + limit) if sought else offset + limit
    found: dict[str, EntityHit] = {}
    kinds: list[str | None] = [*wanted] or [None]
    for kind in kinds:
        for hit in reader.search(sought, kind=kind, limit=most):
            found.setdefault(hit.iri, entity_hit(reader, hit))
    hits = (
        sorted(found.values(), key=lambda h: (-h.score, -h.mentions, h.label, h.iri))
        if len(wanted) > 1
        else [*found.values()]
    )
    total = len(hits) if sought else _count(reader, wanted)
    return EntityList(tuple(hits[offset : offset + limit]), total, limit, offset)


def _count(reader: StoreReader, types: Sequence[str]) -> int:
    classes = [t if "://" in t else KG + t for t in types or KIND_SEGMENTS]
    where = f"VALUES ?t {{ {' '.join(f'<{c}>' for c in classes)} }} ?e a ?t"
    return int(_select(reader, f"SELECT (COUNT(DISTINCT ?e) AS ?n) {{ {where} }}")[0][0])


def count_kinds(reader: StoreReader) -> dict[str, int]:
    """How many entities of each top class there are, by its name; classes without any are left out."""
    kinds = " ".join(f"kg:{kind}" for kind in KIND_SEGMENTS)
    found = _select(
        reader, f"SELECT ?t (COUNT(DISTINCT ?e) AS ?n) {{ VALUES ?t {{ {kinds} }} ?e a ?t }} GROUP BY ?t"
    )
    return dict(sorted((local_name(row[0]), int(row[1])) for row in found))


def _facts(nodes: Nodes, iri: str, triples: Sequence[ox.Triple]) -> tuple[tuple[Fact, ...], int]:
    """(facts with their claims counted, how many there are), by predicate and then by ends."""
    facts = [t for t in triples if t.predicate.value not in NOT_FACTS and isinstance(t.subject, ox.NamedNode)]
    facts.sort(key=lambda t: (t.predicate.value, str(t.subject), str(t.object)))
    counts = _count_claims(nodes.reader, iri) if facts else {}
    shown: list[Fact] = []
    for triple in facts[:FACTS_SHOWN]:
        predicate = triple.predicate.value
        described = Node(predicate, compact(predicate, nodes.reader.base), local_name(predicate))
        count = counts.get((str(triple.subject), predicate, str(triple.object)), 0)
        subject, object = nodes.describe(term_text(triple.subject)), nodes.term(triple.object)
        other = object if subject.iri == iri else subject
        status = None
        if isinstance(other, Node) and other.kind == "Event":
            status = find_object(nodes.reader, other.iri, KG + "status")
        shown.append(Fact(subject, described, object, count, local_name(status) if status else None))
    return tuple(shown), len(facts)


def _count_claims(reader: StoreReader, iri: str) -> dict[tuple[str, str, str], int]:
    """How many claims state each triple at `iri`, by subject (N-Triples), predicate, object (N-Triples)."""
    counts: dict[tuple[str, str, str], int] = {}
    for end in ("s", "o"):
        answer = reader.query(
            f"SELECT ?s ?p ?o (COUNT(?c) AS ?n) {{ VALUES ?{end} {{ <{check_iri(iri)}> }} "
            "?c rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o } GROUP BY ?s ?p ?o",
            prefixes=prefixes(reader.base),
        )
        assert isinstance(answer, ox.QuerySolutions)
        for row in answer:
            counts[str(row["s"]), term_text(row["p"]), str(row["o"])] = int(term_text(row["n"]))
    return counts


def _select(reader: StoreReader, sparql: str) -> list[tuple[str, ...]]:
    answer = reader.query(sparql, prefixes=prefixes(reader.base))
    assert isinstance(answer, ox.QuerySolutions)
    width = len(answer.variables)
    return [tuple(term_text(s[i]) for i in range(width)) for s in answer]
