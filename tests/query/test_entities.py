from __future__ import annotations

from types import ModuleType

import pytest

from kg.errors import QueryError, UnknownEntity
from kg.graph.store import StoreReader
from kg.query.contradictions import contradictions
from kg.query.documents import find_document, get_document, list_documents, read_document_page
from kg.query.entities import count_kinds, entity_card, list_entities
from kg.query.nodes import Node, Value, check_iri
from kg.query.paths import find_path
from kg.query.search import search


def test_a_card_holds_names_facts_and_where_they_come_from(
    reader: StoreReader, asked_world: ModuleType
) -> None:
    w = asked_world.w
    card = entity_card(reader, "Marta Lindqvist")
    assert (card.iri, card.curie, card.kind, card.subkind) == (
        w.MARTA,
        "person:lindqvist-marta",
        "Person",
        None,
    )
    assert card.names == ("Lindqvist",)
    (fact,) = card.facts_out
    assert isinstance(fact.object, Node)
    assert (fact.predicate.label, fact.object.label, fact.claim_count) == (
        "holdsOffice",
        "Minister of Defense, Norland",
        1,
    )
    assert [f.subject.label for f in card.facts_in] == ["Meeting: Marta Lindqvist, Ole Brandt (2024-03-28)"]
    assert [f.status for f in (*card.facts_out, *card.facts_in)] == [None, "held"]
    assert {d.identifiers for d in card.documents} == {("a/plan.txt",), ("rival.txt",), ("outcome.txt",)}
    assert card.mention_count == 3
    assert card.claim_count == 4
    assert card.other_iris == ("https://kg.example/id/person/lindqvist.b",)


def test_a_card_of_a_place_and_of_an_event(reader: StoreReader) -> None:
    card = entity_card(reader, "Portal City")
    assert card.point == "POINT(10.5 59.25)"
    assert card.classes == ("City", "Place")
    event = entity_card(reader, "ev:meeting.a.1")  # a provisional IRI
    assert event.curie == "ev:meeting.c.1"
    values = {f.object.value for f in event.facts_out if isinstance(f.object, Value)}
    assert values == {"2024-03-28"}
    norland = entity_card(reader, "Norland")
    assert norland.exact_matches == ("https://sws.geonames.org/1/",)


def test_lists_are_filtered_and_paged(reader: StoreReader, asked_world: ModuleType) -> None:
    everything = list_entities(reader, limit=1000)
    assert everything.total == len(everything.items) == sum(count_kinds(reader).values())
    assert everything.items[0].mentions == max(h.mentions for h in everything.items)
    some = [list_entities(reader, limit=7, offset=n).items for n in range(0, everything.total, 7)]
    assert [h.iri for page in some for h in page] == [h.iri for h in everything.items]
    people = list_entities(reader, types=["Person"])
    assert {h.label for h in people.items} == {"Marta Lindqvist", "Ole Brandt", "Ida Brandt"}
    assert people.total == 3
    both = list_entities(reader, types=["Person", "MilitaryBase"])
    assert both.total == 4
    assert "Hallen Air Base" in {h.label for h in both.items}
    assert [h.label for h in list_entities(reader, "brandt", ["Person"]).items] == [
        "Ole Brandt",
        "Ida Brandt",
    ]
    assert list_entities(reader, "brandt", ["Treaty"]).total == 0
    with pytest.raises(QueryError, match="want one of Accord"):
        list_entities(reader, types=["Persn"])
    with pytest.raises(QueryError):
        list_entities(reader, limit=0)


def test_search_finds_names_and_sentences(reader: StoreReader) -> None:
    found = search(reader, "hallen")
    assert [h.label for h in found.entities] == ["Hallen Air Base"]
    texts = [s.text for s in found.sentences]
    assert "It denied that Norland runs Hallen Air Base." in texts
    for sentence in found.sentences:
        document = reader.document(sentence.document.iri)
        assert document is not None
        assert document.text[sentence.start : sentence.end] == sentence.text
    assert search(reader, "nothing like this").sentences == ()
    with pytest.raises(QueryError, match="nothing to search"):
        search(reader, "  ")


