"""Which entities are joined to which, by what, and which claims say so.

An edge stands for all claims with one subject, predicate, object and modality, or for a flat triple that no
claim of the store supports (data loaded from elsewhere).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from kg.graph.network import NOT_FACTS
from kg.graph.store import StoreReader
from kg.model import Modality
from kg.query.declared import shipped_ontology
from kg.query.evidence import modality_of, number_of
from kg.query.nodes import RDF_TYPE, term_text, values_block
from kg.terms import KG, KIND_SEGMENTS, prefixes

#: How many nodes are asked for in one query.
_BATCH = 200


@dataclass(frozen=True, slots=True, order=True)
class Link:
    """A directed edge between two IRIs, and how it is put."""

    source: str
    predicate: str
    target: str
    modality: str


@dataclass(frozen=True, slots=True)
class Selection:
    """Which links count: empty means all. Predicates are IRIs, types local names of classes, modalities their
    names; the best of a link's claims must have `min_confidence` (0 to 1) at least.
    """

    predicates: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    modalities: frozenset[str] = frozenset()
    min_confidence: float = 0.0


class Adjacency:
    """The links at given nodes; each node is read once."""

    def __init__(self, reader: StoreReader, selection: Selection) -> None:
        self.reader = reader
        self.selection = selection
        self.claims: dict[Link, set[str]] = {}
        self.confidence: dict[Link, float] = {}
        self.since: dict[Link, str] = {}
        self._claimed: set[tuple[str, str, str]] = set()
        self._links: dict[str, list[Link]] = {}
        self._fits: dict[str, bool] = {}

    def links(self, node: str) -> Sequence[Link]:
        """All selected links that start or end at `node`, sorted."""
        self.read([node])
        return self._links[node]

    def read(self, nodes: Iterable[str]) -> None:
        """Read the links of `nodes` in as few queries as possible."""
        missing = sorted({n for n in nodes if n not in self._links})
        for start in range(0, len(missing), _BATCH):
            self._read_batch(missing[start : start + _BATCH])

    def fits(self, node: str) -> bool:
        """Whether `node` has one of the selected types."""
        if not self.selection.types:
            return True
        known = self._fits.get(node)
        if known is None:
            classes = {term_text(q.object) for q in self.reader.quads(node, RDF_TYPE)}
            known = any(c == t or c == KG + t for c in classes for t in self.selection.types)
            self._fits[node] = known
        return known

    def _read_batch(self, batch: list[str]) -> None:
        found: dict[str, set[Link]] = {n: set() for n in batch}
        flat: set[tuple[str, str, str]] = set()
        for here, there in (("s", "o"), ("o", "s")):
            block = values_block(here, batch)
            for s, p, o, claim, mode, confidence, day in self._ask(
                f"SELECT ?s ?p ?o ?c ?m ?f ?d {{ {block} ?c rdf:{'subject' if here == 's' else 'object'} ?{here} ; "
                f"rdf:{'object' if here == 's' else 'subject'} ?{there} ; rdf:predicate ?p ; a ?m "
                "OPTIONAL { ?c kg:confidence ?f } OPTIONAL { ?c kg:document ?u . ?u kg:asOf ?d } "
                "FILTER(isIRI(?o) && isIRI(?s)) }"
            ):
                link = Link(s, p, o, modality_of([mode]))
                self._claimed.add((s, p, o))
                self._note(link, claim, number_of(confidence), day)
                found[s if here == "s" else o].add(link)
            for s, p, o in self._ask(
                f"SELECT ?s ?p ?o {{ {block} ?s ?p ?o FILTER(isIRI(?s) && isIRI(?o)) }}"
            ):
                # An event's slots may be flat and only planned: a flat triple that has claims is shown by them.
                flat.add((s, p, o))
        for s, p, o in flat - self._claimed:
            link = Link(s, p, o, Modality.ASSERTED.value)
            for end in (s, o):
                if end in found:
                    found[end].add(link)
        for node, links in found.items():
            self._links[node] = sorted(filter(self._wanted, links))

    def _note(self, link: Link, claim: str, confidence: float | None, day: str) -> None:
        self.claims.setdefault(link, set()).add(claim)
        if confidence is not None:
            self.confidence[link] = max(confidence, self.confidence.get(link, confidence))
        if day:
            self.since[link] = min(day, self.since.get(link, day))

    def _wanted(self, link: Link) -> bool:
        chosen = self.selection
        if link.predicate in NOT_FACTS or link.source == link.target:
            return False
        if chosen.predicates and link.predicate not in chosen.predicates:
            return False
        if chosen.modalities and link.modality not in chosen.modalities:
            return False
        if self.confidence.get(link, -1.0) < chosen.min_confidence > 0:
            return False
        return not link.target.startswith(KG)  # a concept such as kg:held is a value, not a place to walk to

    def _ask(self, sparql: str) -> Iterator[tuple[str, ...]]:
        answer = self.reader.query(sparql, prefixes=prefixes(self.reader.base))
        assert isinstance(answer, ox.QuerySolutions)
        width = len(answer.variables)
        for solution in answer:
            yield tuple("" if (term := solution[i]) is None else term_text(term) for i in range(width))


def known_types() -> list[str]:
    """The local names of the classes that entities can have, sorted."""
    classes = shipped_ontology().classes
    return sorted(
        name for name in classes if name in KIND_SEGMENTS or _top_classes(name) & set(KIND_SEGMENTS)
    )


def _top_classes(name: str) -> set[str]:
    return {top for top in KIND_SEGMENTS if shipped_ontology().is_a(name, top)}
