"""Conditional requests (RFC 9110, section 13): what a client has already is not sent again.

An answer is a function of the generation, the request, this release and its settings. So its validator is known before
the work is done: a request that has it is answered with 304 at the price of one hash. Validators are weak, since the
bytes may be compressed on their way.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kg.query.declared import Declarations
from kg.server.addresses import address_of
from kg.server.pages.build import find_build
from kg.server.readers import Readers
from kg.server.release import release
from kg.settings import Settings

_STATE = "kg.generation"
#: For `depends_on`: what is not read from the store.
NO_GENERATION = "-"
#: Request headers that choose among the forms of an answer.
_CHOOSING = ("accept", "accept-language")


def depends_on(request: Request, generation: str | None) -> None:
    """Say that the answer of `request` is a function of the request and of `generation`; None: of more than that."""
    state: list[str | None] | None = request.scope.get(_STATE)
    if state is not None:
        state[0] = generation


class Conditional:
    """Gives answers that say what they depend on an ETag, and answers those who have it already with 304."""

    def __init__(self, app: ASGIApp, catalog: Declarations) -> None:
        self.app = app
        self._made_of = _digest([release(), _code(), *_declared(catalog)])
        self._settings: tuple[Settings, str] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        state: list[str | None] = [None]
        scope[_STATE] = state
        settings: Settings = scope["app"].state.settings
        asked = Headers(scope=scope).get("if-none-match")
        if asked is not None and asked != "*":
            listed = _listed(asked)
            known = (
                self._tag(scope, settings, g) for g in (_current(scope["app"].state.readers), NO_GENERATION)
            )
            tag = next((tag for tag in known if tag in listed), None)
            if tag is not None:
                headers = _caching(settings) | {"etag": tag, "vary": "Accept, Accept-Encoding"}
                raw = [(k.encode("ascii"), v.encode("ascii")) for k, v in headers.items()]
                await send({"type": "http.response.start", "status": 304, "headers": raw})
                await send({"type": "http.response.body", "body": b""})
                return

        async def tagged(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200 and state[0]:
                headers = MutableHeaders(raw=message["headers"])
                headers.setdefault("etag", self._tag(scope, settings, state[0]))
                for name, value in _caching(settings).items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, tagged)

    def _tag(self, scope: Scope, settings: Settings, generation: str | None) -> str:
        headers = Headers(scope=scope)
        address = address_of(scope)
        parts = [
            self._made_of,
            generation or "",
            self._known_settings(settings),
            address.origin,
            address.prefix,
            scope["path"],
            scope["query_string"].decode("latin-1"),
            *(headers.get(name, "") for name in _CHOOSING),
        ]
        return f'W/"{_digest(parts)}"'

    def _known_settings(self, settings: Settings) -> str:
        if self._settings is None or self._settings[0] is not settings:
            self._settings = (settings, repr(settings))
        return self._settings[1]


def _current(readers: Readers) -> str | None:
    """The generation that a request would be answered from now."""
    lease = readers.find_current()
    if lease is None:
        return None
    try:
        return lease.reader.generation
    finally:
        lease.release()


def _listed(header: str) -> list[str]:
    """The entity tags of an If-None-Match header, compared weakly."""
    tags = (tag.strip() for tag in header.split(","))
    return [tag if tag.startswith("W/") else f"W/{tag}" for tag in tags]


def _caching(settings: Settings) -> dict[str, str]:
    seconds = settings.cache_seconds
    return {"cache-control": f"public, max-age={seconds}" if seconds else "no-cache"}


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _declared(catalog: Declarations) -> list[str]:
    questions = {name: repr(query) for name, query in catalog.queries.items()}
    return [hashlib.sha256(catalog.ontology.turtle).hexdigest(), json.dumps(questions, sort_keys=True)]


@lru_cache(maxsize=1)
def _code() -> str:
    """A digest of the code that makes answers: a checkout changes without its release being another one."""
    total = hashlib.sha256()
    package = Path(__file__).parent.parent
    for folder in ("engine", "query", "server"):
        for path in sorted(p for p in (package / folder).rglob("*") if p.suffix in (".py", ".css")):
            total.update(path.read_bytes())
    build = find_build()
    total.update((build.version if build is not None else "").encode("ascii"))
    return total.hexdigest()
