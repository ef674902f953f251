"""Generations with patches on top: hard links to all files of the one below, and a graph of their own.

Beside what every generation has, such a folder holds ``live.json``: which patches its graph has. Its index and parts
have those that its manifest names; by how many patches they are behind is `Live.behind`.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kg.errors import StoreBusy, StoreDamaged, StoreError
from kg.graph.folder import Folder, discard, encode_json, sync_folder, write_atomically, writing
from kg.graph.patches import NOTHING, PatchLog, State, apply_lines

_FILE = "live.json"
_PAUSE = 0.005  # seconds between two looks at a lock


@dataclass(frozen=True, slots=True)
class Live:
    """Which patches the graph of a generation has, and how many of them its other files have not yet."""

    state: State
    behind: int


@contextmanager
def switching(folder: Folder, seconds: float = 120.0) -> Iterator[None]:
    """Holds the right to switch generations, which a build needs at its end and an update all along.

    Raises `StoreBusy` if others keep it for so long.
    """
    with writing(folder.path):
        descriptor = os.open(folder.switch_lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        limit = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > limit:
                    raise StoreBusy(f"{folder.path}: another process is switching generations") from None
                time.sleep(_PAUSE)
        yield
    finally:
        os.close(descriptor)


def hold(place: Path) -> int | None:
    """Keep a generation with patches on top from being removed; a descriptor to be closed, None for one without."""
    try:
        descriptor = os.open(place / _FILE, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def folded_state(manifest: Mapping[str, object] | None) -> State:
    """The patches that the parts and the index of a generation have, by its manifest."""
    found = manifest.get("patches") if manifest is not None else None
    return State(int(found["last"]), str(found["digest"])) if isinstance(found, dict) else NOTHING


def read_live(place: Path) -> Live | None:
    """What lies on top of the generation in a folder, or None for one that is whole. Raises `StoreDamaged`."""
    try:
        found = json.loads((place / _FILE).read_text("utf-8"))
        return Live(State(int(found["last"]), str(found["digest"])), int(found["behind"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreDamaged(f"{place / _FILE}: cannot be read: {error}") from None


def base_of(name: str) -> str:
    """The generation that lies below the one of that name.

    >>> base_of("0f3a-000000000012"), base_of("0f3a")
    ('0f3a', '0f3a')
    """
    return name.partition("-")[0]


def snapshot_name(base: str, state: State) -> str:
    """The name of the generation `base` with the patches of `state` on top."""
    return f"{base_of(base)}-{state.last:012d}"


def make_snapshot(folder: Folder, below: str, graph: ox.Store, live: Live) -> str:
    """Make a generation of the files of `below` and a copy of `graph`; its name. For the holder of `switching`."""
    name = snapshot_name(below, live.state)
    target = folder.generations / f".making-{os.getpid()}-live"
    with writing(folder.path):
        discard(target)
        target.mkdir(parents=True)
        try:
            link_tree(folder.generation(below), target, {"graph", _FILE})
            graph.backup(str(target / "graph"))
            content = {"last": live.state.last, "digest": live.state.digest, "behind": live.behind}
            write_atomically(target / _FILE, encode_json(content))
            discard(folder.generation(name))
            os.replace(target, folder.generation(name))
            sync_folder(folder.generations)
        except BaseException:
            discard(target)
            raise
    return name


def link_tree(source: Path, target: Path, leave_out: set[str]) -> None:
    """Hard links in `target` to all files below `source`, or copies where there can be none."""
    for entry in sorted(os.scandir(source), key=lambda e: e.name):
        if entry.name in leave_out:
            continue
        to = target / entry.name
        if entry.is_dir():
            to.mkdir()
            link_tree(Path(entry.path), to, set())
            continue
        try:
            os.link(entry.path, to)
        except OSError:
            shutil.copyfile(entry.path, to)


def catch_up(folder: Folder, name: str, folded: State) -> str:
    """The generation to serve where `name`, which has the patches of `folded`, was made: with later ones on top.

    For the holder of `switching`.
    """
    with PatchLog(folder.patches) as log:
        if log.state(folded.last) != folded:
            return name  # some were taken out in the meantime: to be made anew
        pending = log.patches(after=folded.last)
        if not pending:
            return name
        scratch = folder.path / f".catching-{os.getpid()}.part"
        discard(scratch)
        try:
            copy_graph(folder.generation(name) / "graph", scratch)
            store = ox.Store(str(scratch))
            for patch in pending:
                apply_lines(store, log.lines(patch.number))
            made = make_snapshot(folder, name, store, Live(log.state(), len(pending)))
            del store
        finally:
            discard(scratch)
    return made


def copy_graph(source: Path, target: Path) -> None:
    """A copy of a graph that may be written to; unchanged files are shared. Raises `StoreDamaged`."""
    try:
        ox.Store.read_only(str(source)).backup(str(target))
    except OSError as error:
        raise StoreDamaged(f"{source}: cannot be opened: {error}") from None


def is_behind(folder: Folder) -> bool:
    """Whether the parts and the index of what is served lack patches, or have some that were taken out.

    Raises `StoreError` if that cannot be told.
    """
    current = folder.read_current()
    if current is None:
        return False
    place = folder.generation(current.name)
    try:
        manifest = json.loads((place / "manifest.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise StoreError(f"{place}: cannot be read: {error}") from None
    with PatchLog(folder.patches) as log:
        return log.state() != folded_state(manifest)
