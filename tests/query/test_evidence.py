from __future__ import annotations

from types import ModuleType

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import AmbiguousName, QueryError, UnknownEntity
from kg.graph.store import StoreReader
from kg.model import Span
from kg.query.evidence import (
    claims_about,
    find_claims,
    get_claim,
    read_object,
    relation_iri,
    surroundings,
    why,
)
from kg.query.nodes import Value
from kg.terms import KG

HOLDS = KG + "holdsOffice"


def test_why_opens_the_sentence(reader: StoreReader, asked_world: ModuleType) -> None:
    w = asked_world.w
    (claim,) = why(reader, w.MARTA, HOLDS, w.MINISTER)
    assert claim.modality == "Asserted"
    assert claim.attribution == "Sources"
    assert claim.confidence == 0.9
    assert claim.document.identifiers == ("a/plan.txt",)
    assert claim.document.as_of == "2024-03-05"
    (passage,) = claim.passages
    assert passage.quote == "Norland’s Defense Minister Marta Lindqvist will meet Ole Brandt in late March."
    assert passage.before == "Sources said "
    assert passage.after == ""  # the next paragraph is another matter
    document = reader.document(claim.document.iri)
    assert document is not None
    assert document.text[passage.start : passage.end] == passage.quote


def test_an_undated_document_says_so(reader: StoreReader, asked_world: ModuleType) -> None:
    w = asked_world.w
    (claim,) = why(reader, w.OLE, HOLDS, w.MINISTER)
    assert claim.modality == "Former"
    assert (claim.document.as_of, claim.document.as_of_basis) == (None, "unknown")
    assert claim.passages[0].quote == "once minister of defense"  # after “ ” and before 🛡: code points


def test_literals_are_found_by_what_they_say(reader: StoreReader) -> None:
    found, total = find_claims(reader, None, KG + "date", ox.Literal("2024-04"))
    assert total == 1
    assert isinstance(found[0].object, Value)
    assert found[0].object.value == "2024-04"
    assert found[0].contradicts != ()
    other = get_claim(reader, found[0].contradicts[0])
    assert found[0].iri in other.contradicts  # written once, shown on both sides


def test_outcomes_supersede_plans(reader: StoreReader) -> None:
    found, _ = find_claims(reader, None, KG + "date", ox.Literal("2024-03-28"))
    assert len(found[0].supersedes) == 2


def test_claims_about_an_entity_are_paged(reader: StoreReader, asked_world: ModuleType) -> None:
    everything, total = claims_about(reader, asked_world.UNION.iri)
    assert total == len(everything) == asked_world.MEMBERS + 2
    pages = [claims_about(reader, asked_world.UNION.iri, limit=10, offset=n)[0] for n in range(0, 40, 10)]
    assert [c.iri for page in pages for c in page] == [c.iri for c in everything]
    via_old_name, _ = claims_about(reader, "https://kg.example/id/person/lindqvist.b")
    assert via_old_name == claims_about(reader, asked_world.w.MARTA)[0]


def test_modalities_filter(reader: StoreReader, asked_world: ModuleType) -> None:
    found, total = find_claims(reader, asked_world.w.BASE, modalities=["Denied"])
    assert total == 1
    assert found[0].modality == "Denied"


def test_a_claim_by_curie_or_iri(reader: StoreReader, asked_world: ModuleType) -> None:
    claim = why(reader, asked_world.w.MARTA, HOLDS, asked_world.w.MINISTER)[0]
    assert get_claim(reader, claim.curie) == get_claim(reader, claim.iri) == claim
    for wrong in ("claim:nothing", "nothing at all", asked_world.w.MARTA):
        with pytest.raises(UnknownEntity):
            get_claim(reader, wrong)


def test_a_question_about_nothing_is_refused(reader: StoreReader) -> None:
    with pytest.raises(QueryError, match="at least one"):
        find_claims(reader)


@pytest.mark.parametrize("written", ["holdsOffice", "HOLDSOFFICE", "kg:holdsOffice", HOLDS, f" {HOLDS} "])
def test_relations_by_name(reader: StoreReader, written: str) -> None:
    assert relation_iri(reader, written) == HOLDS


def test_unknown_relations_are_refused_with_what_there_is(reader: StoreReader) -> None:
    with pytest.raises(QueryError, match="holdsOffice"):
        relation_iri(reader, "holdOffice")
    assert relation_iri(reader, "http://e/p") == "http://e/p"


def test_objects_as_people_write_them(reader: StoreReader, asked_world: ModuleType) -> None:
    assert read_object(reader, "Norland") == asked_world.w.NORLAND
    assert read_object(reader, "held") == KG + "held"
    assert read_object(reader, "2024-04") == ox.Literal("2024-04")
    with pytest.raises(UnknownEntity):
        read_object(reader, "2031-01-01")
    with pytest.raises(AmbiguousName):
        read_object(reader, "Brandt")


@given(st.text(max_size=300), st.data())
def test_surroundings_stand_in_the_text(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    before, after = surroundings(text, Span(start, end), 20)
    assert text[:start].endswith(before)
    assert text[end:].startswith(after)
    assert max(len(before), len(after)) <= 20
