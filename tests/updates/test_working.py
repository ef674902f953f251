"""The store that updates leave behind: what readers see, what builds make of it, and after a kill at any point."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from kg.errors import NoSuchGraph, QuerySyntaxError, StoreBusy
from kg.graph import check_store, open_reader, open_writer
from kg.graph.folder import Folder
from kg.graph.patches import PatchLog
from kg.graph.snapshots import is_behind
from kg.graph.store import What
from kg.updates.requests import Action, Body, Committing, Failed, Started, WriteRequest, Written
from kg.updates.working import Working

E = "http://e.example/"


@pytest.fixture
def store(tmp_path: Path, asked_world: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("kg.graph.folder.os.fsync", lambda descriptor: None)
    path = tmp_path / "store"
    asked_world.build(path, asked_world.everything())
    return path


@pytest.fixture
def working(store: Path) -> Iterator[Working]:
    made = Working(Folder(store))
    yield made
    made.close()


def ask(text: str, name: str = "", **others: object) -> WriteRequest:
    return WriteRequest(name or text, Action.UPDATE, "2026-01-01T00:00:00Z", "me", text, **others)  # type: ignore[arg-type]


def tell(_: Started | Committing) -> None:
    pass


def write(working: Working, *texts: str) -> list[Written | Failed]:
    return working.write([ask(text) for text in texts], tell)


def rows(path: Path, sparql: str) -> list[list[str]]:
    with open_reader(path) as reader:
        return sorted([str(value) for value in row] for row in reader.query(sparql))  # type: ignore[union-attr]


def build(path: Path) -> str:
    with open_writer(path) as writer:
        return writer.commit(lambda _: writer.identity())


def dumped(path: Path) -> bytes:
    import io

    import pyoxigraph as ox

    out = io.BytesIO()
    with open_reader(path) as reader:
        reader.dump(What.ALL, ox.RdfFormat.N_TRIPLES, out)
    return out.getvalue()


def test_readers_see_an_update_at_once_and_search_after_the_next_build(store: Path, working: Working) -> None:
    with open_reader(store) as before:
        (written,) = write(working, f'INSERT DATA {{ <{E}x> a kg:Place ; skos:prefLabel "Quillfjord"@en }}')
        assert isinstance(written, Written)
        assert (written.patch, written.added, written.removed) == (1, 2, 0)
        asked = f"ASK {{ <{E}x> ?p ?o }}"
        assert not before.query(asked)  # a reader keeps what it opened
        with open_reader(store) as after:
            assert after.generation == written.generation != before.generation
            assert after.query(asked)
            assert after.behind == 1
            assert after.search("quillfjord") == []
            assert len(after.documents()) == len(before.documents())
    assert is_behind(Folder(store))
    build(store)
    assert not is_behind(Folder(store))
    with open_reader(store) as whole:
        assert whole.behind == 0
        assert [hit.iri for hit in whole.search("quillfjord")] == [f"{E}x"]
        assert whole.query(asked)
    assert check_store(store) == []
    assert f'<{E}x> <http://www.w3.org/2004/02/skos/core#prefLabel> "Quillfjord"@en .'.encode() in dumped(
        store
    )


def test_what_was_removed_stays_removed_over_builds(store: Path, working: Working) -> None:
    (person, office), *_ = rows(store, "SELECT ?p ?o { ?p kg:holdsOffice ?o }")
    write(working, f"DELETE DATA {{ {person} kg:holdsOffice {office} }}")
    asked = f"ASK {{ {person} kg:holdsOffice {office} }}"
    for _ in range(2):
        with open_reader(store) as reader:
            assert not reader.query(asked)
        build(store)
    assert f"{person} <https://kg.example/def#holdsOffice> {office}".encode() not in dumped(store)
    with PatchLog(Folder(store).patches) as log:
        assert log.drop([1, 7]) == [1]
    assert is_behind(Folder(store))
    build(store)
    with open_reader(store) as reader:
        assert reader.query(asked)


def test_of_what_was_added_and_removed_again_the_last_counts(store: Path, working: Working) -> None:
    add, remove = (f"{word} DATA {{ <{E}x> <{E}p> 1 }}" for word in ("INSERT", "DELETE"))
    for number, text in enumerate((add, remove, add, remove, add)):
        working.write([ask(text, f"{number}")], tell)
    build(store)
    assert rows(store, f"SELECT ?o {{ <{E}x> <{E}p> ?o }}") == [
        ['"1"^^<http://www.w3.org/2001/XMLSchema#integer>']
    ]
    working.write([ask(remove, "last")], tell)
    build(store)
    assert rows(store, f"SELECT ?o {{ <{E}x> <{E}p> ?o }}") == []


def test_requests_share_a_generation_and_fail_alone(store: Path, working: Working) -> None:
    texts = [f"INSERT DATA {{ <{E}{n}> <{E}p> {n} }}" for n in range(3)]
    told: list[object] = []
    requests = [ask(texts[0]), ask("INSERT DATA {"), ask(texts[1]), ask("CLEAR GRAPH <x:y>"), ask(texts[2])]
    answers = working.write(requests, told.append)
    assert [type(a) for a in answers] == [Written, Failed, Written, Failed, Written]
    assert isinstance(answers[1], Failed)
    assert isinstance(answers[1].error, QuerySyntaxError)
    assert isinstance(answers[3], Failed)
    assert isinstance(answers[3].error, NoSuchGraph)
    assert len({a.generation for a in answers if isinstance(a, Written)}) == 1
    assert [type(t) for t in told] == [Started] * 5 + [Committing]
    assert len(rows(store, f"SELECT ?s {{ ?s <{E}p> ?o }}")) == 3


def test_what_changes_nothing_is_no_patch(store: Path, working: Working) -> None:
    with open_reader(store) as reader:
        before = reader.generation
    (written,) = write(working, f"DELETE DATA {{ <{E}x> <{E}p> 1 }}")
    assert isinstance(written, Written)
    assert (written.patch, written.generation) == (None, before)
    assert not Folder(store).patches.exists() or PatchLog(Folder(store).patches).patches() == []


def test_a_request_that_is_sent_again_is_made_once(working: Working, store: Path) -> None:
    text = f"INSERT DATA {{ [] <{E}p> 1 }}"
    first = working.write([ask(text, "one")], tell)
    again = working.write([ask(text, "one", is_again=True)], tell)
    assert isinstance(first[0], Written)
    assert isinstance(again[0], Written)
    assert first[0].patch == again[0].patch == 1
    assert len(rows(store, f"SELECT ?s {{ ?s <{E}p> ?o }}")) == 1


def test_named_graphs_and_blank_nodes_stay_over_builds(store: Path, working: Working) -> None:
    body = Body(b"<x> <p> [ <q> 1 ] .", "text/turtle", E)
    put = WriteRequest("put", Action.PUT, "now", "me", graph=f"{E}g", bodies=(body,))
    empty = WriteRequest(
        "empty", Action.PUT, "now", "me", graph=f"{E}empty", bodies=(Body(b"", "text/turtle", E),)
    )
    answers = working.write([put, empty], tell)
    assert [a.is_new for a in answers if isinstance(a, Written)] == [True, True]
    asked = "SELECT ?g ?s ?p ?o { GRAPH ?g { ?s ?p ?o } }"
    before = rows(store, asked)
    assert len(before) == 2
    build(store)
    assert rows(store, asked) == before  # the same blank nodes
    with open_reader(store) as reader:
        assert sorted(str(g) for g in reader.oxigraph.named_graphs()) == [f"<{E}empty>", f"<{E}g>"]
    assert check_store(store) == []
    write(working, f"DELETE WHERE {{ GRAPH <{E}g> {{ ?s <{E}q> ?o }} }} ; DROP GRAPH <{E}empty>")
    build(store)
    assert len(rows(store, asked)) == 1
    with open_reader(store) as reader:
        assert [str(g) for g in reader.oxigraph.named_graphs()] == [f"<{E}g>"]


def test_updates_go_on_beside_a_build(store: Path, working: Working) -> None:
    """What is patched while a build is under way is on top of what it makes."""

    write(working, f"INSERT DATA {{ <{E}before> <{E}p> 1 }}")
    with open_writer(store) as writer:
        steps: list[str] = []

        def progress(step: str, done: int, total: int) -> None:
            if step == "load" and step not in steps:
                write(working, f"INSERT DATA {{ <{E}during> <{E}p> 1 }}")
            steps.append(step)

        writer.commit(lambda _: writer.identity(), progress)
    asked = f"SELECT ?s {{ ?s <{E}p> ?o }}"
    assert rows(store, asked) == [[f"<{E}before>"], [f"<{E}during>"]]
    with open_reader(store) as reader:
        assert reader.behind == 1
    write(working, f"INSERT DATA {{ <{E}after> <{E}p> 1 }}")
    assert len(rows(store, asked)) == 3
    build(store)
    assert len(rows(store, asked)) == 3
    assert check_store(store) == []


def test_as_of_a_day_has_what_updates_wrote(store: Path, working: Working) -> None:
    import kg

    write(working, f"INSERT DATA {{ <{E}x> <{E}p> 1 }}")
    build(store)
    with kg.open(store) as graph:
        then = graph.as_of("1900-01-01")
        assert len(then.sparql(f"SELECT ?o {{ <{E}x> <{E}p> ?o }}")) == 1


def test_one_process_makes_updates(store: Path, working: Working) -> None:
    with pytest.raises(StoreBusy):
        Working(Folder(store))


def test_many_updates_leave_few_generations(store: Path, working: Working) -> None:
    for number in range(30):
        working.write([ask(f"INSERT DATA {{ <{E}x> <{E}p> {number} }}", str(number))], tell)
    assert len(list(Folder(store).generations.iterdir())) <= 10


KILLED = """
import json, os, signal, sys
from pathlib import Path
from kg.graph.folder import Folder
from kg.updates.working import Working
from kg.updates.requests import Action, WriteRequest
path, point, told = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
working = Working(Folder(path))
WATCHED = {"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.link", "shutil.rmtree", "fcntl.flock"}
count = 0
def watch(event, arguments):
    global count
    if event in WATCHED:
        count += 1
        if count == point:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(watch)
