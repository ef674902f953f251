"""What surrounds an entity: the nodes within some hops, the edges among them, and the claims behind every
edge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from kg.errors import QueryError
from kg.graph.store import StoreReader
from kg.model import Modality
from kg.query.adjacency import NOT_FACTS, Adjacency, Link, Selection, known_types
from kg.query.evidence import Claims, confidence_of, relation_iri
from kg.query.names import resolve_entity
from kg.query.nodes import Nodes, local_name, term_text
from kg.terms import KG, compact

MAX_DEPTH = 4
MAX_LIMIT = 5000
#: Claims quoted with an edge; `claim_count` says how many there are.
_QUOTED = 20


@dataclass(frozen=True, slots=True)
class Quote:
    """A claim behind an edge, with the first passage that says it (`start` and `end` in code points)."""

    claim: str
    quote: str
    document: str
    start: int
    end: int
    as_of: str | None
    confidence: float | None
    attribution: str | None


@dataclass(frozen=True, slots=True)
class GraphNode:
    """A node; `hops` counts from the centre, `attributes` are its literal and concept facts by local name."""

    iri: str
    curie: str
    label: str
    kind: str | None
    subkind: str | None
    hops: int
    attributes: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class GraphEdge:
    """An edge; `modality` tells facts (Asserted) from what is planned, denied or past; claims best first."""

    source: str
    target: str
    predicate: str
    predicate_iri: str
    modality: str
    claim_count: int
    claims: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """A node some of whose neighbours were left out because the limit was reached, and how many."""

    iri: str
    left_out: int


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Nodes by (hops, IRI), edges by (source, predicate, target, modality); `cut` is empty if nothing was
    left out.
    """

    centre: str
    depth: int
    limit: int
    generation: str
    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]
    cut: tuple[Cut, ...]


def neighbourhood(
    reader: StoreReader,
    entity: str,
    depth: int = 1,
    limit: int = 200,
    predicates: Sequence[str] = (),
    types: Sequence[str] = (),
    modalities: Sequence[str] = (),
) -> Neighbourhood:
    """The nodes within `depth` hops (1 to 4) of `entity`, at most `limit`, and all edges among them.

    `entity` is an IRI, a CURIE, a name or an alias; `predicates` are relations, `types` classes that
    neighbours must have, `modalities` the kinds of claims that count (all if empty). When a level does not
    fit, its places are given out in turns, to each node of the level before and to each kind of edge at it,
    so that one hub does not fill the picture; `cut` says what was left out. The same store and request give
    the same answer. Raises `QueryError` for values out of range, unknown classes or modalities, and as
    `resolve_entity`.
    """
    if not 1 <= depth <= MAX_DEPTH:
        raise QueryError(f"depth={depth}: want 1 to {MAX_DEPTH} hops")
    if not 1 <= limit <= MAX_LIMIT:
        raise QueryError(f"limit={limit}: want 1 to {MAX_LIMIT} nodes")
    selection = select(reader, predicates, types, modalities)
    centre = resolve_entity(reader, entity)
    adjacency = Adjacency(reader, selection)
    hops, cut = _walk(adjacency, centre, depth, limit)
    adjacency.read(hops)
    links = sorted(
        {link for n in hops for link in adjacency.links(n) if link.source in hops and link.target in hops}
    )
    nodes = Nodes(reader)
    claims = Claims(reader)
    return Neighbourhood(
        centre=centre,
        depth=depth,
        limit=limit,
        generation=reader.generation,
        nodes=tuple(_node(nodes, iri, hops[iri]) for iri in sorted(hops, key=lambda i: (hops[i], i))),
        edges=tuple(make_edge(claims, link, adjacency.claims.get(link, set())) for link in links),
        cut=tuple(Cut(iri, n) for iri, n in sorted(cut.items())),
    )


def select(
    reader: StoreReader, predicates: Sequence[str], types: Sequence[str], modalities: Sequence[str]
) -> Selection:
    """The selection that the words of a request stand for. Raises `QueryError` naming what is allowed."""
    modes = {m.value.lower(): m.value for m in Modality}
    for modality in modalities:
        if modality.lower() not in modes:
            raise QueryError(f"modality {modality!r}: want one of {', '.join(modes.values())}")
    classes = frozenset(class_name(reader, t) for t in types)
    return Selection(
        predicates=frozenset(relation_iri(reader, p) for p in predicates),
        types=classes,
        modalities=frozenset(modes[m.lower()] for m in modalities),
    )


