"""Which pages of other hosts may read answers in a browser (CORS, as the Fetch standard has it).

An answer is the same for everyone: no cookie is read and none is set, so any origin may read by default. What writes
asks for a token, which a page of another host has only if somebody gave it to it.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kg.settings import Settings

METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
EXPOSED = "ETag, Link, Location, Content-Location, Repr-Digest, Retry-After, X-Request-Id, Kg-Behind"
_HOURS = "3600"

RawHeaders = list[tuple[bytes, bytes]]


class Origins:
    """The origins that the setting ``cors_origins`` lists, parted by spaces; ``*`` is any, empty none."""

    def __init__(self, listed: str) -> None:
        self.listed = listed
        self._any = "*" in listed.split()
        self._known = frozenset(origin.rstrip("/").encode("latin-1", "replace") for origin in listed.split())

    def headers(self, origin: bytes) -> RawHeaders:
        """The headers of an answer to a request from `origin`, empty if it may not read it."""
        if self._any:
            return [
                (b"access-control-allow-origin", b"*"),
                (b"access-control-expose-headers", EXPOSED.encode("ascii")),
            ]
        if origin not in self._known:
            return [(b"vary", b"Origin")]
        return [
            (b"access-control-allow-origin", origin),
            (b"access-control-expose-headers", EXPOSED.encode("ascii")),
            (b"vary", b"Origin"),
        ]

    def preflight(self, origin: bytes, asked: bytes) -> RawHeaders:
        """The headers of an answer to a preflight request that asks for the request headers `asked`."""
        found = self.headers(origin)
        if not any(name == b"access-control-allow-origin" for name, _ in found):
            return found
        allowed = [
            (b"access-control-allow-methods", METHODS.encode("ascii")),
            (b"access-control-max-age", _HOURS.encode("ascii")),
            (b"vary", b"Access-Control-Request-Headers"),
        ]
        return found + allowed + ([(b"access-control-allow-headers", asked)] if asked else [])


def find_header(scope: Scope, name: bytes) -> bytes:
    """The first value of the request header `name` (lower case), empty if there is none."""
    return next((value for key, value in scope["headers"] if key == name), b"")


class CrossOrigin:
    """Adds the headers to answers, and answers preflight requests."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        origin = find_header(scope, b"origin") if scope["type"] == "http" else b""
        if not origin:
            await self.app(scope, receive, send)
            return
        origins = origins_of(scope["app"].state.settings)
        if scope["method"] == "OPTIONS" and find_header(scope, b"access-control-request-method"):
            headers = origins.preflight(origin, find_header(scope, b"access-control-request-headers"))
            await send({"type": "http.response.start", "status": 204, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return

        async def shared(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *origins.headers(origin)]}
            await send(message)

        await self.app(scope, receive, shared)


_newest = Origins("")


def origins_of(settings: Settings) -> Origins:
    """The origins that `settings` list."""
    global _newest
    if _newest.listed != settings.cors_origins:
        _newest = Origins(settings.cors_origins)
    return _newest
