"""Plans beside what came of them: what slipped, what was called off, what went as planned, what is still open."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import pyoxigraph as ox

from kg.days import find_days
from kg.errors import QueryError
from kg.graph.derivation import compatible
from kg.graph.store import StoreReader
from kg.model import Literal, Modality
from kg.query.events import as_cell
from kg.query.evidence import Claims, ClaimView
from kg.query.names import resolve_entity
from kg.query.nodes import (
    OBJECT,
    PREDICATE,
    RDF_TYPE,
    SUBJECT,
    Node,
    Value,
    find_object,
    local_name,
    term_text,
)
from kg.terms import KG

_OFF = frozenset({"cancelled", "denied"})


class Outcome(StrEnum):
    """What came of a plan."""

    MOVED = "moved"
    CANCELLED = "cancelled"
    OVERDUE = "overdue"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan for an event, and the latest that is said of it.

    `came` is ``moved`` (to a day that the plan excludes, by `days`, fewer than 0 if it came earlier), ``cancelled``,
    ``overdue`` (its day was over when the latest document was published, and none says what came of it) or ``kept``.
    `outcome` is the claim that says so, None for what is overdue.
    """

    event: Node
    came: str
    plan: ClaimView
    outcome: ClaimView | None
    days: int | None


@dataclass(frozen=True, slots=True)
class Plans:
    """A page of plans, those that slipped first, the latest first among them; `totals` counts each kind."""

    items: tuple[Plan, ...]
    total: int
    totals: dict[str, int]
    limit: int
    offset: int


def plans(
    reader: StoreReader,
    entity: str | None = None,
    *,
    kind: str | None = None,
    limit: int | None = 50,
    offset: int = 0,
) -> Plans:
    """The plans of the store, or those for events around `entity` (IRI, CURIE, name or alias).

    `kind` keeps one of the kinds of `Plan.came`. Raises `QueryError` for another kind, and as `resolve_entity`.
    """
    if kind is not None and kind not in {o.value for o in Outcome}:
        raise QueryError(f"kind {kind!r}: want one of {', '.join(Outcome)}")
    about = resolve_entity(reader, entity) if entity is not None else None
    claims = Claims(reader)
    found = [
        p for p in (*_overtaken(claims), *_overdue(claims)) if about is None or _speaks_of(reader, p, about)
    ]
    order = [o.value for o in Outcome]
    found.sort(key=lambda p: (p.event.iri, p.plan.iri))
    found.sort(key=lambda p: p.plan.document.as_of or "", reverse=True)
    found.sort(key=lambda p: order.index(p.came))
    totals = {name: sum(p.came == name for p in found) for name in order}
    chosen = [p for p in found if kind is None or p.came == kind]
    page = chosen[offset : None if limit is None else offset + limit]
    return Plans(tuple(page), len(chosen), totals, len(chosen) if limit is None else limit, offset)


def _overtaken(claims: Claims) -> Iterator[Plan]:
    """Plans that a later claim supersedes: one for each event, relation, planned value and document."""
    reader = claims.reader
    later: dict[tuple[str, str, str, str], list[tuple[ClaimView, ClaimView]]] = {}
    for quad in sorted(reader.quads(None, KG + "supersedes"), key=str):
        later_iri, plan_iri = term_text(quad.subject), term_text(quad.object)
        if not _tells(reader, later_iri):
            continue
        outcome, plan = claims.view(later_iri), claims.view(plan_iri)
        key = (plan.subject.iri, plan.predicate.iri, str(_value(plan)), plan.document.iri)
        later.setdefault(key, []).append((plan, outcome))
    for pairs in later.values():
        plan = max((p for p, _ in pairs), key=_weight)
        outcome = max((o for _, o in pairs), key=lambda o: (o.document.as_of or "", *_weight(o)))
        came = _came(plan, outcome)
        if came is not None:
            days = _shift(_value(plan), _value(outcome)) if came is Outcome.MOVED else None
            yield Plan(plan.subject, came.value, plan, outcome, days)


def _tells(reader: StoreReader, claim: str) -> bool:
    """Whether a claim says on which day something was, or that it was called off: seen before it is read whole."""
    relation = find_object(reader, claim, PREDICATE)
    if relation == KG + "status":
        return local_name(find_object(reader, claim, OBJECT) or "") in _OFF
    return relation == KG + "date"


