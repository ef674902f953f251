"""What an agreement is about and whom it binds, as its sentence puts it: what is to be done, where, with what.

"an accord on fishing in the Gulf of Riga", "a contract for the refit of two frigates", "the treaty by which A
and B set up C", "under the pact, A may use B": the parse leads from the agreement to the words for what was
agreed. Relations are those of Universal Dependencies 2.
"""

from __future__ import annotations

from collections.abc import Iterator

from spacy.tokens import Token

_SUBJECTS = frozenset({"nsubj", "nsubj:pass", "nsubjpass"})
_ABOUT = frozenset(
    {"on", "upon", "for", "about", "over", "concerning", "regarding", "covering", "governing", "to", "of"}
)
_UNDER = frozenset({"under", "by", "in", "through", "with"})
_TOGETHER = frozenset({"with", "between"})
_TERMS = frozenset({"under", "pursuant", "through"})
_INSIDE = frozenset(
    {*("of", "for", "to", "at", "in", "on", "from", "near", "around", "along", "through", "over"), "across"}
    | {"off", "between", "into", "aboard", "with"}
)
#: Where something is done says what an agreement is about only if it is more particular than a town or a country.
_WIDE = frozenset({"City", "Country"})
_THINGS = frozenset({"Place", "Facility", "Organization", "Equipment"})
_CONTENT = frozenset({"obj", "xcomp", "ccomp", "nsubj:pass", "nsubjpass"})
_OBLIQUE = frozenset({"obl", "nmod", "obl:unmarked", "nmod:unmarked"})
_BINDING = frozenset({"would", "will", "shall", "must", "may", "can", "could", "should"})
_DEEP = 6


def find_topics(agreement: Token) -> Iterator[Token]:
    """The words for what `agreement` is about: a noun's complements and clauses, what a verb says was agreed."""
    if agreement._.trigger == "verb":
        yield from _content(agreement, _DEEP)
        for child in agreement.children:
            if child.dep_ in _OBLIQUE and _case(child) in {"on", "upon", "about"}:
                yield from _inside(child, _DEEP, wide=True)
        return
    yield from _complements(agreement)
    for verb in _verbs_of(agreement):
        yield from _complements(verb, skip=agreement)
    if agreement.dep_ in {"obj", "obl"} and agreement.head.pos_ == "VERB":
        for child in agreement.head.children:
            if child.left_edge.i == agreement.i + 1 and child.dep_ == "obl":
                yield from _complement(child, _ABOUT - {"of", "to"})
    for clause, _ in _clauses(agreement):
        yield from _content(clause, _DEEP)
    for child in agreement.children:
        if child.dep_ == "acl" and child.tag_ in {"VB", "VBG"}:
            yield from _content(child, _DEEP)


def find_bound(agreement: Token) -> Iterator[tuple[bool, Token]]:
    """(whether it acts, word) for those of whom `agreement` says what they do, or what is done for them."""
    for clause, relative in _clauses(agreement):
        yield from ((True, c) for c in clause.children if c.dep_ == "nsubj")
        verbs = [clause, *(c for c in clause.children if c.dep_ == "xcomp")] if relative else []
        yield from ((False, c) for v in verbs for c in v.children if c.dep_ in {"obj", "nsubj:pass"})


def find_partners(agreement: Token) -> Iterator[tuple[str, Token]]:
    """(preposition, word) for those with whom it is, where the parse hangs them on what it is about.

    "a pact on rescue flights with Malawi", "a treaty on the border between Gabon and Cameroon".
    """
    if agreement._.trigger == "verb":
        return
    if agreement.dep_ in {"obj", "nsubj:pass"} and agreement.head.pos_ == "VERB":
        for child in agreement.head.children:
            if child.left_edge.i == agreement.i + 1 and child.dep_ == "obl" and _case(child) in _TOGETHER:
                yield _case(child), child
    row = [c for c in agreement.children if c.dep_ in _OBLIQUE]
    for _ in range(_DEEP):
        row = [c for noun in row if not noun.ent_type_ for c in noun.children if c.dep_ in _OBLIQUE]
        yield from ((case, c) for c in row if (case := _case(c)) in _TOGETHER)


def _clauses(agreement: Token) -> Iterator[tuple[Token, bool]]:
    """(verb, whether in a relative clause) of the clauses that tell the terms: "under which", "under the pact"."""
    for child in agreement.children:
        if child.dep_ == "acl:relcl" and any(
            (c.lower_ == "which" and _case(c) in _UNDER) or c.lower_ in {"whereby", "wherein"}
            for verb in (child, *(x for x in child.children if x.dep_ == "xcomp"))
            for c in verb.children
        ):
            yield child, True
    head = agreement.head
    if (
        agreement.dep_ == "obl"
        and _case(agreement) in _TERMS
        and head != agreement
        and (head.tag_ in {"VBZ", "VBP"} or any(c.lower_ in _BINDING for c in head.children))
    ):
        yield head, False


