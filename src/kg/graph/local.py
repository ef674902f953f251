"""The store in a local folder: generations that readers open, and the writer that makes the next one."""

from __future__ import annotations

import gzip
import io
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO

import pyoxigraph as ox

from kg.catalog.ontology import Ontology
from kg.errors import QueryError, StoreDamaged, StoreError, StoreMissing
from kg.graph.assembly import Part
from kg.graph.folder import Folder
from kg.graph.index import Index
from kg.graph.network import Network, find_network
from kg.graph.records import judgements_of, read_manifest_of
from kg.graph.serialization import PARTS, shape, write_lines
from kg.graph.snapshots import hold, read_live
from kg.graph.sorting import merge_lines
from kg.graph.sparql import run
from kg.graph.store import EVERY_SENTENCE, SearchHit, SentenceFilter, SentenceHit, StoredDocument, What
from kg.graph.writing import LocalWriter
from kg.settings import Settings, load_settings
from kg.terms import prefixes as known_prefixes

#: A generation may be replaced twice between reading its name and opening it; then the next one is tried.
_ATTEMPTS = 5


def open_reader(path: Path | str) -> LocalReader:
    """A reader of the generation that is served now. Raises `StoreMissing` or another `StoreError`."""
    folder = Folder(Path(path))
    base = folder.read_base()
    for attempt in range(_ATTEMPTS):
        current = folder.read_current()
        if current is None:
            raise StoreMissing(f"{folder.path}: the store is empty: nothing was built into it yet")
        place = folder.generation(current.name)
        try:
            return LocalReader(place, current.name, base)
        except StoreDamaged:
            if attempt == _ATTEMPTS - 1 or folder.read_current() == current:
                raise
    raise AssertionError("the last attempt returns or raises")


def open_writer(
    path: Path | str, settings: Settings | None = None, ontology: Ontology | None = None
) -> LocalWriter:
    """A writer to the store at `path`, which is made if there is none; the only one until it is closed.

    `settings` and `ontology` are those of the installation if None. Raises `StoreBusy` if another process
    writes, `StoreError` if the folder is something else, cannot be written or has another base IRI than the
    settings.
    """
    if ontology is None:
        from kg.catalog import load_catalog

        ontology = load_catalog().ontology
    return LocalWriter(Path(path), settings or load_settings(), ontology)


@dataclass(frozen=True, slots=True)
class LocalStore:
    """A store by its folder: a reader or a writer whenever one is needed."""

    path: Path

    def reader(self) -> LocalReader:
        """As `open_reader`."""
        return open_reader(self.path)

    def writer(self, settings: Settings | None = None, ontology: Ontology | None = None) -> LocalWriter:
        """As `open_writer`."""
        return open_writer(self.path, settings, ontology)


