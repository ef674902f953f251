"""Who says what, by the parse: the clause of a verb of saying, an inserted "X said", "according to X", "citing X"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from spacy.tokens import Doc, Token

from kg.catalog import Lexicon

_SUBJECTS = frozenset({"nsubj", "nsubj:outer"})
_RELATIVES = frozenset({"who", "which", "that"})
#: What stands behind a source and is no part of its name.
_ASIDE = frozenset({"acl:relcl", "appos", "parataxis", "punct", "advcl", "acl"})
_QUOTES = frozenset({'"', "“", "”", "``", "''"})
_DEEP = 5


class Said(NamedTuple):
    """The tokens of a source, and of what it says, as half-open ranges."""

    source: tuple[int, int]
    scope: tuple[int, int]


class SpeechReader:
    """Finds what is attributed in parsed sentences, with the word lists of a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._verbs = frozenset(form for form in lexicon.forms("reporting_verbs") if " " not in form)
        phrases = [tuple(phrase.split()) for phrase in lexicon.entries("attribution_phrases")]
        self._citing = frozenset(words[0] for words in phrases if len(words) == 1)
        self._according = tuple(words for words in phrases if len(words) > 1)

    def read(self, doc: Doc, start: int, end: int) -> Iterator[Said]:
        """The attributions in the sentence of tokens ``[start, end)``, in text order of what gives them away."""
        for token in doc[start:end]:
            found = None
            if token.dep_ == "case" and any(_stands_at(token, phrase) for phrase in self._according):
                found = self._according_to(token.head, start, end)
            elif token.lower_ in self._citing and token.tag_ in {"VBG", "IN"}:
                found = self._by_citing(token, start, end)
            elif token.lower_ in self._verbs and token.tag_.startswith("VB") and token.is_lower:
                found = self._by_verb(token, start, end)
            if found is not None and found.scope[0] < found.scope[1]:
                yield found

    # ------------------------------------------------------------------------------------------ ways to say
    def _by_verb(self, verb: Token, start: int, end: int) -> Said | None:
        source = self._source_of(verb, _DEEP)
        if source is None:
            return None
        clauses = [
            c
            for c in verb.children
            if c.dep_ == "ccomp" or (c.dep_ in {"parataxis", "conj"} and c.i > verb.i and _is_quoted(c))
        ]
        span = _source_span(source)
        if clauses:
            tokens = [t.i for c in clauses for t in c.subtree if start <= t.i < end]
            return Said(span, self._scope(verb, tokens, start, end))
        if verb.dep_ == "parataxis" and verb.head != verb:
            # "The base, he said, will close": both sides are his.
            own = {t.i for t in verb.subtree}
            rest = [t.i for t in verb.head.subtree if t.i not in own and start <= t.i < end]
            return Said(span, self._scope(verb, rest, start, end))
        return None

    @staticmethod
    def _scope(verb: Token, tokens: list[int], start: int, end: int) -> tuple[int, int]:
        """The range of what is said: its words, without what opens them and the marks at its ends."""
        doc = verb.doc
        words = sorted(i for i in tokens if not doc[i].is_punct and not doc[i].is_space)
        while words and doc[words[0]].lower_ == "that" and doc[words[0]].dep_ == "mark":
            words.pop(0)
        if not words:
            return start, start
        first, last = words[0], words[-1] + 1
        quotes = [i for i in range(start, end) if doc[i].text in _QUOTES]
        before = [i for i in quotes if i < verb.i]
        if len(before) > 1 and before == quotes and first < before[-1] and before[0] <= first < verb.i < last:
            # What follows the speaker is no longer quoted.
            last = before[-1]
        return _with_quote(doc, first, last, start, end)

    def _according_to(self, source: Token, start: int, end: int) -> Said | None:
        head = source.head
        if head == source:
            return None
        own = {t.i for t in source.subtree}
        rest = [t.i for t in head.subtree if t.i not in own and start <= t.i < end]
        return Said(_source_span(source), self._scope(head, rest, start, end))

    def _by_citing(self, verb: Token, start: int, end: int) -> Said | None:
        source = next((c for c in verb.children if c.dep_ in {"obj", "obl"}), None)
        if source is None and verb.dep_ == "case":
            source = verb.head
        if source is None:
            return None
        at = verb.head if verb.dep_ != "case" else source.head
        if verb.dep_ == "acl" and at.dep_ in _SUBJECTS:
            # "The newspaper, citing two officials, reported that"
            at = at.head
        said = self._by_verb(at, start, end) if at.lower_ in self._verbs else None
        if said is not None:
            return Said(_source_span(source), said.scope)
        own = {t.i for t in verb.subtree} | {t.i for t in source.subtree}
        rest = [t.i for t in at.subtree if t.i not in own and start <= t.i < end]
        return Said(_source_span(source), self._scope(at, rest, start, end))

    # ---------------------------------------------------------------------------------------------- sources
    def _source_of(self, verb: Token, depth: int) -> Token | None:
        """Who speaks: the subject, that of the verb it is joined to, or who is "quoted as saying"."""
        for child in verb.children:
            if child.dep_ in _SUBJECTS:
                if child.lower_ in _RELATIVES:
                    return verb.head if verb.dep_ == "acl:relcl" else None
                return child
        head = verb.head
        if head == verb or not depth or any(c.dep_ in {"nsubj:pass", "expl"} for c in verb.children):
            return None
        if verb.tag_ == "VBG" and any(c.lower_ == "as" for c in verb.children):
            told = [c for c in head.children if c.dep_ in {"obj", "nsubj:pass"}]
            return told[0] if told else None
        if verb.tag_ == "VBG" and head.dep_ == "ccomp" and head.i < head.head.i < verb.i:
            # "The base is vital, she said, adding that": the parse hangs the second on what the first says.
            return self._source_of(head.head, depth - 1)
        if verb.dep_ == "conj" or (verb.dep_ in {"advcl", "xcomp"} and verb.tag_ == "VBG"):
            return self._source_of(head, depth - 1)
        return None


def _source_span(source: Token) -> tuple[int, int]:
    """The tokens that name the source, without what is said of it aside."""
    tokens = {source.i}
    rows = [source]
    while rows:
        token = rows.pop()
        for child in token.children:
            if child.dep_ == "case" and token == source:
                continue
            if child.dep_ not in _ASIDE and child.dep_ != "cc:preconj":
                tokens.add(child.i)
                rows.append(child)
    first = last = source.i
    while first - 1 in tokens or (first - 2 in tokens and source.doc[first - 1].text in {"-", ","}):
        first -= 1
    while last + 1 in tokens or (last + 2 in tokens and source.doc[last + 1].text in {"-", ","}):
        last += 1
    return first, last + 1


def _stands_at(token: Token, phrase: tuple[str, ...]) -> bool:
    return tuple(t.lower_ for t in token.doc[token.i : token.i + len(phrase)]) == phrase


def _with_quote(doc: Doc, first: int, last: int, start: int, end: int) -> tuple[int, int]:
    """The range with the quotation marks at its ends."""
    while first > start and doc[first - 1].text in _QUOTES:
        first -= 1
    while last < end and (
        doc[last].text in _QUOTES or (doc[last].text == "," and doc[last : last + 1].text in _QUOTES)
    ):
        last += 1
    return first, last


def _is_quoted(clause: Token) -> bool:
    """Whether a quotation mark or a colon opens the clause."""
    first = min((t.i for t in clause.subtree), default=clause.i)
    return any(t.text in _QUOTES or t.text == ":" for t in clause.doc[max(0, first - 1) : first + 2])
