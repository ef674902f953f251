from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from kg.server.app import create_app
from kg.settings import load_settings

Serve = Callable[[FastAPI], httpx.Client]
PATHS = (
    "/entities",
    "/entities?q=air",
    "/entities/Norland",
    "/search?q=air",
    "/neighbourhood?entity=Norland",
    "/evidence?entity=Norland",
    "/documents",
    "/contradictions",
    "/offices",
    "/queries",
    "/queries/office-holders?body=Norland",
    "/queries/office-holders.csv?body=Norland",
    "/id/place/nd",
    "/def",
    "/docs",
    "/openapi.json",
)


@pytest.mark.parametrize("path", PATHS)
def test_what_a_client_has_is_not_sent_again(client: httpx.Client, path: str) -> None:
    first = client.get(path)
    tag = first.headers["etag"]
    assert (first.status_code, first.headers["cache-control"]) == (200, "no-cache")
    assert tag.startswith('W/"')
    again = client.get(path, headers={"If-None-Match": f'"other", {tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert client.get(path, headers={"If-None-Match": tag.removeprefix("W/")}).status_code == 304
    assert client.head(path, headers={"If-None-Match": tag}).status_code == 304
    assert client.get(path, headers={"If-None-Match": 'W/"other"'}).status_code == 200


def test_forms_of_an_answer_have_tags_of_their_own(client: httpx.Client) -> None:
    kinds = ("text/html", "text/turtle", "application/json", "application/ld+json")
    tags = {client.get("/id/place/nd", headers={"Accept": kind}).headers["etag"] for kind in kinds}
    assert len(tags) == len(kinds)
    days = {client.get(f"/entities?as_of=2025-0{n}-01").headers["etag"] for n in (1, 2)}
    assert len(days) == 2


@pytest.mark.parametrize(
    "path", ["/healthz", "/readyz", "/nope", "/entities?colour=red", "/entities/Nobody At All"]
)
def test_health_and_errors_have_none(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code != 200 or path in ("/healthz", "/readyz")
    if answer.status_code != 200:
        assert "etag" not in answer.headers


def test_a_new_generation_and_another_setting_make_it_another_one(
    serve: Serve, small_store: Path, seed_store: Path, tmp_path: Path
) -> None:
    tags = []
    for number, (store, size) in enumerate([(small_store, 50), (small_store, 51), (seed_store, 50)]):
        copy = tmp_path / str(number)
        shutil.copytree(store, copy)
        client = serve(create_app(copy, replace(load_settings({}), page_size=size)))
        tags.append(client.get("/entities").headers["etag"])
        assert client.get("/entities", headers={"If-None-Match": tags[0]}).status_code == (
            200 if number else 304
        )
    assert len(set(tags)) == 3


def test_caches_may_be_told_not_to_ask(serve: Serve, small_store: Path) -> None:
    client = serve(create_app(small_store, replace(load_settings({}), cache_seconds=60)))
    assert client.get("/entities").headers["cache-control"] == "public, max-age=60"
