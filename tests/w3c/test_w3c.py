"""The W3C suites for SPARQL 1.1 Protocol, Graph Store Protocol, service description, query and update, over HTTP.

Their data lie beside the checkout (`../shared/w3c`); the runners here are ours.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import httpx
import pytest

HERE = Path(__file__).resolve().parent
TOKEN = "a-token-for-the-suites"


def runner(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"w3c_{name}", HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def suites(shared: Path) -> Path:
    """The folder of the tests' data."""
    return shared / "w3c" / "sparql"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a server that may be written to, run as users run it."""
    store = tmp_path_factory.mktemp("w3c") / "store"
    process = subprocess.Popen(
        [sys.executable, "-m", "kg", "serve", "--store", str(store), "--port", "0", "--writable"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"KG_TOKEN": TOKEN, "KG_LOG_LEVEL": "error"},
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().split()[0]
        for _ in range(200):
            try:
                if httpx.get(f"{url}/readyz", trust_env=False).status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.communicate(timeout=30)


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
@pytest.mark.filterwarnings("ignore:Dataset.default_context:DeprecationWarning")
def test_protocol_graph_store_and_service_description(server: str, suites: Path) -> None:
    module = runner("protocol_suite")
    given = argparse.Namespace(
        endpoint=f"{server}/sparql",
        update=f"{server}/update",
        gsp=f"{server}/rdf-graph-store",
        token=TOKEN,
        tests=str(suites / "sparql11"),
        only=None,
        verbose=False,
    )
    suite = module.Suite(given)
    suite.run()
    assert {name: result for name, result in suite.res.items() if result != "pass"} == {}
    groups = [group for group, _ in suite.res]
    assert groups.count("protocol") == 34
    assert groups.count("service-description") == 3
    assert groups.count("gsp-indirect") + groups.count("gsp-direct") == 13


@pytest.mark.timeout(900)
def test_queries_and_updates(server: str, suites: Path) -> None:
    module = runner("query_suite")
    given = argparse.Namespace(
        endpoint=f"{server}/sparql",
        update=f"{server}/update",
        gsp=None,
        token=TOKEN,
        load="update",
        accept="json",
        tests=str(suites),
        suites="sparql10,sparql11",
        dir=None,
        only=None,
        timeout=60,
        verbose=False,
    )
    suite = module.Runner(given)
    suite.run()
    known = tomllib.loads((HERE / "failures.toml").read_text(encoding="utf-8"))
    failed = {name: result for name, (_, result) in suite.res.items() if result != "pass"}
    assert {name: result for name, result in failed.items() if name not in known} == {}
    assert sorted(known) == sorted(failed)  # one that passes has no reason any more
    assert all(known.values())
    assert len(suite.res) == 980
