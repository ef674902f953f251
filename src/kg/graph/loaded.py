"""What RDF that was loaded said by a day: its claims of later documents taken out, its flat facts derived anew.

Documents, claims and mentions are those that the day knows. A thing of which only later documents speak is taken out;
one of which no document speaks stays, as do facts that no claim supports: they come from elsewhere. Names stay as they
are, apart from those that events are given for their slots.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import groupby
from pathlib import Path

import pyoxigraph as ox

from kg.catalog.ontology import Ontology
from kg.graph import rdf
from kg.graph.assembly import Part, StatedClaim
from kg.graph.derivation import Fact, Profile, day_quads, event_label, flat_facts
from kg.graph.generation import read_lines, write_part
from kg.graph.serialization import parse_lines
from kg.graph.sorting import LineSorter
from kg.model import Literal, Modality
from kg.terms import KG, KIND_SEGMENTS, RDF, SKOS, parse_passage

_MODALITIES: Mapping[str, Modality] = {KG + m.value: m for m in Modality}
_LINKS = (KG + "contradicts", KG + "supersedes")
_LABEL = SKOS + "prefLabel"


def cut_to_day(loaded: Path, day: date, target: Path, ontology: Ontology) -> Path:
    """Write below `target` the parts of the folder `loaded` as they stood on `day`; the folder that holds them."""
    made = target / f"loaded-{loaded.name}"
    made.mkdir()
    cut = _Cut(loaded, day.isoformat(), ontology)
    for part in Part:
        sorter = LineSorter(target, f"{loaded.name}-{part.value}")
        for quad in cut.quads(part):
            sorter.add(rdf.line(quad))
        with (made / f"{part.value}.nt.gz").open("wb") as raw:
            write_part(sorter.lines(), raw)
    return made


class _Cut:
    """One loaded folder on one day."""

    def __init__(self, loaded: Path, day: str, ontology: Ontology) -> None:
        self._loaded = loaded
        self._ontology = ontology
        self._relations = {KG + name for name in ontology.relations}
        self._days = self._read_days()
        self._late = {iri for iri, as_of in self._days.items() if not as_of or as_of > day}
        self._late_claims: set[str] = set()
        self._claims: list[StatedClaim] = []
        self._claimed: set[tuple[str, str, str]] = set()
        self._known: set[str] = set()
        self._unknown: set[str] = set()
        self._read_claims()
        self._read_mentions()

    def quads(self, part: Part) -> Iterator[ox.Quad]:
        """What is left of a part."""
        if part is Part.FACTS:
            yield from self._facts()
            return
        for subject, quads in self._groups(part):
            if part is Part.IDENTITY or not self._is_late(subject):
                yield from (q for q in quads if not self._is_late_link(q))

    def _groups(self, part: Part) -> Iterator[tuple[str, list[ox.Quad]]]:
        lines = parse_lines(read_lines(self._loaded / f"{part.value}.nt.gz"))
        for subject, group in groupby(lines, key=lambda q: q.subject):
            yield subject.value if isinstance(subject, ox.NamedNode) else str(subject), list(group)

    def _is_late(self, subject: str) -> bool:
        passage = parse_passage(subject)
        return subject in self._late_claims or (passage[0] if passage else subject) in self._late

    def _is_late_link(self, quad: ox.Quad) -> bool:
        return quad.predicate.value in _LINKS and _text(quad.object) in self._late_claims

    def _read_days(self) -> dict[str, str]:
        days: dict[str, str] = {}
        for subject, quads in self._groups(Part.DOCUMENTS):
            found = _values(quads)
            if KG + "Document" in found[RDF + "type"]:
                days[subject] = min(found[KG + "asOf"], default="")
        return days

    def _read_claims(self) -> None:
        for subject, quads in self._groups(Part.CLAIMS):
            said = _claim(subject, quads, self._days)
            if said is None:
                continue
            ends = {said.subject, *([said.object] if isinstance(said.object, str) else ())}
            self._claimed.add((said.subject, KG + said.predicate, str(rdf.term(said.object))))
            if said.document in self._late:
                self._late_claims.add(subject)
                self._unknown |= ends
            else:
                self._claims.append(said)
                self._known |= ends

    def _read_mentions(self) -> None:
        for subject, quads in self._groups(Part.MENTIONS):
            named = {_text(q.object) for q in quads if q.predicate.value == KG + "refersTo"}
            if self._is_late(subject):
                self._unknown |= named
            else:
                self._known |= named

    def _facts(self) -> Iterator[ox.Quad]:
        gone = self._unknown - self._known
        about = {s: quads for s, quads in self._groups(Part.FACTS) if s not in gone}
        kinds = {s: kind for s, quads in about.items() if (kind := _kind(quads)) is not None}
        facts: dict[str, list[Fact]] = defaultdict(list)
        for fact in flat_facts(self._claims, kinds):
            facts[fact.subject].append(fact)
        claimed = {s for s, _, _ in self._claimed}
        labels = {s: min(_values(quads)[_LABEL], default=s) for s, quads in about.items()}
        for subject, quads in about.items():
            relabelled = kinds.get(subject) == "Event" and subject in claimed and _is_made(labels[subject])
            for quad in quads:
                predicate = quad.predicate.value
                stated = (subject, predicate, str(quad.object)) in self._claimed
                derived = subject in claimed and predicate in (KG + "start", KG + "end", KG + "status")
                if not (
                    derived
                    or (predicate in self._relations and stated)
                    or (relabelled and predicate == _LABEL)
                ):
                    yield quad
            if relabelled:
                words = event_label(_profile(quads), facts.get(subject, ()), labels, self._ontology)
                yield ox.Quad(rdf.iri(subject), rdf.PREF_LABEL, rdf.name_literal(words))
        for found in facts.values():
            yield from (fact.quad for fact in found)
            yield from day_quads(found)


def _is_made(label: str) -> bool:
    """Whether an event's label is made of its slots: "Visit: Ada Roe (proposed)"."""
    return ": " in label or label.endswith(")")


