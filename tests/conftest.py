"""What all tests share: the seeds, the gold, the folder beside the checkout, one store of the seeds."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from kg.text.reader import Reader

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def seeds() -> Path:
    """The folder of the seed documents."""
    return ROOT / "seeds"


@pytest.fixture(scope="session")
def gold() -> Path:
    """The annotations of the seed documents."""
    return ROOT / "tests" / "gold" / "seeds"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder beside the checkout; tests that need it are skipped where it is missing, and fail in CI."""
    if SHARED.is_dir():
        return SHARED
    reason = f"no folder ../{SHARED.name} beside the checkout"
    if os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail(f"{reason}, and CI is set: these tests must run there")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def parser() -> Reader:
    """The reader with the trained model; tests that need it are skipped where its weights are missing."""
    from kg.catalog import load_catalog
    from kg.text.parser.component import model_folder
    from kg.text.reader import OWN, Reader

    if not (model_folder() / "model.onnx").is_file():
        pytest.skip("the weights of the trained model are not there")
    return Reader(load_catalog(), OWN)


@pytest.fixture(scope="session")
def seed_store(seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the five seeds, built once; tests read it and must not write to it."""
    from kg.pipeline import build

    store = tmp_path_factory.mktemp("seeds") / "store"
    build([seeds], store)
    return store


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