def _verbs_of(agreement: Token) -> Iterator[Token]:
    """The verbs by which it is made; its complements may hang on them: "signed a pact in Suva on fishing"."""
    for child in agreement.children:
        if child.dep_ == "acl" and child.ent_id_ == "Signing":
            yield child
    head = agreement.head
    if head.ent_id_ == "Signing" and agreement.dep_ in {"obj", "nsubj:pass"}:
        yield head
    if agreement.dep_ == "obj":
        yield from (c for c in head.children if c.dep_ == "xcomp" and c.ent_id_ == "Signing")


def _complements(head: Token, skip: Token | None = None) -> Iterator[Token]:
    about = _ABOUT if skip is None else _ABOUT - {"of", "to"}
    for child in head.children:
        if child != skip:
            yield from _complement(child, about)


def _complement(child: Token, about: frozenset[str]) -> Iterator[Token]:
    if child.ent_type_ in {"Date", "Person", "Office"}:
        return
    if child.dep_ in _OBLIQUE and _case(child) in about:
        if _case(child) in {"of", "to", "for"} and child.ent_type_ in {"Place", "Organization"}:
            return  # "the Treaty of Lima", "a contract for the navy"
        yield from _inside(child, _DEEP, wide=True)
    elif child.dep_ in {"acl", "advcl"} and _marked(child, about):
        yield from _content(child, _DEEP)


def _content(verb: Token, depth: int) -> Iterator[Token]:
    """The things in what a verb says: its objects and where, not its subject."""
    if not depth:
        return
    for child in verb.children:
        if child.dep_ in _CONTENT:
            if child.dep_ == "obj" and any(c.dep_ == "xcomp" and c.i > child.i for c in verb.children):
                continue  # "allowing B's troops to train at C": whom it lets
            if child.pos_ == "VERB" or child._.trigger == "verb":
                if child.dep_ == "ccomp":
                    yield from (t for s in child.children if s.dep_ == "nsubj" for t in _inside(s, depth - 1))
                yield from _content(child, depth - 1)
            elif child.ent_id_ != "Country":
                yield from _inside(child, depth - 1)
        elif (child.dep_ in _OBLIQUE and _case(child) in _INSIDE | {""}) or child.dep_ == "obl:unmarked":
            if not _is_wide(child) and not (child._.trigger and child.ent_type_ == "Event"):
                yield from _inside(child, depth - 1)
        elif child.dep_ == "conj" and (child.pos_ == "VERB" or child._.trigger == "verb"):
            yield from _content(child, depth - 1)


def _inside(token: Token, depth: int, wide: bool = False) -> Iterator[Token]:
    """The things that a noun phrase names, the outermost of each branch; `wide` takes a country or town, too."""
    if not depth or token.ent_type_ in {"Date", "Person", "Office", "Agreement"}:
        return
    if token.ent_type_ in _THINGS:
        if wide or token.ent_id_ != "Country":
            yield token
    else:
        for child in token.children:
            if child.dep_ in {"nmod", "appos", "nmod:unmarked"} and (_case(child) in _INSIDE | {""}):
                if not _is_wide(child) or (wide and _case(child) == "of" and child.ent_id_ == "City"):
                    yield from _inside(child, depth - 1)
            elif child.dep_ in {"compound", "nmod:poss", "nmod:desc"} and child.ent_id_ not in _WIDE:
                yield from _inside(child, depth - 1)
            elif child.dep_ == "acl" and child.tag_ in {"VB", "VBG", "VBN"}:
                yield from _content(child, depth - 1)
    for child in token.children:
        if child.dep_ == "conj" and child.pos_ != "VERB" and not _is_wide(child):
            yield from _inside(child, depth - 1, wide)


def _is_wide(token: Token) -> bool:
    """Whether it is a town or country in which, from which or with which something is done."""
    if token.ent_id_ == "Country":
        return True
    return token.ent_id_ in {"City", "Prefecture"} and _case(token) in {"in", "from"}


def _marked(verb: Token, words: frozenset[str]) -> bool:
    return any(c.dep_ == "mark" and c.lower_ in words for c in verb.children)


def _case(token: Token) -> str:
    return next((c.lower_ for c in token.children if c.dep_ == "case"), "")
