from __future__ import annotations

import gzip
import json
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import graph_world as w
import pyoxigraph as ox
import pytest

from kg.catalog.ontology import Ontology
from kg.errors import StoreMissing
from kg.graph.checking import MOST_OF_A_KIND, Problem, check_store
from kg.graph.constraints import CONSTRAINTS, backing, dangling
from kg.model import Entity, Literal, Modality
from kg.terms import DCT, DEFAULT_BASE, KG, RDF, SKOS, XSD, prefixes

EDTF = "http://id.loc.gov/datatypes/edtf/EDTF"


def kinds(problems: list[Problem]) -> set[str]:
    return {problem.kind for problem in problems}


def test_a_sound_store_has_no_problems(world_store: Path, ontology: Ontology) -> None:
    assert check_store(world_store, ontology) == []


def test_an_empty_store_is_sound_and_a_missing_one_is_missing(
    tmp_path: Path, build: Callable[..., str], ontology: Ontology
) -> None:
    build(tmp_path / "s", [])
    assert check_store(tmp_path / "s", ontology) == []
    with pytest.raises(StoreMissing):
        check_store(tmp_path / "none", ontology)


@pytest.fixture
def copy(world_store: Path, tmp_path: Path) -> tuple[Path, Path]:
    """A store to damage, and the folder of its generation."""
    path = tmp_path / "copy"
    shutil.copytree(world_store, path)
    (generation,) = (path / "generations").iterdir()
    return path, generation


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("UPDATE documents SET text = replace(text, 'Portal', 'Mortal')", "passage"),
        ("UPDATE documents SET text = text || ' '", "text"),
        ("DELETE FROM documents WHERE identifiers LIKE '%bare%'", "count"),
        ("DELETE FROM mentions", "count"),
        ("UPDATE sentences SET text = 'x'", "sentence"),
        ("UPDATE sentences SET first = first + 1", "sentence"),
    ],
)
def test_an_index_that_disagrees(copy: tuple[Path, Path], ontology: Ontology, sql: str, kind: str) -> None:
    path, generation = copy
    connection = sqlite3.connect(generation / "index.sqlite")
    connection.execute(sql)
    connection.commit()
    connection.close()
    assert kind in kinds(check_store(path, ontology))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Norland", b"Sorland"),
        (b"<https://kg.example/id/place/nd> .\n", b"<https://kg.example/id/place/nx> .\n"),
    ],
)
def test_a_part_that_disagrees_with_the_manifest(
    copy: tuple[Path, Path], ontology: Ontology, old: bytes, new: bytes
) -> None:
    path, generation = copy
    part = generation / "parts" / "facts.nt.gz"
    part.write_bytes(gzip.compress(gzip.decompress(part.read_bytes()).replace(old, new)))
    (problem,) = [p for p in check_store(path, ontology) if p.kind == "part"]
    assert problem.subject == "facts"


def test_a_part_that_is_cut_short(copy: tuple[Path, Path], ontology: Ontology) -> None:
    path, generation = copy
    part = generation / "parts" / "identity.nt.gz"
    part.write_bytes(part.read_bytes()[:-15])
    assert "part" in kinds(check_store(path, ontology))


def test_a_graph_that_disagrees_with_its_parts(copy: tuple[Path, Path], ontology: Ontology) -> None:
    path, generation = copy
    store = ox.Store(str(generation / "graph"))
    node = ox.NamedNode("x:a")
    store.add(ox.Quad(node, node, node))
    store.flush()
    del store
    problems = check_store(path, ontology)
    assert [(p.kind, p.subject) for p in problems] == [("count", "graph")]


def test_ends_of_claims_that_the_vocabulary_does_not_allow(
    tmp_path: Path, build: Callable[..., str], ontology: Ontology
) -> None:
    made = w.make(
        "x",
        "Something wrong.",
        [
            (w.OLE, "holdsOffice", w.NORLAND, Modality.ASSERTED, "Something"),
            (w.NORLAND, "holdsOffice", w.MINISTER, Modality.ASSERTED, "Something"),
            (w.OLE, "likes", w.MARTA, Modality.ASSERTED, "wrong"),
            (w.BASE, "establishedOn", Literal("1999", XSD + "string"), Modality.ASSERTED, "wrong"),
            (w.BASE, "operatedBy", w.iri("Organization", "ghost"), Modality.ASSERTED, "wrong"),
            (w.BASE, "formerName", Literal("Old Base", XSD + "string"), Modality.ASSERTED, "wrong"),
        ],
    )
    build(tmp_path / "s", [made])
    problems = check_store(tmp_path / "s", ontology)
    assert kinds(problems) == {"domain", "range", "relation", "dangling"}
    messages = " ".join(str(p) for p in problems)
    assert "holdsOffice has the subject" in messages
    assert "allowed: Office" in messages
    assert "def#likes> is not a relation" in messages
    assert "ghost> (of no class)" in messages
    assert "1999" in messages


