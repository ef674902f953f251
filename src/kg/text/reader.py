"""Documents → readings, with our own rules or with any spaCy pipeline."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.vocab import Vocab

from kg.catalog import Catalog
from kg.model import Document
from kg.settings import DEFAULT_MODEL
from kg.text.cleaning import clean
from kg.text.parser.component import Parser
from kg.text.pipelines import digest_folder, load_pipeline
from kg.text.reading import Reading
from kg.text.sentences import mark_sentences
from kg.text.tokenization import make_tokenizer
from kg.text.universal import CLEAR_ONLY, make_universal

RULES = "rules"
#: The trained model that comes with the package.
OWN = "kg"


class Reader:
    """Reads documents: cleans, tokenises, splits into sentences, and parses if the pipeline can."""

    def __init__(self, catalog: Catalog, model: str = DEFAULT_MODEL) -> None:
        """`model` is ``"rules"``, ``"kg"``, or a spaCy pipeline's name or path.

        Raises `MissingExtra` if it is not installed or cannot be loaded, `CatalogError` if the files of our own
        model are damaged.
        """
        self.model = model
        self._nlp = self._load(model)
        self._relations = catalog.lexicon.entries("clear_relations")
        known = {s for s in catalog.gazetteer.surfaces if s[:1].isupper()}
        self._nlp.tokenizer = make_tokenizer(self._nlp.vocab, known)

    @staticmethod
    def _load(model: str) -> Language:
        if model == RULES:
            return spacy.blank("en")
        if model == OWN:
            own = spacy.blank("en")
            own.add_pipe("kg_parser")
            return own
        return load_pipeline(model)

    @property
    def version(self) -> str:
        """What a reading depends on, beside the text: the pipeline and its version."""
        meta = self._nlp.meta
        weights = "".join(f"/{part.digest}" for _, part in self._nlp.pipeline if isinstance(part, Parser))
        if Path(self.model).is_dir() and self.model not in (RULES, OWN):
            weights += f"/{digest_folder(Path(self.model))}"
        return (
            f"{self.model}/{meta.get('name', '')}-{meta.get('version', '')}{weights}/spacy-{version('spacy')}"
        )

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
        if any(token.dep_ in CLEAR_ONLY for token in doc):
            doc = make_universal(doc, self._relations)
        return Reading(document, doc, cleaned.offsets)

    def _tokens(self, text: str) -> Doc:
        doc: Doc = self._nlp.tokenizer(text)
        marked: Doc = mark_sentences(doc)
        return marked
