"""The values that flow through the package: frozen, typed, without I/O.

Positions are half-open ``[start, end)`` ranges of Unicode code points of a document's stored text, 0-based.
Classes and relations are named by their local name in the vocabulary (``"Person"``, ``"holdsOffice"``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

EDTF_DATATYPE = "http://id.loc.gov/datatypes/edtf/EDTF"
WKT_DATATYPE = "http://www.opengis.net/ont/geosparql#wktLiteral"


class Span(NamedTuple):
    """A half-open range of code points of a document's stored text."""

    start: int
    end: int

    def covers(self, other: Span) -> bool:
        """Whether `other` lies inside this span (equal spans cover each other)."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Span) -> bool:
        """Whether the two spans share at least one code point."""
        return self.start < other.end and other.start < self.end


class Modality(StrEnum):
    """How a document puts a claim; the value is the claim's class in the vocabulary."""

    ASSERTED = "Asserted"
    PLANNED = "Planned"
    DENIED = "Denied"
    FORMER = "Former"


class Status(StrEnum):
    """Where an event stands; the value is the local name of a concept in the vocabulary."""

    HELD = "held"
    ONGOING = "ongoing"
    PLANNED = "planned"
    PROPOSED = "proposed"
    CANCELLED = "cancelled"
    DENIED = "denied"

    @property
    def modality(self) -> Modality:
        """How an event of this status is put: what is to come is planned, whatever its plan's weight."""
        if self in (Status.PLANNED, Status.PROPOSED):
            return Modality.PLANNED
        return Modality.DENIED if self is Status.DENIED else Modality.ASSERTED


class DateBasis(StrEnum):
    """Where a document's as-of day comes from."""

    STATED = "stated"
    INFERRED = "inferred"
    UNKNOWN = "unknown"


class Form(StrEnum):
    """How a mention speaks of its referent."""

    NAME = "name"
    DESCRIPTION = "description"
    ADJECTIVE = "adjective"
    GROUP = "group"
    PRONOUN = "pronoun"


@dataclass(frozen=True, slots=True)
class Literal:
    """An RDF literal: its lexical form and datatype IRI (EDTF unless said otherwise)."""

    value: str
    datatype: str = EDTF_DATATYPE


@dataclass(frozen=True)
class Document:
    """A source text with its metadata.

    `text` is the exact text that offsets count in. `identifiers` are `dct:identifier` values (base names of
    files, ids of JSONL records), sorted. `issued` is an EDTF date as the document, its metadata or the user
    states it. `boilerplate` are sorted, disjoint spans of `text` that are not part of the article (menus,
    link lists, footers) and are kept out of extraction.
    """

    identifiers: tuple[str, ...]
    text: str
    issued: str | None = None
    title: str | None = None
    source: str | None = None
    media_type: str = "text/plain"
    boilerplate: tuple[Span, ...] = ()

    @cached_property
    def sha256(self) -> str:
        """Hexadecimal SHA-256 of the UTF-8 bytes of `text`."""
        return hashlib.sha256(self.text.encode("utf-8")).hexdigest()

    @property
    def key(self) -> str:
        """The first 16 hexadecimal digits of `sha256`: the last step of the document's IRI."""
        return self.sha256[:16]

    def in_boilerplate(self, span: Span) -> bool:
        """Whether `span` touches text that is not part of the article."""
        return any(b.overlaps(span) for b in self.boilerplate)


@dataclass(frozen=True)
class Mention:
    """A span that names or describes something, as the mentions stage hands it on.

    `span` counts in the document's stored text, `tokens` is the half-open range of token indexes in the
    reading's spaCy `Doc`. `kind` is a top class (``"Person"``) or ``"Date"``, `subkind` its most specific
    class. `value` is what the words stand for: an EDTF date, a gazetteer key, or None. `features` are
    what the mention says about its referent (``{"country": "jp", "portfolio": "defense"}``).
    """

    span: Span
    tokens: tuple[int, int]
    text: str
    kind: str
    subkind: str | None = None
    form: Form = Form.NAME
    value: str | None = None
    features: Mapping[str, str] = field(default_factory=dict)

    def feature(self, name: str) -> str | None:
        """The feature `name`, or None."""
        return self.features.get(name)

    @property
    def place(self) -> tuple[int, int, str]:
        """What tells this mention from every other of its document: tokens and kind."""
        return (*self.tokens, self.kind)


