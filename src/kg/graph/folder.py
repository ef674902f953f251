"""A store's folder: where things lie, how they are written so that a crash leaves no half of anything.

::

    store.json                       format version, base IRI
    extractions/RECORD.HASH.json.gz  what was read out of one document
    loaded/HASH/PART.nt.gz           RDF that was loaded, as sorted N-Triples
    generations/NAME/                one immutable generation
    generations/NAME-NUMBER/         the generation NAME with the patches up to NUMBER on top
    days/NAME/HASH/                  the generation NAME as it stood on a day: what its documents of HASH make
    current                          the generation that is served; on a second line the one before it
    origins.json                     identifier, and the file it was read from, as seen from this folder
    patches.sqlite                   what updates wrote
    inbox/NUMBER/                    a document that was posted, and what became of it
    work/                            the graph that updates are made on; made anew by each process that makes them
    lock                             held by the process that builds
    switch.lock                      held while the generation that is served is changed
    writer.lock                      held by the process that makes updates
"""

from __future__ import annotations

import fcntl
import gzip
import json
import os
import shutil
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, NamedTuple

from kg.errors import StoreBusy, StoreDamaged, StoreError, StoreMissing
from kg.graph.serialization import plain_gzip

#: Raised when an older version could not read what this one writes, or the same input makes other files.
FORMAT = 2
_UNFINISHED = ".making-"
#: Snapshots of one generation that stay: a reader that has read `current` needs some time to open what it named.
_SNAPSHOTS = 8


class Current(NamedTuple):
    """The generation that is served and the one before it; empty where there is none."""

    name: str
    previous: str


class Folder:
    """The paths of a store."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.description = path / "store.json"
        self.extractions = path / "extractions"
        self.loaded = path / "loaded"
        self.generations = path / "generations"
        self.days = path / "days"
        self.pointer = path / "current"
        self.lock = path / "lock"
        self.origins = path / "origins.json"
        self.patches = path / "patches.sqlite"
        self.inbox = path / "inbox"
        self.work = path / "work"
        self.switch_lock = path / "switch.lock"
        self.writer_lock = path / "writer.lock"

    def generation(self, name: str) -> Path:
        """The folder of a generation."""
        return self.generations / name

    def extraction(self, record: str, sha256: str) -> Path:
        """The file of a record with that content."""
        return self.extractions / extraction_name(record, sha256)

    def read_base(self) -> str:
        """The base IRI. Raises `StoreMissing` if there is no store, or another `StoreError`."""
        try:
            description = json.loads(self.description.read_text("utf-8"))
            version, base = description["format"], description["base"]
        except (FileNotFoundError, NotADirectoryError):
            raise StoreMissing(f"{self.path}: no store here (no store.json); `kg build` makes one") from None
        except OSError as error:
            raise StoreError(f"{self.description}: cannot be read: {error.strerror or error}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise StoreDamaged(f"{self.description}: want JSON with format and base: {error}") from None
        if version != FORMAT:
            raise StoreError(f"{self.description}: format {version!r}; this version reads format {FORMAT}")
        return str(base)

    def prepare(self) -> None:
        """Make the folder if there is none, for a lock to lie in.

        Raises `StoreError` if it holds something else than a store, or what is left of one that was not
        finished, or if it cannot be made.
        """
        with writing(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            ours = {self.lock.name, _unfinished(self.description).name}
            foreign = sorted(p.name for p in self.path.iterdir() if p.name not in ours)
            # another process may have made the store in the meantime: asked last
            if foreign and not self.description.exists():
                raise StoreError(
                    f"{self.path}: not a store, and not empty ({foreign[0]}); want a new or empty folder"
                )

    def create(self, base: str) -> None:
        """Make an empty store here; for the holder of the lock. Raises `StoreError` if it cannot be written."""
        with writing(self.path):
            write_atomically(self.description, encode_json({"base": base, "format": FORMAT}))

    def read_current(self) -> Current | None:
        """What is served, or None if nothing was ever committed."""
        try:
            name, _, previous = self.pointer.read_text("utf-8").strip().partition("\n")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(f"{self.pointer}: cannot be read: {error.strerror or error}") from error
        if not name or "/" in name or "/" in previous:
            raise StoreDamaged(f"{self.pointer}: found {name!r}; want the name of a generation")
        return Current(name, previous)

    def switch(self, name: str) -> None:
        """Serve the generation `name` from now on, atomically."""
        before = self.read_current()
        if before is not None and before.name == name:
            return
        write_atomically(self.pointer, f"{name}\n{before.name if before else ''}\n".encode())

    def read_origins(self) -> dict[str, str]:
        """Identifier → path from here to the file it was read from; of what was never said, nothing."""
        try:
            found = json.loads(self.origins.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise StoreError(f"{self.origins}: cannot be read: {error.strerror or error}") from error
        except ValueError as error:
            raise StoreDamaged(f"{self.origins}: not JSON: {error}") from None
        if not isinstance(found, dict):
            raise StoreDamaged(f"{self.origins}: want an object of identifiers and paths")
        return {str(name): str(path) for name, path in found.items()}

    def write_origins(self, origins: Mapping[str, str]) -> None:
        """Keep `origins` for `read_origins`; nothing is written where nothing has changed."""
        if origins != self.read_origins():
            write_atomically(self.origins, encode_json(dict(origins)))

    def sweep(self, extractions: set[str], loaded: set[str]) -> None:
        """Remove what no generation needs: all but those of `kept_generations`, files not named here, leftovers.

        For the holder of the lock and of `kg.graph.snapshots.switching`.
        """
        kept = self.kept_generations()
        for place, names in (
            (self.generations, kept),
            (self.days, kept),
            (self.extractions, extractions),
            (self.loaded, loaded),
        ):
            if place.is_dir():
                for path in sorted(place.iterdir()):
                    if path.name not in names:
                        (discard_generation if place == self.generations else discard)(path)
        for path in sorted(self.path.glob(".*.part")):
            discard(path)

    def kept_generations(self) -> set[str]:
        """The generations that readers may be about to open: the two of `current`, and the last few snapshots."""
        current = self.read_current()
        if current is None:
            return set()
        kept = {current.name, current.previous}
        base, dash, _ = current.name.partition("-")
        if dash and self.generations.is_dir():
            kept.update(sorted(p.name for p in self.generations.glob(f"{base}-*"))[-_SNAPSHOTS:])
        return kept

    def unfinished(self) -> Path:
        """A new empty folder to make a generation in, beside the finished ones."""
        path = self.generations / f"{_UNFINISHED}{os.getpid()}"
        discard(path)
        path.mkdir(parents=True)
        return path


def discard_generation(place: Path) -> None:
    """Remove a generation; one with patches on top not while it is read: those go faster than a query waits."""
    try:
        descriptor = os.open(place / "live.json", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        discard(place)
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        discard(place)
    except BlockingIOError:
        pass  # the next sweep tries again
    finally:
        os.close(descriptor)


def extraction_name(record: str, sha256: str) -> str:
    """The name of the file of a record: other content under one record is another file."""
    return f"{record}.{sha256[:16]}.json.gz"


def discard(path: Path) -> None:
    """Remove a file or folder that is not needed; what cannot be removed now is left to the next sweep."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)


