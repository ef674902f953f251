"""People of one name who are not one: told apart by the states whose posts they hold and by their company."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from kg.model import Match, Verdict
from kg.resolution.judgements import Judgement
from kg.resolution.knowledge import Knowledge, Thing
from kg.resolution.unions import Unions

#: What two groups of documents must share, in weights of people named in both, to speak of one person.
_SHARED = 0.45
_MOST_DOCUMENTS = 200  # of a group that are looked at for whom they name
_SPLIT = "--"


def part_namesakes(
    knowledge: Knowledge, judgements: Sequence[Judgement] = ()
) -> tuple[dict[str, dict[str, str]], list[Match]]:
    """(document → IRI → what that document means by it, decisions): documents that speak of another of the name.

    Documents that give the bearer posts of different states speak of different people, unless somebody else who is
    seldom named is named beside both, or the posts are of the same words and one side speaks of both states (then the
    country was misread). The person of the earliest document keeps the IRI.
    """
    judged: defaultdict[str, list[Judgement]] = defaultdict(list)
    for judgement in judgements:
        if judgement.one == judgement.other:
            judged[judgement.one].append(judgement)
    apart: defaultdict[str, dict[str, str]] = defaultdict(dict)
    matches: list[Match] = []
    posts = _posts(knowledge)
    for iri in sorted(judged.keys() | posts.keys()):
        thing = knowledge.things.get(iri)
        if thing is None or thing.kind != "Person" or thing.is_scoped or len(thing.documents) < 2:
            continue
        of_document = posts.get(iri, {})
        states = {c for held in of_document.values() for _, c in held}
        if len(states) < 2 and iri not in judged:
            continue
        for name, documents, why, score in _groups(knowledge, thing, of_document, judged.get(iri, ())):
            made = f"{iri}{_SPLIT}{name}"
            for document in documents:
                apart[document][iri] = made
            matches.append(Match(iri, made, Verdict.DIFFERENT, score, why))
    return dict(apart), matches


def _posts(knowledge: Knowledge) -> dict[str, dict[str, set[tuple[str, str]]]]:
    """Person → document → (words of a post, its country), of posts that are some country's."""
    found: dict[str, dict[str, set[tuple[str, str]]]] = {}
    for key, told in knowledge.told.items():
        for person, office, _ in told.held:
            countries = knowledge.countries(office)
            if countries and knowledge.is_named_person(person):
                words = knowledge.things[office].values("post:")
                found.setdefault(person, {}).setdefault(key, set()).update(
                    (w, c) for w in words for c in countries
                )
    return found


def _groups(
    knowledge: Knowledge,
    thing: Thing,
    posts: Mapping[str, set[tuple[str, str]]],
    judged: Iterable[Judgement],
) -> list[tuple[str, list[str], tuple[str, ...], int]]:
    """(suffix, documents, reasons, score) of every group of documents but the one of the earliest document."""
    by_name = {i: d for d in thing.documents for i in knowledge.told[d].identifiers}
    sets = Unions()
    reasons: defaultdict[str, list[str]] = defaultdict(list)
    seeds: set[str] = set()
    for judgement in sorted(judged):
        one, other = by_name.get(judgement.one_document), by_name.get(judgement.other_document)
        if one is None or other is None or one == other:
            continue
        seeds |= {one, other}
        if judgement.verdict is Verdict.SAME:
            sets.join(one, other)
        else:
            sets.keep_apart(one, other)
            for document in (one, other):
                reasons[document].append(judgement.reason)
    documents = sorted(set(thing.documents))
    of_state: defaultdict[str, list[str]] = defaultdict(list)
    for document in documents:
        for _, country in sorted(posts.get(document, ())):
            of_state[country].append(document)
    for country in sorted(of_state):
        for document in of_state[country][1:]:
            sets.join(of_state[country][0], document)
    _bridge(knowledge, thing, posts, of_state, sets)
    roots = sorted({sets.find(d) for d in documents if d in posts or d in seeds})
    if len(roots) < 2:
        return []
    members: dict[str, list[str]] = {r: [d for d in documents if sets.find(d) == r] for r in roots}
    main = min(roots, key=lambda r: _first(knowledge, members[r]))
    _attach(knowledge, thing, posts, members, main, [d for d in documents if sets.find(d) not in members])
    out = []
    for root in roots:
        if root == main:
            continue
        states = sorted({c for d in members[root] for _, c in posts.get(d, ())})
        others = sorted({c for d in members[main] for _, c in posts.get(d, ())})
        why = sorted({r for d in members[root] for r in reasons[d]})
        score = 0 if why else 5
        if not why:
            why = [
                f"posts of different states: {', '.join(others)}; {', '.join(states)}",
                "nobody who is seldom named is named beside both",
            ]
        clash = not states or set(states) & set(others)
        out.append((min(members[root])[:6] if clash else "-".join(states), members[root], tuple(why), score))
    return out


def _bridge(
    knowledge: Knowledge,
    thing: Thing,
    posts: Mapping[str, set[tuple[str, str]]],
    of_state: Mapping[str, Sequence[str]],
    sets: Unions,
) -> None:
    """Join groups of documents that speak of one person in spite of different states."""
    company = {c: knowledge.company(of_state[c][:_MOST_DOCUMENTS], thing.iri) for c in sorted(of_state)}
    words = {c: {w for d in of_state[c] for w, country in posts[d] if country == c} for c in of_state}
    states = sorted(of_state)
    for i, one in enumerate(states):
        for other in states[i + 1 :]:
            shared = sum(knowledge.weights[p] for p in sorted(company[one] & company[other]))
            if shared >= _SHARED or (words[one] & words[other] and _misread(knowledge, of_state, one, other)):
                sets.join(of_state[one][0], of_state[other][0])


def _misread(knowledge: Knowledge, of_state: Mapping[str, Sequence[str]], one: str, other: str) -> bool:
    """Whether all documents of one side speak of the other side's state."""
    return any(
        all(any(i.endswith(f"/place/{far}") for i in knowledge.told[d].entities) for d in of_state[near])
        for near, far in ((one, other), (other, one))
    )


def _attach(
    knowledge: Knowledge,
    thing: Thing,
    posts: Mapping[str, set[tuple[str, str]]],
    members: dict[str, list[str]],
    main: str,
    rest: Sequence[str],
) -> None:
    """Put documents that name no state's post with the group that they have most in common with, else with `main`."""
    company = {r: knowledge.company(sorted(m)[:_MOST_DOCUMENTS], thing.iri) for r, m in members.items()}
    states = {r: {c for d in m for _, c in posts.get(d, ())} for r, m in members.items()}
    for document in rest:
        told = knowledge.told[document]
        named = {i.rsplit("/", 1)[-1] for i in told.entities if "/place/" in i}
        own = knowledge.company([document], thing.iri)
        score: Counter[str] = Counter()
        for root in members:
            score[root] = round(
                100 * sum(knowledge.weights[p] for p in sorted(own & company[root]))
                + 50 * bool(named & states[root])
            )
        best = sorted(members, key=lambda r: (-score[r], r != main, r))
        members[best[0] if score[best[0]] > score[best[1]] else main].append(document)


def _first(knowledge: Knowledge, documents: Iterable[str]) -> tuple[date, str]:
    return min((knowledge.told[d].as_of or date.max, d) for d in documents)
