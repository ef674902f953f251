"""Identity, as-of answers and contradictions against a made-up world of which the truth is known; cost by size.

    python benchmarks/identity.py --documents 1000 --as claims
    python benchmarks/identity.py --documents 1000 --as text

The world holds offices of many states over ten years, their holders, namesakes, names in several spellings, surnames
alone, posts without their state, meetings that are planned, slip, are held and are reported with a wrong day. A
document tells of one meeting or one appointment: as text, which is read, or as the mentions and claims that reading it
would give. It prints one line of JSON: precision and recall of identity over all pairs of documents, by class; the
share of right answers to "who held this office by what was published on that day"; precision and recall of
contradictory dates; seconds of processor time for each document. No names, offices or meetings are real.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from kg.model import (
    Claim,
    DateBasis,
    Document,
    Entity,
    EntityMention,
    Extraction,
    Identities,
    Literal,
    Modality,
    Span,
)
from kg.terms import KG, entity_iri, person_slug, slug

STATES = (
    "ar Argentina,au Australia,bd Bangladesh,be Belgium,bg Bulgaria,br Brazil,ca Canada,cl Chile,cz Czechia,de Germany,"
    "dk Denmark,ee Estonia,eg Egypt,es Spain,fi Finland,fj Fiji,fr France,gr Greece,id Indonesia,in India,it Italy,"
    "jo Jordan,jp Japan,ke Kenya,kr South Korea,kz Kazakhstan,lk Sri Lanka,lt Lithuania,lv Latvia,ma Morocco,mx Mexico,"
    "my Malaysia,ng Nigeria,nl Netherlands,no Norway,nz New Zealand,pe Peru,ph Philippines,pk Pakistan,pl Poland,"
    "pt Portugal,ro Romania,se Sweden,th Thailand,tr Turkey,ug Uganda,uy Uruguay,vn Vietnam,za South Africa,zm Zambia"
)
CAPITALS = (
    "ar Buenos Aires,au Canberra,bd Dhaka,be Brussels,bg Sofia,br Brasilia,ca Ottawa,cl Santiago,cz Prague,de Berlin,"
    "dk Copenhagen,ee Tallinn,eg Cairo,es Madrid,fi Helsinki,fj Suva,fr Paris,gr Athens,id Jakarta,in New Delhi,"
    "it Rome,jo Amman,jp Tokyo,ke Nairobi,kr Seoul,kz Astana,lk Colombo,lt Vilnius,lv Riga,ma Rabat,mx Mexico City,"
    "my Kuala Lumpur,ng Abuja,nl Amsterdam,no Oslo,nz Wellington,pe Lima,ph Manila,pk Islamabad,pl Warsaw,"
    "pt Lisbon,ro Bucharest,se Stockholm,th Bangkok,tr Ankara,ug Kampala,uy Montevideo,vn Hanoi,za Pretoria,zm Lusaka"
)
POSTS = (
    "Prime Minister;prime-minister,Defense Minister;minister-of-defense,Foreign Minister;minister-of-foreign-affairs,"
    "Finance Minister;minister-of-finance,Interior Minister;minister-of-interior,Trade Minister;minister-of-trade,"
    "Energy Minister;minister-of-energy,Transport Minister;minister-of-transport"
)
#: Names that one writer puts this way and another that way; each row is one name.
GIVEN = (
    "Mohammed|Muhammad|Mohamed,Yusuf|Youssef,Sergei|Sergey,Dmitri|Dmitry,Ahmed|Ahmad,Hussein|Hussain,Omar|Umar,Olena|Olenna,"
    "Kofi|Koffi,Mariya|Maria,Aleksi|Alexi,Jorma,Ingrid,Tomas|Thomas,Rafael|Raphael,Lucia|Luciya,Katarzyna,Joao,Ravi,"
    "Anjali,Suresh,Minh,Duc|Duk,Haruto|Harutto,Kenji,Yuki|Yuuki,Jisoo|Jisu,Minho,Amara|Amarra,Chidi,Thandiwe,Sipho,Lars,"
    "Astrid,Pekka,Elif,Emre,Nikos|Nicos,Eleni,Viktor|Victor,Mateus|Matteus,Carlos,Isabel|Isabelle,Farid|Fareed,Nadia|Nadya"
)
FAMILY = (
    "Okonjo,Haraldsen,Nakamori,Petrenko|Petrenco,Zelinsky|Zelinskyy|Zelinskiy,Kowalczyk,Fernandes|Fernandez,Duarte,"
    "Al-Rashidi|al-Rashidi|Rashidi,Haddad|Hadad,Mansour|Mansur,Siddiqui|Siddiqi,Chaudhry|Chowdhury,Perera,Rajapaksha,Nguyen,Tran,"
    "Sakamoto,Ishikawa,Fujiwara,Hwang,Seo|Suh,Bekele,Mwangi,Odhiambo,Dlamini,Nkosi,Lindqvist|Lindquist,Bergstrom,Virtanen,"
    "Korhonen,Yilmaz,Demir,Papadakis,Stavrou,Popescu,Ionescu,Novak,Horvat,Kovacs|Kovac,Moreau,Lefebvre,Schreiber,Hoffmann|Hofmann,"
    "Castellanos,Quispe,Mamani,Villareal|Villarreal,Oduya,Abdi,Tulafono,Rabuka,Whitcombe,Ashworth,Pemberton,Thorburn,"
    "MacAllister|McAllister,Kariuki,Mutasa,Banda,Chanda,Suleimenov|Suleymenov,Akhmetov|Ahmetov,Bektas,Karimov|Kerimov,Rahimi"
)
FIRST_DAY = date(2014, 1, 1)
YEARS = 10


def rows(text: str) -> list[list[str]]:
    return [row.strip().split("|") for row in text.split(",")]


def table(text: str) -> dict[str, str]:
    return dict(row.strip().split(" ", 1) for row in text.split(","))


@dataclass(frozen=True)
class Person:
    number: int
    given: tuple[str, ...]
    family: tuple[str, ...]

    def written(self, chance: random.Random, *, varied: float = 0.3) -> str:
        pick = (lambda names: chance.choice(names)) if chance.random() < varied else (lambda names: names[0])
        return f"{pick(self.given)} {pick(self.family)}"

    @property
    def surname(self) -> str:
        return self.family[0].removeprefix("Al-").removeprefix("al-")


@dataclass(frozen=True)
class Term:
    state: str
    title: str
    post: str
    person: Person
    first: date
    last: date


@dataclass
class Told:
    """A document in the making, and the truth about it: (class, name it uses) → thing."""

    text: str
    issued: date
    extraction: Extraction | None = None
    truth: dict[str, tuple[str, str]] = field(default_factory=dict)
    meeting: int | None = None
    said_day: date | None = None
    holds: list[tuple[str, Person]] = field(default_factory=list)


class World:
    """People, offices and meetings, by chance from a seed; the same seed makes the same world."""

    def __init__(self, documents: int, seed: int = 7) -> None:
        self.chance = random.Random(seed)
        self.size = documents
        self.states, self.capitals = table(STATES), table(CAPITALS)
        self.people: list[Person] = []
        self._given, self._family = rows(GIVEN), rows(FAMILY)
        self._taken: dict[tuple[str, str], str] = {}
        self.terms = [t for code in sorted(self.states) for t in self._terms(code)]
        self.by_office: defaultdict[str, list[Term]] = defaultdict(list)
        for term in self.terms:
            self.by_office[f"{term.post}-{term.state}"].append(term)

    def _person(self, state: str) -> Person:
        """Somebody new: nobody of the state has the name; one in twenty is the namesake of somebody elsewhere."""
        while True:
            if self.people and self.chance.random() < 0.05:
                other = self.chance.choice(self.people)
                given, family = other.given, other.family
            else:
                given, family = (
                    tuple(self.chance.choice(self._given)),
                    tuple(self.chance.choice(self._family)),
                )
                if (given[0], family[0]) in self._taken:
                    continue
            if self._taken.get((given[0], family[0])) != state:
                self._taken[given[0], family[0]] = state
                person = Person(len(self.people), given, family)
                self.people.append(person)
                return person

    def _terms(self, state: str) -> Iterator[Term]:
        for row in POSTS.split(","):
            title, post = row.split(";")
            day = FIRST_DAY
            end = FIRST_DAY + timedelta(days=365 * YEARS)
            while day < end:
                last = min(end, day + timedelta(days=self.chance.randint(600, 1800)))
                yield Term(state, title, post, self._person(state), day, last)
                day = last + timedelta(days=1)

    def holder(self, office: str, day: date) -> Term:
        return next(t for t in self.by_office[office] if t.first <= day <= t.last)

    def documents(self) -> list[Told]:
        """The documents of the world, in an order of their own: four for each meeting, one in ten of an appointment."""
        found: list[Told] = []
        meeting = 0
        while len(found) < self.size:
            if self.chance.random() < 0.1:
                found.append(self._appointment())
            else:
                found.extend(self._meeting(meeting))
                meeting += 1
        self.chance.shuffle(found)
        return found[: self.size]

    def _appointment(self) -> Told:
        term = self.chance.choice(self.terms)
        day = term.first + timedelta(days=self.chance.randint(1, 20))
        return Story(self, day).appointed(term)

    def _meeting(self, number: int) -> Iterator[Told]:
        day = FIRST_DAY + timedelta(days=self.chance.randint(60, 365 * YEARS - 60))
        one, other = self.chance.sample(sorted(self.states), 2)
        row = self.chance.choice(POSTS.split(",")).split(";")[1]
        sides = [self.holder(f"{row}-{state}", day) for state in (one, other)]
        planned = day + timedelta(days=self.chance.choice((0, 0, 0, 10, 25, 40)))
        place = other
        if self.chance.random() < 0.7:
            yield Story(self, day - timedelta(days=self.chance.randint(35, 55))).planned(
                number, sides, place, planned
            )
        wrong = self.chance.random() < 0.1
        for report in range(self.chance.randint(1, 5)):
            said = day + timedelta(days=1) if wrong and report == 1 else day
            yield Story(self, said + timedelta(days=self.chance.randint(1, 5))).held(
                number, sides, place, said
            )


class Story:
    """Writes one document: its sentences and, beside them, the mentions and claims that they hold."""

    def __init__(self, world: World, issued: date) -> None:
        self.world, self.chance, self.issued = world, world.chance, issued
        self.text = ""
        self.entities: dict[str, Entity] = {}
        self.claims: list[Claim] = []
        self.truth: dict[str, tuple[str, str]] = {}
        self.holds: list[tuple[str, Person]] = []
        self.scope = f"{self.chance.getrandbits(48):012x}"

    def appointed(self, term: Term) -> Told:
        state = self.world.states[term.state]
        person, office = self._person(term, "full"), self._office(term, with_state=True)
        self.text = f"{state}'s {term.title} {person.names[0]} took office this month, officials said."
        self._hold(person, office)
        return self._told(None, None)

    def planned(self, number: int, sides: Sequence[Term], place: str, day: date) -> Told:
        return self._encounter(number, sides, place, day, Modality.PLANNED)

    def held(self, number: int, sides: Sequence[Term], place: str, day: date) -> Told:
        return self._encounter(number, sides, place, day, Modality.ASSERTED)

    def _encounter(
        self, number: int, sides: Sequence[Term], place: str, day: date, modality: Modality
    ) -> Told:
        met = [self._introduce(term) for term in sides]
        planned = modality is Modality.PLANNED
        when = f"{day:%B %Y}" if planned else f"{day.day} {day:%B %Y}"
        self.text = " and ".join(words for _, _, words in met)
        verb = "will hold a meeting" if planned else "held a meeting"
        capital = self.world.capitals[place]
        self.text += f" {verb} in {capital} {'in' if planned else 'on'} {when}, officials said."
        for person, office, _ in met:
            self._hold(person, office)
        iri = entity_iri("Event", f"meeting.{self.scope}.1")
        self.entities[iri] = Entity(iri, "Event", "Meeting", ("Meeting",))
        self.truth[iri] = ("Event", str(number))
        span = (Span(0, len(self.text)),)
        city = entity_iri("Place", f"{slug(capital)}-{place}")
        self.entities[city] = Entity(
            city, "Place", "City", (capital,), (f"gazetteer:place/{slug(capital)}-{place}",)
        )
        value = f"{day:%Y-%m}" if planned else day.isoformat()
        for person, _, _ in met:
            self.claims.append(Claim(iri, "participant", person.iri, modality, span, 90))
        self.claims.append(Claim(iri, "location", city, modality, span, 90))
        self.claims.append(Claim(iri, "date", Literal(value), modality, span, 90))
        status = KG + ("planned" if planned else "held")
        self.claims.append(Claim(iri, "status", status, modality, span, 90))
        return self._told(number, None if planned else day)

    def _introduce(self, term: Term) -> tuple[Entity, Entity, str]:
        """(person, office, words): by full name and state's post, or by surname, or by a post without its state."""
        roll = self.chance.random()
        how = "surname" if roll < 0.2 else "full"
        with_state = roll < 0.85
        person, office = self._person(term, how), self._office(term, with_state=with_state)
        state = f"{self.world.states[term.state]}'s " if with_state else ""
        return person, office, f"{state}{term.title} {person.names[0]}"

    def _person(self, term: Term, how: str) -> Entity:
        person = term.person
        post = f"post:{term.post}"
        if how == "surname":
            name = person.surname
            iri = entity_iri("Person", f"{slug(name)}.{self.scope}")
            made = Entity(iri, "Person", None, (name,), (f"part:{slug(name)}", post))
        else:
            name = person.written(self.chance)
            local = person_slug(name)
            parts = sorted(f"part:{p}" for p in local.split("-") if len(p) > 1)
            iri = entity_iri("Person", local)
            made = Entity(iri, "Person", None, (name,), (f"name:{local}", *parts, post))
        self.entities[iri] = made
        self.truth[iri] = ("Person", str(person.number))
        self.holds.append((f"{term.post}-{term.state}", person))
        return made

    def _office(self, term: Term, *, with_state: bool) -> Entity:
        keys = (f"post:{term.post}",)
        if with_state:
            iri = entity_iri("Office", f"{term.post}-{term.state}")
            made = Entity(
                iri, "Office", None, (f"{term.title}, {term.state}",), (f"country:{term.state}", *keys)
            )
        else:
            ordinal = sum(f"{term.post}.{self.scope}" in i for i in self.entities)
            iri = entity_iri("Office", f"{term.post}.{self.scope}" + (f".{ordinal + 1}" if ordinal else ""))
            made = Entity(iri, "Office", None, (term.title,), keys)
        self.entities[iri] = made
        self.truth[iri] = ("Office", f"{term.post}-{term.state}")
        return made

    def _hold(self, person: Entity, office: Entity) -> None:
        span = Span(0, len(self.text))
        self.claims.append(Claim(person.iri, "holdsOffice", office.iri, Modality.ASSERTED, (span,), 90))

    def _told(self, meeting: int | None, day: date | None) -> Told:
        # A line of its own for each document: two may otherwise say the same words on one day.
        text = f"{self.text}\n{self.scope}\n"
        document = Document((f"{self.scope}.txt",), text, self.issued.isoformat())
        self.entities = dict(sorted(self.entities.items()))
        mentions = tuple(
            EntityMention(Span(at, at + len(e.names[0])), e.names[0], e.iri)
            for e in self.entities.values()
            if e.kind == "Person" and (at := text.find(e.names[0])) >= 0
        )
        extraction = Extraction(
            document,
            self.issued.isoformat(),
            DateBasis.STATED,
            tuple(self.entities.values()),
            mentions,
            tuple(self.claims),
        )
        return Told(text, self.issued, extraction, self.truth, meeting, day, self.holds)


