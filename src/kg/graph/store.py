"""What a store is: a read side over one immutable generation, and a write side that makes the next one.

Every store must pass the compliance suite in ``tests/graph/test_store_compliance.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, Protocol, runtime_checkable

import pyoxigraph as ox

from kg.model import EntityMention, Extraction, Span

#: Decides who is who: all extractions → provisional IRI → canonical IRI (only where they differ).
Identity = Callable[[Sequence[Extraction]], Mapping[str, str]]
#: Called with (step, done, total) while a generation is made.
Progress = Callable[[str, int, int], None]


class What(StrEnum):
    """Which part of the graph a dump holds."""

    ALL = "all"
    FACTS = "facts"
    CLAIMS = "claims"
    MENTIONS = "mentions"
    RDF12 = "rdf12"
    PROV = "prov"


@dataclass(frozen=True, slots=True)
class SearchHit:
    """An entity found by name: `matched` is the name that fitted, `score` grows with the fit (no unit)."""

    iri: str
    label: str
    kind: str
    subkind: str | None
    matched: str
    score: float
    mentions: int
    about: str | None = None


@dataclass(frozen=True, slots=True)
class SentenceHit:
    """A sentence found by its words."""

    document_iri: str
    span: Span
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class SentenceFilter:
    """Which sentences count; None: any. All that is given has to hold.

    `kind` is a class of a thing that the sentence speaks of, `document` an IRI, `since` and `until` are days
    (xsd:date) of its document, both included, `modality` is how a claim is put that the sentence bears out.
    """

    kind: str | None = None
    document: str | None = None
    since: str | None = None
    until: str | None = None
    modality: str | None = None


EVERY_SENTENCE = SentenceFilter()


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document as the store keeps it; `mentions` are sorted by span."""

    iri: str
    identifiers: tuple[str, ...]
    text: str
    sha256: str
    title: str | None
    issued: str | None
    as_of: str | None
    as_of_basis: str
    source: str | None
    media_type: str
    boilerplate: tuple[Span, ...]
    mentions: tuple[EntityMention, ...]


@runtime_checkable
class StoreReader(Protocol):
    """Reads one generation; nothing it returns changes while it is open."""

    @property
    def generation(self) -> str:
        """The name of the generation that is read; changes if and only if the content does."""

    @property
    def base(self) -> str:
        """The base IRI of the store's instances."""

    def query(
        self,
        sparql: str,
        *,
        prefixes: Mapping[str, str] | None = None,
        substitutions: Mapping[str, ox.NamedNode | ox.Literal] | None = None,
        default_graph: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
    ) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        """The answer of the SPARQL 1.1 query `sparql`.

        `substitutions` bind variables (named without ``?``) to terms before evaluation. SERVICE is refused.
        Raises `QuerySyntaxError` with line and column, or `QueryError`.
        """

    def quads(
        self, subject: str | None = None, predicate: str | None = None, object: str | ox.Literal | None = None
    ) -> Iterator[ox.Quad]:
        """The quads of the default graph that match; None matches any term, a string is an IRI."""

    def document(self, iri: str) -> StoredDocument | None:
        """The document with the given IRI, or None."""

    def documents(self) -> list[StoredDocument]:
        """All documents, sorted by identifier, without their texts and mentions (empty)."""

    def find_by_name(self, name: str) -> list[SearchHit]:
        """Entities one of whose names equals `name` (diacritics and case folded), most mentioned first."""

    def search(
        self, text: str, *, kind: str | None = None, limit: int = 20, document: str | None = None
    ) -> list[SearchHit]:
        """Entities one of whose names has words that begin with the words of `text`, best first.

        `document` is the IRI of one that has to mention them.
        """

    def search_sentences(
        self, text: str, *, limit: int = 20, only: SentenceFilter = EVERY_SENTENCE
    ) -> list[SentenceHit]:
        """Sentences that hold all words of `text`, best first."""

    def suggest(self, text: str) -> str | None:
        """`text` as names of the store spell its words, where no name has words that begin so; else None."""

    def dump(self, what: What, rdf_format: ox.RdfFormat, out: IO[bytes]) -> None:
        """Write the sorted, deterministic serialisation of a part of the graph to `out`."""

    def close(self) -> None:
        """Let go of the files."""


@runtime_checkable
class StoreWriter(Protocol):
    """Collects extractions and makes the next generation of them; one writer at a time."""

    def known(self) -> Mapping[str, str]:
        """Identifier → key (`Document.key`) of all documents that are in."""

    def has(self, record: str) -> bool:
        """Whether an extraction is kept under the name `record` (see `put`)."""

    def put(self, record: str, extraction: Extraction) -> None:
        """Keep an extraction under a name made of all that it is a function of.

        It replaces what its identifiers named.
        Raises `IdentifierClash` if another text was put under one of its identifiers since the last commit.
        """

    def reuse(self, record: str) -> Extraction:
        """The kept extraction, marked as part of the next generation."""

    def origins(self) -> Mapping[str, Path]:
        """Identifier → the file that its text was read from, where `remember` said so."""

    def remember(self, identifier: str, origin: Path) -> None:
        """Keep, with the next generation, which file the text of `identifier` was read from.

        No part of the graph, and of no generation: two stores that differ in it alone give the same answers.
        """

    def remove(self, identifier_or_iri: str) -> str:
        """Take a document and exactly its claims out of the next generation; its IRI.

        A document of several identifiers goes under all of them. Raises `StoreError` if unknown.
        """

    def commit(self, identity: Identity, progress: Progress | None = None) -> str:
        """Make the next generation of all that is in, switch to it atomically; its name.

        A crash before the switch leaves the old generation serving.
        """

    def close(self) -> None:
        """Let go of the lock; what was put and not committed is dropped whole."""
