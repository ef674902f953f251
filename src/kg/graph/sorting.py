"""Sorted, distinct lines of any number in bounded memory."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

#: Bytes of lines held before they are written out as one sorted run.
RUN_BYTES = 96_000_000


def merge_lines(sources: Iterable[Iterable[bytes]]) -> Iterator[bytes]:
    """The lines of sorted `sources`, sorted, each once."""
    last: bytes | None = None
    for line in heapq.merge(*sources):
        if line != last:
            yield line
            last = line


class LineSorter:
    """Takes lines in any order, gives them back sorted by bytes, each once.

    A line is bytes that end in a line feed and hold no other. Runs are written to `folder` under `name`; they
    are removed when all lines were read.
    """

    def __init__(self, folder: Path, name: str, run_bytes: int | None = None) -> None:
        self._folder = folder
        self._name = name
        self._run_bytes = RUN_BYTES if run_bytes is None else run_bytes
        self._held: set[bytes] = set()
        self._size = 0
        self._runs: list[Path] = []

    def add(self, line: bytes) -> None:
        """Take one line."""
        if line not in self._held:
            self._held.add(line)
            self._size += len(line) + 90  # what an entry of a set of bytes costs beside its contents
            if self._size > self._run_bytes:
                self._spill()

    def _spill(self) -> None:
        path = self._folder / f"{self._name}.run{len(self._runs)}"
        with path.open("wb") as out:
            out.writelines(sorted(self._held))
        self._runs.append(path)
        self._held.clear()
        self._size = 0

    def lines(self) -> Iterator[bytes]:
        """All lines, sorted, each once; the sorter is empty afterwards."""
        with ExitStack() as stack:
            sources: list[Iterable[bytes]] = [sorted(self._held)]
            sources += [stack.enter_context(path.open("rb")) for path in self._runs]
            self._held.clear()
            yield from merge_lines(sources)
        for path in self._runs:
            path.unlink()
        self._runs.clear()
