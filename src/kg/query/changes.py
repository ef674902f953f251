"""What changed between two days: what was learned, what changed, which plans were overtaken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

import pyoxigraph as ox

from kg.errors import QueryError
from kg.graph.assembly import Part
from kg.graph.local import LocalReader
from kg.graph.serialization import parse_lines
from kg.graph.store import StoreReader
from kg.query.as_of import Days
from kg.query.contradictions import Contradiction, contradictions
from kg.query.declared import shipped_ontology
from kg.query.documents import DocumentSummary, list_documents
from kg.query.evidence import Claims, ClaimView, claim_iris, confidence_of
from kg.query.names import resolve_entity
from kg.query.nodes import RDF_TYPE, Node, Nodes, Value, follow_canonical, term_text
from kg.terms import KG, compact

Term: TypeAlias = str | ox.Literal
Triple: TypeAlias = tuple[str, str, Term]


@dataclass(frozen=True, slots=True)
class Learned:
    """A fact that stands now and did not; `claim` is the surest of those that say so, None where none does."""

    subject: Node
    predicate: Node
    object: Node | Value
    claim: ClaimView | None


@dataclass(frozen=True, slots=True)
class Changed:
    """A thing one of whose relations has other values now; a value that is in both is in neither list."""

    subject: Node
    predicate: Node
    before: tuple[Node | Value, ...]
    after: tuple[Node | Value, ...]
    claim: ClaimView | None


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A fact that stood and does not any more, with nothing in its place."""

    subject: Node
    predicate: Node
    object: Node | Value


@dataclass(frozen=True, slots=True)
class Overtaken:
    """A plan and the claim of a later document that overtakes it."""

    plan: ClaimView
    outcome: ClaimView


@dataclass(frozen=True, slots=True)
class Joined:
    """Things that were several and are found to be one."""

    now: Node
    before: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Diff:
    """What is different on the day `until` (None: with all that is known) from the day `since`.

    Lists hold at most `limit` items each; `totals` count all by the name of the list.
    """

    since: str
    until: str | None
    documents: tuple[DocumentSummary, ...]
    entities: tuple[Node, ...]
    joined: tuple[Joined, ...]
    learned: tuple[Learned, ...]
    changed: tuple[Changed, ...]
    withdrawn: tuple[Withdrawn, ...]
    overtaken: tuple[Overtaken, ...]
    contradictions: tuple[Contradiction, ...]
    settled: tuple[Contradiction, ...]
    totals: dict[str, int]
    limit: int


def diff(
    reader: StoreReader,
    days: Days,
    since: date,
    until: date | None = None,
    *,
    entity: str | None = None,
    limit: int = 200,
) -> Diff:
    """What documents published after `since` and by `until` changed; without `until`, all that are known.

    `days` are those of `reader`; with `entity` (IRI, CURIE, name or alias, as of `until`), only what is about it and
    about events it is part of.
    Everything is sorted. Raises `QueryError` if `until` is before `since`, and as `resolve_entity`.
    """
    if until is not None and until < since:
        raise QueryError(f"from {since} to {until}: want the earlier day first")
    if limit < 1:
        raise QueryError(f"limit={limit}: want 1 or more")
    with days.on(since) as before:
        if until is None:
            return _Comparison(before, _local(reader), entity, limit).diff(since, None)
        with days.on(until) as after:
            return _Comparison(before, after, entity, limit).diff(since, until)


def _local(reader: StoreReader) -> LocalReader:
    if not isinstance(reader, LocalReader):
        raise QueryError("only a store in a folder has days to compare")
    return reader


