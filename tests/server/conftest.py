"""Servers on loopback, run by uvicorn as users run them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from kg.server.app import create_app
from kg.server.running import bind, configure, url_of

Serve = Callable[[FastAPI], httpx.Client]
Proxying = Callable[..., AbstractContextManager[str]]


@contextmanager
def serving(app: FastAPI) -> Iterator[httpx.Client]:
    listening = bind("127.0.0.1", 0)
    server = uvicorn.Server(configure(app, "critical"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.005)
        with httpx.Client(base_url=url_of(listening), timeout=30, trust_env=False) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(20)
        listening.close()
    assert not thread.is_alive()


@pytest.fixture(scope="session")
def client(small_store: Path) -> Iterator[httpx.Client]:
    """A client of a server of the small world."""
    with serving(create_app(small_store)) as opened:
        yield opened


@pytest.fixture(scope="session")
def seed_client(seed_store: Path) -> Iterator[httpx.Client]:
    """A client of a server of the seeds."""
    with serving(create_app(seed_store)) as opened:
        yield opened


@pytest.fixture(scope="module")
def open_server() -> Callable[[FastAPI], AbstractContextManager[httpx.Client]]:
    """Serves an application as long as it is in use."""
    return serving


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serves an application until the test ends."""
    with ExitStack() as stack:
        yield lambda app: stack.enter_context(serving(app))


@pytest.fixture(scope="module")
def serve_long() -> Iterator[Serve]:
    """Serves an application until the module's tests have ended."""
    with ExitStack() as stack:
        yield lambda app: stack.enter_context(serving(app))


@pytest.fixture
def proxying() -> Proxying:
    """Puts a small reverse proxy on loopback before a server, as nginx or Caddy would stand there."""
    return proxy


@contextmanager
def proxy(upstream: str, prefix: str, *, strips: bool = True) -> Iterator[str]:
    """The URL of a proxy that shows `upstream` below `prefix`; if it `strips`, upstream never sees the prefix."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if not self.path.startswith(prefix + "/"):
                self.send_error(404, "outside the prefix")
                return
            path = self.path[len(prefix) :] if strips else self.path
            headers = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "connection")}
            headers |= {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
            headers |= {"X-Forwarded-Host": "graph.example.org", "Host": "inner.example"}
            if strips:
                headers["X-Forwarded-Prefix"] = prefix
            with httpx.Client(trust_env=False, timeout=30) as client:
                answer = client.request(self.command, upstream + path, headers=headers)
            self.send_response(answer.status_code)
            for name, value in answer.headers.multi_items():
                if name.lower() not in (
                    "content-encoding",
                    "content-length",
                    "transfer-encoding",
                    "connection",
                ):
                    self.send_header(name, value)
            body = b"" if self.command == "HEAD" else answer.content
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_HEAD(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
