"""Predicates and their arguments on a parsed sentence: who does what to whom, with whom, where and when.

A parse says how words hang together; what a predicate takes part in is often said elsewhere in the sentence. Here
the arguments of a verb, or of a noun that tells of an event, are gathered under a few functions, whatever the
construction: active or passive, relative clause, participle, infinitive, coordination, support verb ("held talks"),
apposition. The idea is that of PredPatt (White et al., 2016, "Universal Decompositional Semantics on Universal
Dependencies"); relations are those of Universal Dependencies 2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from spacy.tokens import Doc, Token

from kg.claims.merging import Merged
from kg.claims.undertakings import find_bound, find_partners, find_topics

#: Functions beside the prepositions: what frames may name.
FUNCTIONS: Mapping[str, str] = {
    "agent": "who does it: the subject of an active verb, the 'by' of a passive one",
    "patient": "whom it is done to: the object, the subject of a passive verb, what a participle describes",
    "recipient": "the indirect object",
    "attribute": "what the patient or agent is said to become or be: 'appointed her minister', 'she is minister'",
    "possessor": "'Japan's visit', 'his visit'",
    "modifier": "a noun or adjective before a noun: 'the Fiji meeting'",
    "apposition": "another name of it",
    "apposed": "what it stands beside or is said of: 'Ulinzi House, the headquarters of'",
    "when": "a date, with or without a preposition",
    "bare": "an adverbial noun without a preposition",
    "topic": "what an agreement is about: 'a pact on the Black Sea', 'agreed to rebuild the port'",
    "bound": "who does what an agreement says: 'the treaty by which A and B created C'",
    "protected": "for whom it is done: 'the treaty under which A must defend B'",
    "placed": "what stands under it: 'the regiment, under the command of B', 'the wing is under B'",
    "housed": "where it is: 'the camp that hosts the headquarters of B'",
    "included": "what it is said to include: 'its members include A and B'",
    "setting": "who does something at, in or during it: 'at the meeting, she said'",
    "with": "as every other preposition; 'together with' and its like count as it",
}

_SUBJECTS = frozenset({"nsubj", "nsubj:outer", "nsubj:pass", "nsubjpass"})
_OBLIQUE = frozenset({"obl", "nmod", "obl:unmarked", "nmod:unmarked", "obl:agent", "obl:tmod", "nmod:tmod"})
_RELATIVES = frozenset({"who", "whom", "which", "that", "whose"})
_NEAR = frozenset({"at", "in", "during", "for", "on"})
_TITLES = frozenset({"nmod:desc", "compound", "appos", "flat", "nmod"})
_ALIKE = {
    "along with": "with",
    "together with": "with",
    "as well as": "with",
    "alongside": "with",
    "inside": "in",
    "within": "in",
}
_NAMING = frozenset({"nmod:desc", "compound", "flat"})
_ACTORS = frozenset({"Person", "Organization", "Equipment"})
_SITES = frozenset({"Place", "Facility"})
#: Participles of what is done with events alone.
_HOLDING = frozenset({"held", "scheduled", "convened", "conducted", "staged"})
_WHERE = frozenset({"in", "at", "near", "off", "outside", "aboard"})
#: By what else a described place is spoken of: "bombed the port of Hodeidah", "arrived at", "an attack on".
_AIMED = frozenset({"patient", "on", "to", "of", "against"})
_EXAMPLES = frozenset({"including", "like"})
_DEEP = 6


class Argument(NamedTuple):
    """A word (its index in the merged `Doc`) and its function."""

    function: str
    token: int


class Arguments:
    """The arguments of the predicates of one merged, parsed `Doc`; each is worked out once."""

    def __init__(
        self,
        merged: Merged,
        support: Mapping[str, str | None],
        members: frozenset[str],
        places: frozenset[str] = frozenset(),
        posts: frozenset[str] = frozenset(),
        talking: frozenset[str] = frozenset(),
        replacing: frozenset[str] = frozenset(),
        including: frozenset[str] = frozenset(),
        housing: frozenset[str] = frozenset(),
    ) -> None:
        """`support` are verb forms that lend their arguments to an event's noun, with the functions that take part
        in it; `members` are nouns that stand for whom they come from ("troops from Kenya"), `places` those that
        stand for the place whose name follows ("the city of Lima"), `posts` for the office ("the post of mayor");
        `talking` are verbs that only speak of an agreement, with whomever ("discussed the treaty with B"),
        `replacing` those whose subject is who comes in, `including` those that name members, `housing` those whose
        subject is where their object is."""
        self._merged = merged
        self._doc: Doc = merged.doc
        self._support = support
        self._members = members
        self._places = places
        self._posts = posts
        self._talking = talking
        self._replacing = replacing
        self._including = including
        self._housing = housing
        self._found: dict[int, tuple[Argument, ...]] = {}

    def of(self, index: int) -> tuple[Argument, ...]:
        """The arguments of the predicate at `index`, coordination and apposition spread out; in text order."""
        found = self._found.get(index)
        if found is None:
            spread = {
                Argument(function, token)
                for function, head in self._gather(self._doc[index])
                for token in self._stands_for(head, function)
                if token != index
            }
            found = self._found[index] = tuple(sorted(spread, key=lambda a: (a.token, a.function)))
        return found

    def supports(self, index: int) -> bool:
        """Whether the verb at `index` tells only of an event that a noun names: "opened the exercise"."""
        token = self._doc[index]
        if " " in token.text or token.lower_ not in self._support or not is_verbal(token):
            return False
        told = (self._doc[a.token] for a in self.of(index) if a.function in {"agent", "patient"})
        return any(t._.trigger == "noun" and t.dep_ != "conj" for t in told)

    # ------------------------------------------------------------------ verbs and nouns
    def _gather(self, token: Token) -> Iterator[tuple[str, Token]]:
        yield from self._own(token)
        if token.ent_type_ == "Agreement" and token.head.lower_ not in self._talking:
            yield from (("topic", t) for t in find_topics(token))
            yield from find_partners(token)
            yield from (("bound" if acts else "protected", t) for acts, t in find_bound(token))
        if is_verbal(token):
            yield from self._shared(token, _DEEP)
        elif token.ent_type_ in {"", "Event"}:
            yield from self._lent(token, _DEEP)

    def _own(self, token: Token) -> Iterator[tuple[str, Token]]:
        """What hangs on `token` itself."""
        if token.dep_ == "cop" and token._.trigger:
            yield from self._of_stay(token.head)
            return
        passive = is_passive(token)
        for child in token.children:
            if child.dep_ in _SUBJECTS:
                if token.ent_type_ == "Office" and not is_verbal(token):
                    continue  # what is said of an office is said by a copula
                function = "patient" if passive or child.dep_.endswith("pass") else "agent"
                yield function, self._antecedent(child, token)
                if function == "patient" and token._.trigger and not child.ent_type_:
                    # "the radar at X was shut down"
                    yield from (
                        (f, t) for f, t in self._beside(child) if f in _NEAR and t.ent_type_ in _SITES
                    )
            elif child.dep_ in {"obj", "dobj"}:
                yield "patient", self._antecedent(child, token)
                yield from self._beside(child)
                yield from _named_as(child)
            elif child.dep_ in {"iobj", "dative"}:
                yield "recipient", child
            elif child.dep_ == "obl:agent":
                yield "agent", child
            elif child.dep_ in _OBLIQUE:
                function = self._oblique(child, token)
                if (
                    function == "with"
                    and token.ent_type_ == "Agreement"
                    and token.head.lower_ in self._talking
                ):
                    continue
                yield ("agent" if function == "by" and passive else function), self._antecedent(child, token)
                yield from _named_as(child)
                if child.ent_type_ == "Office":  # "took over as commander of the fleet from A B"
                    yield from self._beside(child)
                if token._.trigger and not child.ent_type_:
                    yield from (
                        (f, t)
                        for f, t in self._beside(child)
                        if (f in _NEAR and t.ent_type_ in _SITES) or (f == "by" and function == "of")
                    )
                elif token._.trigger == "noun" and function == "of":
                    # "the signing of the accord by A and B"
                    yield from (("by", c) for c in child.children if c.dep_ == "nmod" and _case(c) == "by")
            elif child.dep_ == "xcomp" and child.ent_type_ == "Person" and not _has_object(token):
                # "named A B chief": the parse may take the name for what someone is made.
                yield "patient", child
                yield from (("attribute", c) for c in child.children if c.dep_ == "appos")
            elif child.dep_ == "xcomp" and (
                child.ent_type_ not in {"", "Event"} or child.pos_ in {"NOUN", "PROPN"}
            ):
                yield "attribute", child
            elif child.dep_ == "nmod:poss":
                yield "possessor", _whose(child)
            elif _names_maker(child):
                continue  # "a Navantia-built frigate"
            elif child.dep_ in {"compound", "amod", "nmod:desc"} and child.ent_type_:
                yield "modifier", child
            elif child.dep_ == "appos" and not _case(child):
                yield "apposition", child
                if _describes(child, token):
                    yield from self._own(child)
            elif child.dep_ == "advmod" and child.lower_ == "where" and token.dep_ == "acl:relcl":
                yield "in", token.head
        yield from self._displaced(token, passive)
        if any(child.dep_ == "cop" for child in token.children):
            yield "attribute", token
        yield from self._beyond(token)
        if token.dep_ == "acl:relcl" and not any(
            c.dep_ in {"obj", "advmod"} or c.lower_ in _RELATIVES for c in token.children
        ):
            yield ("patient" if any(c.dep_ in _SUBJECTS for c in token.children) else "agent"), token.head
        if _is_participle(token):
            yield "patient", _bearer(token.head)
        elif token.i and token.tag_ in {"VBN", "VBD"} and token.dep_ in {"ccomp", "advcl", "conj", "dep"}:
            # "reviewed the treaty concluded in Rome": the parse may take the participle for a clause of its own.
            before = token.doc[token.i - 1]
            if before.ent_type_ == "Agreement" and not any(
                c.dep_ in _SUBJECTS or c.dep_.startswith("aux") for c in token.children
            ):
                yield "patient", before
        elif token.dep_ == "acl" and token.tag_ == "VBG":
            yield "agent", _bearer(token.head)

    def _of_stay(self, place: Token) -> Iterator[tuple[str, Token]]:
        """Who is in a place, and when: "the minister was in Oslo on Monday for talks"."""
        if place.ent_type_ in _SITES:
            yield _case(place), place
        for child in place.children:
            if child.dep_ in _SUBJECTS:
                yield "agent", self._antecedent(child, place)
            elif child.dep_ in _OBLIQUE:
                yield self._oblique(child, place), child

    def _beyond(self, noun: Token) -> Iterator[tuple[str, Token]]:
        """What a noun is said to be, where it is said to lie, and what it describes."""
        head = noun.head
        case = _case(noun)
        if case == "under" and any(c.dep_ == "cop" for c in noun.children):
            yield from (("placed", self._antecedent(c, noun)) for c in noun.children if c.dep_ in _SUBJECTS)
        if head == noun:
            return
        if case == "under" and noun.dep_ in _OBLIQUE:
            if is_verbal(head):
                yield from (("placed", t) for t in self._subject_of(head, _DEEP))
                if _is_participle(head):
                    yield "placed", head.head
            else:
                yield "placed", head
        if noun.dep_ == "obj" and head.lower_ in self._housing:
            yield from (("housed", t) for t in self._subject_of(head, _DEEP))
        if noun.dep_ in _SUBJECTS and head.lower_ in self._including:
            yield from (("included", c) for c in head.children if c.dep_ == "obj")
        if noun.dep_ in _SUBJECTS and any(c.dep_ == "cop" for c in head.children):
            yield (_case(head) or "attribute"), head
        elif noun.dep_ == "appos":
            yield "apposed", head

    def _displaced(self, verb: Token, passive: bool) -> Iterator[tuple[str, Token]]:
        """What the parse hangs on the noun before it, though it is the verb's.

        The "by" of a passive ("was met at the airport in Lima by"), place and date after a group or a date ("held
        between the two countries in Dakar").
        """
        if not is_verbal(verb):
            return
        row = [c for c in verb.children if c.dep_ in {"obl", "obj", "obl:unmarked", "obl:agent"}]
        for _ in range(3):
            below: list[Token] = []
            for child in row:
                if child.ent_type_ in {"Event", "Agreement"}:
                    continue
                loose = child.ent_type_ == "Date" or child._.form == "group"
                for other in child.children:
                    if other.dep_ not in {"nmod", "obl"} or not other.ent_type_:
                        continue
                    case = _case(other)
                    if passive and case == "by":
                        yield "agent", other
                    elif loose and (other.ent_type_ == "Date" or case in _NEAR):
                        yield ("when" if other.ent_type_ == "Date" else case), other
                    below.append(other)
            row = below

    def _beside(self, noun: Token) -> Iterator[tuple[str, Token]]:
        """What hangs on an object that is no mention is the verb's too: "sent troops to", "has an office in"."""
        if noun.ent_type_:
            if noun.ent_type_ == "Agreement":  # "signed a lease with B": whom it is with signs it, too
                beside = (c for c in noun.children if c.dep_ == "nmod" and _case(c) in {"with", "from"})
                yield from ((_case(c), c) for c in beside)
            if noun.ent_type_ == "Office":  # "assumed command of the brigade from A B"
                yield from (
                    (_case(c), c) for c in noun.children if c.dep_ == "nmod" and _case(c) in {"from", "to"}
                )
            return
        for child in noun.children:
            if child.dep_ == "nmod" and (function := self._oblique(child, noun)) not in {
                "of",
                "from",
                "bare",
            }:
                yield function, child

    def _oblique(self, child: Token, head: Token) -> str:
        if child.ent_type_ == "Date":
            return "when"
        cases = [t for t in child.children if t.dep_ == "case"]
        if not cases:
            # A trigger of several words may hold the preposition: "arrived in", "talks with".
            last = head.text.split()[-1].lower() if " " in head.text else ""
            return last if child.dep_ == "obl" and last else "bare"
        first = cases[0]
        words = " ".join([first.lower_, *(t.lower_ for t in first.children if t.dep_ == "fixed")])
        if len(cases) > 1 and words not in _ALIKE:
            words = " ".join(t.lower_ for t in cases)
        return _ALIKE.get(words, words)

    def _antecedent(self, child: Token, verb: Token) -> Token:
        """What a relative pronoun stands for, or the word itself."""
        if child.lower_ not in _RELATIVES or child.ent_type_:
            return child
        at = verb
        for _ in range(_DEEP):
            if at.dep_ == "acl:relcl":
                if _is_misled(child, at.head):
                    return _of_which(child)
                return _row_of(at.head) if _is_plural(verb) and at.head.ent_type_ else _bearer(at.head)
            if at.dep_ not in {"conj", "xcomp", "ccomp", "advcl"}:
                break
            at = at.head
        return _of_which(child) if child.lower_ == "which" and _case(child) else child

    def _shared(self, verb: Token, depth: int) -> Iterator[tuple[str, Token]]:
        """The subject that a verb without one shares with the verb that governs it."""
        if not depth or self._has_subject(verb):
            return
        for subject in self._subject_of(verb, depth):
            yield ("patient" if is_passive(verb) else "agent"), subject

    def _has_subject(self, verb: Token) -> bool:
        return any(c.dep_ in _SUBJECTS for c in verb.children) or (
            verb.dep_ in {"acl", "acl:relcl"} and (verb.tag_ in {"VBN", "VBG"} or _is_participle(verb))
        )

    def _subject_of(self, verb: Token, depth: int) -> Iterator[Token]:
        """What `verb` is said of, from its own clause or those above it."""
        own = [self._antecedent(c, verb) for c in verb.children if c.dep_ in _SUBJECTS]
        if own or not depth:
            yield from own
            return
        head = verb.head
        if verb.dep_ == "conj" and is_verbal(head):
            if head.dep_ == "acl" and head.tag_ in {"VBN", "VBG"}:
                yield head.head
            else:
                yield from self._subject_of(head, depth - 1)
        elif verb.dep_ == "xcomp":
            objects = [c for c in head.children if c.dep_ in {"obj", "iobj"}]
            yield from objects or self._subject_of(head, depth - 1)
        elif verb.dep_ == "advcl" and is_verbal(head):
            # "appointed A as mayor, replacing B": who comes in is who was appointed.
            people = [c for c in head.children if c.dep_ == "obj" and c.ent_type_ == "Person"]
            if verb.lower_ in self._replacing and people:
                yield from people
            else:
                yield from self._subject_of(head, depth - 1)
        elif verb.dep_ == "acl" and verb.tag_ not in {"VBN", "VBG"}:
            # "announced plans to visit": whose plans they are, else who announced them.
            owners = [c for c in head.children if c.dep_ == "nmod:poss"]
            if owners:
                yield from owners
            elif head.dep_ in {"obj", "obl", "xcomp"} and is_verbal(head.head):
                yield from self._subject_of(head.head, depth - 1)
        elif verb.dep_ == "acl:relcl":
            yield head

    def _lent(self, noun: Token, depth: int) -> Iterator[tuple[str, Token]]:
        """What verbs say of the event that `noun` tells of: "held talks with", "the talks were held in"."""
        for child in noun.children:
            if child.dep_ in {"acl", "acl:relcl"} and (not child.ent_type_ or child.lower_ in self._support):
                row = [child, *(c for c in child.children if c.dep_ == "conj" and is_verbal(c))]
                for verb in row:
                    if verb.lower_ in self._support:
                        yield from self._lend(verb, noun)
            elif child.dep_ == "acl:relcl":
                yield from ((f, t) for f, t in self._own(child) if f == "in" and t != noun)
            elif child.dep_ == "nmod" and _case(child) == "of" and child.ent_type_ != "Event":
                # "the session of the council, which is to be held in": the parse may hang it on the nearer noun.
                for verb in child.children:
                    if verb.dep_ in {"acl", "acl:relcl"} and verb.lower_ in _HOLDING:
                        yield from self._lend(verb, noun)
        for verb in self._governors(noun, depth):
            if " " not in verb.text and verb.lower_ in self._support:
                yield from self._lend(verb, noun)
            if noun.dep_ in {"obl", "nmod"} and self._oblique(noun, noun.head) in _NEAR:
                yield from (("setting", t) for f, t in self._gather(verb) if f == "agent")

    def _governors(self, noun: Token, depth: int) -> Iterator[Token]:
        head = noun.head
        if head == noun or not depth:
            return
        if noun.dep_ == "conj" and not is_verbal(head):
            yield from self._governors(head, depth - 1)
        elif (
            noun.dep_ == "nmod"
            and self._oblique(noun, head) in {"at", "during"}
            and head.dep_ in {"obj", "iobj", "obl"}
        ):
            if is_verbal(head.head) and not head.ent_type_:
                yield head.head
        elif is_verbal(head) and noun.dep_ in _SUBJECTS | {"obj", "obl", "dobj"}:
            yield head
            yield from (
                c
                for c in head.children
                if c.dep_ == "conj" and not self._has_subject(c) and noun.dep_ in _SUBJECTS
            )

    def _lend(self, verb: Token, noun: Token) -> Iterator[tuple[str, Token]]:
        core = (self._support.get(verb.lower_) or "").split()
        for function, token in self._gather(verb):
            if token == noun or (
                function in {"agent", "patient", "recipient", "attribute"} and function not in core
            ):
                continue
            yield ("agent" if function in core else function), token

    # ------------------------------------------------------------------ what a word stands for
    def _stands_for(self, head: Token, function: str) -> set[int]:
        """The tokens that `head` stands for: itself, what is joined to it, names beside it, whom members come from."""
        found: set[int] = set()
        self._spread(head, found, _DEEP, function not in {"apposition", "modifier"})
        described = head._.form == "description" and head.ent_type_ in _SITES
        if (function in _WHERE and not head.ent_type_) or (described and function in _WHERE | _AIMED):
            # "at the Msata range", "at a pier in Berbera": the place that an unnamed one is told by.
            found |= {
                c.i
                for c in head.children
                if c.ent_type_ in _SITES
                and c._.form != "adjective"
                and (c.dep_ == "compound" or (c.dep_ == "nmod" and _case(c) in _WHERE | {"of"}))
            }
        return found

    def _spread(self, token: Token, found: set[int], depth: int, joined: bool) -> None:
        if token.i in found or not depth:
            return
        if token.ent_type_ == "Person" and token._.form == "group" and self._is_of_members(token):
            sources = [s for child in token.children for s in _sources(child)]
            for source in sources:
                self._spread(source, found, depth - 1, True)
            if sources:
                return
        found.add(token.i)
        if token.dep_ in _NAMING and "Person" in {token.ent_type_, token.head.ent_type_}:
            self._spread(token.head, found, depth - 1, False)
        if token.dep_ == "appos" and not token.ent_type_ and token.head.ent_type_ in _ACTORS:
            # "Acme, the contractor that built": what describes a name stands for it.
            row = [c for c in token.head.children if c.dep_ == "conj" and c.i < token.i and c.ent_type_]
            self._spread(row[-1] if row else token.head, found, depth - 1, False)
        for child in token.children:
            if _is_joined(child):
                if joined and not is_verbal(child):
                    self._spread(child, found, depth - 1, True)
            elif token._.form == "group" and child.dep_ == "nmod" and _case(child) in {"of", "from"}:
                self._spread(child, found, depth - 1, True)
            elif _names_person(child, token):
                self._spread(child, found, depth - 1, joined)
            elif (child.dep_ in {"appos", "flat"} and not token.ent_type_) or (
                joined and child.dep_ == "nmod" and _case(child) in _EXAMPLES
            ):
                self._spread(child, found, depth - 1, True)
            elif not token.ent_type_ and token.lower_ in self._posts and child.ent_type_ == "Office":
                if child.dep_ == "nmod" and _case(child) in {"of", "as"}:
                    self._spread(child, found, depth - 1, True)
            elif not token.ent_type_ and token.lower_ in self._places:
                if child.dep_ == "nmod" and _case(child) == "of" and child.ent_type_ in {"Place", "Facility"}:
                    self._spread(child, found, depth - 1, True)
            elif (
                (not token.ent_type_ or token.ent_type_ == "Organization")
                and token.lower_ in self._members
                and not _is_named(token)
            ):
                for source in _sources(child):
                    self._spread(source, found, depth - 1, True)

    def _is_of_members(self, token: Token) -> bool:
        """Whether a group's noun stands for whom they come from: "the defence ministers of A and B"."""
        words = token.lower_.split()
        return any(" ".join(words[i:]) in self._members for i in range(len(words)))


def _is_plural(verb: Token) -> bool:
    return any(c.lower_ in {"are", "were", "have"} for c in verb.children) or verb.tag_ == "VBP"


def _row_of(person: Token) -> Token:
    """The first of the row of people that a plural verb speaks of: "A and B, the minister, who are to meet"."""
    at = person
    for _ in range(_DEEP):
        beside = at.dep_ in {"appos", "conj", "flat", "nmod:desc"} and at.head.ent_type_ in {
            "Person",
            "Office",
        }
        if at.ent_type_ not in {"Person", "Office"} or not beside:
            break
        at = at.head
    return at


def _has_object(verb: Token) -> bool:
    return any(c.dep_ in {"obj", "dobj"} for c in verb.children)


def _is_misled(relative: Token, head: Token) -> bool:
    """Whether "which" hangs on a person or a post, though neither is a thing: it is said of the name before it."""
    return relative.lower_ in {"which", "whose"} and head.ent_type_ in {"Person", "Office"}


def _of_which(relative: Token) -> Token:
    """The name right before "which" or "whose", or the word itself."""
    at = relative.i - 1
    between = {",", "in", "of", ")", "to", "under", "by", "at", "from"}
    while at > 0 and not relative.doc[at].ent_type_ and relative.doc[at].lower_ in between:
        at -= 1
    before = relative.doc[max(at, 0)]
    return before if before.ent_type_ in {"Organization", "Facility", "Place", "Agreement"} else relative


def _bearer(noun: Token) -> Token:
    """The name that a common noun describes: "the Community, a bloc which groups A and B"."""
    if noun.ent_type_:
        return noun
    if noun.dep_ == "appos" and noun.head.ent_type_:
        return noun.head
    if any(c.dep_ == "cop" for c in noun.children):
        return next((c for c in noun.children if c.dep_ in _SUBJECTS and c.ent_type_), noun)
    return noun


def _names_maker(child: Token) -> bool:
    """Whether a name is only who made or leads what follows: "a Navantia-built frigate", "a Kenya-led mission"."""
    after = child.i + 1
    if child.dep_ not in {"compound", "amod", "nmod:desc"} or after + 1 >= len(child.doc):
        return False
    return child.doc[after].text == "-" and child.doc[after + 1].tag_ in {"VBN", "VBD"}


def _whose(owner: Token) -> Token:
    """What "whose" stands for, or the owner itself."""
    at = owner
    for _ in range(_DEEP if owner.lower_ == "whose" else 0):
        if at.dep_ in {"acl:relcl", "appos"}:
            return at.head
        at = at.head
    return owner


def _holds(office: Token, person: Token) -> bool:
    """Whether an office stands right before the person that the parse hangs beside the noun above it."""
    return office.ent_type_ == "Office" and office.dep_ in _OBLIQUE and 0 < person.i - office.i <= 4


def _describes(child: Token, token: Token) -> bool:
    """Whether an apposition says what `token` is, rather than to name another thing."""
    return bool(token.ent_type_) and (
        not child.ent_type_
        or (
            child.ent_type_ == token.ent_type_
            and (child._.form == "description" or child.ent_type_ == "Event")
        )
    )


def _is_joined(child: Token) -> bool:
    """Whether a word is one more of a row; the parse of "A, minister of B, and C" may name it otherwise."""
    return child.dep_ == "conj" or (
        child.dep_ in {"nmod:poss", "appos", "nmod", "dep", "list"}
        and any(c.dep_ == "cc" for c in child.children)
    )


def _names_person(child: Token, token: Token) -> bool:
    """Whether one of the two is a person and the other a title of theirs."""
    kinds = {child.ent_type_, token.ent_type_}
    return (
        child.dep_ in _TITLES and "Person" in kinds and kinds <= {"Person", "Office", ""} and not _case(child)
    )


def _is_named(token: Token) -> bool:
    """Whether the people that a noun speaks of are named beside it."""
    return any(c.ent_type_ == "Person" and c.dep_ in _TITLES and not _case(c) for c in token.children)


def _named_as(noun: Token) -> Iterator[tuple[str, Token]]:
    """The "as" of a verb that the parse hangs on the name before it: "succeeded A B as mayor"."""
    for child in noun.children:
        if child.dep_ in {"nmod", "appos", "obl", "flat", "nmod:desc", "acl"} and _case(child) == "as":
            yield "as", child


def _sources(child: Token) -> Iterator[Token]:
    """Whom members stand for: "troops from Kenya", "Kenyan troops", "a delegation led by the minister"."""
    if child.dep_ == "nmod" and _case(child) in {"from", "of"}:
        yield child
    elif child.dep_ in {"nmod:poss", "compound", "amod"}:
        if child.ent_type_ in {"Place", "Organization"}:
            yield child
    elif child.dep_ == "acl" and child.lower_ in {"led", "headed"}:
        yield from (c for c in child.children if c.dep_ in {"obl:agent", "obl"})


def is_verbal(token: Token) -> bool:
    """Whether the word heads a clause: a verb, an event told by a verb, or what a copula is said of."""
    if token._.trigger:
        return bool(token._.trigger == "verb")
    if token.pos_ in {"VERB", "AUX"} and not token.ent_type_:
        return True
    return any(c.dep_ == "cop" for c in token.children)


def is_passive(verb: Token) -> bool:
    """Whether the clause is passive: by an auxiliary, its subject, or a participle that describes a noun."""
    if any(c.dep_ in {"aux:pass", "auxpass", "nsubj:pass", "nsubjpass"} for c in verb.children):
        return True
    if _is_participle(verb):
        return True
    if verb.tag_ != "VBN":
        return False
    if verb.dep_ == "conj" and not any(c.dep_.startswith("aux") for c in verb.children):
        return is_passive(verb.head)
    return verb.dep_ in {"acl", "advcl", "xcomp"} and not any(c.dep_ == "aux" for c in verb.children)


def _is_participle(token: Token) -> bool:
    """Whether a verb is a past participle that describes a noun; the parse may tag it as a past tense."""
    return token.dep_ == "acl" and (
        token.tag_ == "VBN"
        or (token.tag_ == "VBD" and not any(c.dep_ in _SUBJECTS or c.dep_ == "aux" for c in token.children))
    )


def _case(token: Token) -> str:
    """The preposition of a noun, in lower case; the parse may hang it on the title before a name."""
    own = next((c.lower_ for c in token.children if c.dep_ == "case"), "")
    titles = (c for c in token.children if c.dep_ in {"nmod:desc", "compound"} and not own)
    return own or next((t.lower_ for c in titles for t in c.children if t.dep_ == "case"), "")
