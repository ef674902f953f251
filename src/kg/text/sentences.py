"""Where sentences begin, by rules: for pipelines whose parser does not say."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import cast

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc
from thinc.types import Ints2d

from kg.catalog import Lexicon, load_catalog

_STOPS = frozenset({".", "!", "?", "…", "?!", "!?", "!!", "!!!", "??", "。"})
_ELLIPSIS = re.compile(r"(?:\.{2,}|…+)\Z")
_CLOSERS = frozenset({'"', "'", "''", "”", "’", ")", "]", "»"})
_OPENERS = frozenset({'"', "'", "``", "“", "‘", "(", "[", "«", "—", "–", "-", "--", "..."})
_INITIALS = re.compile(r"(?:[A-Z]\.){1,3}(?:-[A-Z]\.)?\Z")
_DOTTED = re.compile(r"(?:[A-Za-z]\.){2,}\Z")
_ENUMERATOR = re.compile(r"(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,4})\.?\Z")
_CLOCK_ABBREVIATIONS = frozenset({"a.m.", "p.m."})

_DASHES = frozenset({"-", "--", "–", "—"})
_IN_DATELINE = frozenset({",", ".", "/", "of", "the", "de", "da", "do", "la", "el", "al", "-", "|"})
_LONGEST_DATELINE = 18  # tokens up to its dash
_SHORTEST_SHOUT = 2  # letters; longer words in capitals are no initials

#: Most tokens of a sentence; the longest of legal prose stay below it.
_LONGEST = 250


class SentenceSplitter:
    """Finds sentence starts with the word lists of `lexicon`."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._titles = _with_stop(lexicon, "title_abbreviations")
        self._numbers = _with_stop(lexicon, "number_abbreviations")
        self._closed = frozenset(lexicon.entries("closed_abbreviations"))
        self._open = _with_stop(lexicon, "open_abbreviations")
        self._months = frozenset(w for w in lexicon.entries("months") if w.endswith(".")) | _with_stop(
            lexicon, "months"
        )
        self._openers = frozenset(lexicon.entries("sentence_openers"))
        self._calendar = frozenset(lexicon.entries("months")) | frozenset(lexicon.entries("weekdays"))
        self._saying = frozenset(lexicon.forms("reporting_verbs"))

    def starts(self, doc: Doc) -> list[bool]:
        """For each token of `doc`, whether a sentence begins there; the first token always does.

        White-space tokens end the sentence before them; one that holds a line feed always parts sentences.
        """
        starts = [False] * len(doc)
        if not starts:
            return starts
        starts[0] = True
        begin = 0
        index = self._mark_dateline(doc, 0, starts)
        while index < len(doc):
            text = doc[index].text
            if "\n" in text and not text.strip():
                index += 1
                if index < len(doc):
                    starts[index] = True
                    begin = index
                    index = self._mark_dateline(doc, index, starts)
                continue
            if not self._may_end(text):
                index += 1
                continue
            after = index + 1
            while after < len(doc) and self._closes(doc, begin, after):
                after += 1
            while after < len(doc) and doc[after].is_space and "\n" not in doc[after].text:
                after += 1
            if after < len(doc) and not doc[after].is_space and self._parts(doc, begin, index, after):
                starts[after] = True
                begin = after
            index = max(index + 1, after)
        return starts

    def _mark_dateline(self, doc: Doc, begin: int, starts: list[bool]) -> int:
        """Part "TUNIS, June 3 (Agency) - " from what follows; the token to go on from, `begin` if there is none.

        Capitals alone make a dateline of the first word; a name in small letters needs a date or agency, too.
        """
        if not (doc[begin].text[:1].isupper() and len(doc[begin].text) > 1):
            return begin
        told = doc[begin].text.isupper() and len(doc[begin].text) > _SHORTEST_SHOUT
        inside = False
        for i in range(begin + 1, min(begin + _LONGEST_DATELINE, len(doc) - 1)):
            text = doc[i].text
            if text in _DASHES and not inside and (doc[i - 1].whitespace_ or text != "-"):
                after = doc[i + 1]
                opens = after.text[:1].isupper() or after.text in _OPENERS
                shouted = after.text.isupper() and len(after.text) > _SHORTEST_SHOUT
                if not told or not opens or shouted or after.is_space:
                    return begin
                starts[i + 1] = True
                return i + 1
            if text == "(":
                inside = told = True
            elif text == ")":
                inside = False
            elif text.lower().strip(".") in self._calendar or (text.isdigit() and len(text) == 4):
                told = True
            elif not (text[0].isupper() or text[0].isdigit() or text in _IN_DATELINE):
                return begin
        return begin

    def _may_end(self, text: str) -> bool:
        return text in _STOPS or (len(text) > 1 and text.endswith((".", "…", "!", "?")) and text[0] != "@")

    def _closes(self, doc: Doc, begin: int, at: int) -> bool:
        """Whether token `at`, after a full stop, still belongs to the sentence that began at `begin`."""
        text = doc[at].text
        if text in _STOPS or _ELLIPSIS.match(text):
            return True
        if text not in _CLOSERS:
            return False
        if text in (")", "]", "»", "”", "’", "''"):
            return True
        # A straight quote closes if it sticks to the stop alone, else if it is the even one of its kind.
        glued_before = not doc[at - 1].whitespace_
        glued_after = not doc[at].whitespace_ and at + 1 < len(doc) and not doc[at + 1].is_space
        if glued_before != glued_after:
            return glued_before
        return sum(1 for token in doc[begin:at] if token.text == text) % 2 == 1

    def _parts(self, doc: Doc, begin: int, stop: int, after: int) -> bool:
        """Whether the sentence begun at `begin` ends with token `stop`, so that `after` begins another."""
        text = doc[stop].text
        first = after
        while first < len(doc) - 1 and doc[first].text in _OPENERS:
            first += 1
        word = doc[first].text
        quoted = first > after or any(doc[i].text in _CLOSERS for i in range(stop + 1, after))
        if word[:1].islower() or word in (",", ";", ":"):
            return False
        if begin < stop and doc[stop - 1].text == "(" and doc[stop + 1].text == ")" and len(text) > 1:
            return False  # "Admiral (ret.) A B": an abbreviation alone in parentheses ends nothing
        if stop == begin and _ENUMERATOR.match(text):
            return False
        if text == "." and stop == begin + 1 and _ENUMERATOR.match(doc[begin].text):
            return False
        if text in ("!", "?", "?!", "!?", "!!", "!!!", "??"):
            return not self._goes_on_with_speaker(doc, stop, after)
        if _ELLIPSIS.match(text):
            return word[:1].isupper()
        if text in _STOPS:
            return not self._is_split_abbreviation(doc, begin, stop, word)
        return self._abbreviation_ends(doc, begin, stop, word, quoted)

    def _goes_on_with_speaker(self, doc: Doc, stop: int, after: int) -> bool:
        """Whether, after a question or cry in quotes, its speaker follows ("Why?" Novak asked.)."""
        if not any(doc[i].text in _CLOSERS for i in range(stop + 1, after)):
            return False
        return any(
            doc[i].lower_ in self._saying and doc[i].text.islower()
            for i in range(after + 1, min(after + 4, len(doc)))
            if not any(t.text in _STOPS for t in doc[after:i])
        )

    def _is_split_abbreviation(self, doc: Doc, begin: int, stop: int, word: str) -> bool:
        """Whether a full stop that is a token of its own ends an abbreviation, not a sentence."""
        if stop == begin or doc[stop - 1].whitespace_:
            return False
        before = f"{doc[stop - 1].text}."
        folded = before.lower()
        if folded in self._numbers:
            return word[:1].isdigit()
        if folded in self._titles and before[0].isupper():
            return word[:1].isupper() and word.lower() not in self._openers
        if folded in self._months and before[0].isupper() and len(before) <= 5:
            return word[:1].isdigit()
        if folded in self._closed:
            return True
        return folded in self._open and before[0].isupper() and word.lower() not in self._openers

    def _abbreviation_ends(self, doc: Doc, begin: int, stop: int, word: str, quoted: bool) -> bool:
        """Whether a token that ends in a full stop of its own also ends the sentence."""
        text = doc[stop].text
        folded = text.lower()
        opens = word[:1].isupper() and (word.lower() in self._openers or word == "I")
        if folded in self._closed:
            return False
        if folded in self._titles and text[0].isupper():
            return opens and stop > begin and doc[stop - 1].text.islower() and word.lower() not in ("a", "an")
        if folded in self._numbers:
            return not word[:1].isdigit() and word[:1].isupper()
        if folded in self._months and text[0].isupper():
            return opens
        if folded in _CLOCK_ABBREVIATIONS:
            zone = word.isupper() and 2 <= len(word) <= 5
            return word[:1].isupper() and not zone and word.lower() not in self._calendar
        if folded == "etc.":
            return word[:1].isupper() or word[:1].isdigit()
        if _DOTTED.match(text) or _INITIALS.match(text) or folded in self._open:
            return opens or (quoted and word[:1].isupper() and not _INITIALS.match(word))
        # "abroad." as a model's tokenizer may leave it, or a name such as "Yahoo!"
        return word[:1].isupper() or word[:1].isdigit()


