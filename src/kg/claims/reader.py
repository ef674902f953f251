"""Statements of a reading: by declared patterns, by composition of names, and by the state of events."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from spacy.vocab import Vocab

from kg.catalog import Catalog, Pattern, find_misfit
from kg.catalog.patterns import PAST
from kg.catalog.sources import as_mapping
from kg.claims.attendance import find_attending
from kg.claims.attribution import Attribution, find_attributions
from kg.claims.composition import Composition
from kg.claims.first_person import FirstPerson
from kg.claims.matching import Match, PatternMatcher
from kg.claims.merging import Merged, conjuncts, merge
from kg.claims.modality import ModalityReading, read_modality
from kg.claims.past import PastStates, is_told
from kg.claims.rivals import without_rivals
from kg.claims.timing import Timing
from kg.claims.triggers import Triggers
from kg.claims.validity import STATES, put_in_time, tells_of_day_to_come
from kg.days import Days, find_days
from kg.model import Literal, Mention, Modality, Rejection, Span, Statement, Status
from kg.text.reading import Reading

_STATUS_CONFIDENCE = 85
_TOLD_STATUS_CONFIDENCE = 83  # a finite verb in the past tells it
_DEFAULT_STATUS_CONFIDENCE = 80  # the words say nothing of it: told as a fact; below what words say
_DATED = 86
_SPEAKER = 72  # "we" may leave out the one who speaks
#: Events that people take part in, and how.
_OF_PEOPLE = frozenset({"Meeting", "PhoneCall", "Visit", "Ceremony", "Signing"})
_ACTING = frozenset({"agent", "patient", "with", "by"})
#: What stands beside a name is told by who writes, whoever is quoted in the sentence.
_OF_THE_WRITER = frozenset({"holdsOffice", "officeOf", "partOf"})
#: Relations that hold of a facility or body once it stands.
_OF_WHAT_STANDS = frozenset({"locatedIn", "operatedBy", "replaces", "headquarteredAt", "subordinateTo"})
#: From what says least of how things are to what says most.
_LEAST_FIRST = (Modality.DENIED, Modality.FORMER, Modality.PLANNED, Modality.ASSERTED)


@dataclass(frozen=True)
class Read:
    """What was read: statements in text order, and candidates that were refused."""

    statements: tuple[Statement, ...]
    rejections: tuple[Rejection, ...]


class ClaimReader:
    """Reads statements with the patterns of a catalog, for documents of one vocabulary."""

    def __init__(self, catalog: Catalog, vocab: Vocab) -> None:
        self._ontology = catalog.ontology
        self._matcher = PatternMatcher(catalog.patterns, catalog.lexicon, vocab)
        self._composition = Composition(catalog)
        self._past = PastStates(catalog.lexicon)
        self._triggers = Triggers(catalog.lexicon)
        self._first_person = FirstPerson(catalog.lexicon)
        self._timing = Timing(catalog.lexicon)
        self._negations = frozenset(catalog.lexicon.entries("negations"))

    def read(
        self,
        reading: Reading,
        outer: Sequence[Mention],
        nested: Sequence[Mention],
        proposed: Sequence[Statement] = (),
        today: str | None = None,
    ) -> Read:
        """All statements of `reading` about its mentions, sorted by evidence.

        What the text dates after `today` (EDTF; None if unknown) has not taken place yet.

        `proposed` are statements from elsewhere that fit the vocabulary: they are put as their clause puts them, and
        refused where a rule reads the same ends in the same relation.
        """
        if len(reading.doc) == 0:
            return Read((), ())
        merged = merge(reading.doc, outer)
        now = find_days(today) if today is not None else None
        if merged.doc.has_annotation("DEP"):
            merged = self._triggers.settle(merged, self._matcher.arguments(merged))
        evidence = _evidence(reading, merged)
        modality = _Modalities(merged)
        statements = list(self._composition.read(merged, nested, evidence))
        rejections: list[Rejection] = []
        dates = self._timing.find(merged) if merged.doc.has_annotation("DEP") else {}
        for match in self._matcher.match(merged):
            if match.pattern.relation == "date" and self._timing.refuses(merged, match.slots, dates):
                span = evidence[match.start]
                rejections.append(
                    Rejection("claims", span, reading.quote(span), "date: the parse gives another")
                )
                continue
            for statement in self._from_match(merged, match, evidence, modality, now):
                refused = find_misfit(self._ontology, statement)
                if refused is None:
                    statements.append(statement)
                else:
                    rejections.append(
                        Rejection("claims", statement.evidence, reading.quote(statement.evidence), refused)
                    )
        statements.extend(_dated(merged, dates, evidence, modality))
        for statement in proposed:
            taken = _as_put(merged, statement, statements, modality)
            if taken is not None:
                statements.append(taken)
            else:
                words = reading.quote(statement.evidence)
                stage = statement.rule.partition("/")[0]
                rejections.append(
                    Rejection(stage, statement.evidence, words, f"read by a rule: {statement.predicate}")
                )
        attributions = find_attributions(merged.doc)
        statements.extend(self._first_persons(merged, attributions, evidence, modality))
        statements = _as_built([*put_in_time(merged, statements, reading.document.issued)])
        statements = without_rivals(merged, statements)
        statements.extend(_statuses(merged, evidence, modality, _find_ahead(statements, today)))
        attributed = _attribute(merged, statements, attributions)
        return Read(tuple(_distinct(attributed)), tuple(rejections))

    def _first_persons(
        self,
        merged: Merged,
        attributions: Sequence[Attribution],
        evidence: Sequence[Span],
        modality: _Modalities,
    ) -> Iterator[Statement]:
        """That who speaks takes part in what "I" and "we" do."""
        speakers = self._first_person.find(merged, attributions)
        if not speakers or not merged.doc.has_annotation("DEP"):
            return
        arguments = self._matcher.arguments(merged)
        for i, event in enumerate(merged.mentions):
            if event is None or event.kind != "Event" or event.subkind not in _OF_PEOPLE:
                continue
            for argument in arguments.of(i):
                speaker = speakers.get(argument.token)
                person = merged.mentions[speaker] if speaker is not None else None
                if person is not None and argument.function in _ACTING:
                    mode = _status(modality.at(i, i + 1)).modality
                    yield Statement(
                        event, "participant", person, mode, evidence[i], _SPEAKER, rule="first-person"
                    )

    # ------------------------------------------------------------------ patterns
    def _from_match(
        self,
        merged: Merged,
        match: Match,
        evidence: Sequence[Span],
        modality: _Modalities,
        today: Days | None,
    ) -> Iterator[Statement]:
        pattern = match.pattern
        spread = set(_names(pattern.options.get("coordinate")))
        subjects = self._slot(merged, match, "subject", "subject" in spread)
        objects = self._slot(merged, match, "object", "object" in spread)
        for i in subjects:
            for j in objects:
                subject, object_ = merged.mentions[i], merged.mentions[j]
                if subject is None or object_ is None or i == j:
                    continue
                read = modality.of_match(match, subject, object_, i)
                if pattern.relation == "participant" and modality.is_absent(i, j):
                    read = ModalityReading(Modality.DENIED, None, read.cues)
                if subject.kind != "Event" and self._is_negated(merged, match):
                    read = ModalityReading(Modality.DENIED, None, read.cues)
                value: Mention | Literal = object_
                if object_.kind == "Date":
                    if object_.value is None:
                        continue
                    value = Literal(object_.value)
                yield Statement(
                    subject,
                    pattern.relation,
                    value,
                    self._put(merged, match, self._modality(pattern, read, _tensed(subject, object_)), today),
                    evidence[i] if evidence[i] == evidence[j] else evidence[match.start],
                    pattern.confidence,
                    rule=pattern.name,
                )

    def _put(self, merged: Merged, match: Match, modality: Modality, today: Days | None) -> Modality:
        """The modality that the pattern gives a claim which its clause puts so."""
        table = as_mapping(match.pattern.options.get("modalities", {}), match.pattern.name)
        ahead = any(tells_of_day_to_come(merged, t, today) for t in match.slots.get("trigger", ()))
        of_state = match.pattern.relation in STATES and not match.pattern.modality
        if modality is Modality.ASSERTED and of_state and ahead:
            modality = Modality.PLANNED
        if not table:
            return modality
        if PAST in table and modality is Modality.ASSERTED:
            trigger = match.slots.get("trigger", ())
            if any(self._past.is_over(merged.doc[t]) for t in trigger):
                return Modality(str(table[PAST]))
            if any(self._past.is_ahead(merged.doc[t]) for t in trigger):
                return Modality.PLANNED
        return Modality(str(table.get(modality, modality)))

    def _is_negated(self, merged: Merged, match: Match) -> bool:
        """Whether a word inside the match that fills no slot negates it: "is not a member of"."""
        slots = {t for tokens in match.slots.values() for t in tokens}
        inside = (merged.doc[i] for i in range(match.start, match.end) if i not in slots)
        found = [t for t in inside if t.lower_ in self._negations and merged.mentions[t.i] is None]
        if found and merged.doc.has_annotation("DEP"):
            # "X, a state with no army, joined Y": only a word above one of the slots can be denied for them.
            above = slots | {a.i for i in slots for a in merged.doc[i].ancestors}
            found = [t for t in found if t.head.i in above]
        return bool(found)

    @staticmethod
    def _modality(pattern: Pattern, read: ModalityReading, of_office: bool) -> Modality:
        """The pattern's own modality if it has one; "former" and "-elect" in an office's words weigh more."""
        if read.modality is Modality.DENIED:
            return Modality.DENIED
        if pattern.modality and not (of_office and read.modality is not Modality.ASSERTED):
            return Modality(pattern.modality)
        return read.modality

    @staticmethod
    def _slot(merged: Merged, match: Match, name: str, spread: bool) -> list[int]:
        tokens = list(match.slots.get(name, ()))
        if spread:
            for token in list(tokens):
                tokens.extend(t for t in conjuncts(merged, token) if t not in tokens)
        return tokens


class _Modalities:
    """How each clause is put; each trigger is read once."""

    def __init__(self, merged: Merged) -> None:
        self._merged = merged
        self._cache: dict[tuple[int, int], ModalityReading] = {}

    def at(self, start: int, end: int) -> ModalityReading:
        """The modality around the trigger tokens ``[start, end)``."""
        known = self._cache.get((start, end))
        if known is None:
            sentence = self._merged.doc[start].sent
            known = read_modality(self._merged.doc, sentence.start, sentence.end, start, end)
            self._cache[start, end] = known
        return known

    def is_absent(self, event: int, actor: int) -> bool:
        """Whether the actor's verb denies that it took part, whatever became of the event; token positions."""
        verbs = find_attending(self._merged.doc[event], self._merged.doc[actor])
        return any(self.at(v.i, v.i + 1).modality is Modality.DENIED for v in verbs)

    def of_match(
        self, match: Match, subject: Mention, object_: Mention, subject_token: int
    ) -> ModalityReading:
        """The modality of a match: of its event, of its office's tense, else of the words it matched."""
        for mention in (subject, object_):
            tense = mention.feature("tense")
            if mention.kind == "Office" and tense in {"former", "future"}:
                return ModalityReading(Modality.FORMER if tense == "former" else Modality.PLANNED, None, ())
        if subject.kind == "Event":
            read = self.at(subject_token, subject_token + 1)
            return replace(read, modality=_status(read).modality)
        trigger = match.slots.get("trigger")
        if subject.kind == "Agreement" and trigger in {None, (subject_token,)}:
            # "the treaty between A and B" is there, whatever its clause says; "a treaty between A and B" need not be.
            if not subject.feature("indefinite"):
                return ModalityReading(Modality.ASSERTED, None, ())
            head = self._merged.doc[subject_token].head
            told_by = head.i if head._.trigger == "verb" else subject_token
            read = self.at(told_by, told_by + 1)
            status = _status(read)
            return replace(read, modality=Modality.PLANNED if status is Status.CANCELLED else status.modality)
        if trigger:
            read = self.at(trigger[0], trigger[-1] + 1)
            told = self._merged.mentions[trigger[0]]
            if told is None or told.kind == "Agreement":
                return read
            if told.kind == "Event":
                return replace(read, modality=_status(read).modality)
            # "the base in Lamu": what a name's own phrase says holds whatever its clause says.
            said = self._merged.doc[trigger[0]].head.i in match.slots.get("object", ())
            return read if said else ModalityReading(Modality.ASSERTED, None, ())
        return self.at(match.start, match.end)


