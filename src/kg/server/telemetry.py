"""What is told of every request: an id, a line in the log, and counts."""

from __future__ import annotations

import logging
import re
import secrets
from itertools import count
from time import perf_counter
from urllib.parse import quote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kg.server.addresses import SEEN
from kg.server.logs import FIELDS, request_id
from kg.server.metrics import Metrics
from kg.settings import Settings

log = logging.getLogger("kg.access")

_ID = re.compile(rb"[A-Za-z0-9._:/+=@-]{1,128}\Z")
#: What is answered before routing, and so has no route to be named by.
_UNROUTED = frozenset({"/sparql", "/neighbourhood"})


class Telemetry:
    """The outermost layer: sees every request as it came and every answer as it goes."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = perf_counter()
        metrics: Metrics = scope["app"].state.metrics
        asked = next((v for k, v in scope["headers"] if k == b"x-request-id"), b"")
        known = asked if asked and _ID.match(asked) else b"%s%08x" % (_PROCESS, next(_numbers) & 0xFFFFFFFF)
        seen: dict[str, object] = {}
        scope[SEEN] = seen
        status = size = 0

        async def noted(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message["headers"], (b"x-request-id", known)]}
            elif message["type"] == "http.response.body":
                size += len(message.get("body", b""))
            await send(message)

        metrics.under_way += 1
        token = request_id.set(known.decode("ascii"))
        try:
            await self.app(scope, receive, noted)
        finally:
            seconds = perf_counter() - began
            metrics.under_way -= 1
            route = str(seen.get("route") or (path if (path := seen.get("path")) in _UNROUTED else "other"))
            seen["route"] = route
            method = scope["method"] if scope["method"] in _METHODS else "other"
            # 499, as proxies have it: the client went away before there was an answer
            metrics.count(method, route, status or 499, seconds, size)
            if log.isEnabledFor(logging.INFO):
                _log(scope, seen, status or 499, seconds, size)
            request_id.reset(token)


#: Ids that are made begin with what no other process has, and count on.
_PROCESS = secrets.token_hex(4).encode("ascii")
_numbers = count()
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"})


class Routed:
    """The innermost layer: notes which route a request took, and whom it came from, for the log."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            await self.app(scope, receive, send)
        finally:
            seen = scope.get(SEEN)
            route = scope.get("route")
            if isinstance(seen, dict) and route is not None:
                seen["route"] = getattr(route, "path", "other")


def _log(scope: Scope, seen: dict[str, object], status: int, seconds: float, size: int) -> None:
    settings: Settings = scope["app"].state.settings
    path = quote(str(seen.get("path", scope["path"])), safe="/:@!$'()*+,;=~")
    if settings.log_queries and scope["query_string"]:
        path += "?" + scope["query_string"].decode("latin-1")
    fields = {
        "method": scope["method"],
        "path": path,
        "route": seen["route"],
        "status": status,
        "milliseconds": round(seconds * 1000, 2),
        "bytes": size,
        "client": seen.get("client"),
        "request_id": request_id.get(),
    }
    log.info("request", extra={FIELDS: fields})
