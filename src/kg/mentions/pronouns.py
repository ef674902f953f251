"""What pronouns stand for: the names and groups that a parsed text spoke of last in the right place.

The search goes as in Hobbs (1978, "Resolving pronoun references"): up the clauses of the sentence, then back through
the sentences before, subjects first. What stays open stays unsaid.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from spacy.tokens import Doc, Token

from kg.catalog import Lexicon
from kg.mentions.candidates import Candidate
from kg.model import Form

_SUBJECTS = frozenset({"nsubj", "nsubj:pass", "nsubjpass", "nsubj:outer"})
_VERBS = frozenset({"VERB", "AUX"})
_STRENGTH = 20
_DEEP = 8


class PronounReader:
    """Finds personal pronouns and what they stand for, among the mentions of a parsed `Doc`."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._kinds = lexicon.entries("personal_pronouns")
        self._gender = lexicon.entries("gendered_titles")
        self._done_to_agreements = frozenset(lexicon.forms("agreement_only_verbs"))
        self._agreements_do = frozenset(lexicon.forms("lapsing_verbs"))
        self._look_back = 3  # sentences

    def find(self, doc: Doc, mentions: Sequence[Candidate]) -> list[Candidate]:
        """Candidates of the pronouns that stand for something; feature ``antecedents`` holds token ranges."""
        if not doc.has_annotation("DEP"):
            return []
        reading = _Reading(doc, mentions, self._gender, self._done_to_agreements, self._agreements_do)
        for token in doc:
            kind = self._kinds.get(token.lower_)
            if kind and token.i not in reading.at and token.dep_ != "expl" and token.tag_ in {"PRP", "PRP$"}:
                found = reading.resolve(token, kind, self._look_back)
                if found:
                    reading.settle(token, kind, found)
        return [_candidate(doc[i], found) for i, found in sorted(reading.known.items())]


def _candidate(token: Token, found: Sequence[Candidate]) -> Candidate:
    first = found[0]
    subkind = first.subkind if all(c.subkind == first.subkind for c in found) else None
    ranges = "|".join(f"{c.start}:{c.end}" for c in found)
    return Candidate(
        token.i, token.i + 1, first.kind, subkind, Form.PRONOUN, strength=_STRENGTH
    ).with_features(antecedents=ranges)


