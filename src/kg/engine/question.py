"""What is asked of a worker process, and within which limits."""

from __future__ import annotations

import marshal
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox

from kg.engine.frames import ASK, OPEN, frame


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may use; 0 is no limit.

    `seconds` until the answer begins, and between two pieces of it that the client is ready for;
    `stream_seconds` until it is whole; `rows` and `bytes` of the answer before it is compressed; `memory` in
    bytes beside what a process needs that has nothing to do.
    """

    seconds: float = 30.0
    stream_seconds: float = 600.0
    rows: int = 0
    bytes: int = 0
    memory: int = 0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A generation on disk that never changes: its database, and the prefixes that queries need not declare."""

    graph: Path
    prefixes: Mapping[str, str]
    opening: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        payload = marshal.dumps((str(self.graph), dict(self.prefixes)))
        object.__setattr__(self, "opening", frame(OPEN, payload))


@dataclass(frozen=True, slots=True)
class Question:
    """A query with all that its answer depends on.

    `table` and `graph` are the keys of the formats for either kind of answer, empty where none will do; `coding` is
    ``gzip``, ``zstd`` or empty. `bound` are terms for variables, named without ``?``; `base` is what relative IRIs are
    resolved against.
    """

    query: str
    table: str
    graph: str
    coding: str = ""
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    bound: Mapping[str, ox.NamedNode | ox.Literal] = field(default_factory=dict)
    union: bool = False
    base: str | None = None

    def encode(self, limits: Limits) -> bytes:
        """The frame that asks it."""
        bound = tuple((name, *_encode(term)) for name, term in self.bound.items())
        asked = (
            self.query,
            self.default_graphs,
            self.named_graphs,
            bound,
            self.table,
            self.graph,
            self.coding,
            limits.bytes,
            limits.rows,
            self.union,
            self.base,
        )
        return frame(ASK, marshal.dumps(asked))


def _encode(term: ox.NamedNode | ox.Literal) -> tuple[str, str, str]:
    if isinstance(term, ox.NamedNode):
        return term.value, "@", ""
    return term.value, term.datatype.value, term.language or ""
