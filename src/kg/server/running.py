"""Runs the application: the port is taken before anything is said, Ctrl-C ends it cleanly."""

from __future__ import annotations

import asyncio
import errno
import logging
import signal
import socket
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec

import uvicorn
from fastapi import FastAPI

from kg.errors import KgError, SettingsError
from kg.server import logs
from kg.server.notices import notify, notify_reloading
from kg.server.pages.landing import ideas
from kg.server.readers import Readers
from kg.server.site import look_inside
from kg.server.transports import Protocol
from kg.settings import SETTINGS, Settings, load_settings, unknown_variables

log = logging.getLogger("kg.server")


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
        timeout_graceful_shutdown=app.state.settings.grace_seconds,
        log_config=None,  # ours is set up by `kg.server.logs`
        server_header=False,
        proxy_headers=False,
    )


class _Server(uvicorn.Server):
    """Does something on SIGHUP, too."""

    def __init__(self, config: uvicorn.Config, hung_up: Callable[[], None]) -> None:
        super().__init__(config)
        self._hung_up = hung_up

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve."""
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self._hung_up)
        await super().startup(sockets)


def serve(app: FastAPI, listening: socket.socket, ready: Callable[[str], None]) -> None:
    """Serve `app` on the socket until Ctrl-C or SIGTERM; `ready` is called with the URL first.

    When it is stopped, it takes no more requests, and those under way have `grace_seconds` to end. SIGHUP has the
    settings read anew.
    """
    logs.configure(app.state.settings)
    for name in unknown_variables():
        log.warning("%s: no such setting; it is passed over", name)
    server = _Server(configure(app), lambda: reload(app))

    def stop(*_: object) -> None:
        # uvicorn ends by itself, and then raises the signal again: this is what it meets, so that the status is 0
        server.should_exit = True

    before = {
        signal.SIGTERM: signal.signal(signal.SIGTERM, stop),
        signal.SIGHUP: signal.signal(signal.SIGHUP, signal.SIG_IGN),  # until the loop takes care of it
    }
    ready(url_of(listening))
    notify("READY=1")
    try:
        server.run(sockets=[listening])
    except KeyboardInterrupt:
        pass  # uvicorn has ended cleanly, and raises again what it caught
    finally:
        notify("STOPPING=1")
        listening.close()
        for number, handler in before.items():
            signal.signal(number, handler)


def reload(app: FastAPI) -> None:
    """Read the settings anew: those that can follow do, of the others the log says that they need a start.

    Settings that cannot be read leave everything as it is.
    """
    notify_reloading()
    old: Settings = app.state.settings
    try:
        new = load_settings()
        changed = [row for row in SETTINGS if getattr(new, row.name) != getattr(old, row.name)]
        follow = {row.name: getattr(new, row.name) for row in changed if row.reload}
        settings = replace(old, **follow)
        logs.configure(settings)
    except SettingsError as error:
        log.error("settings were not read anew: %s", error)
    else:
        app.state.settings = settings
        waiting = [row.name for row in changed if not row.reload]
        log.info("settings were read anew: %s", ", ".join(follow) or "nothing changed")
        if waiting:
            log.warning("settings that changed and need a start: %s", ", ".join(waiting))
    finally:
        notify("READY=1")


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
