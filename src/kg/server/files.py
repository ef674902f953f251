"""A file as an answer: whole, or the part that a Range header asks for (RFC 9110, section 14)."""

from __future__ import annotations

import base64
import os
import re
from functools import partial
from pathlib import Path

import anyio.to_thread
from fastapi import Response
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

_CHUNK = 1 << 18
_RANGE = re.compile(r"bytes=(\d*)-(\d*)\Z")


class FileAnswer(Response):
    """The bytes of a file with a strong validator and their digest; several ranges at once are answered whole.

    The file is opened at once: it may be removed while it is sent. Raises `OSError`.
    """

    def __init__(self, path: Path, size: int, sha256: str, media_type: str, headers: dict[str, str]) -> None:
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._size = size
        self._tag = f'"{sha256[:32]}"'
        digest = base64.b64encode(bytes.fromhex(sha256)).decode("ascii")
        own = {
            "Accept-Ranges": "bytes",
            "ETag": self._tag,
            "Repr-Digest": f"sha-256=:{digest}:",  # RFC 9530, section 3
            "Content-Length": str(size),
        }
        super().__init__(None, 200, {**own, **headers}, media_type)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        try:
            await self._answer(scope, send)
        finally:
            os.close(self._descriptor)

    async def _answer(self, scope: Scope, send: Send) -> None:
        headers = Headers(scope=scope)
        if self._is_known(headers.get("if-none-match")):
            self.status_code = 304
            del self.headers["content-length"]
            await self._start(send)
            await send({"type": "http.response.body", "body": b""})
            return
        start, end = 0, self._size
        wanted = self._wanted(headers)
        if wanted is not None:
            start, end = wanted
            if start >= end:
                self.status_code = 416
                self.headers["content-range"] = f"bytes */{self._size}"
                end = start
            else:
                self.status_code = 206
                self.headers["content-range"] = f"bytes {start}-{end - 1}/{self._size}"
            self.headers["content-length"] = str(end - start)
        await self._start(send)
        if scope.get("kg.head"):
            start = end
        while start < end:
            read = partial(os.pread, self._descriptor, min(_CHUNK, end - start), start)
            chunk = await anyio.to_thread.run_sync(read)
            if not chunk:
                raise OSError("a file became shorter while it was sent")
            start += len(chunk)
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def _start(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})

    def _is_known(self, asked: str | None) -> bool:
        if asked is None:
            return False
        return asked.strip() == "*" or self._tag in (t.strip().removeprefix("W/") for t in asked.split(","))

    def _wanted(self, headers: Headers) -> tuple[int, int] | None:
        """Begin and end of the one range that is asked for, end-exclusive; None: all of it.

        An empty one (begin = end) cannot be satisfied. What is no range, and several of them, are passed over
        (section 14.2).
        """
        found = _RANGE.match(headers.get("range", "").strip())
        condition = headers.get("if-range")
        if found is None or (condition is not None and condition.strip() != self._tag):
            return None
        first, last = found[1], found[2]
        if not first:
            return (max(0, self._size - int(last)), self._size) if last else None
        end = min(self._size, int(last) + 1) if last else self._size
        if last and int(last) < int(first):
            return None
        return (int(first), max(end, int(first))) if int(first) < self._size else (0, 0)
