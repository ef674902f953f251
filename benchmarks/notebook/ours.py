"""The eight tasks with kg."""

import kg


def open_graph(url, dump):
    return kg.connect(url)


def find_by_name(graph):
    return graph["Nakatani"].iri


def table(graph):
    return graph.sparql(
        "SELECT ?person ?office (MAX(?day) AS ?last) { ?c rdf:predicate kg:holdsOffice ; rdf:subject ?person ;"
        " rdf:object ?office ; kg:document/kg:asOf ?day } GROUP BY ?person ?office"
    )


def neighbourhood(graph):
    return graph.to_networkx("Gen Nakatani", depth=2)


def evidence(graph):
    return [c.quote for c in graph.why("Gen Nakatani", "holdsOffice", "Minister of Defense, Japan")]


def picture(graph):
    return graph.widget("Gen Nakatani")


def as_of(graph):
    return len(graph.as_of("2025-02-28")["Gen Nakatani"].evidence())


def shortest_path(graph):
    return graph.paths("Gen Nakatani", "Okinawa").hops


def check_types(found):
    return str(found["last"].dtype), found["person"][0].label
