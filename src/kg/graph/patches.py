"""What updates wrote: patches of added and removed quads, kept apart from builds and put on top of each.

A patch is the exact difference that one request made, as lines of N-Quads with ``+`` or ``-`` before them; a line with
one term alone is a graph that was made or dropped::

    + <https://kg.example/id/place/x> <http://www.w3.org/2000/01/rdf-schema#comment> "a note" .
    - <https://kg.example/id/place/x> <https://kg.example/def#country> <https://kg.example/id/place/fr> .
    + <http://example.org/graph> .

Patches are numbered in the order in which they were made. They lie in ``patches.sqlite``; one that was acknowledged
outlives the end of the process and a power cut.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox

from kg.errors import StoreDamaged, StoreError
from kg.graph.serialization import line_file
from kg.graph.sorting import LineSorter

_SCHEMA = """
CREATE TABLE IF NOT EXISTS patches (
  number INTEGER PRIMARY KEY AUTOINCREMENT, request TEXT UNIQUE, at TEXT NOT NULL, author TEXT NOT NULL,
  what TEXT NOT NULL, added INTEGER NOT NULL, removed INTEGER NOT NULL, digest TEXT NOT NULL, body BLOB NOT NULL
)
"""
_COLUMNS = "number, at, author, what, added, removed, digest"
_ONE_TERM = re.compile(rb"(<[^>]*>|_:\S+) \.\n\Z")
_WAIT = 30.0  # seconds for another process to end its transaction


class State(NamedTuple):
    """Which patches there are: the number of the last, and a digest of all in order; (0, "") of none."""

    last: int
    digest: str


NOTHING = State(0, "")


@dataclass(frozen=True, slots=True)
class Patch:
    """One patch as it is listed: `at` is the time of day in UTC, `author` the name of a token, `what` the request.

    `added` and `removed` count quads.
    """

    number: int
    at: str
    author: str
    what: str
    added: int
    removed: int
    digest: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A patch that is yet to be kept; `request` names what asked for it, `lines` are those of `Change.lines`."""

    request: str
    at: str
    author: str
    what: str
    added: int
    removed: int
    lines: tuple[bytes, ...]


class PatchLog:
    """The patches of a store, in the file `path`; made when the first one is kept."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None

    def __enter__(self) -> PatchLog:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; closing twice is once."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def append(self, drafts: Sequence[Draft]) -> list[Patch]:
        """Keep patches, all or none; they are durable when this returns. Raises `StoreError` if they cannot be."""
        connection = self._open(make=True)
        assert connection is not None
        kept: list[Patch] = []
        try:
            connection.execute("BEGIN IMMEDIATE")
            for draft in drafts:
                text = b"".join(draft.lines)
                digest = hashlib.sha256(text).hexdigest()
                row = (draft.at, draft.author, draft.what, draft.added, draft.removed, digest)
                cursor = connection.execute(
                    "INSERT INTO patches (request, at, author, what, added, removed, digest, body) "
                    "VALUES (?,?,?,?,?,?,?,?)",
                    (draft.request, *row, zlib.compress(text, 1)),
                )
                kept.append(Patch(cursor.lastrowid or 0, *row))
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise StoreError(f"{self._path}: cannot be written: {error}") from None
        return kept

    def drop(self, numbers: Sequence[int]) -> list[int]:
        """Take patches out, durably; those of `numbers` that there were. Raises `StoreError` if they cannot be."""
        found = {patch.number for patch in self.patches()}
        dropped = sorted(set(numbers) & found)
        connection = self._open()
        if not dropped or connection is None:
            return []
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("DELETE FROM patches WHERE number = ?", [(n,) for n in dropped])
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise StoreError(f"{self._path}: cannot be written: {error}") from None
        return dropped

    def patches(self, *, after: int = 0, limit: int = -1) -> list[Patch]:
        """The patches with numbers above `after`, in order; at most `limit` if that is not negative."""
        sql = f"SELECT {_COLUMNS} FROM patches WHERE number > ? ORDER BY number LIMIT ?"
        return [Patch(*row) for row in self._rows(sql, after, limit)]

    def find(self, number: int) -> Patch | None:
        """The patch with the number, or None."""
        rows = self._rows(f"SELECT {_COLUMNS} FROM patches WHERE number = ?", number)
        return Patch(*rows[0]) if rows else None

    def find_request(self, request: str) -> Patch | None:
        """The patch that a request made, or None."""
        rows = self._rows(f"SELECT {_COLUMNS} FROM patches WHERE request = ?", request)
        return Patch(*rows[0]) if rows else None

    def lines(self, number: int) -> list[bytes]:
        """The lines of a patch. Raises `StoreDamaged` if they are not what was kept."""
        rows = self._rows("SELECT digest, body FROM patches WHERE number = ?", number)
        if not rows:
            raise StoreDamaged(f"{self._path}: no patch {number}")
        text = zlib.decompress(rows[0][1])
        if hashlib.sha256(text).hexdigest() != rows[0][0]:
            raise StoreDamaged(f"{self._path}: patch {number} is not what was kept (SHA-256 differs)")
        return text.splitlines(keepends=True)

    def state(self, upto: int | None = None) -> State:
        """Which patches there are, up to a number if one is given."""
        if not self._path.exists():
            return NOTHING
        sql = "SELECT number, digest FROM patches WHERE number <= ? ORDER BY number"
        found = NOTHING
        for number, digest in self._rows(sql, (1 << 62) if upto is None else upto):
            found = extend(found, number, digest)
        return found

    def _rows(self, sql: str, *values: int | str) -> list[tuple]:  # type: ignore[type-arg]
        connection = self._open()
        if connection is None:
            return []
        try:
            return connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise StoreDamaged(f"{self._path}: {error}") from None

    def _open(self, *, make: bool = False) -> sqlite3.Connection | None:
        if self._connection is None:
            if not make and not self._path.exists():
                return None
            try:
                connection = sqlite3.connect(
                    self._path, timeout=_WAIT, isolation_level=None, check_same_thread=False
                )
                # one sync for each commit, and readers beside the writer
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("PRAGMA synchronous=FULL")
                connection.execute(_SCHEMA)
            except sqlite3.Error as error:
                raise StoreError(f"{self._path}: cannot be opened: {error}") from None
            self._connection = connection
        return self._connection


def extend(state: State, number: int, digest: str) -> State:
    """`state` with one more patch."""
    return State(number, hashlib.sha256(f"{state.digest} {number} {digest}".encode()).hexdigest()[:24])


class Change:
    """A difference between two states of a graph store: quads and graphs added and removed.

    It can be read from a patch's lines, put onto a store, and taken back.
    """

    def __init__(self) -> None:
        self.added: set[ox.Quad] = set()
        self.removed: set[ox.Quad] = set()
        self.made: set[ox.NamedNode | ox.BlankNode] = set()
        self.dropped: set[ox.NamedNode | ox.BlankNode] = set()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.made or self.dropped)

    def lines(self) -> tuple[bytes, ...]:
        """The difference as a patch's lines, sorted."""
        signed = [
            *((f"{q} .\n", "-") for q in self.removed),
            *((f"{q} .\n", "+") for q in self.added),
            *((f"{g} .\n", "-") for g in self.dropped),
            *((f"{g} .\n", "+") for g in self.made),
        ]
        return tuple(f"{sign} {line}".encode() for line, sign in sorted(signed))

    def take_back(self, store: ox.Store) -> None:
        """Bring a store onto which this was put back to where it was."""
        for quad in self.added:
            store.remove(quad)
        store.extend(self.removed)
        for graph in self.dropped:
            store.add_graph(graph)
        for graph in self.made:
            store.remove_graph(graph)


