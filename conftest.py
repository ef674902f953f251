"""The hand-made world, for tests and for the examples in docstrings; what those of `kg.notebook` may use beside.

These have a graph `g` of the small world, its `store`, and an empty `folder`.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent
#: Modules whose examples ask the small graph.
_ASKING = "kg.notebook."
_TEXT = "Norway’s Defense Minister Tore Sandvik met Estonia’s Defense Minister Hanno Pevkur in Oslo on 5 March 2024."

_NOTES = """{"doc": "one.txt", "published": null, "facts": [], "events": [], "entities": [
  {"id": "sandvik", "class": "Person", "label": "Tore Sandvik",
   "mentions": ["Tore Sandvik"], "named": true, "required": true}
]}"""


@pytest.fixture(scope="session")
def asked_world() -> ModuleType:
    """The module of the hand-made world that questions are asked of."""
    name, path = "asked_world", ROOT / "tests" / "query" / "world.py"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


@pytest.fixture(scope="session")
def small_store(asked_world: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the hand-made world, made without the pipeline; tests read it and must not write to it."""
    store = tmp_path_factory.mktemp("small") / "store"
    asked_world.build(store, asked_world.everything())
    return store


@pytest.fixture(autouse=True)
def _examples(request: pytest.FixtureRequest) -> Iterator[None]:
    item = request.node
    examples = getattr(item, "dtest", None)
    if examples is None or not item.name.startswith(_ASKING):
        yield
        return
    import kg

    if "widget" in item.name.lower() or "widget" in examples.docstring:
        from kg.errors import MissingExtra
        from kg.notebook.widget import find_script

        try:
            find_script()
        except MissingExtra as error:
            pytest.skip(str(error))
    store: Path = request.getfixturevalue("small_store")
    folder: Path = request.getfixturevalue("tmp_path")
    texts = folder / "texts"
    texts.mkdir()
    (texts / "one.txt").write_text(_TEXT, encoding="utf-8")
    notes = folder / "annotations"
    notes.mkdir()
    (notes / "1_one.json").write_text(_NOTES, encoding="utf-8")
    graph = kg.open(store)
    built = kg.build(texts, model="rules", progress=False) if "graph_of_texts" in examples.docstring else None
    graph.backend._address = "small"  # type: ignore[attr-defined] # the folder's name is another one each time
    examples.globs.update(g=graph, store=store, folder=folder, texts=texts, kg=kg)
    examples.globs.update(annotations=notes, graph_of_texts=built)
    yield
    if "matplotlib.pyplot" in sys.modules:
        from matplotlib import pyplot

        pyplot.close("all")
    graph.close()
    if built is not None:
        built.close()
