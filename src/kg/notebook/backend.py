"""What answers the questions of a `kg.notebook.client.Graph`: a store in this process, or a server.

Every backend passes the compliance suite in ``tests/notebook/test_compliance.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import IO, Protocol, TypeAlias, runtime_checkable

import pyoxigraph as ox

from kg.graph.store import What
from kg.query.changes import Diff
from kg.query.contradictions import Contradictions
from kg.query.documents import DocumentList, DocumentPage
from kg.query.entities import EntityCard, EntityList
from kg.query.evidence import ClaimView
from kg.query.neighbourhood import Neighbourhood
from kg.query.offices import Offices
from kg.query.paths import Path
from kg.query.sameness import Sameness
from kg.query.search import SearchAnswer

Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


@dataclass(frozen=True, slots=True)
class Solutions:
    """The answer of a query: a graph has the columns subject, predicate, object; ASK one row, ``boolean``."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Term | None, ...], ...]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a saved question; `type` as in `kg.catalog.queries.Parameter`."""

    name: str
    type: str
    required: bool
    default: str | None
    example: str
    help: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A saved question: its name, what it asks and returns, its parameters, its text."""

    name: str
    summary: str
    returns: str
    parameters: tuple[Parameter, ...]
    sparql: str


@dataclass(frozen=True, slots=True)
class Which:
    """Which claims: of an entity, one by its IRI, or those of a statement (each part may be None)."""

    entity: str | None = None
    claim: str | None = None
    subject: str | None = None
    predicate: str | None = None
    object: str | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """What of a neighbourhood or a path counts: relations, classes of things, kinds of claims (empty is
    all), and the least confidence that the best claim of an edge has."""

    predicates: Sequence[str] = ()
    types: Sequence[str] = ()
    modalities: Sequence[str] = ()
    min_confidence: float = 0.0


ALL = Filter()


@runtime_checkable
class Backend(Protocol):
    """Answers questions; entities are given as IRI, CURIE, name or alias. Raises `KgError`s as `kg.query` does."""

    @property
    def address(self) -> str:
        """Where it reads: a folder, a file, a URL."""

    @property
    def generation(self) -> str:
        """The name of the generation that is read."""

    @property
    def base(self) -> str:
        """The base IRI of instances."""

    def page_of(self, iri: str) -> str | None:
        """The URL of a page about `iri` that a browser can open, or None."""

    def solve(self, sparql: str, timeout: float | None = None) -> Solutions:
        """The answer of a SPARQL 1.1 query. Raises `QueryTimeout` after `timeout` seconds."""

    def questions(self) -> Mapping[str, Asked]:
        """The saved questions by name."""

    def ask(self, name: str, values: Mapping[str, str]) -> Solutions:
        """The answer of a saved question."""

    def card(self, entity: str) -> EntityCard:
        """What is known of an entity."""

    def entities(self, text: str | None, types: Sequence[str], limit: int, offset: int = 0) -> EntityList:
        """Entities by name, or the most mentioned ones."""

    def search(self, text: str, limit: int) -> SearchAnswer:
        """Entities by name, sentences by their words."""

    def neighbourhood(
        self, entity: str, depth: int, limit: int, only: Filter = ALL, measures: Sequence[str] = ()
    ) -> Neighbourhood:
        """What is around an entity, with measures of the nodes."""

    def path(self, source: str, target: str, max_hops: int, k: int, only: Filter = ALL) -> Path:
        """The `k` shortest chains between two entities."""

    def claims(self, which: Which, limit: int | None) -> tuple[list[ClaimView], int]:
        """(claims, how many there are in all), best confidence first."""

    def why_same(self, one: str, other: str) -> Sameness:
        """Whether two names stand for one thing."""

    def contradictions(self, entity: str | None, kind: str | None, limit: int) -> Contradictions:
        """Pairs of claims that cannot both be right."""

    def offices(
        self, office: str | None, body: str | None, person: str | None, on: date | None, limit: int
    ) -> Offices:
        """Who held which office when."""

    def diff(self, since: date, until: date | None, entity: str | None, limit: int) -> Diff:
        """What changed between two days."""

    def documents(self, limit: int, offset: int = 0) -> DocumentList:
        """A page of the documents."""

    def document(self, name: str) -> DocumentPage:
        """One document by key, IRI, CURIE or identifier."""

    def dump(self, what: What, rdf_format: ox.RdfFormat, out: IO[bytes]) -> None:
        """Write a part of the graph."""

    def triples(self) -> ox.Store:
        """The graph, in a store that is not to be written to."""

    def on(self, day: date) -> Backend:
        """The same as it stood on `day`; lives as long as this one."""

    def close(self) -> None:
        """Let go of files and connections; closing twice is once."""
