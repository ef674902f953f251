"""Which people of different documents are one: names that are alike, posts, states, whom they are named with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import combinations

from kg.model import Match, Verdict
from kg.resolution import scoring
from kg.resolution.knowledge import Knowledge, Thing
from kg.resolution.naming import SOUND, Likeness, Naming
from kg.resolution.scoring import Evidence
from kg.resolution.unions import Unions

_MOST_VARIANTS = 4  # names of one person that are compared
_MOST_IN_BLOCK = 60  # bearers of one key that are compared with each other
_MOST_DOCUMENTS = 100  # of a person that are looked at for whom they name
_MOST_UNSURE = 3  # candidates of a single name that are kept where it stays undecided
_ENOUGH_COMPANY = 0.45
_SAME_DAY = timedelta(0)
_TERM = timedelta(days=730)  # how far from a day a holder is known for it to say who held the office then
_MUCH_NEARER = timedelta(days=120)
_ANY = ""  # in the place of a part of a name: whatever the name


@dataclass(slots=True)
class _Person:
    """A person as all documents know them."""

    thing: Thing
    variants: list[tuple[str, ...]]
    suffixes: set[str]
    offices: set[str] = field(default_factory=set)
    posts: set[str] = field(default_factory=set)
    states: set[str] = field(default_factory=set)

    @property
    def iri(self) -> str:
        return self.thing.iri


class PersonMatcher:
    """Decides on people; `match_full` and `match_single` write what they find into `unions` and `matches`."""

    def __init__(self, knowledge: Knowledge, naming: Naming, unions: Unions, matches: list[Match]) -> None:
        self._knowledge = knowledge
        self._naming = naming
        self._unions = unions
        self._matches = matches
        self._people = {t.iri: self._make(t) for t in knowledge.of_kind("Person")}
        self._attested: dict[
            tuple[str, str], tuple[date, date]
        ] = {}  # (person, office or post) → first and last day
        for told in knowledge.told.values():
            for person, office, _ in told.held:
                known, post = self._people.get(person), knowledge.things.get(office)
                if known is not None and post is not None:
                    known.states |= post.values("country:")
                    known.posts |= post.values("post:")
                    if not post.is_scoped:
                        known.offices.add(office)
                    if told.as_of is not None:
                        for what in (office, *post.values("post:")):
                            self._attest(person, what, told.as_of)
        self._full = [p for p in self._people.values() if p.thing.values("name:")]

    def _attest(self, person: str, what: str, day: date) -> None:
        first, last = self._attested.get((person, what), (day, day))
        self._attested[person, what] = (min(first, day), max(last, day))

    def _make(self, thing: Thing) -> _Person:
        names = sorted(thing.names, key=lambda n: (-len(n.split()), n))
        variants = dict.fromkeys(v for n in names if len(v := self._naming.parts(n)) > 1)
        suffixes = {s for n in names if (s := self._naming.suffix(n))}
        return _Person(thing, list(variants)[:_MOST_VARIANTS], suffixes, posts=thing.values("post:"))

    # ------------------------------------------------------------------ full names
    def match_full(self) -> None:
        """Join fully named people whose names are spelled in different ways."""
        found: dict[tuple[str, str], Evidence] = {}
        blocks = self._blocks()
        common = {key: len(block) for key, block in blocks.items()}
        for key, block in sorted(blocks.items()):
            for one, other in combinations(sorted(set(block))[:_MOST_IN_BLOCK], 2):
                if (one, other) not in found:
                    evidence = self._compare(self._people[one], self._people[other], common[key])
                    if evidence is not None:
                        found[one, other] = evidence
        partners: defaultdict[str, list[tuple[float, str]]] = defaultdict(list)
        for (one, other), evidence in found.items():
            if evidence.verdict is Verdict.SAME:
                partners[one].append((evidence.total, other))
                partners[other].append((evidence.total, one))
        for (one, other), evidence in sorted(found.items(), key=lambda f: (-f[1].total, f[0])):
            verdict = evidence.verdict
            if verdict is Verdict.SAME:
                rival = self._rival(one, other, partners) or self._rival(other, one, partners)
                if rival is not None:
                    evidence.add(-scoring.SAME_OFFICE, f"as likely it is another: {rival}")
                    verdict = Verdict.UNSURE
                elif not self._agrees(one, other) or not self._unions.join(one, other):
                    verdict = Verdict.UNSURE
            self._note(one, other, verdict, evidence)

    def _blocks(self) -> dict[tuple[str, ...], list[str]]:
        """Key → people: two parts of a name as they sound; an initial and a part; an office."""
        blocks: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
        initials: set[tuple[str, str]] = set()
        keyed: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = []
        for person in self._full:
            for variant in person.variants:
                keys = tuple(self._naming.key(part) for part in variant)
                keyed.append((person.iri, variant, keys))
                for a, b in combinations(
                    sorted(k for part, k in zip(variant, keys, strict=True) if len(part) > 1), 2
                ):
                    blocks["parts", a, b].append(person.iri)
                for part in variant:
                    if len(part) == 1:
                        initials |= {(part, k) for p, k in zip(variant, keys, strict=True) if len(p) > 1}
        for iri, variant, keys in keyed:
            for i, part in enumerate(variant):
                for j, key in enumerate(keys):
                    if i != j and (part[0], key) in initials:
                        blocks["initial", part[0], key].append(iri)
        for person in self._full:
            for office in person.offices:
                if self._knowledge.countries(office):
                    blocks["office", office].append(person.iri)
        return {key: block for key, block in blocks.items() if len(block) > 1}

    def _compare(self, one: _Person, other: _Person, common: int) -> Evidence | None:
        """What speaks for and against the two being one; None if their names have nothing in common."""
        best = max(
            (self._naming.compare_parts(a, b) for a in one.variants for b in other.variants),
            default=Likeness(0, ()),
            key=lambda likeness: (likeness.score, likeness.because),
        )
        if best.score == 0:
            return None
        evidence = Evidence()
        evidence.add_names(best.score, best.because)
        if one.suffixes and other.suffixes and not one.suffixes & other.suffixes:
            evidence.add(scoring.SUFFIXES, f"{min(one.suffixes)} and {min(other.suffixes)} are two")
        if common > 4:
            evidence.add(scoring.COMMON, f"{common} people have such a name")
        elif common == 2:
            evidence.add(scoring.RARE, "nobody else has such a name")
        self._compare_context(one, other, evidence)
        return evidence

    def _compare_context(self, one: _Person, other: _Person, evidence: Evidence) -> None:
        offices = {o for o in one.offices & other.offices if self._knowledge.countries(o)}
        if offices:
            evidence.add(scoring.SAME_OFFICE, f"one office: {self._last(min(offices))}")
        elif one.states and other.states and not one.states & other.states:
            evidence.add(
                scoring.OTHER_STATE,
                f"posts of {', '.join(sorted(one.states))}; {', '.join(sorted(other.states))}",
            )
        elif one.states & other.states:
            evidence.add(scoring.SAME_STATE, f"posts of one state: {min(one.states & other.states)}")
        elif one.posts & other.posts:
            evidence.add(scoring.SAME_POST, f"posts of the same words: {min(one.posts & other.posts)}")
        if not set(one.thing.documents).isdisjoint(other.thing.documents):
            evidence.add(scoring.SAME_DOCUMENT, "one document names both")
            return
        shared = self._company(one.thing, other.thing)
        if shared:
            evidence.add(scoring.COMPANY, f"named with {self._last(shared)}")

    def _company(self, one: Thing, other: Thing) -> str | None:
        """Who is named with both, if that says enough: the most telling of them."""
        found = self._knowledge.company(sorted(one.documents)[:_MOST_DOCUMENTS], one.iri, other.iri)
        found &= self._knowledge.company(sorted(other.documents)[:_MOST_DOCUMENTS], one.iri, other.iri)
        weights = self._knowledge.weights
        if sum(weights[p] for p in sorted(found)) < _ENOUGH_COMPANY:
            return None
        return min(found, key=lambda p: (-weights[p], p))

    def _rival(self, one: str, other: str, partners: Mapping[str, Sequence[tuple[float, str]]]) -> str | None:
        """Somebody who is as likely `one` as `other` is, and cannot be `other`."""
        mine = max(total for total, iri in partners[one] if iri == other)
        for total, iri in sorted(partners[one], key=lambda p: (-p[0], p[1]))[:_MOST_IN_BLOCK]:
            if iri != other and total > mine - 1.5 and not self._may_meet(other, iri):
                return self._last(iri)
        return None

    def _agrees(self, one: str, other: str) -> bool:
        """Whether everybody who is one with `one` can be one with everybody who is one with `other`."""
        return all(
            self._may_meet(a, b)
            for a in self._unions.members(one)[:_MOST_IN_BLOCK]
            for b in self._unions.members(other)[:_MOST_IN_BLOCK]
        )

    def _may_meet(self, one: str, other: str) -> bool:
        a, b = self._people.get(one), self._people.get(other)
        if a is None or b is None or not a.variants or not b.variants:
            return True
        evidence = self._compare(a, b, 3)
        return evidence is not None and evidence.total > -2.2

    def _note(self, one: str, other: str, verdict: Verdict, evidence: Evidence) -> None:
        low, high = sorted((one, other))
        self._matches.append(Match(low, high, verdict, evidence.score, evidence.because))

    @staticmethod
    def _last(iri: str) -> str:
        return iri.rsplit("/", 1)[-1]

    # ------------------------------------------------------------------ single names
    def match_single(self) -> None:
        """Join people whom a document knows by one name with the one fully named person who fits."""
        bearers = self._bearers()
        left: list[_Person] = []
        for person in self._people.values():
            if person.thing.values("name:"):
                continue
            fitting = self._fitting(person, bearers)
            if not fitting:
                left.append(person)
                continue
            best, reasons = self._choose(person, fitting)
            if best is None:
                for iri in sorted(fitting)[:_MOST_UNSURE]:
                    score = max(2, 90 // len(fitting))
                    low, high = sorted((person.iri, iri))
                    self._matches.append(Match(low, high, Verdict.UNSURE, score, reasons))
            elif self._unions.join(person.iri, best):
                low, high = sorted((person.iri, best))
                self._matches.append(Match(low, high, Verdict.SAME, 95, reasons))
        self._match_left(left)

    def _bearers(self) -> dict[tuple[str, str], set[str]]:
        """(post, key of a part of the name) → fully named people."""
        bearers: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for person in self._full:
            keys = {self._naming.key(p) for p in person.thing.values("part:")} | {_ANY}
            for post in person.posts:
                for key in keys:
                    bearers[post, key].add(person.iri)
        return bearers

    def _fitting(self, person: _Person, bearers: Mapping[tuple[str, str], set[str]]) -> set[str]:
        """The fully named people with that name and a post of the same words, of no other state."""
        parts = sorted(person.thing.values("part:"))
        keys = [self._naming.key(p) for p in parts] or [_ANY]
        found: set[str] = set()
        for post in person.posts:
            sets = sorted((bearers.get((post, key), set()) for key in keys), key=len)
            found |= sets[0].intersection(*sets[1:])
        fitting = {i for i in found if self._bears(self._people[i], parts)}
        fitting = {
            i
            for i in fitting
            if not person.states or not self._people[i].states or person.states & self._people[i].states
        }
        return {self._unions.find(i) for i in fitting}

    def _bears(self, person: _Person, parts: Iterable[str]) -> bool:
        own = person.thing.values("part:")
        return all(p in own or any(self._naming.compare_words(p, o) >= SOUND for o in own) for p in parts)

    def _choose(self, person: _Person, fitting: set[str]) -> tuple[str | None, tuple[str, ...]]:
        """(the one of those who fit, or None; reasons)."""
        reasons = ["+ a part of the name", f"+ a post of the same words: {min(person.posts)}"]
        if len(fitting) > 1:
            owned = {
                i
                for i in fitting
                if any(
                    self._people[m].offices & person.offices
                    for m in self._unions.members(i)
                    if m in self._people
                )
            }
            if len(owned) == 1:
                return owned.pop(), (*reasons, "+ one office, of one state")
            fitting = owned or fitting
            holder = self._holder_then(person, fitting)
            if holder is not None:
                return holder, (*reasons, "+ known to hold it nearest to that day")
            near = {i for i in fitting if self._company(person.thing, self._knowledge.things[i])}
            if len(near) == 1:
                return near.pop(), (*reasons, "+ named with the same people")
            return None, (*reasons, f"- {len(fitting)} people fit")
        return next(iter(fitting)), (*reasons, "+ nobody else fits")

    def _holder_then(self, person: _Person, fitting: Iterable[str]) -> str | None:
        """The one who is known to hold the post much nearer to the document's day than the others, or None."""
        day = self._knowledge.told[person.thing.documents[0]].as_of
        offices = sorted(o for o in person.offices if self._knowledge.countries(o))
        if day is None:
            return None
        distances = []
        for candidate in fitting:
            spans = [
                self._attested[iri, what]
                for iri in self._unions.members(candidate)
                for what in offices or sorted(person.posts)
                if (iri, what) in self._attested
            ]
            away = min((max(a - day, day - b, _SAME_DAY) for a, b in spans), default=timedelta.max)
            distances.append((away, candidate))
        (nearest, best), (next_nearest, _), *_ = sorted(distances)
        return best if nearest <= _TERM and next_nearest - nearest >= _MUCH_NEARER else None

    def _match_left(self, left: Sequence[_Person]) -> None:
        """Join single names that nobody's full name fits: one name, one office of one state."""
        groups: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for person in left:
            for office in person.offices:
                if self._knowledge.countries(office):
                    for part in person.thing.values("part:"):
                        groups[office, self._naming.key(part)].append(person.iri)
        for (office, _), members in sorted(groups.items()):
            first, *others = sorted(set(members))
            for other in others:
                a, b = (sorted(self._people[i].thing.values("part:")) for i in (first, other))
                alike = all(any(self._naming.compare_words(p, q) >= SOUND for q in b) for p in a)
                if alike and self._unions.join(first, other):
                    reasons = ("+ a single name that sounds alike", f"+ one office: {self._last(office)}")
                    self._matches.append(Match(first, other, Verdict.SAME, 93, reasons))
