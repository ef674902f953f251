"""The server that agents talk to: tools and resources over stdio or HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import date
from typing import Annotated

import anyio.to_thread
import pyoxigraph as ox
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field

from kg.engine.pool import Pool
from kg.engine.question import Limits, Question
from kg.engine.text import calls_service
from kg.errors import KgError
from kg.graph.store import StoreReader
from kg.mcp import answers
from kg.mcp.answers import Addresses, Json
from kg.query.as_of import read_day
from kg.query.documents import get_document
from kg.query.sparql import GRAPH_FORMATS, RESULT_FORMATS, get_format, run_query, serialize
from kg.server.readers import Readers, Source, find_snapshot
from kg.server.release import release
from kg.settings import Settings

_INSTRUCTIONS = (
    "A knowledge graph of diplomacy and defence, read out of documents. Every fact comes as a claim with its sentence "
    "and the address of the document: quote them. modality tells what is asserted from what is planned, denied or "
    "former; do not state a plan as a fact. as_of (YYYY-MM-DD) answers from what was published by that day. Entities "
    "are given by name, CURIE or IRI; a name that fits several is answered with the candidates: choose one by its IRI. "
    "Begin with search."
)
#: A query of an agent may take so long, and give so many rows; less if the settings say so.
_SECONDS = 20.0
_ROWS = 500
_BYTES = 1_000_000
_MEMORY = 1_000_000_000

AsOf = Annotated[str | None, Field(description="Only what was published by this day, YYYY-MM-DD.")]
Name = Annotated[str, Field(description="A name, CURIE or IRI.")]
Limit = Annotated[int, Field(ge=1, le=100, description="How many at most.")]


def make_server(source: Source, settings: Settings) -> MCPServer:
    """A server of the newest generation of `source`, with a tool for each kind of question."""
    readers = Readers(source)
    readers.lease().release()  # a store that cannot be opened is an error now
    pool = Pool(lambda: _limits(settings), most=2, waiting=20)

    @asynccontextmanager
    async def lifespan(_: MCPServer) -> AsyncIterator[None]:
        try:
            yield
        finally:
            await pool.close()

    server = MCPServer(
        "kg", instructions=_INSTRUCTIONS, version=release(), lifespan=lifespan, log_level="WARNING"
    )
    graph = _Graph(readers, settings)

    @server.tool()
    async def search(
        words: Annotated[str, Field(description="Words of names or sentences; beginnings will do.")],
        type: Annotated[str | None, Field(description="A class, such as Person or MilitaryBase.")] = None,
        document: Annotated[str | None, Field(description="Only in this document.")] = None,
        since: Annotated[
            str | None, Field(description="Only sentences of documents from this day on.")
        ] = None,
        until: Annotated[str | None, Field(description="Only sentences of documents up to this day.")] = None,
        limit: Limit = 10,
        as_of: AsOf = None,
    ) -> Json:
        """Find entities by name, and sentences by their words with who they speak of."""
        return await graph.ask(
            as_of, lambda r, at: answers.find(r, at, words, type, document, since, until, limit)
        )

    @server.tool()
    async def entity(name: Name, limit: Limit = 20, as_of: AsOf = None) -> Json:
        """What is known of one entity: names, classes, claims with their sentences, documents."""
        return await graph.ask(as_of, lambda r, at: answers.entity(r, at, name, limit))

    @server.tool()
    async def neighbourhood(
        name: Name,
        depth: Annotated[int, Field(ge=1, le=3, description="Hops.")] = 1,
        limit: Annotated[int, Field(ge=1, le=200, description="Entities at most.")] = 25,
        relations: Annotated[list[str] | None, Field(description="Only these, such as holdsOffice.")] = None,
        types: Annotated[list[str] | None, Field(description="Only neighbours of these classes.")] = None,
        modalities: Annotated[
            list[str] | None, Field(description="Only Asserted, Planned, Denied or Former ones.")
        ] = None,
        min_confidence: Annotated[float, Field(ge=0, le=1)] = 0.0,
        as_of: AsOf = None,
    ) -> Json:
        """What is joined to an entity, each edge with the best sentence behind it; left_out says what was not shown."""
        return await graph.ask(
            as_of,
            lambda r, at: answers.around(
                r, at, name, depth, limit, relations or (), types or (), modalities or (), min_confidence
            ),
        )

    @server.tool()
    async def paths(
        source: Name,
        target: Name,
        max_hops: Annotated[int, Field(ge=1, le=6)] = 4,
        k: Annotated[int, Field(ge=1, le=5, description="Paths at most.")] = 3,
        as_of: AsOf = None,
    ) -> Json:
        """How two entities are joined: the shortest chains, with the sentence behind every step."""
        return await graph.ask(as_of, lambda r, at: answers.chains(r, at, source, target, max_hops, k))

    @server.tool()
    async def evidence(
        entity: Annotated[str | None, Field(description="All claims about it.")] = None,
        subject: Annotated[str | None, Field(description="Or claims of this subject,")] = None,
        relation: Annotated[str | None, Field(description="of this relation, such as holdsOffice,")] = None,
        object: Annotated[str | None, Field(description="and of this object.")] = None,
        limit: Limit = 20,
        as_of: AsOf = None,
    ) -> Json:
        """The sentences behind an entity or a statement, best confidence first."""
        return await graph.ask(
            as_of, lambda r, at: answers.evidence(r, at, entity, subject, relation, object, limit)
        )

    @server.tool()
    async def contradictions(
        entity: Annotated[str | None, Field(description="Only those about it.")] = None,
        limit: Limit = 10,
        as_of: AsOf = None,
    ) -> Json:
        """Claims that cannot both be right, with both sentences, and whether a later document settled it."""
        return await graph.ask(as_of, lambda r, at: answers.quarrels(r, at, entity, limit))

    @server.tool()
    async def offices(
        office: Annotated[str | None, Field(description="One office.")] = None,
        body: Annotated[str | None, Field(description="Those of a country or body.")] = None,
        person: Annotated[str | None, Field(description="Those of a person.")] = None,
        on: Annotated[str | None, Field(description="Who held them on this day.")] = None,
        limit: Limit = 10,
        as_of: AsOf = None,
    ) -> Json:
        """Who held which office when, with the sentences."""
        day = graph.day(on, "on")
        return await graph.ask(as_of, lambda r, at: answers.posts(r, at, office, body, person, day, limit))

    @server.tool()
    async def documents(
        document: Annotated[str | None, Field(description="One of them, to read its text.")] = None,
        start: Annotated[int, Field(ge=0, description="Character of the text to begin at.")] = 0,
        limit: Limit = 50,
        offset: Annotated[int, Field(ge=0)] = 0,
        as_of: AsOf = None,
    ) -> Json:
        """The documents of the graph; with `document`, its text."""
        if document is not None:
            return await graph.ask(as_of, lambda r, at: answers.document(r, at, document, start))
        return await graph.ask(as_of, lambda r, at: answers.documents(r, at, limit, offset))

    @server.tool()
    async def sparql(
        query: Annotated[str, Field(description="SPARQL 1.1 SELECT, ASK or CONSTRUCT; prefixes are known.")],
        as_of: AsOf = None,
    ) -> Json:
        """Ask in SPARQL, read-only, limited in time and rows.

        A claim has rdf:subject, rdf:predicate and rdf:object; its kg:evidence is the IRI of a passage.
        """
        return await graph.sparql(pool, query, as_of)

    @server.resource("kg://documents", name="documents", mime_type="application/json")
    async def document_list() -> str:
        """The documents, without their texts."""
        found = await graph.ask(None, lambda r, at: answers.documents(r, at, 1000, 0))
        return json.dumps(found, ensure_ascii=False)

    @server.resource("kg://document/{key}", name="document", mime_type="text/plain")
    async def document_text(key: str) -> str:
        """The text of a document by its key, IRI or identifier."""
        found = await graph.ask(None, lambda r, at: {"text": get_document(r, key).text})
        return str(found["text"])

    return server


class _Graph:
    """Asks the newest generation, as of a day if one is given, in a thread."""

    def __init__(self, readers: Readers, settings: Settings) -> None:
        self._readers = readers
        self._settings = settings

    def day(self, text: str | None, name: str) -> date | None:
        """The day that `text` gives. Raises `ToolError`."""
        try:
            return read_day(text, name) if text is not None and text.strip() else None
        except KgError as error:
            raise ToolError(str(error)) from None

    async def ask(self, as_of: str | None, question: Callable[[StoreReader, Addresses], Json]) -> Json:
        """The answer; what is wrong with a question becomes an error that the agent reads."""

        def work() -> Json:
            with self._reading(as_of) as reader:
                at = Addresses(reader, self._settings.public_url)
                answer = question(reader, at)
                return {**answer, "as_of": at.as_of} if at.as_of else answer

        try:
            return await anyio.to_thread.run_sync(work)
        except KgError as error:
            raise ToolError(str(error)) from None

    async def sparql(self, pool: Pool, query: str, as_of: str | None) -> Json:
        """The rows, or the triples, that a query gives, from a process that is ended when it takes too long."""
        if calls_service(query):
            raise ToolError("SERVICE is refused: a query reaches this store and nothing else")
        opening = self._reading(as_of)
        try:
            reader = await anyio.to_thread.run_sync(opening.__enter__)
        except KgError as error:
            raise ToolError(str(error)) from None
        try:
            snapshot = find_snapshot(reader)
            if snapshot is None:
                return _read_answer(*await anyio.to_thread.run_sync(_ask_endpoint, reader, query))
            answer = await pool.ask(snapshot, Question(query, "json", "nt"))
            return _read_answer(b"".join([piece async for piece in answer.pieces()]), answer.graph)
        except KgError as error:
            raise ToolError(str(error)) from None
        finally:
            opening.__exit__(None, None, None)

    @contextmanager
    def _reading(self, as_of: str | None) -> Iterator[StoreReader]:
        day = read_day(as_of) if as_of is not None and as_of.strip() else None
        lease = self._readers.lease()
        try:
            if day is None:
                yield lease.reader
            else:
                with lease.days.on(day) as reader:
                    yield reader
        finally:
            lease.release()


def _ask_endpoint(reader: StoreReader, query: str) -> tuple[bytes, bool]:
    """An endpoint's answer, and whether it is a graph; its own limits hold."""
    answer = run_query(reader, query)
    graph = isinstance(answer, ox.QueryTriples)
    form = get_format("nt" if graph else "json", GRAPH_FORMATS if graph else RESULT_FORMATS)
    return serialize(answer, form, reader.base, _BYTES), graph


def _read_answer(data: bytes, graph: bool) -> Json:
    text = data.decode("utf-8")
    if graph:
        return {"triples": text}
    found = json.loads(text)
    if "boolean" in found:
        return {"answer": found["boolean"]}
    rows = [{name: term["value"] for name, term in row.items()} for row in found["results"]["bindings"]]
    return {"columns": found["head"]["vars"], "rows": rows}


def _limits(settings: Settings) -> Limits:
    def least(one: int, other: int) -> int:
        return min(one or other, other)

    return Limits(
        min(settings.query_timeout, _SECONDS),
        min(settings.stream_timeout, _SECONDS),
        least(settings.max_answer_rows, _ROWS),
        least(settings.max_answer_bytes, _BYTES),
        least(settings.query_memory, _MEMORY),
    )
