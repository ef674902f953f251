"""Which events of different documents are one: same kind, same people, same time; a plan and its outcome too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from kg.days import Days, find_days
from kg.model import Extraction, Literal, Modality

#: How far a plan may slip, in days, and still be the same event; twice a month, the longest slip commonly reported.
_SLIP = timedelta(days=62)
#: How long after a document's day a plan without a date may come true.
_UNDATED_PLAN = timedelta(days=90)


@dataclass
class _Event:
    """What one document says of an event: `people` and `places` are canonical IRIs."""

    iri: str
    subkind: str
    as_of: date | None
    people: set[str] = field(default_factory=set)
    places: set[str] = field(default_factory=set)
    days: Days | None = None
    planned: bool = False

    @property
    def order(self) -> tuple[date, str]:
        """First day, plans without one by their document's day, then IRI."""
        first = self.days.first if self.days is not None else self.as_of
        return first or date.max, self.iri


def decide_events(extractions: Sequence[Extraction], canonical: Mapping[str, str]) -> dict[str, str]:
    """Event IRI → canonical IRI, where they differ; `canonical` has the decisions on people and places.

    Two reports are one event if their kind and people agree and they may mean one day. A plan is the event reported
    later with its people (or with some of them at its place) within `_SLIP` of the planned days. Two reports of what
    was held on different days are never one.
    """
    blocks: dict[tuple[str, str], list[_Event]] = defaultdict(list)
    events = sorted((e for x in extractions for e in _events(x, canonical)), key=lambda e: e.order)
    for event in events:
        for person in event.people:
            blocks[event.subkind, person].append(event)
    parent = {e.iri: e.iri for e in events}
    members = {e.iri: [e] for e in events}

    def find(iri: str) -> str:
        while parent[iri] != iri:
            iri = parent[iri]
        return iri

    pairs = sorted(
        {
            (_distance(a, b), a.iri, b.iri): (a, b)
            for block in blocks.values()
            for i, a in enumerate(block)
            for b in _near(block, i)
        }.items()
    )
    for _, (a, b) in pairs:
        first, second = sorted((find(a.iri), find(b.iri)))
        if first != second and all(_may_be_one(x, y) for x in members[first] for y in members[second]):
            parent[second] = first
            members[first] += members.pop(second)
    return {e.iri: find(e.iri) for e in events if find(e.iri) != e.iri}


def _events(extraction: Extraction, canonical: Mapping[str, str]) -> list[_Event]:
    known = find_days(extraction.as_of) if extraction.as_of else None
    as_of = known.last if known is not None else None
    found = {
        e.iri: _Event(e.iri, e.subkind or "Event", as_of) for e in extraction.entities if e.kind == "Event"
    }
    for claim in extraction.claims:
        event = found.get(claim.subject)
        if event is None or claim.modality is Modality.DENIED:
            continue
        event.planned = event.planned or claim.modality is Modality.PLANNED
        if isinstance(claim.object, Literal):
            if claim.predicate == "date":
                event.days = find_days(claim.object.value)
        elif claim.predicate == "participant":
            event.people.add(canonical.get(claim.object, claim.object))
        elif claim.predicate == "location":
            event.places.add(canonical.get(claim.object, claim.object))
    return [e for e in found.values() if e.people]


def _near(block: Sequence[_Event], i: int) -> list[_Event]:
    """The later events of a block, sorted by day, that can still be the event at `i`."""
    here = block[i].order[0]
    out = []
    for other in block[i + 1 :]:
        if here != date.max and other.order[0] != date.max and other.order[0] - here > _SLIP + _UNDATED_PLAN:
            break
        if _may_be_one(block[i], other):
            out.append(other)
    return out


def _may_be_one(a: _Event, b: _Event) -> bool:
    if a.subkind != b.subkind:
        return False
    shared = a.people & b.people
    whole = a.people == b.people and len(shared) >= 2
    part = bool(shared) and (a.people <= b.people or b.people <= a.people)
    if not whole and not (part and (a.places & b.places)):
        return False
    if a.days is None or b.days is None:
        return _plan_without_a_date(a, b) or _plan_without_a_date(b, a)
    if a.days.overlaps(b.days):
        return True
    return (a.planned or b.planned) and _gap(a.days, b.days) <= _SLIP


def _plan_without_a_date(plan: _Event, other: _Event) -> bool:
    if not plan.planned or plan.days is not None or plan.as_of is None:
        return False
    first = other.days.first if other.days is not None else None
    if first is None:
        return other.planned and other.days is None
    return plan.as_of - timedelta(days=7) <= first <= plan.as_of + _UNDATED_PLAN


def _gap(a: Days, b: Days) -> timedelta:
    """Days between the two, 0 where they overlap; the longest there is where one is open."""
    early, late = sorted((a, b), key=lambda d: d.first or date.min)
    if early.last is None or late.first is None:
        return timedelta.max
    return max(late.first - early.last, timedelta(0))


def _distance(a: _Event, b: _Event) -> int:
    if a.days is None or b.days is None:
        return _SLIP.days + 1
    gap = _gap(a.days, b.days)
    return min(gap.days, _SLIP.days + 2)