class LocalReader:
    """Reads one generation of a local store; may be used by several threads.

    Its files stay readable while it is open, also after the generation was replaced and removed.
    """

    def __init__(self, place: Path, name: str, base: str) -> None:
        self._place = place
        self._name = name
        self._base = base
        self._index: Index | None = None
        self._parts: dict[Part, int] = {}
        self._held = hold(place)
        try:
            live = read_live(place)
            self._behind = live.behind if live is not None else 0
            for part in Part:
                self._parts[part] = os.open(
                    place / "parts" / f"{part.value}.nt.gz", os.O_RDONLY | os.O_CLOEXEC
                )
            self._index = Index(place / "index.sqlite")
            self._network = find_network(place)
            self._store: ox.Store | None = ox.Store.read_only(str(place / "graph"))
        except OSError as error:
            self._let_go()
            raise StoreDamaged(f"{place}: a generation that cannot be opened: {error}") from None
        except BaseException:
            self._let_go()
            raise

    def __enter__(self) -> LocalReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def generation(self) -> str:
        """The name of the generation that is read."""
        return self._name

    @property
    def base(self) -> str:
        """The base IRI of the store's instances."""
        return self._base

    @property
    def judgements(self) -> str:
        """The table of judgements on identity that the generation follows, in CSV; empty if there is none."""
        return judgements_of(read_manifest_of(self._place))

    @cached_property
    def counts(self) -> Mapping[Part, int]:
        """The triples of each part of the graph; some are in two of them."""
        parts = read_manifest_of(self._place)["parts"]
        assert isinstance(parts, dict)
        return {part: int(parts[part.value]["lines"]) for part in Part if part.value in parts}

    @property
    def behind(self) -> int:
        """How many patches the graph has that search, neighbourhoods and dumps have not yet."""
        return self._behind

    @property
    def path(self) -> Path:
        """The folder of the generation."""
        return self._place

    @property
    def graph_path(self) -> Path | None:
        """The folder of the graph, for other processes to open; None if the graph is elsewhere."""
        return self._place / "graph"

    @property
    def oxigraph(self) -> ox.Store:
        """The graph, read-only. Raises `StoreError` if the reader is closed."""
        if self._store is None:
            raise StoreError(f"{self._place}: the store is closed")
        return self._store

    @property
    def index(self) -> Index:
        """The index. Raises `StoreError` if the reader is closed."""
        if self._index is None:
            raise StoreError(f"{self._place}: the store is closed")
        return self._index

    @property
    def network(self) -> Network | None:
        """The links as arrays; None of a generation made without them, or with patches that they have not yet."""
        return None if self._behind else self._network

    def query(
        self,
        sparql: str,
        *,
        prefixes: Mapping[str, str] | None = None,
        substitutions: Mapping[str, ox.NamedNode | ox.Literal] | None = None,
        default_graph: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
    ) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        """The answer of a SPARQL 1.1 query; without `prefixes`, those of `kg.terms.prefixes` are known.

        Raises `QuerySyntaxError` with line and column, or `QueryError`.
        """
        known = known_prefixes(self._base) if prefixes is None else prefixes
        return run(self.oxigraph, sparql, known, substitutions or {}, default_graph, named_graphs)

    def quads(
        self, subject: str | None = None, predicate: str | None = None, object: str | ox.Literal | None = None
    ) -> Iterator[ox.Quad]:
        """The quads that match; a string is an IRI, or a blank node if it begins with ``_:``."""
        found = self.oxigraph.quads_for_pattern(
            check_node(subject),
            check_predicate(predicate),
            object if isinstance(object, ox.Literal) else check_node(object),
            ox.DefaultGraph(),
        )
        return iter(found)

    def document(self, iri: str) -> StoredDocument | None:
        """The document with the given IRI, or None."""
        return self.index.document(iri)

    def documents(self) -> list[StoredDocument]:
        """All documents, sorted by identifier, without their texts and mentions."""
        return self.index.documents()

    def find_by_name(self, name: str) -> list[SearchHit]:
        """Entities one of whose names equals `name` (diacritics and case folded), most mentioned first."""
        return self.index.find_by_name(name)

    def search(
        self, text: str, *, kind: str | None = None, limit: int = 20, document: str | None = None
    ) -> list[SearchHit]:
        """Entities one of whose names has words that begin with the words of `text`, best first.

        `kind` is a class, top or most specific. Of a text without words, the most mentioned entities. `document` is
        the IRI of one that has to mention them.
        """
        return self.index.search(text, kind, limit, document)

    def search_sentences(
        self, text: str, *, limit: int = 20, only: SentenceFilter = EVERY_SENTENCE
    ) -> list[SentenceHit]:
        """Sentences that hold all words of `text`, best first."""
        return self.index.search_sentences(text, limit, only)

    def suggest(self, text: str) -> str | None:
        """`text` as names of the store spell its words, where no name has words that begin so; else None."""
        return self.index.suggest(text)

    def dump(self, what: What, rdf_format: ox.RdfFormat, out: IO[bytes]) -> None:
        """Write a part of the graph to `out`; see `kg.graph.serialization` for what is in it."""
        with ExitStack() as stack:
            sources = [stack.enter_context(self._open_part(part)) for part in PARTS[what]]
            write_lines(shape(merge_lines(sources), what), rdf_format, out, self._base, what)

    def lines(self, part: Part) -> Iterator[bytes]:
        """The sorted N-Triples lines of a part."""
        with self._open_part(part) as lines:
            yield from lines

    def _open_part(self, part: Part) -> gzip.GzipFile:
        if part not in self._parts:
            raise StoreError(f"{self._place}: the store is closed")
        return gzip.GzipFile(fileobj=io.BufferedReader(_OpenFile(self._parts[part])), mode="rb")

    def close(self) -> None:
        """Let go of the files; closing twice is once."""
        self._store = None
        self._let_go()

    def _let_go(self) -> None:
        if self._index is not None:
            self._index.close()
            self._index = None
        for descriptor in self._parts.values():
            os.close(descriptor)
        self._parts.clear()
        if self._held is not None:
            os.close(self._held)
            self._held = None


class _OpenFile(io.RawIOBase):
    """Reads an open file from its start, whoever else reads it, and leaves it open."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._position = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        data = os.pread(self._descriptor, len(buffer), self._position)
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)


def check_node(value: str | None) -> ox.NamedNode | ox.BlankNode | None:
    """The node that a string stands for: an IRI, or a blank node after ``_:``. Raises `QueryError`."""
    if value is None:
        return None
    try:
        return ox.BlankNode(value[2:]) if value.startswith("_:") else ox.NamedNode(value)
    except ValueError as error:
        raise QueryError(f"not an absolute IRI: {value!r} ({error})") from None


def check_predicate(value: str | None) -> ox.NamedNode | None:
    """As `check_node`, for a predicate."""
    node = check_node(value)
    if isinstance(node, ox.BlankNode):
        raise QueryError(f"a predicate is an IRI, not a blank node: {value!r}")
    return node
