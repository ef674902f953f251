"""Declared patterns, compiled to spaCy's `Matcher` and `DependencyMatcher`, and frames over predicates' arguments.

A pattern's token may carry ``as: <slot>``; the slots of a match are the tokens that those specs matched.
See ``docs/patterns.md`` for the keys that a pattern may use.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from spacy.matcher import DependencyMatcher, Matcher
from spacy.vocab import Vocab

from kg.catalog import Lexicon, Pattern
from kg.catalog.patterns import End, Frame, end_spec, matcher_spec
from kg.claims.arguments import Arguments
from kg.claims.conditions import Condition, Tokens, Trait, find_outline
from kg.claims.merging import Merged


@dataclass(frozen=True, slots=True)
class Match:
    """`pattern` fits tokens ``[start, end)`` of a merged `Doc`; `slots` names the tokens by slot."""

    pattern: Pattern
    start: int
    end: int
    slots: Mapping[str, tuple[int, ...]]


class PatternMatcher:
    """Runs all declared patterns over merged documents of one vocabulary."""

    def __init__(self, patterns: Iterable[Pattern], lexicon: Lexicon, vocab: Vocab) -> None:
        self._patterns = {p.name: p for p in patterns}
        self._slots: dict[str, list[str | None]] = {}
        self._nodes: dict[str, list[str]] = {}
        self._reach = {
            p.name: int(str(p.options["within"])) for p in self._patterns.values() if "within" in p.options
        }
        self._rows: dict[str, _Row] = {}
        self._arcs = DependencyMatcher(vocab)
        self._frames: dict[str, Frame] = {}
        self._triggers: dict[str, Condition] = {}
        self._ends: dict[tuple[str, str], Condition] = {}
        self._support = {
            form: word.value for form, word in lexicon.forms("event_support_verbs").items() if " " not in form
        }
        self._members = frozenset(lexicon.forms("member_nouns"))
        self._talking = frozenset(lexicon.forms("talking_verbs"))
        self._places = frozenset(w for w in lexicon.forms("place_heads") if " " not in w)
        self._posts = frozenset(lexicon.forms("post_nouns"))
        self._including = frozenset(lexicon.forms("including_verbs"))
        self._housing = frozenset(lexicon.forms("housing_verbs"))
        self._replacing = frozenset(lexicon.forms("replacing_verbs"))
        for pattern in self._patterns.values():
            if pattern.tokens is not None:
                self._slots[pattern.name] = [_slot(spec) for spec in pattern.tokens]
                self._rows[pattern.name] = _Row(vocab, matcher_spec(pattern, lexicon))
            elif pattern.dependency is not None:
                self._nodes[pattern.name] = [str(node["RIGHT_ID"]) for node in pattern.dependency]
                self._arcs.add(pattern.name, [matcher_spec(pattern, lexicon)])
            elif pattern.frame is not None:
                self._frames[pattern.name] = pattern.frame
                self._triggers[pattern.name] = Condition(matcher_spec(pattern, lexicon)[0], vocab)
                for role, end in (("subject", pattern.frame.subject), ("object", pattern.frame.object)):
                    if end.spec:
                        self._ends[pattern.name, role] = Condition(end_spec(end, lexicon)[0], vocab)
        self._names = {vocab.strings[name]: name for name in self._patterns}
        self._unparsed = frozenset(p.name for p in self._patterns.values() if p.options.get("without_parse"))
        self._row_index = _Index(
            {name: row.outline.rarest or frozenset() for name, row in self._rows.items()}
        )
        self._trigger_index = _Index({name: test.traits for name, test in self._triggers.items()})

    def match(self, merged: Merged) -> list[Match]:
        """All matches inside one sentence, sorted by place and pattern; each set of slots once."""
        doc = merged.doc
        parsed = doc.has_annotation("DEP")
        tokens = Tokens(doc)
        found: dict[tuple[object, ...], Match] = {}
        for sentence in doc.sents:
            places = tokens.places(sentence.start, sentence.end)
            for name in self._row_index.find(places):
                row = self._rows[name]
                if not row.outline.is_in(places) or (parsed and name in self._unparsed):
                    continue
                for _, start, end, alignment in row.matcher(sentence, with_alignments=True):  # type: ignore[misc]  # the stub lacks the fourth
                    if end - start <= self._reach.get(name, end - start):
                        begin = sentence.start + start
                        slots = self._filled(self._slots[name], alignment, begin)
                        self._keep(found, Match(self._patterns[name], begin, sentence.start + end, slots))
        if len(self._arcs) and parsed:
            for key, nodes in self._arcs(doc):
                name = self._names[key]
                slots = {node: (token,) for node, token in zip(self._nodes[name], nodes, strict=True)}
                self._keep(found, Match(self._patterns[name], min(nodes), max(nodes) + 1, slots))
        if self._frames and parsed:
            for framed in self._match_frames(merged, tokens):
                self._keep(found, framed)
        return sorted(found.values(), key=lambda m: (m.start, m.end, m.pattern.name, sorted(m.slots.items())))

    def arguments(self, merged: Merged) -> Arguments:
        """The arguments of the predicates of a parsed `merged`."""
        return Arguments(
            merged,
            self._support,
            self._members,
            self._places,
            self._posts,
            talking=self._talking,
            replacing=self._replacing,
            including=self._including,
            housing=self._housing,
        )

    def _match_frames(self, merged: Merged, tokens: Tokens) -> Iterator[Match]:
        places = tokens.places(0, len(merged.doc))
        triggered: dict[str, list[int]] = {}
        for name in self._trigger_index.find(places):
            condition = self._triggers[name]
            rows = [places[trait] for trait in condition.traits if trait in places]
            some = sorted({at for row in rows for at in row}) if condition.traits else range(len(merged.doc))
            triggered[name] = [at for at in some if condition.fits(tokens, at)]
        arguments = self.arguments(merged)
        for name, frame in self._frames.items():
            for at in triggered.get(name, ()):
                if not _goes_with(merged, at, frame.particles):
                    continue
                ends = []
                for role, end in (("subject", frame.subject), ("object", frame.object)):
                    fillers = (at,) if end.is_trigger else self._arguments(arguments, at, end)
                    wanted = self._ends.get((name, role))
                    ends.append([t for t in fillers if wanted is None or wanted.fits(tokens, t)])
                for i in ends[0]:
                    for j in ends[1]:
                        if i != j and merged.mentions[i] is not None and merged.mentions[j] is not None:
                            slots = {"subject": (i,), "object": (j,), "trigger": (at,)}
                            yield Match(self._patterns[name], min(i, j, at), max(i, j, at) + 1, slots)

    @staticmethod
    def _arguments(arguments: Arguments, at: int, end: End) -> list[int]:
        return sorted({a.token for a in arguments.of(at) if a.function in end.functions})

    @staticmethod
    def _keep(found: dict[tuple[object, ...], Match], match: Match) -> None:
        """Keep the shortest of the matches of one pattern with the same slots."""
        key = (match.pattern.name, *sorted(match.slots.items()))
        known = found.get(key)
        if known is None or match.end - match.start < known.end - known.start:
            found[key] = match

    @staticmethod
    def _filled(
        names: Sequence[str | None], alignment: Sequence[int], start: int
    ) -> dict[str, tuple[int, ...]]:
        slots: dict[str, list[int]] = {}
        for offset, spec in enumerate(alignment):
            name = names[spec]
            if name is not None:
                slots.setdefault(name, []).append(start + offset)
        return {name: tuple(tokens) for name, tokens in sorted(slots.items())}


class _Row:
    """A pattern over tokens in a row: its matcher, and what a sentence must have for it to match."""

    def __init__(self, vocab: Vocab, specs: Sequence[dict[str, object]]) -> None:
        self.matcher = Matcher(vocab)
        self.matcher.add("row", [list(specs)])
        self.outline = find_outline(specs)


class _Index:
    """Names by traits of which one must be there; names without any are always found."""

    def __init__(self, wanted: Mapping[str, frozenset[Trait]]) -> None:
        self._order = {name: i for i, name in enumerate(wanted)}
        self._always = [name for name, traits in wanted.items() if not traits]
        self._by_trait: dict[Trait, list[str]] = {}
        for name, traits in wanted.items():
            for trait in sorted(traits):
                self._by_trait.setdefault(trait, []).append(name)

    def find(self, traits: Iterable[Trait]) -> list[str]:
        """The names that one of `traits` belongs to, in the order that they were given in."""
        found = {name for trait in traits for name in self._by_trait.get(trait, ())}
        return sorted(found.union(self._always), key=self._order.__getitem__)


def _goes_with(merged: Merged, at: int, particles: Sequence[str]) -> bool:
    """Whether the trigger has one of `particles` ("take over"), or none where none is wanted."""
    own = {t.lower_ for t in merged.doc[at].children if t.dep_ == "compound:prt"}
    if not particles:
        return not own or merged.mentions[at] is not None
    words = merged.doc[at].lower_.split()
    return bool((own | set(words[1:])) & set(particles))


def _slot(spec: Mapping[str, object]) -> str | None:
    name = spec.get("as")
    return str(name) if name is not None else None
