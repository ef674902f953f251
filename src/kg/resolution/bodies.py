"""Which bodies, facilities and places of different documents are one, where a document's name for them is weak."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from kg.model import Match, Verdict
from kg.resolution.clusters import tokens_of
from kg.resolution.knowledge import Knowledge, Thing, Told, is_state
from kg.resolution.naming import sound
from kg.resolution.unions import Unions

_KINDS = ("Organization", "Facility", "Agreement", "Place", "Equipment")
_SMALL = frozenset({"the", "a", "an", "of", "and", "for", "on", "in", "at", "to", "s", "de", "du", "la"})
_MOST_IN_BLOCK = 200  # things that share a word; a more common word is not looked at
_ACRONYM = range(2, 8)  # letters

Words = frozenset[str]


class BodyMatcher:
    """Decides on things other than people, offices and events; writes into `unions` and `matches`."""

    def __init__(self, knowledge: Knowledge, unions: Unions, matches: list[Match]) -> None:
        self._knowledge = knowledge
        self._unions = unions
        self._matches = matches
        self._strong = [t for t in knowledge.of_kind(*_KINDS) if not t.is_scoped]
        self._weak = [t for t in knowledge.of_kind(*_KINDS) if t.is_scoped]

    def match_spellings(self) -> None:
        """Join shared names that are spelled in different ways: "Centre" and "Center", "Odesa" and "Odessa"."""
        groups: defaultdict[tuple[str, tuple[str, ...]], set[str]] = defaultdict(set)
        for thing in self._strong:
            for name in thing.names:
                key = tuple(sound(w) for w in tokens_of(name) if w not in _SMALL)
                if sum(map(len, key)) > 4 and not _is_acronym(name):
                    groups[thing.kind, key].add(thing.iri)
        for (kind, key), iris in sorted(groups.items()):
            known = sorted(i for i in iris if self._knowledge.things[i].values("gazetteer:"))
            if len(iris) < 2 or len(known) > 1:
                continue
            first = known[0] if known else min(iris)
            for other in sorted(iris - {first}):
                one, two = self._knowledge.things[first], self._knowledge.things[other]
                if kind == "Place" and len(key) == 1 and not self._neighbours(one) & self._neighbours(two):
                    self._note(
                        first,
                        other,
                        Verdict.UNSURE,
                        60,
                        "+ names that sound alike",
                        "- nothing else in common",
                    )
                elif not self._clash(one, two):
                    self._join(first, other, 93, "+ spellings of one name")

    def match_words(self) -> None:
        """Join weak names with the one shared name whose words they and what stands around them hold.

        "the joint operation command" of Japan's forces is the "Japan Joint Operations Command".
        """
        index: defaultdict[tuple[str, str], list[tuple[Words, str]]] = defaultdict(list)
        acronyms: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for thing in self._strong:
            for words in sorted({w for n in thing.names if (w := words_of(n))}, key=sorted):
                for word in sorted(words):
                    index[thing.kind, word].append((words, thing.iri))
            for name in thing.names:
                if _is_acronym(name):
                    acronyms[thing.kind, name].add(self._unions.find(thing.iri))
        for thing in self._weak:
            found = {i for n in thing.names if _is_acronym(n) for i in acronyms.get((thing.kind, n), ())}
            if len(found) == 1 and not self._clash(thing, self._knowledge.things[min(found)]):
                self._join(min(found), thing.iri, 92, "+ an acronym that one name has")
                continue
            fitting = self._by_words(thing, index)
            if len(fitting) == 1:
                iri, (own, rest) = next(iter(fitting.items()))
                self._join(
                    iri,
                    thing.iri,
                    90,
                    f"+ words of its name: {', '.join(sorted(own))}",
                    f"+ beside it: {', '.join(sorted(rest)) or 'what it belongs to'}",
                )
            else:
                for iri in sorted(fitting)[:3]:
                    self._note(
                        iri, thing.iri, Verdict.UNSURE, 40, "+ words of its name", f"- {len(fitting)} fit"
                    )

    def _by_words(
        self, thing: Thing, index: Mapping[tuple[str, str], list[tuple[Words, str]]]
    ) -> dict[str, tuple[Words, Words]]:
        """Shared IRI → (words of the weak name, words around it), of all that fit."""
        around = frozenset(
            chain.from_iterable(words_of(n) for i in self._neighbours(thing) for n in self._names(i))
        )
        found: dict[str, tuple[Words, Words]] = {}
        for own in sorted({w for n in thing.names if len(w := words_of(n)) > 1}, key=sorted):
            rarest = min((index.get((thing.kind, w), []) for w in sorted(own)), key=len)
            for words, iri in rarest[: _MOST_IN_BLOCK + 1] if len(rarest) <= _MOST_IN_BLOCK else ():
                strong = self._knowledge.things[iri]
                rest = words - own
                if not own <= words or not rest <= around or self._clash(thing, strong):
                    continue
                if rest or self._neighbours(thing) & self._neighbours(strong):
                    found.setdefault(self._unions.find(iri), (own, rest))
        return found

    def match_reports(self) -> bool:
        """Join weak names of documents that report one event: equal words, and one thing that bears them.

        Whether any were.
        """
        before = len(self._matches)
        groups: defaultdict[tuple[str, str, Words], set[str]] = defaultdict(set)
        for told in self._knowledge.told.values():
            events = {e for h in told.happenings if len(h.people) > 1 for e in [self._unions.find(h.iri)]}
            for event in sorted(e for e in events if len(self._unions.members(e)) > 1):
                for iri in told.entities:
                    thing = self._knowledge.things[iri]
                    if thing.kind in _KINDS and not (thing.kind == "Place" and not thing.is_scoped):
                        for words in {w for n in thing.names if len(w := words_of(n)) > 1}:
                            groups[event, thing.kind, words].add(iri)
        for (_, _, words), iris in sorted(groups.items(), key=lambda g: (g[0][0], g[0][1], sorted(g[0][2]))):
            strong = sorted({self._unions.find(i) for i in iris if not self._knowledge.things[i].is_scoped})
            weak = sorted(i for i in iris if self._knowledge.things[i].is_scoped)
            if not weak or len(strong) > 1 or len(weak) + len(strong) < 2:
                continue
            first = strong[0] if strong else weak[0]
            for other in weak if strong else weak[1:]:
                one, two = self._knowledge.things[first], self._knowledge.things[other]
                if not self._clash(one, two) and self._may_head(one, two):
                    why = f"+ the same words: {', '.join(sorted(words))}"
                    self._join(first, other, 91, why, "+ both documents report one event")
        return len(self._matches) > before

    def _may_head(self, strong: Thing, weak: Thing) -> bool:
        """Whether the document of a weak ministry knows no minister of that portfolio of another state."""
        states = _states(strong)
        if not states:
            return True
        words = {w for n in weak.names for w in words_of(n)}
        for document in weak.documents:
            told: Told = self._knowledge.told[document]
            for _, office, _ in told.held:
                post = self._knowledge.things.get(self._unions.find(office)) or self._knowledge.things.get(
                    office
                )
                if post is None:
                    continue
                of_portfolio = any(set(p.split("-")) & words for p in post.values("post:"))
                if of_portfolio and _head_fits(post, weak) and not _states(post) <= states:
                    return False
        return True

    def _neighbours(self, thing: Thing) -> set[str]:
        """What the documents of a thing say it belongs to, lies in, replaces."""
        found: set[str] = set()
        for document in thing.documents[:_MOST_IN_BLOCK]:
            found.update(map(self._unions.find, self._knowledge.told[document].around.get(thing.iri, ())))
        return found

    def _names(self, iri: str) -> Iterable[str]:
        thing = self._knowledge.things.get(iri)
        return sorted(thing.names) if thing is not None else ()

    def _clash(self, one: Thing, other: Thing) -> bool:
        """Whether the two are known to be of different states."""
        a, b = _states(one) | self._owner(one), _states(other) | self._owner(other)
        return bool(a and b and not a & b)

    def _owner(self, thing: Thing) -> set[str]:
        if thing.kind == "Place":
            return set()
        return {i.rsplit("/", 1)[-1] for i in self._neighbours(thing) if is_state(i)}

    def _join(self, one: str, other: str, score: int, *because: str) -> None:
        if self._unions.find(one) != self._unions.find(other) and self._unions.join(one, other):
            self._note(one, other, Verdict.SAME, score, *because)

    def _note(self, one: str, other: str, verdict: Verdict, score: int, *because: str) -> None:
        low, high = sorted((one, other))
        self._matches.append(Match(low, high, verdict, score, because))


def _states(thing: Thing) -> set[str]:
    return thing.values("country:")


def _head_fits(post: Thing, body: Thing) -> bool:
    """Whether the post's title is that of the body's head: ministers lead ministries, secretaries departments."""
    ministry = any("ministry" in words_of(n) for n in body.names)
    return any(p.split("-")[0] == "minister" for p in post.values("post:")) == ministry


def words_of(name: str) -> Words:
    """The words of a name that count, without plural endings.

    >>> sorted(words_of("the Joint Operations Command"))
    ['command', 'joint', 'operation']
    """
    return frozenset(_words(name))


def _words(name: str) -> Iterator[str]:
    for word in tokens_of(name):
        if word not in _SMALL:
            yield word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _is_acronym(name: str) -> bool:
    return name.isupper() and name.isalpha() and len(name) in _ACRONYM
