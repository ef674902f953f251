"""Which agreement a description speaks of, which descriptions are agreements at all, and for whom signatories sign."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kg.catalog import GazetteerEntry, Lexicon
from kg.model import Form, Literal, Mention, Modality, Statement
from kg.resolution.clusters import Cluster, tokens_of
from kg.terms import DEFAULT_BASE, entity_iri

Place = tuple[int, int, str]

_ARTICLES = frozenset({"the", "of", "and", "for", "on", "in", "s", "a", "an"})
_NO_WORDS = frozenset({"their", "its", "our", "bilateral", "this", "that"})
#: Bodies that are no state's: those who hold their offices sign for them.
ACT_FOR_THEMSELVES = frozenset({"Company", "InternationalOrganization", "Party"})
_STATE_BODIES = frozenset({"Government", "Ministry", "ArmedForce", "Command", "Unit"})
_DATES = frozenset({"date", "signedOn"})


@dataclass
class Told:
    """What a text says of one agreement by one mention of it: its parties, its years, whether it is signed."""

    parties: set[str] = field(default_factory=set)
    years: set[str] = field(default_factory=set)
    signed: bool = False


class AgreementResolver:
    """Finds the agreements that descriptions speak of."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._plain = frozenset(lexicon.entries("plain_modifiers")) | _ARTICLES | _NO_WORDS
        self._speaks_of = {
            head: frozenset((classes or "").split())
            for head, classes in lexicon.entries("agreement_anaphors").items()
        }

    def decide(
        self,
        m: Mention,
        clusters: Sequence[Cluster],
        placed: Mapping[Place, Cluster],
        told: Mapping[Place, Told],
    ) -> tuple[Cluster | None, bool]:
        """(the cluster that the description `m` speaks of or None, whether it is an agreement of its own otherwise)."""
        mine = told.get(m.place, Told())
        if m.feature("clause"):
            return self._signed_elsewhere(mine, clusters, told), bool(mine.parties)
        beside = _named_beside(m, placed)
        if beside is not None:
            return beside, False
        fitting = [c for c in clusters if c.kind == "Agreement" and self._fits(m, c, mine, told)]
        spoken = [c for c in fitting if c.last_before(m.tokens[0]) >= 0]
        home = max(spoken or fitting, key=lambda c: (c.last_before(m.tokens[0]), -c.first), default=None)
        if home is not None or m.feature("again"):
            return home, False
        words = [w for w in tokens_of(m.text) if w not in _ARTICLES]
        definite = not (m.feature("indefinite") or m.feature("owned"))
        telling = definite and len(words) >= 2
        return None, telling or bool(mine.parties) or mine.signed or (definite and bool(mine.years))

    @staticmethod
    def _signed_elsewhere(
        mine: Told, clusters: Sequence[Cluster], told: Mapping[Place, Told]
    ) -> Cluster | None:
        """The one agreement that the text says is signed, for a clause that tells of one and gives no other time."""
        signed = []
        for c in clusters:
            known = [told[x.place] for x in c.mentions if x.place in told] if c.kind == "Agreement" else []
            if any(t.signed for t in known):
                signed.append((c, {y for t in known for y in t.years}))
        if len(signed) != 1:
            return None
        home, years = signed[0]
        return home if not (mine.years and years and not mine.years & years) else None

    def _fits(self, m: Mention, c: Cluster, mine: Told, told: Mapping[Place, Told]) -> bool:
        apart = m.feature("apart")
        if apart is not None and any(x.place[0] <= int(apart) < x.place[1] for x in c.mentions):
            return False
        known = [told[x.place] for x in c.mentions if x.place in told]
        parties = {p for t in known for p in t.parties}
        years = {y for t in known for y in t.years} | {
            y for x in c.mentions if (y := x.feature("year")) is not None
        }
        own_years = mine.years | ({m.features["year"]} if m.feature("year") else set())
        if _clash(mine.parties, parties) or (years and own_years and not years & own_years):
            return False
        own = [w.rstrip("s") for w in tokens_of(m.text) if w not in self._plain]
        names = [[w.rstrip("s") for w in tokens_of(x.text) if w not in _ARTICLES] for x in c.mentions]
        names += [[w.rstrip("s") for w in tokens_of(c.label)]] if c.label else []
        if m.feature("indefinite"):
            # "a defence pact" may be the one named elsewhere, or told of before; it must be called just so.
            return len(own) > 1 and any(own == [w for w in n if w not in self._plain] for n in names)
        head = m.feature("head") or ""
        if own == [w.rstrip("s") for w in tokens_of(head) if w not in self._plain]:
            heads = {x.feature("head") for x in c.mentions}
            if head in heads or c.most_specific() in self._speaks_of.get(head, ()):
                return True
        words = {w for n in names for w in n}
        return set(own) <= words and bool(set(own) & {n[-1] for n in names if n} or len(own) > 1)


