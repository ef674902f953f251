"""The eight tasks with SPARQLWrapper, pandas and networkx."""

import networkx
import pandas
from SPARQLWrapper import JSON, SPARQLWrapper

PREFIXES = """PREFIX kg: <https://kg.example/def#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""


def open_graph(url, dump):
    endpoint = SPARQLWrapper(url + "/sparql")
    endpoint.setReturnFormat(JSON)
    return endpoint


def ask(endpoint, query):
    endpoint.setQuery(PREFIXES + query)
    found = endpoint.queryAndConvert()
    rows = [{k: v["value"] for k, v in row.items()} for row in found["results"]["bindings"]]
    return pandas.DataFrame(rows, columns=found["head"]["vars"])


def find_by_name(endpoint):
    found = ask(
        endpoint,
        "SELECT DISTINCT ?e { ?e skos:prefLabel|skos:altLabel ?name FILTER(LCASE(STR(?name)) = 'nakatani') }",
    )
    if len(found) != 1:
        raise ValueError(found)
    return found["e"][0]


def table(endpoint):
    found = ask(
        endpoint,
        "SELECT ?person ?personLabel ?office ?officeLabel (MAX(?day) AS ?last) {"
        " ?c rdf:predicate kg:holdsOffice ; rdf:subject ?person ; rdf:object ?office ; kg:document/kg:asOf ?day ."
        " ?person skos:prefLabel ?personLabel . ?office skos:prefLabel ?officeLabel"
        "} GROUP BY ?person ?personLabel ?office ?officeLabel",
    )
    found["last"] = pandas.to_datetime(found["last"])
    return found


def neighbourhood(endpoint):
    graph = networkx.MultiDiGraph()
    level = {find_by_name(endpoint)}
    for _ in range(2):
        values = " ".join(f"<{iri}>" for iri in level)
        found = ask(
            endpoint,
            f"SELECT DISTINCT ?s ?p ?o ?sl ?ol {{ VALUES ?x {{ {values} }} {{ ?s ?p ?x BIND(?x AS ?o) }} UNION"
            " { ?x ?p ?o BIND(?x AS ?s) } ?s skos:prefLabel ?sl . ?o skos:prefLabel ?ol"
            " FILTER(STRSTARTS(STR(?p), STR(kg:))) }",
        )
        for row in found.itertuples():
            graph.add_node(row.s, label=row.sl)
            graph.add_node(row.o, label=row.ol)
            graph.add_edge(row.s, row.o, row.p, predicate=row.p)
        level = set(found["s"]) | set(found["o"])
    return graph


def evidence(endpoint):
    person = find_by_name(endpoint)
    found = ask(
        endpoint,
        f"SELECT ?quote {{ ?c rdf:subject <{person}> ; rdf:predicate kg:holdsOffice ; rdf:object ?o ;"
        " kg:evidence/kg:text ?quote . ?o skos:prefLabel ?l FILTER(STR(?l) = 'Minister of Defense, Japan') }",
    )
    return found["quote"].tolist()


def shortest_path(endpoint):
    graph = networkx.Graph()
    found = ask(endpoint, "SELECT ?s ?o { ?s ?p ?o . ?s skos:prefLabel ?sl . ?o skos:prefLabel ?ol }")
    graph.add_edges_from(found.itertuples(index=False, name=None))
    target = ask(endpoint, "SELECT ?e { ?e skos:prefLabel ?l FILTER(STR(?l) = 'Okinawa') }")["e"][0]
    return networkx.shortest_path_length(graph, find_by_name(endpoint), target)


def check_types(found):
    return str(found["last"].dtype), found["personLabel"][0]


SHARED = ("ask",)
