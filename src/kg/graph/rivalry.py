"""Which claims cannot both be right, and which plans were overtaken.

- One triple asserted and denied.
- Values that exclude each other where the vocabulary says `kg:single`: of one time, in different documents. Offices
  that several people may hold at once, by `kg:several`, have no rivals.
- What is still planned in one document, on the day or after it, while another has it as begun or held.

A planned date or status followed by an asserted one is overtaken, no contradiction: in a later document, or in one
of the same day if that is the day of the event.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from types import MappingProxyType

import pyoxigraph as ox

from kg.catalog.ontology import Ontology
from kg.days import Days, attested, find_days, find_plausible_days
from kg.graph import rdf
from kg.graph.assembly import StatedClaim
from kg.graph.derivation import Fact, compatible
from kg.model import Literal, Modality
from kg.terms import KG

#: Above this, each claim is linked to one claim of the rival value instead of to all: the links stay linear.
MOST_PAIRS = 400
#: Relations along which a value contains another: Tokyo and Japan do not contradict each other.
_CONTAINMENT = ("locatedIn", "partOf", "officeOf", "subordinateTo", "operatedBy")
_STEPS = 4
_OVERTAKEN = ("date", "status")
_BEGUN = frozenset({KG + "held", KG + "ongoing"})
_AHEAD = frozenset({KG + "planned", KG + "proposed"})


def rivalry_quads(
    claims: Iterable[StatedClaim],
    facts: Iterable[Fact],
    ontology: Ontology,
    labels: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[ox.Quad]:
    """`kg:contradicts`, once per pair from the lower IRI, and `kg:supersedes`, from the later claim.

    `labels` are those of the entities, by IRI.
    """
    around = _Containment(facts)
    by_slot: dict[tuple[str, str], list[StatedClaim]] = defaultdict(list)
    by_object: dict[tuple[str, str], list[StatedClaim]] = defaultdict(list)
    for claim in claims:
        by_slot[claim.subject, claim.predicate].append(claim)
        relation = ontology.relations.get(claim.predicate)
        if (
            relation is not None
            and relation.single == "object"
            and isinstance(claim.object, str)
            and not relation.may_be_shared(labels.get(claim.object, ""))
        ):
            by_object[claim.predicate, claim.object].append(claim)
    pairs: set[tuple[str, str]] = set()
    for (subject, predicate), group in sorted(by_slot.items()):
        if len(group) < 2:
            continue
        pairs.update(_denied(group))
        relation = ontology.relations.get(predicate)
        if relation is not None and relation.single == "subject":
            pairs.update(_rivals(group, lambda c: c.object, around.related))
        if predicate in _OVERTAKEN:
            days = _event_days(by_slot.get((subject, "date"), ()))
            if predicate == "status":
                pairs.update(_still_planned(group, days))
            for later, earlier in _overtaken(group, days):
                yield ox.Quad(rdf.iri(later), rdf.vocabulary("supersedes"), rdf.iri(earlier))
    for _, group in sorted(by_object.items()):
        if len(group) > 1:
            pairs.update(_rivals(group, lambda c: c.subject, lambda one, other: False))
    for low, high in sorted(pairs):
        yield ox.Quad(rdf.iri(low), rdf.vocabulary("contradicts"), rdf.iri(high))


def _denied(claims: Sequence[StatedClaim]) -> Iterator[tuple[str, str]]:
    """Pairs of an asserted and a denied claim of one triple."""
    said: dict[str | Literal, tuple[list[StatedClaim], list[StatedClaim]]] = {}
    for claim in claims:
        asserted, denied = said.setdefault(claim.object, ([], []))
        if claim.modality is Modality.ASSERTED:
            asserted.append(claim)
        elif claim.modality is Modality.DENIED:
            denied.append(claim)
    for asserted, denied in said.values():
        yield from _link(asserted, denied, within=True)


def _rivals(
    claims: Sequence[StatedClaim],
    value: Callable[[StatedClaim], str | Literal],
    related: Callable[[str | Literal, str | Literal], bool],
) -> Iterator[tuple[str, str]]:
    """Pairs of claims of one modality, asserted or planned, whose values exclude each other."""
    for modality in (Modality.ASSERTED, Modality.PLANNED):
        by_value: dict[str | Literal, list[StatedClaim]] = defaultdict(list)
        for claim in claims:
            if claim.modality is modality and not _told_too_late(claim):
                by_value[value(claim)].append(claim)
        for one, other in combinations(sorted(by_value, key=lambda v: str(rdf.term(v))), 2):
            if compatible(one, other) or related(one, other):
                continue
            if isinstance(one, Literal) and isinstance(other, Literal):  # the day of a thing does not change
                yield from _link(by_value[one], by_value[other])
            else:
                yield from _same_time(by_value[one], by_value[other])


def _told_too_late(claim: StatedClaim) -> bool:
    """Whether a plan is for days that were over when it was told: what had been planned once competes with no plan."""
    if claim.modality is not Modality.PLANNED or not isinstance(claim.object, Literal) or not claim.as_of:
        return False
    days, today = find_plausible_days(claim.object.value), find_days(claim.as_of)
    return (
        days is not None
        and today is not None
        and days.last is not None
        and days.last < (today.first or days.last)
    )


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
    first, second = attested(one.valid_time, one.as_of), attested(other.valid_time, other.as_of)
    apart = one.document != other.document
    return apart and first is not None and second is not None and first.overlaps(second)


def _link(
    ones: Sequence[StatedClaim], others: Sequence[StatedClaim], *, within: bool = False
) -> Iterator[tuple[str, str]]:
    """All pairs, or where they are too many each claim with the first of the other side.

    Pairs of one document count only if `within`.
    """
    if not ones or not others:
        return
    if len(ones) * len(others) <= MOST_PAIRS:
        pairs = [(one, other) for one in ones for other in others]
    else:
        first, second = (min(side, key=lambda c: c.iri) for side in (ones, others))
        pairs = [(one, second) for one in ones] + [(first, other) for other in others]
    for one, other in pairs:
        if within or one.document != other.document:
            yield _ordered(one.iri, other.iri)


def _ordered(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one < other else (other, one)


def _event_days(dates: Iterable[StatedClaim]) -> list[Days]:
    """The days that claims give for an event."""
    found = (find_plausible_days(c.object.value) for c in dates if isinstance(c.object, Literal))
    return [days for days in found if days is not None]


def _on_its_day(day: str, event_days: Iterable[Days]) -> bool:
    """Whether an event may be on `day`: then a plan of the morning is an outcome in the evening."""
    today = find_days(day)
    return today is not None and any(days.overlaps(today) for days in event_days)


def _still_planned(claims: Sequence[StatedClaim], event_days: Sequence[Days]) -> Iterator[tuple[str, str]]:
    """Pairs of a claim that something has begun or was held, and one of no earlier document that it is to come."""
    begun = [c for c in claims if c.as_of and c.modality is Modality.ASSERTED and c.object in _BEGUN]
    ahead = [c for c in claims if c.as_of and c.modality is Modality.PLANNED and c.object in _AHEAD]
    for day in sorted({c.as_of for c in ahead}):
        before = [c for c in begun if c.as_of <= day]
        if _on_its_day(day, event_days):
            before = [c for c in before if c.as_of < day]
        yield from _link(before, [c for c in ahead if c.as_of == day])


def _overtaken(claims: Sequence[StatedClaim], event_days: Sequence[Days]) -> Iterator[tuple[str, str]]:
    """(asserted claim, planned claim of an earlier document), sorted; see the head of this module."""
    plans = sorted((c.as_of, c.iri) for c in claims if c.modality is Modality.PLANNED and c.as_of)
    outcomes = sorted((c.as_of, c.iri) for c in claims if c.modality is Modality.ASSERTED and c.as_of)
    if len(plans) * len(outcomes) > MOST_PAIRS:
        outcomes = outcomes[:1] if not plans or outcomes[0][0] > plans[-1][0] else outcomes[-1:]
    documents = {c.iri: c.document for c in claims}
    known: dict[str, bool] = {}

    def on_the_day(day: str) -> bool:
        if day not in known:
            known[day] = _on_its_day(day, event_days)
        return known[day]

    for day, iri in outcomes:
        for planned_on, plan in plans:
            if planned_on < day or (
                planned_on == day and documents[iri] != documents[plan] and on_the_day(day)
            ):
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
