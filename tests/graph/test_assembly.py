from __future__ import annotations

from dataclasses import replace

import graph_world as w
import pyoxigraph as ox
import pytest

from kg.errors import StoreError
from kg.graph import rdf
from kg.graph.assembly import (
    claim_quads,
    document_quads,
    follow,
    identity_quads,
    mention_quads,
    state_claims,
    verify,
)
from kg.model import Literal, Modality, Span
from kg.terms import DEFAULT_BASE, KG, XSD


def same(iri: str) -> str:
    return iri


def text_of(quads: object) -> str:
    return "\n".join(sorted(str(quad) for quad in quads))  # type: ignore[attr-defined]


def test_a_claim_as_triples() -> None:
    extraction = w.undated()
    document = w.document_of(extraction)
    stated = state_claims(extraction, same, DEFAULT_BASE)
    (identified,) = (i for i, (s, _) in stated.items() if s.predicate == "locatedIn")
    found = text_of(claim_quads(*stated[identified], extraction.document.text, same))
    start = extraction.document.text.index("Portal City, Norland")
    passage = f"<{document}#char={start},{start + 20}>"
    assert found == "\n".join(
        sorted(
            [
                f"<{identified}> <{rdf.TYPE.value}> <{KG}Asserted>",
                f"<{identified}> {rdf.SUBJECT} <{w.PORTAL}>",
                f"<{identified}> {rdf.PREDICATE} <{KG}locatedIn>",
                f"<{identified}> {rdf.OBJECT} <{w.NORLAND}>",
                f"<{identified}> <{KG}document> <{document}>",
                f'<{identified}> <{KG}confidence> "0.9"^^<{XSD}decimal>',
                f"<{identified}> <{KG}evidence> {passage}",
                f"{passage} <{KG}document> <{document}>",
                f'{passage} <{KG}text> "Portal City, Norland"',
            ]
        )
    )


def test_attribution_speaker_and_time_are_written() -> None:
    extraction = w.plan()
    (read, *_) = extraction.claims
    read = replace(read, said_by=w.OLE, valid_time="2024-03~")
    extraction = replace(extraction, claims=(read,))
    ((stated, claim),) = state_claims(extraction, same, DEFAULT_BASE).values()
    found = text_of(claim_quads(stated, claim, extraction.document.text, {w.OLE: w.MARTA}.get))  # type: ignore[arg-type]
    assert f'<{KG}attribution> "Sources"' in found
    assert f"<{KG}saidBy> <{w.MARTA}>" in found
    assert f'<{KG}validTime> "2024-03~"^^<http://id.loc.gov/datatypes/edtf/EDTF>' in found


def test_identity_changes_the_ends_of_claims_and_not_their_iris() -> None:
    extraction = w.rival_plan()
    before = state_claims(extraction, same, DEFAULT_BASE)
    after = state_claims(extraction, follow(w.IDENTITY), DEFAULT_BASE)
    assert list(before) == list(after)
    assert {s.subject for s, _ in before.values()} == {w.MEETING_2.iri}
    assert {s.subject for s, _ in after.values()} == {w.MEETING_3.iri}


@pytest.mark.parametrize(
    "change",
    [
        {"subject": w.OLE},
        {"predicate": "memberOf"},
        {"object": w.PORTAL},
        {"modality": Modality.DENIED},
        {"evidence": (Span(0, 5),)},
        {"attribution": None},
        {"said_by": w.OLE},
        {"valid_time": "2024"},
    ],
)
def test_everything_a_document_says_tells_claims_apart(change: dict[str, object]) -> None:
    extraction = w.plan()
    read = extraction.claims[0]
    both = replace(extraction, claims=(read, replace(read, **change)))  # type: ignore[arg-type]
    assert len(state_claims(both, same, DEFAULT_BASE)) == 2


def test_how_sure_and_by_which_rule_does_not() -> None:
    extraction = w.plan()
    read = extraction.claims[0]
    for order in ((70, 85), (85, 70)):
        claims = tuple(replace(read, confidence=c, rule=f"rule {c}") for c in order)
        ((stated, claim),) = state_claims(replace(extraction, claims=claims), same, DEFAULT_BASE).values()
        assert (stated.confidence, claim.rule) == (85, "rule 85")


def test_a_document_as_triples() -> None:
    extraction = w.plan()
    found = text_of(document_quads(extraction, ("a/plan.txt", "copy.txt"), DEFAULT_BASE))
    assert found.count("identifier>") == 2
    assert '"2024-03-05"^^<http://id.loc.gov/datatypes/edtf/EDTF>' in found
    assert f'<{KG}asOf> "2024-03-05"^^<{XSD}date>' in found
    assert "<https://news.example/plan>" in found
    assert f'"{extraction.document.sha256}"' in found


