from __future__ import annotations

import importlib.util
import json
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from kg.errors import EvaluationError
from kg.evaluation import Report, evaluate
from kg.terms import KG

GENERATOR = Path(__file__).resolve().parent.parent / "gold" / "gold_to_rdf.py"


def _load_generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("gold_to_rdf", GENERATOR)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def perfect_lines(gold: Path, seeds: Path) -> list[str]:
    return sorted(_load_generator().PerfectDump(gold, seeds).lines)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[list[str]], Path]:
    def write_lines(lines: list[str]) -> Path:
        path = tmp_path / "dump.nt"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write_lines


def damage(lines: list[str], seed: int) -> list[str]:
    """Some lines lost, some with the value of another."""
    chance = random.Random(seed)
    kept = [line for line in lines if chance.random() > 0.08]
    values = [line.split(" ", 2)[2] for line in kept]
    return [
        line if chance.random() > 0.04 else " ".join([*line.split(" ", 2)[:2], chance.choice(values)])
        for line in kept
    ]


def test_a_perfect_dump_scores_one(
    perfect_lines: list[str], write: Callable[[list[str]], Path], gold: Path, seeds: Path
) -> None:
    report = evaluate(gold, write(perfect_lines), seeds)
    for score in (report.entities, report.facts, report.events, report.slots, report.identity):
        assert (score.p, score.r, score.f1) == (1.0, 1.0, 1.0)
    assert report.evidence.share == 1.0
    assert report.evidence.total > 300
    assert (report.duplicates, report.boilerplate, report.forbidden, report.must_not) == (0, 0, 0, 0)
    assert report.contradictions.share == 1.0
    assert report.exit_ok({"entities": 1.0, "facts.p": 1.0, "evidence": 1.0})


@pytest.mark.parametrize("seed", [None, 1, 2, 3])
@pytest.mark.parametrize("lenient", [False, True])
def test_scores_equal_those_of_the_reference_scorer(
    perfect_lines: list[str],
    write: Callable[[list[str]], Path],
    gold: Path,
    seeds: Path,
    shared: Path,
    tmp_path: Path,
    seed: int | None,
    lenient: bool,
) -> None:
    dump = write(perfect_lines if seed is None else damage(perfect_lines, seed))
    written = tmp_path / "reference.json"
    command = [sys.executable, str(shared / "score" / "score.py"), "--gold", str(gold)]
    command += ["--texts", str(seeds), "--json", str(written), str(dump)]
    command += ["--lenient-dates"] if lenient else []
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    reference = json.loads(written.read_text(encoding="utf-8"))
    del reference["settings"]
    report = evaluate(gold, dump, seeds, lenient_dates=lenient)
    own = json.loads(json.dumps(report.to_json()))
    del own["calibration"]
    assert own == reference
    assert report.summary == done.stdout.splitlines()[-1]
    if seed is not None:
        assert report.facts.f1 is not None
        assert report.facts.f1 < 1


def test_a_dump_in_several_files_is_one(
    perfect_lines: list[str], gold: Path, seeds: Path, tmp_path: Path
) -> None:
    paths = [tmp_path / "a.nt", tmp_path / "b.nt"]
    for number, path in enumerate(paths):
        path.write_text("\n".join(perfect_lines[number::2]) + "\n", encoding="utf-8")
    assert evaluate(gold, paths, seeds).entities.f1 == 1.0


def test_a_moved_passage_is_not_evidence(
    perfect_lines: list[str], write: Callable[[list[str]], Path], gold: Path, seeds: Path
) -> None:
    cited = next(line for line in perfect_lines if "/def#evidence>" in line).split()[2]
    moved = cited.replace("#char=", "#char=1")
    report = evaluate(gold, write([line.replace(cited, moved) for line in perfect_lines]), seeds)
    assert report.evidence.hits < report.evidence.total
    assert any(finding.kind == "evidence-inexact" for finding in report.findings)


def test_a_second_node_for_one_thing_is_a_duplicate(
    perfect_lines: list[str], write: Callable[[list[str]], Path], gold: Path, seeds: Path
) -> None:
    twin = [
        line.replace("/id/nakatani>", "/id/nakatani-again>")
        for line in perfect_lines
        if "/id/nakatani>" in line
        and ("refersTo" in line or line.startswith("<https://kg.example/id/nakatani>"))
    ]
    report = evaluate(gold, write(perfect_lines + twin), seeds)
    assert report.duplicates == len(report.documents) == 5
    assert report.entities.wrong == 5


def write_gold(folder: Path, **documents: dict[str, object]) -> None:
    for name, document in documents.items():
        path = folder / f"{name[1:]}.json"
        path.write_text(json.dumps({"doc": f"{name[1:]}.txt", **document}), encoding="utf-8")


def person(gold_id: str, *names: str) -> dict[str, object]:
    return {"id": gold_id, "class": "Person", "label": names[0], "mentions": list(names)}


