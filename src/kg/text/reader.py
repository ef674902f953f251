"""Documents → readings, with our own rules or with any spaCy pipeline."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.vocab import Vocab

from kg.catalog import Catalog
from kg.errors import MissingExtra
from kg.model import Document
from kg.text.cleaning import clean
from kg.text.reading import Reading
from kg.text.sentences import mark_sentences
from kg.text.tokenization import make_tokenizer

RULES = "rules"


class Reader:
    """Reads documents: cleans, tokenises, splits into sentences, and parses if the pipeline can."""

    def __init__(self, catalog: Catalog, model: str = RULES) -> None:
        """`model` is ``"rules"`` or a spaCy pipeline's name or path. Raises `MissingExtra` if it cannot be loaded."""
        self.model = model
        self._nlp = self._load(model)
        known = {s for s in catalog.gazetteer.surfaces if s[:1].isupper()}
        self._nlp.tokenizer = make_tokenizer(self._nlp.vocab, known)

    @staticmethod
    def _load(model: str) -> Language:
        if model == RULES:
            return spacy.blank("en")
        try:
            return spacy.load(Path(model) if Path(model).exists() else model)
        except (OSError, ValueError) as error:
            raise MissingExtra(
                f"--model {model}: no such spaCy pipeline is installed (try: python -m spacy download {model}, "
                f"or give a path). {str(error).splitlines()[0]}"
            ) from error

    @property
    def version(self) -> str:
        """What a reading depends on, beside the text: the pipeline and its version."""
        meta = self._nlp.meta
        return f"{self.model}/{meta.get('name', '')}-{meta.get('version', '')}/spacy-{version('spacy')}"

    @property
    def vocab(self) -> Vocab:
        """The vocabulary that all readings of this reader share."""
        return self._nlp.vocab

    def read(self, document: Document) -> Reading:
        """The reading of `document`; its `Doc` is empty if all of it is boilerplate."""
        cleaned = clean(document)
        doc = self._tokens(cleaned.text)
        for _, component in self._nlp.pipeline:
            doc = component(doc)
        return Reading(document, doc, cleaned.offsets)

    def _tokens(self, text: str) -> Doc:
        doc: Doc = self._nlp.tokenizer(text)
        marked: Doc = mark_sentences(doc)
        return marked
