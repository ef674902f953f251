"""What people ask endpoints with."""

from __future__ import annotations

import shutil
import subprocess

import httpx
import pytest
from rdflib import Graph, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, POST, TURTLE, XML, SPARQLWrapper

SELECT = "SELECT ?p { ?p a kg:Person } ORDER BY ?p"
LABEL = URIRef("http://www.w3.org/2004/02/skos/core#prefLabel")


@pytest.fixture
def endpoint(client: httpx.Client) -> str:
    return f"{client.base_url}/sparql"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_sparqlwrapper(endpoint: str, method: str) -> None:
    asking = SPARQLWrapper(endpoint)
    asking.setMethod(method)
    asking.setQuery("PREFIX kg: <https://kg.example/def#>\n" + SELECT)
    asking.setReturnFormat(JSON)
    assert len(asking.queryAndConvert()["results"]["bindings"]) == 3
    asking.setReturnFormat(XML)
    assert len(asking.queryAndConvert().getElementsByTagName("result")) == 3
    asking.setReturnFormat(CSV)
    assert len(asking.queryAndConvert().split()) == 4
    asking.setQuery("CONSTRUCT WHERE { ?s a <https://kg.example/def#Person> }")
    asking.setReturnFormat(TURTLE)
    assert len(Graph().parse(data=asking.queryAndConvert(), format="turtle")) == 3
    asking.setQuery("ASK {}")
    asking.setReturnFormat(JSON)
    assert asking.queryAndConvert()["boolean"] is True


def test_sparqlwrapper_posts_directly(endpoint: str) -> None:
    asking = SPARQLWrapper(endpoint)
    asking.setMethod(POST)
    asking.setRequestMethod("postdirectly")
    asking.setQuery(SELECT)
    asking.setReturnFormat(JSON)
    assert len(asking.queryAndConvert()["results"]["bindings"]) == 3


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
@pytest.mark.parametrize("form", ["xml", "json", "csv", "tsv"])
def test_rdflib(endpoint: str, method: str, form: str) -> None:
    graph = Graph(SPARQLStore(endpoint, method=method, returnFormat=form))
    found = list(graph.query("PREFIX kg: <https://kg.example/def#>\n" + SELECT))
    assert len(found) == 3
    if form in ("xml", "json"):
        one = found[0][0]  # type: ignore[index]
        assert len(list(graph.objects(one, LABEL))) == 1
        assert (one, LABEL, None) in graph
        assert len(list(graph.triples((None, LABEL, None)))) > 3
    graph.close()


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here")
def test_curl(endpoint: str) -> None:
    def curl(*words: str) -> str:
        done = subprocess.run(["curl", "-sS", *words], capture_output=True, text=True, check=True, timeout=30)
        return done.stdout

    table = ["-H", "Accept: text/csv"]
    assert len(curl(endpoint, *table, "--data-urlencode", f"query={SELECT}").split()) == 4
    assert len(curl("-G", endpoint, *table, "--data-urlencode", f"query={SELECT}").split()) == 4
    bare = ["-H", "Content-Type: application/sparql-query", "--data-binary", SELECT]
    assert len(curl(endpoint, *table, *bare).split()) == 4
    assert (
        len(curl("--compressed", "-G", endpoint, *table, "--data-urlencode", f"query={SELECT}").split()) == 4
    )
    assert "sd:" in curl(endpoint) or "sparql-service-description" in curl(endpoint)
    assert "HTTP/1.1 200" in curl("-I", "-G", endpoint, "--data-urlencode", "query=ASK {}")
