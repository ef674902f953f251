"""Where people reach this server: behind a proxy, paths begin with a prefix and URLs with another host.

`Proxied` reads it from the settings, or from the X-Forwarded headers of a proxy that is trusted, and takes the prefix
off the path; `Prefixed` puts it before the paths that answers link to. Routes know nothing of it, but where they write
a path or URL into JSON or RDF: then they ask `address_of`.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kg.errors import SettingsError
from kg.settings import Settings

#: A prefix goes into pages and headers as it is, so nothing else may stand in it.
_PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)*\Z")
_HOST = re.compile(
    r"[A-Za-z0-9._~:\[\]-]{1,300}\Z"
)  # RFC 3986, section 3.2.2, without user and percent signs
#: Attributes of our pages that hold a path; text between tags has its quotes escaped and cannot look like one.
_LINK = re.compile(
    rb"""( (?:href|src|action|formaction|content|data-(?:root|href|src|url|path))=["'])/(?!/)"""
)
_TARGET = re.compile(r"<(/(?!/)[^>]*)>")
_KEY = "kg.address"
#: What is noted of a request for the log, by the layers that it goes through.
SEEN = "kg.seen"

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Address:
    """Where the server is: `origin` is scheme and host, `prefix` is empty or a path without slash at its end."""

    origin: str = ""
    prefix: str = ""

    def path(self, path: str) -> str:
        """`path`, which begins with a slash, as others have to ask for it."""
        return self.prefix + path

    def url(self, path: str) -> str:
        """The whole URL of `path`."""
        return self.origin + self.prefix + path


def address_of(scope: MutableMapping[str, Any]) -> Address:
    """The address that `Proxied` found for a request's scope."""
    found = scope.get(_KEY)
    return found if isinstance(found, Address) else Address()


def read_public_url(settings: Settings) -> Address | None:
    """The address that `public_url` states, or None. Raises `SettingsError` if it is no http(s) URL."""
    if not settings.public_url:
        return None
    parts = urlsplit(settings.public_url)
    prefix = parts.path.rstrip("/")
    known = parts.scheme in ("http", "https") and _HOST.match(parts.netloc) and _PREFIX.match(prefix)
    if not known or parts.query or parts.fragment:
        raise SettingsError(
            f"public_url={settings.public_url!r}: want http:// or https://, a host, and perhaps a path"
        )
    return Address(f"{parts.scheme}://{parts.netloc}", prefix)


def read_root_path(settings: Settings) -> str:
    """The prefix that `root_path` states, without slash at its end. Raises `SettingsError`."""
    prefix = settings.root_path.rstrip("/")
    if not _PREFIX.match(prefix):
        raise SettingsError(f"root_path={settings.root_path!r}: want a path such as /graph")
    return prefix


def read_trusted(settings: Settings) -> Sequence[Network] | None:
    """The networks of `trusted_proxies`, None for any. Raises `SettingsError`."""
    if settings.trusted_proxies.strip() == "*":
        return None
    try:
        return [ipaddress.ip_network(word) for word in settings.trusted_proxies.split()]
    except ValueError as error:
        raise SettingsError(f"trusted_proxies: {error}; want addresses or networks, or *") from None


class Proxied:
    """Finds out where the server is for each request, and takes the proxy's prefix off the path."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self._public = read_public_url(settings)
        self._root = read_root_path(settings)
        self._trusted = read_trusted(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            scope = self._placed(scope)
        await self.app(scope, receive, send)

    def _placed(self, scope: Scope) -> Scope:
        headers = Headers(scope=scope)
        placed = dict(scope)
        host, scheme, prefix = headers.get("host", ""), scope.get("scheme", "http"), ""
        client = scope.get("client")
        forwarded = any(name.startswith(b"x-forwarded-") for name, _ in scope["headers"])
        if forwarded and self._trusts(client[0] if client else None):
            host = _first(headers, "x-forwarded-host") or host
            scheme = _first(headers, "x-forwarded-proto") or scheme
            prefix = (_first(headers, "x-forwarded-prefix") or "").rstrip("/")
            # The last one is what the nearest proxy saw; those before it may be anybody's invention.
            last = headers.get("x-forwarded-for", "").split(",")[-1].strip()
            if last:
                placed["client"] = (last, 0)
        if scheme not in ("http", "https"):
            scheme = "http"
        if not _PREFIX.match(prefix):
            prefix = ""
        found = self._public
        if found is None:
            found = Address(f"{scheme}://{host}" if _HOST.match(host) else "", self._root or prefix)
        elif self._root:
            found = Address(found.origin, self._root)
        client = placed.get("client")
        placed["scheme"] = scheme
        placed[_KEY] = found
        path: str = scope["path"]
        if found.prefix and (path == found.prefix or path.startswith(found.prefix + "/")):
            placed["path"] = path[len(found.prefix) :] or "/"
            raw = scope.get("raw_path")
            if isinstance(raw, bytes) and raw.startswith(found.prefix.encode("ascii")):
                placed["raw_path"] = raw[len(found.prefix) :] or b"/"
        seen = scope.get(SEEN)
        if isinstance(seen, dict):  # only here it is known which path and whom a proxy stands for
            seen |= {"path": placed["path"], "client": client[0] if client else None}
        return placed

    def _trusts(self, peer: str | None) -> bool:
        if (
            self._trusted is None or peer is None
        ):  # without a peer the request came over a socket in the file system
            return True
        try:
            address = ipaddress.ip_address(peer)
        except ValueError:
            return False
        return any(address in network for network in self._trusted)


class Prefixed:
    """Puts the proxy's prefix before the paths in pages, redirects and Link headers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        prefix = address_of(scope).prefix
        if scope["type"] != "http" or not prefix:
            await self.app(scope, receive, send)
            return
        start: Message | None = None
        page = bytearray()

        async def prefixed(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                _prefix_headers(headers, prefix)
                if headers.get("content-type", "").startswith("text/html"):
                    start = message
                    return
            elif start is not None and message["type"] == "http.response.body":
                page.extend(message.get("body", b""))
                if message.get("more_body"):
                    return
                whole = _LINK.sub(rb"\g<1>" + prefix.encode("ascii") + b"/", bytes(page))
                MutableHeaders(raw=start["headers"])["content-length"] = str(len(whole))
                await send(start)
                message = {"type": "http.response.body", "body": whole, "more_body": False}
            await send(message)

        await self.app(scope, receive, prefixed)


def _prefix_headers(headers: MutableHeaders, prefix: str) -> None:
    for name in ("location", "content-location"):
        value = headers.get(name, "")
        if value.startswith("/") and not value.startswith("//"):
            headers[name] = prefix + value
    if "link" in headers:
        headers["link"] = _TARGET.sub(rf"<{prefix}\1>", headers["link"])


def _first(headers: Headers, name: str) -> str | None:
    """The first value of a list header, or None."""
    value = headers.get(name)
    return value.split(",")[0].strip() if value else None
