"""The application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import Depends, FastAPI

from kg.graph.store import StoreReader
from kg.query.declared import Declarations, shipped
from kg.server import (
    assets,
    documents,
    dumps,
    entities,
    evidence,
    explorer,
    graph,
    graph_store,
    history,
    jobs,
    linked_data,
    metrics,
    posting,
    questions,
    reconcile,
    site,
    updates,
    wellknown,
)
from kg.server.addresses import Prefixed, Proxied
from kg.server.codings import Compression
from kg.server.conditional import Conditional
from kg.server.folders import FolderSource
from kg.server.lean import LeanNeighbourhoods
from kg.server.metrics import Metrics
from kg.server.origins import CrossOrigin
from kg.server.problems import install
from kg.server.readers import FixedSource, Readers, Source
from kg.server.release import release
from kg.server.requests import refuse_unknown
from kg.server.sparql import SparqlEndpoint
from kg.server.streams import make_pool
from kg.server.surface import Surface
from kg.server.telemetry import Routed, Telemetry
from kg.server.writes import Writes
from kg.settings import Settings, load_settings

_ABOUT = (
    "Questions to a knowledge graph of diplomacy and defence. Every edge opens the sentence that it "
    "was read from; "
    "what is planned, denied or past is told from what is."
)


def create_app(
    store: Path | Source | StoreReader,
    settings: Settings | None = None,
    catalog: Declarations | None = None,
    writes: Writes | None = None,
) -> FastAPI:
    """The HTTP application over a store: its folder, a source of readers, or one open reader.

    A folder, or a source, is asked with every request whether there is a newer generation; nobody needs to
    start the server anew. A reader that is given stays open. Raises `StoreError` if the store cannot be
    opened. Without `writes` the application is read only.
    """
    own_settings = settings or load_settings()
    if isinstance(store, Path):
        readers = Readers(FolderSource(store))
    elif isinstance(store, StoreReader):
        readers = Readers(FixedSource(store), owns=False)
    else:
        readers = Readers(store)
    readers.lease().release()  # a store that cannot be opened is an error now, not with the first request

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await app.state.pool.warm()
        if writes is not None:
            await writes.start()
        try:
            yield
        finally:
            if writes is not None:
                await writes.close()
            await app.state.pool.close()
            readers.close()

    app = FastAPI(
        title="kg",
        version=release(),
        description=_ABOUT,
        docs_url=None,  # FastAPI's own page loads scripts from elsewhere
        redoc_url=None,
        openapi_url=None,  # ours knows the saved questions, and where people reach the server
        lifespan=lifespan,
        dependencies=[Depends(refuse_unknown)],
        redirect_slashes=False,
    )
    app.state.readers = readers
    app.state.settings = own_settings
    app.state.pool = make_pool(lambda: app.state.settings)
    app.state.metrics = Metrics(readers, lambda: app.state.pool)
    app.state.catalog = catalog or shipped()
    app.state.landing = {}
    app.state.days = {}
    app.state.writes = writes
    for module in (
        graph,
        entities,
        evidence,
        explorer,
        history,
        documents,
        questions,
        reconcile,
        dumps,
        linked_data,
        wellknown,
        site,
        metrics,
        assets,
        updates,
        graph_store,
        posting,
        jobs,
    ):
        app.include_router(module.router)
    install(app)
    app.add_middleware(Routed)
    app.add_middleware(LeanNeighbourhoods, readers=readers, limit=own_settings.neighbourhood_limit)
    app.add_middleware(Conditional, catalog=app.state.catalog)
    app.add_middleware(Prefixed)
    app.add_middleware(Compression)
    app.add_middleware(CrossOrigin)
    app.add_middleware(Surface)
    app.add_middleware(SparqlEndpoint)
    app.add_middleware(Proxied, settings=own_settings)
    app.add_middleware(Telemetry)
    return app
