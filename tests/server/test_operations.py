from __future__ import annotations

import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families

from kg.server import logs
from kg.server.app import create_app
from kg.settings import load_settings

Serve = Callable[[FastAPI], httpx.Client]


def samples(client: httpx.Client) -> dict[str, float]:
    """Name with labels → value."""
    text = client.get("/metrics").text
    return {
        s.name + "".join(f" {k}={v}" for k, v in sorted(s.labels.items())): s.value
        for family in text_string_to_metric_families(text)
        for s in family.samples
    }


def test_requests_are_counted_by_route_method_and_status(serve: Serve, small_store: Path) -> None:
    client = serve(create_app(small_store))
    for _ in range(3):
        client.get("/entities/Norland")
    client.head("/entities/Oxmoor Keep")
    client.get("/entities/Nobody In Particular")
    client.get("/neighbourhood?entity=Norland")
    client.get("/nope/at/all")
    client.get("/sparql", params={"query": "SELECT * { ?s ?p ?o } LIMIT 1"})
    found = samples(client)
    route = "route=/entities/{entity:path}"
    assert found[f"kg_http_requests_total method=GET {route} status=200"] == 3
    assert found[f"kg_http_requests_total method=GET {route} status=404"] == 1
    assert found[f"kg_http_request_seconds_count {route}"] == 5
    assert found[f"kg_http_response_bytes_total {route}"] > 500
    assert found["kg_http_requests_total method=GET route=/neighbourhood status=200"] == 1
    assert found["kg_http_requests_total method=GET route=/sparql status=200"] == 1
    assert found["kg_http_requests_total method=GET route=other status=404"] == 1
    assert found["kg_http_requests_in_flight"] == 1  # this one
    assert not [name for name in found if "Norland" in name or "nope" in name]


def test_the_state_of_the_service_can_be_read_off(client: httpx.Client) -> None:
    client.get("/sparql", params={"query": "SELECT * { ?s ?p ?o } LIMIT 1"})
    found = samples(client)
    generation = client.get("/readyz").json()["generation"]
    assert found[f"kg_generation_info generation={generation}"] == 1
    assert found["kg_triples part=facts"] > 10
    assert found["kg_query_workers state=idle"] + found["kg_query_workers state=busy"] >= 1
    assert found["kg_query_queue"] == 0
    assert found["kg_queries_total outcome=answered"] >= 1
    assert found["process_resident_memory_bytes"] > 1e6
    openmetrics = client.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    assert openmetrics.text.endswith("# EOF\n")


def test_metrics_can_be_turned_off(serve: Serve, small_store: Path) -> None:
    client = serve(create_app(small_store, replace(load_settings({}), metrics=False)))
    assert client.get("/metrics").status_code == 404


def test_a_request_has_an_id_which_is_its_own_or_ours(client: httpx.Client) -> None:
    assert (
        client.get("/healthz", headers={"X-Request-Id": "abc-1:2/3"}).headers["x-request-id"] == "abc-1:2/3"
    )
    for path in ("/healthz", "/nope", "/sparql?query=x", "/style.css"):
        for wrong in ("", "a b", "x" * 200, 'a"b', "<script>"):
            made = client.get(path, headers={"X-Request-Id": wrong}).headers["x-request-id"]
            assert re.fullmatch("[0-9a-f]{16}", made), (path, wrong)


@pytest.fixture
def logged(tmp_path: Path) -> Iterator[Callable[..., list[dict[str, object]]]]:
    """Sets the log up with some settings; then gives what it holds."""
    path = tmp_path / "log"
    kept = {
        name: (logging.getLogger(name).handlers[:], logging.getLogger(name).level)
        for name in ("kg", "uvicorn")
    }

    def read(wanted: int = 0, **changes: object) -> list[dict[str, object]]:
        if changes:
            logs.configure(replace(load_settings({}), log_file=str(path), **changes))  # type: ignore[arg-type]
            return []
        for _ in range(200):  # a line is written when its answer has gone
            lines = path.read_text(encoding="utf-8").splitlines()
            if len(lines) >= wanted:
                break
            time.sleep(0.02)
        return [json.loads(line) for line in lines]

    yield read
    for name, (handlers, level) in kept.items():
        logger = logging.getLogger(name)
        for handler in logger.handlers[:]:
            logger.removeHandler(handler)
            handler.close()
        logger.handlers, logger.propagate = handlers, True
        logger.setLevel(level)


def test_the_log_says_what_was_asked_and_how_it_went_but_no_secrets(
    serve: Serve, small_store: Path, logged: Callable[..., list[dict[str, object]]]
) -> None:
    logged(log_level="info")
    client = serve(create_app(small_store))
    client.get(
        "/entities/Norland?as_of=2024-06-01",
        headers={
            "X-Request-Id": "id-1",
            "Authorization": "Bearer hushhush",
            "X-Forwarded-For": "203.0.113.7",
        },
    )
    client.get("/sparql", params={"query": "SELECT ?secret { ?secret ?p ?o } LIMIT 1"})
    client.get("/entities/No%22body%20")
    lines = logged(3)
    assert [(x["method"], x["route"], x["status"]) for x in lines] == [
        ("GET", "/entities/{entity:path}", 200),
        ("GET", "/sparql", 200),
        ("GET", "/entities/{entity:path}", 404),
    ]
    first = lines[0]
    assert (first["path"], first["request_id"], first["client"]) == (
        "/entities/Norland",
        "id-1",
        "203.0.113.7",
    )
    assert first["bytes"] > 100  # type: ignore[operator]
    assert 0 < first["milliseconds"] < 10_000  # type: ignore[operator]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", str(first["time"]))
    assert "hush" not in json.dumps(lines)
    assert "secret" not in json.dumps(lines)
    assert lines[2]["path"] == "/entities/No%22body%20"


