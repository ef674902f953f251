"""A document as tokens and sentences, with the way back to the stored text."""

from __future__ import annotations

from array import array
from dataclasses import dataclass

from spacy.tokens import Doc

from kg.model import Document, Span


@dataclass(frozen=True)
class Reading:
    """A document's article text as a spaCy `Doc`.

    The `Doc` is over a cleaned text (quotes and spaces normalised, broken lines joined, boilerplate left out);
    `offsets` gives, for each of its code points, the code point of the stored text that it stands for.
    """

    document: Document
    doc: Doc
    offsets: array[int]

    def span(self, start: int, end: int) -> Span:
        """The stored text's span of the tokens ``[start, end)``; the range must not be empty."""
        first, last = self.doc[start], self.doc[end - 1]
        return self.char_span(first.idx, last.idx + len(last))

    def char_span(self, start: int, end: int) -> Span:
        """The stored text's span of the cleaned text's code points ``[start, end)``; not empty."""
        return Span(self.offsets[start], self.offsets[end - 1] + 1)

    def quote(self, span: Span) -> str:
        """The stored text at `span`."""
        return self.document.text[span.start : span.end]
