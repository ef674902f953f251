"""Who is who across documents: a function of all that they say, in any order."""

from __future__ import annotations

import itertools
import time
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from kg.model import Claim, DateBasis, Document, Entity, Extraction, Modality, Span
from kg.pipeline import Extractor
from kg.resolution import decide_identity

_EXTRACTOR = Extractor()


def read(text: str, issued: str) -> Extraction:
    return _EXTRACTOR.extract(Document((issued,), text, issued))


FULL = read("Turkish Foreign Minister Hakan Fidan spoke in Ankara.", "2025-01-01")
SINGLE = read("Foreign Minister Fidan spoke in Oslo.", "2025-01-02")
PLAN = read("Penny Wong and Winston Peters will hold a meeting in Suva in late May.", "2025-05-05")
HELD = read("Penny Wong and Winston Peters held a meeting in Suva on 2 June 2025.", "2025-06-03")
OTHER = read("Penny Wong and Winston Peters held a meeting in Apia on 20 November 2025.", "2025-11-21")


def test_a_single_name_with_the_same_post_is_the_full_one() -> None:
    identity = decide_identity([FULL, SINGLE])
    single = next(e.iri for e in SINGLE.entities if e.kind == "Person")
    assert identity[single] == "https://kg.example/id/person/fidan-hakan"


def test_a_single_name_that_fits_two_people_is_left_alone() -> None:
    rival = read("Syrian Foreign Minister Omar Fidan spoke in Damascus.", "2025-01-03")
    single = next(e.iri for e in SINGLE.entities if e.kind == "Person")
    assert single not in decide_identity([FULL, SINGLE, rival])


def test_an_office_without_a_country_is_the_one_of_its_holder() -> None:
    identity = decide_identity([FULL, SINGLE])
    office = next(e.iri for e in SINGLE.entities if e.kind == "Office")
    assert identity[office].endswith("/office/minister-of-foreign-affairs-tr")


def meeting(extraction: Extraction) -> str:
    return next(e.iri for e in extraction.entities if e.subkind == "Meeting")


def test_a_plan_is_the_event_that_came_of_it() -> None:
    identity = decide_identity([PLAN, HELD, OTHER])
    final = {identity.get(meeting(x), meeting(x)) for x in (PLAN, HELD)}
    assert len(final) == 1
    assert identity.get(meeting(OTHER), meeting(OTHER)) not in final


def test_the_order_of_documents_does_not_matter() -> None:
    all_of_them = [FULL, SINGLE, PLAN, HELD, OTHER]
    decided = {tuple(decide_identity(order).items()) for order in itertools.permutations(all_of_them)}
    assert len(decided) == 1


DOCUMENT = Document(("made",), "x", None)


def made(entities: list[Entity], holds: list[tuple[str, str]] = []) -> Extraction:  # noqa: B006
    claims = tuple(
        Claim(person, "holdsOffice", office, Modality.ASSERTED, (Span(0, 1),), 90) for person, office in holds
    )
    return Extraction(DOCUMENT, None, DateBasis.UNKNOWN, tuple(entities), (), claims)


def office(name: str, *keys: str) -> Entity:
    return Entity(f"https://kg.example/id/office/{name}", "Office", None, (name,), keys=keys)


def person(name: str, *keys: str) -> Entity:
    return Entity(f"https://kg.example/id/person/{name}", "Person", None, (name,), keys=keys)


def test_an_office_of_two_holders_needs_both_to_agree() -> None:
    owned = [office(f"president-{c}", "post:president", f"country:{c}") for c in ("fr", "br")]
    bare = office("president.abc", "post:president")
    one, other, unknown = (person(n, f"name:{n}") for n in ("ada-roy", "luz-dias", "kim-oh"))
    elsewhere = made([*owned, one, other], [(one.iri, owned[0].iri), (other.iri, owned[1].iri)])
    alone = made([bare, one], [(one.iri, bare.iri)])
    assert decide_identity([elsewhere, alone]) == {bare.iri: owned[0].iri}
    for second in (other, unknown):
        both = made([bare, one, second], [(one.iri, bare.iri), (second.iri, bare.iri)])
        assert decide_identity([elsewhere, both]) == {}
    same = replace(elsewhere, claims=made([], [(p.iri, owned[1].iri) for p in (one, other)]).claims)
    both = made([bare, one, other], [(one.iri, bare.iri), (other.iri, bare.iri)])
    assert decide_identity([same, both]) == {bare.iri: owned[1].iri}


_KEYS = st.sets(st.sampled_from(["part:a", "part:b", "part:c", "post:x", "post:y", "name:n"]))


@settings(deadline=None)  # the first call loads the lexicon
@given(st.lists(_KEYS, max_size=12))
def test_single_names_are_decided_as_by_comparing_all_with_all(drawn: list[set[str]]) -> None:
    people = [person(f"p{i}", *sorted(keys)) for i, keys in enumerate(drawn)]

    def values(entity: Entity, prefix: str) -> set[str]:
        return {k for k in entity.keys if k.startswith(prefix)}

    expected = {}
    for weak in (p for p in people if not values(p, "name:")):
        fitting = [
            p.iri
            for p in people
            if values(p, "name:")
            and values(weak, "part:") <= values(p, "part:")
            and values(weak, "post:") & values(p, "post:")
        ]
        if len(fitting) == 1:
            expected[weak.iri] = fitting[0]
    assert decide_identity([made(people)]) == expected


def test_thousands_of_people_and_offices_take_seconds() -> None:
    n = 6000
    full = [person(f"f{i}", f"name:{i}", f"part:{i}", "part:kim", f"post:{i % 50}") for i in range(n)]
    weak = [person(f"w{i}.d", f"part:{i}", f"post:{i % 50}") for i in range(n)]
    bare = [office(f"o{i}.d", f"post:{i % 50}") for i in range(n)]
    owned = [office(f"o{i}", f"post:{i % 50}", "country:fr") for i in range(n)]
    holds = [(f.iri, o.iri) for f, o in zip(full, owned, strict=True)]
    holds += [(w.iri, o.iri) for w, o in zip(weak, bare, strict=True)]
    started = time.process_time()
    decided = decide_identity([made([*full, *weak, *bare, *owned], holds)])
    assert time.process_time() - started < 5  # all with all: 100 s
    assert len(decided) == 2 * n
