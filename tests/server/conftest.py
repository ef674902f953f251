"""Servers on loopback, run by uvicorn as users run them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from kg.server.app import create_app
from kg.server.running import bind, url_of

Serve = Callable[[FastAPI], httpx.Client]


@contextmanager
def serving(app: FastAPI) -> Iterator[httpx.Client]:
    listening = bind("127.0.0.1", 0)
    config = uvicorn.Config(app, log_level="critical", access_log=False, timeout_graceful_shutdown=5)
    server = uvicorn.Server(config)
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


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serves an application until the test ends."""
    with ExitStack() as stack:
        yield lambda app: stack.enter_context(serving(app))
