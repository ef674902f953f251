"""What an update changes: held against what the engine itself makes of the same request."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from kg.errors import NoSuchGraph, QueryError, QuerySyntaxError, Refusal
from kg.graph.patches import apply_lines
from kg.updates.evaluation import Scope, update

E = "http://e.example/"
PREFIX = f"PREFIX e: <{E}>\n"
DATA = (
    PREFIX + "INSERT DATA { e:a e:p e:b, 1, 'x'@en . e:b e:p e:c ; e:q [ e:r 'blank' ] . "
    "GRAPH e:g { e:a e:p 'in g' . e:c e:p e:a } GRAPH e:h { e:a e:p 'in h' } }"
)


def filled() -> ox.Store:
    store = ox.Store()
    store.update(DATA)
    return store


def shape(store: ox.Store) -> tuple[list[str], list[str]]:
    """The quads of a store in canonical form, and its graphs."""
    data = ox.Dataset(store)
    data.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return sorted(map(str, data)), sorted(map(str, store.named_graphs()))


@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA { e:x e:p '01'^^<http://www.w3.org/2001/XMLSchema#integer>, 1.50 . [] e:q ( 1 _:l ) . _:l e:r 2 }",
        "INSERT DATA { GRAPH e:new { e:x e:p 'a } # no comment' } }",
        "DELETE DATA { e:a e:p e:b, 'x'@en, 'not there' . GRAPH e:g { e:a e:p 'in g' } }",
        "DELETE WHERE { ?s e:p ?o }",
        "DELETE WHERE { GRAPH ?g { ?s ?p ?o } }",
        "DELETE { ?s e:p ?o } INSERT { ?o e:inverse ?s } WHERE { ?s e:p ?o }",
        "INSERT { ?s e:made [ e:of ?o ] } WHERE { ?s e:p ?o FILTER(isIRI(?o)) }",
        "INSERT { GRAPH ?g { ?s e:copied ?o } } WHERE { GRAPH ?g { ?s e:p ?o } }",
        "WITH e:g DELETE { ?s ?p ?o } INSERT { ?s e:moved ?o . GRAPH e:z { ?s ?p ?o } } WHERE { ?s ?p ?o }",
        "WITH e:g INSERT { ?s e:both ?o } WHERE { ?s e:p ?x . GRAPH e:h { ?s e:p ?o } }",
        "INSERT { ?s e:used ?o } USING e:g USING e:h WHERE { ?s e:p ?o }",
        "INSERT { ?s e:used ?o } USING NAMED e:g WHERE { GRAPH ?g { ?s e:p ?o } }",
        "DELETE { ?s ?p ?o } WHERE { { SELECT ?s (COUNT(*) AS ?n) { ?s e:p [] } GROUP BY ?s } ?s ?p ?o FILTER(?n>1) }",
        "INSERT { ?s e:n ?missing . ?s e:y 1 } WHERE { ?s e:p e:b }",
        "INSERT { ?o e:subject 1 } WHERE { ?s e:p ?o }",
        "INSERT { e:one e:two 3 } WHERE {}",
        "DELETE {} INSERT { e:one e:two ?n } WHERE { BIND(1 < 2 AS ?n) FILTER(1<2&&3>2) }",
        "CLEAR DEFAULT",
        "CLEAR GRAPH e:g",
        "CLEAR NAMED",
        "CLEAR ALL",
        "DROP GRAPH e:g",
        "DROP NAMED",
        "DROP ALL",
        "DROP SILENT GRAPH e:none",
        "CREATE GRAPH e:empty",
        "CREATE SILENT GRAPH e:g",
        "ADD DEFAULT TO e:g",
        "ADD e:g TO DEFAULT",
        "MOVE e:g TO e:h",
        "COPY e:g TO e:fresh",
        "COPY DEFAULT TO DEFAULT",
        "LOAD SILENT <http://nowhere.example/x> INTO GRAPH e:g",
        "DELETE DATA { e:a e:p e:b } ; INSERT DATA { e:a e:p e:b . e:k e:p 1 } ; DELETE WHERE { e:k ?p ?o }",
    ],
)
def test_an_update_does_what_the_engine_does(text: str) -> None:
    ours, theirs, again = filled(), filled(), filled()
    if not text.startswith("LOAD"):
        theirs.update(PREFIX + text)
    before = shape(ours)
    change = update(ours, PREFIX + text, Scope())
    assert shape(ours) == shape(theirs)
    assert bool(change) == (shape(ours) != before)
    if b" _:" not in b"".join(change.lines()):  # the nodes of another store have other names
        apply_lines(again, change.lines())
        assert shape(again) == shape(theirs)
    change.take_back(ours)
    assert shape(ours) == before


def test_a_change_is_the_difference_of_the_whole_request() -> None:
    store = filled()
    change = update(
        store,
        PREFIX + "INSERT DATA { e:new e:p 1 } ; DELETE WHERE { e:new e:p ?o } ; DELETE DATA { e:a e:p 1 }",
        Scope(),
    )
    number = '"1"^^<http://www.w3.org/2001/XMLSchema#integer>'
    assert change.lines() == (f"- <{E}a> <{E}p> {number} .\n".encode(),)


def test_moving_what_is_not_there_loses_nothing() -> None:
    store = filled()
    assert not update(store, PREFIX + "MOVE SILENT e:none TO e:h ; COPY SILENT e:none TO DEFAULT", Scope())
    assert shape(store) == shape(filled())


def test_declarations_may_stand_between_operations() -> None:
    store = ox.Store()
    text = f"INSERT DATA {{ <{E}a> <{E}p> 1 }} ;\nPREFIX e: <{E}> BASE <{E}>\nDELETE DATA {{ e:a <p> 1 }} ;"
    update(store, text, Scope())
    assert len(store) == 0


def test_the_lines_of_a_change_make_it_anew() -> None:
    store, other = ox.Store(), ox.Store()
    change = update(
        store, PREFIX + "INSERT DATA { GRAPH e:g { _:x e:p 'a\\n\\tb' } } ; CREATE GRAPH e:k", Scope()
    )
    apply_lines(other, change.lines())
    assert {str(q) for q in other} == {str(q) for q in store}  # the same blank node, too
    assert {str(g) for g in other.named_graphs()} == {f"<{E}g>", f"<{E}k>"}


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("INSERT DATA {\n  <http://e/a> <http://e/b> }", 2, 29),
        ("INSERT DATA { <http://e/a> <http://e/b> 1 } ;\nDELETE WHERE { ?s ?p }", 2, 22),
        ("SELECT * { ?s ?p ?o }", 1, 1),
        ("INSERT DATA { <http://e/a> <http://e/b> 1 } INSERT DATA { <http://e/a> <http://e/b> 2 }", 1, 45),
    ],
)
def test_a_syntax_error_has_its_place_in_the_request(text: str, line: int, column: int) -> None:
    store = filled()
    with pytest.raises(QuerySyntaxError) as caught:
        update(store, text, Scope())
    assert (caught.value.line, caught.value.column) == (line, column)
    assert shape(store) == shape(filled())


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("LOAD <http://nowhere.example/>", Refusal),
        ("INSERT { ?s ?p ?o } WHERE { SERVICE <http://nowhere.example/> { ?s ?p ?o } }", Refusal),
        ("DELETE WHERE { ?s ?p [] }", QuerySyntaxError),
        ("DELETE { ?s ?p _:b } WHERE { ?s ?p ?o }", QuerySyntaxError),
        ("INSERT DATA { ?s <http://e/p> 1 }", QuerySyntaxError),
        ("DELETE DATA { _:b <http://e/p> 1 }", QuerySyntaxError),
        ("INSERT DATA { _:b <http://e/p> 1 } ; INSERT DATA { _:b <http://e/p> 2 }", QuerySyntaxError),
        ("INSERT DATA { <relative> <http://e/p> 1 }", QuerySyntaxError),
        ("CLEAR GRAPH <http://e/none>", NoSuchGraph),
        ("MOVE <http://e/none> TO DEFAULT", NoSuchGraph),
        ("CREATE GRAPH <http://e.example/g>", QueryError),
        ("LOAD x", QuerySyntaxError),
        ("INSERT DATA { <http://e/a> <http://e/b> 1 } ; ; ", QuerySyntaxError),
        ("INSERT DATA { <http://e/a> <http://e/b> 'x' \\u007D ; DROP ALL", QuerySyntaxError),
    ],
)
def test_what_is_refused_changes_nothing(text: str, error: type[Exception]) -> None:
    store = filled()
    before = shape(store)
    with pytest.raises(error):
        update(store, f"INSERT DATA {{ <{E}first> <{E}p> 1 }} ; " + text, Scope())
    assert shape(store) == before


def test_a_request_for_one_graph_writes_to_no_other() -> None:
    store = filled()
    scope = Scope(only=f"{E}g")
    update(store, PREFIX + "DELETE { ?s e:p ?o } INSERT { ?s e:here ?o } WHERE { ?s e:p ?o }", scope)
    found = sorted(str(q) for q in store.quads_for_pattern(None, None, None, ox.NamedNode(f"{E}g")))
    assert found == [f'<{E}a> <{E}here> "in g" <{E}g>', f"<{E}c> <{E}here> <{E}a> <{E}g>"]
    assert len(list(store.quads_for_pattern(None, ox.NamedNode(f"{E}here"), None))) == 2
    for text in (
        "INSERT DATA { GRAPH e:h { e:a e:b 1 } }",
        "CLEAR DEFAULT",
        "WITH e:h DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    ):
        with pytest.raises(QueryError):
            update(store, PREFIX + text, scope)


def test_datasets_of_the_protocol() -> None:
    store = filled()
    scope = Scope(using=(f"{E}h",))
    update(store, PREFIX + "INSERT { ?s e:found ?o } WHERE { ?s e:p ?o }", scope)
    assert [q.object.value for q in store.quads_for_pattern(None, ox.NamedNode(f"{E}found"), None)] == [
        "in h"
    ]
    with pytest.raises(QueryError, match="using-graph-uri"):
        update(store, PREFIX + "INSERT { ?s e:x ?o } USING e:g WHERE { ?s e:p ?o }", scope)


def test_names_that_stand_for_variables_cannot_be_told() -> None:
    store = ox.Store()
    update(store, "INSERT DATA { <urn:kg:variable:x> <http://e/p> 1 }", Scope())
    update(store, "INSERT { ?s <http://e/q> <urn:kg:variable:s> } WHERE { ?s <http://e/p> 1 }", Scope())
    assert (
        ox.Quad(
            ox.NamedNode("urn:kg:variable:x"), ox.NamedNode("http://e/q"), ox.NamedNode("urn:kg:variable:s")
        )
        in store
    )
