from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.errors import AmbiguousName, QueryError, UnknownEntity
from kg.graph import open_reader
from kg.graph.store import StoreReader
from kg.query.declared import shipped
from kg.query.saved import bind_parameters, read_term, run_saved
from kg.query.sparql import rows
from kg.terms import KG, XSD


@dataclass(frozen=True)
class Parameter:
    name: str
    type: str
    example: str = "x"
    required: bool = True
    default: str | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    name: str
    parameters: tuple[Parameter, ...]
    sparql: str


HOLDERS = Question(
    "holders",
    (Parameter("who", "entity", "Marta Lindqvist"), Parameter("most", "integer", required=False)),
    "SELECT ?office (COUNT(?c) AS ?n) "
    "{ ?c rdf:subject ?who ; rdf:predicate kg:holdsOffice ; rdf:object ?office } "
    "GROUP BY ?office HAVING (!BOUND(?most) || COUNT(?c) <= ?most) ORDER BY ?office",
)


def test_a_question_is_answered_for_its_parameters(reader: StoreReader) -> None:
    wanted = [{"office": "https://kg.example/id/office/minister-of-defense-nd", "n": "1"}]
    assert rows(run_saved(reader, HOLDERS, {"who": "Lindqvist"})) == wanted
    assert rows(run_saved(reader, HOLDERS, {"who": "Lindqvist", "most": "0"})) == []
    assert rows(run_saved(reader, HOLDERS, {"who": "person:lindqvist-marta", "most": ""})) == wanted


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        ({}, QueryError, "needs the parameter 'who'.*who=Marta Lindqvist"),
        ({"who": "Lindqvist", "whom": "x"}, QueryError, "no parameter 'whom'; it has: who, most"),
        ({"who": "Brandt"}, AmbiguousName, "fits 2 entities"),
        ({"who": "Nobody"}, UnknownEntity, "Nobody"),
        ({"who": "Lindqvist", "most": "many"}, QueryError, "most='many': want a whole number"),
    ],
)
def test_wrong_parameters_are_refused(
    reader: StoreReader, values: dict[str, str], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        run_saved(reader, HOLDERS, values)


def test_defaults_are_used(reader: StoreReader) -> None:
    question = Question("q", (Parameter("n", "integer", required=False, default="7"),), "SELECT ?n {}")
    assert bind_parameters(reader, question, {}) == {
        "n": ox.Literal("7", datatype=ox.NamedNode(XSD + "integer"))
    }


@pytest.mark.parametrize(
    ("kind", "text", "wanted"),
    [
        ("entity", "Norland", "<https://kg.example/id/place/nd>"),
        ("class", "person", f"<{KG}Person>"),
        ("relation", "holdsOffice", f"<{KG}holdsOffice>"),
        ("iri", "place:nd", "<https://kg.example/id/place/nd>"),
        ("iri", "http://e/x", "<http://e/x>"),
        ("string", 'a "b"', '"a \\"b\\""'),
        ("date", "2024-02-29", f'"2024-02-29"^^<{XSD}date>'),
        ("integer", "-3", f'"-3"^^<{XSD}integer>'),
        ("decimal", "0.5", f'"0.5"^^<{XSD}decimal>'),
        ("boolean", "Yes", f'"true"^^<{XSD}boolean>'),
        ("edtf", "2024-03-21/2024-03-31", '"2024-03-21/2024-03-31"^^<http://id.loc.gov/datatypes/edtf/EDTF>'),
    ],
)
def test_types_make_terms(reader: StoreReader, kind: str, text: str, wanted: str) -> None:
    assert str(read_term(reader, "p", kind, text)) == wanted


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("date", "2024-02-30"),
        ("date", "20240229"),
        ("date", "tomorrow"),
        ("integer", "1.5"),
        ("integer", "١"),
        ("decimal", "1e5"),
        ("boolean", "maybe"),
        ("edtf", "late March"),
        ("iri", "no iri"),
        ("class", "Persn"),
        ("relation", "nope"),
        ("document", "nope.txt"),
        ("colour", "red"),
    ],
)
def test_values_that_do_not_fit_are_refused(reader: StoreReader, kind: str, text: str) -> None:
    with pytest.raises(QueryError):
        read_term(reader, "p", kind, text)


@pytest.fixture(scope="module")
def seed_reader(seed_store: Path) -> Iterator[StoreReader]:
    opened = open_reader(seed_store)
    yield opened
    opened.close()


@pytest.mark.parametrize("name", sorted(shipped().queries))
def test_a_shipped_question_answers_its_example_on_the_seeds(seed_reader: StoreReader, name: str) -> None:
    question = shipped().queries[name]
    everything = {p.name: p.example for p in question.parameters}
    assert set(bind_parameters(seed_reader, question, everything)) == set(everything)
    answer = run_saved(seed_reader, question, {p.name: p.example for p in question.parameters if p.required})
    assert list(answer) if isinstance(answer, ox.QueryTriples) else rows(answer)


def test_there_are_the_eight_questions_of_the_design() -> None:
    assert len(shipped().queries) >= 8


def test_a_parameter_may_have_other_names(reader: StoreReader) -> None:
    question = Question("q", (Parameter("n", "integer", also=("number",)),), "SELECT ?n {}")
    assert str(bind_parameters(reader, question, {"number": "7"})["n"]).startswith('"7"')
    with pytest.raises(QueryError, match="want one of them"):
        bind_parameters(reader, question, {"n": "7", "number": "7"})
