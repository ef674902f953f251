"""An endpoint as the store: what goes over the wire, what goes wrong there, and endpoints of others."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import graph_world as w
import pyoxigraph as ox
import pytest
from graph_engines import Engine

from kg.catalog.ontology import Ontology
from kg.errors import QueryError, StoreBusy, StoreDamaged, StoreError, StoreMissing
from kg.graph.checking import check_store
from kg.graph.places import open_reader
from kg.graph.remote import (
    Endpoint,
    ForeignReader,
    open_remote_reader,
    open_remote_writer,
    read_generation,
)
from kg.graph.remote import store as remote_store
from kg.graph.remote.endpoint import parse_results
from kg.graph.remote.state import PIECE, Graphs, State
from kg.graph.remote.store import compare
from kg.graph.store import What
from kg.settings import Settings, load_settings

Place = tuple[str, Settings]


@pytest.fixture(params=["oxigraph", "virtuoso"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """(address, settings) of an engine that holds nothing of ours; its mirror is new as well."""
    engine: Engine = request.getfixturevalue(f"{request.param}_server")
    return engine.url, emptied(engine, tmp_path / "mirror")


@pytest.fixture
def oxigraph(oxigraph_server: Engine, tmp_path: Path) -> Place:
    return oxigraph_server.url, emptied(oxigraph_server, tmp_path / "mirror")


def emptied(engine: Engine, mirror: Path) -> Settings:
    environment = {**engine.environment, "KG_REMOTE_CACHE": str(mirror), "KG_REMOTE_RETRIES": "0"}
    settings = load_settings(environment)
    endpoint = Endpoint(engine.url, settings)
    for graph in ("graph", "graph/store", "graph/staging"):
        endpoint.update(f"DROP SILENT GRAPH <{settings.base_iri}{graph}>")
    endpoint.close()
    return settings


def add(place: Place, ontology: Ontology, extractions: list[object]) -> str:
    with open_remote_writer(*place, ontology) as writer:
        for extraction in extractions:
            writer.put(w.record(extraction), extraction)  # type: ignore[arg-type]
        return writer.commit(w.identity)


def triples(place: Place) -> set[str]:
    """The graph as the endpoint has it."""
    endpoint = Endpoint(*place)
    graph = Graphs(place[1].base_iri).data
    try:
        return {str(t) for t in endpoint.construct("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", [graph])}
    finally:
        endpoint.close()


def dump(place: Place, ontology: Ontology) -> set[str]:
    """The graph as a dump has it."""
    out = io.BytesIO()
    with open_remote_reader(*place, ontology) as reader:
        reader.dump(What.ALL, ox.RdfFormat.N_TRIPLES, out)
    return {str(q.triple) for q in ox.parse(out.getvalue(), ox.RdfFormat.N_TRIPLES)}


# ---- building


def test_the_endpoint_holds_what_a_dump_does(place: Place, ontology: Ontology) -> None:
    add(place, ontology, [w.plan(), w.bare()])
    assert triples(place) == dump(place, ontology)
    add(place, ontology, w.world())
    assert triples(place) == dump(place, ontology)


def test_a_large_change_goes_by_way_of_a_graph_of_its_own(
    place: Place, ontology: Ontology, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_store, "AT_ONCE", 3)
    add(place, ontology, w.world())
    with open_remote_writer(*place, ontology) as writer:
        writer.remove("undated.txt")
        writer.commit(w.identity)
    assert triples(place) == dump(place, ontology)
    endpoint = Endpoint(*place)
    left = endpoint.query(f"ASK {{ GRAPH <{place[1].base_iri}graph/staging> {{ ?s ?p ?o }} }}", ask=True)
    endpoint.close()
    assert bool(left) is False


def test_another_machine_goes_on_with_the_address_alone(
    place: Place, ontology: Ontology, tmp_path: Path
) -> None:
    first = add(place, ontology, [w.plan(), w.outcome()])
    url, settings = place
    elsewhere = load_settings({**variables(settings), "KG_REMOTE_CACHE": str(tmp_path / "elsewhere")})
    with open_remote_reader(url, elsewhere, ontology) as reader:
        assert reader.generation == first == read_generation(url, elsewhere)
        found = reader.document(w.document_of(w.plan()))
        assert found is not None
        assert found.text == w.plan().document.text
    second = add((url, elsewhere), ontology, [w.bare()])
    assert second != first
    with open_remote_reader(url, settings, ontology) as reader:
        assert [d.identifiers for d in reader.documents()] == [
            ("a/plan.txt",),
            ("bare.txt",),
            ("outcome.txt",),
        ]
    assert triples(place) == dump(place, ontology)


def variables(settings: Settings) -> dict[str, str]:
    names = ("auth", "user", "password", "update_url", "retries")
    return {f"KG_REMOTE_{name.upper()}": str(getattr(settings, f"remote_{name}")) for name in names}


def test_a_build_that_dies_on_the_way_leaves_the_old_graph(
    oxigraph: Place, ontology: Ontology, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = add(oxigraph, ontology, [w.plan()])
    before = triples(oxigraph)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(remote_store.RemoteWriter, "_switch", die)
        with pytest.raises(KeyboardInterrupt):
            add(oxigraph, ontology, [w.outcome(), w.undated()])
    assert triples(oxigraph) == before
    with open_remote_reader(*oxigraph, ontology) as reader:
        assert reader.generation == first
    add(oxigraph, ontology, [w.outcome(), w.undated()])
    assert triples(oxigraph) == dump(oxigraph, ontology) != before


def test_a_graph_of_another_version_is_replaced_whole(
    oxigraph: Place, ontology: Ontology, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(oxigraph, ontology, [w.plan()])
    endpoint = Endpoint(*oxigraph)
    data = Graphs(oxigraph[1].base_iri).data
    endpoint.update(f"INSERT DATA {{ GRAPH <{data}> {{ <x:old> <x:old> <x:old> }} }}")
    endpoint.close()
    monkeypatch.setattr(remote_store, "is_mirrored", lambda *_: False)
    add(oxigraph, ontology, [w.bare()])
    assert triples(oxigraph) == dump(oxigraph, ontology)


def test_check_finds_what_somebody_else_changed(oxigraph: Place, ontology: Ontology) -> None:
    add(oxigraph, ontology, w.world())
    url, settings = oxigraph
    monkey = pytest.MonkeyPatch()
    for name, value in {**variables(settings), "KG_REMOTE_CACHE": settings.remote_cache}.items():
        if value:
            monkey.setenv(name, value)
    with monkey.context():
        assert check_store(url, ontology) == []
        endpoint = Endpoint(*oxigraph)
        data = Graphs(settings.base_iri).data
        endpoint.update(f"INSERT DATA {{ GRAPH <{data}> {{ <x:a> <x:b> <x:c> }} }}")
        endpoint.close()
        assert [p.kind for p in check_store(url, ontology)][:1] == ["count"]
    monkey.undo()


# ---- the lock, and files in pieces


def test_one_writes_at_a_time(place: Place, ontology: Ontology) -> None:
    with open_remote_writer(*place, ontology) as writer:
        writer.commit(w.identity)
        with pytest.raises(StoreBusy, match=r"is writing to this store.*DELETE DATA"):
            open_remote_writer(*place, ontology)
    open_remote_writer(*place, ontology).close()


def test_the_lock_of_a_process_that_has_ended_is_broken(
    oxigraph: Place, ontology: Ontology, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = Endpoint(*oxigraph)
    state = State(endpoint, Graphs(oxigraph[1].base_iri))
    with monkeypatch.context() as patched:
        patched.setattr("kg.graph.remote.state.os.getpid", lambda: 2**22 + 1)  # beyond the largest there is
        state.lock()
    open_remote_writer(*oxigraph, ontology).close()
    with monkeypatch.context() as patched:
        patched.setattr("kg.graph.remote.state.socket.gethostname", lambda: "elsewhere")
        lock = state.lock()
    with pytest.raises(StoreBusy, match="elsewhere"):
        open_remote_writer(*oxigraph, ontology)
    state.unlock(lock)
    endpoint.close()


def test_files_come_back_exactly(place: Place) -> None:
    endpoint = Endpoint(*place)
    state = State(endpoint, Graphs(place[1].base_iri))
    contents = {
        "a/b.gz": bytes(range(256)) * 3,
        "empty": b"",
        "ä ö": b"x" * PIECE * 2,
        "exact": b"y" * 36_000,
    }
    for name, content in contents.items():
        state.write(name, b"before")
        state.write(name, content)
    assert dict(state.read(list(contents))) == contents
    state.remove(["empty"])
    with pytest.raises(StoreDamaged, match="empty is missing"):
        list(state.read(["empty"]))
    assert len(state.files()) == 3
    endpoint.close()


def test_comparing_lines() -> None:
    before, after = [b"a", b"b", b"d"], [b"b", b"c", b"d", b"e"]
    assert list(compare(iter(before), iter(after))) == [(b"a", False), (b"c", True), (b"e", True)]
    assert list(compare(iter([]), iter([]))) == []


def test_an_empty_endpoint_is_no_store(oxigraph: Place, ontology: Ontology) -> None:
    with pytest.raises(StoreMissing, match="nothing was built"):
        open_remote_reader(*oxigraph, ontology)


# ---- an endpoint of others


def test_an_endpoint_that_kg_did_not_build(oxigraph: Place) -> None:
    endpoint = Endpoint(*oxigraph)
    endpoint.update(
        "PREFIX kg: <https://kg.example/def#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#> INSERT DATA { "
        '<x:ada> a kg:Person ; skos:prefLabel "Ada Lovelace" ; skos:altLabel "Countess" . '
        '<x:post> a kg:Office ; skos:prefLabel "Analyst" . <x:ada> kg:holdsOffice <x:post> . _:b kg:about <x:ada> }'
    )
    try:
        reader = open_reader(*oxigraph)
        assert isinstance(reader, ForeignReader)
        assert [(h.iri, h.label, h.kind) for h in reader.find_by_name("countess")] == [
            ("x:ada", "Ada Lovelace", "Person")
        ]
        assert [h.iri for h in reader.search("lov")] == ["x:ada"]
        assert reader.search("ovelace") == []
        assert [h.iri for h in reader.search("", kind="Office")] == ["x:post"]
        assert [q.object for q in reader.quads("x:ada", "https://kg.example/def#holdsOffice")] == [
            ox.NamedNode("x:post")
        ]
        assert bool(reader.query("ASK { ?p kg:holdsOffice ?o }"))
        assert reader.documents() == []
        assert reader.document("x:none") is None
        assert reader.search_sentences("Ada") == []
        with pytest.raises(QueryError, match="blank node"):
            reader.quads("_:b")
        with pytest.raises(QueryError, match="no parts"):
            reader.dump(What.FACTS, ox.RdfFormat.N_TRIPLES, io.BytesIO())
        out = io.BytesIO()
        reader.dump(What.ALL, ox.RdfFormat.N_TRIPLES, out)
        assert out.getvalue().count(b"\n") == 7
        assert reader.generation == read_generation(*oxigraph)
        reader.close()
    finally:
        endpoint.update("DROP DEFAULT")
        endpoint.close()


# ---- the wire

Reply = tuple[int, str, bytes]


@contextmanager
def answering(reply: Callable[[BaseHTTPRequestHandler, dict[str, list[str]]], Reply]) -> Iterator[str]:
    """The address of a server that answers what `reply` says of a request and its parameters."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self, parameters: str) -> None:
            status, media_type, body = reply(self, parse_qs(parameters))
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            if status == 503:
                self.send_header("Retry-After", "7")
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            self.answer(urlsplit(self.path).query)

        def do_POST(self) -> None:
            self.answer(self.rfile.read(int(self.headers["Content-Length"])).decode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/sparql"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


YES = (200, "application/sparql-results+json", b'{"head":{},"boolean":true}')


def opened(url: str, pauses: list[float] | None = None, **variables: str) -> Endpoint:
    settings = load_settings({f"KG_REMOTE_{k.upper()}": v for k, v in variables.items()})
    return Endpoint(url, settings, (pauses if pauses is not None else []).append)


def test_what_fails_is_tried_again_after_the_time_that_the_server_names() -> None:
    asked: list[str] = []

    def reply(request: BaseHTTPRequestHandler, _: object) -> Reply:
        asked.append(request.command)
        return (503, "text/plain", b"busy") if len(asked) < 3 else YES

    pauses: list[float] = []
    with answering(reply) as url:
        endpoint = opened(url, pauses)
        assert bool(endpoint.query("ASK { ?s ?p ?o }", ask=True))
        endpoint.close()
        assert pauses == [7, 7]
        endpoint = opened(url, pauses, retries="1")
        asked.clear()
        with pytest.raises(StoreError, match="503: busy"):
            endpoint.query("ASK { ?s ?p ?o }", ask=True)
        assert len(asked) == 2
        endpoint.close()


def test_no_answer_at_all() -> None:
    pauses: list[float] = []
    endpoint = opened("http://127.0.0.1:9/sparql", pauses, retries="2")
    with pytest.raises(StoreError, match="asked 3 times"):
        endpoint.query("ASK {}", ask=True)
    assert pauses == [0.25, 0.5]
    endpoint.close()


def test_long_queries_are_posted_and_get_is_given_up_where_it_is_not_taken() -> None:
    seen: list[str] = []

    def reply(request: BaseHTTPRequestHandler, _: object) -> Reply:
        seen.append(request.command)
        return (405, "text/plain", b"") if request.command == "GET" else YES

    with answering(reply) as url:
        endpoint = opened(url)
        endpoint.query(f"ASK {{ ?s ?p '{'x' * 3000}' }}", ask=True)
        assert seen == ["POST"]
        for _ in range(2):
            endpoint.query("ASK {}", ask=True)
        assert seen == ["POST", "GET", "POST", "POST"]
        endpoint.close()


@pytest.mark.parametrize(
    ("address", "variables", "wanted"),
    [
        ("", {"token": "abc"}, "Bearer abc"),
        ("", {"user": "ann", "password": "pw"}, "Basic YW5uOnB3"),
        ("ann:pw@", {}, "Basic YW5uOnB3"),
        ("", {}, None),
    ],
)
def test_credentials(address: str, variables: dict[str, str], wanted: str | None) -> None:
    seen: list[str | None] = []

    def reply(request: BaseHTTPRequestHandler, _: object) -> Reply:
        seen.append(request.headers["Authorization"])
        return 401, "text/plain", b"who are you"

    with answering(reply) as url:
        endpoint = opened(url.replace("//", f"//{address}"), **variables)
        with pytest.raises(StoreError, match="not let in") as caught:
            endpoint.query("ASK {}", ask=True)
        assert seen == [wanted]
        assert not any(secret in str(caught.value) for secret in ("pw", "abc"))
        endpoint.close()


def test_updates_go_where_the_endpoint_takes_them() -> None:
    seen: list[str] = []

    def reply(request: BaseHTTPRequestHandler, parameters: dict[str, list[str]]) -> Reply:
        seen.append(request.path)
        return (404, "text/plain", b"") if request.path == "/update" else (204, "text/plain", b"")

    with answering(reply) as url:
        endpoint = opened(url)
        endpoint.update("CLEAR ALL")
        endpoint.update("CLEAR ALL")
        assert seen == ["/update", "/sparql", "/sparql"]
        endpoint.close()


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (b'{"head":{},"boolean":false}', False),
        (b"true\n", True),
        (
            json.dumps(
                {
                    "head": {"vars": ["__ASK_RETVAL"]},
                    "results": {"bindings": [{"__ASK_RETVAL": {"type": "typed-literal", "value": "1"}}]},
                }
            ).encode(),
            True,
        ),
        (b'{"head":{"vars":["x"]},"results":{"bindings":[]}}', False),
    ],
)
def test_the_answers_that_endpoints_give_to_ask(body: bytes, wanted: bool) -> None:
    assert bool(parse_results(body, ask=True, where="here")) is wanted


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"results":1}', b"[]"])
def test_an_answer_that_is_none(body: bytes) -> None:
    for ask in (True, False):
        with pytest.raises(StoreError, match="here: an answer"):
            parse_results(body, ask=ask, where="here")


def test_a_stream_that_breaks_off_is_an_error() -> None:
    def reply(request: BaseHTTPRequestHandler, _: object) -> Reply:
        return 200, "application/n-triples", b'<x:a> <x:b> "no end'

    with answering(reply) as url:
        endpoint = opened(url)
        with (
            pytest.raises(StoreError, match="no RDF"),
            endpoint.stream("CONSTRUCT WHERE { ?s ?p ?o }") as found,
        ):
            list(found)
        endpoint.close()


def test_a_refused_query_says_what_the_endpoint_says() -> None:
    with answering(lambda *_: (400, "text/plain", b"too deep")) as url:
        endpoint = opened(url)
        with pytest.raises(QueryError, match="too deep"):
            endpoint.query("SELECT * {}")
        endpoint.close()


def test_an_address_without_a_host() -> None:
    with pytest.raises(StoreError, match="not the address"):
        opened("http:///sparql")