def _as_put(
    merged: Merged, proposed: Statement, known: Sequence[Statement], modality: _Modalities
) -> Statement | None:
    """`proposed` with the modality of its clause, or its own where the clause says nothing; None if it is known."""
    for s in known:
        if (s.subject.place, s.predicate, s.object) == (
            proposed.subject.place,
            proposed.predicate,
            proposed.object,
        ):
            return None
    ends = [m for m in (proposed.subject, proposed.object) if isinstance(m, Mention)]
    tokens = sorted(i for m in ends if (i := merged.find_token(m)) is not None)
    if not tokens:
        return proposed
    if proposed.subject.kind == "Event":
        at = merged.find_token(proposed.subject)
        return (
            proposed if at is None else replace(proposed, modality=_status(modality.at(at, at + 1)).modality)
        )
    # Which word states it is not known: one between the ends that is put as no fact makes the whole none.
    between = [i for i in range(tokens[0] + 1, tokens[-1]) if merged.mentions[i] is None]
    ranges = [(tokens[0], tokens[-1] + 1), *((i, i + 1) for i in between if merged.doc[i].is_alpha)]
    readings = {proposed.modality, *(modality.at(start, stop).modality for start, stop in ranges)}
    return replace(proposed, modality=next(m for m in _LEAST_FIRST if m in readings))


