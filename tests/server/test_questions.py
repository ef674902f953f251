from __future__ import annotations

from urllib.parse import urlencode

import httpx
import pyoxigraph as ox
import pytest

from kg.query.declared import shipped
from kg.server.pages.api import example_path

QUESTIONS = sorted(shipped().queries)


def example(name: str, ending: str = "") -> str:
    query = shipped().queries[name]
    words = urlencode({p.name: p.example for p in query.parameters if p.required})
    return f"/queries/{name}{ending}" + (f"?{words}" if words else "")


@pytest.mark.parametrize("name", QUESTIONS)
def test_each_is_an_operation_whose_example_works(seed_client: httpx.Client, name: str) -> None:
    description = seed_client.get("/openapi.json").json()
    operation = description["paths"][f"/queries/{name}"]["get"]
    query = shipped().queries[name]
    documented = {p["name"]: p for p in operation["parameters"]}
    assert documented.keys() == {p.name for p in query.parameters} | {"format", "as_of"}
    for parameter in query.parameters:
        assert documented[parameter.name].get("required", False) == parameter.required
        assert documented[parameter.name]["example"] == parameter.example
    path = example_path(
        f"/queries/{name}", {"parameters": [p for p in operation["parameters"] if p.get("required")]}
    )
    assert path is not None
    answer = seed_client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] in operation["responses"]["200"]["content"]
    ids = [o["operationId"] for p in description["paths"].values() for o in p.values()]
    assert len(ids) == len(set(ids))


def test_an_ending_says_how_a_table_is_written(seed_client: httpx.Client) -> None:
    types = {}
    for ending in (".json", ".csv", ".tsv", ".xml"):
        answer = seed_client.get(
            example("office-holders", ending), headers={"Accept": "application/x-nothing"}
        )
        assert answer.status_code == 200
        types[ending] = answer.headers["content-type"].partition(";")[0]
    assert types == {
        ".json": "application/sparql-results+json",
        ".csv": "text/csv",
        ".tsv": "text/tab-separated-values",
        ".xml": "application/sparql-results+xml",
    }
    link = seed_client.get(example("office-holders")).headers["link"]
    assert "</queries/office-holders.csv?body=" in link
    assert 'rel="alternate"; type="text/csv"' in link


def test_an_ending_says_how_a_graph_is_written(seed_client: httpx.Client) -> None:
    turtle = seed_client.get("/queries/export-prov.ttl?entity=Gen Nakatani")
    lines = seed_client.get("/queries/export-prov.nt?entity=Gen Nakatani")
    assert turtle.headers["content-type"].startswith("text/turtle")
    read = [
        set(ox.parse(a.content, f))
        for a, f in ((turtle, ox.RdfFormat.TURTLE), (lines, ox.RdfFormat.N_TRIPLES))
    ]
    assert read[0] == read[1]
    assert len(read[0]) > 20


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/queries/office-holders.ttl?body=Japan", 404, "want one of .json, .xml, .csv, .tsv, or none"),
        ("/queries/export-prov.csv", 404, "want one of .ttl"),
        ("/queries/office-holder", 404, "no saved query 'office-holder'"),
        ("/queries/office-holders", 400, "needs the parameter 'body': want an entity"),
        ("/queries/office-holders?bodi=Japan", 400, "no parameter 'bodi'; it has: body"),
        ("/queries/office-holders?body=Nowhere Land", 404, "body='Nowhere Land' (want an entity: IRI, CURIE"),
        ("/queries/known-by?participant=Japan&day=tomorrow", 400, "day='tomorrow': want a day as YYYY-MM-DD"),
        ("/queries/known-by?participant=Japan&day=2025-02-30", 400, "day='2025-02-30': want a day"),
        ("/queries/single-source?most=few", 400, "most='few': want a whole number"),
        ("/queries/spoken-of?kind=Starship", 400, "kind='Starship' (want a class, such as Person)"),
        ("/queries/office-holders.csv?body=Japan&format=json", 400, "the path ends in .csv"),
        ("/queries/office-holders?body=Japan&format=ttl", 400, "want one of json, xml, csv, tsv"),
        ("/queries/office-holders?body=Japan&body=France", 400, "'body' is given more than once"),
    ],
)
def test_what_is_wrong_is_named_with_what_is_wanted(
    seed_client: httpx.Client, path: str, status: int, said: str
) -> None:
    answer = seed_client.get(path)
    assert (answer.status_code, said in answer.json()["detail"]) == (status, True), answer.text


def test_values_are_terms_and_never_text_of_the_query(seed_client: httpx.Client) -> None:
    for value in ('x" } DELETE WHERE { ?s ?p ?o } #', "<http://a> ?p ?o . ?s", "Japan\\n} UNION { ?s ?p ?o"):
        answer = seed_client.get("/queries/office-holders", params={"body": value})
        assert answer.status_code in (400, 404), answer.text
