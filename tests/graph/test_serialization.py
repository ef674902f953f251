from __future__ import annotations

import gzip
import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import graph_world as w
import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib.compare import to_isomorphic

from kg.errors import StoreError
from kg.graph import rdf
from kg.graph.local import open_reader
from kg.graph.serialization import find_format, write_dump, write_lines
from kg.graph.store import What
from kg.terms import DEFAULT_BASE, KG

FORMATS = {
    ox.RdfFormat.TURTLE: "turtle",
    ox.RdfFormat.N_TRIPLES: "nt",
    ox.RdfFormat.N_QUADS: "nquads",
    ox.RdfFormat.TRIG: "trig",
    ox.RdfFormat.JSON_LD: "json-ld",
    ox.RdfFormat.RDF_XML: "xml",
}


def written(lines: list[bytes], rdf_format: ox.RdfFormat) -> bytes:
    out = io.BytesIO()
    write_lines(lines, rdf_format, out, DEFAULT_BASE)
    return out.getvalue()


def parsed(data: bytes, rdf_format: ox.RdfFormat) -> set[bytes]:
    return {rdf.line(q) for q in ox.parse(data, rdf_format)}


IRIS = st.sampled_from(
    [
        f"{DEFAULT_BASE}doc/ab12#char=0,5",
        f"{DEFAULT_BASE}id/person/gen-nakatani",
        f"{DEFAULT_BASE}id/event/meeting.ab.1",
        f"{DEFAULT_BASE}id/place/são-tomé",
        f"{DEFAULT_BASE}id/person/",
        "https://sws.geonames.org/1861060/",
        "urn:x:y",
        f"{KG}date",
    ]
).map(ox.NamedNode)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
LITERALS = st.one_of(
    TEXTS.map(ox.Literal),
    TEXTS.map(rdf.name_literal),
    st.integers(0, 100).map(rdf.probability),
    st.dates().map(lambda d: rdf.day_literal(d.isoformat())),
)
GRAPHS = st.lists(
    st.builds(
        ox.Quad,
        IRIS,
        st.sampled_from([KG + "date", KG + "text"]).map(ox.NamedNode),
        st.one_of(IRIS, LITERALS),
    ),
    max_size=15,
).map(lambda quads: sorted({rdf.line(q) for q in quads}))


@settings(deadline=None, max_examples=60)
@given(GRAPHS)
def test_every_format_gives_back_the_same_triples(lines: list[bytes]) -> None:
    for rdf_format in FORMATS:
        if rdf_format != ox.RdfFormat.RDF_XML:
            assert parsed(written(lines, rdf_format), rdf_format) == set(lines)


@settings(deadline=None, max_examples=40)
@given(GRAPHS)
def test_rdflib_and_pyoxigraph_read_the_same_turtle(lines: list[bytes]) -> None:
    data = written(lines, ox.RdfFormat.TURTLE)
    theirs, exact = rdflib.Graph(), rdflib.Graph()
    theirs.parse(data=data, format="turtle")
    exact.parse(data=b"".join(lines), format="nt")
    assert set(theirs) == set(exact)
    again = theirs.serialize(format="nt").encode()
    assert parsed(again, ox.RdfFormat.N_TRIPLES) == set(lines)


@settings(deadline=None, max_examples=60)
@given(GRAPHS)
def test_the_order_of_lines_is_that_of_the_store_that_read_them(lines: list[bytes]) -> None:
    """What is dumped is the same before and after a trip through Oxigraph."""
    store = ox.Store()
    store.load(b"".join(lines), ox.RdfFormat.N_TRIPLES)
    assert sorted(rdf.line(q) for q in store) == lines


