"""Updates, the graph store and posted documents against live servers, whose processes are killed."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from kg.errors import SettingsError, StoreBusy
from kg.graph import check_store, open_reader
from kg.server.app import create_app
from kg.server.writes import Writes, open_writes
from kg.settings import load_settings

Serve = Callable[[FastAPI], httpx.Client]
OpenServer = Callable[[FastAPI], AbstractContextManager[httpx.Client]]
TOKEN = "correct-horse-battery"
AUTH = {"Authorization": f"Bearer {TOKEN}"}
E = "http://e.example/"
UPDATE = {**AUTH, "Content-Type": "application/sparql-update"}
TURTLE = {**AUTH, "Content-Type": "text/turtle"}
STORE = "/rdf-graph-store"
NOTE = "Japanese Defense Minister Gen Nakatani met U.S. Secretary of Defense Pete Hegseth in Tokyo on Sunday."


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KG_TOKEN", TOKEN)
        patch.setenv("KG_BUILDER_MODEL", "rules")
        yield


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, quick: None) -> FastAPI:
    """An application that writes to a store that was not there."""
    settings = replace(load_settings(), update_timeout=2.0)
    path = tmp_path_factory.mktemp("writing") / "store"
    application = create_app(path, settings, writes=open_writes(path, settings))
    application.state.path = path
    return application


@pytest.fixture(scope="module")
def live(app: FastAPI, open_server: OpenServer) -> Iterator[httpx.Client]:
    with open_server(app) as opened:
        yield opened


@pytest.fixture
def client(live: httpx.Client) -> httpx.Client:
    """A client of a server that all tests here write to; its graphs are empty, its documents are not."""
    assert live.post("/update", content=b"DROP ALL", headers=UPDATE).status_code == 200
    return live


def update(client: httpx.Client, text: str) -> httpx.Response:
    return client.post("/update", content=text.encode(), headers=UPDATE)


def ask(client: httpx.Client, pattern: str) -> bool:
    found = client.get("/sparql", params={"query": f"ASK {{ {pattern} }}"})
    assert found.status_code == 200, found.text
    return bool(found.json()["boolean"])


def wait(client: httpx.Client, response: httpx.Response, seconds: float = 60) -> dict[str, object]:
    """What became of a job."""
    assert response.status_code == 202, response.text
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        job: dict[str, object] = client.get(response.headers["location"], headers=AUTH).json()
        if job["state"] in ("done", "failed"):
            return job
        time.sleep(0.05)
    raise AssertionError(f"{job} after {seconds} s")


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.05)


def test_a_server_that_is_read_only_says_so(client_of_small: httpx.Client) -> None:
    client = client_of_small
    for method, path in (
        ("POST", "/update"),
        ("PUT", f"{STORE}?default"),
        ("DELETE", f"{STORE}?graph=x:y"),
        ("POST", "/documents"),
        ("DELETE", "/documents/x"),
        ("GET", "/jobs"),
        ("GET", "/patches"),
    ):
        response = client.request(method, path, headers=UPDATE if path == "/update" else AUTH)
        assert response.status_code == 403, (method, path)
        assert response.json()["type"] == "/docs#read-only"
        assert "kg serve --writable" in response.json()["detail"]
    assert client.get("/update").status_code == 405
    assert client.get(f"{STORE}?default", headers={"Accept": "text/turtle"}).status_code == 200


@pytest.fixture
def client_of_small(small_store: Path, serve: Serve) -> httpx.Client:
    return serve(create_app(small_store))


def test_without_a_token_nobody_serves_writable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KG_TOKEN")
    with pytest.raises(SettingsError, match="KG_TOKEN"):
        open_writes(tmp_path / "store", load_settings())
    assert not (tmp_path / "store").exists()


def test_a_second_server_that_writes_is_refused(client: httpx.Client, app: FastAPI) -> None:
    with pytest.raises(StoreBusy):
        open_writes(app.state.path, load_settings())


def test_an_empty_store_has_its_pages(client: httpx.Client) -> None:
    for path in (
        "/",
        "/documents",
        "/entities",
        "/contradictions",
        "/offices",
        "/readyz",
        "/queries",
        "/docs",
    ):
        assert client.get(path, headers={"Accept": "text/html, */*;q=0.5"}).status_code == 200, path
    assert client.get("/search?q=x").json()["entities"] == []


def test_an_update_is_seen_by_the_next_query_and_then_by_search(client: httpx.Client) -> None:
    told = update(client, f'INSERT DATA {{ <{E}a> a kg:Place ; skos:prefLabel "Quillfjord"@en }}')
    assert told.status_code == 200
    assert (told.json()["added"], told.json()["removed"]) == (2, 0)
    assert told.json()["generation"] == client.get("/readyz").json()["generation"]
    assert ask(client, f'<{E}a> skos:prefLabel "Quillfjord"@en')

    def found() -> bool:
        response = client.get("/search?q=quillf")
        assert "kg-behind" in response.headers or response.json()["entities"]
        return bool(response.json()["entities"])

    wait_until(found)
    assert "kg-behind" not in client.get("/search?q=quillf").headers
    assert client.get("/readyz").json()["behind"] == 0
    assert "Quillfjord" in client.get("/dump/facts.nt").text


def test_forms_and_errors_of_the_protocol(client: httpx.Client) -> None:
    text = f"INSERT DATA {{ <{E}a> <{E}p> 1 }}"
    assert client.post("/update", data={"update": text}, headers=AUTH).status_code == 200
    form = {"update": "INSERT { ?s ?p 2 } WHERE { ?s ?p 1 }", "using-graph-uri": f"{E}none"}
    assert client.post("/update", data=form, headers=AUTH).json()["added"] == 0
    wrong = update(client, "INSERT DATA {\n <x:a> <x:b> }")
    assert wrong.status_code == 400
    assert (wrong.json()["line"], wrong.json()["column"]) == (2, 14)
    assert update(client, "LOAD <http://nowhere.example/>").json()["type"] == "/docs#refused"
    assert client.post("/update", data={"update": text, "x": "y"}, headers=AUTH).status_code == 400
    assert client.post("/update", data={"query": "ASK {}"}, headers=AUTH).status_code == 400
    assert (
        client.post("/update", content=text, headers=AUTH | {"Content-Type": "text/plain"}).status_code == 415
    )
    assert client.post("/update", content=b"\xff", headers=UPDATE).status_code == 400
    assert client.post("/update", data={"update": text}).status_code == 401
    assert "Bearer" in client.post("/update", data={"update": text}).headers["www-authenticate"]
    assert client.post("/update", data={"update": text}, auth=("me", TOKEN)).status_code == 200


def test_a_body_that_is_too_long_is_413(tmp_path: Path, serve: Serve) -> None:
    settings = replace(load_settings(), max_update_bytes=1000)
    client = serve(create_app(tmp_path / "store", settings, writes=open_writes(tmp_path / "store", settings)))
    assert update(client, "#" * 1001).status_code == 413
    assert update(client, "#" * 900).status_code == 200

    def stream() -> Iterator[bytes]:
        yield b"#" * 600
        yield b"#" * 600

    assert client.post("/update", content=stream(), headers=UPDATE).status_code == 413


def test_an_update_that_takes_too_long_changes_nothing_and_others_go_on(
    client: httpx.Client, app: FastAPI
) -> None:
    update(client, "INSERT DATA { " + " ".join(f"<{E}{n}> <{E}p> {n} ." for n in range(400)) + " }")
    slow = (
        f"INSERT {{ ?a <{E}slow> ?d }} WHERE {{ ?a <{E}p> ?x . ?b <{E}p> ?y . ?c <{E}p> ?d . ?e <{E}p> ?f }}"
    )
    answers: list[httpx.Response] = []
    first = threading.Thread(target=lambda: answers.append(update(client, slow)))
    first.start()
    time.sleep(0.3)
    begun = time.monotonic()
    beside = update(client, f"INSERT DATA {{ <{E}beside> <{E}p> 1 }}")
    assert beside.status_code == 200, beside.text
    assert time.monotonic() - begun < 15
    first.join()
    assert answers[0].status_code == 503
    assert answers[0].json()["type"] == "/docs#timeout"
    assert not ask(client, f"?s <{E}slow> ?o")
    assert ask(client, f"<{E}beside> <{E}p> 1")


def test_the_process_that_makes_updates_may_be_killed(client: httpx.Client, app: FastAPI) -> None:
    writes: Writes = app.state.writes
    done: list[int] = []
    killed: list[int] = []
    stop = threading.Event()

    def kill() -> None:
        for after in (0.1, 0.4, 0.7):
            limit = len(done) + 8
            while len(done) < limit and not stop.wait(0.02):
                pass
            if not stop.wait(after / 10) and writes.writer.process_id is not None:
                os.kill(writes.writer.process_id, signal.SIGKILL)
                killed.append(len(done))

    killer = threading.Thread(target=kill)
    update(client, f"INSERT DATA {{ <{E}first> <{E}q> 1 }}")
    killer.start()
    try:
        for number in range(60):
            response = update(client, f"INSERT DATA {{ <{E}{number}> <{E}p> [ <{E}p> {number} ] }}")
            if response.status_code == 200:
                done.append(number)
            else:
                assert response.status_code == 503
            found = client.get("/sparql", params={"query": f"SELECT ?s {{ ?s <{E}q> 1 }}"})
            assert found.status_code == 200
    finally:
        stop.set()
        killer.join()
    assert len(killed) == 3
    assert len(done) > 30
    rows = client.get("/sparql", params={"query": f"SELECT ?s ?o {{ ?s <{E}p> [ <{E}p> ?o ] }}"}).json()
    numbers = sorted(int(row["o"]["value"]) for row in rows["results"]["bindings"])
    assert set(done) <= set(numbers)
    assert len(numbers) == len(set(numbers))  # none was made twice


def test_patches_are_listed_and_taken_out(client: httpx.Client) -> None:
    first = update(client, f"INSERT DATA {{ <{E}a> <{E}p> 1 }}").json()["patch"]
    second = update(client, f"INSERT DATA {{ <{E}b> <{E}p> 2 }}").json()["patch"]
    listed = client.get(f"/patches?after={first - 1}", headers=AUTH).json()
    assert [(p["number"], p["author"], p["added"]) for p in listed] == [
        *((first, "KG_TOKEN", 1), (second, "KG_TOKEN", 1))
    ]
    assert client.get(f"/patches?after={first}&limit=1", headers=AUTH).json() == listed[1:]
    assert client.get(f"/patches/{first}", headers=AUTH).text.startswith(f"+ <{E}a> <{E}p> ")
    assert client.get("/patches/999999", headers=AUTH).status_code == 404
    assert client.get("/patches").status_code == 401
    job = wait(client, client.delete(f"/patches/{first}", headers=AUTH))
    assert job["state"] == "done"
    assert not ask(client, f"<{E}a> ?p ?o")
    assert ask(client, f"<{E}b> ?p ?o")


def test_the_graph_store(client: httpx.Client) -> None:
    graph = f"{STORE}?graph={E}g"
    assert client.get(graph).status_code == 404
    assert client.put(graph, content=b"<a> <b> 1 .", headers=TURTLE).status_code == 201
    assert client.put(graph, content=b"<a> <b> 2 .", headers=TURTLE).status_code == 204
    found = client.get(graph, headers={"Accept": "application/n-triples"})
    assert found.headers["content-type"] == "application/n-triples"
    assert found.text == f'<{E}a> <{E}b> "2"^^<http://www.w3.org/2001/XMLSchema#integer> .\n'
    assert ask(client, f"GRAPH <{E}g> {{ <{E}a> ?p 2 }}")
    assert (
        client.post(
            graph,
            content=b'{"@id": "x:y", "x:p": "z"}',
            headers=AUTH | {"Content-Type": "application/ld+json"},
        ).status_code
        == 204
    )
    patched = client.patch(
        graph, content=b"DELETE { ?s ?p 2 } INSERT { ?s ?p 3 } WHERE { ?s ?p 2 }", headers=UPDATE
    )
    assert patched.status_code == 204
    assert client.head(graph).status_code == 200
    assert client.head(graph).content == b""
    assert len(client.get(graph, headers={"Accept": "application/n-triples"}).text.splitlines()) == 2
    files = [
        ("f", ("a.ttl", b"<m:1> <m:p> 1 .", "text/turtle")),
        ("f", ("b.nt", b"<m:2> <m:p> <m:3> .\n", "application/octet-stream")),
    ]
    assert client.post(graph, files=files, headers=AUTH).status_code == 204
    assert ask(client, f"GRAPH <{E}g> {{ <m:1> <m:p> 1 . <m:2> <m:p> <m:3> }}")
    made = client.post(STORE, content=b"<a> <b> 1 .", headers=TURTLE)
    assert made.status_code == 201
    assert client.get(made.headers["location"]).status_code == 200
    assert client.delete(graph, headers=AUTH).status_code == 204
    assert client.delete(graph, headers=AUTH).status_code == 404
    assert client.put(f"{STORE}?default", content=b"<x:a> <x:b> 1 .", headers=TURTLE).status_code == 204
    assert ask(client, "<x:a> <x:b> 1")
    assert client.delete(f"{STORE}?default=", headers=AUTH).status_code == 204
    assert not ask(client, "?s ?p ?o")
    assert client.get(f"{STORE}?default", headers={"Accept": "application/n-triples"}).text == ""


@pytest.mark.parametrize(
    ("query", "headers", "body", "status"),
    [
        ("", TURTLE, b"<a", 400),
        ("?default&graph=x:y", TURTLE, b"", 400),
        ("?graph=relative", TURTLE, b"", 400),
        ("?default", AUTH | {"Content-Type": "image/png"}, b"x", 415),
        ("?default", AUTH | {"Content-Type": "application/n-quads"}, b"<x:a> <x:b> <x:c> <x:g> .", 400),
        ("?default", {"Content-Type": "text/turtle"}, b"", 401),
        ("?default", AUTH | {"Content-Type": "multipart/form-data; boundary=x"}, b"nonsense", 400),
        ("?colour=red", TURTLE, b"", 400),
    ],
)
def test_what_the_graph_store_refuses(
    client: httpx.Client, query: str, headers: dict[str, str], body: bytes, status: int
) -> None:
    assert client.post(f"{STORE}{query}", content=body, headers=headers).status_code == status


def test_a_document_is_posted_read_and_taken_out(client: httpx.Client) -> None:
    where = {"identifier": "note.txt", "date": "2025-03-30", "source": "https://news.example/1"}
    posted = client.post(
        "/documents", params=where, content=NOTE, headers=AUTH | {"Content-Type": "text/plain"}
    )
    assert posted.status_code == 202
    assert posted.json()["state"] == "queued"
    job = wait(client, posted)
    assert job["state"] == "done", job
    (told,) = job["result"]["documents"]  # type: ignore[index]
    assert told["identifier"] == "note.txt"
    assert told["claims"] > 0
    page = client.get("/documents/note.txt").json()
    assert page["summary"]["issued"] == "2025-03-30"
    assert page["text"] == NOTE
    assert client.get("/entities/Gen%20Nakatani").status_code == 200
    before = len(client.get("/documents").json()["items"])
    # another text under that name takes its place
    again = client.post(
        "/documents",
        params=where,
        content=f"{NOTE} They spoke.",
        headers=AUTH | {"Content-Type": "text/plain"},
    )
    assert wait(client, again)["state"] == "done"
    assert len(client.get("/documents").json()["items"]) == before
    assert wait(client, client.delete("/documents/note.txt", headers=AUTH))["state"] == "done"
    assert len(client.get("/documents").json()["items"]) == before - 1
    assert client.delete("/documents/note.txt", headers=AUTH).status_code == 404
    assert [j["kind"] for j in client.get("/jobs?limit=3", headers=AUTH).json()] == ["remove", "add", "add"]


def test_documents_of_all_kinds(client: httpx.Client) -> None:
    body = f"<article><p>{NOTE}</p><p>{NOTE} Twice.</p></article>"
    page = f"<html><head><title>T</title></head><body>{body}</body></html>"
    lines = "".join(
        json.dumps({"id": f"r{n}", "text": f"{NOTE} {n}", "date": "2025-03"}) + "\n" for n in range(2)
    )
    jobs = [
        client.post(
            "/documents?identifier=p.html", content=page, headers=AUTH | {"Content-Type": "text/html"}
        ),
        client.post("/documents", content=lines, headers=AUTH | {"Content-Type": "application/jsonl"}),
        client.post(
            "/documents",
            files={"file": ("up.md", f"# Up\n\n{NOTE}".encode())},
            data={"date": "2025"},
            headers=AUTH,
        ),
        client.post(
            "/documents",
            content=NOTE.encode("utf-16"),
            headers=AUTH | {"Content-Type": "text/plain; charset=utf-16"},
        ),
    ]
    states = [wait(client, job) for job in jobs]
    assert [s["state"] for s in states] == ["done"] * 4, states
    names = {i for d in client.get("/documents").json()["items"] for i in d["identifiers"]}
    assert {"p.html", "r0", "r1", "up.md"} < names
    bad = client.post(
        "/documents", content=b"%PDF-1.4 broken", headers=AUTH | {"Content-Type": "application/pdf"}
    )
    failed = wait(client, bad)
    assert failed["state"] == "failed"
    assert failed["error"]
    for content, headers, params in (
        (b"", {"Content-Type": "text/plain"}, {}),
        (b"x", {"Content-Type": "text/plain"}, {"date": "yesterday"}),
        (b"{}", {"Content-Type": "application/jsonl"}, {"identifier": "x"}),
        (b"x", {"Content-Type": "text/plain"}, {"identifier": "a\nb"}),
    ):
        assert (
            client.post("/documents", content=content, headers=AUTH | headers, params=params).status_code
            == 400
        )
    assert (
        client.post("/documents", content=b"x", headers=AUTH | {"Content-Type": "image/png"}).status_code
        == 415
    )
    assert client.post("/documents", content=b"x", headers={"Content-Type": "text/plain"}).status_code == 401


def test_jobs_resume_when_the_builder_is_killed(client: httpx.Client, app: FastAPI) -> None:
    writes: Writes = app.state.writes
    wait_until(lambda: writes.builder.process_id is not None)
    first = writes.builder.process_id
    jobs = [
        client.post(
            f"/documents?identifier=n{n}.txt",
            content=f"{NOTE} {n}",
            headers=AUTH | {"Content-Type": "text/plain"},
        )
        for n in range(3)
    ]
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert [wait(client, job)["state"] for job in jobs] == ["done"] * 3
    assert writes.builder.process_id != first
    names = {i for d in client.get("/documents").json()["items"] for i in d["identifiers"]}
    assert {"n0.txt", "n1.txt", "n2.txt"} <= names


def test_a_poisonous_document_fails_alone(
    tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that takes for ever: its process is ended at the deadline, three times."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(
        "import sys, time\n"
        "if 'kg.builder' in sys.orig_argv:\n"
        "    import kg.pipeline\n"
        "    read = kg.pipeline.Extractor.extract\n"
        "    def extract(self, document):\n"
        "        while 'poison' in document.text: time.sleep(1)\n"
        "        return read(self, document)\n"
        "    kg.pipeline.Extractor.extract = extract\n"
    )
    inherited = os.environ.get("PYTHONPATH", "")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'site'}:{inherited}")
    monkeypatch.setenv("KG_DOCUMENT_TIMEOUT", "1")
    settings = load_settings()
    client = serve(create_app(tmp_path / "store", settings, writes=open_writes(tmp_path / "store", settings)))
    headers = AUTH | {"Content-Type": "text/plain"}
    texts = [NOTE, f"{NOTE} It is poison.", f"{NOTE} After it."]
    jobs = [
        client.post(f"/documents?identifier=n{n}.txt", content=t, headers=headers)
        for n, t in enumerate(texts)
    ]
    states = [wait(client, job, 200) for job in jobs]
    assert [s["state"] for s in states] == ["done", "failed", "done"]
    assert "ended 3 times" in str(states[1]["error"])


def test_readers_beside_a_writer_are_never_turned_away(client: httpx.Client) -> None:
    update(client, f"INSERT DATA {{ <{E}s> <{E}n> 0 }}")
    stop, problems, seen = threading.Event(), [], []

    def read() -> None:
        with httpx.Client(base_url=client.base_url, timeout=30, trust_env=False) as own:
            while not stop.is_set():
                found = own.get("/sparql", params={"query": f"SELECT ?n {{ <{E}s> <{E}n> ?n }}"})
                rows = found.json()["results"]["bindings"] if found.status_code == 200 else []
                if len(rows) != 1:  # never none, never both the old and the new one
                    problems.append((found.status_code, found.text))
                    return
                seen.append(int(rows[0]["n"]["value"]))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for n in range(40):
        text = (
            f"DELETE {{ <{E}s> <{E}n> ?n }} INSERT {{ <{E}s> <{E}n> {n + 1} }} WHERE {{ <{E}s> <{E}n> ?n }}"
        )
        assert update(client, text).status_code == 200
        assert ask(client, f"<{E}s> <{E}n> {n + 1}")  # what was answered is seen
    stop.set()
    for reader in readers:
        reader.join()
    assert problems == []
    assert len(set(seen)) > 3


@contextmanager
def command(store: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], httpx.Client]]:
    """``kg serve --writable`` as users run it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "kg", "serve", "--store", str(store), "--port", "0", "--writable", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().split()[0]
        with httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
            limit = time.monotonic() + 60
            while True:
                try:
                    client.get("/healthz")
                    break
                except httpx.TransportError:
                    assert time.monotonic() < limit
                    time.sleep(0.05)
            yield process, client
    finally:
        process.kill()
        process.communicate()


