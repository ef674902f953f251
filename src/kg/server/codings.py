"""Content codings: answers are compressed, as a whole or as they come, for those who take it (RFC 9110, 12.5.3)."""

from __future__ import annotations

from functools import lru_cache

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kg.engine.sink import WORTH_PACKING, Compressor, make_compressor
from kg.server.origins import find_header

#: What is offered, the preferred one first.
CODINGS = ("zstd", "gzip")
#: Media types that are worth it, by their beginnings and ends.
_TEXTUAL = ("text/", "application/json", "application/sparql-results", "application/problem", "image/svg")
_PACKABLE = ("+json", "+xml", "/xml", "javascript", "n-triples", "n-quads", "trig", "wasm")


@lru_cache(maxsize=256)
def choose_coding(accepted: str) -> str:
    """The coding that an Accept-Encoding header likes best, empty for none; of equals the first of `CODINGS`.

    >>> choose_coding("gzip, deflate, br, zstd"), choose_coding("gzip;q=1.0, zstd;q=0.2"), choose_coding("")
    ('zstd', 'gzip', '')
    """
    qualities: dict[str, float] = {}
    for part in accepted.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip() == "q":
                try:
                    quality = float(value)
                except ValueError:
                    quality = 1.0
        if name:
            qualities[name.removeprefix("x-")] = quality
    anything = qualities.get("*", 0.0)
    # What is not named counts as less liked than any coding that is; `identity;q=1, gzip;q=0.5` names it.
    plain = qualities.get("identity", 0.0)
    best, chosen = max(plain, 0.0), ""
    for coding in CODINGS:
        quality = qualities.get(coding, anything)
        if quality > best:
            best, chosen = quality, coding
    return chosen


def is_packable(content_type: str) -> bool:
    """Whether answers of a media type become much shorter by compression."""
    media_type = content_type.partition(";")[0].strip().lower()
    return media_type.startswith(_TEXTUAL) or media_type.endswith(_PACKABLE)


class Compression:
    """Compresses answers of all routes behind it that have no coding yet."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        accepted = find_header(scope, b"accept-encoding") if scope["type"] == "http" else b""
        coding = choose_coding(accepted.decode("latin-1"))
        await self.app(scope, receive, _Packing(send, coding) if scope["type"] == "http" else send)


class _Packing:
    """Sends what an application sends, compressed if it is worth it."""

    def __init__(self, send: Send, coding: str) -> None:
        self._send = send
        self._coding = coding
        self._start: Message | None = None
        self._packer: Compressor | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        if self._start is not None and message["type"] == "http.response.body":
            message = await self._begin(self._start, message)
        elif self._packer is not None:
            message = self._pack(message)
        await self._send(message)

    async def _begin(self, start: Message, message: Message) -> Message:
        self._start = None
        headers = MutableHeaders(raw=list(start["headers"]))
        fits = (
            is_packable(headers.get("content-type", ""))
            and "content-encoding" not in headers
            and "content-range" not in headers
            and "accept-ranges" not in headers  # parts are asked for by position
            and start["status"] not in (204, 206, 304)
        )
        if fits:
            headers.add_vary_header("Accept-Encoding")
        whole, body = not message.get("more_body"), message.get("body", b"")
        if fits and self._coding and (not whole or len(body) >= WORTH_PACKING):
            self._packer = make_compressor(self._coding)
            headers["content-encoding"] = self._coding
            message = self._pack(message)
            del headers["content-length"]
            if whole:
                headers["content-length"] = str(len(message["body"]))
            if headers.get("etag", "").startswith('"'):
                headers["etag"] = "W/" + headers["etag"]  # other bytes, the same thing
        await self._send({**start, "headers": headers.raw})
        return message

    def _pack(self, message: Message) -> Message:
        assert self._packer is not None
        data = self._packer.compress(message.get("body", b""))
        if not message.get("more_body"):
            data += self._packer.flush()
        return {**message, "body": data}
