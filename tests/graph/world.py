"""A small world of hand-made extractions: two ministers, a plan, its outcome, a base, a denial."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from kg.model import (
    Claim,
    DateBasis,
    Document,
    Entity,
    EntityMention,
    Extraction,
    Literal,
    Modality,
    Span,
)
from kg.terms import KG, document_iri, entity_iri

A, P, D, F = Modality.ASSERTED, Modality.PLANNED, Modality.DENIED, Modality.FORMER


def iri(kind: str, local: str) -> str:
    return entity_iri(kind, local)


MARTA = iri("Person", "lindqvist-marta")
OLE = iri("Person", "brandt-ole")
MINISTER = iri("Office", "minister-of-defense-nd")
NORLAND = iri("Place", "nd")
PORTAL = iri("Place", "portal-city")
BASE = iri("Facility", "hallen-air-base")

THINGS: Mapping[str, Entity] = {
    e.iri: e
    for e in (
        Entity(MARTA, "Person", None, ("Marta Lindqvist", "Lindqvist"), ("surname:lindqvist",)),
        Entity(OLE, "Person", None, ("Ole Brandt", "Brandt")),
        Entity(MINISTER, "Office", None, ("Minister of Defense, Norland", "Defense Minister")),
        Entity(NORLAND, "Place", "Country", ("Norland",), exact_matches=("https://sws.geonames.org/1/",)),
        Entity(PORTAL, "Place", "City", ("Portal City",), point="POINT(10.5 59.25)"),
        Entity(BASE, "Facility", "MilitaryBase", ("Hallen Air Base",), former_names=("Hallen Field",)),
    )
}


def make(
    name: str,
    text: str,
    said: Iterable[tuple[str, str, str | Literal, Modality, str]] = (),
    *,
    issued: str | None = None,
    as_of: str | None = None,
    mentions: Iterable[tuple[str, str]] = (),
    entities: Iterable[Entity] = (),
    title: str | None = None,
    source: str | None = None,
    boilerplate: tuple[Span, ...] = (),
    attribution: str | None = None,
    confidence: int = 90,
) -> Extraction:
    """An extraction; evidence and mentions are given by the words that stand in `text`."""
    document = Document((name,), text, issued, title, source, boilerplate=boilerplate)

    def find(words: str) -> Span:
        start = text.index(words)
        return Span(start, start + len(words))

    claims = tuple(
        Claim(s, p, o, m, (find(words),), confidence, attribution, rule="by hand")
        for s, p, o, m, words in said
    )
    found = tuple(EntityMention(find(words), words, target) for words, target in mentions)
    own = {e.iri: e for e in entities}
    used = {c.subject for c in claims} | {c.object for c in claims if isinstance(c.object, str)}
    used |= {m.entity_iri for m in found}
    known = [own.get(i) or THINGS[i] for i in sorted(used | set(own)) if i in own or i in THINGS]
    day = as_of or issued
    basis = DateBasis.STATED if issued else DateBasis.INFERRED if day else DateBasis.UNKNOWN
    return Extraction(document, day, basis, tuple(known), found, claims)


def event(kind: str, local: str, *names: str) -> Entity:
    return Entity(iri("Event", local), "Event", kind, names)


MEETING_1, MEETING_2, MEETING_3 = (event("Meeting", f"meeting.{n}.1") for n in "abc")
CALL = event("PhoneCall", "phonecall.a.2")
HELD, PLANNED, DENIED = KG + "held", KG + "planned", KG + "denied"


def plan() -> Extraction:
    text = (
        "Sources said Norland’s Defense Minister Marta Lindqvist will meet Ole Brandt in late March.\n\n"
        "Hallen Air Base near Portal City is run by Norland. The two spoke by phone on 3 March 2024."
    )
    first = "Norland’s Defense Minister Marta Lindqvist will meet Ole Brandt in late March."
    last = "The two spoke by phone on 3 March 2024."
    return make(
        "a/plan.txt",
        text,
        [
            (MEETING_1.iri, "participant", MARTA, P, first),
            (MEETING_1.iri, "participant", OLE, P, first),
            (MEETING_1.iri, "date", Literal("2024-03-21/2024-03-31"), P, first),
            (MEETING_1.iri, "status", PLANNED, P, first),
            (MARTA, "holdsOffice", MINISTER, A, first),
            (MINISTER, "officeOf", NORLAND, A, first),
            (BASE, "operatedBy", NORLAND, A, "Hallen Air Base near Portal City is run by Norland."),
            (CALL.iri, "date", Literal("2024-03-03"), A, last),
            (CALL.iri, "status", HELD, A, last),
        ],
        issued="2024-03-05",
        mentions=[
            ("Marta Lindqvist", MARTA),
            ("Ole Brandt", OLE),
            ("Norland", NORLAND),
            ("Hallen Air Base", BASE),
        ],
        entities=[MEETING_1, CALL],
        source="https://news.example/plan",
        title="A plan",
        attribution="Sources",
    )


def rival_plan() -> Extraction:
    text = "Lindqvist plans to meet Brandt in April 2024, an aide said."
    surname = Entity(iri("Person", "lindqvist.b"), "Person", None, ("Lindqvist",), ("surname:lindqvist",))
    return make(
        "rival.txt",
        text,
        [
            (MEETING_2.iri, "participant", surname.iri, P, text),
            (MEETING_2.iri, "date", Literal("2024-04"), P, text),
            (MEETING_2.iri, "status", PLANNED, P, text),
        ],
        issued="2024-03-10",
        mentions=[("Lindqvist", surname.iri)],
        entities=[MEETING_2, surname],
        attribution="an aide",
    )


def outcome() -> Extraction:
    text = (
        "Lindqvist met Brandt in Portal City on 28 March 2024, the ministry said.\r\n"
        "It denied that Norland runs Hallen Air Base.\x0c"
    )
    first, second = (
        "Lindqvist met Brandt in Portal City on 28 March 2024",
        "It denied that Norland runs Hallen Air Base.",
    )
    return make(
        "outcome.txt",
        text,
        [
            (MEETING_3.iri, "participant", MARTA, A, first),
            (MEETING_3.iri, "participant", OLE, A, first),
            (MEETING_3.iri, "location", PORTAL, A, first),
            (MEETING_3.iri, "date", Literal("2024-03-28"), A, first),
            (MEETING_3.iri, "status", HELD, A, first),
            (BASE, "operatedBy", NORLAND, D, second),
        ],
        issued="2024-03-29",
        mentions=[("Lindqvist", MARTA), ("Portal City", PORTAL)],
        entities=[MEETING_3],
    )


def undated() -> Extraction:
    text = "Café talk: “Ole Brandt” — once minister of defense 🛡 — stayed in Portal City, Norland."
    return make(
        "undated.txt",
        text,
        [
            (OLE, "holdsOffice", MINISTER, F, "once minister of defense"),
            (PORTAL, "locatedIn", NORLAND, A, "Portal City, Norland"),
        ],
        mentions=[("Ole Brandt", OLE)],
        boilerplate=(Span(0, 10),),
    )


def bare() -> Extraction:
    return make("bare.txt", "Nothing of note happened.", as_of="2024-02")


IDENTITY: Mapping[str, str] = {
    MEETING_1.iri: MEETING_3.iri,
    MEETING_2.iri: MEETING_3.iri,
    iri("Person", "lindqvist.b"): MARTA,
}


def identity(extractions: Sequence[Extraction]) -> Mapping[str, str]:
    """What is in, decided by a table: only entities of the given extractions."""
    present = {e.iri for extraction in extractions for e in extraction.entities}
    return {k: v for k, v in IDENTITY.items() if k in present and v in present}


def world() -> list[Extraction]:
    return [plan(), rival_plan(), outcome(), undated(), bare()]


def record(extraction: Extraction) -> str:
    return f"v1-{extraction.document.key}"


def document_of(extraction: Extraction) -> str:
    return document_iri(extraction.document.key)


def renamed(extraction: Extraction, *names: str) -> Extraction:
    return replace(extraction, document=replace(extraction.document, identifiers=names))