def children(process: int) -> list[int]:
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(process)], capture_output=True, text=True
    ).stdout
    return [int(one) for one in listed.split()]


def test_a_server_killed_while_it_writes_has_all_that_it_answered(tmp_path: Path) -> None:
    store = tmp_path / "store"
    done: list[int] = []
    number = 0
    for _ in range(2):
        with command(store) as (process, client):
            known = client.get("/sparql", params={"query": f"SELECT ?n {{ ?s <{E}p> ?n }}"})
            rows = known.json()["results"]["bindings"]
            assert {int(row["n"]["value"]) for row in rows} >= set(done)
            kill = threading.Timer(1.5, lambda at=process: at.kill())  # type: ignore[misc]
            kill.start()
            try:
                while True:
                    number += 1
                    if update(client, f"INSERT DATA {{ <{E}{number}> <{E}p> {number} }}").status_code == 200:
                        done.append(number)
            except httpx.TransportError:
                pass
            kill.join()
    assert len(done) > 5
    wait_until(lambda: not (store / "writer.lock").exists() or _is_free(store))
    with open_reader(store) as reader:
        found = {int(str(row[0].value)) for row in reader.query(f"SELECT ?n {{ ?s <{E}p> ?n }}")}  # type: ignore[union-attr]
    assert found >= set(done)
    assert len(found - set(done)) <= 2  # at most what was under way
    assert check_store(store) == []


