"""What all tests share: the seeds, the gold, the folder beside the checkout, one store of the seeds."""

from __future__ import annotations

import os
from pathlib import Path
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