@dataclass
class Pairs:
    """Pairs of uses of one class: said to be one and being one."""

    right: int = 0
    said: int = 0
    true: int = 0

    def to_json(self) -> dict[str, float]:
        precision = self.right / self.said if self.said else 1.0
        recall = self.right / self.true if self.true else 1.0
        return {"precision": round(precision, 4), "recall": round(recall, 4), "pairs": self.true}


def score_pairs(uses: Iterable[tuple[str, str, str]]) -> dict[str, Pairs]:
    """By class, from (class, thing, IRI) of every use; linear: pairs are counted, not made."""
    cells: Counter[tuple[str, str, str]] = Counter(uses)
    things: Counter[tuple[str, str]] = Counter()
    nodes: Counter[tuple[str, str]] = Counter()
    found: defaultdict[str, Pairs] = defaultdict(Pairs)
    for (kind, thing, iri), count in cells.items():
        found[kind].right += count * (count - 1) // 2
        things[kind, thing] += count
        nodes[kind, iri] += count
    for (kind, _), count in things.items():
        found[kind].true += count * (count - 1) // 2
    for (kind, _), count in nodes.items():
        found[kind].said += count * (count - 1) // 2
    return dict(sorted(found.items()))


def meant(identities: Identities, document: str, iri: str) -> str:
    """What a document's IRI stands for."""
    own = identities.apart.get(document, {}).get(iri, iri)
    return identities.get(own, own)