def class_name(reader: StoreReader, text: str) -> str:
    """The local name of the class written as ``Person``, ``kg:Person`` or its IRI; other classes as their
    IRI.

    Raises `QueryError` that lists the classes of the store if there is no such class.
    """
    written = text.strip()
    name = written.removeprefix("kg:").removeprefix(KG)
    known = known_types()
    found = {k.lower(): k for k in known}.get(name.lower())
    if found is not None:
        return found
    if "://" in written and any(True for _ in reader.quads(None, None, relation_iri(reader, written))):
        return written
    raise QueryError(f"type {text!r}: want one of {', '.join(known)}")


def _walk(adjacency: Adjacency, centre: str, depth: int, limit: int) -> tuple[dict[str, int], dict[str, int]]:
    """(node → hops, node → neighbours left out) of the walk outward from `centre`."""
    hops = {centre: 0}
    cut: dict[str, int] = {}
    level = [centre]
    for distance in range(1, depth + 1):
        adjacency.read(level)
        queues = [_in_turns(adjacency, node, hops) for node in level]
        offered = {other for queue in queues for other in queue}
        room = limit - len(hops)
        taken = _take(queues, room)
        for node in taken:
            hops[node] = distance
        if len(offered) > len(taken):
            for node, queue in zip(level, queues, strict=True):
                left = len([n for n in queue if n not in hops])
                if left:
                    cut[node] = left
        level = taken
        if not level:
            break
    return hops, cut


def _in_turns(adjacency: Adjacency, node: str, seen: dict[str, int]) -> list[str]:
    """The new neighbours of `node`, one kind of edge after the other, those with the most claims first."""
    groups: dict[tuple[str, bool], list[tuple[int, str]]] = {}
    for link in adjacency.links(node):
        outward = link.source == node
        other = link.target if outward else link.source
        if other not in seen and adjacency.fits(other):
            weight = len(adjacency.claims.get(link, ()))
            groups.setdefault((link.predicate, outward), []).append((-weight, other))
    queues = [[other for _, other in sorted(group)] for _, group in sorted(groups.items())]
    return _take(queues, sum(len(q) for q in queues))


def _take(queues: Sequence[Sequence[str]], room: int) -> list[str]:
    """Up to `room` different items, one of each queue in turn."""
    taken: dict[str, None] = {}
    places = [0] * len(queues)
    progress = True
    while progress and len(taken) < room:
        progress = False
        for i, queue in enumerate(queues):
            while places[i] < len(queue) and queue[places[i]] in taken:
                places[i] += 1
            if places[i] < len(queue) and len(taken) < room:
                taken[queue[places[i]]] = None
                places[i] += 1
                progress = True
    return list(taken)


def _node(nodes: Nodes, iri: str, hops: int) -> GraphNode:
    node = nodes.describe(iri)
    attributes: dict[str, set[str]] = {}
    for quad in nodes.reader.quads(iri):
        predicate = quad.predicate.value
        value = term_text(quad.object)
        if predicate in NOT_FACTS and predicate != KG + "point":
            continue
        if isinstance(quad.object, ox.Literal):
            attributes.setdefault(local_name(predicate), set()).add(value)
        elif value.startswith(KG):
            attributes.setdefault(local_name(predicate), set()).add(local_name(value))
    shown = {name: tuple(sorted(values)) for name, values in sorted(attributes.items())}
    return GraphNode(iri, node.curie, node.label, node.kind, node.subkind, hops, shown)


def make_edge(claims: Claims, link: Link, iris: set[str]) -> GraphEdge:
    """The edge of `link` with the claims `iris` behind it."""
    ranked = sorted((-confidence_of(claims.reader, iri), iri) for iri in iris)
    return GraphEdge(
        source=link.source,
        target=link.target,
        predicate=compact(link.predicate, claims.reader.base),
        predicate_iri=link.predicate,
        modality=link.modality,
        claim_count=len(iris),
        claims=tuple(_quote(claims, iri) for _, iri in ranked[:_QUOTED]),
    )


def _quote(claims: Claims, iri: str) -> Quote:
    view = claims.view(iri)
    passage = view.passages[0] if view.passages else None
    return Quote(
        claim=iri,
        quote=passage.quote if passage else "",
        document=view.document.iri,
        start=passage.start if passage else 0,
        end=passage.end if passage else 0,
        as_of=view.document.as_of,
        confidence=view.confidence,
        attribution=view.attribution,
    )