done = []
for number in range(2):
    text = f"INSERT DATA {{ <http://e.example/{number}> <http://e.example/p> 1, 2 }}"
    working.write([WriteRequest(str(number), Action.UPDATE, "now", "me", text)], lambda m: None)
    descriptor = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(descriptor, b"x")
    os.close(descriptor)
print(count)
"""


def test_a_kill_at_any_point_loses_nothing_that_was_answered_and_leaves_no_half(
    tmp_path: Path, store: Path
) -> None:
    import shutil

    def run(path: Path, point: int) -> tuple[int, str, int]:
        told = path.with_name(f"{path.name}-told")
        found = subprocess.run(
            [sys.executable, "-c", KILLED, str(path), str(point), str(told)],
            capture_output=True,
            text=True,
            env=os.environ | {"PYTHONPATH": ":".join(sys.path)},
            timeout=60,
        )
        return found.returncode, found.stdout, len(told.read_bytes()) if told.exists() else 0

    whole = tmp_path / "whole"
    shutil.copytree(store, whole)
    status, out, answered = run(whole, 0)
    assert (status, answered) == (0, 2)
    total = json.loads(out)
    points = sorted({1 + n * (total - 1) // 9 for n in range(10)})
    for point in points:
        path = tmp_path / f"killed-{point}"
        shutil.copytree(store, path)
        status, _, answered = run(path, point)
        assert status < 0
        working = Working(Folder(path))  # as the server starts it again
        working.close()
        found = rows(path, f"SELECT ?s (COUNT(*) AS ?n) {{ ?s <{E}p> ?o }} GROUP BY ?s")
        assert all(count.startswith('"2"') for _, count in found), (point, found)
        assert len(found) >= answered, (point, found)
        build(path)
        assert check_store(path) == []
