"""Hands every request the newest generation, and closes an old one when its last request has ended."""

from __future__ import annotations

import logging
import threading
from typing import Protocol

from kg.engine.question import Snapshot
from kg.errors import StoreError
from kg.graph.local import LocalReader
from kg.graph.past import PastReader
from kg.graph.store import StoreReader
from kg.query.as_of import Days
from kg.terms import prefixes

log = logging.getLogger("kg.server")

#: How often a generation that vanished while it was being opened is looked for again.
_ATTEMPTS = 3


class Source(Protocol):
    """Where readers come from."""

    def generation(self) -> str:
        """The name of the newest generation; cheap, it is asked for with every request."""

    def open(self) -> StoreReader:
        """A reader of the newest generation."""


class FixedSource:
    """A source that is one open reader; it is closed by whoever opened it."""

    def __init__(self, reader: StoreReader) -> None:
        self._reader = reader

    def generation(self) -> str:
        """The generation of the reader."""
        return self._reader.generation

    def open(self) -> StoreReader:
        """The reader."""
        return self._reader


class Lease:
    """A reader that stays open until `release`; several requests share one reader."""

    def __init__(self, readers: Readers, reader: StoreReader) -> None:
        self._readers = readers
        self.reader = reader
        self.days = Days(reader)
        self.snapshot = find_snapshot(reader)
        self.count = 0
        self.retired = False

    def hold(self) -> Lease:
        """The same lease, held once more: to be released once more."""
        with self._readers.lock:
            self.count += 1
        return self

    def release(self) -> None:
        """Let go; the last one to let go of an old generation closes it."""
        with self._readers.lock:
            self.count -= 1
            close = self.retired and self.count == 0
        if close:
            self._readers.close_reader(self)


def find_snapshot(reader: StoreReader) -> Snapshot | None:
    """What worker processes open to read what `reader` reads; None if it is not in files."""
    if not isinstance(reader, LocalReader) or reader.graph_path is None:
        return None
    # absolute: the processes work in another folder than the server
    return Snapshot(reader.graph_path.absolute(), prefixes(reader.base))


class DayLease(Lease):
    """A reader of a generation as it stood on a day; holds the lease on the generation."""

    def __init__(self, whole: Lease, reader: PastReader) -> None:
        super().__init__(whole._readers, reader)
        self._whole = whole
        self._past = reader

    def hold(self) -> Lease:
        """The same lease, held once more: to be released once more."""
        self._whole.hold()
        self._whole.days.hold(self._past)
        return self

    def release(self) -> None:
        """Let go of the day and of its generation."""
        self._whole.days.release(self._past)
        self._whole.release()


class Readers:
    """Keeps the newest generation open. Thread-safe."""

    def __init__(self, source: Source, *, owns: bool = True) -> None:
        self.lock = threading.Lock()
        self._source = source
        self._owns = owns
        self._opening = threading.Lock()
        self._current: Lease | None = None
        self._generation: str | None = None

    def find_current(self) -> Lease | None:
        """A lease on the open reader if it is the newest generation, else None: then call `lease`."""
        try:
            newest: str | None = self._source.generation()
        except StoreError:
            newest = (
                self._generation
            )  # a store that cannot be read just now is still served from what is open
        with self.lock:
            if self._current is None or newest != self._generation:
                return None
            self._current.count += 1
            return self._current

    def lease(self) -> Lease:
        """A lease on the newest generation, opening it if need be; may take as long as opening does.

        If the newest cannot be opened, the one before it serves on. Raises `StoreError` if there is none.
        """
        with self._opening:
            found = self.find_current()
            if found is not None:
                return found
            try:
                reader = self._open()
            except StoreError as error:
                with self.lock:
                    if self._current is None:
                        raise
                    self._current.count += 1
                    log.error("a new generation cannot be opened, the one before it serves on: %s", error)
                    return self._current
            fresh = Lease(self, reader)
            fresh.count = 1
            with self.lock:
                old, self._current, self._generation = self._current, fresh, reader.generation
                close = old is not None and old.count == 0
                if old is not None:
                    old.retired = True
            if old is not None and close:
                self.close_reader(old)
            return fresh

    def close(self) -> None:
        """Close what is open, once its last request has ended."""
        with self.lock:
            old, self._current, self._generation = self._current, None, None
            close = old is not None and old.count == 0
            if old is not None:
                old.retired = True
        if old is not None and close:
            self.close_reader(old)

    def close_reader(self, lease: Lease) -> None:
        """Close the reader of a retired lease, unless it belongs to someone else, and its days."""
        lease.days.close()
        if self._owns:
            lease.reader.close()

    def _open(self) -> StoreReader:
        for _ in range(_ATTEMPTS - 1):
            try:
                return self._source.open()
            except StoreError:
                continue
        return self._source.open()
