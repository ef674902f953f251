"""The wheel works in an environment of what it declares, away from the checkout: all data it needs is inside."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from email import message_from_bytes
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

PAGE = (
    "<!doctype html><html><head><title>Visit</title></head><body><article><p>Defense Minister Gen Nakatani "
    "met U.S. Defense Secretary Pete Hegseth in Tokyo on 30 March 2025.</p></article></body></html>"
)


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, capture_output=True, text=True, env=kept | environment, timeout=250
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", out, cwd=root)
    (found,) = out.glob("*.whl")
    return found


def declared(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [n for n in archive.namelist() if n.endswith(".dist-info/METADATA")]
        return message_from_bytes(archive.read(name)).get_all("Requires-Dist") or []


def installed_for(requirements: list[str]) -> set[str]:
    """The distributions that an installer brings for `requirements`.

    An extra counts only if the distribution spells it the same way: older pips pass over the others.
    """
    found: set[str] = set()
    pending = [(Requirement(line), "") for line in requirements]
    while pending:
        wanted, extra = pending.pop()
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": extra}):
            continue
        try:
            metadata = distribution(wanted.name).metadata
        except PackageNotFoundError:
            continue  # only for another platform or Python, or an extra that nobody asks for
        offered = wanted.extras & set(metadata.get_all("Provides-Extra") or [])
        for name in {"", *offered}:
            if (step := f"{metadata['Name']}[{name}]") not in found:
                found.add(step)
                pending += [(Requirement(r), name) for r in metadata.get_all("Requires-Dist") or []]
    return {step.partition("[")[0] for step in found}


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel and, of this one's packages, those that its metadata bring."""
    home = tmp_path_factory.mktemp("environment") / "venv"
    run(sys.executable, "-m", "venv", "--without-pip", home, cwd=home.parent)
    python = home / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(python)]
    run(*pip, "install", "--quiet", "--no-index", "--no-deps", wheel, cwd=home.parent)
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=home).strip())
    for name in sorted(installed_for(declared(wheel))):
        one = distribution(name)
        for top in sorted({file.parts[0] for file in one.files or ()} - {".."}):
            target = site / top
            if not target.exists():
                target.symlink_to(Path(str(one.locate_file(top))))
    return home


def test_an_extra_that_is_spelled_in_two_ways_is_declared_by_name(wheel: Path) -> None:
    # trafilatura imports what justext asks for as lxml[html_clean]; pip 23 does not take that for html-clean
    assert any(Requirement(line).name.replace("_", "-") == "lxml-html-clean" for line in declared(wheel))


def test_the_wheel_holds_what_is_declared(root: Path, wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for folder in ("ontology", "queries"):
        files = [p.relative_to(root) for p in sorted((root / folder).rglob("*")) if p.is_file()]
        assert files
        assert [str(p) for p in files if f"kg/_data/{p.as_posix()}" not in names] == []
    assert "kg/py.typed" in names
    assert [n for n in names if n.startswith("tests/") or "__pycache__" in n] == []
    assert any(n.endswith("licenses/LICENSE") for n in names)


def test_spacy_finds_the_parser_of_the_wheel(environment: Path, wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        if "kg/_data/models/en/model.onnx" not in archive.namelist():
            pytest.skip("the wheel was built without models/en/model.onnx")
    code = (
        "import spacy; nlp = spacy.blank('en'); nlp.add_pipe('kg_parser'); "
        "print(*(f'{t.text}/{t.pos_}/{t.dep_}' for t in nlp('Japan met France.')))"
    )
    told = run(environment / "bin" / "python", "-c", code, cwd=tmp_path).split()
    assert told[0] == "Japan/PROPN/nsubj"
    assert told[1] == "met/VERB/ROOT"


def test_the_wheel_works_away_from_the_checkout(environment: Path, seeds: Path, tmp_path: Path) -> None:
    python, command = environment / "bin" / "python", environment / "bin" / "kg"
    where = run(python, "-c", "import kg; print(kg.__file__)", cwd=tmp_path).strip()
    assert Path(where).is_relative_to(environment)
    run(command, "check", "--patterns", cwd=tmp_path)
    page = tmp_path / "visit.html"
    page.write_text(PAGE, encoding="utf-8")
    run(command, "build", seeds / "000_5189ccc7694bce76.txt", page, "--store", "store", cwd=tmp_path)
    query = "SELECT (COUNT(*) AS ?n) { ?c a kg:Asserted }"
    rows = run(command, "query", query, "--store", "store", "--format", "csv", cwd=tmp_path).split()
    assert rows[0] == "n"
    assert int(rows[1]) > 0
    run(command, "check", "--store", "store", cwd=tmp_path)
