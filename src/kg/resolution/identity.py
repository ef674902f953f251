"""Who is who across documents: a pure, order-free function of all that the documents know, and of judgements.

Strong names share an IRI already. What is decided here is who bears a name that is spelled in several ways, which
people of one name are two, and what a name means that only its document knows: a surname, an office without a country,
a body described, every event.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from kg.catalog import load_catalog
from kg.model import Extraction, Identities, Match, Modality, Verdict
from kg.resolution.bodies import BodyMatcher
from kg.resolution.event_identity import match_events, match_vague
from kg.resolution.judgements import Judgement
from kg.resolution.knowledge import Knowledge, is_scoped
from kg.resolution.namesakes import part_namesakes
from kg.resolution.naming import Naming
from kg.resolution.persons import PersonMatcher
from kg.resolution.unions import Unions


def decide_identity(extractions: Iterable[Extraction], judgements: Sequence[Judgement] = ()) -> Identities:
    """Provisional IRI → canonical IRI, what documents mean by a name that others use for another, and why.

    Judgements go before all that is found; those that name nothing in the documents have no effect. What is not sure
    is left apart, and told as `Verdict.UNSURE`.
    """
    knowledge = Knowledge(extractions)
    apart, matches = part_namesakes(knowledge, judgements)
    for document, renamed in sorted(apart.items()):
        knowledge.rename(document, renamed)
    common = frozenset(load_catalog().lexicon.entries("common_event_words"))
    happenings = [h for told in knowledge.told.values() for h in told.happenings]
    known = knowledge.things.keys() | {h.iri for h in happenings}
    unions = Unions()
    old = _follow_judgements(_as_meant(knowledge, judgements, apart), known, unions, matches)
    people = PersonMatcher(knowledge, _naming(), unions, matches)
    people.match_full()
    people.match_single()
    _match_offices(knowledge, unions, matches)
    bodies = BodyMatcher(knowledge, unions, matches)
    bodies.match_spellings()
    bodies.match_words()
    match_events(happenings, unions.find, common, unions, matches)
    if bodies.match_reports():
        match_events(happenings, unions.find, common, unions, matches)
    match_vague(happenings, unions.find, unions, matches)
    canonical = _canonical(knowledge, unions)
    canonical |= {iri: canonical.get(unions.find(new), unions.find(new)) for iri, new in old.items()}
    return Identities(canonical, apart, _settle(matches, unions))


@lru_cache(maxsize=1)
def _naming() -> Naming:
    lexicon = load_catalog().lexicon
    rows = {word: row or word for word, row in lexicon.entries("name_spellings").items()}
    rows |= {row: row for row in rows.values()}
    particles, suffixes = lexicon.entries("loose_particles"), lexicon.entries("generation_suffixes")
    return Naming(rows, frozenset(particles), frozenset(suffixes))


def _as_meant(
    knowledge: Knowledge, judgements: Iterable[Judgement], apart: Mapping[str, Mapping[str, str]]
) -> list[Judgement]:
    """The judgements on two IRIs, those that mean a document's use of a name with the IRI of that use."""
    named = {i: told.key for told in knowledge.told.values() for i in told.identifiers}

    def meant(iri: str, document: str) -> str:
        return apart.get(named.get(document, ""), {}).get(iri, iri)

    found = []
    for j in sorted(judgements):
        one, other = meant(j.one, j.one_document), meant(j.other, j.other_document)
        if one != other:
            found.append(Judgement(one, other, j.verdict, j.why))
    return found


def _follow_judgements(
    judgements: Iterable[Judgement], known: Iterable[str], unions: Unions, matches: list[Match]
) -> dict[str, str]:
    """Put judgements into `unions`; an IRI that no document uses any more → the one that it is judged to be."""
    present = frozenset(known)
    old: dict[str, str] = {}
    for j in sorted(judgements, key=lambda j: (j.verdict is not Verdict.SAME, j)):
        if j.one in present and j.other in present:
            if j.verdict is Verdict.SAME:
                unions.join(j.one, j.other)
            else:
                unions.keep_apart(j.one, j.other)
            low, high = sorted((j.one, j.other))
            matches.append(Match(low, high, j.verdict, 100 if j.verdict is Verdict.SAME else 0, (j.reason,)))
        elif j.verdict is Verdict.SAME and (j.one in present or j.other in present):
            new, gone = (j.one, j.other) if j.one in present else (j.other, j.one)
            old.setdefault(gone, new)
    return old


def _match_offices(knowledge: Knowledge, unions: Unions, matches: list[Match]) -> None:
    """Join an office without a country with the one post of the same words that each of its holders has elsewhere.

    Holders who have different ones, or one who has none, leave it undecided.
    """
    holders: defaultdict[str, set[str]] = defaultdict(set)
    owned: defaultdict[str, set[str]] = defaultdict(
        set
    )  # holder → offices that are the same in all documents
    for told in knowledge.told.values():
        for person, office, modality in told.held:
            if modality is Modality.ASSERTED and office in knowledge.things:
                holder = unions.find(person)
                holders[office].add(holder)
                if not is_scoped(office):
                    owned[holder].add(office)
    words = {t.iri: t.values("post:") for t in knowledge.of_kind("Office")}
    for office in words:
        if knowledge.countries(office) or not is_scoped(office):
            continue
        fitting = [
            {other for other in owned.get(holder, ()) if words[office] <= words[other]}
            for holder in sorted(holders.get(office, ()))
        ]
        if fitting and all(len(one) == 1 for one in fitting) and len(set.union(*fitting)) == 1:
            (other,) = fitting[0]
            if unions.join(office, other):
                low, high = sorted((office, other))
                why = ("+ the same words", "+ its holder has that post elsewhere")
                matches.append(Match(low, high, Verdict.SAME, 93, why))


def _canonical(knowledge: Knowledge, unions: Unions) -> dict[str, str]:
    """IRI → the one that stands for its set: one that is known everywhere, to the gazetteer, in the most documents."""

    def rank(iri: str) -> tuple[bool, bool, bool, int, str]:
        thing = knowledge.things.get(iri)
        listed = thing is not None and bool(thing.values("gazetteer:"))
        documents = len(thing.documents) if thing is not None else 0
        single = thing is not None and thing.kind == "Person" and not thing.values("name:")
        return (single or is_scoped(iri), "--" in iri.rsplit("/", 1)[-1], not listed, -documents, iri)

    found: dict[str, str] = {}
    for root in sorted(set(unions.all_links().values())):
        members = unions.members(root)
        chosen = min(members, key=rank)
        found |= {iri: chosen for iri in members if iri != chosen}
    return found


def _settle(matches: Iterable[Match], unions: Unions) -> list[Match]:
    """One match for each pair, without doubts about what turned out to be one."""
    found: dict[tuple[str, str], Match] = {}
    for match in matches:
        if match.verdict is not Verdict.SAME and unions.find(match.one) == unions.find(match.other):
            continue
        known = found.get((match.one, match.other))
        if known is None or (known.verdict is Verdict.UNSURE and match.verdict is not Verdict.UNSURE):
            found[match.one, match.other] = match
    return list(found.values())
