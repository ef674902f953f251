"""Where a worker process writes an answer: counted, compressed, and held back until it is worth beginning."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Protocol

from kg.engine.frames import BEGIN, BYTES, END, MORE, ROWS, WHOLE

#: Bytes of an answer, before compression, that are held back: an error before them is an error, not a broken answer.
HELD = 256 * 1024
#: Bytes of a frame after the first.
CHUNK = 64 * 1024
#: Answers of fewer bytes are not worth compressing.
WORTH_PACKING = 1000


class Refusal(Exception):
    """The answer is more than what may be sent: `kind` is a kind of an `ERROR` frame."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class Compressor(Protocol):
    """What packs bytes as they come."""

    def compress(self, data: bytes, /) -> bytes:
        """The packed bytes that are ready."""

    def flush(self) -> bytes:
        """The rest."""


def make_compressor(coding: str) -> Compressor:
    """A compressor for the content coding ``gzip`` or ``zstd``."""
    if coding == "zstd":
        import zstandard  # not loaded before somebody asks for it

        return zstandard.ZstdCompressor(level=3).compressobj()
    return zlib.compressobj(5, zlib.DEFLATED, 31)


class Sink:
    """Takes what an encoder writes, and sends it in frames; the first has `label` and content coding before it."""

    def __init__(
        self,
        send: Callable[[bytes, bytes], None],
        label: bytes,
        coding: str,
        most_bytes: int,
        most_rows: int,
        rows: str | None,
    ) -> None:
        self._send = send
        self._label = label
        self._coding = coding
        self._most_bytes = most_bytes or (1 << 62)
        self._counter = RowCounter(rows, most_rows) if rows and most_rows else None
        self._parts: list[bytes] = []
        self._size = 0
        self._total = 0
        self._threshold = HELD
        self._compressor: Compressor | None = None
        self.begun = False

    def write(self, data: bytes) -> int:
        """Take `data`. Raises `Refusal` when there is more than there may be."""
        length = len(data)
        self._total += length
        if self._total > self._most_bytes:
            raise Refusal(BYTES)
        if self._counter is not None:
            self._counter.count(data)
        self._parts.append(bytes(data))
        self._size += length
        if self._size >= self._threshold:
            self._flush()
        return length

    def flush(self) -> None:
        """Nothing: frames are sent when they are full."""

    def _flush(self) -> None:
        data = b"".join(self._parts)
        self._parts, self._size = [], 0
        if not self.begun:
            self.begun, self._threshold = True, CHUNK
            if self._coding:
                self._compressor = make_compressor(self._coding)
            self._send(BEGIN, b"%b%b\0%b" % (self._label, self._coding.encode(), self._pack(data)))
        elif packed := self._pack(data):
            self._send(MORE, packed)

    def _pack(self, data: bytes) -> bytes:
        return data if self._compressor is None else self._compressor.compress(data)

    def finish(self) -> None:
        """Send what is left, and that it is all."""
        data = b"".join(self._parts)
        if self.begun:
            rest = self._pack(data) + (b"" if self._compressor is None else self._compressor.flush())
            if rest:
                self._send(MORE, rest)
            self._send(END, b"")
            return
        coding = self._coding if len(data) >= WORTH_PACKING else ""
        if coding:
            packer = make_compressor(coding)
            data = packer.compress(data) + packer.flush()
        self._send(WHOLE, b"%b%b\0%b" % (self._label, coding.encode(), data))


class RowCounter:
    """Counts the rows of an answer by what is written, and refuses those beyond the limit.

    What parts rows in XML, CSV and TSV cannot stand inside of a value. In JSON a row ends with ``}}``, or is ``{}``;
    a text that holds these counts as a row of its own, so that no answer has more rows than the limit.
    """

    def __init__(self, form: str, most: int) -> None:
        self._form = form
        self._left = most
        self._tail = b""
        self._quoted = False
        if form != "xml":
            self._left += 1  # the header, or the end of the whole object

    def count(self, data: bytes) -> None:
        """Count the rows that end in `data`. Raises `Refusal`."""
        if self._form == "json":
            text = self._tail + data
            found = text.count(b"}}") + text.count(b"{}")
            if text.endswith(b"{"):
                self._tail = b"{"
            else:
                self._tail = b"}" * ((len(text) - len(text.rstrip(b"}"))) % 2)
        elif self._form == "xml":
            text = self._tail + data
            found = text.count(b"<result>")
            self._tail = text[-7:]
        elif self._form == "csv":
            found = self._unquoted_lines(data)
        else:
            found = data.count(b"\n")
        self._left -= found
        if self._left < 0:
            raise Refusal(ROWS)

    def _unquoted_lines(self, data: bytes) -> int:
        pieces = data.split(b'"')
        outside = pieces[1::2] if self._quoted else pieces[::2]
        if len(pieces) % 2 == 0:
            self._quoted = not self._quoted
        return sum(piece.count(b"\n") for piece in outside)
