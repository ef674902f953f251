"""What an extractor proposes: words at offsets with a class, and relations between them, with a quote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from kg.model import Modality, Rejection
from kg.text.reading import Reading


@dataclass(frozen=True, slots=True)
class ProposedMention:
    """Words that are said to name or describe a thing.

    `start` and `end` count code points of the reading's cleaned text, where `text` must stand; `label` is a class of
    the vocabulary or ``"Date"``; `score` is in hundredths, 100 where the extractor gives none.
    """

    text: str
    start: int
    end: int
    label: str
    score: int = 100


@dataclass(frozen=True, slots=True)
class ProposedStatement:
    """A relation between two proposed mentions, given as indexes in `Proposals.mentions`.

    `quote` are the words of the text that say so; `modality` is how the extractor takes them to be meant.
    """

    subject: int
    relation: str
    object: int
    quote: str
    modality: Modality = Modality.ASSERTED


@dataclass(frozen=True, slots=True)
class Proposals:
    """All that one extractor says of one reading; `refused` is what could not even be put as a proposal."""

    mentions: tuple[ProposedMention, ...] = ()
    statements: tuple[ProposedStatement, ...] = ()
    refused: tuple[Rejection, ...] = ()


class Proposer(Protocol):
    """An extractor: a model, or a service, that proposes mentions and statements."""

    @property
    def name(self) -> str:
        """What its rules and refusals are filed under: ``"gliner"``, ``"llm"``."""

    @property
    def version(self) -> str:
        """All that its proposals depend on beside the text and what is declared."""

    def propose(self, reading: Reading) -> Proposals:
        """What it says of `reading`, the same for the same reading and version.

        Raises `DocumentError` if it has no answer for this document, `ExtractorError` if it has none at all.
        """