def test_parameters_are_logged_if_that_is_asked_for(
    serve: Serve, small_store: Path, logged: Callable[..., list[dict[str, object]]]
) -> None:
    logged(log_level="info")
    client = serve(create_app(small_store, replace(load_settings({}), log_queries=True)))
    client.get("/entities?q=nor")
    assert logged(1)[0]["path"] == "/entities?q=nor"


def test_errors_carry_the_id_of_their_request(
    serve: Serve, small_store: Path, logged: Callable[..., list[dict[str, object]]]
) -> None:
    logged(log_level="warning")
    app = create_app(small_store)

    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("detail")

    serve(app).get("/broken", headers={"X-Request-Id": "id-2"})
    (line,) = logged(1)
    assert (line["level"], line["request_id"]) == ("error", "id-2")
    assert "RuntimeError: detail" in str(line["trace"])


def test_text_is_one_line_for_people() -> None:
    record = logging.LogRecord("kg.access", logging.INFO, "", 0, "request\nof %s", ("x",), None)
    record.kg_fields = {"status": 200}
    assert logs.TextLines().format(record) == "info: request of x status=200"


class Served:
    """``kg serve`` as a process."""

    def __init__(self, store: Path, folder: Path, settings: str, **environment: str) -> None:
        self.config = folder / "kg.toml"
        self.config.write_text(settings, encoding="utf-8")
        self.log = folder / "log"
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "kg",
                "--config",
                str(self.config),
                "serve",
                "--store",
                str(store),
                "--port",
                "0",
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"KG_LOG_FILE": str(self.log), "KG_LOG_LEVEL": "info"} | environment,
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().split()[0]
        self.client = httpx.Client(base_url=self.url, timeout=20, trust_env=False)
        for _ in range(200):
            try:
                self.client.get("/healthz")
                break
            except httpx.ConnectError:
                time.sleep(0.02)

    def wait_for(self, words: str) -> str:
        for _ in range(1000):
            text = self.log.read_text(encoding="utf-8") if self.log.exists() else ""
            if words in text:
                return text
            time.sleep(0.02)
        raise AssertionError(text)


@pytest.fixture
def served(small_store: Path, tmp_path: Path) -> Iterator[Callable[..., Served]]:
    running: list[Served] = []

    def start(settings: str, **environment: str) -> Served:
        running.append(Served(small_store, tmp_path, settings, **environment))
        return running[-1]

    yield start
    for one in running:
        one.client.close()
        one.process.kill()
        one.process.communicate()


def test_sighup_reads_the_settings_that_can_follow_and_a_broken_file_changes_nothing(
    served: Callable[..., Served],
) -> None:
    one = served("page_size = 3\n")
    assert len(one.client.get("/entities").json()["items"]) == 3
    one.config.write_text("page_size = 2\nport = 1234\n", encoding="utf-8")
    one.process.send_signal(signal.SIGHUP)
    text = one.wait_for("settings were read anew: page_size")
    assert "settings that changed and need a start" not in text or "port" in text
    assert len(one.client.get("/entities").json()["items"]) == 2
    one.config.write_text("page_size = 'x'\n", encoding="utf-8")
    one.process.send_signal(signal.SIGHUP)
    assert "want a whole number" in one.wait_for("settings were not read anew")
    assert len(one.client.get("/entities").json()["items"]) == 2
    one.log.rename(one.log.with_suffix(".1"))
    one.client.get("/healthz", headers={"X-Request-Id": "after-rotation"})
    one.wait_for("after-rotation")


def test_sigterm_lets_requests_end_and_ends_with_status_0(
    served: Callable[..., Served], tmp_path: Path
) -> None:
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind(address)
        told.settimeout(20)
        one = served("query_timeout = 1.5\n", NOTIFY_SOCKET=address)
        assert told.recv(100) == b"READY=1"
        slow = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?c != ?f && ?f != ?i) }"
        answers: list[httpx.Response] = []
        asking = threading.Thread(
            target=lambda: answers.append(one.client.get("/sparql", params={"query": slow}))
        )
        asking.start()
        time.sleep(0.4)
        one.process.send_signal(signal.SIGTERM)
        asking.join(20)
        assert one.process.wait(20) == 0
        assert told.recv(100) == b"STOPPING=1"
    assert [a.status_code for a in answers] == [503]  # its deadline, not a broken connection
    assert one.process.stderr is not None
    assert one.process.stderr.read() == ""
    with pytest.raises(httpx.ConnectError):
        httpx.get(one.url, trust_env=False)


def test_misspelt_variables_are_logged(served: Callable[..., Served]) -> None:
    one = served("", KG_PAGESIZE="3")
    assert "KG_PAGESIZE: no such setting" in one.wait_for("KG_PAGESIZE")