def _with_stop(lexicon: Lexicon, name: str) -> frozenset[str]:
    return frozenset(word if word.endswith(".") else f"{word}." for word in lexicon.entries(name))


@lru_cache(maxsize=1)
def _shared_splitter() -> SentenceSplitter:
    return SentenceSplitter(load_catalog().lexicon)


def sentence_starts(doc: Doc) -> list[bool]:
    """For each token of `doc`, whether a sentence begins there, by the rules of the built-in lexicon."""
    return _bounded(doc, _shared_splitter().starts(doc))


def _bounded(doc: Doc, starts: list[bool]) -> list[bool]:
    """`starts` with longer stretches parted: what looks through a sentence takes its length squared.

    No one writes sentences of `_LONGEST` tokens; tables, lists without stops and damaged texts have them. They are
    parted after a mark or a space, so that no word is.
    """
    begin = 0
    for i in range(len(starts)):
        if starts[i]:
            begin = i
        elif i - begin >= _LONGEST and (doc[i - 1].is_punct or doc[i - 1].whitespace_):
            starts[i] = True
            begin = i
    return starts


@Language.component("kg_sentences", assigns=["token.is_sent_start", "doc.sents"])
def mark_sentences(doc: Doc) -> Doc:
    """`doc` with its sentence starts set; the spaCy component ``kg_sentences``."""
    starts = sentence_starts(doc)
    # `Token.is_sent_start = ...` looks through the whole `Doc` each time; -1 is "no start", as unsigned.
    column = np.array([[1 if start else 2**64 - 1] for start in starts], dtype=np.uint64)
    return doc.from_array(["SENT_START"], cast(Ints2d, column.reshape(len(starts), 1)))
