"""The reading's `Doc` with every outer mention merged into one token, so that patterns read like sentences.

A merged token has ``ENT_TYPE`` = the mention's kind ("Person", "Date"), ``ENT_ID`` = its most specific class, and the
extension attributes ``trigger`` ("noun" or "verb" for events), ``form`` (a `Form`) and ``role`` ("subject" for what
a clause is about). A parse, if there is one, keeps its arcs: the token hangs where the mention's head hung.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from spacy.tokens import Doc, Token

from kg.model import Form, Mention

for _name in ("trigger", "form", "role"):
    if not Token.has_extension(_name):
        Token.set_extension(_name, default="")

_ACTORS = frozenset({"Person", "Organization", "Place", "Office", "Facility"})
_BEFORE_SUBJECT = frozenset(
    [
        "the",
        "a",
        "an",
        "both",
        "and",
        ",",
        "-",
        "while",
        "as",
        "after",
        "before",
        "during",
        "meanwhile",
        "however",
        "also",
        "then",
        "but",
        "in",
        "on",
        "at",
        "when",
        "said",
        "that",
        '"',
        "'",
    ]
)


@dataclass(frozen=True)
class Merged:
    """`doc` is the merged copy; `mentions` gives each token's mention or None; `origin` each token's source tokens."""

    doc: Doc
    mentions: tuple[Mention | None, ...]
    origin: tuple[tuple[int, int], ...]

    @cached_property
    def _index(self) -> dict[tuple[int, int, str], int]:
        return {m.place: i for i, m in enumerate(self.mentions) if m is not None}

    def find_token(self, mention: Mention) -> int | None:
        """The merged token that stands for `mention`, or None if it lies inside another."""
        return self._index.get(mention.place)


def merge(doc: Doc, mentions: Sequence[Mention]) -> Merged:
    """A merged copy of `doc`; `mentions` must not overlap."""
    copy = _rebuilt(doc, mentions)
    by_start = {m.tokens[0]: m for m in mentions}
    found: list[Mention | None] = []
    origin: list[tuple[int, int]] = []
    at = 0
    for token in copy:
        here = by_start.get(at)
        length = here.tokens[1] - here.tokens[0] if here is not None else 1
        found.append(here)
        origin.append((at, at + length))
        at += length
        if here is not None:
            token._.form = here.form.value
            token._.trigger = here.feature("trigger") or ""
    merged = Merged(copy, tuple(found), tuple(origin))
    _mark_subjects(merged)
    return merged


def _rebuilt(doc: Doc, mentions: Sequence[Mention]) -> Doc:
    """The merged copy, made of the words anew: the time of spaCy's retokenizer grows with the square of the length."""
    parsed = doc.has_annotation("DEP")
    roots: list[int] = []
    by_start = {m.tokens[0]: m for m in mentions}
    words: list[str] = []
    spaces: list[bool] = []
    starts: list[bool | int | None] = []
    merged_at: list[int] = []
    kinds: list[tuple[int, Mention]] = []
    text, at = doc.text, 0
    tokens = list(doc)
    above = [token.head.i for token in tokens]
    while at < len(tokens):
        mention = by_start.get(at)
        end = mention.tokens[1] if mention is not None else at + 1
        if mention is not None:
            kinds.append((len(words), mention))
        last = tokens[end - 1]
        words.append(text[tokens[at].idx : last.idx + len(last)])
        spaces.append(bool(last.whitespace_))
        starts.append(bool(tokens[at].is_sent_start))
        roots.append(_root(above, at, end) if parsed else at)
        merged_at.extend([len(words) - 1] * (end - at))
        at = end
    if parsed:
        heads = [merged_at[above[root]] for root in roots]
        copy = Doc(
            doc.vocab,
            words=words,
            spaces=spaces,
            tags=[tokens[root].tag_ for root in roots],
            pos=[tokens[root].pos_ for root in roots],
            lemmas=[tokens[root].lemma_ for root in roots],
            heads=heads,
            deps=[tokens[root].dep_ for root in roots],
        )
    else:
        copy = Doc(doc.vocab, words=words, spaces=spaces, sent_starts=starts)
    for i, mention in kinds:
        copy[i].ent_type_ = mention.kind
        copy[i].ent_id_ = mention.subkind or ""
    return copy


def _root(above: Sequence[int], start: int, end: int) -> int:
    """The token of ``[start, end)`` that hangs outside of it, the first of several; `above` are the tokens' heads."""
    for i in range(start, end):
        head = above[i]
        if head == i or not start <= head < end:
            return i
    return start


def _mark_subjects(merged: Merged) -> None:
    """Mark what each clause is about: by the parse if there is one, else the actors that open it."""
    doc = merged.doc
    if doc.has_annotation("DEP"):
        for token in doc:
            if token.dep_ in {"nsubj", "nsubj:pass", "nsubjpass"} and token.ent_type_:
                token._.role = "subject"
                for other in conjuncts(merged, token.i):
                    doc[other]._.role = "subject"
        return
    for sentence in doc.sents:
        for token in sentence:
            if (
                token.ent_type_ in _ACTORS
                and token.ent_type_ != "Office"
                and token._.form != Form.ADJECTIVE.value
            ):
                token._.role = "subject"
                for other in conjuncts(merged, token.i):
                    doc[other]._.role = "subject"
                break
            if (
                token.ent_type_ in {"Date", "Office", "Event"}
                or token.lower_ in _BEFORE_SUBJECT
                or token.is_punct
            ):
                continue
            if token.ent_type_ == "" and token.i - sentence.start > 12:
                break


def _titles(merged: Merged, i: int) -> bool:
    """Whether token `i` can stand between the people of a row: "A and his German counterpart B"."""
    token = merged.doc[i]
    adjective = (
        token.ent_type_ == "Place" and i + 1 < len(merged.doc) and merged.doc[i + 1].lower_ in _COUNTERPARTS
    )
    return (
        token.ent_type_ == "Office"
        or token.lower_ in _COUNTERPARTS | {"his", "her", "its", "their", "visiting"}
        or adjective
    )


_COUNTERPARTS = frozenset({"counterpart", "colleague", "opposite", "number"})


def conjuncts(merged: Merged, i: int) -> list[int]:
    """The tokens joined with token `i` by commas and "and", of the same kind, `i` left out; in text order.

    A title before a name does not break the row: "Foreign Minister A and Defence Minister B".
    """
    doc, kind = merged.doc, merged.doc[i].ent_type_
    out = []
    for step in (-1, 1):
        j = i
        while True:
            k, joined = j + step, False
            while 0 <= k < len(doc) and (
                doc[k].lower_ in {",", "and", "&", "as", "well", "the", "both", "-"}
                or (kind == "Person" and _titles(merged, k))
            ):
                joined = joined or doc[k].lower_ in {",", "and", "&", "-"}
                if doc[k].is_sent_start and step == -1:
                    break
                k += step
            if (
                not (0 <= k < len(doc))
                or not joined
                or doc[k].ent_type_ != kind
                or doc[k].sent != doc[i].sent
            ):
                break
            out.append(k)
            j = k
    return sorted(out)
