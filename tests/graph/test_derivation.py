from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import permutations

import graph_world as w
import pytest

from kg.catalog.ontology import Ontology
from kg.graph.assembly import StatedClaim, follow
from kg.graph.derivation import (
    Fact,
    Profiles,
    choose_status,
    compatible,
    day_quads,
    entity_quads,
    flat_facts,
)
from kg.model import Entity, Extraction, Literal, Modality
from kg.terms import KG

A, P, D, F = Modality.ASSERTED, Modality.PLANNED, Modality.DENIED, Modality.FORMER
EVENT = w.MEETING_1.iri


def claim(
    predicate: str,
    value: str | Literal,
    modality: Modality,
    day: str = "2024-01-01",
    document: str = "d1",
    subject: str = EVENT,
    confidence: int = 80,
) -> StatedClaim:
    name = f"x:{subject}{predicate}{value}{modality}{day}{document}{confidence}"
    return StatedClaim(name, subject, predicate, value, modality, f"x:{document}", day, confidence, None)


def status(value: str, modality: Modality, day: str = "2024-01-01", document: str = "d1") -> StatedClaim:
    return claim("status", KG + value, modality, day, document)


def date(value: str, modality: Modality, day: str = "2024-01-01", document: str = "d1") -> StatedClaim:
    return claim("date", Literal(value), modality, day, document)


def facts(claims: Iterable[StatedClaim], kind: str = "Event") -> set[tuple[str, str]]:
    found = flat_facts(claims, {EVENT: kind, w.MARTA: "Person"})
    return {(f.predicate, f.object.value if isinstance(f.object, Literal) else f.object) for f in found}


def test_only_what_is_asserted_of_a_thing_is_a_fact() -> None:
    claims = [claim("holdsOffice", f"x:{modality}", modality, subject=w.MARTA) for modality in Modality]
    assert facts(claims) == {("holdsOffice", "x:Asserted")}


def test_a_planned_event_has_the_slots_of_the_latest_plan() -> None:
    claims = [
        status("planned", P, "2024-01-01", "d1"),
        date("2024-03", P, "2024-01-01", "d1"),
        claim("location", "x:old", P, "2024-01-01", "d1"),
        claim("participant", w.OLE, P, "2024-01-01", "d1"),
        status("proposed", P, "2024-02-01", "d2"),
        date("2024-04", P, "2024-02-01", "d2"),
        claim("location", "x:new", P, "2024-02-01", "d2"),
    ]
    assert facts(claims) == {
        ("status", KG + "proposed"),
        ("date", "2024-04"),
        ("location", "x:new"),
        ("participant", w.OLE),
    }


def test_an_event_that_was_held_has_the_slots_that_are_asserted() -> None:
    claims = [
        status("planned", P),
        date("2024-04", P),
        claim("participant", w.OLE, P),
        status("held", A, "2024-03-29", "d2"),
        claim("participant", w.MARTA, A, "2024-03-29", "d2"),
    ]
    assert facts(claims) == {("status", KG + "held"), ("participant", w.MARTA)}


def test_a_cancelled_event_keeps_what_was_last_planned() -> None:
    claims = [
        status("planned", P),
        date("2024-04", P),
        claim("participant", w.OLE, P),
        status("cancelled", A, "2024-03-29", "d2"),
        claim("participant", w.MARTA, A, "2024-03-29", "d2"),
    ]
    assert facts(claims) == {("status", KG + "cancelled"), ("date", "2024-04"), ("participant", w.MARTA)}


def test_a_denied_event_has_a_status_and_nothing_else() -> None:
    denied = [status("denied", D), claim("participant", w.OLE, D), date("2024-01", D)]
    assert facts(denied) == {("status", KG + "denied")}
    assert facts([claim("participant", w.OLE, D)]) == {("status", KG + "denied")}


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ([status("planned", P, "2024-01-01"), status("held", A, "2024-02-01")], "held"),
        ([status("held", A, "2024-01-01"), status("planned", P, "2024-02-01")], "planned"),
        ([status("held", A, "2024-01-01", "d9"), status("planned", P, "2024-01-01", "d1")], "held"),
        ([status("ongoing", A, ""), status("planned", P, "2024-01-01")], "planned"),
        ([status("proposed", P), status("planned", P)], "planned"),
        ([status("cancelled", A, "2024-02-01"), status("planned", P)], "cancelled"),
        ([claim("participant", w.OLE, P)], "planned"),
        ([claim("participant", w.OLE, A)], "held"),
        ([status("ongoing", F), claim("participant", w.OLE, P)], "planned"),
    ],
)
def test_the_latest_status_stands(claims: list[StatedClaim], expected: str) -> None:
    for order in permutations(claims):
        assert choose_status(order) == KG + expected


