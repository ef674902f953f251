from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from kg.server.app import create_app
from kg.server.origins import Origins
from kg.settings import load_settings

Serve = Callable[[FastAPI], httpx.Client]
GOOD, BAD = "https://good.example", "https://bad.example"


def test_any_origin() -> None:
    headers = dict(Origins("*").headers(b"https://x.example"))
    assert headers[b"access-control-allow-origin"] == b"*"
    assert b"vary" not in headers


def test_none() -> None:
    assert Origins("").headers(GOOD.encode()) == [(b"vary", b"Origin")]


@pytest.mark.parametrize("path", ["/sparql?query=ASK{}", "/entities", "/sparql?query=ASK", "/nothing-here"])
def test_only_those_that_are_listed(serve: Serve, small_store: Path, path: str) -> None:
    settings = replace(load_settings({}), cors_origins=f"{GOOD} https://other.example/")
    client = serve(create_app(small_store, settings))
    allowed = client.get(path, headers={"Origin": GOOD})
    assert allowed.headers["access-control-allow-origin"] == GOOD
    assert "ETag" in allowed.headers["access-control-expose-headers"]
    assert "Origin" in allowed.headers["vary"]
    refused = client.get(path, headers={"Origin": BAD})
    assert "access-control-allow-origin" not in refused.headers
    assert refused.status_code == allowed.status_code  # who may read is the browser's to hold to
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    preflight = client.options(path, headers={"Origin": GOOD, **asked})
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-headers"] == "content-type"
    assert (
        "access-control-allow-methods" not in client.options(path, headers={"Origin": BAD, **asked}).headers
    )