def answer_as_of(told: Sequence[Told], days: Sequence[date], seed: int) -> float:
    """The share of (office, day) whose holder, by the latest document published by then, is the right person."""
    from kg.resolution import decide_identity

    chance = random.Random(seed)
    right = asked = 0
    for day in days:
        known = [t for t in told if t.issued <= day and t.extraction is not None]
        identities = decide_identity([t.extraction for t in known if t.extraction is not None])
        latest: dict[str, tuple[date, str, str]] = {}
        named: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for t in known:
            assert t.extraction is not None
            key = t.extraction.document.key
            for iri, (kind, thing) in t.truth.items():
                if kind == "Person":
                    named[meant(identities, key, iri)][thing] += 1
            for claim in t.extraction.claims:
                if claim.predicate == "holdsOffice" and isinstance(claim.object, str):
                    office = meant(identities, key, claim.object)
                    entry = (t.issued, key, meant(identities, key, claim.subject))
                    latest[office] = max(latest.get(office, entry), entry)
        truth: dict[str, tuple[date, str, int]] = {}
        for t in known:
            assert t.extraction is not None
            for office, person in t.holds:
                entry2 = (t.issued, t.extraction.document.key, person.number)
                truth[office] = max(truth.get(office, entry2), entry2)
        for office in chance.sample(sorted(truth), min(200, len(truth))):
            asked += 1
            found = latest.get(entity_iri("Office", office))
            if found is not None:
                most = named[found[2]].most_common(1)
                right += bool(most) and most[0][0] == str(truth[office][2])
    return round(right / asked, 4) if asked else 1.0


