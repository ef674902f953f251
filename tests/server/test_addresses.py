from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from html import unescape
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from kg.errors import SettingsError
from kg.server.app import create_app
from kg.settings import load_settings

Serve = Callable[[FastAPI], httpx.Client]
PAGE = {"Accept": "text/html"}
PAGES = (
    "/",
    "/entities",
    "/documents",
    "/queries",
    "/def",
    "/docs",
    "/sparql",
    "/search?q=air",
    "/contradictions",
)


def links(text: str) -> list[tuple[str, str]]:
    """(attribute, target without fragment) of every link of a page."""
    return [(k, unescape(v)) for k, v in re.findall(r""" (href|src|action)=["']([^"'#]+)""", text)]


@pytest.fixture(params=[True, False], ids=["prefix stripped", "prefix kept"])
def behind(
    request: pytest.FixtureRequest,
    serve: Serve,
    proxying: Callable[..., AbstractContextManager[str]],
    small_store: Path,
) -> Iterator[httpx.Client]:
    """A client of a proxy that shows the server below /graph/v1."""
    settings = load_settings({} if request.param else {"KG_ROOT_PATH": "/graph/v1"})
    inner = serve(create_app(small_store, settings))
    upstream = str(inner.base_url).rstrip("/")
    with (
        proxying(upstream, "/graph/v1", strips=request.param) as url,
        httpx.Client(base_url=url, trust_env=False, timeout=30) as client,
    ):
        yield client


def test_every_link_of_every_page_keeps_to_the_base_path(behind: httpx.Client) -> None:
    seen = {"/graph/v1" + path for path in PAGES}
    waiting = sorted(seen)
    while waiting and len(seen) < 120:
        path = waiting.pop(0)
        answer = behind.get(path, headers=PAGE, follow_redirects=True)
        assert answer.status_code == 200, path
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        assert 'data-root="/graph/v1/"' in answer.text
        for kind, target in links(answer.text):
            assert target.startswith(("/graph/v1/", "http", "data:", "?")), (path, target)
            follow = kind == "href" and target.startswith("/") and "/dump/" not in target
            if follow and target not in seen:
                seen.add(target)
                waiting.append(target)
    assert len(seen) > 40


def test_redirects_and_problems_keep_to_it(behind: httpx.Client) -> None:
    moved = behind.get("/graph/v1/entities/Norland", headers=PAGE)
    assert (moved.status_code, moved.headers["location"]) == (303, "/graph/v1/id/place/nd")
    wrong = behind.get("/graph/v1/entities?colour=red").json()
    assert (wrong["type"], wrong["instance"]) == ("/graph/v1/docs#parameters", "/graph/v1/entities")


def test_openapi_and_examples_keep_to_it(behind: httpx.Client) -> None:
    description = behind.get("/graph/v1/openapi.json").json()
    (server,) = description["servers"]
    assert server["url"] == "https://graph.example.org/graph/v1"
    question = behind.get("/graph/v1/queries").json()[0]
    assert question["example"].startswith("/graph/v1/queries/")


def test_a_public_url_goes_before_what_requests_say(serve: Serve, small_store: Path) -> None:
    settings = replace(load_settings({}), public_url="https://kg.example.net/data/")
    client = serve(create_app(small_store, settings))
    headers = {"X-Forwarded-Prefix": "/other", "X-Forwarded-Host": "evil.example"}
    assert client.get("/openapi.json", headers=headers).json()["servers"] == [
        {"url": "https://kg.example.net/data"}
    ]
    assert 'href="/data/entities"' in client.get("/", headers=PAGE | headers).text
    assert client.get("/data/readyz").status_code == 200


@pytest.mark.parametrize(
    "prefix", ['/a"><script>', "//evil.example", "/a b", "/a\r", "/%2e", "javascript:", "/é"]
)
def test_a_prefix_that_is_no_path_is_passed_over(serve: Serve, small_store: Path, prefix: str) -> None:
    client = serve(create_app(small_store, load_settings({})))
    try:
        page = client.get("/", headers=[(b"X-Forwarded-Prefix", prefix.encode("utf-8"))])
    except httpx.LocalProtocolError:
        return
    assert 'href="/entities"' in page.text


def test_headers_of_those_who_are_not_trusted_count_for_nothing(serve: Serve, small_store: Path) -> None:
    client = serve(create_app(small_store, replace(load_settings({}), trusted_proxies="192.0.2.0/24")))
    page = client.get("/", headers={"X-Forwarded-Prefix": "/graph"})
    assert 'href="/entities"' in page.text


@pytest.mark.parametrize(
    ("name", "value"),
    [("public_url", "kg.example.net"), ("public_url", "https://a.example/?x"), ("root_path", "graph"),
     ("root_path", '/a"b'), ("trusted_proxies", "localhost")],
)  # fmt: skip
def test_addresses_that_are_none_are_errors_at_the_start(small_store: Path, name: str, value: str) -> None:
    client = create_app(small_store, replace(load_settings({}), **{name: value}))
    with pytest.raises(SettingsError, match=name):
        client.build_middleware_stack()
