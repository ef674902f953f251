from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import httpx
import pytest
from fastapi import FastAPI

from kg.errors import StoreDamaged, StoreMissing
from kg.graph import open_reader
from kg.graph.store import StoreReader
from kg.server.app import create_app
from kg.server.folders import FolderSource
from kg.server.readers import Readers, find_snapshot

Serve = Callable[[FastAPI], httpx.Client]


class Counted:
    """Stands for an open reader, and tells when it is closed."""

    def __init__(self, generation: str) -> None:
        self.generation = generation
        self.closed = 0

    def close(self) -> None:
        self.closed += 1


class Scripted:
    """A source whose generations are set by the test."""

    def __init__(self) -> None:
        self.newest = "1"
        self.opened: list[Counted] = []
        self.broken = False

    def generation(self) -> str:
        if self.broken:
            raise StoreMissing("gone")
        return self.newest

    def open(self) -> StoreReader:
        if self.broken:
            raise StoreDamaged("broken")
        reader = Counted(self.newest)
        self.opened.append(reader)
        return reader  # type: ignore[return-value]


def test_one_reader_serves_until_there_is_a_newer_generation() -> None:
    source = Scripted()
    readers = Readers(source)
    first, second = readers.lease(), readers.lease()
    assert first.reader is second.reader
    source.newest = "2"
    assert readers.find_current() is None
    third = readers.lease()
    assert [r.generation for r in source.opened] == ["1", "2"]
    assert third.reader is source.opened[1]  # type: ignore[comparison-overlap]
    first.release()
    assert source.opened[0].closed == 0  # the second request still reads
    second.release()
    assert source.opened[0].closed == 1
    third.release()
    assert source.opened[1].closed == 0  # the newest stays open
    readers.close()
    assert source.opened[1].closed == 1


def test_a_lease_held_twice_is_released_twice() -> None:
    source = Scripted()
    readers = Readers(source)
    lease = readers.lease()
    lease.hold()
    readers.close()
    lease.release()
    assert source.opened[0].closed == 0
    lease.release()
    assert source.opened[0].closed == 1


def test_an_idle_reader_is_closed_when_it_is_replaced() -> None:
    source = Scripted()
    readers = Readers(source)
    readers.lease().release()
    source.newest = "2"
    readers.lease().release()
    assert [r.closed for r in source.opened] == [1, 0]
    readers.close()


def test_a_store_that_breaks_is_served_from_what_is_open() -> None:
    source = Scripted()
    readers = Readers(source)
    readers.lease().release()
    source.broken = True
    lease = readers.lease()
    assert lease.reader.generation == "1"
    lease.release()
    readers.close()
    with pytest.raises(StoreDamaged):
        readers.lease()


def test_a_store_that_is_not_there_or_empty(tmp_path: Path, asked_world: ModuleType) -> None:
    with pytest.raises(StoreMissing):
        create_app(tmp_path / "none")
    asked_world.build(tmp_path / "store", [])
    assert FolderSource(tmp_path / "store").generation()


def test_the_processes_find_a_store_that_is_given_by_a_relative_path(
    small_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(small_store.parent)
    with open_reader(small_store.name) as reader:
        snapshot = find_snapshot(reader)
        assert snapshot is not None
        assert snapshot.graph.is_absolute()
        assert snapshot.graph.is_dir()


def test_a_reader_that_is_given_stays_open(serve: Serve, small_store: Path) -> None:
    reader = open_reader(small_store)
    client = serve(create_app(reader))
    assert client.get("/readyz").json()["generation"] == reader.generation
    assert reader.documents()
    reader.close()


def test_generations_switch_under_load_without_a_wrong_answer(
    serve: Serve, small_store: Path, tmp_path: Path, asked_world: ModuleType
) -> None:
    store = tmp_path / "store"
    shutil.copytree(small_store, store)
    client = serve(create_app(store))
    w = asked_world.w
    before = client.get("/readyz").json()["documents"]
    wrong: list[str] = []
    seen: set[int] = set()
    stop = threading.Event()

    def ask() -> None:
        with httpx.Client(base_url=client.base_url, timeout=30, trust_env=False) as own:
            while not stop.is_set():
                ready = own.get("/readyz")
                hood = own.get("/neighbourhood", params={"entity": "Norland", "depth": 2})
                listed = own.get("/sparql", params={"query": "SELECT (COUNT(*) AS ?n) { ?d a kg:Document }"})
                for response in (ready, hood, listed):
                    if response.status_code != 200:
                        wrong.append(response.text)
                if not wrong:
                    seen.add(int(listed.json()["results"]["bindings"][0]["n"]["value"]))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for n in range(3):
            extra = w.make(f"extra-{n}.txt", f"Norland has {n} ships.", issued="2024-06-01")
            asked_world.build(store, [extra])
            assert client.get("/readyz").json()["documents"] == before + n + 1
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)
    assert wrong == []
    assert seen <= {before + n for n in range(4)}
    assert max(seen) == before + 3 or client.get("/readyz").json()["documents"] == before + 3