def score_contradictions(told: Sequence[Told], identities: Identities) -> Pairs:
    """Pairs of documents that give one meeting different days, against pairs of claims linked by `kg:contradicts`."""
    from kg.catalog import load_catalog
    from kg.graph.assembly import follow, follow_in, state_claims
    from kg.graph.rivalry import rivalry_quads

    canonical = follow(identities)
    stated = []
    place: dict[str, int] = {}
    for number, t in enumerate(told):
        assert t.extraction is not None
        inside = follow_in(t.extraction.document, identities, canonical)
        for claim, _ in state_claims(t.extraction, inside, "https://kg.example/").values():
            if claim.predicate == "date":
                stated.append(claim)
                place[claim.iri] = number
    true: set[tuple[int, int]] = set()
    by_meeting: defaultdict[int, list[int]] = defaultdict(list)
    for number, t in enumerate(told):
        if t.meeting is not None and t.said_day is not None:
            by_meeting[t.meeting].append(number)
    for numbers in by_meeting.values():
        true |= {(a, b) for a in numbers for b in numbers if a < b and told[a].said_day != told[b].said_day}
    said: set[tuple[int, int]] = set()
    for quad in rivalry_quads(stated, (), load_catalog().ontology):
        if quad.predicate.value == KG + "contradicts":
            a, b = sorted(place[getattr(end, "value", "")] for end in (quad.subject, quad.object))
            said.add((a, b))
    return Pairs(len(said & true), len(said), len(true))


