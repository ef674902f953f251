"""A graph as a Python object, wherever it is: a store in this process, a dump, a server."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, overload

import pyoxigraph as ox

from kg.errors import KgError, MissingExtra, QueryError
from kg.graph.serialization import find_format
from kg.graph.store import What
from kg.notebook import answers
from kg.notebook.backend import Backend, Filter, Solutions, Which
from kg.notebook.claims import Claims
from kg.notebook.entities import Entities, Entity, Values
from kg.notebook.markup import MUTED, html, table_html
from kg.notebook.questions import Questions, bind
from kg.notebook.surroundings import Chain, Neighbourhood
from kg.notebook.terms import find_labels, read_cells
from kg.notebook.timeline import Timeline, read_timeline
from kg.notebook.values import Cell, Iri, Named, name_of
from kg.query.as_of import read_day
from kg.query.declared import shipped_ontology
from kg.terms import KG, KIND_SEGMENTS, prefixes

if TYPE_CHECKING:
    import networkx
    import polars
    import rdflib
    from matplotlib.axes import Axes

    from kg.evaluation import Report
    from kg.notebook.frames import Frame
    from kg.notebook.network import Communities, Ranking
    from kg.notebook.widget import GraphWidget
    from kg.pipeline import BuildReport

#: Names offered when a key is completed.
_COMPLETED = 3000
_COUNTS = "SELECT ?kind (COUNT(DISTINCT ?e) AS ?n) { VALUES ?kind { #KINDS } ?e a ?kind } GROUP BY ?kind"
_NAMES = """SELECT ?name (COUNT(?mention) AS ?n) {
  { ?e skos:prefLabel ?name } UNION { ?e skos:altLabel ?name }
  VALUES ?kind { #KINDS } ?e a ?kind OPTIONAL { ?mention kg:refersTo ?e }
} GROUP BY ?name ORDER BY DESC(?n) ?name LIMIT #MOST"""

_opened: list[Graph] = []


class Graph:
    """Questions to a graph; what is read does not change while it is open. A context manager.

    Entities are given everywhere as a name, an alias, a CURIE, an IRI, or what an earlier answer gave. A name that
    fits several is an error that shows them, never a guess. `kg.open`, `kg.connect` and `kg.build` make one.

    >>> g
    <kg.Graph small, 7 documents>
    """

    def __init__(
        self, backend: Backend, *, report: BuildReport | None = None, parent: Graph | None = None
    ) -> None:
        self.backend = backend
        #: What a build did; None if nothing was built.
        self.report = report
        #: The saved questions, as functions: ``graph.queries.office_holders(body="Japan")``. An attribute, and no
        #: property, so that IPython completes what is in it.
        self.queries = Questions(self)
        self._parent = parent
        self._day: date | None = None
        self._days: dict[date, Graph] = {}
        if parent is None:
            _opened.append(self)

    def __enter__(self) -> Graph:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of files and connections; closing twice is once.

        >>> g.close()                                                       # doctest: +SKIP
        """
        for past in self._days.values():
            past.close()
        self._days.clear()
        if self in _opened:
            _opened.remove(self)
        self.backend.close()

    def __getitem__(self, name: Named) -> Entity:
        """The entity of that name or alias.

        Raises `AmbiguousName` with the candidates, `UnknownEntity` with near names.

        >>> g["Lindqvist"].label
        'Marta Lindqvist'
        >>> g["Brandt"]
        Traceback (most recent call last):
            ...
        kg.errors.AmbiguousName: 'Brandt' fits 2 entities: ...
        """
        card = self.backend.card(name_of(name))
        return Entity(self, card.iri, card.label, card)

    def __contains__(self, name: object) -> bool:
        """Whether exactly one entity has that name."""
        try:
            return isinstance(name, str) and bool(self.backend.card(name).iri)
        except QueryError:
            return False

    def entities(self, text: str | None = None, type: str | Sequence[str] = (), limit: int = 200) -> Entities:
        """Entities whose names begin with the words of `text`, or the most mentioned ones; of a class, or several.

        >>> [e.label for e in g.entities("hal")]
        ['Hallen Air Base']
        >>> [e.label for e in g.entities(type="Facility")]
        ['Hallen Air Base']
        """
        types = [type] if isinstance(type, str) else list(type)
        found = self.backend.entities(text, types, limit)
        told = (
            (Entity(self, h.iri, h.label), (h.subkind or h.kind, h.matched, h.mentions, h.curie))
            for h in found.items
        )
        return Entities(told, found.total)

    def search(self, text: str, limit: int = 20) -> answers.Found:
        """Entities by name and sentences by their words.

        >>> g.search("hallen").entities[0].curie
        'fac:hallen-air-base'
        """
        found = self.backend.search(text, limit)
        hits = (
            (Entity(self, h.iri, h.label), (h.subkind or h.kind, h.matched, h.mentions, h.curie))
            for h in found.entities
        )
        return answers.Found(found, Entities(hits))

    def evidence(
        self,
        entity: Named | None = None,
        *,
        claim: Named | None = None,
        subject: Named | None = None,
        relation: str | None = None,
        object: Named | None = None,
        limit: int | None = None,
    ) -> Claims:
        """The claims about an entity, one claim, or those of a statement of which parts may be left open.

        Best confidence first.

        >>> len(g.evidence("Hallen Air Base"))
        2
        >>> g.evidence(relation="holdsOffice")[0].object.label
        'Minister of Defense, Norland'
        """
        which = Which(
            *(None if x is None else name_of(x) for x in (entity, claim, subject, relation, object))
        )
        statement = any(x is not None for x in (subject, relation, object))
        if sum((entity is not None, claim is not None, statement)) != 1:
            raise QueryError("want one of: an entity; claim=…; any of subject=…, relation=…, object=…")
        found, total = self.backend.claims(which, limit)
        return Claims(found, self.backend, total)

    def why(self, subject: Named, relation: str, object: Named) -> Claims:
        """The claims, with their sentences, that say so; `object` is an entity or a literal.

        >>> g.why("Marta Lindqvist", "holdsOffice", "Minister of Defense, Norland")[0].source
        'a/plan.txt'
        """
        return self.evidence(subject=subject, relation=relation, object=object)

    def why_same(self, one: Named, other: Named) -> answers.Sameness:
        """Whether two names stand for one thing, and the decisions that say so.

        >>> g.why_same("Marta Lindqvist", "Ida Brandt").verdict
        'different'
        """
        return answers.Sameness(self.backend.why_same(name_of(one), name_of(other)))

    def neighbourhood(
        self,
        entity: Named,
        depth: int = 1,
        limit: int = 200,
        *,
        relations: Sequence[str] = (),
        types: Sequence[str] = (),
        modalities: Sequence[str] = (),
        min_confidence: float = 0.0,
        measures: Sequence[str] = (),
    ) -> Neighbourhood:
        """What surrounds an entity within `depth` hops, at most `limit` nodes.

        If given, only by these relations, to things of these classes, by claims of these modalities and at least that
        sure. `measures` (degree, betweenness, pagerank, community) are told of each node.

        >>> g.neighbourhood("Marta Lindqvist", types=["Office"]).nodes[1].label
        'Minister of Defense, Norland'
        """
        only = Filter(relations, types, modalities, min_confidence)
        found = self.backend.neighbourhood(name_of(entity), depth, limit, only, measures)
        return Neighbourhood(found, self)

    def paths(
        self,
        source: Named,
        target: Named,
        max_hops: int = 6,
        k: int = 1,
        *,
        relations: Sequence[str] = (),
        types: Sequence[str] = (),
        modalities: Sequence[str] = (),
        min_confidence: float = 0.0,
    ) -> Chain:
        """A shortest chain of edges between two entities, in either direction; in `others` the next ones, `k` in all.

        >>> g.paths("Marta Lindqvist", "Norland").hops
        2
        """
        only = Filter(relations, types, modalities, min_confidence)
        return Chain(self.backend.path(name_of(source), name_of(target), max_hops, k, only), self)

    def timeline(self, entity: Named) -> Timeline:
        """What happened around an entity, by date.

        >>> g.timeline("Marta Lindqvist").label
        'Marta Lindqvist'
        """
        found = entity if isinstance(entity, Entity) else self[entity]
        return read_timeline(self.backend, found.iri, found.label)

    def contradictions(
        self, entity: Named | None = None, limit: int = 50, *, kind: str | None = None
    ) -> answers.Contradictions:
        """Pairs of claims that cannot both be right, and what later documents say; `kind` as in `kg contradictions`.

        >>> [pair.kind for pair in g.contradictions("Hallen Air Base")]
        ['denied']
        """
        about = None if entity is None else name_of(entity)
        return answers.Contradictions(self.backend.contradictions(about, kind, limit), self.backend)

    def offices(
        self,
        office: Named | None = None,
        *,
        body: Named | None = None,
        person: Named | None = None,
        on: str | date | None = None,
        limit: int = 50,
    ) -> answers.Tenures:
        """Who held an office, the offices of a body, or those of a person, when; and who on the day `on`.

        >>> g.offices(body="Norland", on="2024-03-05")[0].person.label
        'Marta Lindqvist'
        """
        given = [None if x is None else name_of(x) for x in (office, body, person)]
        found = self.backend.offices(given[0], given[1], given[2], _day(on, "on"), limit)
        return answers.Tenures(found, self.backend)

    def diff(
        self,
        since: str | date,
        until: str | date | None = None,
        *,
        entity: Named | None = None,
        limit: int = 200,
    ) -> answers.Changes:
        """What documents published after `since` and by `until` changed; without `until`, all that are known.

        >>> g.diff("2024-03-01", "2024-03-06").totals["documents"]
        1
        """
        first, last = _day(since, "since"), _day(until, "until")
        assert first is not None
        if self._parent is not None and self._day is not None:
            last = last or self._day
            if last > self._day:
                raise QueryError(
                    f"until={last}: this is what was published by {self._day}; ask the whole graph"
                )
            return self._parent.diff(first, last, entity=entity, limit=limit)
        about = None if entity is None else name_of(entity)
        return answers.Changes(self.backend.diff(first, last, about, limit), self.backend)

    def documents(self, only: Collection[str] | None = None, limit: int = 1000) -> answers.Documents:
        """The documents by identifier, without their texts; `only` those with the given IRIs.

        >>> len(g.documents())
        7
        """
        most = limit if only is None else self.backend.documents(1).total
        found = self.backend.documents(most)
        if only is None:
            return answers.Documents(found.items, self.backend, found.total)
        chosen = [d for d in found.items if d.iri in only]
        return answers.Documents(
            sorted(chosen, key=lambda d: (d.as_of or "9999", d.identifiers)), self.backend
        )

    def document(self, name: Named) -> answers.Document:
        """A document by key, IRI, CURIE or identifier, with text and mentions.

        >>> g.document("rival.txt").mentions[0].text
        'Lindqvist'
        """
        return answers.Document(self.backend.document(name_of(name)))

    def as_of(self, day: str | date) -> Graph:
        """The graph as it stood on a day, with every method: what was published by then. Lives as long as this one.

        `day` is a date or its text (YYYY-MM-DD; of a month or year the last day counts).

        >>> then = g.as_of("2024-03-06")
        >>> then["Hallen Air Base"].card.claim_count, g["Hallen Air Base"].card.claim_count
        (1, 2)
        """
        wanted = _day(day, "as_of")
        assert wanted is not None
        if self._parent is not None and self._day is not None:
            if wanted > self._day:
                raise QueryError(
                    f"as_of={wanted}: this is what was published by {self._day}; ask the whole graph"
                )
            return self._parent.as_of(wanted)
        if wanted not in self._days:
            past = Graph(self.backend.on(wanted), parent=self)
            past._day = wanted
            self._days[wanted] = past
        return self._days[wanted]

    @overload
    def sparql(
        self,
        query: str,
        *,
        timeout: float | None = None,
        polars: Literal[False] = False,
        **bindings: Cell | Named,
    ) -> Frame: ...
    @overload
    def sparql(
        self, query: str, *, timeout: float | None = None, polars: Literal[True], **bindings: Cell | Named
    ) -> polars.DataFrame: ...
    def sparql(
        self, query: str, *, timeout: float | None = None, polars: bool = False, **bindings: Cell | Named
    ) -> Frame | polars.DataFrame:
        """The answer of a SPARQL query as a pandas (or polars) DataFrame with typed columns.

        IRIs are shown by what they are called. `bindings` bind variables to values, not by pasting text: an `Iri`, a
        date, a number, text, or an entity. The prefixes of this package need no declaration. Raises `MissingExtra`
        without pandas (`rows` needs none), `QuerySyntaxError`, `QueryTimeout` after `timeout` seconds.

        >>> frame = g.sparql("SELECT ?person ?office { ?person kg:holdsOffice ?office }")
        >>> frame["person"][0].label
        'Marta Lindqvist'
        >>> g.sparql("SELECT ?office { ?p kg:holdsOffice ?office }", p=g["Lindqvist"])["office"][0].label
        'Minister of Defense, Norland'
        """
        columns, cells = self._answer(self.backend.solve(bind(query, bindings), timeout))
        return make(columns, cells, polars)

    def rows(self, query: str, **bindings: Cell | Named) -> list[dict[str, Cell]]:
        """The answer of a SPARQL query as a list of dicts of Python values; needs no pandas.

        >>> g.rows("SELECT ?office { ?p kg:holdsOffice ?office }")[0]["office"].label
        'Minister of Defense, Norland'
        """
        columns, cells = self._answer(self.backend.solve(bind(query, bindings)))
        return [dict(zip(columns, row, strict=True)) for row in cells]

    def graph(self) -> rdflib.Graph:
        """An rdflib graph of all of it, read-only; of a server's graph a copy in memory. Pass queries as strings.

        >>> len(list(g.graph().query("SELECT ?o { ?p kg:holdsOffice ?o }")))
        1
        """
        from kg.graph.rdflib_view import wrap

        return wrap(self.backend.triples(), self.backend.base)

    def to_networkx(
        self,
        entity: Named | None = None,
        depth: int = 1,
        limit: int = 200,
        *,
        relations: Sequence[str] = (),
        types: Sequence[str] = (),
        modalities: Sequence[str] = (),
    ) -> networkx.MultiDiGraph[str]:
        """A ``networkx.MultiDiGraph`` of what surrounds an entity, or of all flat facts if none is given.

        Nodes are IRIs with label, kind and subkind; edges have predicate and modality, around an entity their claims.

        >>> whole = g.to_networkx()
        >>> whole.nodes["https://kg.example/id/person/lindqvist-marta"]["label"]
        'Marta Lindqvist'
        """
        if entity is None:
            from kg.notebook.network import read_network

            return read_network(self, relations, types)
        return self.neighbourhood(
            entity, depth, limit, relations=relations, types=types, modalities=modalities
        ).to_networkx()

    def centrality(
        self,
        measure: str = "betweenness",
        *,
        entity: Named | None = None,
        depth: int = 2,
        type: str | None = None,
    ) -> Ranking:
        """Entities by how central they are: by betweenness, degree, pagerank, closeness or eigenvector.

        Of the whole graph, or of what is within `depth` of an entity; only those of a class if one is given.

        >>> g.centrality("degree")[0].label
        'Wide Union'
        """
        from kg.notebook.network import rank

        return rank(self, measure, entity, depth, type)

    def communities(self, *, entity: Named | None = None, depth: int = 2) -> Communities:
        """Groups of entities that are joined more among themselves than with others (Louvain), largest first.

        >>> "Wide Union" in g.communities()[0].labels
        True
        """
        from kg.notebook.network import group

        return group(self, entity, depth)

    def widget(self, entity: Named, depth: int = 1, limit: int = 200) -> GraphWidget:
        """An interactive graph around an entity; see `kg.notebook.widget.GraphWidget`.

        >>> g.widget("Marta Lindqvist").data["centre"]
        'https://kg.example/id/person/lindqvist-marta'
        """
        return self.neighbourhood(entity, depth, limit).widget()

    def plot_timeline(self, entity: Named) -> Axes:
        """What happened around an entity, as a picture.

        >>> g.plot_timeline("Marta Lindqvist").get_title()
        'Marta Lindqvist'
        """
        return self.timeline(entity).plot()

    def plot_map(self, entity: Named | None = None, depth: int = 1) -> Axes:
        """The places of the graph, or of what surrounds an entity, on a map of the world's outlines.

        >>> g.plot_map().get_title()
        'Places'
        """
        from kg.notebook.places import plot_places

        return plot_places(self, None if entity is None else self[entity], depth)

    def evaluate(self, gold: Path | str, texts: Path | str | None = None, *, errors: int = 0) -> Report:
        """How well the graph says what documents annotated by hand say (docs/annotation-guide.md).

        `gold` is a folder of annotations, `texts` one of the documents. Raises `EvaluationError` if one cannot be read.

        >>> report = graph_of_texts.evaluate(annotations, texts)
        >>> report.entities.r
        1.0
        """
        from kg.evaluation import evaluate

        with tempfile.TemporaryDirectory(prefix="kg-") as folder:
            dump = self.dump(Path(folder) / "all.nt")
            return evaluate(Path(gold), dump, Path(texts) if texts is not None else None, errors=errors)

    def dump(self, path: Path | str, what: str = "all") -> Path:
        """Write the graph, or its facts, claims or mentions, to a file: ttl, nt, jsonld or rdf, with .gz if you like.

        >>> g.dump(folder / "facts.ttl", "facts").stat().st_size > 0
        True
        """
        from kg.notebook.opening import write_dump

        if what not in {w.value for w in What}:
            raise QueryError(f"what={what!r}: want one of {', '.join(What)}")
        target = Path(path)
        form = find_format(target.name)
        if form is None:
            raise QueryError(
                f"{target}: want a name that ends in .ttl, .nt, .jsonld or .rdf, with .gz if you like"
            )
        write_dump(self.backend, What(what), form, target)
        return target

    @property
    def relations(self) -> tuple[str, ...]:
        """The names of the relations of the vocabulary.

        >>> "holdsOffice" in g.relations
        True
        """
        return tuple(sorted(shipped_ontology().relations))

    @cached_property
    def classes(self) -> Mapping[str, int]:
        """How many entities of each top class there are, the most numerous first.

        >>> g.classes["Facility"]
        1
        """
        kinds = " ".join(f"kg:{kind}" for kind in KIND_SEGMENTS)
        found = self.backend.solve(_COUNTS.replace("#KINDS", kinds))
        counts = [(str(kind), n) for kind, n in read_cells(self.backend, found) if isinstance(n, int)]
        return {k.removeprefix(KG): n for k, n in sorted(counts, key=lambda pair: (-pair[1], pair[0]))}

    def values_of(self, entity: Named, relation: str, *, inward: bool = False) -> Values:
        """All that a relation leads to from an entity, or that leads to it by the relation.

        >>> g.values_of("Marta Lindqvist", "holdsOffice").labels
        ['Minister of Defense, Norland']
        """
        iri = ox.NamedNode(entity.iri if not isinstance(entity, str) else self[entity].iri)
        name = prefixes(self.backend.base)["kg"] + relation if relation.isidentifier() else relation
        ends = f"?end {ox.NamedNode(name)} {iri}" if inward else f"{iri} {ox.NamedNode(name)} ?end"
        found = self.backend.solve(f"SELECT DISTINCT ?end {{ {ends} }} ORDER BY ?end")
        cells = [row[0] for row in read_cells(self.backend, found)]
        values = [Entity(self, str(c), c.label) if isinstance(c, Iri) else str(c) for c in cells]
        return Values(values, relation, self)

    @cached_property
    def _names(self) -> list[str]:
        kinds = " ".join(f"kg:{kind}" for kind in KIND_SEGMENTS)
        query = _NAMES.replace("#KINDS", kinds).replace("#MOST", str(_COMPLETED))
        try:
            return [str(row[0]) for row in read_cells(self.backend, self.backend.solve(query))]
        except KgError:
            return []  # nothing to offer is no reason to fail while somebody types

    def _ipython_key_completions_(self) -> list[str]:
        return self._names

    def _answer(self, found: Solutions) -> tuple[tuple[str, ...], list[tuple[Cell, ...]]]:
        return found.columns, read_cells(self.backend, found)

    def _labels(self, iris: Collection[str]) -> dict[str, str]:
        return find_labels(self.backend, iris)

    def __repr__(self) -> str:
        day = f" as of {self._day}" if self._day else ""
        total = self.backend.documents(1).total
        return f"<kg.Graph {self.backend.address}{day}, {total} document{'' if total == 1 else 's'}>"

    def _repr_html_(self) -> str:
        hint = 'graph["a name"] · graph.search("words") · graph.entities(type="Person") · graph.queries'
        return html(
            "{head}{table}<p style='{m}'>{hint}</p>",
            head=html("<p><b>{who}</b></p>", who=repr(self).strip("<>")),
            table=table_html(("class", "entities"), list(self.classes.items())),
            m=MUTED,
            hint=hint,
        )


def make(
    columns: Sequence[str], cells: Sequence[Sequence[Cell]], as_polars: bool
) -> Frame | polars.DataFrame:
    """A frame of either kind. Raises `MissingExtra` without pandas."""
    try:
        import pandas  # noqa: F401 - the frames are made of it
    except ImportError:
        raise MissingExtra("a DataFrame needs pandas: pip install pandas (or use Graph.rows)") from None
    from kg.notebook.frames import make_frame, make_polars

    return make_polars(columns, cells) if as_polars else make_frame(columns, cells)


def newest() -> Graph | None:
    """The graph that was opened last and is still open."""
    return _opened[-1] if _opened else None


def _day(day: str | date | None, name: str) -> date | None:
    if isinstance(day, datetime):
        return day.date()
    return read_day(day, name) if isinstance(day, str) else day