def test_what_is_only_former_has_no_status() -> None:
    assert choose_status([status("ongoing", F)]) is None
    assert facts([status("ongoing", F)]) == set()


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (["2024-03-28"], "2024-03-28"),
        (["2024-03", "2024-03", "2024-03-28"], "2024-03-28"),
        (["2024-03-28", "2024-03-28", "2024-05-01"], "2024-03-28"),
        (["2024-03-28", "2024-05-01", "2024"], "2024-03-28"),
        (["2024", "sometime"], "2024"),
    ],
)
def test_the_date_is_the_one_most_documents_allow(dates: list[str], expected: str) -> None:
    claims = [date(value, A, document=f"d{i}") for i, value in enumerate(dates)]
    for order in permutations(claims):
        assert [v for p, v in facts(order) if p == "date"] == [expected]
        assert [v for p, v in facts(order, "Agreement") if p == "date"] == [expected]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (Literal("2024-03"), Literal("2024-03-28"), True),
        (Literal("2024-04/.."), Literal("2030"), True),
        (Literal("2024-03"), Literal("2024-04"), False),
        (Literal("2024-03~"), Literal("2024-04-02"), True),
        ("x:a", "x:b", False),
        ("x:a", "x:a", True),
        (Literal("x"), Literal("y"), False),
    ],
)
def test_compatible_values(one: str | Literal, other: str | Literal, expected: bool) -> None:
    assert compatible(one, other) is compatible(other, one) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2024-03", {"start": "2024-03-01", "end": "2024-03-31"}),
        ("2024-03~", {"start": "2024-03-01", "end": "2024-03-31"}),
        ("2024-03/..", {"start": "2024-03-01"}),
        ("../2024-03", {"end": "2024-03-31"}),
        ("soon", {}),
    ],
)
def test_first_and_last_day(value: str, expected: dict[str, str]) -> None:
    quads = day_quads([Fact(EVENT, "date", Literal(value))])
    assert {q.predicate.value.removeprefix(KG): q.object.value for q in quads} == expected


def named(*entities: Entity) -> Extraction:
    return w.make(f"{len(entities)}{entities[0].names}", f"{entities}", entities=entities)


def profiles(*extractions: Extraction, identity: dict[str, str] | None = None) -> Profiles:
    made = Profiles()
    for extraction in extractions:
        made.add(extraction, follow(identity or {}))
    return made


def test_the_label_is_the_most_frequent_full_name(ontology: Ontology) -> None:
    full, short = "Marta Eva Lindqvist", "Marta Lindqvist"
    one = named(Entity(w.MARTA, "Person", None, (short, "Lindqvist")))
    other = named(Entity(w.MARTA, "Person", None, (full,)))
    assert profiles(one, one, other).labels({}, ontology)[w.MARTA] == short
    assert profiles(one, other).labels({}, ontology)[w.MARTA] == full


def test_the_names_of_weak_mentions_do_not_outvote_the_full_name(ontology: Ontology) -> None:
    weak = [named(Entity(f"x:lindqvist.{i}", "Person", None, ("Lindqvist",))) for i in range(5)]
    strong = named(Entity(w.MARTA, "Person", None, ("Marta Lindqvist",)))
    made = profiles(*weak, strong, identity={f"x:lindqvist.{i}": w.MARTA for i in range(5)})
    assert made.labels({}, ontology) == {w.MARTA: "Marta Lindqvist"}
    ((iri, profile),) = list(made)
    names = {
        (q.predicate.value.rsplit("#")[-1], q.object.value)
        for q in entity_quads(iri, profile, "Marta Lindqvist")
    }
    assert names == {("type", KG + "Person"), ("prefLabel", "Marta Lindqvist"), ("altLabel", "Lindqvist")}


@pytest.mark.parametrize(
    ("records", "kind", "subkind"),
    [
        ([("Place", "City"), ("Place", "City"), ("Place", "Region")], "Place", "City"),
        ([("Place", "Region"), ("Place", "City")], "Place", "City"),
        ([("Place", None), ("Place", None), ("Place", "City")], "Place", "City"),
        ([("Facility", "Port"), ("Facility", "Port"), ("Place", "City")], "Facility", "Port"),
        ([("Place", "City"), ("Facility", "Port")], "Facility", "Port"),
        ([("Place", "Place")], "Place", None),
    ],
)
def test_the_class_is_that_of_most_documents(
    records: list[tuple[str, str | None]], kind: str, subkind: str | None
) -> None:
    for order in permutations(records):
        ((_, profile),) = profiles(*(named(Entity("x:p", k, s, ("P",))) for k, s in order))
        assert (profile.kind, profile.subkind) == (kind, subkind)


