"""Identity against a made-up world of which the truth is known: a small size of ``benchmarks/identity.py``."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    path = Path(__file__).resolve().parents[2] / "benchmarks" / "identity.py"
    spec = importlib.util.spec_from_file_location("benchmark_identity", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_a_small_world_is_told_right(benchmark: ModuleType) -> None:
    found = benchmark.run(600, "claims")
    for kind, precision, recall in (("Person", 0.99, 0.95), ("Office", 0.99, 0.97), ("Event", 0.99, 0.93)):
        assert found["identity"][kind]["precision"] >= precision, kind
        assert found["identity"][kind]["recall"] >= recall, kind
        assert found["identity"][kind]["pairs"] > 500
    assert found["as_of"] >= 0.94
    assert found["contradictions"]["precision"] >= 0.95
    assert found["contradictions"]["recall"] >= 0.9
    assert found["verdicts"]["different"] > 0


def test_the_same_seed_makes_the_same_world_and_pairs_are_counted_right(benchmark: ModuleType) -> None:
    worlds = [[t.text for t in benchmark.World(50, seed).documents()] for seed in (1, 1, 2)]
    assert worlds[0] == worlds[1] != worlds[2]
    uses = [("Person", "a", "x"), ("Person", "a", "x"), ("Person", "a", "y"), ("Person", "b", "y")]
    pairs = benchmark.score_pairs(uses)["Person"]
    assert (pairs.right, pairs.said, pairs.true) == (1, 2, 3)


def test_thousands_of_documents_cost_no_more_each(benchmark: ModuleType) -> None:
    few, many = (benchmark.run(n, "claims")["ms_per_document"]["identity"] for n in (400, 1600))
    assert many < 3 * few + 1