def test_an_as_of_month_ends_on_its_last_day_and_an_unknown_one_is_absent() -> None:
    assert f'"2024-02-29"^^<{XSD}date>' in text_of(document_quads(w.bare(), ("b",), DEFAULT_BASE))
    unknown = text_of(document_quads(w.undated(), ("u",), DEFAULT_BASE))
    assert f"<{KG}asOf>" not in unknown
    assert f'<{KG}asOfBasis> "unknown"' in unknown


@pytest.mark.parametrize("source", ["a wire service", "https://news.example/a b", "C:\\news"])
def test_a_source_that_is_no_iri_stays_text(source: str) -> None:
    extraction = w.bare()
    made = replace(extraction, document=replace(extraction.document, source=source))
    (found,) = (q.object for q in document_quads(made, ("b",), DEFAULT_BASE) if q.predicate == rdf.SOURCE)
    assert found == ox.Literal(source)


def test_mentions_refer_to_the_canonical_entity() -> None:
    found = text_of(mention_quads(w.rival_plan(), follow(w.IDENTITY), DEFAULT_BASE))
    assert f"#char=0,9> <{KG}refersTo> <{w.MARTA}>" in found
    assert f'#char=0,9> <{KG}text> "Lindqvist"' in found


def test_identity_is_followed_to_its_end_and_a_circle_is_refused() -> None:
    canonical = follow({"x:a": "x:b", "x:b": "x:c", "x:d": "x:d"})
    assert [canonical(i) for i in ("x:a", "x:b", "x:c", "x:d", "x:e")] == ["x:c", "x:c", "x:c", "x:d", "x:e"]
    assert text_of(identity_quads({"x:a": "x:b", "x:b": "x:c", "x:d": "x:d"})) == (
        f"<x:a> <{KG}canonical> <x:c>\n<x:b> <{KG}canonical> <x:c>"
    )
    with pytest.raises(StoreError, match="x:a → x:b → x:a"):
        follow({"x:a": "x:b", "x:b": "x:a"})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"evidence": ()}, "no evidence"),
        ({"evidence": (Span(0, 10_000),)}, "not inside the text"),
        ({"evidence": (Span(5, 5),)}, "not inside the text"),
        ({"confidence": 101}, "hundredths"),
    ],
)
def test_a_claim_without_a_passage_is_refused(change: dict[str, object], message: str) -> None:
    extraction = w.plan()
    bad = replace(extraction.claims[0], **change)  # type: ignore[arg-type]
    with pytest.raises(StoreError, match=message) as caught:
        verify(replace(extraction, claims=(bad,)))
    assert "a/plan.txt" in str(caught.value)


def test_mentions_outside_the_text_and_nameless_documents_are_refused() -> None:
    extraction = w.plan()
    mention = replace(extraction.mentions[0], span=Span(-1, 4))
    with pytest.raises(StoreError, match="mention"):
        verify(replace(extraction, mentions=(mention,)))
    with pytest.raises(StoreError, match="no identifier"):
        verify(w.renamed(extraction))


def test_an_object_that_is_no_iri_is_refused() -> None:
    extraction = w.plan()
    bad = replace(extraction.claims[0], object="held")
    with pytest.raises(StoreError, match="not an absolute IRI: 'held'"):
        state_claims(replace(extraction, claims=(bad,)), same, DEFAULT_BASE)


@pytest.mark.parametrize(
    ("value", "datatype", "stored"),
    [("007", "integer", "7"), ("0.50", "decimal", "0.5"), ("1", "boolean", "true"), ("x", "integer", "x")],
)
def test_literals_have_the_form_they_are_stored_in(value: str, datatype: str, stored: str) -> None:
    literal = rdf.canonical_literal(Literal(value, XSD + datatype))
    assert literal.value == stored
    store = ox.Store()
    store.add(ox.Quad(rdf.TYPE, rdf.TYPE, literal))
    assert [q.object for q in store] == [literal]


@pytest.mark.parametrize("hundredths", range(101))
def test_probabilities_survive_oxigraph(hundredths: int) -> None:
    literal = rdf.probability(hundredths)
    store = ox.Store()
    store.add(ox.Quad(rdf.TYPE, rdf.TYPE, literal))
    assert [q.object for q in store] == [literal]
    assert float(literal.value) == pytest.approx(hundredths / 100)


def test_a_claim_is_only_what_it_says() -> None:
    """The IRI of a claim is fixed for all time: changing how it is made makes new IRIs of all claims."""
    extraction = w.make("x", "Ole.", [(w.OLE, "memberOf", w.NORLAND, Modality.ASSERTED, "Ole")])
    assert list(state_claims(extraction, same, DEFAULT_BASE)) == ["https://kg.example/claim/ypwhsdlv3q5yo5be"]