def _is_free(store: Path) -> bool:
    from kg.graph.folder import Folder, Lock

    try:
        Lock(Folder(store).writer_lock).release()
    except StoreBusy:
        return False
    return True


def test_a_server_that_ends_takes_its_processes_with_it(tmp_path: Path) -> None:
    with command(tmp_path / "store") as (process, client):
        assert update(client, f"INSERT DATA {{ <{E}a> <{E}p> 1 }}").status_code == 200
        wait_until(lambda: len(children(process.pid)) >= 2)
        started = children(process.pid)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=30)
        assert TOKEN not in errors
        wait_until(lambda: not any(os.path.exists(f"/proc/{one}") for one in started))


def test_kg_serve_writable_without_a_token_is_one_line(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "KG_TOKEN"}
    found = subprocess.run(
        [sys.executable, "-m", "kg", "serve", "--store", str(tmp_path / "s"), "--port", "0", "--writable"],
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
    )
    assert found.returncode == 1
    assert re.fullmatch(r"kg: --writable: no token: .*KG_TOKEN.*\n", found.stderr)


def test_rdflibs_update_store(client: httpx.Client) -> None:
    import rdflib
    from rdflib.plugins.stores.sparqlstore import SPARQLUpdateStore

    base = str(client.base_url).rstrip("/")
    remote = SPARQLUpdateStore(f"{base}/sparql", f"{base}/update", auth=("me", TOKEN), context_aware=False)
    graph = rdflib.Graph(remote)
    subject = rdflib.URIRef(f"{E}from-rdflib")
    graph.add((subject, rdflib.RDFS.label, rdflib.Literal('a "label"\n', lang="en")))
    assert [str(o) for o in graph.objects(subject, rdflib.RDFS.label)] == ['a "label"\n']
    graph.update(f"DELETE WHERE {{ <{subject}> ?p ?o }}")
    assert len(list(graph.predicate_objects(subject))) == 0
    remote.close()


