"""Which date belongs to which event or agreement, by the parse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from spacy.tokens import Token

from kg.catalog import Lexicon
from kg.claims.arguments import is_verbal
from kg.claims.governors import is_verb
from kg.claims.merging import Merged

_OBLIQUE = frozenset(
    {"obl", "nmod", "obl:unmarked", "nmod:unmarked", "obl:tmod", "nmod:tmod", "advmod", "advcl"}
)
_BESIDE = frozenset({"compound", "amod", "nmod:desc", "nmod:poss", "appos", "dep"})
_SUBJECTS = frozenset({"nsubj", "nsubj:pass", "nsubj:outer"})
#: Prepositions by which a clause tells when the event in them took place ("flew on Friday for talks").
_NEAR = frozenset({"at", "in", "during", "for", "on", "to"})
_THERE = frozenset({"at", "in", "during", "on"})
_DEEP = 4


class Timing:
    """Finds the dates of events and agreements in merged, parsed documents; positions are token indexes."""

    def __init__(self, lexicon: Lexicon) -> None:
        cancels = frozenset(lexicon.forms("cancel_verbs"))
        self._support = frozenset(lexicon.forms("event_support_verbs")) - cancels
        self._cancels = cancels
        self._signing = frozenset(lexicon.forms("signing_verbs"))
        self._reporting = frozenset(lexicon.forms("reporting_verbs"))
        self._scheduling = frozenset(lexicon.forms("scheduling_verbs"))
        self._leading = frozenset(lexicon.forms("factive_verbs"))

    def find(self, merged: Merged) -> dict[int, tuple[int, ...]]:
        """Event or agreement → its dates, where the parse tells; one that it does not tell of is left out."""
        found: dict[int, tuple[int, ...]] = {}
        for i, mention in enumerate(merged.mentions):
            if mention is None or mention.kind not in {"Event", "Agreement"}:
                continue
            token = merged.doc[i]
            dates = list(self._of_agreement(token) if mention.kind == "Agreement" else self._of_event(token))
            dates = [d for d in dates if (m := merged.mentions[d]) is not None and m.value is not None]
            if dates:
                found[i] = tuple(dict.fromkeys(dates))
        return found

    def refuses(
        self, merged: Merged, slots: Mapping[str, Sequence[int]], found: Mapping[int, Sequence[int]]
    ) -> bool:
        """Whether a pattern's date is not its event's: the parse `found` another, or it is that of saying something."""
        subjects, dates = slots.get("subject", ()), slots.get("object", ())
        for subject in subjects:
            for date in dates:
                if date in found.get(subject, ()):
                    continue
                if subject in found or any(date in of for i, of in found.items() if i != subject):
                    return True
                head = merged.doc[date].head
                if head.i != subject and head.lower_ in self._reporting and is_verbal(head):
                    return True
        return False

    # ------------------------------------------------------------------------------------------ agreements
    def _of_agreement(self, token: Token) -> Iterator[int]:
        """ "the 1996 agreement", "the protocol of 4 June", "the pact, signed in 2019", "the pact was signed in"."""
        yield from self._own(token)
        for child in token.children:
            if child.dep_ in {"acl", "acl:relcl"} and child.lower_ in self._signing:
                yield from self._own(child)
        head = token.head
        if token.dep_ in {"nsubj:pass", "obj"} and head.lower_ in self._signing and is_verbal(head):
            yield from self._own(head)

    # ---------------------------------------------------------------------------------------------- events
    def _of_event(self, token: Token) -> Iterator[int]:
        own = list(self._own(token.head if token.dep_ == "cop" else token))
        if own:
            yield from own
        elif is_verb(token):
            yield from self._shared(token, _DEEP)
        else:
            yield from self._lent(token, _DEEP)

    def _own(self, token: Token) -> Iterator[int]:
        """The dates that hang on the word itself."""
        for child in token.children:
            if child.ent_type_ == "Date" and child.dep_ in _OBLIQUE | _BESIDE:
                yield child.i
                # "postponed from 15 September to mid-October"
                yield from (c.i for c in child.children if c.ent_type_ == "Date" and c.dep_ == "nmod")
            elif child.dep_ in {"obl", "nmod", "obj"} and not child.ent_type_:
                # "at noon on Friday", "in a ceremony on Friday": the parse may hang the date on what stands before.
                yield from (c.i for c in child.children if c.ent_type_ == "Date" and c.dep_ in _OBLIQUE)

    def _shared(self, verb: Token, depth: int) -> Iterator[int]:
        """The date that a verb shares: with the one it is joined to, or that leads to it ("flew on Friday to meet")."""
        head = verb.head
        if not depth or head == verb or not is_verbal(head):
            return
        if verb.dep_ == "conj":
            yield from (d for d in self._own(head) if d < head.i)
        elif verb.dep_ in {"advcl", "xcomp"} and head.lower_ in self._leading | {"is", "are"}:
            yield from self._own(head)

    def _lent(self, noun: Token, depth: int) -> Iterator[int]:
        """The date that a verb says of the event its noun tells of: "talks set for May", "flew on Friday for talks"."""
        for child in noun.children:
            if child.dep_ in {"acl", "acl:relcl"}:
                told = child.lower_ in self._reporting | self._cancels
                for date in self._own(child):
                    case = next((c.lower_ for c in child.doc[date].children if c.dep_ == "case"), "")
                    if not told or (case == "for" and child.lower_ in self._scheduling | self._reporting):
                        yield date
            elif child.dep_ == "nmod" and child.ent_type_ not in {"Event", "Date"}:
                # "the session of the council, which is to be held on 3 May"
                for clause in child.children:
                    if clause.dep_ in {"acl", "acl:relcl"} and clause.lower_ in self._support:
                        yield from self._own(clause)
        head = noun.head
        if head == noun or not depth:
            return
        if noun.dep_ in _SUBJECTS and head.ent_type_ == "Date":
            yield head.i
        elif noun.dep_ == "conj" and not is_verbal(head):
            yield from self._lent(head, depth - 1)
        elif is_verbal(head) and head.lower_ not in self._reporting | self._cancels:
            case = next((c.lower_ for c in noun.children if c.dep_ == "case"), "")
            if noun.dep_ in _SUBJECTS | {"obj"} and head.lower_ in self._support | self._scheduling:
                yield from self._own(head) if list(self._own(head)) else self._shared(head, depth - 1)
            elif (
                noun.dep_ in {"obl", "nmod"}
                and case in _NEAR
                # "flew on Friday for talks", not "registered on Friday for the exercise"
                and (
                    case in _THERE
                    or head.ent_type_ == "Event"
                    or head.lower_ in self._leading | self._support
                )
            ):
                yield from self._own(head)