def read_texts(told: Sequence[Told]) -> float:
    """Put in place of each document's claims what reading its text gives; seconds for all."""
    from kg.pipeline import Extractor

    extractor = Extractor()
    began = time.process_time()
    for t in told:
        t.extraction = extractor.extract(Document((f"{t.text[-13:-1]}.txt",), t.text, t.issued.isoformat()))
    spent = time.process_time() - began
    for t in told:
        assert t.extraction is not None
        t.truth = align(t)
    return spent


def align(told: Told) -> dict[str, tuple[str, str]]:
    """The truth about a document by the IRIs that reading it gave: same class, fitting name or post."""
    assert told.extraction is not None
    found: dict[str, tuple[str, str]] = {}
    for entity in told.extraction.entities:
        last = entity.iri.rsplit("/", 1)[-1]
        for iri, (kind, thing) in sorted(told.truth.items()):
            true = iri.rsplit("/", 1)[-1]
            same = last == true or last.split(".")[0] == true.split(".")[0]
            if kind == entity.kind == "Event":
                same = entity.subkind == "Meeting"
            elif kind == entity.kind == "Office":
                same = thing == last or last.split(".")[0] == thing.rpartition("-")[0]
            if kind == entity.kind and same and iri not in found:
                found.setdefault(entity.iri, (kind, thing))
    return found


