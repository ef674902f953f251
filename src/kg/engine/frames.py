"""What the server and a worker process say to each other: one byte for the kind, four for the length, the rest.

From the server come `OPEN` and `ASK`, marshalled tuples; from a worker a `WHOLE` answer, or the `BEGIN` of one
with as many `MORE` as it takes and an `END`, or an `ERROR`, which may also come in place of `MORE`. What a worker
sends is plain bytes, parted by NUL: the server decodes nothing that a broken process could have made up.
"""

from __future__ import annotations

import struct

OPEN, ASK = b"O", b"Q"
WHOLE, BEGIN, MORE, END, ERROR = b"W", b"B", b"M", b"Z", b"X"
#: Before the content coding of an answer: whether it is a table or a graph.
TABLE, GRAPH = b"t", b"g"
HEAD = struct.Struct("!cI")

#: Kinds of an `ERROR`: NUL-parted with its message.
SYNTAX, FAILED, ROWS, BYTES, MEMORY, KIND, GONE = (
    "syntax",
    "failed",
    "rows",
    "bytes",
    "memory",
    "kind",
    "gone",
)


def frame(kind: bytes, *fields: bytes) -> bytes:
    """One frame; `fields` are parted by NUL, and only the last may hold one.

    >>> frame(ERROR, b"syntax", b"error at 1:2")
    b'X\\x00\\x00\\x00\\x13syntax\\x00error at 1:2'
    """
    payload = b"\0".join(fields)
    return HEAD.pack(kind, len(payload)) + payload
