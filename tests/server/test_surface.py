from __future__ import annotations

import gzip
import json
import logging
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from kg.errors import StoreError
from kg.server.app import create_app

Serve = Callable[[FastAPI], httpx.Client]
PAGES = (
    "/",
    "/docs",
    "/entities",
    "/documents",
    "/queries",
    "/sparql",
    "/def",
    "/search?q=norland",
    "/entities/Norland",
)
DATA = (
    "/neighbourhood?entity=Norland",
    "/entities",
    "/search?q=air",
    "/evidence?entity=Norland",
    "/documents",
)


def problem(response: httpx.Response, status: int, slug: str) -> dict[str, object]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, object] = response.json()
    assert body["type"] == f"/docs#{slug}"
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    return body


@pytest.mark.parametrize(
    "path", [*DATA, "/healthz", "/readyz", "/dump/facts.nt", "/style.css", "/openapi.json", "/"]
)
def test_head_is_get_without_the_body(client: httpx.Client, path: str) -> None:
    got, head = client.get(path), client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == got.headers["content-type"]
    if "content-length" in got.headers and "content-encoding" not in got.headers:
        assert head.headers["content-length"] == got.headers["content-length"]


@pytest.mark.parametrize("path", PAGES)
def test_pages_load_and_run_nothing_from_elsewhere(client: httpx.Client, path: str) -> None:
    response = client.get(
        path, headers={"Accept": "text/html,application/xml;q=0.9,*/*;q=0.8"}, follow_redirects=True
    )
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    lower = response.text.lower()
    scripts = lower.count("<script")
    assert scripts == lower.count('<script src="/static/') + lower.count(
        '<script type="module" src="/static/'
    )
    assert "script-src 'self';" in policy
    for loading in ("<script>", 'src="http', 'href="//', "@import", "url(", "<iframe"):
        assert loading not in lower
    assert '<link rel="stylesheet" href="/style.css">' in response.text


@pytest.mark.parametrize(
    "path", [*DATA, "/contradictions", "/queries", "/dump/facts.ttl", "/sparql?query=ASK{}", "/readyz"]
)
def test_unknown_parameters_are_refused_by_name(client: httpx.Client, path: str) -> None:
    response = client.get(path + ("&" if "?" in path else "?") + "colour=red")
    if path == "/queries":
        assert response.status_code == 400
    body = problem(response, 400, "parameters")
    assert "'colour'" in str(body["detail"])


def test_single_parameters_are_taken_once(client: httpx.Client) -> None:
    body = problem(client.get("/neighbourhood?entity=Norland&depth=1&depth=2"), 400, "parameters")
    assert "'depth'" in str(body["detail"])
    assert client.get("/neighbourhood?entity=Norland&type=Place&type=Office").status_code == 200


def test_values_that_do_not_fit_are_named(client: httpx.Client) -> None:
    body = problem(client.get("/neighbourhood?entity=Norland&depth=9&limit=x"), 400, "parameters")
    errors = body["errors"]
    assert isinstance(errors, list)
    assert {e["parameter"] for e in errors} == {"depth", "limit"}
    problem(client.get("/neighbourhood"), 400, "parameters")


def test_an_unknown_path_and_a_wrong_method(client: httpx.Client) -> None:
    problem(client.get("/nope"), 404, "not-found")
    response = client.delete("/entities")
    problem(response, 405, "method")
    assert response.headers["allow"] == "GET, HEAD"
    response = client.put("/sparql")
    problem(response, 405, "method")
    assert "GET" in response.headers["allow"]


def test_any_origin_may_read(client: httpx.Client) -> None:
    response = client.get("/entities", headers={"Origin": "https://elsewhere.example"})
    assert response.headers["access-control-allow-origin"] == "*"
    response = client.options(
        "/sparql", headers={"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}
    )
    assert response.status_code == 204
    assert response.headers["access-control-allow-origin"] == "*"
    assert "POST" in response.headers["access-control-allow-methods"]
    response = client.get("/nope", headers={"Origin": "https://elsewhere.example"})
    assert response.headers["access-control-allow-origin"] == "*"


def test_answers_are_compressed_for_those_who_take_it(client: httpx.Client) -> None:
    path = "/neighbourhood?entity=Wide Union&limit=50"
    packed = client.get(path, headers={"Accept-Encoding": "gzip"})
    plain = client.get(path, headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content
    dump = client.get("/dump/facts.nt.gz", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in dump.headers  # it is gzip already
    assert gzip.decompress(dump.content) == client.get("/dump/facts.nt").content


def test_a_browser_gets_problems_as_pages(client: httpx.Client) -> None:
    response = client.get("/neighbourhood?entity=Brandt", headers={"Accept": "text/html"})
    assert response.status_code == 409
    assert response.headers["content-type"].startswith("text/html")
    assert "Ida Brandt" in response.text
    assert client.get("/entities/%3Cscript%3E", headers={"Accept": "text/html"}).text.count("<script>") == 0


def test_the_unexpected_is_a_plain_500_with_a_log_id(
    serve: Serve, small_store: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(small_store)

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("secret detail")

    @app.get("/gone")
    def gone() -> None:
        raise StoreError("/secret/folder: broken")

    client = serve(app)
    with caplog.at_level(logging.ERROR, "kg.server"):
        response = client.get("/broken")
        body = problem(response, 500, "internal")
        unready = problem(client.get("/gone"), 503, "store")
    assert "secret" not in response.text + json.dumps(unready)
    assert "Traceback" not in response.text
    assert any(str(body["log_id"]) in record.getMessage() for record in caplog.records)
    assert any(record.exc_info for record in caplog.records)
    assert client.get("/healthz").status_code == 200


def test_the_api_page_documents_every_path_and_problem(client: httpx.Client) -> None:
    page = client.get("/docs").text
    description = client.get("/openapi.json").json()
    for path, methods in description["paths"].items():
        assert f"<code>{path}</code>" in page
        for operation in methods.values():
            assert operation["summary"]
            assert operation["description"]
            for parameter in operation.get("parameters", []):
                if parameter["name"] not in ("default-graph-uri", "named-graph-uri"):
                    assert parameter.get("description"), (path, parameter["name"])
    for slug in (
        "syntax",
        "ambiguous-name",
        "not-found",
        "timeout",
        "internal",
        "parameters",
        "not-acceptable",
    ):
        assert f'id="{slug}"' in page


def test_health_and_readiness(client: httpx.Client) -> None:
    assert client.get("/healthz").json()["status"] == "ok"
    ready = client.get("/readyz").json()
    assert ready["documents"] == 7
    assert ready["generation"]
