"""The commands on an endpoint: built into, asked, checked, served, taken out of."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import httpx
import pytest

ROOT = Path(__file__).resolve().parent.parent
TEXT = """OSLO, 3 March 2025

Norwegian Foreign Minister Kari Solberg met Portuguese Foreign Minister Rui Alves in Oslo on Monday.
"""


@pytest.fixture(scope="module")
def engines() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "cli_engines", Path(__file__).parent / "graph" / "engines.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["cli_engines"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def address(engines: ModuleType) -> Iterator[str]:
    with engines.oxigraph() as engine:
        yield engine.url


def kg(cache: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "KG_REMOTE_CACHE": str(cache), "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-m", "kg", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_the_commands_on_an_endpoint(address: str, engines: ModuleType, tmp_path: Path) -> None:
    cache, text = tmp_path / "cache", tmp_path / "meeting.txt"
    text.write_text(TEXT)
    built = kg(cache, "build", str(text), "--store", address, "--model", "rules", "--json")
    assert built.returncode == 0, built.stderr
    asked = kg(tmp_path / "elsewhere", "show", "Kari Solberg", "--store", address, "--json")
    assert asked.returncode == 0, asked.stderr
    assert json.loads(asked.stdout)["label"] == "Kari Solberg"
    why = kg(
        cache, "why", "Kari Solberg", "holdsOffice", "Minister of Foreign Affairs, Norway", "--store", address
    )
    assert "Kari Solberg" in why.stdout, why.stderr
    assert kg(cache, "check", "--store", address).returncode == 0
    _serve(cache, address, engines.free_port())
    removed = kg(cache, "remove", "meeting.txt", "--store", address)
    assert removed.returncode == 0, removed.stderr
    assert kg(cache, "show", "Kari Solberg", "--store", address).returncode == 1


def _serve(cache: Path, address: str, port: int) -> None:
    environment = {**os.environ, "KG_REMOTE_CACHE": str(cache), "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-m", "kg", "serve", "--store", address, "--port", str(port)]
    server = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        assert server.stdout is not None
        line = server.stdout.readline()
        assert line.startswith("http://"), line
        url = line.split()[0]
        rows = httpx.get(
            f"{url}/sparql",
            params={"query": "SELECT ?p { ?p kg:holdsOffice ?o }"},
            headers={"Accept": "text/csv"},
            timeout=30,
        )
        assert rows.status_code == 200, rows.text
        assert len(rows.text.split()) == 3
        data = "https://kg.example/graph"
        added = f"INSERT DATA {{ GRAPH <{data}> {{ <x:a> <https://kg.example/def#holdsOffice> <x:b> }} }}"
        httpx.post(address.replace("/query", "/update"), data={"update": added}).raise_for_status()
        asked = httpx.get(f"{url}/sparql", params={"query": "ASK { <x:a> kg:holdsOffice ?o }"}, timeout=30)
        assert asked.json()["boolean"] is True  # the endpoint answers, not a copy of what it held
        page = httpx.get(f"{url}/entities/Kari%20Solberg", params={"as_of": "2025-03-31"}, timeout=30)
        assert page.status_code == 200, page.text
    finally:
        server.terminate()
        server.communicate(timeout=30)


def test_an_endpoint_that_does_not_answer_is_one_line(tmp_path: Path) -> None:
    environment = {**os.environ, "KG_REMOTE_RETRIES": "0", "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-m", "kg", "show", "Oslo", "--store", "http://127.0.0.1:9/sparql"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "no answer (asked 1 times)" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
