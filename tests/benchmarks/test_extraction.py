"""The benchmark of extraction on a sentence or two: the figures are for its users, not for a test."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.extraction import Stages, main, make_documents, measure, show

TEXT = "Kenya's defence minister, Aden Duale, met his Ugandan counterpart in Kampala on Tuesday to discuss the border."


def test_a_contender_is_measured_stage_by_stage(tmp_path: Path) -> None:
    profile = tmp_path / "profile.txt"
    found = measure("extraction", [TEXT], 1, profile)
    assert found["words/s per core"] > 0
    stages = found["stages"]
    assert list(stages) == [
        "text",
        "text: parser",
        "text: parser: network",
        "mentions",
        "claims",
        "resolution",
    ]
    assert 0 < stages["text: parser: network"] <= stages["text: parser"] <= stages["text"] < 1
    assert "function calls" in profile.read_text(encoding="utf-8")


def test_time_is_added_to_its_stage() -> None:
    stages = Stages()
    timed = stages.time("sum", lambda *numbers: sum(numbers))
    assert timed(1, 2) == 3
    assert stages.seconds["sum"] >= 0


def test_documents_are_made_of_the_texts_and_no_two_are_alike() -> None:
    documents = list(make_documents([TEXT + "\n\nToo short."], 5))
    assert len(set(documents)) == 5
    assert all(TEXT in document and "Too short" not in document for document in documents)


def test_tables_say_how_contenders_compare(capsys: pytest.CaptureFixture[str]) -> None:
    row = {"words/s per core": 2000, "seconds to open": 3.0, "peak MB": 400, "stages": {"text": 0.5}}
    curve = [{"documents": 1000, "MB": 345.2, "peak MB": 350.0, "words/s per core": 1900}]
    show({"extraction": row, "parser": {**row, "words/s per core": 3000}, "memory": {"curve": curve}})
    told = capsys.readouterr().out
    assert "| parser | 3,000 | 1.50 | 3.0 | 400 |" in told
    assert "| text | 50.0% |" in told
    assert "| 1,000 | 345.2 | 350.0 | 1,900 |" in told


def test_the_memory_curve_is_told_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    main(["--one", "memory", "--memory", "3", "--texts", str(tmp_path)])
    (point,) = json.loads(capsys.readouterr().out)["curve"]
    assert point["documents"] == 3
    assert point["peak MB"] > 50
