"""One document's mentions and statements → its entities and claims."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from kg.catalog import Catalog
from kg.model import (
    Claim,
    Entity,
    EntityMention,
    Form,
    Literal,
    Mention,
    Modality,
    Rejection,
    Statement,
    Status,
)
from kg.resolution.agreements import ACT_FOR_THEMSELVES, read_told, signed_for
from kg.resolution.clusters import Cluster
from kg.resolution.events import EventCluster, cluster_events
from kg.resolution.groups import GroupReader, stand_for
from kg.resolution.offices import cluster_offices, name_office
from kg.resolution.people import cluster_people, holder_of
from kg.resolution.post_owners import name_owners
from kg.resolution.succession import end_posts, inherit_posts
from kg.resolution.things import ThingResolver
from kg.terms import DEFAULT_BASE, KG, entity_iri

_SCOPE_LENGTH = 12  # hexadecimal digits of the document's key in IRIs that hold in one document only
_INHERITED = 80  # confidence of an office's country taken from a description of its holder

Place = tuple[int, int, str]


@dataclass(frozen=True)
class Resolved:
    """Entities, mentions and claims of one document, each sorted."""

    entities: tuple[Entity, ...]
    mentions: tuple[EntityMention, ...]
    claims: tuple[Claim, ...]
    rejections: tuple[Rejection, ...]


class Resolver:
    """Resolves one document at a time with what the catalog declares."""

    def __init__(self, catalog: Catalog, base: str = DEFAULT_BASE) -> None:
        self._things = ThingResolver(catalog)
        self._entries = catalog.gazetteer.entries
        self._groups = GroupReader(catalog, base)
        self._needs = catalog.lexicon.entries("event_needs")
        self._base = base

    def resolve(self, key: str, mentions: Sequence[Mention], statements: Sequence[Statement]) -> Resolved:
        """All of the document with the given `Document.key`; `mentions` are outer and nested ones."""
        scope = key[:_SCOPE_LENGTH]
        pronouns = [m for m in mentions if m.form is Form.PRONOUN]
        mentions = [m for m in mentions if m.form is not Form.PRONOUN]
        people, of_person = cluster_people(mentions, scope)
        mentions = self._seated(mentions, statements)
        things, of_thing = self._things.cluster(mentions, scope, read_told(statements, pronouns))
        mentions = name_owners(mentions, of_thing)
        holds = [s for s in statements if s.predicate == "holdsOffice" and isinstance(s.object, Mention)]
        current = [s for s in holds if s.modality is Modality.ASSERTED]
        holders = {
            s.object.place: of_person[s.subject.place]
            for s in holds
            if isinstance(s.object, Mention) and s.subject.place in of_person
        }
        posts = [
            (of_person[s.subject.place], s.object)
            for s in current
            if isinstance(s.object, Mention) and s.subject.place in of_person
        ]
        descriptions = [m for m in mentions if m.kind == "Person" and m.form is Form.DESCRIPTION]
        inherited = self._describe(descriptions, posts, of_person)
        offices, of_office = cluster_offices(self._with_country(mentions, inherited), holders, scope)
        body_names = {
            m.value: of_thing[m.place].label or m.text for m in mentions if m.value and m.place in of_thing
        }
        for office in offices:
            name_office(office, self._entries, body_names)
        home: dict[Place, Cluster] = {**of_thing, **of_person, **of_office}
        ends: dict[Place, tuple[str, ...]] = {p: (self._iri(c),) for p, c in home.items()}
        ends |= self._groups.read(mentions, people, things, posts)
        ends |= stand_for(pronouns, ends)
        for person in people:
            person.keys |= {
                f"post:{of_office[o.place].facts['post']}"
                for p, o in posts
                if p is person and o.place in of_office
            }
        triggers = [m for m in mentions if m.kind == "Event"]
        statements = self._acted(statements, posts, ends)
        signatories = [
            (iri, s.object)
            for s in holds
            if isinstance(s.object, Mention)
            for iri in ends.get(s.subject.place, ())
        ]
        bodies = {
            m.tokens: ends[m.place] for m in mentions if m.subkind in ACT_FOR_THEMSELVES and m.place in ends
        }
        statements = signed_for(statements, ends, signatories, bodies, self._entries, self._base)
        subkinds = {self._iri(c): c.subkind for c in home.values()}
        events, of_event = cluster_events(triggers, statements, ends, self._needs, subkinds)
        event_iris = self._event_iris(events, key)
        claims = self._claims(statements, ends, of_event, event_iris)
        claims += self._inherited_countries(inherited, of_office)
        claims = end_posts(claims)
        claims += inherit_posts(claims, {self._iri(c) for c in people if c.mentions})
        found = [EntityMention(m.span, m.text, iri) for m in mentions for iri in ends.get(m.place, ())]
        found += [
            EntityMention(m.span, m.text, event_iris[id(e)])
            for m in triggers
            if (e := of_event.get(m.place)) is not None
        ]
        entities = self._entities([*people, *things, *offices], claims, mentions, ends)
        names = {e.iri: e.names[0] for e in entities}
        entities += [self._event(e, event_iris[id(e)], names) for e in events]
        return Resolved(
            tuple(sorted(entities, key=lambda e: e.iri)),
            tuple(sorted(set(found), key=lambda m: (m.span, m.entity_iri))),
            tuple(sorted(set(claims), key=_order)),
            tuple(
                Rejection(
                    "resolution", m.span, m.text, "nothing in the text says which event, or anything about it"
                )
                for m in triggers
                if m.place not in of_event
            ),
        )

    def _iri(self, c: Cluster) -> str:
        assert c.local is not None
        return entity_iri(c.kind, c.local, self._base)

    def _seated(self, mentions: Sequence[Mention], statements: Sequence[Statement]) -> list[Mention]:
        """The mentions, ministries of no stated country given that of the capital where the text places them.

        "the Defense Ministry in Tokyo" is Japan's; so is one of that portfolio that the text names alone, if it places
        such ministries in one country only.
        """
        seats: dict[Place, str] = {}
        for s in statements:
            if (
                s.predicate != "locatedIn"
                or not isinstance(s.object, Mention)
                or s.subject.subkind != "Ministry"
            ):
                continue
            entry = self._entries.get(s.object.value or "")
            portfolio = s.subject.feature("portfolio")
            if entry is not None and entry.capital and entry.country and portfolio:
                seats.setdefault(s.subject.place, entry.country)
        of_portfolio: dict[str, set[str]] = {}
        for m in mentions:
            if m.place in seats:
                of_portfolio.setdefault(m.features["portfolio"], set()).add(seats[m.place])
        out = []
        for m in mentions:
            if m.subkind == "Ministry" and m.kind == "Organization" and not m.feature("country"):
                known = of_portfolio.get(m.feature("portfolio") or "", set())
                country = seats.get(m.place) or (next(iter(known)) if len(known) == 1 else None)
                m = replace(m, features={**m.features, "country": country}) if country else m
            out.append(m)
        return out

    # ------------------------------------------------------------------ descriptions and groups
    def _describe(
        self,
        descriptions: Sequence[Mention],
        posts: Sequence[tuple[Cluster, Mention]],
        of_person: dict[Place, Cluster],
    ) -> dict[Place, tuple[str, Mention]]:
        """Tie "the Japanese minister" to the person; office mentions that thereby get a country, and from where."""
        inherited: dict[Place, tuple[str, Mention]] = {}
        for m in descriptions:
            hit = holder_of(m, posts)
            if hit is None:
                continue
            person, office = hit
            person.add(m)
            of_person[m.place] = person
            country = m.feature("country")
            if country and not office.feature("country") and not office.feature("body"):
                for other_person, other in posts:
                    if (
                        other_person is person
                        and other.feature("title") == office.feature("title")
                        and not other.feature("country")
                    ):
                        inherited.setdefault(other.place, (country, m))
        return inherited

    @staticmethod
    def _with_country(
        mentions: Sequence[Mention], inherited: Mapping[Place, tuple[str, Mention]]
    ) -> list[Mention]:
        out = []
        for m in mentions:
            if m.place in inherited:
                features = {**m.features, "country": inherited[m.place][0]}
                m = Mention(m.span, m.tokens, m.text, m.kind, m.subkind, m.form, m.value, features)
            out.append(m)
        return out

    def _inherited_countries(
        self,
        inherited: Mapping[Place, tuple[str, Mention]],
        of_office: Mapping[Place, Cluster],
    ) -> list[Claim]:
        return [
            Claim(
                self._iri(of_office[place]),
                "officeOf",
                entity_iri("Place", country, self._base),
                Modality.ASSERTED,
                (source.span,),
                _INHERITED,
                rule="resolution/described-holder",
            )
            for place, (country, source) in sorted(inherited.items())
            if place in of_office and f"place/{country}" in self._entries
        ]

    # ------------------------------------------------------------------ events
    def _acted(
        self,
        statements: Sequence[Statement],
        posts: Sequence[tuple[Cluster, Mention]],
        ends: dict[Place, tuple[str, ...]],
    ) -> list[Statement]:
        """The statements, an office that takes part in an event replaced by its holder, or else by its country.

        "The minister met the Kenyan president": who holds the one post is named elsewhere, the other stands for Kenya.
        """
        out = []
        for s in statements:
            office = s.object
            if s.predicate == "participant" and isinstance(office, Mention) and office.kind == "Office":
                hit = holder_of(office, posts)
                country = office.feature("country")
                if hit is not None:
                    s = replace(s, object=hit[0].mentions[0])
                elif country and f"place/{country}" in self._entries:
                    actor = replace(office, kind="Place", subkind="Country", value=f"place/{country}")
                    ends.setdefault(actor.place, (entity_iri("Place", country, self._base),))
                    s = replace(s, object=actor)
                else:
                    continue
            out.append(s)
        return out

    def _event_iris(self, events: Sequence[EventCluster], key: str) -> dict[int, str]:
        counts: Counter[str] = Counter()
        out = {}
        for e in events:
            kind = e.subkind.lower()
            counts[kind] += 1
            out[id(e)] = entity_iri("Event", f"{kind}.{key[:_SCOPE_LENGTH]}.{counts[kind]}", self._base)
        return out

    @staticmethod
    def _event(e: EventCluster, iri: str, names: Mapping[str, str]) -> Entity:
        title = max((m.text for m in e.mentions if m.feature("trigger") == "noun"), key=len, default=None)
        words = title or e.subkind.lower()
        who = [names[p] for p in e.participants if p in names] or [names[p] for p in e.concerns if p in names]
        where = [names[p] for p in e.locations if p in names]
        label = words[:1].upper() + words[1:]
        if who:
            label += f" ({', '.join(sorted(who)[:4])})"
        elif where:
            label += f" ({sorted(where)[0]})"
        return Entity(iri, "Event", e.subkind if e.subkind != "Event" else None, (label,))

    # ------------------------------------------------------------------ claims
    def _claims(
        self,
        statements: Sequence[Statement],
        ends: Mapping[Place, tuple[str, ...]],
        of_event: Mapping[Place, EventCluster],
        event_iris: Mapping[int, str],
    ) -> list[Claim]:
        claims: dict[tuple[object, ...], Claim] = {}
        for s in statements:
            modality, confidence, value = s.modality, s.confidence, s.object
            if s.subject.kind == "Event":
                event = of_event.get(s.subject.place)
                if event is None:
                    continue
                subjects: tuple[str, ...] = (event_iris[id(event)],)
                status, sure = event.status()
                modality = status.modality
                if status is Status.CANCELLED and not isinstance(value, Status):
                    modality = Modality.PLANNED
                if s.predicate == "participant" and s.modality is Modality.DENIED:
                    modality = (
                        Modality.DENIED
                    )  # who stayed away, or is said to have: the event took place all the same
                if isinstance(value, Status):
                    if value is not status or confidence != sure:
                        continue
                    value = status
            else:
                subjects = ends.get(s.subject.place, ())
            if isinstance(value, Status):
                objects: tuple[str | Literal, ...] = (KG + value.value,)
            elif isinstance(value, Literal):
                objects = (value,)
            elif value.place in of_event:
                objects = (event_iris[id(of_event[value.place])],)
            else:
                objects = ends.get(value.place, ())
            said_by = ends.get(s.source.place, ()) if s.source is not None else ()
            for subject in subjects:
                for found in objects:
                    if subject == found:
                        continue
                    claim = Claim(
                        subject,
                        s.predicate,
                        found,
                        modality,
                        (s.evidence,),
                        confidence,
                        s.attribution,
                        said_by[0] if len(said_by) == 1 else None,
                        s.valid_time,
                        s.rule,
                        s.also,
                        isinstance(s.object, Mention) and s.object.feature("tense") == "acting",
                    )
                    key = (subject, s.predicate, found, modality)
                    known = claims.get(key)
                    claims[key] = claim if known is None else _merge(known, claim)
        return list(claims.values())

    def _entities(
        self,
        clusters: Sequence[Cluster],
        claims: Sequence[Claim],
        mentions: Sequence[Mention],
        ends: Mapping[Place, tuple[str, ...]],
    ) -> list[Entity]:
        entities = {self._iri(c): c.to_entity(self._base) for c in clusters if c.mentions}
        used = {x for c in claims for x in (c.subject, c.object) if isinstance(x, str)}
        used |= {i for m in mentions for i in ends.get(m.place, ())}
        for iri in sorted(used - entities.keys()):
            key = iri.removeprefix(f"{self._base}id/")
            entry = self._entries.get(key)
            if entry is not None:
                entities[iri] = Entity(
                    iri,
                    entry.kind,
                    entry.subkind,
                    (entry.name,),
                    (f"gazetteer:{key}",),
                    entry.exact_matches,
                    entry.point,
                )
        return list(entities.values())


def _merge(a: Claim, b: Claim) -> Claim:
    """One claim that a document makes twice: both passages, the higher confidence, the first attribution."""
    first, second = sorted((a, b), key=lambda c: (-c.confidence, c.evidence, c.rule))
    evidence = tuple(sorted({*a.evidence, *b.evidence}))
    return Claim(
        first.subject,
        first.predicate,
        first.object,
        first.modality,
        evidence,
        first.confidence,
        first.attribution or second.attribution,
        first.said_by or second.said_by,
        first.valid_time or second.valid_time,
        first.rule,
        tuple(sorted({second.rule, *first.also, *second.also} - {first.rule})),
        first.acting or second.acting,
    )


def _order(c: Claim) -> tuple[object, ...]:
    return (c.evidence, c.subject, c.predicate, str(c.object), c.modality)
