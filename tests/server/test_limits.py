"""Limits over HTTP: an answer that ends properly is whole, and nothing that was given up runs on."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from urllib.parse import quote

import httpx
import pytest
from fastapi import FastAPI

from kg.engine.pool import Pool
from kg.server.app import create_app
from kg.settings import load_settings

Serve = Callable[[FastAPI], httpx.Client]
CROSS = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
SLOW = (
    "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i "
    "FILTER(STRLEN(STR(?c)) + STRLEN(STR(?f)) + STRLEN(STR(?i)) < 0) }"
)
GREEDY = "SELECT ?a ?c ?d ?f ?g { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?f ?c"


def start(serve: Serve, store: Path, **settings: object) -> tuple[httpx.Client, Pool]:
    app = create_app(store, replace(load_settings({}), **settings))  # type: ignore[arg-type]
    return serve(app), app.state.pool


def ask(client: httpx.Client, query: str = "ASK {}", **headers: str) -> httpx.Response:
    return client.get("/sparql", params={"query": query}, headers=headers)


def streaming(client: httpx.Client, query: str, accept: str) -> AbstractContextManager[httpx.Response]:
    return client.stream("GET", "/sparql", params={"query": query}, headers={"Accept": accept})


def problem(response: httpx.Response, status: int, slug: str) -> None:
    assert response.status_code == status, response.text
    assert response.json()["type"] == f"/docs#{slug}"


def wait_for(true: Callable[[], bool]) -> bool:
    for _ in range(300):
        if true():
            return True
        time.sleep(0.02)
    return False


def test_rows(serve: Serve, small_store: Path) -> None:
    client, _ = start(serve, small_store, max_answer_rows=10)
    assert ask(client, "SELECT * { ?s ?p ?o } LIMIT 10").status_code == 200
    problem(ask(client, "SELECT * { ?s ?p ?o } LIMIT 11"), 422, "answer-too-large")
    problem(ask(client, "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o } LIMIT 11"), 422, "answer-too-large")


def test_memory(serve: Serve, small_store: Path) -> None:
    client, pool = start(serve, small_store, query_memory=150_000_000, query_timeout=60.0)
    problem(ask(client, GREEDY), 422, "memory")
    assert ask(client).status_code == 200
    assert pool.counts.lost == 1


def test_a_full_queue(serve: Serve, small_store: Path) -> None:
    client, pool = start(serve, small_store, query_workers=1, query_queue=0)
    slow = threading.Thread(target=_give_up, args=(client, SLOW))
    slow.start()
    assert wait_for(lambda: pool.busy == 1)
    response = ask(client)
    problem(response, 503, "overloaded")
    assert int(response.headers["retry-after"]) > 0
    assert client.get("/entities").status_code == 200  # what is bounded does not wait for it
    slow.join(20)
    assert wait_for(lambda: pool.busy == 0)
    assert ask(client).status_code == 200


def _give_up(client: httpx.Client, query: str) -> None:
    with (
        httpx.Client(base_url=client.base_url, timeout=1.5, trust_env=False) as own,
        pytest.raises(httpx.ReadTimeout),
    ):
        ask(own, query)


def test_a_client_that_goes_away_ends_its_query(serve: Serve, small_store: Path) -> None:
    client, pool = start(serve, small_store)
    _give_up(client, SLOW)
    assert wait_for(lambda: pool.busy == 0)
    with client.stream("GET", "/sparql", params={"query": CROSS}) as response:
        assert response.status_code == 200
        next(response.iter_raw())
        assert pool.busy == 1
    assert wait_for(lambda: pool.busy == 0)


def test_a_worker_that_is_killed(serve: Serve, small_store: Path) -> None:
    client, pool = start(serve, small_store)
    assert ask(client).status_code == 200
    found: list[httpx.Response] = []
    asking = threading.Thread(target=lambda: found.append(ask(client, SLOW)))
    asking.start()
    assert wait_for(lambda: pool.busy == 1)
    time.sleep(0.2)
    os.kill(pool.processes[0], signal.SIGKILL)
    asking.join(20)
    problem(found[0], 503, "worker-lost")
    assert found[0].headers["retry-after"]
    assert ask(client).status_code == 200


@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize("coding", ["", "gzip"])
def test_an_answer_that_must_end_early_is_a_broken_connection(
    serve: Serve, small_store: Path, version: str, coding: str
) -> None:
    client, pool = start(serve, small_store, max_answer_bytes=3_000_000)
    with socket.create_connection((client.base_url.host, client.base_url.port or 0), 20) as raw:
        headers = f"Host: x\r\nAccept-Encoding: {coding}\r\n" if coding else "Host: x\r\n"
        raw.sendall(f"GET /sparql?query={quote(CROSS)} HTTP/{version}\r\n{headers}\r\n".encode())
        got = raw.recv(100)
        assert got.startswith(b"HTTP/1.1 200")
        with pytest.raises(ConnectionResetError):  # noqa: PT012
            while data := raw.recv(1 << 16):
                got += data
    assert wait_for(lambda: pool.busy == 0)


def test_a_client_notices(serve: Serve, small_store: Path) -> None:
    client, _ = start(serve, small_store, max_answer_bytes=3_000_000)
    with pytest.raises(httpx.TransportError):
        ask(client, CROSS)
    client.cookies.clear()
    assert ask(client).status_code == 200


def test_long_answers_stream_with_flat_memory(serve: Serve, small_store: Path) -> None:
    client, _ = start(serve, small_store)
    rows = 0
    with streaming(client, CROSS + " LIMIT 200000", "text/tab-separated-values") as response:
        assert response.status_code == 200
        assert "content-length" not in response.headers
        before = _memory()
        for piece in response.iter_bytes():
            rows += piece.count(b"\n")
    assert rows == 200_001
    assert _memory() - before < 30_000_000


def _memory() -> int:
    """Bytes that this process, which the server runs in, has in memory."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGESIZE")


def test_a_new_generation_is_read_by_the_next_query_and_old_ones_end_in_peace(
    serve: Serve, small_store: Path, tmp_path: Path, asked_world: ModuleType
) -> None:
    store = tmp_path / "store"
    shutil.copytree(small_store, store)
    client, _ = start(serve, store)
    count = "SELECT (COUNT(*) AS ?n) { ?d a kg:Document }"
    before = int(ask(client, count, Accept="text/csv").text.split()[1])
    with streaming(client, CROSS + " LIMIT 100000", "text/csv") as old:
        lines = old.iter_lines()
        next(lines)
        for n in range(3):  # the third build sweeps what the stream reads
            extra = asked_world.w.make(f"more-{n}.txt", f"Norland has {n} ships.", issued="2024-06-01")
            asked_world.build(store, [extra])
            assert int(ask(client, count, Accept="text/csv").text.split()[1]) == before + n + 1
        assert sum(1 for _ in lines) >= 100_000


def test_a_body_that_does_not_come(serve: Serve, small_store: Path) -> None:
    client, _ = start(serve, small_store, query_timeout=0.3)
    with socket.create_connection((client.base_url.host, client.base_url.port or 0), 20) as raw:
        head = "POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
        raw.sendall((head + "Content-Length: 100\r\n\r\nASK").encode())
        assert raw.recv(1000).startswith(b"HTTP/1.1 408")
    assert client.get("/healthz").status_code == 200