def test_contradictions_come_in_pairs(reader: StoreReader, asked_world: ModuleType) -> None:
    found = contradictions(reader)
    assert found.total == len(found.items) == 2
    for pair in found.items:
        assert pair.one.iri < pair.other.iri
        assert pair.one.subject == pair.other.subject
        assert pair.one.predicate == pair.other.predicate
        assert pair.other.iri in pair.one.contradicts
    about = contradictions(reader, "Hallen Air Base")
    assert [p.one.predicate.label for p in about.items] == ["operatedBy"]
    assert contradictions(reader, limit=1, offset=1).items == found.items[1:]
    assert contradictions(reader, asked_world.w.OLE).total == 0


def test_documents_by_key_iri_curie_and_identifier(reader: StoreReader) -> None:
    document = get_document(reader, "a/plan.txt")
    key = document.iri.rsplit("/", 1)[1]
    for written in (key, document.iri, f"doc:{key}", f"<{document.iri}>"):
        assert find_document(reader, written) == document
    for wrong in ("plan.txt", "", "a b", "https://kg.example/doc/<x>"):
        assert find_document(reader, wrong) is None
    with pytest.raises(UnknownEntity, match="no document"):
        get_document(reader, "plan.txt")


def test_a_document_page_has_text_mentions_and_what_claims_rest_on(reader: StoreReader) -> None:
    page = read_document_page(reader, "rival.txt")
    assert page.summary.as_of == "2024-03-10"
    (mention,) = page.mentions
    assert (mention.label, page.text[mention.start : mention.end]) == ("Marta Lindqvist", "Lindqvist")
    ((passage, claims),) = page.claims.items()
    assert passage.endswith("#char=0,59")
    assert len(claims) == 3
    assert read_document_page(reader, "undated.txt").boilerplate == ((0, 10),)


def test_documents_are_listed_by_identifier(reader: StoreReader) -> None:
    found = list_documents(reader, limit=100)
    names = [d.identifiers for d in found.items]
    assert names == sorted(names)
    assert found.total == 7
    assert [d.iri for d in list_documents(reader, limit=2, offset=1).items] == [
        d.iri for d in found.items[1:3]
    ]


def test_a_path_is_a_chain_of_edges_with_claims(reader: StoreReader, asked_world: ModuleType) -> None:
    w = asked_world.w
    found = find_path(reader, "Marta Lindqvist", "Hallen Air Base")
    assert [n.iri for n in found.nodes] == [w.MARTA, w.MINISTER, w.NORLAND, w.BASE]
    assert found.hops == 3
    for here, there in zip(found.nodes, found.nodes[1:], strict=False):
        between = [e for e in found.edges if {e.source, e.target} == {here.iri, there.iri}]
        assert between
        assert all(e.claims for e in between)
    back = find_path(reader, "Hallen Air Base", "Marta Lindqvist")
    assert [n.iri for n in back.nodes] == [n.iri for n in reversed(found.nodes)]


def test_a_path_may_be_nothing_or_be_missing(reader: StoreReader, asked_world: ModuleType) -> None:
    same = find_path(reader, "Norland", "Norland")
    assert (same.hops, len(same.nodes), same.edges) == (0, 1, ())
    assert find_path(reader, "Marta Lindqvist", "Hallen Air Base", max_hops=2).hops is None
    apart = find_path(reader, "Norland", "Wide Union", max_hops=8)
    assert (apart.hops, apart.nodes, apart.gave_up) == (None, (), False)
    assert find_path(reader, "Marta Lindqvist", "Ole Brandt", predicates=["participant"]).hops == 2
    assert (
        find_path(reader, "Marta Lindqvist", "Ole Brandt", types=["Office"]).nodes[1].iri
        == asked_world.w.MINISTER
    )
    with pytest.raises(QueryError, match="max_hops"):
        find_path(reader, "Norland", "Norland", max_hops=9)


@pytest.mark.parametrize("wrong", ["no-scheme", "/relative", "http://e/ x", "http://e/<x>", 'a:"', ""])
def test_what_cannot_be_written_in_sparql_is_not_an_iri(wrong: str) -> None:
    with pytest.raises(QueryError):
        check_iri(wrong)