def _tensed(*mentions: Mention) -> bool:
    return any(m.kind == "Office" and m.feature("tense") in {"former", "future"} for m in mentions)


def _as_built(statements: Sequence[Statement]) -> list[Statement]:
    """What is said of a body or facility yet to be set up or built is planned: it is not there yet.

    A construction that a noun speaks of ("the construction of the base at X") is not done either.
    """
    unbuilt = {
        s.object.place
        for s in statements
        if s.predicate == "concerns"
        and isinstance(s.object, Mention)
        and s.subject.subkind in {"Construction", "Establishment"}
        and (
            s.modality is Modality.PLANNED
            or (s.subject.subkind == "Construction" and s.subject.feature("trigger") == "noun")
        )
    }
    return [
        replace(s, modality=Modality.PLANNED)
        if s.subject.place in unbuilt and s.modality is Modality.ASSERTED and s.predicate in _OF_WHAT_STANDS
        else s
        for s in statements
    ]


def _find_ahead(statements: Sequence[Statement], today: str | None) -> frozenset[tuple[int, int, str]]:
    """The places of the events that the text dates, and dates after `today` throughout."""
    known = find_days(today) if today is not None else None
    if known is None or known.last is None:
        return frozenset()
    ahead: dict[tuple[int, int, str], bool] = {}
    for s in statements:
        if s.predicate == "date" and s.subject.kind == "Event" and isinstance(s.object, Literal):
            days = find_days(s.object.value)
            later = days is not None and days.first is not None and days.first > known.last
            ahead[s.subject.place] = later and ahead.get(s.subject.place, True)
    return frozenset(place for place, later in ahead.items() if later)


