"""A store's folder, or an endpoint, as a source of readers."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from kg.errors import KgError, StoreMissing
from kg.graph import open_reader
from kg.graph.folder import Folder
from kg.graph.places import Place, is_address, read_generation
from kg.graph.places import open_reader as open_place
from kg.graph.store import StoreReader
from kg.server.readers import Source
from kg.settings import Settings, load_settings

log = logging.getLogger("kg.server")


class FolderSource:
    """The generation that a folder's ``current`` names."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._folder = Folder(path)
        self._read: tuple[tuple[int, ...], str] | None = None

    def generation(self) -> str:
        """The name in ``current``, read when it is another file. Raises `StoreMissing` if nothing was ever built."""
        try:
            found = self._folder.pointer.stat()
            seen: tuple[int, ...] = (found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size)
        except OSError:
            seen = ()
        if self._read is not None and self._read[0] == seen:
            return self._read[1]
        name = self._read_name()
        self._read = (seen, name) if seen else None
        return name

    def _read_name(self) -> str:
        current = self._folder.read_current()
        if current is None:
            self._folder.read_base()
            raise StoreMissing(f"{self._path}: the store is empty; `kg build` fills it")
        return current.name

    def open(self) -> StoreReader:
        """A reader of the newest generation."""
        return open_reader(self._path)


class EndpointSource:
    """What an endpoint holds; a thread asks it now and then whether there is a newer generation.

    `poll` is the number of seconds between two questions. Of an endpoint that kg never built into, the triples are
    counted each time.
    """

    def __init__(self, address: str, settings: Settings) -> None:
        self._address = address
        self._settings = settings
        self._generation: str | None = None
        self._asking: threading.Thread | None = None
        self._ended = threading.Event()

    def generation(self) -> str:
        """The generation that was told last; does not wait for the endpoint."""
        return self._generation or ""

    def open(self) -> StoreReader:
        """A reader of what the endpoint holds. Raises `StoreError`."""
        reader = open_place(self._address, self._settings)
        self._generation = reader.generation
        if self._asking is None:
            self._asking = threading.Thread(target=self._ask, name="kg-poll", daemon=True)
            self._asking.start()
        return reader

    def close(self) -> None:
        """Ask no more."""
        self._ended.set()

    def _ask(self) -> None:
        while not self._ended.wait(self._settings.remote_poll):
            try:
                self._generation = read_generation(self._address, self._settings)
            except KgError as error:
                log.warning("%s", error)


def open_source(place: Place, settings: Settings | None = None) -> Source:
    """The source of the store at `place`."""
    if is_address(place):
        return EndpointSource(str(place), settings or load_settings())
    return FolderSource(Path(place))