def run(documents: int, form: str, seed: int = 7) -> dict[str, object]:
    from kg.resolution import decide_identity

    told = World(documents, seed).documents()
    reading = read_texts(told) if form == "text" else 0.0
    extractions = [t.extraction for t in told if t.extraction is not None]
    began = time.process_time()
    identities = decide_identity(extractions)
    spent = time.process_time() - began
    uses = (
        (kind, thing, meant(identities, t.extraction.document.key, iri))
        for t in told
        if t.extraction is not None
        for iri, (kind, thing) in t.truth.items()
    )
    days = [FIRST_DAY + timedelta(days=365 * n) for n in (3, 6, 9)]
    verdicts: Mapping[str, int] = Counter(m.verdict.value for m in identities.matches)
    return {
        "documents": len(told),
        "form": form,
        "identity": {kind: pairs.to_json() for kind, pairs in score_pairs(uses).items()},
        "as_of": answer_as_of(told, days, seed) if documents <= 20_000 else None,
        "contradictions": score_contradictions(told, identities).to_json(),
        "verdicts": dict(sorted(verdicts.items())),
        "ms_per_document": {
            "read": round(1000 * reading / len(told), 2),
            "identity": round(1000 * spent / len(told), 3),
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, default=1000)
    parser.add_argument("--as", dest="form", choices=("claims", "text"), default="claims")
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    print(json.dumps(run(given.documents, given.form, given.seed)))


if __name__ == "__main__":
    main()
