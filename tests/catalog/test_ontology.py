from pathlib import Path

import pytest
from rdflib import Graph

from kg.catalog import load_catalog
from kg.catalog.ontology import load_ontology
from kg.errors import CatalogError
from kg.model import Modality, Status
from kg.terms import KIND_SEGMENTS

ONTOLOGY = load_catalog().ontology
TURTLE = ONTOLOGY.turtle.decode()


def test_subclasses_know_their_top_class() -> None:
    assert ONTOLOGY.top("MilitaryBase") == "Facility"
    assert ONTOLOGY.top("Event") == "Event"
    assert ONTOLOGY.is_a("Ministry", "Organization")
    assert not ONTOLOGY.is_a("Ministry", "Place")
    assert not ONTOLOGY.is_a("Unheard", "Place")
    with pytest.raises(CatalogError, match="no class of things 'Claim'"):
        ONTOLOGY.top("Claim")


def test_every_top_class_modality_and_status_is_declared() -> None:
    assert set(KIND_SEGMENTS) <= set(ONTOLOGY.classes)
    assert {m.value for m in Modality} <= set(ONTOLOGY.classes)
    assert {s.value for s in Status} == ONTOLOGY.statuses


def test_relations_have_domain_range_and_cardinality() -> None:
    holds = ONTOLOGY.relations["holdsOffice"]
    assert (holds.domain, holds.range, holds.single) == (
        frozenset({"Person"}),
        frozenset({"Office"}),
        "object",
    )
    assert ONTOLOGY.relations["date"].range == {"Date"}
    assert ONTOLOGY.relations["formerName"].range == {"Text"}
    assert ONTOLOGY.relations["status"].range == {"Status"}
    assert {r.name for r in ONTOLOGY.relations.values() if r.symmetric} == {"alliedWith", "counterpartOf"}
    assert "Country" in ONTOLOGY.relations["hasParty"].range


def test_allows_takes_subclasses() -> None:
    assert ONTOLOGY.allows(["Place", "Country"], ONTOLOGY.relations["hasParty"].range)
    assert not ONTOLOGY.allows(["Place", "City"], ONTOLOGY.relations["hasParty"].range)


def test_rdflib_reads_the_vocabulary_and_every_term_is_labelled() -> None:
    graph = Graph().parse(data=TURTLE, format="turtle")
    own = {s for s in graph.subjects() if str(s).startswith("https://kg.example/def#")}
    rows = graph.query(
        "SELECT ?t { ?t a ?k FILTER(STRSTARTS(STR(?t), 'https://kg.example/def#'))"
        " { ?t rdfs:label [] ; rdfs:comment [] } UNION { ?t skos:prefLabel [] ; skos:definition [] } }",
        initNs={"skos": "http://www.w3.org/2004/02/skos/core#"},
    )
    assert own == {row[0] for row in rows}  # type: ignore[index]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('rdfs:label "person"@en ;', "", "kg:Person: want one rdfs:label, found 0"),
        (
            "kg:Ministry a owl:Class ; rdfs:subClassOf kg:Organization",
            "kg:Ministry a owl:Class ; rdfs:subClassOf kg:Body",
            "kg:Ministry: superclass kg:Body",
        ),
        ('kg:single "object" .', 'kg:single "both" .', "kg:holdsOffice: kg:single"),
        (
            "rdfs:domain kg:Person ; rdfs:range kg:Office ;",
            "rdfs:range kg:Office ;",
            "kg:holdsOffice: want one rdfs:domain",
        ),
        ("rdfs:range kg:Office ;", "rdfs:range kg:Offices ;", "def#Offices> is not a declared class"),
        ("@prefix kg:", "prefix kg", "not Turtle"),
    ],
)
def test_a_wrong_vocabulary_names_file_and_term(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in TURTLE
    (tmp_path / "kg.ttl").write_text(TURTLE.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CatalogError, match=rf"^kg\.ttl: .*{message}"):
        load_ontology(tmp_path / "kg.ttl", tmp_path)