def _profile(quads: Iterable[ox.Quad]) -> Profile:
    """What an event is and was called, without its label."""
    found = _values(quads)
    types = sorted(t.removeprefix(KG) for t in found[RDF + "type"])
    profile = Profile(fullest=Counter(found[SKOS + "altLabel"]))
    profile.classes.update({("Event", name): 1 for name in types if name != "Event"} or {("Event", ""): 1})
    return profile


def _claim(subject: str, quads: Iterable[ox.Quad], days: Mapping[str, str]) -> StatedClaim | None:
    """The claim that `quads` state, or None if they state none of ours."""
    found = _values(quads)
    modality = next((m for t, m in _MODALITIES.items() if t in found[RDF + "type"]), None)
    ends = [min(found[RDF + end], default=None) for end in ("subject", "predicate")]
    objects = sorted((q.object for q in quads if q.predicate.value == RDF + "object"), key=str)
    document = min(found[KG + "document"], default="")
    if modality is None or ends[0] is None or ends[1] is None or not objects:
        return None
    value = objects[0]
    target = Literal(value.value, value.datatype.value) if isinstance(value, ox.Literal) else _text(value)
    return StatedClaim(
        subject,
        ends[0],
        ends[1].removeprefix(KG),
        target,
        modality,
        document,
        days.get(document, ""),
        round(100 * float(min(found[KG + "confidence"], default="0"))),
        min(found[KG + "validTime"], default=None),
    )


def _values(quads: Iterable[ox.Quad]) -> defaultdict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for quad in quads:
        found[quad.predicate.value].append(_text(quad.object))
    return found


def _kind(quads: Iterable[ox.Quad]) -> str | None:
    types = {_text(q.object).removeprefix(KG) for q in quads if q.predicate.value == RDF + "type"}
    return next((kind for kind in KIND_SEGMENTS if kind in types), None)


def _text(term: object) -> str:
    return term.value if isinstance(term, ox.NamedNode | ox.Literal) else str(term)
