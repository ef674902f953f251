"""Who held which office when: what claims, with the times they speak of, say of holders one after the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import pyoxigraph as ox

from kg.days import Days, attested
from kg.errors import QueryError
from kg.graph.store import StoreReader
from kg.model import Modality
from kg.query.evidence import Claims, ClaimView, modality_of
from kg.query.names import resolve_entity
from kg.query.nodes import Node, term_text, values_block
from kg.terms import KG, prefixes

#: How a holder on a day is known: a claim speaks of that day; claims before and after it do, and none of another holder
#: between them; a claim before it does, and nothing says that it ended.
STATED, BETWEEN, LAST_KNOWN = "stated", "between", "last known"
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Tenure:
    """A person in an office: the first and last day of which claims speak, oldest first.

    `ended_by` is the as-of day of the first document that has it as over; `planned` says that claims only announce it,
    `acting` that all of them have it for the time being only; `claims` counts them, `shown` are the first and the last.
    """

    person: Node
    first: str | None
    last: str | None
    ended_by: str | None
    acting: bool
    planned: bool
    claims: int
    documents: int
    shown: tuple[ClaimView, ...]


@dataclass(frozen=True, slots=True)
class Holder:
    """Who held an office on a day: `basis` is how that is known; `claim` the one nearest to the day."""

    person: Node
    basis: str
    acting: bool
    first: str | None
    last: str | None
    claim: ClaimView


@dataclass(frozen=True, slots=True)
class Vacancy:
    """Days after `since` and before `until` for which no holder is known; `after` held it before, `before` next.

    `certain` says that a document has the one as gone before the other came.
    """

    since: str
    until: str | None
    after: Node
    before: Node | None
    certain: bool


@dataclass(frozen=True, slots=True)
class OfficeHistory:
    """An office, its holders one after the other, who held it on the day asked for, and the gaps between them.

    `contested` says that several are stated for that day, not all of them acting.
    """

    office: Node
    body: Node | None
    holders: tuple[Holder, ...]
    contested: bool
    tenures: tuple[Tenure, ...]
    vacancies: tuple[Vacancy, ...]


@dataclass(frozen=True, slots=True)
class Offices:
    """A page of offices; `total` counts all that fit. `on` is the day that `holders` are of."""

    on: str | None
    items: tuple[OfficeHistory, ...]
    total: int
    limit: int
    offset: int


@dataclass(frozen=True, slots=True)
class _Said:
    """One claim on an office: of whom, how, of which days, in which document of which day."""

    claim: str
    person: str
    modality: str
    days: Days | None
    document: str
    as_of: date | None
    acting: bool


def offices(
    reader: StoreReader,
    office: str | None = None,
    *,
    body: str | None = None,
    person: str | None = None,
    on: date | None = None,
    limit: int = 50,
    offset: int = 0,
) -> Offices:
    """The offices of `body` (a country or body), those that `person` is said to hold, the one given, or all; by label.

    With the day `on`, only offices of which a holder on it is known. Entities are given as IRI, CURIE, name or alias.
    Raises `QueryError` for limits out of range, and as `resolve_entity`.
    """
    if limit < 1 or offset < 0:
        raise QueryError(f"limit={limit}, offset={offset}: want limit of 1 or more and offset of 0 or more")
    said = _read(
        reader,
        resolve_entity(reader, office) if office is not None else None,
        resolve_entity(reader, body) if body is not None else None,
        resolve_entity(reader, person) if person is not None else None,
    )
    claims = Claims(reader)
    known = [iri for iri, found in said.items() if on is None or _holders(found, on)]
    ranked = sorted(known, key=lambda iri: (claims.nodes.describe(iri).label, iri))
    items = tuple(_history(claims, iri, said[iri], on) for iri in ranked[offset : offset + limit])
    return Offices(on.isoformat() if on else None, items, len(ranked), limit, offset)


def _read(
    reader: StoreReader, office: str | None, body: str | None, person: str | None
) -> dict[str, list[_Said]]:
    """Office → what is said of its holders, by document day."""
    wanted: list[str] | None = [office] if office is not None else None
    for given, pattern in ((body, "?office kg:officeOf ?end"), (person, _HELD_BY)):
        if given is None:
            continue
        found = {
            row[0]
            for row in _ask(reader, f"SELECT DISTINCT ?office {{ {values_block('end', [given])} {pattern} }}")
        }
        wanted = sorted(found if wanted is None else found & set(wanted))
    said: dict[str, list[_Said]] = defaultdict(list)
    batches = [None] if wanted is None else [wanted[i : i + _BATCH] for i in range(0, len(wanted), _BATCH)]
    for batch in batches:
        block = values_block("office", batch) if batch is not None else ""
        for row in _ask(reader, _CLAIMS.replace("#OFFICES", block)):
            iri, claim, who, modality, time, document, as_of, acting = row
            days = attested(time or None, as_of or None)
            day = date.fromisoformat(as_of) if as_of else None
            mode = modality_of([modality])
            if mode == Modality.FORMER and not time:
                days = None
            said[iri].append(_Said(claim, who, mode, days, document, day, acting == "true"))
    return said


_HELD_BY = "?c rdf:predicate kg:holdsOffice ; rdf:subject ?end ; rdf:object ?office"
_CLAIMS = """SELECT ?office ?claim ?person ?modality ?time ?document ?day ?acting { #OFFICES
  ?claim rdf:predicate kg:holdsOffice ; rdf:object ?office ; rdf:subject ?person ; a ?modality ; kg:document ?document .
  OPTIONAL { ?claim kg:validTime ?time } OPTIONAL { ?document kg:asOf ?day } OPTIONAL { ?claim kg:acting ?acting }
} ORDER BY ?office ?claim"""


def _ask(reader: StoreReader, sparql: str) -> list[tuple[str, ...]]:
    answer = reader.query(sparql, prefixes=prefixes(reader.base))
    assert isinstance(answer, ox.QuerySolutions)
    width = len(answer.variables)
    return [tuple("" if row[i] is None else term_text(row[i]) for i in range(width)) for row in answer]


def _history(claims: Claims, office: str, said: Sequence[_Said], on: date | None) -> OfficeHistory:
    holders = tuple(_view_holder(claims, h) for h in _holders(said, on)) if on is not None else ()
    certain = {h.person.iri for h in holders if h.basis == STATED and not h.acting}
    tenures = _tenures(claims, said)
    bodies = sorted(term_text(q.object) for q in claims.reader.quads(office, KG + "officeOf"))
    return OfficeHistory(
        claims.nodes.describe(office),
        claims.nodes.describe(bodies[0]) if bodies else None,
        holders,
        len(certain) > 1,
        tenures,
        _vacancies(tenures),
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """A holder on a day, before it is shown."""

    person: str
    basis: str
    first: date | None
    last: date | None
    nearest: _Said


def _by_person(said: Iterable[_Said]) -> dict[str, list[_Said]]:
    found: dict[str, list[_Said]] = defaultdict(list)
    for one in said:
        found[one.person].append(one)
    return dict(sorted(found.items()))


def _spans(said: Iterable[_Said]) -> list[tuple[Days, _Said]]:
    """The days that claims have somebody in office, with the claims; not what is only planned, or denied."""
    held = (Modality.ASSERTED, Modality.FORMER)
    return [(s.days, s) for s in said if s.modality in held and s.days is not None]


def _over_by(said: Iterable[_Said]) -> list[date]:
    """The days on which it was over: of documents that have it so, or deny it, and the ends they give."""
    gone = [s for s in said if s.modality in (Modality.FORMER, Modality.DENIED)]
    ends = [s.days.last for s in gone if s.modality == Modality.FORMER and s.days and s.days.last]
    return sorted([*(s.as_of for s in gone if s.as_of), *ends])


def _holders(said: Sequence[_Said], on: date) -> list[_Known]:
    """Who held an office on a day, by how sure that is and then by IRI; only the surest kind of knowledge."""
    today = Days(on, on)
    found: list[_Known] = []
    others = {p: _spans(own) for p, own in _by_person(said).items()}
    for person, own in _by_person(said).items():
        spans = others[person]
        if not spans:
            continue
        first = min((d.first for d, _ in spans if d.first), default=None)
        last = max((d.last for d, _ in spans if d.last), default=None)
        nearest = min(spans, key=lambda s: (_distance(s[0], on), s[1].claim))[1]
        if any(days.overlaps(today) for days, _ in spans):
            found.append(_Known(person, STATED, first, last, nearest))
            continue
        before = max((d.last for d, _ in spans if d.last and d.last < on), default=None)
        after = min((d.first for d, _ in spans if d.first and d.first > on), default=None)
        if before is None or any(before <= day <= on for day in _over_by(own)):
            continue
        until = after or on
        rivals = [d for p, theirs in others.items() if p != person for d, _ in theirs]
        if any(d.first and before < d.first <= until for d in rivals):
            continue
        found.append(_Known(person, BETWEEN if after else LAST_KNOWN, first, last, nearest))
    best = next((b for b in (STATED, BETWEEN, LAST_KNOWN) if any(k.basis == b for k in found)), None)
    chosen = [k for k in found if k.basis == best]
    if best == LAST_KNOWN:
        newest = max((k.last or date.min) for k in chosen)
        chosen = [k for k in chosen if (k.last or date.min) == newest]
    return chosen


def _distance(days: Days, on: date) -> int:
    if days.first and on < days.first:
        return (days.first - on).days
    return (on - days.last).days if days.last and on > days.last else 0


def _view_holder(claims: Claims, known: _Known) -> Holder:
    return Holder(
        claims.nodes.describe(known.person),
        known.basis,
        known.nearest.acting,
        _text(known.first),
        _text(known.last),
        claims.view(known.nearest.claim),
    )


def _text(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


def _tenures(claims: Claims, said: Sequence[_Said]) -> tuple[Tenure, ...]:
    found = []
    for person, own in _by_person(said).items():
        kept = [s for s in own if s.modality != Modality.DENIED]
        if not kept:
            continue
        spans = [d for d, _ in _spans(own)]
        planned = all(s.modality == Modality.PLANNED for s in kept)
        if planned:
            spans = [s.days for s in kept if s.days is not None]
        first = min((d.first for d in spans if d.first), default=None)
        last = max((d.last for d in spans if d.last), default=None)
        over = [day for day in _over_by(own) if first is None or day >= first]
        ordered = sorted(kept, key=lambda s: (s.as_of or date.max, s.claim))
        shown = dict.fromkeys((ordered[0].claim, ordered[-1].claim))
        found.append(
            Tenure(
                claims.nodes.describe(person),
                _text(first),
                _text(last),
                _text(over[0]) if over else None,
                all(s.acting for s in kept),
                planned,
                len(kept),
                len({s.document for s in kept}),
                tuple(claims.view(iri) for iri in shown),
            )
        )
    return tuple(sorted(found, key=lambda t: (t.planned, t.first or "", t.last or "", t.person.iri)))


def _vacancies(tenures: Sequence[Tenure]) -> tuple[Vacancy, ...]:
    """The gaps between holders, and after the last one if it is over."""
    held = [t for t in tenures if not t.planned and t.last is not None]
    gaps: list[Vacancy] = []
    for place, tenure in enumerate(held):
        assert tenure.last is not None
        others = [t for t in held if t.person.iri != tenure.person.iri]
        if any((t.first or "") <= tenure.last < (t.last or "") for t in others):
            continue
        following = next((t for t in held[place + 1 :] if (t.first or "") > tenure.last), None)
        if following is None:
            if tenure.ended_by is not None and all((t.last or "") <= tenure.last for t in others):
                gaps.append(Vacancy(tenure.last, None, tenure.person, None, True))
            continue
        ended = tenure.ended_by is not None and tenure.ended_by < (following.first or "")
        gaps.append(Vacancy(tenure.last, following.first, tenure.person, following.person, ended))
    return tuple(gaps)
