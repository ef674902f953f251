"""What a store's folder keeps, kept in a named graph of an endpoint: files by name, the generation, a lock.

In the graph ``<base>graph/store``, of its one node ``<base>graph/store``: ``#format``, ``#generation``, ``#lock``.
A file is a node ``<base>graph/store/NAME`` with one ``#part`` for each piece: a six-digit number, a colon, base64.
"""

from __future__ import annotations

import base64
import os
import socket
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

import pyoxigraph as ox

from kg.errors import StoreBusy, StoreDamaged, StoreError
from kg.graph.folder import FORMAT
from kg.graph.remote.endpoint import Endpoint

#: base64 characters in one literal: no engine that was tried minds literals of this length.
PIECE = 48_000
#: Pieces in one update, and files in one query.
_PIECES_AT_ONCE = 20
_FILES_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Graphs:
    """The names of a store's graphs at an endpoint, by the base IRI of its instances."""

    base: str

    @property
    def data(self) -> str:
        """The graph of what kg knows."""
        return f"{self.base}graph"

    @property
    def staging(self) -> str:
        """Where a large change is made ready."""
        return f"{self.base}graph/staging"

    @property
    def state(self) -> str:
        """The graph of what a store's folder keeps, and its node."""
        return f"{self.base}graph/store"

    def term(self, name: str) -> str:
        """A predicate of the state, in angle brackets."""
        return f"<{self.state}#{name}>"

    def file(self, name: str) -> str:
        """The node of a file, in angle brackets."""
        return f"<{self.state}/{quote(name, safe='/')}>"


