"""What follows from the union of all claims: entities with one label and class, flat facts.

Single-valued things are chosen here, after the union, by rules that do not depend on any order.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import pyoxigraph as ox

from kg.catalog.ontology import Ontology
from kg.days import Days, find_days, find_plausible_days
from kg.graph import rdf
from kg.graph.assembly import Canonical, StatedClaim
from kg.model import WKT_DATATYPE, Extraction, Literal, Modality, Status
from kg.terms import KG

#: The codes of ISO 3166-1 and 3166-2 are the last part of the IRIs of countries and their divisions.
_ISO_CODE = re.compile(r"/id/place/([a-z]{2}(?:-[a-z0-9]{1,3})?)\Z")
#: Of statuses reported on one day, the one that stands is the one that can only come later.
_LATER_STATUS: Mapping[str, int] = {
    KG + status.value: rank
    for rank, status in enumerate(
        (Status.PROPOSED, Status.PLANNED, Status.DENIED, Status.CANCELLED, Status.ONGOING, Status.HELD)
    )
}
#: An event of such a status is described by what is planned.
_PLANNED_STATUSES = frozenset(KG + s.value for s in (Status.PLANNED, Status.PROPOSED))
_HELD = KG + Status.HELD.value
_CANCELLED = KG + Status.CANCELLED.value
_STATUS_OF_MODALITY: Mapping[Modality, str] = {
    Modality.ASSERTED: KG + Status.HELD.value,
    Modality.PLANNED: KG + Status.PLANNED.value,
    Modality.DENIED: KG + Status.DENIED.value,
}


@dataclass(frozen=True, slots=True)
class Fact:
    """A flat triple by its canonical ends; the predicate is a local name."""

    subject: str
    predicate: str
    object: str | Literal

    @property
    def quad(self) -> ox.Quad:
        """The triple as RDF."""
        return ox.Quad(rdf.iri(self.subject), rdf.vocabulary(self.predicate), rdf.term(self.object))


@dataclass(slots=True)
class Profile:
    """What documents say a thing is and is called; `own` counts fullest names given under its own IRI."""

    classes: Counter[tuple[str, str]] = field(default_factory=Counter)
    own: Counter[str] = field(default_factory=Counter)
    fullest: Counter[str] = field(default_factory=Counter)
    names: set[str] = field(default_factory=set)
    former: set[str] = field(default_factory=set)
    matches: set[str] = field(default_factory=set)
    points: Counter[str] = field(default_factory=Counter)

    @property
    def kind(self) -> str:
        """The top class that most records give; of equals the first by name."""
        totals: Counter[str] = Counter()
        for (kind, _), count in self.classes.items():
            totals[kind] += count
        return _most(totals)

    @property
    def subkind(self) -> str | None:
        """The most specific class that most records of the kind give; of equals the first by name."""
        kind = self.kind
        found: Counter[str] = Counter()
        for (of, subkind), count in self.classes.items():
            if of == kind and subkind and subkind != kind:
                found[subkind] += count
        return _most(found) if found else None


def _most(counts: Counter[str]) -> str:
    return min(counts, key=lambda name: (-counts[name], name))


class Profiles:
    """Profiles of all canonical entities, collected document by document in any order."""

    def __init__(self) -> None:
        self._profiles: dict[str, Profile] = {}

    def add(self, extraction: Extraction, canonical: Canonical) -> None:
        """Take in the entities of one document."""
        for entity in extraction.entities:
            iri = canonical(entity.iri)
            profile = self._profiles.setdefault(iri, Profile())
            profile.classes[entity.kind, entity.subkind or ""] += 1
            names = [clean for name in entity.names if (clean := " ".join(name.split()))]
            if names:
                profile.fullest[names[0]] += 1
                if entity.iri == iri:
                    profile.own[names[0]] += 1
            profile.names.update(names)
            profile.former.update(clean for name in entity.former_names if (clean := " ".join(name.split())))
            profile.matches.update(entity.exact_matches)
            if entity.point is not None:
                profile.points[entity.point] += 1

    def __iter__(self) -> Iterator[tuple[str, Profile]]:
        return iter(sorted(self._profiles.items()))

    def kinds(self) -> dict[str, str]:
        """Canonical IRI → top class."""
        return {iri: profile.kind for iri, profile in self._profiles.items()}

    def labels(self, facts: Mapping[str, Sequence[Fact]], ontology: Ontology) -> dict[str, str]:
        """Canonical IRI → label; events without a name get theirs from `facts`, the flat facts by subject."""
        labels = {iri: label for iri, p in self._profiles.items() if (label := _find_name(p)) is not None}
        named = dict(labels)
        for iri, profile in self._profiles.items():
            if iri in labels:
                continue
            if profile.kind == "Event":
                labels[iri] = event_label(profile, facts.get(iri, ()), named, ontology)
            elif profile.names:
                labels[iri] = min(profile.names)
            else:
                labels[iri] = iri.rsplit("/", 1)[-1].replace("-", " ")
        return labels


def _find_name(profile: Profile) -> str | None:
    """The most frequent of the fullest names, of those under the thing's own IRI if there are any; or None.

    Of equally frequent names the one of more words, then the longer, then the first by code points.
    """
    counts = profile.own or profile.fullest
    if profile.kind == "Event":
        counts = Counter({name: count for name, count in counts.items() if _is_proper(name)})
    return min(counts, key=lambda n: (-counts[n], -len(n.split()), -len(n), n)) if counts else None


def _is_proper(name: str) -> bool:
    """Whether an event's name is its own: "Exercise Keen Edge", not "the talks" or "Talks (Japan, Fiji)"."""
    return sum(word[0].isupper() for word in name.split(" (")[0].split()) > 1


