"""What `web/` is made of: a lock without addresses, a build that needs nothing from elsewhere."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from kg.server.pages.build import find_build, read_build

WEB = Path(__file__).resolve().parents[1] / "web"


def test_the_lock_names_no_address_and_every_package_has_a_digest() -> None:
    packages = json.loads((WEB / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert len(packages) > 20
    assert [path for path, entry in packages.items() if "resolved" in entry] == []
    assert [path for path, entry in packages.items() if path and "integrity" not in entry] == []


def test_every_package_is_pinned_and_free() -> None:
    declared = json.loads((WEB / "package.json").read_text(encoding="utf-8"))
    wanted = declared["dependencies"] | declared["devDependencies"]
    assert [n for n, version in wanted.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []
    packages = json.loads((WEB / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    licences = {entry.get("license") for path, entry in packages.items() if path and not entry.get("dev")}
    assert licences <= {"MIT", "ISC", "BSD-3-Clause", "Apache-2.0", "OFL-1.1"}


def test_a_build_loads_nothing_from_elsewhere() -> None:
    build = find_build()
    if build is None:
        pytest.skip("web/ has not been built here")
    assert {"explorer.js", "theme.js", "graph.js", "world.json", "fonts.css", "LICENSES.txt"} <= set(
        build.files
    )
    for name, content in build.files.items():
        if not name.endswith((".js", ".css")):
            continue
        text = content.decode("utf-8")
        assert not re.search(r"""(?:fetch|import|src=|url)\s*\(?\s*["'](?:https?:)?//""", text), name
        assert not re.search(r"\beval\s*\(|new Function\b", text), name
    assert b"import" not in re.sub(rb"[\w.$]import|import\.meta", b"", build.files["graph.js"][:2000])


def test_the_version_of_a_build_is_that_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "explorer.js").write_text("1")
    first = read_build(tmp_path).version
    assert read_build(tmp_path).version == first
    (tmp_path / "theme.js").write_text("2")
    assert read_build(tmp_path).version != first


def test_outlines_are_projected_as_points_are() -> None:
    from kg.server.pages.map import outlines, project

    if not outlines():
        pytest.skip("web/ has not been built here")
    for fine in (False, True):
        for longitude, latitude in ((138.0, 36.0), (-97.0, 38.0), (2.4, 46.6), (25.0, -29.0)):
            x, y = project(longitude, latitude)
            boxes = [b for b, _ in outlines(fine=fine) if b[0] <= x <= b[2] and b[1] <= y <= b[3]]
            assert boxes, (longitude, latitude)
        x, y = project(-140, -40)  # the middle of the Pacific
        small = [
            b for b, _ in outlines(fine=fine) if b[2] - b[0] < 200 and b[0] <= x <= b[2] and b[1] <= y <= b[3]
        ]
        assert small == []
