"""Which proposals are taken: words that stand in the text, classes and relations that are declared and fit.

The rules go first. A proposal for the words of a mention that the rules found stands for that mention, whatever class
it proposes; one that overlaps a mention is refused, and its statements go to the mention if it is of the same kind.
Reasons are counted by what stands before their first colon.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from spacy.tokens import Span as Tokens

from kg.catalog import Catalog, find_misfit
from kg.extractors.proposal import Proposals, ProposedMention, ProposedStatement
from kg.model import Form, Literal, Mention, Rejection, Span, Statement
from kg.text.reading import Reading

#: Hundredths: below the least that a pattern is given, so that what rules read always weighs more.
HIGHEST_CONFIDENCE = 50
#: The feature of a mention that an extractor proposed; its value is the extractor's name.
PROPOSED_BY = "proposed_by"
_LONGEST_NAME = 16  # tokens
_LAST_MARKS = ".')"  # "Acme Inc.", "the Peoples'", "Fleet (Reserve)"
_ARTICLES = frozenset({"the", "a", "an"})
#: What is spoken of in plain words; all else that is new must be a name.
_UNNAMED = frozenset({"Office", "Event"})
_NOT_STATED = frozenset({"Status", "Text"})  # ranges that are read or derived otherwise


@dataclass(frozen=True)
class Admitted:
    """Mentions that are new, statements between mentions, and what was refused with the reason."""

    mentions: tuple[Mention, ...]
    statements: tuple[Statement, ...]
    rejections: tuple[Rejection, ...]


class Admission:
    """Holds proposals against the text and the vocabulary."""

    def __init__(self, catalog: Catalog) -> None:
        self._ontology = catalog.ontology

    def admit(
        self,
        reading: Reading,
        proposals: Sequence[tuple[str, Proposals]],
        outer: Sequence[Mention],
        nested: Sequence[Mention],
    ) -> Admitted:
        """What is taken of the proposals, given as (extractor's name, what it says).

        `outer` and `nested` are the rules' mentions; of two extractors the first wins where they overlap.
        """
        table = _Table(reading, outer, nested)
        statements: list[Statement] = []
        rejections: list[Rejection] = []
        for name, proposed in proposals:
            rejections += proposed.refused
            ends = self._place_all(table, name, proposed.mentions, rejections)
            for one in proposed.statements:
                taken = self._statement(table, name, one, ends, proposed.mentions)
                (statements if isinstance(taken, Statement) else rejections).append(taken)  # type: ignore[arg-type]
        return Admitted(tuple(table.new), tuple(statements), tuple(rejections))

    # ------------------------------------------------------------------ mentions
    def _place_all(
        self,
        table: _Table,
        name: str,
        proposed: Sequence[ProposedMention],
        rejections: list[Rejection],
    ) -> list[Mention | None]:
        """The mention that each proposal stands for; None for those refused."""
        ends: list[Mention | None] = [None] * len(proposed)
        order = sorted(
            range(len(proposed)),
            key=lambda i: (-proposed[i].score, proposed[i].start - proposed[i].end, proposed[i].start, i),
        )
        refused: dict[int, Rejection] = {}
        for i in order:
            ends[i], reason = self._place(table, name, proposed[i])
            if reason is not None:
                span = table.stored_span(proposed[i].start, proposed[i].end)
                refused[i] = Rejection(name, span, proposed[i].text, reason)
        rejections += [refused[i] for i in sorted(refused)]
        return ends

    def _place(self, table: _Table, name: str, one: ProposedMention) -> tuple[Mention | None, str | None]:
        """(the mention that `one` stands for, why it is refused)."""
        if one.label != "Date" and one.label not in self._ontology.classes:
            return None, f"class not declared: {one.label!r}"
        kind = one.label if one.label == "Date" else self._ontology.top(one.label)
        if table.text[max(one.start, 0) : max(one.end, 0)] != one.text or not one.text:
            return None, f"words not in the text at these offsets: {one.start} to {one.end}"
        words = table.words(one)
        if words is None:
            return None, f"not whole words of one sentence: {one.start} to {one.end}"
        known = table.find(words.start, words.end, kind)
        if known is not None:
            return known, None
        rival = table.find_rival(words.start, words.end)
        if rival is not None:
            inside = table.only_inside(words.start, words.end, kind)
            return inside, f"overlaps what is read already: {rival.kind} {rival.text!r}"
        reason = self._refusal(words, kind, one.label)
        if reason is not None:
            return None, reason
        features = {PROPOSED_BY: name}
        if kind == "Event":
            features["trigger"] = "noun" if words[-1].pos_ in {"NOUN", "PROPN"} else "verb"
        elif kind == "Office":
            features["title"] = words.text.lower()
        return table.enter(words, kind, one.label if one.label != kind else None, features), None

    def _refusal(self, words: Tokens, kind: str, label: str) -> str | None:
        """Why words that no rule reads are not taken for a thing of the class, or None if they are."""
        if kind == "Date":
            return f"no date that can be read: {words.text!r}"
        if label == "Event":
            return f"class too wide: want one below Event for {words.text!r}"
        if len(words) > _LONGEST_NAME:
            return f"longer than a name: {len(words)} words"
        if all(token.is_stop or not token.text[:1].isalnum() for token in words):
            return f"no name: {words.text!r}"
        first, last = words.text[0], words.text[-1]
        if not first.isalnum() or not (last.isalnum() or last in _LAST_MARKS) or '"' in words.text:
            return f"no name: {words.text!r} has marks that are no part of one"
        if kind in _UNNAMED:
            return None
        capitals = [token for token in words if token.text[:1].isupper()]
        if not any(not token.is_stop for token in capitals):
            return f"no name: {words.text!r}"
        if len(words) == 1 and words[0].is_sent_start and _is_common(words):
            return f"no name: {words.text!r} begins a sentence and stands in lower case elsewhere"
        return None

    # ------------------------------------------------------------------ statements
    def _statement(
        self,
        table: _Table,
        name: str,
        one: ProposedStatement,
        ends: Sequence[Mention | None],
        proposed: Sequence[ProposedMention],
    ) -> Statement | Rejection:
        """The statement, or why it is refused."""
        at = [proposed[i] for i in (one.subject, one.object) if 0 <= i < len(proposed)]
        place = table.stored_span(at[0].start, at[0].end) if at else Span(0, 0)
        told = f"{' | '.join([at[0].text, one.relation, at[1].text]) if len(at) == 2 else one.relation}"

        def refuse(reason: str) -> Rejection:
            return Rejection(name, place, told, reason)

        relation = self._ontology.relations.get(one.relation)
        if relation is None or relation.range & _NOT_STATED:
            return refuse(f"relation not declared: {one.relation!r}")
        if len(at) < 2:
            return refuse("end not proposed: want the index of a proposed mention")
        subject, object_ = ends[one.subject], ends[one.object]
        if subject is None or object_ is None:
            return refuse(f"end refused: {at[0 if subject is None else 1].text!r}")
        sentence = table.sentence_of(subject)
        if sentence.start != table.sentence_of(object_).start:
            return refuse("ends in different sentences")
        if not one.quote.strip() or one.quote.strip() not in sentence.text:
            return refuse(f"quote not in the sentence: {one.quote[:80]!r}")
        value: Mention | Literal = object_
        if object_.kind == "Date":
            if object_.value is None:
                return refuse(f"no date that can be read: {object_.text!r}")
            value = Literal(object_.value)
        statement = Statement(
            subject,
            one.relation,
            value,
            one.modality,
            table.evidence(sentence),
            HIGHEST_CONFIDENCE,
            rule=f"{name}/{one.relation}",
        )
        misfit = find_misfit(self._ontology, statement)
        return statement if misfit is None else refuse(f"does not fit the vocabulary: {misfit}")


class _Table:
    """The mentions of a reading by their place; new ones are entered as they are taken."""

    def __init__(self, reading: Reading, outer: Sequence[Mention], nested: Sequence[Mention]) -> None:
        self.text = reading.doc.text
        self.new: list[Mention] = []
        self._reading = reading
        self._at: dict[tuple[int, int], list[Mention]] = {}
        self._taken: dict[int, Mention] = {}
        for mention in (*outer, *nested):
            self._at.setdefault(mention.tokens, []).append(mention)
        for mention in outer:
            self._take(mention)

    def _take(self, mention: Mention) -> None:
        self._taken.update(dict.fromkeys(range(*mention.tokens), mention))

    def words(self, one: ProposedMention) -> Tokens | None:
        """The proposal's tokens without an article before them; None if it cuts a word or leaves its sentence."""
        found = self._reading.doc.char_span(one.start, one.end, alignment_mode="strict")
        if found is None or any(token.is_sent_start for token in found[1:]):
            return None
        if len(found) > 1 and found[0].lower_ in _ARTICLES:
            found = found[1:]
        return found

    def find(self, start: int, end: int, kind: str) -> Mention | None:
        """The mention of exactly these tokens, one of the kind if there are several."""
        known = self._at.get((start, end), ())
        return next((m for m in known if m.kind == kind), known[0] if known else None)

    def find_rival(self, start: int, end: int) -> Mention | None:
        """The first mention that shares a token with the range."""
        return next((self._taken[i] for i in range(start, end) if i in self._taken), None)

    def only_inside(self, start: int, end: int, kind: str) -> Mention | None:
        """The only mention of the kind that lies in the range or around all of it."""
        rivals = {self._taken[i].place: self._taken[i] for i in range(start, end) if i in self._taken}
        fitting = [
            m
            for m in rivals.values()
            if m.kind == kind
            and (
                (start <= m.tokens[0] and m.tokens[1] <= end) or (m.tokens[0] <= start and end <= m.tokens[1])
            )
        ]
        return fitting[0] if len(fitting) == 1 else None

    def enter(self, words: Tokens, kind: str, subkind: str | None, features: Mapping[str, str]) -> Mention:
        """A new mention of these words."""
        mention = Mention(
            self._reading.span(words.start, words.end),
            (words.start, words.end),
            words.text,
            kind,
            subkind,
            Form.NAME,
            features=dict(sorted(features.items())),
        )
        self.new.append(mention)
        self._at.setdefault(mention.tokens, []).append(mention)
        self._take(mention)
        return mention

    def sentence_of(self, mention: Mention) -> Tokens:
        """The sentence that the mention stands in."""
        sentence: Tokens = self._reading.doc[mention.tokens[0]].sent
        return sentence

    def evidence(self, sentence: Tokens) -> Span:
        """The stored text's span of the sentence, without white space at its ends."""
        tokens = [t.i for t in sentence if not t.is_space]
        return self._reading.span(tokens[0], tokens[-1] + 1)

    def stored_span(self, start: int, end: int) -> Span:
        """The stored text's span of cleaned offsets that may lie anywhere; empty where they are out of the text."""
        inside = 0 <= start < end <= len(self._reading.offsets)
        return self._reading.char_span(start, end) if inside else Span(0, 0)


def _is_common(words: Tokens) -> bool:
    """Whether the only word of `words` stands somewhere in its document in lower case."""
    own = words[0].lower_
    return any(token.text == own for token in words.doc)


def mark_proposed(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """The statements; those about a proposed mention under the extractor's name and with its confidence at most."""
    out = []
    for s in statements:
        ends = [m for m in (s.subject, s.object) if isinstance(m, Mention)]
        by = next((b for m in ends if (b := m.feature(PROPOSED_BY))), None)
        if by is not None and not s.rule.startswith(f"{by}/"):
            s = replace(s, rule=f"{by}/{s.rule}")
        out.append(replace(s, confidence=min(s.confidence, HIGHEST_CONFIDENCE)) if by is not None else s)
    return tuple(out)


def count_refusals(rejections: Iterable[Rejection], names: Iterable[str]) -> dict[str, dict[str, int]]:
    """Extractor's name → reason → number, for the extractors `names`; the most frequent reasons first."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in names}
    for r in rejections:
        if r.stage in counts:
            counts[r.stage][r.reason.partition(":")[0]] += 1
    return {
        name: dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))
        for name, found in sorted(counts.items())
    }
