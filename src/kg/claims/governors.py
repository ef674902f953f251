"""How a clause puts what it says, by the parse: each word is asked what it says of the word that hangs on it.

From a trigger the way leads up: its own verb group, then the verb, noun or adjective it hangs on, as far as that
one still speaks of the trigger. Without a parse, `kg.claims.modality` reads windows of words.
"""

from __future__ import annotations

from spacy.tokens import Span, Token

from kg.catalog import Lexicon
from kg.claims.arguments import is_passive, is_verbal
from kg.claims.marks import Marks

_NEGATIONS = frozenset({"not", "n't", "never", "nor", "neither"})
_PRESENT_BE = frozenset({"is", "are", "am", "'s", "'re", "be"})
_BE = _PRESENT_BE | {"was", "were", "been", "being"}
_HAVE = frozenset({"has", "have", "'ve"})
_SUBJECTS = frozenset({"nsubj", "nsubj:pass", "nsubj:outer"})
_LINKS = frozenset({"on", "to", "for", "of", "about", "into"})
_PLACES = frozenset({"at", "in", "during", "on"})
_SETTINGS = frozenset({"for", "to", "over", "with", "between"})
#: What a name or title beside another says stands, whatever its clause says of it ("the spokesman declined to").
_NAMED = frozenset({"Person", "Office"})
_IF = frozenset({"if", "unless", "whether", "should"})
_DEEP = 8


