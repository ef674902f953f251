from __future__ import annotations

import gzip
import random
from collections.abc import Callable
from pathlib import Path

import graph_world as w
import pyoxigraph as ox
import pytest

from kg.catalog.ontology import Ontology
from kg.errors import StoreError
from kg.graph.checking import check_store
from kg.graph.loading import load_rdf
from kg.graph.local import open_reader, open_writer
from kg.graph.serialization import write_dump
from kg.graph.store import What
from kg.terms import KG

FOREIGN = """
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix : <https://elsewhere.example/> .
@prefix kg: <https://kg.example/def#> .
:harbour a :Dock ; rdfs:label "Grey Harbour"@en , "Port gris"@fr ; :depth "007"^^xsd:integer ;
  :near [ rdfs:label "a rock" ] .
:town a kg:City ; rdfs:label "Greytown" .
"""


@pytest.mark.parametrize("suffix", ["ttl", "ttl.gz", "nt", "nq", "trig", "jsonld"])
def test_our_own_dump_comes_back_byte_for_byte(
    world_store: Path, tmp_path: Path, ontology: Ontology, dumped: Callable[..., bytes], suffix: str
) -> None:
    path = tmp_path / f"all.{suffix}"
    formats = {f.file_extension: f for f in (ox.RdfFormat.TURTLE, ox.RdfFormat.N_TRIPLES, ox.RdfFormat.TRIG)}
    formats |= {"nq": ox.RdfFormat.N_QUADS, "jsonld": ox.RdfFormat.JSON_LD}
    with open_reader(world_store) as reader:
        write_dump(reader, What.ALL, formats[suffix.removesuffix(".gz")], path)
    load_rdf([path], tmp_path / "loaded", ontology=ontology)
    for what in What:
        assert dumped(tmp_path / "loaded", what) == dumped(world_store, what)


def test_a_loaded_dump_is_searched_and_checked(world_store: Path, tmp_path: Path, ontology: Ontology) -> None:
    with open_reader(world_store) as reader:
        write_dump(reader, What.ALL, ox.RdfFormat.TURTLE, tmp_path / "all.ttl")
        names, mentions = reader.search("", limit=100), reader.find_by_name("Marta Lindqvist")
    load_rdf([tmp_path / "all.ttl"], tmp_path / "s", ontology=ontology)
    with open_reader(tmp_path / "s") as reader:
        assert reader.search("", limit=100) == names
        assert reader.find_by_name("Marta Lindqvist") == mentions
        found = reader.document(w.document_of(w.plan()))
        assert found is not None
        assert (found.identifiers, found.text, found.issued) == (("a/plan.txt",), "", "2024-03-05")
        assert [m.text for m in found.mentions][:2] == ["Norland", "Marta Lindqvist"]
        assert len(reader.documents()) == len(w.world())
    assert check_store(tmp_path / "s", ontology) == []


def test_parts_of_a_dump_make_the_whole(
    world_store: Path, tmp_path: Path, ontology: Ontology, dumped: Callable[..., bytes]
) -> None:
    lines = dumped(world_store).splitlines(keepends=True)
    random.Random(4).shuffle(lines)
    for number in range(2):
        (tmp_path / f"{number}.nt").write_bytes(b"".join(lines[number::2]))
    load_rdf([tmp_path / "1.nt", tmp_path / "0.nt"], tmp_path / "s", ontology=ontology)
    assert dumped(tmp_path / "s") == dumped(world_store)


def test_foreign_data_is_canonical_searched_and_kept_by_builds(
    tmp_path: Path, ontology: Ontology, dumped: Callable[..., bytes]
) -> None:
    (tmp_path / "foreign.ttl").write_text(FOREIGN)
    store = tmp_path / "s"
    name = load_rdf([tmp_path / "foreign.ttl"], store, ontology=ontology)
    assert load_rdf([tmp_path / "foreign.ttl"], store, ontology=ontology) == name
    loaded = dumped(store)
    assert b'"7"^^' in loaded
    with open_writer(store, ontology=ontology) as writer:
        writer.put(w.record(w.plan()), w.plan())
        writer.put(w.record(w.rival_plan()), w.rival_plan())
        writer.commit(w.identity)
    both = dumped(store)
    assert set(loaded.splitlines()) < set(both.splitlines())
    (tmp_path / "other.ttl").write_text("<https://elsewhere.example/x> a <https://elsewhere.example/Y> .")
    load_rdf([tmp_path / "other.ttl"], store, ontology=ontology)
    assert set(both.splitlines()) < set(dumped(store).splitlines())
    assert b"/def#canonical>" in dumped(store)
    with open_reader(store) as reader:
        (hit,) = reader.search("grey harb")
        assert (hit.iri, hit.kind, hit.subkind) == ("https://elsewhere.example/harbour", "Dock", None)
        (french,) = reader.find_by_name("PORT GRIS")
        assert french.iri == hit.iri
        (town,) = reader.find_by_name("Greytown")
        assert (town.kind, town.subkind) == ("Place", "City")


