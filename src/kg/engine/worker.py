"""What runs in a worker process: questions come in by a socket, answers go out by it, one after the other.

Only the standard library and pyoxigraph are loaded here. The process ends when the one that started it does.
"""

from __future__ import annotations

import _thread
import contextlib
import marshal
import os
import sys
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import IO, cast

import pyoxigraph as ox

from kg.engine import frames
from kg.engine.confinement import give_up_network, leave_no_core, limit_memory
from kg.engine.encoders import GRAPHS, PREFIXED, RESULTS
from kg.engine.sink import Refusal, Sink

#: Graphs of up to so many triples are sorted; longer ones come in the order in which the engine finds them.
SORTED = 256
#: Snapshots that are kept open.
_OPEN = 2


def main(descriptor: int, memory: int, confined: bool) -> None:
    """Answer what comes in by the socket `descriptor`, until it is closed."""
    _thread.start_new_thread(_end_with_parent, ())
    leave_no_core()
    if confined:
        give_up_network()
    limit_memory(memory)
    channel = _Channel(descriptor)
    stores = _Stores()
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            kind, payload = channel.read()
            if kind == frames.OPEN:
                stores.choose(*marshal.loads(payload))
            else:
                _answer(channel, stores, marshal.loads(payload))


def _end_with_parent() -> None:
    """Wait for the end of standard input, which the parent holds open for as long as it lives."""
    with contextlib.suppress(OSError):
        while os.read(0, 1):
            pass
    os._exit(0)


class _Channel:
    """Frames over a socket."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._read = b""

    def read(self) -> tuple[bytes, bytes]:
        kind, length = frames.HEAD.unpack(self._exactly(frames.HEAD.size))
        return kind, self._exactly(length)

    def _exactly(self, length: int) -> bytes:
        data = self._read
        while len(data) < length:
            if not (more := os.read(self._descriptor, 1 << 16)):
                raise EOFError
            data += more
        self._read = data[length:]
        return data[:length]

    def send(self, kind: bytes, payload: bytes) -> None:
        data = memoryview(frames.HEAD.pack(kind, len(payload)) + payload)
        while data:
            data = data[os.write(self._descriptor, data) :]


class _Stores:
    """The snapshots that are open; the one asked last is `current`."""

    def __init__(self) -> None:
        self._open: dict[str, ox.Store] = {}
        self._chosen = ""
        self.prefixes: dict[str, str] = {}

    def choose(self, path: str, prefixes: dict[str, str]) -> None:
        self._chosen, self.prefixes = path, prefixes

    def current(self) -> ox.Store:
        """Raises `OSError` if the snapshot cannot be opened."""
        found = self._open.pop(self._chosen, None)
        if found is None:
            while len(self._open) >= _OPEN:
                del self._open[next(iter(self._open))]
            found = ox.Store.read_only(self._chosen)
        self._open[self._chosen] = found
        return found


_Asked = tuple[
    str,  # the query
    tuple[str, ...],  # default graphs
    tuple[str, ...],  # named graphs
    tuple[tuple[str, str, str, str], ...],  # substitutions: variable, value, datatype, language; IRI if "@"
    str,  # format of a table, empty if none will do
    str,  # format of a graph
    str,  # content coding
    int,  # most bytes
    int,  # most rows
    bool,  # whether the default graph is the union of all
    str | None,  # base IRI
]


def _answer(channel: _Channel, stores: _Stores, asked: _Asked) -> None:
    sink: Sink | None = None
    try:
        try:
            store = stores.current()
        except OSError as error:
            channel.send(frames.ERROR, f"{frames.GONE}\0{error}".encode())
            return
        query, default, named, bound, table, graph, coding, most_bytes, most_rows, union, base = asked
        answer = store.query(
            query,
            base_iri=base,
            prefixes=stores.prefixes,
            default_graph=[ox.NamedNode(iri) for iri in default] or None,
            named_graphs=[ox.NamedNode(iri) for iri in named] or None,
            use_default_graph_as_union=union and not default and not named,
            substitutions={ox.Variable(name): _term(*rest) for name, *rest in bound} if bound else None,
        )
        if isinstance(answer, ox.QueryTriples):
            sink = Sink(channel.send, frames.GRAPH, coding, most_bytes, 0, None)
            chosen, write = graph, _write_graph
        else:
            sink = Sink(channel.send, frames.TABLE, coding, most_bytes, most_rows, table)
            chosen, write = table, _write_table
        if not chosen:
            channel.send(
                frames.ERROR, f"{frames.KIND}\0{'graph' if write is _write_graph else 'table'}".encode()
            )
            return
        write(answer, chosen, sink, stores.prefixes, most_rows)
        sink.finish()
    except SyntaxError as error:
        channel.send(frames.ERROR, f"{frames.SYNTAX}\0{error}".encode("utf-8", "replace"))
    except Refusal as refusal:
        channel.send(frames.ERROR, refusal.kind.encode() + b"\0")
    except MemoryError:
        channel.send(frames.ERROR, f"{frames.MEMORY}\0".encode())
    except (BrokenPipeError, ConnectionResetError):
        raise
    except Exception as error:
        channel.send(frames.ERROR, f"{frames.FAILED}\0{error}".encode("utf-8", "replace"))


def _term(value: str, datatype: str, language: str) -> ox.NamedNode | ox.Literal:
    if datatype == "@":
        return ox.NamedNode(value)
    if language:
        return ox.Literal(value, language=language)
    return ox.Literal(value, datatype=ox.NamedNode(datatype))


def _write_table(answer: object, form: str, sink: Sink, prefixes: dict[str, str], most_rows: int) -> None:
    assert isinstance(answer, ox.QuerySolutions | ox.QueryBoolean)
    answer.serialize(cast(IO[bytes], sink), RESULTS[form])


def _write_graph(answer: object, form: str, sink: Sink, prefixes: dict[str, str], most_rows: int) -> None:
    """The engine gives each triple once; it remembers them, which counts as memory of the query."""
    assert isinstance(answer, ox.QueryTriples)
    first = list(islice(answer, SORTED + 1))
    triples: Iterable[ox.Triple] = (
        sorted(set(first), key=str) if len(first) <= SORTED else chain(first, answer)
    )
    ox.serialize(
        _at_most(triples, most_rows) if most_rows else triples,
        cast(IO[bytes], sink),
        GRAPHS[form],
        prefixes=prefixes if form in PREFIXED else None,
    )


def _at_most(triples: Iterable[ox.Triple], most: int) -> Iterator[ox.Triple]:
    rest = iter(triples)
    yield from islice(rest, most)
    for _ in rest:
        raise Refusal(frames.ROWS)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "1")
