"""The wheel works in an empty environment, away from the checkout: all data it needs is inside."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest


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


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel in it, which sees this one's dependencies but not the checkout."""
    home = tmp_path_factory.mktemp("environment") / "venv"
    run(sys.executable, "-m", "venv", "--without-pip", home, cwd=home.parent)
    python = home / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(python)]
    run(*pip, "install", "--quiet", "--no-index", "--no-deps", wheel, cwd=home.parent)
    site = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=home).strip()
    # a path named in a .pth file is searched, its own .pth files (the editable checkout) are not followed
    Path(site, "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return home


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


def test_the_wheel_works_away_from_the_checkout(environment: Path, seeds: Path, tmp_path: Path) -> None:
    python, command = environment / "bin" / "python", environment / "bin" / "kg"
    where = run(python, "-c", "import kg; print(kg.__file__)", cwd=tmp_path).strip()
    assert Path(where).is_relative_to(environment)
    run(command, "check", "--patterns", cwd=tmp_path)
    run(command, "build", seeds / "000_5189ccc7694bce76.txt", "--store", "store", cwd=tmp_path)
    query = "SELECT (COUNT(*) AS ?n) { ?c a kg:Asserted }"
    rows = run(command, "query", query, "--store", "store", "--format", "csv", cwd=tmp_path).split()
    assert rows[0] == "n"
    assert int(rows[1]) > 0
    run(command, "check", "--store", "store", cwd=tmp_path)
