"""What is not the same everywhere: how graphs are opened, what is shown, what goes wrong."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas
import pytest
from fastapi import FastAPI, Response

import kg
from kg.errors import (
    AmbiguousName,
    KgError,
    MissingExtra,
    QueryError,
    QueryTimeout,
    ServerError,
    StoreError,
    StoreMissing,
)
from kg.notebook.client import Graph
from kg.notebook.http import HttpBackend
from kg.server.app import create_app

HOLDERS = "SELECT ?p ?o { ?p kg:holdsOffice ?o }"


@pytest.fixture(scope="module")
def graph(small_store: Path) -> Iterator[Graph]:
    with kg.open(small_store) as opened:
        yield opened


def test_without_pandas_it_says_what_to_install(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingExtra, match="pip install pandas"):
        graph.sparql(HOLDERS)
    assert graph.rows(HOLDERS)


@pytest.mark.parametrize(
    ("missing", "module"), [("anywidget", "widget"), ("matplotlib", "plots"), ("matplotlib", "places")]
)
def test_without_the_extra_it_says_what_to_install(
    missing: str, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = f"import sys; sys.modules[{missing!r}] = None\nimport kg.notebook.{module}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip().endswith("pip install 'statecraft-kg[notebook]'")


def test_ambiguous_names_are_never_guessed(graph: Graph) -> None:
    with pytest.raises(AmbiguousName) as error:
        graph["Brandt"]
    assert sorted(label for _, label in error.value.candidates) == ["Ida Brandt", "Ole Brandt"]
    shown = error.value._render_traceback_()
    assert shown[0] == "AmbiguousName: 'Brandt' fits 2 entities; give one of these IRIs:"
    assert len(shown) == 3
    with pytest.raises(AmbiguousName):
        graph.evidence("Brandt")
    assert "Brandt" not in graph


def test_ambiguity_over_http_is_the_same_error(small_store: Path, serve: Any) -> None:
    with kg.connect(serve(create_app(small_store))) as far, kg.open(small_store) as near:
        errors = []
        for one in (far, near):
            with pytest.raises(AmbiguousName) as error:
                one["Brandt"]
            errors.append((str(error.value), error.value.name, error.value.candidates))
        assert errors[0] == errors[1]
        with kg.open(far.backend.address) as again:
            assert again["Lindqvist"].iri == near["Lindqvist"].iri
        assert far["Lindqvist"].holdsOffice.rows()[0][0].href.startswith(far.backend.address)  # type: ignore[union-attr]


def test_views_escape_what_documents_say(graph: Graph, asked_world: ModuleType) -> None:
    evil = asked_world.EVIL.iri
    views: tuple[Any, ...] = (
        graph[evil],
        graph[evil].facts,
        graph[evil].timeline(),
        graph.neighbourhood(evil),
        graph.evidence(evil),
        graph.evidence(evil)[0],
        graph.document("<img src=x>.txt"),
        graph.documents(),
        graph.search("evil"),
        graph.entities("evil"),
        graph.sparql("SELECT ?e ?l { ?e skos:prefLabel ?l FILTER(CONTAINS(?l, 'Evil')) }"),
        graph.sparql("SELECT ?e ?l { ?e skos:prefLabel ?l FILTER(CONTAINS(?l, 'Evil')) }").set_index("l"),
        graph.sparql("SELECT ?e ?l { ?e skos:prefLabel ?l FILTER(CONTAINS(?l, 'Evil')) }").rename(
            columns={"l": "<script>"}
        ),
        graph.centrality(),
        graph.communities(),
        graph.diff("2024-01-01").table,
    )
    for view in views:
        shown = view._repr_html_()
        for tag in ("<script", "<b>Evil", "<i>title", "<u>", "<img"):
            assert tag not in shown, (type(view), tag)
        assert len(repr(view)) > 5
    assert all("Evil" in view._repr_html_() for view in views[:1])


def test_html_has_no_colours_of_its_own(graph: Graph) -> None:
    for view in (graph, graph["Lindqvist"], graph.evidence("Lindqvist"), graph.documents()):
        shown = view._repr_html_()
        assert "color:inherit" in shown
        assert "#" not in shown.replace("&#", "").split("</", 1)[0]


def test_frames(graph: Graph) -> None:
    frame = graph.sparql(
        "SELECT ?p ?name ?n ?day ?both {"
        " ?p skos:prefLabel ?name VALUES ?n { 1 } VALUES ?both { 1 'x' }"
        " OPTIONAL { ?p kg:start ?day } } ORDER BY ?name ?both"
    )
    assert len(frame) > 40
    shown = frame._repr_html_()
    assert shown is not None
    assert f"{len(frame)} rows × 5 columns" in shown
    assert "title=" in shown
    assert "…" in shown
    assert "https://" not in repr(frame[["p"]].head(3))
    assert isinstance(frame[frame["n"] == 1], pandas.DataFrame)
    assert frame.head(2).polars().columns == ["p", "p_label", "name", "n", "day", "both"]
    assert frame["both"].dtype == object
    assert (
        frame.groupby("name").size()._repr_html_
        if hasattr(frame.groupby("name").size(), "_repr_html_")
        else True
    )
    found = graph.entities().to_pandas()
    assert list(found.columns) == ["entity", "class", "matched", "mentions", "curie"]
    assert graph.entities().to_polars().height == len(found)


def test_sparql_gives_up_in_time(graph: Graph) -> None:
    slow = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    with pytest.raises(QueryTimeout, match=r"within 0\.05 seconds"):
        graph.sparql(slow, timeout=0.05)
    with pytest.raises(QueryError, match="more than 0"):
        graph.sparql(HOLDERS, timeout=0)


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(StoreMissing, match=r"kg\.build"):
        kg.open(tmp_path / "none")
    with pytest.raises(StoreMissing, match="no such file"):
        kg.open(tmp_path / "none.ttl")
    (tmp_path / "bad.ttl").write_text("this is not Turtle", encoding="utf-8")
    with pytest.raises(StoreError, match=r"bad\.ttl"):
        kg.open(tmp_path / "bad.ttl")
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    with pytest.raises(KgError, match=r"allowed: \.ttl"):
        kg.open(tmp_path / "notes.txt")
    (tmp_path / "empty").mkdir()
    with pytest.raises(KgError, match="no documents there"):
        kg.build(tmp_path / "empty", progress=False)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "not a url", "ftp://x"])
def test_closed_servers_are_told_in_one_line(url: str) -> None:
    with pytest.raises(ServerError) as error:
        kg.connect(url, timeout=3)
    assert "\n" not in str(error.value)
    assert "kg serve" in str(error.value) or "want the address" in str(error.value)


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.asked += 1  # type: ignore[attr-defined]
        status, headers, body = self.server.answers(self)  # type: ignore[attr-defined]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def fake() -> Iterator[Any]:
    server: Any = HTTPServer(("127.0.0.1", 0), _Handler)
    server.asked = 0
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    server.url = f"http://127.0.0.1:{server.server_port}"
    yield server
    server.shutdown()
    server.server_close()


def test_other_servers_are_no_servers_of_ours(fake: Any) -> None:
    fake.answers = lambda _: (200, {"Content-Type": "text/html"}, b"<h1>Hello</h1>")
    with pytest.raises(ServerError, match="not one of kg"):
        kg.connect(fake.url)
    fake.answers = lambda _: (404, {}, b"nothing")
    with pytest.raises(ServerError, match="answered 404"):
        kg.connect(fake.url)


def test_a_slow_server_is_given_up_on(fake: Any) -> None:
    def slow(_: object) -> tuple[int, dict[str, str], bytes]:
        time.sleep(1.0)
        return 200, {}, b"{}"

    fake.answers = slow
    with pytest.raises(QueryTimeout, match=r"no answer within 0\.2 seconds"):
        kg.connect(fake.url, timeout=0.2)


def test_a_busy_server_is_asked_again(fake: Any) -> None:
    told = b'{"type": "/docs#busy", "title": "Busy", "status": 503, "detail": "too much at once"}'

    def answers(_: object) -> tuple[int, dict[str, str], bytes]:
        return 503, {"Retry-After": "0", "Content-Type": "application/problem+json"}, told

    fake.answers = answers
    with pytest.raises(ServerError, match="too much at once"):
        kg.connect(fake.url, retries=2)
    assert fake.asked == 3


def test_a_token_goes_with_every_request(small_store: Path, serve: Any) -> None:
    seen: list[str | None] = []
    app = create_app(small_store)

    @app.middleware("http")
    async def note(request: Any, call: Any) -> Response:
        seen.append(request.headers.get("authorization"))
        answer: Response = await call(request)
        return answer

    assert isinstance(app, FastAPI)
    with kg.connect(serve(app), token="secret") as graph:
        assert len(graph.entities()) > 0
        graph.backend.close()
        with pytest.raises(ServerError, match="closed"):
            graph.entities()
    assert set(seen) == {"Bearer secret"}


def test_pages_are_fetched_until_there_is_enough(small_store: Path, serve: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("kg.notebook.http._PAGE", 7)
    backend = HttpBackend(serve(create_app(small_store)))
    found = backend.entities(None, ["Place"], 20)
    assert len({e.iri for e in found.items}) == 20
    assert found.total > 20
    assert len(backend.documents(1000).items) == 7
    backend.close()


def test_temporary_stores_go_with_their_graph(texts: Path) -> None:
    graph = kg.build(texts, model="rules", progress=False)
    assert graph.report is not None
    assert graph.report.documents == 3
    place = Path(graph.backend.reader.path)  # type: ignore[attr-defined]
    assert place.is_dir()
    graph.close()
    graph.close()
    assert not place.exists()


def test_an_interrupted_build_leaves_the_store_as_it_was(
    texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "store"
    with kg.build(texts / "visit.txt", store, model="rules", progress=False) as first:
        generation = first.backend.generation

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("kg.pipeline.Extractor.extract", stop)
    with pytest.raises(KeyboardInterrupt, match="is as it was"):
        kg.build(texts, store, model="rules", progress=False)
    with kg.open(store) as again:
        assert again.backend.generation == generation
        assert len(again.documents()) == 1
    with pytest.raises(KeyboardInterrupt, match="nothing was kept"):
        kg.build(texts, model="rules", progress=False)


def test_progress_says_what_is_done(
    texts: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    from kg.notebook import progress

    drawn: list[str] = []
    real = progress._open
    monkeypatch.setattr(progress, "_open", lambda t, n, u: drawn.append(t) or real(t, n, u))
    kg.build(texts, model="rules").close()
    assert drawn[:2] == ["reading documents", "extracting claims"]


def test_the_package_has_what_it_promises_and_nothing_else() -> None:
    assert {"open", "connect", "build", "Graph", "__version__"} <= set(dir(kg))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = kg.nothing  # type: ignore[attr-defined]


def test_the_version_is_that_of_the_project(root: Path) -> None:
    import tomllib

    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    assert kg.__version__ == project["version"]


def _modules(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print('\\n'.join(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_import_is_light(small_store: Path) -> None:
    added = _modules("import kg") - _modules("")
    assert {m for m in added if m.startswith("kg")} == {"kg"}
    assert len(added) < 40  # of the standard library
    opened = _modules(f"import kg; g = kg.open({str(small_store)!r}); g['Lindqvist'].holdsOffice; repr(g)")
    assert not opened & {"spacy", "pandas", "polars", "matplotlib", "rdflib", "fastapi", "httpx", "anywidget"}