def test_many_problems_of_a_kind_are_counted(
    tmp_path: Path, build: Callable[..., str], ontology: Ontology
) -> None:
    said = [
        (w.iri("Person", f"p{i}"), "holdsOffice", w.NORLAND, Modality.ASSERTED, "Something")
        for i in range(MOST_OF_A_KIND + 7)
    ]
    people = [Entity(s, "Person", None, (s[-3:],)) for s, *_ in said]
    build(tmp_path / "s", [w.make("x", "Something wrong.", said, entities=people)])
    problems = check_store(tmp_path / "s", ontology)
    assert len(problems) == MOST_OF_A_KIND + 1
    assert problems[-1].message == "7 more of this kind"


def test_a_status_needs_a_claim(tmp_path: Path, build: Callable[..., str], ontology: Ontology) -> None:
    silent = w.make("x", "A meeting.", mentions=[("A meeting", w.CALL.iri)], entities=[w.CALL])
    build(tmp_path / "s", [silent])
    assert kinds(check_store(tmp_path / "s", ontology)) == {"event-status"}


# ---- constraints, each on a small graph that breaks it

C, S, E, DOC = "x:c", f"{DEFAULT_BASE}doc/d#char=0,4", "x:e", f"{DEFAULT_BASE}doc/d"
CLAIM = {
    (C, RDF + "type", KG + "Asserted"),
    (C, RDF + "subject", w.OLE),
    (C, RDF + "predicate", KG + "memberOf"),
    (C, RDF + "object", w.NORLAND),
    (C, KG + "document", DOC),
    (C, KG + "evidence", S),
    (C, KG + "confidence", ox.Literal("0.5", datatype=ox.NamedNode(XSD + "decimal"))),
    (S, KG + "document", DOC),
    (S, KG + "text", ox.Literal("text")),
    (DOC, RDF + "type", KG + "Document"),
    (DOC, DCT + "identifier", ox.Literal("d")),
    (DOC, KG + "sha256", ox.Literal("a" * 64)),
    (DOC, KG + "asOfBasis", ox.Literal("unknown")),
    (w.OLE, KG + "memberOf", w.NORLAND),
    (w.OLE, RDF + "type", KG + "Person"),
    (w.OLE, SKOS + "prefLabel", ox.Literal("Ole")),
    (w.NORLAND, RDF + "type", KG + "Place"),
    (w.NORLAND, SKOS + "prefLabel", ox.Literal("Norland")),
    (E, RDF + "type", KG + "Event"),
    (E, SKOS + "prefLabel", ox.Literal("Talks")),
    (E, KG + "status", KG + "held"),
    ("x:c2", RDF + "subject", E),
}
ALL = {c.name: c for c in (*CONSTRAINTS, dangling(DEFAULT_BASE), backing(["memberOf", "status", "date"]))}

Triple = tuple[str, str, str | ox.Literal]


def broken(add: set[Triple], drop: set[tuple[str, str]]) -> set[str]:
    store = ox.Store()
    for s, p, o in {t for t in CLAIM if t[:2] not in drop} | add:
        value = o if isinstance(o, ox.Literal) else ox.NamedNode(o)
        store.add(ox.Quad(ox.NamedNode(s), ox.NamedNode(p), value))
    found = set()
    for name, constraint in ALL.items():
        for query in constraint.queries:
            answer = store.query(query, prefixes=prefixes())
            assert isinstance(answer, ox.QuerySolutions)
            if any(row["x"] is not None for row in answer):
                found.add(name)
    return found


def lit(value: str, datatype: str) -> ox.Literal:
    return ox.Literal(value, datatype=ox.NamedNode(datatype))


def test_the_sound_graph_breaks_no_constraint() -> None:
    assert broken(set(), set()) == set()