def node(document: int, iri: str, name: str) -> str:
    passage = f"<https://kg.example/doc/{document}#char=0,{len(name)}>"
    return (
        f"{passage} <https://kg.example/def#refersTo> <{iri}> .\n"
        f'{passage} <https://kg.example/def#text> "{name}" .\n'
        f"<{iri}> a <https://kg.example/def#Person> .\n"
        f"<https://kg.example/doc/{document}> a <https://kg.example/def#Document> ; "
        f'<http://purl.org/dc/terms/identifier> "{document}.txt" .\n'
    )


def score_two(folder: Path, second: str) -> Report:
    """Ann Lee in document 1, another Ann Lee in document 2, written as one node or as two."""
    write_gold(
        folder, _1={"entities": [person("lee", "Ann Lee")]}, _2={"entities": [person("lee2", "Ann Lee")]}
    )
    cross = {"same": [], "different": [["1:lee", "2:lee2", "another person"]]}
    (folder / "crossdoc.json").write_text(json.dumps(cross), encoding="utf-8")
    for number in (1, 2):
        (folder / f"{number}.txt").write_text("Ann Lee spoke.", encoding="utf-8")
    dump = folder / "dump.ttl"
    dump.write_text(node(1, "x:ann", "Ann Lee") + node(2, second, "Ann Lee"), encoding="utf-8")
    return evaluate(folder, dump)


def test_lookalikes_taken_for_one_are_counted(tmp_path: Path) -> None:
    merged = score_two(tmp_path, "x:ann")
    assert [row.merged for row in merged.identity_result.lookalikes] == [("x:ann",)]
    assert merged.identity.wrong == 1
    apart = score_two(tmp_path, "x:ann2")
    assert [row.merged for row in apart.identity_result.lookalikes] == [()]
    assert apart.identity.wrong == 0


def test_unknown_fields_are_warned_of_and_malformed_gold_names_file_and_field(tmp_path: Path) -> None:
    dump = tmp_path / "dump.ttl"
    dump.write_text(node(1, "x:ann", "Ann Lee"), encoding="utf-8")
    (tmp_path / "1.txt").write_text("Ann Lee spoke.", encoding="utf-8")
    write_gold(tmp_path, _1={"entities": [person("lee", "Ann Lee") | {"colour": "red"}]})
    assert "gold: unknown entity field 'colour' ignored" in evaluate(tmp_path, dump).warnings
    write_gold(tmp_path, _1={"entities": [{"id": "lee", "class": "Person", "label": "Ann Lee"}]})
    with pytest.raises(EvaluationError, match=r"1\.json: not a gold file: entities\.0\.mentions"):
        evaluate(tmp_path, dump)
    (tmp_path / "1.json").write_text("{", encoding="utf-8")
    with pytest.raises(EvaluationError, match=r"1\.json: not JSON"):
        evaluate(tmp_path, dump)


def test_a_dump_that_cannot_be_read_is_named(tmp_path: Path, gold: Path) -> None:
    for name, content, message in (
        ("a.csv", "", r"a\.csv: unknown suffix"),
        ("b.ttl", "<a> <b>", r"b\.ttl: "),
    ):
        (tmp_path / name).write_text(content, encoding="utf-8")
        with pytest.raises(EvaluationError, match=message):
            evaluate(gold, tmp_path / name)
    with pytest.raises(EvaluationError, match=r"c\.nt: No such file"):
        evaluate(gold, tmp_path / "c.nt")
    with pytest.raises(EvaluationError, match="gold folder not found"):
        evaluate(tmp_path / "nowhere", tmp_path / "c.nt")


def test_confidence_is_held_against_what_is_right(
    perfect_lines: list[str], gold: Path, seeds: Path, write: Callable[[list[str]], Path]
) -> None:
    assert evaluate(gold, write(perfect_lines), seeds).calibration.claims == 0
    marked = f"<{KG}evidence> "
    claims = sorted({line.split(" ")[0] for line in perfect_lines if f" {marked}" in line})
    sure = [
        f'{claim} <{KG}confidence> "0.9"^^<http://www.w3.org/2001/XMLSchema#decimal> .' for claim in claims
    ]
    report = evaluate(gold, write([*perfect_lines, *sure]), seeds)
    assert [(row.low, row.share) for row in report.calibration.bins] == [(0.9, 1.0)]
    assert report.calibration.error == pytest.approx(0.1)
    damaged = evaluate(gold, write([*damage(perfect_lines, 5), *sure]), seeds, errors=1)
    (row,) = damaged.calibration.bins
    assert 0 < row.right < row.claims
    assert damaged.calibration.text in damaged.text


def test_report_text_ends_with_the_summary_and_lists_findings(
    perfect_lines: list[str], gold: Path, seeds: Path, write: Callable[[list[str]], Path]
) -> None:
    report = evaluate(gold, write(damage(perfect_lines, 5)), seeds, errors=1)
    lines = report.text.splitlines()
    assert lines[-1] == report.summary
    assert any(line.startswith("entity-missed: ") for line in lines)
    assert any(line.startswith("  ... ") for line in lines)
    assert report.below({"facts": 1.1}) == [f"facts {report.facts.f1:.3f} < 1.1"]
    assert not report.exit_ok({"facts": 1.1})
    with pytest.raises(EvaluationError, match="unknown figure 'speed'"):
        report.exit_ok({"speed": 1.0})