class _Reading:
    """One text while its pronouns are read, from first to last."""

    def __init__(
        self,
        doc: Doc,
        mentions: Sequence[Candidate],
        gender: Mapping[str, str | None],
        done_to_agreements: Collection[str],
        agreements_do: Collection[str],
    ) -> None:
        self.doc = doc
        self.at = {i: c for c in mentions for i in range(c.start, c.end)}
        self.known: dict[int, list[Candidate]] = {}
        self._roots = {_root(doc, c): c for c in mentions}
        self._done_to_agreements, self._agreements_do = done_to_agreements, agreements_do
        self._sentences = list(doc.sents)
        self._place = {t.i: n for n, s in enumerate(self._sentences) for t in s}
        self._gender = self._read_gender(mentions, gender)

    def _read_gender(self, mentions: Sequence[Candidate], gender: Mapping[str, str | None]) -> dict[str, str]:
        """Name word → "he" or "she", by the honorific or title that stands before it."""
        out: dict[str, str] = {}
        for c in mentions:
            if c.kind == "Person" and c.form is Form.NAME:
                words = [t.lower_ for t in self.doc[max(0, c.start - 2) : c.end]]
                told = next((g for w in words if (g := gender.get(w)) in {"he", "she"}), None)
                if told:
                    out.setdefault(self.doc[c.end - 1].lower_, told)
        return out

    def resolve(self, token: Token, kind: str, look_back: int) -> list[Candidate]:
        """What `token` stands for; `kind` is ``he``, ``she``, ``it`` or ``they``."""
        if kind == "it" and self._of_agreement(token):
            return self._agreement_before(token, look_back)
        for found in self._ladder(token, look_back):
            fitting = [c for c in found if self._fits(c, kind)]
            if kind == "they":
                if len(fitting) > 1 or (fitting and fitting[0].form is Form.GROUP):
                    return fitting
            elif len(fitting) == 1 and len(found) == 1:
                return fitting
            elif kind in {"he", "she"} and fitting:
                # Who of several is meant stays open.
                return fitting[:1] if len({self._name(c) for c in fitting}) == 1 else []
            if found and kind == "it":
                return []
        return []

    def _of_agreement(self, token: Token) -> bool:
        """Whether "it" is what one does to agreements only: "it was signed", "ratified it", "it expires"."""
        verb = token.head.lower_
        if token.dep_ in {"obj", "nsubj:pass"}:
            return verb in self._done_to_agreements
        return token.dep_ == "nsubj" and (
            verb in self._agreements_do
            or any(c.dep_ in {"obj", "obl"} and c.lower_ in {"force", "effect"} for c in token.head.children)
        )

    def _agreement_before(self, token: Token, look_back: int) -> list[Candidate]:
        """The agreement last spoken of."""
        first = self._sentences[max(0, self._place[token.i] - look_back)].start
        for i in range(token.i - 1, first - 1, -1):
            c = self.at.get(i)
            if c is not None and c.kind == "Agreement":
                return [c]
            known = self.known.get(i, [])
            if known and known[0].kind == "Agreement":
                return known
        return []

    def settle(self, token: Token, kind: str, found: Sequence[Candidate]) -> None:
        """Take `found` for what `token` stands for; who is a "she" once stays one."""
        self.known[token.i] = list(found)
        if kind in {"he", "she"}:
            self._gender.setdefault(self._name(found[0]), kind)

    def _name(self, c: Candidate) -> str:
        return self.doc[c.end - 1].lower_

    def _fits(self, c: Candidate, kind: str) -> bool:
        if kind in {"he", "she"}:
            return (
                c.kind == "Person"
                and c.form is not Form.GROUP
                and self._gender.get(self._name(c), kind) == kind
            )
        if kind == "it":
            return c.kind in {"Organization", "Facility", "Agreement", "Equipment"} or (
                c.kind == "Place" and c.form is Form.NAME
            )
        return c.kind in {"Person", "Organization"} or c.form is Form.GROUP or c.subkind == "Country"

    def _ladder(self, token: Token, look_back: int) -> Iterator[list[Candidate]]:
        """Where to look, nearest first: each step a list of who stands there together."""
        possessive = token.tag_ == "PRP$"
        own = _clause(token)
        at: Token | None = own
        for _ in range(_DEEP):
            if at is None:
                break
            subjects = [c for c in at.children if c.dep_ in _SUBJECTS and c.i < token.i]
            if subjects and (possessive or at != own):
                for subject in subjects:
                    if subject != token:
                        # "A congratulated B on his appointment": his may be either's.
                        also = self._objects(at, token) if possessive and at == own else []
                        yield [*self._together(subject), *also]
            at = _above(at)
        here = self._place[token.i]
        earlier = [
            t
            for t in self._sentences[here]
            if t.i < min(token.i, own.left_edge.i if not possessive else token.i)
        ]
        yield self._people_in(earlier)
        for n in range(here - 1, max(-1, here - 1 - look_back), -1):
            sentence = self._sentences[n]
            yield from (self._together(t) for t in self._subjects(sentence.root))
            yield self._people_in(list(sentence))

    def _objects(self, verb: Token, before: Token) -> list[Candidate]:
        """The people that the verb's objects name before a word."""
        objects = [c for c in verb.children if c.dep_ in {"obj", "iobj", "dobj"} and c.i < before.i]
        return [c for o in objects for c in self._together(o) if c.kind == "Person"]

    def _subjects(self, root: Token) -> list[Token]:
        """The subject of a sentence, then those of its clauses, the outer first."""
        out: list[Token] = []
        row = [root]
        for _ in range(_DEEP):
            out += [c for t in row for c in t.children if c.dep_ in _SUBJECTS]
            row = [
                c
                for t in row
                for c in t.children
                if c.dep_ in {"conj", "ccomp", "parataxis"} and c.pos_ in _VERBS
            ]
        return out

    def _together(self, token: Token) -> list[Candidate]:
        """Whom a subject names: itself or what its pronoun stands for, and all that is joined to it."""
        out: list[Candidate] = []
        row = [token]
        while row:
            t = row.pop(0)
            row += [c for c in t.children if c.dep_ == "conj"]
            if t.i in self.known:
                out += self.known[t.i]
                continue
            c = self.at.get(t.i)
            if c is not None and c.kind == "Office":
                person = next(
                    (self.at[k.i] for k in t.subtree if k.i in self.at and self.at[k.i].kind == "Person"),
                    None,
                )
                c = person or c
            if c is None:
                c = next(
                    (self.at[k.i] for k in t.children if k.dep_ in {"appos", "flat"} and k.i in self.at), None
                )
            if c is not None and c.kind != "Date":
                out.append(c)
        return out

    def _people_in(self, tokens: Sequence[Token]) -> list[Candidate]:
        found = {
            self.at[t.i].start: self.at[t.i]
            for t in tokens
            if t.i in self.at and self.at[t.i].kind == "Person"
        }
        return [found[start] for start in sorted(found)]


def _root(doc: Doc, c: Candidate) -> int:
    return next((i for i in range(c.start, c.end) if not c.start <= doc[i].head.i < c.end), c.start)


def _clause(token: Token) -> Token:
    """The verb of the clause that `token` stands in, or the root."""
    at = token
    for _ in range(2 * _DEEP):
        if at.pos_ in _VERBS and at != token and at.dep_ not in {"aux", "aux:pass", "cop"}:
            return at
        if at.head == at:
            return at
        at = at.head
    return at


def _above(verb: Token) -> Token | None:
    """The verb of the clause that governs the clause of `verb`; None for the outermost."""
    return None if verb.head == verb else _clause(verb)
