"""What every backend of a graph does, whether it is a folder, a dump, a server or a build."""

from __future__ import annotations

import io
from datetime import date

import networkx
import pandas
import polars
import pyoxigraph as ox
import pytest
import rdflib

from kg.errors import AmbiguousName, QueryError, QuerySyntaxError, UnknownEntity, UnknownQuery
from kg.graph.store import What
from kg.notebook.backend import Backend
from kg.notebook.client import Graph
from kg.notebook.values import Iri

SANDVIK = "https://kg.example/id/person/sandvik-tore"
OFFICE = "Minister of Defense, Norway"


def test_the_backend_is_one(anyhow: Graph) -> None:
    assert isinstance(anyhow.backend, Backend)
    assert anyhow.backend.base == "https://kg.example/"
    assert anyhow.backend.generation
    assert repr(anyhow).startswith("<kg.Graph ")
    assert repr(anyhow).endswith(" 3 documents>")


def test_entities_by_name_alias_iri_and_what_was_found(anyhow: Graph) -> None:
    found = anyhow["Sandvik"]
    assert (found.label, found.iri, found.kind) == ("Tore Sandvik", SANDVIK, "Person")
    assert (
        anyhow["TORE SANDVIK"] == anyhow[SANDVIK] == anyhow["person:sandvik-tore"] == anyhow[found] == found
    )
    assert "Sandvik" in anyhow
    assert "Sandwich" not in anyhow
    assert found.holdsOffice.labels == [OFFICE]
    assert found.holdsOffice[0].inverse.holdsOffice.labels == ["Tore Sandvik"]  # type: ignore[union-attr]
    assert found["locatedIn"].labels == []
    assert "holdsOffice" in dir(found)
    assert found.facts.total == len(found.card.facts_out) + len(found.card.facts_in)
    assert anyhow.values_of(found, "holdsOffice").labels == [OFFICE]


def test_names_that_do_not_lead_to_one_thing(anyhow: Graph) -> None:
    with pytest.raises(UnknownEntity, match="Near it: Tore Sandvik") as unknown:
        anyhow["Sandvig"]
    assert unknown.value.near[0] == (SANDVIK, "Tore Sandvik")
    with pytest.raises(UnknownEntity, match="nothing in the store has the IRI"):
        anyhow["https://kg.example/id/person/nobody"]
    with pytest.raises(QueryError):
        anyhow[" "]
    assert "\n" not in str(unknown.value)


def test_lists_and_searches(anyhow: Graph) -> None:
    assert [e.label for e in anyhow.entities(type="Facility")] == ["Rygge Air Station"]
    assert [e.label for e in anyhow.entities("tore")][:1] == ["Tore Sandvik"]
    assert anyhow.entities(limit=2).total > 2
    assert len(anyhow.entities(limit=2)) == 2
    assert [e.kind for e in anyhow.entities(type=["Person", "Facility"])].count("Person") == 2
    assert anyhow.search("rygge").entities[0].label == "Rygge Air Station"
    assert "nothing found" in repr(anyhow.search("zzzzz"))
    with pytest.raises(QueryError, match="want one of"):
        anyhow.entities(type="Spaceship")
    assert anyhow.classes["Person"] == 2


def test_claims_have_their_sentences(anyhow: Graph) -> None:
    said = anyhow.why("Sandvik", "holdsOffice", OFFICE)
    assert {c.source for c in said} == {"plans.txt", "visit.txt"}
    assert all("Defense Minister Tore Sandvik" in c.quote for c in said)
    assert anyhow.evidence(claim=said[0]).items[0].iri == said[0].iri
    assert len(anyhow.evidence("Sandvik", limit=1)) == 1
    assert anyhow.evidence("Sandvik", limit=1).total > 1
    assert {c.modality for c in anyhow.evidence("Sandvik")} >= {"Asserted", "Planned"}
    assert {c.predicate for c in anyhow.evidence(relation="locatedIn")} == {"locatedIn"}
    with pytest.raises(QueryError, match="want one of"):
        anyhow.evidence()
    with pytest.raises(QueryError, match="want one of"):
        anyhow.why("Sandvik", "holdsOfice", OFFICE)


