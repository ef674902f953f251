"""The hand-made world and the vocabulary, for all tests of the graph."""

from __future__ import annotations

import importlib.util
import io
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.catalog.ontology import Ontology, load_ontology
from kg.graph.local import open_reader, open_writer
from kg.graph.store import What
from kg.model import Extraction

ROOT = Path(__file__).resolve().parents[2]

# Tests are imported by file (importlib mode), so what they share is made known under a name of its own.
for name in ("world", "engines"):
    if f"graph_{name}" not in sys.modules:
        spec = importlib.util.spec_from_file_location(f"graph_{name}", Path(__file__).with_name(f"{name}.py"))
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[f"graph_{name}"] = module
        spec.loader.exec_module(module)

import graph_engines  # noqa: E402
import graph_world as w  # noqa: E402


@pytest.fixture(autouse=True)
def no_power_cuts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests pull no plugs, and a file system takes milliseconds to be safe from it."""
    monkeypatch.setattr("kg.graph.folder.os.fsync", lambda descriptor: None)


@pytest.fixture(scope="session")
def ontology() -> Ontology:
    return load_ontology(ROOT / "ontology" / "kg.ttl", ROOT)


@pytest.fixture(scope="session")
def build(ontology: Ontology) -> Callable[..., str]:
    """Puts extractions into the store at a path and commits them; the generation's name."""

    def run(path: Path, extractions: Iterable[Extraction]) -> str:
        with open_writer(path, ontology=ontology) as writer:
            for extraction in extractions:
                writer.put(w.record(extraction), extraction)
            return writer.commit(w.identity)

    return run


@pytest.fixture(scope="session")
def world_store(tmp_path_factory: pytest.TempPathFactory, build: Callable[..., str]) -> Path:
    """A store of the whole world; tests read it and do not write to it."""
    path = tmp_path_factory.mktemp("graph") / "world"
    build(path, w.world())
    return path


@pytest.fixture(scope="session")
def dumped() -> Callable[..., bytes]:
    """The bytes of a dump of the store at a path."""

    def run(path: Path, what: What = What.ALL, rdf_format: ox.RdfFormat = ox.RdfFormat.N_TRIPLES) -> bytes:
        out = io.BytesIO()
        with open_reader(path) as reader:
            reader.dump(what, rdf_format, out)
        return out.getvalue()

    return run


@pytest.fixture(scope="session")
def oxigraph_server() -> Iterator[graph_engines.Engine]:
    """An Oxigraph server; what one test leaves there, another finds."""
    with graph_engines.oxigraph() as engine:
        yield engine


@pytest.fixture(scope="session")
def virtuoso_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[graph_engines.Engine]:
    """A Virtuoso server; what one test leaves there, another finds."""
    with graph_engines.virtuoso(tmp_path_factory.mktemp("virtuoso") / "data") as engine:
        yield engine
