"""The floor of extraction quality on the seed documents: a first round's floor, not its aim."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.evaluation import Report, evaluate
from kg.graph.store import What

FLOOR = {"entities": 0.75, "facts": 0.55, "events": 0.45, "evidence": 1.0}


@pytest.fixture(scope="module")
def report(seed_store: Path, gold: Path, seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Report:
    import pyoxigraph as ox

    from kg.graph import open_reader

    path = tmp_path_factory.mktemp("scores") / "all.ttl"
    reader = open_reader(seed_store)
    with path.open("wb") as out:
        reader.dump(What.ALL, ox.RdfFormat.TURTLE, out)
    reader.close()
    return evaluate(gold, path, seeds, lenient_dates=True, errors=20)


def test_scores_on_the_seeds_hold_the_floor(report: Report) -> None:
    assert report.below(FLOOR) == [], report.text


def test_nothing_comes_from_boilerplate(report: Report) -> None:
    assert report.boilerplate == 0, report.text


def test_forbidden_readings_are_not_in_the_graph(report: Report) -> None:
    assert (report.forbidden, report.must_not) == (0, 0), report.text
