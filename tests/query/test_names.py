from __future__ import annotations

from types import ModuleType

import pytest

from kg.errors import AmbiguousName, QueryError, UnknownEntity
from kg.graph.store import StoreReader
from kg.query.names import near_names, resolve_entity

MARTA = "https://kg.example/id/person/lindqvist-marta"


@pytest.mark.parametrize(
    "written",
    [
        MARTA,
        f"<{MARTA}>",
        "person:lindqvist-marta",
        "Marta Lindqvist",
        "lindqvist",
        "  MARTA   Líndqvist ",
        "person:lindqvist.b",  # provisional: it stands for her
        "https://kg.example/id/person/lindqvist.b",
    ],
)
def test_every_way_to_write_an_entity_leads_to_it(reader: StoreReader, written: str) -> None:
    assert resolve_entity(reader, written) == MARTA


def test_a_former_name_is_a_name(reader: StoreReader) -> None:
    assert resolve_entity(reader, "Hallen Field") == "https://kg.example/id/facility/hallen-air-base"


def test_an_ambiguous_name_answers_with_the_candidates(reader: StoreReader, asked_world: ModuleType) -> None:
    with pytest.raises(AmbiguousName) as caught:
        resolve_entity(reader, "Brandt")
    found = dict(caught.value.candidates)
    assert found == {asked_world.IDA.iri: "Ida Brandt", asked_world.w.OLE: "Ole Brandt"}


def test_an_unknown_name_answers_with_near_ones(reader: StoreReader) -> None:
    with pytest.raises(UnknownEntity) as caught:
        resolve_entity(reader, "Marta Lindkvist")
    assert caught.value.near[0] == (MARTA, "Marta Lindqvist")
    assert "Marta Lindqvist" in str(caught.value)


@pytest.mark.parametrize(
    "written", ["person:nobody", "https://elsewhere.example/x", "Zzyzx", "note: with a colon"]
)
def test_what_is_not_there_is_unknown(reader: StoreReader, written: str) -> None:
    with pytest.raises(UnknownEntity):
        resolve_entity(reader, written)


@pytest.mark.parametrize("written", ["", "   ", "<http://e/ x>"])
def test_what_cannot_be_an_entity_is_refused(reader: StoreReader, written: str) -> None:
    with pytest.raises(QueryError):
        resolve_entity(reader, written)


def test_nothing_is_near_to_nothing_like_it(reader: StoreReader) -> None:
    assert near_names(reader, "xxxxxxxx") == []