def event_label(profile: Profile, facts: Iterable[Fact], names: Mapping[str, str], ontology: Ontology) -> str:
    """What happened, to whom or where, and when; in a document's own words where the slots say nothing.

    An event that was not held says so: "Visit: Ada Roe, Ann Lee (proposed)".
    """
    slots: dict[str, list[str]] = {}
    for fact in facts:
        if fact.predicate == "status" and fact.object != _HELD and isinstance(fact.object, str):
            slots["status"] = [fact.object.removeprefix(KG)]
            continue
        value = fact.object.value if isinstance(fact.object, Literal) else names.get(fact.object)
        if value is not None:
            slots.setdefault(fact.predicate, []).append(value)
    who = next((sorted(slots[slot]) for slot in ("participant", "concerns", "location") if slot in slots), [])
    declared = ontology.classes.get(profile.subkind or "")
    told = _most(profile.fullest) if profile.fullest else profile.kind
    if declared is not None and (who or not profile.fullest):
        words = declared.label.capitalize()
    else:
        words = told.split(" (")[0] if who else told
    how = ", ".join(slots[slot][0] for slot in ("status", "date") if slot in slots)
    return words + (f": {', '.join(who)}" if who else "") + (f" ({how})" if how else "")


def entity_quads(iri: str, profile: Profile, label: str) -> Iterator[ox.Quad]:
    """The triples that say what an entity is and is called."""
    me = rdf.iri(iri)
    yield ox.Quad(me, rdf.TYPE, rdf.vocabulary(profile.kind))
    if profile.subkind is not None:
        yield ox.Quad(me, rdf.TYPE, rdf.vocabulary(profile.subkind))
    yield ox.Quad(me, rdf.PREF_LABEL, rdf.name_literal(label))
    for name in sorted(profile.names - {label} - profile.former):
        yield ox.Quad(me, rdf.ALT_LABEL, rdf.name_literal(name))
    for name in sorted(profile.former - {label}):
        yield ox.Quad(me, rdf.vocabulary("formerName"), rdf.name_literal(name))
    for match in sorted(profile.matches):
        yield ox.Quad(me, rdf.EXACT_MATCH, rdf.iri(match))
    code = _ISO_CODE.search(iri) if profile.kind == "Place" and profile.subkind != "City" else None
    if code is not None:
        yield ox.Quad(me, rdf.NOTATION, ox.Literal(code[1].upper()))
    if profile.points:
        yield ox.Quad(me, rdf.vocabulary("point"), rdf.term(Literal(_most(profile.points), WKT_DATATYPE)))


def flat_facts(claims: Iterable[StatedClaim], kinds: Mapping[str, str]) -> Iterator[Fact]:
    """The flat facts that `claims` support, sorted by subject.

    Of things other than events, what is asserted. An event's slots are those of the latest planned claims
    while its latest status is planned or proposed; of the latest claims of any kind, planned or asserted,
    once it is cancelled; of the asserted claims else. `kg:status` and `kg:date` have one value. A denied or
    former claim gives no fact, but an event of which there are only denials has the status denied.
    """
    ordered = sorted(claims, key=lambda c: (c.subject, c.iri))
    for subject, group in groupby(ordered, key=lambda c: c.subject):
        about = list(group)
        if kinds.get(subject) == "Event":
            yield from sorted(_event_facts(subject, about), key=_fact_key)
        else:
            yield from sorted(_thing_facts(subject, about), key=_fact_key)


def _fact_key(fact: Fact) -> tuple[str, str, str]:
    return (fact.subject, fact.predicate, str(rdf.term(fact.object)))