def _statuses(
    merged: Merged,
    evidence: Sequence[Span],
    modality: _Modalities,
    ahead: Collection[tuple[int, int, str]],
) -> Iterator[Statement]:
    """The status of every event; one that no word puts ahead, but its date does, is planned."""
    for i, mention in enumerate(merged.mentions):
        if mention is None or mention.kind != "Event":
            continue
        read = modality.at(i, i + 1)
        status, confidence = _status(read), _DEFAULT_STATUS_CONFIDENCE
        if read.cues:
            confidence = _STATUS_CONFIDENCE
        elif status is Status.HELD and mention.place in ahead:
            status, confidence = Status.PLANNED, _STATUS_CONFIDENCE
        elif status is Status.HELD and is_told(merged.doc[i]):
            confidence = _TOLD_STATUS_CONFIDENCE
        yield Statement(mention, "status", status, status.modality, evidence[i], confidence, rule="status")


def _dated(
    merged: Merged, dates: Mapping[int, Sequence[int]], evidence: Sequence[Span], modality: _Modalities
) -> Iterator[Statement]:
    """What the parse says of when events take place and agreements are made."""
    for i, tokens in dates.items():
        subject = merged.mentions[i]
        for token in tokens:
            day = merged.mentions[token]
            if subject is None or day is None or day.value is None:
                continue
            read = modality.at(i, i + 1)
            mode = _status(read).modality if subject.kind == "Event" else read.modality
            yield Statement(subject, "date", Literal(day.value), mode, evidence[i], _DATED, rule="timing")