def test_blank_nodes_have_the_same_names_each_time_and_are_not_mixed_up(
    tmp_path: Path, ontology: Ontology, dumped: Callable[..., bytes]
) -> None:
    (tmp_path / "a.ttl").write_text(FOREIGN)
    (tmp_path / "b.ttl").write_text('<x:b> <x:has> [ <x:p> "b" ] .')
    load_rdf([tmp_path / "a.ttl", tmp_path / "b.ttl"], tmp_path / "one", ontology=ontology)
    load_rdf([tmp_path / "b.ttl"], tmp_path / "two", ontology=ontology)
    load_rdf([tmp_path / "a.ttl"], tmp_path / "two", ontology=ontology)
    assert dumped(tmp_path / "one") == dumped(tmp_path / "two")
    blank = {t for line in dumped(tmp_path / "one").split() if (t := line.decode()).startswith("_:")}
    assert len(blank) == 2


def test_named_graphs_are_read_as_one(
    tmp_path: Path, ontology: Ontology, dumped: Callable[..., bytes]
) -> None:
    (tmp_path / "a.nq").write_text(
        "<x:a> <x:p> <x:b> <x:g> .\n<x:a> <x:p> <x:b> <x:h> .\n<x:a> <x:p> <x:c> .\n"
    )
    load_rdf([tmp_path / "a.nq"], tmp_path / "s", ontology=ontology)
    assert dumped(tmp_path / "s") == b"<x:a> <x:p> <x:b> .\n<x:a> <x:p> <x:c> .\n"


def test_a_dump_beside_its_own_documents_changes_nothing(
    world_store: Path,
    tmp_path: Path,
    ontology: Ontology,
    build: Callable[..., str],
    dumped: Callable[..., bytes],
) -> None:
    with open_reader(world_store) as reader:
        write_dump(reader, What.ALL, ox.RdfFormat.N_TRIPLES, tmp_path / "all.nt")
    build(tmp_path / "s", w.world())
    load_rdf([tmp_path / "all.nt"], tmp_path / "s", ontology=ontology)
    assert dumped(tmp_path / "s") == dumped(world_store)
    assert check_store(tmp_path / "s", ontology) == []


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.ttl", b"<x:a> <x:p> nonsense .", r"a\.ttl: .*line 1"),
        ("a.nt", b"<x:a> <x:p> <x:b> .\n<x:a> <x:p> .\n", r"a\.nt: .*line 2"),
        ("a.txt", b"", r"a\.txt: not a known kind .* allowed: \.ttl"),
        ("a.ttl.gz", b"not gzip", r"a\.ttl\.gz: cannot be read"),
        (
            "a.ttl.gz",
            gzip.compress(b"<x:a> <x:p> <x:b> ." * 90, mtime=0)[:-12],
            r"a\.ttl\.gz: cannot be read",
        ),
        ("a.ttl", None, r"a\.ttl: cannot be read: No such file"),
    ],
)
def test_a_file_that_does_not_parse_is_named_and_nothing_is_loaded(
    tmp_path: Path,
    ontology: Ontology,
    dumped: Callable[..., bytes],
    name: str,
    data: bytes | None,
    message: str,
) -> None:
    (tmp_path / "good.ttl").write_text("<x:a> <x:p> <x:b> .")
    store = tmp_path / "s"
    load_rdf([tmp_path / "good.ttl"], store, ontology=ontology)
    before = dumped(store)
    if data is not None:
        (tmp_path / name).write_bytes(data)
    (tmp_path / "0.ttl").write_text("<x:a> <x:p> <x:new> .")
    with pytest.raises(StoreError, match=message):
        load_rdf([tmp_path / "0.ttl", tmp_path / name], store, ontology=ontology)
    assert dumped(store) == before
    open_writer(store, ontology=ontology).close()
    assert len(list((store / "loaded").iterdir())) == 1


def test_relative_iris_take_the_base_of_the_store_not_the_path(
    tmp_path: Path, ontology: Ontology, dumped: Callable[..., bytes]
) -> None:
    (tmp_path / "a.ttl").write_text(f"<id/place/x> <{KG}locatedIn> <id/place/y> .")
    load_rdf([tmp_path / "a.ttl"], tmp_path / "s", ontology=ontology)
    assert dumped(tmp_path / "s").startswith(b"<https://kg.example/id/place/x>")
