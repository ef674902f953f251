"""Killed at any point, out of room, not allowed to write: the old generation serves, the store is sound.

Full disks are played by RLIMIT_FSIZE, which every machine allows; read-only folders are written to as an
unprivileged user.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import graph_world as w
import pytest

from kg.catalog.ontology import Ontology
from kg.errors import StoreBusy, StoreError
from kg.graph.checking import check_store
from kg.graph.folder import Lock
from kg.graph.local import open_reader, open_writer

HERE = Path(__file__).parent

# Runs in a process of its own: forking one that has used RocksDB would leave its threads behind.
SETUP = """
import importlib.util, json, os, resource, shutil, signal, sys
from pathlib import Path
spec = importlib.util.spec_from_file_location("graph_world", Path(sys.argv[1], "world.py"))
w = importlib.util.module_from_spec(spec)
sys.modules["graph_world"] = w
spec.loader.exec_module(w)
from kg.catalog.ontology import load_ontology
from kg.errors import StoreError
from kg.graph.local import open_reader, open_writer
root = Path(sys.argv[1]).parents[1]
ontology = load_ontology(root / "ontology" / "kg.ttl", root)

def add(path, extractions):
    with open_writer(path, ontology=ontology) as writer:
        for extraction in extractions:
            writer.put(w.record(extraction), extraction)
        return writer.commit(w.identity)
"""

KILLED = (
    SETUP
    + """
WATCHED = {"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "sqlite3.connect", "shutil.rmtree"}

def killed_at(path, point):
    count = 0
    def watch(event, arguments):
        nonlocal count
        if event in WATCHED:
            count += 1
            if count == point:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(watch)
    add(path, w.world()[1:])
    return count

def forked(path, point):
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, str(killed_at(path, point)).encode())
        os._exit(0)
    os.close(write)
    _, status = os.waitpid(child, 0)
    told = os.read(read, 20)
    os.close(read)
    return os.WIFSIGNALED(status), int(told or 0)

store, points = Path(sys.argv[2]), int(sys.argv[3])
child = os.fork()
if child == 0:
    add(store, w.world()[:1])
    os._exit(0)
os.waitpid(child, 0)
whole = store.with_name("whole")
shutil.copytree(store, whole)
_, total = forked(whole, 0)
made = {}
for number in range(points):
    point = 1 + number * (total - 1) // (points - 1)
    place = store.with_name(f"killed-{point}")
    shutil.copytree(store, place)
    made[place.name] = forked(place, point)[0]
print(json.dumps({"total": total, "made": made}))
"""
)


def run(script: str, *arguments: object) -> str:
    found = subprocess.run(
        [sys.executable, "-c", script, str(HERE), *map(str, arguments)],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": ":".join(sys.path)},
        timeout=120,
    )
    assert found.returncode == 0, found.stderr
    return found.stdout


def test_a_build_killed_at_any_point_leaves_a_sound_store(
    tmp_path: Path, dumped: Callable[..., bytes], ontology: Ontology
) -> None:
    told = json.loads(run(KILLED, tmp_path / "store", 10))
    before, after = dumped(tmp_path / "store"), dumped(tmp_path / "whole")
    assert before != after
    assert all(told["made"].values())
    outcomes = set()
    for name in told["made"]:
        path = tmp_path / name
        found = dumped(path)
        outcomes.add(found)
        assert found in (before, after)
        with open_writer(path, ontology=ontology) as writer:
            for extraction in w.world():
                writer.put(w.record(extraction), extraction)
            writer.commit(w.identity)
        assert dumped(path) == after
        assert not [p for p in path.rglob("*") if p.name.startswith((".making-", "."))]
    assert outcomes == {before, after}
    assert check_store(path, ontology) == []


FULL = (
    SETUP
    + """
store, limit = Path(sys.argv[2]), int(sys.argv[3])
text = "Nothing new in Portal City. " * 6000
big = w.make("big.txt", text, [(w.PORTAL, "locatedIn", w.NORLAND, w.A, text[:27])])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
try:
    with open_writer(store, ontology=ontology) as writer:
        writer.put(w.record(big), big)
        writer.commit(w.identity)
    print("written")
except StoreError as error:
    print(f"{type(error).__name__}: {error}")
"""
)


def test_a_full_disk_is_said_to_be_one_and_the_old_generation_serves(
    tmp_path: Path, build: Callable[..., str], dumped: Callable[..., bytes], ontology: Ontology
) -> None:
    path = tmp_path / "store"
    build(path, w.world())
    before = dumped(path)
    told = [run(FULL, path, limit).strip() for limit in (10, 1_000, 20_000, 200_000)]
    for message in told:
        assert message.startswith("StoreError: "), message
        assert str(path) in message
    assert "File too large" in told[0]
    assert dumped(path) == before
    assert check_store(path, ontology) == []
    assert run(FULL, path, 1 << 30).strip() == "written"
    with open_reader(path) as reader:
        assert len(reader.documents()) == len(w.world()) + 1


READ_ONLY = (
    SETUP
    + """
