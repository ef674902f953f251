"""The verbs by which someone takes part in an event that a noun tells of, by the parse.

Such a verb, negated, says who stayed away and nothing of the event: "did not attend the talks between A and B".
"""

from __future__ import annotations

from collections.abc import Iterator

from spacy.tokens import Token

from kg.claims.arguments import is_verbal

_SUBJECTS = frozenset({"nsubj", "nsubj:pass", "nsubj:outer"})
_BESIDE = frozenset({"conj", "appos", "flat", "nmod:desc"})


def find_attending(event: Token, actor: Token) -> tuple[Token, ...]:
    """The verbs between an event's noun and the verb of which `actor` is the subject, that one last.

    Empty if the noun does not depend on a verb of the actor's: "the talks of A", and A in "B met A at the talks".
    """
    if event == actor or is_verbal(event):
        return ()
    while actor.dep_ in _BESIDE and actor.head != event:
        actor = actor.head
    verbs: list[Token] = []
    for above in _above(event):
        if is_verbal(above):
            verbs.append(above)
        if actor.dep_ in _SUBJECTS and actor.head == above:
            return tuple(verbs)
        if above.dep_ == "acl:relcl" and above.head == actor and _has_relative_subject(above):
            return tuple(verbs)
        if any(c.dep_ in _SUBJECTS for c in above.children):
            return ()
    return ()


def _above(token: Token) -> Iterator[Token]:
    while token.head != token:
        token = token.head
        yield token


def _has_relative_subject(verb: Token) -> bool:
    return any(c.dep_ in _SUBJECTS and c.lower_ in {"who", "which", "that"} for c in verb.children)
