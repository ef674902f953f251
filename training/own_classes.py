"""The classes of our own head, and silver labels for them: what the rules say of the corpora's words."""

from __future__ import annotations

import random
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from spacy.tokens import Doc

from kg.catalog import Catalog, load_catalog
from kg.mentions import MentionFinder
from kg.model import Document, Form, Mention
from kg.text.reader import RULES, Reader
from kg.text.reading import Reading
from training.corpora import UNTOLD, Sentence
from training.labels import Labelled

_BY_SUBKIND = {
    "Government": "Government",
    "Ministry": "Ministry",
    "ArmedForce": "Force",
    "Command": "Force",
    "Unit": "Force",
    "Company": "Company",
    "Party": "Party",
    "MediaOutlet": "Media",
    "InternationalOrganization": "International",
}
_BY_KIND = {"Office", "Facility", "Agreement", "Event", "Equipment"}
_TOGETHER = 20  # sentences that the rules read at once: what is introduced in one is known in the next


def find_class(mention: Mention) -> str | None:
    """The own class of `mention`; `UNTOLD` if it speaks of one without being a name, None if of none."""
    if mention.kind == "Place":
        return "Nationality" if mention.form is Form.ADJECTIVE else None
    if mention.kind == "Organization":
        known = _BY_SUBKIND.get(mention.subkind or "")
        return known if known is not None and mention.form is Form.NAME else UNTOLD
    if mention.kind in _BY_KIND:
        return mention.kind if mention.form is Form.NAME else UNTOLD
    return UNTOLD if mention.kind == "Person" and mention.form is not Form.NAME else None


class Projector:
    """Labels sentences with what the rules find in them, checked against the names that people annotated."""

    def __init__(self, catalog: Catalog | None = None) -> None:
        catalog = catalog or load_catalog()
        self._vocab = Reader(catalog, RULES).vocab
        self._finder = MentionFinder(catalog)

    def project(self, sentences: Sequence[Sentence]) -> Iterator[tuple[Labelled, list[Mention]]]:
        """Each of `sentences` labelled, with the mentions that the rules found, their tokens counted in it."""
        for start in range(0, len(sentences), _TOGETHER):
            part = sentences[start : start + _TOGETHER]
            begin = 0
            found = self._find(part)
            for sentence in part:
                end = begin + len(sentence.words)
                inside = [m for m in found if begin <= m.tokens[0] and m.tokens[1] <= end]
                shifted = [_shift(m, begin) for m in inside]
                yield (
                    Labelled(sentence.source, sentence.words, tuple(_label(sentence, shifted))),
                    shifted,
                )
                begin = end

    def _find(self, sentences: Sequence[Sentence]) -> tuple[Mention, ...]:
        words = [word for s in sentences for word in s.words]
        spaces = [space for s in sentences for space in (*s.spaces[:-1], True)]
        starts = [at == 0 for s in sentences for at in range(len(s.words))]
        doc = Doc(self._vocab, words=words, spaces=spaces, sent_starts=starts)  # type: ignore[arg-type]
        offsets = array("i", range(len(doc.text) + 1))
        return self._finder.find(Reading(Document(("corpus",), doc.text), doc, offsets)).outer


def _shift(mention: Mention, by: int) -> Mention:
    return replace(mention, tokens=(mention.tokens[0] - by, mention.tokens[1] - by))


def _label(sentence: Sentence, mentions: Iterable[Mention]) -> list[str]:
    """A tag a word: the rules' where people's annotation of names does not speak against it."""
    tags = [_outside(word, name) for word, name in zip(sentence.words, sentence.names, strict=True)]
    for mention in mentions:
        start, end = mention.tokens
        name = find_class(mention)
        if name is None:
            continue
        if name != UNTOLD and _contradicted(sentence, start, end, name):
            name = UNTOLD
        told = [name] if name == UNTOLD else [f"B-{name}", f"I-{name}"]
        tags[start:end] = [told[0], *[told[-1]] * (end - start - 1)]
    return tags


def _outside(word: str, name: str) -> str:
    """What a word is told that the rules found in nothing: a body, or a name of no known kind, may be ours."""
    if name.endswith(("ORG", "MISC")):
        return UNTOLD
    return UNTOLD if name == UNTOLD and not word.islower() else "O"


def _contradicted(sentence: Sentence, start: int, end: int, name: str) -> bool:
    """Whether the annotated names say that the rules are wrong: a person inside, or a name that goes on beyond."""
    kinds = {tag[2:] for tag in sentence.names[start:end] if tag[1:2] == "-"}
    if name not in ("Office", "Event") and "PER" in kinds:
        return True
    if name in ("Office", "Event", "Nationality"):
        return False
    goes_on = end < len(sentence.names) and sentence.names[end].startswith("I-")
    return goes_on or sentence.names[start].startswith("I-")


class Renamer:
    """Puts other names in the place of known ones, so that the head learns from the context and not a list."""

    def __init__(self, draw: Mapping[str, Sequence[tuple[str, ...]]], chance: random.Random) -> None:
        """`draw` gives, for a class, names as words."""
        self._draw = draw
        self._chance = chance

    def rename(self, labelled: Labelled, mentions: Sequence[Mention], share: float) -> Labelled:
        """`labelled` with a random `share` of its names from the gazetteer put for others of their class."""
        words, tags = list(labelled.words), list(labelled.tags)
        for mention in sorted(mentions, key=lambda m: m.tokens, reverse=True):
            start, end = mention.tokens
            name = find_class(mention)
            if name is None or name not in self._draw or mention.value is None or tags[start] != f"B-{name}":
                continue
            if self._chance.random() < share:
                other = self._chance.choice(self._draw[name])
                words[start:end] = other
                tags[start:end] = [f"B-{name}", *[f"I-{name}"] * (len(other) - 1)]
        return Labelled(labelled.source, tuple(words), tuple(tags))
