"""The spaCy component ``kg_parser``: a `Doc`'s tags, parse, lemmas and names from the network."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import cast

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup
from spacy.vocab import Vocab
from thinc.types import Ints2d

from kg.catalog import find_root
from kg.text.parser.network import Network, Parse, load_network
from kg.text.sentences import mark_sentences

#: The model's kinds of names → spaCy's labels. What is left out is no name: the model's "MISC" is a hint only.
ENTITY_LABELS = {"PER": "PERSON", "ORG": "ORG", "LOC": "LOC"}
#: Where a `Doc` keeps mentions of our own classes; the group's attribute "scores" has how sure each is, 0 to 1.
OWN_SPANS = "kg"
_COLUMNS: list[int | str] = ["TAG", "POS", "LEMMA", "HEAD", "DEP"]


class Parser:
    """Fills `Doc`s from a network; sentences are those of the `Doc`, or of our own rules if it has none."""

    def __init__(self, vocab: Vocab, network: Network) -> None:
        self._vocab = vocab
        self._network = network

    @property
    def digest(self) -> str:
        """Hexadecimal digits that name the weights."""
        return self._network.digest

    def __call__(self, doc: Doc) -> Doc:
        """`doc` with tags, coarse tags, lemmas, heads, relations, sentences, names and spans of our own classes."""
        if not doc.has_annotation("SENT_START"):
            doc = mark_sentences(doc)
        places = [[token.i for token in sentence if not token.is_space] for sentence in doc.sents]
        places = [sentence for sentence in places if sentence]
        words = [token.text for token in doc]
        parses = self._network.read([[words[i] for i in sentence] for sentence in places]) if places else []
        doc = self._set_columns(doc, places, parses)
        doc.set_ents(_find_entities(doc, places, parses))
        own = [(sentence, span) for sentence, parse in zip(places, parses, strict=True) for span in parse.own]
        doc.spans[OWN_SPANS] = SpanGroup(
            doc,
            name=OWN_SPANS,
            attrs={"scores": [span.score for _, span in own]},
            spans=[
                Span(doc, sentence[span.start], sentence[span.end - 1] + 1, label=span.label)
                for sentence, span in own
            ],
        )
        return doc

    def _set_columns(self, doc: Doc, places: Sequence[Sequence[int]], parses: Sequence[Parse]) -> Doc:
        strings = self._vocab.strings
        rows: list[tuple[int, int, int, int, int]] = [(0, 0, 0, 0, 0)] * len(doc)
        space = (strings.add("_SP"), strings.add("SPACE"), strings.add("dep"))
        starts = [token.is_sent_start for token in doc]
        read = {i for sentence in places for i in sentence}
        for i, token in enumerate(doc):
            if i not in read:
                # A space hangs on the word before it; where a sentence begins with it, on the one after.
                before = i > 0 and not starts[i]
                head = -1 if before else 1 if i + 1 < len(doc) and not starts[i + 1] else 0
                rows[i] = (space[0], space[1], strings.add(token.text), head, space[2])
        for sentence, parse in zip(places, parses, strict=True):
            for at, i in enumerate(sentence):
                head = parse.heads[at]
                rows[i] = (
                    strings.add(parse.xpos[at]),
                    strings.add(parse.upos[at]),
                    strings.add(parse.lemmas[at]),
                    sentence[head - 1] - i if head else 0,
                    strings.add("ROOT" if parse.relations[at] == "root" else parse.relations[at]),
                )
        if not rows:
            return doc
        # Negative heads as unsigned numbers, which is how spaCy stores them.
        column = np.array([[number % 2**64 for number in row] for row in rows], dtype=np.uint64)
        return doc.from_array(_COLUMNS, cast(Ints2d, column))


def _find_entities(doc: Doc, places: Sequence[Sequence[int]], parses: Sequence[Parse]) -> list[Span]:
    found: list[Span] = []
    for sentence, parse in zip(places, parses, strict=True):
        begin: int | None = None
        for at, tag in enumerate((*parse.names, "O")):
            if begin is not None and not tag.startswith("I-"):
                label = ENTITY_LABELS.get(parse.names[begin][2:])
                if label is not None:
                    found.append(Span(doc, sentence[begin], sentence[at - 1] + 1, label=label))
                begin = None
            if tag.startswith("B-"):
                begin = at
    return found


def model_folder() -> Path:
    """The folder of the model that comes with the package."""
    return find_root() / "models" / "en"


@lru_cache(maxsize=2)
def _shared_network(folder: Path) -> Network:
    return load_network(folder)


@Language.factory(
    "kg_parser",
    assigns=[
        "token.tag",
        "token.pos",
        "token.lemma",
        "token.head",
        "token.dep",
        "token.is_sent_start",
        "doc.ents",
        "doc.spans",
    ],
    default_config={"folder": None},
)
def make_parser(nlp: Language, name: str, folder: str | None) -> Parser:
    """The component on `nlp`'s vocabulary, with the model in `folder` or the one that comes with the package.

    Raises `CatalogError` naming the file if the model is not there.
    """
    return Parser(nlp.vocab, _shared_network(Path(folder) if folder else model_folder()))
