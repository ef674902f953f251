"""One open reader of the small world."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.graph import open_reader
from kg.graph.store import StoreReader


@pytest.fixture(scope="session")
def reader(small_store: Path) -> Iterator[StoreReader]:
    opened = open_reader(small_store)
    yield opened
    opened.close()
