"""A store as a Python object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import KgError, MissingExtra, QueryError, UnknownQuery
from kg.graph import open_reader
from kg.graph.store import StoreReader
from kg.notebook.views import (
    ClaimsView,
    DocumentView,
    EntityView,
    NeighbourhoodView,
    OfficesView,
    SearchView,
)
from kg.query import evidence as claims
from kg.query.as_of import Days, open_day, read_day
from kg.query.changes import Diff, diff
from kg.query.contradictions import Contradictions, contradictions
from kg.query.declared import Declarations, shipped
from kg.query.documents import DocumentSummary, list_documents, read_document_page
from kg.query.entities import entity_card
from kg.query.exports import to_networkx
from kg.query.measures import measure
from kg.query.names import resolve_entity
from kg.query.neighbourhood import neighbourhood
from kg.query.offices import offices
from kg.query.paths import Path as Chain
from kg.query.paths import find_path
from kg.query.sameness import Sameness, why_same
from kg.query.saved import run_saved
from kg.query.search import search
from kg.query.sparql import Answer, Row, columns, rows, run_query

if TYPE_CHECKING:
    import networkx
    import pandas
    import rdflib


def open_store(path: Path | str) -> Graph:
    """A client of the store in the folder `path`, on the generation that is newest now.

    Raises `StoreMissing` if there is no store there, `KgError` for a URL.
    """
    if str(path).startswith(("http://", "https://")):
        raise KgError(f"{path}: a remote endpoint as store is not supported yet; give a store's folder")
    return Graph(open_reader(Path(path)))


class Graph:
    """Questions to a store; what is read does not change while it is open. A context manager.

    Entities are given as an IRI, a CURIE, a name or an alias everywhere; relations as a local name, CURIE or
    IRI.
    """

    def __init__(self, reader: StoreReader, declared: Declarations | None = None) -> None:
        self.reader = reader
        self._declared = declared
        self._days: dict[date, Graph] = {}
        self._compared = Days(reader)

    def __enter__(self) -> Graph:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<kg.Graph generation {self.reader.generation}, {len(self.reader.documents())} documents>"

    def as_of(self, day: str | date) -> Graph:
        """The store as it stood on a day: what was published by then. Lives as long as this client.

        `day` is a date or its text (YYYY-MM-DD; of a month or year the last day counts). Raises `QueryError`.
        """
        wanted = day if isinstance(day, date) else read_day(day)
        if wanted not in self._days:
            self._days[wanted] = Graph(open_day(self.reader, wanted), self._declared)
        return self._days[wanted]

    def close(self) -> None:
        """Let go of the files."""
        for past in self._days.values():
            past.close()
        self._days.clear()
        self._compared.close()
        self.reader.close()

    def rows(self, sparql: str) -> list[Row]:
        """The answer of a SPARQL query as rows: column → IRI or lexical form, None where unbound."""
        return rows(run_query(self.reader, sparql))

    def sparql(self, sparql: str) -> pandas.DataFrame:
        """The answer of a SPARQL query as a DataFrame. Raises `MissingExtra` without pandas: use `rows`."""
        return _frame(run_query(self.reader, sparql))

    @property
    def queries(self) -> Mapping[str, str]:
        """The saved questions: name → what it asks."""
        return {name: q.summary for name, q in self._declarations().queries.items()}

    def ask(self, name: str, **parameters: str) -> pandas.DataFrame:
        """The answer of a saved question as a DataFrame. Raises `UnknownQuery`, and as `run_saved`."""
        questions = self._declarations().queries
        if name not in questions:
            raise UnknownQuery(f"no saved query {name!r}; there are: {', '.join(questions)}")
        return _frame(run_saved(self.reader, questions[name], {k: str(v) for k, v in parameters.items()}))

    def graph(self) -> rdflib.Graph:
        """An rdflib graph over the same store; it lives as long as this client. Pass queries to it as
        strings.
        """
        from kg.graph.rdflib_view import as_rdflib

        return as_rdflib(self.reader)

    def entity(self, name: str) -> EntityView:
        """The card of an entity."""
        return EntityView(entity_card(self.reader, name))

    def search(self, text: str, limit: int = 20) -> SearchView:
        """Entities by name and sentences by their words."""
        return SearchView(search(self.reader, text, limit=limit))

    def neighbourhood(
        self,
        entity: str,
        depth: int = 1,
        limit: int = 200,
        predicates: Sequence[str] = (),
        types: Sequence[str] = (),
        modalities: Sequence[str] = (),
        *,
        min_confidence: float = 0.0,
        measures: Sequence[str] = (),
    ) -> NeighbourhoodView:
        """What surrounds an entity within `depth` hops, at most `limit` nodes, with `measures` of the nodes."""
        return NeighbourhoodView(
            measure(
                neighbourhood(
                    self.reader,
                    entity,
                    depth,
                    limit,
                    predicates,
                    types,
                    modalities,
                    min_confidence=min_confidence,
                ),
                measures,
            )
        )

    def to_networkx(
        self,
        entity: str,
        depth: int = 1,
        limit: int = 200,
        predicates: Sequence[str] = (),
        types: Sequence[str] = (),
        modalities: Sequence[str] = (),
    ) -> networkx.MultiDiGraph[str]:
        """The neighbourhood of an entity as a ``networkx.MultiDiGraph``; edges carry their claims."""
        return to_networkx(neighbourhood(self.reader, entity, depth, limit, predicates, types, modalities))

    def path(self, source: str, target: str, max_hops: int = 6, k: int = 1) -> Chain:
        """The shortest chain of edges between two entities; in `others` the next ones, `k` in all."""
        return find_path(self.reader, source, target, max_hops=max_hops, k=k)

    def why(self, subject: str, predicate: str, object: str) -> ClaimsView:
        """The claims, with their sentences, that say so; `object` is an entity or a literal."""
        reader = self.reader
        return ClaimsView(
            claims.why(
                reader,
                resolve_entity(reader, subject),
                claims.relation_iri(reader, predicate),
                claims.read_object(reader, object),
            )
        )

    def why_same(self, one: str, other: str) -> Sameness:
        """Whether two names stand for one thing, and the decisions that say so."""
        return why_same(self.reader, one, other)

    def evidence(
        self, entity: str | None = None, *, claim: str | None = None, limit: int | None = None
    ) -> ClaimsView:
        """The claims about an entity, or the one with the given IRI or CURIE; best confidence first."""
        if (entity is None) == (claim is None):
            raise QueryError("want an entity or a claim")
        if claim is not None:
            return ClaimsView([claims.get_claim(self.reader, claim)])
        iri = resolve_entity(self.reader, entity or "")
        return ClaimsView(claims.claims_about(self.reader, iri, limit=limit)[0])

    def contradictions(
        self, entity: str | None = None, limit: int = 50, *, kind: str | None = None
    ) -> Contradictions:
        """Pairs of claims that cannot both be right, and what later documents say; `kind` as in `Contradiction`."""
        return contradictions(self.reader, entity, kind=kind, limit=limit)

    def offices(
        self,
        office: str | None = None,
        *,
        body: str | None = None,
        person: str | None = None,
        on: str | date | None = None,
        limit: int = 50,
    ) -> OfficesView:
        """Who held an office, the offices of a body, or those of a person, when; and who on the day `on`."""
        day = read_day(on, "on") if isinstance(on, str) else on
        return OfficesView(offices(self.reader, office, body=body, person=person, on=day, limit=limit))

    def diff(
        self,
        since: str | date,
        until: str | date | None = None,
        *,
        entity: str | None = None,
        limit: int = 200,
    ) -> Diff:
        """What documents published after `since` and by `until` changed; without `until`, all that are known."""
        first, last = (read_day(day, "day") if isinstance(day, str) else day for day in (since, until))
        if first is None:
            raise QueryError("want a day to compare with")
        return diff(self.reader, self._compared, first, last, entity=entity, limit=limit)

    def document(self, name: str) -> DocumentView:
        """A document by key, IRI, CURIE or identifier, with text and mentions."""
        return DocumentView(read_document_page(self.reader, name))

    @property
    def documents(self) -> tuple[DocumentSummary, ...]:
        """All documents by identifier, without their texts."""
        return list_documents(self.reader, limit=len(self.reader.documents())).items

    def _declarations(self) -> Declarations:
        if self._declared is None:
            self._declared = shipped()
        return self._declared


def _frame(answer: Answer) -> pandas.DataFrame:
    try:
        import pandas
    except ImportError:
        raise MissingExtra("a DataFrame needs pandas: pip install pandas (or use Graph.rows)") from None
    names = columns(answer)
    return pandas.DataFrame(rows(answer), columns=names)


__all__ = ["Graph", "open_store"]
