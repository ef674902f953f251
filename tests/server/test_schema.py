"""Every operation of the OpenAPI document, asked with what its schema allows, answers as the document says.

That a value which fits the schema is refused is no failure: names may be unknown, dates be none.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from kg.server.app import create_app
from kg.settings import load_settings

Serve = Callable[[FastAPI], httpx.Client]
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
)
#: Cases for each operation; about 100 a second.
EXAMPLES = os.environ.get("SCHEMA_EXAMPLES", "4")


@pytest.mark.timeout(600)
def test_answers_are_as_the_openapi_document_says(serve: Serve, seed_store: Path) -> None:
    client = serve(create_app(seed_store, replace(load_settings({}), query_timeout=60.0)))
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "run", f"{client.base_url}/openapi.json"),
            *("--phases", "examples,fuzzing", "--max-examples", EXAMPLES, "--seed", "1"),
            *("--generation-deterministic", "--workers", "1", "--request-timeout", "30", "--no-color"),
            *("--checks", ",".join(CHECKS)),
            # their bodies are SPARQL, which no schema describes: test_sparql_protocol.py, test_update.py
            *("--exclude-operation-id-regex", "post_sparql|post_update"),
        ],
        capture_output=True,
        text=True,
        timeout=550,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "generated" in done.stdout
