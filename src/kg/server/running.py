"""Runs the application: the port is taken before anything is said, Ctrl-C ends it cleanly."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable
from importlib.util import find_spec

import uvicorn
from fastapi import FastAPI

from kg.errors import KgError
from kg.server.pages.landing import ideas
from kg.server.readers import Readers
from kg.server.site import look_inside
from kg.server.transports import Protocol

#: Seconds that requests under way have to end when the server is stopped.
_GRACE = 5


def bind(host: str, port: int) -> socket.socket:
    """A socket that listens on `host` and `port` (0: any free one). Raises `KgError` if it cannot be had."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError, OverflowError) as error:
        raise KgError(f"--host {host} --port {port}: not an address of this machine ({error})") from None
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(128)
        listening.set_inheritable(True)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise KgError(
                f"port {port} of {host} is taken by another program; give another with --port"
            ) from None
        raise KgError(f"cannot listen on {host}, port {port}: {error.strerror or error}") from None
    return listening


def configure(app: FastAPI, log_level: str = "warning") -> uvicorn.Config:
    """How uvicorn is to run `app`: the parser and the event loop are those in C."""
    return uvicorn.Config(
        app,
        http=Protocol,
        loop="uvloop" if find_spec("uvloop") else "asyncio",
        ws="none",
        log_level=log_level,
        access_log=False,
        timeout_graceful_shutdown=_GRACE,
        server_header=False,
        proxy_headers=False,
    )


def serve(app: FastAPI, listening: socket.socket, ready: Callable[[str], None]) -> None:
    """Serve `app` on the socket until Ctrl-C or SIGTERM; `ready` is called with the URL first."""
    server = uvicorn.Server(configure(app))
    ready(url_of(listening))
    try:
        server.run(sockets=[listening])
    except KeyboardInterrupt:
        pass  # uvicorn has ended cleanly, and raises again what it caught
    finally:
        listening.close()


def url_of(listening: socket.socket) -> str:
    """The URL to give to people for a listening socket."""
    host, port = listening.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{shown}:{port}"


def to_try(app: FastAPI, url: str) -> list[str]:
    """Three command lines to try against the server at `url`, made of entities that are in the store."""
    readers: Readers = app.state.readers
    lease = readers.lease()
    try:
        paths = [path for path, _ in ideas(look_inside(lease.reader).known)]
    finally:
        lease.release()
    return [f"curl '{url}{path}'" for path in paths[:3]]