class Governors:
    """Reads modality up the arcs of a parse, with the word lists of a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._hedges = {form: word.value for form, word in lexicon.forms("hedging_verbs").items()}
        self._modals = lexicon.entries("future_auxiliaries")
        self._adjectives = lexicon.entries("infinitive_adjectives")
        self._nouns = {form: word.value for form, word in lexicon.forms("plan_nouns").items()}
        self._cancels = {form: word.value for form, word in lexicon.forms("cancel_verbs").items()}
        self._cancel_words = frozenset(lexicon.entries("cancel_words"))
        self._denials = frozenset(lexicon.forms("denial_verbs"))
        self._failures = frozenset(lexicon.forms("failing_verbs"))
        self._confirms = frozenset(lexicon.forms("confirming_verbs"))
        self._topics = frozenset(lexicon.forms("topic_verbs")) - frozenset(lexicon.entries("proposing_forms"))
        self._that_hedges = frozenset(lexicon.forms("that_hedges"))
        self._factives = frozenset(lexicon.forms("factive_verbs"))
        self._ongoing = frozenset(lexicon.forms("ongoing_verbs"))
        self._support = frozenset(lexicon.forms("event_support_verbs"))
        self._attending = frozenset(lexicon.forms("attending_verbs"))
        self._claims = frozenset(lexicon.forms("claim_nouns"))
        self._false = frozenset(lexicon.entries("false_words"))
        self._accepting = frozenset(lexicon.forms("accepting_verbs"))
        self._past = frozenset(lexicon.entries("past_modifiers"))
        self._courses = frozenset(lexicon.forms("ongoing_nouns"))
        self._settled = frozenset(lexicon.entries("past_prepositions"))
        self._phrases = [tuple(phrase.split()) for phrase in lexicon.entries("ongoing_phrases")]

    def read(self, trigger: Token, own: Marks) -> Marks:
        """All marks of the trigger; `own` are those of the words of its noun phrase."""
        if is_verb(trigger):
            marks = Marks()
            self._verb(trigger.head if trigger.dep_ == "cop" else trigger, marks, _DEEP)
            return own.joined(marks)
        if trigger.ent_type_ in _NAMED and not any(c.dep_ == "cop" for c in trigger.children):
            return own
        self._described(trigger, own)
        marks = Marks()
        told = self._noun(trigger, marks, _DEEP)
        if told or marks.cancelled:
            # "The talks scheduled for May were held": what became of them weighs more than what was planned.
            own.planned = own.proposed = False
        return own.joined(marks)

    # ------------------------------------------------------------------------------------------------- verbs
    def _verb(self, verb: Token, marks: Marks, depth: int) -> None:
        """Marks of the verb group of `verb` and of all that governs it."""
        self._group(verb, marks)
        self._governed(verb, marks, depth)

    def _group(self, verb: Token, marks: Marks, denies: bool = True) -> None:
        """Marks of the auxiliaries and adverbs of a verb or predicate."""
        words = {c.lower_: c.i for c in verb.children if c.dep_ in {"aux", "aux:pass", "cop"}}
        for child in verb.children:
            word = child.lower_
            if word in _NEGATIONS and child.dep_ in {"advmod", "cc:preconj", "cc", "det", "aux"}:
                if denies and not _goes_on(child):
                    marks.denied = True
                    marks.cues.add(child.i)
            elif (
                child.dep_ == "aux"
                and word in self._modals
                and (child.text[:1].islower() or child.is_sent_start)
            ):
                marks.hedge(self._modals[word], child.i)
            elif child.dep_ == "advmod" and (
                word in {"formerly", "previously"}
                or (
                    word == "longer"
                    and any(t.lower_ == "no" for t in verb.doc[max(0, child.i - 1) : child.i])
                )
            ):
                marks.former = True
                marks.cues.add(child.i)
        # "If elected, he would"; "if I may add a word, they will" makes no condition.
        unreal = words.keys() & {"would", "'d", "could", "might"}
        if unreal and any(c.dep_ == "advcl" and _mark(c) == "if" for c in verb.children):
            marks.hedge("proposed", verb.i)
        for child in verb.children:
            # "is due to meet": the parse may take "due to" for "because of".
            if child.dep_ in {"mark", "advmod"} and verb.tag_ in {"VB", "VBN"}:
                after = verb.doc[child.i + 1].lower_ if child.i + 1 < len(verb.doc) else ""
                if after == "to" and (value := self._adjectives.get(child.lower_)):
                    marks.hedge(value, child.i)
        to = next((c.i for c in verb.children if c.dep_ == "mark" and c.lower_ == "to"), None)
        be = next((w for w, i in words.items() if w in _BE and to is not None and i < to), None)
        if be is not None:
            # "is to meet"; what "was to have met" did not.
            missed = be in {"was", "were"} and "have" in words
            marks.hedge("cancelled" if missed else "planned", words[be])
        if "being" in words and words.keys() & _PRESENT_BE:
            marks.ongoing = True  # "is being built"
            marks.cues.add(words["being"])
        perfect = words.keys() & _HAVE
        if verb.tag_ == "VBG" and (words.keys() & (_PRESENT_BE - {"be"}) or (perfect and "been" in words)):
            if verb.lower_ not in self._hedges:
                marks.ongoing = True
                marks.cues.add(verb.i)
        elif verb.lower_ in self._ongoing and words.keys() & (_HAVE | {"had"}):
            marks.ongoing = True
            marks.cues.add(verb.i)

    def _governed(self, verb: Token, marks: Marks, depth: int) -> None:
        head, relation = verb.head, verb.dep_
        if head == verb and _is_infinitive(verb) and not marks.cues:
            # A headline's future, or an item of an agenda: "Minister to visit base".
            marks.hedge("planned", verb.i)
        if head == verb or not depth:
            return
        if relation == "conj":
            if (
                not any(c.dep_ in _SUBJECTS | {"aux", "aux:pass"} for c in verb.children)
                and verb.tag_ != "VBD"
            ):
                shared = Marks()
                self._group(head, shared)
                marks.take(shared)
            # What governs the first of a row governs all, unless the second is a clause of its own.
            if not any(c.dep_ in _SUBJECTS for c in verb.children):
                self._governed(head, marks, depth - 1)
        elif relation in {"xcomp", "acl", "advcl", "ccomp", "csubj", "csubj:pass"}:
            if relation in {"advcl", "ccomp", "csubj"} and (mark := _mark(verb)) in _IF:
                marks.hedge("proposed", _mark_index(verb, mark))
            elif _is_infinitive(verb):
                self._infinitive(verb, head, marks, depth)
            elif relation == "advcl":
                if verb.tag_ == "VBG" and not _mark(verb):
                    # "arrived on Friday, meeting ..." shares the clause's tense.
                    self._verb(head, marks, depth - 1)
            elif verb.tag_ == "VBG" and relation == "xcomp":
                self._gerund(head, marks, depth)
            elif relation == "acl" and not any(c.dep_ in _SUBJECTS for c in verb.children):
                return
            else:
                self._that_clause(verb, head, marks, depth)

        elif relation == "acl:relcl" and head.lower_ in self._claims and _mark(verb) == "that":
            self._refuted(head, marks)

    def _infinitive(self, verb: Token, head: Token, marks: Marks, depth: int) -> None:
        word = head.lower_
        if word in self._denials or word in self._failures:
            self._deny_by(head, marks)
            return
        if word == "used":
            marks.former = True
            marks.cues.add(head.i)
            return
        if word in self._nouns and any(c.lower_ == "no" for c in head.children):
            # "had no plans to send troops"
            marks.denied = True
            marks.cues.add(head.i)
            return
        if word == "going" and verb.dep_ == "xcomp":
            marks.hedge("planned", head.i)
            return
        if word in _BE:
            if word in {"was", "were"} and any(c.lower_ == "have" for c in verb.children):
                marks.hedge("cancelled", head.i)
            else:
                marks.hedge("planned", head.i)
        elif word in {"had"} and not is_passive(head):
            pass
        elif word in _HAVE:
            marks.hedge("planned", head.i)
        elif word in self._factives:
            self._verb(head, marks, depth - 1)
            return
        elif word in self._cancels and verb.dep_ == "xcomp":
            marks.hedge(self._cancels[word], head.i)
        else:
            value = self._hedges.get(word) or self._adjectives.get(word) or self._nouns.get(word)
            if word in self._nouns and head.head.lower_ in self._accepting:
                value = "planned"
            marks.hedge(value or "planned", head.i)
        if is_verbal(head):
            self._verb(head, marks, depth - 1)
        elif head.dep_ in {"obj", "obl", "nsubj:pass", "nsubj"} and head.lower_ in self._nouns:
            self._object_of(head, head.head, marks, depth - 1)

    def _gerund(self, head: Token, marks: Marks, depth: int) -> None:
        """ "denied meeting", "is considering visiting", "began building"."""
        word = head.lower_
        if word in self._denials or word in self._failures:
            self._deny_by(head, marks)
        elif word in self._cancels:
            marks.hedge(self._cancels[word], head.i)
        else:
            if word in self._hedges:
                marks.hedge(self._hedges[word], head.i)
            self._verb(head, marks, depth - 1)

    def _that_clause(self, verb: Token, head: Token, marks: Marks, depth: int) -> None:
        """What governs a that-clause: denial, doubt and proposal reach into it, saying does not."""
        words = _with_particle(head)
        if any(w in self._denials for w in words) or head.lower_ in self._false:
            self._deny_by(head, marks)
        elif head.lower_ in self._confirms and _is_negated(head):
            marks.hedge("proposed", head.i)
        elif head.lower_ in self._claims or head.pos_ == "NOUN":
            self._refuted(head, marks)
        elif any(
            w in self._hedges and (self._hedges[w] == "proposed" or w in self._that_hedges) for w in words
        ):
            marks.hedge(next(self._hedges[w] for w in words if w in self._hedges), head.i)
        elif any(c.lower_ in self._false for c in head.children):
            self._deny_by(head, marks)
        elif verb.dep_ == "ccomp" and head.dep_ == "ccomp":
            self._that_clause(head, head.head, marks, depth - 1) if depth > 1 else None

    def _deny_by(self, head: Token, marks: Marks) -> None:
        """Denies, unless the denial is itself denied ("did not deny")."""
        if _is_negated(head):
            if "rule" in head.lower_:
                marks.hedge("proposed", head.i)
            return
        marks.denied = True
        marks.cues.add(head.i)

    # ------------------------------------------------------------------------------------------------- nouns
    def _described(self, noun: Token, marks: Marks) -> None:
        """Marks of what is said behind a noun: "talks scheduled for May", "a drill, which was to have begun"."""
        for child in noun.children:
            word = child.lower_
            if child.dep_ == "acl" and child.tag_ == "VBN":
                if word in self._cancel_words:
                    marks.hedge("cancelled", child.i)
                elif not child.ent_type_ and (value := self._adjectives.get(word) or self._participle(word)):
                    marks.hedge(value, child.i)
            elif child.dep_ in {"acl", "amod"} and word in self._adjectives and _is_clausal(child):
                marks.hedge(self._adjectives[word], child.i)
            elif child.dep_ == "acl:relcl" and _subject_is_relative(child):
                marks.take(self._predicate(child, _DEEP))
            elif child.dep_ == "acl:relcl" and word in self._support and not child.ent_type_:
                # "the exercise, which the army will host"
                self._group(child, marks)
            elif child.dep_ == "nmod" and not marks.ahead:
                # "the launch of a command, which is scheduled for May"
                for clause in child.children:
                    scheduled = (
                        clause.dep_ == "acl:relcl" and is_passive(clause) and _subject_is_relative(clause)
                    )
                    if scheduled and (value := self._participle(clause.lower_)):
                        marks.hedge(value, clause.i)
                    elif scheduled and clause.lower_ in self._support:
                        self._group(clause, marks)

    def _participle(self, word: str) -> str | None:
        value = self._hedges.get(word)
        return value if value is not None and word not in self._topics else None

    def _predicate(self, verb: Token, depth: int) -> Marks:
        """Marks of what a verb says of its subject; that of the last of a chain ("is expected to be cancelled")."""
        marks = Marks()
        for _ in range(_DEEP):
            below = [
                c
                for c in verb.children
                if c.dep_ == "xcomp" and (c.pos_ in {"VERB", "AUX"} or c.tag_ == "VBN")
            ]
            if not below:
                break
            verb = below[0]
        passive = is_passive(verb)
        words = _with_particle(verb)
        group = Marks()
        happens = verb.lower_ in self._support | self._ongoing or verb.lower_ in _BE or not is_verbal(verb)
        self._group(verb, group, denies=happens or passive)
        self._governed(verb, group, depth)
        cancel = next((self._cancels[w] for w in words if w in self._cancels), None)
        if cancel is not None and (passive or verb.dep_ == "xcomp"):
            marks.hedge("planned" if group.ahead or group.denied else cancel, verb.i)
            return marks
        if passive and any(w in self._denials for w in words):
            self._deny_by(verb, marks)
        elif passive and verb.lower_ in self._confirms and group.denied:
            marks.hedge("proposed", verb.i)
            return marks
        elif passive and (value := next((self._hedges[w] for w in words if w in self._hedges), None)):
            if verb.lower_ not in self._topics:
                marks.hedge(value, verb.i)
        elif (value := self._adjectives.get(verb.lower_)) and any(c.dep_ == "cop" for c in verb.children):
            marks.hedge(value, verb.i)
        elif verb.ent_type_ == "Date" and any(c.lower_ in _PRESENT_BE for c in verb.children):
            marks.hedge("planned", verb.i)
        elif verb.lower_ in self._ongoing and (
            verb.tag_ in {"VBZ", "VBP"}
            or {c.lower_ for c in verb.children if c.dep_ == "aux"} & (_HAVE | {"had"})
        ):
            marks.ongoing = True
            marks.cues.add(verb.i)
        elif verb.tag_ == "VBG" and verb.lower_ in self._support and group.ongoing:
            marks.ongoing = True
        marks.take(group)
        self._under_way(verb, marks)
        return marks

    def _under_way(self, verb: Token, marks: Marks) -> None:
        doc = verb.doc
        be = next(
            (c.i for c in [verb, *verb.children] if c.lower_ in _PRESENT_BE | {"remain", "remains"}), None
        )
        if be is None:
            return
        for at in range(be + 1, min(be + 4, len(doc))):
            for phrase in self._phrases:
                if tuple(t.lower_ for t in doc[at : at + len(phrase)]) == phrase:
                    marks.ongoing = True
                    marks.cues.add(at)

    def _noun(self, noun: Token, marks: Marks, depth: int) -> bool:
        """Marks of what the clause does with a noun; whether it says that it took place."""
        head, relation = noun.head, noun.dep_
        if any(c.dep_ == "amod" and c.lower_ in self._past for c in noun.children):
            return False
        if any(c.dep_ == "cop" for c in noun.children):
            group = Marks()
            self._group(noun, group)
            self._governed(noun, group, depth)
            if any(c.dep_ == "case" for c in noun.children):
                # "denied being at the meeting" denies no meeting.
                marks.hedge_as(group)
            else:
                marks.take(group)
            return False
        if head == noun or not depth:
            return False
        if relation in _SUBJECTS:
            own = self._predicate(head, depth)
            marks.take(own)
            return not own.ahead and not own.cancelled and self._took_place(head)
        if relation in {"obj", "iobj", "xcomp"}:
            return self._object_of(noun, head, marks, depth)
        if relation in {"obl", "obl:unmarked", "nmod"}:
            case = next((c.lower_ for c in noun.children if c.dep_ == "case"), "")
            if is_verbal(head) and not case and relation == "obl" and len(_with_particle(head)) > 1:
                return self._object_of(noun, head, marks, depth)
            if relation == "nmod" and head.pos_ in {"NOUN", "PROPN"}:
                self._inside(head, case, marks, depth)
            elif is_verbal(head):
                self._oblique_of(noun, head, case, marks, depth)
        elif relation == "conj" and not is_verbal(head):
            return self._noun(head, marks, depth - 1)
        return False

    def _took_place(self, verb: Token) -> bool:
        return verb.lower_ in self._support and (verb.tag_ in {"VBD", "VBN"}) and not _is_negated(verb)

    def _object_of(self, noun: Token, verb: Token, marks: Marks, depth: int) -> bool:
        if not is_verbal(verb):
            return False
        words = _with_particle(verb)
        group = Marks()
        denies = verb.lower_ in self._support and verb.lower_ not in self._attending
        self._group(verb, group, denies=denies)
        self._governed(verb, group, depth)
        if not denies and verb.lower_ not in self._denials | self._failures and group.denied:
            # "refused to attend the ceremony" denies the attendance, not the ceremony.
            group.denied = False
        cancel = next((self._cancels[w] for w in words if w in self._cancels), None)
        if cancel is not None:
            marks.hedge("planned" if group.ahead or _is_negated(verb) else cancel, verb.i)
            return False
        if any(w in self._denials for w in words):
            self._deny_by(verb, marks)
            if _is_negated(verb) and any(w.startswith("rul") for w in words):
                marks.hedge("proposed", verb.i)
            return False
        if verb.lower_ in self._confirms and _is_negated(verb):
            marks.hedge("proposed", verb.i)
            return False
        value = next((self._hedges[w] for w in words if w in self._hedges), None)
        if value is not None and verb.lower_ not in self._topics:
            marks.hedge(value, verb.i)
        if verb.lower_ in self._ongoing and group.ongoing:
            marks.ongoing = True
        elif verb.lower_ not in self._support:
            group.ongoing = False
        if verb.lower_ in self._topics and not group.ahead:
            return False
        if verb.lower_ not in self._topics:
            marks.take(group)
        return self._took_place(verb) and not marks.ahead and not marks.denied

    def _oblique_of(self, noun: Token, verb: Token, case: str, marks: Marks, depth: int) -> None:
        """Marks of the verb that a prepositional phrase hangs on."""
        if case in self._settled:
            return
        beside = verb.doc[verb.i + 1].lower_ if verb.i + 1 < len(verb.doc) else ""
        value = self._hedges.get(f"{verb.lower_} {case}") or self._hedges.get(
            f"{verb.lower_} {beside} {case}"
        )
        if value is None and case in _LINKS and verb.lower_ not in self._topics and not is_passive(verb):
            value = self._hedges.get(verb.lower_)
        if value is None and case in _LINKS and is_passive(verb):
            value = self._adjectives.get(verb.lower_) if case == "to" else None
        if value is not None:
            marks.hedge(value, verb.i)
        if case in _PLACES:
            self._setting(verb, marks)
        elif case in _SETTINGS:
            group = Marks()
            self._group(verb, group, denies=False)
            self._governed(verb, group, depth)
            marks.hedge_as(group)

    def _setting(self, verb: Token, marks: Marks) -> None:
        """Marks of the clause at whose event something is done: "agreed to cooperate at a meeting" tells of one held,
        "are expected to cooperate at a meeting" of one to come."""
        group = Marks()
        for _ in range(_DEEP):
            self._group(verb, group, denies=False)
            head = verb.head
            infinitive = _is_infinitive(verb) and verb.dep_ in {"xcomp", "advcl", "acl"}
            joined = verb.dep_ == "conj" and not any(c.dep_ in _SUBJECTS for c in verb.children)
            if head == verb or not (infinitive or joined):
                break
            if infinitive and head.lower_ in self._adjectives and (is_passive(head) or not is_verbal(head)):
                group.hedge(self._adjectives[head.lower_], head.i)
            verb = head
        marks.hedge_as(group)

    def _inside(self, noun: Token, case: str, marks: Marks, depth: int) -> None:
        """Marks of a noun that the trigger stands behind: "plans for a visit", "reports of an attack"."""
        word = noun.lower_
        if word in self._claims:
            self._refuted(noun, marks)
        elif word in self._cancel_words:
            marks.hedge("cancelled", noun.i)
        elif word in self._nouns and case in {"for", "of", "to", "on"}:
            marks.hedge(self._nouns[word], noun.i)
            group = Marks()
            self._noun(noun, group, depth - 1)
            marks.denied = marks.denied or group.denied
            marks.cancelled = marks.cancelled or group.cancelled
        elif word in self._courses:
            marks.ongoing = True
            marks.cues.add(noun.i)
            self._noun(noun, marks, depth - 1)
        elif case in _LINKS | _PLACES and (not noun.ent_type_ or noun.ent_type_ == "Event"):
            group = Marks()
            for child in noun.children:
                if child.dep_ == "amod" and (value := self._adjectives.get(child.lower_)):
                    group.hedge(value, child.i)
            if case in _PLACES:
                verb = next((t for t in noun.ancestors if is_verbal(t)), None)
                if verb is not None:
                    self._setting(verb, group)
            else:
                self._noun(noun, group, depth - 1)
            marks.hedge_as(group)

    def _refuted(self, noun: Token, marks: Marks) -> None:
        """Denies what a claim says that someone denies, or that is called false."""
        head = noun.head
        words = _with_particle(head)
        near = [head, *head.children]
        denied = any(w in self._denials for w in words) and noun.dep_ in {"obj", "nsubj:pass", "obl"}
        false = noun.dep_ in _SUBJECTS | {"obj"} and any(t.lower_ in self._false for t in near)
        false = false or any(c.lower_ in self._false for c in noun.children)
        if (denied or false) and not _is_negated(head):
            marks.denied = True
            marks.cues.add(head.i)
        elif any(c.dep_ == "det" and c.lower_ == "no" for c in noun.children):
            marks.denied = True
            marks.cues.add(noun.i)


def is_verb(trigger: Token) -> bool:
    """Whether a trigger is used as a verb: by its tag, or by its auxiliaries ("are training")."""
    if any(c.dep_ in {"aux", "aux:pass"} for c in trigger.children):
        return True
    return is_verbal(trigger) and trigger.tag_ not in {"NN", "NNS"}


def find_head(words: Span) -> Token:
    """The word of a stretch that the others hang on, a verb if there are several."""
    heads = [t for t in words if t.head == t or not words.start <= t.head.i < words.end] or [words[0]]
    return next((t for t in heads if is_verb(t)), heads[0])


def _with_particle(verb: Token) -> list[str]:
    """The verb with its particle, if it has one, and alone."""
    word = verb.lower_
    particles = [c.lower_ for c in verb.children if c.dep_ == "compound:prt"]
    after = verb.doc[verb.i + 1].lower_ if verb.i + 1 < len(verb.doc) else ""
    return [f"{word} {p}" for p in dict.fromkeys([*particles, after]) if p.isalpha()] + [word]


def _is_negated(verb: Token) -> bool:
    return any(c.lower_ in _NEGATIONS and not _goes_on(c) for c in verb.children)


def _goes_on(negation: Token) -> bool:
    """Whether "not" is that of "not only"."""
    doc, after = negation.doc, negation.i + 1
    return after < len(doc) and doc[after].lower_ in {"only", "just", "merely", "yet"}


def _is_infinitive(verb: Token) -> bool:
    return any(c.lower_ == "to" and c.dep_ == "mark" for c in verb.children)


def _is_clausal(word: Token) -> bool:
    return any(c.dep_ in {"xcomp", "obl", "advcl", "ccomp"} for c in word.children)


def _mark(verb: Token) -> str:
    return next(
        (c.lower_ for c in verb.children if c.dep_ in {"mark", "advmod"} and c.lower_ in _IF), ""
    ) or next((c.lower_ for c in verb.children if c.dep_ == "mark"), "")


def _mark_index(verb: Token, word: str) -> int:
    return next(c.i for c in verb.children if c.lower_ == word)


def _subject_is_relative(verb: Token) -> bool:
    return any(c.dep_ in _SUBJECTS and c.lower_ in {"which", "that"} for c in verb.children)