def _status(read: ModalityReading) -> Status:
    """The status that a reading comes to; an event that the words put as a plain fact was held."""
    if read.status is not None:
        return read.status
    return {Modality.PLANNED: Status.PLANNED, Modality.DENIED: Status.DENIED}.get(read.modality, Status.HELD)


def _evidence(reading: Reading, merged: Merged) -> list[Span]:
    """For each merged token, the stored text's span of its sentence, without white space at its ends."""
    out: list[Span] = []
    for sentence in merged.doc.sents:
        tokens = [t.i for t in sentence if not t.is_space]
        first, last = (tokens[0], tokens[-1]) if tokens else (sentence.start, sentence.end - 1)
        span = reading.span(merged.origin[first][0], merged.origin[last][1])
        out.extend([span] * len(sentence))
    return out


def _attribute(
    merged: Merged, statements: Sequence[Statement], attributions: Sequence[Attribution]
) -> Iterator[Statement]:
    """The statements, each with the innermost attribution whose scope holds its subject or object."""
    covering: dict[int, list[Attribution]] = {}
    for attribution in attributions:
        for token in range(attribution.scope_start, attribution.scope_end):
            covering.setdefault(token, []).append(attribution)
    for statement in statements:
        if statement.rule.startswith("composition/") or statement.predicate in _OF_THE_WRITER:
            yield statement
            continue
        ends = [statement.subject, statement.object]
        found = [merged.find_token(m) for m in ends if isinstance(m, Mention)]
        tokens = [t for t in found if t is not None]
        fitting = [
            a
            for t in tokens
            for a in covering.get(t, ())
            if not all(a.source_start <= x < a.source_end for x in tokens)
        ]
        if not fitting or not tokens:
            yield statement
            continue
        inner = min(fitting, key=lambda a: (a.scope_end - a.scope_start, a.scope_start, -a.source_start))
        source = next(
            (
                m
                for m in merged.mentions[inner.source_start : inner.source_end]
                if m is not None and m.kind in {"Person", "Organization"}
            ),
            None,
        )
        yield replace(statement, attribution=inner.text, source=source)


def _distinct(statements: Iterator[Statement]) -> list[Statement]:
    """One statement for each reading of the same words, the surest; in text order."""
    best: dict[tuple[object, ...], Statement] = {}
    rules: dict[tuple[object, ...], set[str]] = {}
    for s in statements:
        other = s.object.place if isinstance(s.object, Mention) else s.object
        key = (s.subject.place, s.predicate, other, s.modality)
        known = best.get(key)
        rules.setdefault(key, set()).add(s.rule)
        if known is None or s.confidence > known.confidence:
            best[key] = s
    found = (replace(s, also=tuple(sorted(rules[key] - {s.rule}))) for key, s in best.items())
    return sorted(found, key=lambda s: (s.evidence, s.subject.place, s.predicate, s.rule))


def _names(value: object) -> list[str]:
    if value is None:
        return []
    return (
        [value]
        if isinstance(value, str)
        else [str(v) for v in value]
        if isinstance(value, (list, tuple))
        else []
    )


__all__ = ["ClaimReader", "Read"]
