"""What a server and the process that makes its updates say to each other, and how it is sent."""

from __future__ import annotations

import pickle
import struct
from dataclasses import dataclass
from enum import StrEnum

_LENGTH = struct.Struct("!Q")
HEADER_BYTES = _LENGTH.size


class Action(StrEnum):
    """What is to be done: a SPARQL update, or an operation on one graph."""

    UPDATE = "update"
    PUT = "put"
    POST = "post"
    DELETE = "delete"
    PATCH = "patch"


@dataclass(frozen=True, slots=True)
class Body:
    """RDF that was sent: its bytes, media type, and the IRI that relative ones are resolved against."""

    data: bytes
    media_type: str
    base: str


@dataclass(frozen=True, slots=True)
class WriteRequest:
    """One request to write.

    `identity` is its own alone: a request that is sent again is not made twice. `graph` is the IRI of the graph that
    an operation on a graph is for, empty for the default graph. `at` and `author` are kept with the patch.
    """

    identity: str
    action: Action
    at: str
    author: str
    text: str = ""
    base: str | None = None
    using: tuple[str, ...] = ()
    using_named: tuple[str, ...] = ()
    graph: str = ""
    bodies: tuple[Body, ...] = ()
    is_again: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """What a request did: the number of its patch (None if nothing changed), quads added and removed.

    `is_new` says whether the graph of the request was made by it.
    """

    identity: str
    generation: str
    patch: int | None
    added: int
    removed: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class Failed:
    """Why a request did nothing."""

    identity: str
    error: Exception


@dataclass(frozen=True, slots=True)
class Ready:
    """The process can take requests."""


@dataclass(frozen=True, slots=True)
class Started:
    """A request is being made from here on."""

    identity: str


@dataclass(frozen=True, slots=True)
class Committing:
    """All requests sent together were made and are being kept."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The answers to all requests that were sent together, in their order."""

    answers: tuple[Written | Failed, ...]


def encode(message: object) -> bytes:
    """A message as bytes, its length before it."""
    data = pickle.dumps(message)
    return _LENGTH.pack(len(data)) + data


def decode_length(header: bytes) -> int:
    """How many bytes follow a header."""
    return int(_LENGTH.unpack(header)[0])


def decode(data: bytes) -> object:
    """A message of a process of our own."""
    return pickle.loads(data)
