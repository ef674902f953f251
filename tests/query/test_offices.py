"""Who held which office when."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest

from kg.errors import QueryError, UnknownEntity
from kg.graph import open_reader
from kg.model import Extraction, Modality
from kg.query.offices import OfficeHistory, offices

Tell = Callable[..., Extraction]
Ask = Callable[..., OfficeHistory]


@pytest.fixture
def tell(asked_world: ModuleType) -> Tell:
    w = asked_world.w

    def run(
        person: str,
        day: str,
        modality: Modality = Modality.ASSERTED,
        *,
        time: str | None = None,
        acting: bool = False,
    ) -> Extraction:
        name = f"{person.rsplit('/', 1)[-1]}-{day}-{modality}.txt"
        text = f"{name}: on the Minister of Defense of Norland."
        claims = [
            (person, "holdsOffice", w.MINISTER, modality, text),
            (w.MINISTER, "officeOf", w.NORLAND, w.A, text),
        ]
        made: Extraction = w.make(name, text, claims, issued=day)
        first, *rest = made.claims
        return replace(made, claims=(replace(first, valid_time=time, acting=acting), *rest))

    return run


@pytest.fixture
def ask(asked_world: ModuleType, tmp_path: Path) -> Ask:
    def run(extractions: Sequence[Extraction], on: str | None = None) -> OfficeHistory:
        asked_world.build(tmp_path / "store", extractions)
        with open_reader(tmp_path / "store") as reader:
            found = offices(reader, "Minister of Defense, Norland")
            (history,) = found.items
            if on is None:
                return history
            held = offices(reader, body="Norland", on=date.fromisoformat(on)).items
            return held[0] if held else replace(history, holders=())

    return run


def holders(history: OfficeHistory) -> list[tuple[str, str]]:
    return [(h.person.label, h.basis) for h in history.holders]


def test_a_holder_is_stated_between_or_last_known(ask: Ask, tell: Tell, asked_world: ModuleType) -> None:
    marta = asked_world.w.MARTA
    told = [tell(marta, "2024-01-10"), tell(marta, "2024-03-10")]
    name = "Marta Lindqvist"
    assert holders(ask(told, "2024-01-10")) == [(name, "stated")]
    assert holders(ask(told, "2024-02-01")) == [(name, "between")]
    assert holders(ask(told, "2024-05-01")) == [(name, "last known")]
    assert holders(ask(told, "2024-01-09")) == []


def test_a_time_of_its_own_counts_before_the_day_of_the_document(
    ask: Ask, tell: Tell, asked_world: ModuleType
) -> None:
    w = asked_world.w
    told = [
        tell(w.MARTA, "2024-03-10", time="2022-05/.."),
        tell(w.OLE, "2024-03-11", Modality.FORMER, time="2018/2021"),
    ]
    assert holders(ask(told, "2023-01-01")) == [("Marta Lindqvist", "stated")]
    assert holders(ask(told, "2019-06-01")) == [("Ole Brandt", "stated")]
    assert holders(ask(told, "2022-01-01")) == []
    history = ask(told)
    assert [(t.person.label, t.first, t.last) for t in history.tenures] == [
        ("Ole Brandt", "2018-01-01", "2021-12-31"),
        ("Marta Lindqvist", "2022-05-01", "2024-03-10"),
    ]


def test_who_came_after_is_no_longer_the_one_before(ask: Ask, tell: Tell, asked_world: ModuleType) -> None:
    w = asked_world.w
    told = [
        tell(w.OLE, "2024-01-01"),
        tell(w.OLE, "2024-04-01", Modality.FORMER),
        tell(w.MARTA, "2024-06-01"),
    ]
    assert holders(ask(told, "2024-03-01")) == [("Ole Brandt", "last known")]
    assert holders(ask(told, "2024-05-01")) == []
    assert holders(ask(told, "2024-07-01")) == [("Marta Lindqvist", "last known")]
    (gap,) = ask(told).vacancies
    assert gap.before is not None
    assert (gap.since, gap.until, gap.certain) == ("2024-01-01", "2024-06-01", True)
    assert (gap.after.label, gap.before.label) == ("Ole Brandt", "Marta Lindqvist")
    assert ask(told).tenures[0].ended_by == "2024-04-01"


def test_the_last_holder_who_is_gone_leaves_a_vacancy(ask: Ask, tell: Tell, asked_world: ModuleType) -> None:
    w = asked_world.w
    told = [tell(w.OLE, "2024-01-01"), tell(w.OLE, "2024-04-01", Modality.FORMER)]
    (gap,) = ask(told).vacancies
    assert (gap.since, gap.until, gap.before, gap.certain) == ("2024-01-01", None, None, True)
    assert holders(ask(told, "2024-05-01")) == []


def test_rivals_are_contested_unless_one_is_acting(ask: Ask, tell: Tell, asked_world: ModuleType) -> None:
    w = asked_world.w
    rivals = ask([tell(w.OLE, "2024-01-01"), tell(w.MARTA, "2024-01-01")], "2024-01-01")
    assert rivals.contested
    assert len(rivals.holders) == 2


def test_acting_and_planned_holders_are_marked(ask: Ask, tell: Tell, asked_world: ModuleType) -> None:
    w = asked_world.w
    told = [tell(w.OLE, "2024-01-01", acting=True), tell(w.MARTA, "2024-01-01", Modality.PLANNED)]
    history = ask(told, "2024-01-01")
    assert [(h.person.label, h.acting) for h in history.holders] == [("Ole Brandt", True)]
    assert not history.contested
    assert [(t.person.label, t.acting, t.planned) for t in history.tenures] == [
        ("Ole Brandt", True, False),
        ("Marta Lindqvist", False, True),
    ]


def test_offices_of_a_person_and_what_is_refused(small_store: Path) -> None:
    with open_reader(small_store) as reader:
        assert [o.office.label for o in offices(reader, person="Ole Brandt").items] == [
            "Minister of Defense, Norland"
        ]
        assert offices(reader, person="Ida Brandt").total == 0
        assert offices(reader, body="Norland", offset=5).items == ()
        with pytest.raises(UnknownEntity):
            offices(reader, "Nobody at all")
        with pytest.raises(QueryError, match="limit=0"):
            offices(reader, limit=0)
