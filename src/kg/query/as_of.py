"""Questions as of a day: answered from what the documents published by then say."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial

from kg.errors import QueryError
from kg.graph.assembly import last_day
from kg.graph.local import LocalReader
from kg.graph.past import PastReader, open_past
from kg.graph.store import StoreReader
from kg.query.declared import shipped_ontology

#: Days of one generation that stay open.
MOST_OPEN = 4


def read_day(text: str, name: str = "as_of") -> date:
    """The day that `text` gives: YYYY-MM-DD, or the last day of another EDTF date. Raises `QueryError` with `name`."""
    last = last_day(text.strip())
    if last is None:
        raise QueryError(
            f"{name}={text!r}: want a day as YYYY-MM-DD, or a month or year, of which the last day counts"
        )
    return date.fromisoformat(last)


def open_day(reader: StoreReader, day: date) -> PastReader:
    """A reader of the store of `reader` as it stood on `day`; to be closed. Raises `QueryError` if it has no past."""
    from kg.resolution import decide_identity, parse_judgements

    if isinstance(reader, PastReader):
        raise QueryError(f"as_of={day}: this is the store of {reader.day} already; ask the whole store")
    if not isinstance(reader, LocalReader):
        raise QueryError(f"as_of={day}: only a store in a folder can be asked as of a day")
    judgements = parse_judgements(reader.judgements, "judgements of the store", reader.base)
    return open_past(reader, day, partial(decide_identity, judgements=judgements), shipped_ontology())


class Days:
    """The days of one generation: the last few that were asked for stay open. Thread-safe."""

    def __init__(self, reader: StoreReader) -> None:
        self._reader = reader
        self._lock = threading.Lock()
        self._making = threading.Lock()
        self._open: dict[date, PastReader] = {}
        self._held: dict[PastReader, int] = {}
        self._closed = False

    def prepare(self, day: date) -> None:
        """Open `day`; may take as long as making the generation does. One is made at a time."""
        with self._making:
            with self._lock:
                if day in self._open:
                    return
            made = open_day(self._reader, day)
            with self._lock:
                self._open[day] = made
                self._held[made] = 0
                for old in [d for d in self._open if d != day][: max(0, len(self._open) - MOST_OPEN)]:
                    self._drop(old)
                if self._closed:
                    self._drop(day)

    def find(self, day: date) -> PastReader | None:
        """The reader of `day` if it is open, held until `release`."""
        with self._lock:
            found = self._open.pop(day, None)
            if found is not None:
                self._open[day] = found  # now the last one asked for
                self._held[found] += 1
            return found

    def hold(self, reader: PastReader) -> None:
        """Hold `reader` once more."""
        with self._lock:
            self._held[reader] += 1

    def release(self, reader: PastReader) -> None:
        """Let go of what `find` gave."""
        with self._lock:
            self._held[reader] -= 1
            self._close_unused(reader)

    @contextmanager
    def on(self, day: date) -> Iterator[PastReader]:
        """The reader of `day` for a while."""
        while (found := self.find(day)) is None:
            self.prepare(day)
        try:
            yield found
        finally:
            self.release(found)

    def close(self) -> None:
        """Let go of all days, of those in use once they are released."""
        with self._lock:
            self._closed = True
            for day in list(self._open):
                self._drop(day)

    def _drop(self, day: date) -> None:
        self._close_unused(self._open.pop(day))

    def _close_unused(self, reader: PastReader) -> None:
        if self._held[reader] == 0 and reader not in self._open.values():
            del self._held[reader]
            reader.close()
