from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import pytest

from kg import settings
from kg.errors import SettingsError
from kg.settings import SETTINGS, Settings, load_settings, override, read_settings, unknown_variables


def write(folder: Path, text: str) -> dict[str, str]:
    path = folder / "kg.toml"
    path.write_text(text, encoding="utf-8")
    return {"KG_CONFIG": str(path)}


def test_the_table_and_the_values_have_the_same_names() -> None:
    assert [row.name for row in SETTINGS] == list(dict.fromkeys(row.name for row in SETTINGS))
    assert {row.name for row in SETTINGS} == {field.name for field in dataclasses.fields(Settings)}
    assert load_settings({}) == Settings(**{row.name: row.default for row in SETTINGS})  # type: ignore[arg-type]


def test_the_environment_goes_before_the_file_and_the_file_before_the_default(tmp_path: Path) -> None:
    environment = write(tmp_path, "query_timeout = 7\npage_size = 20\n") | {"KG_PAGE_SIZE": "30"}
    found = {one.row.name: (one.value, one.origin) for one in read_settings(environment)}
    assert found["query_timeout"] == (7.0, str(tmp_path / "kg.toml"))
    assert found["page_size"] == (30, "KG_PAGE_SIZE")
    assert found["neighbourhood_limit"] == (200, "default")


def test_a_flag_goes_before_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KG_CONFIG", write(tmp_path, "page_size = 20")["KG_CONFIG"])
    monkeypatch.setenv("KG_PAGE_SIZE", "30")
    monkeypatch.setattr(settings, "_flags", set())
    override({"page_size": 40, "query_timeout": None})
    found = {one.row.name: (one.value, one.origin) for one in read_settings()}
    assert found["page_size"] == (40, "flag")
    assert found["query_timeout"][1] == "default"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("query_timout = 7", ["kg.toml: unknown setting 'query_timout'; is query_timeout meant?"]),
        ("page_size = 'many'", ["kg.toml: page_size = 'many'", "want a whole number from 1 up (rows)"]),
        ("page_size = 2.5", ["kg.toml: page_size = 2.5", "whole number"]),
        ("page_size = true", ["kg.toml: page_size = True", "whole number"]),
        ("page_size = 0", ["kg.toml: page_size=0", "from 1 up"]),
        ("query_timeout = nan", ["query_timeout=nan", "want a number"]),
        ("log_level = 'loud'", ["'loud'", "want one of debug, info, warning, error"]),
        ("metrics = 'yes'", ["metrics = 'yes'", "true or false"]),
        ("page_size = ", ["kg.toml: not TOML"]),
        ("[server]\nport = 1", ["unknown setting 'server'"]),
    ],
)
def test_what_is_wrong_in_a_file_is_named_with_what_is_wanted(
    tmp_path: Path, text: str, said: list[str]
) -> None:
    with pytest.raises(SettingsError) as raised:
        load_settings(write(tmp_path, text))
    for words in said:
        assert words in str(raised.value)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("KG_PAGE_SIZE", "x", "KG_PAGE_SIZE='x': want a whole number"),
        ("KG_METRICS", "maybe", "true or false"),
        ("KG_QUERY_TIMEOUT", "-1", "from 0.001 up"),
        ("KG_CONFIG", "/no/such/file.toml", "/no/such/file.toml: no such file"),
    ],
)
def test_what_is_wrong_in_the_environment_is_named(name: str, value: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said.replace("(", r"\(")):
        load_settings({name: value})


def test_words_for_yes_and_no() -> None:
    assert load_settings({"KG_METRICS": "off"}).metrics is False
    assert load_settings({"KG_LOG_QUERIES": "Yes"}).log_queries is True


def test_the_users_file_is_found_and_the_working_folder_is_not_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KG_CONFIG", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kg.toml").write_text("page_size = 1", encoding="utf-8")
    assert load_settings().page_size == 50
    place = tmp_path / "statecraft-kg"
    place.mkdir()
    (place / "kg.toml").write_text("page_size = 21", encoding="utf-8")
    assert load_settings().page_size == 21


def test_misspelt_variables_are_told() -> None:
    environment = {"KG_PAGE_SIZE": "1", "KG_STORE": "x", "KG_PAGESIZE": "2", "HOME": "/"}
    assert unknown_variables(environment) == ["KG_PAGESIZE"]


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    import os

    return subprocess.run(
        [sys.executable, "-m", "kg", *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_command_shows_values_origins_and_no_secret(tmp_path: Path) -> None:
    file = write(tmp_path, "page_size = 20\nllm_api_key = 'hush'\n")["KG_CONFIG"]
    done = run(
        tmp_path, "--config", file, "--set", "query_timeout=5", "settings", KG_TYPO="1", KG_PORT="9000"
    )
    assert done.returncode == 0, done.stderr
    assert "hush" not in done.stdout + done.stderr
    body = json.loads(done.stdout)
    found = {row["name"]: (row["value"], row["from"]) for row in body["settings"]}
    assert found["page_size"] == (20, file)
    assert found["query_timeout"] == (5.0, "flag")
    assert found["port"] == (9000, "KG_PORT")
    assert found["llm_api_key"] == ("********", file)
    assert "KG_TYPO" in body["unknown"]


def test_a_wrong_flag_is_one_line(tmp_path: Path) -> None:
    done = run(tmp_path, "--set", "page_sise=5", "settings")
    assert done.returncode == 1
    assert (
        done.stderr
        == "kg: --set: unknown setting 'page_sise'; is page_size meant? `kg settings` lists them\n"
    )
