"""What all documents say of things, as far as telling who is who needs it: collected in one pass, in any order."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from math import log2
from sys import intern

from kg.days import Days, find_days
from kg.model import Entity, Extraction, Literal, Modality

_HOLDS = "holdsOffice"
#: Relations of a thing that tell it from others of its name.
_TELLING = frozenset(
    {"partOf", "locatedIn", "operatedBy", "officeOf", "subordinateTo", "replaces", "concerns", "hasParty"}
)


@dataclass(slots=True)
class Thing:
    """An IRI as all documents that use it describe it; `documents` are keys, sorted."""

    iri: str
    kind: str
    names: set[str] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)
    documents: list[str] = field(default_factory=list)

    def values(self, prefix: str) -> set[str]:
        """The values of its keys of one type (``"post:"``)."""
        return {k.removeprefix(prefix) for k in self.keys if k.startswith(prefix)}

    @property
    def is_scoped(self) -> bool:
        """Whether the IRI holds in one document only (its last part ends in the document's scope)."""
        return is_scoped(self.iri)


@dataclass(slots=True)
class Happening:
    """What one document says of an event; ends are IRIs as the document uses them.

    `words` is what it is called; `reported` the document's as-of day.
    """

    iri: str
    kind: str
    words: str
    document: str
    reported: date | None
    people: set[str] = field(default_factory=set)
    places: set[str] = field(default_factory=set)
    concerns: set[str] = field(default_factory=set)
    days: Days | None = None
    planned: bool = False


@dataclass(slots=True)
class Told:
    """One document: its key, as-of day, the IRIs it uses, who holds what in it, what tells things from others."""

    key: str
    identifiers: tuple[str, ...]
    as_of: date | None
    entities: tuple[str, ...]
    held: tuple[tuple[str, str, Modality], ...]
    around: Mapping[str, tuple[str, ...]]
    happenings: list[Happening]


class Knowledge:
    """All documents, by key; all things, by IRI."""

    def __init__(self, extractions: Iterable[Extraction]) -> None:
        self.things: dict[str, Thing] = {}
        self.told: dict[str, Told] = {}
        self._named: dict[str, frozenset[str]] = {}
        for extraction in extractions:
            self._add(extraction)
        self.told = dict(sorted(self.told.items()))
        for thing in self.things.values():
            thing.documents.sort()

    def _add(self, extraction: Extraction) -> None:
        document = extraction.document
        days = find_days(extraction.as_of) if extraction.as_of else None
        as_of = days.last if days is not None else None
        key = document.key
        serial = 2
        while key in self.told:  # extractions of one text, as tests make them
            key, serial = f"{document.key}~{serial}", serial + 1
        happenings: dict[str, Happening] = {}
        for entity in extraction.entities:
            if entity.kind == "Event":
                words = (entity.names[0] if entity.names else "").split(" (")[0].lower()
                happenings[entity.iri] = Happening(entity.iri, entity.subkind or "Event", words, key, as_of)
            else:
                self._enter(entity, key)
        held: list[tuple[str, str, Modality]] = []
        around: defaultdict[str, list[str]] = defaultdict(list)
        for claim in extraction.claims:
            event = happenings.get(claim.subject)
            if event is not None:
                if claim.modality is not Modality.DENIED:
                    _fill(event, claim.predicate, claim.object, claim.modality)
            elif isinstance(claim.object, str) and claim.modality is not Modality.DENIED:
                if claim.predicate == _HOLDS:
                    held.append((intern(claim.subject), intern(claim.object), claim.modality))
                elif claim.predicate in _TELLING:
                    around[intern(claim.subject)].append(intern(claim.object))
        used = tuple(sorted({intern(e.iri) for e in extraction.entities if e.kind != "Event"}))
        self.told[key] = Told(
            key,
            document.identifiers,
            as_of,
            used,
            tuple(sorted(set(held))),
            {iri: tuple(sorted(set(objects))) for iri, objects in sorted(around.items())},
            [happenings[iri] for iri in sorted(happenings)],
        )

    def _enter(self, entity: Entity, document: str) -> None:
        thing = self.things.get(entity.iri)
        if thing is None:
            thing = self.things[intern(entity.iri)] = Thing(entity.iri, entity.kind)
        thing.names.update(entity.names)
        thing.keys.update(entity.keys)
        thing.documents.append(document)

    def of_kind(self, *kinds: str) -> Iterator[Thing]:
        """The things of some top classes, sorted by IRI."""
        for iri in sorted(self.things):
            if self.things[iri].kind in kinds:
                yield self.things[iri]

    def countries(self, office: str) -> set[str]:
        """The countries of an office, by its keys."""
        thing = self.things.get(office)
        return thing.values("country:") if thing is not None else set()

    @cached_property
    def weights(self) -> Mapping[str, float]:
        """Fully named person → how much it says that a document names them: 1 for one, less the more do."""
        counts: Counter[str] = Counter()
        for told in self.told.values():
            counts.update(iri for iri in told.entities if self.is_named_person(iri))
        return {iri: 1 / (1 + log2(n)) for iri, n in counts.items()}

    def is_named_person(self, iri: str) -> bool:
        """Whether `iri` is a person of a name that is the same in all documents."""
        thing = self.things.get(iri)
        return thing is not None and thing.kind == "Person" and not is_scoped(iri)

    def company(self, documents: Sequence[str], *but: str) -> set[str]:
        """The fully named people of some documents, but for some."""
        found: set[str] = set()
        for document in documents:
            people = self._named.get(document)
            if people is None:
                people = frozenset(i for i in self.told[document].entities if i in self.weights)
                self._named[document] = people
            found |= people
        return found.difference(but)

    def rename(self, document: str, renamed: Mapping[str, str]) -> None:
        """Have `document` speak of other IRIs; `things` follow."""
        told = self.told[document]

        def new(iri: str) -> str:
            return renamed.get(iri, iri)

        for old, made in renamed.items():
            thing = self.things[old]
            fresh = self.things.setdefault(made, Thing(made, thing.kind))
            fresh.names |= thing.names
            fresh.keys |= thing.keys
            fresh.documents.append(document)
            thing.documents.remove(document)
        told.entities = tuple(sorted({new(i) for i in told.entities}))
        told.held = tuple(sorted((new(p), new(o), m) for p, o, m in told.held))
        told.around = {new(s): tuple(sorted({new(o) for o in objects})) for s, objects in told.around.items()}
        for event in told.happenings:
            event.people = {new(p) for p in event.people}
        self.__dict__.pop("weights", None)
        self._named.clear()


def _fill(event: Happening, predicate: str, value: str | Literal, modality: Modality) -> None:
    event.planned = event.planned or modality is Modality.PLANNED
    if isinstance(value, Literal):
        if predicate == "date":
            event.days = find_days(value.value)
    elif predicate == "participant":
        event.people.add(intern(value))
    elif predicate == "location":
        event.places.add(intern(value))
    elif predicate == "concerns":
        event.concerns.add(intern(value))


def is_scoped(iri: str) -> bool:
    """Whether an IRI holds in one document only."""
    return "." in iri.rsplit("/", 1)[-1]


def is_state(iri: str) -> bool:
    """Whether an IRI is a country's: its last part is an ISO 3166-1 code."""
    head, _, last = iri.rpartition("/")
    return len(last) == 2 and head.endswith("/place")
