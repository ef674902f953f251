"""One small database on disk, and pools that are closed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pyoxigraph as ox
import pytest

from kg.engine.pool import Pool
from kg.engine.question import Limits, Snapshot

E = "http://e.example/"


@pytest.fixture(scope="session")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """5,000 things with a number and a text each, 10,000 triples; and a named graph of one triple."""
    place = tmp_path_factory.mktemp("engine") / "graph"
    store = ox.Store(str(place))
    quads = []
    for n in range(5000):
        thing = ox.NamedNode(f"{E}{n}")
        quads.append(ox.Quad(thing, ox.NamedNode(E + "number"), ox.Literal(n)))
        quads.append(ox.Quad(thing, ox.NamedNode(E + "text"), ox.Literal(f'thing "{n}",\nin two lines')))
    quads.append(ox.Quad(ox.NamedNode(E), ox.NamedNode(E + "p"), ox.NamedNode(E), ox.NamedNode(E + "g")))
    store.bulk_extend(quads)
    store.flush()
    del store
    return Snapshot(place, {"e": E})


@pytest.fixture
def with_pool() -> Callable[..., object]:
    """Runs a coroutine function on a pool of its own, which is closed when it ends; what it returns."""

    def run(
        work: Callable[[Pool], Awaitable[object]], limits: Limits | None = None, **options: int
    ) -> object:
        async def main() -> object:
            pool = Pool(lambda: limits or Limits(seconds=20), **options)  # type: ignore[arg-type]
            try:
                return await work(pool)
            finally:
                await pool.close()
                assert pool.processes == []

        return asyncio.run(main())

    return run
