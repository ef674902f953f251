"""A store in this process as a backend."""

from __future__ import annotations

import tempfile
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import IO, TypeVar

import pyoxigraph as ox

from kg.errors import QueryError, QueryTimeout, UnknownQuery
from kg.graph.local import LocalReader
from kg.graph.past import PastReader
from kg.graph.store import StoreReader, What
from kg.notebook.backend import ALL, Asked, Filter, Parameter, Solutions, Which
from kg.query import evidence
from kg.query.as_of import Days, open_day
from kg.query.changes import Diff, diff
from kg.query.contradictions import Contradictions, contradictions
from kg.query.declared import Declarations, shipped
from kg.query.documents import DocumentList, DocumentPage, list_documents, read_document_page
from kg.query.entities import EntityCard, EntityList, entity_card, list_entities
from kg.query.measures import measure
from kg.query.names import resolve_entity
from kg.query.neighbourhood import Neighbourhood, neighbourhood
from kg.query.offices import Offices, offices
from kg.query.paths import Path, find_path
from kg.query.sameness import Sameness, why_same
from kg.query.saved import run_saved
from kg.query.search import SearchAnswer, search
from kg.query.sparql import Answer, columns, run_query

T = TypeVar("T")


class LocalBackend:
    """Answers from an open reader, which is closed with it."""

    def __init__(
        self,
        reader: StoreReader,
        address: str,
        declared: Declarations | None = None,
        let_go: Callable[[], None] | None = None,
    ) -> None:
        """`let_go` is called once, after the reader is closed."""
        self.reader = reader
        self._address = address
        self._declared = declared
        self._let_go = let_go
        self._compared = Days(reader)
        self._closed = False

    @property
    def address(self) -> str:
        """The folder or file."""
        return self._address

    @property
    def generation(self) -> str:
        """The generation that is read."""
        return self.reader.generation

    @property
    def base(self) -> str:
        """The base IRI of instances."""
        return self.reader.base

    def page_of(self, iri: str) -> str | None:
        """IRIs of elsewhere open in a browser, those of this store do not."""
        return iri if iri.startswith(("http://", "https://")) and not iri.startswith(self.base) else None

    def solve(self, sparql: str, timeout: float | None = None) -> Solutions:
        """The answer of a query."""
        return _interruptible(lambda: _solutions(run_query(self.reader, sparql)), timeout)

    def questions(self) -> Mapping[str, Asked]:
        """The saved questions."""
        return {
            q.name: Asked(
                q.name,
                q.summary,
                q.returns,
                tuple(
                    Parameter(p.name, str(p.type), p.required, p.default, p.example, p.help)
                    for p in q.parameters
                ),
                q.sparql,
            )
            for q in self._declarations().queries.values()
        }

    def ask(self, name: str, values: Mapping[str, str]) -> Solutions:
        """The answer of a saved question."""
        found = self._declarations().queries.get(name)
        if found is None:
            raise UnknownQuery(
                f"no saved query {name!r}; there are: {', '.join(self._declarations().queries)}"
            )
        return _interruptible(lambda: _solutions(run_saved(self.reader, found, values)), None)

    def card(self, entity: str) -> EntityCard:
        """What is known of an entity."""
        return entity_card(self.reader, entity)

    def entities(self, text: str | None, types: Sequence[str], limit: int, offset: int = 0) -> EntityList:
        """Entities by name."""
        return list_entities(self.reader, text, types, limit=limit, offset=offset)

    def search(self, text: str, limit: int) -> SearchAnswer:
        """Entities and sentences."""
        return search(self.reader, text, limit=limit)

    def neighbourhood(
        self, entity: str, depth: int, limit: int, only: Filter = ALL, measures: Sequence[str] = ()
    ) -> Neighbourhood:
        """What is around an entity."""
        found = neighbourhood(
            self.reader,
            entity,
            depth,
            limit,
            only.predicates,
            only.types,
            only.modalities,
            min_confidence=only.min_confidence,
        )
        return measure(found, measures)

    def path(self, source: str, target: str, max_hops: int, k: int, only: Filter = ALL) -> Path:
        """The shortest chains."""
        return find_path(
            self.reader,
            source,
            target,
            max_hops=max_hops,
            k=k,
            predicates=only.predicates,
            types=only.types,
            modalities=only.modalities,
            min_confidence=only.min_confidence,
        )

    def claims(self, which: Which, limit: int | None) -> tuple[list[evidence.ClaimView], int]:
        """Claims, best confidence first."""
        reader = self.reader
        if which.claim is not None:
            return [evidence.get_claim(reader, which.claim)], 1
        if which.entity is not None:
            return evidence.claims_about(reader, resolve_entity(reader, which.entity), limit=limit)
        return evidence.find_claims(
            reader,
            resolve_entity(reader, which.subject) if which.subject is not None else None,
            evidence.relation_iri(reader, which.predicate) if which.predicate is not None else None,
            evidence.read_object(reader, which.object) if which.object is not None else None,
            limit=limit,
        )

    def why_same(self, one: str, other: str) -> Sameness:
        """Whether two names stand for one thing."""
        return why_same(self.reader, one, other)

    def contradictions(self, entity: str | None, kind: str | None, limit: int) -> Contradictions:
        """Claims that cannot both be right."""
        return contradictions(self.reader, entity, kind=kind, limit=limit)

    def offices(
        self, office: str | None, body: str | None, person: str | None, on: date | None, limit: int
    ) -> Offices:
        """Who held which office when."""
        return offices(self.reader, office, body=body, person=person, on=on, limit=limit)

    def diff(self, since: date, until: date | None, entity: str | None, limit: int) -> Diff:
        """What changed between two days."""
        return diff(self.reader, self._compared, since, until, entity=entity, limit=limit)

    def documents(self, limit: int, offset: int = 0) -> DocumentList:
        """A page of the documents."""
        return list_documents(self.reader, limit=limit, offset=offset)

    def document(self, name: str) -> DocumentPage:
        """One document."""
        return read_document_page(self.reader, name)

    def dump(self, what: What, rdf_format: ox.RdfFormat, out: IO[bytes]) -> None:
        """Write a part of the graph."""
        self.reader.dump(what, rdf_format, out)

    def triples(self) -> ox.Store:
        """The store itself; of an endpoint a copy in memory."""
        if isinstance(self.reader, LocalReader):
            return self.reader.oxigraph
        store = ox.Store()
        with tempfile.TemporaryFile() as file:
            self.reader.dump(What.ALL, ox.RdfFormat.N_TRIPLES, file)
            file.seek(0)
            store.bulk_load(file, ox.RdfFormat.N_TRIPLES)
        return store

    def on(self, day: date) -> LocalBackend:
        """The store as it stood on a day."""
        past: PastReader = open_day(self.reader, day)
        return LocalBackend(past, self.address, self._declared)

    def close(self) -> None:
        """Let go of the files."""
        if self._closed:
            return
        self._closed = True
        self._compared.close()
        self.reader.close()
        if self._let_go is not None:
            self._let_go()

    def _declarations(self) -> Declarations:
        if self._declared is None:
            self._declared = shipped()
        return self._declared