@settings(deadline=None, max_examples=60)
@given(TEXTS)
def test_rdf_xml_holds_all_that_xml_can(text: str) -> None:
    quad = ox.Quad(ox.NamedNode("x:a"), rdf.vocabulary("text"), ox.Literal(text))
    data = written([rdf.line(quad)], ox.RdfFormat.RDF_XML)
    (found,) = ox.parse(data, ox.RdfFormat.RDF_XML)
    legal = "".join(c if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff") else "\ufffd" for c in text)
    assert isinstance(found.object, ox.Literal)
    assert found.object.value == legal
    graph = rdflib.Graph().parse(data=data, format="xml")
    assert [str(o) for o in graph.objects()] == [legal]


@pytest.mark.filterwarnings(
    "ignore:(Dataset|ConjunctiveGraph):DeprecationWarning"
)  # rdflib calls what it deprecates
@pytest.mark.parametrize("rdf_format", FORMATS, ids=lambda f: f.name)
def test_the_dump_of_a_store_in_every_format(
    world_store: Path, dumped: Callable[..., bytes], rdf_format: ox.RdfFormat
) -> None:
    lines = dumped(world_store).splitlines(keepends=True)
    data = dumped(world_store, What.ALL, rdf_format)
    if rdf_format == ox.RdfFormat.RDF_XML:
        lines = [line.replace(b"\\f", "\ufffd".encode()) for line in lines]
    assert parsed(data, rdf_format) == set(lines)
    graph = rdflib.Dataset(default_union=True).parse(data=data, format=FORMATS[rdf_format])
    exact = rdflib.Graph().parse(data=b"".join(lines), format="nt")
    union = rdflib.Graph()
    for triple in graph.triples((None, None, None)):
        union.add(triple)
    assert to_isomorphic(union) == to_isomorphic(exact)


def test_all_is_the_union_of_the_parts_and_what_is_beside_them(
    world_store: Path, dumped: Callable[..., bytes]
) -> None:
    every = dumped(world_store).splitlines()
    assert every == sorted(set(every))
    parts = {
        what: set(dumped(world_store, what).splitlines()) for what in (What.FACTS, What.CLAIMS, What.MENTIONS)
    }
    rest = set(every) - set().union(*parts.values())
    kinds = {line.split(b" ")[1].rsplit(b"#")[-1].rsplit(b"/")[-1].rstrip(b">") for line in rest}
    assert kinds == {
        *(
            b"canonical",
            b"identifier",
            b"title",
            b"source",
            b"type",
            b"asOf",
            b"asOfBasis",
            b"issued",
            b"sha256",
        )
    }
    assert not parts[What.FACTS] & (parts[What.CLAIMS] | parts[What.MENTIONS])
    assert all(b"#char=" in line for line in parts[What.MENTIONS])
    assert any(b"contradicts" in line for line in parts[What.CLAIMS])


def test_turtle_is_read_by_people(world_store: Path, dumped: Callable[..., bytes]) -> None:
    turtle = dumped(world_store, What.FACTS, ox.RdfFormat.TURTLE).decode()
    assert "fac:hallen-air-base a kg:Facility , kg:MilitaryBase ;" in turtle
    assert 'skos:prefLabel "Hallen Air Base"@en ;' in turtle
    everything = dumped(world_store, What.ALL, ox.RdfFormat.TURTLE).decode()
    assert "\\#" not in everything
    assert "#char=" in everything


def test_a_dump_has_the_same_bytes_in_another_process(
    world_store: Path, dumped: Callable[..., bytes]
) -> None:
    script = (
        "import sys, pyoxigraph as ox\nfrom pathlib import Path\n"
        "from kg.graph.local import open_reader\nfrom kg.graph.store import What\n"
        "r = open_reader(Path(sys.argv[1]))\n"
        "for f in (ox.RdfFormat.TURTLE, ox.RdfFormat.RDF_XML, ox.RdfFormat.JSON_LD):\n"
        "    r.dump(What.ALL, f, sys.stdout.buffer)\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", script, str(world_store)],
        capture_output=True,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": "7"},
    )
    here = (ox.RdfFormat.TURTLE, ox.RdfFormat.RDF_XML, ox.RdfFormat.JSON_LD)
    assert found.stdout == b"".join(dumped(world_store, What.ALL, f) for f in here)


def test_files_are_compressed_by_their_name_and_carry_no_time(world_store: Path, tmp_path: Path) -> None:
    with open_reader(world_store) as reader:
        for name in ("a.ttl", "a.ttl.gz", "b.ttl.gz"):
            write_dump(reader, What.ALL, ox.RdfFormat.TURTLE, tmp_path / name)
    plain, one, other = ((tmp_path / n).read_bytes() for n in ("a.ttl", "a.ttl.gz", "b.ttl.gz"))
    assert one == other
    assert gzip.decompress(one) == plain
    assert one[4:8] == bytes(4)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.ttl", "a.ttl.gz", "b.ttl.gz"]


def test_a_dump_that_cannot_be_written_names_the_file(world_store: Path, tmp_path: Path) -> None:
    with open_reader(world_store) as reader, pytest.raises(StoreError, match=r"missing.*No such file"):
        write_dump(reader, What.ALL, ox.RdfFormat.TURTLE, tmp_path / "missing" / "a.ttl")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("turtle", ox.RdfFormat.TURTLE),
        ("a/b.TTL.gz", ox.RdfFormat.TURTLE),
        ("ntriples", ox.RdfFormat.N_TRIPLES),
        ("x.nt", ox.RdfFormat.N_TRIPLES),
        ("jsonld", ox.RdfFormat.JSON_LD),
        ("application/ld+json", ox.RdfFormat.JSON_LD),
        ("x.rdf", ox.RdfFormat.RDF_XML),
        ("x.nq.gz", ox.RdfFormat.N_QUADS),
        ("trig", ox.RdfFormat.TRIG),
        ("x.txt", None),
        ("", None),
        ("text/html", None),
    ],
)
def test_formats_by_name(name: str, expected: ox.RdfFormat | None) -> None:
    assert find_format(name) == expected


def test_the_world_is_in_the_dump(world_store: Path, dumped: Callable[..., bytes]) -> None:
    facts = dumped(world_store, What.FACTS).decode()
    assert f"<{w.MARTA}> <{KG}holdsOffice> <{w.MINISTER}> .\n" in facts
    assert f"<{w.OLE}> <{KG}holdsOffice>" not in facts
    assert f'<{w.MEETING_3.iri}> <{KG}date> "2024-03-28"' in facts
    claims = dumped(world_store, What.CLAIMS).decode()
    assert claims.count(f"> <{KG}supersedes> <") == 4
    assert claims.count(f"> <{KG}contradicts> <") == 2
