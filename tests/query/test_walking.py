"""The index of links against the graph itself: both have to give the same answers."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from kg.errors import StoreDamaged
from kg.graph import open_reader
from kg.graph.loading import load_rdf
from kg.graph.local import LocalReader
from kg.graph.network import find_network
from kg.graph.weaving import build_index
from kg.query.neighbourhood import neighbourhood
from kg.query.paths import find_path
from kg.query.walking import network_of

BASE = "https://kg.example/"
DEF = "https://kg.example/def#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
XSD = "http://www.w3.org/2001/XMLSchema#"
NODES = 140
KINDS = [("person", "Person"), ("org", "Organization"), ("place", "Place")]


def iri(number: int) -> str:
    return f"{BASE}id/{KINDS[number % 3][0]}/n{number}"


def random_triples(seed: int) -> Iterator[str]:
    """Two hubs that are joined, claims of all modalities, flat triples with and without claims, odd terms."""
    drawn = random.Random(seed)
    for number in range(NODES):
        me = f"<{iri(number)}>"
        yield f"{me} <{RDF}type> <{DEF}{KINDS[number % 3][1]}> ."
        if number % 7:
            yield f'{me} <{SKOS}prefLabel> "Näme {number} \\"quoted\\" \\\\ \\u0007"@en .'
        if number % 5 == 0:
            yield f'{me} <{DEF}birthDate> "19{number % 90 + 10}-01-01"^^<{XSD}date> .'
            yield f"{me} <{DEF}status> <{DEF}held> ."
    for number in range(12):
        yield f"<{BASE}doc/d{number}> <{RDF}type> <{DEF}Document> ."
        if number:
            yield f'<{BASE}doc/d{number}> <{DEF}asOf> "2024-0{1 + number % 9}-11"^^<{XSD}date> .'
    for number in range(600):
        source = drawn.choice((0, 1, drawn.randrange(NODES)))
        target = drawn.choice((0, 1, drawn.randrange(NODES), drawn.randrange(NODES)))
        predicate = drawn.choice(("memberOf", "partOf", "knows", "operatedBy"))
        s, p, o = f"<{iri(source)}>", f"<{DEF}{predicate}>", f"<{iri(target)}>"
        if drawn.random() < 0.3:
            yield f"{s} {p} {o} ."
            continue
        if drawn.random() < 0.6:
            yield f"{s} {p} {o} ."
        me = f"<{BASE}claim/c{number:04}>"
        yield f"{me} <{RDF}type> <{DEF}{drawn.choice(('Asserted', 'Planned', 'Denied', 'Former'))}> ."
        yield f"{me} <{RDF}subject> {s} ."
        yield f"{me} <{RDF}predicate> {p} ."
        yield f"{me} <{RDF}object> {o} ."
        yield f"{me} <{DEF}document> <{BASE}doc/d{drawn.randrange(12)}> ."
        if drawn.random() < 0.9:
            yield f'{me} <{DEF}confidence> "0.{drawn.randrange(1, 100):02}"^^<{XSD}decimal> .'
    yield f"_:b <{DEF}knows> <{iri(3)}> ."
    yield f"<{iri(3)}> <{DEF}knows> <{iri(3)}> ."
    yield f"<https://elsewhere.example/a%20b> <https://elsewhere.example/#r> <{iri(4)}> ."


class WithoutIndex(LocalReader):
    """Reads the graph alone."""

    @property
    def network(self) -> None:
        return None


@pytest.fixture(scope="module", params=[1, 2])
def readers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple]:
    folder = tmp_path_factory.mktemp("random")
    file = folder / "random.nt"
    file.write_text("\n".join(random_triples(request.param)) + "\n", "utf-8")
    load_rdf([file], folder / "store")
    with (
        open_reader(folder / "store") as indexed,
        WithoutIndex(indexed.path, indexed.generation, indexed.base) as plain,
    ):
        assert network_of(indexed) is not None
        assert network_of(plain) is None
        yield indexed, plain


CHOICES = [
    {},
    {"predicates": ["memberOf"]},
    {"predicates": ["memberOf", "knows"], "modalities": ["Planned", "Denied"]},
    {"types": ["Person", "Place"]},
    {"modalities": ["Asserted"], "types": ["Organization"]},
    {"min_confidence": 0.5},
    {"min_confidence": 0.31, "modalities": ["Former"]},
]


@pytest.mark.parametrize("chosen", CHOICES)
@pytest.mark.parametrize(
    ("depth", "limit"), [(1, 200), (1, 20), (2, 30), (2, 200), (3, 60), (4, 100), (2, 1)]
)
def test_the_index_gives_what_the_graph_gives(
    readers: tuple[LocalReader, LocalReader], chosen: dict[str, object], depth: int, limit: int
) -> None:
    indexed, plain = readers
    for start in (iri(0), iri(1), iri(17), iri(21)):
        wanted = neighbourhood(plain, start, depth, limit, **chosen)  # type: ignore[arg-type]
        assert neighbourhood(indexed, start, depth, limit, **chosen) == wanted  # type: ignore[arg-type]


@pytest.mark.parametrize("chosen", CHOICES)
def test_paths_are_those_of_the_graph(
    readers: tuple[LocalReader, LocalReader], chosen: dict[str, object]
) -> None:
    indexed, plain = readers
    hops = set()
    for start, goal in ((2, 77), (14, 15), (0, 1), (5, 5), (0, 21)):
        ends = iri(start), iri(goal)
        wanted = find_path(plain, *ends, k=5, **chosen)  # type: ignore[arg-type]
        hops.add(wanted.hops)
        assert find_path(indexed, *ends, k=5, **chosen) == wanted  # type: ignore[arg-type]
    assert len(hops) > 1


def test_paths_are_different_loopless_and_in_order(readers: tuple[LocalReader, LocalReader]) -> None:
    found = find_path(readers[0], iri(0), iri(21), k=8)
    assert found.hops is not None
    chains = [tuple(n.iri for n in route.nodes) for route in (found, *found.others)]
    assert len(chains) == len(set(chains)) == 8
    assert all(len(chain) == len(set(chain)) for chain in chains)
    assert [len(chain) for chain in chains] == sorted(len(chain) for chain in chains)
    for route in (found, *found.others):
        joined = {frozenset((e.source, e.target)) for e in route.edges}
        wanted = zip(route.nodes, route.nodes[1:], strict=False)
        assert joined == {frozenset((a.iri, b.iri)) for a, b in wanted}


def test_hubs_are_looked_at_from_the_other_end(
    readers: tuple[LocalReader, LocalReader], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.query.walking._HUB", 3)
    indexed, plain = readers
    for chosen in ({}, {"types": ["Person"]}):
        assert neighbourhood(indexed, iri(0), 2, 90, **chosen) == neighbourhood(
            plain, iri(0), 2, 90, **chosen
        )


def test_an_edge_says_since_when_and_how_sure(small_store: Path, asked_world: ModuleType) -> None:
    with open_reader(small_store) as reader:
        found = neighbourhood(reader, asked_world.w.MARTA, depth=2)
        for edge in found.edges:
            assert edge.confidence == max(c.confidence for c in edge.claims if c.confidence is not None)
            assert edge.since == min((c.as_of for c in edge.claims if c.as_of is not None), default=None)
        bare = neighbourhood(reader, asked_world.w.MARTA, depth=2, evidence=False)
        assert [e.claim_count for e in bare.edges] == [e.claim_count for e in found.edges]
        assert not any(e.claims for e in bare.edges)


def test_the_index_of_a_generation_can_be_made_again(
    readers: tuple[LocalReader, LocalReader], tmp_path: Path
) -> None:
    place = readers[0].path
    before = {p.name: p.read_bytes() for p in sorted((place / "network").iterdir())}
    build_index(place, BASE)
    assert {p.name: p.read_bytes() for p in sorted((place / "network").iterdir())} == before
    assert find_network(tmp_path) is None


def test_a_store_of_an_earlier_version_gets_its_index(tmp_path: Path) -> None:
    file = tmp_path / "few.nt"
    file.write_text(f"<{iri(1)}> <{DEF}knows> <{iri(3)}> .\n", "utf-8")
    load_rdf([file], tmp_path / "store")
    with open_reader(tmp_path / "store") as reader:
        shutil.rmtree(reader.path / "network")
    with open_reader(tmp_path / "store") as reader:
        assert network_of(reader) is None
        before = neighbourhood(reader, iri(1))
    load_rdf([file], tmp_path / "store")
    with open_reader(tmp_path / "store") as reader:
        assert network_of(reader) is not None
        assert neighbourhood(reader, iri(1)) == before


def test_a_damaged_index_is_said(tmp_path: Path) -> None:
    file = tmp_path / "few.nt"
    file.write_text(f"<{iri(1)}> <{DEF}knows> <{iri(3)}> .\n", "utf-8")
    load_rdf([file], tmp_path / "store")
    with open_reader(tmp_path / "store") as reader:
        (reader.path / "network" / "turns.npy").write_bytes(b"")
    with pytest.raises(StoreDamaged, match="index of links"):
        open_reader(tmp_path / "store")