def _solutions(answer: Answer) -> Solutions:
    """All of `answer`, which must be let go in the thread that asked."""
    names = tuple(columns(answer))
    if isinstance(answer, ox.QueryBoolean):
        boolean = ox.NamedNode("http://www.w3.org/2001/XMLSchema#boolean")
        return Solutions(names, ((ox.Literal("true" if answer else "false", datatype=boolean),),))
    if isinstance(answer, ox.QueryTriples):
        triples = sorted(set(answer), key=str)
        return Solutions(names, tuple((t.subject, t.predicate, t.object) for t in triples))
    return Solutions(names, tuple(tuple(row) for row in answer))


def _interruptible(work: Callable[[], T], timeout: float | None) -> T:
    """The result of `work`, done in a thread, so that Ctrl-C, or the stop button, comes through while it waits.

    The engine cannot stop a query: one that was given up on runs on in its thread until it ends.
    """
    if timeout is not None and timeout <= 0:
        raise QueryError(f"timeout={timeout:g}: want seconds, more than 0")
    done = threading.Event()
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:
            traceback.clear_frames(error.__traceback__)  # an answer must be let go in the thread that made it
            errors.append(error)
        done.set()

    threading.Thread(target=run, name="kg-query", daemon=True).start()
    if not done.wait(timeout):
        raise QueryTimeout(
            f"no answer within {timeout:g} seconds; ask for less, add a LIMIT, or give a longer timeout"
        )
    if errors:
        raise errors[0]
    return results[0]