@dataclass(frozen=True, slots=True)
class Statement:
    """A claim before its ends are resolved: between mentions of one document.

    `subject` and `object` are mentions; an object may also be a literal or, for ``"status"``, a `Status`.
    The other fields are those of `Claim`; `source` is the mention of who said it, where there is one.
    """

    subject: Mention
    predicate: str
    object: Mention | Literal | Status
    modality: Modality
    evidence: Span
    confidence: int
    attribution: str | None = None
    source: Mention | None = None
    valid_time: str | None = None
    rule: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entity:
    """A thing as one document knows it.

    `iri` is global where the name is strong (two or more tokens, a gazetteer hit), else scoped to the document.
    `names` are all names seen, with the fullest first; `keys` are what identity across documents is decided on,
    as ``"type:value"`` strings (``"surname:nakatani"``, ``"office:minister-of-defense-jp"``); `exact_matches`
    are IRIs in other datasets; `point` is WKT.
    """

    iri: str
    kind: str
    subkind: str | None
    names: tuple[str, ...]
    keys: tuple[str, ...] = ()
    exact_matches: tuple[str, ...] = ()
    point: str | None = None
    former_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EntityMention:
    """Where a document speaks of an entity: the span in its stored text, the surface, the entity's IRI."""

    span: Span
    text: str
    entity_iri: str


@dataclass(frozen=True, slots=True)
class Claim:
    """What one document says: a statement with its modality, evidence, attribution and time.

    `subject` is an IRI, `predicate` a relation's local name, `object` an IRI or a literal. `evidence` are spans
    of the document's stored text, sorted, at least one. `confidence` is a probability in hundredths (0 to 100).
    `rule` names the pattern or mechanism that read it, `also` others that read the same; they explain, and are
    not part of the graph. `acting`: the office is held for the time being only, by the text's words.
    """

    subject: str
    predicate: str
    object: str | Literal
    modality: Modality
    evidence: tuple[Span, ...]
    confidence: int
    attribution: str | None = None
    said_by: str | None = None
    valid_time: str | None = None
    rule: str = ""
    also: tuple[str, ...] = ()
    acting: bool = False


@dataclass(frozen=True, slots=True)
class Rejection:
    """A candidate that was not taken, and why: shown by ``kg extract --explain``."""

    stage: str
    span: Span
    text: str
    reason: str


@dataclass(frozen=True)
class Extraction:
    """All that is read out of one document: a pure function of its text, metadata and what is declared."""

    document: Document
    as_of: str | None
    as_of_basis: DateBasis
    entities: tuple[Entity, ...] = ()
    mentions: tuple[EntityMention, ...] = ()
    claims: tuple[Claim, ...] = ()
    rejections: tuple[Rejection, ...] = ()


class Verdict(StrEnum):
    """Whether two IRIs stand for one thing; the value is the local name of a concept in the vocabulary."""

    SAME = "same"
    DIFFERENT = "different"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True, order=True)
class Match:
    """What was decided on two IRIs, `one` before `other`, and why.

    `score` is a probability in hundredths that they are one thing; `because` are reasons in words, weightiest first.
    """

    one: str
    other: str
    verdict: Verdict
    score: int
    because: tuple[str, ...]


class Identities(Mapping[str, str]):
    """Who is who: provisional IRI → canonical IRI, only where they differ, sorted.

    `apart` says which IRI a document (by `Document.key`) means by one that others use for something else: people of
    one name; those IRIs may be provisional in turn. `matches` are the decisions, sorted.
    """

    def __init__(
        self,
        canonical: Mapping[str, str],
        apart: Mapping[str, Mapping[str, str]] | None = None,
        matches: Iterable[Match] = (),
    ) -> None:
        self._canonical = {k: v for k, v in sorted(canonical.items()) if k != v}
        self.apart = {k: dict(sorted(v.items())) for k, v in sorted((apart or {}).items()) if v}
        self.matches = tuple(sorted(set(matches)))

    def __getitem__(self, iri: str) -> str:
        return self._canonical[iri]

    def __iter__(self) -> Iterator[str]:
        return iter(self._canonical)

    def __len__(self) -> int:
        return len(self._canonical)
