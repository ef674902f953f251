"""What holds for every request: HEAD wherever there is GET, safe headers, and no error that gets out as it
is.
"""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kg.graph.store import StoreReader
from kg.server.problems import unexpected

_BEHIND = "kg.behind"

#: Our pages run our own files alone, load and ask nothing from elsewhere, and write no HTML by script.
CONTENT_SECURITY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)


class Surface:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        head = scope["method"] == "HEAD"
        behind: list[int] = []
        inner = {**scope, _BEHIND: behind, "method": "GET" if head else scope["method"], "kg.head": head}
        started = False

        async def guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(raw=message["headers"])
                secure(headers)
                if behind and behind[0]:
                    headers["Kg-Behind"] = str(behind[0])
            elif head and message["type"] == "http.response.body":
                if message.get("more_body"):
                    return
                message = {"type": "http.response.body", "body": b"", "more_body": False}
            await send(message)

        try:
            await self.app(inner, receive, guarded)
        except Exception as error:
            if started:
                raise  # the headers are out: only a broken connection can tell that the body is not whole
            await unexpected(Request(scope), error)(scope, receive, guarded)


def tell_behind(request: Request, reader: StoreReader) -> None:
    """Have the answer say by how many patches search, neighbourhoods and dumps are behind the graph, if they are."""
    told: list[int] | None = request.scope.get(_BEHIND)
    if told is not None:
        told[:] = [getattr(reader, "behind", 0)]


def secure(headers: MutableHeaders) -> None:
    """Add what every answer carries."""
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "no-referrer")
    is_page = headers.get("content-type", "").startswith("text/html")
    if (
        is_page and "content-security-policy" not in headers
    ):  # a page with a policy of its own says who may frame it
        headers["Content-Security-Policy"] = CONTENT_SECURITY
        headers.setdefault("X-Frame-Options", "DENY")
