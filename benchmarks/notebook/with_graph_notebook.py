"""The eight tasks with graph-notebook: its magics, and pandas and networkx on what they give."""

import json
from urllib.parse import urlsplit

import networkx
import pandas
from IPython.core.interactiveshell import InteractiveShell

PREFIXES = """PREFIX kg: <https://kg.example/def#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""
shell = InteractiveShell.instance()  # a notebook has one


def open_graph(url, dump):
    shell.run_line_magic("load_ext", "graph_notebook.magics")
    parts = urlsplit(url)
    config = {"host": parts.hostname, "port": parts.port, "ssl": False, "sparql": {"path": "sparql"}}
    shell.run_cell_magic("graph_notebook_config", "", json.dumps(config))
    return shell


def ask(shell, query):
    shell.run_cell_magic("sparql", "--store-to found --silent", PREFIXES + query)
    found = shell.user_ns["found"]
    rows = [{k: v["value"] for k, v in row.items()} for row in found["results"]["bindings"]]
    return pandas.DataFrame(rows, columns=found["head"]["vars"])


def find_by_name(shell):
    found = ask(
        shell,
        "SELECT DISTINCT ?e { ?e skos:prefLabel|skos:altLabel ?name FILTER(LCASE(STR(?name)) = 'nakatani') }",
    )
    if len(found) != 1:
        raise ValueError(found)
    return found["e"][0]


def table(shell):
    found = ask(
        shell,
        "SELECT ?person ?personLabel ?office ?officeLabel (MAX(?day) AS ?last) {"
        " ?c rdf:predicate kg:holdsOffice ; rdf:subject ?person ; rdf:object ?office ; kg:document/kg:asOf ?day ."
        " ?person skos:prefLabel ?personLabel . ?office skos:prefLabel ?officeLabel"
        "} GROUP BY ?person ?personLabel ?office ?officeLabel",
    )
    found["last"] = pandas.to_datetime(found["last"])
    return found


def neighbourhood(shell):
    graph = networkx.MultiDiGraph()
    level = {find_by_name(shell)}
    for _ in range(2):
        values = " ".join(f"<{iri}>" for iri in level)
        found = ask(
            shell,
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


def evidence(shell):
    found = ask(
        shell,
        f"SELECT ?quote {{ ?c rdf:subject <{find_by_name(shell)}> ; rdf:predicate kg:holdsOffice ; rdf:object ?o ;"
        " kg:evidence/kg:text ?quote . ?o skos:prefLabel ?l FILTER(STR(?l) = 'Minister of Defense, Japan') }",
    )
    return found["quote"].tolist()


def picture(shell):
    subject = f"BIND(<{find_by_name(shell)}> AS ?subject)"
    query = f"SELECT ?subject ?predicate ?object {{ {subject} ?subject ?predicate ?object }}"
    return shell.run_cell_magic("sparql", "", PREFIXES + query)


def shortest_path(shell):
    graph = networkx.Graph()
    found = ask(shell, "SELECT ?s ?o { ?s ?p ?o . ?s skos:prefLabel ?sl . ?o skos:prefLabel ?ol }")
    graph.add_edges_from(found.itertuples(index=False, name=None))
    target = ask(shell, "SELECT ?e { ?e skos:prefLabel ?l FILTER(STR(?l) = 'Okinawa') }")["e"][0]
    return networkx.shortest_path_length(graph, find_by_name(shell), target)


def check_types(found):
    return str(found["last"].dtype), found["personLabel"][0]


SHARED = ("ask",)
