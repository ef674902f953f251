"""The eight tasks with kglab."""

import kglab
import networkx
import pandas

PREFIXES = """PREFIX kg: <https://kg.example/def#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX person: <https://kg.example/id/person/>
"""


def open_graph(url, dump):
    graph = kglab.KnowledgeGraph(namespaces={"kg": "https://kg.example/def#"})
    graph.load_rdf(dump, format="ttl")
    return graph


def find_by_name(graph):
    found = graph.query_as_df(
        PREFIXES
        + "SELECT DISTINCT ?e { ?e skos:prefLabel|skos:altLabel ?name FILTER(LCASE(STR(?name)) = 'nakatani') }"
    )
    if len(found) != 1:
        raise ValueError(found)
    return str(found["e"][0]).strip("<>")


def table(graph):
    found = graph.query_as_df(
        PREFIXES + "SELECT ?person ?personLabel ?office ?officeLabel (MAX(?day) AS ?last) {"
        " ?c rdf:predicate kg:holdsOffice ; rdf:subject ?person ; rdf:object ?office ; kg:document/kg:asOf ?day ."
        " ?person skos:prefLabel ?personLabel . ?office skos:prefLabel ?officeLabel"
        "} GROUP BY ?person ?personLabel ?office ?officeLabel"
    )
    found["last"] = pandas.to_datetime(found["last"].astype(str))
    return found


def neighbourhood(graph):
    whole = kglab.SubgraphMatrix(
        graph,
        PREFIXES
        + "SELECT ?subject ?object { ?subject ?p ?object ; skos:prefLabel ?a . ?object skos:prefLabel ?b }",
    ).build_nx_graph(networkx.MultiDiGraph())
    labels = graph.query_as_df(PREFIXES + "SELECT ?e ?l { ?e skos:prefLabel ?l }")
    names = dict(zip(labels["e"].astype(str).str.strip("<>"), labels["l"].astype(str), strict=True))
    for _, node in whole.nodes(data=True):
        node["name"] = names.get(node.get("label", "").strip("<>"), "")
    centre = next(n for n, d in whole.nodes(data=True) if d["name"] == "Gen Nakatani")
    return networkx.ego_graph(whole, centre, 2, undirected=True)


def evidence(graph):
    found = graph.query_as_df(
        PREFIXES + f"SELECT ?quote {{ ?c rdf:subject {find_by_name(graph)} ; rdf:predicate kg:holdsOffice ;"
        " rdf:object ?o ; kg:evidence/kg:text ?quote . ?o skos:prefLabel ?l"
        " FILTER(STR(?l) = 'Minister of Defense, Japan') }"
    )
    return found["quote"].astype(str).tolist()


def picture(graph):
    # of the whole graph: its pictures of a query fail on one entity ("non existent node")
    return kglab.SubgraphTensor(graph).build_pyvis_graph(notebook=True)


def shortest_path(graph):
    whole = networkx.Graph()
    found = graph.query_as_df(
        PREFIXES + "SELECT ?s ?o { ?s ?p ?o . ?s skos:prefLabel ?sl . ?o skos:prefLabel ?ol }"
    ).astype(str)
    whole.add_edges_from((s.strip("<>"), o.strip("<>")) for s, o in found.itertuples(index=False, name=None))
    target = graph.query_as_df(PREFIXES + "SELECT ?e { ?e skos:prefLabel ?l FILTER(STR(?l) = 'Okinawa') }")[
        "e"
    ][0]
    return networkx.shortest_path_length(whole, find_by_name(graph), str(target).strip("<>"))


def check_types(found):
    return str(found["last"].dtype), str(found["personLabel"][0])
