"""The two commands: what they say when something is missing; nothing is done twice; Ctrl-C ends them."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FILES = ("Makefile", "scripts", "pyproject.toml", "requirements.txt", "requirements-test.txt")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What `make` needs of a fresh clone, without a .venv."""
    folder = tmp_path / "clone"
    folder.mkdir()
    for name in FILES:
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, folder / name)
    return folder


def run(*command: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("MAKE") and k != "MFLAGS"}
    return subprocess.run(
        command, cwd=cwd, env=kept | environment, capture_output=True, text=True, timeout=120, check=False
    )


def script(path: Path, body: str) -> str:
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_an_old_python_is_a_clear_error(clone: Path, tmp_path: Path) -> None:
    old = script(tmp_path / "python", '[ "$1" = --version ] && { echo Python 3.9.2; exit 0; }; exit 1')
    done = run("make", "up", cwd=clone, PYTHON=old)
    assert done.returncode != 0
    assert "Python 3.11 or newer is needed; found: Python 3.9.2" in done.stderr
    assert not (clone / ".venv").exists()


def test_a_python_without_venv_is_a_clear_error(clone: Path, tmp_path: Path) -> None:
    body = f'case "$2" in *ensurepip*) exit 1;; esac\nexec "{sys.executable}" "$@"'
    done = run("make", "test", cwd=clone, PYTHON=script(tmp_path / "python", body))
    assert done.returncode != 0
    assert "python3-venv" in done.stderr


def test_what_is_installed_is_not_installed_again() -> None:
    stamps = [ROOT / ".venv" / f".installed-{kind}" for kind in ("run", "test")]
    if not all(stamp.is_file() for stamp in stamps):
        pytest.skip("not run by make: nothing was installed by scripts/install")
    if (ROOT / ".venv").is_symlink():
        pytest.skip("the environment is another checkout's: scripts/install would take it over")
    before = [stamp.stat().st_mtime_ns for stamp in stamps]
    # neither pip nor a network is there to help
    nowhere = {"PIP_NO_INDEX": "1", "PIP_REQUIRE_VIRTUALENV": "1", "https_proxy": "http://127.0.0.1:9"}
    for kind in ("run", "test"):
        done = run("scripts/install", kind, cwd=ROOT, **nowhere)
        assert (done.returncode, done.stdout) == (0, "")
        assert done.stderr == "" or done.stderr.startswith(
            "note: "
        )  # where Node is missing, each call says so
    assert [stamp.stat().st_mtime_ns for stamp in stamps] == before


def test_a_changed_lock_is_seen(clone: Path) -> None:
    made = clone / ".venv" / "bin"
    made.mkdir(parents=True)
    script(
        made / "python",
        f'[ "$1 $2" = "-m pip" ] && {{ echo pip called; exit 1; }}\nexec "{sys.executable}" "$@"',
    )
    script(made / "kg", "exit 0")
    done = run("scripts/install", "run", cwd=clone)
    assert done.returncode != 0
    assert "pip called" in done.stdout
    assert "could not be installed" in done.stderr
    assert not (clone / ".venv" / ".installed-run").exists()


def test_a_busy_port_is_said_before_anything_is_built(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = run("scripts/up", "seeds", str(tmp_path / "store"), "127.0.0.1", port, cwd=ROOT)
    assert done.returncode != 0
    assert f"127.0.0.1:{port} cannot be served on" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "store").exists()
    done = run("scripts/up", "seeds", str(tmp_path / "store"), "127.0.0.1", "http", cwd=ROOT)
    assert "PORT=http: want a number" in done.stderr


def test_nothing_is_installed_where_nothing_is_missing() -> None:
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("Node is missing here, so something would be installed")
    done = run("scripts/install-system", cwd=ROOT)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_help_names_every_target() -> None:
    done = run("make", cwd=ROOT)
    assert done.returncode == 0
    for target in ("up", "test", "clean", "lock", "wheel"):
        assert f"make {target} " in done.stdout


def test_up_serves_the_seeds_and_ends_cleanly(tmp_path: Path) -> None:
    port = free_port()
    command = ["scripts/up", "seeds", str(tmp_path / "store"), "127.0.0.1", str(port)]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    try:
        until = time.monotonic() + 90
        status = 0
        while time.monotonic() < until and process.poll() is None and status != 200:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
                    status = answer.status
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.2)
        assert status == 200
        os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C does: to every process of the group
        out, _ = process.communicate(timeout=30)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    assert process.returncode == 0, out
    assert f"http://127.0.0.1:{port}" in out
    assert "Traceback" not in out
    assert "rror" not in out