def test_events_without_a_name_are_called_by_what_happened(ontology: Ontology) -> None:
    told = named(w.event("PhoneCall", "e", "the talks"), w.THINGS[w.OLE], w.THINGS[w.MARTA])
    event = w.iri("Event", "e")
    about = [
        Fact(event, "participant", w.MARTA),
        Fact(event, "participant", w.OLE),
        Fact(event, "date", Literal("2024-03~")),
    ]
    labels = profiles(told).labels({event: about}, ontology)
    assert labels[event] == "Phone call: Marta Lindqvist, Ole Brandt (2024-03~)"
    assert profiles(told).labels({}, ontology)[event] == "the talks"
    assert profiles(named(w.event("PhoneCall", "e"))).labels({}, ontology)[event] == "Phone call"
    vague = named(replace(w.event("Event", "e", "Turmoil (Norland)"), subkind=None), w.THINGS[w.NORLAND])
    where = [Fact(event, "location", w.NORLAND), Fact(event, "concerns", "x:unnamed")]
    assert profiles(vague).labels({event: where}, ontology)[event] == "Turmoil: Norland"


def test_events_with_a_name_of_their_own_keep_it(ontology: Ontology) -> None:
    own = named(w.event("Exercise", "e", "Northern Shield 24"))
    described = named(w.event("Exercise", "f", "Drills (Norland, Marta Lindqvist)"))
    assert profiles(own).labels({}, ontology) == {w.iri("Event", "e"): "Northern Shield 24"}
    assert profiles(described).labels({}, ontology) == {
        w.iri("Event", "f"): "Drills (Norland, Marta Lindqvist)"
    }
    about = {w.iri("Event", "f"): [Fact(w.iri("Event", "f"), "date", Literal("2024"))]}
    assert profiles(described).labels(about, ontology)[w.iri("Event", "f")].endswith("Lindqvist) (2024)")


def test_a_thing_without_any_name_is_called_by_its_iri(ontology: Ontology) -> None:
    assert profiles(named(Entity("x:id/place/grey-hill", "Place", None, ()))).labels({}, ontology) == {
        "x:id/place/grey-hill": "grey hill"
    }


def test_names_matches_and_points_of_all_documents(ontology: Ontology) -> None:
    one = Entity(
        w.PORTAL, "Place", "City", ("Portal City", "Portal"), point="POINT(1 2)", exact_matches=("x:1",)
    )
    two = Entity(
        w.PORTAL, "Place", "City", ("Portal  City",), exact_matches=("x:2",), former_names=("Oldport",)
    )
    ((iri, profile),) = profiles(named(one), named(one), named(two))
    found = sorted(
        (q.predicate.value.rsplit("#")[-1], str(q.object)) for q in entity_quads(iri, profile, "Portal City")
    )
    assert found == sorted(
        [
            ("type", f"<{KG}Place>"),
            ("type", f"<{KG}City>"),
            ("prefLabel", '"Portal City"@en'),
            ("altLabel", '"Portal"@en'),
            ("formerName", '"Oldport"@en'),
            ("exactMatch", "<x:1>"),
            ("exactMatch", "<x:2>"),
            ("point", '"POINT(1 2)"^^<http://www.opengis.net/ont/geosparql#wktLiteral>'),
        ]
    )


@pytest.mark.parametrize(
    ("status", "ending"),
    [("held", " (2024-03~)"), ("proposed", " (proposed, 2024-03~)"), ("cancelled", " (cancelled, 2024-03~)")],
)
def test_an_event_that_was_not_held_says_so(ontology: Ontology, status: str, ending: str) -> None:
    event = w.iri("Event", "e")
    told = named(w.event("PhoneCall", "e"), w.THINGS[w.MARTA])
    about = [
        Fact(event, "participant", w.MARTA),
        Fact(event, "status", KG + status),
        Fact(event, "date", Literal("2024-03~")),
    ]
    assert profiles(told).labels({event: about}, ontology)[event] == "Phone call: Marta Lindqvist" + ending
    assert profiles(told).labels({event: about[:2]}, ontology)[event].endswith(f"({status})") is (
        status != "held"
    )
