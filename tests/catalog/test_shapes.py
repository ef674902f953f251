import pytest
from pyshacl import validate
from rdflib import Graph

from kg.catalog import find_root

HEAD = """
@prefix kg: <https://kg.example/def#> . @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix dct: <http://purl.org/dc/terms/> . @prefix edtf: <http://id.loc.gov/datatypes/edtf/> .
@prefix : <https://kg.example/id/> .
"""
GOOD = """
:d a kg:Document ; dct:identifier "a.txt" ; kg:asOfBasis "unknown" ; kg:sha256 "%s" .
<https://kg.example/id/d#char=0,5> kg:text "Hello" ; kg:document :d .
:p a kg:Person ; skos:prefLabel "Ann Lee"@en ; kg:holdsOffice :o .
:o a kg:Office ; skos:prefLabel "Mayor"@en ; kg:officeOf :c . :c a kg:Place ; skos:prefLabel "Bern"@en .
:e a kg:Event ; skos:prefLabel "Meeting"@en ; kg:status kg:held ; kg:date "2025-03"^^edtf:EDTF ;
  kg:start "2025-03-01"^^xsd:date ; kg:end "2025-03-31"^^xsd:date .
:k a kg:Asserted ; rdf:subject :p ; rdf:predicate kg:holdsOffice ; rdf:object :o ; kg:document :d ;
  kg:evidence <https://kg.example/id/d#char=0,5> ; kg:confidence 0.95 .
""" % ("0" * 64)
SHAPES = Graph().parse(find_root() / "ontology" / "shapes.ttl", format="turtle")


def conforms(text: str) -> bool:
    found, _, _ = validate(Graph().parse(data=HEAD + text, format="turtle"), shacl_graph=SHAPES)
    return bool(found)


def test_a_good_graph_conforms() -> None:
    assert conforms(GOOD)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (":k a kg:Asserted", ":k a kg:Asserted, kg:Planned"),
        ("kg:evidence <https://kg.example/id/d#char=0,5> ; ", ""),
        ("kg:confidence 0.95", "kg:confidence 1.5"),
        ("rdf:predicate kg:holdsOffice", "rdf:predicate rdf:type"),
        ("kg:status kg:held ;", ""),
        ('"2025-03-31"^^xsd:date', '"2025-02-01"^^xsd:date'),
        ('kg:text "Hello" ;', 'kg:text "Hello", "Hi" ;'),
        ('dct:identifier "a.txt" ;', ""),
        (":p a kg:Person", ":p a kg:Place"),
        (' skos:prefLabel "Bern"@en', ' skos:altLabel "Bern"@en'),
    ],
)
def test_each_shape_fires(old: str, new: str) -> None:
    assert old in GOOD
    assert not conforms(GOOD.replace(old, new, 1))
