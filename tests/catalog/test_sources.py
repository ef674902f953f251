from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from kg.catalog.sources import as_mapping, parse_model, parse_yaml, read_table, read_text
from kg.errors import CatalogError


def test_words_that_yaml_takes_for_values_stay_words() -> None:
    assert parse_yaml("[no, on, yes, 2025-03-30, true, 3, ~]", "f") == [
        "no",
        "on",
        "yes",
        "2025-03-30",
        True,
        3,
        None,
    ]


@pytest.mark.parametrize("text", ["a: 1\nb: 2\na: 3\n", "x: {a: 1, a: 2}\n", "- {k: {a: 1, a: 1}}\n"])
def test_a_key_given_twice_is_an_error_with_file_and_line(text: str) -> None:
    with pytest.raises(CatalogError, match=r"words\.yaml: line \d+: key 'a' is given twice"):
        parse_yaml(text, "words.yaml")


def test_bad_yaml_names_the_file() -> None:
    with pytest.raises(CatalogError, match=r"words\.yaml: not YAML"):
        parse_yaml("a: [1", "words.yaml")


def test_a_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(CatalogError, match=r"^x\.csv: cannot be read as UTF-8"):
        read_text(tmp_path / "x.csv", tmp_path)


class Thing(BaseModel):
    model_config = ConfigDict(extra="forbid")
    size: int


def test_an_unknown_key_says_what_is_allowed() -> None:
    with pytest.raises(CatalogError, match=r"f: things: colour: .*allowed here: size"):
        parse_model(Thing, {"size": 1, "colour": "red"}, "f: things")


def test_as_mapping_refuses_lists_and_keys_that_are_not_text() -> None:
    with pytest.raises(CatalogError, match="want a mapping, found list"):
        as_mapping([1], "f")
    with pytest.raises(CatalogError, match="key 1 is not text"):
        as_mapping({1: 2}, "f")


def table(tmp_path: Path, text: str) -> list[tuple[str, dict[str, str]]]:
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    return list(read_table(tmp_path / "t.csv", tmp_path, ("name", "kind", "country"), ("name", "kind")))


def test_a_table_fills_missing_columns_and_skips_comments(tmp_path: Path) -> None:
    rows = table(tmp_path, "kind,name\n# a comment\nIsland, Iki \n")
    assert rows == [("t.csv: line 3", {"name": "Iki", "kind": "Island", "country": ""})]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,kind,colour\n", r"unknown \['colour'\]"),
        ("name\n", r"missing \['kind'\]"),
        ("name,kind,name\n", "each once"),
        ("name,kind\na,b,c\n", "line 2: 3 cells, header has 2"),
        ('name,kind\n"a,b\n', "not CSV"),
        ("", "missing"),
    ],
)
def test_a_bad_table_names_line_and_column(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(CatalogError, match=message):
        table(tmp_path, text)
