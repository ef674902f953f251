"""A store as it stood on a day."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import graph_world as w
import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.catalog.ontology import Ontology
from kg.errors import StoreError
from kg.graph.loading import load_rdf
from kg.graph.local import LocalReader, open_reader, open_writer
from kg.graph.past import MOST_DAYS, PastReader, open_past
from kg.graph.store import What
from kg.model import Extraction
from kg.settings import load_settings
from kg.terms import KG

FEW = settings(
    deadline=None,
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
DAYS = [date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 5), date(2024, 3, 10), date(2024, 3, 28)]
DAYS += [date(2024, 3, 29), date(2030, 1, 1)]


def written(reader: LocalReader, what: What = What.ALL) -> bytes:
    out = io.BytesIO()
    reader.dump(what, ox.RdfFormat.N_TRIPLES, out)
    return out.getvalue()


def published(extraction: Extraction, day: date) -> bool:
    known = {"bare.txt": "2024-02-29"}.get(extraction.document.identifiers[0], extraction.as_of)
    return known is not None and known <= day.isoformat()


@pytest.fixture
def past(ontology: Ontology) -> Callable[..., PastReader]:
    return lambda reader, day: open_past(reader, day, w.identity, ontology)


@FEW
@given(documents=st.lists(st.sampled_from(range(5)), unique=True, min_size=1), day=st.sampled_from(DAYS))
def test_a_day_is_a_store_of_what_was_published_by_then(
    documents: list[int], day: date, build: Callable[..., str], ontology: Ontology
) -> None:
    extractions = [w.world()[i] for i in documents]
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder, "all"), extractions)
        build(Path(folder, "then"), [e for e in extractions if published(e, day)])
        with (
            open_reader(Path(folder, "all")) as whole,
            open_past(whole, day, w.identity, ontology) as past,
            open_reader(Path(folder, "then")) as then,
        ):
            assert written(past) == written(then)
            assert past.generation == then.generation
            assert past.documents() == then.documents()


@FEW
@given(first=st.sets(st.sampled_from(range(5)), min_size=2, max_size=4), added=st.sampled_from(range(5)))
def test_adding_and_removing_a_document_gives_back_the_bytes(
    first: set[int], added: int, build: Callable[..., str], ontology: Ontology
) -> None:
    world = w.world()
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder, "store")
        before = build(store, [world[i] for i in sorted(first - {added})])
        with open_reader(store) as reader:
            bytes_before = written(reader)
        build(store, [world[added]])
        with open_writer(store, ontology=ontology) as writer:
            writer.remove(world[added].document.identifiers[0])
            assert writer.commit(w.identity) == before
        with open_reader(store) as reader:
            assert written(reader) == bytes_before


def test_what_a_plan_says_is_not_yet_overtaken(world_store: Path, past: Callable[..., PastReader]) -> None:
    with open_reader(world_store) as whole, past(whole, date(2024, 3, 12)) as then:
        status = [q.object for q in then.quads(w.MEETING_1.iri, KG + "status")]
        assert status == [ox.NamedNode(w.PLANNED)]
        assert list(then.quads(None, KG + "supersedes")) == []
        assert [d.identifiers for d in then.documents()] == [("a/plan.txt",), ("bare.txt",), ("rival.txt",)]
        assert [q.object for q in whole.quads(w.MEETING_3.iri, KG + "status")] == [ox.NamedNode(w.HELD)]


def test_later_iris_lead_to_what_stood_then(world_store: Path, past: Callable[..., PastReader]) -> None:
    with open_reader(world_store) as whole, past(whole, date(2024, 3, 5)) as then:
        assert then.find_earlier(w.MEETING_3.iri) == [w.MEETING_1.iri]
        assert then.find_earlier(w.MEETING_2.iri) == [w.MEETING_1.iri]
        assert then.find_earlier(w.PORTAL) == []
    with open_reader(world_store) as whole, past(whole, date(2024, 3, 12)) as then:
        assert then.find_earlier(w.MEETING_3.iri) == [w.MEETING_1.iri, w.MEETING_2.iri]


def test_a_day_is_made_once_and_few_are_kept(
    tmp_path: Path,
    build: Callable[..., str],
    past: Callable[..., PastReader],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name = build(tmp_path / "s", w.world())
    monkeypatch.setattr("kg.graph.past.MOST_DAYS", 2)
    assert MOST_DAYS > 2
    with open_reader(tmp_path / "s") as whole:
        for day in (*DAYS, DAYS[3]):
            past(whole, day).close()
        kept = sorted((tmp_path / "s" / "days" / name).iterdir())
        assert len(kept) == 2
        monkeypatch.setattr("kg.graph.past.Generation", None)
        past(whole, DAYS[3]).close()
    build(tmp_path / "s", [w.renamed(w.make("late.txt", "Late.", issued="2024-05-01"), "late.txt")])
    build(tmp_path / "s", [w.renamed(w.make("later.txt", "Later.", issued="2024-05-02"), "later.txt")])
    assert not (tmp_path / "s" / "days" / name).exists()


def test_a_store_that_cannot_be_written_to_is_asked_in_a_temporary_folder(
    tmp_path: Path, build: Callable[..., str], past: Callable[..., PastReader]
) -> None:
    build(tmp_path / "s", w.world())
    (tmp_path / "s" / "days").write_text("in the way")
    with open_reader(tmp_path / "s") as whole:
        then = past(whole, DAYS[2])
        assert len(then.documents()) == 2
        place = then.path
        then.close()
        assert not place.exists()


def test_a_generation_that_is_gone_has_no_past(
    tmp_path: Path, build: Callable[..., str], past: Callable[..., PastReader]
) -> None:
    name = build(tmp_path / "s", w.world())
    with open_reader(tmp_path / "s") as whole:
        (tmp_path / "s" / "generations" / name / "manifest.json").unlink()
        with pytest.raises(StoreError, match="ask again"):
            past(whole, DAYS[2])


@pytest.mark.parametrize("day", DAYS[1:6:2], ids=str)
def test_loaded_rdf_is_cut_to_the_day(
    day: date,
    tmp_path: Path,
    dumped: Callable[..., bytes],
    ontology: Ontology,
) -> None:
    def one_identity(_: object) -> Mapping[str, str]:
        return w.IDENTITY

    with open_writer(tmp_path / "world", ontology=ontology) as writer:
        for extraction in w.world():
            writer.put(w.record(extraction), extraction)
        writer.commit(one_identity)
    (tmp_path / "all.nt").write_bytes(dumped(tmp_path / "world"))
    load_rdf([tmp_path / "all.nt"], tmp_path / "copy", load_settings(), ontology)
    with open_reader(tmp_path / "world") as whole, open_reader(tmp_path / "copy") as copy:
        for what in (What.CLAIMS, What.FACTS):
            with (
                open_past(whole, day, one_identity, ontology) as then,
                open_past(copy, day, one_identity, ontology) as loaded,
            ):
                wanted, found = (set(written(reader, what).splitlines()) for reader in (then, loaded))
                known = {b"skos/core#altLabel", b"skos/core#prefLabel"}
                names = {line for line in wanted ^ found if any(name in line for name in known)}
                assert (wanted ^ found) - names == set()
                assert not any(b"2024-03-28" in line for line in names if day < date(2024, 3, 28))
        with open_past(copy, day, one_identity, ontology) as loaded:
            assert {d.iri for d in loaded.documents()} == {
                w.document_of(e) for e in w.world() if published(e, day)
            }