def test_sparqlwrapper(client: httpx.Client) -> None:
    wrapper = pytest.importorskip("SPARQLWrapper")
    base = str(client.base_url).rstrip("/")
    sparql = wrapper.SPARQLWrapper(
        f"{base}/sparql", updateEndpoint=f"{base}/update", returnFormat=wrapper.JSON
    )
    sparql.setCredentials("me", TOKEN)
    sparql.setMethod(wrapper.POST)
    sparql.setQuery(f"INSERT DATA {{ <{E}w> <{E}p> 'from SPARQLWrapper' }}")
    sparql.query()
    sparql.setMethod(wrapper.GET)
    sparql.setQuery(f"SELECT ?o {{ <{E}w> <{E}p> ?o }}")
    assert sparql.queryAndConvert()["results"]["bindings"][0]["o"]["value"] == "from SPARQLWrapper"


def test_the_w3c_suites_of_updates_and_graph_stores(client: httpx.Client, shared: Path) -> None:
    """Protocol: the update operation 14/14; graph store 13/13; update evaluation and syntax 157/157."""
    base = str(client.base_url).rstrip("/")
    runners = shared / "w3c"
    options = ["--endpoint", f"{base}/sparql", "--update", f"{base}/update", "--token", TOKEN]
    protocol = subprocess.run(
        [sys.executable, str(runners / "protocol_suite.py"), *options, "--gsp", f"{base}{STORE}"],
        capture_output=True,
        text=True,
        timeout=200,
    ).stdout
    assert "protocol-update: 14/14" in protocol, protocol
    assert "gsp-indirect: 9/9" in protocol, protocol
    assert "gsp-direct: 4/4" in protocol, protocol
    folders = (
        "add,basic-update,clear,copy,delete,delete-data,delete-insert,delete-where,drop,move,update-silent"
    )
    queries = subprocess.run(
        [
            *(sys.executable, str(runners / "query_suite.py"), *options, "--suites", "sparql11", "-v"),
            *("--dir", f"{folders},syntax-update-1,syntax-update-2"),
        ],
        capture_output=True,
        text=True,
        timeout=250,
    ).stdout
    assert "total 157/157" in queries, queries