class _Comparison:
    """Two days of one store."""

    def __init__(self, before: LocalReader, after: LocalReader, entity: str | None, limit: int) -> None:
        self._before = before
        self._after = after
        self._limit = limit
        self._about = resolve_entity(after, entity) if entity is not None else None
        self._chosen: set[Term] = {self._about} if self._about is not None else set()
        self._claims = Claims(after)
        self._canonical: dict[str, str] = {}
        self._new_documents = {d.iri for d in after.documents()} - {d.iri for d in before.documents()}

    def diff(self, since: date, until: date | None) -> Diff:
        """The difference."""
        old_entities, old_facts = self._read(self._before)
        new_entities, new_facts = self._read(self._after)
        mapped = {self._now(iri) for iri in old_entities}
        facts = {(self._now(s), p, self._now(o) if isinstance(o, str) else o) for s, p, o in old_facts}
        self._choose(facts | new_facts)
        learned, changed, withdrawn = self._facts(facts, new_facts)
        arrived = sorted(iri for iri in new_entities - mapped if self._concerns(iri))
        joined = self._joined(old_entities)
        overtaken = self._overtaken()
        quarrels, settled = self._quarrels()
        documents = [
            d
            for d in list_documents(self._after, limit=max(1, len(self._after.documents()))).items
            if d.iri in self._new_documents
        ]
        lists: dict[str, list[object]] = {
            "documents": [*documents],
            "entities": [*arrived],
            "joined": [*joined],
            "learned": [*learned],
            "changed": [*changed],
            "withdrawn": [*withdrawn],
            "overtaken": [*overtaken],
            "contradictions": [*quarrels],
            "settled": [*settled],
        }
        most = self._limit
        return Diff(
            since.isoformat(),
            until.isoformat() if until is not None else None,
            tuple(documents[:most]),
            tuple(self._claims.nodes.describe(iri) for iri in arrived[:most]),
            tuple(joined[:most]),
            tuple(self._learned(t) for t in learned[:most]),
            tuple(self._changed(*c) for c in changed[:most]),
            tuple(self._withdrawn(t) for t in withdrawn[:most]),
            tuple(Overtaken(self._claims.view(p), self._claims.view(o)) for p, o in overtaken[:most]),
            tuple(quarrels[:most]),
            tuple(settled[:most]),
            {name: len(items) for name, items in lists.items()},
            most,
        )

    def _choose(self, facts: Iterable[Triple]) -> None:
        """Take in the events that the thing asked for is part of."""
        about = set(self._chosen)
        events = f"{self._after.base}id/event/"
        self._chosen |= {s for s, _, o in facts if o in about and s.startswith(events)}

    def _concerns(self, *terms: Term) -> bool:
        return self._about is None or any(term in self._chosen for term in terms)

    def _now(self, iri: str) -> str:
        """What stands for the thing of `iri` on the later day."""
        found = self._canonical.get(iri)
        if found is None:
            found = self._canonical[iri] = iri if iri.startswith(KG) else follow_canonical(self._after, iri)
        return found

    @staticmethod
    def _read(reader: LocalReader) -> tuple[set[str], set[Triple]]:
        """(entities, flat facts) of a day."""
        relations = {KG + name for name in shipped_ontology().relations}
        entities: set[str] = set()
        facts: set[Triple] = set()
        for quad in parse_lines(reader.lines(Part.FACTS)):
            predicate = quad.predicate.value
            if predicate == RDF_TYPE:
                entities.add(term_text(quad.subject))
            elif predicate in relations:
                value = quad.object
                facts.add(
                    (
                        term_text(quad.subject),
                        predicate,
                        value if isinstance(value, ox.Literal) else term_text(value),
                    )
                )
        return entities, facts

    def _facts(
        self, old: set[Triple], new: set[Triple]
    ) -> tuple[list[Triple], list[tuple[str, str, list[Term], list[Term]]], list[Triple]]:
        """(learned, changed, withdrawn), sorted."""
        slots: dict[tuple[str, str], tuple[list[Term], list[Term]]] = defaultdict(lambda: ([], []))
        for side, facts in enumerate((old - new, new - old)):
            for s, p, o in sorted(facts, key=_key):
                if self._concerns(s, o):
                    slots[s, p][side].append(o)
        learned: list[Triple] = []
        changed: list[tuple[str, str, list[Term], list[Term]]] = []
        withdrawn: list[Triple] = []
        for (s, p), (gone, come) in sorted(slots.items()):
            if gone and come:
                changed.append((s, p, gone, come))
            learned += [(s, p, o) for o in come if not gone]
            withdrawn += [(s, p, o) for o in gone if not come]
        return learned, changed, withdrawn

    def _joined(self, old_entities: Iterable[str]) -> list[Joined]:
        groups: dict[str, list[str]] = defaultdict(list)
        for iri in sorted(old_entities):
            groups[self._now(iri)].append(iri)
        then = Nodes(self._before)
        return [
            Joined(self._claims.nodes.describe(now), tuple(then.describe(iri) for iri in before))
            for now, before in sorted(groups.items())
            if len(before) > 1 and self._concerns(now)
        ]

    def _overtaken(self) -> list[tuple[str, str]]:
        """(plan, the surest of the claims that overtake it) that were not yet; sorted by plan."""
        outcomes: dict[str, list[str]] = defaultdict(list)
        known = set(_pairs(self._before, "supersedes"))
        for outcome, plan in sorted(set(_pairs(self._after, "supersedes")) - known):
            if self._is_about(plan):
                outcomes[plan].append(outcome)
        return [
            (plan, min(found, key=lambda c: (-confidence_of(self._after, c), c)))
            for plan, found in sorted(outcomes.items())
        ]

    def _quarrels(self) -> tuple[list[Contradiction], list[Contradiction]]:
        """(contradictions that were not there, those that were open and are settled)."""
        old = {(c.one.iri, c.other.iri): c for c in contradictions(self._before, limit=None).items}
        new = contradictions(self._after, self._about, limit=None).items
        arrived = [c for c in new if (c.one.iri, c.other.iri) not in old]
        settled = [
            c
            for c in new
            if c.settled is not None
            and (was := old.get((c.one.iri, c.other.iri))) is not None
            and was.settled is None
        ]
        return arrived, settled

    def _is_about(self, claim: str) -> bool:
        if self._about is None:
            return True
        view = self._claims.view(claim)
        return self._concerns(view.subject.iri, view.object.iri if isinstance(view.object, Node) else "")

    def _best_claim(self, subject: str, predicate: str, values: Iterable[Term]) -> ClaimView | None:
        """The surest claim of a new document that says so."""
        iris = [i for value in values for i in claim_iris(self._after, subject, predicate, value)]
        fresh = [i for i in iris if self._claims.view(i).document.iri in self._new_documents]
        best = min(fresh, key=lambda i: (-confidence_of(self._after, i), i), default=None)
        return self._claims.view(best) if best is not None else None

    def _learned(self, triple: Triple) -> Learned:
        s, p, o = triple
        return Learned(self._node(s), self._predicate(p), self._term(o), self._best_claim(s, p, [o]))

    def _changed(self, s: str, p: str, gone: list[Term], come: list[Term]) -> Changed:
        return Changed(
            self._node(s),
            self._predicate(p),
            tuple(self._term(o) for o in gone),
            tuple(self._term(o) for o in come),
            self._best_claim(s, p, come),
        )

    def _withdrawn(self, triple: Triple) -> Withdrawn:
        s, p, o = triple
        return Withdrawn(self._node(s), self._predicate(p), self._term(o))

    def _node(self, iri: str) -> Node:
        return self._claims.nodes.describe(iri)

    def _predicate(self, iri: str) -> Node:
        return Node(iri, compact(iri, self._after.base), iri.removeprefix(KG))

    def _term(self, term: Term) -> Node | Value:
        return self._claims.nodes.term(term if isinstance(term, ox.Literal) else ox.NamedNode(term))


def _pairs(reader: StoreReader, predicate: str) -> Iterator[tuple[str, str]]:
    for quad in reader.quads(None, KG + predicate):
        yield term_text(quad.subject), term_text(quad.object)


def _key(triple: Triple) -> tuple[str, str, str]:
    return triple[0], triple[1], str(triple[2])
