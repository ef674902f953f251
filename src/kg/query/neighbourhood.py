"""What surrounds an entity: the nodes within some hops, the edges among them, and the claims behind every
edge.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isnan

import pyoxigraph as ox

from kg.errors import QueryError
from kg.graph.network import MODALITIES, NOT_FACTS, Network
from kg.graph.store import StoreReader
from kg.model import Modality
from kg.query.adjacency import Adjacency, Link, Selection, known_types
from kg.query.evidence import Claims, confidence_of, relation_iri
from kg.query.names import resolve_entity
from kg.query.nodes import Nodes, local_name, term_text
from kg.query.walking import LinkFilter, network_of, walk
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
    """A node; `hops` counts from the centre, `attributes` are its literal and concept facts by local name.

    `measures` are those that were asked for (`kg.query.measures`).
    """

    iri: str
    curie: str
    label: str
    kind: str | None
    subkind: str | None
    hops: int
    attributes: dict[str, tuple[str, ...]]
    measures: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GraphEdge:
    """An edge; `modality` tells facts (Asserted) from what is planned, denied or past; claims best first.

    `confidence` is that of the best claim, `since` the day of the first document that says so; None where no claim
    says. `claims` is empty where evidence was not asked for: `claim_count` counts them all the same.
    """

    source: str
    target: str
    predicate: str
    predicate_iri: str
    modality: str
    claim_count: int
    confidence: float | None
    since: str | None
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
    *,
    min_confidence: float = 0.0,
    evidence: bool = True,
) -> Neighbourhood:
    """The nodes within `depth` hops (1 to 4) of `entity`, at most `limit`, and all edges among them.

    `entity` is an IRI, a CURIE, a name or an alias; `predicates` are relations, `types` classes that
    neighbours must have, `modalities` the kinds of claims that count (all if empty), `min_confidence` (0 to 1) what
    the best claim of an edge must have. Without `evidence` the edges count their claims and do not quote them. When
    a level does not fit, its places are given out in turns, to each node of the level before and to each kind of
    edge at it, so that one hub does not fill the picture; `cut` says what was left out. The same store and request
    give the same answer. Raises `QueryError` for values out of range, unknown classes or modalities, and as
    `resolve_entity`.
    """
    check_extent(depth, limit)
    selection = select(reader, predicates, types, modalities, min_confidence)
    centre = resolve_entity(reader, entity)
    network = network_of(reader)
    node = network.find(centre) if network is not None else None
    if network is None or node is None:
        nodes, edges, cut = _by_query(reader, centre, depth, limit, selection, evidence)
    else:
        found = walk(network, node, depth, limit, LinkFilter(network, selection))
        nodes = [read_node(network, n, found.hops[n]) for level in found.levels for n in level]
        claims = Claims(reader)
        edges = [read_edge(network, link, claims if evidence else None) for link in found.links.tolist()]
        cut = [Cut(network.iri(n), found.cut[n]) for n in sorted(found.cut)]
    return Neighbourhood(centre, depth, limit, reader.generation, tuple(nodes), tuple(edges), tuple(cut))


def check_extent(depth: int, limit: int) -> None:
    """Raise `QueryError` if a neighbourhood cannot be so wide."""
    if not 1 <= depth <= MAX_DEPTH:
        raise QueryError(f"depth={depth}: want 1 to {MAX_DEPTH} hops")
    if not 1 <= limit <= MAX_LIMIT:
        raise QueryError(f"limit={limit}: want 1 to {MAX_LIMIT} nodes")


def _by_query(
    reader: StoreReader, centre: str, depth: int, limit: int, selection: Selection, evidence: bool
) -> tuple[list[GraphNode], list[GraphEdge], list[Cut]]:
    """The same of a reader without an index of links."""
    adjacency = Adjacency(reader, selection)
    hops, cut = _walk(adjacency, centre, depth, limit)
    adjacency.read(hops)
    links = sorted(
        {link for n in hops for link in adjacency.links(n) if link.source in hops and link.target in hops}
    )
    nodes = Nodes(reader)
    claims = Claims(reader) if evidence else None
    return (
        [_node(nodes, iri, hops[iri]) for iri in sorted(hops, key=lambda i: (hops[i], i))],
        [make_edge(adjacency, link, claims) for link in links],
        [Cut(iri, n) for iri, n in sorted(cut.items())],
    )


def select(
    reader: StoreReader,
    predicates: Sequence[str],
    types: Sequence[str],
    modalities: Sequence[str],
    min_confidence: float = 0.0,
) -> Selection:
    """The selection that the words of a request stand for. Raises `QueryError` naming what is allowed."""
    if not 0 <= min_confidence <= 1:
        raise QueryError(f"min_confidence={min_confidence:g}: want 0 to 1")
    classes = frozenset(class_name(reader, t) for t in types)
    return Selection(
        predicates=frozenset(relation_iri(reader, p) for p in predicates),
        types=classes,
        modalities=frozenset(map(modality_name, modalities)),
        min_confidence=min_confidence,
    )


def modality_name(text: str) -> str:
    """The name of the modality written as `text`, in any case. Raises `QueryError`."""
    modes = {m.value.lower(): m.value for m in Modality}
    if text.lower() not in modes:
        raise QueryError(f"modality {text!r}: want one of {', '.join(modes.values())}")
    return modes[text.lower()]


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
        queues = [[n for n in _in_turns(adjacency, node) if n not in hops] for node in level]
        taken = _take(queues, limit - len(hops))
        for node in taken:
            hops[node] = distance
        for node, queue in zip(level, queues, strict=True):
            left = len([n for n in queue if n not in hops])
            if left:
                cut[node] = left
        level = taken
        if not level:
            break
    return hops, cut


def _in_turns(adjacency: Adjacency, node: str) -> list[str]:
    """The neighbours of `node`: first those at the head of each kind of edge; in a kind those with the most claims."""
    groups: dict[tuple[str, bool], dict[str, int]] = {}
    for link in adjacency.links(node):
        outward = link.source == node
        other = link.target if outward else link.source
        if adjacency.fits(other):
            members = groups.setdefault((link.predicate, outward), {})
            members[other] = max(members.get(other, 0), len(adjacency.claims.get(link, ())))
    turns = [
        (rank, kind, other)
        for kind, members in groups.items()
        for rank, other in enumerate(sorted(members, key=lambda other: (-members[other], other)))
    ]
    return list(dict.fromkeys(other for _, _, other in sorted(turns)))


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


def make_edge(adjacency: Adjacency, link: Link, claims: Claims | None) -> GraphEdge:
    """The edge of `link`, with what its claims say if `claims` reads them."""
    iris = adjacency.claims.get(link, set())
    ranked = sorted((-confidence_of(claims.reader, iri), iri) for iri in iris) if claims else []
    confidence = adjacency.confidence.get(link)
    return GraphEdge(
        source=link.source,
        target=link.target,
        predicate=compact(link.predicate, adjacency.reader.base),
        predicate_iri=link.predicate,
        modality=link.modality,
        claim_count=len(iris),
        confidence=None if confidence is None else round(confidence, 4),
        since=adjacency.since.get(link),
        claims=tuple(_quote(claims, iri) for _, iri in ranked[:_QUOTED]) if claims else (),
    )


def read_node(network: Network, node: int, hops: int) -> GraphNode:
    """The node with a number in `network`."""
    found = json.loads(network.text(node) + "}")
    shown = {name: tuple(values) for name, values in found["attributes"].items()}
    return GraphNode(
        found["iri"], found["curie"], found["label"], found["kind"], found["subkind"], hops, shown
    )


def read_edge(network: Network, link: int, claims: Claims | None) -> GraphEdge:
    """The edge with a number in `network`, with what its claims say if `claims` reads them."""
    view = network.view
    predicate, confidence = view["predicate"][link], view["confidence"][link]
    quoted = network.claim_iris(link)[:_QUOTED] if claims else []
    return GraphEdge(
        source=network.iri(view["source"][link]),
        target=network.iri(view["target"][link]),
        predicate=network.curies[predicate],
        predicate_iri=network.predicates[predicate],
        modality=MODALITIES[view["modality"][link]],
        claim_count=view["claims"][link],
        confidence=None if isnan(confidence) else round(confidence, 4),
        since=day_of(view["since"][link]),
        claims=tuple(_quote(claims, iri) for iri in quoted) if claims else (),
    )


def day_of(number: int) -> str | None:
    """The day that an index writes as a number.

    >>> day_of(20250315), day_of(0)
    ('2025-03-15', None)
    """
    return f"{number // 10000:04}-{number // 100 % 100:02}-{number % 100:02}" if number else None


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
