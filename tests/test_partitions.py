"""The graph is a function of the documents: not of their order, of how many builds it took, or of what was removed."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pyoxigraph as ox
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.graph import open_reader, open_writer
from kg.graph.store import What
from kg.model import Claim, DateBasis, Document, Entity, Extraction, Literal, Modality, Span
from kg.resolution import decide_identity
from kg.terms import KG, entity_iri, person_slug, slug

_PEOPLE = ("Mohammed Haddad", "Muhammad Haddad", "Haddad", "Ada Roe", "Roe", "Olena Petrenko", "Petrenko")
_STATES = ("fj", "pe", None)
_DAYS = ("2024-03", "2024-03-05", "2024-03-06", "2024-04-20", None)


def extraction(number: int, name: str, state: str | None, day: str | None, planned: bool) -> Extraction:
    """A document in which somebody holds a post of a state and meets somebody on a day."""
    issued = f"2024-0{1 + number % 5}-1{number % 9}"
    text = f"Document {number}: {name}, {state}, {day}, {planned}."
    document = Document((f"d{number}.txt",), text, issued)
    scope = document.key[:12]
    full = " " in name
    person = entity_iri("Person", person_slug(name) if full else f"{slug(name)}.{scope}")
    other = entity_iri("Person", "bo-li")
    office = entity_iri("Office", f"minister-of-trade-{state}" if state else f"minister-of-trade.{scope}")
    event = entity_iri("Event", f"meeting.{scope}.1")
    parts = tuple(f"part:{p}" for p in slug(name).split("-"))
    keys = (f"name:{person_slug(name)}", *parts) if full else parts
    modality = Modality.PLANNED if planned else Modality.ASSERTED
    where = (Span(0, len(text)),)
    claims = [
        Claim(person, "holdsOffice", office, Modality.ASSERTED, where, 90),
        Claim(event, "participant", person, modality, where, 90),
        Claim(event, "participant", other, modality, where, 90),
        Claim(event, "status", KG + ("planned" if planned else "held"), modality, where, 90),
    ]
    if day is not None:
        claims.append(Claim(event, "date", Literal(day), modality, where, 90))
    entities = (
        Entity(person, "Person", None, (name,), (*keys, "post:minister-of-trade")),
        Entity(other, "Person", None, ("Bo Li",), ("name:bo-li", "part:bo", "part:li")),
        Entity(
            office,
            "Office",
            None,
            ("Minister of Trade",),
            ("post:minister-of-trade", *((f"country:{state}",) if state else ())),
        ),
        Entity(event, "Event", "Meeting", ("Meeting",)),
    )
    return Extraction(document, issued, DateBasis.STATED, entities, (), tuple(claims))


_SAID = st.tuples(st.sampled_from(_PEOPLE), st.sampled_from(_STATES), st.sampled_from(_DAYS), st.booleans())


def put(store: Path, extractions: Sequence[Extraction]) -> None:
    with open_writer(store) as writer:
        for one in extractions:
            writer.put(f"v1-{one.document.key}", one)
        writer.commit(decide_identity)


def digest(store: Path) -> str:
    out = io.BytesIO()
    with open_reader(store) as reader:
        reader.dump(What.ALL, ox.RdfFormat.N_TRIPLES, out)
    return hashlib.sha256(out.getvalue()).hexdigest()


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), st.lists(_SAID, min_size=2, max_size=7))
def test_any_order_and_partition_gives_the_same_bytes_and_removing_undoes_adding(
    data: st.DataObject, said: list[tuple[str, str | None, str | None, bool]]
) -> None:
    extractions = [extraction(n, *one) for n, one in enumerate(said)]
    shuffled = data.draw(st.permutations(extractions))
    cut = data.draw(st.integers(1, len(shuffled) - 1))
    with TemporaryDirectory() as place:
        whole, parts = Path(place, "whole"), Path(place, "parts")
        put(whole, extractions)
        put(parts, shuffled[:cut])
        before = digest(parts)
        put(parts, shuffled[cut:])
        assert digest(parts) == digest(whole)
        with open_writer(parts) as writer:
            for one in shuffled[cut:]:
                writer.remove(one.document.identifiers[0])
            writer.commit(decide_identity)
        assert digest(parts) == before


@settings(max_examples=40, deadline=None)
@given(st.data(), st.lists(_SAID, min_size=2, max_size=12))
def test_identity_does_not_depend_on_order(
    data: st.DataObject, said: list[tuple[str, str | None, str | None, bool]]
) -> None:
    extractions = [extraction(n, *one) for n, one in enumerate(said)]
    first, second = decide_identity(extractions), decide_identity(data.draw(st.permutations(extractions)))
    assert (dict(first), first.apart, first.matches) == (dict(second), second.apart, second.matches)
    for match in first.matches:
        assert match.one < match.other