store = Path(sys.argv[2])
# All modules are loaded before: an unprivileged user may not reach them.
add(store.parents[1] / "warm", w.world()[:1])
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
with open_reader(store) as reader:
    print(len(reader.documents()), len(list(reader.quads())))
for attempt in (store, store / "new", store.parent / "elsewhere"):
    try:
        open_writer(attempt, ontology=ontology)
        print("opened")
    except StoreError as error:
        print(f"{type(error).__name__}: {error}")
"""
)


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that every user reaches; those of pytest are private."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_a_read_only_folder_is_read_and_not_written(
    public: Path, build: Callable[..., str], dumped: Callable[..., bytes]
) -> None:
    place = public / "place"
    place.mkdir()
    path = place / "store"
    build(path, w.world())
    before = dumped(path)
    locked = [place, *place.rglob("*")]
    for item in locked:
        item.chmod(0o555 if item.is_dir() else 0o444)
    try:
        told = run(READ_ONLY, path)
    finally:
        for item in locked:
            item.chmod(0o755 if item.is_dir() else 0o644)
    first, *attempts = told.strip().splitlines()
    assert first.split()[0] == str(len(w.world()))
    assert len(attempts) == 3
    for attempt in attempts:
        assert attempt.startswith("StoreError: "), attempt
        assert "Permission denied" in attempt
        assert str(place) in attempt
    assert dumped(path) == before


def test_all_is_made_durable_before_it_is_switched_to(
    tmp_path: Path, build: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "store"
    log: list[str] = []
    replace = os.replace

    def note_sync(descriptor: int) -> None:
        log.append(os.readlink(f"/proc/self/fd/{descriptor}"))

    def note_replace(source: str, target: str) -> None:
        log.append(f"switch {target}")
        replace(source, target)

    monkeypatch.setattr("kg.graph.folder.os.fsync", note_sync)
    monkeypatch.setattr("kg.graph.folder.os.replace", note_replace)
    name = build(path, w.world())
    switched = log.index(f"switch {path}/current")
    synced = [
        entry.rsplit("/.making-", 1)[-1].partition("/")[2] for entry in log[:switched] if ".making-" in entry
    ]
    made = path / "generations" / name
    files = {str(p.relative_to(made)) for p in made.rglob("*") if p.is_file()}
    assert files <= set(synced)
    records = [p for p in (path / "extractions").iterdir() if str(p) not in log[:switched]]
    assert records == []
    assert log.index(f"switch {made}") < switched


FIRST = (
    SETUP
    + """
def killed_while_created(path, point):
    count = 0
    def watch(event, arguments):
        nonlocal count
        if event in {"open", "os.rename", "os.mkdir"} and str(path) in str(arguments[0]):
            count += 1
            if count == point:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(watch)
    open_writer(path, ontology=ontology).close()

killed = 0
for point in range(1, 12):
    place = Path(sys.argv[2], str(point))
    child = os.fork()
    if child == 0:
        killed_while_created(place, point)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    killed += os.WIFSIGNALED(status)
print(killed)
"""
)


def test_a_store_killed_while_it_is_made_can_be_built_into(
    tmp_path: Path, dumped: Callable[..., bytes], build: Callable[..., str]
) -> None:
    assert int(run(FIRST, tmp_path / "killed")) >= 5
    left = sorted((tmp_path / "killed").iterdir())
    assert any((place / ".store.json.part").exists() for place in left)
    build(tmp_path / "whole", w.world()[:1])
    for place in left:
        build(place, w.world()[:1])
        assert dumped(place) == dumped(tmp_path / "whole")
        assert not [p for p in place.iterdir() if p.name.startswith(".")]


def test_a_second_first_build_is_told_that_the_store_is_busy(tmp_path: Path, ontology: Ontology) -> None:
    store = tmp_path / "store"
    store.mkdir()
    lock = Lock(store / "lock")  # another process has just begun
    with pytest.raises(StoreBusy):
        open_writer(store, ontology=ontology)
    assert not (store / "store.json").exists()  # nothing is made without the lock
    lock.release()
    open_writer(store, ontology=ontology).close()


def test_a_folder_of_something_else_stays_as_it_is(tmp_path: Path, ontology: Ontology) -> None:
    (tmp_path / "letters.txt").write_text("x", encoding="utf-8")
    with pytest.raises(StoreError, match=r"letters\.txt"):
        open_writer(tmp_path, ontology=ontology)
    assert [p.name for p in tmp_path.iterdir()] == ["letters.txt"]
