"""A store's folder as a source of readers."""

from __future__ import annotations

from pathlib import Path

from kg.errors import StoreMissing
from kg.graph import open_reader
from kg.graph.folder import Folder
from kg.graph.store import StoreReader


class FolderSource:
    """The generation that a folder's ``current`` names."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._folder = Folder(path)

    def generation(self) -> str:
        """The name in ``current``: one small read. Raises `StoreMissing` if nothing was ever built."""
        current = self._folder.read_current()
        if current is None:
            self._folder.read_base()
            raise StoreMissing(f"{self._path}: the store is empty; `kg build` fills it")
        return current.name

    def open(self) -> StoreReader:
        """A reader of the newest generation."""
        return open_reader(self._path)
