"""The lock files: pinned, with hashes, without addresses; one a superset of the other."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

FILES = ("requirements.txt", "requirements-test.txt")
_PIN = re.compile(r"^([A-Za-z0-9][\w.-]*)==(\S+)(.*)$")


def read_pins(path: Path) -> dict[str, str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return {m[1]: m[2] for line in lines if (m := _PIN.match(line))}


def normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("name", FILES)
def test_no_address_is_named(root: Path, name: str) -> None:
    text = (root / name).read_text(encoding="utf-8")
    assert re.findall(r"https?://\S*|--\S*index-url\S*|--find-links\S*|--trusted-host\S*| @ \S+", text) == []


@pytest.mark.parametrize("name", FILES)
def test_every_requirement_is_pinned_with_hashes(root: Path, name: str) -> None:
    text = (root / name).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).strip())
    unpinned = [
        e.splitlines()[0] for e in entries if not _PIN.match(e.splitlines()[0]) or "--hash=sha256:" not in e
    ]
    assert unpinned == []
    assert len(entries) > 20


def test_the_test_lock_is_a_superset(root: Path) -> None:
    run, test = (read_pins(root / name) for name in FILES)
    assert {name: test.get(name) for name in run} == run


def test_the_locks_hold_what_the_project_asks_for(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    for name, wanted in (
        ("requirements.txt", [*project["project"]["dependencies"], *groups["build"]]),
        ("requirements-test.txt", [*project["project"]["dependencies"], *groups["build"], *groups["test"]]),
    ):
        pinned = {normalized(pin) for pin in read_pins(root / name)}
        asked = {normalized(re.split(r"[<>=!~\[ ;]", requirement)[0]) for requirement in wanted}
        assert asked - pinned == set(), f"{name} is stale: run make lock"