def apply_lines(store: ox.Store, lines: Iterable[bytes]) -> None:
    """Put the lines of a patch onto a store."""
    added: list[ox.Quad] = []
    dropped: list[ox.NamedNode | ox.BlankNode] = []
    for line in lines:
        rest = line[2:]
        if _ONE_TERM.match(rest):
            graph = read_graph(rest)
            if line.startswith(b"+"):
                store.add_graph(graph)
            else:
                dropped.append(graph)
            continue
        (quad,) = ox.parse(rest, ox.RdfFormat.N_QUADS)
        if line.startswith(b"+"):
            added.append(quad)
        else:
            store.remove(quad)
    for graph in dropped:
        store.remove_graph(graph)
    store.extend(added)


def read_graph(line: bytes) -> ox.NamedNode | ox.BlankNode:
    """The graph of a line that holds one term alone."""
    name = line.rpartition(b" .")[0].decode()
    return ox.BlankNode(name[2:]) if name.startswith("_:") else ox.NamedNode(name[1:-1])


@dataclass(frozen=True, slots=True)
class Folded:
    """What remains of several patches: files of sorted lines, and the graphs that there are.

    `added` and `removed` are triples of the default graph, `named` the quads of named graphs that were added.
    """

    added: Path
    removed: Path
    named: Path
    graphs: tuple[str, ...]


def fold(log: PatchLog, state: State, folder: Path) -> Folded:
    """The patches of `log` up to `state` as one difference, in files in `folder`; bounded memory.

    Of what was added and removed again and again, the last counts. Raises `StoreDamaged`.
    """
    sorter = LineSorter(folder, "patches")
    for patch in log.patches():
        if patch.number > state.last:
            break
        for line in log.lines(patch.number):
            kind = b"1" if _ONE_TERM.match(line[2:]) else b"4"
            sorter.add(kind + line[2:-1] + f" {patch.number:015d}".encode() + line[:1] + b"\n")
    graphs: list[str] = []
    files = [folder / f"patches-{name}.nq" for name in ("added", "removed", "named")]
    with files[0].open("wb") as added, files[1].open("wb") as removed, files[2].open("wb") as named:
        for key, group in groupby(sorter.lines(), key=lambda line: line.rpartition(b" ")[0]):
            *_, last = group
            is_there, line = last.endswith(b"+\n"), key[1:] + b"\n"
            if key.startswith(b"1"):
                if is_there:
                    graphs.append(str(read_graph(line)))
                continue
            (quad,) = ox.parse(line, ox.RdfFormat.N_QUADS)
            in_default = isinstance(quad.graph_name, ox.DefaultGraph)
            if in_default:
                (added if is_there else removed).write(line)
            elif is_there:
                named.write(line)
    return Folded(files[0], files[1], files[2], tuple(graphs))


def without(lines: Iterable[bytes], removed: Path) -> Iterator[bytes]:
    """Sorted `lines` that are not among the sorted lines of the file `removed`."""
    with removed.open("rb") as unwanted:
        following = next(unwanted, None)
        for line in lines:
            while following is not None and following < line:
                following = next(unwanted, None)
            if line != following:
                yield line


def load_named(store: ox.Store, folded: Folded) -> None:
    """Put the named graphs of `folded` into a store; blank nodes keep their names."""
    for graph in folded.graphs:
        store.add_graph(ox.BlankNode(graph[2:]) if graph.startswith("_:") else ox.NamedNode(graph[1:-1]))
    with folded.named.open("rb") as lines:
        store.bulk_extend(ox.parse(line_file(lines), ox.RdfFormat.N_QUADS))
