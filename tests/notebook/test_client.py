from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import ModuleType

import networkx
import pandas
import pytest
import rdflib

import kg
from kg.errors import AmbiguousName, KgError, MissingExtra, QueryError, StoreMissing, UnknownQuery
from kg.notebook.client import Graph

HOLDERS = "SELECT ?p ?o { ?p kg:holdsOffice ?o }"


@pytest.fixture(scope="module")
def graph(small_store: Path) -> Iterator[Graph]:
    with kg.open(small_store) as opened:
        yield opened


def test_a_query_is_a_data_frame_or_rows(graph: Graph) -> None:
    frame = graph.sparql(HOLDERS)
    assert isinstance(frame, pandas.DataFrame)
    assert list(frame.columns) == ["p", "o"]
    assert frame["p"].tolist() == ["https://kg.example/id/person/lindqvist-marta"]
    assert graph.rows(HOLDERS) == frame.to_dict("records")
    assert list(graph.sparql("SELECT ?p { ?p a kg:Nothing }").columns) == ["p"]


def test_without_pandas_it_says_what_to_install(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingExtra, match="pip install pandas"):
        graph.sparql(HOLDERS)
    assert graph.rows(HOLDERS)


def test_saved_questions(graph: Graph) -> None:
    assert "office-holders" in graph.queries
    with pytest.raises(UnknownQuery, match="office-holders"):
        graph.ask("nothing")
    with pytest.raises(QueryError, match="no parameter 'colour'"):
        graph.ask("office-holders", colour="red")


def test_the_same_store_as_an_rdflib_graph(graph: Graph) -> None:
    found = graph.graph()
    assert isinstance(found, rdflib.Graph)
    rows = list(found.query(HOLDERS))
    assert [str(row[0]) for row in rows if isinstance(row, tuple)] == [r["p"] for r in graph.rows(HOLDERS)]


def test_neighbourhoods_are_networkx_graphs(graph: Graph, asked_world: ModuleType) -> None:
    drawn = graph.to_networkx("Marta Lindqvist", depth=2)
    assert isinstance(drawn, networkx.MultiDiGraph)
    shown = graph.neighbourhood("Marta Lindqvist", depth=2)
    assert set(drawn.nodes) == {n.iri for n in shown.value.nodes}
    assert drawn.nodes[asked_world.w.MARTA]["label"] == "Marta Lindqvist"
    assert "kg:holdsOffice" in repr(shown)
    assert "Marta Lindqvist" in shown._repr_html_()


def test_why_and_evidence_show_the_sentence(graph: Graph) -> None:
    found = graph.why("Marta Lindqvist", "holdsOffice", "Minister of Defense, Norland")
    assert len(found) == 1
    assert "“Norland’s Defense Minister Marta Lindqvist will meet Ole Brandt in late March.”" in repr(found)
    assert "according to Sources" in repr(found)
    assert graph.evidence(claim=found[0].iri) == found
    assert {c.modality for c in graph.evidence("Hallen Air Base")} == {"Asserted", "Denied"}
    with pytest.raises(QueryError):
        graph.evidence()
    with pytest.raises(AmbiguousName):
        graph.evidence("Brandt")


def test_cards_documents_search_and_paths(graph: Graph) -> None:
    card = graph.entity("Lindqvist")
    assert card.label == "Marta Lindqvist"
    assert repr(card).startswith("Marta Lindqvist (Person) <https://")
    assert graph.document("rival.txt").text == "Lindqvist plans to meet Brandt in April 2024, an aide said."
    assert "1 mentions" in repr(graph.document("rival.txt"))
    assert "fac:hallen-air-base" in repr(graph.search("hallen"))
    assert repr(graph.search("zzz")) == "nothing found"
    assert graph.path("Marta Lindqvist", "Norland").hops == 2
    assert graph.contradictions().total == 2
    assert len(graph.documents) == 7
    assert repr(graph).endswith("7 documents>")
    with pytest.raises(AttributeError):
        _ = card.nothing


def test_the_store_as_of_a_day(graph: Graph) -> None:
    then = graph.as_of("2024-03-06")
    assert then is graph.as_of(date(2024, 3, 6))
    assert len(then.documents) < len(graph.documents)
    assert then.entity("Hallen Air Base").value.claim_count == 1
    assert graph.entity("Hallen Air Base").value.claim_count == 2
    with pytest.raises(QueryError, match="YYYY-MM-DD"):
        graph.as_of("soon")


def test_offices_and_differences(graph: Graph) -> None:
    held = graph.offices(body="Norland", on="2024-03-05")
    assert "Minister of Defense, Norland: Marta Lindqvist stated" in repr(held)
    assert "<table" in graph.offices()._repr_html_()
    found = graph.diff("2024-03-01", date(2024, 3, 6))
    assert found.totals["documents"] == 1
    assert found.until == "2024-03-06"


def test_views_escape_what_documents_say(graph: Graph, asked_world: ModuleType) -> None:
    evil = asked_world.EVIL.iri
    views = (
        graph.entity(evil),
        graph.neighbourhood(evil),
        graph.evidence(evil),
        graph.document("<img src=x>.txt"),
        graph.search("evil"),
    )
    for view in views:
        shown = view._repr_html_()
        for tag in ("<script", "<b>Evil", "<i>title", "<u>", "<img"):
            assert tag not in shown, (type(view), tag)
        assert "Evil" in shown


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(StoreMissing):
        kg.open(tmp_path / "none")
    with pytest.raises(KgError, match="not supported yet"):
        kg.open("https://endpoint.example/sparql")


def test_the_package_has_what_it_promises_and_nothing_else() -> None:
    assert {"open", "build", "Graph", "__version__"} <= set(dir(kg))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = kg.nothing  # type: ignore[attr-defined]


def test_the_version_is_that_of_the_project(root: Path) -> None:
    import tomllib

    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    assert kg.__version__ == project["version"]


def test_import_is_light() -> None:
    heavy = ("kg", "rdflib", "fastapi", "spacy", "pandas", "networkx")
    code = f"import sys, kg; print(sorted(m for m in sys.modules if m.startswith({heavy})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['kg']"
