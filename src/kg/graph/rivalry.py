"""Which claims cannot both be right, and which plans were overtaken.

A first version: one triple asserted and denied; different objects of a relation that the vocabulary calls
`kg:single`; a planned date or status followed by an asserted one in a later document.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations

import pyoxigraph as ox

from kg.catalog.ontology import Ontology
from kg.days import Days, find_days
from kg.graph import rdf
from kg.graph.assembly import StatedClaim
from kg.graph.derivation import Fact, compatible
from kg.model import Literal, Modality

#: Above this, each claim is linked to one claim of the rival value instead of to all: the links stay linear.
MOST_PAIRS = 400
#: Relations along which a value contains another: Tokyo and Japan do not contradict each other.
_CONTAINMENT = ("locatedIn", "partOf", "officeOf", "subordinateTo", "operatedBy")
_STEPS = 4
_OVERTAKEN = ("date", "status")


def rivalry_quads(
    claims: Iterable[StatedClaim], facts: Iterable[Fact], ontology: Ontology
) -> Iterator[ox.Quad]:
    """`kg:contradicts`, once per pair from the lower IRI, and `kg:supersedes`, from the later claim."""
    around = _Containment(facts)
    by_slot: dict[tuple[str, str], list[StatedClaim]] = defaultdict(list)
    by_object: dict[tuple[str, str], list[StatedClaim]] = defaultdict(list)
    for claim in claims:
        by_slot[claim.subject, claim.predicate].append(claim)
        relation = ontology.relations.get(claim.predicate)
        if relation is not None and relation.single == "object" and isinstance(claim.object, str):
            by_object[claim.predicate, claim.object].append(claim)
    pairs: set[tuple[str, str]] = set()
    for (_, predicate), group in sorted(by_slot.items()):
        if len(group) < 2:
            continue
        pairs.update(_denied(group))
        relation = ontology.relations.get(predicate)
        if relation is not None and relation.single == "subject":
            pairs.update(_rivals(group, lambda c: c.object, around.related))
        if predicate in _OVERTAKEN:
            for later, earlier in _overtaken(group):
                yield ox.Quad(rdf.iri(later), rdf.vocabulary("supersedes"), rdf.iri(earlier))
    for _, group in sorted(by_object.items()):
        if len(group) > 1:
            pairs.update(_rivals(group, lambda c: c.subject, lambda one, other: False))
    for low, high in sorted(pairs):
        yield ox.Quad(rdf.iri(low), rdf.vocabulary("contradicts"), rdf.iri(high))


def _denied(claims: Sequence[StatedClaim]) -> Iterator[tuple[str, str]]:
    """Pairs of an asserted and a denied claim of one triple."""
    said: dict[str | Literal, tuple[list[str], list[str]]] = {}
    for claim in claims:
        asserted, denied = said.setdefault(claim.object, ([], []))
        if claim.modality is Modality.ASSERTED:
            asserted.append(claim.iri)
        elif claim.modality is Modality.DENIED:
            denied.append(claim.iri)
    for asserted, denied in said.values():
        yield from _link(asserted, denied)


def _rivals(
    claims: Sequence[StatedClaim],
    value: Callable[[StatedClaim], str | Literal],
    related: Callable[[str | Literal, str | Literal], bool],
) -> Iterator[tuple[str, str]]:
    """Pairs of claims of one modality, asserted or planned, whose values exclude each other."""
    for modality in (Modality.ASSERTED, Modality.PLANNED):
        by_value: dict[str | Literal, list[StatedClaim]] = defaultdict(list)
        for claim in claims:
            if claim.modality is modality:
                by_value[value(claim)].append(claim)
        for one, other in combinations(sorted(by_value, key=lambda v: str(rdf.term(v))), 2):
            if compatible(one, other) or related(one, other):
                continue
            if isinstance(one, Literal) and isinstance(other, Literal):  # the day of a thing does not change
                yield from _link([c.iri for c in by_value[one]], [c.iri for c in by_value[other]])
            else:
                yield from _same_time(by_value[one], by_value[other])


def _same_time(ones: Sequence[StatedClaim], others: Sequence[StatedClaim]) -> Iterator[tuple[str, str]]:
    """Pairs of claims that speak of one time."""
    if len(ones) * len(others) > MOST_PAIRS:
        days: dict[str, list[StatedClaim]] = defaultdict(list)
        for claim in others:
            days[claim.as_of].append(claim)
        for claim in ones:
            for other in sorted(days.get(claim.as_of, ()), key=lambda c: c.iri)[:1]:
                if _meet(claim, other):
                    yield _ordered(claim.iri, other.iri)
        return
    for claim in ones:
        for other in others:
            if _meet(claim, other):
                yield _ordered(claim.iri, other.iri)


def _meet(one: StatedClaim, other: StatedClaim) -> bool:
    first, second = _time(one), _time(other)
    return first is not None and second is not None and first.overlaps(second)


def _time(claim: StatedClaim) -> Days | None:
    """The days a claim speaks of: its valid time, else its document's as-of day; None if unknown."""
    return find_days(claim.valid_time or claim.as_of) if claim.valid_time or claim.as_of else None


def _link(ones: Sequence[str], others: Sequence[str]) -> Iterator[tuple[str, str]]:
    """All pairs, or where they are too many each claim with the first of the other side."""
    if not ones or not others:
        return
    if len(ones) * len(others) <= MOST_PAIRS:
        yield from (_ordered(one, other) for one in ones for other in others)
    else:
        yield from (_ordered(one, min(others)) for one in ones)
        yield from (_ordered(min(ones), other) for other in others)


def _ordered(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one < other else (other, one)


def _overtaken(claims: Sequence[StatedClaim]) -> Iterator[tuple[str, str]]:
    """(asserted claim, planned claim of an earlier document), sorted."""
    plans = sorted((c.as_of, c.iri) for c in claims if c.modality is Modality.PLANNED and c.as_of)
    outcomes = sorted((c.as_of, c.iri) for c in claims if c.modality is Modality.ASSERTED and c.as_of)
    if len(plans) * len(outcomes) > MOST_PAIRS:
        outcomes = outcomes[:1] if not plans or outcomes[0][0] > plans[-1][0] else outcomes[-1:]
    for day, iri in outcomes:
        for planned_on, plan in plans:
            if planned_on < day:
                yield (iri, plan)


class _Containment:
    """Whether one value lies in another, by flat facts of few steps."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._up: Mapping[str, set[str]] = defaultdict(set)
        for fact in facts:
            if fact.predicate in _CONTAINMENT and isinstance(fact.object, str):
                self._up[fact.subject].add(fact.object)

    def related(self, one: str | Literal, other: str | Literal) -> bool:
        if isinstance(one, Literal) or isinstance(other, Literal):
            return False
        return other in self._above(one) or one in self._above(other)

    def _above(self, start: str) -> set[str]:
        seen = {start}
        edge = {start}
        for _ in range(_STEPS):
            edge = {up for node in edge for up in self._up.get(node, ())} - seen
            seen |= edge
        return seen