def test_what_is_around_and_between(anyhow: Graph) -> None:
    around = anyhow["Sandvik"].neighbourhood(depth=2)
    assert {"Tore Sandvik", OFFICE, "Norway"} <= {n.label for n in around.nodes}
    assert any(e.modality == "Planned" for e in around)
    assert all(e.modality == "Asserted" for e in anyhow.neighbourhood("Sandvik", modalities=["Asserted"]))
    chain = anyhow["Sandvik"].paths("Norway")
    assert (chain.hops, chain.nodes[0].label, chain.nodes[-1].label) == (2, "Tore Sandvik", "Norway")
    assert anyhow.paths("Sandvik", "Norway", relations=["memberOf"]).hops is None
    with pytest.raises(QueryError, match="depth"):
        anyhow.neighbourhood("Sandvik", depth=9)


def test_time(anyhow: Graph) -> None:
    dates = [m.date for m in anyhow["Sandvik"].timeline()]
    assert "2024-03-05" in dates
    assert dates == sorted(dates)
    then = anyhow.as_of("2024-02-28")
    assert len(then.documents()) == 1
    assert then is anyhow.as_of(date(2024, 2, 28))
    assert then["Tore Sandvik"].card.claim_count < anyhow["Sandvik"].card.claim_count
    assert then.sparql("SELECT ?d { ?d a kg:Document }").shape == (1, 1)
    assert then.queries.office_holders(body="Norway")["documents"].tolist() == [1]
    assert then.as_of("2024-02-25").documents().total == 1
    with pytest.raises(QueryError, match="ask the whole graph"):
        then.as_of("2024-03-28")
    with pytest.raises(QueryError, match="YYYY-MM-DD"):
        anyhow.as_of("soon")
    with pytest.raises(UnknownEntity):
        then["Oslo"]


def test_differences_and_contradictions(anyhow: Graph) -> None:
    changes = anyhow.diff("2024-03-01")
    assert changes.totals["documents"] == 2
    assert {"overtaken", "learned"} <= {k for k, n in changes.totals.items() if n}
    assert any(row[0] == "plan overtaken" for row in changes.table.rows())
    assert anyhow.as_of("2024-03-31").diff("2024-03-01").totals["documents"] == 1
    with pytest.raises(QueryError, match="earlier day first"):
        anyhow.diff("2024-04-01", "2024-03-01")
    assert anyhow.contradictions().total == len(anyhow.contradictions())
    with pytest.raises(QueryError, match="want one of"):
        anyhow.contradictions(kind="loud")


def test_offices_documents_identity(anyhow: Graph) -> None:
    held = anyhow.offices(body="Norway", on="2024-03-05")
    assert [t.person.label for t in held] == ["Tore Sandvik"]
    assert anyhow["Sandvik"].offices().value.items[0].office.label == OFFICE
    assert [d.identifiers[0] for d in anyhow.documents()] == ["plans.txt", "visit-two.txt", "visit.txt"]
    assert [d.identifiers[0] for d in anyhow["Sandvik"].documents()] == ["plans.txt", "visit.txt"]
    assert anyhow.document("visit.txt").summary.as_of == "2024-03-05"
    assert anyhow.why_same("Tore Sandvik", "Sandvik").verdict == "same"
    assert anyhow.why_same("Tore Sandvik", "Hanno Pevkur").verdict == "different"
    with pytest.raises(UnknownEntity, match="no document"):
        anyhow.document("nothing.txt")


def test_sparql_as_typed_frames(anyhow: Graph) -> None:
    frame = anyhow.sparql(
        "SELECT ?person (COUNT(?claim) AS ?n) (SAMPLE(?day) AS ?on) ?label {"
        " ?claim rdf:predicate kg:holdsOffice ; rdf:subject ?person ; kg:document/kg:asOf ?day ."
        " ?person skos:prefLabel ?label } GROUP BY ?person ?label ORDER BY ?label"
    )
    assert isinstance(frame, pandas.DataFrame)
    assert [str(t) for t in frame.dtypes] == ["object", "int64", "datetime64[s]", "str"]
    person = frame["person"][1]
    assert isinstance(person, Iri)
    assert (person, person.label) == (SANDVIK, "Tore Sandvik")
    assert anyhow.sparql("ASK { ?s ?p ?o }")["boolean"].tolist() == [True]
    assert list(anyhow.sparql("SELECT ?x { ?x a kg:Nothing }").columns) == ["x"]
    triples = anyhow.sparql("CONSTRUCT { ?p kg:holdsOffice ?o } WHERE { ?p kg:holdsOffice ?o }")
    assert list(triples.columns) == ["subject", "predicate", "object"]
    assert len(triples) == 2
    found = anyhow.sparql("SELECT ?p { ?p kg:holdsOffice ?o }", polars=True)
    assert isinstance(found, polars.DataFrame)
    assert set(found["p_label"]) == {"Tore Sandvik", "Hanno Pevkur"}
    bound = anyhow.sparql("SELECT ?o { ?who kg:holdsOffice ?o }", who=anyhow["Sandvik"])
    assert bound.labelled()["o"].tolist() == [OFFICE]
    assert anyhow.rows("SELECT ?o { ?who kg:holdsOffice ?o }", who=person)[0]["o"] == bound["o"][0]


