"""The same graph by every way there is to it: a folder, dumps, a server, documents that are built."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn

import kg
from kg.notebook.client import Graph
from kg.server.app import create_app
from kg.server.running import bind, url_of

Serve = Callable[[Any], str]

#: Plain sentences, so that what is built of them can be asked like the store that they are built into.
TEXTS = {
    "visit.txt": (
        "2024-03-05. Norway’s Defense Minister Tore Sandvik met Estonia’s Defense Minister Hanno Pevkur at Rygge "
        "Air Station on 5 March 2024.\n\nSandvik visited Oslo on March 4, 2024."
    ),
    "plans.txt": (
        "2024-02-20. Norway’s Defense Minister Tore Sandvik will meet Estonia’s Defense Minister Hanno Pevkur in "
        "early March 2024, the Norwegian Ministry of Defence said.\n\nRygge Air Station is located in Norway."
    ),
    "visit-two.txt": "2024-04-02. Estonian Defense Minister Hanno Pevkur is to visit Oslo in May 2024, officials said.",
}
WAYS = ("folder", "dump.ttl.gz", "dump.nt", "dump.jsonld", "server", "build")


@contextmanager
def serving(app: Any) -> Iterator[str]:
    listening = bind("127.0.0.1", 0)
    config = uvicorn.Config(app, log_level="critical", access_log=False, timeout_graceful_shutdown=5)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.005)
        yield url_of(listening)
    finally:
        server.should_exit = True
        thread.join(20)
        listening.close()
    assert not thread.is_alive()


@pytest.fixture(scope="session")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of documents."""
    folder = tmp_path_factory.mktemp("texts")
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def built_store(texts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of them."""
    store = tmp_path_factory.mktemp("built") / "store"
    kg.build(texts, store, model="rules", progress=False).close()
    return store


@pytest.fixture(scope="session")
def server_url(built_store: Path) -> Iterator[str]:
    """A server of that store."""
    with serving(create_app(built_store)) as url:
        yield url


@pytest.fixture(scope="session", params=WAYS)
def anyhow(
    request: pytest.FixtureRequest,
    texts: Path,
    built_store: Path,
    server_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Graph]:
    """The same graph, opened in one of the ways."""
    way: str = request.param
    if way == "folder":
        graph = kg.open(built_store)
    elif way == "server":
        graph = kg.connect(server_url)
    elif way == "build":
        graph = kg.build(texts, model="rules", progress=False)
    else:
        dump = tmp_path_factory.mktemp("dumps") / way
        with kg.open(built_store) as whole:
            whole.dump(dump)
        graph = kg.open(dump)
    with graph:
        yield graph


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serves an application until the test ends; its URL."""
    with ExitStack() as stack:
        yield lambda app: stack.enter_context(serving(app))