def _came(plan: ClaimView, outcome: ClaimView) -> Outcome | None:
    relation = local_name(plan.predicate.iri)
    if relation == "date":
        if outcome.modality == Modality.DENIED:
            return Outcome.CANCELLED
        return Outcome.KEPT if compatible(_value(plan), _value(outcome)) else Outcome.MOVED
    if relation == "status" and local_name(str(_value(outcome))) in _OFF:
        return Outcome.CANCELLED
    return None  # that it took place says nothing of its day


def _overdue(claims: Claims) -> Iterator[Plan]:
    """Events still planned whose last day is before the day of the latest document."""
    reader = claims.reader
    latest = max((d.as_of for d in reader.documents() if d.as_of), default=None)
    if latest is None:
        return
    for status in ("planned", "proposed"):
        for quad in sorted(reader.quads(None, KG + "status", KG + status), key=str):
            event = term_text(quad.subject)
            end = find_object(reader, event, KG + "end")
            if end is None or end >= latest:
                continue
            planned = [
                claims.view(term_text(q.subject))
                for q in reader.quads(None, SUBJECT, event)
                if find_object(reader, term_text(q.subject), PREDICATE) == KG + "date"
                and KG + "Planned"
                in {term_text(t.object) for t in reader.quads(term_text(q.subject), RDF_TYPE)}
            ]
            # What was published when its day was over is no plan that anybody waits for.
            said = [c for c in planned if c.document.as_of is not None and c.document.as_of <= end]
            if said:
                plan = max(said, key=lambda c: (c.document.as_of or "", *_weight(c)))
                yield Plan(plan.subject, Outcome.OVERDUE.value, plan, None, None)


def _weight(claim: ClaimView) -> tuple[float, str]:
    return (claim.confidence or 0.0, claim.iri)


def _value(claim: ClaimView) -> str | Literal:
    found = claim.object
    return Literal(found.value, found.datatype) if isinstance(found, Value) else found.iri


def _shift(planned: str | Literal, came: str | Literal) -> int | None:
    """Days from the nearer end of what was planned to what came; below 0 if that was earlier."""
    if not isinstance(planned, Literal) or not isinstance(came, Literal):
        return None
    one, other = find_days(planned.value), find_days(came.value)
    if one is None or other is None:
        return None
    if one.last is not None and other.first is not None and other.first > one.last:
        return _between(one.last, other.first)
    if one.first is not None and other.last is not None and other.last < one.first:
        return _between(one.first, other.last)
    return None


def _between(one: date, other: date) -> int:
    return (other - one).days


def _speaks_of(reader: StoreReader, plan: Plan, entity: str) -> bool:
    if plan.event.iri == entity:
        return True
    return any(q.predicate.value.startswith(KG) for q in reader.quads(plan.event.iri, None, entity))


_OF_A_CLAIM = ("value", "modality", "document", "as_of", "attribution", "quote", "claim")
COLUMNS = ("event", "came", "days", *(f"{c}_{s}" for s in ("planned", "outcome") for c in _OF_A_CLAIM), "iri")


def to_csv(found: Plans) -> bytes:
    """One line for each plan (RFC 4180), with both sentences."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for p in found.items:
        cells = [p.event.label, p.came, "" if p.days is None else str(p.days)]
        for claim in (p.plan, p.outcome):
            if claim is None:
                cells += [""] * len(_OF_A_CLAIM)
                continue
            cells += [
                claim.object.value if isinstance(claim.object, Value) else claim.object.label,
                claim.modality,
                "; ".join(claim.document.identifiers),
                claim.document.as_of or "",
                claim.attribution or "",
                " … ".join(passage.quote for passage in claim.passages),
                claim.iri,
            ]
        writer.writerow([as_cell(c) if c != str(p.days) else c for c in (*cells, p.event.iri)])
    return out.getvalue().encode("utf-8")


def to_triples(reader: StoreReader, found: Plans) -> list[ox.Triple]:
    """What the graph says of the claims on both sides."""
    claims = [c.iri for p in found.items for c in (p.plan, p.outcome) if c is not None]
    return [q.triple for iri in sorted(set(claims)) for q in reader.quads(iri)]