def test_bad_sparql_says_where(anyhow: Graph) -> None:
    with pytest.raises(QuerySyntaxError) as bad:
        anyhow.sparql("SELECT ?x {\n ?x a }")
    assert bad.value.line == 2
    assert bad.value._render_traceback_() == [f"QuerySyntaxError: {bad.value}"]
    with pytest.raises(QueryError, match="update"):
        anyhow.sparql("DELETE WHERE { ?s ?p ?o }")
    with pytest.raises(QueryError, match=r"no variable \?nobody; it has: x"):
        anyhow.sparql("SELECT ?x { ?x a kg:Person }", nobody="x")


def test_saved_questions_are_functions(anyhow: Graph) -> None:
    asked = anyhow.queries.office_holders
    assert asked(body="Norway")["name"].tolist() == ["Tore Sandvik"]
    assert asked(country="Norway")["name"].tolist() == ["Tore Sandvik"]
    assert asked(anyhow["Norway"])["name"].tolist() == ["Tore Sandvik"]
    assert "Who holds which office" in (asked.__doc__ or "")
    assert "body" in asked.__signature__.parameters
    assert len(anyhow.queries) > 10
    assert "office_holders(body)" in repr(anyhow.queries)
    with pytest.raises(UnknownQuery, match="near it: office-holders"):
        anyhow.queries["office-holder"]
    with pytest.raises(AttributeError, match="no saved query"):
        _ = anyhow.queries.nothing_like_it
    with pytest.raises(QueryError, match="no parameter 'colour'"):
        asked(colour="red")
    with pytest.raises(QueryError, match="needs the parameter"):
        asked()
    with pytest.raises(UnknownEntity):
        asked(body="Nowhereland")


def test_other_libraries(anyhow: Graph) -> None:
    rdf = anyhow.graph()
    assert isinstance(rdf, rdflib.Graph)
    assert len(list(rdf.query("SELECT ?p { ?p kg:holdsOffice ?o }"))) == 2
    whole = anyhow.to_networkx()
    assert isinstance(whole, networkx.MultiDiGraph)
    assert whole.nodes[SANDVIK]["kind"] == "Person"
    assert ("kg:holdsOffice", "Asserted") in {
        (d["predicate"], d["modality"]) for *_, d in whole.out_edges(SANDVIK, data=True)
    }
    around = anyhow.to_networkx("Sandvik", depth=1)
    assert any(d["claims"] for *_, d in around.edges(data=True))
    assert SANDVIK in anyhow.centrality().scores
    assert sum(len(c) for c in anyhow.communities()) == len(whole)
    out = io.BytesIO()
    anyhow.backend.dump(What.FACTS, ox.RdfFormat.N_TRIPLES, out)
    assert b"holdsOffice" in out.getvalue()


def test_completion(anyhow: Graph) -> None:
    assert "Tore Sandvik" in anyhow._ipython_key_completions_()
    assert "Sandvik" in anyhow._ipython_key_completions_()
    assert "office_holders" in dir(anyhow.queries)
    with pytest.raises(AttributeError, match=r"has no 'holdsOfice'.*near it: holdsOffice"):
        _ = anyhow["Sandvik"].holdsOfice


def test_ambiguous_names_show_their_candidates(anyhow: Graph) -> None:
    iris = [row["e"] for row in anyhow.rows("SELECT ?e { ?e a kg:Person }")]
    error = AmbiguousName("somebody", [(str(i), i.label) for i in iris if isinstance(i, Iri)])
    shown = "\n".join(error._render_traceback_())
    assert "Tore Sandvik" in shown
    assert "Hanno Pevkur" in shown