class State:
    """Reads and writes the state of a store at an endpoint."""

    def __init__(self, endpoint: Endpoint, graphs: Graphs) -> None:
        self._endpoint = endpoint
        self._graphs = graphs

    def generation(self) -> str | None:
        """The generation that the endpoint holds, or None if kg never built into it.

        Raises `StoreError` if another format wrote it.
        """
        found: dict[str, str] = {}
        for predicate, value in self._rows(f"<{self._graphs.state}> ?a ?b", ("a", "b")):
            found[predicate] = value
        written = found.get(self._graphs.term("format")[1:-1])
        if written is not None and written != str(FORMAT):
            raise StoreError(
                f"{self._endpoint.url}: format {written}; this version reads and writes format {FORMAT}"
            )
        return found.get(self._graphs.term("generation")[1:-1])

    def files(self) -> set[str]:
        """The names of the files that are kept."""
        head = f"{self._graphs.state}/"
        pattern = f"?a {self._graphs.term('part')} ?c"
        answer = self._select(f"SELECT DISTINCT ?a {{ GRAPH <{self._graphs.state}> {{ {pattern} }} }}")
        return {row[0].value.removeprefix(head) for row in answer}

    def read(self, names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """(name, content) of files. Raises `StoreDamaged` for one that is missing or not whole."""
        for start in range(0, len(names), _FILES_AT_ONCE):
            wanted = {self._graphs.file(name)[1:-1]: name for name in names[start : start + _FILES_AT_ONCE]}
            pieces: dict[str, dict[int, str]] = {node: {} for node in wanted}
            block = " ".join(f"<{node}>" for node in wanted)
            part = self._graphs.term("part")
            for node, value in self._rows(f"VALUES ?a {{ {block} }} ?a {part} ?b", ("a", "b")):
                number, _, piece = value.partition(":")
                pieces[node][int(number)] = piece
            for node, name in wanted.items():
                yield name, self._join(name, pieces[node])

    def _join(self, name: str, pieces: dict[int, str]) -> bytes:
        whole = "".join(piece for _, piece in sorted(pieces.items()))
        # the last piece ends in a full stop
        if sorted(pieces) != list(range(len(pieces))) or not whole.endswith("."):
            raise StoreDamaged(f"{self._endpoint.url}: {name} is missing or not whole")
        try:
            return base64.b64decode(whole[:-1], validate=True)
        except ValueError as error:
            raise StoreDamaged(f"{self._endpoint.url}: {name}: {error}") from None

    def write(self, name: str, content: bytes) -> None:
        """Keep a file; one of that name is replaced."""
        self.remove([name])
        whole = base64.b64encode(content).decode("ascii") + "."
        pieces = [whole[at : at + PIECE] for at in range(0, len(whole), PIECE)]
        for start in range(0, len(pieces), _PIECES_AT_ONCE):
            told = " , ".join(
                f'"{number:06d}:{piece}"'
                for number, piece in enumerate(pieces[start : start + _PIECES_AT_ONCE], start)
            )
            self._insert(f"{self._graphs.file(name)} {self._graphs.term('part')} {told} .")

    def remove(self, names: Iterable[str]) -> None:
        """Let go of files."""
        for name in names:
            pattern = f"{self._graphs.file(name)} ?p ?o"
            self._endpoint.update(f"DELETE WHERE {{ GRAPH <{self._graphs.state}> {{ {pattern} }} }}")

    def switching(self, generation: str) -> str:
        """The update that makes `generation` the one that is served."""
        graph, node = f"GRAPH <{self._graphs.state}>", f"<{self._graphs.state}>"
        told, format = self._graphs.term("generation"), self._graphs.term("format")
        return (
            f"DELETE WHERE {{ {graph} {{ {node} {told} ?o }} }} ;\n"
            f'INSERT DATA {{ {graph} {{ {node} {told} "{generation}" ; {format} "{FORMAT}" . }} }}'
        )

    def lock(self) -> str:
        """Keep other writers out; what to `unlock` with. Raises `StoreBusy` if there is one.

        A lock of a process of this machine that has ended is broken.
        """
        mine = f"{socket.gethostname()} {os.getpid()} {os.urandom(8).hex()}"
        term = self._graphs.term("lock")
        for other in self._locks():
            if _ended(other):
                self.unlock(other)
        self._insert(f'<{self._graphs.state}> {term} "{mine}" .')
        others = [one for one in self._locks() if one != mine]
        if others:  # of two that come at once none gets in
            self.unlock(mine)
            host, process = others[0].split()[:2]
            raise StoreBusy(
                f"{self._endpoint.url}: process {process} of {host} is writing to this store; try again when it is "
                f"done, or if it is no more: DELETE DATA {{ GRAPH <{self._graphs.state}> {{ "
                f'<{self._graphs.state}> {term} "{others[0]}" }} }}'
            )
        return mine

    def unlock(self, lock: str) -> None:
        """Let others write."""
        told = f'<{self._graphs.state}> {self._graphs.term("lock")} "{lock}"'
        self._endpoint.update(f"DELETE DATA {{ GRAPH <{self._graphs.state}> {{ {told} }} }}")

    def _locks(self) -> list[str]:
        found = self._rows(f"?a {self._graphs.term('lock')} ?b", ("a", "b"))
        return sorted(value for _, value in found)

    def _insert(self, triples: str) -> None:
        self._endpoint.update(f"INSERT DATA {{ GRAPH <{self._graphs.state}> {{ {triples} }} }}")

    def _rows(self, pattern: str, names: tuple[str, str]) -> list[tuple[str, str]]:
        listed = " ".join(f"?{name}" for name in names)
        answer = self._select(f"SELECT {listed} {{ GRAPH <{self._graphs.state}> {{ {pattern} }} }}")
        return [(row[0].value, row[1].value) for row in answer]

    def _select(self, sparql: str) -> ox.QuerySolutions:
        answer = self._endpoint.query(sparql)
        assert isinstance(answer, ox.QuerySolutions)
        return answer


def _ended(lock: str) -> bool:
    host, process, *_ = [*lock.split(), "", ""]
    if host != socket.gethostname() or not process.isdigit():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
