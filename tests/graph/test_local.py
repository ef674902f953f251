"""The store in a folder: any order gives the same bytes, one writer at a time, readers beside it."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import graph_world as w
import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.catalog.ontology import Ontology
from kg.errors import StoreBusy, StoreDamaged, StoreError, StoreMissing
from kg.graph.folder import Folder
from kg.graph.local import LocalStore, open_reader, open_writer
from kg.graph.store import What
from kg.model import Claim, Literal, Modality
from kg.settings import load_settings

FEW = settings(
    deadline=None,
    max_examples=6,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
WORLD = w.world()


def dump(path: Path) -> bytes:
    out = io.BytesIO()
    with open_reader(path) as reader:
        reader.dump(What.ALL, ox.RdfFormat.TURTLE, out)
    return out.getvalue()


@FEW
@given(order=st.permutations(range(len(WORLD))), cuts=st.sets(st.integers(1, len(WORLD) - 1)))
def test_any_order_and_partition_gives_the_same_dump(
    order: list[int], cuts: set[int], ontology: Ontology, world_store: Path
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "store")
        bounds = [0, *sorted(cuts), len(order)]
        for start, end in pairwise(bounds):
            with open_writer(path, ontology=ontology) as writer:
                for position in order[start:end]:
                    writer.put(w.record(WORLD[position]), WORLD[position])
                writer.commit(w.identity)
        assert dump(path) == dump(world_store)
        with open_reader(path) as reader, open_reader(world_store) as other:
            assert reader.generation == other.generation
            assert reader.search("") == other.search("")


@FEW
@given(kept=st.sets(st.integers(0, len(WORLD) - 1)), removed=st.sets(st.integers(0, len(WORLD) - 1)))
def test_adding_and_removing_restores(kept: set[int], removed: set[int], ontology: Ontology) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "store")
        with open_writer(path, ontology=ontology) as writer:
            for position in kept - removed:
                writer.put(w.record(WORLD[position]), WORLD[position])
            name = writer.commit(w.identity)
            before = dump(path)
            for position in removed:
                writer.put(w.record(WORLD[position]), WORLD[position])
            writer.commit(w.identity)
            for position in removed:
                writer.remove(WORLD[position].document.identifiers[0])
            assert writer.commit(w.identity) == name
        assert dump(path) == before


NAMES = st.sampled_from([w.MARTA, w.OLE, w.PORTAL, w.BASE, w.MEETING_1.iri, w.CALL.iri])
CLAIMS = st.builds(
    Claim,
    subject=NAMES,
    predicate=st.sampled_from(["participant", "date", "status", "officeOf", "holdsOffice", "locatedIn"]),
    object=st.one_of(NAMES, st.sampled_from([Literal("2024-03"), Literal("2024-04/.."), w.HELD, w.PLANNED])),
    modality=st.sampled_from(Modality),
    evidence=st.sampled_from([(w.Span(0, 4),), (w.Span(2, 9), w.Span(11, 14))]),
    confidence=st.integers(0, 100),
    attribution=st.sampled_from([None, "sources"]),
)


@settings(deadline=None, max_examples=40, derandomize=True)
@given(
    st.lists(
        st.tuples(st.lists(CLAIMS, max_size=6), st.sampled_from([None, "2024-03-05", "2024-04"])), max_size=5
    )
)
def test_no_claims_whatever_depend_on_order(
    ontology: Ontology, said: list[tuple[list[Claim], str | None]]
) -> None:
    """The whole of assembly and derivation, without the files around it."""
    from kg.graph.assembly import follow, state_claims
    from kg.graph.derivation import Profiles, day_quads, entity_quads, flat_facts
    from kg.graph.rivalry import rivalry_quads

    def lines(reverse: bool) -> list[str]:
        profiles, stated, quads = Profiles(), [], []
        for number, (claims, day) in sorted(enumerate(said), reverse=reverse):
            made = w.make(
                f"{number}",
                f"Document number {number}.",
                issued=day,
                entities=[*w.THINGS.values(), w.MEETING_1, w.CALL],
            )
            object.__setattr__(made, "claims", tuple(reversed(claims) if reverse else claims))
            profiles.add(made, follow({}))
            stated += [s for s, _ in state_claims(made, follow({}), "x:").values()]
        if reverse:
            stated.reverse()
        facts = list(flat_facts(stated, profiles.kinds()))
        by_subject: dict[str, list[object]] = {}
        for fact in facts:
            by_subject.setdefault(fact.subject, []).append(fact)
        labels = profiles.labels(by_subject, ontology)  # type: ignore[arg-type]
        for iri, profile in profiles:
            quads += list(entity_quads(iri, profile, labels[iri]))
            quads += list(day_quads(by_subject.get(iri, ())))  # type: ignore[arg-type]
        quads += [fact.quad for fact in facts]
        quads += list(rivalry_quads(stated, facts, ontology))
        return sorted({str(q) for q in quads})

    found = lines(False)
    assert found == lines(True)
    for single in ("status", "date", "start", "end"):
        subjects = [line.split(" ")[0] for line in found if f"#{single}>" in line.split(" ")[1]]
        assert len(subjects) == len(set(subjects))


def test_a_store_as_a_value(world_store: Path, tmp_path: Path, ontology: Ontology) -> None:
    with LocalStore(world_store).reader() as reader:
        assert len(reader.documents()) == len(WORLD)
    with LocalStore(tmp_path / "new").writer(ontology=ontology) as writer:
        assert writer.base == "https://kg.example/"


def test_a_second_writer_is_told_who_writes(tmp_path: Path, ontology: Ontology) -> None:
    with open_writer(tmp_path / "s", ontology=ontology):
        with pytest.raises(StoreBusy, match=rf"process {os.getpid()} is writing"):
            open_writer(tmp_path / "s", ontology=ontology)
        script = (
            "import sys\nfrom pathlib import Path\n"
            "from kg.errors import StoreBusy\nfrom kg.graph.folder import Lock\n"
            "try:\n    Lock(Path(sys.argv[1]) / 'lock')\nexcept StoreBusy as e:\n    print(e)\n"
        )
        found = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path / "s")],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONPATH": ":".join(sys.path)},
        )
        assert f"process {os.getpid()} is writing" in found.stdout
    open_writer(tmp_path / "s", ontology=ontology).close()


def test_a_forked_worker_does_not_hold_the_lock(tmp_path: Path, ontology: Ontology) -> None:
    writer = open_writer(tmp_path / "s", ontology=ontology)
    ready, go = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        os.write(ready[1], b"1")
        os.read(go[0], 1)
        os._exit(0)
    os.read(ready[0], 1)
    writer.close()
    try:
        open_writer(tmp_path / "s", ontology=ontology).close()
    finally:
        os.write(go[1], b"1")
        os.waitpid(child, 0)
        for descriptor in (*ready, *go):
            os.close(descriptor)


def test_readers_beside_a_writer(tmp_path: Path, ontology: Ontology, build: Callable[..., str]) -> None:
    path = tmp_path / "s"
    build(path, WORLD[:1])
    stop, wrong, seen = threading.Event(), [], set()

    def read() -> None:
        while not stop.is_set():
            try:
                with open_reader(path) as reader:
                    documents = len(reader.documents())
                    answer = reader.query("SELECT (COUNT(?d) AS ?n) { ?d a kg:Document }")
                    assert isinstance(answer, ox.QuerySolutions)
                    (row,) = answer
                    seen.add(reader.generation)
                    if int(row["n"].value) != documents:
                        wrong.append(f"{row['n']} in the graph, {documents} in the index")
            except Exception as error:
                wrong.append(repr(error))

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for extraction in WORLD[1:]:
        build(path, [extraction])
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(seen) > 1


def test_one_reader_by_many_threads(world_store: Path) -> None:
    with open_reader(world_store) as reader:
        expected = (reader.search("l"), len(list(reader.quads())))
        found: list[object] = []

        def ask() -> None:
            found.extend((reader.search("l"), len(list(reader.quads()))) for _ in range(10))

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [expected] * 40


def test_old_generations_go_but_for_the_one_before(tmp_path: Path, build: Callable[..., str]) -> None:
    folder = Folder(tmp_path / "s")
    names = [build(folder.path, [extraction]) for extraction in WORLD[:4]]
    assert sorted(p.name for p in folder.generations.iterdir()) == sorted(names[-2:])
    current = folder.read_current()
    assert current is not None
    assert (current.name, current.previous) == (names[-1], names[-2])


def test_a_folder_holds_nothing_that_is_not_needed(
    tmp_path: Path, build: Callable[..., str], ontology: Ontology
) -> None:
    folder = Folder(tmp_path / "s")
    build(folder.path, [w.renamed(w.plan(), "x.txt")])
    build(folder.path, [w.renamed(w.bare(), "x.txt")])
    assert len(list(folder.extractions.iterdir())) == 1
    assert sorted(p.name for p in folder.path.iterdir()) == [
        *("current", "extractions", "generations", "loaded", "lock", "store.json", "switch.lock")
    ]
    for leftover in ("extractions/r.0.json.gz", "extractions/.r.part", ".current.part"):
        (folder.path / leftover).write_bytes(b"x")
    (folder.generations / ".making-1" / "graph").mkdir(parents=True)
    open_writer(folder.path, ontology=ontology).close()
    assert len(list(folder.extractions.iterdir())) == 1
    assert not (folder.path / ".current.part").exists()
    assert not (folder.generations / ".making-1").exists()


def test_what_is_no_store(tmp_path: Path, ontology: Ontology) -> None:
    with pytest.raises(StoreMissing, match=r"no store\.json"):
        open_reader(tmp_path)
    with pytest.raises(StoreMissing):
        open_reader(tmp_path / "missing")
    (tmp_path / "note.txt").write_text("x")
    with pytest.raises(StoreError, match=r"not a store, and not empty \(note\.txt\)"):
        open_writer(tmp_path, ontology=ontology)
    with pytest.raises(StoreError, match="not a folder"):
        open_writer(tmp_path / "note.txt", ontology=ontology)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["note.txt"]


def test_a_store_keeps_its_base(tmp_path: Path, ontology: Ontology) -> None:
    other = load_settings({"KG_BASE_IRI": "https://other.example/"})
    with open_writer(tmp_path / "s", other, ontology) as writer:
        writer.put("r", w.bare())
        writer.commit(w.identity)
    with open_reader(tmp_path / "s") as reader:
        assert reader.base == "https://other.example/"
        assert reader.documents()[0].iri.startswith("https://other.example/doc/")
    with pytest.raises(StoreError, match=r"other\.example.*kg\.example"):
        open_writer(tmp_path / "s", ontology=ontology)
    open_writer(tmp_path / "s", other, ontology).close()


def damage(path: Path, data: bytes | None) -> None:
    if data is None:
        path.unlink()
    else:
        path.write_bytes(data)


@pytest.mark.parametrize(
    ("name", "data", "error"),
    [
        ("store.json", b"{", StoreDamaged),
        ("store.json", b'{"format": 99, "base": "x:"}', StoreError),
        ("current", b"../../elsewhere\n", StoreDamaged),
        ("current", b"0123\n", StoreDamaged),
        ("generations/{name}/index.sqlite", None, StoreDamaged),
        ("generations/{name}/index.sqlite", b"not a database at all", StoreDamaged),
        ("generations/{name}/parts/facts.nt.gz", None, StoreDamaged),
        ("generations/{name}/graph/CURRENT", None, StoreDamaged),
    ],
)
def test_a_damaged_store_is_said_to_be_one(
    tmp_path: Path, build: Callable[..., str], name: str, data: bytes | None, error: type[StoreError]
) -> None:
    path = tmp_path / "s"
    generation = build(path, [w.bare()])
    damage(path / name.format(name=generation), data)
    with pytest.raises(error) as caught:
        open_reader(path)
    assert str(path) in str(caught.value)


def test_a_damaged_extraction_stops_the_next_build(
    tmp_path: Path, build: Callable[..., str], ontology: Ontology
) -> None:
    path = tmp_path / "s"
    build(path, [w.plan()])
    before = dump(path)
    (kept,) = (path / "extractions").iterdir()
    kept.write_bytes(kept.read_bytes()[:-20])
    with open_writer(path, ontology=ontology) as writer:
        with pytest.raises(StoreDamaged, match="cannot be read"):
            writer.reuse(w.record(w.plan()))
        writer.put(w.record(w.bare()), w.bare())
        with pytest.raises(StoreDamaged):
            writer.commit(w.identity)
    assert dump(path) == before


def test_many_extractions_are_read_again_rather_than_held(
    tmp_path: Path, build: Callable[..., str], monkeypatch: pytest.MonkeyPatch, world_store: Path
) -> None:
    monkeypatch.setattr("kg.graph.records._HELD_BYTES", 10)
    monkeypatch.setattr("kg.graph.sorting.RUN_BYTES", 1000)
    build(tmp_path / "s", WORLD)
    assert dump(tmp_path / "s") == dump(world_store)
