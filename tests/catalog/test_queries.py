from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.catalog import SavedQuery, load_catalog
from kg.catalog.queries import load_queries
from kg.errors import CatalogError
from kg.query.binding import bind

GOOD = """#+ summary: s
#+ parameters:
#+   day: {type: date, example: 2025-03-30, default: 2025-01-01, help: h}
#+   who: {type: entity, example: Ann Lee, help: h}
#+   most: {type: integer, example: 5, required: false, help: h}
#+ returns: r
SELECT ?x { ?x kg:date ?day ; skos:altLabel ?who ; kg:confidence ?most }
"""


def load(tmp_path: Path, text: str) -> SavedQuery:
    (tmp_path / "a-query.rq").write_text(text, encoding="utf-8")
    return load_queries(tmp_path, tmp_path)["a-query"]


def test_the_header_says_what_is_asked_and_given(tmp_path: Path) -> None:
    query = load(tmp_path, GOOD)
    assert (query.name, query.summary, query.returns) == ("a-query", "s", "r")
    day, who, most = query.parameters
    assert (day.type, day.default, day.required, day.example) == ("date", "2025-01-01", False, "2025-03-30")
    assert (who.required, who.default) == (True, None)
    assert (most.required, most.default, most.example) == (False, None, "5")


def test_only_the_prefixes_in_use_are_put_before_the_query(tmp_path: Path) -> None:
    sparql = load(tmp_path, GOOD).sparql
    assert sparql.startswith("PREFIX kg: <https://kg.example/def#>\nPREFIX skos: ")
    assert "PREFIX rdf:" not in sparql
    assert "#+" not in sparql


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("#+ summary: s\n", "", "header: summary: Field required"),
        ("#+ returns: r", "#+ returns: r\n#+ author: me", "header: author"),
        ("type: date", "type: day", r"parameters\.day\.type"),
        (
            "example: 2025-03-30",
            "example: 30 March",
            r"parameters\.day\.example: '30 March' is not of type date",
        ),
        ("default: 2025-01-01", "default: 2025", r"parameters\.day\.default"),
        ("example: 5", "example: five", r"parameters\.most\.example"),
        ("?who ", "?whom ", r"parameters\.who: the query has no variable \?who"),
        ("SELECT ?x {", "SELECT ?x {{", "not SPARQL"),
        ("#+ summary: s", "#+ summary: [s", "not YAML"),
        ("kg:date", "nowhere:date", "not SPARQL"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_key(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in GOOD
    with pytest.raises(CatalogError, match=rf"^a-query\.rq: .*{message}"):
        load(tmp_path, GOOD.replace(old, new, 1))


def test_a_query_without_header_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="want a '#\\+' header"):
        load(tmp_path, "SELECT * { ?s ?p ?o }\n")


def test_names_are_words_joined_by_hyphens(tmp_path: Path) -> None:
    (tmp_path / "A Query.rq").write_text(GOOD, encoding="utf-8")
    with pytest.raises(CatalogError, match="lower-case words joined by hyphens"):
        load_queries(tmp_path, tmp_path)


DATA = """
@prefix kg: <https://kg.example/def#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix edtf: <http://id.loc.gov/datatypes/edtf/> . @prefix : <https://kg.example/id/> .
:d a kg:Document ; kg:asOf "2025-03-30"^^xsd:date ; dct:identifier "d.txt" .
<https://kg.example/id/d#char=3,9> kg:text "quote" ; kg:document :d ; kg:refersTo :p .
:p a kg:Person ; skos:prefLabel "P" ; kg:holdsOffice :o .
:o a kg:Office ; skos:prefLabel "O" ; kg:officeOf :c .
:q a kg:Person ; skos:prefLabel "Q" ; kg:holdsOffice :o2 . :o2 a kg:Office ; skos:prefLabel "O2" .
:w a kg:Organization, kg:Command ; skos:prefLabel "W" ; kg:partOf :c .
:a a kg:Agreement, kg:Accord ; skos:prefLabel "A" ; kg:hasParty :c . :c skos:prefLabel "C" .
:s a kg:Event, kg:Establishment ; skos:prefLabel "S" ; kg:status kg:held ; kg:concerns :w ;
  kg:date "2025-03-24"^^edtf:EDTF ; kg:start "2025-03-24"^^xsd:date ; kg:end "2025-03-24"^^xsd:date .
:n a kg:Event, kg:Announcement ; skos:prefLabel "N" .
:f a kg:Facility ; kg:locatedIn :t ; kg:operatedBy :c . :t kg:locatedIn :c .
:e a kg:Event, kg:Meeting ; kg:status kg:held ; kg:date "2025-03-30"^^edtf:EDTF ;
  kg:start "2025-03-30"^^xsd:date ; kg:participant :p, :q ; skos:prefLabel "E" .
:k1 a kg:Asserted ; rdf:subject :p ; rdf:predicate kg:holdsOffice ; rdf:object :o ; kg:document :d ;
  kg:confidence 0.95 ; kg:evidence <https://kg.example/id/d#char=3,9> .
:k2 a kg:Planned ; rdf:subject :e ; rdf:predicate kg:date ; rdf:object "2025-04"^^edtf:EDTF ; kg:document :d ;
  kg:confidence 0.9 ; kg:evidence <https://kg.example/id/d#char=3,9> ;
  kg:contradicts :k3 .
:k3 a kg:Asserted ; rdf:subject :e ; rdf:predicate kg:date ; rdf:object "2025-03-30"^^edtf:EDTF ;
  kg:document :d ;
  kg:confidence 0.9 ; kg:evidence <https://kg.example/id/d#char=3,9> .
:k4 a kg:Asserted ; rdf:subject :e ; rdf:predicate kg:participant ; rdf:object :p ; kg:document :d ;
  kg:confidence 0.9 ; kg:evidence <https://kg.example/id/d#char=3,9> .
"""
DATA += "".join(
    f"""
:{name} a kg:Asserted ; rdf:subject :{s} ; rdf:predicate kg:{p} ; rdf:object {o} ; kg:document :d ; kg:confidence 0.9 ;
  kg:evidence <https://kg.example/id/d#char=3,9> .
"""
    for name, s, p, o in (
        ("k5", "a", "concerns", ":f"),
        ("k6", "s", "concerns", ":w"),
        ("k7", "s", "date", '"2025-03-24"^^edtf:EDTF'),
        ("k8", "s", "status", "kg:held"),
        ("k9", "n", "participant", ":p"),
        ("k10", "e", "location", ":t"),
        ("k13", "e", "location", ":c"),
        ("k11", "e", "concerns", ":f"),
        ("k12", "e", "status", "kg:held"),
    )
)
ID, XSD = "https://kg.example/id/", "http://www.w3.org/2001/XMLSchema#"
DAYS = {
    n: ox.Literal(v, datatype=ox.NamedNode(XSD + "date"))
    for n, v in (("since", "2025-01-01"), ("until", "2025-12-31"), ("day", "2025-06-01"))
}
VALUES: dict[str, ox.NamedNode | ox.Literal] = {
    "body": ox.NamedNode(ID + "c"),
    "subject": ox.NamedNode(ID + "p"),
    "relation": ox.NamedNode("https://kg.example/def#holdsOffice"),
    "one": ox.NamedNode(ID + "p"),
    "other": ox.NamedNode(ID + "q"),
    "participant": ox.NamedNode(ID + "p"),
    "place": ox.NamedNode(ID + "c"),
    "document": ox.NamedNode(ID + "d"),
    "office": ox.NamedNode(ID + "o"),
    "counterpart": ox.NamedNode(ID + "o2"),
    "about": ox.NamedNode(ID + "f"),
    "thing": ox.NamedNode(ID + "f"),
    "country": ox.NamedNode(ID + "c"),
    "kind": ox.NamedNode("https://kg.example/def#Person"),
    "entity": ox.NamedNode(ID + "p"),
    "most": ox.Literal("100", datatype=ox.NamedNode(XSD + "integer")),
    **DAYS,
}


@pytest.mark.parametrize("name", sorted(load_catalog().queries))
def test_every_shipped_query_answers(name: str) -> None:
    query = load_catalog().queries[name]
    store = ox.Store()
    store.load(DATA.encode(), ox.RdfFormat.TURTLE)
    given = {p.name: VALUES[p.name] for p in query.parameters if p.required or p.default is not None}
    answer = store.query(bind(query.sparql, given))
    assert not isinstance(answer, ox.QueryBoolean)
    assert len(list(answer)) >= 1