@contextmanager
def writing(where: Path) -> Iterator[None]:
    """Turns failures to write (no space, read-only, too large) into `StoreError`s that name the file."""
    try:
        yield
    except OSError as error:
        named = error.filename if isinstance(error.filename, str) else str(where)
        raise StoreError(f"{named}: cannot be written: {error.strerror or error}") from error


def encode_json(value: object) -> bytes:
    """`value` as JSON with sorted keys."""
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def write_atomically(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Put `data` at `path`, whole or not at all; `durable`: it outlives a power cut from here on."""

    def fill(out: IO[bytes]) -> None:
        out.write(data)

    write_file(path, fill, durable=durable)


def write_compressed(path: Path, data: bytes) -> None:
    """Put `data` at `path` as gzip, whole or not at all, not yet durable."""

    def fill(raw: IO[bytes]) -> None:
        with plain_gzip(raw) as out:
            out.write(data)

    write_file(path, fill, durable=False)


def write_file(path: Path, fill: Callable[[IO[bytes]], None], *, durable: bool) -> None:
    """Put at `path` what `fill` writes, whole or not at all."""
    unfinished = _unfinished(path)
    try:
        with unfinished.open("wb") as out:
            fill(out)
            out.flush()
            if durable:
                os.fsync(out.fileno())
        os.replace(unfinished, path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    if durable:
        sync_folder(path.parent)


def _unfinished(path: Path) -> Path:
    """Where a file lies until it is whole."""
    return path.with_name(f".{path.name}.part")


def read_compressed(path: Path) -> bytes:
    """The bytes compressed in a file. Raises `StoreDamaged` if it is missing or broken."""
    try:
        return gzip.decompress(path.read_bytes())
    except (OSError, EOFError, ValueError) as error:
        raise StoreDamaged(f"{path}: cannot be read: {error}") from None


def sync_file(path: Path) -> None:
    """Make a file's contents outlive a power cut."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Make the names in a folder outlive a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(path: Path) -> None:
    """`sync_file` and `sync_folder` for all below `path`."""
    for folder, _, files in os.walk(path):
        for name in files:
            sync_file(Path(folder, name))
        sync_folder(Path(folder))


class Lock:
    """Keeps a second writer out, in this process or another; gone when the process is, however it ends.

    Processes forked while it is held do not hold it.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as error:
            raise StoreError(f"{path}: cannot be written: {error.strerror or error}") from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self._descriptor, 32, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(self._descriptor)
            raise StoreBusy(
                f"{path.parent}: process {holder} is writing to this store; try again when it is done"
            ) from None
        try:
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)
        except OSError as error:
            os.close(self._descriptor)
            raise StoreError(f"{path}: cannot be written: {error.strerror or error}") from error
        _held.add(self)

    def release(self) -> None:
        """Let others write; releasing twice is once."""
        _held.discard(self)
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


_held: weakref.WeakSet[Lock] = weakref.WeakSet()


def _forget_locks() -> None:
    for lock in list(_held):
        lock.release()


os.register_at_fork(after_in_child=_forget_locks)
