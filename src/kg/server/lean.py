"""Answers the plainest requests for a neighbourhood before the framework unpacks them.

What is asked for most (a neighbourhood as JSON, without sentences) is written straight from the index of links. All
else, and whatever is not in order, goes on to the route of that path, which gives the same answer or says what is
wrong.
"""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from kg.errors import KgError
from kg.graph.network import Network
from kg.query.adjacency import Selection
from kg.query.lean import write_neighbourhood
from kg.query.names import resolve_entity
from kg.query.neighbourhood import MAX_DEPTH
from kg.query.walking import network_of
from kg.server.conditional import depends_on
from kg.server.readers import Lease, Readers

#: What takes longer is no work for the event loop.
_MOST_NODES = 500
#: Names that are remembered with the node they stand for.
_MOST_NAMES = 20_000
_PATH = "/neighbourhood"
_PARAMETERS = frozenset({"entity", "depth", "limit", "evidence", "format"})


class LeanNeighbourhoods:
    """A layer around the application."""

    def __init__(self, app: ASGIApp, readers: Readers, limit: int) -> None:
        self.app = app
        self._readers = readers
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and scope["path"] == _PATH and scope["method"] == "GET":
            body = self._answer(scope)
            if body is not None:
                headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
                await send({"type": "http.response.start", "status": 200, "headers": headers})
                await send({"type": "http.response.body", "body": body})
                return
        await self.app(scope, receive, send)

    def _answer(self, scope: Scope) -> bytes | None:
        pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        asked = dict(pairs)
        if len(asked) != len(pairs) or not _PARAMETERS.issuperset(asked) or _wants_page(scope):
            return None
        depth, limit = _number(asked.get("depth", "1")), _number(asked.get("limit", str(self._limit)))
        if (
            not 1 <= depth <= MAX_DEPTH
            or not 1 <= limit <= _MOST_NODES
            or asked.get("evidence", "count") != "count"
            or asked.get("format", "json") != "json"
        ):
            return None
        lease = self._readers.find_current()
        if lease is None:
            return None
        try:
            network = network_of(lease.reader)
            node = None if network is None else _find(lease, network, asked.get("entity", ""))
            if network is None or node is None:
                return None
            depends_on(Request(scope), lease.reader.generation)
            return write_neighbourhood(network, node, depth, limit, Selection(), lease.reader.generation)
        finally:
            lease.release()


def _find(lease: Lease, network: Network, text: str) -> int | None:
    """The node that `text` stands for; None if there is none, or the route has to say what is wrong with it."""
    found = network.named.get(text)
    if found is None:
        found = network.find(text)
        if found is None or network.is_moved(found):
            try:
                found = network.find(resolve_entity(lease.reader, text))
            except KgError:
                return None
        if found is not None and len(network.named) < _MOST_NAMES:
            network.named[text] = found
    return found


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else -1


def _wants_page(scope: Scope) -> bool:
    return any(name == b"accept" and b"text/html" in value for name, value in scope["headers"])
