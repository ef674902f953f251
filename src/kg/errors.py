"""The errors this package raises, as one tree.

::

    KgError
    ├── CatalogError        something declared (ontology, gazetteer, lexicon, pattern, query) is wrong
    ├── DocumentError       one document cannot be read; the others still are
    │   ├── DocumentTooLarge
    │   └── NoAnswer         an extractor has no answer for it
    ├── ExtractorError      an optional extractor cannot be opened, or its service does not work
    ├── IdentifierClash     two different texts under one identifier
    ├── StoreError          a store cannot be opened, read or written
    │   ├── StoreMissing
    │   ├── StoreBusy
    │   └── StoreDamaged
    ├── QueryError          a query or a request is wrong
    │   ├── QuerySyntaxError
    │   ├── UnknownEntity
    │   ├── AmbiguousName
    │   ├── UnknownQuery
    │   ├── AnswerTooLarge
    │   ├── MemoryExceeded   it needs more memory than one query may have
    │   ├── QueryTimeout     it takes longer than it may
    │   ├── Unsupported      SPARQL that is right, and that is not carried out here
    │   ├── UnfitFormat      its answer is of a kind that the format cannot hold
    │   ├── NoSuchGraph
    │   └── Refusal          it asks for something that is switched off
    ├── Overloaded          as many queries wait as may
    ├── WorkerLost          the process that ran a query has ended
    ├── SettingsError       a setting is unknown or has a value that it cannot have
    ├── ServerError         a server of ours cannot be reached, refuses, or is none
    ├── EvaluationError     gold annotations or a dump cannot be scored
    └── MissingExtra        an optional package is not installed

A message names the file, key or offset, says what was found, and what is allowed.
"""

from __future__ import annotations

from collections.abc import Sequence


class KgError(Exception):
    """Anything that this package refuses or cannot do, in words for the person who asked.

    IPython and Jupyter show it in one line: what went wrong is in the message, not in our stack.
    """

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


class CatalogError(KgError):
    """Something declared is wrong: names the file and the key, and what is allowed there."""


class DocumentError(KgError):
    """One document cannot be read: names the file and the reason."""


class DocumentTooLarge(DocumentError):
    """A document is longer than the limit set for one document."""


class NoAnswer(DocumentError):
    """An optional extractor has no answer for a document: a later build asks again."""


class ExtractorError(KgError):
    """An optional extractor is named wrongly, cannot be opened, or its service does not work for any document."""


class IdentifierClash(KgError):
    """Two different texts carry one identifier in one build."""


class StoreError(KgError):
    """A store cannot be opened, read or written."""


class StoreMissing(StoreError):
    """There is no store at the given folder."""


class StoreBusy(StoreError):
    """Another process is writing to the store."""


class StoreDamaged(StoreError):
    """A store's files contradict each other."""


class QueryError(KgError):
    """A query or request is wrong."""


class QuerySyntaxError(QueryError):
    """SPARQL text that does not parse; `line` and `column` are 1-based, or None where unknown."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


class UnknownEntity(QueryError):
    """No entity has the given IRI, CURIE, name or alias; `near` are (IRI, label) pairs with like names, best first."""

    def __init__(self, message: str, near: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(message)
        self.near = tuple(near)


class AmbiguousName(QueryError):
    """A name fits several entities; `candidates` are (IRI, label) pairs, best first."""

    def __init__(self, name: str, candidates: Sequence[tuple[str, str]]) -> None:
        listed = "; ".join(f"{label} <{iri}>" for iri, label in candidates)
        super().__init__(f"{name!r} fits {len(candidates)} entities: {listed}. Give one of these IRIs.")
        self.name = name
        self.candidates = tuple(candidates)

    def _render_traceback_(self) -> list[str]:
        width = max((len(label) for _, label in self.candidates), default=0)
        rows = [f"  {label.ljust(width)}  {iri}" for iri, label in self.candidates]
        return [
            f"AmbiguousName: {self.name!r} fits {len(self.candidates)} entities; give one of these IRIs:",
            *rows,
        ]


class UnknownQuery(QueryError):
    """No saved query has the given name."""


class AnswerTooLarge(QueryError):
    """The answer of a query is longer than the limit set for one answer."""


class SettingsError(KgError):
    """A setting is unknown or has a value that it cannot have: names file or variable, key, and what is wanted."""


class ServerError(KgError):
    """A server cannot be reached, refuses, or does not answer as one of ours: names its address."""


class NoSuchGraph(QueryError):
    """The store has no named graph of that IRI."""


class Refusal(QueryError):
    """A request asks for something that is switched off here, such as reaching another host."""


class MemoryExceeded(QueryError):
    """A query needs more memory than one query may have."""


class QueryTimeout(QueryError):
    """A query takes longer than it may."""


class Unsupported(QueryError):
    """A query is right, and asks for what is not carried out here: an extension function that nobody has."""


class UnfitFormat(QueryError):
    """The answer of a query is a table and was wanted as a graph, or the other way about; `graph`: which it is."""

    def __init__(self, graph: bool) -> None:
        kind, other = ("a graph", "tables") if graph else ("a table", "graphs")
        super().__init__(f"the answer is {kind}, and what was asked for can only hold {other}")
        self.graph = graph


class Overloaded(KgError):
    """As many queries wait as may; `seconds` are worth waiting before the next try."""

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


class WorkerLost(KgError):
    """The process that ran a query ended without an answer."""


class EvaluationError(KgError):
    """Gold annotations or a dump cannot be scored: names the file and what is wrong in it."""


class MissingExtra(KgError):
    """An optional package is needed; the message says what to install."""
