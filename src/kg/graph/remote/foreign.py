"""Reads an endpoint that kg did not build into: everything by protocol, names by SPARQL, no texts."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

import pyoxigraph as ox

from kg.errors import QueryError, StoreMissing
from kg.graph import rdf
from kg.graph.local import check_node, check_predicate
from kg.graph.remote.endpoint import Endpoint
from kg.graph.remote.queries import ask
from kg.graph.serialization import write_lines
from kg.graph.sorting import LineSorter
from kg.graph.store import EVERY_SENTENCE, SearchHit, SentenceFilter, SentenceHit, StoredDocument, What
from kg.graph.words import words
from kg.settings import Settings, load_settings
from kg.terms import DCT, KG, KIND_SEGMENTS, RDF, RDFS, SKOS, fold

_NAMES = " ".join(
    f"<{iri}>" for iri in (SKOS + "prefLabel", RDFS + "label", SKOS + "altLabel", KG + "formerName")
)
#: Names that are looked at to rank what is found.
_MOST_NAMES = 2000


def open_foreign_reader(url: str, settings: Settings | None = None) -> ForeignReader:
    """A reader of whatever the endpoint at `url` holds. Raises `StoreMissing` if that is nothing."""
    settings = settings or load_settings()
    endpoint = Endpoint(url, settings)
    try:
        if not bool(endpoint.query("ASK { ?s ?p ?o }", ask=True)):
            raise StoreMissing(
                f"{endpoint.url}: the endpoint is empty; `kg build` fills it (KG_BASE_IRI says under which base)"
            )
        return ForeignReader(endpoint, settings.base_iri)
    except BaseException:
        endpoint.close()
        raise


class ForeignReader:
    """Reads the default dataset of an endpoint; see `StoreReader` for what its methods promise.

    Names are found as the endpoint compares them: without regard to case, but to diacritics. It has no sentences, and
    its documents have no texts. Its `generation` is made of the number of its triples when it was opened.
    """

    def __init__(self, endpoint: Endpoint, base: str) -> None:
        self.endpoint = endpoint
        self._base = base
        (count,) = self._rows("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
        digest = hashlib.sha256(f"{endpoint.url} {count[0]}".encode()).hexdigest()
        self._generation = f"endpoint-{digest[:16]}"

    def __enter__(self) -> ForeignReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def generation(self) -> str:
        """A name that changes when the number of triples does."""
        return self._generation

    @property
    def base(self) -> str:
        """The base IRI of the settings."""
        return self._base

    def query(
        self,
        sparql: str,
        *,
        prefixes: Mapping[str, str] | None = None,
        substitutions: Mapping[str, ox.NamedNode | ox.Literal] | None = None,
        default_graph: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
    ) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        """The endpoint's answer. Raises `QuerySyntaxError`, `QueryError`, or `StoreError` without one."""
        dataset = tuple(default_graph), tuple(named_graphs)
        return ask(self.endpoint, sparql, self._base, prefixes, substitutions, dataset, None)

    def quads(
        self, subject: str | None = None, predicate: str | None = None, object: str | ox.Literal | None = None
    ) -> Iterator[ox.Quad]:
        """The quads that match; blank nodes cannot be asked for from outside."""
        ends = (
            check_node(subject),
            check_predicate(predicate),
            object if isinstance(object, ox.Literal) else check_node(object),
        )
        if any(isinstance(end, ox.BlankNode) for end in ends):
            raise QueryError(f"{self.endpoint.url}: a blank node cannot be asked for from outside")
        return self._quads(*ends)

    def _quads(self, *ends: object) -> Iterator[ox.Quad]:
        pattern = " ".join(f"?{n}" if end is None else str(end) for n, end in zip("spo", ends, strict=True))
        with self.endpoint.stream(f"CONSTRUCT {{ {pattern} }} WHERE {{ {pattern} }}") as found:
            yield from found

    def document(self, iri: str) -> StoredDocument | None:
        """The document with the given IRI, without text and mentions, or None."""
        return next((one for one in self._documents(f"VALUES ?d {{ {check_node(iri)} }}")), None)

    def documents(self) -> list[StoredDocument]:
        """All documents, sorted by identifier."""
        return sorted(self._documents(""), key=lambda d: (d.identifiers, d.iri))

    def _documents(self, only: str) -> Iterator[StoredDocument]:
        found: dict[str, dict[str, list[str]]] = {}
        for document, predicate, value in self._rows(
            f"SELECT ?d ?p ?o {{ {only} ?d a <{KG}Document> ; ?p ?o }} ORDER BY ?d ?p ?o"
        ):
            found.setdefault(document, {}).setdefault(predicate, []).append(value)
        for iri, said in found.items():
            one = {predicate: values[0] for predicate, values in said.items()}
            yield StoredDocument(
                iri=iri,
                identifiers=tuple(said.get(DCT + "identifier", ())),
                text="",
                sha256=one.get(KG + "sha256", ""),
                title=one.get(DCT + "title"),
                issued=one.get(KG + "issued"),
                as_of=one.get(KG + "asOf"),
                as_of_basis=one.get(KG + "asOfBasis", "unknown"),
                source=one.get(DCT + "source"),
                media_type="",
                boilerplate=(),
                mentions=(),
            )

    def find_by_name(self, name: str) -> list[SearchHit]:
        """Entities one of whose names equals `name` without regard to case, sorted by label."""
        wanted = ox.Literal(" ".join(name.split()).lower())
        return self._hits(f"LCASE(STR(?n)) = {wanted}", fold(name), None)

    def search(
        self, text: str, *, kind: str | None = None, limit: int = 20, document: str | None = None
    ) -> list[SearchHit]:
        """Entities with a name in which words begin with those of `text`, best first; `document` mentions none."""
        if document is not None:
            return []
        tests = [f"CONTAINS(LCASE(STR(?n)), {ox.Literal(word.lower())})" for word in text.split()]
        found = self._hits(" && ".join(tests) or "true", fold(text), kind)
        wanted = words(text)
        fitting = [
            hit
            for hit in found
            if all(any(one.startswith(word) for one in words(hit.matched)) for word in wanted)
        ]
        return fitting[:limit]

    def _hits(self, test: str, folded: str, kind: str | None) -> list[SearchHit]:
        asked = (
            f"SELECT DISTINCT ?e ?n {{ VALUES ?names {{ {_NAMES} }} ?e ?names ?n FILTER({test}) }} "
            f"ORDER BY ?e ?n LIMIT {_MOST_NAMES}"
        )
        matched: dict[str, list[str]] = {}
        for entity, name in self._rows(asked):
            matched.setdefault(entity, []).append(name)
        hits = []
        for entity, label, classes in self._describe(sorted(matched)):
            ours = [one.removeprefix(KG) for one in classes if one.startswith(KG)]
            if not classes or any(one in ("Document", *_MODALITIES) for one in ours):
                continue
            top = next((one for one in ours if one in KIND_SEGMENTS), None)
            special = next((one for one in ours if one not in KIND_SEGMENTS), None)
            if kind is not None and kind not in (top, special):
                continue
            best = min(matched[entity], key=lambda n: (-_fit(n, folded), len(n), n))
            hits.append(
                SearchHit(entity, label or best, top or "", special, best, float(_fit(best, folded)), 0)
            )
        return sorted(hits, key=lambda h: (-h.score, len(h.matched), h.label, h.iri))

    def _describe(self, entities: Sequence[str]) -> Iterator[tuple[str, str, list[str]]]:
        """(IRI, label, classes) of entities."""
        for start in range(0, len(entities), 100):
            block = " ".join(f"<{one}>" for one in entities[start : start + 100])
            labels: dict[str, str] = {}
            classes: dict[str, list[str]] = {}
            for entity, predicate, value in self._rows(
                f"SELECT ?e ?p ?o {{ VALUES ?e {{ {block} }} VALUES ?p {{ <{RDF}type> <{SKOS}prefLabel> "
                f"<{RDFS}label> }} ?e ?p ?o }} ORDER BY ?e DESC(?p) ?o"
            ):
                if predicate == RDF + "type":
                    classes.setdefault(entity, []).append(value)
                else:
                    labels.setdefault(entity, value)
            for entity in entities[start : start + 100]:
                yield entity, labels.get(entity, ""), classes.get(entity, [])

    def search_sentences(
        self, text: str, *, limit: int = 20, only: SentenceFilter = EVERY_SENTENCE
    ) -> list[SentenceHit]:
        """None: the endpoint has no texts."""
        return []

    def suggest(self, text: str) -> str | None:
        """None: the endpoint's words are not known."""
        return None

    def dump(self, what: What, rdf_format: ox.RdfFormat, out: IO[bytes]) -> None:
        """Write the graph, sorted, to `out`. Raises `QueryError` for a part: foreign graphs have none."""
        if what is not What.ALL:
            raise QueryError(f"{self.endpoint.url}: kg did not build this graph, it has no parts; want 'all'")
        with tempfile.TemporaryDirectory(prefix="kg-dump-") as place:
            sorter = LineSorter(Path(place), "all")
            for quad in self.quads():
                sorter.add(rdf.line(ox.Quad(quad.subject, quad.predicate, quad.object)))
            write_lines(sorter.lines(), rdf_format, out, self._base)

    def close(self) -> None:
        """Let go of the connections."""
        self.endpoint.close()

    def _rows(self, sparql: str) -> Iterator[tuple[str, ...]]:
        answer = self.endpoint.query(sparql)
        assert isinstance(answer, ox.QuerySolutions)
        for row in answer:
            yield tuple(
                term.value if isinstance(term, ox.NamedNode | ox.Literal) else str(term) for term in row
            )


_MODALITIES = ("Asserted", "Planned", "Denied", "Former")


def _fit(name: str, folded: str) -> int:
    own = fold(name)
    return 3 if own == folded else 2 if own.startswith(folded) else 1
