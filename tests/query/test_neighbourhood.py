from __future__ import annotations

from types import ModuleType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.errors import QueryError, UnknownEntity
from kg.graph.store import StoreReader
from kg.query.neighbourhood import neighbourhood
from kg.query.nodes import OBJECT, SUBJECT, term_text
from kg.terms import KG

MEETING = "https://kg.example/id/event/meeting.c.1"


def test_every_edge_has_its_claims_and_their_sentences(reader: StoreReader) -> None:
    found = neighbourhood(reader, "Marta Lindqvist", depth=2)
    assert found.edges
    for edge in found.edges:
        assert edge.claim_count == len(edge.claims) > 0
        for claim in edge.claims:
            assert [term_text(q.object) for q in reader.quads(claim.claim, SUBJECT)] == [edge.source]
            assert [term_text(q.object) for q in reader.quads(claim.claim, OBJECT)] == [edge.target]
            document = reader.document(claim.document)
            assert document is not None
            assert document.text[claim.start : claim.end] == claim.quote != ""


def test_plans_denials_and_past_states_are_flagged_not_mixed(
    reader: StoreReader, asked_world: ModuleType
) -> None:
    w = asked_world.w
    found = neighbourhood(reader, w.MARTA, depth=3)
    modes = {(e.source, e.predicate, e.target): set() for e in found.edges}
    for e in found.edges:
        modes[e.source, e.predicate, e.target].add(e.modality)
    assert modes[MEETING, "kg:participant", w.MARTA] == {"Asserted", "Planned"}
    assert modes[w.BASE, "kg:operatedBy", w.NORLAND] == {"Asserted", "Denied"}
    assert modes[w.OLE, "kg:holdsOffice", w.MINISTER] == {"Former"}
    assert modes[w.MARTA, "kg:holdsOffice", w.MINISTER] == {"Asserted"}


def test_nodes_tell_how_far_they_are_and_what_is_known_of_them(
    reader: StoreReader, asked_world: ModuleType
) -> None:
    found = neighbourhood(reader, asked_world.w.MARTA, depth=2)
    hops = {n.iri: n.hops for n in found.nodes}
    assert hops[asked_world.w.MARTA] == 0
    assert hops[MEETING] == 1
    assert hops[asked_world.w.PORTAL] == 2
    meeting = next(n for n in found.nodes if n.iri == MEETING)
    assert meeting.attributes == {"date": ("2024-03-28",), "status": ("held",)}
    assert (meeting.kind, meeting.subkind) == ("Event", "Meeting")
    assert not any(n.iri.startswith(KG) for n in found.nodes)  # a status is a value, not a node
    assert [n.hops for n in found.nodes] == sorted(n.hops for n in found.nodes)


def test_depth_one_holds_the_edges_among_neighbours(reader: StoreReader, asked_world: ModuleType) -> None:
    w = asked_world.w
    found = neighbourhood(reader, MEETING, depth=1)
    assert {n.iri for n in found.nodes} == {MEETING, w.MARTA, w.OLE, w.PORTAL}
    assert all(MEETING in (e.source, e.target) for e in found.edges)
    found = neighbourhood(reader, w.NORLAND, depth=1)
    assert {n.iri for n in found.nodes} == {w.NORLAND, w.MINISTER, w.PORTAL, w.BASE}


def test_filters_by_relation_class_and_modality(reader: StoreReader, asked_world: ModuleType) -> None:
    w = asked_world.w
    found = neighbourhood(reader, w.NORLAND, 3, predicates=["operatedBy"])
    assert {e.predicate for e in found.edges} == {"kg:operatedBy"}
    found = neighbourhood(reader, w.NORLAND, 3, types=["kg:Facility", "office"])
    assert {n.kind for n in found.nodes if n.hops} == {"Facility", "Office"}
    found = neighbourhood(reader, w.NORLAND, 1, types=["MilitaryBase"])
    assert {n.iri for n in found.nodes} == {w.NORLAND, w.BASE}
    found = neighbourhood(reader, w.NORLAND, 3, modalities=["denied"])
    assert [(e.source, e.modality) for e in found.edges] == [(w.BASE, "Denied")]
    found = neighbourhood(reader, w.NORLAND, 3, types=["Treaty"])
    assert len(found.nodes) == 1


def test_a_planned_slot_of_an_event_is_not_shown_as_a_fact(
    reader: StoreReader, asked_world: ModuleType
) -> None:
    found = neighbourhood(reader, asked_world.UNION.iri, modalities=["Asserted"], limit=100)
    assert asked_world.EVIL.iri not in {n.iri for n in found.nodes}
    found = neighbourhood(reader, asked_world.EVIL.iri)
    assert {e.modality for e in found.edges} == {"Planned"}


def test_a_hub_is_cut_fairly_and_says_so(reader: StoreReader, asked_world: ModuleType) -> None:
    everyone = asked_world.MEMBERS + 2
    whole = neighbourhood(reader, "Wide Union", limit=100)
    assert len(whole.nodes) == everyone + 1
    assert whole.cut == ()
    part = neighbourhood(reader, "Wide Union", limit=11)
    assert len(part.nodes) == 11
    assert [(c.iri, c.left_out) for c in part.cut] == [(asked_world.UNION.iri, everyone - 10)]
    assert {n.iri for n in part.nodes} < {n.iri for n in whole.nodes}


def test_places_are_given_out_in_turns(reader: StoreReader, asked_world: ModuleType) -> None:
    w = asked_world.w
    # Of four kinds of edges at Norland each gets a place before any gets a second one.
    found = neighbourhood(reader, w.NORLAND, limit=4)
    assert {n.iri for n in found.nodes} == {w.NORLAND, w.PORTAL, w.MINISTER, w.BASE}


@pytest.mark.parametrize(
    "wrong",
    [
        {"depth": 0},
        {"depth": 5},
        {"limit": 0},
        {"limit": 5001},
        {"types": ["Persn"]},
        {"predicates": ["holdOffice"]},
        {"modalities": ["maybe"]},
    ],
)
def test_values_out_of_range_are_refused_in_words(reader: StoreReader, wrong: dict[str, object]) -> None:
    with pytest.raises(QueryError, match="want"):
        neighbourhood(reader, "Norland", **wrong)  # type: ignore[arg-type]
    with pytest.raises(UnknownEntity):
        neighbourhood(reader, "Nowhere")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    depth=st.integers(1, 4),
    limit=st.integers(1, 50),
    start=st.sampled_from(["Norland", "Wide Union", "Ole Brandt"]),
)
def test_the_answer_keeps_its_promises(reader: StoreReader, depth: int, limit: int, start: str) -> None:
    found = neighbourhood(reader, start, depth, limit)
    nodes = {n.iri: n.hops for n in found.nodes}
    assert 1 <= len(nodes) <= limit
    assert max(nodes.values()) <= depth
    assert all(e.source in nodes and e.target in nodes for e in found.edges)
    assert found == neighbourhood(reader, start, depth, limit)
    wider = neighbourhood(reader, start, depth, 5000)
    assert wider.cut == ()
    assert nodes.keys() <= {n.iri for n in wider.nodes}
    # Nothing is left out in silence.
    near = {n.iri for n in wider.nodes if n.hops == 1}
    if not found.cut:
        assert near <= nodes.keys()
