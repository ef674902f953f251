"""What `deploy/` has fits what the program takes."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from kg.settings import SETTINGS, load_settings

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"


def read(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def test_the_settings_can_be_read_and_stars_are_those_of_the_table() -> None:
    path = DEPLOY / "kg.toml"
    found = load_settings({"KG_CONFIG": str(path)})
    written = tomllib.loads(path.read_text(encoding="utf-8"))
    assert len(written) > 8
    assert {name: getattr(found, name) for name in written} == written
    starred = set(re.findall(r"^(\w+) = .*# \*", read("kg.toml"), re.MULTILINE))
    assert starred == {row.name for row in SETTINGS if row.reload and row.name in written}


def test_the_unit_is_one_that_systemd_takes(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not installed")
    unit = tmp_path / "kg.service"
    unit.write_text(read("kg.service").replace("/opt/statecraft-kg/bin/kg ", "/bin/true "), encoding="utf-8")
    done = subprocess.run(
        [analyze, "verify", "--man=no", str(unit)], capture_output=True, text=True, timeout=60, check=False
    )
    ours = [line for line in done.stderr.splitlines() if "kg.service" in line]
    assert (done.returncode, ours) == (0, [])


def test_the_unit_runs_a_command_that_exists_with_what_files_there_are() -> None:
    command = re.search(r"^ExecStart=(.*)$", read("kg.service"), re.MULTILINE)
    assert command is not None
    assert command[1].split()[1:4] == ["--config", "/etc/statecraft-kg/kg.toml", "serve"]
    for needed in ("Type=notify", "ExecReload=/bin/kill -HUP", "NoNewPrivileges=yes", "ProtectSystem=strict"):
        assert needed in read("kg.service")


def test_the_image_has_an_unprivileged_user_and_one_volume() -> None:
    text = read("Containerfile")
    assert re.findall(r"^FROM \S+:(\S+)", text, re.MULTILINE) == ["3.11-slim", "3.11-slim"]
    assert re.findall(r"^(?:USER|VOLUME) (.*)$", text, re.MULTILINE) == [
        "10001:10001",
        "/var/lib/statecraft-kg",
    ]
    variables = set(re.findall(r"KG_[A-Z_]+(?==)", text))
    assert variables <= {row.variable for row in SETTINGS} | {"KG_STORE"}
    for source in re.findall(r"^COPY (?!--from)(\S+)", text, re.MULTILINE):
        assert source.startswith("dist/") or (ROOT / source).exists()


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile"])
def test_the_proxies_say_the_prefix_and_keep_the_counters_to_themselves(name: str) -> None:
    text = read(name)
    assert text.count("{") == text.count("}")
    assert re.search(r"X-Forwarded-Prefix /kg\b", text)
    assert "/kg/metrics" in text
