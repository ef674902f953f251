from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pyoxigraph as ox
import rdflib
from fastapi import FastAPI
from rdflib.namespace import DCAT, DCTERMS, RDF, VOID

from kg.graph import open_reader
from kg.server.app import create_app
from kg.settings import load_settings

Serve = Callable[[FastAPI], httpx.Client]
FORMS = {
    "html": "text/html",
    "json": "application/json",
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
}
ENTITY = "/id/place/nd"


def read_links(header: str) -> dict[tuple[str, str], str]:
    """(relation, media type) → target."""
    found = {}
    for target, parameters in re.findall(r'<([^>]*)>((?:; \w+="[^"]*")+)', header):
        values = dict(re.findall(r'(\w+)="([^"]*)"', parameters))
        for relation in values["rel"].split():
            found[relation, values.get("type", "")] = target
    return found


def paths(client: httpx.Client) -> list[str]:
    claim = client.get("/evidence?entity=Norland").json()["items"][0]
    return [ENTITY, "/def", *("/" + claim[k].split("/", 3)[3] for k in ("iri",)),
            "/" + claim["document"]["iri"].split("/", 3)[3]]  # fmt: skip


def test_every_form_can_be_had_by_name_and_is_linked_from_every_other(client: httpx.Client) -> None:
    for path in paths(client):
        for key, media_type in FORMS.items():
            answer = client.get(f"{path}?format={key}", headers={"Accept": "image/png"})
            assert answer.status_code == 200, answer.text
            assert answer.headers["content-type"].partition(";")[0] == media_type
            assert "Accept" in answer.headers["vary"]
            links = read_links(answer.headers["link"])
            others = {t: links["alternate", t] for t in FORMS.values() if t != media_type}
            assert len(others) == 5
            for other, target in others.items():
                assert client.get(target).headers["content-type"].partition(";")[0] == other
            assert links["http://rdfs.org/ns/void#inDataset", ""] == "/.well-known/void#dataset"
            if media_type != "text/turtle":
                assert links["describedby", "text/turtle"] == f"{path}?format=ttl"
    wrong = client.get(f"{ENTITY}?format=docx")
    assert (wrong.status_code, "want one of html, json, ttl" in wrong.json()["detail"]) == (400, True)


def test_links_keep_to_the_day(client: httpx.Client) -> None:
    links = read_links(client.get(f"{ENTITY}?as_of=2024-06-01").headers["link"])
    assert links["alternate", "text/turtle"] == f"{ENTITY}?as_of=2024-06-01&format=ttl"


def test_what_has_an_iri_says_itself_in_every_rdf_format(client: httpx.Client) -> None:
    for path in paths(client)[:1] + paths(client)[2:]:
        graphs = [
            set(
                ox.parse(
                    client.get(f"{path}?format={f}").content, format=ox.RdfFormat.from_media_type(FORMS[f])
                )
            )
            for f in ("ttl", "nt", "jsonld", "rdf")
        ]
        assert graphs[0] == graphs[1] == graphs[2]
        assert len(graphs[3]) == len(graphs[0])
        assert any(str(quad.subject) == f"<https://kg.example{path}>" for quad in graphs[0])


def test_a_decision_on_identity_opens(seed_client: httpx.Client) -> None:
    query = "SELECT ?m { ?m a kg:Match } ORDER BY ?m LIMIT 1"
    found = seed_client.get("/sparql", params={"query": query, "format": "csv"}).text.split()[1]
    path = "/" + found.split("/", 3)[3]
    turtle = seed_client.get(path, headers={"Accept": "text/turtle"})
    assert "kg:compares" in turtle.text
    moved = seed_client.get(path, headers={"Accept": "application/json"})
    assert moved.status_code == 303
    answer = seed_client.get(moved.headers["location"], headers={"Accept": "application/json"})
    assert answer.json()["verdict"]
    assert seed_client.get("/match/none", headers={"Accept": "text/turtle"}).status_code == 404


def test_the_vocabulary_page_has_an_anchor_and_the_meaning_of_every_term(client: httpx.Client) -> None:
    graph = rdflib.Graph().parse(Path(__file__).parents[2] / "ontology" / "kg.ttl")
    namespace = "https://kg.example/def#"
    terms = {str(s).removeprefix(namespace) for s in graph.subjects() if str(s).startswith(namespace)}
    page = client.get("/def", headers={"Accept": "text/html"}).text
    assert len(terms) > 100
    assert set(re.findall(r'<tr id="(\w+)"', page)) == terms
    anchors = set(re.findall(r'href="#(\w+)"', page))
    assert anchors - {"main"} <= terms
    for term in ("MilitaryBase", "holdsOffice", "evidence", "planned"):
        comment = graph.value(rdflib.URIRef(namespace + term), rdflib.RDFS.comment) or graph.value(
            rdflib.URIRef(namespace + term), rdflib.SKOS.definition
        )
        assert str(comment)[:30] in page
    listed = client.get("/def", headers={"Accept": "application/json"}).json()
    assert {term["name"] for term in listed["terms"]} == terms
    turtle = rdflib.Graph().parse(data=client.get("/def?format=ttl").text, format="turtle")
    assert len(turtle) == len(graph)