def _thing_facts(subject: str, claims: Sequence[StatedClaim]) -> set[Fact]:
    asserted = [c for c in claims if c.modality is Modality.ASSERTED]
    facts = {Fact(subject, c.predicate, c.object) for c in asserted if c.predicate != "date"}
    return facts | _date_fact(subject, [c for c in asserted if c.predicate == "date"])


def _event_facts(subject: str, claims: Sequence[StatedClaim]) -> set[Fact]:
    status = choose_status(claims)
    facts = {Fact(subject, "status", status)} if status else set()
    slots = sorted((c for c in claims if c.predicate != "status"), key=lambda c: c.predicate)
    for predicate, group in groupby(slots, key=lambda c: c.predicate):
        chosen = _slot_claims(list(group), status)
        if predicate == "date":
            facts |= _date_fact(subject, chosen)
        else:
            facts |= {Fact(subject, predicate, c.object) for c in chosen}
    return facts


def _slot_claims(claims: Sequence[StatedClaim], status: str | None) -> list[StatedClaim]:
    """The claims of one slot that count for an event of the given status."""
    plans = [c for c in claims if c.modality is Modality.PLANNED]
    asserted = [c for c in claims if c.modality is Modality.ASSERTED]
    if status == _CANCELLED:
        return _latest(plans + asserted)
    return _latest(plans) if status in _PLANNED_STATUSES and plans else asserted


def _latest(claims: Sequence[StatedClaim]) -> list[StatedClaim]:
    """Those of the latest document."""
    latest = max((c.when for c in claims), default=None)
    return [c for c in claims if c.when == latest]


def choose_status(claims: Iterable[StatedClaim]) -> str | None:
    """The IRI of an event's latest status; None if nothing is claimed of it.

    The latest document decides; on one day, and in one document, what can only come later stands: held after
    ongoing, cancelled, denied, planned, proposed. Without any word on its status an event is as its other
    claims put it.
    """
    reported: list[tuple[tuple[str, int, str], str]] = []
    implied: list[tuple[tuple[str, int, str], str]] = []
    for claim in claims:
        if claim.modality is Modality.FORMER:
            continue
        status = _STATUS_OF_MODALITY[claim.modality]
        if claim.predicate == "status" and claim.modality is not Modality.DENIED:
            status = claim.object.value if isinstance(claim.object, Literal) else claim.object
        key = (claim.as_of, _LATER_STATUS.get(status, -1), status)
        (reported if claim.predicate == "status" else implied).append((key, status))
    return max(reported or implied)[1] if reported or implied else None


def _date_fact(subject: str, claims: Sequence[StatedClaim]) -> set[Fact]:
    """The date that lies in those of the most documents, the shortest of these: at most one fact."""
    values = {c.object for c in claims if isinstance(c.object, Literal)}
    if not values:
        return set()
    said = {(c.document, c.object) for c in claims if isinstance(c.object, Literal)}
    best = {v: max(c.confidence for c in claims if c.object == v) for v in values}

    def rank(value: Literal) -> tuple[int, int, int, int, str]:
        days = find_days(value.value)
        allowed = len({document for document, other in said if _covers(other, value)})
        stated = sum(1 for _, other in said if other == value)
        length = days.length if days is not None else 2_000_000_000
        return (-allowed, length, -stated, -best[value], value.value)

    return {Fact(subject, "date", min(values, key=rank))}


def _covers(wide: Literal, narrow: Literal) -> bool:
    """Whether all days of one date lie in the other, widened if it is approximate."""
    outer, inner = find_plausible_days(wide.value), find_days(narrow.value)
    return wide == narrow or (outer is not None and inner is not None and outer.covers(inner))


def compatible(one: str | Literal, other: str | Literal) -> bool:
    """Whether two objects of a single-valued relation may both be right: equal, or dates that share a day."""
    if one == other:
        return True
    if not isinstance(one, Literal) or not isinstance(other, Literal):
        return False
    first, second = find_plausible_days(one.value), find_plausible_days(other.value)
    return first is not None and second is not None and first.overlaps(second)


def day_quads(facts: Sequence[Fact]) -> Iterator[ox.Quad]:
    """`kg:start` and `kg:end` from the `kg:date` among the facts of a subject; absent where it is open."""
    for fact in facts:
        if fact.predicate == "date" and isinstance(fact.object, Literal):
            days = find_days(fact.object.value) or Days(None, None)
            me = rdf.iri(fact.subject)
            if days.first is not None:
                yield ox.Quad(me, rdf.vocabulary("start"), rdf.day_literal(days.first.isoformat()))
            if days.last is not None:
                yield ox.Quad(me, rdf.vocabulary("end"), rdf.day_literal(days.last.isoformat()))