BREAKS: list[tuple[str, set[Triple], set[tuple[str, str]]]] = [
    ("claim-evidence", set(), {(C, KG + "evidence")}),
    ("claim-modality", set(), {(C, RDF + "type")}),
    ("claim-modality", {(C, RDF + "type", KG + "Denied")}, set()),
    ("claim-subject", set(), {(C, RDF + "subject")}),
    ("claim-subject", {(C, RDF + "subject", w.NORLAND)}, set()),
    ("claim-predicate", set(), {(C, RDF + "predicate")}),
    ("claim-object", {(C, RDF + "object", w.OLE)}, set()),
    ("claim-document", set(), {(C, KG + "document")}),
    ("claim-document", {(C, KG + "document", "x:other")}, {(C, KG + "document")}),
    ("claim-confidence", set(), {(C, KG + "confidence")}),
    ("claim-confidence", {(C, KG + "confidence", lit("1.5", XSD + "decimal"))}, {(C, KG + "confidence")}),
    ("claim-confidence", {(C, KG + "confidence", lit("0.5", XSD + "double"))}, {(C, KG + "confidence")}),
    ("claim-time", {(C, KG + "validTime", ox.Literal("2024"))}, set()),
    ("claim-time", {(C, KG + "validTime", lit(y, EDTF)) for y in ("2024", "2025")}, set()),
    ("passage-text", set(), {(S, KG + "text")}),
    ("passage-text", {(S, KG + "text", ox.Literal("longer"))}, {(S, KG + "text")}),
    ("passage-text", {("x:s", KG + "text", ox.Literal("no offsets")), ("x:s", KG + "document", DOC)}, set()),
    ("passage-text", {("x:m#char=0,1", KG + "refersTo", w.OLE)}, set()),
    ("passage-document", set(), {(S, KG + "document")}),
    ("passage-document", {(S, KG + "document", "x:other")}, set()),
    ("document", set(), {(DOC, DCT + "identifier")}),
    ("document", {(DOC, KG + "sha256", ox.Literal("A" * 64))}, {(DOC, KG + "sha256")}),
    ("document", {(DOC, KG + "asOfBasis", ox.Literal("guessed"))}, {(DOC, KG + "asOfBasis")}),
    ("document-time", {(DOC, KG + "asOf", lit(f"2024-01-0{i}", XSD + "date")) for i in (1, 2)}, set()),
    ("document-time", {(DOC, KG + "asOf", ox.Literal("2024-01-01"))}, set()),
    ("document-time", {(DOC, KG + "issued", ox.Literal("2024-01-01"))}, set()),
    ("event-status", set(), {(E, KG + "status")}),
    ("event-status", {(E, KG + "status", KG + "planned")}, set()),
    ("event-status", {(E, KG + "status", KG + "maybe")}, {(E, KG + "status")}),
    ("date", {(E, KG + "date", lit(y, EDTF)) for y in ("2024", "2025")}, set()),
    ("date", {(E, KG + "date", ox.Literal("2024"))}, set()),
    (
        "date",
        {
            (E, KG + "start", lit("2024-02-01", XSD + "date")),
            (E, KG + "end", lit("2024-01-01", XSD + "date")),
        },
        set(),
    ),
    ("label", set(), {(w.OLE, SKOS + "prefLabel")}),
    ("label", {(w.OLE, SKOS + "prefLabel", ox.Literal("Ole B."))}, set()),
    ("contradiction", {("x:b", KG + "contradicts", "x:a")}, set()),
    ("dangling", {(w.OLE, KG + "replaces", w.MARTA)}, set()),
    ("dangling", {("x:c1", KG + "supersedes", f"{DEFAULT_BASE}claim/gone")}, set()),
    ("fact", {(w.OLE, KG + "memberOf", "x:club")}, set()),
    ("fact", {(C, RDF + "type", KG + "Denied")}, {(C, RDF + "type")}),
    ("fact", set(), {("x:c2", RDF + "subject")}),
]


@pytest.mark.parametrize(("name", "add", "drop"), BREAKS, ids=[f"{b[0]}-{i}" for i, b in enumerate(BREAKS)])
def test_each_constraint_finds_what_breaks_it(
    name: str, add: set[Triple], drop: set[tuple[str, str]]
) -> None:
    assert name in broken(add, drop)


def test_every_constraint_is_tried() -> None:
    assert {name for name, _, _ in BREAKS} == set(ALL)


def test_no_query_uses_what_is_slow() -> None:
    assert not [q for c in ALL.values() for q in c.queries if "NOT EXISTS" in q]


def test_what_the_manifest_says(copy: tuple[Path, Path]) -> None:
    _, generation = copy
    manifest = json.loads((generation / "manifest.json").read_text())
    assert set(manifest["documents"]) == {n for e in w.world() for n in e.document.identifiers}
    assert set(manifest["parts"]) == {"facts", "claims", "mentions", "documents", "identity"}
    assert "generations" not in json.dumps(manifest)


def test_a_problem_in_words() -> None:
    problem = Problem("passage", "x:a", "is not there")
    assert str(problem) == "passage: x:a: is not there"
    assert replace(problem, kind="a") < problem


@pytest.mark.parametrize(
    ("issued", "found"), [("yesterday", True), ("2025-02-30", True), ("2025-03~", False)]
)
def test_a_date_that_is_not_edtf_is_found(
    tmp_path: Path, build: Callable[..., str], ontology: Ontology, issued: str, found: bool
) -> None:
    first = w.world()[0]
    build(tmp_path / "s", [replace(first, document=replace(first.document, issued=issued))])
    problems = [p for p in check_store(tmp_path / "s", ontology) if p.kind == "date"]
    assert [repr(issued) in p.message and f"{KG}issued" in p.message for p in problems] == [True] * found