def read_told(statements: Iterable[Statement], pronouns: Iterable[Mention]) -> dict[Place, Told]:
    """What the text says of each mention of an agreement; what a pronoun is told counts for what it stands for."""
    stands_for = {p.place: (p.feature("antecedents") or "").split("|") for p in pronouns}
    out: dict[Place, Told] = {}

    def of(m: Mention) -> list[Told]:
        places: list[Place] = [m.place]
        for one in stands_for.get(m.place, ()):
            start, _, end = one.partition(":")
            places.append((int(start), int(end), "Agreement"))
        return [out.setdefault(p, Told()) for p in places]

    for s in statements:
        if s.modality is Modality.DENIED:
            continue
        if s.subject.kind == "Agreement":
            for told in of(s.subject):
                if s.predicate == "hasParty" and isinstance(s.object, Mention):
                    told.parties.add(s.object.value or s.object.text)
                elif s.predicate in _DATES and isinstance(s.object, Literal):
                    told.years.add(s.object.value[:4])
        elif (
            s.subject.subkind == "Signing" and isinstance(s.object, Mention) and s.object.kind == "Agreement"
        ):
            for told in of(s.object):
                told.signed = True
    return out


def _named_beside(m: Mention, placed: Mapping[Place, Cluster]) -> Cluster | None:
    """The agreement whose name the text gives beside the description: in apposition, or in parentheses."""
    wanted = {int(i) for i in (m.feature("called") or "").split("|") if i}
    for place, cluster in sorted(placed.items(), key=lambda item: item[0]):
        if place[2] == "Agreement" and any(place[0] <= i < place[1] for i in wanted):
            return cluster
    return None


def _clash(one: Collection[str], other: Collection[str]) -> bool:
    """Whether two sets of parties are of two agreements: nothing in common, or each with one the other lacks of two."""
    a, b = set(one), set(other)
    if not a or not b or a <= b or b <= a:
        return False
    return not a & b or (len(a) > 1 and len(b) > 1)


def signed_for(
    statements: Sequence[Statement],
    ends: dict[Place, tuple[str, ...]],
    posts: Sequence[tuple[str, Mention]],
    bodies: Mapping[tuple[int, int], tuple[str, ...]],
    entries: Mapping[str, GazetteerEntry],
    base: str = DEFAULT_BASE,
) -> list[Statement]:
    """The statements, signatories of agreements replaced by whom they act for: the country or body of their office.

    `posts` are (IRI of a person, office mention); `bodies` the IRIs that the words of an office's owner stand for.
    People of whom no office is known bind nobody. `ends` gains the places of what is put in.
    """
    of_person: dict[str, str] = {}
    for person, office in posts:
        acts_for = _acts_for(office, bodies, entries, base)
        if acts_for is not None:
            of_person.setdefault(person, acts_for)
    out = []
    for s in statements:
        if s.predicate != "hasParty" or not isinstance(s.object, Mention):
            out.append(s)
            continue
        if s.object.kind == "Person":
            found = [of_person[iri] for iri in ends.get(s.object.place, ()) if iri in of_person]
        elif s.object.kind == "Office":
            one = _acts_for(s.object, bodies, entries, base)
            found = [one] if one is not None else []
        else:
            out.append(s)
            continue
        if found:
            party = replace(s.object, kind="Place", subkind="Country", form=Form.DESCRIPTION)
            ends[party.place] = tuple(sorted(set(found)))
            out.append(replace(s, object=party))
    return out


def _acts_for(
    office: Mention,
    bodies: Mapping[tuple[int, int], tuple[str, ...]],
    entries: Mapping[str, GazetteerEntry],
    base: str,
) -> str | None:
    """The country whose office it is, or whose body's; of a body that is no state's, the body."""
    country = office.feature("country")
    body = entries.get(office.feature("body") or "")
    if body is not None and body.subkind in _STATE_BODIES:
        country = country or body.country
    if country:
        return entity_iri("Place", country, base)
    if office.feature("owner_start"):
        found = bodies.get((int(office.features["owner_start"]), int(office.features["owner_end"])), ())
        return found[0] if len(found) == 1 else None
    return None
