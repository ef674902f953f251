"""Same input, same bytes: over runs, orders, processes, partitions and hash seeds."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.graph import open_reader
from kg.graph.store import What
from kg.pipeline import build


def kg(*arguments: str | Path, hash_seed: int = 0) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONHASHSEED": str(hash_seed)}
    command = [sys.executable, "-m", "kg", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment, timeout=280)


def dump(store: Path, rdf_format: ox.RdfFormat = ox.RdfFormat.TURTLE) -> bytes:
    out, reader = io.BytesIO(), open_reader(store)
    try:
        reader.dump(What.ALL, rdf_format, out)
    finally:
        reader.close()
    return out.getvalue()


@pytest.fixture(scope="module")
def files(seeds: Path) -> list[Path]:
    return sorted(seeds.glob("*.txt"))


@pytest.fixture(scope="module")
def expected(seed_store: Path) -> bytes:
    return dump(seed_store)


def test_the_command_line_dumps_the_same(seed_store: Path, expected: bytes, tmp_path: Path) -> None:
    kg("dump", "--store", seed_store, "--what", "all", "-o", tmp_path / "all.ttl")
    assert (tmp_path / "all.ttl").read_bytes() == expected
    assert expected.count(b"kg:Asserted") > 50


@pytest.mark.parametrize(
    ("reverse", "jobs", "hash_seed"),
    [(False, 1, 1), (True, 1, 2), (False, 2, 3)],
    ids=["again", "reverse", "two-jobs"],
)
def test_one_build(
    files: list[Path], expected: bytes, tmp_path: Path, reverse: bool, jobs: int, hash_seed: int
) -> None:
    store = tmp_path / "store"
    order = files[::-1] if reverse else files
    kg("build", *order, "--store", store, "--jobs", str(jobs), hash_seed=hash_seed)
    assert dump(store) == expected


def test_five_incremental_builds_in_another_order(files: list[Path], expected: bytes, tmp_path: Path) -> None:
    store = tmp_path / "store"
    for path in [files[3], files[0], files[4], files[2], files[1]]:
        build([path], store)
    assert dump(store) == expected


def test_building_again_changes_nothing(seeds: Path, expected: bytes, tmp_path: Path) -> None:
    store = tmp_path / "store"
    for _ in range(2):
        report = build([seeds], store)
    assert (report.added, report.unchanged) == (0, 5)
    assert dump(store) == expected


def test_removing_and_adding_again_changes_nothing(
    files: list[Path], expected: bytes, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    build(files, store)
    kg("remove", files[2].name, "--store", store)
    assert dump(store) != expected
    build([files[2]], store)
    assert dump(store) == expected


def test_both_libraries_read_one_graph_from_every_format(
    seed_store: Path, expected: bytes, tmp_path: Path
) -> None:
    import rdflib

    triples = sum(1 for _ in ox.parse(input=expected, format=ox.RdfFormat.TURTLE))
    turtle = rdflib.Graph().parse(data=expected, format="turtle")
    assert len(turtle) == triples > 500
    nt = rdflib.Graph().parse(data=dump(seed_store, ox.RdfFormat.N_TRIPLES), format="nt")
    assert len(nt) == triples