def describe(client: httpx.Client, **headers: str) -> rdflib.Graph:
    answer = client.get("/.well-known/void", headers={"Accept": "text/turtle", **headers})
    assert answer.headers["content-type"].startswith("text/turtle")
    return rdflib.Graph().parse(data=answer.text, format="turtle")


def test_the_dataset_counts_what_is_there_and_says_where_it_is(
    client: httpx.Client, small_store: Path
) -> None:
    url = str(client.base_url).rstrip("/")
    graph = describe(client)
    me = rdflib.URIRef(f"{url}/.well-known/void#dataset")
    assert set(graph.objects(me, RDF.type)) == {VOID.Dataset, DCAT.Dataset}
    assert graph.value(me, VOID.sparqlEndpoint) == rdflib.URIRef(f"{url}/sparql")
    assert graph.value(me, VOID.uriSpace) == rdflib.Literal("https://kg.example/")
    assert int(str(graph.value(me, VOID.documents))) == client.get("/readyz").json()["documents"]
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    counted = int(client.get("/sparql", params={"query": count, "format": "csv"}).text.split()[1])
    with open_reader(small_store) as reader:
        assert int(str(graph.value(me, VOID.triples))) in (counted, sum(reader.counts.values()))
    examples = [str(o) for o in graph.objects(me, VOID.exampleResource)]
    assert len(examples) == 4
    for example in examples:
        assert client.get("/" + example.split("/", 3)[3]).status_code == 200
    kinds = {
        str(graph.value(part, VOID["class"])).rpartition("#")[2]: int(str(graph.value(part, VOID.entities)))
        for part in graph.objects(me, VOID.classPartition)
    }
    assert kinds["Person"] == client.get("/entities?type=Person").json()["total"]


def test_every_distribution_can_be_downloaded_and_its_checksum_holds(client: httpx.Client) -> None:
    import hashlib

    client.get("/dump/facts.nt.gz")
    graph = describe(client)
    spdx = rdflib.Namespace("http://spdx.org/rdf/terms#")
    files = set(graph.subjects(RDF.type, DCAT.Distribution))
    assert len(files) >= 24
    checked = 0
    for file in files:
        url = str(graph.value(file, DCAT.downloadURL))
        answer = client.get(url)
        assert answer.status_code == 200
        checksum = graph.value(file, spdx.checksum)
        if checksum is not None:
            assert (
                str(graph.value(checksum, spdx.checksumValue)) == hashlib.sha256(answer.content).hexdigest()
            )
            assert int(str(graph.value(file, DCAT.byteSize))) == len(answer.content)
            checked += 1
    assert checked


def test_title_licence_and_address_are_those_of_the_settings(serve: Serve, small_store: Path) -> None:
    licence = "https://creativecommons.org/licenses/by/4.0/"
    settings = replace(
        load_settings({}), public_url="https://kg.example.net/data", licence=licence, dataset_title="Accords"
    )
    client = serve(create_app(small_store, settings))
    graph = describe(client)
    me = rdflib.URIRef("https://kg.example.net/data/.well-known/void#dataset")
    assert str(graph.value(me, DCTERMS.title)) == "Accords"
    assert graph.value(me, DCTERMS.license) == rdflib.URIRef(licence)
    assert str(graph.value(me, VOID.sparqlEndpoint)) == "https://kg.example.net/data/sparql"
    dumps = client.get("/dump/").json()
    assert (dumps["title"], dumps["licence"]) == ("Accords", licence)
    assert dumps["dumps"][0]["url"] == "/data/dump/all.ttl"


def test_the_dataset_for_browsers_and_other_formats(client: httpx.Client) -> None:
    moved = client.get("/.well-known/void", headers={"Accept": "text/html"})
    assert (moved.status_code, moved.headers["location"]) == (303, "/data")
    for accept in ("application/ld+json", "application/rdf+xml", "application/n-triples"):
        answer = client.get("/.well-known/void", headers={"Accept": accept})
        assert answer.headers["content-type"] == accept
    for path in ("/.well-known/void?format=ttl", "/dump/", "/dump/SHA256SUMS"):
        assert "etag" not in client.get(path).headers  # they say which dumps are kept by now


def test_robots_are_kept_from_what_is_computed(client: httpx.Client) -> None:
    text = client.get("/robots.txt").text
    assert "Disallow: /sparql\n" in text
    assert "/id/" not in text
