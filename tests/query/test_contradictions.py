"""Contradictions: their kinds, and what later documents say of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType

import pytest

from kg.errors import QueryError
from kg.graph import open_reader
from kg.graph.store import StoreReader
from kg.model import Extraction, Literal
from kg.query.contradictions import Contradiction, contradictions, to_csv
from kg.terms import KG

Ask = Callable[[Sequence[Extraction]], tuple[Contradiction, ...]]


@pytest.fixture
def ask(asked_world: ModuleType, tmp_path: Path) -> Ask:
    def run(extractions: Sequence[Extraction]) -> tuple[Contradiction, ...]:
        asked_world.build(tmp_path / "store", extractions)
        with open_reader(tmp_path / "store") as reader:
            return contradictions(reader).items

    return run


@pytest.fixture
def holders(asked_world: ModuleType) -> Callable[[str, str, str], Extraction]:
    w = asked_world.w

    def run(name: str, person: str, day: str) -> Extraction:
        text = f"{name}: the Minister of Defense of Norland spoke."
        made: Extraction = w.make(name, text, [(person, "holdsOffice", w.MINISTER, w.A, text)], issued=day)
        return made

    return run


def test_rival_holders_until_a_later_document_names_one(
    ask: Ask, asked_world: ModuleType, holders: Callable[[str, str, str], Extraction]
) -> None:
    w = asked_world.w
    rivals = [holders("a.txt", w.MARTA, "2024-05-02"), holders("b.txt", w.OLE, "2024-05-02")]
    (pair,) = ask(rivals)
    assert (pair.kind, pair.settled) == ("holders", None)
    assert {pair.one.document.identifiers, pair.other.document.identifiers} == {("a.txt",), ("b.txt",)}
    (pair,) = ask([holders("c.txt", w.OLE, "2024-06-01")])
    assert pair.settled is not None
    assert pair.settled.on == "2024-06-01"
    side = pair.one if pair.settled.in_favour == "one" else pair.other
    assert side.subject.iri == w.OLE == pair.settled.claim.subject.iri
    (pair, _) = ask([holders("d.txt", w.MARTA, "2024-06-01")])
    assert pair.settled is None  # the later documents differ as well


def test_a_denial_is_settled_by_who_speaks_last(ask: Ask, asked_world: ModuleType) -> None:
    w = asked_world.w

    def told(name: str, modality: str, day: str) -> Extraction:
        made: Extraction = w.make(
            name, f"{name}: Hallen.", [(w.BASE, "operatedBy", w.NORLAND, modality, "Hallen.")], issued=day
        )
        return made

    (pair,) = ask([told("a.txt", w.A, "2024-01-01"), told("b.txt", w.D, "2024-02-01")])
    assert (pair.kind, pair.settled) == ("denied", None)
    pairs = ask([told("c.txt", w.A, "2024-03-01")])
    assert len(pairs) == 2
    favoured = [(p.one if p.settled.in_favour == "one" else p.other).modality for p in pairs if p.settled]
    assert favoured == ["Asserted"]


def test_plans_that_differ_are_settled_by_the_outcome(ask: Ask, asked_world: ModuleType) -> None:
    w = asked_world.w

    def told(name: str, day: str, value: str, modality: str) -> Extraction:
        made: Extraction = w.make(
            name,
            f"{name}: they meet.",
            [(w.MEETING_1.iri, "date", Literal(value), modality, "they meet.")],
            issued=day,
            entities=[w.MEETING_1],
        )
        return made

    plans = [told("a.txt", "2024-01-01", "2024-04", w.P), told("b.txt", "2024-01-02", "2024-05", w.P)]
    (pair,) = ask(plans)
    assert (pair.kind, pair.settled) == ("values", None)
    (pair,) = ask([told("c.txt", "2024-06-01", "2024-05-03", w.A)])
    assert pair.settled is not None
    side = pair.one if pair.settled.in_favour == "one" else pair.other
    assert side.document.identifiers == ("b.txt",)
    (pair,) = ask([told("c.txt", "2024-06-01", "2024-05-30/2024-06-01", w.A)])
    assert pair.settled is not None
    assert pair.settled.in_favour in ("one", "other")
    (pair,) = ask([told("c.txt", "2024-06-10", "2024-06-01", w.A)])
    assert pair.settled is not None
    assert pair.settled.in_favour == "neither"


def test_begun_and_still_to_come(ask: Ask, asked_world: ModuleType) -> None:
    w = asked_world.w
    begun, soon = (
        w.make(
            name,
            f"{name}: the move.",
            [(w.MEETING_1.iri, "status", KG + status, modality, "the move.")],
            issued="2024-01-01",
            entities=[w.MEETING_1],
        )
        for name, status, modality in (("a.txt", "ongoing", w.A), ("b.txt", "planned", w.P))
    )
    (pair,) = ask([begun, soon])
    assert (pair.kind, pair.settled) == ("status", None)


@pytest.fixture
def reader(small_store: Path) -> Iterator[StoreReader]:
    with open_reader(small_store) as opened:
        yield opened


def test_kinds_can_be_asked_for(reader: StoreReader) -> None:
    kinds = [pair.kind for pair in contradictions(reader).items]
    assert sorted(kinds) == ["denied", "values"]
    for kind in kinds:
        assert [p.kind for p in contradictions(reader, kind=kind).items] == [kind]
    assert contradictions(reader, kind="holders").total == 0
    with pytest.raises(QueryError, match="want one of denied, holders, status, values"):
        contradictions(reader, kind="quarrel")


def test_a_table_of_both_sides(reader: StoreReader) -> None:
    head, *lines = to_csv(contradictions(reader, limit=None)).decode().splitlines()
    assert head.startswith("kind,relation,settled,settled_on,subject_1,object_1")
    assert len(lines) == 2
    assert any("outcome.txt" in line and "a/plan.txt" in line for line in lines)
