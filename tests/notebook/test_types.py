"""What people write has complete types: `mypy --strict` on a script like theirs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CODE = """
from datetime import date

import kg
from kg.notebook.client import Graph


def look(graph: Graph) -> list[str]:
    person = graph["Nakatani"]
    offices: list[str] = person.holdsOffice.labels
    held = [str(tenure.person.label) for tenure in graph.offices(body="Japan", on=date(2025, 3, 1))]
    quotes = [claim.quote for claim in person.evidence(limit=3)]
    around = person.neighbourhood(depth=2)
    names: list[str] = [node.label for node in around.nodes]
    frame = graph.sparql("SELECT ?s { ?s ?p ?o }", timeout=5)
    rows: int = len(frame.labelled())
    other = graph.sparql("SELECT ?s { ?s ?p ?o }", polars=True)
    height: int = other.height
    then: Graph = graph.as_of("2025-03-15")
    pairs = then.contradictions().claims(0) if then.contradictions() else ()
    network = graph.to_networkx("Nakatani")
    score: float = graph.centrality("degree").scores[person.iri]
    table = graph.queries.office_holders(body="Japan")
    reveal_type(table)
    return [*offices, *held, *quotes, *names, str((rows, height, pairs, len(network), score, table.shape))]


with kg.connect("http://127.0.0.1:8000", token="t", timeout=3) as far, kg.open("store/") as near:
    look(far)
    look(near)
look(kg.build("docs/", jobs=2, progress=False))
"""


def test_what_people_write_has_types(tmp_path: Path, root: Path) -> None:
    path = tmp_path / "theirs.py"
    path.write_text(CODE, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", str(root / "pyproject.toml")]
    done = subprocess.run(
        [*command, "--no-error-summary", str(path)], capture_output=True, text=True, check=False, cwd=root
    )
    assert "error" not in done.stdout, done.stdout
    assert 'Revealed type is "kg.notebook.frames.Frame"' in done.stdout
    path.write_text(CODE.replace(".labels", ".labells"), encoding="utf-8")
    done = subprocess.run([*command, str(path)], capture_output=True, text=True, check=False, cwd=root)
    assert 'no attribute "labells"' in done.stdout
    assert done.returncode == 1
