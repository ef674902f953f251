"""The files of a gold set as they are written (docs/annotation-guide.md).

A field that takes one value or several is read as a list; a null in it is a value (``"date_alt": null`` says
that no date is right too). Unknown fields are kept apart, so that the reader can warn of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _listed(value: object) -> object:
    return value if isinstance(value, list) else [value]


def _empty_for_null(value: object) -> object:
    return [] if value is None else value


Several = Annotated[list[str | None], BeforeValidator(_listed)]
Listed = Annotated[list[str], BeforeValidator(_empty_for_null)]


class Row(BaseModel):
    """What a person annotated."""

    model_config = ConfigDict(extra="allow", frozen=True)

    def unknown_fields(self) -> Iterator[str]:
        """The fields that the annotation guide does not have."""
        yield from self.model_extra or {}


class EntityRow(Row):
    """One annotated entity."""

    id: str
    class_: str = Field(alias="class")
    subclass: str | None = None
    label: str | None = None
    mentions: list[str]
    named: bool = True
    required: bool = True
    descriptions: object = None
    group_mentions: Listed = []
    adjectival: Several = []
    subclass_alt: Several = []
    class_alt: Several = []
    alt_class: Several = []
    mentions_optional: Several = []
    note: object = None


class Alternative(Row):
    """Another relation or object that is equally right for a fact."""

    p: str | None = None
    o: str | None = None


class FactRow(Row):
    """One annotated fact."""

    s: str
    p: str
    o: str
    evidence: Several = []
    evidence_more: Several = []
    required: bool = True
    modality: str | None = None
    alt_modality: Several = []
    temporal: str | None = None
    accept: Annotated[list[Alternative], BeforeValidator(_listed)] = []
    alt_p: Several = []
    outside_guide: object = None
    attribution: object = None
    note: object = None


class EventRow(Row):
    """One annotated event."""

    id: str
    class_: str = Field(alias="class")
    label: str | None = None
    participants: Listed = []
    location: Listed = []
    date: str | None = None
    status: str | None = None
    concerns: Listed = []
    evidence: Several = []
    evidence_more: Several = []
    required: bool = True
    participants_optional: Listed = []
    location_optional: Listed = []
    concerns_optional: Listed = []
    class_alt: Several = []
    alt_class: Several = []
    date_alt: Several = []
    alt_date: Several = []
    status_alt: Several = []
    alt_status: Several = []
    mentions: Several = []
    date_text: object = None
    attribution: object = None
    note: object = None
    start_time: object = None
    duration: object = None


class MustNotRow(Row):
    """A wrong reading that must not be in the graph."""

    s: str
    p: str
    o: str
    why: str = ""


class DocumentFile(Row):
    """One annotated document."""

    doc: str
    entities: list[EntityRow]
    facts: list[FactRow] = []
    events: list[EventRow] = []
    must_not: Annotated[list[MustNotRow], BeforeValidator(_empty_for_null)] = []
    boilerplate_from: str | None = None
    forbidden_mentions: Listed = []
    note: str | None = None
    published: object = None
    published_approx: object = None
    publication_evidence: object = None
    source: object = None
    licence: object = None
    written: object = None


class CorpusThing(BaseModel):
    """An entity or event of the whole corpus, and the documents that speak of it."""

    id: str
    docs: list[str]


class CorpusFact(BaseModel):
    """A fact of the whole corpus."""

    s: str
    p: str
    o: str


class QuotedClaim(BaseModel):
    """One side of a contradiction."""

    doc: str
    quote: str


class ContradictionRow(BaseModel):
    """Claims of several documents that cannot all be right."""

    id: str
    about: list[str]
    property: str
    required: bool = True
    claims: list[QuotedClaim]


class CorpusFile(BaseModel):
    """``corpus.json``: what is one thing across the documents."""

    entities: list[CorpusThing] = []
    events: list[CorpusThing] = []
    facts: list[CorpusFact] = []
    contradictions: list[ContradictionRow] = []


class SameGroup(BaseModel):
    """Annotated entities that are one thing, as ``"<document>:<id>"``."""

    members: list[str]


class CrossFile(BaseModel):
    """``crossdoc.json``: the same in another form; pairs are ``[a, b]`` or ``[a, b, why]``."""

    same: list[SameGroup] = []
    different: list[Annotated[list[str], Field(min_length=2)]] = []
    do_not_score: list[Annotated[list[str], Field(min_length=2)]] = []
